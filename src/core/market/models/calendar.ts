/**
 * When a market trades: which day of business a moment belongs to, and how much of it is over.
 *
 * A day of business takes one, whatever it holds. Its session is followed by the U of the day; what
 * happened while it was closed passes in its opening row, as a gap. In closed hours time stands
 * still, where the day before ended. All of it is arithmetic: no table of a time zone could move a
 * price later.
 *
 *     day of business    d ──── gap ───┬──────── session ────────┐ d + 1
 *     wall time          closed, still │ open                    │ closed, still
 *
 * Source of the U: R. Wood, T. McInish, J. Ord, "An Investigation of Transactions Data for NYSE
 * Stocks", Journal of Finance 40 (1985); of the gaps: K. French, R. Roll, "Stock Return Variances",
 * Journal of Financial Economics 17 (1986).
 */
import type { Grid } from '../grid.ts';
import { DAY_MS } from '../time.ts';

/** Days of business whose totals are settled together. */
export const AGE_DAYS = 1024;
/** Cells of a day that all grids have: 5.6 minutes each, round the clock. */
export const SEGMENTS = 256;
/** After so many days the market begins again: 184,000 years round the clock. */
export const WORLD_DAYS = 65_536 * AGE_DAYS;

const HOUR_MS = 3_600_000;
/** Days of a Julian year, and those of them that are not of a weekend. */
const DAYS_PER_YEAR = 365.25;
const WEEKDAYS_PER_YEAR = (DAYS_PER_YEAR * 5) / 7;

export type CalendarKind = 'always' | 'fx-week' | 'new-york';

/** The hours of one day of business. */
export interface Session {
  /** Its number, counted from the day of business that holds the origin. */
  day: number;
  /** Where it opens, in milliseconds since the midnight (UTC) it was asked for; may be negative. */
  startMs: number;
  lengthMs: number;
  /** The part of the day that is over when it opens. */
  gap: number;
}

export interface Calendar {
  /** Days of business of a year. */
  readonly daysPerYear: number;
  /** The part of 24 hours that a session takes. */
  readonly openShare: number;
  /** Makes `out` the first session that ends after `ms` of day `utcDay` since the epoch. */
  sessionAt(out: Session, utcDay: number, ms: number): void;
  /** How much variance and trade a day of business has, over the average one. */
  weightOf(day: number): number;
  /** The weights of the days from day 0 to before `day`, together. */
  weightBefore(day: number): number;
}

/** The days of business of a grid; `weekend` is the weight of its days over that of others. */
export function calendarOf(kind: CalendarKind, weekend: number, grid: Grid): Calendar {
  const calendar =
    kind === 'always' ? new Always(weekend) : kind === 'fx-week' ? new FxWeek() : new NewYork();
  const utcDay = Math.floor(grid.originMs / DAY_MS);
  const session = newSession();
  calendar.sessionAt(session, utcDay, grid.originMs - utcDay * DAY_MS);
  calendar.origin = session.day;
  return calendar;
}

/** A day, as one of those after which the market begins again. */
export function dayOfWorld(day: number): number {
  return day - Math.floor(day / WORLD_DAYS) * WORLD_DAYS;
}

export function newSession(): Session {
  return { day: 0, startMs: 0, lengthMs: 0, gap: 0 };
}

/** Round the clock; days begin at midnight (UTC). */
class Always implements Calendar {
  origin = 0;
  readonly daysPerYear = DAYS_PER_YEAR;
  readonly openShare = 1;
  readonly #weekday: number;
  readonly #weekend: number;

  constructor(weekend: number) {
    this.#weekday = 7 / (5 + 2 * weekend);
    this.#weekend = weekend * this.#weekday;
  }

  sessionAt(out: Session, utcDay: number, _ms: number): void {
    out.day = utcDay - this.origin;
    out.startMs = 0;
    out.lengthMs = DAY_MS;
    out.gap = 0;
  }

  weightOf(day: number): number {
    return weekdayOf(day + this.origin) < 5 ? this.#weekday : this.#weekend;
  }

