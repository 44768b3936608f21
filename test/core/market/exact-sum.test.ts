import { describe, expect, it } from 'vitest';
import { ExactSum } from '../../../src/core/market/exact-sum.ts';
import { sequence } from './statistics.ts';

describe('an exact sum', () => {
  it('of products of any sign and size is what bigints come to', () => {
    const next = sequence(8);
    const whole = (bits: number) => Math.floor((2 * next() - 1) * 2 ** Math.floor(next() * bits));
    for (let round = 0; round < 200; round++) {
      const [sum, other] = [new ExactSum(), new ExactSum()];
      let expected = 0n;
      for (let n = 0; n < 30; n++) {
        const [a, b] = [whole(48), whole(33)];
        (n % 3 === 0 ? other : sum).addProduct(a, b);
        expected += BigInt(a) * BigInt(b);
      }
      sum.addSum(other);
      expect(BigInt(sum.value)).toBe(expected);
      const kept = new ExactSum();
      kept.addParts(sum.high, sum.low);
      expect(kept.value).toBe(sum.value);
    }
  });

  it('is a number as long as that is safe, and a bigint from there on', () => {
    const sum = new ExactSum();
    for (const [value, expected] of [
      [2 ** 52 - 1, 2 ** 52 - 1],
      [2 ** 52 - 1, 2 ** 53 - 2],
      [1, Number.MAX_SAFE_INTEGER],
      [1, 2n ** 53n],
      [-1, Number.MAX_SAFE_INTEGER],
    ] as const) {
      sum.add(value);
      expect(sum.value).toBe(expected);
    }
    sum.clear();
    sum.add(-5);
    expect([sum.high, sum.value]).toEqual([-1, -5]);
    sum.addProduct(-(2 ** 40), 2 ** 20);
    expect(sum.value).toBe(-(2n ** 60n) - 5n);
  });
});
