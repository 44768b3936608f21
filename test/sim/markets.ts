import type { Prices } from '../../src/core/market/dtype.ts';
import { newTrades, type TradeSums, type Trades } from '../../src/core/market/fields.ts';
import { BLOCK_ROWS } from '../../src/core/market/grid.ts';
import { Market, type Spec } from '../../src/core/market/market.ts';
import type { Fold } from '../../src/core/market/models/model.ts';
import { eachBlock } from '../../src/core/market/pieces.ts';
import { marketOf } from '../helpers/market.ts';
import { Truth } from './truth.ts';

export const ORIGIN = Date.UTC(2026, 0, 5);

const SPECS = [
  { seed: 1, interval: 10, count: 3 },
  { seed: 2, interval: 1000, count: 10, dtype: 'int32' },
  { seed: 3, interval: 250, count: 4, dtype: 'int8' },
  { seed: 4, interval: 10, count: 3, dtype: 'float64', defaults: { model: 'gbm' } },
  { seed: 5, interval: 1000, count: 6, dtype: 'uint32' },
  // Months, and clocks that are put.
  { seed: 6, interval: 21_600_000, count: 3, dtype: 'uint16' },
];

/** What has been made of a market, whatever its capacity: by column and block. */
class Known {
  readonly blocks = new Map<string, Prices>();
  readonly trades = new Map<string, Trades>();
}

/** A market that makes each block once in a lifetime: what is made is not what is tested here. */
class KnownMarket extends Market {
  readonly #blocks: Map<string, Prices>;
  readonly #trades: Map<string, Trades>;

  constructor(spec: Spec, { blocks, trades }: Known) {
    super(spec);
    this.#blocks = blocks;
    this.#trades = trades;
  }

  override fillBlock(out: Prices, column: number, block: number): void {
    out.set(this.#pricesOf(column, block));
  }

  override fold(fold: Fold, column: number, from: number, next: number): void {
    for (const { number, at, stop } of eachBlock(from, next)) {
      fold.addPrices(this.#pricesOf(column, number), at, stop);
    }
  }

  override foldTrades(sums: TradeSums, column: number, from: number, next: number): void {
    for (const { number, at, stop } of eachBlock(from, next)) {
      sums.add(this.#tradesOf(column, number), at, stop);
    }
  }

  override fillTrades(
    out: Trades,
    column: number,
    block: number,
    from = 0,
    next = BLOCK_ROWS,
  ): void {
    const trades = this.#tradesOf(column, block);
    for (const field of ['bid', 'ask', 'volume', 'trades', 'aggressor'] as const) {
      out[field].set(trades[field].subarray(from, next), from);
    }
  }

  #pricesOf(column: number, block: number): Prices {
    const key = `${column} ${block}`;
    let prices = this.#blocks.get(key);
    if (prices === undefined) {
      prices = this.newPrices(BLOCK_ROWS);
      super.fillBlock(prices, column, block);
      this.#blocks.set(key, prices);
    }
    return prices;
  }

  #tradesOf(column: number, block: number): Trades {
    const key = `${column} ${block}`;
    let trades = this.#trades.get(key);
    if (trades === undefined) {
      trades = newTrades(this.spec.dtype, BLOCK_ROWS);
      super.fillTrades(trades, column, block);
      this.#trades.set(key, trades);
    }
    return trades;
  }
}

const plain = SPECS.map((spec) => marketOf({ ...spec, origin: ORIGIN }));
const known = SPECS.map(() => new Known());
const truths = plain.map((market) => new Truth(market));
const markets = new Map<string, Market>();

/** The market `number`, as a server with a ring of `capacity` rows has it. */
export function marketWith(number: number, capacity: number): Market {
  const key = `${number} ${capacity}`;
  let market = markets.get(key);
  if (market === undefined) {
    market = new KnownMarket({ ...plain[number].spec, capacity }, known[number]);
    markets.set(key, market);
  }
  return market;
}

export function truthOf(number: number): Truth {
  return truths[number];
}
