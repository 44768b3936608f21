/**
 * Geometric Brownian motion: the logarithm of the price is a Brownian motion with drift, folded
 * between the logarithms of the bounds; the price is its nearest whole tick.
 */
import { BLOCK_ROWS } from '../grid.ts';
import { Brownian } from './brownian.ts';
import type { ModelContext } from './context.ts';
import { LogModel } from './log-model.ts';
import { type Diffusion, diffusionOf } from './log-price.ts';
import type { ModelSpecOf } from './parameters.ts';
import { PURPOSE } from './purpose.ts';
import type { LogLine } from './ticks.ts';

export class Gbm extends LogModel {
  readonly #brownian: Brownian;
  readonly #diffusion: Diffusion;

  constructor(spec: ModelSpecOf<'gbm'>, context: ModelContext) {
    super(context, false);
    const { grid, key, scratch } = context;
    this.#brownian = new Brownian(key, PURPOSE, scratch);
    this.#diffusion = diffusionOf(spec.drift, spec.volatility, grid);
  }

  protected override fillPath(block: number): LogLine {
    const slope = this.#brownian.fillFree(this.scratch.path, block);
    // log price of row i = first + (i * line + sigma * path[i]): the bridge's and the drift's
    // lines.
    const { growth, sigma } = this.#diffusion;
    const w0 = this.#brownian.startOf(block);
    const first = this.logs.start + (growth * (block * BLOCK_ROWS) + sigma * w0);
    return { first, line: growth + sigma * slope, scale: sigma };
  }
}
