import type { Strike } from '../core/faults/strike.ts';

export type { Strike } from '../core/faults/strike.ts';
export type {
  FaultsGrade,
  Grade,
  KindGrade,
  Listed,
  Sin,
  SymbolGrade,
  WrongValue,
} from '../core/grading/grade.ts';

/** A strike of a ledger, with the time of the row that it is on; `symbol` if it is of one alone. */
export type TimedStrike = { readonly time: number; readonly symbol?: string } & Strike;

/** `GET /v1/faults`: what strikes the rows with `since < time <= until`. */
export interface StrikesAnswer {
  readonly market: string;
  /** The profile in its canonical form. */
  readonly faults: string;
  readonly faultSeed: number;
  readonly since: number;
  /** Pass it as the next `since` to go on, where not all fitted. */
  readonly until: number;
  /** Time of the newest row; absent if the request named an `until`. */
  readonly head?: number;
  readonly strikes: readonly TimedStrike[];
}