  weightBefore(day: number): number {
    const utcDay = day + this.origin;
    const weeks = weekOf(utcDay) - weekOf(this.origin);
    return weeks * 7 + (this.#sinceMonday(utcDay) - this.#sinceMonday(this.origin));
  }

  /** The weights of the days of the week before `utcDay`. */
  #sinceMonday(utcDay: number): number {
    const weekday = weekdayOf(utcDay);
    return Math.min(5, weekday) * this.#weekday + Math.max(0, weekday - 5) * this.#weekend;
  }
}

/** Days of business are those from Monday to Friday, all alike but for what opens them. */
abstract class Weekly implements Calendar {
  origin = 0;
  readonly daysPerYear = WEEKDAYS_PER_YEAR;

  abstract readonly openShare: number;
  abstract sessionAt(out: Session, utcDay: number, ms: number): void;

  weightOf(_day: number): number {
    return 1;
  }

  weightBefore(day: number): number {
    return day;
  }

  /** The number of the first day of business from `localDay` on. */
  protected numberOf(localDay: number): number {
    const weekday = weekdayOf(localDay);
    return weekOf(localDay) * 5 + Math.min(5, weekday) - this.origin;
  }
}

/** From Sunday 22:00 to Friday 22:00 (UTC); each day of business begins at 22:00. */
class FxWeek extends Weekly {
  readonly openShare = 1;

  sessionAt(out: Session, utcDay: number, ms: number): void {
    const late = ms >= 22 * HOUR_MS ? 1 : 0;
    const trading = nextWeekday(utcDay + late);
    out.day = this.numberOf(trading);
    out.startMs = (trading - utcDay) * DAY_MS - 2 * HOUR_MS;
    out.lengthMs = DAY_MS;
    out.gap = weekdayOf(trading) === 0 ? 0.06 : 0;
  }
}

/** Monday to Friday from 9:30 to 16:00 in New York; holidays are not known. */
class NewYork extends Weekly {
  readonly openShare = 6.5 / 24;

  sessionAt(out: Session, utcDay: number, ms: number): void {
    let trading = nextWeekday(utcDay);
    if (trading === utcDay && ms >= 16 * HOUR_MS + newYorkBehindMs(trading)) {
      trading = nextWeekday(utcDay + 1);
    }
    out.day = this.numberOf(trading);
    const open = 9.5 * HOUR_MS + newYorkBehindMs(trading);
    out.startMs = (trading - utcDay) * DAY_MS + open;
    out.lengthMs = 6.5 * HOUR_MS;
    out.gap = weekdayOf(trading) === 0 ? 0.25 : 0.2;
  }
}

/** The number of the week, from Monday on. The epoch was a Thursday. */
function weekOf(day: number): number {
  return Math.floor((day + 3) / 7);
}

/** 0 for Monday to 6 for Sunday. */
function weekdayOf(day: number): number {
  return day + 3 - weekOf(day) * 7;
}

/** `day`, or the Monday behind it if it is of a weekend. */
function nextWeekday(day: number): number {
  const weekday = weekdayOf(day);
  return weekday < 5 ? day : day + 7 - weekday;
}

/**
 * How far New York's clocks are behind at the opening of `day`: by four hours from the second
 * Sunday of March to before the first of November, else by five. They change at night.
 */
function newYorkBehindMs(day: number): number {
  const march = lastMarch(day);
  // 8 March is 7 days after the first, 1 November is 245.
  const isSummer = day >= firstSunday(march + 7) && day < firstSunday(march + 245);
  return (isSummer ? 4 : 5) * HOUR_MS;
}

function firstSunday(day: number): number {
  return day + 6 - weekdayOf(day);
}

/**
 * The last 1 March up to `day`.
 * Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms" (2013).
 */
function lastMarch(day: number): number {
  const since = day + 719_468;
  const of400Years = since - Math.floor(since / 146_097) * 146_097;
  const leaps =
    Math.floor(of400Years / 1460) -
    Math.floor(of400Years / 36_524) +
    Math.floor(of400Years / 146_096);
  const year = Math.floor((of400Years - leaps) / 365);
  return day - (of400Years - (365 * year + Math.floor(year / 4) - Math.floor(year / 100)));
}
