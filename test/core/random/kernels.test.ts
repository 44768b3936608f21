import { describe, expect, it } from 'vitest';
import { exp, log } from '../../../src/core/random/kernels.ts';
import { sequence } from '../market/statistics.ts';

// The promise is 1e-15; the engine's own functions, which are the measure, are within one unit in
// the last place, 2.3e-16.
const TOLERANCE = 1.25e-15;

describe('exp', () => {
  it('is within 1e-15 of the exponential, relatively', () => {
    const next = sequence(1);
    let worst = 0;
    for (let i = 0; i < 50_000; i++) {
      const x = (next() - 0.5) * (i % 2 === 0 ? 1400 : 70);
      worst = Math.max(worst, Math.abs(exp(x) / Math.exp(x) - 1));
    }
    expect(worst).toBeLessThan(TOLERANCE);
  });

  it('is exact where the result is', () => {
    expect(exp(0)).toBe(1);
    expect(exp(-0)).toBe(1);
  });
});

describe('log', () => {
  it('is within 1e-15 of the logarithm, or of its size', () => {
    const next = sequence(3);
    let worst = 0;
    for (let i = 0; i < 50_000; i++) {
      const x = i % 2 === 0 ? next() * 2 + 1e-9 : Math.exp((next() - 0.5) * 1400);
      const error = Math.abs(log(x) - Math.log(x));
      worst = Math.max(worst, error / Math.max(1, Math.abs(Math.log(x))));
    }
    expect(worst).toBeLessThan(TOLERANCE);
  });

  it('is exact at 1 and right at the ends of a double', () => {
    expect(log(1)).toBe(0);
    for (const x of [Number.MIN_VALUE, Number.MAX_VALUE, 2 ** -1022]) {
      expect(Math.abs(log(x) / Math.log(x) - 1)).toBeLessThan(TOLERANCE);
    }
  });

  it('is undone by exp to the nearest tick, for every bound of a whole-number dtype', () => {
    for (const ticks of [1, 127, 255, 32_767, 65_535, 2 ** 31 - 1, 2 ** 32 - 1]) {
      expect(Math.floor(exp(log(ticks)) + 0.5)).toBe(ticks);
    }
  });

  it('is undone by exp to within a tick at the bound of float64, and never above it', () => {
    // Half a unit in the last place of log 2^48 is 3.6e-15, which is one tick of 2^48.
    const ticks = Math.floor(exp(log(2 ** 48)) + 0.5);
    expect(ticks).toBeGreaterThanOrEqual(2 ** 48 - 1);
    expect(ticks).toBeLessThanOrEqual(2 ** 48);
  });

  it('is undone by exp to the nearest tick, for every price of 16 bits', () => {
    let wrong = 0;
    for (let ticks = 1; ticks <= 65_535; ticks++) {
      if (Math.floor(exp(log(ticks)) + 0.5) !== ticks) wrong++;
    }
    expect(wrong).toBe(0);
  });
});
