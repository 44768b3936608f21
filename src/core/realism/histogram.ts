import { exp } from '../random/kernels.ts';
import { SLICE, type Steps } from './steps.ts';

/** Bins end this many standard deviations from the mean. */
export const HISTOGRAM_END = 6;
/** Bins to a standard deviation. */
const BINS_PER_DEVIATION = 2;
const BINS = 2 * HISTOGRAM_END * BINS_PER_DEVIATION;

/**
 * How returns are distributed, beside a normal distribution of the same mean and deviation.
 * Shares are parts of 1; the shares of all bins and both tails make 1.
 */
export interface Histogram {
  /** Where bins begin and end, in standard deviations from the mean: one more than bins. */
  readonly edges: readonly number[];
  /** The share in each bin, its lower edge included. */
  readonly shares: readonly number[];
  readonly normalShares: readonly number[];
  /** The share below the first edge. */
  readonly below: number;
  /** The share at or above the last edge. */
  readonly above: number;
  /** What a normal distribution has below the first edge, and as much above the last. */
  readonly normalTail: number;
}

/** The histogram of values of mean 0, given their deviation, which is above 0. */
export function* histogramOf(centred: Float64Array, deviation: number): Steps<Histogram> {
  const counts = new Uint32Array(BINS + 2);
  const scale = BINS_PER_DEVIATION / deviation;
  const offset = HISTOGRAM_END * BINS_PER_DEVIATION + 1;
  for (let from = 0; from < centred.length; from += SLICE) {
    const next = Math.min(centred.length, from + SLICE);
    for (let i = from; i < next; i++) {
      const bin = Math.floor(centred[i]! * scale + offset);
      counts[Math.max(0, Math.min(BINS + 1, bin))]!++;
    }
    yield;
  }
  const shares = Array.from(counts, (bin) => bin / centred.length);
  const edges = Array.from({ length: BINS + 1 }, (_, i) => i / BINS_PER_DEVIATION - HISTOGRAM_END);
  return {
    edges,
    shares: shares.slice(1, BINS + 1),
    normalShares: edges.slice(1).map((edge, i) => normalBetween(edges[i]!, edge)),
    below: shares[0]!,
    above: shares[BINS + 1]!,
    normalTail: normalAbove(HISTOGRAM_END),
  };
}

/** The probability of a standard normal value in `[from, next)`, both on one side of 0. */
function normalBetween(from: number, next: number): number {
  const near = Math.min(Math.abs(from), Math.abs(next));
  const far = Math.max(Math.abs(from), Math.abs(next));
  return normalAbove(near) - normalAbove(far);
}

/** 1 / sqrt(2 pi). */
const PEAK = 0.3989422804014327;

/**
 * The probability that a standard normal value exceeds `z`, from 0 to 37, within 1e-12 of itself.
 *
 * Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.2.11 and 26.2.14.
 */
export function normalAbove(z: number): number {
  const density = PEAK * exp((-z * z) / 2);
  if (z > 3) {
    let fraction = z;
    for (let k = 80; k >= 1; k--) fraction = z + k / fraction;
    return density / fraction;
  }
  let [term, sum] = [z, 0];
  for (let k = 3; term > 1e-17; k += 2) {
    sum += term;
    term *= (z * z) / k;
  }
  return 0.5 - density * sum;
}
