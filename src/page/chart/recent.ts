import type { Rows } from '../../client/index.ts';

/** What a chart needs of rows. */
export type Frame = Pick<Rows, 'since' | 'until' | 'prices'>;

const KEPT_MS = 30_000;
const KEPT_ROWS = 30;
const MOST_FRAMES = 1_024;

/**
 * The rows of the last half minute. An answer about the newest bars may be older than what the
 * stream has brought since it was asked for: folding these rows in makes it up to date.
 */
export class RecentRows {
  readonly #keptMs: number;
  readonly #intervalMs: number;
  #frames: Frame[] = [];

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
    this.#keptMs = Math.max(KEPT_MS, KEPT_ROWS * intervalMs);
  }

  push(rows: Frame): void {
    this.#frames.push(rows);
    const oldest = rows.until - this.#keptMs;
    let stale = Math.max(0, this.#frames.length - MOST_FRAMES);
    while (stale < this.#frames.length - 1 && this.#frames[stale]!.until < oldest) stale++;
    if (stale > 0) this.#frames = this.#frames.slice(stale);
  }

  /** Call `visit` with the rows of one column that are kept, oldest first. */
  each(column: number, visit: (timeMs: number, ticks: number) => void): void {
    for (const frame of this.#frames) eachRow(frame, this.#intervalMs, column, visit);
  }
}

/** Call `visit` with the time and price of every row of one column. */
export function eachRow(
  { since, prices }: Frame,
  intervalMs: number,
  column: number,
  visit: (timeMs: number, ticks: number) => void,
): void {
  const values = prices[column]!;
  for (let row = 0; row < values.length; row++) {
    visit(since + (row + 1) * intervalMs, values[row]!);
  }
}
