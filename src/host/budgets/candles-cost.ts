import type { CandleRange } from '../../core/history/candle-cache.ts';
import type { History } from '../../core/history/history.ts';
import { FEW_ROWS } from '../../core/history/trade-history.ts';
import { CANDLE_PRICES } from '../../core/market/candle-lists.ts';
import { arePaid, type SumField } from '../../core/market/fields.ts';
import { BLOCK_ROWS, indexFrom, timeOf } from '../../core/market/grid.ts';
import type { Resolution } from '../../core/market/resolution.ts';
import { DEFAULT_NOTATION, type Notation } from '../../wire/notation.ts';
import { blocksBetween, clockCost, LONE_COST, lappedRows, sumsCost } from './cost.ts';
import { erasCost } from './eras-cost.ts';
import { madeCost, paidCost, rowsOf, unknownPaidCost } from './paid-cost.ts';
import { weightOf } from './weights.ts';
import { type Format, notationCost, writingCost } from './writing-cost.ts';

/** What candles cost, in the units of `cost.ts`. */

/** Finding the rows of a candle, and whether it is known, beside what is made of them. */
const CANDLE_COST = 1500;

/** How candles are asked for. */
interface CandlesForm {
  readonly resolution: Resolution;
  readonly fields: readonly SumField[];
  readonly format: Format;
  /** Default: whole numbers. */
  readonly notation?: Notation;
}

/**
 * Of the candles of `range`: each is found and written. Those that are not known are folded first.
 */
export function candlesCost(
  history: History,
  column: number,
  range: CandleRange,
  asked: CandlesForm,
): number {
  const { resolution, fields } = asked;
  return (
    candlesFoldingCost(history, column, range, resolution, fields) +
    candlesWritingCost(candlesOf(history, range, resolution), asked)
  );
}

/** Of finding the candles of `range`, and folding those that are not known. */
export function candlesFoldingCost(
  history: History,
  column: number,
  range: CandleRange,
  resolution: Resolution,
  fields: readonly SumField[],
): number {
  const candles = candlesOf(history, range, resolution);
  if (candles === 0) return 0;
  const folding = unknownCost(history, column, resolution, range, areTraded(fields));
  const paid = arePaid(fields) ? unknownPaidCost(history, column, resolution, range) : 0;
  return folding + paid + candles * CANDLE_COST + clockCost(resolution, range.fromMs, range.toMs);
}

/** Of writing so many candles. */
export function candlesWritingCost(candles: number, asked: Omit<CandlesForm, 'resolution'>) {
  const { fields, format, notation = DEFAULT_NOTATION } = asked;
  return (
    writingCost(format, candles, CANDLE_PRICES.length + fields.length) +
    notationCost(notation, candles, candles * CANDLE_PRICES.length)
  );
}

/** Whether lots or trades are wanted, which are read at both ends of a candle. */
function areTraded(fields: readonly SumField[]): boolean {
  return fields.includes('volume') || fields.includes('trades');
}

/** How many candles of `range` have begun. */
function candlesOf(history: History, range: CandleRange, resolution: Resolution): number {
  const { grid } = history.market;
  const [from, next] = rowsOf(history, range);
  if (next === from) return 0;
  const numberOf = (index: number) => resolution.numberOf(timeOf(grid, index));
  return numberOf(next - 1) - numberOf(from) + 1;
}

/** Finding out whether a candle is known, or whether what was traded in a block is. */
const LOOK_COST = 20;

/** Of finding out what the candles of several columns cost: to be paid before that. */
export function candlesLookingCost(
  history: History,
  columns: readonly number[],
  range: CandleRange,
  { resolution, fields }: Pick<CandlesForm, 'resolution' | 'fields'>,
): number {
  if (columns.length > MOST_LOOKED_COLUMNS) return columns.length * LOOK_COST;
  const [from, next] = rowsOf(history, range);
  const isByBlocks = resolution.ms < FEW_ROWS * history.market.grid.intervalMs;
  const areByBlocks = arePaid(fields) || (fields.length > 0 && isByBlocks);
  const blocks = areByBlocks ? blocksBetween(from, next) : 0;
  const candles = candlesOf(history, range, resolution);
  return columns.length * (candles + blocks) * LOOK_COST;
}

