/**
 * Candles of a stream as bytes, little endian. The head is that of rows, with these differences:
 *
 *     2  u8 kind 3
 *    24  u32 candles
 *    36  u32 8 volume, 16 trades, 256 final, added up
 *    40  candles x f64: where each begins
 *        open, high, low, close: of each columns x candles prices of the dtype, column after column
 *        volume, trades, if they are there: of each columns x candles f64
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
/** Columns that are copied between two yields. */
const COLUMNS_PER_STEP = 2 ** 10;

/** What stands before candles, all of them final or one that is not, as of the row at `until`. */
export interface CandlesHead {
  /** Of prices. */
  readonly dtype: Dtype;
  readonly fields: readonly CandleField[];
  readonly isFinal: boolean;
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
  const { fields, isFinal, candles } = head;
  const mask = maskOf(fields) + (isFinal ? FINAL : 0);
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
  { time, columns, fields, values }: CandleLists,
  isLittleEndian = IS_LITTLE_ENDIAN,
): Generator<void, Uint8Array, void> {
  const parts = partsFor(dtype, fields, columns, time.length);
  const lists = [Float64Array.from(time), ...inOrder(fields).map((name) => values[name]!)];
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
  if (mask !== maskOf(fields) + (isFinal ? FINAL : 0)) return undefined;
  if (count < 1 || (!isFinal && count > 1)) return undefined;
  const parts = partsOf(
    frame.subarray(ROWS_HEAD_BYTES),
    partsFor(dtype, fields, columns, count),
    isLittleEndian,
  );
  if (parts === undefined) return undefined;
  const [time, ...lists] = parts.map((part) => Float64Array.from(part));
  if (!time!.every((ms, n) => !(ms <= time![n - 1]!))) return undefined;
  const values = Object.fromEntries(inOrder(fields).map((name, n) => [name, lists[n]!]));
  return {
    ...{ dtype, fields, isFinal, id, since, until, candles: count, columns, lagRows },
    lists: { fields, columns, time: [...time!], values: values as CandleLists['values'] },
  };
}

/** The parts of a frame: times, prices, sums. */
function partsFor(dtype: Dtype, fields: readonly CandleField[], columns: number, count: number) {
  const length = columns * count;
  return [
    { dtype: 'float64' as const, length: count },
    ...CANDLE_PRICES.map(() => ({ dtype, length })),
    ...fields.map(() => ({ dtype: 'float64' as const, length })),
  ];
}

/** What follows the times, in the order of frames. */
function inOrder(fields: readonly CandleField[]) {
  return candleValues(CANDLE_FIELDS.filter((field) => fields.includes(field)));
}
