/**
 * Sudden moves at random times: a compound Poisson process, at any place.
 *
 *     an era's jumps ~ Poisson(rate 2^24), their sum normal given how many they are
 *      └─ those of its blocks: drawn freely, then jumps are added to, or taken from, uniformly
 *         chosen places until they are as many as the era's; sums are a bridge in their number
 *          └─ each jump: a uniform place in its block and a normal size, all of them changed by the
 *             same so that they meet the block's sum
 *
 * Free Poisson counts are uniformly placed given their number, and stay so at every change.
 */
import { normalOf } from '../../random/normal.ts';
import { type Poisson, poissonOf } from '../../random/poisson.ts';
import { deriveKey, fillWords, type Key } from '../../random/threefry.ts';
import { BLOCK_ROWS, ERA_BLOCKS, ERA_ROWS } from '../grid.ts';
import type { Scratch } from './scratch.ts';

const TWO_22 = 0x40_0000;

const draws = new Uint32Array(128);
const sumWords = new Uint32Array(ERA_BLOCKS);

/** What words are drawn for. */
export interface JumpPurposes {
  readonly eraJumps: number;
  readonly blockJumps: number;
  readonly jump: number;
}

export class Jumps {
  readonly #mean: number;
  readonly #deviation: number;
  readonly #ofEra: Poisson;
  readonly #ofBlock: Poisson;
  readonly #eraKey: Key;
  readonly #blockKey: Key;
  readonly #jumpKey: Key;
  readonly #scratch: Scratch;
  readonly #countOwner: number;
  readonly #sumOwner: number;
  #words = new Uint32Array(256);
  #era = 0;
  #eraStart = 0;

  /** Jumps that come `rate` to a row, at most 8, of N(mean, deviation^2) each. */
  constructor(
    key: Key,
    purposes: JumpPurposes,
    rate: number,
    mean: number,
    deviation: number,
    scratch: Scratch,
  ) {
    this.#mean = mean;
    this.#deviation = deviation;
    this.#ofEra = poissonOf(rate * ERA_ROWS);
    this.#ofBlock = poissonOf(rate * BLOCK_ROWS);
    this.#eraKey = deriveKey(key, purposes.eraJumps, 0);
    this.#blockKey = deriveKey(key, purposes.blockJumps, 0);
    this.#jumpKey = deriveKey(key, purposes.jump, 0);
    this.#scratch = scratch;
    this.#countOwner = scratch.newOwner();
    this.#sumOwner = scratch.newOwner();
  }

  /** What all jumps before the first row of `block` add up to. */
  startOf(block: number): number {
    const era = Math.floor(block / ERA_BLOCKS);
    return this.#eraStartOf(era) + this.#blockSums(era)[block % ERA_BLOCKS]!;
  }

  /** How many jumps there are in `block`. */
  countIn(block: number): number {
    return this.#blockCounts(Math.floor(block / ERA_BLOCKS))[block % ERA_BLOCKS]!;
  }

  /**
   * Adds `scale` times what the jumps since the start of `block` come to, to each of the
   * `BLOCK_ROWS + 1` values of `path`.
   */
  addTo(path: Float64Array, scale: number, block: number): void {
    const era = Math.floor(block / ERA_BLOCKS);
    const count = this.countIn(block);
    if (count === 0) return;
    const sums = this.#blockSums(era);
    const total = sums[(block % ERA_BLOCKS) + 1]! - sums[block % ERA_BLOCKS]!;
    const words = this.#wordsOf(block, count);
    let free = 0;
    for (let n = 0; n < count; n++) free += this.#deviation * normalOf(words[2 * n + 1]! | 0);
    // The mean is in the total.
    const change = (total - free) / count;
    const steps = this.#scratch.steps.fill(0);
    for (let n = 0; n < count; n++) {
      steps[words[2 * n]! >>> 18]! += this.#deviation * normalOf(words[2 * n + 1]! | 0) + change;
    }
    let sum = 0;

    for (let i = 0; i < BLOCK_ROWS; i++) {
      path[i]! += scale * sum;
      sum += steps[i]!;
    }

    path[BLOCK_ROWS]! += scale * sum;
  }

