import type { History } from '../../core/history/history.ts';
import { indexFrom, sinceOf, timeOf } from '../../core/market/grid.ts';
import type { Resolution } from '../../core/market/resolution.ts';
import type { Moment } from './parameters.ts';

/** The candles `[from, to)` of a resolution, by their numbers: those without rows too. */
export interface NumberedCandles {
  readonly from: number;
  readonly to: number;
  /** Whether the same will always be the answer. */
  readonly isFinal: boolean;
}

/** Which candles are asked for, by when they open. */
export interface AskedCandles {
  readonly start?: Moment | undefined;
  readonly end?: Moment | undefined;
  readonly limit: number;
}

/**
 * The candles that are meant, of those from the one of the market's first row to the one of
 * `nowMs`: the oldest from `start` on, but none that opens behind `end`; or the newest, up to it.
 */
export function candlesRange(
  { market, head }: History,
  resolution: Resolution,
  nowMs: number,
  { start, end, limit }: AskedCandles,
): NumberedCandles {
  const { grid } = market;
  const first = resolution.numberOf(grid.originMs);
  if (head === 0) return { from: first, to: first, isFinal: false };
  // Where the newest row is as old as its interval, the clock is held back or goes ahead.
  const newestMs = Math.max(sinceOf(grid, head), Math.min(nowMs, timeOf(grid, head) - 1));
  const next = resolution.numberOf(newestMs) + 1;
  const stop = end === undefined ? next : resolution.numberOf(Math.floor(end.last / 1000)) + 1;
  const to = Math.max(first, Math.min(next, stop));
  if (start === undefined) {
    const from = Math.max(first, to - limit);
    return { from, to, isFinal: stop <= next && areMade(to) };
  }
  const opensMs = Math.ceil(start.first / 1000);
  const from = Math.min(to, Math.max(first, resolution.numberOf(opensMs - 1) + 1));
  const last = Math.min(to, from + limit);
  return { from, to: last, isFinal: (last - from === limit || stop <= next) && areMade(last) };

  /** Whether candles that end with number `to` have all their rows. */
  function areMade(number: number): boolean {
    return indexFrom(grid, resolution.startOf(number)) <= head;
  }
}
