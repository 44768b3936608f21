/**
 * Ups among many fair coins: Binomial(n, 1/2), by inverting its distribution.
 *
 * The inverse of the cumulative sum is taken rather than an alias table: it is as fast with a guide
 * table in front, monotone, and described in three lines to whoever wants the same numbers.
 */

const TWO_53 = 0x20_0000_0000_0000;
const GUIDES = 16_384;

export class FairBinomial {
  readonly #lowest: number;
  readonly #cumulative: Float64Array;
  readonly #total: number;
  readonly #guide = new Uint32Array(GUIDES + 1);

  /**
   * The distribution of ups among `tosses` fair coins, a power of four.
   *
   * Only outcomes within 16 standard deviations are held: beyond lie 2^-184 of them, and a draw has
   * 53 bits.
   */
  constructor(tosses: number) {
    const half = tosses / 2;
    const reach = 8 * Math.sqrt(tosses);
    const weights = new Float64Array(2 * reach + 1);
    weights[reach] = 1;
    for (let d = 1; d <= reach; d++) {
      const weight = (weights[reach + d - 1]! * (half - d + 1)) / (half + d);
      weights[reach + d] = weight;
      weights[reach - d] = weight;
    }
    let sum = 0;
    this.#cumulative = weights.map((weight) => {
      sum += weight;
      return sum;
    });
    this.#total = sum;
    this.#lowest = half - reach;
    for (let g = 0, at = 0; g < GUIDES; g++) {
      while (this.#cumulative[at]! <= (g / GUIDES) * sum) at++;
      this.#guide[g] = at;
    }
    this.#guide[GUIDES] = 2 * reach;
  }

  /** The number of ups that the 53 bits of two words stand for. */
  draw(word0: number, word1: number): number {
    const u = ((word0 >>> 5) * 0x400_0000 + (word1 >>> 6)) / TWO_53;
    const level = u * this.#total;
    const guide = Math.floor(u * GUIDES);
    let at = this.#guide[guide]!;
    let end = this.#guide[guide + 1]!;
    while (at < end) {
      const middle = (at + end) >> 1;
      if (this.#cumulative[middle]! > level) end = middle;
      else at = middle + 1;
    }
    return this.#lowest + at;
  }
}
