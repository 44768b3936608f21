import type { History } from '../../core/history/history.ts';
import type { Prices } from '../../core/market/dtype.ts';
import { areUsual } from '../../core/market/fields.ts';
import type { Market } from '../../core/market/market.ts';
import { readRows } from '../answers.ts';
import type { Address } from '../guards/addresses.ts';
import { backfillCost } from '../guards/cost.ts';
import type { Service } from '../service.ts';
import type { Connection } from './connection.ts';
import { type FrameOf, Frames, formatOf } from './frames.ts';
import type { Subscription } from './subscription.ts';

/** Old prices that are read for one reader at once: a tenth of what `Frames` keeps. */
const READ_AHEAD_PRICES = 2 ** 16;

/** How often `beat` is called. */
export const BEAT_MS = 1000;

/**
 * All connections of the stream, and the one loop that sends them rows.
 *
 * A subscription is behind (cursor < head) or not. Those that are behind by no more than a frame of
 * rows that the ring holds are sent it at once, when the head moves: that is being live. The others
 * are sent one frame at a time, in turn, between everything else: that is catching up. Both end in
 * `#send`, so there is no hand-over that could lose or repeat a row.
 */
export class Hub {
  readonly service: Service;
  readonly market: Market;
  readonly history: History;
  readonly frames: Frames;
  readonly #connections = new Set<Connection>();
  /** Subscriptions that are catching up, the one that waited longest first. */
  readonly #behind = new Set<Subscription>();
  /** Those of the connection that is being served which are to join them. */
  readonly #joining: Subscription[] = [];
  /** Frames sent to those who were behind. */
  #turns = 0;
  #isCatchingUp = false;
  #awakeMs = 0;
  #beatMs: number;

  constructor(service: Service) {
    this.service = service;
    this.market = service.feed.market;
    this.history = service.feed.history;
    this.frames = new Frames(this.market);
    this.#beatMs = service.clock.steadyMs();
  }

  get connections(): ReadonlySet<Connection> {
    return this.#connections;
  }

  /**
   * A clock that stands still while this process does, because it is held up or suspended: what
   * clients sent meanwhile has not been looked at yet, so none of them is late.
   */
  get awakeMs(): number {
    return this.#awakeMs + Math.min(2 * BEAT_MS, this.service.clock.steadyMs() - this.#beatMs);
  }

  /** How long a client should wait before it comes back: each another time. */
  retryAfterMs(): number {
    return Math.floor(this.service.limits.retryAfterMs * (0.25 + 0.75 * Math.random()));
  }

