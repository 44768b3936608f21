import { type Grid, timeOf } from '../market/grid.ts';
import type { Key } from '../random/threefry.ts';
import type { Clause } from './clause.ts';
import { isOfSymbols } from './kinds.ts';
import type { Faults } from './profile.ts';
import {
  decidingWord,
  keyOfClause,
  type Strike,
  strikeOf,
  thresholdOf,
  WHOLE_ROW,
} from './strike.ts';

const NONE: readonly Strike[] = [];

/** Keys that one keeps, of some 40 bytes each: of 10,000 instruments those of one clause. */
const MOST_KEYS = 2 ** 14;

/** A clause whose draws are known. */
export interface Ruling {
  readonly clause: Clause;
  /** Its place in the profile. */
  readonly place: number;
  /** Its place among those of its kind. */
  readonly ordinal: number;
  /** It strikes where the deciding word is below. */
  readonly threshold: number;
  /** By column; of whole rows there is one. Made when they are asked for, and not all kept. */
  readonly keys: Key[];
}

/**
 * What is done to the rows of a market under a profile: a pure function of the fault seed, the
 * clause, the symbol and the index, so whoever asks is told the same. No clause knows of another.
 */
export class Decider {
  readonly faults: Faults;
  readonly grid: Grid;
  /** Of all instruments of the market, in its order. */
  readonly symbols: readonly string[];
  /** What holds for a connection from its start; no row is struck by it. */
  readonly standing: readonly Strike[];
  readonly ofRows: readonly Ruling[];
  readonly ofSymbols: readonly Ruling[];
  #keptKeys = 0;
  #derivedKeys = 0;

  constructor(faults: Faults, grid: Grid, symbols: readonly string[]) {
    this.faults = faults;
    this.grid = grid;
    this.symbols = symbols;
    const { clauses } = faults.profile;
    const rulings = clauses.map((clause, place): Ruling => {
      const ordinal = clauses.slice(0, place).filter(({ kind }) => kind === clause.kind).length;
      const { when } = clause;
      const threshold = when.unit === 'rate' ? thresholdOf(when.perMillion) : 0;
      return { clause, place, ordinal, threshold, keys: [] };
    });
    const struck = rulings.filter(({ clause }) => clause.when.unit !== 'always');
    this.ofRows = struck.filter(({ clause }) => !isOfSymbols(clause.kind));
    this.ofSymbols = struck.filter(({ clause }) => isOfSymbols(clause.kind));
    this.standing = rulings
      .filter(({ clause }) => clause.when.unit === 'always')
      .map((ruling) => this.strike(ruling, 0, 0));
  }

  /** The strikes on the whole of row `index`, in the order of their clauses. */
  strikes(index: number): readonly Strike[] {
    return this.#strikes(this.ofRows, index, 0);
  }

  /** The strikes on one instrument at row `index`: `corrupt` and `stale`. */
  strikesOf(index: number, column: number): readonly Strike[] {
    return this.#strikes(this.ofSymbols, index, column);
  }

  /** How many keys it has derived so far, which is what most of its time goes to. */
  get derivedKeys(): number {
    return this.#derivedKeys;
  }

  /** The key of a clause; of those of whole rows, `column` is 0. */
  keyOf(ruling: Ruling, column: number): Key {
    const { clause, ordinal, keys } = ruling;
    const known: Key | undefined = keys[column];
    if (known !== undefined) return known;
    const symbol = isOfSymbols(clause.kind) ? this.symbols[column] : WHOLE_ROW;
    const key = keyOfClause(this.faults.seed, clause.kind, ordinal, symbol);
    this.#derivedKeys += 1;
    if (this.#keptKeys < MOST_KEYS) {
      this.#keptKeys += 1;
      keys[column] = key;
    }
    return key;
  }

  /** How a clause strikes at row `index`, if it does. */
  strike(ruling: Ruling, index: number, column: number): Strike {
    const { place: clause } = ruling;
    const key = this.keyOf(ruling, column);
    return strikeOf(ruling.clause, { clause, key, symbols: this.symbols, column }, index);
  }

  #strikes(rulings: readonly Ruling[], index: number, column: number): readonly Strike[] {
    let found: Strike[] | undefined;
    for (const ruling of rulings) {
      if (!this.#isStruck(ruling, index, column)) continue;
      found ??= [];
      found.push(this.strike(ruling, index, column));
    }
    return found ?? NONE;
  }

  #isStruck(ruling: Ruling, index: number, column: number): boolean {
    const { when } = ruling.clause;
    if (when.unit === 'period') return isFirstOfPeriod(this.grid, index, when.ms);
    return decidingWord(this.keyOf(ruling, column), index) < ruling.threshold;
  }
}

/** Whether a multiple of `periodMs` since the Unix epoch lies behind the row before `index`. */
function isFirstOfPeriod(grid: Grid, index: number, periodMs: number): boolean {
  const timeMs = timeOf(grid, index);
  return Math.floor(timeMs / periodMs) !== Math.floor((timeMs - grid.intervalMs) / periodMs);
}
