import type { History } from '../../core/history/history.ts';
import { areRare, rateOf } from '../../core/history/read-trades.ts';
import { RECENT_ROWS } from '../../core/history/trade-history.ts';
import { BLOCK_ROWS } from '../../core/market/grid.ts';
import { SEGMENTS } from '../../core/market/models/calendar.ts';
import { DAY_MS } from '../../core/market/time.ts';
import { ALONE, AROUND_ROWS, blocksBetween, LONE_COST, type Reading, TRADES_COST } from './cost.ts';
import { erasCost, type Rows } from './eras-cost.ts';
import { weightOf } from './weights.ts';
import { type Format, writingCost } from './writing-cost.ts';

/** What single trades cost, in the units of `cost.ts`. */

/** Finding out which row a trade belongs to, and how many there were before others. */
export const TRADE_LOOK_COST = 300_000;
/** One trade: its place in its row, its lots, what is passed on the way to the next. */
const TRADE_COST = 1500;
/** One of which the row must be sought, because few rows have any. */
const SOUGHT_COST = 40_000;
/** The rows around a trade that are made alone, of a block: their share of it. */
const ALONE_SHARE = 3;
/** `id`, `time`, `price`, `lots`, `side`. */
const VALUES = 5;

/**
 * Blocks that are made for so many trades of the rows `[from, next)`: none is made where there is
 * no trade.
 */
export function tradedBlocks(trades: number, [from, next]: Rows): number {
  return Math.min(trades, blocksBetween(from, next));
}

/** Finding how far the trades that fit a message go, of one column. */
const REACH_COST = 20_000;

/** Finding how far the trades of so many columns go that fit a message. */
export function tradesReachCost(columns: number): number {
  return columns * REACH_COST;
}

/** How trades are read. */
export interface TradesReading extends Reading {
  /** How many columns are read in turn. Default: this one alone. */
  readonly columns?: number;
}

/** Of `trades` trades of the rows `[from, next)` of a column. */
export function tradesCost(
  history: History,
  column: number,
  trades: number,
  rows: Rows,
  format: Format,
  { isAlone, isFirst, columns = 1 }: TradesReading = ALONE,
): number {
  if (trades === 0) return 0;
  const { market } = history;
  const areKept = history.trades.isWide || history.trades.keepsBlocksOf(columns);
  const made =
    areKept || areRare(market, column)
      ? madeCost(history, column, trades, rows)
      : aloneCost(history, column, rows);
  const found = trades * (rateOf(market, column) < 1 / 8 ? SOUGHT_COST : TRADE_COST);
  return (
    Math.ceil(made) +
    found +
    (isAlone ? LONE_COST : 0) +
    erasCost(history, [column], rows, isFirst) +
    writingCost(format, trades, VALUES)
  );
}

/** Making what the trades are read from. */
function madeCost(history: History, column: number, trades: number, rows: Rows): number {
  const { market } = history;
  const each = TRADES_COST + weightOf(market, column);
  const share = areRare(market, column) ? ALONE_SHARE : 1;
  const [from, next] = rows;
  const wanted = history.trades.isWide
    ? next - from + AROUND_ROWS
    : missingBlocks(history, column, trades, rows) * BLOCK_ROWS;
  return (wanted * each) / share;
}

/** The same where so many columns are read that no blocks are kept: the rows are made alone. */
function aloneCost({ market, trades }: History, column: number, [from, next]: Rows): number {
  if (trades.has([column], from)) return 0;
  const made =
    (trades.isNew(from) ? Math.max(next - from, RECENT_ROWS) : next - from) + AROUND_ROWS;
  const { model } = market.instruments[column]!;
  const inBlocks = blocksBetween(from, next) * BLOCK_ROWS;
  // Of `market` the rows of a cell are made together, of all others the prices of a block.
  const cell = Math.ceil(DAY_MS / SEGMENTS / market.grid.intervalMs);
  const priced = model.kind === 'market' ? Math.min(inBlocks, made + cell) : inBlocks;
  return LONE_COST + made * TRADES_COST + priced * weightOf(market, column);
}

/** Blocks that must be made; those that are kept are not. */
function missingBlocks(
  { trades: kept }: History,
  column: number,
  trades: number,
  rows: Rows,
): number {
  const [from, next] = rows;
  if (kept.has([column], from)) return 0;
  const blocks = blocksBetween(from, next);
  // Most of so many have no trade.
  if (blocks > trades) return trades;
  const first = Math.floor(from / BLOCK_ROWS);
  let missing = 0;
  for (let n = 0; n < blocks; n++) {
    if (!kept.hasBlock(column, first + n)) missing += 1;
  }
  return missing;
}
