import type { Prices } from '../../src/core/market/dtype.ts';
import { BLOCK_ROWS } from '../../src/core/market/grid.ts';
import type { Market } from '../../src/core/market/market.ts';

/** The prices of a market by `fillBlock` alone: without ring, history, server or wire. */
export class Truth {
  readonly market: Market;
  readonly #blocks: Prices[][];

  constructor(market: Market) {
    this.market = market;
    this.#blocks = market.instruments.map(() => []);
  }

  price(column: number, index: number): number {
    const block = Math.floor(index / BLOCK_ROWS);
    return this.#block(column, block)[index - block * BLOCK_ROWS];
  }

  /** The first of the rows from `from` on that is not as it must be; -1 if all are right. */
  firstWrong(prices: ArrayLike<number>, column: number, from: number): number {
    for (let row = 0; row < prices.length; ) {
      const block = Math.floor((from + row) / BLOCK_ROWS);
      const right = this.#block(column, block);
      const shift = from - block * BLOCK_ROWS;
      const end = Math.min(prices.length, BLOCK_ROWS - shift);
      for (; row < end; row++) if (prices[row] !== right[shift + row]) return from + row;
    }
    return -1;
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
