import { type CandleLists, candleValues, newCandleLists } from '../market/candle-lists.ts';
import { indexFrom } from '../market/grid.ts';
import type { Resolution } from '../market/resolution.ts';
import type { Candles } from './candles.ts';
import type { History } from './history.ts';
import type { CandlesWanted } from './wanted.ts';

type Among = Pick<History, 'market' | 'timeline'>;

/** The rows `[from, next)` of a candle. */
type Span = readonly [from: number, next: number];

/** Of candles that begin at times, which of the rows before row `next` they have. */
function spansOf(
  time: readonly number[],
  next: number,
  { grid }: History['market'],
  resolution: Resolution,
): readonly Span[] {
  return time.map((startMs) => {
    const end = indexFrom(grid, resolution.startOf(resolution.numberOf(startMs) + 1));
    return [Math.max(0, indexFrom(grid, startMs)), Math.min(end, next)];
  });
}

/** Of each 1 if all of its rows are held, so that nothing could be traded: 0.2 us each. */
function heldIn(timeline: History['timeline'], column: number, spans: readonly Span[]): Uint8Array {
  return Uint8Array.from(spans, ([from, next]) => Number(timeline.areHeld(column, from, next)));
}

/** Of each candle of a column 1 if it has held rows alone, else 0. */
export function heldAmong(
  { time, next }: Pick<Candles, 'time' | 'next'>,
  { market, timeline }: Among,
  column: number,
  resolution: Resolution,
): Uint8Array {
  return heldIn(timeline, column, spansOf(time, next, market, resolution));
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

/**
 * Candles of columns side by side, of the rows before row `next`, without those of held rows alone:
 * times at which all columns are held are left out, others say NaN of the columns that are.
 */
export function withoutHeldAmong(
  { fields, columns: count, time, values }: CandleLists,
  { market, timeline }: Among,
  { columns, cut: { resolution, isPaid } }: CandlesWanted,
  next: number,
): CandleLists {
  if (isPaid) throw new Error('candles that say what was paid have those of held rows too');
  const spans = spansOf(time, next, market, resolution);
  const held = columns.map((column) => heldIn(timeline, column, spans));
  const places = [...time.keys()].filter((at) => held.some((of) => of[at] === 0));
  const shown = places.map((at) => time[at]!);
  const lists = newCandleLists(fields, count, shown);
  for (const name of candleValues(fields)) {
    const [out, all] = [lists.values[name]!, values[name]!];
    for (const [n, of] of held.entries()) {
      for (const [k, at] of places.entries()) {
        out[n * places.length + k] = of[at] === 0 ? all[n * time.length + at]! : Number.NaN;
      }
    }
  }
  return { ...lists, isSparse: true };
}
