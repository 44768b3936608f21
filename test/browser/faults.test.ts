import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { FaultProxy } from '../helpers/fault-proxy.ts';
import { FrameProxy } from '../helpers/frame-proxy.ts';
import { expectConsecutive, expectEqualToServer, wheel } from './bars.ts';
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
import { refuseBars } from './states.ts';

const INTERVAL_MS = 250;
/** No room for bid and ask: beside all prices there is only whether the instrument is traded. */
const ONE_STREAM = { viewport: { width: 1300, height: 900 } };

let browser: Browser;
let server: TestServer;
let proxy: FrameProxy;

beforeAll(async () => {
  [browser, server] = await Promise.all([
    launchBrowser(),
    startServer([...PAST, '--interval', `${INTERVAL_MS}ms`]),
  ]);
});

afterAll(() => closeAll(browser));

beforeEach(async () => {
  proxy = await FrameProxy.before(server.url);
});

afterEach(() => proxy.close());

const counters = (page: Page) => page.evaluate(() => window.tickwell!.counters);
const state = (page: Page) => page.evaluate(() => window.tickwell!.state);

/** What the page says about continuity, at the bottom. */
const continuity = (page: Page) => page.getByTitle('How this is known').locator('b').textContent();

/** What the page has streams of. */
type Stream = 'prices' | 'the newest bar';
const STREAMS: readonly Stream[] = ['prices', 'the newest bar'];

/** The kinds of frames, as their third byte says it: rows with fields, and candles. */
const KINDS: readonly (Stream | undefined)[] = [undefined, undefined, 'prices', 'the newest bar'];

const streamOf = (message: Buffer) => KINDS[message[2]!];

/** Does something to the first of the next messages of a stream, then nothing. */
function trickOnce(stream: Stream, trick: (message: Buffer) => readonly Buffer[]): void {
  proxy.rows = (message) => {
    if (streamOf(message) !== stream) return [message];
    proxy.rows = (next) => [next];
    return trick(message);
  };
}

/** Connections are counted of prices: it is they that are live or not. */
const back = (stream: Stream) => ({ reconnects: stream === 'prices' ? 1 : 0 });

/** Three seconds later than now, all is there. */
async function expectWhole(page: Page): Promise<void> {
  const last = (await look(page)).bars.at(-1)!.time;
  await page.waitForFunction((ms) => window.tickwell!.bars.at(-1)!.time > ms + 2_000, last);
  await live(page);
  expectConsecutive((await look(page)).bars, 1_000);
  await expectEqualToServer(page, server);
}

test.each(STREAMS)('a lost message of %s is noticed, and asked for again', async (stream) => {
  const { page, leave } = await visit(browser, `${proxy.url}/?r=1s`, ONE_STREAM);
  trickOnce(stream, () => []);
  await expect.poll(async () => (await counters(page)).gaps).toBe(1);
  await expectWhole(page);
  expect(await counters(page)).toMatchObject({ gaps: 1, duplicates: 0, ...back(stream) });
  await expect.poll(() => continuity(page)).toBe('1 repaired');
  await leave();
});

test.each(STREAMS)(
  'a message of %s that comes twice is noticed, and taken once',
  async (stream) => {
    const { page, leave } = await visit(browser, `${proxy.url}/?r=1s`, ONE_STREAM);
    trickOnce(stream, (message) => [message, message]);
    await expect.poll(async () => (await counters(page)).duplicates).toBe(1);
    await expectWhole(page);
    expect(await counters(page)).toMatchObject({ gaps: 0, duplicates: 1, ...back(stream) });
    await leave();
  },
);

test.each(STREAMS)(
  'messages of %s in the wrong order are noticed, and put right',
  async (stream) => {
    const { page, leave } = await visit(browser, `${proxy.url}/?r=1s`, ONE_STREAM);
    trickOnce(stream, (held) => {
      trickOnce(stream, (next) => [next, held]);
      return [];
    });
    await expect.poll(async () => (await counters(page)).gaps).toBe(1);
    await expectWhole(page);
    // The late one came over a connection that had been given up by then.
    expect(await counters(page)).toMatchObject({ gaps: 1, duplicates: 0, ...back(stream) });
    await leave();
  },
);

