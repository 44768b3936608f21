import type { Fact, Range } from './fact.ts';
import { FACTS_OF_DAYS, FACTS_OF_PAIRS } from './facts-of-days.ts';
import { FACTS_OF_SECONDS, FACTS_OF_TRADES } from './facts-of-rows.ts';

/** How a number lies to the range reported. */
export type Verdict = 'inside' | 'below' | 'above' | 'unknown';

/** A fact as found in one market, with the range that it was judged by. */
export interface MeasuredFact extends Range {
  readonly id: FactId;
  /** Null if it could not be measured. */
  readonly value: number | null;
  readonly verdict: Verdict;
  /** Why it could not be measured. */
  readonly reason?: string;
  /** Whether so little was looked at that another look might say otherwise. */
  readonly isUncertain?: boolean;
}

/** What was found; a text says why there is no number. */
export type Found = number | string;

export type { Fact, Range } from './fact.ts';

/** The facts of one instrument. */
export const OWN_FACTS = [...FACTS_OF_SECONDS, ...FACTS_OF_TRADES, ...FACTS_OF_DAYS];

export const FACTS = [...OWN_FACTS, ...FACTS_OF_PAIRS];

export type FactId = (typeof FACTS)[number]['id'];
/** The facts that a market has, and no single instrument. */
export type PairFactId = (typeof FACTS_OF_PAIRS)[number]['id'];
export type OwnFactId = (typeof OWN_FACTS)[number]['id'];

export function factOf(id: FactId): Fact {
  return FACTS.find((fact) => fact.id === id)!;
}

/** A fact of which `looked` was looked at, in the unit of its group; `isShare` of a share. */
export function measuredFact(
  id: FactId,
  found: Found,
  looked: number,
  isShare: boolean,
): MeasuredFact {
  const fact = factOf(id);
  const { low, high } = (isShare ? undefined : fact.others) ?? fact;
  if (typeof found === 'string') {
    return { id, value: null, low, high, verdict: 'unknown', reason: found };
  }
  const isUncertain = fact.settles === null || looked < fact.settles;
  const verdict = verdictOf(found, { low, high });
  return { id, value: found, low, high, verdict, ...(isUncertain ? { isUncertain } : {}) };
}

export function verdictOf(value: number | null, { low, high }: Range): Verdict {
  if (value === null) return 'unknown';
  if (low !== null && value < low) return 'below';
  return high !== null && value > high ? 'above' : 'inside';
}
