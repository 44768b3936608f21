import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newTrades } from '../../../../src/core/market/fields.ts';
import { BLOCK_ROWS, MAX_ROWS } from '../../../../src/core/market/grid.ts';
import { keyOfInstrument, type Market } from '../../../../src/core/market/market.ts';
import { MODEL_KINDS } from '../../../../src/core/market/models/parameters.ts';
import { newEachTrade, TradeReader } from '../../../../src/core/market/trading/each-trade.ts';
import { LotCells, Lots } from '../../../../src/core/market/trading/lots.ts';
import { TradeClock } from '../../../../src/core/market/trading/trade-clock.ts';
import { marketOf } from '../../../helpers/market.ts';
import { SIGMAS, uniformSigmas } from '../statistics.ts';

const key = keyOfInstrument(1, 'A');

function eachOf(market: Market, from: number, next: number) {
  const each = newEachTrade(next - from);
  market.fillEachTrade(each, 0, from, next);
  return each;
}

/** A reader of a clock of so many trades a row, none of which needs have one. */
function readerOf(rate: number, intervalMs = 1000) {
  const clock = new TradeClock({}, key, rate, 0, intervalMs);
  let readings = 0;
  const tradesBefore = (index: number) => {
    readings += 1;
    return clock.before(index);
  };
  const lots = new Lots(key, 5, new LotCells());
  const reader = new TradeReader(key, { tradesBefore }, lots, rate, intervalMs);
  return { reader, clock, lots, readings: () => readings };
}

/** Of the trades of some rows: their number, lots and places, row by row. */
function folded(market: Market, first: number, next: number) {
  const [from, end] = [market.tradesBefore(0, first), market.tradesBefore(0, next)];
  const { rows, micros, lots } = eachOf(market, from, end);
  const made = { trades: new Array<number>(next - first).fill(0), volume: [] as number[] };
  made.volume = [...made.trades];
  let inOrder = true;
  for (let n = 0; n < rows.length; n++) {
    made.trades[rows[n] - first] += 1;
    made.volume[rows[n] - first] += lots[n];
    const place = micros[n];
    inOrder &&= Number.isInteger(place) && place >= 0 && place < market.grid.intervalMs * 1000;
    inOrder &&= n === 0 || rows[n - 1] < rows[n] || micros[n - 1] <= place;
  }
  return { ...made, inOrder };
}

