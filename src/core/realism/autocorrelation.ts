import { exp, log } from '../random/kernels.ts';
import { SLICE, type Steps } from './steps.ts';

/** The lags up to this one are all looked at. */
const DENSE_LAGS = 20;
/** How many lags there are to a factor of 10 beyond that. */
const LAGS_PER_DECADE = 8;
const MAX_LAG = 10_000;
const LN_10 = log(10);

/** The lags to look at in `count` values, rising: 1 to 20, then evenly by their logarithms. */
export function lagsFor(count: number): number[] {
  const most = Math.min(MAX_LAG, Math.floor(count / 10));
  const lags: number[] = [];
  for (let lag = 1; lag <= Math.min(DENSE_LAGS, most); lag++) lags.push(lag);
  for (let k = 1; ; k++) {
    const lag = Math.floor(exp((k / LAGS_PER_DECADE) * LN_10) + 0.5);
    if (lag > most) return lags;
    if (lag > DENSE_LAGS) lags.push(lag);
  }
}

/**
 * The autocorrelation at each of `lags` of values of mean 0 that are not all 0: the sum of
 * products over that of squares, so that no lag can be beyond 1. 0.5 ns a value and lag.
 */
export function* autocorrelation(values: Float64Array, lags: readonly number[]): Steps<number[]> {
  const squares = yield* laggedProduct(values, values, 0);
  const result: number[] = [];
  for (const lag of lags) result.push((yield* laggedProduct(values, values, lag)) / squares);
  return result;
}

/** The correlation of `a[t]` and `b[t + lag]` at each of `lags`, of values like those above. */
export function* crossCorrelation(
  a: Float64Array,
  b: Float64Array,
  lags: readonly number[],
): Steps<number[]> {
  const squaresA = yield* laggedProduct(a, a, 0);
  const squaresB = yield* laggedProduct(b, b, 0);
  const scale = Math.sqrt(squaresA) * Math.sqrt(squaresB);
  const result: number[] = [];
  for (const lag of lags) result.push((yield* laggedProduct(a, b, lag)) / scale);
  return result;
}

/** The sum of `a[t] * b[t + lag]`. */
export function* laggedProduct(a: Float64Array, b: Float64Array, lag: number): Steps<number> {
  const terms = Math.max(0, Math.min(a.length, b.length - lag));
  let sum = 0;
  for (let from = 0; from < terms; from += SLICE) {
    sum += stretchProduct(a, b, lag, from, Math.min(terms, from + SLICE));
    yield;
  }
  return sum;
}

/** Four sums at a time: an addition takes four cycles, but one can begin in each. */
function stretchProduct(
  a: Float64Array,
  b: Float64Array,
  lag: number,
  from: number,
  next: number,
): number {
  const whole = next - ((next - from) & 3);
  let [s0, s1, s2, s3] = [0, 0, 0, 0];

  for (let i = from; i < whole; i += 4) {
    const j = i + lag;
    s0 += a[i]! * b[j]!;
    s1 += a[i + 1]! * b[j + 1]!;
    s2 += a[i + 2]! * b[j + 2]!;
    s3 += a[i + 3]! * b[j + 3]!;
  }
  for (let i = whole; i < next; i++) s0 += a[i]! * b[i + lag]!;

  return s0 + s1 + (s2 + s3);
}
