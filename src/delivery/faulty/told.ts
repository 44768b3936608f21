import type { Subscription } from '../subscription.ts';

/** Which rows a frame tells of, and whom: it shares the fate of the newest of them. */
export interface Told {
  readonly subscription: Subscription;
  /** The rows `[from, next)`. */
  readonly from: number;
  readonly next: number;
}
