/**
 * The days of an age: how much variance each has, and where a path stands between them.
 *
 *     v(d)   slow volatility: a level of the age, and days that are louder or calmer than it
 *     A(d)   what a day moves by slow volatility alone; with its jumps, that is y(d)
 *     E(d)   the answer to the days before: the sum of y(d - k)^2 / k over the last K days, more
 *            for falls than for rises. Aftershocks, the leverage effect and Zumbach's in one
 *     q(d)   b v(d) + E(d): the variance of the day; its jumps come on top
 *
 * E looks back at y, never at itself, so there is no chain of days. An age's variance is known
 * without its days, and so is what it moves: the days are drawn freely, then tilted to meet it.
 *
 * Sources: J. Guyon, J. Lekeufack, "Volatility is (mostly) path-dependent", Quantitative Finance 23
 * (2023); G. Zumbach, "Time reversal invariance in finance", Quantitative Finance 9 (2009).
 */
import { exp } from '../../random/kernels.ts';
import { normalOf } from '../../random/normal.ts';
import { deriveKey, fillWords, type Key } from '../../random/threefry.ts';
import { type AgeJumps, DayJumps, type JumpLaw } from './age-jumps.ts';
import { burstAt } from './burst.ts';
import { AGE_DAYS, type Calendar } from './calendar.ts';
import { PURPOSE } from './purpose.ts';
import { SlowVolatility } from './slow-volatility.ts';

/** Of the logarithm of an age's volatility, at full clustering. */
const AGE_SIGMA = 0.2;
/** How much of an instrument's own volatility is its own, and how much is the market's. */
const OWN = 0.85;
const MARKETS = 0.5;
/** What is left of an answer where nothing moved. */
const LEAST_ECHO = 1e-6;

/** How the variance of a path behaves. Shares are of the variance. */
export interface VarianceLaw extends JumpLaw {
  readonly clustering: number;
  readonly feedbackShare: number;
  readonly feedbackDays: number;
  readonly asymmetry: number;
}

/** What is kept of an age. */
export interface Age {
  /** Variance from the start of the age to the start of each day, and to its end. */
  readonly variance: Float64Array;
  /** The path at the same places. */
  readonly path: Float64Array;
  /** The variance of each day without its jumps. */
  readonly calm: Float64Array;
  readonly jumps: AgeJumps;
}

export const AGE_BYTES = 8 * (3 * AGE_DAYS + 2);

const pair = new Uint32Array(2);
const words = new Uint32Array(AGE_DAYS);

/** An age as it is without answers. */
interface Quiet {
  readonly v: Float64Array;
  readonly moves: Float64Array;
  /** Moves with jumps, in deviations of a day of average weight. */
  readonly seen: Float64Array;
  readonly jumps: AgeJumps;
}

/** The market's volatility, as its instruments feel it. */
interface Market {
  readonly ages: Ages;
  slow(age: number): Float64Array;
}

export class Ages {
  readonly #law: VarianceLaw;
  readonly #calendar: Calendar;
  readonly #market: Market | undefined;
  readonly #slow: SlowVolatility;
  readonly #jumps: DayJumps;
  readonly #ageKey: Key;
  readonly #moveKey: Key;
  readonly #echoKey: Key;

  /** Those of `key`; an instrument's own feel the volatility of the `market`'s. */
  constructor(key: Key, law: VarianceLaw, calendar: Calendar, market?: Market) {
    this.#law = law;
    this.#calendar = calendar;
    this.#market = market;
    this.#slow = new SlowVolatility(key, law.clustering);
    this.#jumps = new DayJumps(key, law);
    this.#ageKey = deriveKey(key, PURPOSE.age, 0);
    this.#moveKey = deriveKey(key, PURPOSE.dayMove, 0);
    this.#echoKey = deriveKey(key, PURPOSE.dayEcho, 0);
  }

