const KEPT_MS = 30_000;
const KEPT_ROWS = 30;
const MOST_FRAMES = 1_024;

/** Rows of one instrument: those with `since < time <= until`, in ticks. */
export interface RecentFrame {
  readonly since: number;
  readonly until: number;
  readonly ticks: ArrayLike<number>;
}

/**
 * The rows of the last half minute of the instrument that is shown. An answer about the newest bars
 * may be older than what the stream has brought since it was asked for: folding these rows in makes
 * it up to date.
 */
export class RecentRows {
  readonly #keptMs: number;
  #frames: RecentFrame[] = [];

  constructor(intervalMs: number) {
    this.#keptMs = Math.max(KEPT_MS, KEPT_ROWS * intervalMs);
  }

  /** A copy of `ticks` is kept: they may be part of a frame of thousands of instruments. */
  push({ since, until, ticks }: RecentFrame): void {
    this.#frames.push({ since, until, ticks: Array.from(ticks) });
    const oldest = until - this.#keptMs;
    let stale = Math.max(0, this.#frames.length - MOST_FRAMES);
    while (stale < this.#frames.length - 1 && this.#frames[stale]!.until < oldest) stale++;
    if (stale > 0) this.#frames = this.#frames.slice(stale);
  }

  /** Another instrument is shown. */
  clear(): void {
    this.#frames = [];
  }

  /** The frames that are kept, oldest first. */
  get frames(): readonly RecentFrame[] {
    return this.#frames;
  }
}
