import type { Resolution } from '../../core/market/resolution.ts';
import { isOfDays, monthsOf } from './resolution.ts';
import { isRepeated, type ShownZone, zoneName } from './zone.ts';

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

const two = (value: number) => String(value).padStart(2, '0');

function wall(zone: ShownZone, timeMs: number): Date {
  return new Date(timeMs + zone.offsetAt(timeMs));
}

/** `Mon 23 Nov 2026` */
export function formatDate(zone: ShownZone, timeMs: number): string {
  const date = wall(zone, timeMs);
  const day = `${DAYS[date.getUTCDay()]} ${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`;
  return `${day} ${date.getUTCFullYear()}`;
}

/** `21:18`, with as many seconds and milliseconds as bars of `stepMs` need. */
export function formatTime(zone: ShownZone, timeMs: number, stepMs: number): string {
  const date = wall(zone, timeMs);
  const minutes = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
  if (stepMs % MINUTE_MS === 0) return minutes;
  const seconds = `${minutes}:${two(date.getUTCSeconds())}`;
  if (stepMs % SECOND_MS === 0) return seconds;
  return `${seconds}.${String(date.getUTCMilliseconds()).padStart(3, '0')}`;
}

/**
 * `Mon 23 Nov 2026 21:18`; no time for whole days, no day for months, quarters and years; an offset
 * where a clock shows it twice.
 */
export function formatBarTime(zone: ShownZone, timeMs: number, resolution: Resolution): string {
  const months = monthsOf(resolution);
  if (months > 0) return formatMonths(wall(zone, timeMs), months);
  const date = formatDate(zone, timeMs);
  if (isOfDays(resolution)) return date;
  return `${date} ${formatClock(zone, timeMs, resolution.ms)}`;
}

/** `2026`, `Q1 2026`, `Jan 2026`; the first and the last of others: `Nov 2026 – Mar 2027`. */
function formatMonths(first: Date, months: number): string {
  const [year, month] = [first.getUTCFullYear(), first.getUTCMonth()];
  const last = new Date(Date.UTC(year, month + months - 1));
  const lastYear = last.getUTCFullYear();
  const name = (of: Date) => MONTHS[of.getUTCMonth()]!;
  if (months % 12 === 0) return year === lastYear ? `${year}` : `${year} – ${lastYear}`;
  if (months === 1) return `${name(first)} ${year}`;
  if (months === 3) return `${quarter(month)} ${year}`;
  return `${name(first)}${year === lastYear ? '' : ` ${year}`} – ${name(last)} ${lastYear}`;
}

const quarter = (month: number) => `Q${Math.floor(month / 3) + 1}`;

/** `21:18`; with its offset where a clock shows it twice. */
function formatClock(zone: ShownZone, timeMs: number, stepMs: number): string {
  const offset = isRepeated(zone, timeMs) ? ` ${zoneName(zone, timeMs)}` : '';
  return `${formatTime(zone, timeMs, stepMs)}${offset}`;
}

/** `Mon 23 Nov 2026 21:18:05 UTC`: any time at all. */
export function formatInstant(zone: ShownZone, timeMs: number): string {
  const time = formatTime(zone, timeMs, SECOND_MS);
  return `${formatDate(zone, timeMs)} ${time} ${zoneName(zone, timeMs)}`;
}

/**
 * The visible range: `Mon 23 Nov 2026, 19:53 – 21:39`, or both dates where they differ; each with
 * its offset where the clock was put in between.
 */
export function formatRange(
  zone: ShownZone,
  fromMs: number,
  toMs: number,
  resolution: Resolution,
): string {
  if (fromMs === toMs) return formatBarTime(zone, fromMs, resolution);
  const isPut = zone.offsetAt(fromMs) !== zone.offsetAt(toMs);
  const named = (text: string, timeMs: number) =>
    isPut ? withOffset(text, zoneName(zone, timeMs)) : text;
  const day = formatDate(zone, fromMs);
  if (day === formatDate(zone, toMs) && !isOfDays(resolution)) {
    const [from, to] = [fromMs, toMs].map((ms) => named(formatClock(zone, ms, resolution.ms), ms));
    return `${day}, ${from} – ${to}`;
  }
  const [from, to] = [fromMs, toMs].map((ms) => named(formatBarTime(zone, ms, resolution), ms));
  return `${from} – ${to}`;
}

/** A time with its offset; an hour that a clock shows twice has it already. */
function withOffset(text: string, offset: string): string {
  return text.endsWith(` ${offset}`) ? text : `${text} ${offset}`;
}

/** A label of the time axis, as coarse as the step it marks: `2026`, `Nov`, `23 Nov`, `21:18`. */
export function formatMark(
  zone: ShownZone,
  timeMs: number,
  step: MarkStep,
  resolution: Resolution,
): string {
  const date = wall(zone, timeMs);
  switch (step) {
    case 'year':
      return String(date.getUTCFullYear());
    case 'month':
      if (monthsOf(resolution) === 3) return quarter(date.getUTCMonth());
      return MONTHS[date.getUTCMonth()]!;
    case 'day':
      return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`;
    case 'time':
      return formatTime(zone, timeMs, timeMs % MINUTE_MS === 0 ? MINUTE_MS : resolution.ms);
  }
}
export type MarkStep = 'year' | 'month' | 'day' | 'time';

/** `just now`, `12 s ago`, `3 min ago` */
export function formatAge(ageMs: number): string {
  if (ageMs < 5 * SECOND_MS) return 'just now';
  if (ageMs < 90 * SECOND_MS) return `${Math.round(ageMs / SECOND_MS)} s ago`;
  return `${Math.round(ageMs / MINUTE_MS)} min ago`;
}
