import { blockKey } from '../market/block-cache.ts';
import { PAID_VALUES, type PaidSums } from '../market/fields.ts';
import { type Grid, indexFrom, timeOf } from '../market/grid.ts';
import { DAY_MS } from '../market/time.ts';

/** Days that are kept side by side. */
export const PAGE_DAYS = 64;
/** What a page takes. */
export const PAID_PAGE_BYTES = PAGE_DAYS * PAID_VALUES * 8;

/** What was paid in final days of one column, of whole days since 1970-01-01 in UTC. */
export interface PaidPage {
  readonly column: number;
  /** Its days are those from `number * PAGE_DAYS` on. */
  readonly number: number;
  /** By day; -1 where it is not known. */
  readonly paid: Float64Array;
}

export function newPaidPage(column: number, number: number): PaidPage {
  return { column, number, paid: new Float64Array(PAGE_DAYS * PAID_VALUES).fill(-1) };
}

/** Writes down what was paid in a day. */
export function setPaid({ paid }: PaidPage, place: number, sums: PaidSums): void {
  sums.writeTo(paid, PAID_VALUES * place);
}

/**
 * What was paid in final days, made ahead and kept until they are dropped: unlike lots and trades
 * it is only known of rows that are made, of which a day of seconds has 86,400.
 */
export class PaidDays {
  readonly #grid: Grid;
  readonly #pages = new Map<number, PaidPage>();

  constructor(grid: Grid) {
    this.#grid = grid;
  }

  get bytes(): number {
    return this.#pages.size * PAID_PAGE_BYTES;
  }

  /** Keeps the days of a page, beside those of the same page that are kept already. */
  keep(page: PaidPage): void {
    const key = blockKey(page.column, page.number);
    const kept = this.#pages.get(key);
    if (kept === undefined) {
      this.#pages.set(key, page);
      return;
    }
    for (let at = 0; at < page.paid.length; at += PAID_VALUES) {
      if (page.paid[at]! >= 0) kept.paid.set(page.paid.subarray(at, at + PAID_VALUES), at);
    }
  }

  /** Forgets the pages with smaller numbers. */
  dropBefore(number: number): void {
    for (const [key, page] of this.#pages) {
      if (page.number < number) this.#pages.delete(key);
    }
  }

  /**
   * Adds what was paid in the day that begins with row `from`, if it has no row from `next` on. The
   * index after its last row; `from`, if that day is not kept.
   */
  add(sums: PaidSums, column: number, from: number, next: number): number {
    const end = this.#endOf(column, from, next);
    if (end === from) return from;
    const day = this.#dayOf(from);
    sums.addFrom(this.#pageOf(column, day)!.paid, PAID_VALUES * placeOf(day));
    return end;
  }

  /** The index after `from` with which a day begins that is kept; `next`, if none does before. */
  nextFrom(column: number, from: number, next: number): number {
    for (let day = this.#dayOf(from) + 1; ; day++) {
      const index = this.#indexAt(day);
      if (index >= next) return next;
      if (this.#isKept(column, day)) return index;
      if (this.#pageOf(column, day) === undefined) day += PAGE_DAYS - 1 - placeOf(day);
    }
  }

  /** The stretches of `[from, next)` whose rows lie in no day that is kept. */
  *missing(
    column: number,
    from: number,
    next: number,
  ): Generator<readonly [from: number, next: number], void, void> {
    for (let at = from; at < next; ) {
      const end = this.#endOf(column, at, next);
      if (end > at) {
        at = end;
        continue;
      }
      const stop = this.nextFrom(column, at, next);
      yield [at, stop];
      at = stop;
    }
  }

  /** The index after the day that begins with row `from`, if it is kept; `from`, if not. */
  #endOf(column: number, from: number, next: number): number {
    const day = this.#dayOf(from);
    const end = this.#indexAt(day + 1);
    return end > next || this.#indexAt(day) !== from || !this.#isKept(column, day) ? from : end;
  }

  #isKept(column: number, day: number): boolean {
    const page = this.#pageOf(column, day);
    return page !== undefined && page.paid[PAID_VALUES * placeOf(day)]! >= 0;
  }

  #pageOf(column: number, day: number): PaidPage | undefined {
    return this.#pages.get(blockKey(column, Math.floor(day / PAGE_DAYS)));
  }

  /** The day that a row lies in. */
  #dayOf(index: number): number {
    return Math.floor(timeOf(this.#grid, index) / DAY_MS);
  }

  /** The index of the market's first row at or after the beginning of a day. */
  #indexAt(day: number): number {
    return Math.max(0, indexFrom(this.#grid, day * DAY_MS));
  }
}

/** Where in its page a day stands. */
function placeOf(day: number): number {
  return day - Math.floor(day / PAGE_DAYS) * PAGE_DAYS;
}
