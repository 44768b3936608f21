/**
 * The open hours of a calendar, by arithmetic: no table of a time zone could move a price later.
 *
 * A day of business is a date on which it trades, by its own clock. It has one session, or two with
 * a lunch between them. Clocks are moved on a Sunday, for all of it: the hours of a day of business
 * are as far from UTC where it opens as where it closes.
 */
import { DAY_MS, parseTime } from '../time.ts';
import {
  type CalendarSpec,
  clockMs,
  type DaylightSaving,
  offsetMs,
  ownOf,
  WEEKDAYS,
} from './calendar-spec.ts';
import { isSummer, weekdayOf, weekOf } from './dates.ts';

const HOUR_MS = 3_600_000;

/** Hours without a break. Times are in milliseconds since the midnight (UTC) that was asked for. */
export interface Session {
  /** The date of its day of business, in days since 1970. */
  date: number;
  /** 1 after a lunch, else 0. */
  part: number;
  openMs: number;
  closeMs: number;
}

export function newSession(): Session {
  return { date: 0, part: 0, openMs: 0, closeMs: 0 };
}

/** The hours of a day of business, since the midnight of its date by its own clock. */
export interface DayHours {
  readonly openMs: number;
  readonly closeMs: number;
  /** Where it closes at noon, and opens again. */
  readonly lunch: readonly [fromMs: number, toMs: number] | undefined;
}

export class Hours {
  /** The hours of a whole day. */
  readonly whole: DayHours;
  readonly daysPerWeek: number;
  /** Dates of days of business that close early, in order. */
  readonly earlyDates: readonly number[];
  readonly #early: readonly DayHours[];
  readonly #offsetMs: number;
  readonly #daylightSaving: DaylightSaving;
  /** Of each weekday: whether it trades, days of business of the week before it, and */
  readonly #trades: readonly boolean[];
  readonly #before: readonly number[];
  /** how many days it is to the next that trades, itself included, and to the last before it. */
  readonly #ahead: readonly number[];
  readonly #back: readonly number[];
  /** Dates on which it would trade, but does not, in order; and what is around each. */
  readonly #holidays: readonly number[];
  readonly #afterHoliday: readonly number[];
  readonly #beforeHoliday: readonly number[];

  constructor(spec: CalendarSpec) {
    const own = ownOf(spec);
    this.#offsetMs = offsetMs(own.utcOffset)!;
    this.#daylightSaving = own.daylightSaving;
    const days = WEEKDAYS.map((day) => own.days.includes(day));
    this.#trades = days;
    this.#before = days.map((_, n) => days.slice(0, n).filter((day) => day).length);
    this.daysPerWeek = own.days.length;
    const around = (n: number, step: number) => days.at((n + step) % 7)!;
    this.#ahead = days.map((_, n) => [0, 1, 2, 3, 4, 5, 6].find((step) => around(n, step))!);
    this.#back = days.map((_, n) => [1, 2, 3, 4, 5, 6, 7].find((step) => around(n, 7 - step))!);

    const holidays = own.holidays.map(dateOf).filter((date) => days[weekdayOf(date)]);
    this.#holidays = holidays;
    const after: number[] = [];
    for (let n = holidays.length - 1; n >= 0; n--) {
      const next = this.#weekdayFrom(holidays[n]! + 1);
      after[n] = next === holidays[n + 1] ? after[n + 1]! : next;
    }
    const before: number[] = [];
    for (const [n, date] of holidays.entries()) {
      const last = date - this.#back[weekdayOf(date)]!;
      before[n] = n > 0 && last === holidays[n - 1] ? before[n - 1]! : last;
    }
    this.#afterHoliday = after;
    this.#beforeHoliday = before;

    const closeMs = clockMs(own.close)!;
    const openMs = clockMs(own.open)!;
    const [from, to] = own.lunch.map((text) => clockMs(text)!);
    const lunch = from === undefined ? undefined : ([from, to!] as const);
    this.whole = { openMs: openMs < closeMs ? openMs : openMs - DAY_MS, closeMs, lunch };
    const early = Object.entries(own.earlyCloses)
      .map(([date, close]) => ({ date: dateOf(date), closeMs: clockMs(close)! }))
      .filter(({ date }) => this.isBusiness(date));
    this.earlyDates = early.map(({ date }) => date);
    this.#early = early.map((each) => closedAt(this.whole, each.closeMs));
  }

