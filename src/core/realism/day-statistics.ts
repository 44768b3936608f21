import { log } from '../random/kernels.ts';
import { autocorrelation, crossCorrelation } from './autocorrelation.ts';
import type { Day as WholeDay } from './days.ts';
import { centred, magnitudesOf, momentsOf } from './moments.ts';
import type { Steps } from './steps.ts';

/** What years of days look like. A null is a number that there is not: of too few days. */
export interface DayStatistics {
  readonly days: number;
  /** Excess kurtosis of whole hours of days, and of days. */
  readonly hourKurtosis: number | null;
  readonly kurtosis: number | null;
  /** Third moment over the cube of the deviation. */
  readonly skewness: number | null;
  /** Hill's estimate of the tail index, from the largest 2 %. */
  readonly tailIndex: number | null;
  /** Days beyond four deviations, of 1,000. */
  readonly largeDays: number | null;
  /** Autocorrelation of magnitudes at 1 and 20 days. */
  readonly magnitudes1: number | null;
  readonly magnitudes20: number | null;
  /** That of the logarithm of realised variance at 1 and 5 days. */
  readonly variance1: number | null;
  readonly variance5: number | null;
  /** Deviation of the logarithm of realised volatility. */
  readonly volatilityDeviation: number | null;
  /** Volatility of the wildest whole year over that of the calmest. */
  readonly wildestYear: number | null;
  /** Correlation of a day with the squares of those after it, on average over 1 to 10 days. */
  readonly leverage: number | null;
  /**
   * How much better squares of days foretell realised variance than it foretells them, on average
   * over 1 to 10 days. Source: G. Zumbach, Quantitative Finance 9 (2009).
   */
  readonly zumbach: number | null;
  /** Deviation of gaps over that of days; null without gaps. */
  readonly night: number | null;
  /** Mean magnitude of a row of Saturdays and Sundays over that of others. */
  readonly weekend: number | null;
}

/** What of a day is looked at. */
type Day = Pick<WholeDay, 'weekday' | 'gap' | 'returns'>;

const TAIL_SHARE = 0.02;
const MIN_TAIL = 10;
const NEAR_LAGS = Array.from({ length: 10 }, (_, n) => n + 1);

/** What the days of an instrument are like; a year has `yearDays` of them, an hour `hourRows`. */
export function* dayStatisticsOf(
  days: readonly Day[],
  yearDays: number,
  hourRows: number,
): Steps<DayStatistics> {
  const moves = Float64Array.from(days, ({ gap, returns }) => gap + sumOf(returns));
  const realised = Float64Array.from(days, ({ gap, returns }) => gap * gap + squaresOf(returns));
  const { kurtosis, skewness, deviation } = yield* momentsOf(moves);
  const magnitudes = yield* magnitudesOf(moves);
  const near = yield* correlationsAt(magnitudes, [1, 20]);
  const logs = realised.map((value) => log(Math.max(value, Number.MIN_VALUE)));
  const logMoments = yield* momentsOf(logs);
  const variances = yield* correlationsAt(logs, [1, 5]);
  const squares = moves.map((value) => value * value);
  const leverage = yield* meanCross(moves, squares);
  const foretold = yield* meanCross(squares, realised);
  const foretelling = yield* meanCross(realised, squares);
  const far = 4 * (deviation ?? 0);
  const isKnown = deviation !== null && deviation > 0;
  return {
    days: days.length,
    hourKurtosis: (yield* momentsOf(hoursOf(days, hourRows))).kurtosis,
    kurtosis,
    skewness,
    tailIndex: tailIndexOf(magnitudes),
    largeDays: isKnown ? (1000 * countBeyond(magnitudes, far)) / days.length : null,
    magnitudes1: near[0]!,
    magnitudes20: near[1]!,
    variance1: variances[0]!,
    variance5: variances[1]!,
    volatilityDeviation: logMoments.deviation === null ? null : logMoments.deviation / 2,
    wildestYear: wildestOverCalmest(realised, yearDays),
    leverage,
    zumbach: foretold === null || foretelling === null ? null : foretold - foretelling,
    night: yield* nightOf(days, deviation),
    weekend: weekendOf(days),
  };
}

/** What whole hours move, counted from where their days open. */
function hoursOf(days: readonly Day[], hourRows: number): Float64Array {
  const hours = days.flatMap(({ returns }) =>
    Array.from({ length: Math.floor(returns.length / hourRows) }, (_, hour) =>
      sumOf(returns.subarray(hour * hourRows, (hour + 1) * hourRows)),
    ),
  );
  return Float64Array.from(hours);
}

function sumOf(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}

function squaresOf(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return sum;
}

function countBeyond(values: Float64Array, far: number): number {
  let count = 0;
  for (const value of values) if (value > far) count++;
  return count;
}

function* correlationsAt(
  values: Float64Array,
  lags: readonly number[],
): Steps<readonly (number | null)[]> {
  const around = yield* centred(values);
  if (around === null || around.length < 10 * lags[lags.length - 1]!) return lags.map(() => null);
  return yield* autocorrelation(around, lags);
}

function* meanCross(a: Float64Array, b: Float64Array): Steps<number | null> {
  const before = yield* centred(a);
  const after = yield* centred(b);
  if (before === null || after === null) return null;
  const found = yield* crossCorrelation(before, after, NEAR_LAGS);
  return found.reduce((sum, value) => sum + value, 0) / found.length;
}

/** Days are few, so all of them are sorted. */
function tailIndexOf(magnitudes: Float64Array): number | null {
  const count = Math.floor(magnitudes.length * TAIL_SHARE);
  if (count < MIN_TAIL) return null;
  const sorted = magnitudes.slice().sort();
  const threshold = sorted[sorted.length - 1 - count]!;
  if (threshold === 0) return null;
  let sum = 0;
  for (let n = sorted.length - count; n < sorted.length; n++) sum += log(sorted[n]! / threshold);
  return sum === 0 ? null : count / sum;
}

function wildestOverCalmest(realised: Float64Array, yearDays: number): number | null {
  let [calmest, wildest, years] = [Number.POSITIVE_INFINITY, 0, 0];
  for (let from = 0; from + yearDays <= realised.length; from += yearDays, years++) {
    const year = sumOf(realised.subarray(from, from + yearDays));
    calmest = Math.min(calmest, year);
    wildest = Math.max(wildest, year);
  }
  return years < 2 || calmest === 0 ? null : Math.sqrt(wildest / calmest);
}

function* nightOf(days: readonly Day[], deviation: number | null): Steps<number | null> {
  if (deviation === null || deviation === 0 || days.every(({ gap }) => gap === 0)) return null;
  const gaps = yield* momentsOf(Float64Array.from(days, ({ gap }) => gap));
  return gaps.deviation === null ? null : gaps.deviation / deviation;
}

function weekendOf(days: readonly Day[]): number | null {
  const sums = [0, 0];
  const rows = [0, 0];
  for (const { weekday, returns } of days) {
    const part = weekday < 5 ? 0 : 1;
    for (const value of returns) sums[part]! += Math.abs(value);
    rows[part]! += returns.length;
  }
  if (rows[0] === 0 || rows[1] === 0 || sums[0] === 0) return null;
  return sums[1]! / rows[1]! / (sums[0]! / rows[0]!);
}
