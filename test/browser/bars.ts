import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { look, type TestServer } from './harness.ts';

/** Every bar follows the one before it: none is missing, none is there twice. */
export function expectConsecutive(bars: readonly { time: number }[], stepMs: number): void {
  const times = bars.map(({ time }) => time);
  expect(times).toEqual(times.map((_, index) => times[0]! + index * stepMs));
}

/** Every bar in view is what the server says, but for the one that is being made, and so drawn. */
export async function expectEqualToServer(page: Page, server: TestServer): Promise<void> {
  // What has come since the last frame is drawn in the next.
  await page.waitForFunction(() => window.tickwell!.isDrawn);
  const { symbol, resolution, barsInView } = await look(page);
  const hasVolume = await page.evaluate(() => window.tickwell!.hasVolume);
  const from = barsInView[0]!.time;
  const count = barsInView.length - 1;
  expect(count).toBeGreaterThan(10);
  const query = new URLSearchParams({ symbol, resolution, from: `${from}`, count: `${count}` });
  if (hasVolume) query.set('fields', 'volume');
  const answer = await (await fetch(`${server.url}/v1/candles?${query}`)).json();
  const ours = barsInView.slice(0, -1);
  expect(ours.map(({ time }) => time)).toEqual(answer.time);
  for (const key of ['open', 'high', 'low', 'close'] as const) {
    expect(ours.map((bar) => bar[key])).toEqual(answer[key]);
  }
  if (hasVolume) expect(ours.map(({ volume }) => volume)).toEqual(answer.volume);
}

/**
 * Frames painted so far, once the view has been moved away from the newest bar: before that, every
 * bar that is made moves it towards the present.
 */
export async function framesOfPast(page: Page, move: () => Promise<void>): Promise<number> {
  const isPast = () => page.evaluate(() => !window.tickwell!.isLive && window.tickwell!.isPainted);
  // A chart that was made a moment ago may not listen to a hand yet.
  do await move();
  while (!(await isPast()));
  return page.evaluate(() => window.tickwell!.paintedLeft.length);
}

/** The left edge of the view, frame by frame, never moves towards the present. */
export function expectOnlyBack(painted: readonly number[]): void {
  for (let frame = 1; frame < painted.length; frame++) {
    expect(painted[frame]! - painted[frame - 1]!).toBeLessThanOrEqual(1e-6);
  }
}

/** One wheel event per painted frame, as a hand would make them. */
export async function wheel(page: Page, turns: number, deltaY: number): Promise<void> {
  await page.evaluate(
    async ({ count, delta }) => {
      const host = document.querySelector('.chart-host')!;
      for (let turn = 0; turn < count; turn++) {
        const where = { clientX: 900, clientY: 400, bubbles: true, cancelable: true };
        host.dispatchEvent(new WheelEvent('wheel', { deltaY: delta, ...where }));
        await new Promise(requestAnimationFrame);
      }
    },
    { count: turns, delta: deltaY },
  );
}
