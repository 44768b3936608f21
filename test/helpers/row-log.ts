import type { Prices } from '../../src/core/market/dtype.ts';
import { BLOCK_ROWS } from '../../src/core/market/grid.ts';
import type { Market } from '../../src/core/market/market.ts';

/** The rows with `since < time <= until`, as a client has them. */
export interface LoggedRows {
  readonly since: number;
  readonly until: number;
  readonly prices: readonly ArrayLike<number>[];
}

/** The prices of a market as the core makes them, without ring, history, server or wire. */
export class Oracle {
  readonly market: Market;
  readonly #blocks = new Map<string, Prices>();

  constructor(market: Market) {
    this.market = market;
  }

  price(column: number, index: number): number {
    const number = Math.floor(index / BLOCK_ROWS);
    const key = `${column} ${number}`;
    let block = this.#blocks.get(key);
    if (block === undefined) {
      block = this.market.newPrices(BLOCK_ROWS);
      this.market.fillBlock(block, column, number);
      this.#blocks.set(key, block);
    }
    return block[index - number * BLOCK_ROWS];
  }
}

/** What one reader was given, held against what it must be given: every row once, in order. */
export class RowLog {
  rows = 0;
  frames = 0;
  gaps = 0;
  duplicates = 0;
  /** Prices that are not the core's, or that are missing or too many. */
  differences = 0;
  readonly #oracle: Oracle;
  readonly #columns: readonly number[];
  #cursorMs: number;

  constructor(oracle: Oracle, columns: readonly number[], sinceMs: number) {
    this.#oracle = oracle;
    this.#columns = columns;
    this.#cursorMs = sinceMs;
  }

  /** Time of the last row. */
  get cursorMs(): number {
    return this.#cursorMs;
  }

  get faults(): number {
    return this.gaps + this.duplicates + this.differences;
  }

  take({ since, until, prices }: LoggedRows): void {
    const { originMs, intervalMs } = this.#oracle.market.grid;
    const rows = (until - since) / intervalMs;
    const first = (since - originMs) / intervalMs + 1;
    if (since > this.#cursorMs) this.gaps += 1;
    if (since < this.#cursorMs) this.duplicates += 1;
    if (prices.length !== this.#columns.length) this.differences += 1;
    for (const [n, column] of this.#columns.entries()) {
      if (prices[n]?.length !== rows) this.differences += 1;
      for (let row = 0; row < rows; row++) {
        if (prices[n]?.[row] !== this.#oracle.price(column, first + row)) this.differences += 1;
      }
    }
    this.#cursorMs = until;
    this.frames += 1;
    this.rows += rows;
  }
}
