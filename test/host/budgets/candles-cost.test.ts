import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Feed } from '../../../src/core/feed/feed.ts';
import type { CandleRange } from '../../../src/core/history/candle-cache.ts';
import { foldCandles, newCandles } from '../../../src/core/history/candles.ts';
import type { History } from '../../../src/core/history/history.ts';
import { BLOCK_ROWS, indexFrom, timeOf } from '../../../src/core/market/grid.ts';
import { Fold } from '../../../src/core/market/models/model.ts';
import {
  candleStart,
  parseResolution,
  type Resolution,
} from '../../../src/core/market/resolution.ts';
import { candlesCost } from '../../../src/host/budgets/candles-cost.ts';
import { DEFAULT_NOTATION } from '../../../src/wire/notation.ts';
import { marketOf } from '../../helpers/market.ts';
import { counter } from '../../helpers/steps.ts';

const ROWS = 400_000;
const CAPACITY = 1000;
const TAIL = ROWS - CAPACITY;
const INSTRUMENTS = ['a', 'b', { symbol: 'g', model: 'gbm' }];
/** Of a price as text, and of a candle, beside that of its rows. */
const TEXT = 60;
const CANDLE = 1500 + 4 * TEXT;
/** Of a column whose rows are not at hand. */
const LONE = 25_000;
/** Of a row of which quotes and trades are made. */
const TRADES = 60;
/** Of reading the sums of a candle, of models whose prices weigh so much. */
const sums = (weight: number) => 4000 + 100 * weight;
/** Candles of so few rows that these are added up. */
const NARROW = parseResolution('50s')!;
const WEIGHTS = [1, 1, 20];

let history: History;

beforeAll(() => {
  const market = marketOf({ interval: 1000, capacity: CAPACITY, instruments: INSTRUMENTS });
  const feed = new Feed(market);
  for (const _ of feed.fill(timeOf(market.grid, ROWS - 1)));
  history = feed.history;
});

const undo: (() => void)[] = [];
afterEach(() => {
  for (const restore of undo.splice(0)) restore();
});

const PLAIN = {
  resolution: parseResolution('100s')!,
  fields: [],
  format: 'json',
  notation: DEFAULT_NOTATION,
} as const;
type Asked = Parameters<typeof candlesCost>[3];

function costOf(column: number, from: number, to: number, asked: Partial<Asked> = {}): number {
  const { grid } = history.market;
  const range: CandleRange = { fromMs: timeOf(grid, from), toMs: timeOf(grid, to) };
  return candlesCost(history, column, range, { ...PLAIN, ...asked });
}

/** The first row of the candle that holds a row. */
function startOf(resolution: Resolution, index: number): number {
  const { grid } = history.market;
  return Math.max(0, indexFrom(grid, candleStart(resolution, timeOf(grid, index))));
}

