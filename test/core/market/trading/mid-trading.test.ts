import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newTrades, type Trades } from '../../../../src/core/market/fields.ts';
import { BLOCK_ROWS, indexFrom } from '../../../../src/core/market/grid.ts';
import type { Market } from '../../../../src/core/market/market.ts';
import { Fold } from '../../../../src/core/market/models/model.ts';
import { marketOf } from '../../../helpers/market.ts';

const DAY_MS = 86_400_000;

interface Rows extends Trades {
  readonly last: Float64Array;
}

function rowsOf(market: Market, block: number): Rows {
  const trades = newTrades(market.spec.dtype, BLOCK_ROWS);
  const prices = market.newPrices(BLOCK_ROWS);
  market.fillTrades(trades, 0, block);
  market.fillBlock(prices, 0, block);
  return { ...trades, last: Float64Array.from(prices) };
}

const oneOf = (spec: object, parameters: object) =>
  marketOf({
    dtype: 'uint32',
    ...spec,
    instruments: [{ symbol: 'M', model: 'market', tickSize: 0.01, ...parameters }],
  });

/** What the rows of a block break, in words. */
function broken({ last, bid, ask, trades, volume, aggressor }: Rows, before: number): string[] {
  const found = new Set<string>();
  for (let i = 0; i < BLOCK_ROWS; i++) {
    const paid = aggressor[i] === 1 ? ask[i] : bid[i];
    if (!(bid[i] < ask[i])) found.add('a bid is below the ask');
    if (trades[i] > 0 && aggressor[i] === 0) found.add('a trade has a taker');
    if (trades[i] > 0 && last[i] !== paid) found.add('takers pay the ask, or are paid the bid');
    if (trades[i] > 0) continue;
    if (aggressor[i] !== 0 || volume[i] !== 0) found.add('without a trade nobody comes');
    const previous = i === 0 ? before : last[i - 1];
    if (last[i] !== previous) found.add('without a trade the price stays');
  }
  return [...found];
}

describe('rows of the model market', () => {
  it.each([0.003, 1, 40, 5000, 172_800, 5e6])('pay the bid or the ask, %d times a day', (many) => {
    for (const calendar of ['always', 'new-york']) {
      const market = oneOf({ seed: 3 }, { tradesPerDay: many, calendar, startPrice: 60 });
      for (const block of [0, 1, 2, 500]) {
        const rows = rowsOf(market, block);
        const before = block === 0 ? rows.last[0] : rowsOf(market, block - 1).last[BLOCK_ROWS - 1];
        expect(broken(rows, before)).toEqual([]);
      }
    }
  });

  it('have a price from the first one on: what is bid, until somebody comes', () => {
    const market = oneOf({ seed: 4 }, { tradesPerDay: 100, startPrice: 60 });
    const { last, bid, trades } = rowsOf(market, 0);
    const first = trades.findIndex((count) => count > 0);
    expect(first).toBeGreaterThan(0);
    expect(new Set(last.subarray(0, first))).toEqual(new Set([bid[0]]));
  });

  it('say the bid where nobody ever comes', () => {
    const { last, bid, trades } = rowsOf(oneOf({ seed: 4 }, { tradesPerDay: 0 }), 3);
    expect(last).toEqual(Float64Array.from(bid));
    expect(trades.every((count) => count === 0)).toBe(true);
    expect(new Set(last).size).toBeGreaterThan(100);
  });

  it.each([1000, 60_000, 1_800_000])('stand still while it is closed, every %d ms', (interval) => {
    const origin = '2026-01-01T00:00:00Z';
    const market = oneOf({ seed: 5, origin, interval }, { calendar: 'new-york', startPrice: 70 });
    // Friday 2 January, 21:00, to Monday 5 January, 14:30.
    const [close, open] = ['2026-01-02T21:00Z', '2026-01-05T14:30Z'].map((time) =>
      indexFrom(market.grid, Date.parse(time)),
    );
    const seen = new Set<string>();
    let trades = 0;
    const blocks = new Map<number, Rows>();
    for (let index = close; index < open; index++) {
      const block = Math.floor(index / BLOCK_ROWS);
      if (!blocks.has(block)) blocks.set(block, rowsOf(market, block));
      const rows = blocks.get(block)!;
      const at = index - block * BLOCK_ROWS;
      // The last trades are in the row that closes.
      if (index > close) trades += rows.trades[at];
      seen.add(`${rows.bid[at]} ${rows.ask[at]} ${index > close ? rows.last[at] : ''}`);
    }
    expect(trades).toBe(0);
    expect(seen.size).toBeLessThanOrEqual(2);
  });

  it('stand inside the walls of their type, at the cheapest prices too', () => {
    for (const dtype of ['int8', 'uint16']) {
      const market = oneOf({ seed: 6, dtype }, { tickSize: 1, startPrice: 2, volatility: 8 });
      const { minTicks, maxTicks } = market.instruments[0];
      const { bid, ask } = rowsOf(market, 900);
      expect(Math.min(...bid)).toBeGreaterThanOrEqual(minTicks);
      expect(Math.max(...ask)).toBeLessThanOrEqual(maxTicks);
    }
  });
});

