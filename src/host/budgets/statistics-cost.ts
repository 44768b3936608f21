import type { History } from '../../core/history/history.ts';
import type { RollingStatistics } from '../../core/history/rolling-statistics.ts';
import { BLOCK_ROWS } from '../../core/market/grid.ts';
import { blocksBetween, LONE_COST, lappedRows, sumsCost, TRADES_COST } from './cost.ts';
import { erasCost } from './eras-cost.ts';
import { paidCost } from './paid-cost.ts';
import { weightOf } from './weights.ts';

/** What statistics of a span cost, in the units of `cost.ts`. */

/** Finding out what those of a column cost, and reading them. */
const READ_COST = 300;
/** A row that comes while another leaves. */
const ROW_COST = 40;

/** Finding out what statistics of so many columns cost: to be paid before that. */
export function statisticsLookingCost(columns: number): number {
  return columns * READ_COST;
}

/** Of having some columns follow the head, those too that have to be begun. */
export function followingCost(
  rolling: RollingStatistics,
  history: History,
  columns: readonly number[],
): number {
  let cost = 0;
  for (const column of columns) {
    const behind = rolling.behind(column);
    if (behind === undefined) cost += beginningCost(rolling, history, column);
    else cost += behind * ROW_COST + batchesCost(rolling, history, column);
  }
  return cost;
}

/** Of adding up all rows of a span. */
function beginningCost({ span }: RollingStatistics, history: History, column: number): number {
  const { market, head } = history;
  const from = span.from(head);
  const made = blocksBetween(from, head) * BLOCK_ROWS * weightOf(market, column);
  const eras = erasCost(history, [column], [from, head], true) + LONE_COST;
  return made + (head - from) * TRADES_COST + eras + 2 * batchCost(span.batchRows, history, column);
}

function batchesCost(rolling: RollingStatistics, history: History, column: number): number {
  const batches = rolling.batchesBehind(column);
  return batches === 0 ? 0 : batches * batchCost(rolling.span.batchRows, history, column);
}

/** Of making rows that come or leave: beside them the prices of their block. */
function batchCost(rows: number, history: History, column: number): number {
  const { market, head } = history;
  const weight = weightOf(market, column);
  const eras = erasCost(history, [column], [Math.max(0, head - 1), head], true);
  const isWide = history.trades.isWide;
  return rows * (TRADES_COST + weight) + (isWide ? 0 : BLOCK_ROWS * weight) + LONE_COST + eras;
}

/** Of the statistics of the rows `[from, next)` of a column, which are folded anew. */
export function spanCost(history: History, column: number, from: number, next: number): number {
  const weight = weightOf(history.market, column);
  let cost = READ_COST + sumsCost(history.market, column) + paidCost(history, column, from, next);
  for (const [first, end] of history.kept.missing(column, from, next)) {
    const lapped = lappedRows(history, first, end);
    cost += end - first + blocksBetween(first, first + lapped) * BLOCK_ROWS * weight;
  }
  const before = from > 0 && from - 1 < history.ring.tail ? BLOCK_ROWS * weight : 0;
  return cost + before + LONE_COST + erasCost(history, [column], [from, next], true);
}
