import { describe, expect, it } from 'vitest';
import { Cascade, DAY_LEVELS, segmentLevelsOf } from '../../../src/core/market/models/cascade.ts';
import { meanSigmas, SIGMAS } from './statistics.ts';

const MANY = 4001;
const PLACES = Float64Array.from({ length: MANY }, (_, n) => n / (MANY - 1));
/** The fastest and the slowest that all levels of a day come to together. */
const MOST = DAY_LEVELS.reduce((speed, { depth }) => speed * (1 + depth), 1);
const LEAST = DAY_LEVELS.reduce((speed, { depth }) => speed * (1 - depth), 1);

function shown(cascade: Cascade, span: number, places = PLACES): Float64Array {
  const out = new Float64Array(places.length);
  cascade.fill(out, places, 0, places.length, 0, span);
  return out;
}

describe('a cascade', () => {
  const cascade = new Cascade({ k0: 11, k1: 12 }, 5, DAY_LEVELS, 1);

  it('begins and ends on time, and goes forward between, within the bounds of its levels', () => {
    for (let span = 0; span < 40; span++) {
      const out = shown(cascade, span);
      expect(Math.abs(out[0])).toBeLessThan(1e-15);
      expect(out[MANY - 1]).toBeCloseTo(1, 14);
      for (let n = 1; n < MANY; n++) {
        const speed = (out[n] - out[n - 1]) * (MANY - 1);
        expect(speed).toBeGreaterThan(LEAST * (1 - 1e-9));
        expect(speed).toBeLessThan(MOST * (1 + 1e-9));
      }
    }
  });

  it('shows the same of one place as of many', () => {
    const all = shown(cascade, 3);
    for (const n of [1, 2, 700, 1333, MANY - 2]) {
      expect(shown(cascade, 3, PLACES.subarray(n, n + 1))[0]).toBe(all[n]);
    }
  });

  it('is on time on average, at every place of a span', () => {
    const early = [0.02, 0.3, 0.5, 0.9];
    const off = early.map((): number[] => []);
    for (let span = 0; span < 2000; span++) {
      const out = shown(cascade, span, Float64Array.from(early));
      for (const [n, place] of early.entries()) off[n].push(out[n] - place);
    }
    for (const values of off) {
      const spread = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / 2000);
      expect(Math.abs(meanSigmas(values.map((value) => value / spread)))).toBeLessThan(SIGMAS);
    }
  });

  it('has the spread of its levels', () => {
    const level = new Cascade({ k0: 1, k1: 2 }, 5, [{ cells: 4, depth: 0.6 }], 1);
    // Far inside a span, from the middle of a cell on average: 0.6 uniform / 4, times a tent whose
    // square is 1 / 12 on average.
    const values = Array.from(
      { length: 20_000 },
      (_, span) => shown(level, span, Float64Array.of(0.5))[0] - 0.5,
    );
    const sigma = Math.sqrt((0.6 * 0.6) / 3 / 16 / 12);
    const square = values.reduce((sum, value) => sum + value * value, 0) / values.length;
    // The fourth moment is 9/5 x 12^2 / 80 times the square of the second: 3.24.
    const error = Math.sqrt(2.24 / values.length);
    expect(Math.abs(square / (sigma * sigma) - 1)).toBeLessThan(SIGMAS * error);
  });

  it('is even without clustering, and on grids coarser than its cells', () => {
    expect(shown(new Cascade({ k0: 1, k1: 2 }, 5, DAY_LEVELS, 0), 7)).toEqual(PLACES);
    expect(segmentLevelsOf(1000).map(({ cells }) => cells)).toEqual([3, 13, 51]);
    expect(segmentLevelsOf(60_000).map(({ cells }) => cells)).toEqual([3]);
    expect(segmentLevelsOf(300_000)).toEqual([]);
  });
});
