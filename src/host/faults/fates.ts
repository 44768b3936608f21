import { Decider } from '../../core/faults/decider.ts';
import type { Faults } from '../../core/faults/profile.ts';
import type { Strike } from '../../core/faults/strike.ts';
import type { Market } from '../../core/market/market.ts';
import { drawsCost } from '../budgets/ledger-cost.ts';

/** Of so many newest rows it is known what is done to them, and to their instruments. */
const MOST_ROWS = 64;
const MOST_SYMBOL_ROWS = 4;
/** Faults that are shared by whoever has the same; who has others decides alone. */
const MOST_FATES = 256;
/** What they may draw for a row in all, of which each takes some 15 bytes: 30 MB. */
const MOST_DRAWS = 2 ** 21;

/** The header that says by which faults an answer came, or a connection is struck. */
export const FAULTS_HEADER = 'Tickwell-Faults';

/** Faults in one text, as headers say it. */
export function faultsText({ profile, seed }: Faults): string {
  return `${profile.text};seed=${seed}`;
}

/** What is done to rows under one profile and seed: decided once for all who have the same. */
export class Fate {
  readonly faults: Faults;
  /** What holds for a connection from its start. */
  readonly standing: readonly Strike[];
  readonly #decider: Decider;
  readonly #columns: number;
  readonly #ofRow = new Map<number, readonly Strike[]>();
  readonly #ofSymbols = new Map<number, SymbolRow>();
  #draws = 0;

  constructor(faults: Faults, { grid, symbols }: Market) {
    this.faults = faults;
    this.#decider = new Decider(faults, grid, symbols);
    this.standing = this.#decider.standing;
    this.#columns = symbols.length;
  }

  /** The strikes on the whole of a row. */
  strikes(index: number): readonly Strike[] {
    let strikes = this.#ofRow.get(index);
    if (strikes === undefined) {
      strikes = this.#decider.strikes(index);
      keep(this.#ofRow, index, strikes, MOST_ROWS);
    }
    return strikes;
  }

  /** Whether instruments are ever struck one by one. */
  get hasSymbols(): boolean {
    return this.#decider.ofSymbols.length > 0;
  }

  /** How often it draws for a row with all its instruments. */
  get draws(): number {
    return this.#decider.ofSymbols.length * this.#columns;
  }

  /** What it has cost so far, as `cost.ts` counts, to decide on instruments. */
  get cost(): number {
    return drawsCost(this.#draws, this.#decider.derivedKeys);
  }

  /** The strikes on one instrument of a row. */
  strikesOf(index: number, column: number): readonly Strike[] {
    let row = this.#ofSymbols.get(index);
    if (row === undefined) {
      row = { isKnown: new Uint8Array(this.#columns), struck: new Map() };
      keep(this.#ofSymbols, index, row, MOST_SYMBOL_ROWS);
    }
    if (row.isKnown[column] === 0) {
      row.isKnown[column] = 1;
      this.#draws += this.#decider.ofSymbols.length;
      const strikes = this.#decider.strikesOf(index, column);
      if (strikes.length > 0) row.struck.set(column, strikes);
    }
    return row.struck.get(column) ?? NONE;
  }
}

/** What is done to the instruments of a row: few are struck, so few are kept. */
interface SymbolRow {
  /** 1 of those that were asked for. */
  readonly isKnown: Uint8Array;
  readonly struck: Map<number, readonly Strike[]>;
}

const NONE: readonly Strike[] = [];

function keep<T>(map: Map<number, T>, index: number, value: T, most: number): void {
  map.set(index, value);
  if (map.size > most) map.delete(map.keys().next().value!);
}

/** The fates of a market, by what they are of. */
export class Fates {
  readonly #market: Market;
  readonly #fates = new Map<string, Fate>();
  #draws = 0;

  constructor(market: Market) {
    this.#market = market;
  }

  of(faults: Faults): Fate {
    const key = faultsText(faults);
    const known = this.#fates.get(key);
    const fate = known ?? new Fate(faults, this.#market);
    // The one that was asked for last is last.
    this.#fates.delete(key);
    this.#fates.set(key, fate);
    if (known === undefined) this.#draws += fate.draws;
    this.#forgetOldest();
    return fate;
  }

  /** How many it has at hand. */
  get size(): number {
    return this.#fates.size;
  }

  #forgetOldest(): void {
    for (const [key, { draws }] of this.#fates) {
      const isFull = this.#fates.size > MOST_FATES || this.#draws > MOST_DRAWS;
      if (!isFull || this.#fates.size === 1) return;
      this.#fates.delete(key);
      this.#draws -= draws;
    }
  }
}
