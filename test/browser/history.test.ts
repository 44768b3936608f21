import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  expectConsecutive,
  expectEqualToServer,
  expectOnlyBack,
  framesOfPast,
  wheel,
} from './bars.ts';
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

test('the wheel goes back through history without a jump, and the chart stays small', async () => {
  const { page, leave, complaints } = await visit(browser, server.url);
  const frames = await framesOfPast(page, () => wheel(page, 20, -400));
  const before = await look(page);
  const untilMs = Date.now() + 40_000;
  let after = before;
  // A hand turns faster than history comes to a busy machine.
  while (before.view.left - after.view.left <= 2_000 && Date.now() < untilMs) {
    await wheel(page, 120, -400);
    await page.waitForFunction(() => window.tickwell!.edge === 'idle');
    after = await look(page);
  }
  expect(before.view.left - after.view.left).toBeGreaterThan(2_000);
  expect(after.isLive).toBe(false);
  expectConsecutive(after.bars, 60_000);
  expect(after.bars.length).toBeLessThanOrEqual(10_000);
  expect(after.barsInView.length).toBeGreaterThan(100);

  const painted = await page.evaluate((from) => window.tickwell!.paintedLeft.slice(from), frames);
  expect(painted.length).toBeGreaterThan(60);
  expectOnlyBack(painted);

  await wheel(page, 40, 400);
  expectConsecutive((await look(page)).bars, 60_000);
  await page.getByRole('button', { name: /Back to live/ }).click();
  await page.waitForFunction(() => window.tickwell!.isLive && window.tickwell!.isReady);
  expect(complaints).toEqual([]);
  await leave();
});

test('years of hours are scrolled through, to the first one, without a jump', async () => {
  const origin = '2022-01-01T00:00:00Z';
  const old = await startServer(['--origin', origin, '--count', '2']);
  const { page, leave } = await visit(browser, `${old.url}/?r=1h&bars=1100`);
  const frames = await framesOfPast(page, () => wheel(page, 20, -400));
  const oldest = () => page.evaluate(() => window.tickwell!.barsInView[0]!.time);
  const untilMs = Date.now() + 90_000;
  let most = 0;
  while ((await oldest()) > Date.parse(origin) && Date.now() < untilMs) {
    await wheel(page, 20, -1_000);
    const { bars } = await look(page);
    expectConsecutive(bars, 3_600_000);
    most = Math.max(most, bars.length);
  }
  expect(await oldest()).toBe(Date.parse(origin));
  expect(most).toBeLessThanOrEqual(10_000);
  expectOnlyBack(await page.evaluate((from) => window.tickwell!.paintedLeft.slice(from), frames));
  await leave();
  await old.kill();
});

test('dragging goes back through history as well', async () => {
  const { page, leave } = await visit(browser, `${server.url}/?r=1s`);
  for (let drag = 0; drag < 4; drag++) {
    await page.mouse.move(500, 400);
    await page.mouse.down();
    await page.mouse.move(1250, 420, { steps: 12 });
    await page.mouse.up();
  }
  await page.waitForFunction(() => window.tickwell!.isPainted);
  const { bars, view, isLive } = await look(page);
  expect(isLive).toBe(false);
  expectConsecutive(bars, 1_000);

  // Time goes on while the view is of the past: it does not move.
  const newest = await page.evaluate(() => window.tickwell!.bars.at(-1)!.time);
  await page.waitForFunction((time) => window.tickwell!.bars.at(-1)!.time > time, newest);
  expect((await look(page)).view.left).toBeCloseTo(view.left, 6);
  await leave();
});

test('new bars wait until the hand has left, and are all there then', async () => {
  const { page, leave } = await visit(browser, `${server.url}/?r=1s`);
  await page.mouse.move(900, 400);
  await page.mouse.down();
  await page.mouse.move(903, 400, { steps: 3 });
  await page.waitForFunction(() => window.tickwell!.isPainted);
  const held = await look(page);
  const frames = (await page.evaluate(() => window.tickwell!.paintedLeft)).length;
  const newest = held.bars.at(-1)!.time;
  await page.waitForFunction((time) => window.tickwell!.bars.at(-1)!.time >= time + 2_000, newest);
  const painted = await page.evaluate((from) => window.tickwell!.paintedLeft.slice(from), frames);
  for (const left of painted) expect(left).toBeCloseTo(held.view.left, 6);
  expect((await look(page)).isLive).toBe(true);

  await page.mouse.up();
  await page.waitForFunction((left) => window.tickwell!.view.left >= left + 2, held.view.left);
  await expectEqualToServer(page, server);
  await leave();
});

