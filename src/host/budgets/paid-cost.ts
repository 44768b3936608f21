import type { CandleRange } from '../../core/history/candle-cache.ts';
import type { History } from '../../core/history/history.ts';
import { BLOCK_ROWS, indexFrom } from '../../core/market/grid.ts';
import { eachBlock } from '../../core/market/pieces.ts';
import type { Resolution } from '../../core/market/resolution.ts';
import { AROUND_ROWS, blocksBetween, LONE_COST, TRADES_COST } from './cost.ts';
import { erasCost, type Rows } from './eras-cost.ts';
import { weightOf } from './weights.ts';

/** What it costs to add up what was traded and paid row by row, in the units of `cost.ts`. */

/** The rows of candles that are there, as `[from, next)`. */
export function rowsOf({ market, head }: History, { fromMs, toMs }: CandleRange): Rows {
  const from = Math.max(0, indexFrom(market.grid, fromMs));
  return [from, Math.max(from, Math.min(head, indexFrom(market.grid, toMs)))];
}

/** Of making what was traded in the blocks of the rows `[from, next)`, and adding it up. */
export function madeCost(history: History, column: number, from: number, next: number): number {
  return (
    makingCost(history, column, from, blocksNotKept(history, column, from, next)) + next - from
  );
}

/**
 * Of the sums of what was paid in the rows `[from, next)`: of days and of whole blocks they may be
 * kept; the others are made and looked at.
 */
export function paidCost(history: History, column: number, from: number, next: number): number {
  let cost = 0;
  for (const [first, end] of history.kept.paid.missing(column, from, next)) {
    cost += rowsPaidCost(history, column, first, end);
  }
  return cost;
}

/** The same of rows of which no day is kept. */
function rowsPaidCost(history: History, column: number, from: number, next: number): number {
  const { trades } = history;
  let made = 0;
  let looked = 0;
  const areKept = trades.keepsBlocksOf(blocksBetween(from, next));
  for (const block of eachBlock(from, next)) {
    const rows = block.next - block.from;
    if (rows === BLOCK_ROWS && trades.hasPaid(column, block.number)) continue;
    looked += rows;
    if (trades.isWide) made += rows + AROUND_ROWS;
    else if (!areKept || !trades.hasBlock(column, block.number)) made += BLOCK_ROWS;
  }
  if (made === 0) return looked;
  const eras = erasCost(history, [column], [from, next], true) + LONE_COST;
  return makingCost(history, column, from, made) + looked + eras;
}

/** The same of those candles of `range` of which it is not kept. */
export function unknownPaidCost(
  history: History,
  column: number,
  resolution: Resolution,
  range: CandleRange,
): number {
  // Gaps that share blocks would each pay for them.
  const all = paidCost(history, column, ...rowsOf(history, range));
  let cost = 0;
  for (const missing of history.paid.missing(column, resolution, range)) {
    cost += paidCost(history, column, ...rowsOf(history, missing));
    if (cost >= all) return all;
  }
  return cost;
}

/** Of making so many rows of whole blocks, with what was traded in them. */
function makingCost(
  { market, trades }: History,
  column: number,
  from: number,
  made: number,
): number {
  const weight = weightOf(market, column);
  // What is traded first goes by the last price of the block before.
  const isBefore = made > 0 && from >= BLOCK_ROWS && !trades.isWide;
  const before = isBefore ? BLOCK_ROWS * weight : 0;
  return made * (TRADES_COST + weight) + before;
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
