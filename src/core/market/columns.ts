import type { Prices } from './dtype.ts';

/** Values of some rows: a list for each column, of one field after the other. An array is one. */
export interface Lists {
  readonly length: number;
  at(n: number): Prices | undefined;
  /** Where lists are parts of one array for each field: that, and how many rows each list has. */
  readonly whole?: readonly Prices[];
  readonly rows?: number;
}

/**
 * Lists that are parts of one array for each field, column after column. Of the newest row of ten
 * thousand columns each would be an object of its own otherwise, and all of them garbage at once.
 */
export class Columns implements Lists {
  readonly length: number;
  readonly rows: number;
  /** One for each field. */
  readonly whole: readonly Prices[];
  readonly #columns: number;

  constructor(whole: readonly Prices[], columns: number, rows: number) {
    this.length = whole.length * columns;
    this.rows = rows;
    this.whole = whole;
    this.#columns = columns;
  }

  /** A view of the nth list. */
  at(n: number): Prices {
    const start = (n % this.#columns) * this.rows;
    return this.whole[Math.floor(n / this.#columns)]!.subarray(start, start + this.rows);
  }

  /** A copy of the rows `[from, next)` of these. */
  sliceRows(from: number, next: number): Columns {
    const rows = next - from;
    const parts = this.whole.map((values) => {
      const part = values.slice(0, this.#columns * rows);
      for (let n = 0; n < this.#columns; n++) {
        const start = n * this.rows + from;
        for (let row = 0; row < rows; row++) part[n * rows + row] = values[start + row]!;
      }
      return part;
    });
    return new Columns(parts, this.#columns, rows);
  }
}
