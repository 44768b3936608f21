import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  closeAll,
  launchBrowser,
  PAGE_DIST,
  startServer,
  type TestServer,
  visit,
} from './harness.ts';

const KB = 1024;

let browser: Browser;
let server: TestServer;

beforeAll(async () => {
  [browser, server] = await Promise.all([launchBrowser(), startServer()]);
});

afterAll(() => closeAll(browser));

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, deviceScaleFactor: 2 };

test('a phone shows the chart, and the list as a sheet that takes the focus and gives it back', async () => {
  const { page, leave } = await visit(browser, server.url, phone);
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
  const opener = page.getByRole('button', { name: 'Open the list of instruments' });
  await opener.click();
  await page.getByRole('button', { name: 'Close the list' }).waitFor();
  await expect.poll(focused).toBe('Close the list');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Close the list' }).waitFor({ state: 'hidden' });
  await expect.poll(focused).toBe('Open the list of instruments');
  await opener.click();
  await page.getByRole('option', { name: /ticker_05/ }).click();
  await page.waitForFunction(() => window.tickwell!.symbol === 'ticker_05');
  await page.getByRole('button', { name: 'Close the list' }).waitFor({ state: 'hidden' });
  await leave();
});

test('the sheet takes the focus though it is still hidden for some frames', async () => {
  const { page, leave } = await visit(browser, server.url, phone);
  await page.locator('.panel').evaluate((sheet: HTMLElement) => {
    sheet.style.transitionDelay = '150ms';
  });
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
  await page.getByRole('button', { name: 'Open the list of instruments' }).click();
  await expect.poll(focused).toBe('Close the list');
  await leave();
});

for (const width of [320, 390, 760, 761, 820, 870, 901, 1180, 1181, 1440]) {
  test(`nothing is cut off at ${width} pixels`, async () => {
    const viewport = { width, height: 720 };
    // A resolution of its own is the widest there is.
    const { page, leave } = await visit(browser, `${server.url}/?r=45m`, { viewport });
    const overflow = await page.evaluate(() =>
      [
        document.documentElement,
        ...document.querySelectorAll('.header, .quote, .status, .panel'),
      ].map((element) => element.scrollWidth - element.clientWidth),
    );
    expect(Math.max(...overflow)).toBeLessThanOrEqual(1);
    await leave();
  });
}

test('with reduced motion nothing fades, slides or grows', async () => {
  const motions = async (reducedMotion: 'reduce' | 'no-preference') => {
    const { page, leave } = await visit(browser, server.url, { ...phone, reducedMotion });
    await page.getByRole('button', { name: 'Open the list of instruments' }).tap();
    const rows = await page.evaluate(() => window.tickwell!.counters.rows);
    await page.waitForFunction((before) => window.tickwell!.counters.rows > before, rows);
    const found = await page.evaluate(() =>
      document
        .getAnimations()
        .map((animation) => animation.effect as KeyframeEffect)
        .filter((effect) => Number(effect.getComputedTiming().duration) > 1)
        .map(({ target }) => target!.className),
    );
    const sheet = await page.evaluate(
      () => getComputedStyle(document.querySelector('.panel')!).transitionDuration,
    );
    await leave();
    return { found, sheet };
  };
  expect(await motions('reduce')).toEqual({ found: [], sheet: '0s' });
  expect((await motions('no-preference')).sheet).not.toBe('0s');
});

test('ten thousand instruments fit in a thousand elements, to the last one', async () => {
  const big = await startServer(['--count', '10000']);
  const { page, leave, complaints } = await visit(browser, big.url);
  const count = () => page.evaluate(() => document.querySelectorAll('*').length);
  expect(await count()).toBeLessThanOrEqual(1_000);
  await page.locator('.rows').evaluate((list) => list.scrollTo(0, list.scrollHeight));
  await page.getByRole('option', { name: /ticker_9999/ }).waitFor();
  expect(await count()).toBeLessThanOrEqual(1_000);
  await page.keyboard.press('/');
  await page.keyboard.type('ticker_77');
  await page.getByText('of 10,000 instruments').waitFor();
  expect(complaints).toEqual([]);
  await leave();
  await big.kill();
});

test('the built page keeps to its size: what it begins with, and what comes later', () => {
  const files = readdirSync(PAGE_DIST, { recursive: true, encoding: 'utf8' });
  const html = readFileSync(join(PAGE_DIST, 'index.html'), 'utf8');
  const named = [...html.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map(([, name]) => name!);
  const sum = (chosen: readonly string[]) =>
    chosen.reduce((all, file) => all + gzipSync(readFileSync(join(PAGE_DIST, file))).length, 0);
  const atStart = (end: string) => sum(named.filter((file) => file.endsWith(end)));
  const ever = (end: string) => sum(files.filter((file) => file.endsWith(end)));
  expect(named).toHaveLength(4);
  // Each question names the market id of now, which changes while the page is open.
  expect(atStart('.js')).toBeLessThanOrEqual(93 * KB);
  expect(ever('.css')).toBe(atStart('.css'));
  expect(ever('.css')).toBeLessThanOrEqual(6 * KB);
  expect(sum(['index.html', ...named])).toBeLessThanOrEqual(100 * KB);
  // Right after the start: panels, that of the market and its marks among them, calendars and which
  // bars they close, what to say of problems, the clocks of zones, the plots, and the faulty stream.
  expect(ever('.js') - atStart('.js')).toBeLessThanOrEqual(40 * KB);
});
