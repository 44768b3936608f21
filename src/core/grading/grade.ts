import type { Graded } from './truth.ts';

/** Records that have something in common: how many, and the first ranges of them. */
export interface Listed {
  readonly count: number;
  /** First and last of each range: times in milliseconds; of trades their numbers. */
  readonly ranges: readonly (readonly [first: number, last: number])[];
  /** Whether there are more ranges than these. */
  readonly isCut: boolean;
}

/** A value that is not what it should be. */
export interface WrongValue {
  /** When; of a trade its number. */
  readonly at: number;
  readonly field: string;
  /** As it was recorded; a number where it was one. */
  readonly given: number | string;
  readonly true: number;
}

/** What was recorded of an instrument. */
export interface SymbolGrade {
  readonly right: boolean;
  readonly records: number;
  readonly missing: Listed;
  readonly twice: Listed;
  /** Behind one that comes after it. */
  readonly outOfOrder: Listed;
  /** How many values, and the first of them. */
  readonly wrong: { readonly count: number; readonly first: readonly WrongValue[] };
  /** Where no record can be: off the grid, before the first, behind the newest. */
  readonly offGrid: { readonly count: number; readonly first: readonly number[] };
  /** So late that it is not known any more whether they are there twice. */
  readonly tooLate: number;
}

/** What can be wrong with a recording. */
export type Sin = 'missing' | 'twice' | 'outOfOrder' | 'wrong' | 'offGrid' | 'tooLate';

/** What became of the strikes of a kind, each counted for each symbol that was graded. */
export interface KindGrade {
  readonly strikes: number;
  /** Nothing is left of them. */
  readonly recovered: number;
  /** What they did was found. */
  readonly notRecovered: number;
}

/** What was found, beside what was done on the way. */
export interface FaultsGrade {
  readonly profile: string;
  readonly seed: number;
  readonly kinds: Readonly<Record<string, KindGrade>>;
  /** What no strike has caused. */
  readonly noExcuse: Readonly<Record<Sin, number>>;
}

/** What was recorded, held against what is true. */
export interface Grade {
  readonly right: boolean;
  readonly what: Graded;
  /** The id of the market at the newest row that was graded. */
  readonly market: string;
  /** Times of the first and last that were to be there; null where each symbol has its own. */
  readonly from: number | null;
  readonly until: number | null;
  readonly records: number;
  /** Records before and behind the range that was to be graded, which were let be. */
  readonly outside: number;
  readonly symbols: Readonly<Record<string, SymbolGrade>>;
  /** Symbols that the market does not have: how many records, and the first names. */
  readonly unknownSymbols: { readonly count: number; readonly names: readonly string[] };
  /** If it was recorded under faults. */
  readonly faults?: FaultsGrade;
  /** What may be wrong with the question instead. */
  readonly hint?: string;
}

/** Whether nothing is left. */
export function isRight(grade: Omit<SymbolGrade, 'right'>): boolean {
  const { missing, twice, outOfOrder, wrong, offGrid, tooLate } = grade;
  const left = missing.count + twice.count + outOfOrder.count + wrong.count + offGrid.count;
  return left + tooLate === 0;
}
