import type { Browser, Page, WebSocket } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { formatLots, formatNumber } from '../../src/page/price.ts';
import { expectConsecutive, expectEqualToServer } from './bars.ts';
import {
  closeAll,
  launchBrowser,
  live,
  look,
  nowMs,
  PAST,
  startServer,
  type TestServer,
  visit,
  watched,
} from './harness.ts';

let browser: Browser;
let equities: TestServer;
let classic: TestServer;

beforeAll(async () => {
  [browser, equities, classic] = await Promise.all([
    launchBrowser(),
    startServer([...PAST, '--preset', 'equities']),
    startServer(PAST),
  ]);
});

afterAll(() => closeAll(browser));

/** Narrow enough that offers have no room. */
const NARROW = { viewport: { width: 1300, height: 800 } };

/** The page, and all that it asks for. */
async function spied(url: string, options: object = NARROW) {
  const { page, leave, complaints } = await watched(browser, options);
  const sockets: WebSocket[] = [];
  const candles: URL[] = [];
  page.on('websocket', (socket) => sockets.push(socket));
  page.on('request', (request) => {
    if (request.url().includes('/v1/candles')) candles.push(new URL(request.url()));
  });
  const asked = new Map<WebSocket, string>();
  page.on('websocket', (socket) =>
    socket.on('framesent', ({ payload }) => {
      const message = JSON.parse(String(payload));
      if (message.type !== 'subscribe') return;
      const { resolution, fields = resolution === undefined ? ['last'] : [] } = message;
      const what = resolution === undefined ? fields : ['candles', ...fields];
      asked.set(socket, what.join(' '));
    }),
  );
  await page.goto(url);
  await live(page);
  /** What the streams that are open bring, in the order of the alphabet. */
  const fields = () =>
    sockets
      .filter((one) => !one.isClosed())
      .map((one) => asked.get(one))
      .sort();
  /** A page that is loaded anew takes its streams with it, and nobody tells. */
  const forget = () => sockets.splice(0);
  return { page, leave, complaints, candles, fields, forget };
}

const hasVolume = (page: Page) => page.evaluate(() => window.tickwell!.hasVolume);
const isWhole = (page: Page) =>
  page.waitForFunction(() => {
    const { hasVolume, barsInView } = window.tickwell!;
    const isThere = barsInView.every(({ volume }) => volume !== undefined);
    return hasVolume && isThere;
  });
const legend = (page: Page) => page.locator('.legend').textContent();

/** The newest bar has what was traded in its rows, up to the last one of them that has come. */
async function expectNewestRight(page: Page, { url }: TestServer): Promise<void> {
  const { symbol, bar, until } = await page.evaluate(() => {
    const { symbol, bars, until } = window.tickwell!;
    return { symbol, bar: bars.at(-1)!, until };
  });
  const query = new URLSearchParams({ symbols: symbol, fields: 'volume' });
  query.set('since', `${bar.time - 1_000}`);
  query.set('until', `${until}`);
  const { volume } = await (await fetch(`${url}/v1/rows?${query}`)).json();
  const sum = volume[0].reduce((all: number, lots: number) => all + lots, 0);
  expect(bar.volume).toBe(sum);
}

test('a market of walks shows no volumes, and asks for none', async () => {
  const { page, leave, candles, fields } = await spied(classic.url);
  expect(await hasVolume(page)).toBe(false);
  expect(await legend(page)).not.toContain('V ');
  await page.getByText('no gaps').waitFor();
  expect(candles.map((url) => url.searchParams.get('fields'))).toEqual(candles.map(() => null));
  await expect.poll(fields).toEqual(['candles', 'last status']);
  await leave();
});

test('any other market shows them, as the server has them, to the newest row', async () => {
  const { page, leave, fields, candles, complaints } = await spied(`${equities.url}/?s=NIMBO`);
  expect(await hasVolume(page)).toBe(true);
  await isWhole(page);
  await expectEqualToServer(page, equities);
  await expect.poll(fields).toEqual(['candles volume', 'last status']);
  expect(candles.every((url) => url.searchParams.get('fields') === 'volume')).toBe(true);
  await page.waitForFunction(() => window.tickwell!.isLive && window.tickwell!.isDrawn);
  await isWhole(page);
  await expectNewestRight(page, equities);
  expect(complaints).toEqual([]);
  await leave();
});

test('bars that are made while one looks get the volume of each of their rows', async () => {
  const { page, leave } = await visit(browser, `${equities.url}/?s=PETRU&r=1s`);
  const first = (await look(page)).bars.at(-1)!.time;
  await page.waitForFunction((time) => window.tickwell!.bars.at(-1)!.time >= time + 5_000, first);
  await isWhole(page);
  const { bars } = await look(page);
  expectConsecutive(bars, 1_000);
  await expectEqualToServer(page, equities);
  await leave();
});

