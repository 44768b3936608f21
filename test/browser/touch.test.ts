import type { Browser, CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectConsecutive, expectOnlyBack, framesOfPast } from './bars.ts';
import {
  closeAll,
  launchBrowser,
  look,
  PAST,
  startServer,
  type TestServer,
  visit,
} from './harness.ts';

let browser: Browser;
let server: TestServer;

beforeAll(async () => {
  [browser, server] = await Promise.all([launchBrowser(), startServer(PAST)]);
});

afterAll(() => closeAll(browser));

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
type Point = readonly [x: number, y: number];

/** Fingers come down, move in `steps` painted frames to where they end, and leave. */
async function touch(
  page: Page,
  cdp: CDPSession,
  from: readonly Point[],
  to: readonly Point[],
  steps = 12,
): Promise<void> {
  const send = (type: 'touchStart' | 'touchMove' | 'touchEnd', part: number) =>
    cdp.send('Input.dispatchTouchEvent', {
      type,
      touchPoints:
        type === 'touchEnd'
          ? []
          : from.map(([x, y], finger) => ({
              id: finger,
              x: x + (to[finger][0] - x) * part,
              y: y + (to[finger][1] - y) * part,
            })),
    });
  await send('touchStart', 0);
  for (let step = 1; step <= steps; step++) {
    await send('touchMove', step / steps);
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
  await send('touchEnd', 1);
}

test('a finger drags back through history, as far as it likes and without a jump', async () => {
  const { page, context, leave, complaints } = await visit(browser, server.url, phone);
  const cdp = await context.newCDPSession(page);
  const drag = async () => {
    // It rests before it leaves: no flick, so that the distance is known.
    await touch(page, cdp, [[40, 400]], [[300, 410]]);
    await touch(page, cdp, [[300, 410]], [[300, 410]], 3);
  };
  const before = await look(page);
  const frames = await framesOfPast(page, drag);
  for (let more = 0; more < 13; more++) await drag();
  await page.waitForFunction(() => window.tickwell!.edge === 'idle');
  const { bars, view } = await look(page);
  expect(before.view.left - view.left).toBeGreaterThan(200);
  expectConsecutive(bars, 60_000);
  expectOnlyBack(await page.evaluate((from) => window.tickwell!.paintedLeft.slice(from), frames));
  await page.getByRole('button', { name: /Back to live/ }).tap();
  await page.waitForFunction(() => window.tickwell!.isLive);
  expect(complaints).toEqual([]);
  await leave();
});

test('two fingers zoom', async () => {
  const { page, context, leave } = await visit(browser, server.url, phone);
  const cdp = await context.newCDPSession(page);
  const span = async () => {
    const { left, right } = (await look(page)).view;
    return right - left;
  };
  const before = await span();
  const [near, far]: readonly (readonly Point[])[] = [
    [
      [140, 400],
      [180, 400],
    ],
    [
      [60, 400],
      [260, 400],
    ],
  ];
  await touch(page, cdp, near, far);
  await expect.poll(span).toBeLessThan(0.7 * before);
  const narrow = await span();
  await touch(page, cdp, far, near);
  await expect.poll(span).toBeGreaterThan(1.4 * narrow);
  await leave();
});

test('what a finger is meant to hit is at least 40 pixels wide and high', async () => {
  const { page, leave } = await visit(browser, server.url, phone);
  const small = () =>
    page.evaluate(() =>
      [...document.querySelectorAll('button, [role=option], input')]
        .filter((element) => (element as HTMLElement).checkVisibility({ visibilityProperty: true }))
        .map((element) => {
          const { width, height } = element.getBoundingClientRect();
          const after = getComputedStyle(element, '::after');
          // A thin line may be easier to hit than it looks.
          const [more, wider] =
            after.content === 'none'
              ? [0, 0]
              : [after.top, after.left].map((inset) => -2 * Number.parseFloat(inset));
          return { name: element.textContent, width: width + wider, height: height + more };
        })
        .filter(({ width, height }) => width < 40 || height < 40),
    );
  expect(await small()).toEqual([]);
  await page.getByRole('button', { name: 'Open the list of instruments' }).tap();
  await page.getByRole('button', { name: 'Close the list' }).waitFor();
  expect(await small()).toEqual([]);
  await page.getByRole('button', { name: 'Close the list' }).tap();
  for (const name of ['Go to date', 'Other resolution']) {
    await page.getByRole('button', { name }).tap();
    await page.getByRole('dialog').waitFor();
    expect(await small()).toEqual([]);
    const sizes = await page
      .locator('.popover input')
      .evaluateAll((inputs) => inputs.map((input) => getComputedStyle(input).fontSize));
    expect(sizes).toEqual(['16px']);
    await page.keyboard.press('Escape');
  }
  await leave();
});

test('a phone that is turned with its list open shows both, and both work', async () => {
  const { page, leave } = await visit(browser, server.url, phone);
  await page.getByRole('button', { name: 'Open the list of instruments' }).tap();
  await page.getByRole('button', { name: 'Close the list' }).waitFor();
  await page.setViewportSize({ width: 844, height: 390 });
  await page.getByRole('button', { name: 'Go to date' }).tap();
  await page.getByRole('dialog', { name: 'Go to date' }).waitFor();
  await leave();
});

test('a phone that is turned with its list closed follows the prices beside the chart', async () => {
  const { page, leave } = await visit(browser, server.url, phone);
  await page.setViewportSize({ width: 844, height: 390 });
  // That of the chart is streamed in any case.
  const prices = () => page.locator('#instruments [aria-selected="false"]').allInnerTexts();
  const turned = await prices();
  await expect.poll(prices).not.toEqual(turned);
  const later = await prices();
  await expect.poll(prices).not.toEqual(later);
  await leave();
});

test('a tap beside a dialog closes it, and presses nothing else', async () => {
  const { page, leave } = await visit(browser, server.url, {
    viewport: { width: 1024, height: 768 },
    hasTouch: true,
  });
  await page.keyboard.press('?');
  await page.getByRole('dialog').waitFor();
  await page.touchscreen.tap(100, 300);
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.evaluate(() => new Promise(requestAnimationFrame));
  expect((await look(page)).symbol).toBe('ticker_00');
  await leave();
});
