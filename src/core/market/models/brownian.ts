/**
 * Brownian motion that counts time in rows, at any place: W(i + 1) - W(i) is N(0, 1).
 *
 * The whole first, then its parts: an era adds N(0, 2^24); its 2^10 blocks are drawn freely as
 * N(0, 2^14) and a straight line is taken off so that they meet the era's total; the rows of a
 * block likewise. A free path less a straight line to its end is exactly a Brownian bridge. Every
 * sum starts at the start of its own era or block, so that no result depends on where a reader
 * began. docs/prices.md has the whole of it.
 */
import { fillNormalSums, normalOf } from '../../random/normal.ts';
import { deriveKey, fillWords, type Key } from '../../random/threefry.ts';
import { BLOCK_ROWS, ERA_BLOCKS } from '../grid.ts';
import type { Scratch } from './scratch.ts';

/** Standard deviations of an era's and of a block's total. */
const ERA_SIGMA = 4096;
const BLOCK_SIGMA = 128;
/** An era's total is a whole number of these, so that sums of them are exact in any order. */
const ERA_STEPS_PER_UNIT = 2 ** 16;

const eraWords = new Uint32Array(128);
const blockWords = new Uint32Array(ERA_BLOCKS);

/** What the words of the three levels are drawn for; different for each path of an instrument. */
export interface PathPurposes {
  readonly eraTotal: number;
  readonly blockTotal: number;
  readonly step: number;
}

export class Brownian {
  readonly #eraKey: Key;
  readonly #blockKey: Key;
  readonly #stepKey: Key;
  readonly #scratch: Scratch;
  readonly #owner: number;
  #era = 0;
  #eraSteps = 0;

  constructor(key: Key, purposes: PathPurposes, scratch: Scratch) {
    this.#eraKey = deriveKey(key, purposes.eraTotal, 0);
    this.#blockKey = deriveKey(key, purposes.blockTotal, 0);
    this.#stepKey = deriveKey(key, purposes.step, 0);
    this.#scratch = scratch;
    this.#owner = scratch.newOwner();
  }

  /** W at the first row of `block`. */
  startOf(block: number): number {
    const era = Math.floor(block / ERA_BLOCKS);
    return this.#eraStartOf(era) + this.#blockStarts(era)[block % ERA_BLOCKS]!;
  }

  /** W at the row after the last of `block`; with `startOf`, what the block adds. */
  endOf(block: number): number {
    const era = Math.floor(block / ERA_BLOCKS);
    return this.#eraStartOf(era) + this.#blockStarts(era)[(block % ERA_BLOCKS) + 1]!;
  }

  /**
   * Fills the `BLOCK_ROWS + 1` values of `out` with a free path inside `block`, from 0 on, and
   * gives the slope of the line that, added to it, makes it meet the block's total.
   */
  fillFree(out: Float64Array, block: number): number {
    const { words } = this.#scratch;
    fillWords(words, this.#stepKey, 0, block);
    out[0] = 0;
    fillNormalSums(out.subarray(1), words);
    return (this.endOf(block) - this.startOf(block) - out[BLOCK_ROWS]!) / BLOCK_ROWS;
  }

  #eraStartOf(era: number): number {
    if (era < this.#era) {
      this.#era = 0;
      this.#eraSteps = 0;
    }
    while (this.#era < era) {
      const eras = Math.min(eraWords.length / 2, era - this.#era);
      fillWords(eraWords.subarray(0, 2 * eras), this.#eraKey, this.#era, 0);
      for (let i = 0; i < eras; i++) this.#eraSteps += eraStepsOf(eraWords[2 * i]!);
      this.#era += eras;
    }
    return this.#eraSteps / ERA_STEPS_PER_UNIT;
  }

  /** W at the start of each block of `era`, and last at the era's end, from the era's own start. */
  #blockStarts(era: number): Float64Array {
    return this.#scratch.era(this.#owner, era, () => {
      fillWords(eraWords.subarray(0, 2), this.#eraKey, era, 0);
      const total = eraStepsOf(eraWords[0]!) / ERA_STEPS_PER_UNIT;
      fillWords(blockWords, this.#blockKey, 0, era);
      const starts = new Float64Array(ERA_BLOCKS + 1);
      fillNormalSums(starts.subarray(1), blockWords);
      const slope = (total - BLOCK_SIGMA * starts[ERA_BLOCKS]!) / ERA_BLOCKS;
      for (let i = 1; i < ERA_BLOCKS; i++) starts[i] = BLOCK_SIGMA * starts[i]! + i * slope;
      starts[ERA_BLOCKS] = total;
      return starts;
    });
  }
}

/** What an era adds to W, as a whole number of steps, from the first word of its counter. */
function eraStepsOf(word: number): number {
  return Math.floor(normalOf(word) * (ERA_SIGMA * ERA_STEPS_PER_UNIT) + 0.5);
}
