/**
 * The jumps of an age: in classes, each of which has an eighth of the jumps of the one before it,
 * twice as large, so that their sizes have the tail of a power of three.
 *
 * Sources: P. Gopikrishnan, V. Plerou, L. Amaral, M. Meyer, H. E. Stanley, "Scaling of the
 * distribution of fluctuations of financial market indices", Physical Review E 60 (1999).
 */
import { normalOf } from '../../random/normal.ts';
import { type Poisson, poissonOf } from '../../random/poisson.ts';
import { deriveKey, fillWords, type Key } from '../../random/threefry.ts';
import { burstAt } from './burst.ts';
import { AGE_DAYS } from './calendar.ts';
import { PURPOSE } from './purpose.ts';

const CLASSES = 5;
const DAYS_PER_WORD = AGE_DAYS / 0x1_0000_0000;

export interface JumpLaw {
  readonly jumpsPerDay: number;
  /** Of the variance. */
  readonly jumpShare: number;
  /** Their mean, in deviations and downwards. */
  readonly jumpSkew: number;
}

/** The jumps of an age, by day, those of a day in the order in which they were drawn. */
export interface AgeJumps {
  readonly day: Int32Array;
  /** When it begins, as a part of the day's business. */
  readonly at: Float64Array;
  readonly variance: Float64Array;
  /** What it moves on average, given its variance. */
  readonly mean: Float64Array;
  /** What it moves, */
  readonly size: Float64Array;
  /** and what of that by the end of its day. */
  readonly today: Float64Array;
  /** The first jump of each day, and last their number. */
  readonly first: Int32Array;
}

const pair = new Uint32Array(2);
const four = new Uint32Array(4);

interface Class {
  readonly count: Poisson;
  readonly key: Key;
  /** Standard deviation, in those of slow volatility. */
  readonly sigma: number;
}

export class DayJumps {
  /** What jumps move in a day on average, in deviations of slow volatility. */
  readonly meanPerDay: number;
  readonly #skew: number;
  readonly #spread: number;
  readonly #countKey: Key;
  readonly #classes: readonly Class[];

  constructor(key: Key, { jumpsPerDay, jumpShare, jumpSkew }: JumpLaw) {
    this.#countKey = deriveKey(key, PURPOSE.ageJumps, 0);
    this.#skew = jumpSkew;
    this.#spread = Math.sqrt(1 - jumpSkew * jumpSkew);
    let [number, squares, means] = [0, 0, 0];
    for (let n = 0; n < CLASSES; n++) {
      number += 1 / (1 << (3 * n));
      squares += 1 / (1 << n);
      means += 1 / (1 << (2 * n));
    }
    const rate = jumpShare === 0 ? 0 : jumpsPerDay / number;
    const sigma = rate === 0 ? 0 : Math.sqrt(jumpShare / (rate * squares));
    this.meanPerDay = -jumpSkew * sigma * rate * means;
    this.#classes = Array.from({ length: rate === 0 ? 0 : CLASSES }, (_, n) => ({
      count: poissonOf((rate * AGE_DAYS) / (1 << (3 * n))),
      key: deriveKey(key, PURPOSE.marketJump, n),
      sigma: sigma * (1 << n),
    }));
  }

  /** Those of an age whose days have the slow variances `v`. */
  make(age: number, v: Float64Array): AgeJumps {
    const counts = this.#classes.map(({ count }, n) => {
      fillWords(pair, this.#countKey, n, age | 0);
      return count.draw(pair[0]!, pair[1]!);
    });
    const all = counts.reduce((sum, count) => sum + count, 0);
    const words = new Uint32Array(4 * all);
    const sigmas = new Float64Array(all);
    const first = new Int32Array(AGE_DAYS + 1);
    let at = 0;
    for (const [n, { key, sigma }] of this.#classes.entries()) {
      for (let j = 0; j < counts[n]!; j++, at++) {
        fillWords(four, key, 2 * j, age | 0);
        words.set(four, 4 * at);
        sigmas[at] = sigma;
        first[Math.floor(four[0]! * DAYS_PER_WORD) + 1]! += 1;
      }
    }
    for (let d = 0; d < AGE_DAYS; d++) first[d + 1]! += first[d]!;
    const jumps = newJumps(all, first);
    const next = first.slice();
    for (let n = 0; n < all; n++) {
      const place = (words[4 * n]! + 0.5) * DAYS_PER_WORD;
      const day = Math.floor(place);
      const slot = next[day]!;
      next[day] = slot + 1;
      const sigma = Math.sqrt(v[day]!) * sigmas[n]!;
      const mean = -this.#skew * sigma;
      const size = mean + this.#spread * sigma * normalOf(words[4 * n + 1]! | 0);
      const done = burstAt(1 - (place - day));
      const rest = Math.sqrt(done * (1 - done));
      jumps.day[slot] = day;
      jumps.at[slot] = place - day;
      jumps.variance[slot] = sigma * sigma;
      jumps.mean[slot] = mean;
      jumps.size[slot] = size;
      jumps.today[slot] = done * size + rest * sigma * normalOf(words[4 * n + 2]! | 0);
    }
    return jumps;
  }
}

function newJumps(all: number, first: Int32Array): AgeJumps {
  return {
    day: new Int32Array(all),
    at: new Float64Array(all),
    variance: new Float64Array(all),
    mean: new Float64Array(all),
    size: new Float64Array(all),
    today: new Float64Array(all),
    first,
  };
}
