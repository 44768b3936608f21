import { describe, expect, it } from 'vitest';
import type { TradeField } from '../../../src/core/history/trade-history.ts';
import { TradeHistory } from '../../../src/core/history/trade-history.ts';
import { newTrades, TradeSums } from '../../../src/core/market/fields.ts';
import { BLOCK_ROWS } from '../../../src/core/market/grid.ts';
import type { Market } from '../../../src/core/market/market.ts';
import { eachBlock, type Piece } from '../../../src/core/market/pieces.ts';
import { marketOf } from '../../helpers/market.ts';
import { sequence } from '../market/statistics.ts';

const FIELDS: readonly TradeField[] = ['bid', 'ask', 'volume', 'trades', 'aggressor'];
const SPEC = { seed: 3, count: 5, capacity: 10_000 };

/** A market that counts what it is asked to make: blocks or parts of them, and their rows. */
function counted(spec: object = SPEC): {
  market: Market;
  made: () => number;
  rows: () => number;
} {
  const market = marketOf(spec);
  let made = 0;
  let rows = 0;
  const { fillTrades } = market;
  market.fillTrades = (...given) => {
    const [, , , from = 0, next = BLOCK_ROWS] = given;
    made++;
    rows += next - from;
    fillTrades.apply(market, given);
  };
  return { market, made: () => made, rows: () => rows };
}

/** The rows themselves, block by block, of a market of its own. */
function truth(
  field: TradeField,
  column: number,
  from: number,
  next: number,
  spec: object = SPEC,
): number[] {
  const market = marketOf(spec);
  const values: number[] = [];
  const trades = newTrades('uint16', BLOCK_ROWS);
  for (let block = Math.floor(from / BLOCK_ROWS); block * BLOCK_ROWS < next; block++) {
    market.fillTrades(trades, column, block);
    const first = block * BLOCK_ROWS;
    values.push(...trades[field].subarray(Math.max(0, from - first), next - first));
  }
  return values;
}

function read(
  history: TradeHistory,
  field: TradeField,
  column: number,
  from: number,
  next: number,
) {
  const values = new Float64Array(next - from);
  history.copy(values, 0, field, column, from, next);
  return [...values];
}

function moveTo(history: TradeHistory, head: number): number {
  let steps = 0;
  for (const _ of history.moveTo(head)) steps++;
  return steps;
}

/** Rows of one block. */
function pieceOf(from: number, next: number): Piece {
  const [piece] = eachBlock(from, next);
  if (piece?.next !== next) throw new Error('they are of one block');
  return piece;
}

