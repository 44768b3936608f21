/**
 * Brownian motion in business time: over a stretch in which that goes on by v, it moves by N(0, v).
 *
 * The whole first, then its parts, as for plain Brownian motion, but every bridge is in business
 * time. Eras need one step more. Business time shows at an era's start whatever it shows, so the
 * sum of what eras add cannot be drawn without reading it at each of them. That sum is drawn from
 * the middle of one era to that of the next instead, where only the shape of the day counts.
 * Business time is never so wrong that an era's start would be shown before the middle of the era
 * before, or after its own. One point lies between two middles, and is had by a bridge of its own.
 */
import { normalOf } from '../../random/normal.ts';
import { deriveKey, fillWords, type Key } from '../../random/threefry.ts';
import { BLOCK_ROWS, ERA_BLOCKS, ERA_ROWS } from '../grid.ts';
import type { PathPurposes } from './brownian.ts';
import type { BusinessTime } from './business-time.ts';
import type { Day } from './day.ts';
import type { Scratch } from './scratch.ts';

/** Sums between middles are whole numbers of these, exact in any order. */
const STEPS_PER_UNIT = 2 ** 16;

const eraWords = new Uint32Array(128);
const blockWords = new Uint32Array(ERA_BLOCKS);

export class SubordinatedBrownian {
  readonly #eraKey: Key;
  readonly #blockKey: Key;
  readonly #stepKey: Key;
  readonly #businessTime: BusinessTime;
  readonly #day: Day;
  readonly #scratch: Scratch;
  readonly #owner: number;
  /** Steps from row 0 to the middle of the era before `#era`. */
  #era = 0;
  #steps = 0;

  constructor(
    key: Key,
    purposes: PathPurposes,
    businessTime: BusinessTime,
    day: Day,
    scratch: Scratch,
  ) {
    this.#eraKey = deriveKey(key, purposes.eraTotal, 0);
    this.#blockKey = deriveKey(key, purposes.blockTotal, 0);
    this.#stepKey = deriveKey(key, purposes.step, 0);
    this.#businessTime = businessTime;
    this.#day = day;
    this.#scratch = scratch;
    this.#owner = scratch.newOwner();
  }

  /**
   * Fills the `BLOCK_ROWS + 1` values of `out` with the path at the rows of `block` and at its end;
   * `shown` is what business time shows there.
   */
  fillBlock(out: Float64Array, shown: Float64Array, block: number): void {
    const { words } = this.#scratch;
    const era = Math.floor(block / ERA_BLOCKS);
    const starts = this.#blockStarts(era);
    const start = starts[block % ERA_BLOCKS]!;
    const total = starts[(block % ERA_BLOCKS) + 1]! - start;
    fillWords(words, this.#stepKey, 0, block);
    const free = fillFree(out, shown, words);
    const slope = (total - free) / (shown[BLOCK_ROWS]! - shown[0]!);
    meet(out, shown, start, slope);
  }

  /** The path at the start of each block of `era`, and last at its end. */
  #blockStarts(era: number): Float64Array {
    return this.#scratch.era(this.#owner, era, () => {
      const shown = this.#businessTime.starts(era);
      const eraStart = this.#startOf(era);
      const total = this.#startOf(era + 1) - eraStart;
      fillWords(blockWords, this.#blockKey, 0, era);
      const starts = new Float64Array(ERA_BLOCKS + 1);
      let free = 0;
      for (let k = 0; k < ERA_BLOCKS; k++) {
        free += Math.sqrt(shown[k + 1]! - shown[k]!) * normalOf(blockWords[k]! | 0);
        starts[k + 1] = free;
      }
      const slope = (total - free) / (shown[ERA_BLOCKS]! - shown[0]!);
      for (let k = 0; k <= ERA_BLOCKS; k++) {
        starts[k] = eraStart + (starts[k]! + slope * (shown[k]! - shown[0]!));
      }
      return starts;
    });
  }

  /** The path at the start of `era`. */
  #startOf(era: number): number {
    if (era === 0) return 0;
    const before = this.#beforeMiddle(era) / STEPS_PER_UNIT;
    const middle = this.#middle(era - 1);
    const whole = ERA_ROWS + (this.#middle(era) - middle);
    const left = ERA_ROWS / 2 + (this.#businessTime.startOf(era) - middle);
    fillWords(eraWords.subarray(0, 2), this.#eraKey, era, 0);
    const added = stepsOf(eraWords[0]!, whole) / STEPS_PER_UNIT;
    const spread = Math.sqrt((left * (whole - left)) / whole);
    return before + ((left / whole) * added + spread * normalOf(eraWords[1]! | 0));
  }

  /** Steps from row 0 to the middle of the era before `era`; `era` is at least 1. */
  #beforeMiddle(era: number): number {
    if (era < this.#era || this.#era === 0) {
      fillWords(eraWords.subarray(0, 2), this.#eraKey, 0, 0);
      const first = ERA_ROWS / 2 + (this.#middle(0) - this.#businessTime.startOf(0));
      this.#steps = stepsOf(eraWords[0]!, first);
      this.#era = 1;
    }
    let middle = this.#middle(this.#era - 1);
    while (this.#era < era) {
      const eras = Math.min(eraWords.length / 2, era - this.#era);
      fillWords(eraWords.subarray(0, 2 * eras), this.#eraKey, this.#era, 0);
      for (let i = 0; i < eras; i++) {
        const next = this.#middle(this.#era + i);
        this.#steps += stepsOf(eraWords[2 * i]!, ERA_ROWS + (next - middle));
        middle = next;
      }
      this.#era += eras;
    }
    return this.#steps;
  }

  /** What the day has added by the middle of an era, in units beside its rows. */
  #middle(era: number): number {
    return this.#day.at(era, ERA_ROWS / 2) - ERA_ROWS / 2;
  }
}

/** Fills `out` with a free path from 0 on, in the time of `shown`; gives where it ends. */
function fillFree(out: Float64Array, shown: Float64Array, words: Uint32Array): number {
  let before = shown[0]!;
  let free = 0;
  out[0] = 0;

  for (let i = 0; i < BLOCK_ROWS; i++) {
    const now = shown[i + 1]!;
    free += Math.sqrt(now - before) * normalOf(words[i]! | 0);
    out[i + 1] = free;
    before = now;
  }

  return free;
}

/** Lifts a free path to `start`, and tilts it by `slope` in the time of `shown`. */
function meet(out: Float64Array, shown: Float64Array, start: number, slope: number): void {
  const origin = shown[0]!;
  for (let i = 0; i <= BLOCK_ROWS; i++) {
    out[i] = start + (out[i]! + slope * (shown[i]! - origin));
  }
}

/** A draw of N(0, variance), as a whole number of steps. */
function stepsOf(word: number, variance: number): number {
  return Math.floor(normalOf(word | 0) * (Math.sqrt(variance) * STEPS_PER_UNIT) + 0.5);
}
