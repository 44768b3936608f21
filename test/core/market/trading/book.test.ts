import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DTYPES, type Dtype } from '../../../../src/core/market/dtype.ts';
import { newTrades } from '../../../../src/core/market/fields.ts';
import { BLOCK_ROWS } from '../../../../src/core/market/grid.ts';
import { keyOfInstrument, type Market } from '../../../../src/core/market/market.ts';
import { MODEL_KINDS } from '../../../../src/core/market/models/parameters.ts';
import {
  Book,
  type BookShape,
  type Depth,
  MAX_LEVELS,
  newDepth,
} from '../../../../src/core/market/trading/book.ts';
import {
  type BookDifferences,
  fillBookDifferences,
  newBookDifferences,
} from '../../../../src/core/market/trading/book-differences.ts';
import { marketOf } from '../../../helpers/market.ts';

const key = keyOfInstrument(1, 'A');
const SHAPE: BookShape = { spreadTicks: 2, lotsPerTrade: 5, minTicks: 1, maxTicks: 2 ** 48 };

interface Levels {
  readonly bids: readonly (readonly [number, number])[];
  readonly asks: readonly (readonly [number, number])[];
}

const levelsOf = ({ bids, asks }: Depth): Levels => {
  const side = ({ ticks, lots, levels }: Depth['bids']) =>
    Array.from({ length: levels }, (_, n) => [ticks[n], lots[n]] as const);
  return { bids: side(bids), asks: side(asks) };
};

function bookAt(book: Book, index: number, bid: number, ask: number, levels = MAX_LEVELS): Levels {
  const depth = newDepth(levels);
  book.fill(depth, index, bid, ask, levels);
  return levelsOf(depth);
}

/** What does not hold of a book, as sentences. */
function broken({ bids, asks }: Levels, bid: number, ask: number, shape: BookShape): string[] {
  const all = [...bids, ...asks];
  const ordered = (side: Levels['bids'], step: number) =>
    side.every(([ticks], n) => n === 0 || step * (ticks - side[n - 1][0]) > 0);
  const rules: Record<string, boolean> = {
    'the best bid is that of the row': bids[0][0] === bid,
    'the best ask is that of the row': asks[0][0] === ask,
    'bids fall': ordered(bids, -1),
    'asks rise': ordered(asks, 1),
    'lots are whole, and one at least': all.every(([, lots]) => Number.isInteger(lots) && lots > 0),
    'lots fit in 32 bits': all.every(([, lots]) => lots < 2 ** 32),
    'prices are whole ticks': all.every(([ticks]) => Number.isInteger(ticks)),
    'prices are inside the walls': all.every(
      ([ticks]) => ticks >= shape.minTicks && ticks <= shape.maxTicks,
    ),
  };
  return Object.entries(rules).flatMap(([rule, holds]) => (holds ? [] : [rule]));
}

/** A book as a map, made the next one by differences. */
function applied({ bids, asks }: Levels, differences: BookDifferences): Levels {
  const sides = [new Map(asks), new Map(bids)];
  for (let n = 0; n < differences.changes; n++) {
    const side = sides[differences.isBid[n]];
    const ticks = differences.ticks[n];
    if (differences.lots[n] > 0) side.set(ticks, differences.lots[n]);
    else if (!side.delete(ticks)) throw new Error(`nothing was at ${ticks}`);
  }
  return {
    bids: [...sides[1]].sort((a, b) => b[0] - a[0]),
    asks: [...sides[0]].sort((a, b) => a[0] - b[0]),
  };
}

function shapeOf(market: Market): BookShape {
  const { trading, minTicks, maxTicks } = market.instruments[0];
  return { ...trading, minTicks, maxTicks };
}

/** What does not hold of the books of consecutive rows of a market. */
function brokenRows(market: Market, from: number, rows: number, levels: number): string[] {
  const shape = shapeOf(market);
  const quotes = newTrades(market.spec.dtype, BLOCK_ROWS);
  let [before, now] = [newDepth(levels), newDepth(levels)];
  const differences = newBookDifferences(levels);
  const found: string[] = [];
  for (let index = from; index < from + rows; index++) {
    const at = index % BLOCK_ROWS;
    if (index === from || at === 0) {
      const block = Math.floor(index / BLOCK_ROWS);
      market.fillTrades(quotes, 0, block, at, Math.min(BLOCK_ROWS, at + rows));
    }
    market.fillDepth(now, 0, index, levels);
    const book = levelsOf(now);
    found.push(...broken(book, quotes.bid[at], quotes.ask[at], shape));
    if (index > from) {
      fillBookDifferences(differences, before, now);
      const made = applied(levelsOf(before), differences);
      if (JSON.stringify(made) !== JSON.stringify(book)) found.push(`differences of row ${index}`);
    }
    [before, now] = [now, before];
  }
  return [...new Set(found)];
}

