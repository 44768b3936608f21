import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatTime, parseTime } from '../../../src/core/market/time.ts';

describe('a time as text', () => {
  it.each([
    ['2026-01-01', Date.UTC(2026, 0, 1)],
    ['1970-01-01T00:00:00Z', 0],
    ['1969-12-31T23:59:59.999Z', -1],
    ['2024-02-29', Date.UTC(2024, 1, 29)],
    ['2000-02-29', Date.UTC(2000, 1, 29)],
    ['2026-01-01t12:00:00z', Date.UTC(2026, 0, 1, 12)],
    ['2026-01-01 12:00:00Z', Date.UTC(2026, 0, 1, 12)],
    ['2026-01-01T12:00:00+05:30', Date.UTC(2026, 0, 1, 6, 30)],
    ['2026-01-01T00:00:00-23:59', Date.UTC(2026, 0, 1, 23, 59)],
    ['2026-01-01T00:00:00.5Z', Date.UTC(2026, 0, 1, 0, 0, 0, 500)],
    ['2026-01-01T00:00:00.123000000Z', Date.UTC(2026, 0, 1, 0, 0, 0, 123)],
  ])('%s is %d ms', (text, ms) => {
    expect(parseTime(text)).toBe(ms);
  });

  it.each([
    '',
    '2026',
    '2026-1-1',
    '2026-00-01',
    '2026-13-01',
    '2026-01-00',
    '2026-01-32',
    '2025-02-29',
    '1900-02-29',
    '2026-04-31',
    '2026-01-01T00:00:00',
    '2026-01-01T00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T00:60:00Z',
    '2026-01-01T00:00:60Z',
    '2026-01-01T00:00:00+24:00',
    '2026-01-01T00:00:00+00:60',
    '2026-01-01T00:00:00.0001Z',
    '2026-01-01T00:00:00.Z',
    ' 2026-01-01',
    '2026-01-01\n',
    '٢٠٢٦-01-01',
  ])('%j is none', (text) => {
    expect(parseTime(text)).toBeUndefined();
  });

  it('comes back from its text, as the platform writes it', () => {
    const times = fc.integer({ min: Date.UTC(1600, 0, 1), max: Date.UTC(9999, 11, 31) });
    const property = fc.property(times, (ms) => {
      expect(parseTime(formatTime(ms))).toBe(ms);
      expect(formatTime(ms)).toBe(new Date(ms).toISOString().replace('.000Z', 'Z'));
    });
    fc.assert(property, { seed: 20260108, numRuns: 2000 });
  });

  it('is right on every day of 400 years', () => {
    for (let ms = Date.UTC(1800, 0, 1); ms < Date.UTC(2200, 0, 1); ms += 86_400_000) {
      const text = new Date(ms).toISOString().slice(0, 10);
      if (parseTime(text) !== ms || !formatTime(ms).startsWith(text)) throw new Error(text);
    }
  });
});
