import type { History } from '../../core/history/history.ts';
import { RECENT_ROWS, type TradeHistory } from '../../core/history/trade-history.ts';
import type { Wanted } from '../../core/history/wanted.ts';
import { BLOCK_ROWS } from '../../core/market/grid.ts';
import type { Market } from '../../core/market/market.ts';
import type { Resolution } from '../../core/market/resolution.ts';
import { erasCost, type Rows } from './eras-cost.ts';
import { weightOf, weightsOf } from './weights.ts';
import { type Format, writingCost } from './writing-cost.ts';

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

/** Comparing an unknown name with one of those that there are, to guess what was meant. */
const LOOK_COST = 60;

/** Comparing an unknown name with so many others. */
export function lookingCost(names: number): number {
  return names * LOOK_COST;
}

/** Looking through a year of a zone's clock, and what is made for that: asked of `Intl`. */
const CLOCK_YEAR_COST = 250_000;

/** Looking at the clock that cuts candles, where it was not looked at before. */
export function clockCost(resolution: Resolution, fromMs: number, toMs: number): number {
  return (resolution.unseen?.(fromMs, toMs) ?? 0) * CLOCK_YEAR_COST;
}

/** Sending a byte that is kept. */
const BYTE_COST = 0.5;

/** Sending so many bytes that are kept. */
export function sendingCost(bytes: number): number {
  return Math.ceil(bytes * BYTE_COST);
}

/** Parsing a byte of JSON: of brackets alone, which are twenty times as dear as others. */
const READ_BYTE_COST = 120;

