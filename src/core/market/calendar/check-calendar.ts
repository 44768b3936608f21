import type { Check, Fields } from '../check.ts';
import { DAY_MS, parseTime } from '../time.ts';
import {
  CALENDAR_NAMES,
  CALENDARS,
  type CalendarSpec,
  clockMs,
  DAYLIGHT_SAVINGS,
  isCalendarName,
  type OwnCalendar,
  offsetMs,
  WEEKDAYS,
} from './calendar-spec.ts';

const FIELDS = [
  'like',
  'utcOffset',
  'daylightSaving',
  'days',
  'open',
  'close',
  'lunch',
  'holidays',
  'earlyCloses',
];
/** Forty a year for a century. */
const MOST_DATES = 4000;
const HOUR_MS = 3_600_000;

/** When an instrument trades: a name, or rules of one's own. */
export function checkCalendar(check: Check, path: string, value: unknown): CalendarSpec {
  if (value === undefined) return 'always';
  if (isCalendarName(value)) return value;
  if (typeof value === 'string') {
    check.noneOf('calendar', path, CALENDAR_NAMES, value);
    return 'always';
  }
  if (Object.prototype.toString.call(value) !== '[object Object]') {
    const rule = `must be one of ${CALENDAR_NAMES.join(', ')}, or a set of named fields`;
    check.problem(path, rule, value);
    return 'always';
  }
  const fields = check.fields(path, value, FIELDS);
  const before = check.problems.length;
  const own = checkOwn(check, path, fields ?? {});
  if (check.problems.length > before) return 'always';
  checkHours(check, path, own);
  return check.problems.length > before ? 'always' : own;
}

/** The rules that fields say, and where they say nothing those of the calendar they are `like`. */
function checkOwn(check: Check, path: string, fields: Fields): OwnCalendar {
  const at = (name: string) => `${path}.${name}`;
  const like = isCalendarName(fields.like) ? CALENDARS[fields.like] : undefined;
  if (fields.like !== undefined && like === undefined) {
    check.noneOf('calendar', at('like'), CALENDAR_NAMES, fields.like);
  }
  const base = like ?? CALENDARS.always;
  // Without a calendar to be like, hours are not guessed.
  const time = (name: 'open' | 'close') => {
    const text = fields[name] ?? like?.[name];
    if (clockMs(text) !== undefined) return text as string;
    check.problem(at(name), 'must be a time of day from 00:00 to 24:00, such as 09:30', text);
    return base[name];
  };
  const days = fields.days ?? like?.days;
  const isDays = Array.isArray(days) && days.length > 0 && days.every(isWeekday);
  if (!isDays) {
    const rule = `must be a list of the days it trades on, of ${WEEKDAYS.join(', ')}`;
    check.problem(at('days'), rule, days);
  }
  const offset = fields.utcOffset ?? base.utcOffset;
  if (typeof offset !== 'string' || offsetMs(offset) === undefined) {
    check.problem(at('utcOffset'), 'must be from -14:00 to +14:00, such as +09:00', offset);
  }
  return {
    utcOffset: `${offset}`,
    daylightSaving: checkSaving(check, at('daylightSaving'), fields.daylightSaving, base),
    days: WEEKDAYS.filter((day) => isDays && days.includes(day)),
    open: time('open'),
    close: time('close'),
    lunch: checkLunch(check, at('lunch'), fields.lunch ?? base.lunch),
    holidays: checkHolidays(check, at('holidays'), fields.holidays ?? []),
    earlyCloses: checkEarlyCloses(check, at('earlyCloses'), fields.earlyCloses ?? {}),
  };
}

function isWeekday(day: unknown): boolean {
  return WEEKDAYS.some((known) => known === day);
}

function checkSaving(check: Check, path: string, value: unknown, base: OwnCalendar) {
  if (value === undefined) return base.daylightSaving;
  const found = DAYLIGHT_SAVINGS.find((known) => known === value);
  if (found === undefined) check.noneOf('rule', path, DAYLIGHT_SAVINGS, value);
  return found ?? 'none';
}

function checkLunch(check: Check, path: string, value: unknown): readonly string[] {
  const isNone = Array.isArray(value) && value.length === 0;
  if (isNone) return [];
  const times = Array.isArray(value) && value.length === 2 ? value.map(clockMs) : [];
  if (times.length === 2 && times[0] !== undefined && times[1] !== undefined) {
    return value as string[];
  }
  check.problem(path, 'must be two times of day, such as ["11:30", "12:30"], or []', value);
  return [];
}

function checkHolidays(check: Check, path: string, value: unknown): readonly string[] {
  if (!Array.isArray(value) || value.length > MOST_DATES) {
    const given = Array.isArray(value) ? `${value.length} of them` : value;
    check.problem(path, `must be a list of at most ${MOST_DATES} dates`, given);
    return [];
  }
  const dates = value.map((date, n) => checkDate(check, `${path}[${n}]`, date));
  return [...new Set(dates)].sort();
}

function checkEarlyCloses(
  check: Check,
  path: string,
  value: unknown,
): Readonly<Record<string, string>> {
  const isSet = Object.prototype.toString.call(value) === '[object Object]';
  const entries = Object.entries(isSet ? (value as Fields) : {});
  if (!isSet || entries.length > MOST_DATES) {
    const rule = `must name at most ${MOST_DATES} dates, each with a time of day`;
    check.problem(path, rule, isSet ? `${entries.length} of them` : value);
    return {};
  }
  const closes = entries.map(([date, close]) => {
    if (clockMs(close) === undefined) {
      check.problem(`${path}.${date}`, 'must be a time of day, such as 13:00', close);
    }
    return [checkDate(check, path, date), `${close}`] as const;
  });
  return Object.fromEntries(closes.sort(([one], [other]) => (one < other ? -1 : 1)));
}

function checkDate(check: Check, path: string, value: unknown): string {
  const isDate = typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value);
  if (isDate && parseTime(value) !== undefined) return value;
  check.problem(path, 'must be a date, such as 2026-12-25', value);
  return '1970-01-01';
}

/** What must hold between the times of a calendar. */
function checkHours(check: Check, path: string, own: OwnCalendar): void {
  const closeMs = clockMs(own.close)!;
  const openAt = clockMs(own.open)!;
  const openMs = openAt < closeMs ? openAt : openAt - DAY_MS;
  if (closeMs === 0) {
    check.problem(`${path}.close`, 'must be after 00:00: 24:00 is the end of a day', own.close);
  }
  const [from, to] = own.lunch.map((text) => clockMs(text)!);
  if (from !== undefined && !(openMs < from && from < to! && to! < closeMs)) {
    const rule = 'must begin after open, end after that, and before close';
    check.problem(`${path}.lunch`, rule, own.lunch);
  }
  for (const [date, text] of Object.entries(own.earlyCloses)) {
    const earlyMs = clockMs(text)!;
    if (earlyMs > openMs && earlyMs > 0 && earlyMs < closeMs) continue;
    check.problem(`${path}.earlyCloses.${date}`, 'must be after open and before close', text);
  }
  // On a Sunday on which clocks are moved ahead, it opens an hour sooner after Saturday's close.
  const hasWeekend = own.days.includes('sat') && own.days.includes('sun');
  const closedMs = DAY_MS - (closeMs - openMs);
  if (own.daylightSaving !== 'none' && hasWeekend && closedMs < HOUR_MS) {
    const rule = 'must be none where it trades on sat and sun and is closed for less than an hour';
    check.problem(`${path}.daylightSaving`, rule, own.daylightSaving);
  }
}
