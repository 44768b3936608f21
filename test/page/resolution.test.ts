import { expect, test } from 'vitest';
import { candleStart, parseResolution } from '../../src/core/market/resolution.ts';
import {
  barAt,
  barStartMs,
  defaultResolution,
  isOffered,
  PRESETS,
} from '../../src/page/time/resolution.ts';

test.each(['', '0m', '5', 'm', '1Y', '-1m', '1.5h', '999999999s', '521w'])(
  '%j is no resolution',
  (text) => {
    expect(parseResolution(text)).toBeUndefined();
  },
);

test('bars start where the candles of the server start', () => {
  const times = [0, 1, 1_795_481_418_271, 1_767_225_600_000, -1, 987_654_321];
  for (const text of [
    '250ms',
    '1s',
    '45m',
    '4h',
    '1d',
    '3d',
    '1w',
    '2w',
    '520w',
    '1mo',
    '3mo',
    '10y',
  ]) {
    const resolution = parseResolution(text)!;
    for (const time of times) {
      expect(barStartMs(resolution, barAt(resolution, time))).toBe(candleStart(resolution, time));
    }
  }
});

test('whatever is not finer than the interval is offered', () => {
  const offered = (intervalMs: number) =>
    PRESETS.filter((preset) => isOffered(preset, intervalMs)).map(({ text }) => text);
  expect(offered(1_000)).toEqual(['1s', '5s', '1m', '5m', '15m', '1h', '1d']);
  expect(offered(100)).toHaveLength(7);
  expect(offered(2_000)).toEqual(['5s', '1m', '5m', '15m', '1h', '1d']);
  expect(offered(7_000)).toEqual(['1m', '5m', '15m', '1h', '1d']);
});

test('a page opens with one minute, or the nearest that the market has', () => {
  const openedWith = (intervalMs: number) => defaultResolution(intervalMs).text;
  expect([1_000, 100, 300_000, 86_400_000].map(openedWith)).toEqual(['1m', '1m', '5m', '1d']);
  expect([7_000, 350].map(openedWith)).toEqual(['1m', '1m']);
  expect([1_000_500, 86_400_001, 604_800_000].map(openedWith)).toEqual(['1h', '86400001ms', '1w']);
});
