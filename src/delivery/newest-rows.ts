import type { History } from '../core/history/history.ts';
import type { Prices } from '../core/market/dtype.ts';

/** With more values than this, reading each group's columns costs less than keeping all of them. */
const MOST_VALUES = 2 ** 17;

/**
 * The prices of the newest rows, column after column. Each column is read from the ring once,
 * however many want it, and only if somebody does.
 *
 *     values  │ column 0: from … next │ column 1: from … next │ …
 */
export class NewestRows {
  /** Valid for the columns that `has` names. */
  values: Prices;
  /** Whether a column has been read: 0 or 1. */
  readonly has: Uint8Array;
  /** The rows `[from, next)`. */
  from = -1;
  next = -1;
  readonly #history: History;

  constructor(history: History) {
    const columns = history.market.instruments.length;
    this.values = history.market.newPrices(columns);
    this.has = new Uint8Array(columns);
    this.#history = history;
  }

  /** Moves to rows that the ring holds; false if they are too many. */
  moveTo(from: number, next: number): boolean {
    if (from === this.from && next === this.next) return true;
    const values = (next - from) * this.has.length;
    if (next - from > 1 && values > MOST_VALUES) return false;
    if (values > this.values.length) this.values = this.#history.market.newPrices(values);
    this.has.fill(0);
    this.from = from;
    this.next = next;
    return true;
  }

  /** Reads a column. */
  read(column: number): void {
    const { from, next } = this;
    this.#history.ring.copy(this.values, column * (next - from), column, from, next);
    this.has[column] = 1;
  }
}
