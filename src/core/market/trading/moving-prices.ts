import type { Prices } from '../dtype.ts';
import type { Fold, Model } from '../models/model.ts';
import type { Scratch } from '../models/scratch.ts';
import type { Priced } from './trading.ts';

/** Of fewer, all prices of a block are made: others of it are wanted next, as a rule. */
const LEAST_FOLDED_ROWS = 1024;

/** Prices that move by themselves: those of a model. */
export class MovingPrices implements Priced {
  readonly #model: Model;
  readonly #scratch: Scratch;

  constructor(model: Model, scratch: Scratch) {
    this.#model = model;
    this.#scratch = scratch;
  }

  fillPrices(out: Prices, block: number): void {
    const made = this.#scratch.madePrices(this.#model, block);
    if (made === undefined) this.#model.fillBlock(out, block);
    else out.set(made);
  }

  foldPrices(fold: Fold, block: number, from: number, next: number): void {
    // Who wants few rows of a block comes back for the next ones: then it is made once for all.
    if (this.#model.foldBlock && next - from >= LEAST_FOLDED_ROWS) {
      this.#model.foldBlock(fold, block, from, next);
    } else fold.addPrices(this.#scratch.pricesOf(this.#model, block), from, next);
  }
}
