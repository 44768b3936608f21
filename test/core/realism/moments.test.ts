import { describe, expect, it } from 'vitest';
import { finish } from '../../../src/core/market/finish.ts';
import { histogramOf, normalAbove } from '../../../src/core/realism/histogram.ts';
import { centred, momentsOf, profileOf, stridesOf } from '../../../src/core/realism/moments.ts';
import { SIGMAS } from '../market/statistics.ts';
import { COUNT, laplaces, normals } from './samples.ts';

describe('moments', () => {
  it('are those of a Bernoulli variable, computed by hand', () => {
    const values = new Float64Array(100);
    values.fill(1, 0, 10);
    const moments = finish(momentsOf(values));
    // p = 0.1: variance p (1 - p), skewness (1 - 2 p) / deviation, kurtosis (1 - 6 p q) / (p q).
    expect(moments.mean).toBeCloseTo(0.1, 12);
    expect(moments.deviation).toBeCloseTo(0.3, 12);
    expect(moments.skewness).toBeCloseTo(0.8 / 0.3, 12);
    expect(moments.kurtosis).toBeCloseTo(0.46 / 0.09, 12);
  });

  it('have no excess kurtosis where values are normal', () => {
    const { mean, deviation, skewness, kurtosis } = finish(momentsOf(normals(11)));
    // The standard errors of mean, deviation, skewness, kurtosis: 1, 1/2, 6 and 24 over n, rooted.
    expect(Math.abs(mean!)).toBeLessThan(SIGMAS * Math.sqrt(1 / COUNT));
    expect(Math.abs(deviation! - 1)).toBeLessThan(SIGMAS * Math.sqrt(1 / 2 / COUNT));
    expect(Math.abs(skewness!)).toBeLessThan(SIGMAS * Math.sqrt(6 / COUNT));
    expect(Math.abs(kurtosis!)).toBeLessThan(SIGMAS * Math.sqrt(24 / COUNT));
  });

  it('have an excess kurtosis of 3 where values are of Laplace', () => {
    // n var = E (z^4 - 12 z^2 + 6)^2 = 1188, by the moments 6, 90 and 2520 of z^4, z^6, z^8.
    const { kurtosis } = finish(momentsOf(laplaces(12)));
    expect(Math.abs(kurtosis! - 3)).toBeLessThan(SIGMAS * Math.sqrt(1188 / COUNT));
  });

  it('are not given of 99 values, nor a shape of equal ones', () => {
    expect(finish(momentsOf(new Float64Array(99))).deviation).toBeNull();
    const equal = finish(momentsOf(new Float64Array(1000).fill(0.1)));
    expect(equal).toMatchObject({ deviation: 0, skewness: null, kurtosis: null });
    expect(finish(centred(new Float64Array(1000).fill(0.1)))).toBeNull();
  });
});

describe('a profile', () => {
  it('gives the sum of each stride by one subtraction, and leaves out what is left over', () => {
    const profile = finish(profileOf(Float64Array.of(1, 2, 3, 4, 5, 6, 7)));
    expect([...profile]).toEqual([0, 1, 3, 6, 10, 15, 21, 28]);
    expect([...finish(stridesOf(profile, 3))]).toEqual([6, 15]);
  });
});

describe('a histogram', () => {
  it('has in its bins what fell into them, an edge in the bin above it', () => {
    const values = Float64Array.of(-7, -6, -0.5, -0.1, 0, 0.5, 5.99, 6);
    const histogram = finish(histogramOf(values, 1, 0));
    expect(histogram.edges).toEqual(Array.from({ length: 25 }, (_, i) => i / 2 - 6));
    const filled = histogram.shares.flatMap((share, i) =>
      share > 0 ? [[histogram.edges[i], share * values.length]] : [],
    );
    expect(filled).toEqual([
      [-6, 1],
      [-0.5, 2],
      [0, 1],
      [0.5, 1],
      [5.5, 1],
    ]);
    expect([histogram.below, histogram.above]).toEqual([1 / 8, 1 / 8]);
  });

  it.each([0, 0.3, 0.7, 1, 4])('is beside a whole normal distribution: a tick of %f', (tick) => {
    const { normalShares, normalTail, shares, below, above, edges } = finish(
      histogramOf(normals(13, 10_000), 1, tick),
    );
    const total = normalShares.reduce((sum, share) => sum + share, 2 * normalTail);
    expect(total).toBeCloseTo(1, 12);
    expect(shares.reduce((sum, share) => sum + share, below + above)).toBeCloseTo(1, 12);
    expect(edges).toHaveLength(shares.length + 1);
  });

  it('shows no comb where a bin would hold one tick or two', () => {
    // Normal values of deviation 1.4 ticks, rounded: every bin is one tick wide, and none is empty.
    const ticks = normals(14).map((value) => Math.round(value * 1.4));
    const { shares } = finish(histogramOf(ticks, 1.4, 1));
    const middle = shares.slice(shares.length / 2 - 3, shares.length / 2 + 3);
    expect(Math.min(...middle)).toBeGreaterThan(0.02);
    expect([...middle].sort((a, b) => b - a)[0]).toBe(shares[(shares.length - 1) / 2]);
  });

  it('knows the normal distribution to its tails', () => {
    // Abramowitz and Stegun, table 26.1 and 26.2.
    const known = [
      [0, 0.5],
      [1, 0.158655253931457],
      [3, 1.34989803163009e-3],
      [3.001, 0.0013454728250849683],
      [6, 9.86587645037698e-10],
      [10, 7.61985302416052e-24],
    ];
    for (const [z, above] of known) expect(normalAbove(z) / above).toBeCloseTo(1, 8);
  });
});
