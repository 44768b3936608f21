/**
 * Candles of a stream as bytes, little endian. The head is that of rows, with these differences:
 *
 *     2  u8 kind 3
 *    24  u32 candles
 *    36  u32 8 volume, 16 trades, 256 final, 512 without held ones, added up
 *    40  candles x f64: where each begins
 *        open, high, low, close: of each columns x candles prices of the dtype, column after column
 *        volume, trades, if they are there: of each columns x candles f64
 *        without held ones: columns x candles u8, 1 where a column has none and its values say 0
 *
 * Each part begins at the next multiple of 8. Between them are zeros.
 */

import { CANDLE_PRICES, type CandleLists, candleValues } from '../core/market/candle-lists.ts';
import { DTYPES, type Dtype, newPrices } from '../core/market/dtype.ts';
import { CANDLE_FIELDS, type CandleField } from '../core/market/fields.ts';
import { finish } from '../core/market/finish.ts';
import { fillFrameHead, frameHeadOf, maskOf, ROWS_HEAD_BYTES } from './binary.ts';
import { IS_LITTLE_ENDIAN, padded, partsOf, reverseEach } from './binary-parts.ts';

/** What every candle says: for readers that know nothing of the core. */
export { CANDLE_PRICES };

const CANDLES_KIND = 3;
const FINAL = 256;
const SPARSE = 512;
/** Columns that are copied between two yields. */
const COLUMNS_PER_STEP = 2 ** 10;

/** What stands before candles, all of them final or one that is not, as of the row at `until`. */
export interface CandlesHead {
  /** Of prices. */
  readonly dtype: Dtype;
  readonly fields: readonly CandleField[];
  readonly isFinal: boolean;
  /** Whether a column may have no candle where another has one, or none has any. */
  readonly isSparse?: boolean;
  /** 0 to 2^32 - 1. */
  readonly id: number;
  readonly since: number;
  readonly until: number;
  readonly candles: number;
  readonly columns: number;
  readonly lagRows: number;
}

/** Writes the first 40 bytes of `out`. A lag of more than 2^32 - 1 rows is written as that. */
export function fillCandlesHead(out: Uint8Array, head: CandlesHead): void {
  const { fields, isFinal, isSparse, candles } = head;
  const mask = maskOf(fields) + (isFinal ? FINAL : 0) + (isSparse ? SPARSE : 0);
  fillFrameHead(out, { ...head, kind: CANDLES_KIND, count: candles, mask });
}

/** What follows the head of a frame. */
export function candlesBytes(
  dtype: Dtype,
  candles: CandleLists,
  isLittleEndian = IS_LITTLE_ENDIAN,
): Uint8Array {
  return finish(candlesBytesInSteps(dtype, candles, isLittleEndian));
}

/** The same, with a yield after every few thousand values. */
export function* candlesBytesInSteps(
  dtype: Dtype,
  candles: CandleLists,
  isLittleEndian = IS_LITTLE_ENDIAN,
): Generator<void, Uint8Array, void> {
  const { time, columns, fields, isSparse = false } = candles;
  const parts = partsFor(dtype, { fields, isSparse }, columns, time.length);
  const lists = [Float64Array.from(time), ...(isSparse ? sparse(candles) : dense(candles))];
  const step = COLUMNS_PER_STEP * Math.max(1, time.length);
  let length = 0;
  for (const { dtype: type, length: count } of parts) {
    length = padded(length) + count * DTYPES[type].bytes;
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const [n, { dtype: type, length: count }] of parts.entries()) {
    const next = at + count * DTYPES[type].bytes;
    for (let from = 0; from < count; from += step) {
      const some = newPrices(type, Math.min(step, count - from));
      some.set(lists[n]!.subarray(from, from + some.length));
      const raw = new Uint8Array(some.buffer);
      if (!isLittleEndian) reverseEach(raw, some.BYTES_PER_ELEMENT);
      bytes.set(raw, at + from * some.BYTES_PER_ELEMENT);
      if (from + step < count) yield;
    }
    at = padded(next);
  }
  return bytes;
}

function dense({ fields, values }: CandleLists): readonly Float64Array[] {
  return inOrder(fields).map((name) => values[name]!);
}

/** With zeros where there is no candle, and behind them where that is. */
function sparse(candles: CandleLists): readonly Float64Array[] {
  const lists = dense(candles).map((list) => list.map((value) => value || 0));
  return [...lists, candles.values.open.map((value) => Number(Number.isNaN(value)))];
}

/** A frame of candles, taken apart. */
export interface BinaryCandles extends CandlesHead {
  readonly lists: CandleLists;
}

/** The candles in `frame`, or undefined if it is not a frame of candles, whole and exact. */
export function parseCandles(
  frame: Uint8Array,
  isLittleEndian = IS_LITTLE_ENDIAN,
): BinaryCandles | undefined {
  const head = frameHeadOf(frame);
  if (head?.kind !== CANDLES_KIND) return undefined;
  const { dtype, id, since, until, count, columns, lagRows, mask } = head;
  const fields = CANDLE_FIELDS.filter((field) => mask & maskOf([field]));
  const isFinal = (mask & FINAL) !== 0;
  const isSparse = (mask & SPARSE) !== 0;
  if (mask !== maskOf(fields) + (isFinal ? FINAL : 0) + (isSparse ? SPARSE : 0)) return undefined;
  if ((count < 1 && !isSparse) || (!isFinal && count > 1)) return undefined;
  const parts = partsOf(
    frame.subarray(ROWS_HEAD_BYTES),
    partsFor(dtype, { fields, isSparse }, columns, count),
    isLittleEndian,
  );
  if (parts === undefined) return undefined;
  const [time, ...lists] = parts.map((part) => Float64Array.from(part));
  if (!time!.every((ms, n) => !(ms <= time![n - 1]!))) return undefined;
  const leftOut = isSparse ? lists.pop()! : undefined;
  if (leftOut !== undefined) {
    if (leftOut.some((value) => value > 1)) return undefined;
    for (const list of lists) {
      for (const [n, value] of leftOut.entries()) if (value === 1) list[n] = Number.NaN;
    }
  }
  const values = Object.fromEntries(inOrder(fields).map((name, n) => [name, lists[n]!]));
  const kind = isSparse ? { isSparse } : {};
  return {
    ...{ dtype, fields, isFinal, id, since, until, candles: count, columns, lagRows, ...kind },
    lists: {
      ...{ fields, columns, time: [...time!], ...kind },
      values: values as CandleLists['values'],
    },
  };
}

/** The parts of a frame: times, prices, sums. */
function partsFor(
  dtype: Dtype,
  { fields, isSparse }: { readonly fields: readonly CandleField[]; readonly isSparse: boolean },
  columns: number,
  count: number,
) {
  const length = columns * count;
  return [
    { dtype: 'float64' as const, length: count },
    ...CANDLE_PRICES.map(() => ({ dtype, length })),
    ...fields.map(() => ({ dtype: 'float64' as const, length })),
    ...(isSparse ? [{ dtype: 'uint8' as const, length }] : []),
  ];
}

/** What follows the times, in the order of frames. */
function inOrder(fields: readonly CandleField[]) {
  return candleValues(CANDLE_FIELDS.filter((field) => fields.includes(field)));
}
