import { DTYPES, type Dtype } from '../../../core/market/dtype.ts';
import type { Field } from '../../../core/market/fields.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import { IS_LITTLE_ENDIAN } from '../../../wire/binary-parts.ts';
import type { Notation } from '../../../wire/notation.ts';
import { priceOf } from './notation.ts';

/**
 * The columns of Arrow and Parquet. Each has one number type, and none is unsigned: a difference of
 * two unsigned prices would be four thousand million where it should be -1.
 */

export type NumberType = 'int8' | 'int16' | 'int32' | 'int64' | 'float64';

/** What a column says of itself, and how its values are made of those that were read. */
export interface Form {
  readonly type: NumberType;
  readonly about: Readonly<Record<string, number>>;
  /** Absent where they are the same. */
  readonly convert?: (value: number) => number;
}

/** Sums of candles: they outgrow 32 bits. */
export const SUMS_FORM: Form = { type: 'int64', about: {} };

/** Values that are converted between two yields. */
const VALUES_PER_STEP = 2 ** 14;

const SIGNED = [
  { type: 'int8', most: 2 ** 7 - 1 },
  { type: 'int16', most: 2 ** 15 - 1 },
  { type: 'int32', most: 2 ** 31 - 1 },
] as const;

/**
 * Of prices: in ticks the narrowest type that holds the instrument's bounds and every difference of
 * two prices; as decimals float64, which DuckDB, Polars and pandas count with at full speed, and
 * which the text of a price stands for. Of a column with prices of several instruments, `among`
 * are all of them.
 */
export function pricesForm(
  notation: Notation,
  instrument: Instrument,
  dtype: Dtype,
  among: readonly Instrument[] | undefined = undefined,
): Form {
  const { tickSize, decimals } = instrument;
  const isOnly = among === undefined;
  if (notation.prices === 'decimal') {
    const about = isOnly ? { decimals } : {};
    return { type: 'float64', about, convert: priceOf(instrument) };
  }
  const about = isOnly ? { tickSize, decimals } : {};
  if (dtype === 'float64') return { type: 'float64', about };
  const { minTicks, maxTicks } = instrument;
  return { type: isOnly ? signedFor(minTicks, maxTicks) : typeAmong(among), about };
}

/** What holds the prices of all of a list, which is asked for with each part of a table. */
const typesAmong = new WeakMap<readonly Instrument[], NumberType>();

function typeAmong(instruments: readonly Instrument[]): NumberType {
  const known = typesAmong.get(instruments);
  if (known !== undefined) return known;
  let [least, most] = [0, 0];
  for (const { minTicks, maxTicks } of instruments) {
    least = Math.min(least, minTicks);
    most = Math.max(most, maxTicks);
  }
  const type = signedFor(least, most);
  typesAmong.set(instruments, type);
  return type;
}

/** Of what is no price. */
export function valuesForm(field: Field): Form {
  // 0, 1 and 2; what else is counted fills 32 bits without a sign.
  const isFew = field === 'aggressor' || field === 'status';
  const type = isFew ? 'int8' : signedFor(0, DTYPES.uint32.max);
  return { type, about: {} };
}

function signedFor(min: number, max: number): NumberType {
  const reach = Math.max(-min, max, max - min);
  return SIGNED.find(({ most }) => reach <= most)?.type ?? 'int64';
}

/** The arrays of each type. */
interface Arrays {
  readonly int8: Int8Array;
  readonly int16: Int16Array;
  readonly int32: Int32Array;
  readonly int64: BigInt64Array;
  readonly float64: Float64Array;
}

const ARRAYS = { int8: Int8Array, int16: Int16Array, int32: Int32Array, float64: Float64Array };

/** `values`, converted if they are to be, as the numbers of a type. */
export function* valuesOf<T extends NumberType>(
  type: T,
  values: ArrayLike<number>,
  convert: Form['convert'],
): Generator<unknown, Arrays[T], void> {
  if (type === 'int64') {
    return (yield* wideOf(values.length, (row) => values[row]!)) as Arrays[T];
  }
  const made = new ARRAYS[type as keyof typeof ARRAYS](values.length);
  for (let from = 0; convert === undefined && from < values.length; from += VALUES_PER_STEP) {
    made.set(stretchOf(values, from, from + VALUES_PER_STEP), from);
    yield;
  }
  for (let row = 0; convert !== undefined && row < values.length; row++) {
    made[row] = convert(values[row]!);
    if (row % VALUES_PER_STEP === VALUES_PER_STEP - 1) yield;
  }
  return made as Arrays[T];
}

/** Those from `from` on that are before `next`. */
export function stretchOf(
  values: ArrayLike<number>,
  from: number,
  next: number,
): ArrayLike<number> {
  if (Array.isArray(values)) return values.slice(from, next);
  return (values as Float64Array).subarray(from, next);
}

/**
 * The values of `rows` rows as 64-bit integers. Their halves are set alone: a BigInt for
 * each takes many times longer.
 */
export function* wideOf(
  rows: number,
  valueAt: (row: number) => number,
  isLittleEndian = IS_LITTLE_ENDIAN,
): Generator<unknown, BigInt64Array, void> {
  const wide = new BigInt64Array(rows);
  const halves = new Int32Array(wide.buffer);
  const [low, high] = isLittleEndian ? [0, 1] : [1, 0];
  for (let row = 0; row < rows; row++) {
    const value = valueAt(row);
    halves[2 * row + low] = value | 0;
    halves[2 * row + high] = Math.floor(value / 2 ** 32);
    if (row % VALUES_PER_STEP === VALUES_PER_STEP - 1) yield;
  }
  return wide;
}
