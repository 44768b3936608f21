import type { Prices } from '../market/dtype.ts';
import { BLOCK_ROWS } from '../market/grid.ts';
import type { Rows } from '../market/rows.ts';
import { DAY_MS } from '../market/time.ts';
import { type EachTrade, newEachTrade } from '../market/trading/each-trade.ts';
import type { History } from './history.ts';

/** Trades of one column, one after the other: by their numbers, `[from, next)`. */
export interface ReadTrades extends EachTrade {
  readonly from: number;
  readonly next: number;
  /** What was paid, in ticks: the ask of the row, where a buyer came, or its bid. */
  readonly prices: Float64Array;
  /** Who came: 1 a buyer, 2 a seller. */
  readonly sides: Uint8Array;
}

/** Trades that are made between two yields: half a millisecond of work. */
const MOST_AT_ONCE = 2 ** 8;
/** The same where most rows have none, and each is sought. */
const LEAST_AT_ONCE = 2 ** 4;
/** Rows without a trade that are read sooner than they are passed. */
const FEW_ROWS = 64;

/** Whether so few rows of a column have a trade that its blocks are not made for their trades. */
export function areRare(market: Rows, column: number): boolean {
  return rateOf(market, column) * FEW_ROWS < 1;
}

/** Trades of a row of `column`, on average. */
export function rateOf({ instruments, grid }: Rows, column: number): number {
  return (instruments[column]!.trading.tradesPerDay * grid.intervalMs) / DAY_MS;
}

/** What is known of trades before they are read. */
export interface TradesBeside {
  /** The row of the first of them, or one soon before it. */
  readonly near?: number;
  /** How many columns are read in turn. Default: this one alone. */
  readonly columns?: number;
}

/** The trades `[from, next)` of a column, of rows that have been made; yields often. */
export function* readTrades(
  history: History,
  column: number,
  from: number,
  next: number,
  { near, columns = 1 }: TradesBeside = {},
): Generator<void, ReadTrades, void> {
  const { market, trades, timeline } = history;
  const read = { ...newEachTrade(next - from), from, next };
  const [prices, sides] = [new Float64Array(next - from), new Uint8Array(next - from)];
  const step = Math.min(MOST_AT_ONCE, Math.floor(MOST_AT_ONCE * 8 * rateOf(market, column)));
  const some = newEachTrade(Math.min(next - from, Math.max(LEAST_AT_ONCE, step)));
  const rows = new TradedRows(history, column, columns);
  let soon = near;
  for (let first = from; first < next; ) {
    const stop = Math.min(next, first + some.rows.length);
    const count = stop - first;
    timeline.fillEachTrade(some, column, first, stop, soon);
    soon = some.rows[count - 1]!;
    for (const name of ['rows', 'micros', 'lots'] as const) {
      read[name].set(some[name].subarray(0, count), first - from);
    }
    yield;
    // Whoever reads at the head comes back for the next ones.
    if (trades.isNew(some.rows[0]!)) yield* trades.follow([column]);
    yield* rows.addTo(prices, sides, read.rows, first - from, stop - from);
    first = stop;
  }
  return { ...read, prices, sides };
}

/** Reads what the rows of trades say of them. */
class TradedRows {
  readonly #history: History;
  readonly #column: number;
  /** Whether rows are made alone: their blocks would serve few of them, or not be kept. */
  readonly #areAlone: boolean;
  /** Rows without a trade that are read, and made where they are made alone, with those around. */
  readonly #apart: number;
  #bid: Prices;
  #ask: Prices;
  #aggressor: Prices;

  constructor(history: History, column: number, columns: number) {
    this.#history = history;
    this.#column = column;
    const isRare = areRare(history.market, column);
    const { trades } = history;
    // Of wide grids no block is made anyway.
    const areMany = !trades.isWide && !trades.keepsBlocksOf(columns);
    this.#areAlone = isRare || areMany;
    // Of many columns all that lies between is made at once, not each few rows.
    this.#apart = areMany && !isRare ? BLOCK_ROWS : FEW_ROWS;
    this.#bid = history.newValues('bid', FEW_ROWS);
    this.#ask = history.newValues('ask', FEW_ROWS);
    this.#aggressor = history.newValues('aggressor', FEW_ROWS);
  }

  /** Sets prices and sides of the trades `[from, next)` of those whose rows are known. */
  *addTo(
    prices: Float64Array,
    sides: Uint8Array,
    rows: Float64Array,
    from: number,
    next: number,
  ): Generator<void, void, void> {
    for (let n = from; n < next; ) {
      const start = rows[n]!;
      const block = Math.floor(start / BLOCK_ROWS);
      let [end, stop] = [n, start];
      // As far as rows are near one another, and of one block.
      for (; end < next && rows[end]! - stop <= this.#apart; end++) {
        if (Math.floor(rows[end]! / BLOCK_ROWS) !== block) break;
        stop = rows[end]!;
      }
      this.#read(block, start, stop + 1);
      for (; n < end; n++) {
        const at = rows[n]! - start;
        const side = this.#aggressor[at]!;
        sides[n] = side;
        prices[n] = side === 1 ? this.#ask[at]! : this.#bid[at]!;
      }
      yield;
    }
  }

  #read(number: number, from: number, next: number): void {
    const { trades } = this.#history;
    const column = this.#column;
    this.#reserve(next - from);
    if (this.#areAlone) {
      const first = number * BLOCK_ROWS;
      trades.make(column, { number, from, next, at: from - first, stop: next - first });
    }
    trades.copy(this.#bid, 0, 'bid', column, from, next);
    trades.copy(this.#ask, 0, 'ask', column, from, next);
    trades.copy(this.#aggressor, 0, 'aggressor', column, from, next);
  }

  #reserve(rows: number): void {
    if (rows <= this.#bid.length) return;
    const size = Math.min(BLOCK_ROWS, 2 * rows);
    this.#bid = this.#history.newValues('bid', size);
    this.#ask = this.#history.newValues('ask', size);
    this.#aggressor = this.#history.newValues('aggressor', size);
  }
}
