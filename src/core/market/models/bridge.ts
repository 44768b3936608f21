/**
 * A path through a cell: free steps in the time of its variance, then tilted to meet its end.
 *
 * Instruments see what they have in common only so often: steps are in groups, and what they share
 * of a group's variance is drawn by its number, for all of them; inside the group each has its own
 * way there. Seen over a group and more, they move together; from row to row hardly at all.
 *
 * Source of the effect: T. Epps, "Comovements in Stock Prices in the Very Short Run", Journal of
 * the American Statistical Association 74 (1979).
 */
import { normalOf } from '../../random/normal.ts';

/** What instruments have in common in a cell. */
export interface Common {
  /** Steps of a group. */
  readonly group: number;
  /** The variance of a common path up to the end of each step, from `at` on, but for the last; */
  readonly variance: Float64Array;
  readonly at: number;
  /** and up to that. */
  readonly whole: number;
  /** The part of it that is drawn by groups. */
  readonly share: number;
  /** For each group a word of each path; the weights of the paths, 0 for one that is not there. */
  readonly marketWords: Uint32Array;
  readonly marketWeight: number;
  readonly sectorWords: Uint32Array;
  readonly sectorWeight: number;
}

/** Where free steps lead. */
let free = new Float64Array(1024);
/** Of each group: what is added to its free path, and the slope with which it is tilted. */
let lifts = new Float64Array(64);
let slopes = new Float64Array(64);

/**
 * Fills `out[at .. at + steps - 1)` with a path from `start` to `end`, `sigma` times one in the
 * time of `time`, which has its value at the end of each of `steps` steps; the last of them is the
 * end of the cell, and not in `out`. One word a step. 12 ns each.
 */
export function fillBridge(
  out: Float64Array,
  at: number,
  time: Float64Array,
  steps: number,
  words: Uint32Array,
  sigma: number,
  start: number,
  end: number,
  common?: Common,
): void {
  if (steps > free.length) free = new Float64Array(2 * steps);
  fillFree(time, steps, words);
  const whole = time[steps - 1]!;
  if (common === undefined) {
    const slope = whole > 0 ? (end - start - sigma * free[steps - 1]!) / whole : 0;
    for (let j = 0; j < steps - 1; j++) {
      out[at + j] = start + (sigma * free[j]! + slope * time[j]!);
    }
    return;
  }
  const reached = meetGroups(time, steps, common);
  const slope = whole > 0 ? (end - start - sigma * reached) / whole : 0;
  for (let g = 0, j = 0; j < steps - 1; g++) {
    const stop = Math.min(steps - 1, j + common.group);
    const lift = start + sigma * lifts[g]!;
    const tilt = slope + sigma * slopes[g]!;
    for (; j < stop; j++) out[at + j] = lift + (sigma * free[j]! + tilt * time[j]!);
  }
}

function fillFree(time: Float64Array, steps: number, words: Uint32Array): void {
  const path = free;
  let sum = 0;
  let before = 0;

  for (let j = 0; j < steps; j++) {
    const now = time[j]!;
    sum += Math.sqrt(Math.max(0, now - before)) * normalOf(words[j]! | 0);
    path[j] = sum;
    before = now;
  }
}

/** Has each group move what it has in common with others; gives where the last one leads. */
function meetGroups(time: Float64Array, steps: number, common: Common): number {
  const { group, variance, at, whole, share } = common;
  const { marketWords, marketWeight, sectorWords, sectorWeight } = common;
  const groups = Math.ceil(steps / group);
  if (groups > lifts.length) {
    lifts = new Float64Array(2 * groups);
    slopes = new Float64Array(2 * groups);
  }
  const weightsSquared = marketWeight * marketWeight + sectorWeight * sectorWeight;
  let timeBefore = 0;
  let variedBefore = 0;
  let freeBefore = 0;
  let reached = 0;
  for (let g = 0; g < groups; g++) {
    const last = Math.min(steps, (g + 1) * group) - 1;
    const took = time[last]! - timeBefore;
    const varied = last === steps - 1 ? whole : variance[at + last]!;
    const shared = share * (varied - variedBefore);
    const moved = free[last]! - freeBefore;
    let together = marketWeight * normalOf(marketWords[g]! | 0);
    if (sectorWeight > 0) together += sectorWeight * normalOf(sectorWords[g]! | 0);
    const own = took > 0 ? Math.sqrt(Math.max(0, 1 - (weightsSquared * shared) / took)) : 0;
    const total = own * moved + Math.sqrt(Math.max(0, shared)) * together;
    slopes[g] = took > 0 ? (total - moved) / took : 0;
    // From where the group begins, in its own time.
    lifts[g] = reached - freeBefore - slopes[g]! * timeBefore;
    reached += total;
    timeBefore = time[last]!;
    variedBefore = varied;
    freeBefore = free[last]!;
  }
  return reached;
}
