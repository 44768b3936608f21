import type { History } from '../core/history/history.ts';
import { rowsCost } from '../host/budgets/cost.ts';
import type { Service } from '../host/service.ts';
import type { Connection } from './connection.ts';
import type { FanOut } from './fan-out.ts';
import type { FrameSource } from './frame-source.ts';
import { nextOf, send } from './sending.ts';
import type { Subscription } from './subscription.ts';

export interface CatchUpOptions {
  readonly service: Service;
  readonly source: FrameSource;
  readonly fanOut: FanOut;
  /** Ends a connection for which a fault was met. */
  readonly failed: (connection: Connection, error: unknown) => void;
}

/** Sends those that are behind one frame at a time, in turn, between everything else. */
export class CatchUp {
  readonly #service: Service;
  readonly #history: History;
  readonly #source: FrameSource;
  readonly #fanOut: FanOut;
  readonly #failed: CatchUpOptions['failed'];
  /** The one that waited longest first. */
  readonly #behind = new Set<Subscription>();
  /** Those of the connection that is being served which are to join them. */
  readonly #joining: Subscription[] = [];
  /** Frames sent to those who were behind. */
  #turns = 0;
  #isRunning = false;

  constructor({ service, source, fanOut, failed }: CatchUpOptions) {
    this.#service = service;
    this.#history = service.feed.history;
    this.#source = source;
    this.#fanOut = fanOut;
    this.#failed = failed;
  }

  /** Whether a subscription waits for its turn. */
  has(subscription: Subscription): boolean {
    return this.#behind.has(subscription);
  }

  /** A subscription of the connection that is being served is behind. */
  add(subscription: Subscription): void {
    this.#joining.push(subscription);
  }

  /** The connection has been served: those that were added wait too. Whether there are any. */
  join(): boolean {
    if (this.#joining.length === 0) return false;
    // A full connection leaves none of its own among them: who waited longest is first again.
    this.#joining.sort((a, b) => a.turn - b.turn);
    for (const subscription of this.#joining.splice(0)) this.#behind.add(subscription);
    return true;
  }

  /** Goes on, if anybody waits; to be called at the end of a turn. */
  run(): void {
    if (this.#behind.size === 0 || this.#isRunning) return;
    this.#isRunning = true;
    const { slicer, failures } = this.#service;
    slicer.run(this.#sendAll()).catch((error: unknown) => failures.tell(error));
  }

  /** One frame for each subscription that is behind, in turn, until none is or all are full. */
  *#sendAll(): Generator<void, void, void> {
    try {
      for (const subscription of this.#behind) {
        this.#behind.delete(subscription);
        const isSent = yield* this.#trySendNext(subscription);
        if (isSent) subscription.turn = ++this.#turns;
        // At the end of the set, so that the others have their turn first.
        if (isSent && this.#isWaiting(subscription)) this.#behind.add(subscription);
        yield;
      }
    } finally {
      this.#isRunning = false;
    }
  }

  /** Whether there is something to send to a subscription, and room for it. */
  #isWaiting({ isClosed, connection, cursor }: Subscription): boolean {
    return !isClosed && !connection.outlet.isFull && cursor < this.#history.head;
  }

  /** The same as `#sendNext`: a fault of it ends this reader's connection, and no other's. */
  *#trySendNext(subscription: Subscription): Generator<void, boolean, void> {
    try {
      return yield* this.#sendNext(subscription);
    } catch (error) {
      this.#failed(subscription.connection, error);
      return false;
    }
  }

  /** Sends the next frame; gives whether it could. */
  *#sendNext(subscription: Subscription): Generator<void, boolean, void> {
    if (!this.#isWaiting(subscription)) return false;
    const from = nextOf(subscription, this.#history.head);
    const next = Math.min(this.#history.head, from + subscription.rowsPerFrame);
    const ready = this.#source.ready(subscription, from, next);
    if (ready !== undefined) {
      send(this.#service, subscription, ready, [from, next]);
      return true;
    }
    const end = this.#pay(subscription, from, next);
    if (end === undefined) return false;
    subscription.isReading = true;
    subscription.hasRead = true;
    try {
      const frame = yield* this.#source.read(subscription, from, next, end);
      if (subscription.isClosed) return false;
      // An answer filled it meanwhile: the rows are kept until it has room again.
      if (subscription.connection.outlet.isFull) return false;
      if (this.#sendNewer(subscription, next)) return true;
      send(this.#service, subscription, frame, [from, next]);
      return true;
    } finally {
      subscription.isReading = false;
    }
  }

  /** Pays for the rows from `from` on; gives up to where, undefined if that cannot be paid yet. */
  #pay(subscription: Subscription, from: number, next: number): number | undefined {
    const nowMs = this.#service.clock.steadyMs();
    // Nothing else makes it payable, and to find out what thousands of columns cost takes long.
    if (nowMs < subscription.unpaidUntilMs) return undefined;
    const end = this.#source.readTo(subscription, from, next);
    const { address, encoder } = subscription.connection;
    const reading = { isAlone: false, isFirst: !subscription.hasRead };
    const cost = rowsCost(this.#history, subscription, [from, end], encoder.format, reading);
    // Rows are never refused, only late: one of the next beats tries again.
    const waitMs = address.pay(cost, nowMs);
    subscription.unpaidUntilMs = nowMs + waitMs;
    return waitMs > 0 ? undefined : end;
  }

  /** Sends the newest row instead of those before `next`, if that is wanted and at hand by now. */
  #sendNewer(subscription: Subscription, next: number): boolean {
    const { head } = this.#history;
    if (subscription.delivery !== 'latest' || head === next) return false;
    const frame = this.#fanOut.frameFor(subscription.group, subscription.id, head - 1);
    if (frame !== undefined) send(this.#service, subscription, frame, [head - 1, head]);
    return frame !== undefined;
  }
}
