import { blockKey } from '../market/block-cache.ts';
import type { Prices } from '../market/dtype.ts';
import type { TradeSums } from '../market/fields.ts';
import { type Grid, indexFrom, timeOf } from '../market/grid.ts';
import type { Fold } from '../market/models/model.ts';
import { UNIT_MS } from '../market/resolution.ts';
import type { Rows } from '../market/rows.ts';
import { PaidDays, type PaidPage } from './paid-days.ts';

/** Candles that are kept side by side: one page. */
export const PAGE_CANDLES = 64;
/** Candles of fewer rows are folded again faster than they are found. */
export const LEAST_ROWS = 16;
/** How long the candles are that are kept, in milliseconds: the widest first. */
export const KEPT_MS = [UNIT_MS.d, UNIT_MS.h] as const;
const [DAY_MS, HOUR_MS] = KEPT_MS;
const DAY_HOURS = DAY_MS / HOUR_MS;
const PRICES = 4;

/** Final candles of one column, of whole hours or days since 1970-01-01 in UTC. */
export interface CandlePage {
  readonly column: number;
  /** How long each is: one of `KEPT_MS`. */
  readonly ms: number;
  /** Its candles start at `(number * PAGE_CANDLES + place) * ms`. */
  readonly number: number;
  /** Open, high, low and close by place, in ticks. */
  readonly prices: Prices;
  /** Lots and trades by place; trades of -1 where no candle is known. */
  readonly traded: Float64Array;
}

/** What is made ahead. */
export type KeptPage = CandlePage | PaidPage;

/** What a page of candles takes, in bytes. */
export function pageBytes(market: Rows): number {
  return PAGE_CANDLES * (PRICES * market.newPrices(1).BYTES_PER_ELEMENT + 16);
}

export function newPage(market: Rows, column: number, ms: number, number: number): CandlePage {
  const prices = market.newPrices(PRICES * PAGE_CANDLES);
  return { column, ms, number, prices, traded: new Float64Array(2 * PAGE_CANDLES).fill(-1) };
}

/** Writes a candle down that is final. */
export function setCandle(page: CandlePage, place: number, fold: Fold, sums: TradeSums): void {
  page.prices.set([fold.open, fold.high, fold.low, fold.close], PRICES * place);
  page.traded.set([sums.volume, sums.trades], 2 * place);
}

/**
 * Final candles of whole hours and days that were made ahead, and are kept until they are dropped:
 * all wider ones are folded of these, whatever clock cuts them. A final candle never changes, so
 * nothing here is ever wrong.
 */
export class KeptCandles {
  readonly #grid: Grid;
  readonly #pageBytes: number;
  /** By `KEPT_MS`, then by column and number. */
  readonly #pages = KEPT_MS.map(() => new Map<number, CandlePage>());
  /** What was paid in days. */
  readonly paid: PaidDays;
  /** Fewer rows hold none of the candles here. */
  readonly leastRows: number;
  /** Where the candle stands that was found last. */
  #page: CandlePage | undefined;
  #place = 0;

  constructor(market: Rows) {
    this.#grid = market.grid;
    this.paid = new PaidDays(market.grid);
    this.#pageBytes = pageBytes(market);
    this.leastRows = Math.max(LEAST_ROWS, Math.floor(HOUR_MS / market.grid.intervalMs));
  }

  /** What all candles take that are kept. */
  get bytes(): number {
    return this.#pages.reduce((sum, { size }) => sum + size, 0) * this.#pageBytes;
  }

  /** Keeps what a page has, beside what is kept of the same page already. */
  keep(page: KeptPage): void {
    if ('paid' in page) {
      this.paid.keep(page);
      return;
    }
    const pages = this.#pagesOf(page.ms);
    const key = blockKey(page.column, page.number);
    const kept = pages.get(key);
    if (kept === undefined) {
      pages.set(key, page);
      return;
    }
    for (let place = 0; place < PAGE_CANDLES; place++) {
      if (page.traded[2 * place + 1]! < 0) continue;
      const at = PRICES * place;
      kept.prices.set(page.prices.subarray(at, at + PRICES), at);
      kept.traded.set(page.traded.subarray(2 * place, 2 * place + 2), 2 * place);
    }
  }

