import type { History } from '../../core/history/history.ts';
import { type Grid, sinceOf } from '../../core/market/grid.ts';
import { quoted } from '../../core/market/quoted.ts';
import { candleStart, type Resolution } from '../../core/market/resolution.ts';
import { DAY_MS } from '../../core/market/time.ts';
import { TickwellError } from '../../wire/errors.ts';
import type { Limits } from './limits.ts';

/** Whether what is asked for can be there: an answer without rows looks like a market without. */

/** The times of the first row and of the newest, as answers and errors say them. */
export interface Extent {
  readonly earliest: number;
  readonly head: number;
}

export function extentOf({ grid }: { readonly grid: Grid }, head: number): Extent {
  return { earliest: grid.originMs, head: sinceOf(grid, head) };
}

/**
 * How far ahead of the head a cursor may be, in milliseconds of the market: clocks differ. `limits`
 * are those of the moment, `limitsNow`.
 */
export function aheadMs({ intervalMs }: Grid, limits: Limits): number {
  return Math.max(limits.aheadMs, limits.aheadIntervals * intervalMs);
}

/** Whether a time was given in seconds: then it would be a time of the market. */
function isInSeconds(timeMs: number, { earliest, head }: Extent): boolean {
  const ms = timeMs * 1000;
  return Math.abs(timeMs) >= 1e8 && ms >= earliest && ms <= head;
}

/** What a time out of range must be: `rule`, unless it was given in seconds. */
export function rangeRule(rule: string, timeMs: number, extent: Extent): string {
  if (!isInSeconds(timeMs, extent)) return rule;
  return `must be in milliseconds, not in seconds, such as ${timeMs * 1000}`;
}

/** Candles that start in `[fromMs, toMs)`, and what was given for these times. */
export interface AskedRange {
  readonly fromMs: number;
  readonly toMs: number;
  readonly from: unknown;
  /** Undefined if their number was given instead. */
  readonly to?: unknown;
}

/** Throws if the candles that are asked for all lie before the first row. */
export function checkNotBefore(
  { market, head }: History,
  resolution: Resolution,
  { fromMs, toMs, from, to }: AskedRange,
): void {
  if (toMs > candleStart(resolution, market.grid.originMs)) return;
  throw beforeStart(extentOf(market, head), { fromMs, toMs, from, to });
}

/** A candle may be longer than most of its resolution: by a leap day, by a clock that is put. */
const MOST_LONGER = 1.1;
const MOST_LONGER_MS = 3 * DAY_MS;

/**
 * Throws if so many candles surely lie before the first row: then no clock of so long ago is looked
 * at.
 */
export function checkReaches(
  { market, head }: History,
  resolution: Resolution,
  { fromMs, from, count }: { readonly fromMs: number; readonly from: unknown; count: number },
): void {
  const toMs = fromMs + (count + 1) * resolution.ms * MOST_LONGER + MOST_LONGER_MS;
  if (toMs > candleStart(resolution, market.grid.originMs)) return;
  throw beforeStart(extentOf(market, head), { fromMs, toMs, from });
}

function beforeStart(extent: Extent, { fromMs, toMs, from, to }: AskedRange): TickwellError {
  const { earliest } = extent;
  const isOfFrom = to === undefined || isInSeconds(fromMs, extent);
  const plainRule = isOfFrom
    ? `must be so late that its candles reach the first row, at ${earliest}`
    : `must be after the first row, at ${earliest}`;
  const [field, timeMs, given] = isOfFrom ? ['from', fromMs, from] : ['to', toMs, to];
  const rule = rangeRule(plainRule, timeMs as number, extent);
  const message = `${field} ${rule}; given: ${quoted(given)}`;
  return new TickwellError('before_start', message, { earliest });
}

/**
 * Throws if candles are asked for behind the next that will begin: who waits for that one is
 * answered with none.
 */
export function checkNotAhead(
  { market, head }: History,
  limits: Limits,
  resolution: Resolution,
  fromMs: number,
  from: unknown,
): void {
  const extent = extentOf(market, head);
  const nextMs = resolution.startOf(resolution.numberOf(extent.head) + 1);
  const latest = Math.max(nextMs, extent.head + aheadMs(market.grid, limits));
  if (fromMs <= latest) return;
  const rule = `must be at most ${latest}, soon after the newest row`;
  const details = { head: extent.head };
  throw new TickwellError('cursor_ahead', `from ${rule}; given: ${quoted(from)}`, details);
}

/** Throws if one candle takes more rows than may be folded at a time. */
export function checkWidth(
  { market, head }: History,
  { text, ms }: Resolution,
  { maxRowsPerAnswer: limit }: Limits,
): void {
  const rows = Math.min(head, Math.ceil(ms / market.grid.intervalMs));
  if (rows <= limit) return;
  const rule = `resolution must be at most ${limit} rows wide`;
  throw new TickwellError('range_too_large', `${rule}; given: ${text}, of ${rows}`, { limit });
}
