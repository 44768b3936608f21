import { exp } from '../../random/kernels.ts';
import type { Mids } from '../models/mids.ts';
import type { MidModel } from '../models/model.ts';
import { LOOK_BACK_ROWS } from '../models/places.ts';
import { FARTHEST_NOISE, type Quotes } from './quotes.ts';
import { STRETCH_ROWS, STRETCHES } from './traded-block.ts';

/** More than all roundings on the way to a quote come to, relatively. */
const ROUNDINGS = 1e-12;

/**
 * Between what the quotes of each stretch of a block lie, known from its mids alone: at a
 * fiftieth of what the quotes themselves take.
 */
export class Bounds {
  readonly lowest = new Float64Array(STRETCHES);
  readonly highest = new Float64Array(STRETCHES);

  /** Makes those of the stretches `[from, next)`. */
  fill(
    model: MidModel,
    quotes: Quotes,
    mids: Mids,
    block: number,
    from: number,
    next: number,
  ): void {
    for (let stretch = from; stretch < next; stretch++) {
      this.#bound(model, quotes, mids, block, stretch);
    }
  }

  #bound({ logs }: MidModel, quotes: Quotes, mids: Mids, block: number, stretch: number): void {
    const { exponents, clock, first } = mids;
    const at = first + stretch * STRETCH_ROWS;
    this.lowest[stretch] = Number.NEGATIVE_INFINITY;
    this.highest[stretch] = Number.POSITIVE_INFINITY;
    // Here it would take more: a market's first rows; those where time has stood still.
    if (block === 0 && stretch === 0) return;
    if (clock[at] === clock[at - 1]) return;
    let low = exponents[at]!;
    let high = low;
    for (let i = at + 1; i < at + STRETCH_ROWS; i++) {
      const x = exponents[i]!;
      if (x < low) low = x;
      if (x > high) high = x;
    }
    if (low < logs.low || high > logs.high) return;
    const activity = (clock[at + STRETCH_ROWS]! - clock[at - LOOK_BACK_ROWS]!) / LOOK_BACK_ROWS;
    const least = exp(low) * (1 - ROUNDINGS);
    const most = exp(high) * (1 + ROUNDINGS);
    const half = quotes.halfSpread(most, activity, FARTHEST_NOISE) * (1 + ROUNDINGS);
    this.lowest[stretch] = Math.floor(least - half + 0.5);
    this.highest[stretch] = Math.max(Math.floor(most + half + 0.5), Math.floor(most + 0.5) + 1);
  }
}
