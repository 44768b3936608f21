import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectEqualToServer } from './bars.ts';
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

const DAY_MS = 86_400_000;

let browser: Browser;
let server: TestServer;

beforeAll(async () => {
  [browser, server] = await Promise.all([launchBrowser(), startServer(PAST)]);
});

afterAll(() => closeAll(browser));

test('the page opens live, full of history, quiet, and asks no other host', async () => {
  const { page, context, complaints } = await visit(browser, server.url);
  const { view, bars, barsInView, isLive } = await look(page);
  expect(isLive).toBe(true);
  expect(bars[0]!.time).toBeLessThan(barsInView[0]!.time);
  expect(barsInView.length).toBeGreaterThan(0.85 * (view.right - view.left));
  await page.getByText('Live', { exact: true }).waitFor();
  await page.locator('.date-label').getByText('UTC').waitFor();
  await page.getByText('no gaps').waitFor();
  await page.locator('.status .attribution').waitFor();

  const last = page.locator('.row').nth(3).locator('.row-last');
  const before = await last.textContent();
  await page.waitForFunction(
    (text) => document.querySelectorAll('.row .row-last')[3]!.textContent !== text,
    before,
    { timeout: 5_000 },
  );
  expect(complaints).toEqual([]);
  const policy = (await fetch(server.url)).headers.get('content-security-policy');
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toContain('unsafe');
  await context.close();
});

for (const days of [-366, 366]) {
  test(`the page goes by the server's time though the browser's is wrong by ${days} days`, async () => {
    const { page, context } = await watched(browser);
    await page.addInitScript(
      (offMs) => {
        const Right = Date;
        const wrongMs = () => Right.now() + offMs;
        class Wrong extends Right {
          constructor(...given: [] | [number]) {
            if (given.length === 0) super(wrongMs());
            else super(...given);
          }
          static override now = wrongMs;
        }
        Object.assign(window, { Date: Wrong });
      },
      nowMs() - Date.now() + days * DAY_MS,
    );
    await page.goto(`${server.url}/?r=1s`);
    await live(page);
    const shownMs = await page.evaluate(() => Date.now());
    expect(Math.abs(shownMs - nowMs())).toBeGreaterThan(365 * DAY_MS);
    expect(Math.abs((await look(page)).bars.at(-1)!.time - nowMs())).toBeLessThan(60_000);
    await page.getByText('no gaps').waitFor();
    const lag = page.locator('.status').getByText(/^\d+ ms$/);
    expect(Number.parseInt((await lag.textContent())!, 10)).toBeLessThan(60_000);
    const told = page.locator('.status').getByText(/^\d\d:\d\d:\d\d$/);
    const times = [0, 1, 2].map((ago) => nowMs() - ago * 60_000);
    const minutes = times.map((ms) => new Date(ms).toISOString().slice(11, 16));
    expect(minutes).toContain((await told.textContent())!.slice(0, 5));

    await page.keyboard.press('g');
    const here = await page.locator('#date').inputValue();
    expect(Math.abs(Date.parse(`${here}Z`) - nowMs())).toBeLessThan(60_000);
    await page.keyboard.press('Escape');
    await expectEqualToServer(page, server);
    await context.close();
  });
}

test('another resolution shows other bars at the same right edge', async () => {
  const { page, context } = await visit(browser, server.url);
  await page.getByRole('radio', { name: '5m', exact: true }).click();
  await live(page);
  const fives = await look(page);
  expect(fives.bars[1]!.time - fives.bars[0]!.time).toBe(300_000);
  expect(fives.isLive).toBe(true);

  await page.keyboard.press('g');
  await page.getByRole('button', { name: '−1d' }).click();
  await page.getByRole('button', { name: /Back to live/ }).waitFor();
  const before = (await look(page)).barsInView.at(-1)!.time;
  await page.keyboard.press('3');
  await page.waitForFunction(
    () => window.tickwell!.resolution === '1m' && window.tickwell!.isReady,
  );
  const after = (await look(page)).barsInView.at(-1)!.time;
  expect(Math.abs(after - before)).toBeLessThanOrEqual(300_000);

  await page.keyboard.press('End');
  await page.waitForFunction(() => window.tickwell!.isLive);
  await context.close();
});

