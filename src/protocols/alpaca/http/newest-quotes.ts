import type { History } from '../../../core/history/history.ts';
import { fillBooks, readQuotes } from '../../../core/history/read-books.ts';
import { wantedOf } from '../../../core/history/wanted.ts';
import { timeOf } from '../../../core/market/grid.ts';
import { newDepth } from '../../../core/market/trading/book.ts';
import { booksCost, rowsCost } from '../../../host/budgets/cost.ts';
import { writingCost } from '../../../host/budgets/writing-cost.ts';
import { type Item, levelsOf, quoteOf } from '../items.ts';
import { Moment } from '../moment.ts';

/** Books of columns at the last row before `head`, and what is said of each. */
function* booksAt(history: History, columns: readonly number[], head: number, levels: number) {
  const { market } = history;
  const books = columns.map(() => newDepth(levels));
  const quotes = yield* readQuotes(history, columns, head - 1, head);
  yield* fillBooks(books, history, quotes, head - 1, levels);
  const timeMs = timeOf(market.grid, head - 1);
  return columns.map((column, n) => ({
    ...{ column, instrument: market.instruments[column]!, depth: books[n]!, timeMs },
    ...{ bid: quotes.bid[n]!, ask: quotes.ask[n]! },
  }));
}

/** The quotes of the last row before `head`, of columns one after the other. */
export function* newestQuotes(
  history: History,
  columns: readonly number[],
  head: number,
): Generator<unknown, readonly Item[], void> {
  const books = yield* booksAt(history, columns, head, 1);
  return books.map(({ instrument, depth, timeMs, bid, ask }) => {
    const [bidLots, askLots] = [depth.bids.lots[0]!, depth.asks.lots[0]!];
    return quoteOf(instrument, { timeMs, bid, bidLots, ask, askLots });
  });
}

/** The books of the last row before `head`, with up to `levels` levels a side. */
export function* newestBooks(
  history: History,
  columns: readonly number[],
  head: number,
  levels: number,
): Generator<unknown, readonly Item[], void> {
  const books = yield* booksAt(history, columns, head, levels);
  return books.map(({ instrument, depth: { bids, asks }, timeMs }) => ({
    a: levelsOf(instrument, asks, 0, asks.levels),
    b: levelsOf(instrument, bids, 0, bids.levels),
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
