import type { CandleRange } from '../../core/history/candle-cache.ts';
import type { History } from '../../core/history/history.ts';
import { rateOf } from '../../core/history/read-trades.ts';
import { BLOCK_ROWS, indexFrom, timeOf } from '../../core/market/grid.ts';
import { eachBlock } from '../../core/market/pieces.ts';
import type { Resolution } from '../../core/market/resolution.ts';
import { DAY_MS } from '../../core/market/time.ts';
import { AROUND_ROWS, blocksBetween, LONE_COST, TRADES_COST } from './cost.ts';
import { erasCost, type Rows } from './eras-cost.ts';
import { weightOf } from './weights.ts';

/** What it costs to add up what was traded and paid row by row, in the units of `cost.ts`. */

/** A trade of a row, whose lots are added up with those of the others. */
const TRADE_COST = 0.5;

/** The rows of candles that are there, as `[from, next)`. */
export function rowsOf({ market, head }: History, { fromMs, toMs }: CandleRange): Rows {
  const from = Math.max(0, indexFrom(market.grid, fromMs));
  return [from, Math.max(from, Math.min(head, indexFrom(market.grid, toMs)))];
}

/** Of making what was traded in the blocks of the rows `[from, next)`, and adding it up. */
export function madeCost(history: History, column: number, from: number, next: number): number {
  const made = blocksNotKept(history, column, from, next);
  if (made === 0) return next - from;
  const each = TRADES_COST + weightOf(history.market, column);
  return made * each + beforeCost(history, column, from) + next - from;
}

/**
 * Of the sums of what was paid in the rows `[from, next)`, or in their candles: they may be kept of
 * days and of whole blocks; the others are made and looked at.
 */
export function paidCost(
  history: History,
  column: number,
  from: number,
  next: number,
  resolution?: Resolution,
): number {
  const { grid } = history.market;
  // No candle that is shorter has a whole day.
  if (resolution !== undefined && resolution.ms < DAY_MS) {
    return rowsPaidCost(history, column, from, next, resolution);
  }
  const numberOf = (index: number) => resolution?.numberOf(timeOf(grid, index));
  let cost = 0;
  let at = from;
  /** Days that are kept up to `until`: one that is cut by candles is of no use. */
  const passDays = (until: number) => {
    for (let end = at; at < until; at = end) {
      const day = Math.floor(timeOf(grid, at) / DAY_MS);
      end = Math.min(until, indexFrom(grid, (day + 1) * DAY_MS));
      if (numberOf(at) === numberOf(end - 1)) continue;
      cost += rowsPaidCost(history, column, at, end, resolution);
    }
  };
  for (const [first, end] of history.kept.paid.missing(column, from, next)) {
    passDays(first);
    cost += rowsPaidCost(history, column, first, end, resolution);
    at = end;
  }
  passDays(next);
  return cost;
}

/** The same of rows of which no day is kept. */
function rowsPaidCost(
  history: History,
  column: number,
  from: number,
  next: number,
  resolution: Resolution | undefined,
): number {
  const { market, trades } = history;
  const { grid } = market;
  const atOnce = resolution === undefined ? next - from : resolution.ms / grid.intervalMs;
  const numberOf = (index: number) => resolution?.numberOf(timeOf(grid, index));
  const weight = weightOf(market, column);
  const rowCost = TRADES_COST + TRADE_COST * rateOf(market, column);
  const areKept = trades.keepsBlocksOf(blocksBetween(from, next));
  let cost = 0;
  let looked = 0;
  for (const block of eachBlock(from, next)) {
    const rows = block.next - block.from;
    if (rows === BLOCK_ROWS && trades.hasPaid(column, block.number)) {
      const isCut = numberOf(block.from) !== numberOf(block.next - 1);
      if (!isCut) continue;
    }
    looked += rows;
    if (trades.isWide) cost += rows * rowCost + (rows + AROUND_ROWS) * weight;
    else if (!areKept || !trades.hasBlock(column, block.number)) {
      const made = trades.makesBlockOf(column, atOnce) ? BLOCK_ROWS : rows;
      cost += made * rowCost + BLOCK_ROWS * weight;
    }
  }
  if (cost === 0) return looked;
  const eras = erasCost(history, [column], [from, next], true) + LONE_COST;
  return Math.ceil(cost) + beforeCost(history, column, from) + looked + eras;
}

/** The same of those candles of `range` of which it is not kept. */
export function unknownPaidCost(
  history: History,
  column: number,
  resolution: Resolution,
  range: CandleRange,
): number {
  const costOf = (part: CandleRange) =>
    paidCost(history, column, ...rowsOf(history, part), resolution);
  // Gaps that share blocks would each pay for them.
  const all = costOf(range);
  const ends = endsCost(history, column, resolution, range);
  let cost = 0;
  for (const missing of history.paid.missing(column, resolution, range)) {
    cost += costOf(missing);
    if (cost >= all) return all + ends;
  }
  return cost + ends;
}

/** The first candle of a market and one that has just begun have fewer rows than others. */
function endsCost(
  history: History,
  column: number,
  resolution: Resolution,
  range: CandleRange,
): number {
  const { market, trades, head } = history;
  const { grid } = market;
  const [from, next] = rowsOf(history, range);
  if (next <= from) return 0;
  const startOf = (index: number) => resolution.startOf(resolution.numberOf(timeOf(grid, index)));
  const ofFirst = indexFrom(grid, resolution.startOf(resolution.numberOf(grid.originMs) + 1));
  const ofNewest = head - indexFrom(grid, startOf(head - 1));
  const isWide = !trades.makesBlockOf(column, resolution.ms / grid.intervalMs);
  const counts = [...(from === 0 ? [ofFirst] : []), ...(next === head ? [ofNewest] : [])];
  const few = counts.filter((rows) => trades.makesBlockOf(column, rows)).length;
  return isWide && !trades.isWide ? few * BLOCK_ROWS * TRADES_COST : 0;
}

/** What is traded first goes by the last price of the block before. */
function beforeCost({ market, trades }: History, column: number, from: number): number {
  return from >= BLOCK_ROWS && !trades.isWide ? BLOCK_ROWS * weightOf(market, column) : 0;
}

/** The rows of those blocks of `[from, next)` that are not kept. */
function blocksNotKept({ trades }: History, column: number, from: number, next: number): number {
  const [first, blocks] = [Math.floor(from / BLOCK_ROWS), blocksBetween(from, next)];
  // More than there is room for are not all kept.
  const areKept = trades.keepsBlocksOf(blocks);
  let made = 0;
  for (let n = 0; n < blocks; n++) {
    if (!areKept || !trades.hasBlock(column, first + n)) made += BLOCK_ROWS;
  }
  return made;
}
