/**
 * What drives prices: a path that is Brownian in a variance time of its own, in days of business.
 *
 *     day of business ──cascade──> the same, faster here and slower there ──> variance ──> path
 *
 * The whole first, then its parts: an age, its days, the segments of a day, and in these, for each
 * grid in its own way, the rows. All of it down to the segments is the same on every grid.
 */
import { normalOf } from '../../random/normal.ts';
import { deriveKey, fillWords, type Key } from '../../random/threefry.ts';
import { AGE_BYTES, type Age, Ages, joined, type VarianceLaw } from './age.ts';
import { burstAt } from './burst.ts';
import { AGE_DAYS, type Calendar, SEGMENTS } from './calendar.ts';
import { Cascade, DAY_LEVELS, segmentLevelsOf } from './cascade.ts';
import { PARTS } from './places.ts';
import { PURPOSE } from './purpose.ts';
import type { Scratch } from './scratch.ts';

/** A jump that is older hardly bends within a segment. */
const YOUNG_DAYS = 0.02;
const COUNTERS_OF_SEGMENT = 64;

/** A jump of a day, or of the day before that goes on in it. */
interface Burst {
  /** When it began, as a part of the day by the cascade; negative if the day before. */
  readonly start: number;
  readonly variance: number;
  readonly mean: number;
}

/** What is kept of a day. */
export interface Day {
  /** What the cascade shows at the start of each segment and at the day's end. */
  readonly clock: Float64Array;
  /** Variance since the start of the day, at the same places. */
  readonly variance: Float64Array;
  /** The path there, since the start of its age. */
  readonly path: Float64Array;
  readonly bursts: readonly Burst[];
}

const DAY_BYTES = 8 * (3 * (SEGMENTS + 1) + 40);

const words = new Uint32Array(SEGMENTS);
const steps = new Float64Array(SEGMENTS);
const partPlaces = Float64Array.from({ length: PARTS }, (_, n) => n / PARTS);

export class Factor {
  readonly ages: Ages;
  readonly #dayCascade: Cascade;
  readonly #segmentCascade: Cascade;
  readonly #segmentKey: Key;
  readonly #scratch: Scratch;
  readonly #ageOwner: number;
  readonly #slowOwner: number;
  readonly #dayOwner: number;
  readonly #partOwner: number;
  /** The age and the day that were asked for last, if nothing was forgotten since. */
  #lastAge: Age | undefined;
  #lastAgeNumber = -1;
  #lastAgeChanges = -1;
  #last: Day | undefined;
  #lastDay = -1;
  #lastChanges = -1;

  constructor(
    key: Key,
    law: VarianceLaw,
    calendar: Calendar,
    intervalMs: number,
    scratch: Scratch,
    market?: Factor,
  ) {
    this.ages = new Ages(key, law, calendar, market);
    const levels = segmentLevelsOf(intervalMs);
    this.#dayCascade = new Cascade(key, PURPOSE.dayCells, DAY_LEVELS, law.clustering);
    this.#segmentCascade = new Cascade(key, PURPOSE.segmentCells, levels, law.clustering);
    this.#segmentKey = deriveKey(key, PURPOSE.segment, 0);
    this.#scratch = scratch;
    this.#ageOwner = scratch.newOwner();
    this.#slowOwner = scratch.newOwner();
    this.#dayOwner = scratch.newOwner();
    this.#partOwner = scratch.newSegmentOwner();
  }

  age(age: number): Age {
    const { changes } = this.#scratch;
    if (age !== this.#lastAgeNumber || changes !== this.#lastAgeChanges) {
      const make = () => this.ages.make(age);
      this.#lastAge = this.#scratch.table(this.#ageOwner, age, AGE_BYTES, make);
      this.#lastAgeNumber = age;
      this.#lastAgeChanges = changes;
    }
    return this.#lastAge!;
  }

  /** The logarithm of slow volatility: of the days of `age` and the first one after them. */
  slow(age: number): Float64Array {
    const make = () => this.ages.slowOf(age);
    return this.#scratch.table(this.#slowOwner, age, 8 * (AGE_DAYS + 1), make);
  }

