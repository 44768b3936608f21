import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CandlesAnswer } from '../../src/client/index.ts';
import {
  beginAt,
  candlesAsked,
  closeAll,
  launchBrowser,
  live,
  startServer,
  type TestServer,
  visit,
} from './harness.ts';

let browser: Browser;
let server: TestServer;

/** Both changes of 2026 are history by then. */
const AFTERWARDS = { at: '2026-11-20T12:00:00Z', zone: 'America/New_York' };

beforeAll(async () => {
  beginAt(AFTERWARDS);
  [browser, server] = await Promise.all([launchBrowser(), startServer()]);
});

afterAll(() => closeAll(browser));

/** The times of the bars in view as the data table writes them, oldest first. */
async function timesInTable(page: Page): Promise<string[]> {
  await page.keyboard.press('d');
  await page.getByRole('dialog').waitFor();
  const times = await page.locator('.table-dialog tbody th').allTextContents();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  return times.reverse();
}

test('the day on which New York ends summer time has 25 hours, and its two 01:00 are told apart', async () => {
  const query = 'r=1h&tz=local&at=2026-11-02T12:00:00Z&bars=48';
  const { page, leave } = await visit(browser, `${server.url}/?${query}`);
  const day = (await timesInTable(page)).filter((time) => time.startsWith('Sun 1 Nov 2026 '));
  expect(day).toHaveLength(25);
  expect(day.slice(0, 4).map((time) => time.slice('Sun 1 Nov 2026 '.length))).toEqual([
    '00:00',
    '01:00 UTC−4',
    '01:00 UTC−5',
    '02:00',
  ]);
  expect(day.at(-1)).toBe('Sun 1 Nov 2026 23:00');
  await leave();
});

test('the day on which it begins has 23', async () => {
  const query = 'r=1h&tz=local&at=2026-03-09T12:00:00Z&bars=48';
  const { page, leave } = await visit(browser, `${server.url}/?${query}`);
  const day = (await timesInTable(page)).filter((time) => time.startsWith('Sun 8 Mar 2026 '));
  expect(day).toHaveLength(23);
  expect(day.slice(1, 3)).toEqual(['Sun 8 Mar 2026 01:00', 'Sun 8 Mar 2026 03:00']);
  await leave();
});

test('local time is that of the place: the label, the status bar, the date that is asked for', async () => {
  const query = 'r=1m&tz=local&at=2026-06-01T16:00:00Z&bars=100';
  const { page, leave } = await visit(browser, `${server.url}/?${query}`);
  await page.getByText('Mon 1 Jun 2026, 10:21 – 12:00').waitFor();
  await page.locator('.date-zone').getByText('UTC−4').waitFor();
  await page.getByRole('button', { name: 'UTC−5' }).waitFor();

  await page.keyboard.press('g');
  await page.getByText('Date and time (local)').waitFor();
  await page.locator('#date').fill('2026-06-02T09:30:00');
  await page.keyboard.press('Enter');
  await page.waitForFunction(
    (ms) => window.tickwell!.isReady && window.tickwell!.barsInView.at(-1)!.time === ms,
    Date.parse('2026-06-02T13:30:00Z'),
  );
  await leave();
});

test('days, weeks and months are cut by the clock that is chosen, as the server cuts them', async () => {
  const old = await startServer(['--interval', '1m', '--origin', '2000-01-01']);
  for (const [width, last] of [
    ['1d', 'Mon 1 Jun 2026'],
    ['1w', 'Mon 1 Jun 2026'],
    ['1mo', 'Jun 2026'],
    ['3mo', 'Q2 2026'],
    ['1y', '2026'],
    ['4h', 'Mon 1 Jun 2026 00:00'],
  ] as const) {
    const query = `r=${width}&tz=America/New_York&at=2026-06-01T06:00:00Z&bars=20`;
    const { page, leave } = await visit(browser, `${old.url}/?${query}`);
    await live(page);
    expect((await timesInTable(page)).at(-1)).toBe(last);
    const bars = await page.evaluate(() => window.tickwell!.barsInView.map((bar) => ({ ...bar })));
    const asked = `symbol=ticker_00&resolution=${width}&tz=America/New_York`;
    const answer = await fetch(
      `${old.url}/v1/candles?${asked}&from=${bars[0]!.time}&count=${bars.length}`,
    );
    const theirs = (await answer.json()) as CandlesAnswer;
    expect(bars.map(({ time }) => time)).toEqual(theirs.time);
    expect(bars.map(({ open, high, low, close }) => [open, high, low, close])).toEqual(
      theirs.time.map((_, index) =>
        [theirs.open, theirs.high, theirs.low, theirs.close].map((prices) => prices[index]!),
      ),
    );
    expect(await page.evaluate(() => window.tickwell!.isDrawn)).toBe(true);
    await leave();
  }
  await old.kill();
});

