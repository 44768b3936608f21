/**
 * Rare spikes and a slow way back: a gbm, and on top of it shot noise. Spikes come at random times
 * and of exponential size; each is made up for by halves.
 *
 * What is left of a spike after 40 half-lives, 10^-12 of it, is left out. So the noise at a block's
 * start needs only the blocks that reach so far back, and no whole has to be drawn first.
 *
 * Source of shot noise: S. Rice, "Mathematical Analysis of Random Noise", Bell System Technical
 * Journal 23 (1944).
 */
import { decay, log } from '../../random/kernels.ts';
import { poissonOf } from '../../random/poisson.ts';
import { deriveKey, fillWords, type Key } from '../../random/threefry.ts';
import { BLOCK_ROWS } from '../grid.ts';
import { DAY_MS } from '../time.ts';
import { Brownian } from './brownian.ts';
import type { ModelContext } from './context.ts';
import { LogModel } from './log-model.ts';
import { type Diffusion, diffusionOf } from './log-price.ts';
import type { ModelSpecOf } from './parameters.ts';
import { PURPOSE } from './purpose.ts';
import type { LogLine } from './ticks.ts';

const HALF_LIVES = 40;
const LN_2 = log(2);
const TWO_32 = 0x1_0000_0000;

export class CrashBoom extends LogModel {
  readonly #brownian: Brownian;
  readonly #spec: ModelSpecOf<'crash-boom'>;
  readonly #spikesOfBlock: ReturnType<typeof poissonOf>;
  readonly #spikeKey: Key;
  readonly #countKey: Key;
  /** Of the noise, e^-pull is left a row later; that, and what is a block later. */
  readonly #pull: number;
  readonly #left: number;
  readonly #leftOfBlock: number;
  readonly #reachBlocks: number;
  readonly #diffusion: Diffusion;
  #words = new Uint32Array(64);

  constructor(spec: ModelSpecOf<'crash-boom'>, context: ModelContext) {
    super(context, true);
    const { grid, key, scratch } = context;
    const { drift, volatility, spikesPerDay, recovery } = spec;
    const pull = (LN_2 * grid.intervalMs) / recovery;
    this.#brownian = new Brownian(key, PURPOSE, scratch);
    this.#spec = spec;
    this.#spikesOfBlock = poissonOf(((spikesPerDay * grid.intervalMs) / DAY_MS) * BLOCK_ROWS);
    this.#countKey = deriveKey(key, PURPOSE.blockJumps, 0);
    this.#spikeKey = deriveKey(key, PURPOSE.jump, 0);
    this.#pull = pull;
    this.#left = decay(pull);
    this.#leftOfBlock = decay(pull * BLOCK_ROWS);
    this.#reachBlocks = Math.ceil((HALF_LIVES * recovery) / grid.intervalMs / BLOCK_ROWS);
    this.#diffusion = diffusionOf(drift, volatility, grid);
  }

  protected override fillPath(block: number): LogLine {
    const { path, steps } = this.scratch;
    const { growth, sigma } = this.#diffusion;
    const slope = this.#brownian.fillFree(path, block);
    const first = this.logs.start + growth * (block * BLOCK_ROWS);
    const line = growth + sigma * slope;
    const noise = this.#noiseAt(block);
    steps.fill(0);
    this.#addSpikes(steps, block);
    addNoise(path, sigma, steps, noise, this.#left);
    const moved = sigma * this.#brownian.startOf(block);
    return { first: first + moved, line, scale: 1 };
  }

  /** The noise at the first row of `block`, its own spikes not counted. */
  #noiseAt(block: number): number {
    let noise = 0;
    for (let before = Math.max(0, block - this.#reachBlocks); before < block; before++) {
      noise = noise * this.#leftOfBlock + this.#noiseOf(before);
    }
    return noise;
  }

  /** What the spikes of `block` alone come to at its end. */
  #noiseOf(block: number): number {
    let noise = 0;
    const words = this.#wordsOf(block);
    for (let n = 0; n < words.length; n += 2) {
      const rows = BLOCK_ROWS - (words[n]! >>> 18);
      noise += this.#sizeOf(words[n]!, words[n + 1]!) * decay(this.#pull * rows);
    }
    return noise;
  }

  /** Adds each spike of `block` to the row it comes at. */
  #addSpikes(steps: Float64Array, block: number): void {
    const words = this.#wordsOf(block);
    for (let n = 0; n < words.length; n += 2) {
      steps[words[n]! >>> 18]! += this.#sizeOf(words[n]!, words[n + 1]!);
    }
  }

  /** Two words for each spike of `block`. */
  #wordsOf(block: number): Uint32Array {
    fillWords(this.#words.subarray(0, 2), this.#countKey, block | 0, 0);
    const count = this.#spikesOfBlock.draw(this.#words[0]!, this.#words[1]!);
    if (2 * count > this.#words.length) this.#words = new Uint32Array(4 * count);
    const words = this.#words.subarray(0, 2 * count);
    fillWords(words, this.#spikeKey, 0, block | 0);
    return words;
  }

  /** A spike's size, with its sign: exponential, by the inverse of its distribution. */
  #sizeOf(placeWord: number, sizeWord: number): number {
    const { direction, spikeSize } = this.#spec;
    const size = -log((sizeWord + 0.5) / TWO_32) * spikeSize;
    if (direction === 'both') return placeWord & 1 ? size : -size;
    return direction === 'boom' ? size : -size;
  }
}

/** `path` becomes `sigma` times itself and the noise, which `steps` add to and time takes from. */
function addNoise(
  path: Float64Array,
  sigma: number,
  steps: Float64Array,
  start: number,
  left: number,
): void {
  let noise = start;

  for (let i = 0; i < BLOCK_ROWS; i++) {
    noise += steps[i]!;
    path[i] = sigma * path[i]! + noise;
    noise *= left;
  }
}
