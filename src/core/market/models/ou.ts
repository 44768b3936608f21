/**
 * An Ornstein-Uhlenbeck process: the logarithm of the price is driven like that of a gbm, and drawn
 * back to that of the start price, the more the further off it is.
 *
 * By rows it is y' = phi y + N(0, s^2), with phi = 2^(-interval / half-life). Over n rows it is the
 * same with phi^n, so that eras, blocks and rows are drawn as for Brownian motion: the whole first,
 * then a free path to it, to which is added what is missing at its end, times
 *
 *     c(j) = phi^(n - j) (1 - phi^2j) / (1 - phi^2n)      c(0) = 0, c(n) = 1
 *
 * the regression of y(j) on y(n) given y(0): an exact bridge. Eras follow one another from the
 * first, each from the one before.
 *
 * Source: G. Uhlenbeck, L. Ornstein, "On the Theory of the Brownian Motion", Physical Review 36
 * (1930).
 */
import { decay, decayed, log } from '../../random/kernels.ts';
import { normalOf } from '../../random/normal.ts';
import { deriveKey, fillWords, type Key } from '../../random/threefry.ts';
import { BLOCK_ROWS, ERA_BLOCKS, ERA_ROWS } from '../grid.ts';
import { type ModelContext, YEAR_MS } from './context.ts';
import { LogModel } from './log-model.ts';
import type { ModelSpecOf } from './parameters.ts';
import { PURPOSE } from './purpose.ts';
import type { LogLine } from './ticks.ts';

const LN_2 = log(2);

const eraWords = new Uint32Array(128);
const blockWords = new Uint32Array(ERA_BLOCKS);

export class Ou extends LogModel {
  /** -ln phi. */
  readonly #pull: number;
  readonly #phi: number;
  /** Variance of the process in the long run. */
  readonly #variance: number;
  readonly #eraKey: Key;
  readonly #blockKey: Key;
  readonly #stepKey: Key;
  readonly #owner: number;
  #era = 0;
  #eraStart = 0;

  constructor(spec: ModelSpecOf<'ou'>, context: ModelContext) {
    super(context, true);
    const { grid, key, scratch } = context;
    const { volatility, halfLife } = spec;
    this.#pull = (LN_2 * grid.intervalMs) / halfLife;
    this.#phi = decay(this.#pull);
    this.#variance = (volatility * volatility * (halfLife / YEAR_MS)) / (2 * LN_2);
    this.#eraKey = deriveKey(key, PURPOSE.eraTotal, 0);
    this.#blockKey = deriveKey(key, PURPOSE.blockTotal, 0);
    this.#stepKey = deriveKey(key, PURPOSE.step, 0);
    this.#owner = scratch.newOwner();
  }

  protected override fillPath(block: number): LogLine {
    const { path, words } = this.scratch;
    const starts = this.#blockStarts(Math.floor(block / ERA_BLOCKS));
    const start = starts[block % ERA_BLOCKS]!;
    const end = starts[(block % ERA_BLOCKS) + 1]!;
    fillWords(words, this.#stepKey, 0, block | 0);
    fillFree(path, words, start, this.#phi, this.#deviationOver(1));
    const missing = (end - path[BLOCK_ROWS]!) / decayed(2 * this.#pull * BLOCK_ROWS);
    addRegression(path, missing, this.#phi, decay(2 * this.#pull * BLOCK_ROWS));
    return { first: this.logs.start, line: 0, scale: 1 };
  }

  /** Standard deviation of what `rows` rows add. */
  #deviationOver(rows: number): number {
    return Math.sqrt(this.#variance * decayed(2 * this.#pull * rows));
  }

  #eraStartOf(era: number): number {
    if (era < this.#era) {
      this.#era = 0;
      this.#eraStart = 0;
    }
    const phi = decay(this.#pull * ERA_ROWS);
    const deviation = this.#deviationOver(ERA_ROWS);
    while (this.#era < era) {
      const eras = Math.min(eraWords.length / 2, era - this.#era);
      fillWords(eraWords.subarray(0, 2 * eras), this.#eraKey, this.#era, 0);
      for (let i = 0; i < eras; i++) {
        this.#eraStart = phi * this.#eraStart + deviation * normalOf(eraWords[2 * i]! | 0);
      }
      this.#era += eras;
    }
    return this.#eraStart;
  }

  /** The process at the start of each block of `era`, and last at its end. */
  #blockStarts(era: number): Float64Array {
    return this.scratch.era(this.#owner, era, () => {
      const starts = new Float64Array(ERA_BLOCKS + 1);
      starts[0] = this.#eraStartOf(era);
      const end = this.#eraStartOf(era + 1);
      const pull = this.#pull * BLOCK_ROWS;
      const phi = decay(pull);
      const deviation = this.#deviationOver(BLOCK_ROWS);
      fillWords(blockWords, this.#blockKey, 0, era | 0);
      for (let k = 0; k < ERA_BLOCKS; k++) {
        starts[k + 1] = phi * starts[k]! + deviation * normalOf(blockWords[k]! | 0);
      }
      const missing = (end - starts[ERA_BLOCKS]!) / decayed(2 * pull * ERA_BLOCKS);
      for (let k = 1; k < ERA_BLOCKS; k++) {
        starts[k]! += decay(pull * (ERA_BLOCKS - k)) * decayed(2 * pull * k) * missing;
      }
      starts[ERA_BLOCKS] = end;
      return starts;
    });
  }
}

/** Fills `path` with y' = phi y + deviation N, from `start` on. */
function fillFree(
  path: Float64Array,
  words: Uint32Array,
  start: number,
  phi: number,
  deviation: number,
): void {
  let y = start;
  path[0] = y;

  for (let i = 0; i < BLOCK_ROWS; i++) {
    y = phi * y + deviation * normalOf(words[i]! | 0);
    path[i + 1] = y;
  }
}

/** Adds `missing` times phi^(B - j) - phi^(B + j) to each row j; `least` is phi^2B. */
function addRegression(path: Float64Array, missing: number, phi: number, least: number): void {
  // Where phi^2B is too small to tell from 0, phi^(B + j) is too.
  const back = least === 0 ? 0 : 1 / phi;
  let near = 1;
  let far = least;

  for (let i = BLOCK_ROWS; i > 0; i--) {
    path[i]! += missing * (near - far);
    near *= phi;
    far *= back;
  }
}
