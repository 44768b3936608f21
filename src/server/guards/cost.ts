import type { CandleRange } from '../../core/history/candles.ts';
import type { History } from '../../core/history/history.ts';
import { RECENT_ROWS } from '../../core/history/trade-history.ts';
import { areUsual, type CandleField } from '../../core/market/fields.ts';
import { BLOCK_ROWS, indexFrom, timeOf } from '../../core/market/grid.ts';
import type { Market } from '../../core/market/market.ts';
import type { ModelKind } from '../../core/market/models/parameters.ts';
import { candleStart, type Resolution } from '../../core/market/resolution.ts';
import type { Wanted } from '../answers.ts';
import type { Notation } from '../http/formats/notation.ts';

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

/** How rows can be written into an answer. */
export type Format = keyof typeof WRITING_COSTS;

/** Writing one price, and what stands before each row of them. */
const WRITING_COSTS = {
  json: { price: 60, row: 0 },
  csv: { price: 70, row: 160 },
  ndjson: { price: 90, row: 260 },
  arrow: { price: 20, row: 30 },
  parquet: { price: 40, row: 300 },
  bin: { price: 5, row: 0 },
} as const;

/** What it adds to write a price as a decimal, and a time as text of its own. */
const DECIMAL_COST = 50;
const ISO_COST = 60;

/** Of `values` values in `rows` rows that are written otherwise than as whole numbers. */
export function notationCost({ prices, time }: Notation, rows: number, values: number): number {
  return (
    (prices === 'decimal' ? DECIMAL_COST * values : 0) + (time === 'iso' ? ISO_COST * rows : 0)
  );
}

function writingCost(format: Format, rows: number, columns: number): number {
  const { price, row } = WRITING_COSTS[format];
  return rows * (row + columns * price);
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
  const inBlocks = (Math.ceil(rows / BLOCK_ROWS) + 1) * BLOCK_ROWS;
  if (trades.keepsBlocksOf(columns.length)) {
    const made = isAlone ? inBlocks : rows;
    return made * (TRADES_COST * columns.length + weightsOf(market, columns));
  }
  // Of so many columns no blocks are kept: rows are made alone, from the prices of their blocks.
  const traded = trades.isNew(from) ? Math.max(rows, RECENT_ROWS) : rows;
  return traded * TRADES_COST * columns.length + inBlocks * weightsOf(market, columns);
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

/** Of the rows `[from, next)`, as a reader pays that goes through them in order: rows x columns. */
export function backfillCost(
  history: History,
  wanted: Wanted,
  from: number,
  next: number,
  format: Format,
): number {
  const { fields, columns } = wanted;
  const lapped = lappedRows(history, from, next);
  const made = lapped === 0 ? 0 : lapped * weightsOf(history.market, columns);
  const traded = tradesCost(history, wanted, from, next - from, false);
  return made + traded + writingCost(format, next - from, columns.length * fields.length);
}

/** Of the rows `[from, next)` asked for alone: old ones are made again by whole blocks. */
export function rowsCost(
  history: History,
  wanted: Wanted,
  from: number,
  next: number,
  format: Format,
): number {
  const { fields, columns } = wanted;
  const lapped = lappedRows(history, from, next);
  const traded = tradesCost(history, wanted, from, next - from, true);
  const blocks = lapped === 0 ? 0 : Math.ceil(lapped / BLOCK_ROWS) + 1;
  const made = blocks === 0 ? 0 : blocks * BLOCK_ROWS * weightsOf(history.market, columns);
  const written = writingCost(format, next - from, columns.length * fields.length);
  return made + traded + written;
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
  const made = blocks * BLOCK_ROWS * weightsOf(history.market, columns);
  return made + writingCost('json', points, columns.length);
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
  const made = lappedRows(history, from, next) * weightOf(market, column);
  const traded = fields.length > 0 ? (next - from) * (TRADES_COST + weightOf(market, column)) : 0;
  const startOf = (index: number) => candleStart(resolution, timeOf(market.grid, index));
  const candles = (startOf(next - 1) - startOf(from)) / resolution.ms + 1;
  const written =
    writingCost(format, candles, CANDLE_PRICES + fields.length) +
    notationCost(notation, candles, candles * CANDLE_PRICES);
  return next - from + made + traded + written;
}