describe('the trades of a market that runs', () => {
  it('are the same wherever they come from: recent rows, kept blocks, new ones', () => {
    const history = new TradeHistory(marketOf(SPEC));
    const next = sequence(4);
    let head = 40_000;
    moveTo(history, head);
    for (const _ of history.follow([0, 2, 4]));
    for (let round = 0; round < 60; round++) {
      // The head goes on, sometimes by much: what was kept is then of no use.
      head += round % 15 === 14 ? 5000 : Math.floor(next() * 400);
      moveTo(history, head);
      const column = Math.floor(next() * 5);
      const from = Math.floor(head - next() ** 3 * 30_000);
      const to = Math.min(head, from + Math.floor(next() * 3000));
      const field = FIELDS[round % 5];
      expect(read(history, field, column, from, to)).toEqual(truth(field, column, from, to));
    }
  });

  it('can be had at once of columns that are followed, and of no others', () => {
    const history = new TradeHistory(marketOf(SPEC));
    moveTo(history, 50_000);
    expect(history.has([1], 49_999)).toBe(false);
    expect([...history.follow([1, 3])]).toHaveLength(2);
    expect([...history.follow([1, 3])]).toHaveLength(0);
    expect(history.has([1, 3], 49_800)).toBe(true);
    expect(history.has([1, 2], 49_800)).toBe(false);
    expect(history.has([1], 40_000)).toBe(false);
    expect([history.isNew(49_800), history.isNew(49_000)]).toEqual([true, false]);
  });

  it('are kept for whoever reads at the head, and made a few columns at a time', () => {
    const { market, made } = counted();
    const history = new TradeHistory(market);
    const columns = [0, 1, 2, 3, 4];
    moveTo(history, 100_000);
    for (const _ of history.follow(columns));
    const before = made();
    let most = 0;
    for (let head = 100_001; head <= 104_096; head++) {
      most = Math.max(most, moveTo(history, head));
      expect(history.has(columns, head - 1)).toBe(true);
      for (const column of columns) read(history, 'bid', column, head - 1, head);
    }
    // Eight times 512 rows of each of five columns, out of one block that is kept.
    expect(made() - before).toBeLessThanOrEqual(5);
    expect(most).toBe(1);
  });

  it('are forgotten of columns that nobody reads any more', () => {
    const { market, made } = counted();
    const history = new TradeHistory(market);
    moveTo(history, 1000);
    for (const _ of history.follow([0]));
    for (let head = 1000; head < 20_000; head += 100) moveTo(history, head);
    expect(history.has([0], 19_999)).toBe(false);
    const before = made();
    for (let head = 20_000; head < 60_000; head += 100) moveTo(history, head);
    expect(made()).toBe(before);
  });

  it('keep the blocks that were read last, and no more of them than there is room for', () => {
    const { market, made } = counted();
    const history = new TradeHistory(market);
    moveTo(history, 10_000_000);
    const readAll = (blocks: number) => {
      const before = made();
      for (let block = 0; block < blocks; block++) {
        read(history, 'volume', 0, block * BLOCK_ROWS, block * BLOCK_ROWS + 1);
      }
      return made() - before;
    };
    expect([readAll(20), readAll(20)]).toEqual([20, 0]);
    // 13 bytes a row: 78 blocks in 16 MiB.
    expect(readAll(78)).toBe(58);
    expect(readAll(78)).toBe(0);
    expect(readAll(79)).toBeGreaterThan(0);
    expect([history.keepsBlocksOf(78), history.keepsBlocksOf(79)]).toEqual([true, false]);
  });

  it('are made alone where that is asked for, and are the same', () => {
    const { market, rows } = counted();
    const history = new TradeHistory(market);
    const next = sequence(5);
    moveTo(history, 100_000);
    for (let round = 0; round < 40; round++) {
      const column = round % 5;
      const from = Math.floor(next() * 5) * BLOCK_ROWS + Math.floor(next() * (BLOCK_ROWS - 200));
      const to = from + 1 + Math.floor(next() * 199);
      const before = rows();
      history.make(column, pieceOf(from, to));
      for (const field of FIELDS) {
        expect(read(history, field, column, from, to)).toEqual(truth(field, column, from, to));
      }
      expect(rows() - before).toBe(to - from);
    }
  });

  it('are not made again of rows that are recent, nor of blocks that are kept', () => {
    const { market, made } = counted();
    const history = new TradeHistory(market);
    moveTo(history, 50_000);
    for (const _ of history.follow([2]));
    read(history, 'bid', 3, 100, 101);
    const before = made();
    history.make(2, pieceOf(49_900, 50_000));
    history.make(3, pieceOf(500, 900));
    expect(made()).toBe(before);
  });

  it('add up to what was traded, in whole blocks and in parts of them', () => {
    const history = new TradeHistory(marketOf(SPEC));
    moveTo(history, 100_000);
    for (const [from, next] of [
      [0, BLOCK_ROWS],
      [BLOCK_ROWS, 2 * BLOCK_ROWS],
      [5, 77],
      [BLOCK_ROWS + 9, 2 * BLOCK_ROWS],
    ]) {
      const tradeSums = new TradeSums();
      history.fold(tradeSums, 2, from!, next!);
      const sum = (field: TradeField) => truth(field, 2, from, next).reduce((a, b) => a + b, 0);
      expect({ ...tradeSums }).toEqual({ volume: sum('volume'), trades: sum('trades') });
    }
  });
});

describe('the trades of very many instruments', () => {
  it('are made row by row for readers at the head, not by blocks, and are the same', () => {
    // More than blocks are kept of.
    const spec = { seed: 4, count: 100, capacity: 10 };
    const { market, rows } = counted(spec);
    const history = new TradeHistory(market);
    const columns = market.instruments.map((_, column) => column);
    // Just after the edge of a block: what is kept lies on both sides of it.
    let head = 2 * BLOCK_ROWS + 3;
    moveTo(history, head);
    for (const _ of history.follow(columns));
    expect(rows()).toBeLessThanOrEqual(100 * 1024);
    const before = rows();
    for (let n = 0; n < 1100; n++) moveTo(history, ++head);
    expect(rows() - before).toBeLessThanOrEqual(100 * 3 * 512);
    for (const [n, column] of [0, 1, 57, 99].entries()) {
      const field = FIELDS[n];
      const expected = truth(field, column, head - 400, head, spec);
      expect(read(history, field, column, head - 400, head)).toEqual(expected);
    }
  });

  it('are kept of as many columns as there is room for', () => {
    const market = marketOf({ count: 11_000, capacity: 10 });
    // What is made does not matter here, and would take a millisecond each.
    market.fillTrades = () => {};
    const history = new TradeHistory(market);
    moveTo(history, 1);
    const columns = Array.from({ length: 11_000 }, (_, column) => column);
    // 13 bytes a row, 1,024 rows: 10,082 columns in 128 MiB.
    expect([...history.follow(columns)]).toHaveLength(10_082);
    expect(history.has(columns.slice(0, 10_082), 0)).toBe(true);
    expect(history.has(columns.slice(0, 10_083), 0)).toBe(false);
    expect(read(history, 'bid', 10_999, 0, 1)).toHaveLength(1);
  });

  it('has nothing to make when the head moves, once what was forgotten is prepared', () => {
    const history = new TradeHistory(counted().market);
    for (const _ of history.moveTo(9000));
    for (const _ of history.follow([0, 1, 2, 3, 4]));
    history.forgetFrom(9000);
    expect([...history.prepare()]).toHaveLength(5);
    expect([...history.prepare()]).toEqual([]);
    expect([...history.moveTo(9001)]).toEqual([]);
    for (const field of FIELDS) {
      for (const column of [0, 4]) {
        expect([...read(history, field, column, 8990, 9001)]).toEqual(
          truth(field, column, 8990, 9001),
        );
      }
    }
  });
});
