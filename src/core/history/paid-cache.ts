import { PAID_VALUES, type PaidSums } from '../market/fields.ts';
import type { Resolution } from '../market/resolution.ts';
import { type CandleRange, type Page, PageCache } from './page-cache.ts';

/** Candles of fewer rows are added up again faster than they are found. */
const LEAST_ROWS = 16;
const CACHE_BYTES = 16 * 2 ** 20;

/** What is written down is at least 0; where none is known stands -1. */
const isKnown = (page: Page, at: number) => page[at]! >= 0;

/** What was paid in final candles: as `CandleCache`, for those who ask for it. */
export class PaidCache {
  readonly #pages = new PageCache(PAID_VALUES, CACHE_BYTES, -1);

  /** Adds what was paid in a candle to `sums`; whether it is known. */
  get(sums: PaidSums, column: number, resolution: Resolution, number: number): boolean {
    const page = this.#pages.pageOf(column, resolution, number);
    if (page === undefined) return false;
    const at = this.#pages.placeOf(number);
    if (!isKnown(page, at)) return false;
    sums.addFrom(page, at);
    return true;
  }

  /** The parts of `range` whose candles are not known, as `PageCache` finds them. */
  missing(
    column: number,
    resolution: Resolution,
    range: CandleRange,
  ): Generator<CandleRange, void, void> {
    return this.#pages.missing(column, resolution, range, isKnown);
  }

  /** Keeps what was paid in a candle of `rows` rows that is final. */
  put(sums: PaidSums, rows: number, column: number, resolution: Resolution, number: number): void {
    if (rows < LEAST_ROWS) return;
    sums.writeTo(this.#pages.roomFor(column, resolution, number), this.#pages.placeOf(number));
  }
}
