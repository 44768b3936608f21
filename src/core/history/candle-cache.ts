import { BlockCache } from '../market/block-cache.ts';
import type { TradeSums } from '../market/fields.ts';
import type { Fold } from '../market/models/model.ts';
import type { Resolution } from '../market/resolution.ts';

/** Candles that are kept side by side. */
const PAGE_CANDLES = 64;
/** Open, high, low, close, rows, lots and trades of each. */
const PAGE_VALUES = 7;
const PAGE_BYTES = PAGE_CANDLES * PAGE_VALUES * 8;
/** Candles of fewer rows are folded again faster than they are found. */
const LEAST_ROWS = 16;
/** What all pages may take: a hundred years of days of every instrument of the default market. */
const CACHE_BYTES = 32 * 2 ** 20;
const MOST_PAGES = CACHE_BYTES / PAGE_BYTES;

/** The candles that start in `[fromMs, toMs)`; both are starts of candles. */
export interface CandleRange {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Values of `PAGE_CANDLES` candles: rows of 0 where there is none, lots of -1 without trades. */
type Page = Float64Array;

/**
 * Final candles that were folded before, as many of those used last as there is room for. A final
 * candle never changes, so nothing here is ever wrong.
 */
export class CandleCache {
  readonly #pages = new BlockCache<string, Page>(
    MOST_PAGES,
    () => new Float64Array(PAGE_CANDLES * PAGE_VALUES),
  );
  /** The page that was looked for last. Its key is made only for another: that takes longer. */
  #column = -1;
  #resolutionKey = '';
  #number = 0;
  #key = '';
  #page: Page | undefined;

  /** Puts a candle into `fold` and, if they are wanted, `sums`; whether it is known. */
  get(
    fold: Fold,
    tradeSums: TradeSums | undefined,
    column: number,
    resolution: Resolution,
    number: number,
  ): boolean {
    const page = this.#pageOf(column, resolution, number);
    if (page === undefined) return false;
    const at = placeOf(number);
    const rows = page[at + 4]!;
    const volume = page[at + 5]!;
    if (rows === 0 || (tradeSums !== undefined && volume < 0)) return false;
    fold.add(page[at]!, page[at + 1]!, page[at + 2]!, page[at + 3]!, rows);
    if (tradeSums !== undefined) {
      tradeSums.volume += volume;
      tradeSums.trades += page[at + 6]!;
    }
    return true;
  }

  /**
   * The parts of `[fromMs, toMs)`, which are starts of candles, whose candles are not known: in
   * order. All of it, where it is more than would still be there when it is read.
   */
  *missing(
    column: number,
    resolution: Resolution,
    { fromMs, toMs }: CandleRange,
    isTraded: boolean,
  ): Generator<CandleRange, void, void> {
    const [from, next] = [resolution.numberOf(fromMs), resolution.numberOf(toMs)];
    const rangeOf = (first: number, end: number) => ({
      fromMs: resolution.startOf(first),
      toMs: resolution.startOf(end),
    });
    // Those from here on are missing.
    let missing = from;
    const isHeld = next - from <= (PAGE_CANDLES * MOST_PAGES) / 2;
    for (let number = from; isHeld && number < next; ) {
      const page = this.#pageOf(column, resolution, number);
      let at = placeOf(number);
      for (; at < PAGE_CANDLES * PAGE_VALUES && number < next; at += PAGE_VALUES, number++) {
        if (page === undefined || page[at + 4] === 0 || (isTraded && page[at + 5]! < 0)) continue;
        if (missing < number) yield rangeOf(missing, number);
        missing = number + 1;
      }
    }
    if (missing < next) yield rangeOf(missing, next);
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
    const page = this.#pageOf(column, resolution, number) ?? this.#newPage();
    const at = placeOf(number);
    page.set([fold.open, fold.high, fold.low, fold.close, fold.rows], at);
    if (tradeSums !== undefined) page.set([tradeSums.volume, tradeSums.trades], at + 5);
    else if (page[at + 5] === 0) page[at + 5] = -1;
  }

  /** The page that a candle belongs to, if there is one; it is the next to go last. */
  #pageOf(column: number, resolution: Resolution, number: number): Page | undefined {
    const { key } = resolution;
    const page = Math.floor(number / PAGE_CANDLES);
    if (page === this.#number && column === this.#column && key === this.#resolutionKey) {
      return this.#page;
    }
    this.#column = column;
    this.#resolutionKey = key;
    this.#number = page;
    this.#key = `${column} ${key} ${page}`;
    this.#page = this.#pages.get(this.#key);
    return this.#page;
  }

  /** A page for the candle that was looked for. */
  #newPage(): Page {
    this.#page = this.#pages.take(this.#key, (page) => page.fill(0));
    return this.#page;
  }
}

function placeOf(number: number): number {
  return (number - Math.floor(number / PAGE_CANDLES) * PAGE_CANDLES) * PAGE_VALUES;
}
