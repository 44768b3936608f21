/**
 * How many trades there were before a row: a reading of a clock, not a sum.
 *
 *     A(i)  activity, 1 a row on average: i itself, but for the model `market` (mid-trading.ts)
 *     B     a cascade in the time of A (cascade.ts): trades come in bursts within bursts
 *     N(i)  trades before row i: floor(rate * B(A(i))) - floor(rate * B(A(0)))
 *
 * So the trades of a row are those numbered `[N(i), N(i + 1))`: the number of a trade is the same
 * for ever, and the trades of any range are two readings. A model whose price moves by itself has
 * a trade in each row, and N counts those beyond it. Cells of the cascade are of time, so that a
 * market has its bursts on every grid. docs/prices.md has the whole of it.
 */
import { deriveKey, fillWords, type Key } from '../../random/threefry.ts';
import type { OpenRows } from '../calendar/open-rows.ts';
import { BLOCK_ROWS } from '../grid.ts';
import type { Model } from '../models/model.ts';
import { PURPOSE } from '../models/purpose.ts';
import { Cascade } from './cascade.ts';

/** How long the longest cells are: 194 days, which is 5 of an age. */
const LONGEST_MS = 2 ** 24 * 1000;
/** The shortest ones, of grids as fine: 1.95 ms. */
const SHORTEST_MS = LONGEST_MS / 2 ** 33;
/** How uneven halves are, of the cells of 2^24 s, 2^23 s, .. 2 s; and of shorter ones. */
const DEPTHS = [
  ...([0, 0, 0, 0, 0, 0, 0.15, 0.15, 0.15, 0.2, 0.3, 0.4] as const),
  ...([0.5, 0.5, 0.5, 0.5, 0.55, 0.55, 0.6, 0.65, 0.7, 0.8, 0.85, 0.9] as const),
] as const;
const SHORT_DEPTH = 0.7;
/**
 * The same, at least, of cells of one to 16 trades: few trades come no more evenly than many. Not
 * of more than 12 days, so that an age has its trades.
 */
const SPARSE_TRADES = 16;
const SPARSE_DEPTH = 0.93;
const SPARSE_MS = 2 ** 20 * 1000;

const pair = new Uint32Array(2);
const one = new Float64Array(1);
const opened = new Float64Array(BLOCK_ROWS + 1);

/** What says how active rows are; where all are alike, nothing. */
type Clocked = Pick<Model, 'fillClock' | 'clockAt'>;

/** Of one instrument. */
export class TradeClock {
  readonly #model: Clocked;
  readonly #cascade: Cascade;
  readonly #phase: number;
  readonly #leavesPerRow: number;
  /** Trades of a leaf of average activity, beyond those that each row has. */
  readonly #rate: number;
  readonly #leastPerRow: number;
  readonly #open: OpenRows | undefined;
  #atOrigin: number | undefined;

  /**
   * `rate` trades a row on average, of which each row has at least `leastPerRow`: 0 or 1. Rows are
   * `intervalMs` apart. With `open` they are those of its rows, and all of these are alike.
   */
  constructor(
    model: Clocked,
    key: Key,
    rate: number,
    leastPerRow: number,
    intervalMs: number,
    open?: OpenRows,
  ) {
    this.#model = model;
    this.#open = open;
    this.#leastPerRow = leastPerRow;
    const extra = Math.max(0, rate - leastPerRow);
    const depths: number[] = [];
    let leafMs = LONGEST_MS;
    for (; leafMs > intervalMs && leafMs >= SHORTEST_MS; leafMs /= 2) {
      const trades = (extra / intervalMs) * leafMs;
      const isSparse = trades >= 1 && trades <= SPARSE_TRADES && leafMs <= SPARSE_MS;
      const depth = DEPTHS[depths.length] ?? SHORT_DEPTH;
      depths.push(isSparse ? Math.max(depth, SPARSE_DEPTH) : depth);
    }
    this.#cascade = new Cascade(key, PURPOSE.tradeLevel, depths);
    this.#leavesPerRow = intervalMs / leafMs;
    this.#rate = extra / this.#leavesPerRow;
    fillWords(pair, deriveKey(key, PURPOSE.tradePhase, 0), 0, 0);
    // Whole seconds, of up to the longest cell.
    this.#phase = (Math.floor(pair[0]! / 2 ** 8) * 1000) / leafMs;
  }

  /** Trades before row `index`. 1 us. */
  before(index: number): number {
    const rows = this.#open?.before(index);
    one[0] = this.#placeOf(rows ?? this.#model.clockAt?.(index) ?? index);
    this.#count(one, rows ?? index, 0, 1);
    return one[0]!;
  }

  /**
   * Fills `out[from .. next)` with the trades before these rows of a block, and perhaps before the
   * row after it. 10 ns each.
   */
  fillBlock(out: Float64Array, block: number, from = 0, next = BLOCK_ROWS + 1): void {
    const start = block * BLOCK_ROWS;
    if (this.#open) {
      this.#open.fillBefore(opened, start, from, next);
      for (let i = from; i < next; i++) out[i] = this.#placeOf(opened[i]!);
      this.#count(out, 0, from, next);
      for (let i = from; i < next; i++) out[i]! += this.#leastPerRow * (opened[i]! - i);
    } else if (this.#model.fillClock) {
      this.#model.fillClock(out, block);
      this.fillRows(out, out, 0, block, from, next);
    } else {
      for (let i = from; i < next; i++) out[i] = this.#placeOf(start + i);
      this.#count(out, start, from, next);
    }
  }

  /**
   * Fills `out[from .. next)` with the trades before these rows of a block; `activity[first + row]`
   * is the activity before a row.
   */
  fillRows(
    out: Float64Array,
    activity: Float64Array,
    first: number,
    block: number,
    from: number,
    next: number,
  ): void {
    for (let i = from; i < next; i++) out[i] = this.#placeOf(activity[first + i]!);
    this.#count(out, block * BLOCK_ROWS, from, next);
  }

  /** Where the cascade is where the activity is. */
  #placeOf(activity: number): number {
    return this.#phase + this.#leavesPerRow * activity;
  }

  /** Makes the places of rows the trades before them; `values[i]` is of row `start + i`. */
  #count(values: Float64Array, start: number, from: number, next: number): void {
    const origin = this.#origin();
    const rate = this.#rate;
    const least = this.#leastPerRow;

    this.#cascade.map(values, from, next);
    for (let i = from; i < next; i++) {
      values[i] = least * (start + i) + (Math.floor(rate * values[i]!) - origin);
    }
  }

  /** What is counted at row 0. */
  #origin(): number {
    if (this.#atOrigin === undefined) {
      const activity = this.#open ? 0 : (this.#model.clockAt?.(0) ?? 0);
      const place = this.#cascade.at(this.#placeOf(activity));
      this.#atOrigin = Math.floor(this.#rate * place);
    }
    return this.#atOrigin;
  }
}
