import { type Dtype, newPrices, type Prices } from '../dtype.ts';
import { newTrades, type Trades } from '../fields.ts';
import { BLOCK_ROWS } from '../grid.ts';
import type { Fold } from '../models/model.ts';
import type { OpenRows } from './open-rows.ts';

/** What open rows are made by; what it says of held ones counts for nothing. */
export interface OpenSource {
  fillBlock(out: Prices, block: number, from: number, next: number): void;
  fillTrades(out: Trades, block: number, from: number, next: number): void;
  fold(fold: Fold, from: number, next: number): void;
}

/** Room for one row's values in the place that it has in its block; for reading at once. */
interface Room {
  readonly prices: Prices;
  readonly trades: Trades;
}

const rooms = new Map<Dtype, Room>();

function roomOf(dtype: Dtype): Room {
  let room = rooms.get(dtype);
  if (room === undefined) {
    room = { prices: newPrices(dtype, BLOCK_ROWS), trades: newTrades(dtype, BLOCK_ROWS) };
    rooms.set(dtype, room);
  }
  return room;
}

/**
 * Has the rows of one instrument that are held show what the last open one before them does. What
 * they were underneath goes on, so the next open row has a gap.
 */
export class HeldRows {
  readonly #open: OpenRows;
  readonly #source: OpenSource;
  readonly #dtype: Dtype;
  /** The row whose price, and the row whose quotes were read last. */
  #priced = -1;
  #price = 0;
  #quoted = -1;
  #bid = 0;
  #ask = 0;

  constructor(open: OpenRows, source: OpenSource, dtype: Dtype) {
    this.#open = open;
    this.#source = source;
    this.#dtype = dtype;
  }

  /** Puts the prices of held rows in their places in `out`, rows `[from, next)` of a block. */
  holdPrices(out: Prices, block: number, from: number, next: number): void {
    const start = block * BLOCK_ROWS;
    for (let at = from; at < next; ) {
      const stretch = this.#open.stretchOf(start + at);
      const stop = Math.min(next, stretch.next - start);
      if (!stretch.isOpen) out.fill(this.#priceOf(stretch.shown), at, stop);
      at = stop;
    }
  }

  /** The same of quotes and trades: there are none of these. */
  holdTrades(out: Trades, block: number, from: number, next: number): void {
    const start = block * BLOCK_ROWS;
    for (let at = from; at < next; ) {
      const stretch = this.#open.stretchOf(start + at);
      const stop = Math.min(next, stretch.next - start);
      if (!stretch.isOpen) {
        this.#readQuotes(stretch.shown);
        out.bid.fill(this.#bid, at, stop);
        out.ask.fill(this.#ask, at, stop);
        out.volume.fill(0, at, stop);
        out.trades.fill(0, at, stop);
        out.aggressor.fill(0, at, stop);
      }
      at = stop;
    }
  }

  /** Adds the rows `[from, next)` to `fold`: session by session, as all held ones are alike. */
  fold(fold: Fold, from: number, next: number): void {
    for (let at = from; at < next; ) {
      const stretch = this.#open.stretchOf(at);
      const stop = Math.min(next, stretch.next);
      if (stretch.isOpen) this.#source.fold(fold, at, stop);
      else {
        const price = this.#priceOf(stretch.shown);
        fold.add(price, price, price, price, stop - at);
      }
      at = stop;
    }
  }

  /** Forgets what was read of rows from `index` on. */
  forgetFrom(index: number): void {
    if (this.#priced >= index) this.#priced = -1;
    if (this.#quoted >= index) this.#quoted = -1;
  }

  #priceOf(row: number): number {
    if (row !== this.#priced) {
      const block = Math.floor(row / BLOCK_ROWS);
      const at = row - block * BLOCK_ROWS;
      const { prices } = roomOf(this.#dtype);
      this.#source.fillBlock(prices, block, at, at + 1);
      this.#price = prices[at]!;
      this.#priced = row;
    }
    return this.#price;
  }

  #readQuotes(row: number): void {
    if (row === this.#quoted) return;
    const block = Math.floor(row / BLOCK_ROWS);
    const at = row - block * BLOCK_ROWS;
    const { trades } = roomOf(this.#dtype);
    this.#source.fillTrades(trades, block, at, at + 1);
    this.#bid = trades.bid[at]!;
    this.#ask = trades.ask[at]!;
    this.#quoted = row;
  }
}
