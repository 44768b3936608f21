import { FACTS_OF_DAYS, FACTS_OF_PAIRS } from './facts-of-days.ts';
import { FACTS_OF_SECONDS, FACTS_OF_TRADES } from './facts-of-rows.ts';

/** Bounds of what is reported, included; null for a side that has none. */
export interface Range {
  readonly low: number | null;
  readonly high: number | null;
}

/** What a fact is looked for in. */
export type FactGroup = 'seconds' | 'trades' | 'days' | 'pairs';

/** What is reported of real markets in many studies: a stylised fact, in a number. */
export interface Fact extends Range {
  readonly id: string;
  readonly title: string;
  /** In one sentence, what the number says. */
  readonly meaning: string;
  readonly group: FactGroup;
  /** Bounds of what is no share, if they are others. */
  readonly others?: Range;
  /**
   * How much has to be looked at to say it of one instrument: seconds, trades or days of business,
   * by the group. Null where a single instrument is often outside in years: many show the law.
   */
  readonly settles: number | null;
  readonly source: string;
  /** What of the bounds stands in the source, and what is rounded or ours. */
  readonly basis: string;
}

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

export const FACTS = [
  ...FACTS_OF_SECONDS,
  ...FACTS_OF_TRADES,
  ...FACTS_OF_DAYS,
  ...FACTS_OF_PAIRS,
] as const satisfies readonly Fact[];

export type FactId = (typeof FACTS)[number]['id'];
/** The facts that a market has, and no single instrument. */
export type PairFactId = (typeof FACTS_OF_PAIRS)[number]['id'];
/** The facts of one instrument. */
export type OwnFactId = Exclude<FactId, PairFactId>;

export const OWN_FACTS = FACTS.filter(({ group }) => group !== 'pairs');

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
