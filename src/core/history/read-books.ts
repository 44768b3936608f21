import type { Prices } from '../market/dtype.ts';
import { type Depth, newDepth } from '../market/trading/book.ts';
import type { History } from './history.ts';
import { readRows } from './read-rows.ts';
import { wantedOf } from './wanted.ts';

/** Levels that are filled between two yields, at 50 ns each: a fifth of a millisecond. */
const LEVELS_PER_STEP = 2 ** 12;
/** Columns whose best prices are looked at between two yields: a book that is new takes some us. */
const BEST_PER_STEP = 2 ** 7;

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
  { timeline }: History,
  { columns, from, next, bid, ask }: Quotes,
  index: number,
  levels: number,
): Generator<void, void, void> {
  const rows = next - from;
  let filled = 0;
  for (const [n, column] of columns.entries()) {
    const at = n * rows + index - from;
    timeline.bookOf(column).fill(out[n]!, index, bid[at]!, ask[at]!, levels);
    filled += 2 * levels;
    if (filled < LEVELS_PER_STEP) continue;
    filled = 0;
    yield;
  }
}

/** What waits at the best prices of columns, in lots. */
export interface BestLots {
  readonly bid: Float64Array;
  readonly ask: Float64Array;
}

/** What waits at the best prices of row `index`, of each column of its quotes. */
export function* readBestLots(
  { timeline }: History,
  { columns, from, next, bid, ask }: Quotes,
  index: number,
): Generator<void, BestLots, void> {
  const rows = next - from;
  const best = newDepth(1);
  const [bidLots, askLots] = [new Float64Array(columns.length), new Float64Array(columns.length)];
  for (const [n, column] of columns.entries()) {
    const at = n * rows + index - from;
    timeline.bookOf(column).fill(best, index, bid[at]!, ask[at]!, 1);
    // At the best prices something always waits.
    bidLots[n] = best.bids.lots[0]!;
    askLots[n] = best.asks.lots[0]!;
    if ((n + 1) % BEST_PER_STEP === 0) yield;
  }
  return { bid: bidLots, ask: askLots };
}
