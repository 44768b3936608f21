/**
 * Rows before which time has stood still: those of closed hours, in which what is shown stands
 * still, too.
 */
import { firstRow } from './first-row.ts';

export class StillRows {
  /** The activity before a row. */
  readonly #clockAt: (index: number) => number;
  /** The activity before the still rows that were looked for last, and the first row of them. */
  #stillClock = Number.NaN;
  #stillFrom = 0;

  constructor(clockAt: (index: number) => number) {
    this.#clockAt = clockAt;
  }

  /** The first row that has activity `clock` before it, as row `index` does. */
  since(clock: number, index: number): number {
    if (this.#stillClock !== clock) {
      this.#stillFrom = firstRow(index, (row) => this.#clockAt(row) === clock);
      this.#stillClock = clock;
    }
    return this.#stillFrom;
  }
}
