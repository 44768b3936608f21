import type { InstrumentInfo, RowColumns, Rows } from '../client/index.ts';

/** What the page follows of each row. */
export const FOLLOWED = ['last', 'status'] as const;
export type FollowedRows = Rows<typeof FOLLOWED>;

/** Rows as the page uses them: some of the market's columns, found by their numbers. */
export interface ColumnRows extends Pick<FollowedRows, 'since' | 'until' | 'prices'> {
  readonly statuses: RowColumns;
  /** Which of both is that of a column of the market. */
  readonly places: ReadonlyMap<number, number>;
}

/** Finds the columns of rows. */
export class Columns {
  readonly #columnOf: ReadonlyMap<string, number>;
  #symbols: readonly string[] = [];
  #places: ReadonlyMap<number, number> = new Map();

  constructor(instruments: readonly InstrumentInfo[]) {
    this.#columnOf = new Map(instruments.map(({ symbol }, column) => [symbol, column]));
  }

  /** The rows of a subscription share one list of symbols: it is read once. */
  read({ since, until, prices, values, symbols }: FollowedRows): ColumnRows {
    if (symbols !== this.#symbols) {
      this.#symbols = symbols;
      this.#places = new Map(symbols.map((symbol, place) => [this.#columnOf.get(symbol)!, place]));
    }
    return { since, until, prices, statuses: values.status, places: this.#places };
  }
}
