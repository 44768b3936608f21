/**
 * How far the quotes of a block's stretches reach, known from its mids alone: at a hundredth of
 * what the quotes themselves take.
 *
 * Half a spread is at most a part `width` of the mid X. So an ask is above `high` only where
 * X (1 + width) is at least high + 1/2; or, as it is a tick above the bid at least, X high - 1/2. A
 * bid is below `low` only where X (1 - width) is below low - 1/2. Here this is said of log X, as
 * log(1 + width) is at most width, and -log(1 - width) at most width + width^2.
 */
import { log } from '../../random/kernels.ts';
import { BLOCK_ROWS } from '../grid.ts';
import type { Mids } from '../models/mids.ts';
import type { MidModel } from '../models/model.ts';
import type { Overlay } from '../models/overlay.ts';
import { LOOK_BACK_ROWS } from '../models/places.ts';
import { FARTHEST_NOISE, type Quotes } from './quotes.ts';
import { STRETCH_ROWS, STRETCHES } from './traded-block.ts';

/** More than all roundings on the way from an exponent to a quote come to. */
const ROUNDINGS = 1e-11;
/** Up to this width that is so. */
const WIDEST = 0.6;

const widths = new Float64Array(STRETCHES);
const clocks = new Float64Array(STRETCHES + 2);
/** Of the stretches that are left: their numbers, and the highest and lowest they can reach. */
const left = new Int32Array(STRETCHES);
const highest = new Float64Array(STRETCHES);
const lowest = new Float64Array(STRETCHES);

/** Of one instrument; what it looked at is forgotten when another one looks. */
export class Reach {
  readonly #model: MidModel;
  readonly #quotes: Quotes;
  readonly #isTraded: boolean;
  readonly #overlay: Overlay | undefined;
  #many = 0;

  constructor(model: MidModel, quotes: Quotes, isTraded: boolean, overlay?: Overlay) {
    this.#model = model;
    this.#quotes = quotes;
    this.#isTraded = isTraded;
    this.#overlay = overlay;
  }

  /** Looks at the stretches `[from, next)` for those that can pass `high` or `low`. */
  look(mids: Mids, block: number, from: number, next: number, high: number, low: number): void {
    this.#measure(mids, block, from, next);
    const { exponents, first } = mids;
    const { logs } = this.#model;
    const top = topOf(high);
    const tick = top - log(high - 0.5) + ROUNDINGS;
    const bottom = this.#bottomOf(low);
    let many = 0;
    for (let stretch = from; stretch < next; stretch++) {
      const width = widths[stretch]!;
      if (width < 0) continue;
      // Where exponents are turned back, nothing is sure.
      const most = Math.min(logs.high, top - Math.max(tick, width));
      const least = Math.max(logs.low, bottom + (width + width * width));
      if (!isBeyond(exponents, first + stretch * STRETCH_ROWS, most, least)) continue;
      left[many] = stretch;
      many += 1;
    }
    this.#many = many;
    this.#rank(exponents, first, tick);
  }

  /** The stretch that can reach farthest beyond `high`, or else `low`, and no more; -1 if none. */
  take(high: number, low: number): number {
    const up = farthest(highest, this.#many, topOf(high));
    const n = up >= 0 ? up : farthest(lowest, this.#many, -this.#bottomOf(low));
    if (n < 0) return -1;
    highest[n] = Number.NEGATIVE_INFINITY;
    lowest[n] = Number.NEGATIVE_INFINITY;
    return left[n]!;
  }

  /** Below which the exponent of a row must be, less its width, to have a price below `low`. */
  #bottomOf(low: number): number {
    // At the highest price of all, a bid is a tick below.
    return low >= this.#quotes.maxTicks ? Number.POSITIVE_INFINITY : log(low - 0.5);
  }

  /** Bounds the width of each stretch. */
  #measure(mids: Mids, block: number, from: number, next: number): void {
    const before = from === 0 && block === 0 ? 0 : 1;
    const [first, end] = [(from - before) * STRETCH_ROWS, next * STRETCH_ROWS];
    this.#model.fillClockSteps(clocks, mids, block, first, end, STRETCH_ROWS);
    if (before === 0) widths[0] = Number.POSITIVE_INFINITY;
    const { exponents } = mids;
    for (let stretch = from + 1 - before; stretch < next; stretch++) {
      const at = stretch - from + before;
      const row = mids.first + stretch * STRETCH_ROWS;
      const activity = (clocks[at + 1]! - clocks[at - 1]!) / LOOK_BACK_ROWS;
      let width = this.#quotes.halfSpread(activity, FARTHEST_NOISE);
      width = width * this.#spreadIn(block, stretch) + ROUNDINGS;
      // Where time may have stood still, a quote can be of before.
      const hasMoved = clocks[at]! > clocks[at - 1]! && exponents[row]! !== exponents[row - 1]!;
      if (!hasMoved || width > WIDEST) width = Number.POSITIVE_INFINITY;
      // Nobody comes where it stands still.
      if (this.#isTraded && clocks[at + 1]! === clocks[at - 1]!) width = Number.NEGATIVE_INFINITY;
      widths[stretch] = width;
    }
  }

  /** Times how much spreads of a stretch are wider, at most. */
  #spreadIn(block: number, stretch: number): number {
    if (this.#overlay === undefined) return 1;
    const from = block * BLOCK_ROWS + stretch * STRETCH_ROWS;
    let spread = 0;
    for (let at = from; at < from + STRETCH_ROWS; ) {
      const spell = this.#overlay.spellAt(at);
      spread = Math.max(spread, spell.spread);
      at = spell.next;
    }
    return spread;
  }

  /** How far each stretch that is left can reach. */
  #rank(exponents: Float64Array, first: number, tick: number): void {
    const { logs } = this.#model;
    for (let n = 0; n < this.#many; n++) {
      const stretch = left[n]!;
      const width = widths[stretch]!;
      let low = Number.POSITIVE_INFINITY;
      let high = Number.NEGATIVE_INFINITY;
      for (let i = first + stretch * STRETCH_ROWS, row = 0; row < STRETCH_ROWS; row++) {
        const x = exponents[i + row]!;
        if (x < low) low = x;
        if (x > high) high = x;
      }
      const isSure = low >= logs.low && high <= logs.high && width <= WIDEST;
      highest[n] = isSure ? high + Math.max(tick, width) : Number.POSITIVE_INFINITY;
      lowest[n] = isSure ? -low + (width + width * width) : Number.POSITIVE_INFINITY;
    }
  }
}

/** Above which the exponent of a row must be, with its width, to have a price above `high`. */
function topOf(high: number): number {
  return log(high + 0.5);
}

/** Whether a row of the stretch that begins at `at` is above `most` or below `least`. */
function isBeyond(exponents: Float64Array, at: number, most: number, least: number): boolean {
  for (let i = at; i < at + STRETCH_ROWS; i++) {
    const x = exponents[i]!;
    if (x > most || x < least) return true;
  }
  return false;
}

/** Which of the first `many` of `reach` is farthest above `from`; -1 if none is. */
function farthest(reach: Float64Array, many: number, from: number): number {
  let most = from;
  let found = -1;
  for (let n = 0; n < many; n++) {
    if (reach[n]! <= most) continue;
    most = reach[n]!;
    found = n;
  }
  return found;
}
