/**
 * When an instrument trades, as a market says it: the name of a preset, or rules of one's own. Both
 * are plain data, which is part of the market id.
 */
import { DAY_MS } from '../time.ts';

export const CALENDAR_NAMES = [
  'always',
  'fx-week',
  'new-york',
  'frankfurt',
  'london',
  'tokyo',
] as const;

export type CalendarName = (typeof CALENDAR_NAMES)[number];

/** From Monday on, as the numbers of days have them. */
export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/** Whose clocks are moved by an hour in summer: those of the United States, of Europe, nobody's. */
export const DAYLIGHT_SAVINGS = ['none', 'us', 'eu'] as const;

export type DaylightSaving = (typeof DAYLIGHT_SAVINGS)[number];

/** Rules of one's own, in the order in which a market id has them; times are those of its clock. */
export interface OwnCalendar {
  /** In winter: `-05:00`. */
  readonly utcOffset: string;
  readonly daylightSaving: DaylightSaving;
  readonly days: readonly (typeof WEEKDAYS)[number][];
  /** `09:30`. One that is not before `close` is of the evening before. */
  readonly open: string;
  readonly close: string;
  /** When it closes at noon, and opens again; empty for never. */
  readonly lunch: readonly string[];
  /** Dates, `2026-12-25`, in order. */
  readonly holidays: readonly string[];
  /** By date, in order: when it closes instead. */
  readonly earlyCloses: Readonly<Record<string, string>>;
}

export type CalendarSpec = CalendarName | OwnCalendar;

const WEEK = ['mon', 'tue', 'wed', 'thu', 'fri'] as const;

const preset = (
  utcOffset: string,
  daylightSaving: DaylightSaving,
  [open, close]: readonly [open: string, close: string],
  lunch: readonly string[] = [],
): OwnCalendar => ({
  ...{ utcOffset, daylightSaving, days: WEEK, open, close, lunch },
  ...{ holidays: [], earlyCloses: {} },
});

/** What each name stands for. */
export const CALENDARS: Readonly<Record<CalendarName, OwnCalendar>> = {
  always: { ...preset('+00:00', 'none', ['00:00', '24:00']), days: WEEKDAYS },
  'fx-week': preset('+00:00', 'none', ['22:00', '22:00']),
  'new-york': preset('-05:00', 'us', ['09:30', '16:00']),
  frankfurt: preset('+01:00', 'eu', ['09:00', '17:30']),
  london: preset('+00:00', 'eu', ['08:00', '16:30']),
  tokyo: preset('+09:00', 'none', ['09:00', '15:30'], ['11:30', '12:30']),
};

export function isCalendarName(name: unknown): name is CalendarName {
  return CALENDAR_NAMES.some((known) => known === name);
}

/** The rules of a calendar. */
export function ownOf(spec: CalendarSpec): OwnCalendar {
  return typeof spec === 'string' ? CALENDARS[spec] : spec;
}

/** A calendar as text: equal texts, equal calendars. */
export function calendarText(spec: CalendarSpec): string {
  return typeof spec === 'string' ? spec : JSON.stringify(spec);
}

const MINUTE_MS = 60_000;

/** Milliseconds since midnight of `09:30`, or up to `24:00`; undefined of what is none. */
export function clockMs(text: unknown): number | undefined {
  const [, hours, minutes] = /^(\d\d):(\d\d)$/.exec(`${text}`) ?? [];
  if (hours === undefined) return undefined;
  const ms = (60 * Number(hours) + Number(minutes)) * MINUTE_MS;
  return Number(minutes) < 60 && ms <= DAY_MS ? ms : undefined;
}

/** The milliseconds of `-05:00`, up to 14 hours; undefined of what is none. */
export function offsetMs(text: unknown): number | undefined {
  const [, sign, clock] = /^([+-])(.*)$/.exec(`${text}`) ?? [];
  const ms = clockMs(clock);
  if (ms === undefined || ms > 14 * 60 * MINUTE_MS) return undefined;
  return sign === '-' && ms > 0 ? -ms : ms;
}

/** The part of a day of business that it is open. */
export function openShareOf(spec: CalendarSpec): number {
  const own = ownOf(spec);
  const [openMs, closeMs] = [clockMs(own.open)!, clockMs(own.close)!];
  const [from = 0, to = 0] = own.lunch.map((text) => clockMs(text)!);
  return ((openMs < closeMs ? closeMs - openMs : closeMs - openMs + DAY_MS) - (to - from)) / DAY_MS;
}