test('a stream that falls silent is stale, says so, and can be tried again', async () => {
  const { page, leave } = await visit(browser, `${proxy.url}/?r=1s`);
  proxy.isSilent = true;
  await page.getByText('No new prices').waitFor();
  expect(await state(page)).toBe('stale');
  await page.locator('.app.is-frozen').waitFor();
  const frozen = await page.locator('.quote-last').textContent();
  expect(await continuity(page)).toBe('pending');

  // A connection that is lost never blocks the page: history is another matter.
  await page.getByRole('radio', { name: '5m', exact: true }).click();
  await page.waitForFunction(
    () => window.tickwell!.resolution === '5m' && window.tickwell!.isReady,
  );
  await page.getByRole('radio', { name: '1s', exact: true }).click();
  await page.waitForFunction(
    () => window.tickwell!.resolution === '1s' && window.tickwell!.isReady,
  );
  expect(await page.locator('.quote-last').textContent()).toBe(frozen);

  const retry = page.getByRole('button', { name: 'Retry now' });
  await retry.waitFor();
  proxy.isSilent = false;
  // At once: with the next row the page finds that some are missing, and needs nobody to retry.
  await retry.dispatchEvent('click');
  await page.waitForFunction(() => window.tickwell!.state === 'live');
  await page.getByText('No new prices').waitFor({ state: 'detached' });
  await expectWhole(page);
  expect((await counters(page)).reconnects).toBeGreaterThanOrEqual(1);
  await leave();
});

test('a line that stalls is stale, and goes on by itself without a gap', async () => {
  const line = await FaultProxy.before(Number(new URL(server.url).port));
  const { page, leave } = await visit(browser, `http://127.0.0.1:${line.port}/?r=1s`);
  line.set({ stalled: 'down' });
  await page.waitForFunction(() => window.tickwell!.state === 'stale');
  line.set({});
  await page.waitForFunction(() => window.tickwell!.state === 'live');
  await expectWhole(page);
  expect(await counters(page)).toMatchObject({ gaps: 0, duplicates: 0, reconnects: 0 });
  await leave();
  await line.close();
});

test('who has no network is told that, and misses nothing', async () => {
  const { page, context, leave } = await visit(browser, `${proxy.url}/?r=1s`);
  await context.setOffline(true);
  // A browser without a network keeps what is open; it is the silence that tells.
  proxy.isSilent = true;
  await page.getByText('You are offline').waitFor();
  expect(await state(page)).toBe('offline');
  proxy.isSilent = false;
  await context.setOffline(false);
  await page.waitForFunction(() => window.tickwell!.state === 'live');
  await expectWhole(page);
  await leave();
});

test('a bar that is wrong is found by the audit, and repaired', async () => {
  const wrongMs = 60_000 * Math.floor(nowMs() / 60_000 - 10);
  // Until it has been seen: what is said of it may be put right two seconds later.
  let isWrong = true;
  proxy.answer = (path, reply) => {
    const isTile = path.startsWith('/v1/candles') && path.includes('count=512');
    if (!isTile || !isWrong) return reply;
    const candles = JSON.parse(reply.body.toString());
    // Whichever answer it is in: those of the left and right side come in any order.
    const at = candles.time.indexOf(wrongMs);
    if (at < 0) return reply;
    candles.close[at] += 1;
    candles.high[at] = Math.max(candles.high[at], candles.close[at]);
    return { ...reply, body: Buffer.from(JSON.stringify(candles)) };
  };
  const { page, leave } = await visit(browser, `${proxy.url}/?r=1m`);
  await expect.poll(() => continuity(page)).toBe('1 bar differs');
  expect((await look(page)).barsInView.map(({ time }) => time)).toContain(wrongMs);
  isWrong = false;
  await expect.poll(() => continuity(page)).toBe('no gaps');
  await expectEqualToServer(page, server);
  await leave();
});

