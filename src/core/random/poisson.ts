/**
 * How many events there are when `mean` are expected: the Poisson distribution, by inverting it.
 *
 * The mode has weight 1 and its neighbours follow by ratios, as far as weights reach 2^-64: beyond
 * lies less than a draw of 53 bits can tell.
 */

const TWO_53 = 0x20_0000_0000_0000;
const LEAST = 1 / 0x1_0000_0000 / 0x1_0000_0000;

export class Poisson {
  readonly mean: number;
  readonly #lowest: number;
  readonly #cumulative: Float64Array;

  /** `mean` is from 0 to 2^28. */
  constructor(mean: number) {
    this.mean = mean;
    const mode = Math.floor(mean);
    const below: number[] = [];
    for (let k = mode, weight = 1; k > 0 && weight >= LEAST; k--) {
      weight *= k / mean;
      below.push(weight);
    }
    const weights = [...below.reverse(), 1];
    for (let k = mode + 1, weight = 1; weight >= LEAST; k++) {
      weight *= mean / k;
      weights.push(weight);
    }
    this.#lowest = mode - below.length;
    let sum = 0;
    this.#cumulative = Float64Array.from(weights, (weight) => {
      sum += weight;
      return sum;
    });
  }

  /** The number of events that the 53 bits of two words stand for. */
  draw(word0: number, word1: number): number {
    const cumulative = this.#cumulative;
    const u = ((word0 >>> 5) * 0x400_0000 + (word1 >>> 6)) / TWO_53;
    let at = 0;
    let end = cumulative.length - 1;
    const level = u * cumulative[end]!;
    while (at < end) {
      const middle = (at + end) >> 1;
      if (cumulative[middle]! > level) end = middle;
      else at = middle + 1;
    }
    return this.#lowest + at;
  }
}

/** Distributions that were used last: the instruments of a market mostly have the same. */
const HELD = 32;
const held = new Map<number, Poisson>();

/** The distribution of so many events, perhaps one that was made before. */
export function poissonOf(mean: number): Poisson {
  let poisson = held.get(mean);
  if (poisson !== undefined) return poisson;
  if (held.size >= HELD) held.delete(held.keys().next().value!);
  poisson = new Poisson(mean);
  held.set(mean, poisson);
  return poisson;
}
