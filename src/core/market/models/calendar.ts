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
import type { CalendarSpec } from '../calendar/calendar-spec.ts';
import { weekdayOf, weekOf } from '../calendar/dates.ts';
import { type DayHours, Hours, newSession as newHours } from '../calendar/hours.ts';
import type { Grid } from '../grid.ts';
import { DAY_MS } from '../time.ts';

/** Days of business whose totals are settled together. */
export const AGE_DAYS = 1024;
/** Cells of a day that all grids have: 5.6 minutes each, round the clock. */
export const SEGMENTS = 256;
/** After so many days the market begins again: 184,000 years round the clock. */
export const WORLD_DAYS = 65_536 * AGE_DAYS;

/** Days of a Julian year. */
const DAYS_PER_YEAR = 365.25;
/** What passes by night goes with how long it is: a fifth of a day in New York's. */
const NEW_YORK_NIGHT_MS = 17.5 * 3_600_000;
/** The part of a day that passes with the first row after a lunch. */
const LUNCH = 0.02;
/** At least a segment is left for the afternoon. */
const LATEST_NOON = Math.floor(SEGMENTS * (1 - LUNCH)) - 1;

/** Open hours of a day of business without a break: all of them, or those before or after lunch. */
export interface Session {
  /** The day's number, counted from the day of business that holds the origin. */
  day: number;
  /** Where it opens, in milliseconds since the midnight (UTC) it was asked for; may be negative. */
  startMs: number;
  lengthMs: number;
  /** The part of the day that is over before it, what passes as it opens, and that at its end. */
  before: number;
  gap: number;
  end: number;
  /** The parts of the day's open time that are over where it opens, and where it closes. */
  openFrom: number;
  openTo: number;
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

/** The days of business of a grid; `weekend` is the weight of its days over others', of always. */
export function calendarOf(spec: CalendarSpec, weekend: number, grid: Grid): Calendar {
  const calendar = spec === 'always' ? new Always(weekend) : new Business(new Hours(spec));
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
  const [before, gap, end, openFrom, openTo] = [0, 0, 1, 0, 1];
  return { day: 0, startMs: 0, lengthMs: 0, before, gap, end, openFrom, openTo };
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
    out.before = 0;
    out.gap = 0;
    out.end = 1;
    out.openFrom = 0;
    out.openTo = 1;
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

/** Days of business are the dates on which it trades, all alike but for what opens them. */
class Business implements Calendar {
  origin = 0;
  readonly daysPerYear: number;
  readonly openShare: number;
  readonly #hours: Hours;
  /** Of a day: what passes before its opening row, by night, and by days off. */
  readonly #night: number;
  readonly #daysOff: number;
  readonly #found = newHours();

  constructor(hours: Hours) {
    this.#hours = hours;
    const { openMs, closeMs, lunch } = hours.whole;
    this.daysPerYear = (DAYS_PER_YEAR * hours.daysPerWeek) / 7;
    const closedMs = DAY_MS - (closeMs - openMs);
    this.openShare = openTime(hours.whole) / DAY_MS;
    this.#night = 0.2 * (closedMs / NEW_YORK_NIGHT_MS);
    this.#daysOff = closedMs === 0 && lunch === undefined ? 0.06 : 0.05;
  }

  weightOf(_day: number): number {
    return 1;
  }

  weightBefore(day: number): number {
    return day;
  }

  sessionAt(out: Session, utcDay: number, ms: number): void {
    const hours = this.#hours;
    const found = this.#found;
    hours.sessionAt(found, utcDay, ms);
    const { date, part, openMs, closeMs } = found;
    out.day = hours.numberOf(date) - this.origin;
    out.startMs = openMs;
    out.lengthMs = closeMs - openMs;
    out.before = 0;
    out.gap = this.#night + (hours.isBusiness(date - 1) ? 0 : this.#daysOff);
    out.end = 1;
    out.openFrom = 0;
    out.openTo = 1;
    const of = hours.of(date);
    if (of.lunch === undefined) return;
    const morning = (of.lunch[0] - of.openMs) / openTime(of);
    // Rows of a lunch stand where a segment begins: else it would have them all.
    const done = Math.floor(SEGMENTS * (out.gap + (1 - out.gap) * morning) + 0.5);
    const noon =
      Math.min(LATEST_NOON, Math.max(Math.floor(SEGMENTS * out.gap) + 1, done)) / SEGMENTS;
    if (part === 0) {
      out.end = noon;
      out.openTo = morning;
    } else {
      out.before = noon;
      out.gap = LUNCH;
      out.openFrom = morning;
    }
  }
}

/** How long it is open on a day. */
function openTime({ openMs, closeMs, lunch }: DayHours): number {
  return closeMs - openMs - (lunch === undefined ? 0 : lunch[1] - lunch[0]);
}