test('bars that the server will not stream are said to stand still, until they are tried again', async () => {
  const { page, leave } = await watched(browser);
  let isRefused = true;
  await refuseBars(page, () => isRefused);
  await page.goto(`${server.url}/?r=1s`);
  await live(page);
  const chip = page.getByText('The newest bar stands still: resolution must be another');
  await chip.waitFor();
  // It does not pass by itself, whatever is done: prices go on, and nobody would see it.
  const newest = await page.evaluate(() => window.tickwell!.bars.at(-1)!.time);
  await page.keyboard.press('PageUp');
  await page.keyboard.press('End');
  await page.waitForFunction((ms) => window.tickwell!.pricesUntil > ms + 6_000, newest);
  expect(await chip.isVisible()).toBe(true);
  expect(await page.evaluate(() => window.tickwell!.bars.at(-1)!.time)).toBe(newest);
  expect(await continuity(page)).toBe('pending');

  isRefused = false;
  await page.getByRole('button', { name: 'Try again' }).click();
  await chip.waitFor({ state: 'detached' });
  await expectWhole(page);
  await leave();
});

test('history that fails can be tried again, while live prices go on', async () => {
  const { page, leave } = await visit(browser, proxy.url);
  const failing = (path: string) => path.startsWith('/v1/candles');
  proxy.answer = (path, reply) =>
    failing(path) ? { status: 500, body: Buffer.from('{}') } : reply;
  await page.getByRole('radio', { name: '1h', exact: true }).click();
  await page.getByText('History could not be loaded').waitFor();
  const before = await page.locator('.rows').textContent();
  await expect.poll(() => page.locator('.rows').textContent()).not.toBe(before);
  proxy.answer = (_, reply) => reply;
  await page.getByRole('button', { name: 'Try again' }).click();
  await live(page);
  await expectEqualToServer(page, server);
  await leave();
});

test('older bars that fail are said so, and come when they are tried again', async () => {
  const { page, leave } = await visit(browser, proxy.url);
  proxy.answer = (path, reply) =>
    path.startsWith('/v1/candles') ? { status: 500, body: Buffer.from('{}') } : reply;
  await wheel(page, 30, -400);
  await page.getByText('More bars could not be loaded').waitFor();
  const { first } = await page.evaluate(() => ({ first: window.tickwell!.bars[0]!.time }));
  proxy.answer = (_, reply) => reply;
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.waitForFunction((ms) => window.tickwell!.bars[0]!.time < ms, first);
  await page.getByText('More bars could not be loaded').waitFor({ state: 'detached' });
  expectConsecutive((await look(page)).bars, 60_000);
  await leave();
});

test('of thirty instruments chosen in a second only the last is drawn, however slow history is', async () => {
  const { page, leave } = await visit(browser, proxy.url);
  let pending = 0;
  proxy.answer = async (path, reply) => {
    if (path.startsWith('/v1/candles')) {
      pending += 1;
      await new Promise((resolve) => setTimeout(resolve, 100 + 300 * Math.random()));
      pending -= 1;
    }
    return reply;
  };
  // Whatever is drawn under the last name is watched from the first press on.
  await page.evaluate(() => {
    const seen = new Set<string>();
    Object.assign(window, { seen });
    const { time } = window.tickwell!.barsInView.at(-10)!;
    const watch = () => {
      const { isReady, symbol, barsInView } = window.tickwell!;
      const bar = barsInView.find((one) => one.time === time);
      if (isReady) seen.add(`${symbol} ${bar?.open} ${bar?.high} ${bar?.low} ${bar?.close}`);
      requestAnimationFrame(watch);
    };
    watch();
  });
  for (let press = 0; press < 30; press++) await page.keyboard.press('ArrowDown');
  await live(page);
  // Whatever is late by now has come, and could have been drawn.
  await expect.poll(() => pending).toBe(0);
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
  const { symbol } = await look(page);
  expect(symbol).toBe('ticker_30');
  await expectEqualToServer(page, server);
  const seen = await page.evaluate(() => [...(window as unknown as { seen: Set<string> }).seen]);
  expect(seen.filter((text) => text.startsWith('ticker_30 '))).toHaveLength(1);
  await leave();
});

