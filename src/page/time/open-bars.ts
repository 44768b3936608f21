import type { MarketInfo } from '../../client/index.ts';
import type { CalendarSpec } from '../../core/market/calendar/calendar-spec.ts';
import { Hours, newSession } from '../../core/market/calendar/hours.ts';
import type { Resolution } from '../../core/market/resolution.ts';
import { DAY_MS } from './resolution.ts';

export type MarketGrid = Pick<MarketInfo, 'origin' | 'interval'>;

/**
 * Which bars have a row of a session. They are counted from the market's first on, without those
 * in between:
 *
 *     bars     … 870 871 │ 872 … 1919 │ 1920 1921 …
 *     counted    389 390 │   closed   │  391  392
 *
 * The hours of its calendar say it, so what is done to the market moves nothing. Sessions are
 * gone through once, as far as somebody looks: 2 us each.
 */
export class OpenBars {
  readonly #all: Resolution;
  readonly #hours: Hours;
  readonly #grid: MarketGrid;
  readonly #session = newSession();
  /** The first bar of each run without a closed one, the one behind its last, and its count. */
  readonly #first: number[] = [];
  readonly #end: number[] = [];
  readonly #count: number[] = [];
  /** Sessions that end up to here have been gone through. */
  #seenMs: number;

  constructor(all: Resolution, calendar: CalendarSpec, grid: MarketGrid) {
    this.#all = all;
    this.#hours = new Hours(calendar);
    this.#grid = grid;
    this.#seenMs = grid.origin;
    this.#see();
  }

  isOpen(bar: number): boolean {
    this.#seeBar(bar);
    const run = this.#runOf(this.#first, bar);
    return run >= 0 && bar < this.#end[run]!;
  }

  /** How an open bar is counted. A closed one: as the last open one before it, if there is one. */
  countOf(bar: number): number {
    this.#seeBar(bar);
    const run = this.#runOf(this.#first, bar);
    if (run < 0) return 0;
    return this.#count[run]! + Math.min(bar, this.#end[run]! - 1) - this.#first[run]!;
  }

  /** The bar that is counted so; before the first, as if it were always open. */
  barOf(count: number): number {
    while (count >= this.#countSeen) this.#see();
    const run = Math.max(0, this.#runOf(this.#count, count));
    return this.#first[run]! + count - this.#count[run]!;
  }

  get #countSeen(): number {
    return this.#count.at(-1)! + this.#end.at(-1)! - this.#first.at(-1)!;
  }

  #seeBar(bar: number): void {
    while (this.#all.startOf(bar + 1) > this.#seenMs) this.#see();
  }

  /** Goes through the next session. */
  #see(): void {
    const utcDay = Math.floor(this.#seenMs / DAY_MS);
    this.#hours.sessionAt(this.#session, utcDay, this.#seenMs - utcDay * DAY_MS);
    const { openMs, closeMs } = this.#session;
    this.#seenMs = utcDay * DAY_MS + closeMs;
    // The row at or after its end tells of its last moments.
    const [first, last] = [openMs, closeMs].map((ms) => this.#barFrom(utcDay * DAY_MS + ms));
    const end = this.#end.at(-1);
    if (end === undefined || first! > end) {
      this.#count.push(end === undefined ? 0 : this.#countSeen);
      this.#first.push(first!);
      this.#end.push(last! + 1);
    } else this.#end[this.#end.length - 1] = Math.max(end, last! + 1);
  }

  /** The bar of the first row at `timeMs` or later. */
  #barFrom(timeMs: number): number {
    const { origin, interval } = this.#grid;
    const rows = Math.max(0, Math.ceil((timeMs - origin) / interval));
    return this.#all.numberOf(origin + rows * interval);
  }

  /** The last run of which `starts` says at most `value`; -1 if there is none. */
  #runOf(starts: readonly number[], value: number): number {
    let [low, high] = [0, starts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (starts[middle]! <= value) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
