import type { Address } from '../host/budgets/addresses.ts';
import type { Encoder, Frame } from './encoder.ts';
import type { Wire } from './socket.ts';
import type { Subscription } from './subscription.ts';

/** The short way to a live connection, for rows alone. */
export interface Bypass {
  /** Where its connection counters begin. */
  readonly slot: number;
  readonly wire: Wire;
}

/** One client that is connected, whatever it speaks, and whoever sends to it. */
export interface Guest {
  /** What it is counted as in the metrics, and called in the log. */
  readonly kind: string;
  readonly address: Address;
  readonly subscriptions: ReadonlyMap<number, Subscription>;
  /** Where rows can be written past it, once they are booked; undefined if nowhere. */
  readonly bypass: Bypass | undefined;
  /** Whether it has as much unread as it may: rows wait until it reads. */
  readonly isFull: boolean;
  /** Does what had to wait for room, as far as there is some. */
  attend(): void;
  /** Everything sent until `uncork` goes out in one write. */
  cork(): void;
  uncork(): void;
  /** Does what the passing of time asks for: heartbeats, pings, the end of the stuck. */
  beat(): void;
  /** Says goodbye and closes. */
  close(code: number, reason: string): void;
  /** Forgets everything: the socket is closing, or gone. */
  closed(): void;
  /** The socket is gone: what is kept for it is another's. To be called once. */
  end(): void;
}

/** One client that rows are sent to by the hub: a WebSocket, an event stream. */
export interface Connection extends Guest {
  readonly encoder: Encoder;
  /** Hands over one frame of so many rows. */
  sendRows(frame: Frame, rows: number): void;
  /** Tells that the rows `[from, next)` of a subscription will not come. */
  sendSkipped(id: number, from: number, next: number): void;
}