  day(day: number): Day {
    const { changes } = this.#scratch;
    if (day !== this.#lastDay || changes !== this.#lastChanges) {
      const make = () => this.#makeDay(day);
      this.#last = this.#scratch.table(this.#dayOwner, day, DAY_BYTES, make);
      this.#lastDay = day;
      this.#lastChanges = changes;
    }
    return this.#last!;
  }

  /**
   * Fills `out` with `weight` times the variance from the start of a segment to its places
   * `inside[from .. next)`, parts of the segment, and `otherWeight` times what `other` has there.
   * 8 ns each.
   */
  fillSegment(
    out: Float64Array,
    inside: Float64Array,
    from: number,
    next: number,
    day: number,
    segment: number,
    weight = 1,
    other: Float64Array = inside,
    otherWeight = 0,
  ): void {
    const { variance, clock, bursts } = this.day(day);
    const counter = segment * COUNTERS_OF_SEGMENT;
    const whole = variance[segment + 1]! - variance[segment]!;
    const start = clock[segment]!;
    const end = clock[segment + 1]!;
    const cascade = this.#segmentCascade;
    if (!hasYoung(bursts, start, end)) {
      const scale = weight * whole;
      cascade.fillMixed(out, inside, from, next, counter, day | 0, scale, other, otherWeight);
      return;
    }
    const young = bursts.filter((burst) => isYoung(burst, start, end));
    let even = whole;
    for (const burst of young) even -= doneBy(burst, start, end);
    cascade.fill(out, inside, from, next, counter, day | 0);
    for (let i = 0; i < next - from; i++) {
      let sum = Math.max(0, even) * out[i]!;
      for (const burst of young) sum += doneBy(burst, start, start + (end - start) * out[i]!);
      out[i] = weight * sum + (otherWeight === 0 ? 0 : otherWeight * other[from + i]!);
    }
  }

  /** The variance of a segment. */
  ofSegment(day: number, segment: number): number {
    const { variance } = this.day(day);
    return variance[segment + 1]! - variance[segment]!;
  }

  /** A segment's variance from its start to each of its parts, and last to its end. */
  parts(day: number, segment: number): Float64Array {
    const place = day * SEGMENTS + segment;
    return this.#scratch.segment(this.#partOwner, place, 8 * (PARTS + 1), () => {
      const parts = new Float64Array(PARTS + 1);
      this.fillSegment(parts, partPlaces, 0, PARTS, day, segment);
      parts[PARTS] = this.ofSegment(day, segment);
      return parts;
    });
  }

  #makeDay(day: number): Day {
    const age = Math.floor(day / AGE_DAYS);
    const d = day - age * AGE_DAYS;
    const { path, calm, jumps } = this.age(age);
    const clock = new Float64Array(SEGMENTS + 1);
    for (let k = 0; k <= SEGMENTS; k++) clock[k] = k / SEGMENTS;
    this.#dayCascade.fill(clock.subarray(1), clock, 1, SEGMENTS, 0, day | 0);
    const bursts: Burst[] = [];
    for (let n = jumps.first[Math.max(0, d - 1)]!; n < jumps.first[d + 1]!; n++) {
      const start = jumps.at[n]! - (d - jumps.day[n]!);
      if (burstAt(-start) >= 1) continue;
      bursts.push({ start, variance: jumps.variance[n]!, mean: jumps.mean[n]! });
    }
    const variance = new Float64Array(SEGMENTS + 1);
    const ramp = new Float64Array(SEGMENTS + 1);
    for (let k = 1; k <= SEGMENTS; k++) variance[k] = calm[d]! * clock[k]!;
    for (const burst of bursts) {
      const before = burstAt(-burst.start);
      for (let k = 1; k <= SEGMENTS; k++) {
        const done = burstAt(clock[k]! - burst.start) - before;
        variance[k]! += burst.variance * done;
        ramp[k]! += burst.mean * done;
      }
    }
    const moved = path[d + 1]! - path[d]!;
    const own = segmentPath(this.#segmentKey, day, variance, moved - ramp[SEGMENTS]!);
    for (let k = 0; k < SEGMENTS; k++) own[k]! += path[d]! + ramp[k]!;
    own[SEGMENTS] = path[d + 1]!;
    return { clock, variance, path: own, bursts };
  }
}