/** Reading a body of so many bytes. */
export function readingCost(bytes: number): number {
  return bytes * READ_BYTE_COST;
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

/** Quotes and trades of one row, made from its price. */
export const TRADES_COST = 60;
/** Reading how many trades and lots there were, at both ends of some rows, */
const SUMS_COST = 4000;
/** and the same by what a price costs: a market's clock goes by its days. */
const SUMS_PRICES = 100;

/** Of the sums of trades and lots of some rows of a column, however many these are. */
export function sumsCost(market: Market, column: number): number {
  return SUMS_COST + SUMS_PRICES * weightOf(market, column);
}

/** On wide grids, what is made around the rows that are wanted. */
export const AROUND_ROWS = 128;
/** Going to another column whose rows are not at hand. */
export const LONE_COST = 25_000;
/** Looking at one row for a realism report. */
const REPORT_COST = 400;
/** Making a day of business of a wide grid, of the model `market` alone, and looking at it. */
const DAY_COST = 250_000;

/**
 * What making quotes and trades of the rows `[from, next)` costs beside their prices, where they
 * are not kept; `isAlone` if nobody is expected back for the next rows of their blocks.
 */
function tradesCost(
  { market, trades }: History,
  columns: readonly number[],
  from: number,
  next: number,
  isAlone: boolean,
): number {
  const inBlocks = blocksBetween(from, next) * BLOCK_ROWS;
  if (trades.keepsBlocksOf(columns.length)) {
    if (isAlone) return inBlocks * (TRADES_COST * columns.length + weightsOf(market, columns));
    return missingCost(trades, columns, from, next, (column) => {
      return TRADES_COST + weightOf(market, column);
    });
  }
  // Of so many columns no blocks are kept: rows are made alone, from the prices of their blocks.
  const traded = trades.isNew(from) ? Math.max(next - from, RECENT_ROWS) : next - from;
  const priced = trades.isWide ? traded + AROUND_ROWS : inBlocks;
  return traded * TRADES_COST * columns.length + priced * weightsOf(market, columns);
}

/**
 * What making the rows `[from, next)` costs, with the eras that they come to; nothing of what is at
 * hand but the copy.
 */
function makingCost(
  history: History,
  { fields, columns, isTraded }: Wanted,
  [from, next]: Rows,
  { isAlone, isFirst }: Reading,
): number {
  if (next <= from) return 0;
  const { market, trades } = history;
  // Those that are kept were made once for everyone who reads them.
  const isKept = isTraded && trades.has(columns, from);
  const copied = isKept ? (next - from) * columns.length : 0;
  const traded = isTraded && !isKept ? tradesCost(history, columns, from, next, isAlone) : 0;
  // What is made of prices has made them, and a status needs none.
  const isPriced = fields.includes('last') && (!isTraded || isKept);
  const lapped = from + (isPriced ? lappedRows(history, from, next) : 0);
  const priced = isAlone
    ? blocksBetween(from, lapped) * BLOCK_ROWS * weightsOf(market, columns)
    : missingCost(history, columns, from, lapped, (column) => weightOf(market, column));
  if (traded + priced === 0) return copied;
  const lone = isAlone ? LONE_COST * columns.length : 0;
  const end = traded > 0 ? next : lapped;
  return copied + traded + priced + lone + erasCost(history, columns, [from, end], isFirst);
}

/** Blocks that hold some of the rows `[from, next)`. */
export function blocksBetween(from: number, next: number): number {
  return next <= from ? 0 : Math.ceil(next / BLOCK_ROWS) - Math.floor(from / BLOCK_ROWS);
}

/** Of the blocks that hold some of the rows `[from, next)` and are not kept, each in full. */
function missingCost(
  kept: Pick<TradeHistory, 'hasBlock' | 'keepsBlocksOf'>,
  columns: readonly number[],
  from: number,
  next: number,
  costOf: (column: number) => number,
): number {
  const first = Math.floor(from / BLOCK_ROWS);
  const blocks = blocksBetween(from, next);
  if (blocks === 0) return 0;
  // With so many columns, each block pushes out another before the next reader comes.
  const areKept = kept.keepsBlocksOf(columns.length);
  let cost = 0;
  for (const column of columns) {
    const each = BLOCK_ROWS * costOf(column);
    for (let n = 0; n < blocks; n++) {
      if (!areKept || !kept.hasBlock(column, first + n)) cost += each;
    }
  }
  return cost;
}

/** How many of the rows `[from, next)` the ring no longer holds. */
export function lappedRows({ ring }: History, from: number, next: number): number {
  return Math.max(0, Math.min(next, ring.tail) - from);
}

/** How rows are read, by which it is known what of theirs is made. */
export interface Reading {
  /**
   * Old ones by whole blocks, as nobody is expected back for the rest of these. Otherwise a reader
   * goes on through them: it pays for a block when it comes to it, if that is not kept.
   */
  readonly isAlone: boolean;
  /** Whether none was read before, with which their eras would have been settled. */
  readonly isFirst: boolean;
}

/** Of rows that nothing is known of beside them. */
export const ALONE: Reading = { isAlone: true, isFirst: true };

/** Of the rows `[from, next)`: those that are not at hand are made, and all are written. */
export function rowsCost(
  history: History,
  wanted: Wanted,
  rows: Rows,
  format: Format,
  reading: Reading = ALONE,
): number {
  const [from, next] = rows;
  const values = wanted.columns.length * wanted.fields.length;
  return makingCost(history, wanted, rows, reading) + writingCost(format, next - from, values);
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
  const eras = erasCost(history, columns, [head - rows, head - rows + lapped], true);
  return made + lone + eras + writingCost('json', points, columns.length);
}

/** A level of a book, and what is done for each book beside. */
const LEVEL_COST = 75;
const BOOK_COST = 300;

/** Filling the books of so many columns at one row, whose quotes are at hand. */
export function booksCost(columns: number, levels: number): number {
  return columns * (BOOK_COST + 2 * levels * LEVEL_COST);
}

/** Finding what changed of the books of so many columns. */
export function differencesCost(columns: number, levels: number): number {
  return columns * levels * LEVEL_COST;
}

/** Finding the range of a day of one column, from what is kept of it. */
const RANGE_COST = 300;

/** Finding out what the range of a column costs. */
const RANGE_LOOK_COST = 40;

/** Finding out what the ranges of so many columns cost: to be paid before that. */
export function rangesLookingCost(columns: number): number {
  return columns * RANGE_LOOK_COST;
}

/** Of the ranges of the last day of `columns`: rows that are new since they were looked at. */
export function rangesCost(history: History, columns: readonly number[]): number {
  const { market, ring, head, day } = history;
  let cost = columns.length * RANGE_COST;
  /** Of columns for which the same rows are missing, of models that are as dear. */
  const known = new Map<string, number>();
  for (const column of columns) {
    const behind = day.behind(column);
    if (behind <= head - ring.tail) {
      cost += behind;
      continue;
    }
    const missing = day.missing(column);
    const key = `${weightOf(market, column)} ${missing.join()}`;
    const one = known.get(key) ?? missingRangesCost(history, column, missing);
    known.set(key, one);
    cost += one;
  }
  return cost;
}

function missingRangesCost(history: History, column: number, missing: readonly Rows[]): number {
  let cost = 0;
  for (const [from, next] of missing) {
    const lapped = lappedRows(history, from, next);
    cost += next - from - lapped;
    if (lapped === 0) continue;
    cost += blocksBetween(from, from + lapped) * BLOCK_ROWS * weightOf(history.market, column);
    cost += LONE_COST + erasCost(history, [column], [from, from + lapped], true);
  }
  return cost;
}

/** Of a report on `rows` rows: they are made, with what was traded, and looked at; so are days. */
export function realismCost(history: History, column: number, rows: number, days: number): number {
  const { kind } = history.market.instruments[column]!.model;
  const ofDays = kind === 'market' ? days * DAY_COST : 0;
  return rows * (2 * weightOf(history.market, column) + TRADES_COST + REPORT_COST) + ofDays;
}
