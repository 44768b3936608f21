import type { Resolution } from '../../core/market/resolution.ts';
import { DAY_MS } from './resolution.ts';
import { isRepeated, offsetMs, type Zone, zoneName } from './zone.ts';

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

const two = (value: number) => String(value).padStart(2, '0');

/** The zone in which bars of this resolution are shown: whole days are cut in UTC. */
export function shownZone(zone: Zone, resolution: Resolution): Zone {
  return resolution.ms % DAY_MS === 0 ? 'utc' : zone;
}

function wall(zone: Zone, timeMs: number): Date {
  return new Date(timeMs + offsetMs(zone, timeMs));
}

/** `Mon 23 Nov 2026` */
function formatDate(zone: Zone, timeMs: number): string {
  const date = wall(zone, timeMs);
  const day = `${DAYS[date.getUTCDay()]} ${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`;
  return `${day} ${date.getUTCFullYear()}`;
}

/** `21:18`, with as many seconds and milliseconds as bars of `stepMs` need. */
export function formatTime(zone: Zone, timeMs: number, stepMs: number): string {
  const date = wall(zone, timeMs);
  const minutes = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
  if (stepMs % MINUTE_MS === 0) return minutes;
  const seconds = `${minutes}:${two(date.getUTCSeconds())}`;
  if (stepMs % SECOND_MS === 0) return seconds;
  return `${seconds}.${String(date.getUTCMilliseconds()).padStart(3, '0')}`;
}

/** `Mon 23 Nov 2026 21:18`; no time for whole days; an offset where a clock shows it twice. */
export function formatBarTime(zone: Zone, timeMs: number, resolution: Resolution): string {
  const shown = shownZone(zone, resolution);
  const date = formatDate(shown, timeMs);
  if (resolution.ms % DAY_MS === 0) return date;
  return `${date} ${formatClock(shown, timeMs, resolution.ms)}`;
}

/** `21:18`; with its offset where a clock shows it twice. */
function formatClock(zone: Zone, timeMs: number, stepMs: number): string {
  const offset = isRepeated(zone, timeMs) ? ` ${zoneName(zone, timeMs)}` : '';
  return `${formatTime(zone, timeMs, stepMs)}${offset}`;
}

/** `Mon 23 Nov 2026 21:18:05 UTC`: any time at all. */
export function formatInstant(zone: Zone, timeMs: number): string {
  const time = formatTime(zone, timeMs, SECOND_MS);
  return `${formatDate(zone, timeMs)} ${time} ${zoneName(zone, timeMs)}`;
}

/** The visible range: `Mon 23 Nov 2026, 19:53 – 21:39`, or both dates where they differ. */
export function formatRange(
  zone: Zone,
  fromMs: number,
  toMs: number,
  resolution: Resolution,
): string {
  const shown = shownZone(zone, resolution);
  if (fromMs === toMs) return formatBarTime(zone, fromMs, resolution);
  const day = formatDate(shown, fromMs);
  if (day === formatDate(shown, toMs) && resolution.ms % DAY_MS !== 0) {
    const [from, to] = [fromMs, toMs].map((ms) => formatClock(shown, ms, resolution.ms));
    return `${day}, ${from} – ${to}`;
  }
  return `${formatBarTime(zone, fromMs, resolution)} – ${formatBarTime(zone, toMs, resolution)}`;
}

/** A label of the time axis, as coarse as the step it marks: `2026`, `Nov`, `23 Nov`, `21:18`. */
export function formatMark(zone: Zone, timeMs: number, step: MarkStep, stepMs: number): string {
  const date = wall(zone, timeMs);
  switch (step) {
    case 'year':
      return String(date.getUTCFullYear());
    case 'month':
      return MONTHS[date.getUTCMonth()]!;
    case 'day':
      return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`;
    case 'time':
      return formatTime(zone, timeMs, timeMs % MINUTE_MS === 0 ? MINUTE_MS : stepMs);
  }
}
export type MarkStep = 'year' | 'month' | 'day' | 'time';

/** `just now`, `12 s ago`, `3 min ago` */
export function formatAge(ageMs: number): string {
  if (ageMs < 5 * SECOND_MS) return 'just now';
  if (ageMs < 90 * SECOND_MS) return `${Math.round(ageMs / SECOND_MS)} s ago`;
  return `${Math.round(ageMs / MINUTE_MS)} min ago`;
}
