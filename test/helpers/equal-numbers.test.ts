import { describe, expect, it } from 'vitest';
import { equalNumbers } from './equal-numbers.ts';

const LONG = Array.from({ length: 50_000 }, (_, n) => n);

describe('lists of numbers', () => {
  it.each([
    ['arrays', LONG, [...LONG]],
    ['views', Float64Array.from(LONG), Float64Array.from(LONG)],
    ['parts of a buffer', Uint8Array.of(1, 2, 3).subarray(1), Uint8Array.of(2, 3)],
    ['NaN and both zeros', [Number.NaN, 0, -0], [Number.NaN, 0, -0]],
    ['empty ones', [], []],
  ])('that are the same are equal: %s', (_, a, b) => {
    expect(equalNumbers(a, b)).toBe(true);
  });

  it.each<[string, unknown, unknown]>([
    ['another number at the end', LONG, LONG.with(-1, -1)],
    ['zeros of other signs', [0], [-0]],
    ['more of them', [1, 2], [1, 2, 3]],
    ['another kind of view', Uint8Array.of(1), Int8Array.of(1)],
    ['an array and a view', [1], Uint8Array.of(1)],
    ['a buffer and a view', Buffer.of(1), Uint8Array.of(1)],
    ['a number and a text', [1], ['1']],
    ['a hole', [1, undefined], new Array(2).fill(1, 0, 1)],
    ['texts', ['a'], ['a']],
    ['what is no list', 1, 1],
  ])('of which that is not all there is to say are left to Vitest: %s', (_, a, b) => {
    expect(equalNumbers(a, b)).toBeUndefined();
  });

  it('are compared as ever where they differ', () => {
    expect(LONG).not.toEqual(LONG.with(40_000, -1));
    expect(Float64Array.from(LONG)).not.toEqual(Float64Array.from(LONG.with(40_000, -1)));
    expect(() => expect([1, 2, 3]).toEqual([1, 2, 4])).toThrow(/deeply equal/);
    expect(() => expect({ prices: [1, 2] }).toEqual({ prices: [1, 3] })).toThrow(/deeply equal/);
    expect({ prices: [1, 2] }).toEqual({ prices: [1, expect.any(Number)] });
  });
});
