import type { SinkMessage } from './message.ts';

/** Where to begin: with row 0, with the next row, or behind the row of a time in milliseconds. */
export type Since = 'origin' | 'now' | number;

/** Messages of one row or of several, each row whole. */
export interface SinkPiece {
  readonly messages: readonly SinkMessage[];
  /** Rows that are behind it, as far as is known: 0 means live. */
  readonly lagRows: number;
}

/** Where a sink has its rows from. */
export interface SinkSource {
  /** Milliseconds between rows. Waits until that is known. */
  intervalMs(): Promise<number>;
  /**
   * The rows after `since`, each once and in order, until `signal` aborts. Throws if the rows up to
   * there are not those of `market`.
   */
  read(since: Since, market: string | undefined, signal: AbortSignal): AsyncIterator<SinkPiece>;
}
