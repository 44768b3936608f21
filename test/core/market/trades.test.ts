import { describe, expect, it } from 'vitest';
import { DTYPES, type Dtype } from '../../../src/core/market/dtype.ts';
import { newTrades, TradeSums, type Trades } from '../../../src/core/market/fields.ts';
import { BLOCK_ROWS } from '../../../src/core/market/grid.ts';
import type { Market } from '../../../src/core/market/market.ts';
import { MODEL_KINDS } from '../../../src/core/market/models/parameters.ts';
import { marketOf } from '../../helpers/market.ts';
import { average, averageSigmas, blockOf } from './paths.ts';
import { SIGMAS, sequence } from './statistics.ts';

const DAY_MS = 86_400_000;
const AGE_DAYS = 1024;

function tradesOf(market: Market, column: number, block: number): Trades {
  const trades = newTrades(market.spec.dtype, BLOCK_ROWS);
  market.fillTrades(trades, column, block);
  return trades;
}

/** What must hold in every row, as sentences where it does not. */
function broken(market: Market, column: number, block: number): string[] {
  const { minTicks, maxTicks } = market.instruments[column];
  const prices = blockOf(market, column, block);
  const before = block === 0 ? prices[0] : blockOf(market, column, block - 1)[BLOCK_ROWS - 1];
  const { bid, ask, volume, trades, aggressor } = tradesOf(market, column, block);
  const broken: string[] = [];
  for (let i = 0; i < BLOCK_ROWS; i++) {
    const last = prices[i];
    const rules: Record<string, boolean> = {
      'bid < ask': bid[i] < ask[i],
      // Where a mid moves, last is of the row that was traded in.
      'one of them is last': trades[i] === 0 || bid[i] === last || ask[i] === last,
      'inside the walls': bid[i] >= minTicks && ask[i] <= maxTicks,
      'whole ticks': Number.isInteger(bid[i]) && Number.isInteger(ask[i]),
      'a trade has a lot at least': volume[i] >= trades[i],
      'no lots without a trade': trades[i] > 0 || volume[i] === 0,
      'a price does not move by itself':
        trades[i] > 0 || last === (i === 0 ? before : prices[i - 1]),
      'someone came, or nobody': (aggressor[i] === 0) === (trades[i] === 0) && aggressor[i] <= 2,
      'buyers come to the ask': aggressor[i] !== 1 || ask[i] === last,
      'sellers come to the bid': aggressor[i] !== 2 || bid[i] === last,
    };
    for (const [rule, holds] of Object.entries(rules)) {
      if (!holds) broken.push(`${rule}: row ${i} of block ${block}`);
    }
  }
  return broken.slice(0, 5);
}

