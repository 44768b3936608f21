/** Days since 1970-01-01, as arithmetic: their weekdays, and when clocks are moved. */
import type { DaylightSaving } from './calendar-spec.ts';

/** The number of the week, from Monday on. The epoch was a Thursday. */
export function weekOf(day: number): number {
  return Math.floor((day + 3) / 7);
}

/** 0 for Monday to 6 for Sunday. */
export function weekdayOf(day: number): number {
  return day + 3 - weekOf(day) * 7;
}

/**
 * Whether clocks are ahead by an hour on `day`, the days on which they are moved being those of the
 * time that follows. In the United States from the second Sunday of March to before the first of
 * November, in Europe between the last Sundays of March and October.
 */
export function isSummer(rule: DaylightSaving, day: number): boolean {
  if (rule === 'none') return false;
  const march = lastMarch(day);
  // Days since 1 March: the 8th is 7, the 25th 24; 25 October is 238, and 1 November 245.
  const [spring, autumn] = rule === 'us' ? [7, 245] : [24, 238];
  return day >= firstSunday(march + spring) && day < firstSunday(march + autumn);
}

/** The first Sunday from `day` on. */
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