  /** Which limit a further connection of this address would break; undefined if none. */
  limitReached(address: Address): 'maxConnections' | 'maxConnectionsPerAddress' | undefined {
    const { maxConnections, maxConnectionsPerAddress } = this.service.limits;
    if (this.#connections.size >= maxConnections) return 'maxConnections';
    if (address.connections >= maxConnectionsPerAddress) return 'maxConnectionsPerAddress';
    return undefined;
  }

  /** Takes a connection in. */
  add(connection: Connection): void {
    this.#connections.add(connection);
    connection.address.connections += 1;
    this.service.metrics.openedConnections += 1;
  }

  /** Forgets a connection whose socket is gone. */
  remove(connection: Connection): void {
    connection.closed();
    if (this.#connections.delete(connection)) connection.address.connections -= 1;
  }

  /** Sends the rows that have become readable; to be called whenever the head has moved. */
  advanced(): void {
    for (const connection of this.#connections) this.#serve(connection);
    this.#endTurn();
  }

  /** Sends what a connection has waited for; to be called when it has room again. */
  drained(connection: Connection): void {
    this.#serve(connection);
    this.#endTurn();
  }

  /** Does what the passing of time asks for; to be called every `BEAT_MS`. */
  beat(): void {
    const awakeMs = this.awakeMs;
    this.#beatMs = this.service.clock.steadyMs();
    this.#awakeMs = awakeMs;
    for (const connection of this.#connections) connection.beat();
    this.service.addresses.sweep();
    // For those whose work was not paid for: nothing else may call for a long time.
    this.advanced();
  }

  /** Says goodbye to everyone. */
  closeAll(code: number, reason: string): void {
    for (const connection of this.#connections) connection.close(code, reason);
  }

  #serve(connection: Connection): void {
    const { subscriptions } = connection;
    if (subscriptions.size === 0 || connection.isFull) return;
    const isMany = subscriptions.size > 1;
    if (isMany) connection.cork();
    for (const subscription of subscriptions.values()) {
      this.#serveOne(subscription);
      if (connection.isFull) break;
    }
    if (isMany) connection.uncork();
    // A full connection leaves none of its own among them: who waited longest is first again.
    this.#joining.sort((a, b) => a.turn - b.turn);
    for (const subscription of this.#joining.splice(0)) this.#behind.add(subscription);
  }

  /** Ends a turn: whoever is live has been served, and those behind may have theirs. */
  #endTurn(): void {
    this.frames.endTurn();
    if (this.#behind.size === 0 || this.#isCatchingUp) return;
    this.#isCatchingUp = true;
    const onFailure = (error: unknown) => this.service.logger.error({ err: error }, 'failed');
    this.service.slicer.run(this.#catchUp()).catch(onFailure);
  }

  #serveOne(subscription: Subscription): void {
    const { head, ring } = this.history;
    if (subscription.isReading || this.#behind.has(subscription)) return;
    if (subscription.delivery === 'latest') this.#skip(subscription, head - 1);
    const { cursor } = subscription;
    if (cursor >= head) return;
    const isHeld = cursor >= ring.tail && head - cursor <= subscription.rowsPerFrame;
    const frame = isHeld ? this.#frameFromRing(subscription, head) : undefined;
    if (frame === undefined) this.#joining.push(subscription);
    else this.#send(subscription, frame, head);
  }

  /** Leaves out the rows before `next`, and says so. */
  #skip(subscription: Subscription, next: number): void {
    const { cursor, connection, id } = subscription;
    if (cursor >= next) return;
    connection.sendSkipped(id, cursor, next);
    subscription.cursor = next;
    this.service.metrics.skippedRows += next - cursor;
  }

  /** One frame for each subscription that is behind, in turn, until none is or all are full. */
  *#catchUp(): Generator<void, void, void> {
    try {
      for (const subscription of this.#behind) {
        this.#behind.delete(subscription);
        const isSent = yield* this.#sendNext(subscription);
        this.frames.endTurn();
        if (isSent) subscription.turn = ++this.#turns;
        // At the end of the set, so that the others have their turn first.
        if (isSent && this.#isWaiting(subscription)) this.#behind.add(subscription);
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

  /** Sends the next frame; gives whether it could. */
  *#sendNext(subscription: Subscription): Generator<void, boolean, void> {
    if (!this.#isWaiting(subscription)) return false;
    const { cursor, connection } = subscription;
    const next = Math.min(this.history.head, cursor + subscription.rowsPerFrame);
    const ready = this.frames.get(this.#frameOf(subscription, next));
    if (ready !== undefined) {
      this.#send(subscription, ready, next);
      return true;
    }
    const end = this.#readTo(subscription, next);
    const format = formatOf(connection.encoding);
    const cost = backfillCost(this.history, subscription, cursor, end, format);
    const { clock } = this.service;
    // Rows are never refused, only late: the next beat tries again.
    if (connection.address.work.take(cost, clock.steadyMs()) > 0) return false;
    subscription.isReading = true;
    try {
      const values = yield* readRows(this.history, subscription, cursor, end);
      yield* this.#keepAhead(subscription, values, next, end);
      if (subscription.isClosed) return false;
      const own = values.map((column) => column.subarray(0, next - cursor));
      const frame = this.frames.make(this.#frameOf(subscription, next), own);
      // An answer filled it meanwhile: the rows are kept until it has room again.
      if (connection.isFull) return false;
      this.#send(subscription, frame, next);
      return true;
    } finally {
      subscription.isReading = false;
    }
  }

  /**
   * How far to read at once: several frames of rows whose blocks are not kept, because there are
   * too many columns. They would be made again for each frame.
   */
  #readTo({ cursor, fields, columns, rowsPerFrame }: Subscription, next: number): number {
    const { head, ring } = this.history;
    const { trades } = this.history;
    const isKept = areUsual(fields)
      ? cursor >= ring.tail || this.history.keepsBlocksOf(columns.length)
      : trades.isNew(cursor) || trades.keepsBlocksOf(columns.length);
    if (isKept) return next;
    const prices = rowsPerFrame * columns.length * fields.length;
    const frames = Math.floor(READ_AHEAD_PRICES / prices);
    const most = Math.floor((head - cursor) / rowsPerFrame);
    return Math.max(next, cursor + rowsPerFrame * Math.min(frames, most));
  }

  /** Keeps the bodies of the frames behind the next one, so that they need not be read again. */
  *#keepAhead(
    subscription: Subscription,
    values: readonly Prices[],
    next: number,
    end: number,
  ): Generator<void, void, void> {
    const { cursor, rowsPerFrame } = subscription;
    for (let from = next; from < end; from += rowsPerFrame) {
      const to = Math.min(end, from + rowsPerFrame);
      const of = { ...this.#frameOf(subscription, to), cursor: from };
      const rows = values.map((column) => column.subarray(from - cursor, to - cursor));
      this.frames.keep(of, rows);
      yield;
    }
  }

  /** The frame up to `next` of rows that the ring holds; undefined if its fields must be made. */
  #frameFromRing(subscription: Subscription, next: number): Uint8Array | undefined {
    const of = this.#frameOf(subscription, next);
    const ready = this.frames.get(of);
    if (ready !== undefined) return ready;
    const { fields, columns, cursor } = subscription;
    if (!areUsual(fields) && !this.history.trades.has(columns, cursor)) return undefined;
    const values = fields.flatMap((field) =>
      columns.map((column) => {
        const rows = this.history.newValues(field, next - cursor);
        this.history.copyField(rows, 0, field, column, cursor, next);
        return rows;
      }),
    );
    return this.frames.make(of, values);
  }

  #frameOf(subscription: Subscription, next: number): FrameOf {
    const { id, fields, columns, wantedKey, cursor, connection } = subscription;
    const { encoding } = connection;
    return { encoding, id, fields, columns, wantedKey, cursor, next, head: this.history.head };
  }

  #send(subscription: Subscription, frame: Uint8Array, next: number): void {
    const rows = next - subscription.cursor;
    this.service.metrics.sentRows += rows;
    subscription.cursor = next;
    subscription.connection.sendRows(frame, rows);
  }
}
