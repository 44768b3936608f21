import type { Address } from '../host/budgets/addresses.ts';
import type { Encoder } from './encoder.ts';
import type { Outlet } from './outlet.ts';
import type { Subscription } from './subscription.ts';

/** One client that is connected, whatever it speaks, and whoever sends to it. */
export interface Guest {
  /** What it is counted as in the metrics, and called in the log. */
  readonly kind: string;
  readonly address: Address;
  readonly subscriptions: ReadonlyMap<number, Subscription>;
  /** The one way to it. */
  readonly outlet: Outlet;
  /** Does what had to wait for room, as far as there is some. */
  attend(): void;
  /** Does what the passing of time asks for: heartbeats, pings, the end of the stuck. */
  beat(): void;
  /** Says goodbye and closes. */
  close(code: number, reason: string): void;
  /** Forgets everything: the socket is closing, or gone. */
  closed(): void;
}

/** One client that rows are sent to by the hub: a WebSocket, an event stream. */
export interface Connection extends Guest {
  readonly encoder: Encoder;
  /** Tells that the rows `[from, next)` of a subscription will not come. */
  sendSkipped(id: number, from: number, next: number): void;
}
