import { indexFrom } from '../market/grid.ts';
import type { Resolution } from '../market/resolution.ts';
import type { Candles } from './candles.ts';
import type { History } from './history.ts';

/**
 * Candles of a column without those of held rows alone, in which nothing could be traded: what
 * charts of shares show. Finding them is arithmetic: 0.2 us each.
 */
export function withoutHeld(
  candles: Candles,
  { market, timeline }: History,
  column: number,
  resolution: Resolution,
): Candles {
  const { grid } = market;
  const isKept = candles.time.map((startMs) => {
    const from = Math.max(0, indexFrom(grid, startMs));
    const end = indexFrom(grid, resolution.startOf(resolution.numberOf(startMs) + 1));
    return !timeline.areHeld(column, from, Math.min(end, candles.next));
  });
  const keep = <V>(values: readonly V[]) => values.filter((_, n) => isKept[n]);
  const lists = Object.entries(candles).map(([name, values]) => [
    name,
    Array.isArray(values) ? keep(values) : values,
  ]);
  const closed = isKept.slice(0, candles.closed).filter((kept) => kept).length;
  return { ...(Object.fromEntries(lists) as Candles), closed };
}
