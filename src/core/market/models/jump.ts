/**
 * A jump diffusion: a gbm that also makes sudden moves, at random times and of normal size in the
 * logarithm.
 *
 * Source: R. Merton, "Option Pricing When Underlying Stock Returns Are Discontinuous", Journal of
 * Financial Economics 3 (1976). The drift is that of the mean price, jumps included.
 */
import { exp, log } from '../../random/kernels.ts';
import type { Prices } from '../dtype.ts';
import { BLOCK_ROWS } from '../grid.ts';
import { DAY_MS } from '../time.ts';
import { Brownian } from './brownian.ts';
import { type ModelContext, YEAR_MS } from './context.ts';
import { Jumps } from './jumps.ts';
import type { Fold, Model } from './model.ts';
import type { ModelSpecOf } from './parameters.ts';
import { PURPOSE } from './purpose.ts';
import type { Scratch } from './scratch.ts';
import { fillNearTicks } from './ticks.ts';

export class Jump implements Model {
  readonly #brownian: Brownian;
  readonly #jumps: Jumps;
  readonly #start: number;
  readonly #growth: number;
  readonly #sigma: number;
  readonly #low: number;
  readonly #high: number;
  readonly #scratch: Scratch;

  constructor(spec: ModelSpecOf<'jump'>, { instrument, grid, key, scratch }: ModelContext) {
    const { drift, volatility, jumpsPerDay, jumpMean, jumpSize } = spec;
    const years = grid.intervalMs / YEAR_MS;
    const rate = (jumpsPerDay * grid.intervalMs) / DAY_MS;
    this.#brownian = new Brownian(key, PURPOSE, scratch);
    this.#jumps = new Jumps(key, PURPOSE, rate, jumpMean, jumpSize, scratch);
    // What the jumps of a row multiply the mean price by, as a logarithm.
    const jumping = rate * (exp(jumpMean + (jumpSize * jumpSize) / 2) - 1);
    this.#start = log(instrument.startTicks);
    this.#growth = (drift - (volatility * volatility) / 2) * years - jumping;
    this.#sigma = volatility * Math.sqrt(years);
    this.#low = log(instrument.minTicks);
    this.#high = log(instrument.maxTicks);
    this.#scratch = scratch;
  }

  fillBlock(out: Prices, block: number): void {
    const { path } = this.#scratch;
    const sigma = this.#sigma;
    const slope = this.#brownian.fillFree(path, block);
    const first = this.#start + this.#growth * (block * BLOCK_ROWS);
    const moved = sigma * this.#brownian.startOf(block) + this.#jumps.startOf(block);
    const line = this.#growth + sigma * slope;
    for (let i = 0; i < BLOCK_ROWS; i++) path[i]! *= sigma;
    this.#jumps.addTo(path, 1, block);
    fillNearTicks(out, path, first + moved, line, 1, this.#low, this.#high);
  }

  foldBlock(fold: Fold, block: number, from: number, next: number): void {
    fold.addPrices(this.#scratch.pricesOf(this, block), from, next);
  }

  fillActivity(out: Float64Array): void {
    out.fill(1);
  }
}
