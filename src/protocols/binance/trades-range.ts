import type { Rows } from '../../core/market/rows.ts';
import { tradesUntil } from '../../core/market/trades-until.ts';
import type { Moment } from './parameters.ts';

/** The trades `[from, next)` of a column, by their numbers. */
export interface TradesRange {
  readonly column: number;
  readonly from: number;
  readonly next: number;
  /** Whether the same will always be the answer. */
  readonly isFinal: boolean;
}

/** What is asked for of the trades of a column. */
export interface AskedTrades {
  readonly column: number;
  readonly fromId?: number | undefined;
  readonly start?: Moment | undefined;
  readonly end?: Moment | undefined;
  readonly limit: number;
}

/**
 * The trades of rows before `head` that are meant: the oldest from a number or a time on, but none
 * behind `end`; or the newest, up to `end`.
 */
export function tradesRange(rows: Rows, head: number, asked: AskedTrades): TradesRange {
  const { column, fromId, start, end, limit } = asked;
  const all = rows.tradesBefore(column, head);
  const stop = end === undefined ? all : tradesUntil(rows, column, head, end.last);
  // What happens later is not before `end`, if a later trade is not.
  const isPast = end !== undefined && stop < all;
  const first =
    fromId ?? (start === undefined ? undefined : tradesUntil(rows, column, head, start.first - 1));
  if (first === undefined) {
    return { column, from: Math.max(0, stop - limit), next: stop, isFinal: isPast };
  }
  const from = Math.min(first, stop);
  const next = Math.min(stop, from + limit);
  return { column, from, next, isFinal: isPast || next - from === limit };
}
