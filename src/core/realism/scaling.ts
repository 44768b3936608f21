import { log } from '../random/kernels.ts';
import { SLICE, type Steps } from './steps.ts';

/** The variance of returns over `rows` rows, over `rows` times that of one row. */
export interface VarianceRatio {
  readonly rows: number;
  /** 1 of independent returns; below 1 where they turn back, above where they go on. No unit. */
  readonly ratio: number;
  /** The standard error of independent returns of one variance; larger where it changes. */
  readonly standardError: number;
}

const RATIO_ROWS = [2, 5, 10, 30, 60, 300, 1800, 3600];
/** A ratio is given where there are this many times its rows: its standard error is below 1/4. */
const MIN_STRETCHES = 20;

/**
 * The variance ratios of returns, of overlapping stretches and without bias. `profile` is the
 * sums of the returns less their mean, and not constant.
 *
 * Source: Lo and MacKinlay, Review of Financial Studies 1 (1988), equations 12 to 14.
 */
export function* varianceRatios(profile: Float64Array): Steps<VarianceRatio[]> {
  const count = profile.length - 1;
  const single = (yield* squaredStrides(profile, 1)) / (count - 1);
  const ratios: VarianceRatio[] = [];
  for (const rows of RATIO_ROWS) {
    if (count < rows * MIN_STRETCHES) break;
    const freedom = rows * (count - rows + 1) * (1 - rows / count);
    const ratio = (yield* squaredStrides(profile, rows)) / freedom / single;
    const variance = (2 * (2 * rows - 1) * (rows - 1)) / (3 * rows * count);
    ratios.push({ rows, ratio, standardError: Math.sqrt(variance) });
  }
  return ratios;
}

/** The sum of the squares of all sums of `rows` values that follow one another. */
function* squaredStrides(profile: Float64Array, rows: number): Steps<number> {
  let sum = 0;
  for (let from = rows; from < profile.length; from += SLICE) {
    const next = Math.min(profile.length, from + SLICE);
    for (let i = from; i < next; i++) {
      const d = profile[i]! - profile[i - rows]!;
      sum += d * d;
    }
    yield;
  }
  return sum;
}

const MIN_WINDOW = 16;
/** The widest window is there this often. */
const MIN_WINDOWS = 16;
/** The fewest values a Hurst exponent is given of: four widths of windows. */
export const MIN_HURST_RETURNS = MIN_WINDOW * 8 * MIN_WINDOWS;

/**
 * The Hurst exponent of the values that `profile` has the sums of, less their mean: 0.5 if they do
 * not remember, more if they go on, less if they turn back. Null of fewer than 2,048 values.
 *
 * It is the slope of log F over log width, F being what is left of the profile around a straight
 * line in each window. Of the common estimators this one is taken because a drift or a slow change
 * of level is not mistaken for memory, as it is by R/S, and because its bias is known: of
 * independent values F^2 is (width - 4 / width) / 15 variances, 1.6 % short of proportional in the
 * narrowest window here. Its standard error is 0.01 of 2^17 independent values.
 *
 * Source: Peng et al., Physical Review E 49 (1994).
 */
export function* hurstExponent(profile: Float64Array): Steps<number | null> {
  const count = profile.length - 1;
  if (count < MIN_HURST_RETURNS) return null;
  const points: [number, number][] = [];
  for (let width = MIN_WINDOW; width * MIN_WINDOWS <= count; width *= 2) {
    const variance = yield* detrendedVariance(profile, width);
    if (variance > 0) points.push([log(width), log(variance) / 2]);
  }
  return points.length < 2 ? null : slopeOf(points);
}

/** The mean square of the profile around a straight line of its own in each window of `width`. */
export function* detrendedVariance(profile: Float64Array, width: number): Steps<number> {
  const windows = Math.floor((profile.length - 1) / width);
  const windowsInSlice = Math.max(1, Math.floor(SLICE / width));
  let sum = 0;
  for (let from = 0; from < windows; from += windowsInSlice) {
    const next = Math.min(windows, from + windowsInSlice);
    for (let place = from; place < next; place++) {
      sum += residualSquares(profile, 1 + place * width, width);
    }
    yield;
  }
  return sum / (windows * width);
}

/** The sum of squares around the straight line through `width` values from `from` on. */
function residualSquares(values: Float64Array, from: number, width: number): number {
  const middle = (width - 1) / 2;
  // Less the first value, so that no large squares are subtracted.
  const base = values[from]!;
  let [sum, squares, moment] = [0, 0, 0];

  for (let i = 0; i < width; i++) {
    const y = values[from + i]! - base;
    sum += y;
    squares += y * y;
    moment += (i - middle) * y;
  }

  const spread = (width * (width * width - 1)) / 12;
  return Math.max(0, squares - (sum * sum) / width - (moment * moment) / spread);
}

/** The slope of the straight line of least squares. */
function slopeOf(points: readonly (readonly [number, number])[]): number {
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / points.length;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / points.length;
  const top = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  return top / points.reduce((sum, [x]) => sum + (x - meanX) * (x - meanX), 0);
}
