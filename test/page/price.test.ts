import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  commonPrefix,
  formatChange,
  formatLots,
  formatNumber,
  formatPrice,
  formatSigned,
  percentChange,
  priceOf,
} from '../../src/page/price.ts';

const CENTS = { tickSize: 0.01, decimals: 2 };

test.each([
  [1_861_025, CENTS, '18,610.25'],
  [11_826, { tickSize: 0.0001, decimals: 4 }, '1.1826'],
  [241, { tickSize: 0.25, decimals: 2 }, '60.25'],
  [65_535, { tickSize: 1, decimals: 0 }, '65,535'],
  [0, CENTS, '0.00'],
  [-128, CENTS, '−1.28'],
  [-123_456_789, CENTS, '−1,234,567.89'],
  [Number.NaN, CENTS, '—'],
])('%i ticks are shown as they should be', (ticks, format, text) => {
  expect(formatPrice(ticks, format)).toBe(text);
});

test.each([
  [0, '0'],
  [999, '999'],
  [1_000, '1.0k'],
  [1_249, '1.2k'],
  [38_449_000, '38.4M'],
  [999_949, '999.9k'],
  [999_950, '1.0M'],
  [7_200_000_000, '7.2B'],
])('%i lots are shown as %s', (lots, text) => {
  expect(formatLots(lots)).toBe(text);
});

test('prices are free of the noise of binary fractions', () => {
  expect(priceOf(3, { tickSize: 0.1, decimals: 1 })).toBe(0.3);
});

test('numbers are grouped as Intl groups them', () => {
  const ticks = fc.integer({ min: -1e12, max: 1e12 });
  fc.assert(
    fc.property(ticks, fc.integer({ min: 0, max: 6 }), (count, decimals) => {
      const value = count / 10 ** decimals;
      const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
      const expected = value.toLocaleString('en', digits).replace('-', '−');
      expect(formatNumber(value, decimals)).toBe(expected);
    }),
  );
});

test('changes carry a sign unless they are nothing', () => {
  expect([1.1, -1.1, 0, 0.001, -0.001].map((value) => formatSigned(value, 2))).toEqual([
    '+1.10',
    '−1.10',
    '0.00',
    '0.00',
    '0.00',
  ]);
});

test('the change is in per cent, and absolute where that would mean nothing', () => {
  expect(formatChange(6_025, 6_135, CENTS)).toBe('−1.79%');
  expect(formatChange(1_010, 60, CENTS)).toBe('+1,583%');
  expect(formatChange(50, 0, CENTS)).toBe('+0.50');
  expect(formatChange(50, -50, CENTS)).toBe('+1.00');
  expect(formatChange(Number.NaN, 5, CENTS)).toBe('—');
  expect(percentChange(5, 0)).toBeUndefined();
});

test('only the digits that changed are told apart', () => {
  expect(commonPrefix('306.97', '306.99')).toBe(5);
  expect(commonPrefix('999.99', '1,000.00')).toBe(0);
  expect(commonPrefix('1.00', '1.00')).toBe(4);
});
