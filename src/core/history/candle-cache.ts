import type { TradeSums } from '../market/fields.ts';
import type { Fold } from '../market/models/model.ts';
import type { Resolution } from '../market/resolution.ts';
import { type CandleRange, type Page, PageCache } from './page-cache.ts';

export type { CandleRange };

/** Open, high, low, close, rows, lots and trades of each: lots of -1 without trades. */
const VALUES = 7;
/** Candles of fewer rows are folded again faster than they are found. */
const LEAST_ROWS = 16;
/** What all pages may take: a hundred years of days of every instrument of the default market. */
const CACHE_BYTES = 32 * 2 ** 20;

const isKnown = (page: Page, at: number) => page[at + 4] !== 0;
const isKnownTraded = (page: Page, at: number) => isKnown(page, at) && page[at + 5]! >= 0;

/**
 * Final candles that were folded before, as many of those used last as there is room for. A final
 * candle never changes, so nothing here is ever wrong.
 */
export class CandleCache {
  readonly #pages = new PageCache(VALUES, CACHE_BYTES, 0);

  /** Puts a candle into `fold` and, if they are wanted, `sums`; whether it is known. */
  get(
    fold: Fold,
    tradeSums: TradeSums | undefined,
    column: number,
    resolution: Resolution,
    number: number,
  ): boolean {
    const page = this.#pages.pageOf(column, resolution, number);
    if (page === undefined) return false;
    const at = this.#pages.placeOf(number);
    const isThere = tradeSums === undefined ? isKnown(page, at) : isKnownTraded(page, at);
    if (!isThere) return false;
    fold.add(page[at]!, page[at + 1]!, page[at + 2]!, page[at + 3]!, page[at + 4]!);
    if (tradeSums !== undefined) {
      tradeSums.volume += page[at + 5]!;
      tradeSums.trades += page[at + 6]!;
    }
    return true;
  }

  /** The parts of `range` whose candles are not known, as `PageCache` finds them. */
  missing(
    column: number,
    resolution: Resolution,
    range: CandleRange,
    isTraded: boolean,
  ): Generator<CandleRange, void, void> {
    return this.#pages.missing(column, resolution, range, isTraded ? isKnownTraded : isKnown);
  }

  /** Keeps a candle that is final. */
  put(
    fold: Fold,
    tradeSums: TradeSums | undefined,
    column: number,
    resolution: Resolution,
    number: number,
  ): void {
    if (fold.rows < LEAST_ROWS) return;
    const page = this.#pages.roomFor(column, resolution, number);
    const at = this.#pages.placeOf(number);
    page.set([fold.open, fold.high, fold.low, fold.close, fold.rows], at);
    if (tradeSums !== undefined) page.set([tradeSums.volume, tradeSums.trades], at + 5);
    else if (page[at + 5] === 0) page[at + 5] = -1;
  }
}
