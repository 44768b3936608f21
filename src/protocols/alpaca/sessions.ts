import { ownOf } from '../../core/market/calendar/calendar-spec.ts';
import { Hours as BusinessHours, newSession } from '../../core/market/calendar/hours.ts';
import { wallClockOf } from '../../core/market/calendar/wall-clock.ts';
import type { Market } from '../../core/market/market.ts';
import { DAY_MS, formatTime } from '../../core/market/time.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** Sessions without a break between them that are one: days of a week, more than it can have. */
const MOST_JOINED = 8;

/** A stretch of open hours, in milliseconds since the Unix epoch. */
export interface Hours {
  readonly openMs: number;
  readonly closeMs: number;
}

/** When a market is open: as its first stock that has closed hours is; else round the clock. */
export class Sessions {
  readonly #hours: BusinessHours;
  readonly #originMs: number;
  /** How far its clock is ahead of UTC at a time. */
  readonly #aheadMs: (timeMs: number) => number;
  /** Whether its hours are those of the exchanges of New York, with what is before and after. */
  readonly #isNewYork: boolean;
  readonly #session = newSession();

  constructor({ grid, instruments }: Market, stocks: readonly number[]) {
    const calendars = stocks.map((column) => instruments[column]!.calendar);
    const calendar = calendars.find((one) => one !== 'always') ?? 'always';
    const { utcOffset, daylightSaving, open, close } = ownOf(calendar);
    this.#hours = new BusinessHours(calendar);
    this.#originMs = grid.originMs;
    this.#aheadMs = wallClockOf(calendar);
    const clock = `${utcOffset} ${daylightSaving} ${open} ${close}`;
    this.#isNewYork = clock === '-05:00 us 09:30 16:00';
  }

  /** The first hours that end after a time; those without a break between them are one. */
  after(timeMs: number): Hours {
    const first = this.#after(timeMs);
    let { closeMs } = first;
    for (let n = 0; n < MOST_JOINED; n++) {
      const next = this.#after(closeMs);
      if (next.openMs > closeMs) return { openMs: first.openMs, closeMs };
      closeMs = next.closeMs;
    }
    // It never closes: a day is as good as any.
    return first;
  }

  /** The same of a market that opens with its first row. */
  from(timeMs: number): Hours {
    const { openMs, closeMs } = this.after(Math.max(timeMs, this.#originMs));
    return { openMs: Math.max(openMs, this.#originMs), closeMs };
  }

  /** Whether it has hours on a date, in days since 1970, by its own clock. */
  isOpenOn(date: number): boolean {
    return this.#hours.isBusiness(date);
  }

  /** A time as a clock there shows it. */
  timeText(timeMs: number): string {
    const aheadMs = this.#aheadMs(timeMs);
    if (aheadMs === 0) return formatTime(timeMs);
    const sign = aheadMs < 0 ? '-' : '+';
    const offset = formatTime(Math.abs(aheadMs)).slice(11, 16);
    return formatTime(timeMs + aheadMs).replace('Z', `${sign}${offset}`);
  }

  /** What a calendar says of a date that has hours, as its clocks show them. */
  described(date: number): Readonly<Record<string, string>> {
    const { openMs, closeMs } = this.#hours.of(date);
    // Those of New York trade from four in the morning, and for four hours after the close.
    const [early, late] = this.#isNewYork ? [4 * HOUR_MS, closeMs + 4 * HOUR_MS] : [0, DAY_MS];
    return {
      date: dateText(date),
      open: clockText(openMs),
      close: clockText(closeMs),
      session_open: clockText(early).replace(':', ''),
      session_close: clockText(late).replace(':', ''),
      settlement_date: dateText(this.#hours.businessFrom(date + 1)),
    };
  }

  #after(timeMs: number): Hours {
    const utcDay = Math.floor(timeMs / DAY_MS);
    const session = this.#session;
    this.#hours.sessionAt(session, utcDay, timeMs - utcDay * DAY_MS);
    return {
      openMs: utcDay * DAY_MS + session.openMs,
      closeMs: utcDay * DAY_MS + session.closeMs,
    };
  }
}

function dateText(day: number): string {
  return formatTime(day * DAY_MS).slice(0, 10);
}

/** A time of day; a day that ends at midnight ends with its last minute. */
function clockText(ms: number): string {
  const shown = ms === DAY_MS ? ms - MINUTE_MS : ms;
  return formatTime(shown - Math.floor(shown / DAY_MS) * DAY_MS).slice(11, 16);
}
