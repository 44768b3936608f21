import { beforeAll, describe, expect, it } from 'vitest';
import { Feed } from '../../../src/core/feed/feed.ts';
import type { History } from '../../../src/core/history/history.ts';
import { readRows } from '../../../src/core/history/read-rows.ts';
import { wantedOf } from '../../../src/core/history/wanted.ts';
import { DEFAULT_FIELDS, type Field } from '../../../src/core/market/fields.ts';
import { BLOCK_ROWS, ERA_ROWS, timeOf } from '../../../src/core/market/grid.ts';
import { ALONE, rowsCost as costOfRows, pointsCost } from '../../../src/host/budgets/cost.ts';
import { weightOf } from '../../../src/host/budgets/weights.ts';
import { marketOf } from '../../helpers/market.ts';

const ROWS = 100_000;
const CAPACITY = 1000;
const TAIL = ROWS - CAPACITY;
const INSTRUMENTS = ['a', 'b', { symbol: 'g', model: 'gbm' }];
/** Of one price as text. */
const TEXT = 60;
/** Of a column whose rows are not at hand. */
const LONE = 25_000;

let history: History;

beforeAll(() => {
  const market = marketOf({ interval: 1000, capacity: CAPACITY, instruments: INSTRUMENTS });
  const feed = new Feed(market);
  for (const _ of feed.fill(timeOf(market.grid, ROWS - 1)));
  history = feed.history;
  expect([history.head, history.ring.tail]).toEqual([ROWS, TAIL]);
});

type Asked = readonly [History, Parameters<typeof costOfRows>[1], number, number, 'json' | 'bin'];

/** Of rows asked for alone. */
const rowsCost = (...[of, wanted, from, next, format]: Asked) =>
  costOfRows(of, wanted, [from, next], format);
/** Of such that follow others. */
const partCost = (...[of, wanted, from, next, format]: Asked) =>
  costOfRows(of, wanted, [from, next], format, { ...ALONE, isFirst: false });
/** Of those that a reader comes to. */
const backfillCost = (...[of, wanted, from, next, format, isFirst = false]: [...Asked, boolean?]) =>
  costOfRows(of, wanted, [from, next], format, { isAlone: false, isFirst });

const lastOf = (columns: number[]) => wantedOf(DEFAULT_FIELDS, columns);

describe('the weight of a price', () => {
  it('of market is that of a day too, where few rows lie in one', () => {
    const weight = (spec: object, calendar = 'always') =>
      weightOf(marketOf({ ...spec, count: 1, defaults: { model: 'market', calendar } }), 0);
    expect(weight({})).toBe(70);
    expect(weight({ interval: '1m' })).toBe(70 + 27);
    expect(weight({ interval: '6h' })).toBe(70 + 10_000);
    expect(weight({ interval: '7d' }, 'fx-week')).toBe(70 + 40_000);
    // Where a day begins, no day is made.
    expect(weight({ interval: '1d' })).toBe(70);
    expect(weight({ interval: '1d', origin: '2026-01-01T01:00:00Z' })).toBe(70 + 40_000);
  });

  it('of another model is the same on every grid', () => {
    expect(weightOf(marketOf({ interval: '1d', count: 1, defaults: { model: 'gbm' } }), 0)).toBe(
      20,
    );
  });
});

