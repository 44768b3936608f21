/**
 * Single trades as bytes, little endian. The head is that of rows, with these differences:
 *
 *     2  u8 kind 4
 *    24  u32 trades, of all columns
 *    36  u32 0
 *    40  columns x f64: the number of the first trade of each
 *        columns x u32: how many trades each has
 *        trades x f64: microseconds after since
 *        trades x dtype: prices
 *        trades x f64: lots
 *        trades x u8: 1 if a buyer came, 2 if a seller
 *
 * Each part begins at the next multiple of 8. Between them are zeros. Trades stand column after
 * column.
 */

import { DTYPES, type Dtype, newPrices } from '../core/market/dtype.ts';
import { finish } from '../core/market/finish.ts';
import type { TradeLists } from '../core/market/trading/trade-lists.ts';
import { fillFrameHead, frameHeadOf, ROWS_HEAD_BYTES } from './binary.ts';
import { IS_LITTLE_ENDIAN, padded, partsOf, reverseEach } from './binary-parts.ts';

const TRADES_KIND = 4;
/** Values that are copied between two yields. */
const VALUES_PER_STEP = 2 ** 15;

/** What stands before trades of the rows with `since < time <= until`. */
export interface TradesHead {
  /** Of prices. */
  readonly dtype: Dtype;
  /** 0 to 2^32 - 1. */
  readonly id: number;
  readonly since: number;
  readonly until: number;
  readonly trades: number;
  readonly columns: number;
  readonly lagRows: number;
}

/** Writes the first 40 bytes of `out`. A lag of more than 2^32 - 1 rows is written as that. */
export function fillTradesHead(out: Uint8Array, head: TradesHead): void {
  fillFrameHead(out, { ...head, kind: TRADES_KIND, count: head.trades, mask: 0 });
}

/** What follows the head of a frame. */
export function tradesBytes(
  dtype: Dtype,
  lists: TradeLists,
  isLittleEndian = IS_LITTLE_ENDIAN,
): Uint8Array {
  return finish(tradesBytesInSteps(dtype, lists, isLittleEndian));
}

/** The same, with a yield after every few thousand values. */
export function* tradesBytesInSteps(
  dtype: Dtype,
  { first, counts, micros, prices, lots, sides }: TradeLists,
  isLittleEndian = IS_LITTLE_ENDIAN,
): Generator<void, Uint8Array, void> {
  const parts = partsFor(dtype, first.length, micros.length);
  const lists = [first, counts, micros, prices, lots, sides];
  let length = 0;
  for (const { dtype: type, length: count } of parts) {
    length = padded(length) + count * DTYPES[type].bytes;
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const [n, { dtype: type, length: count }] of parts.entries()) {
    const width = DTYPES[type].bytes;
    for (let from = 0; from < count; from += VALUES_PER_STEP) {
      const some = newPrices(type, Math.min(VALUES_PER_STEP, count - from));
      for (let k = 0; k < some.length; k++) some[k] = lists[n]![from + k]!;
      const raw = new Uint8Array(some.buffer);
      if (!isLittleEndian) reverseEach(raw, width);
      bytes.set(raw, at + from * width);
      if (from + VALUES_PER_STEP < count) yield;
    }
    at = n + 1 < parts.length ? padded(at + count * width) : at;
  }
  return bytes;
}

/** A frame of trades, taken apart. */
export interface BinaryTrades extends TradesHead {
  readonly lists: TradeLists;
}

/** The trades in `frame`, or undefined if it is not a frame of trades, whole and exact. */
export function parseTrades(
  frame: Uint8Array,
  isLittleEndian = IS_LITTLE_ENDIAN,
): BinaryTrades | undefined {
  const head = frameHeadOf(frame);
  if (head?.kind !== TRADES_KIND || head.mask !== 0) return undefined;
  const { dtype, id, since, until, count: trades, columns, lagRows } = head;
  const body = frame.subarray(ROWS_HEAD_BYTES);
  const parts = partsOf(body, partsFor(dtype, columns, trades), isLittleEndian);
  if (parts === undefined) return undefined;
  const [first, counts, micros, prices, lots, sides] = parts;
  if (sum(counts!) !== trades) return undefined;
  const lists: TradeLists = {
    first: [...first!],
    counts: [...counts!],
    micros: Float64Array.from(micros!),
    prices: Float64Array.from(prices!),
    lots: Float64Array.from(lots!),
    sides: Uint8Array.from(sides!),
  };
  return { dtype, id, since, until, trades, columns, lagRows, lists };
}

function sum(counts: ArrayLike<number>): number {
  let total = 0;
  for (let n = 0; n < counts.length; n++) total += counts[n]!;
  return total;
}

/** The parts of a frame. */
function partsFor(dtype: Dtype, columns: number, trades: number) {
  return [
    { dtype: 'float64', length: columns },
    { dtype: 'uint32', length: columns },
    { dtype: 'float64', length: trades },
    { dtype, length: trades },
    { dtype: 'float64', length: trades },
    { dtype: 'uint8', length: trades },
  ] as const;
}
