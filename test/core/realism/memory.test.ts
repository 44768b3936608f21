import { describe, expect, it } from 'vitest';
import { finish } from '../../../src/core/market/finish.ts';
import {
  autocorrelation,
  crossCorrelation,
  lagsFor,
} from '../../../src/core/realism/autocorrelation.ts';
import { centred } from '../../../src/core/realism/moments.ts';
import {
  detrendedVariance,
  hurstExponent,
  varianceRatios,
} from '../../../src/core/realism/scaling.ts';
import { SIGMAS } from '../market/statistics.ts';
import { autoregressive, COUNT, normals, profile } from './samples.ts';

const PHI = 0.5;

describe('lags', () => {
  it('are all up to 20, then ever fewer up to 10,000 or a tenth of the values', () => {
    const lags = lagsFor(1e6);
    expect(lags.slice(0, 21)).toEqual([...Array.from({ length: 20 }, (_, i) => i + 1), 24]);
    expect(lags.at(-1)).toBe(10_000);
    expect(lags).toContain(100);
    expect([...new Set(lags)].sort((a, b) => a - b)).toEqual(lags);
    expect(lagsFor(1000).at(-1)).toBe(100);
    expect(lagsFor(50)).toEqual([1, 2, 3, 4, 5]);
    expect(lagsFor(9)).toEqual([]);
  });
});

describe('an autocorrelation', () => {
  it('is what it is by hand', () => {
    // 1 -1 1 -1 1: squares 5; products at lag 1: -4, at lag 2: 3; 5 at lag 0.
    const values = Float64Array.of(1, -1, 1, -1, 1);
    expect(finish(autocorrelation(values, [0, 1, 2, 5]))).toEqual([1, -4 / 5, 3 / 5, 0]);
  });

  it('is nothing of independent values', () => {
    const lags = [1, 2, 7, 100, 5000];
    for (const rho of finish(autocorrelation(finish(centred(normals(21)))!, lags))) {
      expect(Math.abs(rho)).toBeLessThan(SIGMAS / Math.sqrt(COUNT));
    }
  });

  it('falls by phi at each lag of an autoregression', () => {
    const values = finish(centred(autoregressive(22, PHI)))!;
    // Bartlett: at most (1 + phi^2) / (1 - phi^2) / n.
    const error = Math.sqrt((1 + PHI ** 2) / (1 - PHI ** 2) / COUNT);
    for (const [i, rho] of finish(autocorrelation(values, [1, 2, 3, 8])).entries()) {
      expect(Math.abs(rho - PHI ** [1, 2, 3, 8][i])).toBeLessThan(SIGMAS * error);
    }
  });

  it('of two series has a direction', () => {
    const a = finish(centred(normals(23)))!;
    const b = new Float64Array(COUNT);
    b.set(a.subarray(0, COUNT - 3), 3);
    const [at0, at3] = finish(crossCorrelation(a, b, [0, 3]));
    expect(Math.abs(at0)).toBeLessThan(SIGMAS / Math.sqrt(COUNT));
    expect(at3).toBeCloseTo(1, 3);
    const [back] = finish(crossCorrelation(b, a, [3]));
    expect(Math.abs(back)).toBeLessThan(SIGMAS / Math.sqrt(COUNT));
  });
});

describe('a variance ratio', () => {
  it('is 1 of independent values, at every length, within its standard errors', () => {
    const ratios = finish(varianceRatios(profile(normals(31))));
    expect(ratios.map(({ rows }) => rows)).toEqual([2, 5, 10, 30, 60, 300, 1800, 3600]);
    for (const { ratio, standardError } of ratios) {
      expect(Math.abs(ratio - 1)).toBeLessThan(SIGMAS * standardError);
    }
  });

  it('is 1 + 2 sum (1 - k / q) phi^k of an autoregression', () => {
    for (const { rows, ratio, standardError } of finish(
      varianceRatios(profile(autoregressive(32, PHI))),
    )) {
      let expected = 1;
      for (let k = 1; k < rows; k++) expected += 2 * (1 - k / rows) * PHI ** k;
      // Its relative error is about that of independent values.
      expect(Math.abs(ratio / expected - 1)).toBeLessThan(SIGMAS * standardError);
    }
  });

  it('is what Lo and MacKinlay write, term by term', () => {
    const values = normals(33, 200);
    const sums = profile(values);
    const [n, q] = [200, 5];
    let [single, longer] = [0, 0];
    for (let t = 1; t <= n; t++) single += (sums[t] - sums[t - 1]) ** 2 / (n - 1);
    const m = q * (n - q + 1) * (1 - q / n);
    for (let t = q; t <= n; t++) longer += (sums[t] - sums[t - q]) ** 2 / m;
    const found = finish(varianceRatios(sums)).find(({ rows }) => rows === q);
    expect(found!.ratio).toBeCloseTo(longer / single, 12);
  });

  it('is given where 20 of its lengths fit', () => {
    const rows = finish(varianceRatios(profile(normals(34, 1199)))).map((each) => each.rows);
    expect(rows.at(-1)).toBe(30);
  });
});

describe('a Hurst exponent', () => {
  it('is 1/2 of independent values', () => {
    // Over 40 seeds its mean was 0.4994 and its deviation 0.0092.
    const hurst = finish(hurstExponent(profile(normals(41))))!;
    expect(Math.abs(hurst - 0.5)).toBeLessThan(SIGMAS * 0.0092);
  });

  it('does not mistake a drift that changes for memory', () => {
    // The level rises by a tenth of a deviation from the first value to the last.
    const values = normals(42).map((value, i) => value + (0.1 * i) / COUNT);
    expect(Math.abs(finish(hurstExponent(profile(values)))! - 0.5)).toBeLessThan(SIGMAS * 0.0092);
  });

  it('is 3/2 of values that are themselves the sums of independent ones', () => {
    // A profile's profile: F grows with the power 3/2; errors are those above, or about so.
    const walk = profile(normals(43)).slice(1);
    expect(Math.abs(finish(hurstExponent(profile(walk)))! - 1.5)).toBeLessThan(0.06);
  });

  it('is lower where values turn back', () => {
    const values = normals(44).map((value, i, all) => value - (all[i - 1] ?? 0));
    expect(finish(hurstExponent(profile(values)))).toBeLessThan(0.2);
  });

  it('comes from variances that are known: (width - 4 / width) / 15', () => {
    const sums = profile(normals(45));
    for (const width of [16, 32, 64]) {
      // Its relative error is below that of as many independent windows, of 2 a window at most.
      const error = Math.sqrt((2 * width) / COUNT);
      const expected = (width - 4 / width) / 15;
      const found = finish(detrendedVariance(sums, width));
      expect(Math.abs(found / expected - 1)).toBeLessThan(SIGMAS * error);
    }
  });

  it('leaves nothing around a straight line, and one around a parabola as by hand', () => {
    const line = Float64Array.from({ length: 65 }, (_, i) => 1e6 + 3 * i);
    expect(finish(detrendedVariance(line, 16))).toBeLessThan(1e-9);
    // 0 1 4 9 around its line 3 x - 1: residuals 1 -1 -1 1.
    expect(finish(detrendedVariance(Float64Array.of(-1, 0, 1, 4, 9), 4))).toBeCloseTo(1, 12);
  });

  it('is not given of 2,047 values', () => {
    expect(finish(hurstExponent(profile(normals(46, 2047))))).toBeNull();
    expect(finish(hurstExponent(profile(normals(46, 2048))))).not.toBeNull();
  });
});
