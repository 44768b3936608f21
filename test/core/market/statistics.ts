/**
 * Statistics for tests of a law. Each gives a number of standard deviations from what the law says.
 *
 * All seeds are pinned, so a test either always passes or always fails. `SIGMAS` is how far a right
 * law may be off: beyond 4 standard deviations lies one seed in 16,000, so that a seed picked
 * without looking passes, and the wrong laws that the tests are for are off by far more.
 */
export const SIGMAS = 4;

/** How far a chi-square statistic is from its `freedom`. Source: Wilson and Hilferty, 1931. */
export function chiSquareSigmas(statistic: number, freedom: number): number {
  const spread = 2 / (9 * freedom);
  return (Math.cbrt(statistic / freedom) - (1 - spread)) / Math.sqrt(spread);
}

/** How far `counts` are from `expected`; neighbours are put together until 10 are expected. */
export function fitSigmas(counts: readonly number[], expected: readonly number[]): number {
  let statistic = 0;
  let cells = 0;
  let [seen, due] = [0, 0];
  let left = expected.reduce((sum, value) => sum + value, 0);
  for (const [at, value] of expected.entries()) {
    seen += counts[at];
    due += value;
    left -= value;
    if ((due >= 10 && left >= 10) || at === expected.length - 1) {
      statistic += (seen - due) ** 2 / due;
      cells++;
      [seen, due] = [0, 0];
    }
  }
  return chiSquareSigmas(statistic, cells - 1);
}

/** How far `values` are from being uniform on `[0, 1)`, by their counts in `cells` equal parts. */
export function uniformSigmas(values: readonly number[], cells = 32): number {
  const counts = new Array<number>(cells).fill(0);
  for (const value of values) counts[Math.min(cells - 1, Math.floor(value * cells))]++;
  return fitSigmas(counts, new Array<number>(cells).fill(values.length / cells));
}

/** How far the mean of `values`, of variance 1 each, is from 0. */
export function meanSigmas(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.sqrt(values.length);
}

/** How far the correlation of two lists, each of mean 0 and variance 1, is from 0. */
export function correlationSigmas(a: readonly number[], b: readonly number[]): number {
  return meanSigmas(a.map((value, at) => value * b[at]));
}

/** How far the mean square of normal `values` of variance 1 is from 1. */
export function varianceSigmas(values: readonly number[]): number {
  const squares = values.reduce((sum, value) => sum + value * value, 0);
  return chiSquareSigmas(squares, values.length);
}

/** The probability that a standard normal variate is below `z`, within 1e-7. */
export function normalBelow(z: number): number {
  // Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.2.17.
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const series =
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const above = (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series;
  return z < 0 ? above : 1 - above;
}

/** How far `values` are from standard normal, by the shape of their distribution. */
export function normalSigmas(values: readonly number[]): number {
  return uniformSigmas(values.map(normalBelow));
}

/** `P(ups = k)` for k from 0 to `tosses` of a fair coin. */
export function binomialLaw(tosses: number): number[] {
  const half = tosses / 2;
  const weights = new Array<number>(tosses + 1).fill(0);
  weights[half] = 1;
  for (let d = 1; d <= half; d++) {
    weights[half + d] = (weights[half + d - 1] * (half - d + 1)) / (half + d);
    weights[half - d] = weights[half + d];
  }
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/** A pinned sequence of numbers in `[0, 1)`: Marsaglia's xorshift32, no relation to the core's. */
export function sequence(seed: number): () => number {
  let x = seed | 0 || 1;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) / 0x1_0000_0000;
  };
}
