import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectConsecutive, expectEqualToServer } from './bars.ts';
import {
  closeAll,
  launchBrowser,
  live,
  look,
  nowMs,
  PAST,
  passUnseen,
  startServer,
  visit,
} from './harness.ts';

let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
});

afterAll(() => closeAll(browser));

/** Come back now rather than when the back-off says, as when the network is back. */
async function wake(page: Page): Promise<void> {
  await page.evaluate(() => dispatchEvent(new Event('online')));
}

const away = (page: Page) => page.waitForFunction(() => window.tickwell!.state === 'reconnecting');

test('a server that is killed and comes back leaves no gap, and the toast is true', async () => {
  const first = await startServer(PAST);
  const port = Number(new URL(first.url).port);
  const { page, leave } = await visit(browser, `${first.url}/?r=1s`);
  await first.kill();
  await away(page);
  await page.getByText('Connection lost, reconnecting').waitFor();
  await page.getByText('pending').waitFor();

  // History in the chart stays usable meanwhile.
  const { view } = await look(page);
  await page.mouse.move(900, 400);
  await page.mouse.wheel(0, -300);
  await page.waitForFunction((left) => window.tickwell!.view.left < left, view.left);
  await page.keyboard.press('End');
  const missing = await page.evaluate(() => window.tickwell!.bars.at(-1)!.time);
  passUnseen(Math.max(0, missing + 6_000 - nowMs()));

  const second = await startServer(PAST, port);
  // The back-off decides when: by now it may wait for up to sixteen seconds.
  await page.waitForFunction(() => window.tickwell!.state === 'live');
  await page.waitForFunction((time) => window.tickwell!.bars.at(-1)!.time > time + 4_000, missing);
  const { counters, isLive } = await look(page);
  expect(isLive).toBe(true);
  expect(counters).toMatchObject({ gaps: 0, duplicates: 0, reconnects: 1 });
  expect(counters.rowsRestored).toBeGreaterThanOrEqual(4);
  const subscribed = await page.evaluate(() => window.tickwell!.subscribed.length);
  await page
    .getByText(`${(counters.rowsRestored * subscribed).toLocaleString('en')} missed ticks restored`)
    .waitFor();
  await expectEqualToServer(page, second);
  await leave();
  await second.kill();
});

test('a view of the past does not move when the server comes back', async () => {
  const first = await startServer(PAST);
  const port = Number(new URL(first.url).port);
  const { page, leave } = await visit(browser, `${first.url}/?r=1s`);
  await page.keyboard.press('PageUp');
  await page.getByRole('button', { name: /Back to live/ }).waitFor();
  await first.kill();
  await away(page);
  const before = await page.evaluate(() => ({
    view: window.tickwell!.view,
    frames: window.tickwell!.paintedLeft.length,
    newest: window.tickwell!.bars.at(-1)!.time,
  }));
  const second = await startServer(PAST, port);
  await wake(page);
  await live(page);
  await page.waitForFunction((time) => window.tickwell!.bars.at(-1)!.time > time, before.newest);
  await expectEqualToServer(page, second);
  // What does not move need not be painted anew: colours that change have it painted.
  const frames = await page.evaluate(() => window.tickwell!.paintedLeft.length);
  await page.keyboard.press('t');
  await page.waitForFunction((count) => window.tickwell!.paintedLeft.length > count, frames);
  const painted = await page.evaluate(
    (from) => window.tickwell!.paintedLeft.slice(from),
    before.frames,
  );
  for (const left of painted) expect(left).toBeCloseTo(before.view.left, 6);
  await leave();
  await second.kill();
});

test('a server with another market is refused; after a reload there is nothing but that one', async () => {
  const first = await startServer(PAST);
  const port = Number(new URL(first.url).port);
  const { page, leave } = await visit(browser, first.url);
  await first.kill();
  await away(page);
  const { bars: before } = await look(page);
  const second = await startServer([...PAST, '--seed', '2'], port);
  await wake(page);
  await page.getByText('Another market is running here').waitFor();
  expect(await page.evaluate(() => window.tickwell!.state)).toBe('refused');
  expect((await look(page)).bars).toEqual(before);
  // It does not come back by itself.
  await wake(page);
  expect(await page.evaluate(() => window.tickwell!.state)).toBe('refused');
  await page.getByRole('button', { name: 'Reload' }).click();
  await page.waitForFunction(() => window.tickwell?.state === 'live');
  await live(page);
  await expectEqualToServer(page, second);
  await leave();
  await second.kill();
});

test('killed before the turn of a bar and back after it, no bar of either width is wrong', async () => {
  const first = await startServer(PAST);
  const port = Number(new URL(first.url).port);
  const widths = [
    ['1s', 1_000],
    ['20s', 20_000],
  ] as const;
  const visits = await Promise.all(
    widths.map(([text]) => visit(browser, `${first.url}/?r=${text}`)),
  );
  const turnMs = 20_000 * Math.ceil(nowMs() / 20_000);
  await first.kill();
  await Promise.all(visits.map(({ page }) => away(page)));
  passUnseen(Math.max(0, turnMs + 2_000 - nowMs()));
  const second = await startServer(PAST, port);
  for (const [index, [, stepMs]] of widths.entries()) {
    const { page, leave } = visits[index];
    await page.bringToFront();
    await wake(page);
    await page.waitForFunction(() => window.tickwell!.state === 'live');
    await page.waitForFunction((ms) => window.tickwell!.bars.at(-1)!.time >= ms, turnMs);
    await page.waitForFunction(() => window.tickwell!.isLive && window.tickwell!.isPainted);
    const { bars, counters } = await look(page);
    // It may have come back by itself before it was woken.
    expect(counters).toMatchObject({ gaps: 0, duplicates: 0 });
    expect(counters.reconnects).toBeGreaterThanOrEqual(1);
    expectConsecutive(bars, stepMs);
    await expectEqualToServer(page, second);
    await leave();
  }
  await second.kill();
});

test('a jump that fails without a server leaves the bars that are there, and the way back to live', async () => {
  const first = await startServer(PAST);
  const port = Number(new URL(first.url).port);
  const { page, leave } = await visit(browser, `${first.url}/?r=1s`);
  const { bars } = await look(page);
  await first.kill();
  await away(page);
  await page.keyboard.press('g');
  await page.getByRole('button', { name: '−1d' }).click();
  await page.getByText('More bars could not be loaded').waitFor();
  expect((await look(page)).barsInView.length).toBeGreaterThan(50);
  await page.keyboard.press('PageUp');
  await page.keyboard.press('End');
  await page.waitForFunction(() => window.tickwell!.isLive);
  expect((await look(page)).bars.at(-1)!.time).toBeGreaterThanOrEqual(bars.at(-1)!.time);

  // Another resolution is not there at all; it comes by itself with the server.
  await page.keyboard.press('3');
  await page.getByText('History could not be loaded').waitFor();
  expect(await page.getByText('Live prices go on').count()).toBe(0);
  const second = await startServer(PAST, port);
  await wake(page);
  await live(page);
  await expectEqualToServer(page, second);
  await leave();
  await second.kill();
});