/** Columns whose candles are looked for one by one, before it is known who pays. */
const MOST_LOOKED_COLUMNS = 2 ** 6;

/**
 * The same of the candles of several columns. Of many, none is taken to be known: those of one
 * model cost alike.
 */
export function manyCandlesCost(
  history: History,
  columns: readonly number[],
  range: CandleRange,
  asked: CandlesForm,
): number {
  const { resolution, fields } = asked;
  if (columns.length <= MOST_LOOKED_COLUMNS) {
    // A clock is looked at once for all.
    const clock = clockCost(resolution, range.fromMs, range.toMs);
    const each = (column: number) => candlesCost(history, column, range, asked) - clock;
    return columns.reduce((sum, column) => sum + each(column), clock);
  }
  const candles = candlesOf(history, range, resolution);
  const found = candles * CANDLE_COST + candlesWritingCost(candles, asked);
  const looked = clockCost(resolution, range.fromMs, range.toMs);
  const byWeight = new Map<number, number>();
  let cost = looked + columns.length * found;
  for (const column of columns) {
    const weight = weightOf(history.market, column);
    const folding =
      byWeight.get(weight) ??
      foldingCost(history, column, resolution, range, areTraded(fields)) +
        (arePaid(fields) ? paidCost(history, column, ...rowsOf(history, range), resolution) : 0);
    byWeight.set(weight, folding);
    cost += folding;
  }
  return cost;
}

/**
 * The cost of folding those candles of `range` that are not kept. One that is forgotten before it
 * is read is folded for nothing; whoever had it forgotten has paid for another.
 */
function unknownCost(
  history: History,
  column: number,
  resolution: Resolution,
  range: CandleRange,
  isTraded: boolean,
): number {
  const { grid } = history.market;
  // Gaps that share blocks would each pay for them.
  const all = foldingCost(history, column, resolution, range, isTraded);
  let cost = 0;
  for (const missing of history.candles.missing(column, resolution, range, isTraded)) {
    const [from, next] = rowsOf(history, missing);
    for (const [first, end] of history.kept.missing(column, from, next)) {
      const part = { fromMs: timeOf(grid, first), toMs: timeOf(grid, end) };
      cost += foldingCost(history, column, resolution, part, isTraded);
      if (cost >= all) return all;
    }
  }
  return cost;
}

/**
 * Of folding candles: each row is looked at. Old ones are made first, by the blocks they lie in,
 * and so is what was traded in candles of few rows; of others it is read at their ends.
 */
export function foldingCost(
  history: History,
  column: number,
  resolution: Resolution,
  range: CandleRange,
  isTraded: boolean,
): number {
  const [from, next] = rowsOf(history, range);
  if (next === from) return 0;
  const lapped = lappedRows(history, from, next);
  const weight = weightOf(history.market, column);
  const priced = blocksBetween(from, from + lapped) * BLOCK_ROWS * weight;
  const looked = next - from - lapped;
  const traded = isTraded ? tradedCost(history, column, resolution, from, next) : 0;
  const end = isTraded ? next : from + lapped;
  const isMade = priced + traded > 0;
  const eras = isMade ? erasCost(history, [column], [from, end], true) + LONE_COST : 0;
  return priced + looked + traded + eras;
}

/** Of adding up what was traded in the rows `[from, next)`, in candles of a resolution. */
function tradedCost(
  history: History,
  column: number,
  resolution: Resolution,
  from: number,
  next: number,
): number {
  const { grid } = history.market;
  // On wide grids it is read at the ends of all.
  const few = history.trades.isWide ? 0 : FEW_ROWS;
  if (resolution.ms < few * grid.intervalMs) return madeCost(history, column, from, next);
  const numberOf = (index: number) => resolution.numberOf(timeOf(grid, index));
  const newest = numberOf(next - 1);
  const read = (newest - numberOf(from) + 1) * sumsCost(history.market, column);
  // One that has just begun has few rows.
  const begun = Math.max(from, indexFrom(grid, resolution.startOf(newest)));
  return next - begun < few ? read + madeCost(history, column, begun, next) : read;
}
