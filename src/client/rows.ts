import type { Field } from '../wire/messages.ts';

/** `[column][row]` of fields: ticks of prices, lots of volumes. */
export type RowValues = Readonly<Partial<Record<Field, readonly ArrayLike<number>[]>>>;

/** The rows with `since < time <= until`, as an application gets them. */
export interface Rows {
  /** Time of the row before the first of these: `until` of the rows before, unless `skipped`. */
  readonly since: number;
  /** Time of the last of these rows. The cursor to go on from. */
  readonly until: number;
  /** How many rows were behind the head after these: 0 means live. */
  readonly lag: number;
  /** The columns. */
  readonly symbols: readonly string[];
  /** Milliseconds between rows. */
  readonly interval: number;
  /**
   * `prices[column][row]`, in ticks: `price = ticks * tickSize`. Empty if `fields` were named
   * without `last`.
   */
  readonly prices: readonly ArrayLike<number>[];
  /** The fields that were named, or `last`: `values.bid[column][row]`. */
  readonly values: RowValues;
  /** Rows that were left out just before these; only with `delivery: 'latest'`. */
  readonly skipped?: Skipped;
}

/** The `rows` rows with `since < time <= until` that `delivery: 'latest'` has left out. */
export interface Skipped {
  readonly since: number;
  readonly until: number;
  readonly rows: number;
}

/** The time of row `row` (from 0) of `rows`, in milliseconds since 1970 UTC. */
export function timeOf(rows: { readonly since: number; readonly interval: number }, row: number) {
  return rows.since + (row + 1) * rows.interval;
}

/** `newer`, with `older` left out and announced. They follow one another. */
export function conflate(older: Rows, newer: Rows): Rows {
  const { since } = older.skipped ?? older;
  const { since: until, interval } = newer;
  return { ...newer, skipped: { since, until, rows: Math.round((until - since) / interval) } };
}
