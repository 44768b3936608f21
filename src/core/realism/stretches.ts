import type { Market } from '../market/market.ts';
import { type Calendar, calendarOf } from '../market/models/calendar.ts';

/** Rows that follow one another in open hours, the one at the close included: `[from, next)`. */
export interface Stretch {
  readonly from: number;
  readonly next: number;
}

/** When a column trades; undefined of one that always does. */
export function calendarOfColumn(market: Market, column: number): Calendar | undefined {
  const { calendar } = market.instruments[column]!;
  return calendar === 'always' ? undefined : calendarOf(calendar, 1, market.grid);
}

/** What of the rows `[from, next)` of a column is in open hours, by stretches without a gap. */
export function openStretches(
  market: Market,
  column: number,
  from: number,
  next: number,
): Stretch[] {
  const open = market.openRowsOf(column);
  if (open === undefined) return from < next ? [{ from, next }] : [];
  const stretches: Stretch[] = [];
  for (let at = from; at < next; ) {
    const stretch = open.stretchOf(at);
    const stop = Math.min(next, stretch.next);
    const before = stretches.at(-1);
    if (stretch.isOpen && before?.next === at) {
      stretches[stretches.length - 1] = { from: before.from, next: stop };
    } else if (stretch.isOpen) stretches.push({ from: at, next: stop });
    at = stop;
  }
  return stretches;
}
