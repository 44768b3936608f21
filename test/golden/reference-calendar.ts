/**
 * Sections 16.1 and 25 of docs/prices.md as a program, date by date and session by session, by the
 * language's own dates. It shares nothing with the core, so that the text is held to be enough.
 */
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const WEEK = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** A calendar as a market says it. */
export type ReferenceCalendar =
  | string
  | {
      readonly utcOffset: string;
      readonly daylightSaving: string;
      readonly days: readonly string[];
      readonly open: string;
      readonly close: string;
      readonly lunch: readonly string[];
      readonly holidays: readonly string[];
      readonly earlyCloses: Readonly<Record<string, string>>;
    };

const line = (
  utcOffset: string,
  daylightSaving: string,
  open: string,
  close: string,
  ...lunch: string[]
) => ({
  ...{ utcOffset, daylightSaving, open, close, lunch },
  days: ['mon', 'tue', 'wed', 'thu', 'fri'],
  holidays: [] as readonly string[],
  earlyCloses: {} as Readonly<Record<string, string>>,
});

const NAMED: Record<string, Exclude<ReferenceCalendar, string>> = {
  always: { ...line('+00:00', 'none', '00:00', '24:00'), days: WEEK },
  'fx-week': line('+00:00', 'none', '22:00', '22:00'),
  'new-york': line('-05:00', 'us', '09:30', '16:00'),
  frankfurt: line('+01:00', 'eu', '09:00', '17:30'),
  london: line('+00:00', 'eu', '08:00', '16:30'),
  tokyo: line('+09:00', 'none', '09:00', '15:30', '11:30', '12:30'),
};

const msOf = (clock: string) => {
  const [hours, minutes] = clock.split(':').map(Number);
  return (hours * 60 + minutes) * MINUTE_MS;
};
const textOf = (date: number) => new Date(date * DAY_MS).toISOString().slice(0, 10);
const weekdayOf = (date: number) => new Date(date * DAY_MS).getUTCDay();
const dateOf = (year: number, month: number, day: number) =>
  Date.UTC(year, month - 1, day) / DAY_MS;

function sunday(from: number, step: number): number {
  let date = from;
  while (weekdayOf(date) !== 0) date += step;
  return date;
}

/** Hours without a break: when they open and close, and the part of the day's that is before. */
export interface ReferenceSession {
  readonly date: number;
  readonly part: number;
  readonly openMs: number;
  readonly closeMs: number;
}

export function referenceCalendar(said: ReferenceCalendar) {
  const rules = typeof said === 'string' ? NAMED[said] : said;
  const aheadOf = (date: number) => {
    const year = new Date(date * DAY_MS).getUTCFullYear();
    const summer = {
      none: [0, 0],
      us: [sunday(dateOf(year, 3, 8), 1), sunday(dateOf(year, 11, 1), 1)],
      eu: [sunday(dateOf(year, 3, 31), -1), sunday(dateOf(year, 10, 31), -1)],
    }[rules.daylightSaving]!;
    const isSummer = date >= summer[0] && date < summer[1];
    const sign = rules.utcOffset.startsWith('-') ? -1 : 1;
    return sign * msOf(rules.utcOffset.slice(1)) + (isSummer ? 3_600_000 : 0);
  };
  const isBusiness = (date: number) =>
    rules.days.includes(WEEK[weekdayOf(date)]) && !rules.holidays.includes(textOf(date));
  const [open, whole] = [msOf(rules.open), msOf(rules.close)];
  const opens = open < whole ? open : open - DAY_MS;

  /** The sessions of a date. */
  const sessionsOf = (date: number): readonly ReferenceSession[] => {
    if (!isBusiness(date)) return [];
    const midnight = date * DAY_MS - aheadOf(date);
    const close = msOf(rules.earlyCloses[textOf(date)] ?? rules.close);
    const all = [[opens, close]];
    if (rules.lunch.length > 0) {
      const [from, to] = rules.lunch.map(msOf);
      all[0] = [opens, Math.min(close, from)];
      if (close > to) all.push([to, close]);
    }
    return all.map(([from, to], part) => ({
      ...{ date, part, openMs: midnight + from, closeMs: midnight + to },
    }));
  };
  /** The first session that ends after a moment. */
  const sessionAfter = (ms: number): ReferenceSession => {
    for (let date = Math.floor(ms / DAY_MS) - 2; ; date++) {
      const found = sessionsOf(date).find(({ closeMs }) => closeMs > ms);
      if (found !== undefined) return found;
    }
  };
  /** Days of business before a date, from a Monday long ago on. */
  const numberOf = (date: number) => {
    const weeks = Math.floor((date + 3) / 7);
    let count = weeks * rules.days.length;
    for (let day = weeks * 7 - 3; day < date; day++) {
      if (rules.days.includes(WEEK[weekdayOf(day)])) count += 1;
    }
    const off = rules.holidays.filter((text) => {
      const day = Date.parse(text) / DAY_MS;
      return day < date && rules.days.includes(WEEK[weekdayOf(day)]);
    });
    return count - off.length;
  };
  const lengthOf = (sessions: readonly ReferenceSession[]) =>
    sessions.reduce((sum, { openMs, closeMs }) => sum + closeMs - openMs, 0);
  const closedMs = DAY_MS - (whole - opens);
  const [lunchFrom = 0, lunchTo = 0] = rules.lunch.map(msOf);
  return {
    daysPerWeek: rules.days.length,
    /** When a whole day opens and closes, and its lunch begins and ends; 0 and 0 for none. */
    whole: [opens, whole, lunchFrom, lunchTo] as const,
    openShare: (whole - opens - (lunchTo - lunchFrom)) / DAY_MS,
    sessionsOf,
    sessionAfter,
    numberOf,
    /** The part of a day that passes with its first row. */
    gapOf: (date: number) =>
      0.2 * (closedMs / (17.5 * 3_600_000)) +
      (isBusiness(date - 1) ? 0 : closedMs === 0 && rules.lunch.length === 0 ? 0.06 : 0.05),
    /** The part of a day's open time before its lunch; 1 where it has none. */
    morningOf: (date: number) =>
      lengthOf(sessionsOf(date).slice(0, 1)) / lengthOf(sessionsOf(date)),
  };
}
