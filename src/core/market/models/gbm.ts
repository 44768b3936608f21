/**
 * Geometric Brownian motion: the logarithm of the price is a Brownian motion with drift, folded
 * between the logarithms of the bounds; the price is its nearest whole tick.
 */
import { log } from '../../random/kernels.ts';
import type { Prices } from '../dtype.ts';
import { BLOCK_ROWS } from '../grid.ts';
import { Brownian } from './brownian.ts';
import { type ModelContext, YEAR_MS } from './context.ts';
import type { Fold, Model } from './model.ts';
import type { ModelSpecOf } from './parameters.ts';
import { PURPOSE } from './purpose.ts';
import type { Scratch } from './scratch.ts';
import { fillTicks } from './ticks.ts';

export class Gbm implements Model {
  readonly #brownian: Brownian;
  readonly #start: number;
  readonly #growth: number;
  readonly #sigma: number;
  readonly #low: number;
  readonly #high: number;
  readonly #scratch: Scratch;

  constructor(spec: ModelSpecOf<'gbm'>, { instrument, grid, key, scratch }: ModelContext) {
    const { drift, volatility } = spec;
    const years = grid.intervalMs / YEAR_MS;
    this.#brownian = new Brownian(key, PURPOSE, scratch);
    this.#start = log(instrument.startTicks);
    this.#growth = (drift - (volatility * volatility) / 2) * years;
    this.#sigma = volatility * Math.sqrt(years);
    this.#low = log(instrument.minTicks);
    this.#high = log(instrument.maxTicks);
    this.#scratch = scratch;
  }

  fillBlock(out: Prices, block: number): void {
    const { path } = this.#scratch;
    const slope = this.#brownian.fillFree(path, block);
    // log price of row i = first + (i * line + sigma * path[i]): the bridge's and the drift's
    // lines.
    const sigma = this.#sigma;
    const w0 = this.#brownian.startOf(block);
    const first = this.#start + (this.#growth * (block * BLOCK_ROWS) + sigma * w0);
    fillTicks(out, path, first, this.#growth + sigma * slope, sigma, this.#low, this.#high);
  }

  foldBlock(fold: Fold, block: number, from: number, next: number): void {
    fold.addPrices(this.#scratch.pricesOf(this, block), from, next);
  }

  fillActivity(out: Float64Array): void {
    out.fill(1);
  }
}
