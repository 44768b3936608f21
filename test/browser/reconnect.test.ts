import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectEqualToServer } from './bars.ts';
import { closeAll, launchBrowser, live, look, startServer, visit } from './harness.ts';

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

test('a server that is killed and comes back leaves no gap, and the toast is true', {
  timeout: 50_000,
}, async () => {
  const first = await startServer();
  const port = Number(new URL(first.url).port);
  const { page, context } = await visit(browser, `${first.url}/?r=1s`);
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
  await expect.poll(() => Date.now() - missing, { timeout: 8_000 }).toBeGreaterThan(4_000);

  const second = await startServer([], port);
  // The back-off decides when: by now it may wait for up to sixteen seconds.
  await page.waitForFunction(() => window.tickwell!.state === 'live', null, { timeout: 20_000 });
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
  await context.close();
  await second.kill();
});

test('a view of the past does not move when the server comes back', async () => {
  const first = await startServer();
  const port = Number(new URL(first.url).port);
  const { page, context } = await visit(browser, `${first.url}/?r=1s`);
  await page.keyboard.press('PageUp');
  await page.getByRole('button', { name: /Back to live/ }).waitFor();
  await first.kill();
  await away(page);
  const before = await page.evaluate(() => ({
    view: window.tickwell!.view,
    frames: window.tickwell!.paintedLeft.length,
  }));
  const second = await startServer([], port);
  await wake(page);
  await live(page);
  await expectEqualToServer(page, second);
  const painted = await page.evaluate(
    (from) => window.tickwell!.paintedLeft.slice(from),
    before.frames,
  );
  for (const left of painted) expect(left).toBeCloseTo(before.view.left, 6);
  await context.close();
  await second.kill();
});

test('a server with another market is refused, and nothing of it is drawn', async () => {
  const first = await startServer();
  const port = Number(new URL(first.url).port);
  const { page, context } = await visit(browser, first.url);
  await first.kill();
  await away(page);
  const before = await page.evaluate(() => window.tickwell!.bars);
  const second = await startServer(['--seed', '2'], port);
  await wake(page);
  await page.getByText('Another market is running here').waitFor();
  expect(await page.evaluate(() => window.tickwell!.state)).toBe('refused');
  expect(await page.evaluate(() => window.tickwell!.bars)).toEqual(before);
  await page.getByRole('button', { name: 'Reload' }).click();
  await live(page);
  await context.close();
  await second.kill();
});
