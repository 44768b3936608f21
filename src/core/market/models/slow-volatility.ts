/**
 * The logarithm of volatility, by days of business: dyadic levels, whose cells are 1 to 512 days
 * long, so that it has a memory of every length up to years.
 *
 * Source: L. Wu, J.-F. Muzy, E. Bacry, "From rough to multifractal volatility: the log S-fBM
 * model", Physica A 604 (2022).
 */
import { normalOf } from '../../random/normal.ts';
import { deriveKey, fillWords, type Key } from '../../random/threefry.ts';
import { PURPOSE } from './purpose.ts';

/** Standard deviation of each level, the shortest first. */
const SIGMAS = [0.2, 0.2, 0.2, 0.2, 0.22, 0.22, 0.22, 0.22, 0.22, 0.22];

const pair = new Uint32Array(2);
let words = new Uint32Array(1028);

export class SlowVolatility {
  readonly #levels: readonly { key: Key; length: number; phase: number; sigma: number }[];

  /** `clustering` times as strong as it may be, from 0 to 1. */
  constructor(key: Key, clustering: number) {
    this.#levels = SIGMAS.map((sigma, n) => {
      fillWords(pair, deriveKey(key, PURPOSE.slowPhase, 0), n, 0);
      // The highest n bits; none of level 0.
      const phase = n === 0 ? 0 : pair[0]! >>> (32 - n);
      const levelKey = deriveKey(key, PURPOSE.slowLevel, n);
      return { key: levelKey, length: 1 << n, phase, sigma: clustering * sigma };
    });
  }

  /** Fills `out` with that of consecutive days, the first of them `first`; it may be negative. */
  fill(out: Float64Array, first: number): void {
    out.fill(0);
    for (const { key, length, phase, sigma } of this.#levels) {
      if (sigma === 0) continue;
      const start = first + phase;
      const firstCell = Math.floor(start / length);
      const firstCounter = Math.floor(firstCell / 2);
      const lastCell = Math.floor((start + out.length - 1) / length);
      const many = 2 * (Math.floor(lastCell / 2) - firstCounter + 1);
      if (many > words.length) words = new Uint32Array(many);
      fillWords(words.subarray(0, many), key, firstCounter | 0, 0);
      let at = firstCell - 2 * firstCounter;
      let left = length - (start - firstCell * length);
      let value = sigma * normalOf(words[at]! | 0);
      for (let day = 0; day < out.length; day++) {
        if (left === 0) {
          at += 1;
          left = length;
          value = sigma * normalOf(words[at]! | 0);
        }
        out[day]! += value;
        left -= 1;
      }
    }
  }
}
