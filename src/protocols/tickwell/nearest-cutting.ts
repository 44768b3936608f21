import { meantWidth } from '../../core/market/meant-width.ts';
import { inQuotes } from '../../core/market/quoted.ts';
import {
  formatDuration,
  formatOffset,
  parseResolution,
  RESOLUTION_UNITS,
  WIDEST,
} from '../../core/market/resolution.ts';
import { unknownName } from '../../core/market/unknown.ts';

/** What was probably meant by a wrong width or offset. */

/** The nearest width to `text` that a market of this interval has candles of, if one is near. */
export function nearestWidth(text: string, intervalMs: number): string | undefined {
  const meant = parseResolution(text) === undefined ? meantWidth(text) : text;
  return meant === undefined ? undefined : fitting(meant, intervalMs);
}

/** A width, or the nearest one that is not out of range. */
function fitting(text: string, intervalMs: number): string {
  const [, number, unit = ''] = /^(\d+)(\w+)$/.exec(text)!;
  const isOfCalendar = unit === 'mo' || unit === 'y';
  const least = isOfCalendar ? `1${unit}` : formatDuration(intervalMs);
  const width = parseResolution(text);
  if (width === undefined) {
    if (Number(number) === 0) return least;
    return isOfCalendar ? WIDEST.years : WIDEST.weeks;
  }
  return width.ms < intervalMs ? formatDuration(intervalMs) : text;
}

/** What is wrong with the unit of a width, as one sentence; undefined if nothing is. */
export function unitProblem(text: string, intervalMs: number): string | undefined {
  const [, digits = '', name] = /^(\d+)([A-Za-z]+)$/.exec(text) ?? [];
  if (name === undefined || RESOLUTION_UNITS.includes(name)) return undefined;
  // Others call months so, and some minutes.
  const minutes = nearestWidth(`${digits}m`, intervalMs);
  const isMinutes = name === 'M' && minutes === `${digits}m`;
  const near = [nearestWidth(text, intervalMs), ...(isMinutes ? [minutes] : [])];
  const asked = { kind: 'unit', name, known: RESOLUTION_UNITS, of: 'resolution' };
  if (near.includes(undefined)) return unknownName(asked);
  const meant = near.map((one) => inQuotes(one!)).join(' or ');
  return `unknown unit ${inQuotes(name)} of resolution; did you mean ${meant}?`;
}

const MINUTE_MS = 60_000;
/** Longer texts are no offsets: what somebody sends is not looked through for one. */
const MOST_LENGTH = 32;
const DAY_MINUTES = 24 * 60;
const HOURS = '(?:h|hrs?|hours?)';
const MINUTES = '(?:m|mins?|minutes?)';

/** How people write an offset, behind its sign: each with its days, hours and minutes. */
const OFFSETS: readonly RegExp[] = [
  /^(?<h>\d{1,2}):(?<m>\d{1,2})(?::\d\d)?h?$/,
  /^(?<h>\d{1,2})(?<m>\d\d)h?$/,
  new RegExp(`^(?<h>\\d{1,4}(?:\\.\\d{1,3})?) ?${HOURS}?$`),
  new RegExp(`^(?<h>\\d{1,4}) ?${HOURS} ?(?<m>\\d{1,4}) ?${MINUTES}?$`),
  new RegExp(`^(?<m>\\d{1,4}) ?${MINUTES}$`),
  /^(?<d>\d{1,2}(?:\.\d{1,3})?) ?(?:d|days?)$/,
];

/**
 * The offset that `-05:00`, `UTC+5`, `+0530`, `5h30`, `5.5` or `Z` stands for; the nearest to one
 * too far; undefined if none is near.
 */
export function nearestOffset(text: string): string | undefined {
  if (text.length > MOST_LENGTH) return undefined;
  const [, sign, rest = ''] =
    /^(?:utc|gmt)?\s*([+\-−–]?)\s*(.*)$/.exec(text.trim().toLowerCase()) ?? [];
  if (rest === 'z') return formatOffset(0);
  const found = OFFSETS.map((form) => form.exec(rest)?.groups).find((parts) => parts !== undefined);
  if (found === undefined) return undefined;
  const { d = 0, h = 0, m = 0 } = found;
  const minutes = Math.round(Number(d) * DAY_MINUTES + Number(h) * 60 + Number(m));
  const ahead = Math.min(minutes, DAY_MINUTES - 1) * MINUTE_MS;
  return formatOffset(sign === '' || sign === '+' ? ahead : -ahead);
}

/** Whether a text that names no zone looks like an offset. */
export function looksLikeOffset(text: string): boolean {
  return text.length <= MOST_LENGTH && /^(UTC|GMT)?\s*[+\-−–]?\s*\d/i.test(text);
}
