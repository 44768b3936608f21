import { log } from '../random/kernels.ts';
import { magnitudesOf, stridesOf } from './moments.ts';
import { SLICE, type Steps } from './steps.ts';

/** The share of all values that counts as the tail. */
const TAIL_SHARE = 1 / 100;
/** The fewest values of a tail: its index is then known to within 20 %. */
const MIN_TAIL = 25;
/** The tail begins this many ticks from 0, so that it is seen in steps of a tenth at most. */
const MIN_TICKS = 10;

/** How fast large values get rare: the probability of one beyond x falls as x^-index. */
export interface Tail {
  /** The tail index, no unit. */
  readonly index: number;
  /** Its standard error if the values were independent: index / sqrt(count). */
  readonly standardError: number;
  /** The length of the returns that it is of: the first scale that ticks are fine enough for. */
  readonly rows: number;
  /** How many values the tail has. */
  readonly count: number;
  /** The magnitude that the tail is beyond, in the unit of the returns. */
  readonly threshold: number;
}

/**
 * Hill's estimate from the largest 1 % of the sums of each `rows` values. `tick` is the least step
 * of a value, in its own unit.
 *
 * In the tail are the k largest magnitudes, measured from the one that comes next, the threshold;
 * those that equal it add nothing. Null of fewer than 2,500 sums, and where the threshold is not 10
 * ticks: prices that move by one, two or three ticks have no tail to be seen, but would seem to
 * have one. What it needs is made in `room`, if there is one. Source: B. M. Hill, Annals of
 * Statistics 3 (1975).
 */
export function* tailOf(
  profile: Float64Array,
  rows: number,
  tick: number,
  room?: Float64Array,
): Steps<Tail | null> {
  const count = Math.floor(Math.floor((profile.length - 1) / rows) * TAIL_SHARE);
  if (count < MIN_TAIL) return null;
  const sums = yield* stridesOf(profile, rows, room);
  const magnitudes = yield* magnitudesOf(sums, sums);
  const tail = yield* hillOf(magnitudes, TAIL_SHARE, MIN_TICKS * tick);
  if (tail === null) return null;
  const { index, threshold } = tail;
  return { index, standardError: index / Math.sqrt(count), rows, count, threshold };
}

/**
 * The same of the largest `share` of magnitudes as they are; null of fewer than 25 in the tail, and
 * where it begins below `least`.
 */
export function* hillOf(
  magnitudes: Float64Array,
  share: number,
  least: number,
): Steps<{ index: number; threshold: number } | null> {
  const count = Math.floor(magnitudes.length * share);
  if (count < MIN_TAIL) return null;
  const threshold = yield* nthLargest(magnitudes, count);
  if (!(threshold > 0 && threshold >= least)) return null;
  let sum = 0;
  for (let from = 0; from < magnitudes.length; from += SLICE) {
    const next = Math.min(magnitudes.length, from + SLICE);
    for (let i = from; i < next; i++) {
      const magnitude = magnitudes[i]!;
      if (magnitude > threshold) sum += log(magnitude / threshold);
    }
    yield;
  }
  return sum === 0 ? null : { index: count / sum, threshold };
}

const LITTLE_ENDIAN = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

/**
 * The value that `n` others of `values`, none of them negative, come before, counted from the
 * largest.
 *
 * Floating point numbers that are not negative are in the order of their bits, so four passes of 16
 * bits each find it: no sorting, which could not be paused, and ties cost nothing.
 */
export function* nthLargest(values: Float64Array, n: number): Steps<number> {
  const digits = new Uint16Array(values.buffer, values.byteOffset, values.length * 4);
  const found = new Uint16Array(4);
  const counts = new Uint32Array(2 ** 16);
  let before = n;
  for (let pass = 0; pass < 4; pass++) {
    counts.fill(0);
    for (let from = 0; from < values.length; from += SLICE) {
      const next = Math.min(values.length, from + SLICE);
      countDigits(counts, digits, found, pass, from, next);
      yield;
    }
    let digit = 2 ** 16 - 1;
    for (; digit > 0 && counts[digit]! <= before; digit--) before -= counts[digit]!;
    found[placeOf(pass)] = digit;
  }
  return new Float64Array(found.buffer)[0]!;
}

/** Where the digit of a pass, the highest first, lies in memory. */
function placeOf(pass: number): number {
  return LITTLE_ENDIAN ? 3 - pass : pass;
}

/** Counts the digits of `pass` of the values whose digits before are those found. */
function countDigits(
  counts: Uint32Array,
  digits: Uint16Array,
  found: Uint16Array,
  pass: number,
  from: number,
  next: number,
): void {
  const place = placeOf(pass);
  const [first, second, third] = [placeOf(0), placeOf(1), placeOf(2)];
  const [one, two, three] = [found[first]!, found[second]!, found[third]!];

  for (let i = from * 4; i < next * 4; i += 4) {
    if (pass > 0 && digits[i + first] !== one) continue;
    if (pass > 1 && digits[i + second] !== two) continue;
    if (pass > 2 && digits[i + third] !== three) continue;
    counts[digits[i + place]!]!++;
  }
}
