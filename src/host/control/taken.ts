import { describeEffect } from '../../core/market/entries/effects.ts';
import type { Entry } from '../../core/market/entries/entry.ts';
import { timeOf } from '../../core/market/grid.ts';
import type { Timeline } from '../../core/timeline/timeline.ts';
import type { Taken } from './director.ts';

/** What is answered of an entry that `timeline` has. */
export function takenOf(timeline: Timeline, entry: Entry, isProvisional: boolean): Taken {
  const { index } = entry;
  return {
    ...entry,
    timeMs: timeOf(timeline.grid, index),
    id: timeline.idAt(index),
    isProvisional,
  };
}

/** An entry as users say it, and as the log has it. */
export function describeEntry({ key, index, name, effects }: Entry) {
  const named = name === undefined ? {} : { name };
  return { key, index, ...named, effects: effects.map(describeEffect) };
}
