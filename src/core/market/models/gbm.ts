/**
 * Geometric Brownian motion: the logarithm of the price is a Brownian motion with drift, folded
 * between the logarithms of the bounds; the price is its nearest whole tick.
 *
 * The Brownian motion W counts time in rows, and is made the whole first, then its parts: an era
 * adds N(0, 2^24); its 2^10 blocks are drawn freely as N(0, 2^14) and a straight line is taken off
 * so that they meet the era's total; the rows of a block likewise. A free path less a straight line
 * to its end is exactly a Brownian bridge. Every sum starts at the start of its own era or block,
 * so that no result depends on where a reader began. docs/prices.md has the whole of it.
 */
import { exp, log } from '../../random/kernels.ts';
import { fillNormalSums, normalOf } from '../../random/normal.ts';
import { deriveKey, fillWords, type Key } from '../../random/threefry.ts';
import type { Prices } from '../dtype.ts';
import { BLOCK_ROWS, ERA_BLOCKS } from '../grid.ts';
import type { Fold, Model, Scratch } from './model.ts';
import { PURPOSE } from './purpose.ts';

/** Standard deviations of an era's and of a block's total. */
const ERA_SIGMA = 4096;
const BLOCK_SIGMA = 128;
/** An era's total is a whole number of these, so that sums of them are exact in any order. */
const ERA_STEPS_PER_UNIT = 2 ** 16;

const eraWords = new Uint32Array(128);
const blockWords = new Uint32Array(ERA_BLOCKS);

export interface GbmParameters {
  /** Expected growth of the logarithm's mean price, a year: 0.05 is 5 %. */
  readonly drift: number;
  /** Standard deviation of the logarithm of the price over a year: 0.3 is 30 %. */
  readonly volatility: number;
}

/** A Julian year, 365.25 days: markets here never close. */
export const YEAR_MS = 31_557_600_000;

export class Gbm implements Model {
  readonly #eraKey: Key;
  readonly #blockKey: Key;
  readonly #stepKey: Key;
  readonly #column: number;
  readonly #start: number;
  readonly #growth: number;
  readonly #sigma: number;
  readonly #low: number;
  readonly #high: number;
  readonly #scratch: Scratch;
  #era = 0;
  #eraSteps = 0;

  constructor(
    key: Key,
    column: number,
    startTicks: number,
    minTicks: number,
    maxTicks: number,
    parameters: GbmParameters,
    intervalMs: number,
    scratch: Scratch,
  ) {
    const { drift, volatility } = parameters;
    const years = intervalMs / YEAR_MS;
    this.#eraKey = deriveKey(key, PURPOSE.eraTotal, 0);
    this.#blockKey = deriveKey(key, PURPOSE.blockTotal, 0);
    this.#stepKey = deriveKey(key, PURPOSE.step, 0);
    this.#column = column;
    this.#start = log(startTicks);
    this.#growth = (drift - (volatility * volatility) / 2) * years;
    this.#sigma = volatility * Math.sqrt(years);
    this.#low = log(minTicks);
    this.#high = log(maxTicks);
    this.#scratch = scratch;
  }

  fillBlock(out: Prices, block: number): void {
    const { words, path } = this.#scratch;
    const era = Math.floor(block / ERA_BLOCKS);
    const eraStart = this.#eraStartOf(era);
    const starts = this.#blockStarts(era);
    const w0 = eraStart + starts[block % ERA_BLOCKS]!;
    const total = eraStart + starts[(block % ERA_BLOCKS) + 1]! - w0;
    fillWords(words, this.#stepKey, 0, block);
    path[0] = 0;
    fillNormalSums(path.subarray(1), words);
    // log price of row i = first + (i * line + sigma * path[i]): the bridge's and the drift's
    // lines.
    const sigma = this.#sigma;
    const first = this.#start + (this.#growth * (block * BLOCK_ROWS) + sigma * w0);
    const line = this.#growth + sigma * ((total - path[BLOCK_ROWS]!) / BLOCK_ROWS);
    fillTicks(out, path, first, line, sigma, this.#low, this.#high);
  }

  foldBlock(fold: Fold, block: number, from: number, next: number): void {
    const scratch = this.#scratch;
    if (scratch.pricesOwner !== this || scratch.pricesBlock !== block) {
      scratch.pricesOwner = undefined;
      this.fillBlock(scratch.prices, block);
      scratch.pricesOwner = this;
      scratch.pricesBlock = block;
    }
    fold.addPrices(scratch.prices, from, next);
  }

  /** W at the start of `era`. */
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
    return this.#scratch.era(this.#column, era, () => {
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

/**
 * Fills `out` with the nearest whole ticks of exp(first + i * line + sigma * path[i]), reflected.
 */
function fillTicks(
  out: Prices,
  path: Float64Array,
  first: number,
  line: number,
  sigma: number,
  low: number,
  high: number,
): void {
  for (let i = 0; i < BLOCK_ROWS; i++) {
    let x = first + (i * line + sigma * path[i]!);
    if (x < low || x > high) x = reflect(x, low, high);
    out[i] = Math.floor(exp(x) + 0.5);
  }
}

/** `x` turned back at `low` and `high` as often as it takes. */
function reflect(x: number, low: number, high: number): number {
  const width = high - low;
  if (width <= 0) return low;
  let y = (x - low) % (2 * width);
  if (y < 0) y += 2 * width;
  return low + (y <= width ? y : 2 * width - y);
}
