import type { Frame } from '../frame.ts';

const KEPT_MS = 30_000;
const KEPT_ROWS = 30;
const MOST_FRAMES = 1_024;

/**
 * The rows of the last half minute. An answer about the newest bars may be older than what the
 * stream has brought since it was asked for: folding these rows in makes it up to date.
 */
export class RecentRows {
  readonly #keptMs: number;
  #frames: Frame[] = [];

  constructor(intervalMs: number) {
    this.#keptMs = Math.max(KEPT_MS, KEPT_ROWS * intervalMs);
  }

  push(rows: Frame): void {
    this.#frames.push(rows);
    const oldest = rows.until - this.#keptMs;
    let stale = Math.max(0, this.#frames.length - MOST_FRAMES);
    while (stale < this.#frames.length - 1 && this.#frames[stale]!.until < oldest) stale++;
    if (stale > 0) this.#frames = this.#frames.slice(stale);
  }

  /** The frames that are kept, oldest first. */
  get frames(): readonly Frame[] {
    return this.#frames;
  }
}