test('the day of the change has 25 hours, and the one of the other change 23', async () => {
  const query = 'r=1d&tz=America/New_York&at=2026-11-04T12:00:00Z&bars=300';
  const { page, leave } = await visit(browser, `${server.url}/?${query}`);
  const times = await page.evaluate(() => window.tickwell!.bars.map(({ time }) => time));
  const lengths = times
    .slice(1)
    .map((time, index) => [times[index]!, (time - times[index]!) / 3.6e6]);
  expect(lengths.filter(([, hours]) => hours !== 24)).toEqual([
    ...(lengths[0]![0]! < Date.parse('2025-11-02T04:00:00Z')
      ? [[Date.parse('2025-11-02T04:00:00Z'), 25]]
      : []),
    [Date.parse('2026-03-08T05:00:00Z'), 23],
    [Date.parse('2026-11-01T04:00:00Z'), 25],
  ]);
  await leave();
});

test('another zone cuts anew and keeps the place in time; minutes stay as they are', async () => {
  const query = 'r=1d&at=2026-06-01T06:00:00Z&bars=40';
  const { page, leave } = await visit(browser, `${server.url}/?${query}`);
  const edge = () => page.evaluate(() => window.tickwell!.barsInView.at(-1)!.time);
  const asked = candlesAsked(page);
  expect(await edge()).toBe(Date.parse('2026-06-01T00:00:00Z'));
  await page.keyboard.press('u');
  await expect.poll(edge).toBe(Date.parse('2026-06-01T04:00:00Z'));
  await page.waitForFunction(() => location.search.includes('tz=local'));
  await page.keyboard.press('u');
  await expect.poll(edge).toBe(Date.parse('2026-06-01T00:00:00Z'));
  expect((await asked.take()).length).toBeGreaterThan(0);

  await page.keyboard.press('3');
  await live(page);
  const before = await asked.take();
  await page.keyboard.press('u');
  await page.locator('.date-zone').getByText('UTC−4').waitFor();
  // Bars beside the view may still be fetched: those that were there are not, nor any of a zone.
  const isAnew = (url: string) => before.includes(url) || url.includes('tz=');
  expect((await asked.take()).filter(isAnew)).toEqual([]);
  await leave();
});

test('any zone can be chosen, and is in the link', async () => {
  const { page, leave } = await visit(browser, `${server.url}/?r=1d`);
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('button', { name: 'Time zone' }).click();
  await page.locator('#zone').fill('Asia/Tokio');
  await page.keyboard.press('Enter');
  await page.getByText('did you mean "Asia/Tokyo"?').waitFor();
  await page.locator('#zone').fill('asia/tokyo');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'UTC+9' }).waitFor();
  await live(page);
  await page.waitForFunction(() => location.search.includes('tz=asia/tokyo'));
  const newest = await page.evaluate(() => window.tickwell!.bars.at(-1)!.time);
  expect(newest % 86_400_000).toBe(15 * 3_600_000);
  // There and back again with a key.
  await page.keyboard.press('u');
  await page.getByRole('button', { name: 'UTC', exact: true }).waitFor();
  await page.keyboard.press('u');
  await page.getByRole('button', { name: 'UTC+9' }).waitFor();
  await leave();
});

test('where the server does not know the zone, UTC is taken, and the page says so', async () => {
  const { page, leave } = await visit(browser, server.url);
  await page.route('**/v1/candles**', (route) => {
    if (!route.request().url().includes('tz=')) return route.continue();
    const error = { code: 'bad_request', message: 'unknown tz' };
    return route.fulfill({ status: 400, json: { error } });
  });
  await page.goto(`${server.url}/?r=1d&tz=Asia/Tokyo`);
  await page.getByText('does not have the time zone "Asia/Tokyo"').waitFor();
  await live(page);
  await page.getByRole('button', { name: 'UTC', exact: true }).waitFor();
  expect(await page.evaluate(() => window.tickwell!.bars.at(-1)!.time % 86_400_000)).toBe(0);
  await leave();
});
