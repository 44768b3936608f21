import type { Prices } from '../../src/core/market/dtype.ts';
import { BLOCK_ROWS } from '../../src/core/market/grid.ts';
import type { Market } from '../../src/core/market/market.ts';

/** The rows with `since < time <= until`, as a client has them; `prices[column][row]`. */
export interface LoggedRows {
  readonly since: number;
  readonly until: number;
  readonly prices: readonly ArrayLike<number>[];
}

/** The prices of a market as the core makes them, without ring, history, server or wire. */
export class Oracle {
  readonly market: Market;
  readonly #blocks: readonly Map<number, Prices>[];

  constructor(market: Market) {
    this.market = market;
    this.#blocks = market.instruments.map(() => new Map());
  }

  /** How many of `prices` are not those of `column` from row `from` on. */
  differences(column: number, from: number, prices: ArrayLike<number>): number {
    let found = 0;
    for (let row = 0; row < prices.length; ) {
      const index = from + row;
      const number = Math.floor(index / BLOCK_ROWS);
      const end = Math.min(prices.length, row + (number + 1) * BLOCK_ROWS - index);
      const block = this.#block(column, number);
      for (let at = index - number * BLOCK_ROWS; row < end; row++, at++) {
        if (prices[row] !== block[at]) found++;
      }
    }
    return found;
  }

  #block(column: number, number: number): Prices {
    let block = this.#blocks[column].get(number);
    if (block === undefined) {
      block = this.market.newPrices(BLOCK_ROWS);
      this.market.fillBlock(block, column, number);
      this.#blocks[column].set(number, block);
    }
    return block;
  }
}

/** What one reader was given, held against what it must be given: every row once, in order. */
export class RowLog {
  rows = 0;
  frames = 0;
  gaps = 0;
  duplicates = 0;
  /** Prices that are not the core's, and columns that are missing or of another length. */
  differences = 0;
  /** Time of the last row. */
  cursorMs: number;
  readonly #oracle: Oracle;
  readonly #columns: readonly number[];

  constructor(oracle: Oracle, columns: readonly number[], sinceMs: number) {
    this.#oracle = oracle;
    this.#columns = columns;
    this.cursorMs = sinceMs;
  }

  get isRight(): boolean {
    return this.gaps + this.duplicates + this.differences === 0;
  }

  toString(): string {
    return `${this.gaps} gaps, ${this.duplicates} duplicates, ${this.differences} differences`;
  }

  take({ since, until, prices }: LoggedRows): void {
    const { originMs, intervalMs } = this.#oracle.market.grid;
    const rows = (until - since) / intervalMs;
    const from = (since - originMs) / intervalMs + 1;
    if (since > this.cursorMs) this.gaps += 1;
    if (since < this.cursorMs) this.duplicates += 1;
    if (prices.length !== this.#columns.length) this.differences += 1;
    for (const [n, column] of this.#columns.entries()) {
      const given = prices[n] ?? [];
      if (given.length !== rows) this.differences += 1;
      this.differences += this.#oracle.differences(column, from, given);
    }
    this.cursorMs = until;
    this.frames += 1;
    this.rows += rows;
  }
}
