import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { closeAll, launchBrowser, look, PAST, startServer, visit, watched } from './harness.ts';

let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
});

afterAll(() => closeAll(browser));

const HOUR_MS = 3_600_000;
/** For a machine that is busy. */
const SLOW = { timeout: 30_000 };
const clock = (page: Page) =>
  page
    .locator('footer.status')
    .getByText(/^\d\d:\d\d:\d\d$/)
    .textContent();
const newest = (page: Page) => page.evaluate(() => window.tickwell!.until);
const behindMs = (page: Page) =>
  page.evaluate(() => window.tickwell!.pricesUntil - window.tickwell!.until);

/** The time of the newest row that there will be, if it stands still. */
async function setClock(url: string, body: object): Promise<number> {
  const headers = { 'content-type': 'application/json' };
  const init = { method: 'POST', headers, body: JSON.stringify(body) };
  const answer = await fetch(`${url}/v1/control/clock`, init);
  expect(answer.status).toBe(200);
  return (await answer.json()).now;
}

/** What is answered, once what the page has asked for leaves room for it. */
async function whenPaid(url: string) {
  for (;;) {
    const answer = await fetch(url);
    if (answer.status !== 429) return answer.json();
    await sleep(500);
  }
}

test.each(['1m', '1s'])(
  'at ten thousand times the time, ten years ahead, a chart of %s goes along',
  async (resolution) => {
    const args = ['--preset', 'equities', '--speed', '10000', '--at', '2036-03-10T00:00:00Z'];
    const own = await startServer([...PAST, ...args]);
    // On a machine that is busy it may never be quite live until it comes to rest.
    const { page, leave, complaints } = await watched(browser);
    await page.goto(`${own.url}/?s=NIMBO&r=${resolution}`);
    await page.waitForFunction(() => window.tickwell?.isReady);
    await page.locator('.status-pace').getByText('10000×').waitFor();
    const before = await newest(page);
    expect(new Date(before).getUTCFullYear()).toBe(2036);
    // Of the market's time: six hours, which are two seconds.
    await page.waitForFunction((ms) => window.tickwell!.until > ms, before + 6 * HOUR_MS);
    expect((await look(page)).isLive).toBe(true);

    // As it comes to rest, all of it is there, and what is drawn is the server's.
    const head = await setClock(own.url, { paused: true });
    await page.locator('.status-pace').getByText('paused').waitFor();
    // A machine that is busy has yet to make what was due by then.
    const headOf = async () => (await whenPaid(`${own.url}/v1/market`)).head;
    await expect.poll(headOf, SLOW).toBe(head);
    await expect.poll(() => newest(page), SLOW).toBe(head);
    await expect.poll(() => behindMs(page), SLOW).toBe(0);
    const { bars, state, counters } = await look(page);
    expect(state).toBe('live');
    expect([counters.gaps, counters.duplicates]).toEqual([0, 0]);
    const last = bars.slice(-300);
    const query = new URLSearchParams({ symbol: 'NIMBO', resolution, fields: 'volume' });
    const range = `from=${last[0]!.time}&to=${head + 1}`;
    const theirs = await whenPaid(`${own.url}/v1/candles?${query}&${range}`);
    expect(last.map(({ time, close, volume }) => [time, close, volume])).toEqual(
      theirs.time.map((time: number, n: number) => [time, theirs.close[n], theirs.volume[n]]),
    );
    const shown = `${new Date(head).toISOString().slice(11, 19)}`;
    await expect.poll(() => clock(page)).toBe(shown);
    expect(complaints).toEqual([]);
    await leave();
    await own.kill();
  },
);

test('lag is that of the wall at any speed, and none where time stands still', async () => {
  const own = await startServer([...PAST, '--preset', 'equities', '--speed', '60']);
  const { page, leave } = await visit(browser, `${own.url}/?s=NIMBO&r=1m`);
  const lag = async () => {
    const text = (await page.locator('footer.status').getByText(/^Lag /).textContent())!;
    return text === 'Lag —' ? undefined : Number(/^Lag (\d+) ms$/.exec(text)![1]);
  };
  // A row is due each 17 ms: one that is minutes of the market late is seconds late here.
  await expect.poll(lag).toBeLessThan(3_000);
  await setClock(own.url, { paused: true });
  await expect.poll(lag).toBeUndefined();
  await leave();
  await own.kill();
});
