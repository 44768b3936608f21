import { beforeAll, describe, expect, it } from 'vitest';
import { Feed } from '../../../src/core/feed/feed.ts';
import type { CandleRange } from '../../../src/core/history/candles.ts';
import type { History } from '../../../src/core/history/history.ts';
import { type Field, USUAL_FIELDS } from '../../../src/core/market/fields.ts';
import { BLOCK_ROWS, timeOf } from '../../../src/core/market/grid.ts';
import { parseResolution } from '../../../src/core/market/resolution.ts';
import {
  backfillCost,
  candlesCost,
  pointsCost,
  rowsCost,
} from '../../../src/server/guards/cost.ts';
import { USUAL_NOTATION } from '../../../src/server/http/formats/notation.ts';
import { marketOf } from '../../helpers/market.ts';

const ROWS = 100_000;
const CAPACITY = 1000;
const TAIL = ROWS - CAPACITY;
const INSTRUMENTS = ['a', 'b', { symbol: 'g', model: 'gbm' }];
/** Of one price as text. */
const TEXT = 60;

let history: History;

beforeAll(() => {
  const market = marketOf({ interval: 1000, capacity: CAPACITY, instruments: INSTRUMENTS });
  const feed = new Feed(market);
  for (const _ of feed.fill(timeOf(market.grid, ROWS - 1)));
  history = feed.history;
  expect([history.head, history.ring.tail]).toEqual([ROWS, TAIL]);
});

const lastOf = (columns: number[]) => ({ fields: USUAL_FIELDS, columns });

describe('the cost of rows', () => {
  it('that are in the ring is that of writing them', () => {
    expect(rowsCost(history, lastOf([0]), TAIL, ROWS, 'json')).toBe(CAPACITY * TEXT);
    expect(rowsCost(history, lastOf([0, 1, 2]), ROWS - 10, ROWS, 'json')).toBe(30 * TEXT);
    expect(rowsCost(history, lastOf([0]), ROWS, ROWS, 'json')).toBe(0);
  });

  it('that are older is also that of the blocks they lie in', () => {
    const made = 2 * BLOCK_ROWS;
    expect(rowsCost(history, lastOf([0]), 5, 6, 'json')).toBe(made + TEXT);
    expect(rowsCost(history, lastOf([2]), 5, 6, 'json')).toBe(20 * made + TEXT);
    const text = 2 * (ROWS - (TAIL - 1)) * TEXT;
    expect(rowsCost(history, lastOf([0, 1]), TAIL - 1, ROWS, 'json')).toBe(2 * made + text);
  });

  it('is never less than that of the blocks that are really touched', () => {
    for (let from = 0; from < TAIL; from += 4999) {
      for (const rows of [1, BLOCK_ROWS - 1, BLOCK_ROWS, BLOCK_ROWS + 1, 50_000]) {
        const next = Math.min(ROWS, from + rows);
        const last = Math.min(next, TAIL) - 1;
        const touched = Math.floor(last / BLOCK_ROWS) - Math.floor(from / BLOCK_ROWS) + 1;
        expect(rowsCost(history, lastOf([0]), from, next, 'json')).toBeGreaterThanOrEqual(
          touched * BLOCK_ROWS,
        );
      }
    }
  });
});

describe('the cost of fields', () => {
  const BID: readonly Field[] = ['bid'];
  const of = (columns: number[]) => ({ fields: BID, columns });

  it('is that of the blocks they are made of, beside that of prices and of writing', () => {
    const made = 2 * BLOCK_ROWS;
    const TRADES = 60;
    const ring = TAIL + 10;
    expect(rowsCost(history, of([0]), ring, ring + 1, 'json')).toBe(made * (TRADES + 1) + TEXT);
    expect(backfillCost(history, of([0]), ring, ring + 5, 'json')).toBe(5 * (TRADES + 1 + TEXT));
    // Old rows: their prices are read, and made once more for what was traded at them.
    expect(rowsCost(history, of([2]), 5, 6, 'json')).toBe(made * (20 + TRADES + 20) + TEXT);
  });

  it('is next to nothing of rows that are kept for everyone at the head', () => {
    for (const _ of history.trades.follow([0, 1]));
    const cost = backfillCost(history, of([0, 1]), ROWS - 3, ROWS, 'json');
    expect(cost).toBe(6 + 6 * TEXT);
  });

  it('is that of rows made alone, of more columns than blocks are kept of', () => {
    const wide = new Feed(marketOf({ count: 100, capacity: 1000 })).history;
    for (const _ of wide.moveTo(ROWS));
    const columns = wide.market.instruments.map((_, column) => column);
    const prices = 2 * BLOCK_ROWS * 100;
    expect(backfillCost(wide, of(columns), ROWS - 900, ROWS - 893, 'json')).toBe(
      prices + 700 * (60 + TEXT),
    );
    // At the head, with all that is kept from then on.
    expect(backfillCost(wide, of(columns), ROWS - 1, ROWS, 'json')).toBe(
      prices + 1024 * 100 * 60 + 100 * TEXT,
    );
  });

  it('grows with how many are written', () => {
    const two: readonly Field[] = ['last', 'bid'];
    const [one, both] = [of([0]), { fields: two, columns: [0] }].map((wanted) =>
      backfillCost(history, wanted, ROWS - 10, ROWS, 'json'),
    );
    expect(both! - one!).toBe(10 * TEXT);
  });
});

