import { newTrades } from '../market/fields.ts';
import { BLOCK_ROWS, timeOf } from '../market/grid.ts';
import type { Market } from '../market/market.ts';
import { type Calendar, calendarOf, newSession, type Session } from '../market/models/calendar.ts';
import { eachPiece } from '../market/pieces.ts';
import { DAY_MS } from '../market/time.ts';
import { log } from '../random/kernels.ts';
import type { Steps } from './steps.ts';
import { calendarOfColumn } from './stretches.ts';

/** What the logarithm of the mid does in a day of business. */
export interface Day {
  /** 0 for Monday to 6 for Sunday (UTC), where it opens. */
  readonly weekday: number;
  /** From the close before to the opening row; 0 where nothing was closed. */
  readonly gap: number;
  /** From each row to the next one, from the opening row to the close. */
  readonly returns: Float64Array;
  /** When it opens, in milliseconds since the Unix epoch. */
  readonly openMs: number;
  /** The logarithm of the mid at the close, in ticks. */
  readonly close: number;
  /** Lots. A row that has more than 32 bits hold counts as these. */
  readonly volume: number;
}

/** Rows that are read between two yields: on such grids each of them is dear. */
const READ_ROWS = 256;
const BLOCK_READS = BLOCK_ROWS / READ_ROWS;

/**
 * The whole days among the rows `[from, next)` of an instrument, by its calendar: round the clock
 * for models that have none. Rows are to stand where days open and close.
 */
export function* readDays(
  market: Market,
  column: number,
  from: number,
  next: number,
): Steps<Day[]> {
  const { grid, spec } = market;
  const cut = new Cut(calendarOfColumn(market, column) ?? calendarOf('always', 1, grid));
  const quotes = newTrades(spec.dtype, BLOCK_ROWS);
  for (const { number, from: index, next: end } of eachPiece(from, next, READ_ROWS)) {
    const block = Math.floor(number / BLOCK_READS);
    const first = block * BLOCK_ROWS;
    market.fillTrades(quotes, column, block, index - first, end - first);
    for (let row = index; row < end; row++) {
      const { bid, ask, volume } = quotes;
      const at = row - first;
      cut.add(timeOf(grid, row), log((bid[at]! + ask[at]!) / 2), volume[at]!);
    }
    yield;
  }
  return cut.days;
}

/** Cuts rows into days. The first one is not whole, nor is the last. */
class Cut {
  readonly days: Day[] = [];
  readonly #calendar: Calendar;
  readonly #session: Session = newSession();
  #day = Number.NaN;
  /** When the day at hand opens, and the session. */
  #opensMs = 0;
  #openMs = 0;
  #closeMs = Number.NEGATIVE_INFINITY;
  #hasGap = false;
  #isWhole = false;
  #isOpen = false;
  #gap = 0;
  #before = Number.NaN;
  #close = Number.NaN;
  #volume = 0;
  #returns: number[] = [];

  constructor(calendar: Calendar) {
    this.#calendar = calendar;
  }

  add(timeMs: number, mid: number, volume: number): void {
    // The row at the close is the last of its day; the trades of a row go with what moved its mid.
    if (timeMs === this.#closeMs && this.#isOpen) {
      this.#returns.push(mid - this.#before);
      this.#close = mid;
      this.#volume += volume;
    }
    if (timeMs >= this.#closeMs) this.#begin(timeMs);
    if (timeMs >= this.#openMs && timeMs < this.#closeMs) {
      if (this.#isOpen) this.#returns.push(mid - this.#before);
      else if (this.#hasGap) this.#gap = mid - this.#before;
      if (this.#isOpen || this.#hasGap) this.#volume += volume;
      this.#isOpen = true;
    }
    this.#before = mid;
  }

  /** Begins the session of a moment, and its day if that is another. */
  #begin(timeMs: number): void {
    const utcDay = Math.floor(timeMs / DAY_MS);
    this.#calendar.sessionAt(this.#session, utcDay, timeMs - utcDay * DAY_MS);
    const { day, startMs, lengthMs, gap } = this.#session;
    const openMs = utcDay * DAY_MS + startMs;
    // After a lunch the day goes on; what happened in it is a return as any other.
    const isAnother = day !== this.#day;
    if (isAnother) this.#end();
    this.#openMs = openMs;
    this.#closeMs = openMs + lengthMs;
    if (!isAnother) return;
    this.#isWhole = day === this.#day + 1;
    this.#day = day;
    this.#opensMs = openMs;
    this.#hasGap = gap > 0;
    this.#isOpen = false;
    this.#gap = 0;
    this.#volume = 0;
    this.#returns = [];
  }

  /** Ends the day at hand. */
  #end(): void {
    if (this.#isWhole) {
      this.days.push({
        weekday: weekdayOf(this.#opensMs),
        gap: this.#gap,
        returns: Float64Array.from(this.#returns),
        openMs: this.#opensMs,
        close: this.#close,
        volume: this.#volume,
      });
    }
  }
}

/** The epoch was a Thursday. */
function weekdayOf(timeMs: number): number {
  const day = Math.floor(timeMs / DAY_MS) + 3;
  return day - 7 * Math.floor(day / 7);
}
