import type { Prices } from '../market/dtype.ts';
import { type Field, newTrades, type Trades, type Turnover } from '../market/fields.ts';
import { BLOCK_ROWS } from '../market/grid.ts';
import type { Market } from '../market/market.ts';

/** Every field but the price itself, which the ring has. */
export type TradeField = Exclude<Field, 'last'>;

/** Rows made ahead of the head at a time, as in the ring. */
const AHEAD_ROWS = 1024;
/** Rows that a window holds, those ahead included: readers further behind are served by blocks. */
const WINDOW_ROWS = 4096;
/** A window that was not read for so many rows is given back. */
const UNREAD_ROWS = 2 * WINDOW_ROWS;
/** Blocks that are kept for the next reader, in bytes. */
const CACHE_BYTES = 16 * 2 ** 20;

/** The newest rows of one column, row `index` in slot `index % WINDOW_ROWS`. */
interface Window {
  readonly rows: Trades;
  first: number;
  made: number;
  /** Where the head was when it was last read. */
  readAt: number;
}

/**
 * Quotes and trades of the rows that have been made.
 *
 * Nothing is kept of columns that nobody reads. Of those that are read at the head there is a
 * window on the newest rows, topped up in turn as the head moves; older rows are made by blocks,
 * the last of which are kept. The same rows are the same numbers either way.
 */
export class TradeHistory {
  readonly #market: Market;
  readonly #windows = new Map<number, Window>();
  readonly #blocks = new Map<number, Trades>();
  readonly #blocksHeld: number;
  #head = 0;

  constructor(market: Market) {
    this.#market = market;
    const rowBytes = 2 * market.newPrices(1).BYTES_PER_ELEMENT + 9;
    this.#blocksHeld = Math.max(1, Math.floor(CACHE_BYTES / (rowBytes * BLOCK_ROWS)));
  }

  /** Whether old rows of so many columns can be read piece by piece, as of `History`. */
  keepsBlocksOf(columns: number): boolean {
    return columns <= this.#blocksHeld;
  }

  /** Whether the rows from `from` on are in windows: to be had at once. */
  has(columns: readonly number[], from: number): boolean {
    return columns.every((column) => {
      const window = this.#windows.get(column);
      return window !== undefined && from >= window.first && window.made >= this.#head;
    });
  }

  /** Whether rows from `from` on are new enough for windows. */
  isNew(from: number): boolean {
    return from >= this.#head - (WINDOW_ROWS - 2 * AHEAD_ROWS);
  }

  /** Opens windows on `columns`, whose newest rows will be read again and again; yields often. */
  *follow(columns: readonly number[]): Generator<void, void, void> {
    for (const column of columns) {
      const window = this.#windows.get(column);
      if (window !== undefined && window.made >= this.#head) continue;
      this.#windows.set(column, this.#newWindow(column));
      yield;
    }
  }

  /** Tops up the windows for a head that moves to `head`; yields after each that it was done to. */
  *moveTo(head: number): Generator<void, void, void> {
    this.#head = Math.max(this.#head, head);
    for (const [column, window] of this.#windows) {
      if (window.made >= head) continue;
      // What is far behind is not caught up with here: its next reader opens it again.
      if (head - window.readAt > UNREAD_ROWS || head - window.made > AHEAD_ROWS) {
        this.#windows.delete(column);
      } else {
        this.#make(column, window, window.made, this.#ahead(column, head));
        yield;
      }
    }
  }

  /** Copies `field` of the rows `[from, next)` of `column` to `out`, from `at` on. */
  copy(
    out: Prices,
    at: number,
    field: TradeField,
    column: number,
    from: number,
    next: number,
  ): void {
    const window = this.#windows.get(column);
    if (window !== undefined && from >= window.first && next <= window.made) {
      window.readAt = this.#head;
      const slot = from % WINDOW_ROWS;
      const first = Math.min(next - from, WINDOW_ROWS - slot);
      out.set(window.rows[field].subarray(slot, slot + first), at);
      out.set(window.rows[field].subarray(0, next - from - first), at + first);
      return;
    }
    for (let index = from; index < next; ) {
      const block = Math.floor(index / BLOCK_ROWS);
      const first = block * BLOCK_ROWS;
      const end = Math.min(next, first + BLOCK_ROWS);
      const values = this.#blockOf(column, block)[field];
      out.set(values.subarray(index - first, end - first), at + index - from);
      index = end;
    }
  }

  /** Adds what was traded in the rows `[from, next)` of `column`, at most a block, to `turnover`. */
  fold(turnover: Turnover, column: number, from: number, next: number): void {
    const block = Math.floor(from / BLOCK_ROWS);
    const first = block * BLOCK_ROWS;
    if (next - from === BLOCK_ROWS && !this.#blocks.has(keyOf(column, block))) {
      // A long read would push out what others come back for.
      this.#market.foldTrades(turnover, column, from, next);
    } else {
      turnover.add(this.#blockOf(column, block), from - first, next - first);
    }
  }

  #newWindow(column: number): Window {
    const next = this.#ahead(column, this.#head);
    const first = Math.max(0, next - WINDOW_ROWS);
    const rows = newTrades(this.#market.spec.dtype, WINDOW_ROWS);
    const window = { rows, first, made: first, readAt: this.#head };
    this.#make(column, window, first, next);
    return window;
  }

  /** How far a column is made for a head: another place for each, so that they take turns. */
  #ahead(column: number, head: number): number {
    const stagger = Math.floor((column * AHEAD_ROWS) / this.#market.instruments.length);
    return (Math.floor((Math.max(1, head) - 1 + stagger) / AHEAD_ROWS) + 1) * AHEAD_ROWS - stagger;
  }

  #make(column: number, window: Window, from: number, next: number): void {
    for (let index = from; index < next; ) {
      const block = Math.floor(index / BLOCK_ROWS);
      const made = this.#blockOf(column, block);
      const end = Math.min(next, (block + 1) * BLOCK_ROWS);
      while (index < end) {
        const slot = index % WINDOW_ROWS;
        const rows = Math.min(end - index, WINDOW_ROWS - slot);
        const at = index - block * BLOCK_ROWS;
        for (const field of ['bid', 'ask', 'volume', 'trades', 'aggressor'] as const) {
          window.rows[field].set(made[field].subarray(at, at + rows), slot);
        }
        index += rows;
      }
    }
    window.made = next;
    window.first = Math.max(window.first, next - WINDOW_ROWS);
  }

  #blockOf(column: number, block: number): Trades {
    const key = keyOf(column, block);
    let trades = this.#blocks.get(key);
    if (trades === undefined) {
      if (this.#blocks.size >= this.#blocksHeld) {
        const [oldest, reused] = this.#blocks.entries().next().value!;
        this.#blocks.delete(oldest);
        trades = reused;
      } else {
        trades = newTrades(this.#market.spec.dtype, BLOCK_ROWS);
      }
      this.#market.fillTrades(trades, column, block);
    } else {
      this.#blocks.delete(key);
    }
    this.#blocks.set(key, trades);
    return trades;
  }
}

function keyOf(column: number, block: number): number {
  return column * 2 ** 32 + block;
}
