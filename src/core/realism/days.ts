import { newTrades } from '../market/fields.ts';
import { BLOCK_ROWS, timeOf } from '../market/grid.ts';
import type { Market } from '../market/market.ts';
import { type Calendar, calendarOf, newSession, type Session } from '../market/models/calendar.ts';
import { eachBlock } from '../market/pieces.ts';
import { DAY_MS } from '../market/time.ts';
import { log } from '../random/kernels.ts';
import type { Steps } from './steps.ts';

/** What the logarithm of the mid does in a day of business. */
export interface Day {
  /** 0 for Monday to 6 for Sunday (UTC), where it opens. */
  readonly weekday: number;
  /** From the close before to the opening row; 0 where nothing was closed. */
  readonly gap: number;
  /** From each row to the next one, from the opening row to the close. */
  readonly returns: Float64Array;
}

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
  const { model } = market.instruments[column]!;
  const isOfCalendar = model.kind === 'market';
  const calendar = isOfCalendar
    ? calendarOf(model.calendar, model.weekend, grid)
    : calendarOf('always', 1, grid);
  const cut = new Cut(calendar);
  const quotes = newTrades(spec.dtype, BLOCK_ROWS);
  for (const { number, from: index, at, stop } of eachBlock(from, next)) {
    market.fillTrades(quotes, column, number, at, stop);
    for (let row = at; row < stop; row++) {
      const mid = log((quotes.bid[row]! + quotes.ask[row]!) / 2);
      cut.add(timeOf(grid, index + row - at), mid);
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
  #openMs = 0;
  #closeMs = Number.NEGATIVE_INFINITY;
  #hasGap = false;
  #isWhole = false;
  #isOpen = false;
  #gap = 0;
  #before = Number.NaN;
  #returns: number[] = [];

  constructor(calendar: Calendar) {
    this.#calendar = calendar;
  }

  add(timeMs: number, mid: number): void {
    // The row at the close is the last of its day.
    if (timeMs === this.#closeMs && this.#isOpen) this.#returns.push(mid - this.#before);
    if (timeMs >= this.#closeMs) this.#begin(timeMs);
    if (timeMs >= this.#openMs && timeMs < this.#closeMs) {
      if (this.#isOpen) this.#returns.push(mid - this.#before);
      else if (this.#hasGap) this.#gap = mid - this.#before;
      this.#isOpen = true;
    }
    this.#before = mid;
  }

  /** Ends the day at hand and begins that of a moment. */
  #begin(timeMs: number): void {
    const returns = Float64Array.from(this.#returns);
    const weekday = weekdayOf(this.#openMs);
    if (this.#isWhole) this.days.push({ weekday, gap: this.#gap, returns });
    const utcDay = Math.floor(timeMs / DAY_MS);
    this.#calendar.sessionAt(this.#session, utcDay, timeMs - utcDay * DAY_MS);
    const { day, startMs, lengthMs, gap } = this.#session;
    this.#isWhole = day === this.#day + 1;
    this.#day = day;
    this.#openMs = utcDay * DAY_MS + startMs;
    this.#closeMs = this.#openMs + lengthMs;
    this.#hasGap = gap > 0;
    this.#isOpen = false;
    this.#gap = 0;
    this.#returns = [];
  }
}

/** The epoch was a Thursday. */
function weekdayOf(timeMs: number): number {
  const day = Math.floor(timeMs / DAY_MS) + 3;
  return day - 7 * Math.floor(day / 7);
}
