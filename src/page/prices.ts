import type { Rows, SparklinesAnswer } from '../client/index.ts';

/**
 * The newest price of every instrument, and its last 24 hours in a few points. All in ticks.
 *
 * Plain typed arrays, one entry per column: at 10,000 instruments this is the hot path, and nothing
 * here is watched. Who shows prices reads them once per painted frame.
 */
export class Prices {
  readonly columns: number;
  /** NaN until known. */
  readonly last: Float64Array;
  /** The price 24 hours ago (or the first there is): the base of the change. NaN until known. */
  readonly base: Float64Array;
  /** `points` prices per column, oldest first. */
  spark: Float64Array = new Float64Array(0);
  points = 0;
  /** Goes up whenever the sparklines were replaced. */
  sparkVersion = 0;

  constructor(columns: number) {
    this.columns = columns;
    this.last = new Float64Array(columns).fill(Number.NaN);
    this.base = new Float64Array(columns).fill(Number.NaN);
  }

  takeRows({ prices }: Pick<Rows, 'prices'>): void {
    const { last, columns } = this;
    for (let column = 0; column < columns; column++) {
      const values = prices[column]!;
      const newest = values.length - 1;
      if (newest >= 0) last[column] = values[newest]!;
    }
  }

  /** Prices that the stream has already brought are newer than the last point: they stay. */
  takeSparklines({ prices, time }: SparklinesAnswer): void {
    this.points = time.length;
    this.spark = new Float64Array(this.columns * this.points);
    for (let column = 0; column < this.columns; column++) {
      const values = prices[column]!;
      this.spark.set(values, column * this.points);
      this.base[column] = values[0] ?? Number.NaN;
      if (Number.isNaN(this.last[column]!)) this.last[column] = values.at(-1) ?? Number.NaN;
    }
    this.sparkVersion += 1;
  }

  /** The last 24 hours of one instrument, without the live price. */
  sparkOf(column: number): Float64Array {
    return this.spark.subarray(column * this.points, (column + 1) * this.points);
  }

  change(column: number): number {
    return this.last[column]! - this.base[column]!;
  }
}
