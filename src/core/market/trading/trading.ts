import type { Prices } from '../dtype.ts';
import type { Trades } from '../fields.ts';
import type { Fold } from '../models/model.ts';

/**
 * What says what the prices of an instrument are: its model, where they move by themselves; its
 * trading, where a mid moves (the model `market`) and a price is what somebody paid.
 */
export interface Priced {
  /** Fills the `BLOCK_ROWS` prices of `out` with block `block`, in ticks. */
  fillPrices(out: Prices, block: number, from: number, next: number): void;
  /** Adds the prices of rows `[from, next)` of block `block` to `fold`. */
  foldPrices(fold: Fold, block: number, from: number, next: number): void;
}

/**
 * How an instrument is traded: the quotes of each row, the trades before it, and their lots and
 * side. All of it is read at any row without what came before.
 */
export interface Trading {
  /** Fills rows `[from, next)` of block `block` in `out`, each in its place. */
  fillTrades(out: Trades, block: number, from: number, next: number): void;
  /** Trades before row `index`: the number of its first trade. */
  tradesBefore(index: number): number;
  /** Lots of the trades before trade `number`. */
  lotsBefore(number: number): number;
}

const MAX_UINT32 = 0xffff_ffff;

/** Fills how many trades rows have; `before[row]` were before a row. */
export function fillCounts(
  out: Uint32Array,
  before: Float64Array,
  from: number,
  next: number,
): void {
  for (let i = from; i < next; i++) {
    const count = before[i + 1]! - before[i]!;
    out[i] = count > MAX_UINT32 ? MAX_UINT32 : count;
  }
}
