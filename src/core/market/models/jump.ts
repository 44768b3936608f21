/**
 * A jump diffusion: a gbm that also makes sudden moves, at random times and of normal size in the
 * logarithm.
 *
 * Source: R. Merton, "Option Pricing When Underlying Stock Returns Are Discontinuous", Journal of
 * Financial Economics 3 (1976). The drift is that of the mean price, jumps included.
 */
import { exp } from '../../random/kernels.ts';
import { BLOCK_ROWS } from '../grid.ts';
import { DAY_MS } from '../time.ts';
import { Brownian } from './brownian.ts';
import type { ModelContext } from './context.ts';
import { Jumps } from './jumps.ts';
import { LogModel } from './log-model.ts';
import { type Diffusion, diffusionOf } from './log-price.ts';
import type { ModelSpecOf } from './parameters.ts';
import { PURPOSE } from './purpose.ts';
import type { LogLine } from './ticks.ts';

export class Jump extends LogModel {
  readonly #brownian: Brownian;
  readonly #jumps: Jumps;
  readonly #diffusion: Diffusion;

  constructor(spec: ModelSpecOf<'jump'>, context: ModelContext) {
    super(context, true);
    const { grid, key, scratch } = context;
    const { drift, volatility, jumpsPerDay, jumpMean, jumpSize } = spec;
    const rate = (jumpsPerDay * grid.intervalMs) / DAY_MS;
    this.#brownian = new Brownian(key, PURPOSE, scratch);
    this.#jumps = new Jumps(key, PURPOSE, rate, jumpMean, jumpSize, scratch);
    // What the jumps of a row multiply the mean price by, as a logarithm.
    const jumping = rate * (exp(jumpMean + (jumpSize * jumpSize) / 2) - 1);
    const { growth, sigma } = diffusionOf(drift, volatility, grid);
    this.#diffusion = { growth: growth - jumping, sigma };
  }

  protected override fillPath(block: number): LogLine {
    const { path } = this.scratch;
    const { growth, sigma } = this.#diffusion;
    const slope = this.#brownian.fillFree(path, block);
    const first = this.logs.start + growth * (block * BLOCK_ROWS);
    const moved = sigma * this.#brownian.startOf(block) + this.#jumps.startOf(block);
    const line = growth + sigma * slope;
    for (let i = 0; i < BLOCK_ROWS; i++) path[i]! *= sigma;
    this.#jumps.addTo(path, 1, block);
    return { first: first + moved, line, scale: 1 };
  }
}
