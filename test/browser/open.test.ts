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
  const { page, leave, complaints } = await visit(browser, server.url);
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
  );
  expect(complaints).toEqual([]);
  const policy = (await fetch(server.url)).headers.get('content-security-policy');
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toContain('unsafe');
  await leave();
});

for (const days of [-366, 366]) {
  test(`the page goes by the server's time though the browser's is wrong by ${days} days`, async () => {
    const { page, leave } = await watched(browser);
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
    await leave();
  });
}

test('another resolution shows other bars at the same right edge', async () => {
  const { page, leave } = await visit(browser, server.url);
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
  await leave();
});

test('what is typed finds instruments, and Enter opens the first', async () => {
  const { page, leave } = await visit(browser, server.url);
  await page.keyboard.press('/');
  await page.keyboard.type('ticker_4');
  await page.getByText('10 of 100 instruments').waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => window.tickwell!.symbol === 'ticker_41');
  await live(page);
  await page.getByRole('heading', { name: 'ticker_41' }).waitFor();
  await page.waitForURL((url) => url.searchParams.get('s') === 'ticker_41');
  await leave();
});

test('Back goes through the instruments that were chosen, at the time each was left', async () => {
  const { page, leave } = await visit(browser, `${server.url}/?r=5m`);
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
  await leave();
});

test('the theme follows the system until it is chosen, and the choice is kept', async () => {
  const { page, leave } = await visit(browser, server.url, { colorScheme: 'light' });
  const theme = () => page.locator('html').getAttribute('data-theme');
  expect(await theme()).toBe('light');
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.locator('html[data-theme=dark]').waitFor();
  await page.getByRole('button', { name: 'Light theme' }).click();
  await expect.poll(theme).toBe('light');
  await page.reload();
  await live(page);
  expect(await theme()).toBe('light');
  await leave();
});

test('a copied link shows the same view, both edges', async () => {
  const { page, context, leave } = await visit(
    browser,
    `${server.url}/?s=ticker_07&r=5m&type=area`,
  );
  await page.keyboard.press('PageUp');
  await page.getByRole('button', { name: /Back to live/ }).waitFor();
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('button', { name: 'Copy link' }).click();
  await page.getByText('Link copied.').waitFor();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  const before = await look(page);
  await leave();

  const second = await visit(browser, link);
  const after = await look(second.page);
  expect(after.symbol).toBe('ticker_07');
  expect(after.resolution).toBe('5m');
  expect(Math.abs(after.view.right - before.view.right)).toBeLessThanOrEqual(1);
  expect(Math.abs(after.view.left - before.view.left)).toBeLessThanOrEqual(1);
  await second.page.getByRole('radio', { name: 'Area', checked: true }).waitFor();
  await second.leave();
});

test('a link that cannot be shown says why, shows the default, and is put right', async () => {
  const asked = 's=ticker_7&r=999ms&type=foo&volume=1&at=tomorrow&bars=-1&tz=mars&theme=blue';
  const { page, leave } = await visit(browser, `${server.url}/?${asked}&symbol=x&_=17`);
  const card = page.locator('.problems');
  await card.waitFor();
  expect(await card.locator('p').allTextContents()).toEqual([
    'There is no instrument "ticker_7", so ticker_00 is shown; did you mean "ticker_07"?',
    'There is no resolution "999ms", so 1m is taken; the narrowest is 1s, the time between two prices.',
    'There is no chart type "foo", so candles is taken; there are candles, line, area.',
    'There is no volume setting "1", so off is taken; there are on, off.',
    'There is no time "tomorrow", so the newest prices are shown; a time is written as 2026-11-01T12:00:00Z.',
    'There is no width of "-1" bars, so as many as fit are shown; it is a number, such as 120.',
    'There is no time zone "mars", so UTC is taken; there are utc, local, and names such as Europe/Paris.',
    'There is no theme "blue", so dark is taken; there are dark, light.',
    'There is no parameter "symbol", so it is left out; did you mean "s"?',
  ]);
  expect(await card.evaluate((element) => element.parentElement!.role)).toBe('status');
  const { symbol, resolution, isLive } = await look(page);
  expect({ symbol, resolution, isLive }).toEqual({
    symbol: 'ticker_00',
    resolution: '1m',
    isLive: true,
  });
  const query = () => new URL(page.url()).search;
  await expect.poll(query).toMatch(/^\?s=ticker_00&r=1m&bars=[\d.]+$/);

  // Back leads to the address as it was put right.
  await page.getByRole('option', { name: /ticker_05/ }).click();
  await page.waitForFunction(() => window.tickwell!.symbol === 'ticker_05');
  await page.goBack();
  await page.waitForFunction(() => window.tickwell!.symbol === 'ticker_00');
  await live(page);
  expect(query()).toContain('?s=ticker_00&r=1m');
  await card.waitFor({ state: 'hidden' });
  await leave();
});

test('what is wrong with an address stays on the page until it is closed, on a phone too', async () => {
  const phone = { viewport: { width: 390, height: 844 }, hasTouch: true };
  const { page, leave } = await visit(browser, `${server.url}/?r=abc&bars=99999`, phone);
  const card = page.locator('.problems');
  await card.getByText('There is no resolution "abc", so 1m is taken').waitFor();
  await card.getByText(/There is no width of "99999" bars, so \d+ are shown/).waitFor();
  const box = (await card.boundingBox())!;
  expect(box.x).toBeGreaterThanOrEqual(0);
  expect(box.x + box.width).toBeLessThanOrEqual(390);
  expect(box.y + box.height).toBeLessThan(400);
  await card.getByRole('button', { name: 'Close' }).tap();
  await card.waitFor({ state: 'hidden' });
  await leave();
});

test('a time before the market or after now is told so, from a link and from Go to date', async () => {
  const { page, leave } = await visit(browser, `${server.url}/?at=2000-01-01T00:00:00Z`);
  const card = page.locator('.problems');
  await card.getByText(/^There are no prices before .* UTC, so the first are shown\.$/).waitFor();
  const market = await (await fetch(`${server.url}/v1/market`)).json();
  const { barsInView } = await look(page);
  expect(barsInView[0]!.time - market.earliest).toBeLessThan(2 * 60_000);
  await page.keyboard.press('Escape');
  await card.waitFor({ state: 'hidden' });

  const goTo = async (time: string) => {
    await page.keyboard.press('g');
    await page.locator('#date').fill(time);
    await page.getByRole('button', { name: 'Go', exact: true }).click();
  };
  await goTo('2099-01-01T00:00:00');
  await card.getByText(/^There are no prices after now, .* so the newest are shown\.$/).waitFor();
  await page.waitForFunction(() => window.tickwell!.isLive && window.tickwell!.isReady);
  await goTo('1999-01-01T00:00:00');
  await card.getByText('There are no prices before').waitFor();
  await page.waitForFunction(() => !window.tickwell!.isLive && window.tickwell!.isReady);
  await goTo(new Date(nowMs() - DAY_MS).toISOString().slice(0, 19));
  await card.waitFor({ state: 'hidden' });
  await leave();
});