describe('folding the model market', () => {
  const row = fc.integer({ min: 0, max: BLOCK_ROWS - 1 });
  const specs = fc.record({
    seed: fc.integer({ min: 0, max: 2 ** 40 }),
    interval: fc.constantFrom(1, 50, 1000, 1000, 60_000),
    dtype: fc.constantFrom('uint16', 'uint32', 'float64'),
  });
  const instruments = fc.record({
    spreadTicks: fc.constantFrom(1, 2, 7, 40, 200),
    tradesPerDay: fc.constantFrom(0, 1, 200, 20_000, 172_800, 4e6),
    calendar: fc.constantFrom('always', 'fx-week', 'new-york'),
    volatility: fc.constantFrom(0, 0.01, 0.3, 3),
    startPrice: fc.constantFrom(0.02, 0.9, 30, 600),
  });
  const ranges = fc.array(fc.tuple(row, row), { minLength: 3, maxLength: 6 });

  it('says what its rows say, of all ranges, whatever was folded before', () => {
    const property = fc.property(
      specs,
      instruments,
      fc.constantFrom(0, 1, 5, 77),
      ranges,
      (spec, parameters, block, wanted) => {
        const plain = rowsOf(oneOf(spec, parameters), block).last;
        const used = oneOf(spec, parameters);
        const start = block * BLOCK_ROWS;
        for (const [a, b] of [...wanted, [0, BLOCK_ROWS - 1]]) {
          const [from, next] = [Math.min(a, b), Math.max(a, b) + 1];
          const middle = Math.floor((from + next) / 2);
          const expected = new Fold();
          expected.addPrices(plain, from, next);
          for (const market of [used, oneOf(spec, parameters)]) {
            const [whole, parts] = [new Fold(), new Fold()];
            market.fold(whole, 0, start + from, start + next);
            market.fold(parts, 0, start + from, start + middle);
            market.fold(parts, 0, start + middle, start + next);
            expect(whole).toEqual(expected);
            expect(parts).toEqual(expected);
          }
        }
      },
    );
    fc.assert(property, { seed: 20261130, numRuns: 20 });
  });

  it('says what its rows say over several blocks, at once and block by block', () => {
    for (const [seed, tradesPerDay] of [
      [11, 50],
      [12, 5000],
      [13, 172_800],
    ]) {
      for (const calendar of ['always', 'new-york']) {
        const spec = { seed, interval: 60_000 };
        const parameters = { tradesPerDay, calendar, startPrice: 40, volatility: 0.6 };
        const lasts = [2, 3, 4, 5].map((block) => rowsOf(oneOf(spec, parameters), block).last);
        for (const [from, next] of [
          [5, 4 * BLOCK_ROWS],
          [BLOCK_ROWS - 1, 3 * BLOCK_ROWS + 1],
          [BLOCK_ROWS, 2 * BLOCK_ROWS + 40],
        ]) {
          const expected = new Fold();
          const [whole, parts] = [new Fold(), new Fold()];
          const market = oneOf(spec, parameters);
          for (let n = 0; n < 4; n++) {
            const [at, stop] = [from, next].map((row) =>
              Math.min(BLOCK_ROWS, Math.max(0, row - n * BLOCK_ROWS)),
            );
            expected.addPrices(lasts[n], at, stop);
            const start = (n + 2) * BLOCK_ROWS;
            market.fold(parts, 0, start + at, start + stop);
          }
          oneOf(spec, parameters).fold(whole, 0, 2 * BLOCK_ROWS + from, 2 * BLOCK_ROWS + next);
          expect(whole).toEqual(expected);
          expect(parts).toEqual(expected);
        }
      }
    }
  });

  it('is the same after all that was made was forgotten', () => {
    const market = oneOf({ seed: 7 }, { tradesPerDay: 20_000 });
    const foldOf = () => {
      const fold = new Fold();
      market.fold(fold, 0, 3 * BLOCK_ROWS + 5, 5 * BLOCK_ROWS - 7);
      return fold;
    };
    const first = foldOf();
    market.forgetFrom(4 * BLOCK_ROWS);
    expect(foldOf()).toEqual(first);
  });

  it('of a day on the grid of an hour is that of its hours', () => {
    const market = oneOf({ seed: 8, interval: 3_600_000 }, { calendar: 'new-york' });
    const rows = rowsOf(market, 0).last;
    for (let day = 0; day < 40; day++) {
      const from = day * (DAY_MS / 3_600_000);
      const [fold, expected] = [new Fold(), new Fold()];
      market.fold(fold, 0, from, from + 24);
      expected.addPrices(rows, from, from + 24);
      expect(fold).toEqual(expected);
    }
  });
});
