import type { Prices } from '../../src/core/market/dtype.ts';
import { type Field, newTrades, type Trades } from '../../src/core/market/fields.ts';
import { BLOCK_ROWS } from '../../src/core/market/grid.ts';
import type { Market } from '../../src/core/market/market.ts';

/** The rows of a market by its blocks alone: without ring, history, server or wire. */
export class Truth {
  readonly market: Market;
  readonly #blocks: Prices[][];
  readonly #trades: Trades[][];

  constructor(market: Market) {
    this.market = market;
    this.#blocks = market.instruments.map(() => []);
    this.#trades = market.instruments.map(() => []);
  }

  price(column: number, index: number): number {
    const block = Math.floor(index / BLOCK_ROWS);
    return this.#block(column, block)[index - block * BLOCK_ROWS];
  }

  /** The first of the rows from `from` on that is not as it must be; -1 if all are right. */
  firstWrong(field: Field, values: ArrayLike<number>, column: number, from: number): number {
    for (let row = 0; row < values.length; ) {
      const block = Math.floor((from + row) / BLOCK_ROWS);
      const right =
        field === 'last' ? this.#block(column, block) : this.#tradesOf(column, block)[field];
      const shift = from - block * BLOCK_ROWS;
      const end = Math.min(values.length, BLOCK_ROWS - shift);
      for (; row < end; row++) if (values[row] !== right[shift + row]) return from + row;
    }
    return -1;
  }

  #tradesOf(column: number, block: number): Trades {
    const known = this.#trades[column];
    let trades = known[block];
    if (trades === undefined) {
      trades = newTrades(this.market.spec.dtype, BLOCK_ROWS);
      this.market.fillTrades(trades, column, block);
      known[block] = trades;
    }
    return trades;
  }

  #block(column: number, block: number): Prices {
    const known = this.#blocks[column];
    let prices = known[block];
    if (prices === undefined) {
      prices = this.market.newPrices(BLOCK_ROWS);
      this.market.fillBlock(prices, column, block);
      known[block] = prices;
    }
    return prices;
  }
}
