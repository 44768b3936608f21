import type { Wanted } from '../../core/history/wanted.ts';
import type { Encoder } from '../encoder.ts';

/** Somebody who is told of rows: a subscription, or who follows what is no plain part of them. */
export interface Follower extends Pick<Wanted, 'columns'> {
  /** The first row that came since it began. */
  readonly firstLive: number;
  readonly group: { readonly encoder: Pick<Encoder, 'harm'> };
}

/** Which rows a frame tells of, and whom: it shares the fate of the newest of them. */
export interface Told {
  readonly subscription: Follower;
  /** The rows `[from, next)`. */
  readonly from: number;
  readonly next: number;
}
