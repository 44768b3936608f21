/**
 * Geometric Brownian motion: the logarithm of the price is a Brownian motion with drift, folded
 * between the logarithms of the bounds; the price is its nearest whole tick.
 */
import type { Prices } from '../dtype.ts';
import { BLOCK_ROWS } from '../grid.ts';
import { Brownian } from './brownian.ts';
import type { ModelContext } from './context.ts';
import { type Diffusion, diffusionOf, type LogPrices, logPricesOf } from './log-price.ts';
import type { Model } from './model.ts';
import type { ModelSpecOf } from './parameters.ts';
import { PURPOSE } from './purpose.ts';
import type { Scratch } from './scratch.ts';
import { fillTicks } from './ticks.ts';

export class Gbm implements Model {
  readonly #brownian: Brownian;
  readonly #logs: LogPrices;
  readonly #diffusion: Diffusion;
  readonly #scratch: Scratch;

  constructor(spec: ModelSpecOf<'gbm'>, { instrument, grid, key, scratch }: ModelContext) {
    this.#brownian = new Brownian(key, PURPOSE, scratch);
    this.#logs = logPricesOf(instrument);
    this.#diffusion = diffusionOf(spec.drift, spec.volatility, grid);
    this.#scratch = scratch;
  }

  fillBlock(out: Prices, block: number): void {
    const { path } = this.#scratch;
    const slope = this.#brownian.fillFree(path, block);
    // log price of row i = first + (i * line + sigma * path[i]): the bridge's and the drift's
    // lines.
    const { growth, sigma } = this.#diffusion;
    const w0 = this.#brownian.startOf(block);
    const first = this.#logs.start + (growth * (block * BLOCK_ROWS) + sigma * w0);
    fillTicks(out, path, first, growth + sigma * slope, sigma, this.#logs);
  }
}
