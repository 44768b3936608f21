import { describe, expect, it } from 'vitest';
import { decimalsOf, formatPrice } from '../../../src/core/market/instrument.ts';

describe('an instrument', () => {
  it.each([
    [5, 0],
    [0.5, 1],
    [0.25, 2],
    [0.01, 2],
    [0.0001, 4],
    [1e-7, 7],
    [2.5e-8, 9],
    [1e6, 0],
    [1e21, 0],
  ])('with ticks of %d has %d decimals', (tickSize, decimals) => {
    expect(decimalsOf(tickSize)).toBe(decimals);
  });

  it.each([
    [0, 0.01, '0.00'],
    [1, 0.01, '0.01'],
    [23_887, 0.01, '238.87'],
    [65_535, 0.01, '655.35'],
    [-128, 0.01, '-1.28'],
    [3, 0.25, '0.75'],
    [7, 5, '35'],
    [12_345, 1e-7, '0.0012345'],
    [2 ** 48, 0.01, '2814749767106.56'],
    [2 ** 48, 1e6, '281474976710656000000'],
  ])('writes %d ticks of %d as %s', (ticks, tickSize, text) => {
    expect(formatPrice({ tickSize, decimals: decimalsOf(tickSize) }, ticks)).toBe(text);
  });

  it('writes every price of 16 bits as the whole number that it is, with its point', () => {
    for (let ticks = 0; ticks <= 65_535; ticks++) {
      const text = formatPrice({ tickSize: 0.01, decimals: 2 }, ticks);
      const digits = String(ticks).padStart(3, '0');
      if (text !== `${digits.slice(0, -2)}.${digits.slice(-2)}`) throw new Error(text);
    }
  });
});
