import { indexFrom } from '../market/grid.ts';
import type { Resolution } from '../market/resolution.ts';
import type { Candles } from './candles.ts';
import type { History } from './history.ts';

type Among = Pick<History, 'market' | 'timeline'>;

/**
 * Whether the candle that begins at `startMs` has held rows of `column` alone, in which nothing
 * could be traded; of the rows before row `next`. It is arithmetic: 0.2 us.
 */
export function isHeldCandle(
  { market, timeline }: Among,
  column: number,
  resolution: Resolution,
  startMs: number,
  next: number,
): boolean {
  const { grid } = market;
  const from = Math.max(0, indexFrom(grid, startMs));
  const end = indexFrom(grid, resolution.startOf(resolution.numberOf(startMs) + 1));
  return timeline.areHeld(column, from, Math.min(end, next));
}

/** Of each candle 1 if it has held rows alone, else 0. */
export function heldAmong(
  { time, next }: Pick<Candles, 'time' | 'next'>,
  history: Among,
  column: number,
  resolution: Resolution,
): Uint8Array {
  return Uint8Array.from(time, (startMs) =>
    Number(isHeldCandle(history, column, resolution, startMs, next)),
  );
}

/** Candles of a column without those of held rows alone: what charts of shares show. */
export function withoutHeld(
  candles: Candles,
  history: Among,
  column: number,
  resolution: Resolution,
): Candles {
  const held = heldAmong(candles, history, column, resolution);
  const keep = <V>(values: readonly V[]) => values.filter((_, n) => held[n] === 0);
  const lists = Object.entries(candles).map(([name, values]) => [
    name,
    Array.isArray(values) ? keep(values) : values,
  ]);
  const closed = held.subarray(0, candles.closed).filter((is) => is === 0).length;
  return { ...(Object.fromEntries(lists) as Candles), closed };
}
