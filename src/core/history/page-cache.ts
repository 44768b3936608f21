import { BlockCache } from '../market/block-cache.ts';
import type { Resolution } from '../market/resolution.ts';

/** Candles that are kept side by side. */
const PAGE_CANDLES = 64;

/** The candles that start in `[fromMs, toMs)`; both are starts of candles. */
export interface CandleRange {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The values of `PAGE_CANDLES` candles, one candle after the other. */
export type Page = Float64Array;

/** Pages of values of final candles, as many of those used last as there is room for. */
export class PageCache {
  readonly #pages: BlockCache<string, Page>;
  readonly #values: number;
  readonly #mostPages: number;
  readonly #empty: number;
  /** The page that was looked for last. Its key is made only for another: that takes longer. */
  #column = -1;
  #resolutionKey = '';
  #number = 0;
  #key = '';
  #page: Page | undefined;

  /** Keeps `values` of each candle in at most `bytes`; they are `empty` where none are known. */
  constructor(values: number, bytes: number, empty: number) {
    this.#values = values;
    this.#empty = empty;
    this.#mostPages = bytes / (PAGE_CANDLES * values * 8);
    this.#pages = new BlockCache<string, Page>(
      this.#mostPages,
      () => new Float64Array(PAGE_CANDLES * values),
    );
  }

  /** Where in its page a candle stands. */
  placeOf(number: number): number {
    return (number - Math.floor(number / PAGE_CANDLES) * PAGE_CANDLES) * this.#values;
  }

  /** The page that a candle belongs to, if there is one; it is the next to go last. */
  pageOf(column: number, resolution: Resolution, number: number): Page | undefined {
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

  /** The same; a new one, if there is none. */
  roomFor(column: number, resolution: Resolution, number: number): Page {
    this.#page =
      this.pageOf(column, resolution, number) ??
      this.#pages.take(this.#key, (page) => page.fill(this.#empty));
    return this.#page;
  }

  /**
   * The parts of `[fromMs, toMs)`, which are starts of candles, of which `isKnown` does not say
   * that they are known, by their places in their pages: in order. All of it, where it is more than
   * would still be there when it is read.
   */
  *missing(
    column: number,
    resolution: Resolution,
    { fromMs, toMs }: CandleRange,
    isKnown: (page: Page, at: number) => boolean,
  ): Generator<CandleRange, void, void> {
    const [from, next] = [resolution.numberOf(fromMs), resolution.numberOf(toMs)];
    const rangeOf = (first: number, end: number) => ({
      fromMs: resolution.startOf(first),
      toMs: resolution.startOf(end),
    });
    // Those from here on are missing.
    let missing = from;
    const isHeld = next - from <= (PAGE_CANDLES * this.#mostPages) / 2;
    for (let number = from; isHeld && number < next; ) {
      const page = this.pageOf(column, resolution, number);
      let at = this.placeOf(number);
      for (; at < PAGE_CANDLES * this.#values && number < next; at += this.#values, number++) {
        if (page === undefined || !isKnown(page, at)) continue;
        if (missing < number) yield rangeOf(missing, number);
        missing = number + 1;
      }
    }
    if (missing < next) yield rangeOf(missing, next);
  }
}
