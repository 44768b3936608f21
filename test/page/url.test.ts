import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readUrl, type UrlState, writeUrl } from '../../src/page/url.ts';

test('a link reads as it is meant to be written', () => {
  const query =
    '?s=ticker_07&r=1m&type=candles&volume=on&at=2026-11-01T12:00:00Z&bars=120&tz=utc&theme=dark';
  const state = readUrl(query);
  expect(state).toEqual({
    symbol: 'ticker_07',
    resolution: '1m',
    type: 'candles',
    volume: true,
    atMs: Date.parse('2026-11-01T12:00:00Z'),
    bars: 120,
    zone: 'utc',
    theme: 'dark',
  });
  expect(writeUrl(state)).toBe(query);
});

test('what cannot be read is left out', () => {
  expect(readUrl('?type=pie&volume=loud&at=tomorrow&bars=-3&tz=mars&theme=pink&s=')).toEqual({});
});

test('every state survives the way through a link', () => {
  const states = fc.record(
    {
      symbol: fc.string({ minLength: 1 }),
      resolution: fc.constantFrom('1s', '45m', '2w'),
      type: fc.constantFrom('candles', 'line', 'area'),
      volume: fc.boolean(),
      atMs: fc.integer({ min: 0, max: 4e12 }),
      bars: fc.integer({ min: 1, max: 4_000 }),
      zone: fc.constantFrom('utc', 'local'),
      theme: fc.constantFrom('dark', 'light'),
    },
    { requiredKeys: [] },
  ) as fc.Arbitrary<UrlState>;
  fc.assert(
    fc.property(states, (state) => {
      expect(readUrl(writeUrl(state))).toEqual(state);
    }),
  );
});
