import { timeOf } from '../market/grid.ts';
import type { Market } from '../market/market.ts';
import { type Calendar, calendarOf, newSession } from '../market/models/calendar.ts';
import { DAY_MS } from '../market/time.ts';

/** Rows that follow one another in open hours, the one at the close included: `[from, next)`. */
export interface Stretch {
  readonly from: number;
  readonly next: number;
}

/** When a column trades; undefined of models that always do. */
export function calendarOfColumn(market: Market, column: number): Calendar | undefined {
  const { model } = market.instruments[column]!;
  if (model.kind !== 'market' || model.calendar === 'always') return undefined;
  return calendarOf(model.calendar, model.weekend, market.grid);
}

/** What of the rows `[from, next)` of a column is in open hours, by stretches without a gap. */
export function openStretches(
  market: Market,
  column: number,
  from: number,
  next: number,
): Stretch[] {
  const calendar = calendarOfColumn(market, column);
  if (calendar === undefined) return from < next ? [{ from, next }] : [];
  const { grid } = market;
  const { originMs, intervalMs } = grid;
  const rowFrom = (ms: number) => Math.ceil((ms - originMs) / intervalMs);
  const session = newSession();
  const stretches: Stretch[] = [];
  const endMs = timeOf(grid, next);
  for (let timeMs = timeOf(grid, from); timeMs < endMs; ) {
    const utcDay = Math.floor(timeMs / DAY_MS);
    calendar.sessionAt(session, utcDay, timeMs - utcDay * DAY_MS);
    const openMs = utcDay * DAY_MS + session.startMs;
    const closeMs = openMs + session.lengthMs;
    // The row at the close has what happened until then.
    const stop = Math.min(next, Math.floor((closeMs - originMs) / intervalMs) + 1);
    const before = stretches.at(-1);
    if (before !== undefined && session.gap === 0) {
      stretches[stretches.length - 1] = { from: before.from, next: Math.max(before.next, stop) };
    } else {
      const first = Math.max(from, rowFrom(openMs));
      if (first < stop) stretches.push({ from: first, next: stop });
    }
    timeMs = closeMs;
  }
  return stretches;
}
