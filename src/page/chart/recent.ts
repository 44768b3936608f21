const KEPT_MS = 30_000;
const KEPT_ROWS = 30;
const MOST_KEPT = 1_024;

/** Rows of one instrument: those with `since < time <= until`; prices in ticks, volumes in lots. */
export interface InstrumentRows {
  readonly since: number;
  readonly until: number;
  readonly values: ArrayLike<number>;
}

/**
 * The rows of the last half minute of the instrument that is shown. An answer about the newest bars
 * may be older than what the stream has brought since it was asked for: folding these rows in makes
 * it up to date.
 */
export class RecentRows {
  readonly #keptMs: number;
  #kept: InstrumentRows[] = [];

  constructor(intervalMs: number) {
    this.#keptMs = Math.max(KEPT_MS, KEPT_ROWS * intervalMs);
  }

  /** A copy of `values` is kept: they may be part of a message with thousands of instruments. */
  push({ since, until, values }: InstrumentRows): void {
    this.#kept.push({ since, until, values: Array.from(values) });
    const oldest = until - this.#keptMs;
    let stale = Math.max(0, this.#kept.length - MOST_KEPT);
    while (stale < this.#kept.length - 1 && this.#kept[stale]!.until < oldest) stale++;
    if (stale > 0) this.#kept = this.#kept.slice(stale);
  }

  /** Another instrument is shown. */
  clear(): void {
    this.#kept = [];
  }

  /** Those that are kept, oldest first. */
  get all(): readonly InstrumentRows[] {
    return this.#kept;
  }
}