  /** Whether it trades on a date. */
  isBusiness(date: number): boolean {
    return this.#trades[weekdayOf(date)]! && this.#holidayAt(date) < 0;
  }

  /** The first day of business from `date` on. */
  businessFrom(date: number): number {
    const day = this.#weekdayFrom(date);
    const holiday = this.#holidayAt(day);
    return holiday < 0 ? day : this.#afterHoliday[holiday]!;
  }

  /** The last day of business before `date`. */
  businessBefore(date: number): number {
    const day = date - this.#back[weekdayOf(date)]!;
    const holiday = this.#holidayAt(day);
    return holiday < 0 ? day : this.#beforeHoliday[holiday]!;
  }

  /** How many days of business there were before `date`, from a week long ago on. */
  numberOf(date: number): number {
    const holidays = placeIn(this.#holidays, date);
    return weekOf(date) * this.daysPerWeek + this.#before[weekdayOf(date)]! - holidays;
  }

  /** The hours of a day of business. */
  of(date: number): DayHours {
    if (this.earlyDates.length === 0) return this.whole;
    const at = placeIn(this.earlyDates, date);
    return this.earlyDates[at] === date ? this.#early[at]! : this.whole;
  }

  /** The hours of the nth of `earlyDates`. */
  ofEarly(n: number): DayHours {
    return this.#early[n]!;
  }

  /** How far its clock is ahead of UTC on `date`, in milliseconds. */
  aheadMs(date: number): number {
    const summer = isSummer(this.#daylightSaving, date) ? HOUR_MS : 0;
    return this.#offsetMs + summer;
  }

  /** Makes `out` the first session that ends after `ms` of day `utcDay` since the epoch. */
  sessionAt(out: Session, utcDay: number, ms: number): void {
    // The date by the clock of winter is never later than by that of summer.
    let date = this.businessFrom(utcDay + Math.floor((ms + this.#offsetMs) / DAY_MS));
    while (!this.#putLater(out, utcDay, date, ms)) date = this.businessFrom(date + 1);
  }

  /** Makes `out` the session before one that was asked for with the same `utcDay`. */
  sessionBefore(out: Session, utcDay: number, { date, part }: Session): void {
    if (part === 1) this.#put(out, utcDay, date, 0);
    else {
      const before = this.businessBefore(date);
      this.#put(out, utcDay, before, this.of(before).lunch === undefined ? 0 : 1);
    }
  }

  /** Makes `out` the first session of a day of business that ends after `ms`, if one does. */
  #putLater(out: Session, utcDay: number, date: number, ms: number): boolean {
    this.#put(out, utcDay, date, 0);
    if (ms < out.closeMs) return true;
    if (this.of(date).lunch === undefined) return false;
    this.#put(out, utcDay, date, 1);
    return ms < out.closeMs;
  }

  #put(out: Session, utcDay: number, date: number, part: number): void {
    const { openMs, closeMs, lunch } = this.of(date);
    const midnightMs = (date - utcDay) * DAY_MS - this.aheadMs(date);
    out.date = date;
    out.part = part;
    out.openMs = midnightMs + (part === 0 ? openMs : lunch![1]);
    out.closeMs = midnightMs + (part === 0 && lunch !== undefined ? lunch[0] : closeMs);
  }

  #weekdayFrom(date: number): number {
    return date + this.#ahead[weekdayOf(date)]!;
  }

  /** The place of `date` among the holidays; -1 if it is none. */
  #holidayAt(date: number): number {
    if (this.#holidays.length === 0) return -1;
    const at = placeIn(this.#holidays, date);
    return this.#holidays[at] === date ? at : -1;
  }
}

/** How many of `dates`, which are in order, are before `date`. */
export function placeIn(dates: readonly number[], date: number): number {
  let [low, high] = [0, dates.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (dates[middle]! < date) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Days since 1970 of a date as text, which has been checked. */
function dateOf(text: string): number {
  return parseTime(text)! / DAY_MS;
}

/** The hours of a day that closes early, perhaps before or in its lunch. */
function closedAt({ openMs, lunch }: DayHours, closeMs: number): DayHours {
  if (lunch === undefined || closeMs > lunch[1]) return { openMs, closeMs, lunch };
  return { openMs, closeMs: Math.min(closeMs, lunch[0]), lunch: undefined };
}
