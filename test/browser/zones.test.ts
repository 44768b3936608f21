import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  beginAt,
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
  const { page, context } = await visit(browser, `${server.url}/?${query}`);
  const day = (await timesInTable(page)).filter((time) => time.startsWith('Sun 1 Nov 2026 '));
  expect(day).toHaveLength(25);
  expect(day.slice(0, 4).map((time) => time.slice('Sun 1 Nov 2026 '.length))).toEqual([
    '00:00',
    '01:00 UTC−4',
    '01:00 UTC−5',
    '02:00',
  ]);
  expect(day.at(-1)).toBe('Sun 1 Nov 2026 23:00');
  await context.close();
});

test('the day on which it begins has 23', async () => {
  const query = 'r=1h&tz=local&at=2026-03-09T12:00:00Z&bars=48';
  const { page, context } = await visit(browser, `${server.url}/?${query}`);
  const day = (await timesInTable(page)).filter((time) => time.startsWith('Sun 8 Mar 2026 '));
  expect(day).toHaveLength(23);
  expect(day.slice(1, 3)).toEqual(['Sun 8 Mar 2026 01:00', 'Sun 8 Mar 2026 03:00']);
  await context.close();
});

test('local time is that of the place: the label, the status bar, the date that is asked for', async () => {
  const query = 'r=1m&tz=local&at=2026-06-01T16:00:00Z&bars=100';
  const { page, context } = await visit(browser, `${server.url}/?${query}`);
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
  await context.close();
});

test('whole days are always of UTC, whatever the clock on the wall', async () => {
  const query = 'r=1d&tz=local&at=2026-06-01T00:00:00Z&bars=60';
  const { page, context } = await visit(browser, `${server.url}/?${query}`);
  await live(page);
  expect((await timesInTable(page)).at(-1)).toBe('Mon 1 Jun 2026');
  await page.locator('.date-zone').getByText('UTC', { exact: true }).waitFor();
  await context.close();
});
