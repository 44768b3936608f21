import type { Market } from '../../core/market/market.ts';
import { type Calendar, calendarOf, newSession } from '../../core/market/models/calendar.ts';
import { DAY_MS, formatTime } from '../../core/market/time.ts';
import { calendarOfColumn } from '../../core/realism/stretches.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** When New York opens, by its own clock. */
const NEW_YORK_OPENS_MS = 9.5 * HOUR_MS;

/** A stretch of open hours, in milliseconds since the Unix epoch. */
export interface Hours {
  readonly openMs: number;
  readonly closeMs: number;
}

/** When a market is open: as its first stock that has closed hours is; else round the clock. */
export class Sessions {
  readonly #calendar: Calendar;
  readonly #originMs: number;
  /** Whether times are told by New York's clock; else they are in UTC. */
  readonly #isNewYork: boolean;
  readonly #session = newSession();

  constructor(market: Market, stocks: readonly number[]) {
    const column = stocks.find((one) => calendarOfColumn(market, one) !== undefined);
    const calendar = column === undefined ? undefined : calendarOfColumn(market, column);
    this.#originMs = market.grid.originMs;
    this.#calendar = calendar ?? calendarOf('always', 1, market.grid);
    this.#isNewYork = column !== undefined && market.instruments[column]!.calendar === 'new-york';
  }

  /** The first hours that end after a time. */
  after(timeMs: number): Hours {
    const utcDay = Math.floor(timeMs / DAY_MS);
    this.#calendar.sessionAt(this.#session, utcDay, timeMs - utcDay * DAY_MS);
    const openMs = utcDay * DAY_MS + this.#session.startMs;
    return { openMs, closeMs: openMs + this.#session.lengthMs };
  }

  /** The same of a market that opens with its first row. */
  from(timeMs: number): Hours {
    const { openMs, closeMs } = this.after(Math.max(timeMs, this.#originMs));
    return { openMs: Math.max(openMs, this.#originMs), closeMs };
  }

  /** The hours of a day since 1970; undefined if it has none. Those that end in it are its. */
  of(day: number): Hours | undefined {
    const { openMs, closeMs } = this.after(day * DAY_MS);
    // A day with a lunch ends after it.
    const isMorning = this.#session.end < 1;
    const hours = { openMs, closeMs: isMorning ? this.after(closeMs).closeMs : closeMs };
    return dayOf(hours) === day ? hours : undefined;
  }

  /** A time as a clock there shows it, by the hours that end after `nearMs`. */
  timeText(timeMs: number, nearMs = timeMs): string {
    const behindMs = this.#behindMs(this.after(nearMs));
    if (behindMs === 0) return formatTime(timeMs);
    return formatTime(timeMs - behindMs).replace('Z', `-0${behindMs / HOUR_MS}:00`);
  }

  /** What a calendar says of a day, as its clocks show it. */
  described(hours: Hours): Readonly<Record<string, string>> {
    const behindMs = this.#behindMs(hours);
    const next = this.after(hours.closeMs);
    return {
      date: dateText(dayOf(hours)),
      open: clockText(hours.openMs - behindMs),
      // A day that ends at midnight ends with its last minute.
      close: clockText(Math.min(hours.closeMs - behindMs, lastMinuteOf(hours, behindMs))),
      session_open: this.#isNewYork ? '0400' : '0000',
      session_close: this.#isNewYork ? '2000' : '2359',
      settlement_date: dateText(dayOf(next)),
    };
  }

  #behindMs({ openMs }: Hours): number {
    if (!this.#isNewYork) return 0;
    return openMs - Math.floor(openMs / DAY_MS) * DAY_MS - NEW_YORK_OPENS_MS;
  }
}

/** The day since 1970 that hours end in. */
function dayOf({ closeMs }: Hours): number {
  return Math.floor((closeMs - 1) / DAY_MS);
}

function lastMinuteOf(hours: Hours, behindMs: number): number {
  return (Math.floor((hours.closeMs - behindMs - 1) / DAY_MS) + 1) * DAY_MS - MINUTE_MS;
}

function dateText(day: number): string {
  return formatTime(day * DAY_MS).slice(0, 10);
}

function clockText(timeMs: number): string {
  return formatTime(timeMs).slice(11, 16);
}
