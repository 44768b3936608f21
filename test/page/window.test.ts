import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Bar, BarWindow } from '../../src/page/chart/window.ts';
import { barAt, barStartMs, parseResolution } from '../../src/page/time/resolution.ts';

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

test('bars are found by their number', () => {
  const window = new BarWindow(MINUTE, 100, bars(100, 110), false);
  expect(window.end).toBe(110);
  expect(window.at(103)!.open).toBe(103);
  expect(window.at(110)).toBeUndefined();
});

test('only neighbours are taken, on either side', () => {
  const window = new BarWindow(MINUTE, 100, bars(100, 110), false);
  expect(window.prepend(80, bars(80, 99))).toBe(false);
  expect(window.prepend(80, bars(80, 100))).toBe(true);
  expect(window.append(111, bars(111, 120), true)).toBe(false);
  expect(window.append(110, bars(110, 120), true)).toBe(true);
  expect(window.bars.map(({ open }) => open)).toEqual(bars(80, 120).map(({ open }) => open));
});

test('letting go of the newest bars gives up the tail', () => {
  const window = new BarWindow(MINUTE, 100, bars(100, 200), true);
  window.keep(110, 200);
  expect(window.reachesTail).toBe(true);
  window.keep(110, 150);
  expect([window.first, window.end, window.reachesTail]).toEqual([110, 150, false]);
});

test('rows fold into the newest bar, and open the next one', () => {
  const window = new BarWindow(MINUTE, 100, bars(100, 101), true);
  const start = barStartMs(MINUTE, 100);
  expect(window.fold(start + 1_000, 90)).toBe('changed');
  expect(window.fold(start + 2_000, 120)).toBe('changed');
  expect(window.fold(start + 3_000, 110)).toBe('changed');
  expect(window.at(100)).toMatchObject({ open: 100, high: 120, low: 90, close: 110 });
  expect(window.fold(start + 60_000, 7)).toBe('added');
  expect(window.at(101)).toEqual({ ...bar(101, 7) });
});

test('rows of closed bars are past, and rows beyond the next bar are a hole', () => {
  const window = new BarWindow(MINUTE, 100, bars(100, 110), true);
  expect(window.fold(barStartMs(MINUTE, 105), 1)).toBe('past');
  expect(window.fold(barStartMs(MINUTE, 111), 1)).toBe('hole');
  expect(window.bars).toEqual(bars(100, 110));
});

test('history is left alone by rows', () => {
  const window = new BarWindow(MINUTE, 100, bars(100, 110), false);
  expect(window.fold(barStartMs(MINUTE, 110), 1)).toBe('past');
});

test('the first row of a market makes its first bar', () => {
  const window = new BarWindow(MINUTE, 0, [], true);
  expect(window.fold(barStartMs(MINUTE, 500) + 3_000, 42)).toBe('added');
  expect(window.first).toBe(500);
});

test('folding row by row, even some of them twice, is what cutting them into bars gives', () => {
  const prices = fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 1, maxLength: 400 });
  fc.assert(
    fc.property(prices, fc.nat(), (ticks, repeatFrom) => {
      const start = barStartMs(MINUTE, 1_000);
      const window = new BarWindow(MINUTE, 1_000, [], true);
      const timeOf = (row: number) => start + row * 1_000;
      ticks.forEach((price, row) => {
        window.fold(timeOf(row), price);
      });
      const from = repeatFrom % ticks.length;
      for (let row = from; row < ticks.length; row++) window.fold(timeOf(row), ticks[row]!);

      const expected = new Map<number, number[]>();
      ticks.forEach((price, row) => {
        const number = barAt(MINUTE, timeOf(row));
        expected.set(number, [...(expected.get(number) ?? []), price]);
      });
      expect(window.bars).toEqual(
        [...expected].map(([number, own]) => ({
          time: barStartMs(MINUTE, number),
          open: own[0],
          high: Math.max(...own),
          low: Math.min(...own),
          close: own.at(-1),
        })),
      );
    }),
  );
});
