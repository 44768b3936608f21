import type { CandleRange } from '../../core/history/candles.ts';
import type { History } from '../../core/history/history.ts';
import type { CandleField } from '../../core/market/fields.ts';
import { BLOCK_ROWS, indexFrom, timeOf } from '../../core/market/grid.ts';
import { candleStart, type Resolution } from '../../core/market/resolution.ts';
import type { Notation } from '../../protocols/tickwell/formats/notation.ts';
import { blocksBetween, LONE_COST, lappedRows, TRADES_COST } from './cost.ts';
import { erasCost } from './eras-cost.ts';
import { weightOf } from './weights.ts';
import { type Format, notationCost, writingCost } from './writing-cost.ts';

/** What candles cost, in the units of `cost.ts`. */

/** Adding what was traded in one row to a candle that covers all of its block: none is kept. */
const FOLDED_TRADES_COST = 25;
/** Finding the rows of a candle, and whether it is known, beside what is made of them. */
const CANDLE_COST = 1500;
/** Open, high, low and close. */
const CANDLE_PRICES = 4;

/** How candles are asked for. */
interface AskedCandles {
  readonly resolution: Resolution;
  readonly fields: readonly CandleField[];
  readonly format: Format;
  readonly notation: Notation;
}

/**
 * Of the candles of `range`: each row is looked at. Old ones are made first, and what was traded in
 * any, by the blocks they lie in. Then each candle is written.
 */
export function candlesCost(
  history: History,
  column: number,
  range: CandleRange,
  { resolution, fields, format, notation }: AskedCandles,
): number {
  const { market, head } = history;
  const from = Math.max(0, indexFrom(market.grid, range.fromMs));
  const next = Math.max(from, Math.min(head, indexFrom(market.grid, range.toMs)));
  if (next === from) return 0;
  const lapped = lappedRows(history, from, next);
  const priced = blocksBetween(from, from + lapped) * BLOCK_ROWS * weightOf(market, column);
  const looked = next - from - lapped;
  const traded = fields.length > 0 ? sumsCost(history, column, resolution, from, next) : 0;
  const isMade = priced + traded > 0;
  const end = traded > 0 ? next : from + lapped;
  const eras = isMade ? erasCost(history, [column], [from, end], true) + LONE_COST : 0;
  const startOf = (index: number) => candleStart(resolution, timeOf(market.grid, index));
  const candles = (startOf(next - 1) - startOf(from)) / resolution.ms + 1;
  const written =
    writingCost(format, candles, CANDLE_PRICES + fields.length) +
    notationCost(notation, candles, candles * CANDLE_PRICES);
  return priced + looked + traded + eras + candles * CANDLE_COST + written;
}

/** Of adding up what was traded in the rows `[from, next)`, in candles of a resolution. */
function sumsCost(
  { market, trades }: History,
  column: number,
  resolution: Resolution,
  from: number,
  next: number,
): number {
  const weight = weightOf(market, column);
  const cut = cutBlocks(market.grid, resolution, from, next);
  const folded = blocksBetween(from, next) - cut.length;
  // More than there is room for are not all kept.
  const isKept = (block: number) =>
    trades.keepsBlocksOf(cut.length) && trades.hasBlock(column, block);
  const made = cut.reduce((sum, block) => sum + (isKept(block) ? 0 : 1), 0);
  // What is traded first goes by the last price of the block before.
  const before = folded + made > 0 && from >= BLOCK_ROWS ? BLOCK_ROWS * weight : 0;
  const rows = folded * (FOLDED_TRADES_COST + weight) + made * (TRADES_COST + weight);
  return rows * BLOCK_ROWS + before + (next - from);
}

/** The blocks that hold some of the rows `[from, next)` and that no candle covers: in order. */
function cutBlocks(
  grid: History['market']['grid'],
  resolution: Resolution,
  from: number,
  next: number,
): number[] {
  const cut: number[] = [];
  const note = (block: number) => {
    if (cut.at(-1) !== block) cut.push(block);
  };
  if (resolution.ms <= BLOCK_ROWS * grid.intervalMs) {
    const first = Math.floor(from / BLOCK_ROWS);
    for (let n = 0; n < blocksBetween(from, next); n++) cut.push(first + n);
    return cut;
  }
  let start = candleStart(resolution, timeOf(grid, from));
  for (let at = from; at < next; ) {
    start += resolution.ms;
    const end = Math.min(next, indexFrom(grid, start));
    if (end <= at) continue;
    const [first, last] = [Math.floor(at / BLOCK_ROWS), Math.floor((end - 1) / BLOCK_ROWS)];
    if (at > first * BLOCK_ROWS) note(first);
    if (end < (last + 1) * BLOCK_ROWS) note(last);
    at = end;
  }
  return cut;
}
