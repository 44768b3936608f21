import { exp } from '../random/kernels.ts';
import { SLICE, type Steps } from './steps.ts';

/** Bins end this many standard deviations from the mean. */
const END = 6;
/** How wide a bin is, in standard deviations, where ticks are finer. */
const WIDTH = 0.5;

/**
 * How returns are distributed, beside a normal distribution of the same mean and deviation.
 * Shares are parts of 1; the shares of all bins and both tails make 1.
 */
export interface Histogram {
  /**
   * Where bins begin and end, in standard deviations from the mean: one more than bins. From -6 to
   * 6 by 0.5, or as near to it as bins of whole ticks come.
   */
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

/** The histogram of values of mean 0, given their deviation, which is above 0, and their tick. */
export function* histogramOf(
  centred: Float64Array,
  deviation: number,
  tick: number,
): Steps<Histogram> {
  const { width, bins } = layoutOf(tick / deviation);
  const counts = new Uint32Array(bins + 2);
  const scale = 1 / (width * deviation);
  for (let from = 0; from < centred.length; from += SLICE) {
    const next = Math.min(centred.length, from + SLICE);
    for (let i = from; i < next; i++) {
      const bin = Math.floor(centred[i]! * scale + bins / 2);
      counts[Math.max(-1, Math.min(bins, bin)) + 1]!++;
    }
    yield;
  }
  const shares = Array.from(counts, (bin) => bin / centred.length);
  const edges = Array.from({ length: bins + 1 }, (_, i) => (i - bins / 2) * width);
  return {
    edges,
    shares: shares.slice(1, bins + 1),
    normalShares: edges.slice(1).map((edge, i) => normalBetween(edges[i]!, edge)),
    below: shares[0]!,
    above: shares[bins + 1]!,
    normalTail: normalAbove(edges[bins]!),
  };
}

/**
 * Bins as wide as whole ticks, the middle one around 0, where a bin would else hold one tick or
 * two, or none and one: the teeth of such a comb would be of the bins and not of the returns.
 */
function layoutOf(tick: number): { width: number; bins: number } {
  if (!(tick > WIDTH / 2 && tick <= 3 * WIDTH)) return { width: WIDTH, bins: (2 * END) / WIDTH };
  const width = tick * Math.max(1, Math.floor(WIDTH / tick));
  return { width, bins: 2 * Math.floor(END / width - 0.5) + 1 };
}

/** The probability of a standard normal value in `[from, next)`. */
function normalBetween(from: number, next: number): number {
  if (from < 0 && next > 0) return 1 - normalAbove(-from) - normalAbove(next);
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