test('what is redrawn in other colours, times or forms is what is there, in the same place', async () => {
  // Several rows to a bar: the newest one changes before it is done.
  const fast = await startServer([...PAST, '--interval', '200ms', '--count', '3']);
  const { page, leave } = await visit(browser, `${fast.url}/?r=1s`);
  await wheel(page, 20, -400);
  await page.keyboard.press('End');
  await page.waitForFunction(() => window.tickwell!.isLive);
  // Bars that came one by one.
  const newest = (await look(page)).bars.at(-1)!.time;
  await page.waitForFunction((time) => window.tickwell!.bars.at(-1)!.time >= time + 3_000, newest);
  // However many bars are made in between, the newest one stays where it is on the screen.
  const room = async () => {
    const { bars, view } = await look(page);
    return view.right - bars.at(-1)!.time / 1_000;
  };
  const before = await room();
  for (const key of ['u', 't', 'l', 'a', 'c', 'u', 't']) {
    const frames = (await page.evaluate(() => window.tickwell!.paintedLeft)).length;
    await page.keyboard.press(key);
    await page.waitForFunction((count) => window.tickwell!.paintedLeft.length > count + 2, frames);
    await expectEqualToServer(page, fast);
    expect((await look(page)).isLive).toBe(true);
    // One may be known and not drawn yet.
    await expect.poll(async () => Math.abs((await room()) - before)).toBeLessThan(0.5);
  }
  await leave();
  await fast.kill();
});

test('bars far behind the view are let go, and nobody sees it', async () => {
  const { page, leave } = await visit(browser, `${server.url}/?bars=1000`);
  const drag = async () => {
    await page.mouse.move(480, 400);
    await page.mouse.down();
    await page.mouse.move(1300, 420, { steps: 8 });
    await page.mouse.up();
  };
  const newest = (await look(page)).bars.at(-1)!.time;
  const frames = await framesOfPast(page, drag);
  const lefts = [(await look(page)).view.left];
  for (let more = 0; more < 8; more++) {
    await drag();
    lefts.push((await look(page)).view.left);
  }
  await page.waitForFunction((time) => window.tickwell!.bars.at(-1)!.time < time, newest);
  await page.waitForFunction(() => window.tickwell!.isPainted);
  const { bars, view } = await look(page);
  expectConsecutive(bars, 60_000);
  expect(bars.length).toBeLessThanOrEqual(10_000);
  // The hand went the same way each time: so did the view, with or without bars let go.
  const step = lefts[0]! - lefts[1]!;
  for (const [drags, left] of lefts.entries()) {
    expect(Math.abs(lefts[0]! - left - drags * step)).toBeLessThan(5);
  }
  expect(view.left).toBeCloseTo(lefts.at(-1)!, 6);
  expectOnlyBack(await page.evaluate((from) => window.tickwell!.paintedLeft.slice(from), frames));
  await leave();
});

test('a date years ago, before the first day and in the future are all answered', async () => {
  const origin = '2015-01-01T00:00:00Z';
  const old = await startServer(['--origin', origin, '--count', '5']);
  const { page, leave } = await visit(browser, `${old.url}/?at=2019-05-06T07:08:00Z&bars=100`);
  const there = await look(page);
  expect(there.barsInView.at(-1)!.time).toBe(Date.parse('2019-05-06T07:08:00Z'));
  expect(there.barsInView.length).toBeGreaterThanOrEqual(99);
  expectConsecutive(there.bars, 60_000);

  const goTo = async (when: string) => {
    await page.keyboard.press('g');
    await page.locator('#date').fill(when);
    await page.keyboard.press('Enter');
  };
  await goTo('1999-12-31T23:59:59');
  await page.waitForFunction(
    (ms) => window.tickwell!.isReady && window.tickwell!.barsInView[0]?.time === ms,
    Date.parse(origin),
  );
  await page.keyboard.press('End');
  await page.waitForFunction(() => window.tickwell!.isLive && window.tickwell!.isReady);
  await goTo('2015-01-01T00:30:00');
  await page.waitForFunction(
    (ms) => window.tickwell!.isReady && window.tickwell!.barsInView[0]?.time === ms,
    Date.parse(origin),
  );
  await wheel(page, 5, -400);
  expect((await look(page)).barsInView[0]!.time).toBe(Date.parse(origin));

  await goTo('2099-01-01T00:00:00');
  await page.waitForFunction(() => window.tickwell!.isLive && window.tickwell!.isReady);
  await leave();
  await old.kill();
});

test('Ctrl and the wheel zoom around the pointer', async () => {
  const { page, leave } = await visit(browser, server.url);
  const { view } = await look(page);
  const span = view.right - view.left;
  await page.mouse.move(900, 400);
  await page.keyboard.down('Control');
  await page.mouse.wheel(0, -300);
  await page.keyboard.up('Control');
  await page.waitForFunction(
    (before) => window.tickwell!.view.right - window.tickwell!.view.left < 0.7 * before,
    span,
  );
  await leave();
});
