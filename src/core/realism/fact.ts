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

/** Facts whose names are known one by one. */
export function factList<const Id extends string>(
  facts: readonly (Fact & { readonly id: Id })[],
): readonly (Fact & { readonly id: Id })[] {
  return facts;
}
