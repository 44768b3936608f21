import type { PaidSums } from '../market/fields.ts';
import type { Resolution } from '../market/resolution.ts';
import { type CandleRange, type Page, PageCache } from './page-cache.ts';

/** Lots that were bought, and both parts of both notionals: bought of -1 where none is known. */
const VALUES = 5;
/** Candles of fewer rows are added up again faster than they are found. */
const LEAST_ROWS = 16;
const CACHE_BYTES = 16 * 2 ** 20;

const isKnown = (page: Page, at: number) => page[at]! >= 0;

/** What was paid in final candles: as `CandleCache`, for those who ask for it. */
export class PaidCache {
  readonly #pages = new PageCache(VALUES, CACHE_BYTES, -1);

  /** Adds what was paid in a candle to `sums`; whether it is known. */
  get(sums: PaidSums, column: number, resolution: Resolution, number: number): boolean {
    const page = this.#pages.pageOf(column, resolution, number);
    if (page === undefined) return false;
    const at = this.#pages.placeOf(number);
    if (!isKnown(page, at)) return false;
    sums.bought += page[at]!;
    sums.notional.addParts(page[at + 1]!, page[at + 2]!);
    sums.boughtNotional.addParts(page[at + 3]!, page[at + 4]!);
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
    const { notional, bought, boughtNotional } = sums;
    const page = this.#pages.roomFor(column, resolution, number);
    const parts = [notional.high, notional.low, boughtNotional.high, boughtNotional.low];
    page.set([bought, ...parts], this.#pages.placeOf(number));
  }
}
