import type { History } from '../../../core/history/history.ts';
import { fillBooks, readQuotes } from '../../../core/history/read-books.ts';
import type { Statistics } from '../../../core/history/rolling-state.ts';
import { RollingStatistics } from '../../../core/history/rolling-statistics.ts';
import { spanStatistics } from '../../../core/history/span-statistics.ts';
import { indexFrom, sinceOf } from '../../../core/market/grid.ts';
import { DAY_MS } from '../../../core/market/time.ts';
import { newDepth } from '../../../core/market/trading/book.ts';
import type { BinanceSymbols } from '../symbols.ts';
import type { Best, Ticker } from './ticker-forms.ts';

/** What is kept of a day of all instruments: ten thousand of 16 bits find room. */
const DAY_BYTES = 128 * 2 ** 20;

/** A stretch of time that a ticker is of. */
export interface Stretch {
  readonly openMs: number;
  readonly closeMs: number;
  /** Whether it ends right before `closeMs`. */
  readonly isOpenEnded?: boolean | undefined;
}

/** Tickers of the instruments of a market, as of its newest row. */
export class Tickers {
  /** What the last 24 hours came to, of those of which it is known. */
  readonly day: RollingStatistics;
  readonly #history: History;
  readonly #symbols: BinanceSymbols;

  constructor(history: History, symbols: BinanceSymbols) {
    this.#history = history;
    this.#symbols = symbols;
    this.day = new RollingStatistics(history, DAY_MS, 0, DAY_BYTES);
  }

  /** When the newest row was; there is one. */
  get newestMs(): number {
    return sinceOf(this.#history.market.grid, this.#history.head);
  }

  /** The rows of a stretch that there are. */
  rowsOf({ openMs }: Stretch): readonly [from: number, next: number] {
    const { market, head } = this.#history;
    return [Math.min(head - 1, Math.max(0, indexFrom(market.grid, openMs))), head];
  }

  /**
   * Of the last 24 hours before the newest row. Those of which it is not known are added up first,
   * with `isAll` left out instead; with `hasBest` they have what waits at the best prices too.
   */
  *ofDay(
    columns: readonly number[],
    isAll: boolean,
    hasBest: boolean,
  ): Generator<unknown, readonly Ticker[], void> {
    const { day } = this;
    yield* day.follow(columns, !isAll);
    const { head, market } = this.#history;
    // Until all are read no row comes.
    const known = columns.map((column) => day.read(column));
    const closeMs = sinceOf(market.grid, head);
    const there: number[] = [];
    const statistics: Statistics[] = [];
    for (const [n, column] of columns.entries()) {
      let own = known[n];
      if (own === undefined) {
        if (isAll) continue;
        own = yield* spanStatistics(this.#history, column, day.span.from(head), head);
      }
      there.push(column);
      statistics.push(own);
    }
    const best = hasBest ? yield* this.#bestOf(there, statistics) : [];
    const openMs = day.span.openMs(closeMs);
    return there.map((column, n) => ({
      ...this.#named(column),
      ...{ statistics: statistics[n]!, openMs, closeMs, best: best[n] },
    }));
  }

  /** Of a stretch that has a row, and its rows `[from, next)`. */
  *ofStretch(
    columns: readonly number[],
    { openMs, closeMs, isOpenEnded }: Stretch,
    [from, next]: readonly [from: number, next: number],
  ): Generator<unknown, readonly Ticker[], void> {
    const tickers: Ticker[] = [];
    for (const column of columns) {
      const statistics = yield* spanStatistics(this.#history, column, from, next);
      tickers.push({ ...this.#named(column), statistics, openMs, closeMs, isOpenEnded });
    }
    return tickers;
  }

  #named(column: number): Pick<Ticker, 'symbol' | 'numbers'> {
    return { symbol: this.#symbols.names.of(column)!, numbers: this.#symbols.numbersOf(column) };
  }

  /** At the last rows of these statistics, which is the same of all. */
  *#bestOf(
    columns: readonly number[],
    statistics: readonly Statistics[],
  ): Generator<unknown, readonly Best[], void> {
    if (columns.length === 0) return [];
    const { market } = this.#history;
    const { next } = statistics[0]!;
    const books = columns.map(() => newDepth(1));
    const quotes = yield* readQuotes(this.#history, columns, next - 1, next);
    yield* fillBooks(books, this.#history, quotes, next - 1, 1);
    return columns.map((column, n) => {
      const { firstTrade, nextTrade } = statistics[n]!;
      const { bids, asks } = books[n]!;
      return {
        ...{ bid: quotes.bid[n]!, ask: quotes.ask[n]! },
        ...{ bidLots: bids.lots[0]!, askLots: asks.lots[0]! },
        lastLots: nextTrade === firstTrade ? 0 : market.lotsOfTrade(column, nextTrade - 1),
      };
    });
  }
}