describe('the cost of rows', () => {
  it('that are in the ring is that of writing them', () => {
    expect(rowsCost(history, lastOf([0]), TAIL, ROWS, 'json')).toBe(CAPACITY * TEXT);
    expect(rowsCost(history, lastOf([0, 1, 2]), ROWS - 10, ROWS, 'json')).toBe(30 * TEXT);
    expect(rowsCost(history, lastOf([0]), ROWS, ROWS, 'json')).toBe(0);
  });

  it('of whether instruments trade is that of writing it, beside prices or alone', () => {
    const [prices, both] = [lastOf([0]), wantedOf(['last', 'status'], [0])];
    const [from, next] = [TAIL - 10, TAIL];
    const written = 10 * TEXT;
    expect(rowsCost(history, wantedOf(['status'], [0]), from, next, 'json')).toBe(written);
    const made = rowsCost(history, prices, from, next, 'json');
    expect(rowsCost(history, both, from, next, 'json')).toBe(made + written);
  });

  it('is more in Arrow than in binary, and not a third of that of JSON', () => {
    const rows = CAPACITY;
    const costIn = (format: 'json' | 'arrow' | 'bin') =>
      costOfRows(history, lastOf([0]), [TAIL, ROWS], format) / rows;
    // Without what describes the column and stands before each row.
    expect([costIn('bin'), costIn('arrow') - 8 - 30, costIn('json')]).toEqual([10, 50, TEXT]);
  });

  it('that are older is also that of the blocks they lie in', () => {
    const made = BLOCK_ROWS;
    expect(rowsCost(history, lastOf([0]), 5, 6, 'json')).toBe(made + LONE + TEXT);
    expect(rowsCost(history, lastOf([2]), 5, 6, 'json')).toBe(20 * made + LONE + TEXT);
    const text = 2 * (ROWS - (TAIL - 1)) * TEXT;
    const two = 2 * (made + LONE) + text;
    expect(rowsCost(history, lastOf([0, 1]), TAIL - 1, ROWS, 'json')).toBe(two);
    const over = 2 * made + LONE + 2 * TEXT;
    expect(rowsCost(history, lastOf([0]), made - 1, made + 1, 'json')).toBe(over);
  });

  it('is also that of settling their eras, of all but the newest', () => {
    const head = 3 * ERA_ROWS + 10;
    const { market, trades } = history;
    const old = { market, trades, head, ring: { tail: head - 5 } } as unknown as History;
    const costOf = (column: number, from: number) =>
      rowsCost(old, lastOf([column]), from, from + 2, 'json') - LONE - 2 * TEXT;
    expect(costOf(0, 5)).toBe(BLOCK_ROWS + 188_000);
    expect(costOf(2, 5)).toBe(20 * BLOCK_ROWS + 180_000 + 20 * 8000);
    expect(costOf(0, ERA_ROWS - 1)).toBe(2 * (BLOCK_ROWS + 188_000));
    expect(costOf(0, 3 * ERA_ROWS + 1)).toBe(BLOCK_ROWS);
    const part = partCost(old, lastOf([0]), 5, 7, 'json');
    expect(part).toBe(BLOCK_ROWS + LONE + 2 * TEXT);
    // Who reads on pays for the next when it comes to it.
    const next = partCost(old, lastOf([0]), ERA_ROWS - 1, ERA_ROWS + 1, 'json');
    expect(next).toBe(2 * BLOCK_ROWS + 188_000 + LONE + 2 * TEXT);
    // Lines over all of it: three old eras of each.
    const spanMs = head * 1000;
    const blocks = 48 * BLOCK_ROWS + 48 * TEXT;
    expect(pointsCost(old, [0], 48, spanMs)).toBe(blocks + LONE + 3 * 188_000);
  });

  it('is also that of settling the newest, of a market of too many to keep those of all', () => {
    const eraOf = (count: number) => {
      const market = marketOf({ count, capacity: 10, interval: 1000 });
      const { trades } = new Feed(market).history;
      const wide = { market, trades, head: ROWS, ring: { tail: ROWS - 5 } } as unknown as History;
      return rowsCost(wide, lastOf([0]), 5, 6, 'json') - BLOCK_ROWS - LONE - TEXT;
    };
    expect(eraOf(1000)).toBe(0);
    expect(eraOf(1100)).toBe(188_000);
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
  const of = (columns: number[]) => wantedOf(BID, columns);

  it('is that of the blocks they are made of, beside that of prices and of writing', () => {
    const TRADES = 60;
    const ring = TAIL + 10;
    const block = BLOCK_ROWS * (TRADES + 1);
    expect(rowsCost(history, of([0]), ring, ring + 1, 'json')).toBe(block + LONE + TEXT);
    expect(backfillCost(history, of([0]), ring, ring + 5, 'json')).toBe(block + 5 * TEXT);
    // What is made of prices has made them.
    const old = BLOCK_ROWS * (TRADES + 20) + LONE + TEXT;
    expect(rowsCost(history, of([2]), 5, 6, 'json')).toBe(old);
  });

  it('is next to nothing of rows that are kept for everyone at the head', () => {
    for (const _ of history.trades.follow([0, 1]));
    const cost = backfillCost(history, of([0, 1]), ROWS - 3, ROWS, 'json');
    expect(cost).toBe(6 + 6 * TEXT);
  });

  it('is the same for who asks for them once, in a market of any age', () => {
    for (const _ of history.trades.follow([0, 1]));
    expect(rowsCost(history, of([0, 1]), ROWS - 3, ROWS, 'json')).toBe(6 + 6 * TEXT);
    const { market, trades } = history;
    const head = 3 * ERA_ROWS + 10;
    const old = { market, trades, head, ring: { tail: head - 5 } } as unknown as History;
    expect(rowsCost(old, of([0, 1]), ROWS - 3, ROWS, 'json')).toBe(6 + 6 * TEXT);
    // The prices beside them are made again where the ring holds fewer rows.
    const both = wantedOf(['last', 'bid'], [0]);
    expect(rowsCost(history, both, ROWS - 3, ROWS, 'json')).toBe(3 + 6 * TEXT);
    const short = { market, trades, head: ROWS, ring: { tail: ROWS - 1 } } as unknown as History;
    expect(rowsCost(short, both, ROWS - 3, ROWS, 'json')).toBe(3 + BLOCK_ROWS + LONE + 6 * TEXT);
  });

  it('is nothing of no rows', () => {
    const wide = new Feed(marketOf({ count: 100, capacity: 1000 })).history;
    for (const _ of wide.moveTo(ROWS));
    const columns = wide.market.instruments.map((_, column) => column);
    const head = 3 * ERA_ROWS + 10;
    const { market, trades } = wide;
    const old = { market, trades, head, ring: { tail: head - 5 } } as unknown as History;
    for (const at of [5, ERA_ROWS + 5, ROWS]) {
      for (const wanted of [of(columns), lastOf(columns), of([0])]) {
        for (const cost of [rowsCost, partCost, backfillCost]) {
          expect(cost(old, wanted, at, at, 'json')).toBe(0);
        }
      }
    }
    const made = () => Array.from(readRows(wide, of(columns), ROWS, ROWS)).length;
    expect(made()).toBe(0);
    expect(wide.trades.has([0], ROWS)).toBe(false);
  });

  it('is that of rows made alone, of more columns than blocks are kept of', () => {
    const wide = new Feed(marketOf({ count: 100, capacity: 1000 })).history;
    for (const _ of wide.moveTo(ROWS));
    const columns = wide.market.instruments.map((_, column) => column);
    const prices = BLOCK_ROWS * 100;
    expect(backfillCost(wide, of(columns), ROWS - 900, ROWS - 893, 'json')).toBe(
      prices + 700 * (60 + TEXT),
    );
    // At the head, with all that is kept from then on.
    expect(backfillCost(wide, of(columns), ROWS - 1, ROWS, 'json')).toBe(
      prices + 1024 * 100 * 60 + 100 * TEXT,
    );
  });

  it('grows with how many are written', () => {
    const [one, both] = [of([0]), wantedOf(['last', 'bid'], [0])].map((wanted) =>
      backfillCost(history, wanted, ROWS - 10, ROWS, 'json'),
    );
    expect(both! - one!).toBe(10 * TEXT);
  });
});

describe('the cost of a backfill', () => {
  it('is also that of settling each era that it comes to', () => {
    const { market } = history;
    const head = 3 * ERA_ROWS + 10;
    const kept = { hasBlock: () => false, keepsBlocksOf: (columns: number) => columns < 500 };
    const old = { market, ...kept, head, ring: { tail: head - 5 } } as unknown as History;
    const erasOf = (from: number, isFirst: boolean) =>
      (backfillCost(old, lastOf([0]), from, from + 2, 'json', isFirst) - 2 * TEXT) % BLOCK_ROWS;
    const era = 188_000 % BLOCK_ROWS;
    expect([erasOf(5, true), erasOf(7, false)]).toEqual([era, 0]);
    expect([erasOf(ERA_ROWS - 1, false), erasOf(ERA_ROWS, false)]).toEqual([era, era]);
    expect(erasOf(ERA_ROWS + 1, false)).toBe(0);
    expect([erasOf(3 * ERA_ROWS, false), erasOf(3 * ERA_ROWS + 1, true)]).toEqual([0, 0]);
  });

  it('is that of the blocks that must be made again, and of writing the rows', () => {
    expect(backfillCost(history, lastOf([0, 1]), TAIL, ROWS, 'json')).toBe(2 * CAPACITY * TEXT);
    const [first, both] = [BLOCK_ROWS, 21 * BLOCK_ROWS];
    const text = 20 * TEXT;
    expect(backfillCost(history, lastOf([0, 1]), TAIL - 10, TAIL, 'json')).toBe(2 * first + text);
    expect(backfillCost(history, lastOf([0, 2]), 0, 100, 'bin')).toBe(both + 200 * 10);
  });

  it('is that of a block when it comes to it, and of writing while that is kept', () => {
    const own = new Feed(history.market).history;
    for (const _ of own.moveTo(ROWS));
    const costAt = (from: number) => backfillCost(own, lastOf([0, 1]), from, from + 10, 'json');
    const text = 20 * TEXT;
    expect(costAt(0)).toBe(2 * BLOCK_ROWS + text);
    own.priceAt(0, 3);
    expect(costAt(10)).toBe(BLOCK_ROWS + text);
    own.priceAt(1, 3);
    expect(costAt(BLOCK_ROWS - 10)).toBe(text);
    expect(costAt(BLOCK_ROWS - 5)).toBe(2 * BLOCK_ROWS + text);
    expect(costAt(BLOCK_ROWS)).toBe(2 * BLOCK_ROWS + text);
  });
});

describe('the cost of sparklines', () => {
  it('is that of a block for each old point, and of writing the points', () => {
    const ring = CAPACITY * 1000;
    const text = 3 * 48 * TEXT;
    expect(pointsCost(history, [0, 1, 2], 48, ring / 2)).toBe(text);
    const blocks = Math.ceil((ROWS - CAPACITY) / BLOCK_ROWS);
    const made = blocks * BLOCK_ROWS * 22;
    expect(pointsCost(history, [0, 1, 2], 48, 1e12)).toBe(made + 3 * LONE + text);
    expect(pointsCost(history, [0], 2, 1e12)).toBe(2 * BLOCK_ROWS + LONE + 2 * TEXT);
  });
});
