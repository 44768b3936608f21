import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MOST_DECIMALS, NumberBytes } from '../../../src/protocols/binance/tickers/number-bytes.ts';

describe('a number that is written as bytes', () => {
  it('is the text of it, with as many decimals and zeros as are wanted', () => {
    const bytes = new NumberBytes(8);
    const units = fc.oneof(fc.maxSafeNat(), fc.nat(2000), fc.constantFrom(999_999_999, 1e9, 1e15));
    fc.assert(
      fc.property(units, fc.nat(MOST_DECIMALS), fc.nat(8), (value, decimals, zeros) => {
        bytes.reserve(100);
        bytes.decimal(value, decimals, zeros);
        bytes.text('|');
        bytes.whole(value);
        const digits = String(value).padStart(decimals + 1, '0');
        const point = digits.length - decimals;
        const text = `${digits.slice(0, point)}.${digits.slice(point)}${'0'.repeat(zeros)}`;
        expect(bytes.take().toString('latin1')).toBe(`${text}|${value}`);
      }),
    );
    expect(bytes.take()).toHaveLength(0);
  });
});
