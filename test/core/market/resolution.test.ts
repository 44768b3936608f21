import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  candleStart,
  formatDuration,
  MAX_RESOLUTION_MS,
  parseDuration,
  parseResolution,
} from '../../../src/core/market/resolution.ts';

describe('a resolution', () => {
  it.each([
    ['1ms', 1],
    ['250ms', 250],
    ['1s', 1000],
    ['15m', 900_000],
    ['4h', 14_400_000],
    ['1d', 86_400_000],
    ['2w', 1_209_600_000],
    ['520w', MAX_RESOLUTION_MS],
  ])('%s is %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
    expect(parseResolution(text)).toMatchObject({ text, ms });
  });

  it.each([
    '',
    '1',
    's',
    '1M',
    '1 s',
    '-1s',
    '1.5s',
    '1e3s',
    '0s',
    '0ms',
    '521w',
    '3641d',
    '1s\n',
    '0mo',
    '0y',
    '121mo',
    '11y',
    '1Y',
  ])('%j is none', (text) => {
    expect(parseResolution(text)).toBeUndefined();
  });

  it('of weeks begins on Mondays, of days at midnight', () => {
    const week = parseResolution('1w')!;
    for (const day of [5, 6, 7, 8, 9, 10, 11]) {
      expect(candleStart(week, Date.UTC(2026, 0, day, 23, 59))).toBe(Date.UTC(2026, 0, 5));
    }
    const day = parseResolution('1d')!;
    expect(candleStart(day, Date.UTC(2026, 0, 5, 23, 59))).toBe(Date.UTC(2026, 0, 5));
    expect(candleStart(day, Date.UTC(1960, 5, 5, 0, 1))).toBe(Date.UTC(1960, 5, 5));
  });

  it.each([
    ['5mo', ['2026-04', '2026-09', '2027-02', '2027-07']],
    ['13mo', ['2026-12', '2028-01']],
    ['3mo', ['2026-01', '2026-04']],
    ['5y', ['2025-01', '2030-01']],
  ])('of %s begins at its multiples since the year 0: %j', (text, months) => {
    const { numberOf, startOf } = parseResolution(text)!;
    const first = numberOf(Date.parse(months[0]!));
    const starts = months.map((_, n) => new Date(startOf(first + n)).toISOString());
    expect(starts).toEqual(months.map((month) => `${month}-01T00:00:00.000Z`));
  });

  it('puts every time into one candle, which starts at or before it', () => {
    const texts = fc.constantFrom('1ms', '250ms', '7s', '13m', '4h', '3d', '1w', '520w');
    const times = fc.integer({ min: -3e12, max: 8e12 });
    const property = fc.property(texts, times, (text, timeMs) => {
      const resolution = parseResolution(text)!;
      const start = candleStart(resolution, timeMs);
      expect(start).toBeLessThanOrEqual(timeMs);
      expect(start + resolution.ms).toBeGreaterThan(timeMs);
      expect(candleStart(resolution, start)).toBe(start);
      expect(candleStart(resolution, start + resolution.ms)).toBe(start + resolution.ms);
    });
    fc.assert(property, { seed: 20260109, numRuns: 1000 });
  });

  it.each([
    [0, {}],
    [-300, { offset: '-5h' }],
    [330, { offset: '5h30m' }],
    [-30, { offset: '-30m' }],
    [1439, { offset: '23h59m' }],
  ])('of a clock that is %i minutes ahead says so as a request does', (minutes, clock) => {
    for (const text of ['1h', '1d', '1mo']) {
      expect(parseResolution(text, minutes * 60_000)!.clock).toEqual(clock);
    }
  });

  it.each([
    [1, '1ms'],
    [1500, '1500ms'],
    [60_000, '1m'],
    [90_000, '90s'],
    [7_200_000, '2h'],
    [604_800_000, '1w'],
    [86_400_000 * 8, '8d'],
  ])('of %d ms is written %s, and read back', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
    expect(parseDuration(text)).toBe(ms);
  });
});
