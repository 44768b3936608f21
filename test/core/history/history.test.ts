import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { History } from '../../../src/core/history/history.ts';
import { BLOCK_ROWS } from '../../../src/core/market/grid.ts';
import { Fold } from '../../../src/core/market/models/model.ts';
import { marketOf, pricesOf } from '../../helpers/market.ts';

const ROWS = 5 * BLOCK_ROWS;

function historyOf(spec: object, capacity: number, head: number): History {
  const history = new History(marketOf(spec), capacity);
  for (const _ of history.ring.moveTo(head));
  return history;
}

function read(history: History, column: number, from: number, next: number): number[] {
  const out = history.market.newPrices(next - from);
  history.copy(out, 0, column, from, next);
  return [...out];
}

const specs = [
  { seed: 5, count: 2 },
  { seed: 5, dtype: 'float64', count: 2, defaults: { model: 'gbm' } },
];

describe('history', () => {
  it.each(specs)('is the same rows from the ring and from regeneration: %j', (spec) => {
    const market = marketOf(spec);
    const list = market.instruments.map((_, column) => pricesOf(market, column, 0, ROWS));
    const histories = [1, 1000, BLOCK_ROWS, 30_001, ROWS].map((capacity) =>
      historyOf(spec, capacity, ROWS),
    );
    const property = fc.property(
      fc.constantFrom(...histories),
      fc.integer({ min: 0, max: 1 }),
      fc.integer({ min: 0, max: ROWS - 1 }),
      fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 40_000 })),
      (history, column, from, rows) => {
        const next = Math.min(ROWS, from + rows);
        expect(read(history, column, from, next)).toEqual(list[column].slice(from, next));
        expect(history.priceAt(column, from)).toBe(list[column][from]);
        const folded = new Fold();
        history.fold(folded, column, from, next);
        const naive = new Fold();
        naive.addPrices(Float64Array.from(list[column]), from, next);
        expect({ ...folded }).toEqual({ ...naive });
      },
    );
    fc.assert(property, { seed: 20260102, numRuns: 40 });
  });

  it('never reads a row that has not been made, or that never was', () => {
    const history = historyOf({ count: 1 }, 10, 100);
    const out = history.market.newPrices(10);
    expect(() => history.copy(out, 0, 0, 95, 101)).toThrow('have been made');
    expect(() => history.copy(out, 0, 0, -1, 1)).toThrow('have been made');
    expect(() => history.fold(new Fold(), 0, 95, 101)).toThrow('have been made');
    expect(() => history.fold(new Fold(), 0, -1, 1)).toThrow('have been made');
    expect(() => history.priceAt(0, 100)).toThrow('has been made');
    expect(() => history.priceAt(0, -1)).toThrow('has been made');
  });

  it('regenerates nothing that the ring holds', () => {
    const history = historyOf({ count: 1 }, 1000, 50_000);
    read(history, 0, 49_000, 50_000);
    history.priceAt(0, 49_000);
    expect(history.regeneratedPrices).toBe(0);
    history.priceAt(0, 48_999);
    expect(history.regeneratedPrices).toBe(BLOCK_ROWS);
  });

  it('keeps the blocks that were read last, 16 MiB of them and no more', () => {
    // A block of float64 is 128 KiB: 128 of them.
    const held = 128;
    const history = historyOf({ dtype: 'float64', count: 1 }, 1, (held + 2) * BLOCK_ROWS);
    const readBlock = (block: number) => {
      const before = history.regeneratedPrices;
      history.priceAt(0, block * BLOCK_ROWS);
      return (history.regeneratedPrices - before) / BLOCK_ROWS;
    };
    for (let block = 0; block < held; block++) expect(readBlock(block)).toBe(1);
    for (let block = 0; block < held; block++) expect(readBlock(block)).toBe(0);
    // Block 0 is read again, so that block 1 is the one that was not read for longest.
    expect([readBlock(0), readBlock(held), readBlock(0), readBlock(1)]).toEqual([0, 1, 0, 1]);
    // In a circle of one more than are held, each has gone when it is wanted.
    for (let block = 0; block <= held; block++) readBlock(block);
    let made = 0;
    for (let block = 0; block <= held; block++) made += readBlock(block);
    expect(made).toBe(held + 1);
  });

  it('gives the right rows from memory that another block had', () => {
    const spec = { dtype: 'float64', count: 3 };
    const history = historyOf(spec, 1, 60 * BLOCK_ROWS);
    const fresh = marketOf(spec);
    for (let round = 0; round < 2; round++) {
      for (let block = 0; block < 60; block++) {
        for (let column = 0; column < 3; column++) {
          const index = block * BLOCK_ROWS + 100 * column;
          const expected = pricesOf(fresh, column, index, index + 1);
          expect([history.priceAt(column, index)]).toEqual(expected);
        }
      }
    }
  });
});
