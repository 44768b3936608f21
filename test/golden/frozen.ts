import { checksum } from '../../src/core/market/checksum.ts';
import { TradeSums } from '../../src/core/market/fields.ts';
import type { Rows } from '../../src/core/market/rows.ts';
import { MAX_LEVELS, newDepth } from '../../src/core/market/trading/book.ts';
import { newEachTrade } from '../../src/core/market/trading/each-trade.ts';

/** Trades of which each is read. */
const READ = 1000;

/** What is frozen of the trading of a market's first instrument at a row. */
export interface FrozenTrading {
  /** Trades and lots before the row. */
  readonly trades: number;
  readonly volume: number;
  /** Of the 1,000 trades from there on. */
  readonly rows: string;
  readonly micros: string;
  readonly lots: string;
  /** Of the book at the row, 100 levels a side: prices, then lots. */
  readonly bids: string;
  readonly asks: string;
}

export function tradingAt(market: Rows, row: number): FrozenTrading {
  const trades = market.tradesBefore(0, row);
  const sums = new TradeSums();
  market.foldTrades(sums, 0, 0, row);
  const each = newEachTrade(READ);
  market.fillEachTrade(each, 0, trades, trades + READ);
  const depth = newDepth(MAX_LEVELS);
  market.fillDepth(depth, 0, row, MAX_LEVELS);
  const [bids, asks] = [depth.bids, depth.asks].map(({ ticks, lots, levels }) =>
    checksum(Float64Array.of(...ticks.subarray(0, levels), ...lots.subarray(0, levels))),
  ) as [string, string];
  return {
    trades,
    volume: sums.volume,
    rows: checksum(each.rows),
    micros: checksum(each.micros),
    lots: checksum(each.lots),
    bids,
    asks,
  };
}
