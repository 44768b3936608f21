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
  watched,
} from './harness.ts';

let browser: Browser;
let server: TestServer;

beforeAll(async () => {
  [browser, server] = await Promise.all([launchBrowser(), startServer(PAST)]);
});

afterAll(() => closeAll(browser));

/** Days are asked for in pieces; each waits until it is let through. */
async function slowed() {
  const { page, leave } = await watched(browser);
  const waiting: (() => void)[] = [];
  let asked = 0;
  let most = 0;
  await page.route('**/v1/candles**', async (route) => {
    if (new URL(route.request().url()).searchParams.get('resolution') !== '1d') {
      await route.continue();
      return;
    }
    asked += 1;
    most = Math.max(most, waiting.length + 1);
    await new Promise<void>((resolve) => waiting.push(resolve));
    await route.continue().catch(() => {});
  });
  return {
    page,
    leave,
    next: () => waiting.shift()?.(),
    asked: () => asked,
    mostAtOnce: () => most,
  };
}

const shown = (page: Page) => page.locator('.cover .progress').textContent();

test('bars that take long come piece by piece, and the page says how much of them is there', async () => {
  const { page, leave, next, asked, mostAtOnce } = await slowed();
  await page.goto(`${server.url}/?r=1d`);
  await expect.poll(() => shown(page)).toBe('Loading history, 0 %');
  await page.waitForFunction(() => window.tickwell !== undefined);
  await expect.poll(asked).toBe(1);
  const isReady = () => page.evaluate(() => window.tickwell!.isReady);
  const parts: number[] = [];
  // What is asked for once it is ready lies beside the view.
  for (let piece = 1; !(await isReady()); piece++) {
    // The piece that was asked for waits, so nothing changes while it is looked at.
    const part = (await page.evaluate(() => window.tickwell!.progress))!;
    await expect.poll(() => shown(page)).toBe(`Loading history, ${Math.round(100 * part)} %`);
    parts.push(part);
    expect(mostAtOnce()).toBe(1);
    next();
    await expect.poll(async () => asked() > piece || (await isReady())).toBe(true);
  }
  expect(parts.length).toBeGreaterThan(3);
  expect(parts).toEqual(parts.map((_, piece) => expect.closeTo(piece / parts.length, 6)));
  await live(page);
  await expect.poll(() => page.locator('.cover .progress').count()).toBe(0);
  await expectEqualToServer(page, server);
  await leave();
});

test('who chooses something else meanwhile does not wait for the rest', async () => {
  const { page, leave, next, asked } = await slowed();
  await page.goto(`${server.url}/?r=1d`);
  await expect.poll(() => shown(page)).toBe('Loading history, 0 %');
  await expect.poll(asked).toBe(1);
  next();
  await expect.poll(asked).toBe(2);
  await page.keyboard.press('3');
  await live(page);
  next();
  await page.getByText('no gaps').waitFor();
  expect(asked()).toBe(2);
  expect(await page.evaluate(() => window.tickwell!.progress)).toBeUndefined();
  await expectEqualToServer(page, server);
  await leave();
});