describe('the cost of candles', () => {
  it('is that of looking at rows, of making the blocks of old ones, and of each candle', () => {
    expect(costOf(0, TAIL, ROWS)).toBe(CAPACITY + 10 * CANDLE);
    const blocks = Math.ceil(TAIL / BLOCK_ROWS) * BLOCK_ROWS;
    expect(costOf(0, 0, TAIL)).toBe(blocks + LONE + (TAIL / 100) * CANDLE);
    expect(costOf(2, 0, TAIL)).toBe(20 * blocks + LONE + (TAIL / 100) * CANDLE);
    // One alone pays for its whole block.
    expect(costOf(2, 100, 200)).toBe(20 * BLOCK_ROWS + LONE + CANDLE);
    // What has not happened yet costs nothing, nor what was before the first row.
    expect(costOf(0, ROWS, ROWS + 1e9)).toBe(0);
    expect(costOf(0, -1e9, 0)).toBe(0);
  });

  it('with volume is that of two readings for each, however many rows it has', () => {
    const fields = ['volume', 'trades'] as const;
    const each = CANDLE + 2 * TEXT + sums(20);
    expect(costOf(2, TAIL, ROWS, { fields })).toBe(CAPACITY + LONE + 10 * each);
    expect(costOf(2, 100, 200, { fields })).toBe(20 * BLOCK_ROWS + LONE + each);
    const resolution = parseResolution('100000s')!;
    const from = startOf(resolution, 150_000);
    const next = from + 100_000;
    const blocks = Math.ceil(next / BLOCK_ROWS) - Math.floor(from / BLOCK_ROWS);
    const wide = costOf(0, from, next, { resolution, fields });
    expect(wide).toBe(blocks * BLOCK_ROWS + LONE + each - sums(20) + sums(1));
  });

  it('of few rows with volume is that of making trades of their blocks', () => {
    const asked = { resolution: NARROW, fields: ['volume', 'trades'] } as const;
    const each = CANDLE + 2 * TEXT;
    // And the block before, by whose last price the first row is traded.
    const block = BLOCK_ROWS * (TRADES + 20 + 20);
    expect(costOf(2, TAIL, ROWS, asked)).toBe(2 * CAPACITY + block + LONE + 20 * each);
    const first = BLOCK_ROWS * (20 + TRADES + 20);
    expect(costOf(2, 100, 150, asked)).toBe(50 + first + LONE + each);
    // The newest has few rows as it begins, however wide it will be.
    const begun = (width: Resolution) => ROWS - startOf(width, ROWS - 1);
    const widths = Array.from({ length: 1000 }, (_, n) => parseResolution(`${900 + n}s`)!);
    const resolution = widths.find((width) => begun(width) < 50)!;
    const few = begun(resolution);
    const end = ROWS - few + resolution.ms / 1000;
    expect(costOf(2, ROWS - few, end, { ...asked, resolution })).toBe(
      2 * few + block + LONE + each + sums(20),
    );
  });

  it('is not that of trades whose block is kept', () => {
    const [{ grid }, out] = [history.market, newCandles(['volume'])];
    const asked = { resolution: NARROW, fields: ['volume'] } as const;
    const range = { fromMs: timeOf(grid, 20_000), toMs: timeOf(grid, 20_050) };
    // Of another candle of the block: that which was folded is known.
    const before = costOf(1, 20_050, 20_100, asked);
    for (const _ of foldCandles(out, history, 1, NARROW, range));
    const after = costOf(1, 20_050, 20_100, asked);
    expect(before - after).toBe(BLOCK_ROWS * (TRADES + 1 + 1));
  });

  it('with what was paid is that of making the trades of all their rows, unless it is kept', () => {
    const { grid } = history.market;
    const resolution = parseResolution('32768s')!;
    const fields = ['notional'] as const;
    const range = { fromMs: candleStart(resolution, timeOf(grid, 250_000)), toMs: 0 };
    range.toMs = range.fromMs + 2 * resolution.ms;
    const [from, next] = [range.fromMs, range.toMs].map((ms) => indexFrom(grid, ms));
    const of = (paid: readonly 'notional'[]) =>
      costOf(2, from!, next!, { resolution, fields: paid });
    const blocks = Math.ceil(next! / BLOCK_ROWS) - Math.floor(from! / BLOCK_ROWS);
    // Two trades a row, and the block before.
    const made = Math.ceil((next! - from!) * (TRADES + 0.5 * 2)) + (blocks + 1) * BLOCK_ROWS * 20;
    const added = made + LONE + next! - from!;
    expect(of(fields) - of([])).toBe(added + 2 * TEXT);
    // Others go by the blocks between that are kept whole.
    for (const _ of foldCandles(newCandles(fields), history, 2, resolution, range));
    expect(of(fields)).toBe(2 * (1500 + 5 * TEXT));
    const wider = costOf(2, from!, next!, { resolution: parseResolution('65536s')!, fields });
    expect(wider).toBeLessThan(of(fields) + added);
    expect(history.trades.hasPaid(2, Math.ceil(from! / BLOCK_ROWS))).toBe(true);
  });

  it('of those that are known is that of finding and writing them', () => {
    const { grid } = history.market;
    const fold = (from: number, to: number, fields: readonly 'volume'[] = []) => {
      const range = { fromMs: timeOf(grid, from), toMs: timeOf(grid, to) };
      for (const _ of foldCandles(newCandles(fields), history, 0, PLAIN.resolution, range));
    };
    const [from, to] = [30_000, 60_000];
    const all = costOf(0, from, to);
    fold(from, to);
    const known = 300 * CANDLE;
    expect(costOf(0, from, to)).toBe(known);
    expect(costOf(1, from, to)).toBe(all);
    // Others are not: those beside them, those with sums, and other candles of the same rows.
    expect(costOf(0, from - 100, to)).toBe(known + CANDLE + BLOCK_ROWS + LONE);
    expect(costOf(0, from, to, { fields: ['volume'] })).toBeGreaterThan(all);
    expect(costOf(0, from, to, { resolution: parseResolution('50s')! })).toBeGreaterThan(all);
    fold(from, to, ['volume']);
    expect(costOf(0, from, to, { fields: ['volume'] })).toBe(known + 300 * TEXT);
  });

  it('never is more than if none were known', () => {
    const { grid } = history.market;
    const all = costOf(0, 100_000, 102_000);
    for (let at = 100_000; at < 102_000; at += 200) {
      const range = { fromMs: timeOf(grid, at), toMs: timeOf(grid, at + 100) };
      for (const _ of foldCandles(newCandles(), history, 0, PLAIN.resolution, range));
    }
    expect(costOf(0, 100_000, 102_000)).toBe(all);
  });

  it('is that of folding them again when they are forgotten', () => {
    const range = {
      fromMs: timeOf(history.market.grid, 200_000),
      toMs: timeOf(history.market.grid, 200_100),
    };
    const before = costOf(0, 200_000, 200_100);
    for (const _ of foldCandles(newCandles(), history, 0, PLAIN.resolution, range));
    expect(costOf(0, 200_000, 200_100)).toBeLessThan(before);
    const other = new Fold();
    other.add(1, 1, 1, 1, 100);
    const { ms } = PLAIN.resolution;
    for (let n = 1; n < 10_000; n++) {
      history.candles.put(other, undefined, 1, PLAIN.resolution, range.fromMs + n * 64 * ms);
    }
    expect(costOf(0, 200_000, 200_100)).toBe(before);
  });

  it.each(['10s', '1m', '1h', '10h', '100000s'])(
    'is never less than that of what is really made: of %s',
    (text) => {
      const resolution = parseResolution(text)!;
      const { market } = history;
      const { grid } = market;
      for (const column of [0, 2]) {
        for (const [at, count] of [
          [1, 1],
          [7, 2],
          [50_000, 1],
          [120_000, 40],
          [ROWS - 900, 9],
        ]) {
          const fromMs = candleStart(resolution, timeOf(grid, at!));
          const range = { fromMs, toMs: fromMs + resolution.ms * count! };
          for (const fields of [[], ['volume'], ['notional'], ['trades', 'bought']] as const) {
            const asked = { ...PLAIN, resolution, fields };
            const cost = candlesCost(history, column, range, asked);
            const made = (name: string, weigh?: (...given: number[]) => number) => {
              const { counted, restore } = counter(market as never, name as never, weigh as never);
              undo.push(restore);
              return counted;
            };
            // Beside the rows that are made, the prices of their block are: once for the next too.
            let last = -1;
            const traded = made('fillTrades', (...[, , block, first = 0, end = BLOCK_ROWS]) => {
              const prices = block === last ? 0 : BLOCK_ROWS * WEIGHTS[column]!;
              last = block!;
              return (end - first) * TRADES + prices;
            });
            const folded = made('foldTrades');
            for (const _ of foldCandles(newCandles(fields), history, column, resolution, range));
            for (const restore of undo.splice(0)) restore();
            const weight = WEIGHTS[column]!;
            const least = traded() + folded() * sums(weight);
            expect(cost).toBeGreaterThanOrEqual(least);
          }
        }
      }
    },
  );

  it('is mostly that of finding and writing them where they are as short as rows', () => {
    const resolution = parseResolution('1s')!;
    const ofRow = (asked: Partial<Asked>) =>
      costOf(0, TAIL, ROWS, { resolution, ...asked }) / CAPACITY;
    expect(ofRow({})).toBe(1 + CANDLE);
    expect(ofRow({ format: 'csv' })).toBe(1 + 1500 + 160 + 4 * 70);
    // Sums are whole numbers in every notation.
    const notation = { prices: 'decimal', time: 'iso' } as const;
    const plain = ofRow({ fields: ['volume'] });
    expect(ofRow({ notation })).toBe(1 + CANDLE + 4 * 50 + 60);
    expect(ofRow({ notation, fields: ['volume'] })).toBeCloseTo(plain + 4 * 50 + 60);
    const parquet = ofRow({ format: 'parquet', fields: ['volume'] });
    const difference = 300 + 5 * (40 + 16_000 / CAPACITY) - 5 * TEXT;
    expect(parquet).toBeCloseTo(plain + difference);
  });
});
