import type { ColumnRows } from './columns.ts';

/** A line, and the base of a change, is worth this long. */
const LINE_AGE_MS = 5 * 60_000;
const NO_LINE = new Float64Array(0);

/**
 * The newest price of every instrument, and its last 24 hours in a few points. All in ticks.
 *
 * Plain typed arrays, one entry per column: at 10,000 instruments this is the hot path, and nothing
 * here is watched. Who shows prices reads them once per painted frame.
 */
export class Prices {
  /** NaN until known. */
  readonly last: Float64Array;
  /** The price 24 hours ago (or the first there is): the base of the change. NaN until known. */
  readonly base: Float64Array;
  /** 0 where it trades, or nobody knows; 1 while it is halted, 2 while it is closed. */
  readonly status: Uint8Array;
  /** Goes up with every new line of a column. */
  readonly lineVersion: Uint32Array;
  /** 1 where `last` is the newest there is, 0 where it is left from an earlier time. */
  readonly #isCurrent: Uint8Array;
  readonly #lines: (Float64Array | undefined)[] = [];
  readonly #lineAtMs: Float64Array;
  readonly #baseAtMs: Float64Array;

  constructor(columns: number) {
    this.last = new Float64Array(columns).fill(Number.NaN);
    this.base = new Float64Array(columns).fill(Number.NaN);
    this.status = new Uint8Array(columns);
    this.lineVersion = new Uint32Array(columns);
    this.#isCurrent = new Uint8Array(columns);
    this.#lineAtMs = new Float64Array(columns).fill(Number.NEGATIVE_INFINITY);
    this.#baseAtMs = new Float64Array(columns).fill(Number.NEGATIVE_INFINITY);
  }

  takeRows({ prices, statuses, places }: Omit<ColumnRows, 'since' | 'until'>): void {
    for (const [column, place] of places) {
      const values = prices[place]!;
      if (values.length === 0) continue;
      this.last[column] = values[values.length - 1]!;
      this.status[column] = statuses[place]!.at(-1)!;
      this.#isCurrent[column] = 1;
    }
  }

  /** The last 24 hours of a column in some points; `nowMs` is the time of the market. */
  takeLine(column: number, points: readonly number[], nowMs: number, status = 0): void {
    this.#lines[column] = Float64Array.from(points);
    this.#lineAtMs[column] = nowMs;
    this.lineVersion[column]! += 1;
    this.takeEnds(column, points, nowMs, status);
  }

  /** The price 24 hours ago and now. What the stream has brought is newer: it stays. */
  takeEnds(column: number, points: readonly number[], nowMs: number, status = 0): void {
    this.base[column] = points[0] ?? Number.NaN;
    this.#baseAtMs[column] = nowMs;
    if (this.#isCurrent[column] === 1) return;
    this.last[column] = points.at(-1) ?? Number.NaN;
    this.status[column] = status;
    this.#isCurrent[column] = 1;
  }

  /** The last 24 hours of one instrument, without the live price; empty until known. */
  lineOf(column: number): Float64Array {
    return this.#lines[column] ?? NO_LINE;
  }

  /** Whether the price that is known is that of now, as far as the connection goes. */
  isCurrent(column: number): boolean {
    return this.#isCurrent[column] === 1;
  }

  /** The stream no longer brings this column: its price is what it once was. */
  leave(column: number): void {
    this.#isCurrent[column] = 0;
    this.status[column] = 0;
  }

  /** Whether a column's line should be asked for. */
  needsLine(column: number, nowMs: number): boolean {
    return !this.isCurrent(column) || Math.abs(nowMs - this.#lineAtMs[column]!) > LINE_AGE_MS;
  }

  /** Whether the base of a column's change should be asked for. */
  needsBase(column: number, nowMs: number): boolean {
    return Math.abs(nowMs - this.#baseAtMs[column]!) > LINE_AGE_MS;
  }

  /** Time has gone by unseen: what lines say is no longer true. */
  outdateLines(): void {
    this.#lineAtMs.fill(Number.NEGATIVE_INFINITY);
    this.#baseAtMs.fill(Number.NEGATIVE_INFINITY);
  }
}