test('a key and the menu switch volumes, the address keeps it, and what is off is not asked for', async () => {
  const { page, leave, fields, candles, forget } = await spied(classic.url);
  await page.keyboard.press('v');
  await isWhole(page);
  await page.waitForURL(/volume=on/);
  await expect.poll(fields).toEqual(['candles volume', 'last status']);
  await expectEqualToServer(page, classic);

  forget();
  await page.reload();
  await live(page);
  expect(await hasVolume(page)).toBe(true);
  await page.getByRole('button', { name: 'More' }).click();
  const choice = page.getByRole('switch', { name: 'Volume' });
  expect(await choice.getAttribute('aria-checked')).toBe('true');
  await choice.click();
  expect(await choice.getAttribute('aria-checked')).toBe('false');
  candles.length = 0;
  await page.waitForURL(/volume=off/);
  await expect.poll(fields).toEqual(['candles', 'last status']);
  await page.keyboard.press('Escape');
  await page.keyboard.press('5');
  await live(page);
  expect(candles.length).toBeGreaterThan(0);
  expect(candles.map((url) => url.searchParams.get('fields'))).toEqual(candles.map(() => null));
  expect(await legend(page)).not.toContain('V ');
  await leave();
});

test('the legend, the voice and the table tell the volume of a bar', async () => {
  const { page, context, leave } = await visit(browser, `${equities.url}/?s=LUMEX&r=5m`);
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.keyboard.press('PageUp');
  await page.getByRole('button', { name: /Back to live/ }).waitFor();
  await page.locator('.chart-focus').focus();
  await page.keyboard.press('ArrowLeft');
  const last = (await look(page)).barsInView.at(-1)!;
  await expect.poll(() => legend(page)).toContain(`V ${formatLots(last.volume!)}`);
  const spoken = page.locator('.chart > [aria-live=polite]');
  await expect
    .poll(() => spoken.textContent())
    .toContain(`, volume ${formatNumber(last.volume!, 0)}`);

  await page.keyboard.press('d');
  const cells = page.locator('.table-dialog tbody td:last-child');
  await cells.first().waitFor();
  const { barsInView } = await look(page);
  expect(await cells.allTextContents()).toEqual(
    barsInView.map(({ volume }) => formatNumber(volume!, 0)).reverse(),
  );
  await page.getByRole('button', { name: 'Copy as CSV' }).click();
  await page.getByText('bars copied.').waitFor();
  const [header, first] = (await page.evaluate(() => navigator.clipboard.readText())).split('\n');
  expect(header).toBe('time,open,high,low,close,volume');
  expect(first).toMatch(new RegExp(`,${barsInView[0]!.volume}$`));
  await leave();
});

test('other instruments and resolutions, history and back: volumes are those of the bars', async () => {
  const { page, leave } = await visit(browser, `${equities.url}/?s=NIMBO`);
  for (const key of ['ArrowDown', '4', 'ArrowUp', '3', 'PageUp', 'l', 'End', 'ArrowDown', 'c']) {
    await page.keyboard.press(key);
    await live(page);
    await isWhole(page);
    await expectEqualToServer(page, equities);
  }
  await expectNewestRight(page, equities);
  await leave();
});

test('nothing is streamed for a page that nobody sees, and nothing is missing when it is seen again', async () => {
  const { page, leave, fields } = await spied(`${equities.url}/?s=KREDA&r=1s`);
  await expect.poll(fields).toEqual(['candles volume', 'last status']);
  const see = (state: string) =>
    page.evaluate((visibilityState) => {
      Object.defineProperty(document, 'visibilityState', {
        value: visibilityState,
        configurable: true,
      });
      document.dispatchEvent(new Event('visibilitychange'));
    }, state);
  await see('hidden');
  await expect.poll(fields).toEqual(['last status']);
  const before = await page.evaluate(() => window.tickwell!.pricesUntil);
  await page.waitForFunction((ms) => window.tickwell!.pricesUntil > ms + 3_000, before);
  await see('visible');
  await expect.poll(fields).toEqual(['candles volume', 'last status']);
  await isWhole(page);
  await expectEqualToServer(page, equities);
  await leave();
});

test('after the server was gone, the bars made meanwhile have their volumes', async () => {
  const args = [...PAST, '--preset', 'equities'];
  let own = await startServer(args);
  const { page, leave } = await visit(browser, `${own.url}/?s=CUPRO&r=1s`);
  await isWhole(page);
  const { port } = new URL(own.url);
  await own.kill();
  await page.getByText('Connection lost').waitFor();
  own = await startServer(args, Number(port));
  await page.evaluate(() => dispatchEvent(new Event('online')));
  await live(page);
  await isWhole(page);
  await expectEqualToServer(page, own);
  await leave();
  await own.kill();
});

test('a volume that is wrong on the screen is found by the check, and fetched again', async () => {
  const { page, leave } = await watched(browser);
  // One that is in view, and over: it is in one answer alone, wherever tiles begin.
  const wrongMs = 60_000 * Math.floor(nowMs() / 60_000 - 10);
  let isWrong = true;
  await page.route('**/v1/candles**', async (route) => {
    const answer = await route.fetch();
    const body = await answer.json();
    const isTile = new URL(route.request().url()).searchParams.get('count') === '512';
    const at = body.time.indexOf(wrongMs);
    if (isWrong && isTile && at >= 0) body.volume[at] += 1;
    await route.fulfill({ response: answer, json: body });
  });
  await page.goto(`${equities.url}/?s=NIMBO`);
  await live(page);
  await page.getByText('1 bar differs').waitFor();
  isWrong = false;
  await page.getByText('no gaps').waitFor();
  await expectEqualToServer(page, equities);
  await leave();
});
