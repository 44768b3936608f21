import type { CandleRange } from '../../core/history/candles.ts';
import type { History } from '../../core/history/history.ts';
import { RECENT_ROWS, type TradeHistory } from '../../core/history/trade-history.ts';
import { areUsual, type CandleField } from '../../core/market/fields.ts';
import { BLOCK_ROWS, ERA_ROWS, indexFrom, timeOf } from '../../core/market/grid.ts';
import type { Market } from '../../core/market/market.ts';
import type { ModelKind } from '../../core/market/models/parameters.ts';
import { candleStart, type Resolution } from '../../core/market/resolution.ts';
import type { Wanted } from '../answers.ts';
import type { Notation } from '../http/formats/notation.ts';
import { type Format, notationCost, writingCost } from './writing-cost.ts';

/**
 * What an answer costs the server, in units of one price of a walk that is made again: about a
 * nanosecond of CPU (`npm run bench -- fill` and `-- formats`). The ratios matter, not the unit.
 */

/** A request as such, whatever comes of it: parsing, headers, a system call or two. */
export const REQUEST_COST = 100_000;
/** Of a stream: its sockets and what is said at both ends, or the refusal of it. */
export const UPGRADE_COST = 300_000;
/** A message of a client, and its answer; a ping costs as much. */
export const MESSAGE_COST = 30_000;
/** A page of metrics: some 150 lines of each process. */
export const METRICS_COST = 1_000_000;
/** One symbol that is looked up and named in the answer. */
const SYMBOL_COST = 200;

/** Looking up what is asked for, of so many columns, and naming it. */
export function namingCost(columns: number): number {
  return columns * SYMBOL_COST;
}

/** Looking for what an unknown name was meant to be, for each name that there is. */
const LOOK_COST = 60;

/** Looking through so many names for the one nearest to one that is unknown. */
export function lookingCost(names: number): number {
  return names * LOOK_COST;
}

/** Handing a byte that is at hand to a socket. */
const BYTE_COST = 0.5;

/** Sending so many bytes that need not be made. */
export function sendingCost(bytes: number): number {
  return Math.ceil(bytes * BYTE_COST);
}

/** Compressing a byte in all the ways it may be asked for, on another thread. */
const COMPRESSING_COST = 100;

/** Reading and compressing so many bytes of a file, once for all who ask for it. */
export function makingReadyCost(bytes: number): number {
  return bytes * COMPRESSING_COST;
}

/** Compressing a byte of an answer, on another thread. */
const COMPRESSED_BYTE_COST = 60;

/** Compressing so many bytes for one who asks. */
export function compressingCost(bytes: number): number {
  return bytes * COMPRESSED_BYTE_COST;
}

/** One price made again, by model. */
const MODEL_COSTS: Readonly<Record<ModelKind, number>> = {
  walk: 1,
  gbm: 20,
  ou: 20,
  jump: 20,
  'crash-boom': 30,
  range: 40,
  regime: 25,
  market: 70,
};
/** Quotes and trades of one row, made from its price. */
const TRADES_COST = 60;
/** Adding those of one row to a candle, which keeps none of them. */
const FOLDED_TRADES_COST = 25;
/** Going to another column whose rows are not at hand. */
const LONE_COST = 25_000;
/** Settling an era of one column that is not the newest, whose totals everyone needs. */
const ERA_COST = 180_000;
/** The same, by what a price of its model costs: such an era is put together of more. */
const ERA_PRICES = 8000;
/** Looking at one row for a realism report. */
const REPORT_COST = 400;

/** Open, high, low and close. */
const CANDLE_PRICES = 4;

function weightOf({ instruments }: Market, column: number): number {
  return MODEL_COSTS[instruments[column]!.model.kind];
}

/**
 * What making quotes and trades of `rows` rows from `from` on costs beside their prices; `isAlone`
 * if nobody is expected back for the next rows of their blocks.
 */
function tradesCost(
  { market, trades }: History,
  { fields, columns }: Wanted,
  from: number,
  rows: number,
  isAlone: boolean,
): number {
  if (areUsual(fields)) return 0;
  // Those that are kept were made once for everyone who reads them.
  if (trades.has(columns, from)) return rows * columns.length;
  const inBlocks = blocksBetween(from, from + rows) * BLOCK_ROWS;
  if (trades.keepsBlocksOf(columns.length)) {
    if (isAlone) return inBlocks * (TRADES_COST * columns.length + weightsOf(market, columns));
    return missingCost(trades, columns, from, from + rows, (column) => {
      return TRADES_COST + weightOf(market, column);
    });
  }
  // Of so many columns no blocks are kept: rows are made alone, from the prices of their blocks.
  const traded = trades.isNew(from) ? Math.max(rows, RECENT_ROWS) : rows;
  return traded * TRADES_COST * columns.length + inBlocks * weightsOf(market, columns);
}

/** Of eras between the rows `[from, next)` that must be settled first: all but the newest. */
function erasCost(
  { market, head }: History,
  columns: readonly number[],
  from: number,
  next: number,
): number {
  const newest = Math.floor(head / ERA_ROWS);
  const eras = Math.min(newest, Math.ceil(next / ERA_ROWS)) - Math.floor(from / ERA_ROWS);
  if (eras <= 0) return 0;
  return eras * (ERA_COST * columns.length + ERA_PRICES * weightsOf(market, columns));
}

