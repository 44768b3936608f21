import type { History } from '../core/history/history.ts';
import type { CatchUp } from './catch-up.ts';
import type { Guest } from './connection.ts';
import type { FanOut } from './fan-out.ts';
import type { FanOutGroup, FanOutGroups } from './groups.ts';
import { nextOf, type SendOptions, send } from './sending.ts';
import type { Subscription } from './subscription.ts';

export interface OtherReadersOptions {
  readonly service: SendOptions['service'];
  readonly times: SendOptions['times'];
  readonly groups: FanOutGroups;
  readonly fanOut: FanOut;
  readonly catchUp: CatchUp;
  /** Ends a connection for which a fault was met. */
  readonly failed: (connection: Guest, error: unknown) => void;
}

const uncork = ({ outlet }: Guest) => outlet.uncork();

/**
 * The connections without a live member: each is looked at when the head moves. Their subscriptions
 * are served group by group, so that a payload is put down once for all who are at the same row.
 */
export class OtherReaders {
  readonly #options: SendOptions;
  readonly #history: History;
  readonly #groups: FanOutGroups;
  readonly #fanOut: FanOut;
  readonly #catchUp: CatchUp;
  readonly #failed: OtherReadersOptions['failed'];
  readonly #guests = new Set<Guest>();
  /** Those that are being served, and those of them whose frames go out in one write. */
  readonly #served: Guest[] = [];
  readonly #corked: Guest[] = [];
  /** What of them is owed rows, and not served yet. */
  readonly #owed = new Map<FanOutGroup, Subscription[]>();
  /** What of them must be read first. */
  readonly #late = new Set<Subscription>();
  /** Made once: they are called for each of them at each row. */
  readonly #begins = (guest: Guest) => this.#begin(guest);
  readonly #ends = (guest: Guest) => this.#end(guest);

  constructor(options: OtherReadersOptions) {
    const { service, groups, fanOut, catchUp, failed } = options;
    this.#options = options;
    this.#history = service.feed.history;
    this.#groups = groups;
    this.#fanOut = fanOut;
    this.#catchUp = catchUp;
    this.#failed = failed;
  }

  [Symbol.iterator](): Iterator<Guest> {
    return this.#guests.values();
  }

  add(guest: Guest): void {
    this.#guests.add(guest);
  }

  delete(guest: Guest): void {
    this.#guests.delete(guest);
  }

  /** Begins to serve all; `serveGroup` and then `finish` do it. */
  begin(): void {
    for (const guest of this.#guests) this.#try(guest, this.#begins);
  }

  /** Sends those of a group all that they are owed. */
  serveGroup(group: FanOutGroup): void {
    let owed = this.#owed.get(group);
    if (owed === undefined) return;
    this.#owed.delete(group);
    const { head } = this.#history;
    // Of candles there may be two parts, no more: all have the first before any has the second.
    while (owed.length > 0) {
      const first = nextOf(owed[0]!, head);
      // Who was slow is at another row than the others.
      if (owed.some((subscription) => nextOf(subscription, head) !== first)) {
        owed.sort((a, b) => nextOf(a, head) - nextOf(b, head));
      }
      owed = owed.filter((subscription) => this.#tryServe(subscription));
    }
  }

  /** Serves those who were not yet, and ends what `begin` began. */
  finish(): void {
    for (const group of this.#owed.keys()) this.serveGroup(group);
    for (const guest of this.#corked.splice(0)) this.#try(guest, uncork);
    for (const guest of this.#served.splice(0)) this.#try(guest, this.#ends);
    this.#late.clear();
  }

  /** Serves one, whenever it has room again. */
  serve(guest: Guest): void {
    this.#try(guest, this.#begins);
    this.finish();
  }

  /** Does something for one: a fault in it must keep nobody else from being served. */
  #try(guest: Guest, act: (guest: Guest) => void): void {
    try {
      act(guest);
    } catch (error) {
      this.#failed(guest, error);
    }
  }

  #begin(guest: Guest): void {
    const { subscriptions, outlet } = guest;
    if (subscriptions.size === 0 || outlet.isClosed || outlet.isFull) return;
    this.#served.push(guest);
    if (subscriptions.size > 1) {
      outlet.cork();
      this.#corked.push(guest);
    }
    for (const subscription of subscriptions.values()) {
      const { group, isReading } = subscription;
      const { head } = this.#history;
      if (isReading || !subscription.isOwed(head) || this.#catchUp.has(subscription)) continue;
      const owed = this.#owed.get(group);
      if (owed === undefined) this.#owed.set(group, [subscription]);
      else owed.push(subscription);
    }
  }

  /** Gives whether it was sent a part, and is owed another. */
  #tryServe(subscription: Subscription): boolean {
    const { isClosed, connection } = subscription;
    // An earlier one of its connection may have filled it, or ended it.
    if (isClosed || connection.outlet.isFull) return false;
    try {
      this.#serveOne(subscription);
      return !this.#late.has(subscription) && subscription.isOwed(this.#history.head);
    } catch (error) {
      this.#failed(connection, error);
      return false;
    }
  }

  #serveOne(subscription: Subscription): void {
    const from = nextOf(subscription, this.#history.head);
    const { group, id, hasBook } = subscription;
    const framed = this.#fanOut.nearFrameFor(group, id, from, hasBook);
    if (framed === undefined) this.#late.add(subscription);
    else send(this.#options, subscription, framed.frame, framed.part);
  }

  /** It has been served: what is left is caught up with, or it moves with others from now on. */
  #end(guest: Guest): void {
    for (const subscription of guest.subscriptions.values()) {
      if (this.#late.has(subscription)) this.#catchUp.add(subscription);
    }
    if (!this.#catchUp.join()) this.#attach(guest);
  }

  /** Has a connection move with others from now on, if it is live and wants nothing special. */
  #attach(guest: Guest): void {
    const { outlet, subscriptions } = guest;
    const { bypass } = outlet;
    if (bypass === undefined || subscriptions.size !== 1 || !this.#guests.has(guest)) return;
    for (const subscription of subscriptions.values()) {
      const { cursor, delivery, isReading, group } = subscription;
      const { head } = this.#history;
      if (cursor > head || subscription.isOwed(head) || isReading) return;
      if (this.#catchUp.has(subscription)) return;
      // Fields beyond prices may have to be made first.
      if (delivery !== 'all' || !this.#fanOut.isPrompt(group)) return;
      if (group.members.length > 0 && group.at !== cursor) return;
      this.#groups.attach(subscription, bypass.slot, bypass.wire);
      this.#guests.delete(guest);
    }
  }
}
