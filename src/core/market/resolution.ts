import { DAY_MS, monthOfTime, timeOfMonth } from './time.ts';

/** Whose wall clock cuts, as requests and answers say it: nothing for UTC, else one of them. */
export interface WallClock {
  /** The name of a zone, such as `Asia/Tokyo`. */
  readonly tz?: string;
  /** How far a clock is ahead of UTC for ever, such as `-5h`. */
  readonly offset?: string;
}

/**
 * How candles are cut. They are numbered, and consecutive ones have consecutive numbers; which one
 * is number 0 means nothing.
 */
export interface Resolution {
  /** As it was asked for, such as `15m`. */
  readonly text: string;
  readonly clock: WallClock;
  /** How long a candle is; of months and years, and by the clock of a zone, as a rule. */
  readonly ms: number;
  /** Equal for resolutions that cut alike. */
  readonly key: string;
  /** The number of the candle that `timeMs` falls into. */
  numberOf(timeMs: number): number;
  /** The time at which a candle begins, and the one before it ends. */
  startOf(number: number): number;
  /**
   * Of a clock that must be looked at: how many stretches of it, of a year each, are still to be
   * looked through to cut `[fromMs, toMs]`.
   */
  unseen?(fromMs: number, toMs: number): number;
  /** Looks through them. */
  look?(fromMs: number, toMs: number): void;
}

export const UNIT_MS = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: DAY_MS,
  w: 7 * DAY_MS,
} as const;

/** The units of resolutions; `mo` and `y` are those of the calendar. */
export const RESOLUTION_UNITS = [...Object.keys(UNIT_MS), 'mo', 'y'] as const;

const YEAR_MONTHS = 12;
/** The mean of the Gregorian calendar. */
const MONTH_MS = (365.2425 * DAY_MS) / YEAR_MONTHS;
/** A Monday, 00:00: the Unix epoch was a Thursday. */
const MONDAY_MS = -3 * DAY_MS;
/** Ten years: wider candles would be fewer than a chart can show. */
const MAX_WEEKS = 520;
const MAX_YEARS = 10;
export const MAX_RESOLUTION_MS = MAX_WEEKS * UNIT_MS.w;
const MAX_MONTHS = MAX_YEARS * YEAR_MONTHS;
/** The widest that there is: in weeks and less, and in the calendar's months and years. */
export const WIDEST = { weeks: `${MAX_WEEKS}w`, years: `${MAX_YEARS}y` } as const;

/** The milliseconds that `250ms`, `1s`, `15m`, `4h`, `1d` or `1w` stands for. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,12})(ms|s|m|h|d|w)$/.exec(text);
  if (match === null) return undefined;
  return Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
}

/**
 * The width of a candle. `clock`: so many milliseconds on the wall clock. `days`, `months`: so many
 * of the calendar; a width in days begins at a multiple of it after day `anchor` since 1970-01-01.
 */
export type Width =
  | { readonly unit: 'clock'; readonly ms: number }
  | { readonly unit: 'days'; readonly days: number; readonly anchor: number }
  | { readonly unit: 'months'; readonly months: number };

/** What `text` says, or undefined if it is no width or out of range. Weeks begin on Mondays. */
export function parseWidth(text: string): Width | undefined {
  const [, digits, calendar] = /^(\d{1,12})(mo|y)$/.exec(text) ?? [];
  if (calendar !== undefined) {
    const months = Number(digits) * (calendar === 'y' ? YEAR_MONTHS : 1);
    return months >= 1 && months <= MAX_MONTHS ? { unit: 'months', months } : undefined;
  }
  const ms = parseDuration(text);
  if (ms === undefined || ms < 1 || ms > MAX_RESOLUTION_MS) return undefined;
  if (!/[dw]$/.test(text)) return { unit: 'clock', ms };
  return { unit: 'days', days: ms / DAY_MS, anchor: text.endsWith('w') ? MONDAY_MS / DAY_MS : 0 };
}

/** How long candles of `width` are, as a rule. */
export function widthMs(width: Width): number {
  if (width.unit === 'months') return width.months * MONTH_MS;
  return width.unit === 'days' ? width.days * DAY_MS : width.ms;
}

/**
 * `text` as a resolution, cut by a clock that is `offsetMs` ahead of UTC for ever, in whole
 * minutes; undefined if it is none or out of range.
 */
export function parseResolution(text: string, offsetMs = 0): Resolution | undefined {
  const width = parseWidth(text);
  return width === undefined ? undefined : resolutionAt(text, width, offsetMs);
}

/** The resolution of a width, cut by a clock that is `offsetMs` ahead of UTC for ever. */
export function resolutionAt(text: string, width: Width, offsetMs: number): Resolution {
  const ms = widthMs(width);
  const clock = offsetMs === 0 ? {} : { offset: formatOffset(offsetMs) };
  if (width.unit === 'months') {
    const { months } = width;
    return {
      text,
      clock,
      ms,
      key: `${months}mo ${offsetMs}`,
      numberOf: (timeMs) => Math.floor(monthOfTime(timeMs + offsetMs) / months),
      startOf: (number) => timeOfMonth(number * months) - offsetMs,
    };
  }
  const anchorMs = modulo((width.unit === 'days' ? width.anchor * DAY_MS : 0) - offsetMs, ms);
  return {
    text,
    clock,
    ms,
    key: `${ms} ${anchorMs}`,
    numberOf: (timeMs) => Math.floor((timeMs - anchorMs) / ms),
    startOf: (number) => anchorMs + number * ms,
  };
}

/** The start of the candle that `timeMs` falls into. */
export function candleStart(resolution: Resolution, timeMs: number): number {
  return resolution.startOf(resolution.numberOf(timeMs));
}

/** `ms` in the largest unit that it is a whole number of: `250ms`, `1s`, `15m`. */
export function formatDuration(ms: number): string {
  const units = Object.entries(UNIT_MS).reverse();
  const [unit, unitMs] = units.find(([, unitMs]) => ms % unitMs === 0) ?? ['ms', 1];
  return `${ms / unitMs}${unit}`;
}

/** How an offset of whole minutes is written: `-5h`, `5h30m`, `-30m`, `0h`. */
export function formatOffset(offsetMs: number): string {
  const minutes = Math.abs(offsetMs) / UNIT_MS.m;
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  const parts = [hours === 0 && rest > 0 ? '' : `${hours}h`, rest === 0 ? '' : `${rest}m`];
  return `${offsetMs < 0 ? '-' : ''}${parts.join('')}`;
}

function modulo(value: number, by: number): number {
  return value - Math.floor(value / by) * by;
}
