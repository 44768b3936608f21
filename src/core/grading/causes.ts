import type { FaultKind } from '../faults/kinds.ts';
import type { Strike } from '../faults/strike.ts';
import type { Sin } from './grade.ts';

/** What a strike of a kind can do to a recording. */
export interface Causes {
  /** What can be found of the record that tells of its row. */
  readonly ofItself: readonly Sin[];
  /**
   * Whether what is sent behind it may be lost, or be asked for again: because a connection or an
   * answer `breaks`, or because it `waits` until somebody gives up.
   */
  readonly behindIt?: 'breaks' | 'waits';
}

const breaks: Causes = { ofItself: [], behindIt: 'breaks' };
const waits: Causes = { ofItself: [], behindIt: 'waits' };

/**
 * What each kind can cause. Where several strikes can have caused the same, the first of this list
 * has: those that leave their reader no choice come first.
 */
export const CAUSES: Readonly<Record<FaultKind, Causes>> = {
  drop: { ofItself: ['missing', 'outOfOrder'] },
  cut: breaks,
  close: breaks,
  halfopen: breaks,
  garbage: { ofItself: ['missing', 'outOfOrder'], behindIt: 'breaks' },
  status: breaks,
  truncate: breaks,
  duplicate: { ofItself: ['twice'] },
  reorder: { ofItself: ['missing', 'outOfOrder'] },
  corrupt: { ofItself: ['wrong', 'missing', 'outOfOrder'] },
  stale: { ofItself: ['wrong'] },
  // What else it does is found by its time: see `skews.ts`.
  skew: { ofItself: ['missing', 'outOfOrder'] },
  // Where it is overtaken it is of itself what `reorder` is.
  delay: waits,
  stall: waits,
  burst: waits,
  throttle: waits,
  slow: waits,
};

const RANK = new Map(Object.keys(CAUSES).map((kind, rank) => [kind, rank]));

/** Of strikes on a row, the one that most surely causes this of its record. */
export function causeOf(sin: Sin, strikes: readonly Strike[]): Strike | undefined {
  return first(strikes, (strike) => {
    if (strike.kind === 'delay' && strike.overtake) return CAUSES.reorder.ofItself.includes(sin);
    return CAUSES[strike.kind].ofItself.includes(sin);
  });
}

/** Of strikes on a row, the one that most surely breaks what its reader has of the rows behind. */
export function breakOf(strikes: readonly Strike[]): Strike | undefined {
  return first(strikes, ({ kind }) => CAUSES[kind].behindIt !== undefined);
}

/** Whether a strike ends a connection or spoils an answer, and does not only take long. */
export function isBreaking({ kind }: Strike): boolean {
  return CAUSES[kind].behindIt === 'breaks';
}

function first(strikes: readonly Strike[], is: (strike: Strike) => boolean): Strike | undefined {
  let found: Strike | undefined;
  for (const strike of strikes) {
    if (!is(strike)) continue;
    if (found === undefined || RANK.get(strike.kind)! < RANK.get(found.kind)!) found = strike;
  }
  return found;
}
