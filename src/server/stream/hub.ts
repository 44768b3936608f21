import type { Feed } from '../../core/feed/feed.ts';
import type { History } from '../../core/history/history.ts';
import type { Prices } from '../../core/market/dtype.ts';
import { timeOf } from '../../core/market/grid.ts';
import type { Market } from '../../core/market/market.ts';
import { rowsMessageJson } from '../../wire/json.ts';
import { readRows } from '../answers.ts';
import type { Clock } from '../clock.ts';
import type { Slicer } from '../slicer.ts';
import { Connection } from './connection.ts';
import type { Socket } from './socket.ts';
import type { Subscription } from './subscription.ts';

export interface HubOptions {
  readonly feed: Feed;
  readonly clock: Clock;
  readonly slicer: Slicer;
  readonly version: string;
  /** Told of failures that are our own. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * All connections of the stream, and the one loop that sends them rows.
 *
 * A subscription is behind (cursor < head) or not. Those that are behind by no more than a frame of
 * rows that the ring holds are sent it at once, when the head moves: that is being live. The others
 * are sent one frame at a time, in turn, between everything else: that is catching up. Both end in
 * `#send`, so there is no hand-over that could lose or repeat a row.
 */
export class Hub {
  readonly market: Market;
  readonly history: History;
  readonly clock: Clock;
  readonly slicer: Slicer;
  readonly version: string;
  readonly onFailure: (error: unknown) => void;
  readonly #connections = new Set<Connection>();
  /** Frames of this turn by what is in them: equal ones are encoded once and shared. */
  readonly #frames = new Map<string, Uint8Array>();
  /** Subscriptions that are catching up, the one that waited longest first. */
  readonly #behind = new Set<Subscription>();
  #isCatchingUp = false;

  constructor(options: HubOptions) {
    this.market = options.feed.market;
    this.history = options.feed.history;
    this.clock = options.clock;
    this.slicer = options.slicer;
    this.version = options.version;
    this.onFailure = options.onFailure;
  }

  /** Takes a socket in and greets it. */
  add(socket: Socket): Connection {
    const connection = new Connection(this, socket);
    this.#connections.add(connection);
    return connection;
  }

  /** Forgets a connection whose socket is gone. */
  remove(connection: Connection): void {
    connection.closed();
    this.#connections.delete(connection);
  }

  /** Sends the rows that have become readable; to be called whenever the head has moved. */
  advanced(): void {
    for (const connection of this.#connections) this.#serve(connection);
    this.#frames.clear();
  }

  /** Sends what a connection has waited for; to be called when its socket has room again. */
  drained(connection: Connection): void {
    this.#serve(connection);
    this.#frames.clear();
  }

  /** Sends heartbeats to those who heard nothing for long; to be called every second or so. */
  beat(): void {
    for (const connection of this.#connections) connection.beat();
  }

  /** Says goodbye to everyone. */
  closeAll(code: number, reason: string): void {
    for (const connection of this.#connections) connection.close(code, reason);
  }

  /** Cuts the connections that are left. */
  terminateAll(): void {
    for (const connection of this.#connections) connection.terminate();
    this.#connections.clear();
  }

  #serve(connection: Connection): void {
    if (connection.isFull) return;
    const { head, ring } = this.history;
    for (const subscription of connection.subscriptions.values()) {
      const { cursor } = subscription;
      if (cursor >= head || subscription.isReading || this.#behind.has(subscription)) continue;
      if (cursor >= ring.tail && head - cursor <= subscription.rowsPerFrame) {
        this.#send(subscription, this.#frameOf(subscription, head), head);
      } else {
        this.#behind.add(subscription);
      }
    }
    if (this.#behind.size > 0 && !this.#isCatchingUp) {
      this.#isCatchingUp = true;
      this.slicer.run(this.#catchUp()).catch(this.onFailure);
    }
  }

  /** One frame for each subscription that is behind, in turn, until none is or all are full. */
  *#catchUp(): Generator<void, void, void> {
    try {
      for (const subscription of this.#behind) {
        this.#behind.delete(subscription);
        yield* this.#sendNext(subscription);
        // At the end of the set, so that the others have their turn first.
        if (this.#isWaiting(subscription)) this.#behind.add(subscription);
        yield;
      }
    } finally {
      this.#isCatchingUp = false;
    }
  }

  /** Whether there is something to send to a subscription, and room for it. */
  #isWaiting({ isClosed, connection, cursor }: Subscription): boolean {
    return !isClosed && !connection.isFull && cursor < this.history.head;
  }

  *#sendNext(subscription: Subscription): Generator<void, void, void> {
    if (!this.#isWaiting(subscription)) return;
    const { cursor, columns } = subscription;
    const next = Math.min(this.history.head, cursor + subscription.rowsPerFrame);
    subscription.isReading = true;
    try {
      const prices = yield* readRows(this.history, columns, cursor, next);
      if (subscription.isClosed) return;
      this.#send(subscription, this.#encode(subscription, prices, next), next);
    } finally {
      subscription.isReading = false;
    }
  }

  #frameOf(subscription: Subscription, next: number): Uint8Array {
    const { id, columns, columnsKey, cursor } = subscription;
    const key = `${id} ${cursor} ${next} ${columnsKey}`;
    let frame = this.#frames.get(key);
    if (frame === undefined) {
      const prices = columns.map((column) => {
        const rows = this.market.newPrices(next - cursor);
        this.history.ring.copy(rows, 0, column, cursor, next);
        return rows;
      });
      frame = this.#encode(subscription, prices, next);
      this.#frames.set(key, frame);
    }
    return frame;
  }

  #encode(subscription: Subscription, prices: readonly Prices[], next: number): Uint8Array {
    const { grid } = this.market;
    const since = timeOf(grid, subscription.cursor - 1);
    const lag = this.history.head - next;
    return Buffer.from(
      rowsMessageJson(subscription.id, since, timeOf(grid, next - 1), lag, prices),
    );
  }

  #send(subscription: Subscription, frame: Uint8Array, next: number): void {
    subscription.cursor = next;
    subscription.connection.send(frame);
  }
}