  /** Forgets the pages of candles of `ms` with smaller numbers. */
  dropBefore(ms: number, number: number): void {
    const pages = this.#pagesOf(ms);
    for (const [key, page] of pages) {
      if (page.number < number) pages.delete(key);
    }
  }

  /**
   * Adds the widest candle that begins with row `from` and has no row from `next` on to `fold` and,
   * if they are wanted, `sums`. The index after its last row; `from`, if none is kept.
   */
  add(fold: Fold, sums: TradeSums | undefined, column: number, from: number, next: number): number {
    const end = this.#find(column, from, next);
    if (end === from) return from;
    const { prices, traded } = this.#page!;
    const at = PRICES * this.#place;
    fold.add(prices[at]!, prices[at + 1]!, prices[at + 2]!, prices[at + 3]!, end - from);
    if (sums !== undefined) {
      sums.volume += traded[2 * this.#place]!;
      sums.trades += traded[2 * this.#place + 1]!;
    }
    return end;
  }

  /**
   * The index after `from` at which a candle may begin that is kept; `next`, where there is none
   * before. So that what is not kept is folded in one go.
   */
  nextFrom(column: number, from: number, next: number): number {
    if (next - from < this.leastRows) return next;
    for (let hour = Math.floor(timeOf(this.#grid, from) / HOUR_MS) + 1; ; ) {
      const startMs = hour * HOUR_MS;
      const index = this.#indexAt(startMs);
      if (index >= next) return next;
      if (KEPT_MS.some((ms) => startMs % ms === 0 && this.#isKept(column, ms, startMs / ms))) {
        return index;
      }
      const day = Math.floor(startMs / DAY_MS);
      if (this.#pageOf(column, HOUR_MS, hour) !== undefined) hour += 1;
      else if (this.#pageOf(column, DAY_MS, day) !== undefined) hour = (day + 1) * DAY_HOURS;
      else hour = (Math.floor(hour / PAGE_CANDLES) + 1) * PAGE_CANDLES;
    }
  }

  /** The stretches of `[from, next)` whose rows lie in no candle that is kept. */
  *missing(
    column: number,
    from: number,
    next: number,
  ): Generator<readonly [from: number, next: number], void, void> {
    for (let at = from; at < next; ) {
      const known = this.#find(column, at, next);
      const stop = known > at ? known : this.nextFrom(column, at, next);
      if (known === at) yield [at, stop];
      at = stop;
    }
  }

  /** Puts the candle that `add` adds in place: the index after it; `from`, if there is none. */
  #find(column: number, from: number, next: number): number {
    if (next - from < this.leastRows) return from;
    for (const ms of KEPT_MS) {
      const number = Math.floor(timeOf(this.#grid, from) / ms);
      if (this.#indexAt(number * ms) !== from) continue;
      const end = this.#indexAt((number + 1) * ms);
      if (end > next || !this.#isKept(column, ms, number)) continue;
      this.#page = this.#pageOf(column, ms, number);
      this.#place = placeOf(number);
      return end;
    }
    return from;
  }

  #isKept(column: number, ms: number, number: number): boolean {
    const page = this.#pageOf(column, ms, number);
    return page !== undefined && page.traded[2 * placeOf(number) + 1]! >= 0;
  }

  #pageOf(column: number, ms: number, number: number): CandlePage | undefined {
    return this.#pagesOf(ms).get(blockKey(column, Math.floor(number / PAGE_CANDLES)));
  }

  #pagesOf(ms: number): Map<number, CandlePage> {
    return this.#pages[KEPT_MS.indexOf(ms as typeof DAY_MS)]!;
  }

  /** The index of the first row of the market at or after a time. */
  #indexAt(timeMs: number): number {
    return Math.max(0, indexFrom(this.#grid, timeMs));
  }
}

/** Where in its page a candle stands. */
export function placeOf(number: number): number {
  return number - Math.floor(number / PAGE_CANDLES) * PAGE_CANDLES;
}
