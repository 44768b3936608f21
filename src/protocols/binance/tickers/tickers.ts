import { readBestLots, readQuotes } from '../../../core/history/read-books.ts';
import type { Statistics } from '../../../core/history/rolling-state.ts';
import { RollingStatistics } from '../../../core/history/rolling-statistics.ts';
import { spanStatistics } from '../../../core/history/span-statistics.ts';
import { indexFrom, sinceOf } from '../../../core/market/grid.ts';
import { UNIT_MS } from '../../../core/market/resolution.ts';
import { BackgroundStatistics } from '../../../host/statistics/background-statistics.ts';
import type { BinanceService } from '../limits.ts';
import type { BinanceSymbols } from '../symbols.ts';
import type { Best, Ticker } from './ticker-forms.ts';

const MB = 2 ** 20;

/**
 * Spans that are kept, and what each may take: a day of ten thousand instruments of 16 bits finds
 * room. `day` and `5m` begin so long before the newest row, the others with a whole minute.
 */
const SPANS = {
  day: { spanMs: UNIT_MS.d, startMs: 0, bytes: 128 * MB },
  '5m': { spanMs: 5 * UNIT_MS.m, startMs: 0, bytes: 16 * MB },
  '1h': { spanMs: UNIT_MS.h, startMs: UNIT_MS.m, bytes: 32 * MB },
  '4h': { spanMs: 4 * UNIT_MS.h, startMs: UNIT_MS.m, bytes: 64 * MB },
  '1d': { spanMs: UNIT_MS.d, startMs: UNIT_MS.m, bytes: 128 * MB },
} as const;

export type SpanName = keyof typeof SPANS;

/** A span that is kept. */
interface Kept {
  readonly rolling: RollingStatistics;
  readonly background: BackgroundStatistics;
  /** How many want it at every row. */
  wanted: number;
}

/** A stretch of time that a ticker is of. */
export interface Stretch {
  readonly openMs: number;
  readonly closeMs: number;
  /** Whether it ends right before `closeMs`. */
  readonly isOpenEnded?: boolean | undefined;
}

/** Tickers of the instruments of a market, as of its newest row. */
export class Tickers {
  readonly #service: BinanceService;
  readonly #symbols: BinanceSymbols;
  readonly #kept = new Map<SpanName, Kept>();

  constructor(service: BinanceService, symbols: BinanceSymbols) {
    this.#service = service;
    this.#symbols = symbols;
    this.want('day');
  }

  /** All that have a name. */
  get columns(): readonly number[] {
    return this.#symbols.columns;
  }

  /** When the newest row was; there is one. */
  get newestMs(): number {
    const { market, head } = this.#service.feed.history;
    return sinceOf(market.grid, head);
  }

  /** What is known of a span. */
  rolling(span: SpanName): RollingStatistics {
    return this.#keptOf(span).rolling;
  }

  /** Has a span known of all columns, in the background, until as many `unwant` it. */
  want(span: SpanName): void {
    this.#keptOf(span).wanted += 1;
  }

  unwant(span: SpanName): void {
    this.#keptOf(span).wanted -= 1;
  }

  /** To be called at every row. */
  advanced(): void {
    for (const { wanted, background } of this.#kept.values()) if (wanted > 0) background.look();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#kept.values()].map(({ background }) => background.stop()));
  }

  /** The rows of a stretch that there are. */
  rowsOf({ openMs }: Stretch): readonly [from: number, next: number] {
    const { market, head } = this.#service.feed.history;
    return [Math.min(head - 1, Math.max(0, indexFrom(market.grid, openMs))), head];
  }

  /**
   * Of a span that ends with the newest row. Columns of which it is not known are added up first,
   * with `isAll` left out instead; with `hasBest` it is said what waits at the best prices too.
   */
  *newest(
    span: SpanName,
    columns: readonly number[],
    isAll: boolean,
    hasBest: boolean,
  ): Generator<unknown, readonly Ticker[], void> {
    const { history } = this.#service.feed;
    const { rolling } = this.#keptOf(span);
    yield* rolling.follow(columns, !isAll);
    const { head, market } = history;
    // Until all are read no row comes.
    const known = columns.map((column) => rolling.read(column));
    const closeMs = sinceOf(market.grid, head);
    const there: number[] = [];
    const statistics: Statistics[] = [];
    for (const [n, column] of columns.entries()) {
      let own = known[n];
      if (own === undefined) {
        if (isAll) continue;
        own = yield* spanStatistics(history, column, rolling.span.from(head), head);
      }
      there.push(column);
      statistics.push(own);
    }
    const best = hasBest ? yield* this.#bestOf(there, statistics) : [];
    const openMs = rolling.span.openMs(closeMs);
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
      const statistics = yield* spanStatistics(this.#service.feed.history, column, from, next);
      tickers.push({ ...this.#named(column), statistics, openMs, closeMs, isOpenEnded });
    }
    return tickers;
  }

  #keptOf(span: SpanName): Kept {
    const known = this.#kept.get(span);
    if (known !== undefined) return known;
    const { spanMs, startMs, bytes } = SPANS[span];
    const rolling = new RollingStatistics(this.#service.feed.history, spanMs, startMs, bytes);
    const background = new BackgroundStatistics(this.#service, rolling, this.columns);
    const kept = { rolling, background, wanted: 0 };
    this.#kept.set(span, kept);
    return kept;
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
    const { history } = this.#service.feed;
    const { next } = statistics[0]!;
    const quotes = yield* readQuotes(history, columns, next - 1, next);
    const lots = yield* readBestLots(history, quotes, next - 1);
    return columns.map((column, n) => {
      const { firstTrade, nextTrade } = statistics[n]!;
      const hasTrade = nextTrade > firstTrade;
      return {
        ...{ bid: quotes.bid[n]!, ask: quotes.ask[n]! },
        ...{ bidLots: lots.bid[n]!, askLots: lots.ask[n]! },
        lastLots: hasTrade ? history.timeline.lotsOfTrade(column, nextTrade - 1) : 0,
      };
    });
  }
}
