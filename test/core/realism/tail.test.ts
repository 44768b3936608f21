import { describe, expect, it } from 'vitest';
import { finish } from '../../../src/core/market/finish.ts';
import { nthLargest, tailOf } from '../../../src/core/realism/tail.ts';
import { SIGMAS, sequence } from '../market/statistics.ts';
import { COUNT, normals, paretos, profile } from './samples.ts';

describe('the nth largest', () => {
  it('is the one that sorting finds, ties and zeros included', () => {
    const next = sequence(51);
    for (const values of [
      Float64Array.from({ length: 999 }, next),
      Float64Array.from({ length: 999 }, () => Math.floor(next() * 5)),
      Float64Array.from({ length: 999 }, () => next() ** 40),
      Float64Array.from({ length: 999 }, () => 1 + next() * 2 ** -34),
      new Float64Array(999),
    ]) {
      const sorted = [...values].sort((a, b) => b - a);
      for (const n of [0, 1, 9, 500, 998]) expect(finish(nthLargest(values, n))).toBe(sorted[n]);
    }
  });

  it('is found in a part of an array too', () => {
    const values = Float64Array.of(9, 1, 3, 2, 9);
    expect(finish(nthLargest(values.subarray(1, 4), 0))).toBe(3);
  });
});

describe('a tail', () => {
  it.each([2, 3, 5])('has the index of a Pareto distribution: %d', (alpha) => {
    const tail = finish(tailOf(profile(paretos(52, alpha)), 1, 0))!;
    expect(tail.count).toBe(Math.floor(COUNT / 100));
    expect(tail.standardError).toBeCloseTo(tail.index / Math.sqrt(tail.count), 12);
    expect(Math.abs(tail.index - alpha)).toBeLessThan(SIGMAS * tail.standardError);
    // One value in 100 is beyond 100^(1 / alpha).
    expect(tail.threshold / 100 ** (1 / alpha)).toBeCloseTo(1, 1);
  });

  it('is thin where values are normal', () => {
    // The density over the probability beyond, at 2.6 deviations: 2.6 * (2.6 + 0.33).
    expect(finish(tailOf(profile(normals(53)), 1, 0))!.index).toBeGreaterThan(6);
  });

  it('is what Hill writes, term by term', () => {
    const values = paretos(54, 3, 2600);
    const sums = profile(values);
    const sizes = [...sums.subarray(1)].map((sum, i) => Math.abs(sum - sums[i]));
    sizes.sort((a, b) => b - a);
    const logs = sizes.slice(0, 26).map((size) => Math.log(size / sizes[26]));
    const mean = logs.reduce((sum, log) => sum + log, 0) / 26;
    expect(finish(tailOf(sums, 1, 0))!.index).toBeCloseTo(1 / mean, 10);
  });

  it('is not seen in ticks that are coarser than a tenth of where it begins', () => {
    const sums = profile(normals(55));
    const { threshold } = finish(tailOf(sums, 1, 0))!;
    expect(finish(tailOf(sums, 1, threshold / 10.1))).not.toBeNull();
    expect(finish(tailOf(sums, 1, threshold / 9.9))).toBeNull();
  });

  it('is not given of 2,499 values, of equal ones, or of zeros but for a few', () => {
    expect(finish(tailOf(profile(normals(56, 2499)), 1, 0))).toBeNull();
    expect(finish(tailOf(new Float64Array(5000), 1, 0))).toBeNull();
    const rare = new Float64Array(5000).fill(1, 4990);
    expect(finish(tailOf(rare, 1, 0))).toBeNull();
    // A tail of which every value is the threshold has no length.
    const even = Float64Array.from({ length: 5001 }, (_, i) => i % 2);
    expect(finish(tailOf(even, 1, 0))).toBeNull();
  });
});
