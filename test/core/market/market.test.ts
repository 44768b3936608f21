import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checksum } from '../../../src/core/market/checksum.ts';
import { BLOCK_ROWS, ERA_BLOCKS, ERA_ROWS } from '../../../src/core/market/grid.ts';
import type { Market } from '../../../src/core/market/market.ts';
import { Fold } from '../../../src/core/market/models/model.ts';
import { Scratch } from '../../../src/core/market/models/scratch.ts';
import { marketOf } from '../../helpers/market.ts';

function sumOf(market: Market, column: number, block: number): string {
  const prices = market.newPrices(BLOCK_ROWS);
  market.fillBlock(prices, column, block);
  return checksum(prices);
}

const MIXED = {
  seed: 51,
  instruments: [
    { symbol: 'WALK_A' },
    { symbol: 'GBM_A', model: 'gbm' },
    { symbol: 'WALK_B' },
    { symbol: 'GBM_B', model: 'gbm', volatility: 4 },
  ],
};

const questions = fc.array(
  fc.record({
    column: fc.integer({ min: 0, max: 3 }),
    block: fc.oneof(
      fc.integer({ min: 0, max: 3 }),
      fc.integer({ min: ERA_BLOCKS - 2, max: ERA_BLOCKS + 2 }),
      fc.integer({ min: 0, max: 20 * ERA_BLOCKS }),
    ),
    fold: fc.option(fc.integer({ min: 0, max: BLOCK_ROWS - 1 })),
  }),
  { minLength: 2, maxLength: 12 },
);

describe('a price', () => {
  it('is the same when walks at their walls and gbms are folded in turn', () => {
    const spec = { ...MIXED, dtype: 'uint8' };
    const asked = marketOf(spec);
    for (const column of [1, 0, 1, 2, 3, 0, 3, 1, 2, 1]) {
      const [a, b] = [new Fold(), new Fold()];
      asked.fold(a, column, 5000, 15_000);
      marketOf(spec).fold(b, column, 5000, 15_000);
      expect({ ...a }).toEqual({ ...b });
    }
  });

  it('is the same whatever was asked before: blocks and folds, all columns, any order', () => {
    const asked = marketOf(MIXED);
    const property = fc.property(questions, (list) => {
      for (const { column, block, fold } of list) {
        const fresh = marketOf(MIXED);
        if (fold === null) {
          expect(sumOf(asked, column, block)).toBe(sumOf(fresh, column, block));
          continue;
        }
        const [a, b] = [new Fold(), new Fold()];
        const index = block * BLOCK_ROWS + fold;
        asked.fold(a, column, index, index + 3000);
        fresh.fold(b, column, index, index + 3000);
        expect({ ...a }).toEqual({ ...b });
      }
    });
    fc.assert(property, { seed: 20260106, numRuns: 40 });
  });

  it('is the same after so many eras that none of the first is remembered', () => {
    const market = marketOf(MIXED);
    const first = [0, 1, 2, 3].map((column) => sumOf(market, column, 5));
    for (let era = 1; era <= 300; era++) {
      market.fold(new Fold(), era % 4, era * ERA_ROWS, era * ERA_ROWS + 1);
    }
    expect([0, 1, 2, 3].map((column) => sumOf(market, column, 5))).toEqual(first);
  });

  it('of one symbol is the same beside any neighbours, at any place, in any count', () => {
    const prices = (market: Market, symbol: string) =>
      [0, 1500].map((block) => sumOf(market, market.columnOf(symbol)!, block));
    for (const { symbol } of MIXED.instruments) {
      const expected = prices(marketOf(MIXED), symbol);
      const reversed = { ...MIXED, instruments: [...MIXED.instruments].reverse() };
      expect(prices(marketOf(reversed), symbol)).toEqual(expected);
      const alone = MIXED.instruments.filter((instrument) => instrument.symbol === symbol);
      expect(prices(marketOf({ ...MIXED, instruments: alone }), symbol)).toEqual(expected);
    }
    const [few, many] = [marketOf({ count: 11 }), marketOf({ count: 99 })];
    expect(prices(few, 'ticker_07')).toEqual(prices(many, 'ticker_07'));
  });

  it('of another seed or symbol is another', () => {
    const sums = [1, 2, 2 ** 32 + 1].flatMap((seed) =>
      [0, 1, 2].map((column) => sumOf(marketOf({ seed, count: 3 }), column, 0)),
    );
    expect(new Set(sums).size).toBe(9);
  });
});

describe('a market id', () => {
  const base = {
    seed: 1,
    origin: '2026-01-01',
    interval: 1000,
    dtype: 'uint16',
    capacity: 100,
    instruments: [
      { symbol: 'A', name: 'First', tickSize: 0.01, startPrice: 100 },
      { symbol: 'B', model: 'gbm', drift: 0.1, volatility: 0.2, startPrice: 200 },
    ],
  };
  const [a, b] = base.instruments;
  const idOf = (change: object) => marketOf({ ...base, ...change }).id;

  it('is 16 hexadecimal digits, the same for the same spec', () => {
    expect(idOf({})).toMatch(/^[0-9a-f]{16}$/);
    expect(idOf({})).toBe(idOf({}));
  });

  it.each([
    { capacity: 101 },
    { instruments: [{ ...a, name: 'Other' }, b] },
    { origin: '2026-01-01T00:00:00Z' },
    { interval: '1s' },
  ])('is the same with %j, which decides no price', (change) => {
    expect(idOf(change)).toBe(idOf({}));
  });

  it('is another for each change that decides a price or a time', () => {
    const changes: object[] = [
      {},
      { seed: 2 },
      { seed: 2 ** 32 + 1 },
      { origin: '2026-01-02' },
      { interval: 1001 },
      { dtype: 'int32' },
      { instruments: [a] },
      { instruments: [b, a] },
      { instruments: [{ ...a, symbol: 'C' }, b] },
      // The same start in ticks: only what a tick is worth differs.
      { instruments: [{ ...a, tickSize: 0.02, startPrice: 200 }, b] },
      { instruments: [{ ...a, startPrice: 100.01 }, b] },
      { instruments: [{ ...a, model: 'gbm' }, b] },
      { instruments: [a, { ...b, drift: 0.11 }] },
      { instruments: [a, { ...b, volatility: 0.21 }] },
    ];
    expect(new Set(changes.map(idOf)).size).toBe(changes.length);
  });
});

describe('a market', () => {
  it('finds the columns of its symbols, and no others', () => {
    const market = marketOf(MIXED);
    const columns = market.instruments.map(({ symbol }) => market.columnOf(symbol));
    expect(columns).toEqual([0, 1, 2, 3]);
    for (const symbol of ['', 'walk_a', 'WALK', 'toString']) {
      expect(market.columnOf(symbol)).toBeUndefined();
    }
  });

  it('remembers eras, as many of those used last as fit 8 MiB', () => {
    const scratch = new Scratch('uint16');
    let made = 0;
    const era = (column: number, n: number) => {
      const starts = scratch.era(column, n, () => {
        made++;
        return new Float64Array(1024).fill(column * 1e6 + n);
      });
      expect(starts[1023]).toBe(column * 1e6 + n);
    };
    for (let n = 0; n < 10_000; n++) era(n % 7, n);
    expect(made).toBe(10_000);
    for (let n = 10_000 - 1024; n < 10_000; n++) era(n % 7, n);
    expect(made).toBe(10_000);
    for (let n = 0; n < 10_000 - 1024; n++) era(n % 7, n);
    expect(made).toBe(20_000 - 1024);
  });
});
