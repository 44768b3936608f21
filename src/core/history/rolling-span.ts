import { type Grid, indexFrom, timeOf } from '../market/grid.ts';
import { mustBe } from '../market/must-be.ts';

/** What a span may be told to begin with: so many batches of rows at least lie in it. */
const LEAST_BATCHES = 2;
/** A batch is made at once: of more rows that is a millisecond of work, or more. */
const MOST_BATCH_ROWS = 2 ** 12;

/** A span of time that ends with the newest row, and how its rows are kept in batches. */
export class RollingSpan {
  readonly #grid: Grid;
  readonly spanMs: number;
  readonly startMs: number;
  /** The most rows that it may have. */
  readonly rows: number;
  /** Rows that are kept together. */
  readonly batchRows: number;

  /**
   * The last `spanMs`; of `startMs`, as much more as makes it begin at a multiple of that since
   * 1970. About `batchRows` rows are kept together. Throws a `TypeError` unless it is a time of
   * more than 0 ms.
   */
  constructor(grid: Grid, spanMs: number, startMs: number, batchRows: number) {
    mustBe(spanMs > 0 && Number.isFinite(spanMs), 'spanMs', 'more than 0', spanMs);
    this.#grid = grid;
    this.spanMs = spanMs;
    this.startMs = startMs;
    this.rows = Math.ceil((spanMs + startMs) / grid.intervalMs);
    const least = Math.ceil(spanMs / grid.intervalMs);
    const most = Math.min(batchRows, MOST_BATCH_ROWS, Math.floor(least / LEAST_BATCHES));
    this.batchRows = divisorUpTo(least, Math.max(1, most));
  }

  /** The first row of the span that ends with the row before `head`. */
  from(head: number): number {
    const grid = this.#grid;
    return Math.max(0, indexFrom(grid, this.#openMs(timeOf(grid, head - 1))));
  }

  /** When the span begins that ends at `closeMs`: with a row, or with its start. */
  openMs(closeMs: number): number {
    const openMs = this.#openMs(closeMs);
    return this.startMs === 0 ? timeOf(this.#grid, indexFrom(this.#grid, openMs)) : openMs;
  }

  /** The first millisecond of it. */
  #openMs(closeMs: number): number {
    if (this.startMs === 0) return closeMs - this.spanMs + 1;
    return Math.floor((closeMs - this.spanMs) / this.startMs) * this.startMs;
  }
}

/**
 * The largest divisor of `rows` up to `most`, so that a batch ends when another begins to leave; or
 * just `most`, if there is none of half of that.
 */
function divisorUpTo(rows: number, most: number): number {
  for (let n = most; n > most / 2; n--) {
    if (rows % n === 0) return n;
  }
  return most;
}