describe('the cost of a backfill', () => {
  it('is that of the rows that must be made again, and of writing them', () => {
    expect(backfillCost(history, lastOf([0, 1]), TAIL, ROWS, 'json')).toBe(2 * CAPACITY * TEXT);
    expect(backfillCost(history, lastOf([0, 1]), TAIL - 10, TAIL, 'json')).toBe(20 + 20 * TEXT);
    expect(backfillCost(history, lastOf([0, 2]), 0, 100, 'bin')).toBe(2100 + 200 * 5);
  });
});

describe('the cost of candles', () => {
  const USUAL = {
    resolution: parseResolution('100s')!,
    fields: [],
    format: 'json',
    notation: USUAL_NOTATION,
  } as const;
  type Asked = Parameters<typeof candlesCost>[3];
  const costOf = (column: number, from: number, to: number, asked: Partial<Asked> = {}) => {
    const { grid } = history.market;
    const range: CandleRange = { fromMs: timeOf(grid, from), toMs: timeOf(grid, to) };
    return candlesCost(history, column, range, { ...USUAL, ...asked });
  };
  /** Of one candle as text, with four prices. */
  const CANDLE = 4 * TEXT;

  it('is that of looking at each row, of making the old ones, and of writing candles', () => {
    expect(costOf(0, TAIL, ROWS)).toBe(CAPACITY + 10 * CANDLE);
    expect(costOf(0, 0, TAIL)).toBe(2 * TAIL + 990 * CANDLE);
    expect(costOf(2, 0, TAIL)).toBe(21 * TAIL + 990 * CANDLE);
    // What has not happened yet costs nothing, nor what was before the first row.
    expect(costOf(0, ROWS, ROWS + 1e9)).toBe(0);
    expect(costOf(0, -1e9, 0)).toBe(0);
    // What was traded is made of every row.
    expect(costOf(2, TAIL, ROWS, { fields: ['volume', 'trades'] })).toBe(
      CAPACITY * (1 + 60 + 20) + 10 * (CANDLE + 2 * TEXT),
    );
  });

  it('is mostly that of writing them where they are as short as rows', () => {
    const resolution = parseResolution('1s')!;
    const ofRow = (asked: Partial<Asked>) =>
      costOf(0, TAIL, ROWS, { resolution, ...asked }) / CAPACITY;
    expect(ofRow({})).toBe(1 + CANDLE);
    expect(ofRow({ format: 'csv' })).toBe(1 + 160 + 4 * 70);
    expect(ofRow({ format: 'parquet', fields: ['volume'] })).toBe(1 + 61 + 300 + 5 * 40);
    // Sums are whole numbers in every notation.
    const notation = { prices: 'decimal', time: 'iso' } as const;
    expect(ofRow({ notation })).toBe(1 + CANDLE + 4 * 50 + 60);
    expect(ofRow({ notation, fields: ['volume'] })).toBe(62 + CANDLE + TEXT + 4 * 50 + 60);
  });
});

describe('the cost of sparklines', () => {
  it('is that of a block for each old point, and of writing the points', () => {
    const ring = CAPACITY * 1000;
    const text = 3 * 48 * TEXT;
    expect(pointsCost(history, [0, 1, 2], 48, ring / 2)).toBe(text);
    const blocks = Math.ceil((ROWS - CAPACITY) / BLOCK_ROWS);
    const made = blocks * BLOCK_ROWS * 22;
    expect(pointsCost(history, [0, 1, 2], 48, 1e12)).toBe(made + text);
    expect(pointsCost(history, [0], 2, 1e12)).toBe(2 * BLOCK_ROWS + 2 * TEXT);
  });
});