  /** At which rows of `block` its jumps are, in the order they were drawn. */
  rowsIn(block: number): readonly number[] {
    const count = this.countIn(block);
    const words = this.#wordsOf(block, count);
    return Array.from({ length: count }, (_, n) => words[2 * n]! >>> 18);
  }

  #wordsOf(block: number, count: number): Uint32Array {
    if (2 * count > this.#words.length) this.#words = new Uint32Array(4 * count);
    const words = this.#words.subarray(0, 2 * count);
    fillWords(words, this.#jumpKey, 0, block | 0);
    return words;
  }

  #eraStartOf(era: number): number {
    if (era < this.#era) {
      this.#era = 0;
      this.#eraStart = 0;
    }
    while (this.#era < era) {
      this.#eraStart += this.#ofEraAt(this.#era).sum;
      this.#era += 1;
    }
    return this.#eraStart;
  }

  /** An era's jumps: how many, and their sum. */
  #ofEraAt(era: number): { count: number; sum: number } {
    fillWords(draws.subarray(0, 4), this.#eraKey, 2 * era, 0);
    const count = this.#ofEra.draw(draws[0]!, draws[1]!);
    const spread = this.#deviation * Math.sqrt(count);
    return { count, sum: count * this.#mean + spread * normalOf(draws[2]! | 0) };
  }

  /** How many jumps each block of `era` has. */
  #blockCounts(era: number): Float64Array {
    return this.#scratch.era(this.#countOwner, era, () => {
      const counts = new Float64Array(ERA_BLOCKS);
      let sum = 0;
      for (let block = 0; block < ERA_BLOCKS; block++) {
        const at = (2 * block) % draws.length;
        if (at === 0) fillWords(draws, this.#blockKey, block, era | 0);
        counts[block] = this.#ofBlock.draw(draws[at]!, draws[at + 1]!);
        sum += counts[block]!;
      }
      meetCount(counts, this.#ofEraAt(era).count - sum, this.#blockKey, era);
      return counts;
    });
  }

  /** What the jumps of `era` add up to at the start of each of its blocks, and last at its end. */
  #blockSums(era: number): Float64Array {
    return this.#scratch.era(this.#sumOwner, era, () => {
      const counts = this.#blockCounts(era);
      const { count, sum } = this.#ofEraAt(era);
      const sums = new Float64Array(ERA_BLOCKS + 1);
      fillWords(sumWords, this.#blockKey, SUM_COUNTERS, era | 0);
      let free = 0;
      let before = 0;
      for (let k = 0; k < ERA_BLOCKS; k++) {
        free += this.#deviation * Math.sqrt(counts[k]!) * normalOf(sumWords[k]! | 0);
        sums[k + 1] = free;
      }
      const change = count === 0 ? 0 : (sum - free) / count;
      for (let k = 0; k < ERA_BLOCKS; k++) {
        before += counts[k]!;
        sums[k + 1]! += change * before;
      }
      return sums;
    });
  }
}

/** Counters of a block's key from here on are for sums: corrections never get that far. */
const SUM_COUNTERS = 0x8000_0000 | 0;

/** Adds `missing` jumps to `counts` (or takes away as many), one uniformly chosen one each. */
function meetCount(counts: Float64Array, missing: number, key: Key, era: number): void {
  let most = 0;
  for (const count of counts) most = Math.max(most, count);
  let counter = ERA_BLOCKS;
  let at = draws.length;

  for (let left = Math.abs(missing); left > 0; at++) {
    if (at === draws.length) {
      fillWords(draws, key, counter, era | 0);
      counter += draws.length / 2;
      at = 0;
    }
    const block = draws[at]! >>> 22;
    if (missing > 0) {
      counts[block]! += 1;
      left--;
    } else if ((draws[at]! & (TWO_22 - 1)) * most < counts[block]! * TWO_22) {
      counts[block]! -= 1;
      left--;
    }
  }
}
