/**
 * How many trades there were before a row: a reading of a clock, not a sum.
 *
 *     A(i)  the activity before row i, 1 a row on average: i itself, but for the model `market`
 *     B     a cascade in the time of A (cascade.ts): trades come in bursts within bursts
 *     N(i)  trades before row i: floor(rate * B(A(i))) - floor(rate * B(A(0)))
 *
 * So the trades of a row are those numbered `[N(i), N(i + 1))`: the number of a trade is the same
 * for ever, and the trades of any range are two readings. A model whose price moves by itself has
 * a trade in each row, and N counts those beyond it. docs/prices.md has the whole of it.
 */
import { deriveKey, fillWords, type Key } from '../../random/threefry.ts';
import { BLOCK_ROWS, ERA_ROWS } from '../grid.ts';
import type { Model } from '../models/model.ts';
import { PURPOSE } from '../models/purpose.ts';
import { type CascadeLevel, passCascade, UNITS_PER_ROW } from './cascade.ts';

const TWO_32 = 0x1_0000_0000;
/** Lengths of cells, in rows of average activity. */
const LENGTHS = [21_011, 8999, 3607, 1499, 601, 251, 101, 41, 17, 7.3, 3.1, 1.3] as const;
const DEPTHS = [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9] as const;

const pair = new Uint32Array(2);
const one = new Float64Array(1);
const clock = new Float64Array(BLOCK_ROWS + 1);

/** Of one instrument. */
export class TradeClock {
  readonly #model: Model;
  readonly #levels: readonly CascadeLevel[];
  /** Trades of a row of average activity, beyond those that each row has. */
  readonly #rate: number;
  readonly #leastPerRow: number;
  #atOrigin: number | undefined;

  /** `rate` trades a row on average, of which each row has at least `leastPerRow`: 0 or 1. */
  constructor(model: Model, key: Key, rate: number, leastPerRow: number) {
    this.#model = model;
    this.#rate = Math.max(0, rate - leastPerRow);
    this.#leastPerRow = leastPerRow;
    this.#levels = LENGTHS.map((rows, n) => {
      const length = Math.floor(rows * UNITS_PER_ROW + 0.5);
      fillWords(pair, deriveKey(key, PURPOSE.tradePhase, 0), n, 0);
      return {
        key: deriveKey(key, PURPOSE.tradeLevel, n),
        length,
        depth: DEPTHS[n]!,
        phase: Math.floor((pair[0]! / TWO_32) * length),
      };
    });
  }

  /** Trades before row `index`. 1 us. */
  before(index: number): number {
    const era = Math.floor(index / ERA_ROWS);
    const eraStart = era * ERA_ROWS;
    const activity = this.#model.clockAt?.(index) ?? index;
    one[0] = Math.floor((activity - eraStart) * UNITS_PER_ROW);
    passCascade(one, this.#levels, era);
    return this.#leastPerRow * index + this.#count(eraStart, one[0]!) - this.#origin();
  }

  /** Fills the `BLOCK_ROWS + 1` values of `out` with the trades before each row of a block. */
  fillBlock(out: Float64Array, block: number): void {
    const start = block * BLOCK_ROWS;
    const era = Math.floor(start / ERA_ROWS);
    const eraStart = era * ERA_ROWS;
    if (this.#model.fillClock) this.#model.fillClock(clock, block);
    else for (let i = 0; i <= BLOCK_ROWS; i++) clock[i] = start + i;
    for (let i = 0; i <= BLOCK_ROWS; i++) {
      out[i] = Math.floor((clock[i]! - eraStart) * UNITS_PER_ROW);
    }
    passCascade(out, this.#levels, era);
    const origin = this.#origin();
    for (let i = 0; i <= BLOCK_ROWS; i++) {
      out[i] = this.#leastPerRow * (start + i) + this.#count(eraStart, out[i]!) - origin;
    }
  }

  #count(eraStart: number, units: number): number {
    return Math.floor(this.#rate * (eraStart + units / UNITS_PER_ROW));
  }

  /** What is counted at row 0. */
  #origin(): number {
    if (this.#atOrigin === undefined) {
      one[0] = Math.floor((this.#model.clockAt?.(0) ?? 0) * UNITS_PER_ROW);
      passCascade(one, this.#levels, 0);
      this.#atOrigin = this.#count(0, one[0]!);
    }
    return this.#atOrigin;
  }
}
