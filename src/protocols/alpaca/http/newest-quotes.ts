import type { History } from '../../../core/history/history.ts';
import { readQuotes } from '../../../core/history/read-books.ts';
import { wantedOf } from '../../../core/history/wanted.ts';
import { timeOf } from '../../../core/market/grid.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import { type Depth, newDepth } from '../../../core/market/trading/book.ts';
import { booksCost, rowsCost } from '../../../host/budgets/cost.ts';
import { writingCost } from '../../../host/budgets/writing-cost.ts';
import { type Item, levelsOf, quoteOf } from '../items.ts';
import { Moment } from '../moment.ts';

/** Books that are made between two yields, at 50 us each with 20 levels a side. */
const BOOKS_PER_STEP = 16;

/** A book at a row. */
interface BookAt {
  readonly instrument: Instrument;
  /** Filled anew for the next one. */
  readonly depth: Depth;
  readonly timeMs: number;
  readonly bid: number;
  readonly ask: number;
}

/** What is said of the books of columns at the last row before `head`, one after the other. */
function* eachBook(
  history: History,
  columns: readonly number[],
  head: number,
  levels: number,
  told: (book: BookAt) => Item,
): Generator<unknown, readonly Item[], void> {
  const { market, timeline } = history;
  const row = head - 1;
  const timeMs = timeOf(market.grid, row);
  const quotes = yield* readQuotes(history, columns, row, head);
  const depth = newDepth(levels);
  const items: Item[] = [];
  for (const [n, column] of columns.entries()) {
    const [bid, ask] = [quotes.bid[n]!, quotes.ask[n]!];
    timeline.bookOf(column).fill(depth, row, bid, ask, levels);
    items.push(told({ instrument: market.instruments[column]!, depth, timeMs, bid, ask }));
    if (n % BOOKS_PER_STEP === BOOKS_PER_STEP - 1) yield;
  }
  return items;
}

/** The quotes of the last row before `head`, of columns one after the other. */
export function* newestQuotes(
  history: History,
  columns: readonly number[],
  head: number,
): Generator<unknown, readonly Item[], void> {
  return yield* eachBook(history, columns, head, 1, ({ instrument, depth, ...quote }) => {
    const [bidLots, askLots] = [depth.bids.lots[0]!, depth.asks.lots[0]!];
    return quoteOf(instrument, { ...quote, bidLots, askLots });
  });
}

/** The books of the last row before `head`, with up to `levels` levels a side. */
export function* newestBooks(
  history: History,
  columns: readonly number[],
  head: number,
  levels: number,
): Generator<unknown, readonly Item[], void> {
  return yield* eachBook(history, columns, head, levels, ({ instrument, depth, timeMs }) => ({
    a: levelsOf(instrument, depth.asks, 0, depth.asks.levels),
    b: levelsOf(instrument, depth.bids, 0, depth.bids.levels),
    t: new Moment(timeMs),
  }));
}

/** Of the books of columns at one row. */
export function newestBooksCost(
  history: History,
  columns: readonly number[],
  head: number,
  levels: number,
): number {
  if (head === 0) return 0;
  const quotes = rowsCost(history, wantedOf(['bid', 'ask'], columns), [head - 1, head], 'json');
  const written = writingCost('json', 2 * levels * columns.length, 4);
  return quotes + booksCost(columns.length, levels) + written;
}
