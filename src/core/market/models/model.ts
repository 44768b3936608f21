import type { Prices } from '../dtype.ts';
import type { LogPrices } from './log-price.ts';
import type { Mids } from './mids.ts';

/**
 * The rule that turns random numbers into the prices of one instrument, which move by themselves.
 *
 * A model has no state that shows: every block is the same whenever, and after whatever, it is
 * asked for.
 */
export interface Model {
  /** Fills the `BLOCK_ROWS` prices of `out` with those of block `block`. */
  fillBlock(out: Prices, block: number): void;
  /**
   * Adds the rows `[from, next)` of block `block`, counted from its start, to `fold`: for models
   * that know them sooner than their prices.
   */
  foldBlock?(fold: Fold, block: number, from: number, next: number): void;
  /**
   * Fills the `BLOCK_ROWS` values of `out` with how volatile each row of block `block` is: the
   * variance it is made with, over the average one, so that they are 1 on average. Left out where
   * all rows are alike.
   */
  fillActivity?(out: Float64Array, block: number): void;
  /**
   * Fills the `BLOCK_ROWS + 1` values of `out` with the activity before each row of block `block`,
   * and before the row after it: never less than before the row before, and one more for each row
   * on average. Left out where it is the number of the row.
   */
  fillClock?(out: Float64Array, block: number): void;
  /** The activity before row `index`, the same to the last bit. */
  clockAt?(index: number): number;
  /**
   * Fills `out` with the coordinates of some rows of block `block`, counted from its start: without
   * what is done to the instrument.
   */
  fillCoordinates(out: Float64Array, block: number, rows: readonly number[]): void;
}

/**
 * The rule that moves the mid of an instrument, around which it is quoted and traded: then a price
 * is what somebody paid.
 */
export interface MidModel {
  /** Deviation of what the exponent moves while the activity goes on by one row. */
  readonly sigma: number;
  /** The part of the time that it trades: activity goes on by one over that in a row of it. */
  readonly openShare: number;
  /** Where an exponent that goes beyond is turned back. */
  readonly logs: LogPrices;
  /**
   * Of block `block`, with its rows `[from, next]`, all unless said, and those looked back at; for
   * reading at once and no longer.
   */
  midsOf(block: number, from?: number, next?: number): Mids;
  /** Puts the activity before rows `[from, next)` of a block, and of those it looks back at. */
  fillClockRows(mids: Mids, block: number, from: number, next: number): void;
  /** Fills `out` with the activity before each `step`th of these rows, and last that at `next`. */
  fillClockSteps(
    out: Float64Array,
    mids: Mids,
    block: number,
    from: number,
    next: number,
    step: number,
  ): void;
  /** As of `Model`. */
  fillCoordinates(out: Float64Array, block: number, rows: readonly number[]): void;
  fillClock(out: Float64Array, block: number): void;
  clockAt(index: number): number;
}

export function isMidModel(model: Model | MidModel): model is MidModel {
  return 'midsOf' in model;
}

/** Open, high, low and close of consecutive rows, in ticks; empty while `rows` is 0. */
export class Fold {
  open = 0;
  high = 0;
  low = 0;
  close = 0;
  rows = 0;

  clear(): void {
    this.rows = 0;
  }

  /** Appends what `rows` rows came to, themselves folded already. */
  add(open: number, high: number, low: number, close: number, rows: number): void {
    if (this.rows === 0) {
      this.open = open;
      this.high = high;
      this.low = low;
    } else {
      if (high > this.high) this.high = high;
      if (low < this.low) this.low = low;
    }
    this.close = close;
    this.rows += rows;
  }

  /** Appends the prices `[from, next)` of `prices`, one row each. */
  addPrices(prices: Prices, from: number, next: number): void {
    if (from >= next) return;
    let high = prices[from]!;
    let low = high;

    for (let i = from + 1; i < next; i++) {
      const price = prices[i]!;
      if (price > high) high = price;
      if (price < low) low = price;
    }

    this.add(prices[from]!, high, low, prices[next - 1]!, next - from);
  }
}
