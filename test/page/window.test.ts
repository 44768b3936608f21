import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseResolution } from '../../src/core/market/resolution.ts';
import { type Bar, BarWindow } from '../../src/page/chart/window.ts';
import { barAt, barStartMs } from '../../src/page/time/resolution.ts';

const MINUTE = parseResolution('1m')!;
const bar = (number: number, ticks = number): Bar => ({
  time: barStartMs(MINUTE, number),
  open: ticks,
  high: ticks,
  low: ticks,
  close: ticks,
});
const bars = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => bar(from + index));
/** A window of minutes that ends with the row of time `until`. */
const windowOf = (from: number, to: number, reachesHead: boolean, until = Number.NaN) =>
  new BarWindow(MINUTE, from, bars(from, to), reachesHead, until);

test('bars are found by their number', () => {
  const window = windowOf(100, 110, false);
  expect(window.end).toBe(110);
  expect(window.at(103)!.open).toBe(103);
  expect(window.at(110)).toBeUndefined();
});

test('only neighbours are taken, on either side', () => {
  const window = windowOf(100, 110, false);
  expect(window.prepend(80, bars(80, 99))).toBe(false);
  expect(window.prepend(80, bars(80, 100))).toBe(true);
  expect(window.append(111, bars(111, 120), true)).toBe(false);
  expect(window.append(110, bars(110, 120), true)).toBe(true);
  expect(window.bars.map(({ open }) => open)).toEqual(bars(80, 120).map(({ open }) => open));
});

test('letting go of the newest bars gives up the head', () => {
  const window = windowOf(100, 200, true);
  window.keep(110, 200);
  expect(window.reachesHead).toBe(true);
  window.keep(110, 150);
  expect([window.first, window.end, window.reachesHead]).toEqual([110, 150, false]);
});

test('rows fold into the newest bar, and open the next one', () => {
  const start = barStartMs(MINUTE, 100);
  const window = windowOf(100, 101, true, start);
  expect(window.take(start, start + 3_000, [90, 120, 110])).toBe(true);
  expect(window.at(100)).toMatchObject({ open: 100, high: 120, low: 90, close: 110 });
  const rest = Array.from({ length: 57 }, (_, row) => (row === 56 ? 7 : 100));
  expect(window.take(start + 3_000, start + 60_000, rest)).toBe(true);
  expect(window.bars.slice(1)).toEqual([bar(101, 7)]);
  expect(window.until).toBe(start + 60_000);
});

test('rows that are in it already change nothing, not even the close', () => {
  const start = barStartMs(MINUTE, 100);
  const window = windowOf(100, 101, true, start + 10_000);
  expect(window.take(start + 5_000, start + 9_000, [1, 2, 3, 4])).toBe(true);
  expect(window.take(start + 8_000, start + 10_000, [1, 2])).toBe(true);
  expect(window.bars).toEqual(bars(100, 101));
  expect(window.take(start + 9_000, start + 11_000, [1, 99])).toBe(true);
  expect(window.at(100)).toMatchObject({ low: 99, close: 99 });
});

test('rows that do not follow are a hole, and nothing of them is taken', () => {
  const start = barStartMs(MINUTE, 100);
  const window = windowOf(100, 101, true, start);
  expect(window.take(start + 1_000, start + 2_000, [50])).toBe(false);
  expect(window.bars).toEqual(bars(100, 101));
  expect(window.take(start, start + 2_000, [60, 50])).toBe(true);
  expect(window.at(100)!.close).toBe(50);
});

test('history is left alone by rows', () => {
  const window = windowOf(100, 110, false);
  expect(window.take(barStartMs(MINUTE, 110), barStartMs(MINUTE, 111), [1])).toBe(true);
  expect(window.bars).toEqual(bars(100, 110));
});

test('the first row of a market makes its first bar', () => {
  const first = barStartMs(MINUTE, 500) + 3_000;
  const window = new BarWindow(MINUTE, 0, [], true, first - 1_000);
  expect(window.take(first - 1_000, first, [42])).toBe(true);
  expect([window.first, window.bars]).toEqual([500, [bar(500, 42)]]);
});

