import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { formatPrice } from '../../src/page/price.ts';
import { closeAll, launchBrowser, live, startServer, type TestServer, visit } from './harness.ts';

let browser: Browser;
let server: TestServer;

beforeAll(async () => {
  [browser, server] = await Promise.all([launchBrowser(), startServer(['--preset', 'equities'])]);
});

afterAll(() => closeAll(browser));

const cents = (ticks: number) => formatPrice(ticks, { tickSize: 0.01, decimals: 2 });
const line = (page: Page) => page.locator('.quote-sides').textContent();

/** What the server says of the rows after `since`, as the page should write it. */
async function offersSince(symbol: string, since: number): Promise<string[]> {
  const query = `symbols=${symbol}&since=${since}&fields=bid,ask`;
  const { bid, ask } = await (await fetch(`${server.url}/v1/rows?${query}`)).json();
  return bid[0].map((ticks: number, row: number) => {
    const spread = ask[0][row] - ticks;
    const unit = spread === 1 ? 'tick' : 'ticks';
    return `Bid${cents(ticks)}Ask${cents(ask[0][row])}${spread} ${unit}`;
  });
}

test('beside the price stand both offers and the spread, those of the server, row by row', async () => {
  const { page, leave, complaints } = await visit(browser, `${server.url}/?s=NIMBO`);
  for (const symbol of ['NIMBO', 'ORVYN']) {
    await page.getByRole('heading', { name: symbol }).waitFor();
    await page.waitForFunction(() => window.tickwell!.sides !== undefined);
    const seen = new Set<string>();
    // What is shown may be some rows older than the newest one.
    const since = (await page.evaluate(() => window.tickwell!.pricesUntil)) - 8_000;
    const rows = await page.evaluate(() => window.tickwell!.counters.rows);
    while ((await page.evaluate(() => window.tickwell!.counters.rows)) < rows + 4) {
      seen.add((await line(page))!);
      await page.waitForTimeout(100);
    }
    const told = await offersSince(symbol, since);
    expect([...seen].filter((text) => !told.includes(text))).toEqual([]);
    expect(seen.size).toBeGreaterThan(0);
    await page.keyboard.press('ArrowDown');
  }
  expect(complaints).toEqual([]);
  await leave();
});

test('a price that buyers or sellers have taken is one of the offers', async () => {
  const { page, leave } = await visit(browser, `${server.url}/?s=BYTRA`);
  await page.waitForFunction(() => window.tickwell!.sides !== undefined);
  // They come on two streams: for a moment one may be a row ahead.
  await expect
    .poll(async () => {
      const last = await page.locator('.quote-last').textContent();
      const { bid, ask } = (await page.evaluate(() => window.tickwell!.sides))!;
      return [cents(bid), cents(ask)].includes(last!);
    })
    .toBe(true);
  await leave();
});

for (const [width, isShown] of [
  [390, false],
  [900, true],
  [1300, false],
  [1440, true],
] as const) {
  test(`there is ${isShown ? '' : 'no '}room for them at ${width} pixels`, async () => {
    const viewport = { width, height: 800 };
    const { page, leave } = await visit(browser, server.url, { viewport });
    expect(await page.locator('.quote-sides').count()).toBe(isShown ? 1 : 0);
    const overflow = await page.evaluate(() => {
      const quote = document.querySelector('.quote')!;
      return quote.scrollWidth - quote.clientWidth;
    });
    expect(overflow).toBeLessThanOrEqual(1);
    await leave();
  });
}

test('offers that are no longer known are not shown', async () => {
  const own = await startServer();
  const { page, leave } = await visit(browser, own.url);
  await expect.poll(() => line(page)).toMatch(/tick/);
  await own.kill();
  await expect.poll(() => line(page)).toBe('Bid—Ask—');
  // Each in a line of its own, as before.
  const tops = await page.evaluate(() =>
    [...document.querySelectorAll('.quote-sides > *')].map(
      (part) => part.getBoundingClientRect().top,
    ),
  );
  expect([tops[0], tops[2]]).toEqual([tops[1], tops[3]]);
  expect(tops[2]).toBeGreaterThan(tops[0]!);
  const { port } = new URL(own.url);
  const again = await startServer([], Number(port));
  await page.evaluate(() => dispatchEvent(new Event('online')));
  await live(page);
  await expect.poll(() => line(page)).toMatch(/tick/);
  await leave();
  await again.kill();
});

test('the page says that its data is synthetic, in the status bar and in the help', async () => {
  const { page, leave } = await visit(browser, server.url);
  await page.locator('.status').getByText('Synthetic data').waitFor();
  await page.keyboard.press('?');
  await page.locator('dialog').getByText('every price is computed').waitFor();
  await leave();
});

test('the help lists where clients of each protocol connect', async () => {
  const { page, leave } = await visit(browser, server.url);
  await page.keyboard.press('?');
  const { protocols } = await (await fetch(`${server.url}/v1/protocols`)).json();
  const names = protocols.map(({ title }: { title: string }) => title);
  const dialog = page.locator('dialog');
  await dialog.getByText(names.at(-1), { exact: true }).waitFor();
  expect(names.slice(0, 3)).toEqual(['Tickwell', 'Control', 'TradingView UDF']);
  for (const base of ['/v1', '/udf']) {
    await dialog.getByRole('button', { name: server.url + base, exact: true }).waitFor();
  }
  const stream = `${server.url.replace('http', 'ws')}/v1/stream`;
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await dialog.getByRole('button', { name: stream }).click();
  await page.getByText('Address copied.').waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(stream);
  await leave();
});
