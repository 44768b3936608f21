import type { History } from '../core/history/history.ts';
import { rowsCost, sendingCost } from '../host/budgets/cost.ts';
import type { Service } from '../host/service.ts';
import type { FanOut, FramedPart } from './fan-out.ts';
import type { FrameSource } from './frame-source.ts';
import { type PartSource, type PartSources, sourceOf } from './part-source.ts';
import { nextOf, type SendOptions, send } from './sending.ts';
import type { Subscription } from './subscription.ts';

export interface CatchUpOptions extends SendOptions {
  readonly source: FrameSource;
  readonly sources: PartSources;
  readonly fanOut: FanOut;
}

/** Sends late subscriptions one frame each, in turn, between everything else. */
export class CatchUp {
  readonly #service: Service;
  readonly #history: History;
  readonly #source: FrameSource;
  readonly #sources: PartSources;
  readonly #fanOut: FanOut;
  readonly #options: SendOptions;
  /** Subscriptions that wait; the one that has waited longest is first. */
  readonly #behind = new Set<Subscription>();
  /** Late subscriptions of the connection that is being served: `join` has them wait too. */
  readonly #joining: Subscription[] = [];
  /** Frames sent to late subscriptions. */
  #turns = 0;
  #isRunning = false;

  constructor(options: CatchUpOptions) {
    const { service, source, sources, fanOut } = options;
    this.#service = service;
    this.#history = service.feed.history;
    this.#source = source;
    this.#sources = sources;
    this.#fanOut = fanOut;
    this.#options = options;
  }

  /** Whether a subscription waits for its turn. */
  has(subscription: Subscription): boolean {
    return this.#behind.has(subscription);
  }

  /** Adds a late subscription of the connection that is being served. */
  add(subscription: Subscription): void {
    this.#joining.push(subscription);
  }

  /** The connection has been served: what was added waits too. Gives whether anything was. */
  join(): boolean {
    if (this.#joining.length === 0) return false;
    // None of a full connection were left waiting: the one that waited longest is first again.
    this.#joining.sort((a, b) => a.turn - b.turn);
    for (const subscription of this.#joining.splice(0)) this.#behind.add(subscription);
    return true;
  }

  /** Goes on while any subscription waits. Call it at the end of a turn. */
  run(): void {
    if (this.#behind.size === 0 || this.#isRunning) return;
    this.#isRunning = true;
    const { slicer, failures } = this.#service;
    slicer.run(this.#sendAll()).catch((error: unknown) => failures.tell(error));
  }

  /** Sends one frame to each late subscription, in turn, until none is late or all are full. */
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
  #isWaiting(subscription: Subscription): boolean {
    const { isClosed, connection } = subscription;
    return !isClosed && !connection.outlet.isFull && subscription.isOwed(this.#history.head);
  }

  /** The same as `#sendNext`: a fault of it ends this reader's connection, and no other's. */
  *#trySendNext(subscription: Subscription): Generator<void, boolean, void> {
    try {
      return yield* this.#sendNext(subscription);
    } catch (error) {
      this.#options.failed(subscription.connection, error);
      return false;
    }
  }

  /** Sends the next frame, or comes nearer to it; gives whether it could. */
  *#sendNext(subscription: Subscription): Generator<void, boolean, void> {
    if (!this.#isWaiting(subscription)) return false;
    const source = sourceOf(this.#sources, subscription.group);
    if (source !== undefined) return yield* this.#sendPart(subscription, source);
    const from = nextOf(subscription, this.#history.head);
    const change = this.#history.timeline.nextChange(from);
    const next = Math.min(this.#history.head, change, from + subscription.rowsPerFrame);
    const ready = this.#source.ready(subscription, from, next);
    if (ready !== undefined) {
      return this.#sendPaid(subscription, { frame: ready, part: { from, next } });
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
      send(this.#options, subscription, frame, { from, next });
      return true;
    } finally {
      subscription.isReading = false;
    }
  }

  /**
   * The same of what has a source of its own. What is not at hand is read by whoever's turn it is,
   * as far as a turn goes and as it can pay; all who want it go on with what was read.
   */
  *#sendPart(subscription: Subscription, source: PartSource): Generator<void, boolean, void> {
    const { group, id, hasBook } = subscription;
    // What is half read is finished, although who wants the newest row could go on with another.
    const from = subscription.heldFrom ?? nextOf(subscription, this.#history.head);
    const ready = this.#fanOut.frameFor(group, id, from, hasBook);
    if (ready !== undefined) return this.#sendPaid(subscription, ready);
    if (this.#isUnpaid(subscription)) return false;
    subscription.isReading = true;
    subscription.hold(source.hold?.(group, from, !subscription.hasRead));
    try {
      const pay = (cost: number) => this.#canPay(subscription, cost);
      if (!(yield* source.read(group, from, pay, hasBook))) return false;
      if (!this.#isWaiting(subscription)) return false;
      const framed = this.#fanOut.frameFor(group, id, from, hasBook);
      if (framed === undefined) return true;
      subscription.hasRead = true;
      send(this.#options, subscription, framed.frame, framed.part);
      return true;
    } finally {
      subscription.isReading = false;
    }
  }

  /** Sends what was made for another, if its bytes can be paid; gives whether they could. */
  #sendPaid(subscription: Subscription, { frame, part }: FramedPart): boolean {
    if (this.#isUnpaid(subscription)) return false;
    if (!this.#canPay(subscription, sendingCost(frame.length))) return false;
    send(this.#options, subscription, frame, part);
    return true;
  }

  /** Whether its address could not pay yet. Only time makes it payable. */
  #isUnpaid({ unpaidUntilMs }: Subscription): boolean {
    return this.#service.clock.steadyMs() < unpaidUntilMs;
  }

  /** Pays, if its address can; else it is known when it will. */
  #canPay(subscription: Subscription, cost: number): boolean {
    const nowMs = this.#service.clock.steadyMs();
    // Rows are never refused. They come late: one of the next beats tries again.
    const waitMs = subscription.connection.address.pay(cost, nowMs);
    subscription.unpaidUntilMs = nowMs + waitMs;
    return waitMs === 0;
  }

  /** Pays for the rows from `from` on. Gives where they end; undefined if it cannot pay yet. */
  #pay(subscription: Subscription, from: number, next: number): number | undefined {
    // Adding up what thousands of columns cost takes long.
    if (this.#isUnpaid(subscription)) return undefined;
    const end = this.#source.readTo(subscription, from, next);
    const { encoder } = subscription.group;
    const reading = { isAlone: false, isFirst: !subscription.hasRead };
    const cost = rowsCost(this.#history, subscription, [from, end], encoder.format, reading);
    return this.#canPay(subscription, cost) ? end : undefined;
  }

  /** Skips to the newest row, if the reader wants that and the row is at hand by now. */
  #sendNewer(subscription: Subscription, next: number): boolean {
    const { head } = this.#history;
    if (subscription.delivery !== 'latest' || head === next) return false;
    const framed = this.#fanOut.frameFor(subscription.group, subscription.id, head - 1);
    if (framed !== undefined) send(this.#options, subscription, framed.frame, framed.part);
    return framed !== undefined;
  }
}
