import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectEqualToServer } from './bars.ts';
import {
  closeAll,
  launchBrowser,
  live,
  PAST,
  startServer,
  type TestServer,
  visit,
} from './harness.ts';

const COUNT = 2_000;
/** Rows of the pool beyond those in view. */
const SPARE_ROWS = 8;

let browser: Browser;
let server: TestServer;

beforeAll(async () => {
  [browser, server] = await Promise.all([
    launchBrowser(),
    startServer([...PAST, '--count', `${COUNT}`, '--interval', '100ms']),
  ]);
});

afterAll(() => closeAll(browser));

const subscribed = (page: Page) => page.evaluate(() => [...window.tickwell!.subscribed].sort());

/** Time of the newest row that the page has. */
const newestMs = (page: Page) => page.evaluate(() => window.tickwell!.pricesUntil);

/** The rows that exist, top to bottom: symbol, price, and whether that is known to be of now. */
const shown = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('.row')].map((row) => ({
      symbol: row.dataset.symbol!,
      last: row.querySelector('.row-last')!.textContent!,
      isCurrent: !row.matches('.is-waiting'),
    })),
  );

async function expectFollowed(page: Page, chosen: string): Promise<void> {
  await expect
    .poll(async () => {
      const symbols = (await shown(page)).map(({ symbol }) => symbol);
      const wanted = [...new Set([...symbols, chosen])].sort();
      return JSON.stringify(wanted) === JSON.stringify(await subscribed(page));
    })
    .toBe(true);
}

/** Each price in the list is one that the instrument has had in these seconds. */
async function expectCurrent(page: Page): Promise<void> {
  await expect.poll(async () => (await shown(page)).every(({ isCurrent }) => isCurrent)).toBe(true);
  const since = (await newestMs(page)) - 3_000;
  const rows = await shown(page);
  const symbols = rows.map(({ symbol }) => symbol).join(',');
  const answer = await (
    await fetch(`${server.url}/v1/rows?symbols=${symbols}&since=${since}`)
  ).json();
  for (const [column, { symbol, last }] of rows.entries()) {
    const recent = answer.prices[column].map((ticks: number) => (ticks / 100).toFixed(2));
    expect([symbol, recent]).toEqual([symbol, expect.arrayContaining([last.replace(',', '')])]);
  }
}

test('the stream brings what is in view and the chosen instrument, wherever the list is', async () => {
  const { page, leave, complaints } = await visit(browser, server.url);
  await expectFollowed(page, 'ticker_0000');
  const inView = await page.evaluate(() => document.querySelector('.rows')!.clientHeight / 36);
  expect((await subscribed(page)).length).toBeLessThanOrEqual(Math.ceil(inView) + SPARE_ROWS + 1);
  await expectCurrent(page);

  await page.locator('.rows').evaluate((list) => list.scrollTo(0, 36_000));
  await page.getByRole('option', { name: /ticker_1005/ }).waitFor();
  await expectFollowed(page, 'ticker_0000');
  await expectCurrent(page);
  // The chart goes on, though its instrument is far out of view.
  await expectEqualToServer(page, server);

  await page.locator('.rows').evaluate((list) => list.scrollTo(0, 0));
  await page.getByRole('option', { name: /ticker_0005/ }).waitFor();
  await expectFollowed(page, 'ticker_0000');
  await expectCurrent(page);
  expect(await page.evaluate(() => window.tickwell!.counters)).toMatchObject({
    gaps: 0,
    duplicates: 0,
    reconnects: 0,
  });
  expect(complaints).toEqual([]);
  await leave();
});

test('all instruments are streamed only while prices decide their order', async () => {
  const { page, leave } = await visit(browser, server.url);
  await page.getByRole('button', { name: 'Sort by Change' }).click();
  await expect.poll(async () => (await subscribed(page)).length).toBe(COUNT);
  const changes = async () => {
    const texts = await page.locator('.row .row-change').allTextContents();
    // A price of a few ticks may have been a thousandth of what it is.
    return texts.map((text) => Number(text.replace('−', '-').replace(/[%,]/g, '')));
  };
  // Sorted when it is clicked, and again every 3 s; in between prices go on, for as long as a busy
  // machine takes to look.
  await expect
    .poll(async () => {
      const [first, ...others] = await changes();
      return first! >= Math.max(...others) - 0.5 && first! > 1;
    })
    .toBe(true);
  await page.getByRole('button', { name: 'Sort by Symbol' }).click();
  await expectFollowed(page, 'ticker_0000');
  await leave();
});

test('the list does not sort itself again under the pointer', async () => {
  const { page, leave } = await visit(browser, server.url);
  // Prices that were not known sort themselves in when they come, wherever the pointer is.
  const known = page.waitForResponse(/sparklines.*points=2/);
  await page.getByRole('button', { name: 'Sort by Change' }).click();
  await known;
  const order = async () => (await shown(page)).map(({ symbol }) => symbol).join();
  await page.mouse.move(150, 400);
  // One that was due already is drawn in the next frame.
  await page.locator('.rows:hover').waitFor();
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
  const before = await order();
  const { rows } = await page.evaluate(() => window.tickwell!.counters);
  await page.waitForFunction((count) => window.tickwell!.counters.rows > count + 45, rows);
  expect(await order()).toBe(before);
  await page.mouse.move(900, 400);
  await expect.poll(order).not.toBe(before);
  await leave();
});

test('an instrument that was not followed joins its history without a hole', async () => {
  const { page, leave } = await visit(browser, `${server.url}/?r=1s`);
  for (const symbol of ['ticker_1500', 'ticker_0700', 'ticker_1999']) {
    await page.keyboard.press('/');
    await page.keyboard.type(symbol);
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    await page.waitForFunction((wanted) => window.tickwell!.symbol === wanted, symbol);
    await live(page);
    await expect.poll(() => subscribed(page)).toContain(symbol);
    // Some bars are made of rows of the stream, and the first of them of both.
    const last = await page.evaluate(() => window.tickwell!.bars.at(-1)!.time);
    await page.waitForFunction((ms) => window.tickwell!.bars.at(-1)!.time >= ms + 3_000, last);
    await expectEqualToServer(page, server);
  }
  await leave();
});

test('on a phone nothing but the chosen instrument is streamed while the list is closed', async () => {
  const { page, leave } = await visit(browser, server.url, {
    viewport: { width: 390, height: 844 },
  });
  await expect.poll(() => subscribed(page)).toEqual(['ticker_0000']);
  await page.getByRole('button', { name: 'Open the list of instruments' }).click();
  await expectFollowed(page, 'ticker_0000');
  await expectCurrent(page);
  await page.getByRole('option', { name: /ticker_0005/ }).click();
  await expect.poll(() => subscribed(page)).toEqual(['ticker_0005']);
  await leave();
});
