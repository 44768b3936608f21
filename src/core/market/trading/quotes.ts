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
import { isConstant, type Overlay } from '../models/overlay.ts';
import { LOOK_BACK_ROWS } from '../models/places.ts';
import { PURPOSE } from '../models/purpose.ts';
import { reflect } from '../models/ticks.ts';
import { DyadicNoise } from './dyadic-noise.ts';
import { StillRows } from './still-rows.ts';
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
const exponents = new Float64Array(BLOCK_ROWS);
const activities = new Float64Array(BLOCK_ROWS);
/** Whether time stands still at one of them. */
let hasStill = false;
const noise = new Float64Array(BLOCK_ROWS);
/** Of rows, whether something is done to them that was not to the row before. */
const changed = new Uint8Array(BLOCK_ROWS);

export class Quotes {
  readonly #model: MidModel;
  readonly #clock: TradeClock;
  readonly #noise: DyadicNoise;
  readonly #openShare: number;
  readonly #minTicks: number;
  readonly maxTicks: number;
  /** Half the spread over the price. */
  readonly #half: number;
  readonly #still: StillRows;
  readonly #overlay: Overlay | undefined;

  constructor(
    model: MidModel,
    { trading, startTicks, ...bounds }: Instrument,
    key: Key,
    intervalMs: number,
    overlay?: Overlay,
  ) {
    this.#model = model;
    this.#overlay = overlay;
    this.#still = new StillRows((index) => model.clockAt(index));
    const quoteKey = deriveKey(key, PURPOSE.quote, 0);
    this.#clock = new TradeClock(model, quoteKey, RENEWALS * model.openShare, 0, intervalMs);
    const { spreadLevel: cell, spreadPhase: phase } = PURPOSE;
    const shape = { cell, phase, finest: 0, trees: TREES, fall: FALL };
    this.#noise = new DyadicNoise(key, shape);
    this.#openShare = model.openShare;
    this.#minTicks = bounds.minTicks;
    this.maxTicks = bounds.maxTicks;
    this.#half = trading.spreadTicks / (2 * startTicks);
  }

  /** Half the spread over the mid, at such an activity of a row, and such noise. */
  halfSpread(activity: number, noise: number): number {
    return this.#half * partOf(activity * this.#openShare, noise);
  }

  /** Fills the quotes of rows `[from, next)` of a block, which are whole stretches. */
  fill({ bid, ask }: TradedBlock, mids: Mids, block: number, from: number, next: number): void {
    const many = this.#renew(mids, block, from, next);
    const { low, high } = this.#model.logs;
    const [minTicks, maxTicks] = [this.#minTicks, this.maxTicks];
    const share = this.#openShare;
    const half = this.#half;
    const overlay = this.#overlay;
    renewed[many] = next;

    for (let n = 0; n < many; n++) {
      let x = exponents[n]!;
      if (x < low || x > high) x = reflect(x, low, high);
      const mid = exp(x);
      const far = Math.max(-FARTHEST_NOISE, Math.min(FARTHEST_NOISE, noise[n]!));
      let away = half * partOf(activities[n]! * share, far) * mid;
      if (overlay !== undefined) away *= overlay.spellAt(numbers[n]!).spread;
      const below = Math.max(minTicks, Math.min(maxTicks - 1, Math.floor(mid - away + 0.5)));
      const above = Math.min(maxTicks, Math.max(below + 1, Math.floor(mid + away + 0.5)));
      for (let i = renewed[n]!, stop = renewed[n + 1]!; i < stop; i++) {
        bid[i] = below;
        ask[i] = above;
      }
    }
  }

  /**
   * Finds where quotes are renewed, and what decides them: the exponent, the noise by the number of
   * the row (where time stands still, of its first one), and the activity of the last rows before.
   */
  #renew(mids: Mids, block: number, from: number, next: number): number {
    this.#clock.fillRows(counts, mids.clock, mids.first, block, from, next);
    const start = block * BLOCK_ROWS;
    const overlay = this.#overlay;
    if (overlay !== undefined) findChanged(overlay, start, from, next);
    const many = findRenewed(mids, start, from, next, overlay !== undefined);
    if (hasStill) this.#findStill(mids, start, many);
    if (block === 0 && from === 0) activities[0] = 1 / this.#openShare;
    this.#noise.fill(noise, numbers, 0, many);
    return many;
  }

  /** Makes good what is said of rows before which time has stood still. */
  #findStill({ clock, first }: Mids, start: number, many: number): void {
    for (let n = 0; n < many; n++) {
      if (numbers[n]! >= 0) continue;
      const row = renewed[n]!;
      const now = clock[first + row]!;
      const number = this.#still.since(now, start + row);
      const rows = Math.min(LOOK_BACK_ROWS, number);
      numbers[n] = number;
      activities[n] =
        rows === 0 ? 1 / this.#openShare : (now - this.#model.clockAt(number - rows)) / rows;
    }
  }
}

/** How wide a spread is over its average: by a row's activity, over the ordinary, and noise. */
function partOf(activity: number, noise: number): number {
  return Math.sqrt(Math.sqrt(activity)) * exp(DEVIATION * noise - LOWER);
}

/** Fills `changed` of the rows `[from, next)` of a block that begins with row `start`. */
function findChanged(overlay: Overlay, start: number, from: number, next: number): void {
  for (let at = from; at < next; ) {
    const spell = overlay.spellAt(start + at);
    const stop = Math.min(next, spell.next - start);
    changed.fill(isConstant(spell) ? 0 : 1, at, stop);
    if (spell.from === start + at) changed[at] = 1;
    at = stop;
  }
}

/** Fills `renewed`, and what is known of it; -1 for the numbers of rows that stand still. */
function findRenewed(
  { exponents: x, clock, first }: Mids,
  start: number,
  from: number,
  next: number,
  isMoved: boolean,
) {
  let many = 0;
  hasStill = false;

  for (let i = from; i < next; i++) {
    const at = first + i;
    const isFirst = i % STRETCH_ROWS === 0;
    const hasMoved = start + i === 0 || clock[at]! !== clock[at - 1]!;
    // The last quote before time stands still is the one that stays.
    const isLast = hasMoved && clock[at + 1]! === clock[at]!;
    const isOther = isMoved && changed[i] === 1;
    if (!isFirst && !isLast && !isOther && counts[i]! === counts[i - 1]!) continue;
    renewed[many] = i;
    exponents[many] = x[at]!;
    const rows = Math.min(LOOK_BACK_ROWS, start + i);
    activities[many] = (clock[at]! - clock[at - rows]!) / rows;
    numbers[many] = hasMoved ? start + i : -1;
    if (!hasMoved) hasStill = true;
    many += 1;
  }

  return many;
}
