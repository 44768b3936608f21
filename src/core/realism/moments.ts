import { FILL_SLICE, SLICE, type Steps } from './steps.ts';

/** The fewest values that a variance, a skewness or a kurtosis is given of. */
export const MIN_RETURNS = 100;

/** The shape of a distribution. A null is a number that there is not. */
export interface Moments {
  /** How many values there were. */
  readonly count: number;
  /** In the values' own unit; null of fewer than 100 values. */
  readonly mean: number | null;
  /** Standard deviation, in the values' own unit; null of fewer than 100 values. */
  readonly deviation: number | null;
  /** Third central moment over the cube of the deviation, no unit; null also if they are equal. */
  readonly skewness: number | null;
  /** Excess kurtosis, 0 of a normal distribution, no unit; null also if all values are equal. */
  readonly kurtosis: number | null;
}

/** The moments of `values`, over n and not n - 1: of so many, nobody sees the difference. */
export function* momentsOf(values: Float64Array): Steps<Moments> {
  const count = values.length;
  if (count < MIN_RETURNS) {
    return { count, mean: null, deviation: null, skewness: null, kurtosis: null };
  }
  const mean = yield* meanOf(values);
  let [squares, cubes, fourths] = [0, 0, 0];
  for (let from = 0; from < count; from += SLICE) {
    const next = Math.min(count, from + SLICE);
    for (let i = from; i < next; i++) {
      const d = values[i]! - mean;
      const square = d * d;
      squares += square;
      cubes += square * d;
      fourths += square * square;
    }
    yield;
  }
  const variance = squares / count;
  const deviation = Math.sqrt(variance);
  if (isConstant(deviation, mean)) {
    return { count, mean, deviation: 0, skewness: null, kurtosis: null };
  }
  const skewness = cubes / count / (variance * deviation);
  const kurtosis = fourths / count / (variance * variance) - 3;
  return { count, mean, deviation, skewness, kurtosis };
}

/** The mean of `values`; 0 of none. */
export function* meanOf(values: Float64Array): Steps<number> {
  let sum = 0;
  for (let from = 0; from < values.length; from += SLICE) {
    const next = Math.min(values.length, from + SLICE);
    for (let i = from; i < next; i++) sum += values[i]!;
    yield;
  }
  return values.length === 0 ? 0 : sum / values.length;
}

/**
 * Whether a deviation is only the rounding of equal values: 0.1 a million times has one of 1e-12.
 */
export function isConstant(deviation: number, mean: number): boolean {
  return !(deviation > 1e-10 * Math.abs(mean));
}

/**
 * `values` less their mean; null if they are fewer than 100, or all equal. In `room` if there is
 * one, which may be that of the values; so are those below.
 */
export function* centred(values: Float64Array, room?: Float64Array): Steps<Float64Array | null> {
  if (values.length < MIN_RETURNS) return null;
  const mean = yield* meanOf(values);
  const result = within(room, values.length);
  let squares = 0;
  for (let from = 0; from < values.length; from += FILL_SLICE) {
    const next = Math.min(values.length, from + FILL_SLICE);
    for (let i = from; i < next; i++) {
      const d = values[i]! - mean;
      result[i] = d;
      squares += d * d;
    }
    yield;
  }
  return isConstant(Math.sqrt(squares / values.length), mean) ? null : result;
}

/** `|values[i]|`. */
export function* magnitudesOf(values: Float64Array, room?: Float64Array): Steps<Float64Array> {
  const result = within(room, values.length);
  for (let from = 0; from < values.length; from += FILL_SLICE) {
    const next = Math.min(values.length, from + FILL_SLICE);
    for (let i = from; i < next; i++) result[i] = Math.abs(values[i]!);
    yield;
  }
  return result;
}

/**
 * The sums of the first 0, 1, 2, ... of `values`: one more number than they are. The sum of any
 * stretch of them is then one subtraction.
 */
export function* profileOf(values: Float64Array, room?: Float64Array): Steps<Float64Array> {
  const profile = within(room, values.length + 1);
  profile[0] = 0;
  let sum = 0;
  for (let from = 0; from < values.length; from += FILL_SLICE) {
    const next = Math.min(values.length, from + FILL_SLICE);
    for (let i = from; i < next; i++) {
      sum += values[i]!;
      profile[i + 1] = sum;
    }
    yield;
  }
  return profile;
}

/** The sums of each `rows` values that follow one another; fewer at the end are left out. */
export function* stridesOf(
  profile: Float64Array,
  rows: number,
  room?: Float64Array,
): Steps<Float64Array> {
  const sums = within(room, Math.floor((profile.length - 1) / rows));
  for (let from = 0; from < sums.length; from += FILL_SLICE) {
    const next = Math.min(sums.length, from + FILL_SLICE);
    for (let i = from; i < next; i++) sums[i] = profile[(i + 1) * rows]! - profile[i * rows]!;
    yield;
  }
  return sums;
}

function within(room: Float64Array | undefined, length: number): Float64Array {
  return room === undefined ? new Float64Array(length) : room.subarray(0, length);
}
