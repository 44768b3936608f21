/**
 * Rows before which time has stood still: those of closed hours, in which what is shown stands
 * still, too.
 */
import { firstRow } from './first-row.ts';

export class StillRows {
  /** The activity before a row. */
  readonly #clockAt: (index: number) => number;
  /** The row that was asked for last. */
  #index = -1;
  #clock = Number.NaN;
  /** The activity before the still rows that were looked for last, and the first row of them. */
  #stillClock = Number.NaN;
  #stillFrom = 0;

  constructor(clockAt: (index: number) => number) {
    this.#clockAt = clockAt;
  }

  /** The first row that has the same activity before it as row `index`: as a rule itself. */
  firstOf(index: number): number {
    const clock = this.#clockAt(index);
    const before = index === this.#index + 1 ? this.#clock : this.#clockBefore(index);
    this.#index = index;
    this.#clock = clock;
    return clock === before ? this.since(clock, index) : index;
  }

  /** The first row that has activity `clock` before it, as row `index` does. */
  since(clock: number, index: number): number {
    if (this.#stillClock !== clock) {
      this.#stillFrom = firstRow(index, (row) => this.#clockAt(row) === clock);
      this.#stillClock = clock;
    }
    return this.#stillFrom;
  }

  #clockBefore(index: number): number {
    return index === 0 ? Number.NaN : this.#clockAt(index - 1);
  }
}
