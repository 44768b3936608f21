/**
 * The shape of a day: markets are restless when the day begins and ends, and calm in its middle.
 *
 * A row's variance is 1 + depth (12 (u - 1/2)^2 - 1), with u the part of the day (UTC) that is
 * over: a U that is 1 on average. Summed from the start of the day, that is u in days plus
 * depth (4 u^3 - 6 u^2 + 2 u): each day takes as long as it is.
 *
 * Source of the shape: R. Wood, T. McInish, J. Ord, "An Investigation of Transactions Data for NYSE
 * Stocks", Journal of Finance 40 (1985).
 */
import { BLOCK_ROWS, ERA_BLOCKS, ERA_ROWS, type Grid } from '../grid.ts';
import { DAY_MS } from '../time.ts';

/** Between so many rows, or so long, the U is a line. */
const MOST_ROWS_PER_STEP = 256;
const MOST_MS_PER_STEP = 300_000;
const DAYS_PER_MS = 1 / DAY_MS;

export class Day {
  /** The U is followed from one multiple of so many rows to the next; a power of two. */
  readonly stepRows: number;
  readonly #intervalMs: number;
  readonly #originMs: number;
  /** By how many rows a whole depth moves time. */
  readonly #reach: number;
  readonly #steps: Float64Array;
  #block = -1;

  /** Without effect where a row is a day or longer. */
  constructor({ originMs, intervalMs }: Grid, depth: number) {
    this.#intervalMs = intervalMs;
    this.#originMs = originMs - Math.floor(originMs / DAY_MS) * DAY_MS;
    this.#reach = intervalMs < DAY_MS ? depth * (DAY_MS / intervalMs) : 0;
    let stepRows = this.#reach === 0 ? BLOCK_ROWS : MOST_ROWS_PER_STEP;
    while (stepRows > 1 && this.#reach > 0 && stepRows * intervalMs > MOST_MS_PER_STEP) {
      stepRows /= 2;
    }
    this.stepRows = stepRows;
    this.#steps = new Float64Array(BLOCK_ROWS / stepRows + 1);
  }

  /**
   * How much variance there is from the start of `era` to its row `row`, a multiple of `stepRows`.
   * The unit is that of an average row. What the day had by the start of the era is left in it.
   */
  at(era: number, row: number): number {
    if (this.#reach === 0) return row;
    return row + this.#reach * shape(this.#msOfDay(era * ERA_ROWS + row) * DAYS_PER_MS);
  }

  /** The same at each step of `block`, its end included, since the start of its era. */
  stepsOf(block: number): Float64Array {
    if (block === this.#block) return this.#steps;
    const era = Math.floor(block / ERA_BLOCKS);
    const first = (block % ERA_BLOCKS) * BLOCK_ROWS;
    for (let n = 0; n < this.#steps.length; n++) {
      this.#steps[n] = this.at(era, first + n * this.stepRows);
    }
    this.#block = block;
    return this.#steps;
  }

  /** Milliseconds since midnight of row `index`; no product passes 2^53. */
  #msOfDay(index: number): number {
    return ofDay(this.#originMs + ofDay(ofDay(index) * this.#intervalMs));
  }
}

/** A whole number modulo a day: `%` of such numbers is ten times as slow. */
function ofDay(ms: number): number {
  const rest = ms - Math.floor(ms * DAYS_PER_MS) * DAY_MS;
  // The quotient may be one off where it is nearly whole.
  if (rest < 0) return rest + DAY_MS;
  return rest < DAY_MS ? rest : rest - DAY_MS;
}

/** 4 u^3 - 6 u^2 + 2 u. */
function shape(u: number): number {
  return u * (2 + u * (4 * u - 6));
}