/** A further path in the time of a factor: what a sector has beside its market. */
export class Beside {
  readonly #factor: Factor;
  readonly #ageKey: Key;
  readonly #moveKey: Key;
  readonly #segmentKey: Key;
  readonly #scratch: Scratch;
  readonly #ageOwner: number;
  readonly #dayOwner: number;
  /** The day that was asked for last, if nothing was forgotten since. */
  #last: Float64Array | undefined;
  #lastDay = -1;
  #lastChanges = -1;

  constructor(key: Key, factor: Factor, scratch: Scratch) {
    this.#factor = factor;
    this.#ageKey = deriveKey(key, PURPOSE.age, 0);
    this.#moveKey = deriveKey(key, PURPOSE.dayMove, 0);
    this.#segmentKey = deriveKey(key, PURPOSE.segment, 0);
    this.#scratch = scratch;
    this.#ageOwner = scratch.newOwner();
    this.#dayOwner = scratch.newOwner();
  }

  /** What the path moves in all of an age. */
  totalOf(age: number): number {
    const pair = new Uint32Array(2);
    fillWords(pair, this.#ageKey, age | 0, 0);
    return Math.sqrt(AGE_DAYS * this.#factor.ages.levelOf(age)) * normalOf(pair[1]! | 0);
  }

  /** The path at the starts of the days of an age, since the age's start, and at its end. */
  age(age: number): Float64Array {
    return this.#scratch.table(this.#ageOwner, age, 8 * (AGE_DAYS + 1), () => {
      const { variance } = this.#factor.age(age);
      const moves = new Uint32Array(AGE_DAYS);
      fillWords(moves, this.#moveKey, 0, age | 0);
      const free = new Float64Array(AGE_DAYS);
      for (let d = 0; d < AGE_DAYS; d++) {
        free[d] = Math.sqrt(variance[d + 1]! - variance[d]!) * normalOf(moves[d]! | 0);
      }
      return joined(free, variance, this.totalOf(age));
    });
  }

  /** The path at the starts of a day's segments and at its end, since the start of its age. */
  day(day: number): Float64Array {
    const { changes } = this.#scratch;
    if (day !== this.#lastDay || changes !== this.#lastChanges) {
      this.#last = this.#makeDay(day);
      this.#lastDay = day;
      this.#lastChanges = changes;
    }
    return this.#last!;
  }

  #makeDay(day: number): Float64Array {
    return this.#scratch.table(this.#dayOwner, day, 8 * (SEGMENTS + 1), () => {
      const age = Math.floor(day / AGE_DAYS);
      const d = day - age * AGE_DAYS;
      const path = this.age(age);
      const { variance } = this.#factor.day(day);
      const own = segmentPath(this.#segmentKey, day, variance, path[d + 1]! - path[d]!);
      for (let k = 0; k < SEGMENTS; k++) own[k]! += path[d]!;
      own[SEGMENTS] = path[d + 1]!;
      return own;
    });
  }
}

/** A path at the segments of a day, from 0 to `total`, in the time of `variance`. */
function segmentPath(key: Key, day: number, variance: Float64Array, total: number): Float64Array {
  fillWords(words, key, 0, day | 0);
  for (let k = 0; k < SEGMENTS; k++) {
    const took = Math.max(0, variance[k + 1]! - variance[k]!);
    steps[k] = Math.sqrt(took) * normalOf(words[k]! | 0);
  }
  return joined(steps, variance, total);
}

/** Whether a burst bends within a segment. */
function isYoung(burst: Burst, start: number, end: number): boolean {
  return burst.start < end && start - burst.start < YOUNG_DAYS;
}

function hasYoung(bursts: readonly Burst[], start: number, end: number): boolean {
  for (const burst of bursts) if (isYoung(burst, start, end)) return true;
  return false;
}

function doneBy({ start, variance }: Burst, from: number, to: number): number {
  return variance * (burstAt(to - start) - burstAt(from - start));
}