  /** What the path moves in all of an age, in deviations of an average day. */
  totalOf(age: number): number {
    fillWords(pair, this.#ageKey, age | 0, 0);
    const normal = normalOf(pair[1]! | 0);
    return Math.sqrt(AGE_DAYS * this.levelOf(age)) * normal;
  }

  /** The average variance of the days of an age. */
  levelOf(age: number): number {
    const sigma = AGE_SIGMA * this.#law.clustering;
    const own = this.#normalOf(age);
    if (this.#market === undefined) return exp(2 * sigma * own - 2 * (sigma * sigma));
    const mixed = OWN * own + MARKETS * this.#market.ages.#normalOf(age);
    return exp(2 * sigma * mixed - 2 * (sigma * sigma) * (OWN * OWN + MARKETS * MARKETS));
  }

  /** The logarithm of slow volatility: of the days of `age` and the first one after them. */
  slowOf(age: number): Float64Array {
    const slow = new Float64Array(AGE_DAYS + 1);
    this.#slow.fill(slow, age * AGE_DAYS);
    if (this.#market === undefined) return slow;
    const markets = this.#market.slow(age);
    for (let d = 0; d <= AGE_DAYS; d++) slow[d] = OWN * slow[d]! + MARKETS * markets[d]!;
    return slow;
  }

  /** An age, made from its words and those of the age before. 0.4 ms. */
  make(age: number): Age {
    const quiet = this.#quiet(age);
    const { v, moves, jumps } = quiet;
    const echo = this.#echo(age, quiet);
    const left = 1 - this.#law.feedbackShare - this.#law.jumpShare;
    const calm = new Float64Array(AGE_DAYS);
    const free = new Float64Array(AGE_DAYS);
    const drift = -this.#jumps.meanPerDay;
    fillWords(words, this.#echoKey, 0, age | 0);
    for (let d = 0; d < AGE_DAYS; d++) {
      calm[d] = Math.max(0, left) * v[d]! + echo[d]!;
      const answer = Math.sqrt(echo[d]!) * normalOf(words[d]! | 0);
      free[d] = moves[d]! + answer + drift * Math.sqrt(v[d]!);
    }
    const days = calm.slice();
    for (let n = 0; n < jumps.day.length; n++) {
      const d = jumps.day[n]!;
      const done = burstAt(1 - jumps.at[n]!);
      days[d]! += jumps.variance[n]! * done;
      free[d]! += jumps.today[n]!;
      if (d + 1 === AGE_DAYS) continue;
      days[d + 1]! += jumps.variance[n]! * (1 - done);
      free[d + 1]! += jumps.size[n]! - jumps.today[n]!;
    }
    const variance = new Float64Array(AGE_DAYS + 1);
    for (let d = 0; d < AGE_DAYS; d++) variance[d + 1] = variance[d]! + days[d]!;
    return { variance, path: joined(free, variance, this.totalOf(age)), calm, jumps };
  }

  #normalOf(age: number): number {
    fillWords(pair, this.#ageKey, age | 0, 0);
    return normalOf(pair[0]! | 0);
  }

  #quiet(age: number): Quiet {
    const slow = this.slowOf(age);
    const v = new Float64Array(AGE_DAYS);
    const moves = new Float64Array(AGE_DAYS);
    let sum = 0;
    for (let d = 0; d < AGE_DAYS; d++) {
      v[d] = this.#calendar.weightOf(age * AGE_DAYS + d) * exp(2 * slow[d]!);
      sum += v[d]!;
    }
    const scale = (this.levelOf(age) * AGE_DAYS) / sum;
    const left = Math.max(0, 1 - this.#law.feedbackShare - this.#law.jumpShare);
    fillWords(words, this.#moveKey, 0, age | 0);
    for (let d = 0; d < AGE_DAYS; d++) {
      v[d]! *= scale;
      moves[d] = Math.sqrt(left * v[d]!) * normalOf(words[d]! | 0);
    }
    const jumps = this.#jumps.make(age, v);
    const seen = moves.slice();
    for (let n = 0; n < jumps.day.length; n++) seen[jumps.day[n]!]! += jumps.size[n]!;
    return { v, moves, seen, jumps };
  }

  /** The variance with which each day of an age answers those before it. */
  #echo(age: number, quiet: Quiet): Float64Array {
    const echo = new Float64Array(AGE_DAYS);
    const { feedbackShare, asymmetry } = this.#law;
    if (feedbackShare === 0) return echo;
    const back = Math.floor(this.#law.feedbackDays + 0.5);
    const squares = new Float64Array(back + AGE_DAYS);
    const before = this.#quiet(age - 1);
    for (let n = 0; n < squares.length; n++) {
      const d = n - back;
      const y = d < 0 ? before.seen[AGE_DAYS + d]! : quiet.seen[d]!;
      const weight = this.#calendar.weightOf(age * AGE_DAYS + d);
      squares[n] = ((y * y) / weight) * (y < 0 ? 1 + asymmetry : 1 - asymmetry);
    }
    const parts = new Float64Array(back);
    for (let k = 0; k < back; k++) parts[k] = 1 / (k + 1);
    let sum = 0;
    for (let d = 0; d < AGE_DAYS; d++) {
      const yesterday = d + back - 1;
      let answer = 0;
      for (let k = 0; k < back; k++) answer += parts[k]! * squares[yesterday - k]!;
      echo[d] = this.#calendar.weightOf(age * AGE_DAYS + d) * (answer + LEAST_ECHO);
      sum += echo[d]!;
    }
    const scale = (this.levelOf(age) * feedbackShare * AGE_DAYS) / sum;
    for (let d = 0; d < AGE_DAYS; d++) echo[d]! *= scale;
    return echo;
  }
}

/**
 * Where free moves lead, tilted by the time of `variance` so that they come to `total`; both
 * begin at 0, and `variance` has one value more than there are moves.
 */
export function joined(free: Float64Array, variance: Float64Array, total: number): Float64Array {
  const days = free.length;
  const path = new Float64Array(days + 1);
  for (let d = 0; d < days; d++) path[d + 1] = path[d]! + free[d]!;
  const slope = variance[days]! > 0 ? (total - path[days]!) / variance[days]! : 0;
  for (let d = 1; d < days; d++) path[d]! += slope * variance[d]!;
  path[days] = total;
  return path;
}