test('what is asked for live opens live, and its address says so, however late the bars are', async () => {
  const { page, leave } = await visit(browser, `${proxy.url}/?r=1s`);
  /** Bars of room right of the newest. */
  const room = async () => {
    const { bars, view } = await look(page);
    return view.right - bars.at(-1)!.time / 1_000;
  };
  const before = await room();
  proxy.answer = async (path, reply) => {
    if (path.startsWith('/v1/candles')) await new Promise((resolve) => setTimeout(resolve, 3_000));
    return reply;
  };
  await page.keyboard.press('ArrowDown');
  await page.waitForFunction(() => window.tickwell!.symbol === 'ticker_01');
  await live(page);
  expect((await look(page)).isLive).toBe(true);
  // Bars may be known and not drawn yet.
  await expect.poll(async () => Math.abs((await room()) - before)).toBeLessThan(1.5);
  await expectWhole(page);
  expect((await look(page)).isLive).toBe(true);
  expect(new URL(page.url()).searchParams.has('at')).toBe(false);
  await leave();
});

test('while history is missing there are no bars under the name of another instrument', async () => {
  const { page, leave } = await visit(browser, proxy.url);
  proxy.answer = (path, reply) =>
    path.startsWith('/v1/candles') ? { status: 500, body: Buffer.from('{}') } : reply;
  await page.keyboard.press('ArrowDown');
  await page.getByText('History could not be loaded').waitFor();
  await page.keyboard.press('d');
  await page.getByRole('dialog', { name: 'ticker_01, 1m bars in view' }).waitFor();
  await page.getByText('There are no bars yet.').waitFor();
  expect(await page.locator('.table-dialog tbody tr').count()).toBe(0);
  await leave();
});

test('older bars that were missed are no longer spoken of where they are not wanted', async () => {
  const { page, leave } = await visit(browser, proxy.url);
  proxy.answer = (path, reply) =>
    path.startsWith('/v1/candles') ? { status: 500, body: Buffer.from('{}') } : reply;
  await wheel(page, 30, -400);
  await page.getByText('More bars could not be loaded').waitFor();
  await page.keyboard.press('End');
  await page.waitForFunction(() => window.tickwell!.isLive);
  // After a while it goes by itself, so there may be nothing to press any more.
  await page.evaluate(() => {
    const buttons = [...document.querySelectorAll('button')];
    buttons.find(({ textContent }) => textContent === 'Try again')?.click();
  });
  await page.getByText('More bars could not be loaded').waitFor({ state: 'detached' });
  await leave();
});

test('the zoom of a link is kept though something else is chosen before it has loaded', async () => {
  proxy.answer = async (path, reply) => {
    if (path.startsWith('/v1/candles')) await new Promise((resolve) => setTimeout(resolve, 1_000));
    return reply;
  };
  const { page, leave } = await watched(browser);
  await page.goto(`${proxy.url}/?r=1m&bars=40&at=2025-12-01T00:00:00Z`);
  await page.waitForFunction(() => window.tickwell !== undefined);
  await page.keyboard.press('ArrowDown');
  await live(page);
  const { view, symbol } = await look(page);
  expect(symbol).toBe('ticker_01');
  expect(view.right - view.left + 1).toBeCloseTo(40, 1);
  expect(new URL(page.url()).searchParams.get('bars')).toBe('40');
  await leave();
});

test('the address follows, though bars come faster than it waits', async () => {
  const fast = await startServer([...PAST, '--interval', '50ms', '--count', '2']);
  const { page, leave } = await visit(browser, `${fast.url}/?r=50ms`);
  await page.keyboard.press('+');
  await page.keyboard.press('u');
  await page.waitForFunction(() => location.search.includes('tz=local'));
  expect(page.url()).toContain('bars=');
  await leave();
  await fast.kill();
});
