import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseResolution } from '../../src/core/market/resolution.ts';
import { type Bar, BarWindow, isEmpty } from '../../src/page/chart/window.ts';
import { Nights } from '../../src/page/time/nights.ts';
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

test('bars of the stream take the place of those that are there, and follow them', () => {
  const window = windowOf(100, 101, true, barStartMs(MINUTE, 100));
  const until = window.until + 62_000;
  expect(window.take(window.until, until, [bar(100, 7), bar(101, 8), bar(102, 9)])).toBe(true);
  expect(window.bars).toEqual([bar(100, 7), bar(101, 8), bar(102, 9)]);
  expect(window.until).toBe(until);
});

test('what is in it already changes nothing', () => {
  const start = barStartMs(MINUTE, 100);
  const window = windowOf(100, 101, true, start + 10_000);
  expect(window.take(start + 5_000, start + 9_000, [bar(100, 1)])).toBe(true);
  expect(window.take(start + 8_000, start + 10_000, [bar(100, 2)])).toBe(true);
  expect(window.bars).toEqual(bars(100, 101));
  expect(window.take(start + 9_000, start + 11_000, [bar(100, 3)])).toBe(true);
  expect(window.bars).toEqual([bar(100, 3)]);
});

test('rows that do not follow are a hole, and nothing of them is taken', () => {
  const start = barStartMs(MINUTE, 100);
  const window = windowOf(100, 101, true, start);
  expect(window.take(start + 1_000, start + 2_000, [bar(100, 50)])).toBe(false);
  expect(window.bars).toEqual(bars(100, 101));
  expect(window.until).toBe(start);
});

test('history is left alone by the stream', () => {
  const window = windowOf(100, 110, false);
  const [from, to] = [barStartMs(MINUTE, 110), barStartMs(MINUTE, 111)];
  expect(window.take(from, to, [bar(110)])).toBe(true);
  expect(window.bars).toEqual(bars(100, 110));
});

test('the first row of a market makes its first bar', () => {
  const first = barStartMs(MINUTE, 500) + 3_000;
  const window = new BarWindow(MINUTE, 0, [], true, first - 1_000);
  expect(window.take(first - 1_000, first, [bar(500, 42)])).toBe(true);
  expect([window.first, window.bars]).toEqual([500, [bar(500, 42)]]);
});

test('bars without rows get their places, and those before the window are left out', () => {
  const window = windowOf(100, 101, true, barStartMs(MINUTE, 100));
  const told = [bar(98), bar(99), bar(100, 1), bar(103, 2)];
  expect(window.take(window.until, barStartMs(MINUTE, 103), told)).toBe(true);
  expect(window.first).toBe(100);
  expect(window.bars.map(isEmpty)).toEqual([false, true, true, false]);
  expect(window.at(102)!.time).toBe(barStartMs(MINUTE, 102));
});

test('what a stream tells, from any row on, some of it twice or late, makes the bars of the rows', () => {
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
        const next = Math.min(ticks.length, from + count);
        if (next <= from) continue;
        // Whole bars, whatever rows they are told for.
        const first = barStartMs(MINUTE, barAt(MINUTE, timeOf(from)));
        const told = barsOf(ticks.slice(0, next), timeOf).filter(({ time }) => time >= first);
        const isWhole = window.take(timeOf(from - 1), timeOf(next - 1), told);
        expect(isWhole).toBe(from <= held || next <= held);
        if (isWhole) held = Math.max(held, next);
        expect(window.until).toBe(timeOf(held - 1));
        expect(window.bars).toEqual(barsOf(ticks.slice(0, held), timeOf));
      }
    }),
  );
});

test('closed bars of the stream leave no place, or an empty one up to the newest row', () => {
  const origin = Date.parse('2026-03-02T20:58:00Z');
  const of = (areShown: boolean) => {
    const nights = new Nights({ origin, interval: 1_000 }, areShown);
    const cut = nights.cut(MINUTE, { calendar: 'new-york' });
    const window = new BarWindow(cut, barAt(cut, origin), [], true, origin - 1_000);
    const told = Array.from({ length: 30 }, (_, n) => bar(barAt(MINUTE, origin) + n));
    const until = origin + 30 * MINUTE.ms - 1_000;
    expect(window.take(origin - 1_000, until, told)).toBe(true);
    expect(window.until).toBe(until);
    return window;
  };
  // 20:58, 20:59, and 21:00 with its first row.
  expect(of(false).bars).toHaveLength(3);
  const shown = of(true);
  expect(shown.bars.map(isEmpty)).toEqual([...Array(3).fill(false), ...Array(27).fill(true)]);
  expect(shown.bars.at(-1)!.time).toBe(origin + 29 * MINUTE.ms);
});

test('a window that reaches the head at night ends with the bar of now', () => {
  const origin = Date.parse('2026-03-02T20:58:00Z');
  const nights = new Nights({ origin, interval: 1_000 }, true);
  const cut = nights.cut(MINUTE, { calendar: 'new-york' });
  const first = barAt(cut, origin);
  const until = origin + 600_000;
  expect(new BarWindow(cut, first, bars(first, first + 3), true, until).bars).toHaveLength(11);
  const grown = new BarWindow(cut, first, bars(first, first + 2), false, until);
  expect(grown.bars).toHaveLength(2);
  expect(grown.append(first + 2, [bar(first + 2)], true, until)).toBe(true);
  expect(grown.bars).toHaveLength(11);
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
