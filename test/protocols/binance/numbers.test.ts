import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Numbers, percentText, quantityText } from '../../../src/protocols/binance/numbers.ts';
import { marketOf } from '../../helpers/market.ts';
import { SPEC } from '../../helpers/server.ts';

/** How numbers are written of an instrument with ticks of this size. */
function numbersOf(tickSize: number): Numbers {
  const instruments = [{ symbol: 'A', tickSize, startPrice: tickSize }];
  const spec = { ...SPEC, count: undefined, dtype: 'float64', instruments };
  return new Numbers(marketOf(spec).instruments[0]!);
}

describe('numbers of an instrument', () => {
  it.each([
    [0.01, 12_345, '123.45000000'],
    [5, 3, '15.00000000'],
    [0.25, 1, '0.25000000'],
    [1e-8, 7, '0.00000007'],
    [1e-12, 7, '0.000000000007'],
    [0.01, 4_294_967_295, '42949672.95000000'],
  ])('have eight decimals, or as many as a tick of %d has', (tickSize, ticks, text) => {
    const numbers = numbersOf(tickSize);
    expect(numbers.price(ticks)).toBe(text);
    expect(numbers.paid(BigInt(ticks))).toBe(text);
    expect(numbers.average(BigInt(ticks) * 3n, 3)).toBe(text);
  });

  it('are exact sums, however large', () => {
    const numbers = numbersOf(0.25);
    expect(numbers.paid(2n ** 64n + 1n)).toBe('4611686018427387904.25000000');
    expect(numbers.paid(0)).toBe('0.00000000');
  });

  it('are rounded to the nearest where they are averages', () => {
    const numbers = numbersOf(0.01);
    expect(numbers.average(2, 3)).toBe('0.00666667');
    expect(numbers.average(1, 3)).toBe('0.00333333');
    expect(numbers.average(5, 0)).toBe('0.00000000');
  });

  it('say percents with three decimals, as far from nothing up as down', () => {
    const whole = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
    fc.assert(
      fc.property(whole, whole, (part, of) => {
        const text = percentText(part, of);
        expect(percentText(-part, of)).toBe(text === '0.000' ? text : `-${text}`);
        const percent = (100 * part) / of;
        expect(Math.abs(Number(text) - percent)).toBeLessThan(0.0006 + percent * 1e-12);
      }),
    );
    expect(percentText(1, 0)).toBe('0.000');
    expect(percentText(1, 8)).toBe('12.500');
  });

  it('count whole lots', () => {
    expect(quantityText(17)).toBe('17.00000000');
    expect(quantityText(0)).toBe('0.00000000');
  });
});
