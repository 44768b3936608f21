import type { InstrumentInfo } from '../../client/index.ts';

/** How well an instrument answers a query; lower is better. */
const SYMBOL_IS = 0;
const SYMBOL_STARTS = 1;
const WORD_STARTS = 2;
const CONTAINS = 3;
const RANKS = 4;

/** Finds instruments by symbol or name; made once, so that a key press costs one pass over text. */
export class InstrumentSearch {
  readonly #symbols: readonly string[];
  readonly #names: readonly string[];

  constructor(instruments: readonly InstrumentInfo[]) {
    this.#symbols = instruments.map(({ symbol }) => symbol.toLowerCase());
    this.#names = instruments.map(({ name }) => name.toLowerCase());
  }

  /** The columns that answer `query`, best first; equally good ones keep their order. */
  find(query: string, columns: readonly number[]): readonly number[] {
    const wanted = query.trim().toLowerCase();
    if (wanted === '') return columns;
    const found: number[][] = Array.from({ length: RANKS }, () => []);
    for (const column of columns) {
      const rank = this.#rank(column, wanted);
      if (rank !== undefined) found[rank]!.push(column);
    }
    return found.flat();
  }

  #rank(column: number, wanted: string): number | undefined {
    const symbol = this.#symbols[column]!;
    if (symbol === wanted) return SYMBOL_IS;
    if (symbol.startsWith(wanted)) return SYMBOL_STARTS;
    const name = this.#names[column]!;
    const at = name.indexOf(wanted);
    if (at === 0 || (at > 0 && name[at - 1] === ' ')) return WORD_STARTS;
    return at > 0 || symbol.includes(wanted) ? CONTAINS : undefined;
  }
}