describe('each trade', () => {
  it.each(MODEL_KINDS)('of %s adds up to its row, and has its place there', (model) => {
    for (const [interval, tradesPerDay] of [
      [1000, 172_800],
      [1000, 20_000_000],
      [1, 40_000],
      [60_000, 3000],
    ]) {
      const defaults = { model, tradesPerDay, lotsPerTrade: 20 };
      const market = marketOf({ seed: 5, interval, count: 1, defaults });
      const rows = newTrades(market.spec.dtype, BLOCK_ROWS);
      for (const block of [0, 1024]) {
        market.fillTrades(rows, 0, block);
        const start = block * BLOCK_ROWS;
        for (const [from, next] of [
          [0, 300],
          [BLOCK_ROWS - 200, BLOCK_ROWS],
        ]) {
          const { trades, volume, inOrder } = folded(market, start + from, start + next);
          expect(trades).toEqual([...rows.trades.subarray(from, next)]);
          expect(volume).toEqual([...rows.volume.subarray(from, next)]);
          expect(inOrder).toBe(true);
        }
      }
    }
  });

  it('has a number from the first of the market on, without a hole', () => {
    const market = marketOf({ seed: 2, count: 1, defaults: { model: 'market' } });
    expect(market.tradesBefore(0, 0)).toBe(0);
    let before = 0;
    for (let index = 1; index < 500; index++) {
      const now = market.tradesBefore(0, index);
      for (let number = before; number < now; number++) {
        expect(market.rowOfTrade(0, number)).toBe(index - 1);
      }
      before = now;
    }
  });

  it('is the same in whatever part it is read, and whatever was read before', () => {
    const spec = { seed: 7, count: 2, defaults: { model: 'market', tradesPerDay: 5e7 } };
    const used = marketOf(spec);
    const property = fc.property(
      fc.integer({ min: 0, max: 2 ** 40 }),
      fc.integer({ min: 1, max: 3000 }),
      fc.nat(2999),
      (from, many, skip) => {
        const all = eachOf(used, from, from + many);
        const at = Math.min(skip, many - 1);
        const part = eachOf(marketOf(spec), from + at, from + Math.min(many, at + 300));
        for (const name of ['rows', 'micros', 'lots'] as const) {
          expect(part[name]).toEqual(all[name].subarray(at, at + part[name].length));
        }
      },
    );
    fc.assert(property, { numRuns: 25, seed: 1 });
  });

  it('is found in few readings of the clock, at any distance, however rare', () => {
    const all: number[] = [];
    for (const [rate, intervalMs] of [
      [1.7, 1000],
      [0.001, 1000],
      [500, 60_000],
      [1 / 86_400_000, 1],
      [1, 86_400_000],
    ]) {
      const { reader, clock, readings } = readerOf(rate, intervalMs);
      for (const number of [0, 1, 77, 54_321, 500_000]) {
        const start = readings();
        const row = reader.rowOf(number)!;
        const many = readings() - start;
        expect(many).toBeLessThanOrEqual(120);
        all.push(many);
        expect(clock.before(row)).toBeLessThanOrEqual(number);
        expect(clock.before(row + 1)).toBeGreaterThan(number);
      }
    }
    expect(all.reduce((sum, many) => sum + many) / all.length).toBeLessThan(25);
  });

  it('is told not to be where no row is as far', () => {
    const { reader, clock } = readerOf(0.5);
    const end = clock.before(MAX_ROWS);
    expect(reader.rowOf(end - 1)).toBeLessThan(MAX_ROWS);
    expect(reader.rowOf(end)).toBeUndefined();
    expect(() => reader.fill(newEachTrade(2), end - 1, end + 1)).toThrow(RangeError);
    const even = { tradesBefore: (index: number) => 3 * index };
    const others = new TradeReader(key, even, new Lots(key, 5, new LotCells()), 3, 1000);
    others.fill(newEachTrade(2), 3 * MAX_ROWS - 2, 3 * MAX_ROWS);
    expect(() => others.fill(newEachTrade(2), 3 * MAX_ROWS - 1, 3 * MAX_ROWS + 1)).toThrow(
      RangeError,
    );
    expect(readerOf(0).reader.rowOf(0)).toBeUndefined();
  });

  it('is asked for by whole numbers, in order, with room', () => {
    const market = marketOf({ count: 1 });
    const each = newEachTrade(5);
    for (const wrong of [-1, 0.5, Number.NaN, 2 ** 60, Number.POSITIVE_INFINITY, '1']) {
      const number = wrong as number;
      expect(() => market.rowOfTrade(0, number)).toThrow(/^number must be a whole number of 0/);
      expect(() => market.fillEachTrade(each, 0, number, 3)).toThrow(/^from must be/);
      expect(() => market.fillEachTrade(each, 0, 3, number)).toThrow(/^next must be/);
    }
    expect(() => market.fillEachTrade(each, 0, 3, 2)).toThrow(/^next must be/);
    expect(() => market.fillEachTrade(each, 0, 3, 9)).toThrow(/^out must be/);
    market.fillEachTrade(each, 0, 3, 3);
    expect([...each.lots]).toEqual([0, 0, 0, 0, 0]);
  });

  it('stands at any time of its row alike, alone or among many', () => {
    const { reader, clock } = readerOf(2);
    const [many, at] = [40_000, { alone: [] as number[], all: [] as number[] }];
    const each = newEachTrade(many);
    reader.fill(each, 0, many);
    for (let n = 0; n < many; n++) {
      const trades = clock.before(each.rows[n] + 1) - clock.before(each.rows[n]);
      const place = (each.micros[n] + 0.5) / 1e6;
      at.all.push(place);
      if (trades === 1) at.alone.push(place);
    }
    expect(at.alone.length).toBeGreaterThan(3000);
    expect(Math.abs(uniformSigmas(at.alone))).toBeLessThan(SIGMAS);
    expect(Math.abs(uniformSigmas(at.all))).toBeLessThan(SIGMAS);
  });

  it('has its own part of a row of thousands', () => {
    const { reader, clock } = readerOf(5000);
    const [from, end] = [clock.before(10), clock.before(11)];
    expect(end - from).toBeGreaterThan(1000);
    const each = newEachTrade(end - from);
    reader.fill(each, from, end);
    const places = [...each.micros];
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    for (let n = 0; n < places.length; n++) {
      // Each 256 have their part of the row, in order.
      const part = Math.floor(n / 256) * 256;
      expect(places[n]).toBeGreaterThanOrEqual(Math.floor((part / places.length) * 1e6));
      expect(places[n]).toBeLessThan(((part + 256) / places.length) * 1e6);
    }
  });
});
