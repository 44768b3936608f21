import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteCache } from '../../../src/core/market/byte-cache.ts';

describe('a cache of bytes', () => {
  it('keeps no more than its budget, and of each key what was kept last', () => {
    const steps = fc.array(
      fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 1, max: 60 })),
    );
    const property = fc.property(steps, (all) => {
      const cache = new ByteCache<number, number>(100);
      const sizes = new Map<number, number>();
      for (const [key, bytes] of all) {
        cache.set(key, bytes, bytes);
        sizes.set(key, bytes);
        expect(cache.get(key)).toBe(bytes);
        let sum = 0;
        for (const [known, size] of sizes) {
          if (!cache.has(known)) continue;
          expect(cache.get(known)).toBe(size);
          sum += size;
        }
        expect([cache.bytes, cache.bytes <= 100]).toEqual([sum, true]);
      }
    });
    fc.assert(property, { seed: 20260601, numRuns: 300 });
  });

  it.each([
    [1, [true, false, true, true, true, true]],
    [0.75, [true, false, false, true, true, true]],
  ])('forgets the least recently used first, down to %d of its budget', (keptPart, kept) => {
    const cache = new ByteCache<string, string>(100, keptPart);
    for (const key of ['a', 'b', 'c', 'd', 'e']) cache.set(key, key, 20);
    cache.get('a');
    cache.set('f', 'f', 20);
    expect(['a', 'b', 'c', 'd', 'e', 'f'].map((key) => cache.has(key))).toEqual(kept);
  });

  it('gives what is in constant use as quickly as what is hardly used', () => {
    const cache = new ByteCache<number, object>(1e9);
    const keyOf = (n: number) => 2 ** 37 + n;
    for (let n = 0; n < 3000; n++) cache.set(keyOf(n), {}, 1);
    const timeOf = (get: (n: number) => unknown) => {
      const before = process.cpuUsage();
      for (let n = 0; n < 50_000; n++) get(n);
      return process.cpuUsage(before).user;
    };
    const all = timeOf((n) => cache.get(keyOf((7 * n) % 3000)));
    const two = timeOf((n) => cache.get(keyOf(n % 2)));
    // Where a map passes all the places that the two have left, 15 times.
    expect(two).toBeLessThan(4 * all);
  });

  it('does not keep what is larger than all of it, nor what was kept under its key', () => {
    const cache = new ByteCache<string, string>(100);
    cache.set('a', 'small', 10);
    cache.set('b', 'other', 10);
    cache.set('a', 'large', 101);
    expect([cache.has('a'), cache.has('b'), cache.bytes]).toEqual([false, true, 10]);
  });

  it('forgets what it is told to', () => {
    const cache = new ByteCache<number, string>(100);
    for (let key = 0; key < 5; key++) cache.set(key, '', 10);
    cache.forget((key) => key >= 2);
    expect([cache.has(1), cache.has(2), cache.bytes]).toEqual([true, false, 20]);
  });
});
