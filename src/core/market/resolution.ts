import { DAY_MS } from './time.ts';

/** The width of a candle. `text` is as it was asked for, such as `15m`. */
export interface Resolution {
  readonly text: string;
  readonly ms: number;
  /** Every candle starts at a whole number of widths after this time. */
  readonly anchorMs: number;
}

export const UNIT_MS = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: DAY_MS,
  w: 7 * DAY_MS,
} as const;
/** A Monday, 00:00 UTC: the Unix epoch was a Thursday. */
const MONDAY_MS = -3 * DAY_MS;
/** Ten years of weeks: wider candles would be fewer than a chart can show. */
export const MAX_RESOLUTION_MS = 520 * 7 * DAY_MS;

/** The milliseconds that `250ms`, `1s`, `15m`, `4h`, `1d` or `1w` stands for. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,12})(ms|s|m|h|d|w)$/.exec(text);
  if (match === null) return undefined;
  return Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
}

/** `text` as a resolution, or undefined if it is none or out of range. */
export function parseResolution(text: string): Resolution | undefined {
  const ms = parseDuration(text);
  if (ms === undefined || ms < 1 || ms > MAX_RESOLUTION_MS) return undefined;
  return { text, ms, anchorMs: text.endsWith('w') ? MONDAY_MS : 0 };
}

/** The start of the candle that `timeMs` falls into. */
export function candleStart(resolution: Resolution, timeMs: number): number {
  const { ms, anchorMs } = resolution;
  return anchorMs + Math.floor((timeMs - anchorMs) / ms) * ms;
}

/** `ms` in the largest unit that it is a whole number of: `250ms`, `1s`, `15m`. */
export function formatDuration(ms: number): string {
  const units = Object.entries(UNIT_MS).reverse();
  const [unit, unitMs] = units.find(([, unitMs]) => ms % unitMs === 0) ?? ['ms', 1];
  return `${ms / unitMs}${unit}`;
}
