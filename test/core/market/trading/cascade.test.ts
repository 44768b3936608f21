import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyOfInstrument } from '../../../../src/core/market/market.ts';
import { Cascade } from '../../../../src/core/market/trading/cascade.ts';
import { SIGMAS, sequence, uniformSigmas } from '../statistics.ts';

const key = keyOfInstrument(1, 'A');
const DEPTHS = Array.from({ length: 14 }, (_, n) => 0.3 + 0.05 * n);
const cascade = new Cascade(key, 34, DEPTHS);

function mapped(of: Cascade, times: readonly number[]): Float64Array {
  const out = Float64Array.from(times);
  of.map(out, 0, out.length);
  return out;
}

/** The first place that is mapped to what is earlier than the one before; -1 for none. */
const broken = (out: Float64Array) => out.findIndex((value, n) => n > 0 && value < out[n - 1]);

describe('a cascade that keeps time', () => {
  it('is on time wherever a trunk begins, and never before what is earlier', () => {
    expect(cascade.trunk).toBe(2 ** 14);
    for (const number of [0, 1, 7, 2 ** 20, 2 ** 27]) {
      const start = number * cascade.trunk;
      const times = Array.from({ length: 256 }, (_, n) => start + n * 64.25);
      const out = mapped(cascade, times);
      expect(out[0]).toBe(start);
      expect(broken(out)).toBe(-1);
      expect(cascade.at(start + cascade.trunk)).toBe(start + cascade.trunk);
    }
  });

  it('reads one place as it reads many, whatever was read before', () => {
    const other = new Cascade(keyOfInstrument(2, 'A'), 34, DEPTHS);
    const next = sequence(1);
    const property = fc.property(fc.double({ min: 0, max: 2 ** 45, noNaN: true }), (from) => {
      const times = Array.from({ length: 300 }, () => from + 500 * next()).sort((a, b) => a - b);
      const out = mapped(cascade, times);
      for (const n of [0, 77, 299]) {
        expect(cascade.at(times[n])).toBe(out[n]);
        other.at(times[n]);
        expect(cascade.at(times[n])).toBe(out[n]);
      }
    });
    fc.assert(property, { numRuns: 50, seed: 1 });
  });

  it('never maps what is later to what is earlier, however near they are', () => {
    const next = sequence(2);
    for (const start of [0, 3 * cascade.trunk - 2, 2 ** 44 - 1]) {
      const times = Array.from({ length: 20_000 }, () => start + 4 * next()).sort((a, b) => a - b);
      expect(broken(mapped(cascade, times))).toBe(-1);
    }
  });

  it('gives the first half of a cell a share that is uniform, as uneven as the depth', () => {
    const one = new Cascade(key, 34, [0.6]);
    expect(one.trunk).toBe(2);
    const places = Array.from({ length: 4000 }, (_, n) => {
      const share = (one.at(2 * n + 1) - 2 * n) / 2;
      return (share - 0.2) / 0.6;
    });
    expect(Math.min(...places)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...places)).toBeLessThan(1);
    expect(Math.abs(uniformSigmas(places))).toBeLessThan(SIGMAS);
  });

  it('has the same halves where it is finer, and goes evenly within leaves', () => {
    const coarse = new Cascade(key, 34, DEPTHS.slice(0, 9));
    for (let n = 0; n < 2000; n++) {
      const at = coarse.at(n) * 32;
      // A share of what is left is a whole number again: a few units of 2^-50 trunks.
      expect(Math.abs(cascade.at(n * 32) - at)).toBeLessThan(2 ** -30);
      const [from, end] = [cascade.at(n), cascade.at(n + 1)];
      expect(cascade.at(n + 0.25)).toBeCloseTo(from + (end - from) / 4, 9);
    }
  });

  it('leaves out the longest cells as long as these are even', () => {
    const longer = new Cascade(key, 34, [0, 0, 0, 0, 0, 0, ...DEPTHS]);
    expect(longer.trunk).toBe(cascade.trunk);
    expect(longer.at(77)).not.toBe(cascade.at(77));
    expect(longer.at(5 * longer.trunk)).toBe(5 * longer.trunk);
  });

  it('of no level is the time itself', () => {
    const none = new Cascade(key, 34, []);
    expect(none.at(12.5)).toBe(12.5);
    expect([...mapped(none, [0, 1, 7.25])]).toEqual([0, 1, 7.25]);
  });
});
