/**
 * Times as text: RFC 3339 to milliseconds since the Unix epoch and back.
 *
 * The core has its own, because a clock's type is banned here and the two directions must agree on
 * every machine, whatever its locale.
 */

export const DAY_MS = 86_400_000;

const DATE = String.raw`(\d{4})-(\d\d)-(\d\d)`;
const CLOCK = String.raw`(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?`;
const ZONE = String.raw`(?:[Zz]|([+-])(\d\d):(\d\d))`;
const TIME_TEXT = new RegExp(`^${DATE}(?:[Tt ]${CLOCK}${ZONE})?$`);

/**
 * Days since 1970-01-01 of a date in the proleptic Gregorian calendar.
 *
 * Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil.
 */
function daysOfDate(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** The date that is `days` after 1970-01-01. Source: as above, civil_from_days. */
function dateOfDays(days: number): { year: number; month: number; day: number } {
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

function daysInMonth(year: number, month: number): number {
  const next = month === 12 ? daysOfDate(year + 1, 1, 1) : daysOfDate(year, month + 1, 1);
  return next - daysOfDate(year, month, 1);
}

/** The calendar month of a time in UTC, counted from that of year 0. */
export function monthOfTime(timeMs: number): number {
  const { year, month } = dateOfDays(Math.floor(timeMs / DAY_MS));
  return year * 12 + month - 1;
}

/** The time at which a calendar month begins in UTC; `month` as `monthOfTime` counts. */
export function timeOfMonth(month: number): number {
  const year = Math.floor(month / 12);
  return daysOfDate(year, month - year * 12 + 1, 1) * DAY_MS;
}

/**
 * Milliseconds since the Unix epoch of an RFC 3339 date-time with its zone, or of a date (00:00
 * UTC); undefined if `text` is neither, names a time that does not exist, or is finer than 1 ms.
 */
export function parseTime(text: string): number | undefined {
  const match = TIME_TEXT.exec(text);
  if (match === null) return undefined;
  const field = (at: number) => Number(match[at] ?? 0);
  const year = field(1);
  const month = field(2);
  const day = field(3);
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
  const hours = field(4);
  const minutes = field(5);
  const seconds = field(6);
  const zoneHours = field(9);
  const zoneMinutes = field(10);
  if (hours > 23 || minutes > 59 || seconds > 59) return undefined;
  if (zoneHours > 23 || zoneMinutes > 59) return undefined;
  const fraction = (match[7] ?? '').padEnd(9, '0');
  if (fraction.slice(3) !== '000000') return undefined;
  const zone = (zoneHours * 60 + zoneMinutes) * (match[8] === '-' ? -1 : 1);
  return (
    daysOfDate(year, month, day) * DAY_MS +
    ((hours * 60 + minutes - zone) * 60 + seconds) * 1000 +
    Number(fraction.slice(0, 3))
  );
}

/** `timeMs` as RFC 3339 text in UTC, with milliseconds only where there are some. */
export function formatTime(timeMs: number): string {
  const days = Math.floor(timeMs / DAY_MS);
  const { year, month, day } = dateOfDays(days);
  const ms = timeMs - days * DAY_MS;
  const two = (n: number) => String(n).padStart(2, '0');
  const clock = [
    Math.floor(ms / 3_600_000),
    Math.floor(ms / 60_000) % 60,
    Math.floor(ms / 1000) % 60,
  ];
  const fraction = ms % 1000 === 0 ? '' : `.${String(ms % 1000).padStart(3, '0')}`;
  const date = `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
  return `${date}T${clock.map(two).join(':')}${fraction}Z`;
}
