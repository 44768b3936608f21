import {
  type CalendarSpec,
  clockMs,
  type OwnCalendar,
  offsetMs,
  ownOf,
  WEEKDAYS,
} from '../../core/market/calendar/calendar-spec.ts';

const HOUR_MS = 3_600_000;

/** Zones that charts know, by offset in hours and whose clocks are moved. */
const ZONES: Readonly<Record<string, string>> = {
  '0 none': 'Etc/UTC',
  '-5 us': 'America/New_York',
  '-6 us': 'America/Chicago',
  '-7 us': 'America/Denver',
  '-8 us': 'America/Los_Angeles',
  '0 eu': 'Europe/London',
  '1 eu': 'Europe/Berlin',
  '2 eu': 'Europe/Athens',
  '3 none': 'Europe/Moscow',
  '4 none': 'Asia/Dubai',
  '5.5 none': 'Asia/Kolkata',
  '7 none': 'Asia/Bangkok',
  '8 none': 'Asia/Singapore',
  '9 none': 'Asia/Tokyo',
  '10 none': 'Australia/Brisbane',
};

const ROUND_THE_CLOCK = { session: '24x7', timezone: 'Etc/UTC' };

/**
 * When a symbol trades, as a chart is told it: hours of its own clock, with its days, 1 for Sunday.
 * Round the clock where charts know no zone with such a clock: they then show all there is.
 */
export function sessionOf(calendar: CalendarSpec): Readonly<Record<string, string>> {
  const own = ownOf(calendar);
  const timezone = ZONES[`${offsetMs(own.utcOffset)! / HOUR_MS} ${own.daylightSaving}`];
  if (calendar === 'always' || timezone === undefined) return ROUND_THE_CLOCK;
  const days = own.days.map((day) => ((WEEKDAYS.indexOf(day) + 1) % 7) + 1).sort();
  const early = Object.entries(own.earlyCloses).map(
    ([date, close]) => `${hoursOf(own, close)}:${plain(date)}`,
  );
  return {
    session: `${hoursOf(own, own.close)}:${days.join('')}`,
    timezone,
    ...(own.holidays.length === 0 ? {} : { session_holidays: own.holidays.map(plain).join() }),
    ...(early.length === 0 ? {} : { corrections: early.join(';') }),
  };
}

/** `0900-1130,1230-1530`. What ends no later than it begins is of the evening before. */
function hoursOf({ open, lunch }: OwnCalendar, close: string): string {
  const [from, to] = lunch;
  const isShort = from === undefined || clockMs(close)! <= clockMs(to)!;
  const end = from !== undefined && isShort && clockMs(close)! > clockMs(from)! ? from : close;
  if (isShort) return `${plain(open)}-${plain(end)}`;
  return `${plain(open)}-${plain(from)},${plain(to!)}-${plain(close)}`;
}

/** `24:00` is the midnight that a day ends with: charts have it as 0000. */
function plain(text: string): string {
  return text === '24:00' ? '0000' : text.replace(/[:-]/g, '');
}
