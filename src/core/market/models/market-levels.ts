/**
 * Where the logarithm of a price of the model `market` is at the starts of segments: the same on
 * every grid. docs/prices.md has the whole of it.
 */
import { AGE_DAYS, SEGMENTS } from './calendar.ts';
import type { Beside, Factor } from './factor.ts';
import type { ModelSpecOf } from './parameters.ts';

/** Standard deviations of a day by part, in those of the whole. */
interface Weights {
  readonly own: number;
  readonly market: number;
  readonly sector: number;
}

export class MarketLevels {
  readonly #weights: Weights;
  readonly #own: Factor;
  readonly #market: Factor;
  readonly #sector: Beside | undefined;
  readonly #leverage: number;
  readonly #pull: number;
  /** Of a day of business. */
  readonly #growth: number;
  readonly #sigma: number;
  /** Where the path is at the start of the age at hand, without what pulls at it meanwhile. */
  #age = 0;
  #ageStart = 0;

  constructor(
    { drift, volatility, leverage, pull }: ModelSpecOf<'market'>,
    daysPerYear: number,
    weights: Weights,
    own: Factor,
    market: Factor,
    sector: Beside | undefined,
  ) {
    this.#weights = weights;
    this.#own = own;
    this.#market = market;
    this.#sector = sector;
    this.#leverage = leverage;
    this.#pull = pull;
    this.#growth = (drift - (volatility * volatility) / 2) / daysPerYear;
    this.#sigma = volatility / Math.sqrt(daysPerYear);
  }

  /** At the start of a segment; of one more than a day has, at the day's end. */
  at(day: number, segment: number): number {
    if (segment === SEGMENTS) return this.#dayLevel(day + 1);
    if (segment === 0) return this.#dayLevel(day);
    const [own, market] = [this.#own, this.#market];
    const moved = this.#sumOf(
      own.day(day).path[segment]!,
      market.day(day).path[segment]!,
      this.#sector?.day(day)[segment],
    );
    return this.#level(day, segment / SEGMENTS, moved);
  }

  #dayLevel(day: number): number {
    const age = Math.floor(day / AGE_DAYS);
    const d = day - age * AGE_DAYS;
    const [own, market] = [this.#own, this.#market];
    const moved = this.#sumOf(
      own.age(age).path[d]!,
      market.age(age).path[d]!,
      this.#sector?.age(age)[d],
    );
    return this.#level(day, 0, moved);
  }

  /** The exponent at a part of `day`, where the paths have moved by `moved` in their age. */
  #level(day: number, part: number, moved: number): number {
    const age = Math.floor(day / AGE_DAYS);
    const d = day - age * AGE_DAYS;
    const start = this.#startOf(age);
    let at = start - this.#pull * start * ((d + part) / AGE_DAYS) + moved;
    if (this.#leverage > 0) {
      const slow = this.#market.slow(age);
      const now = slow[d]! + part * (slow[d + 1]! - slow[d]!);
      at -= this.#leverage * (now - this.#market.slow(0)[0]!);
    }
    return this.#growth * (day + part) + this.#sigma * at;
  }

  /** Where the paths together are at the start of an age. */
  #startOf(age: number): number {
    if (age < this.#age) {
      this.#age = 0;
      this.#ageStart = 0;
    }
    for (; this.#age < age; this.#age++) {
      const moved = this.#sumOf(
        this.#own.ages.totalOf(this.#age),
        this.#market.ages.totalOf(this.#age),
        this.#sector?.totalOf(this.#age),
      );
      this.#ageStart = this.#ageStart - this.#pull * this.#ageStart + moved;
    }
    return this.#ageStart;
  }

  #sumOf(own: number, market: number, sector = 0): number {
    const weights = this.#weights;
    return weights.own * own + weights.market * market + weights.sector * sector;
  }
}