/** Blocks that hold some of the rows `[from, next)`. */
function blocksBetween(from: number, next: number): number {
  return next <= from ? 0 : Math.ceil(next / BLOCK_ROWS) - Math.floor(from / BLOCK_ROWS);
}

/** Of the blocks that hold some of the rows `[from, next)` and are not kept, each in full. */
function missingCost(
  kept: Pick<TradeHistory, 'hasBlock'>,
  columns: readonly number[],
  from: number,
  next: number,
  costOf: (column: number) => number,
): number {
  const first = Math.floor(from / BLOCK_ROWS);
  const blocks = blocksBetween(from, next);
  let cost = 0;
  for (const column of columns) {
    for (let n = 0; n < blocks; n++) {
      if (!kept.hasBlock(column, first + n)) cost += BLOCK_ROWS * costOf(column);
    }
  }
  return cost;
}

function weightsOf(market: Market, columns: readonly number[]): number {
  let sum = 0;
  for (const column of columns) sum += weightOf(market, column);
  return sum;
}

/** How many of the rows `[from, next)` the ring no longer holds. */
function lappedRows({ ring }: History, from: number, next: number): number {
  return Math.max(0, Math.min(next, ring.tail) - from);
}

/**
 * Of the rows `[from, next)`, as a reader pays that goes through them in order: a block when it
 * comes to it, if it is not kept; then only to have its rows written.
 */
export function backfillCost(
  history: History,
  wanted: Wanted,
  from: number,
  next: number,
  format: Format,
): number {
  const { fields, columns } = wanted;
  const lapped = lappedRows(history, from, next);
  const { market } = history;
  const traded = tradesCost(history, wanted, from, next - from, false);
  const made = areUsual(fields)
    ? missingCost(history, columns, from, from + lapped, (column) => weightOf(market, column))
    : 0;
  return made + traded + writingCost(format, next - from, columns.length * fields.length);
}

/** Of the rows `[from, next)` asked for alone: of old ones, their eras are settled first. */
export function rowsCost(
  history: History,
  wanted: Wanted,
  from: number,
  next: number,
  format: Format,
): number {
  const { fields, columns } = wanted;
  const isMade = lappedRows(history, from, next) > 0 || !areUsual(fields);
  const eras = isMade ? erasCost(history, columns, from, next) : 0;
  return eras + partCost(history, wanted, from, next, format);
}

/**
 * The same, of rows whose eras were settled for those before them: old ones are made again by whole
 * blocks.
 */
export function partCost(
  history: History,
  wanted: Wanted,
  from: number,
  next: number,
  format: Format,
): number {
  const { fields, columns } = wanted;
  const { market } = history;
  const lapped = lappedRows(history, from, next);
  const traded = tradesCost(history, wanted, from, next - from, true);
  // What is made of prices has made them.
  const blocks = areUsual(fields) ? blocksBetween(from, from + lapped) : 0;
  const made = blocks === 0 ? 0 : blocks * BLOCK_ROWS * weightsOf(market, columns);
  const lone = made > 0 || traded > 0 ? LONE_COST * columns.length : 0;
  return made + traded + lone + writingCost(format, next - from, columns.length * fields.length);
}

/** Of `points` rows in each of `columns`, spread over the newest `spanMs`. */
export function pointsCost(
  history: History,
  columns: readonly number[],
  points: number,
  spanMs: number,
): number {
  const { market, ring, head } = history;
  const rows = Math.min(head, spanMs / market.grid.intervalMs);
  const lapped = Math.max(0, rows - (head - ring.tail));
  const blocks = Math.min(points, Math.ceil(lapped / BLOCK_ROWS));
  const made = blocks * BLOCK_ROWS * weightsOf(market, columns);
  const lone = blocks > 0 ? LONE_COST * columns.length : 0;
  const eras = erasCost(history, columns, head - rows, head - rows + lapped);
  return made + lone + eras + writingCost('json', points, columns.length);
}

/** Of a report on `rows` rows: they are made, with what was traded, and looked at. */
export function realismCost(history: History, column: number, rows: number): number {
  return rows * (2 * weightOf(history.market, column) + TRADES_COST + REPORT_COST);
}

/** How candles are asked for. */
interface AskedCandles {
  readonly resolution: Resolution;
  readonly fields: readonly CandleField[];
  readonly format: Format;
  readonly notation: Notation;
}

/**
 * Of the candles of `range`: each row is looked at, old ones and their trades are made first; then
 * each candle is written.
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
  // What is made is looked at as it is made.
  const made = lapped * weightOf(market, column) + (next - from - lapped);
  const eras = lapped > 0 ? erasCost(history, [column], from, from + lapped) : 0;
  const folded = FOLDED_TRADES_COST + weightOf(market, column);
  const traded = fields.length > 0 ? (next - from) * folded : 0;
  const startOf = (index: number) => candleStart(resolution, timeOf(market.grid, index));
  const candles = (startOf(next - 1) - startOf(from)) / resolution.ms + 1;
  const written =
    writingCost(format, candles, CANDLE_PRICES + fields.length) +
    notationCost(notation, candles, candles * CANDLE_PRICES);
  return made + eras + traded + written;
}
