import { formatDuration, parseDuration } from './resolution.ts';

/** What others call units of time. Capital M is a month: charts have minutes without a unit. */
const UNITS: readonly (readonly [name: RegExp, unit: string, each: number])[] = [
  [/^(ms|msecs?|millis|milliseconds?)$/i, 'ms', 1],
  [/^(s|secs?|seconds?)$/i, 's', 1],
  [/^M$/, 'mo', 1],
  [/^(m|mins?|minutes?|t)$/i, 'm', 1],
  [/^(h|hrs?|hours?|hourly)$/i, 'h', 1],
  [/^(d|days?|daily)$/i, 'd', 1],
  [/^(w|wks?|weeks?|weekly)$/i, 'w', 1],
  [/^(mo|mos|mths?|months?|monthly)$/i, 'mo', 1],
  [/^(q|qtrs?|quarters?|quarterly)$/i, 'mo', 3],
  [/^(y|yrs?|years?|yearly|annual|annually)$/i, 'y', 1],
];

const YEAR_MONTHS = 12;
/** Longer texts are no widths: what somebody sends is not looked through for one. */
const MOST_LENGTH = 32;

/**
 * The width that somebody is likely to mean who writes it otherwise: `15 min`, `1H`, `3 months`,
 * `1q`, `daily`, `60`, `1.5h`, `1h30m`, `PT5M`. It may be out of range. Undefined if none is near.
 */
export function meantWidth(text: string): string | undefined {
  if (text.length > MOST_LENGTH) return undefined;
  const parts = partsOf(text.trim());
  const widths = parts.map(([number, name]) => widthOf(Number(number || '1'), name));
  if (widths.length === 1) return widths[0];
  // Hours and minutes are one width together; months are no number of them.
  const ms = widths.map((width) => parseDuration(width ?? ''));
  if (ms.length === 0 || ms.includes(undefined)) return undefined;
  return formatDuration((ms as number[]).reduce((sum, one) => sum + one, 0));
}

type Part = readonly [number: string, name: string];

/** Numbers and the names that follow them; none if there is anything else. */
function partsOf(text: string): readonly Part[] {
  // ISO 8601: minutes are those behind the T.
  const [, date = '', time] = /^P(\w*?)(?:T(\w+))?$/.exec(text) ?? [];
  if (date !== '' || time !== undefined) return [...partsIn(date), ...partsIn(time ?? '', true)];
  return partsIn(text);
}

function partsIn(text: string, isTime = false): readonly Part[] {
  const parts: Part[] = [];
  const pattern = /(\d{1,12}(?:\.\d{1,3})?)? ?([a-z]*) ?/iy;
  while (pattern.lastIndex < text.length) {
    const [all = '', number = '', name = ''] = pattern.exec(text) ?? [];
    if (all === '') return [];
    parts.push([number, isTime ? name.toLowerCase() : name]);
  }
  // Each of several has both.
  return parts.length < 2 || parts.every((part) => !part.includes('')) ? parts : [];
}

function widthOf(number: number, name: string): string | undefined {
  // Charts count minutes where they name no unit.
  const [, unit, each] = name === '' ? [/^/, 'm', 1] : (UNITS.find(([of]) => of.test(name)) ?? []);
  if (unit === undefined || each === undefined) return undefined;
  const count = number * each;
  if (Number.isInteger(count)) return `${count}${unit}`;
  const nearest = (value: number) => Math.max(1, Math.floor(value + 0.5));
  if (unit === 'y') return `${nearest(count * YEAR_MONTHS)}mo`;
  if (unit === 'mo') return `${nearest(count)}mo`;
  return formatDuration(nearest(count * parseDuration(`1${unit}`)!));
}