describe('quotes and trades', () => {
  it.each(MODEL_KINDS)('keep their rules around every price of %s', (model) => {
    const market = marketOf({ seed: 5, count: 2, defaults: { model, tradesPerDay: 40_000 } });
    for (const block of [0, 1, 1024]) expect(broken(market, 1, block)).toEqual([]);
  });

  it.each(Object.keys(DTYPES) as Dtype[])('keep them at the walls of %s', (dtype) => {
    const { min, max } = DTYPES[dtype];
    for (const start of [min, max, Math.floor((min + max) / 2)]) {
      for (const spreadTicks of [1, 5, 1e6]) {
        const fields = { symbol: 'A', model: 'walk', tickSize: 1, startPrice: start, spreadTicks };
        const market = marketOf({ dtype, instruments: [{ ...fields, tradesPerDay: 100 }] });
        expect(broken(market, 0, 0)).toEqual([]);
      }
    }
  });

  it('are the same at random places, of a used market and of a fresh one', () => {
    const spec = { seed: 6, preset: 'equities' };
    const used = marketOf(spec);
    const next = sequence(7);
    for (let n = 0; n < 8; n++) {
      const column = Math.floor(next() * 50);
      // Sometimes the block after the one before, as readers do.
      const block = n % 3 === 0 ? Math.floor(next() * 3000) : 50 + n;
      expect(tradesOf(used, column, block)).toEqual(tradesOf(marketOf(spec), column, block));
    }
  });

  it('are the same in parts of a block, wherever those begin and end', () => {
    const spec = { seed: 6, preset: 'equities' };
    const whole = tradesOf(marketOf(spec), 3, 7);
    const used = marketOf(spec);
    for (const [from, next] of [
      [0, 1],
      [1, 2],
      [0, BLOCK_ROWS],
      [5, 100],
      [100, 205],
      [BLOCK_ROWS - 1, BLOCK_ROWS],
      [BLOCK_ROWS - 7, BLOCK_ROWS - 2],
    ]) {
      for (const market of [used, marketOf(spec)]) {
        const part = newTrades(market.spec.dtype, BLOCK_ROWS);
        market.fillTrades(part, 3, 7, from, next);
        for (const name of ['bid', 'ask', 'volume', 'trades', 'aggressor'] as const) {
          expect(part[name].subarray(from, next)).toEqual(whole[name].subarray(from, next));
          expect(part[name].subarray(0, from).every((value) => value === 0)).toBe(true);
          expect(part[name].subarray(next).every((value) => value === 0)).toBe(true);
        }
      }
    }
  });

  it('are as many, and as large, as docs/models.md says, on every grid', () => {
    const lotsPerTrade = 5;
    for (const model of MODEL_KINDS) {
      for (const interval of [1, 250, 1000, 60_000, 3_600_000, DAY_MS]) {
        const rowsPerDay = DAY_MS / interval;
        for (const tradesPerDay of [1, 24, 172_800, 1e8]) {
          const lots = tradesPerDay > 1e7 ? 1 : lotsPerTrade;
          const defaults = { model, tradesPerDay, lotsPerTrade: lots };
          const spec = { seed: 8, interval, count: 1, defaults };
          if (tradesPerDay * lots > 2 ** 26 * rowsPerDay) continue;
          const market = marketOf(spec);
          const sums = new TradeSums();
          // Two readings, an age apart.
          market.foldTrades(sums, 0, 0, AGE_DAYS * rowsPerDay);
          const least = model === 'market' ? 0 : rowsPerDay;
          const expected = AGE_DAYS * Math.max(tradesPerDay, least);
          expect(Math.abs(sums.trades / expected - 1)).toBeLessThan(0.01);
          if (expected > 1e6)
            expect(Math.abs(sums.volume / sums.trades / lots - 1)).toBeLessThan(0.01);
        }
      }
    }
  });

  it('add up to two readings, however many rows', () => {
    for (const model of MODEL_KINDS) {
      const market = marketOf({ seed: 3, count: 1, defaults: { model, tradesPerDay: 3e5 } });
      const [rows, read] = [new TradeSums(), new TradeSums()];
      for (const block of [7, 8]) rows.add(tradesOf(market, 0, block), 0, BLOCK_ROWS);
      market.foldTrades(read, 0, 7 * BLOCK_ROWS, 9 * BLOCK_ROWS);
      expect({ ...read }).toEqual({ ...rows });
    }
  });

  it('come once a row where none are wanted, and the price moves by itself', () => {
    for (const model of ['walk', 'gbm'] as const) {
      const { trades } = tradesOf(
        marketOf({ count: 1, defaults: { model, tradesPerDay: 0 } }),
        0,
        9,
      );
      expect(trades.every((value) => value === 1)).toBe(true);
    }
  });

  it('follow the price: who comes is mostly the one it went to', () => {
    const market = marketOf({ seed: 10, count: 1 });
    const prices = blockOf(market, 0, 4);
    const { aggressor } = tradesOf(market, 0, 4);
    const follows: number[] = [];
    for (let i = 1; i < BLOCK_ROWS; i++) {
      follows.push((prices[i] > prices[i - 1] ? 1 : 2) === aggressor[i] ? 1 : 0);
    }
    expect(Math.abs(averageSigmas(follows, 205 / 256))).toBeLessThan(SIGMAS);
  });

  it('follow it in the first row of a block as in any other', () => {
    const market = marketOf({ seed: 11, count: 400 });
    const follows: number[] = [];
    for (let column = 0; column < 400; column++) {
      const [first] = blockOf(market, column, 5);
      const before = blockOf(market, column, 4)[BLOCK_ROWS - 1];
      const [came] = tradesOf(market, column, 5).aggressor;
      follows.push((first > before ? 1 : 2) === came ? 1 : 0);
    }
    expect(Math.abs(averageSigmas(follows, 205 / 256))).toBeLessThan(SIGMAS);
  });

  it('have a spread of whole ticks, as wide as it should be on average, that remembers', () => {
    for (const spreadTicks of [2.5, 17, 200]) {
      const defaults = { spreadTicks, model: 'gbm' };
      const market = marketOf({ seed: 12, dtype: 'uint32', count: 1, defaults });
      const spreads = [0, 700, 1400, 2100].flatMap((block) => {
        const { bid, ask } = tradesOf(market, 0, block);
        return Array.from(bid, (price, i) => ask[i] - price);
      });
      expect(Math.min(...spreads)).toBeGreaterThanOrEqual(1);
      // Noise of 4,096 rows in cells: 16 of the longest, a tenth of the spread.
      expect(Math.abs(average(spreads) / spreadTicks - 1)).toBeLessThan(0.1);
      expect(average(spreads.map((spread) => Math.abs(spread / spreadTicks - 1)))).toBeGreaterThan(
        0.1,
      );
    }
  });

  it('have a spread that widens with volatility', () => {
    const parameters = { calmVolatility: 0.1, stormVolatility: 1, calmTime: '1h', stormTime: '1h' };
    const defaults = { model: 'regime', ...parameters, spreadTicks: 1000 };
    const market = marketOf({ seed: 13, dtype: 'uint32', count: 1, defaults });
    const spreads: number[] = [];
    for (let block = 0; block < 4; block++) {
      const { bid, ask } = tradesOf(market, 0, block);
      for (let i = 0; i < BLOCK_ROWS; i++) spreads.push(ask[i] - bid[i]);
    }
    // Activities 0.01 / 0.505 and 1 / 0.505: spreads of 141 and of 1,407, give or take noise.
    const narrow = spreads.filter((spread) => spread < 450);
    const wide = spreads.filter((spread) => spread >= 450);
    expect(average(narrow)).toBeCloseTo(141, -2);
    expect(average(wide) / average(narrow)).toBeGreaterThan(8);
    expect(average(wide) / average(narrow)).toBeLessThan(12);
    expect(narrow.length).toBeGreaterThan(BLOCK_ROWS / 4);
    expect(wide.length).toBeGreaterThan(BLOCK_ROWS / 4);
  });
});
