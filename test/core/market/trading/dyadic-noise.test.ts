import { describe, expect, it } from 'vitest';
import { keyOfInstrument } from '../../../../src/core/market/market.ts';
import { DyadicNoise } from '../../../../src/core/market/trading/dyadic-noise.ts';
import { isBuyer, orderFlow } from '../../../../src/core/market/trading/order-flow.ts';
import { normalSigmas, SIGMAS, sequence } from '../statistics.ts';

const key = keyOfInstrument(1, 'A');
const SHAPE = { cell: 39, phase: 40, finest: 0, trees: 2, fall: 0.2 };
const noise = new DyadicNoise(key, SHAPE);

/** The mean product of the noise at numbers so far apart, and at the same one. */
function productAt(of: DyadicNoise, lag: number, many: number, step: number): number {
  let sum = 0;
  for (let n = 0; n < many; n++) sum += of.at(n * step) * of.at(n * step + lag);
  return sum / many;
}

/** What it should be: of each level, how often two numbers are in one cell. */
function lawAt(levels: number, fall: number, finest: number, lag: number): number {
  let [sum, all] = [0, 0];
  for (let k = 0; k < levels; k++) {
    const weight = 2 ** (-fall * k);
    sum += weight * Math.max(0, 1 - lag / 2 ** (k + finest));
    all += weight;
  }
  return sum / all;
}

describe('noise that remembers', () => {
  it('is read at one number as at many, whatever was read before', () => {
    const other = new DyadicNoise(keyOfInstrument(2, 'A'), SHAPE);
    const next = sequence(3);
    for (const from of [-1, 0, 31, 4095, 2 ** 32 - 100, 2 ** 50]) {
      for (const stride of [1, 3, 700]) {
        const numbers = Float64Array.from({ length: 300 }, (_, n) => from + n * stride);
        const out = new Float64Array(300);
        noise.fill(out, numbers, 10, 290);
        expect(out.subarray(0, 10).every((value) => value === 0)).toBe(true);
        for (let tries = 0; tries < 20; tries++) {
          const n = 10 + Math.floor(280 * next());
          other.at(numbers[n]);
          expect(noise.at(numbers[n])).toBe(out[n]);
        }
      }
    }
  });

  it('is the same for all numbers of a finest cell', () => {
    const coarse = new DyadicNoise(key, { ...SHAPE, finest: 3 });
    for (const start of [0, 8, 8000, 2 ** 40]) {
      const values = Array.from({ length: 8 }, (_, n) => coarse.at(start + n));
      expect(new Set(values).size).toBe(1);
      expect(coarse.at(start + 8)).not.toBe(values[0]);
    }
  });

  it('is all but normal', () => {
    // As far apart as nothing remembers.
    const values = Array.from({ length: 20_000 }, (_, n) => noise.at(n * 4096));
    expect(Math.abs(normalSigmas(values))).toBeLessThan(SIGMAS);
    const variance = values.reduce((sum, value) => sum + value * value, 0) / values.length;
    expect(Math.abs(variance - 1)).toBeLessThan(SIGMAS * Math.sqrt(2 / values.length));
  });

  it.each([0, 1, 2, 10, 100, 1000, 5000])('remembers as its law says, %d numbers on', (lag) => {
    const many = 40_000;
    const seen = productAt(noise, lag, many, 4099);
    const law = lawAt(12, 0.2, 0, lag);
    // A product of two such normals has a variance of at most 2.
    expect(Math.abs(seen - law)).toBeLessThan(SIGMAS * Math.sqrt(2 / many));
  });

  it('of orders lasts about as long as that of real sides', () => {
    const lags = [1, 10, 100, 1000];
    const remembered = lags.map(() => 0);
    const [markets, many] = [10, 200_000];
    const numbers = Float64Array.from({ length: many }, (_, n) => n);
    const out = new Float64Array(many);
    for (let seed = 0; seed < markets; seed++) {
      orderFlow(keyOfInstrument(seed, 'A'), 1).fill(out, numbers, 0, many);
      const sides = out.map((value) => (isBuyer(0, value) ? 1 : -1));
      for (const [at, lag] of lags.entries()) {
        let sum = 0;
        for (let n = lag; n < many; n++) sum += sides[n] * sides[n - lag];
        remembered[at] += sum / (many - lag) / markets;
      }
    }
    // Of two normal variates, the product of signs has the arc sine of their correlation. What ten
    // markets remember for 100,000 trades is a few numbers: hence the width.
    for (const [at, lag] of lags.entries()) {
      const law = (2 / Math.PI) * Math.asin(lawAt(18, 0.3, 0, lag));
      expect(Math.abs(remembered[at] - law)).toBeLessThan(0.06);
    }
    expect(remembered[0]).toBeGreaterThan(0.45);
    expect(remembered[2]).toBeGreaterThan(0.08);
    expect(remembered[3]).toBeGreaterThan(0.02);
  });
});
