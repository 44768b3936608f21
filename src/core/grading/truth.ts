import type { Timeline } from '../timeline/timeline.ts';

/** What can be graded. */
export const GRADED = ['rows', 'trades', 'candles'] as const;
export type Graded = (typeof GRADED)[number];

/**
 * What records are held against. A record has a key, which says where it belongs: the time of a
 * row, the start of a candle, the number of a trade. Its place is a whole number that counts those
 * keys, without a hole.
 */
export interface Truth {
  readonly what: Graded;
  readonly timeline: Timeline;
  /** What is looked at of each record, by name. */
  readonly fields: readonly string[];
  /** Of each field, whether it is in ticks. */
  readonly arePrices: readonly boolean[];
  /** Whether a place is the same moment for all columns. */
  readonly isShared: boolean;
  /** The place of a key; -1 where no record can be. */
  placeOf(column: number, key: number): number;
  keyOf(column: number, place: number): number;
  /** The newest row that a place tells of. */
  rowOf(column: number, place: number): number;
  /** The places `[from, next)` after time `sinceMs` up to `untilMs`, as far as there are any. */
  placesIn(column: number, sinceMs: number, untilMs: number): readonly [number, number];
  /** Whether `valueAt` can be asked. */
  has(column: number, place: number): boolean;
  /** Makes what `valueAt` is asked for, and what is behind it; yields often. */
  make(column: number, place: number): Generator<void, void, void>;
  /** The value of a field, in ticks if it is a price. */
  valueAt(column: number, place: number, field: number): number;
  /** How many of the places `[from, next)` must have a record; undefined if all must. */
  wanted?(column: number, from: number, next: number): Generator<void, number, void>;
}

/** Where a truth is read, and how far. */
export interface TruthSource {
  readonly timeline: Timeline;
  /** Rows before this one may be read; it may grow. */
  readonly head: () => number;
  /** How many columns there may be records of. */
  readonly columns: number;
  /** Told of rows that are made of a column. */
  readonly made?: (column: number, rows: number) => void;
}
