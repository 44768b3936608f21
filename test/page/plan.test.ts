import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseResolution } from '../../src/core/market/resolution.ts';
import {
  MOST_BARS,
  missingLeft,
  missingRight,
  TILE_BARS,
  tileFirst,
  tileOf,
  worthKeeping,
} from '../../src/page/chart/plan.ts';
import { type Bar, BarWindow } from '../../src/page/chart/window.ts';

const MINUTE = parseResolution('1m')!;

function windowOf(first: number, end: number, reachesHead = false): BarWindow {
  const bars = Array.from({ length: end - first }, () => ({}) as Bar);
  return new BarWindow(MINUTE, first, bars, reachesHead, Number.NaN);
}

test('a tile is 512 bars, also before the epoch', () => {
  expect([tileOf(0), tileOf(511), tileOf(512), tileOf(-1)]).toEqual([0, 0, 1, -1]);
  expect(tileFirst(3)).toBe(1_536);
});

test('older bars are wanted while less than 0.6 views and 80 bars are left of the view', () => {
  const window = windowOf(5_120, 6_144);
  expect(missingLeft(window, { left: 5_320, right: 5_420 }, 0)).toBeUndefined();
  expect(missingLeft(window, { left: 5_250, right: 5_350 }, 0)).toBe(9);
});

test('nothing is wanted before the first bar of the market, or after the newest', () => {
  expect(missingLeft(windowOf(5_200, 6_144), { left: 5_200, right: 5_300 }, 5_200)).toBeUndefined();
  expect(missingRight(windowOf(0, 700, true), { left: 600, right: 700 })).toBeUndefined();
  expect(missingRight(windowOf(0, 1_024), { left: 900, right: 1_000 })).toBe(2);
});

test('bars far from the view are let go in whole tiles, but not those close by', () => {
  const view = { left: 20_000, right: 20_100 };
  expect(worthKeeping(windowOf(17_408, 23_040), view)).toBeUndefined();
  const kept = worthKeeping(windowOf(10_240, 23_040), view)!;
  expect(kept.left % TILE_BARS).toBe(0);
  expect(view.left - kept.left).toBeGreaterThan(5 * TILE_BARS);
  expect(kept.right).toBeGreaterThan(view.right + 5 * TILE_BARS);
});

test('at every zoom a view comes to rest: what is let go is not what is fetched', () => {
  const spans = fc.integer({ min: 10, max: 6_000 });
  fc.assert(
    fc.property(spans, fc.integer({ min: -1e6, max: 1e8 }), (span, right) => {
      const view = { left: right - span, right };
      const window = windowOf(tileFirst(tileOf(view.left)), tileFirst(tileOf(right) + 1));
      for (let turn = 0; turn < 100; turn++) {
        const kept = worthKeeping(window, view);
        if (kept !== undefined) window.keep(kept.left, kept.right);
        const older = missingLeft(window, view, Number.NEGATIVE_INFINITY);
        const newer = missingRight(window, view);
        if (older === undefined && newer === undefined) return;
        const tile = windowOf(0, TILE_BARS).bars;
        if (older !== undefined) expect(window.prepend(tileFirst(older), tile)).toBe(true);
        if (newer !== undefined) expect(window.append(tileFirst(newer), tile, false)).toBe(true);
        expect(window.bars.length).toBeLessThanOrEqual(MOST_BARS);
      }
      throw new Error('it goes on for ever');
    }),
  );
});

test('what is kept has room for two more tiles, at every zoom', () => {
  const spans = fc.integer({ min: 10, max: 3_840 });
  fc.assert(
    fc.property(spans, fc.integer({ min: -1e6, max: 1e8 }), (span, right) => {
      const view = { left: right - span, right };
      const window = windowOf(tileFirst(tileOf(right - span) - 12), tileFirst(tileOf(right) + 12));
      const kept = worthKeeping(window, view)!;
      expect(kept.left).toBeLessThanOrEqual(view.left);
      expect(kept.right).toBeGreaterThan(view.right);
      expect(kept.right - kept.left).toBeLessThanOrEqual(MOST_BARS - 2 * TILE_BARS);
    }),
  );
});
