/**
 * Bid and ask around the mid, which stand still until they are renewed:
 *
 *     h    half the spread: of the price, of the activity of the last rows, and of noise
 *     bid  the nearest tick to X - h        ask  that to X + h, above the bid
 *
 * with X the mid. Each side is rounded by itself, so that what is between them, on average over
 * rows, moves as X does. They are renewed where a count of their own goes on, and at the first row
 * of each stretch. docs/prices.md has the whole of it.
 */
import { exp } from '../../random/kernels.ts';
import { deriveKey, type Key } from '../../random/threefry.ts';
import { BLOCK_ROWS } from '../grid.ts';
import type { Instrument } from '../instrument.ts';
import type { Mids } from '../models/mids.ts';
import type { MidModel } from '../models/model.ts';
import { LOOK_BACK_ROWS } from '../models/places.ts';
import { PURPOSE } from '../models/purpose.ts';
import { reflect } from '../models/ticks.ts';
import { DyadicNoise } from './dyadic-noise.ts';
import { firstRow } from './first-row.ts';
import { TradeClock } from './trade-clock.ts';
import { STRETCH_ROWS, type TradedBlock } from './traded-block.ts';

/** How often quotes are renewed, in a row of average activity. */
const RENEWALS = 7;
/** Deviation of the logarithm of the spread, and what makes its mean that of the spread. */
const DEVIATION = 0.35;
const LOWER = 0.06;
/** The noise goes no further, so that spreads have an end. */
export const FARTHEST_NOISE = 2;
const TREES = 2;
const FALL = 0.2;

const counts = new Float64Array(BLOCK_ROWS);
const renewed = new Int32Array(BLOCK_ROWS + 1);
const numbers = new Float64Array(BLOCK_ROWS);
const noise = new Float64Array(BLOCK_ROWS);

export class Quotes {
  readonly #model: MidModel;
  readonly #clock: TradeClock;
  readonly #noise: DyadicNoise;
  readonly #minTicks: number;
  readonly #maxTicks: number;
  /** Half the spread over the price. */
  readonly #half: number;
  /** The activity before the still row that was looked for last, and the first row of it. */
  #stillClock = Number.NaN;
  #stillFrom = 0;

  constructor(
    model: MidModel,
    { trading, startTicks, ...bounds }: Instrument,
    key: Key,
    intervalMs: number,
  ) {
    this.#model = model;
    const quoteKey = deriveKey(key, PURPOSE.quote, 0);
    this.#clock = new TradeClock(model, quoteKey, RENEWALS * model.openShare, 0, intervalMs);
    const { spreadLevel: cell, spreadPhase: phase } = PURPOSE;
    const shape = { cell, phase, finest: 0, trees: TREES, fall: FALL };
    this.#noise = new DyadicNoise(key, shape);
    this.#minTicks = bounds.minTicks;
    this.#maxTicks = bounds.maxTicks;
    this.#half = trading.spreadTicks / (2 * startTicks);
  }

  /** Half the spread of a mid, in ticks, where activity goes on by so much a row. */
  halfSpread(mid: number, activity: number, noise: number): number {
    const part =
      Math.sqrt(Math.sqrt(activity * this.#model.openShare)) * exp(DEVIATION * noise - LOWER);
    return this.#half * mid * part;
  }

  /** Fills the quotes of rows `[from, next)` of a block, which are whole stretches. */
  fill({ bid, ask }: TradedBlock, mids: Mids, block: number, from: number, next: number): void {
    const many = this.#renew(mids, block, from, next);
    const { exponents, first } = mids;
    const { low, high } = this.#model.logs;
    const [minTicks, maxTicks] = [this.#minTicks, this.#maxTicks];
    renewed[many] = next;

    for (let n = 0; n < many; n++) {
      const row = renewed[n]!;
      let x = exponents[first + row]!;
      if (x < low || x > high) x = reflect(x, low, high);
      const mid = exp(x);
      const near = this.#activityBefore(mids, block, row, numbers[n]!);
      const far = Math.max(-FARTHEST_NOISE, Math.min(FARTHEST_NOISE, noise[n]!));
      const half = this.halfSpread(mid, near, far);
      const below = Math.max(minTicks, Math.min(maxTicks - 1, Math.floor(mid - half + 0.5)));
      const above = Math.min(maxTicks, Math.max(below + 1, Math.floor(mid + half + 0.5)));
      for (let i = row, stop = renewed[n + 1]!; i < stop; i++) {
        bid[i] = below;
        ask[i] = above;
      }
    }
  }

  /**
   * Finds where quotes are renewed, the noise there, and the number of the row that decides them:
   * where time stands still, its first one.
   */
  #renew({ clock, first }: Mids, block: number, from: number, next: number): number {
    const start = block * BLOCK_ROWS;
    this.#clock.fillRows(counts, clock, first, block, from, next);
    let many = 0;
    for (let i = from; i < next; i++) {
      const isFirst = i % STRETCH_ROWS === 0;
      const hasMoved = start + i === 0 || clock[first + i] !== clock[first + i - 1];
      // The last quote before time stands still is the one that stays.
      const isLast = hasMoved && clock[first + i + 1] === clock[first + i];
      if (!isFirst && !isLast && counts[i] === counts[i - 1]) continue;
      renewed[many] = i;
      numbers[many] = hasMoved ? start + i : this.#stillSince(clock[first + i]!, start + i);
      many += 1;
    }
    this.#noise.fill(noise, numbers, 0, many);
    return many;
  }

  /** The activity of a row of the last ones before `number`, on average. */
  #activityBefore({ clock, first }: Mids, block: number, row: number, number: number): number {
    const rows = Math.min(LOOK_BACK_ROWS, number);
    if (rows === 0) return 1 / this.#model.openShare;
    const now = clock[first + row]!;
    const isStill = number !== block * BLOCK_ROWS + row;
    const then = isStill ? this.#model.clockAt(number - rows) : clock[first + row - rows]!;
    return (now - then) / rows;
  }

  /** The first row that has the same activity before it as row `index`. */
  #stillSince(clock: number, index: number): number {
    if (this.#stillClock !== clock) {
      this.#stillFrom = firstRow(index, (row) => this.#model.clockAt(row) === clock);
      this.#stillClock = clock;
    }
    return this.#stillFrom;
  }
}
