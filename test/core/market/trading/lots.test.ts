import { describe, expect, it } from 'vitest';
import { keyOfInstrument } from '../../../../src/core/market/market.ts';
import { LotCells, Lots } from '../../../../src/core/market/trading/lots.ts';
import { correlationSigmas, SIGMAS, sequence, uniformSigmas } from '../statistics.ts';

const key = keyOfInstrument(1, 'A');
const lotsOf = (mean: number, seed = 1) =>
  new Lots(keyOfInstrument(seed, 'A'), mean, new LotCells());

describe('lots', () => {
  it('of trades add up to the lots before a trade, wherever it is', () => {
    const lots = lotsOf(5);
    for (const from of [0, 200, 65_536 - 300, 2 ** 24 - 300, 2 ** 40 + 17]) {
      let sum = lots.before(from);
      for (let n = from; n < from + 600; n++) {
        const own = lots.of(n);
        expect(own).toBeGreaterThanOrEqual(1);
        expect(Number.isInteger(own)).toBe(true);
        sum += own;
        expect(lots.before(n + 1)).toBe(sum);
      }
    }
  });

  it('of rows are those between two readings, whoever else reads', () => {
    const cells = new LotCells();
    const lots = new Lots(key, 20, cells);
    const other = new Lots(keyOfInstrument(2, 'A'), 3, cells);
    const next = sequence(4);
    for (const most of [0.5, 3, 400, 100_000]) {
      const before = new Float64Array(2001);
      before[0] = 1_000_003;
      for (let i = 1; i < before.length; i++) {
        before[i] = before[i - 1] + Math.floor(next() * most + 0.6);
      }
      const out = new Uint32Array(2000);
      other.before(before[100]);
      lots.fillRows(out, before, 3, 1999);
      for (let i = 3; i < 1999; i++) {
        expect(out[i]).toBe(lots.before(before[i + 1]) - lots.before(before[i]));
        if (i % 100 === 0) other.before(before[i]);
      }
      expect([out[2], out[1999]]).toEqual([0, 0]);
    }
  });

  it('of a row end where 32 bits do', () => {
    const out = new Uint32Array(2);
    lotsOf(1e6).fillRows(out, Float64Array.of(7, 7 + 1e5, 7 + 1e5 + 1), 0, 2);
    expect(out[0]).toBe(2 ** 32 - 1);
    expect(out[1]).toBeLessThan(2 ** 32 - 1);
  });

  it.each([1, 1.02, 1.5, 2, 5, 20, 1000, 1e6])('are %d a trade on average', (mean) => {
    for (const seed of [1, 2]) {
      const lots = lotsOf(mean, seed);
      for (const [from, many] of [
        [0, 2 ** 24],
        [12_345, 2 ** 25],
        [2 ** 40, 3e6],
      ]) {
        const seen = (lots.before(from + many) - lots.before(from)) / many;
        expect(Math.abs(seen / mean - 1)).toBeLessThan(0.01);
      }
    }
  });

  it('have the same sizes in each 256 trades but one, and a Pareto tail', () => {
    const lots = lotsOf(50);
    const sorted = (cell: number) =>
      Array.from({ length: 256 }, (_, n) => lots.of(cell * 256 + n)).sort((a, b) => a - b);
    const first = sorted(0);
    for (const cell of [1, 2, 300]) expect(sorted(cell).slice(0, 255)).toEqual(first.slice(0, 255));
    // One in 256 is above the 256th part of the law, one in 16 above the 16th: 16^(1 / 2.1) apart.
    const isNear = (seen: number, law: number) => Math.abs(seen / law - 1) < 0.1;
    expect(isNear(first[255 - 15] / first[127], (128.5 / 15.5) ** (1 / 2.1))).toBe(true);
    const largest = Array.from({ length: 65_536 }, (_, cell) => {
      return lots.before((cell + 1) * 256) - lots.before(cell * 256);
    }).sort((a, b) => b - a);
    const rest = first.slice(0, 255).reduce((sum, size) => sum + size, 0);
    const ratio = (largest[10] - rest) / (largest[1000] - rest);
    expect(isNear(ratio, (1000.5 / 10.5) ** (1 / 2.1))).toBe(true);
  });

  it('come in an order that says nothing of the next, and favours no place', () => {
    const lots = lotsOf(1000);
    const above: number[] = [];
    const median = [...Array.from({ length: 256 }, (_, n) => lots.of(n))].sort(
      (a, b) => a - b,
    )[128];
    for (let n = 0; n < 100_000; n++) above.push(lots.of(n) < median ? -1 : 1);
    for (const lag of [1, 2, 16, 255, 256]) {
      const sigmas = correlationSigmas(above.slice(lag), above.slice(0, above.length - lag));
      expect(Math.abs(sigmas)).toBeLessThan(SIGMAS);
    }
    const places: number[] = [];
    for (let cell = 0; cell < 3000; cell++) {
      let most = 0;
      for (let n = 1; n < 256; n++) {
        if (lots.of(cell * 256 + n) > lots.of(cell * 256 + most)) most = n;
      }
      places.push((most + 0.5) / 256);
    }
    expect(Math.abs(uniformSigmas(places))).toBeLessThan(SIGMAS);
  });
});
