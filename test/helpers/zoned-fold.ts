import { DATES, shown } from './wall-clock.ts';

/** Candles by the clock of a zone, folded of rows one by one: in another way than we do. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Widths that are as wide as some rows or many, and how long the market is looked at. */
export const KINDS = [
  {
    texts: ['7s', '1m', '25m', '30m', '1h', '4h', '7h'],
    intervals: [7000, 1000],
    spanMs: 20 * HOUR,
  },
  { texts: ['1d', '3d', '1w'], intervals: [7 * MINUTE, 11 * MINUTE], spanMs: 40 * DAY },
  { texts: ['1mo', '3mo', '1y'], intervals: [97 * MINUTE, 6 * HOUR + 7000], spanMs: 900 * DAY },
] as const;

/** Days that only some years have. */
export const LEAP_DAYS = [
  Date.UTC(2024, 1, 29, 12),
  Date.UTC(2000, 1, 29),
  Date.UTC(2100, 1, 28, 23),
];

/** One candle. */
export interface NaiveCandle {
  /** When the row before its first one stood, and that one. */
  readonly afterMs: number;
  readonly firstMs: number;
  /** Open, high, low, close, volume, trades. */
  readonly values: readonly number[];
}

/** Whether a clock shows a multiple of `ms` between two rows, or was put to another one. */
function isCutByClock(zone: string, ms: number, beforeMs: number, timeMs: number): boolean {
  const [before, now] = [shown(zone, beforeMs), shown(zone, timeMs)];
  if (Math.floor(before / ms) !== Math.floor(now / ms)) return true;
  if (now - before === timeMs - beforeMs) return false;
  for (let at = beforeMs + SECOND; at <= timeMs; at += SECOND) {
    if (shown(zone, at) % ms === 0) return true;
  }
  return false;
}

const UNIT_MS = { s: SECOND, m: MINUTE, h: HOUR };

/** A cutter: whether a candle begins between a row and the next one. */
function cutterOf(text: string, zone: string, originMs: number) {
  const dateOf = DATES[text];
  if (dateOf === undefined) {
    const ms = Number.parseInt(text, 10) * UNIT_MS[text.at(-1) as keyof typeof UNIT_MS];
    return (beforeMs: number, timeMs: number) => isCutByClock(zone, ms, beforeMs, timeMs);
  }
  // A clock that is put back over midnight has shown a later date before.
  let latest = -Infinity;
  for (let at = originMs - 2 * DAY; at <= originMs; at += 15 * MINUTE) {
    latest = Math.max(latest, dateOf(shown(zone, at)));
  }
  return (_beforeMs: number, timeMs: number) => {
    const date = dateOf(shown(zone, timeMs));
    const isLater = date > latest;
    latest = Math.max(latest, date);
    return isLater;
  };
}

/** Consecutive rows of an instrument. */
export interface PlainRows {
  readonly timesMs: readonly number[];
  readonly last: ArrayLike<number>;
  readonly volume: ArrayLike<number>;
  readonly trades: ArrayLike<number>;
}

/** Their candles; the first row is that of the market. */
export function foldByClock(rows: PlainRows, text: string, zone: string): NaiveCandle[] {
  const { timesMs, last, volume, trades } = rows;
  const isCut = cutterOf(text, zone, timesMs[0]!);
  const intervalMs = timesMs[1]! - timesMs[0]!;
  const candles: { afterMs: number; firstMs: number; values: number[] }[] = [];
  for (const [index, timeMs] of timesMs.entries()) {
    const beforeMs = timeMs - intervalMs;
    const price = last[index]!;
    if (candles.length === 0 || isCut(beforeMs, timeMs)) {
      const values = [price, price, price, price, 0, 0];
      candles.push({ afterMs: beforeMs, firstMs: timeMs, values });
    }
    const { values } = candles.at(-1)!;
    values[1] = Math.max(values[1]!, price);
    values[2] = Math.min(values[2]!, price);
    values[3] = price;
    values[4]! += volume[index]!;
    values[5]! += trades[index]!;
  }
  return candles;
}
