import type { Prices } from '../market/dtype.ts';
import type { Depth } from '../market/trading/book.ts';
import type { History } from './history.ts';
import { readRows } from './read-rows.ts';
import { wantedOf } from './wanted.ts';

/** Levels that are filled between two yields, at 50 ns each: a fifth of a millisecond. */
const LEVELS_PER_STEP = 2 ** 12;

/** The best prices of some rows of columns, by which their books are had. */
export interface Quotes {
  readonly columns: readonly number[];
  /** Of the rows `[from, next)`. */
  readonly from: number;
  readonly next: number;
  /** Column after column. */
  readonly bid: Prices;
  readonly ask: Prices;
}

/** The quotes of the rows `[from, next)` of `columns`, all of which have been made. */
export function* readQuotes(
  history: History,
  columns: readonly number[],
  from: number,
  next: number,
): Generator<void, Quotes, void> {
  const { whole } = yield* readRows(history, wantedOf(['bid', 'ask'], columns), from, next);
  return { columns, from, next, bid: whole[0]!, ask: whole[1]! };
}

/**
 * Fills `out`, which has room for each of its columns, with up to `levels` levels a side of their
 * books at row `index`.
 */
export function* fillBooks(
  out: readonly Depth[],
  { market }: History,
  { columns, from, next, bid, ask }: Quotes,
  index: number,
  levels: number,
): Generator<void, void, void> {
  const rows = next - from;
  let filled = 0;
  for (const [n, column] of columns.entries()) {
    const at = n * rows + index - from;
    market.bookOf(column).fill(out[n]!, index, bid[at]!, ask[at]!, levels);
    filled += 2 * levels;
    if (filled < LEVELS_PER_STEP) continue;
    filled = 0;
    yield;
  }
}
