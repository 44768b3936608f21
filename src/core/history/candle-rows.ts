import { type Grid, indexFrom, timeOf } from '../market/grid.ts';
import type { Resolution } from '../market/resolution.ts';

/** A candle, and which rows it has: those of `[from, next)`. */
export interface CandlePlace {
  readonly number: number;
  readonly startMs: number;
  readonly from: number;
  readonly next: number;
}

/** Which rows of a market are in which candle. A zone is asked once a candle, not once a row. */
export class CandleRows {
  readonly #grid: Grid;
  readonly #resolution: Resolution;
  #last: CandlePlace = { number: 0, startMs: 0, from: 0, next: 0 };

  constructor(grid: Grid, resolution: Resolution) {
    this.#grid = grid;
    this.#resolution = resolution;
  }

  /** The candle of a row, made or not; it has that row at least. */
  at(index: number): CandlePlace {
    const last = this.#last;
    if (index >= last.from && index < last.next) return last;
    const number = this.#resolution.numberOf(timeOf(this.#grid, index));
    const startMs = this.#resolution.startOf(number);
    const from = Math.max(0, indexFrom(this.#grid, startMs));
    const next = indexFrom(this.#grid, this.#resolution.startOf(number + 1));
    this.#last = { number, startMs, from, next };
    return this.#last;
  }
}