test('what is typed finds instruments, and Enter opens the first', async () => {
  const { page, context } = await visit(browser, server.url);
  await page.keyboard.press('/');
  await page.keyboard.type('ticker_4');
  await page.getByText('10 of 100 instruments').waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => window.tickwell!.symbol === 'ticker_41');
  await live(page);
  await page.getByRole('heading', { name: 'ticker_41' }).waitFor();
  expect(new URL(page.url()).searchParams.get('s')).toBe('ticker_41');

  await context.close();
});

test('Back goes through the instruments that were chosen, at the time each was left', async () => {
  const { page, context } = await visit(browser, `${server.url}/?r=5m`);
  await page.keyboard.press('PageUp');
  await page.getByRole('button', { name: /Back to live/ }).waitFor();
  const left = await look(page);
  for (const symbol of ['ticker_03', 'ticker_05', 'ticker_09']) {
    await page.getByRole('option', { name: new RegExp(symbol) }).click();
    await page.waitForFunction((wanted) => window.tickwell!.symbol === wanted, symbol);
    await live(page);
    // The time stays while the instrument changes.
    expect(Math.abs((await look(page)).view.right - left.view.right)).toBeLessThanOrEqual(1);
  }
  await page.keyboard.press('End');
  await page.waitForFunction(() => window.tickwell!.isLive);
  for (const symbol of ['ticker_05', 'ticker_03', 'ticker_00']) {
    await page.goBack();
    await page.waitForFunction((wanted) => window.tickwell!.symbol === wanted, symbol);
    await live(page);
    const { view } = await look(page);
    expect(Math.abs(view.right - left.view.right)).toBeLessThanOrEqual(1);
    expect(Math.abs(view.left - left.view.left)).toBeLessThanOrEqual(1);
  }
  await page.goForward();
  await page.waitForFunction(() => window.tickwell!.symbol === 'ticker_03');
  await page.getByRole('heading', { name: 'ticker_03' }).waitFor();
  await context.close();
});

test('the theme follows the system until it is chosen, and the choice is kept', async () => {
  const { page, context } = await visit(browser, server.url, { colorScheme: 'light' });
  const theme = () => page.locator('html').getAttribute('data-theme');
  expect(await theme()).toBe('light');
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.locator('html[data-theme=dark]').waitFor();
  await page.getByRole('button', { name: 'Light theme' }).click();
  expect(await theme()).toBe('light');
  await page.reload();
  await live(page);
  expect(await theme()).toBe('light');
  await context.close();
});

test('a copied link shows the same view, both edges', async () => {
  const { page, context } = await visit(browser, `${server.url}/?s=ticker_07&r=5m&type=area`);
  await page.keyboard.press('PageUp');
  await page.getByRole('button', { name: /Back to live/ }).waitFor();
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('button', { name: 'Copy link' }).click();
  await page.getByText('Link copied.').waitFor();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  const before = await look(page);
  await context.close();

  const second = await visit(browser, link);
  const after = await look(second.page);
  expect(after.symbol).toBe('ticker_07');
  expect(after.resolution).toBe('5m');
  expect(Math.abs(after.view.right - before.view.right)).toBeLessThanOrEqual(1);
  expect(Math.abs(after.view.left - before.view.left)).toBeLessThanOrEqual(1);
  await second.page.getByRole('radio', { name: 'Area', checked: true }).waitFor();
  await second.context.close();
});

test('a link to an instrument that does not exist says so and shows the first', async () => {
  const { page, context } = await visit(browser, `${server.url}/?s=nothing`);
  await page.getByText('There is no instrument nothing.').waitFor();
  expect((await look(page)).symbol).toBe('ticker_00');
  await context.close();
});