describe('a book', () => {
  it.each(MODEL_KINDS)('keeps its rules around the quotes of %s, row after row', (model) => {
    for (const [dtype, spreadTicks] of [
      ['uint16', 2],
      ['float64', 60],
      ['int32', 1],
    ]) {
      const defaults = { model, spreadTicks, tradesPerDay: 400_000 };
      const market = marketOf({ seed: 5, dtype, count: 1, defaults });
      for (const from of [0, BLOCK_ROWS - 20, 123 * BLOCK_ROWS + 5]) {
        for (const levels of [1, 20]) expect(brokenRows(market, from, 40, levels)).toEqual([]);
      }
      expect(brokenRows(market, 77_777, 3, MAX_LEVELS)).toEqual([]);
    }
  });

  it.each(Object.keys(DTYPES) as Dtype[])('keeps them at the walls of %s', (dtype) => {
    const { min, max } = DTYPES[dtype];
    for (const startPrice of [min, max, min + 3, max - 3]) {
      for (const spreadTicks of [1, 5, 1e6]) {
        const fields = { symbol: 'A', model: 'walk', tickSize: 1, startPrice, spreadTicks };
        const market = marketOf({ dtype, instruments: [fields] });
        for (const levels of [5, MAX_LEVELS]) {
          expect(brokenRows(market, 0, 30, levels)).toEqual([]);
        }
      }
    }
  });

  it('keeps them wherever the best prices are, however wide, at any row', () => {
    const property = fc.property(
      fc.record({
        spreadTicks: fc.double({ min: 1, max: 1e6, noNaN: true }),
        lotsPerTrade: fc.double({ min: 1, max: 1e6, noNaN: true }),
        minTicks: fc.integer({ min: -(2 ** 31), max: 1 }),
        width: fc.integer({ min: 2, max: 2 ** 40 }),
        place: fc.double({ min: 0, max: 1, noNaN: true }),
        spread: fc.integer({ min: 1, max: 1000 }),
        index: fc.integer({ min: 0, max: 2 ** 46 - 1 }),
        levels: fc.integer({ min: 1, max: MAX_LEVELS }),
      }),
      ({ spreadTicks, lotsPerTrade, minTicks, width, place, spread, index, levels }) => {
        const maxTicks = minTicks + width;
        const bid = minTicks + Math.floor(place * (width - 1));
        const ask = Math.min(maxTicks, bid + spread);
        const shape = { spreadTicks, lotsPerTrade, minTicks, maxTicks };
        const levelsThere = bookAt(new Book(key, shape), index, bid, ask, levels);
        expect(broken(levelsThere, bid, ask, shape)).toEqual([]);
        expect(levelsThere.bids.length).toBeLessThanOrEqual(levels);
      },
    );
    fc.assert(property, { numRuns: 500, seed: 1 });
  });

  it('has as many levels as are asked for, where there is room', () => {
    for (const spreadTicks of [1, 2, 7, 30, 5000]) {
      const book = new Book(key, { ...SHAPE, spreadTicks });
      for (let n = 0; n < 200; n++) {
        for (const levels of [1, 2, 20, MAX_LEVELS]) {
          const { bids, asks } = bookAt(book, n * 997, 1e9 + n, 1e9 + n + 1, levels);
          expect([bids.length, asks.length]).toEqual([levels, levels]);
        }
      }
    }
  });

  it('is asked for by whole numbers, with room', () => {
    const market = marketOf({ count: 1 });
    const depth = newDepth(MAX_LEVELS);
    for (const wrong of [0, -1, 1.5, MAX_LEVELS + 1, Number.NaN, '20', undefined]) {
      const levels = wrong as number;
      expect(() => market.fillDepth(depth, 0, 7, levels)).toThrow(/^levels (must|is missing)/);
    }
    for (const index of [-1, 0.5, Number.NaN, 2 ** 60]) {
      expect(() => market.fillDepth(depth, 0, index, 5)).toThrow(/^index must be/);
    }
    expect(() => market.fillDepth(newDepth(4), 0, 7, 5)).toThrow(/^out must be/);
  });

  it('of fewer levels is the nearest part of one of more', () => {
    const book = new Book(key, { ...SHAPE, spreadTicks: 20 });
    const all = bookAt(book, 12_345, 5000, 5020);
    for (const levels of [1, 2, 33]) {
      const { bids, asks } = bookAt(book, 12_345, 5000, 5020, levels);
      expect({ bids, asks }).toEqual({
        bids: all.bids.slice(0, levels),
        asks: all.asks.slice(0, levels),
      });
    }
  });

  it('is the same whatever was asked before, by whoever', () => {
    const spec = { seed: 3, preset: 'equities' };
    const used = marketOf(spec);
    const [own, other] = [newDepth(20), newDepth(20)];
    for (const [column, index] of [
      [0, 5],
      [7, 5],
      [7, BLOCK_ROWS * 3],
      [7, 64],
      [7, 63],
      [0, BLOCK_ROWS * 1000 - 1],
    ]) {
      used.fillDepth(own, column, index, 20);
      marketOf(spec).fillDepth(other, column, index, 20);
      expect(levelsOf(own)).toEqual(levelsOf(other));
    }
  });

  it('stands still for the most part, and changes at last', () => {
    const book = new Book(key, SHAPE);
    const differences = newBookDifferences(20);
    const [before, now] = [newDepth(20), newDepth(20)];
    let changes = 0;
    const rows = 2000;
    for (let index = 1; index <= rows; index++) {
      book.fill(before, index - 1, 4000, 4002, 20);
      book.fill(now, index, 4000, 4002, 20);
      fillBookDifferences(differences, before, now);
      changes += differences.changes;
    }
    // Of 40 levels a third each changes every 4, 32 and 256 rows: 3.8 a row; a level that comes or
    // goes moves the last one, too.
    expect(changes / rows).toBeGreaterThan(3);
    expect(changes / rows).toBeLessThan(6);
    const far = bookAt(book, 300, 4000, 4002, 20);
    expect(far).not.toEqual(bookAt(book, 0, 4000, 4002, 20));
  });

  it.each(['new-york', 'fx-week'])('stands still in closed hours of %s', (calendar) => {
    const hour = 3600;
    const defaults = { model: 'market', calendar, startPrice: 500 };
    // A Friday, noon: both are open. They close in the evening, and open on Sunday or Monday.
    const spec = { dtype: 'float64', count: 1, origin: '2026-02-06T18:00:00Z', defaults };
    const market = marketOf(spec);
    const [first, now] = [newDepth(20), newDepth(20)];
    const saturday = 12 * hour;
    market.fillDepth(first, 0, saturday, 20);
    for (const row of [saturday + 1, saturday + 2, saturday + hour, saturday + 20 * hour]) {
      for (const own of [market, marketOf(spec)]) {
        own.fillDepth(now, 0, row, 20);
        expect(levelsOf(now)).toEqual(levelsOf(first));
      }
    }
    // On Monday afternoon it goes on.
    const monday = 3 * 24 * hour;
    market.fillDepth(first, 0, monday, 20);
    market.fillDepth(now, 0, monday + 600, 20);
    expect(levelsOf(now)).not.toEqual(levelsOf(first));
    expect(brokenRows(market, monday, 50, 20)).toEqual([]);
    expect(brokenRows(market, saturday - 20, 50, 20)).toEqual([]);
  });

  it('is found as it was where the best price comes back, and little moved meanwhile', () => {
    const book = new Book(key, SHAPE);
    let [kept, all] = [0, 0];
    for (let start = 0; start < 200; start++) {
      const index = start * 4096;
      const before = bookAt(book, index, 4000 + start, 4002 + start, 20);
      expect(bookAt(book, index, 4000 + start, 4002 + start, 20)).toEqual(before);
      const moved = bookAt(book, index, 4001 + start, 4003 + start, 20);
      const at = new Map(moved.bids);
      for (const [ticks, lots] of before.bids) {
        all += 1;
        if (at.get(ticks) === lots) kept += 1;
      }
    }
    // What is a class nearer or further now is of another mean: some of the nearest levels.
    expect(kept / all).toBeGreaterThan(0.6);
  });

  it.each([1, 2, 8, 50])('rises and then falls as a power, spread of %d ticks', (spreadTicks) => {
    const book = new Book(key, { ...SHAPE, spreadTicks, lotsPerTrade: 1000 });
    const sums = new Map<number, { lots: number; levels: number }>();
    const depth = newDepth(MAX_LEVELS);
    const bid = 2 ** 30;
    for (let n = 0; n < 3000; n++) {
      const here = bid + 1009 * n;
      book.fill(depth, n * 256, here, here + 1, MAX_LEVELS);
      for (let level = 0; level < depth.bids.levels; level++) {
        const spreads = (here - depth.bids.ticks[level]) / spreadTicks;
        // Parts of an octave, from an eighth of a spread on.
        const part = spreads === 0 ? 0 : Math.max(1, Math.floor(4 + Math.log2(spreads)));
        const sum = sums.get(part) ?? { lots: 0, levels: 0 };
        sum.lots += depth.bids.lots[level];
        sum.levels += 1;
        sums.set(part, sum);
      }
    }
    const means = [...sums]
      .filter(([, { levels }]) => levels > 1500)
      .sort((a, b) => a[0] - b[0])
      .map(([part, { lots, levels }]) => ({ part, mean: lots / levels }));
    const best = means[0].mean;
    const peak = means.reduce((most, one) => (one.mean > most.mean ? one : most));
    // At its highest 8 trades of 1,000 lots, about two spreads away; half of it at the best.
    expect(peak.mean / best).toBeGreaterThan(1.5);
    expect(peak.mean / best).toBeLessThan(2.2);
    expect(Math.abs(peak.mean / 8000 - 1)).toBeLessThan(0.1);
    expect([4, 5]).toContain(peak.part);
    const upTo = means.findIndex(({ part }) => part === peak.part);
    for (let n = 1; n < means.length; n++) {
      const step = means[n].mean / means[n - 1].mean;
      if (n < upTo) expect(step).toBeGreaterThan(0.95);
      if (n > upTo + 1) expect(step).toBeLessThan(0.85);
    }
    const last = means.at(-1)!;
    // Two octaves further out, where there are any, the power is near 1.5.
    const nearer = means.find(({ part }) => part === last.part - 1)!;
    if (last.part >= 9) expect(Math.log2(nearer.mean / last.mean)).toBeGreaterThan(1);
  });
});