test('frames in any pieces, some of them twice or late, make the bars of the rows', () => {
  const prices = fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 1, maxLength: 400 });
  const pieces = fc.array(fc.tuple(fc.nat(399), fc.integer({ min: 1, max: 90 })), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(prices, pieces, (ticks, frames) => {
      const start = barStartMs(MINUTE, 1_000) + 17_000;
      const timeOf = (row: number) => start + row * 1_000;
      const window = new BarWindow(MINUTE, 0, [], true, timeOf(-1));
      let held = 0;
      for (const [from, count] of [...frames, [held, ticks.length] as const]) {
        const rows = ticks.slice(from, from + count);
        if (rows.length === 0) continue;
        const isWhole = window.take(timeOf(from - 1), timeOf(from + rows.length - 1), rows);
        expect(isWhole).toBe(from <= held);
        if (isWhole) held = Math.max(held, from + rows.length);
        expect(window.until).toBe(timeOf(held - 1));
        expect(window.bars).toEqual(barsOf(ticks.slice(0, held), timeOf));
      }
    }),
  );
});

/** Row by row, as the definition of a bar says. */
function barsOf(ticks: readonly number[], timeOf: (row: number) => number): Bar[] {
  const rows = new Map<number, number[]>();
  ticks.forEach((price, row) => {
    const number = barAt(MINUTE, timeOf(row));
    rows.set(number, [...(rows.get(number) ?? []), price]);
  });
  return [...rows].map(([number, own]) => ({
    time: barStartMs(MINUTE, number),
    open: own[0]!,
    high: Math.max(...own),
    low: Math.min(...own),
    close: own.at(-1)!,
  }));
}

/** A window with volumes; its one bar has 5 lots, of the rows until its start. */
function windowWithVolume() {
  const start = barStartMs(MINUTE, 100);
  const [first] = bars(100, 101);
  return {
    start,
    window: new BarWindow(MINUTE, 100, [{ ...first!, volume: 5 }], true, start, true),
  };
}

test('volumes are added to the bars of their rows, once, as far as the bars have come', () => {
  const { start, window } = windowWithVolume();
  window.take(start, start + 61_000, Array(61).fill(100));
  const lots = Array.from({ length: 80 }, (_, row) => row + 1);
  expect(window.takeVolume(start, start + 80_000, lots)).toBe(true);
  // Rows 1 to 59 are of the first bar; 62 to 80 have no price yet.
  expect(window.bars.map(({ volume }) => volume)).toEqual([5 + (59 * 60) / 2, 60 + 61]);
  expect(window.volumeUntil).toBe(start + 61_000);
  window.take(start + 61_000, start + 80_000, Array(19).fill(100));
  expect(window.takeVolume(start, start + 80_000, lots)).toBe(true);
  expect(window.takeVolume(start, start + 80_000, lots)).toBe(true);
  expect(window.at(101)!.volume).toBe((80 * 81) / 2 - (59 * 60) / 2);
  expect(window.at(101)).toMatchObject({ open: 100, close: 100 });
});

test('volumes that do not follow are refused, and nothing is added', () => {
  const { start, window } = windowWithVolume();
  window.take(start, start + 9_000, Array(9).fill(100));
  expect(window.takeVolume(start + 1_000, start + 9_000, Array(8).fill(1))).toBe(false);
  expect(window.at(100)!.volume).toBe(5);
});

test('a window without volumes, or without the head, leaves them alone', () => {
  const { start, window } = windowWithVolume();
  window.take(start, start + 9_000, Array(9).fill(100));
  window.hasVolume = false;
  expect(window.takeVolume(start + 5_000, start + 9_000, [1, 1, 1, 1])).toBe(true);
  window.hasVolume = true;
  window.reachesHead = false;
  expect(window.takeVolume(start + 5_000, start + 9_000, [1, 1, 1, 1])).toBe(true);
  expect(window.at(100)!.volume).toBe(5);
});

test('prices and volumes make the same bars in whichever order they come', () => {
  const frames = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 90 })), {
    maxLength: 20,
  });
  fc.assert(
    fc.property(frames, (steps) => {
      const { start, window } = windowWithVolume();
      const kept: [since: number, until: number, lots: number[]][] = [];
      let [prices, volumes] = [start, start];
      const total = (from: number, to: number) => (to - from) / 1_000;
      for (const [isPrice, rows] of steps) {
        if (isPrice) {
          window.take(prices, prices + rows * 1_000, Array(rows).fill(100));
          prices += rows * 1_000;
        } else {
          kept.push([volumes, volumes + rows * 1_000, Array(rows).fill(1)]);
          volumes += rows * 1_000;
        }
        for (const frame of kept) expect(window.takeVolume(...frame)).toBe(true);
      }
      const all = window.bars.reduce((sum, { volume = 0 }) => sum + volume, 0);
      expect(all).toBe(5 + total(start, Math.min(prices, volumes)));
      expect(window.volumeUntil).toBe(Math.min(prices, volumes));
    }),
  );
});
