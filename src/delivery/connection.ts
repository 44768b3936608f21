import type { Address } from '../host/budgets/addresses.ts';
import type { Encoder } from './encoder.ts';
import type { Outlet } from './outlet.ts';
import type { Subscription } from './subscription.ts';

/** A client that is connected, in any protocol. */
export interface Guest {
  /** Its name in the metrics and in the log. */
  readonly kind: string;
  readonly address: Address;
  readonly subscriptions: ReadonlyMap<number, Subscription>;
  /** The one way to it. */
  readonly outlet: Outlet;
  /** Does what has waited for room, as far as there is room. */
  attend(): void;
  /** Does what is due by time: heartbeats, pings, closing what is stuck. */
  beat(): void;
  /** Hears that the market's time goes on at another speed, or has jumped. */
  clockChanged?(): void;
  /** Says goodbye and closes. */
  close(code: number, reason: string): void;
  /** Forgets everything: the socket is closing, or gone. */
  closed(): void;
}

/** A client that the hub sends rows to: a WebSocket, an event stream. */
export interface Connection extends Guest {
  /** How all of its subscriptions are written; without it, each says how it is. */
  readonly encoder?: Encoder;
  /** Says that the rows `[from, next)` of a subscription are left out. */
  sendSkipped(id: number, from: number, next: number): void;
}
