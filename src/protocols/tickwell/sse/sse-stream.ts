import type { Wanted } from '../../../core/history/wanted.ts';
import { sinceOf } from '../../../core/market/grid.ts';
import type { Connection } from '../../../delivery/connection.ts';
import type { Encoder, Frame } from '../../../delivery/encoder.ts';
import type { Outlet } from '../../../delivery/outlet.ts';
import { Subscription } from '../../../delivery/subscription.ts';
import type { Address } from '../../../host/budgets/addresses.ts';
import type { ErrorDetails } from '../../../wire/errors.ts';
import type { Delivery } from '../../../wire/messages.ts';
import { subscribedTo } from '../answers.ts';
import type { TickwellHub } from '../limits.ts';
import { saidFaults } from '../stream/hello.ts';

/**
 * The last event: why the stream ends, and when to come back. `retry` is for an EventSource, which
 * the answer of a proxy without a server would end; `retryAfterMs` is for all others.
 */
export function byeEvent(
  hub: TickwellHub,
  code: number,
  reason: string,
  details: ErrorDetails = {},
): Frame {
  const retryAfterMs = Number(details.retryAfterMs ?? hub.retryAfterMs());
  const bye = { code, reason, ...details, retryAfterMs };
  // Each another time.
  const latestMs = Math.floor(hub.service.limits.eventsRetryMs * (1 + Math.random()));
  const retryMs = Math.max(retryAfterMs, latestMs);
  return eventFrame(`retry: ${retryMs}\nevent: bye\ndata: ${JSON.stringify(bye)}\n\n`);
}

/** An event as the bytes that are sent: of UTF-8, each a character. */
function eventFrame(event: string): Frame {
  return Buffer.from(event).toString('latin1');
}

/** Its one subscription needs no name on the wire. */
const ID = 0;

export interface SseOptions {
  readonly outlet: Outlet;
  readonly encoder: Encoder;
  readonly address: Address;
  readonly wanted: Wanted;
  /** The market id that was named with it, if one was. */
  readonly named?: string | undefined;
  readonly cursor: number;
  readonly delivery: Delivery;
  /** Whether it has the books that it is told changes of. Default: it does. */
  readonly hasBook?: boolean;
  /** Of candles: how often they are told at most, if it was asked for. */
  readonly every?: number;
}

/**
 * Rows or candles as server-sent events: one subscription, on one HTTP answer that does not end.
 *
 * It cannot ask how far the client has read, so what is on the way is bounded by what the kernel
 * takes, and then by `maxUnreadBytes` here.
 *
 * Source: HTML Living Standard, "Server-sent events".
 */
export class SseStream implements Connection {
  readonly encoder: Encoder;
  readonly outlet: Outlet;
  readonly address: Address;
  readonly subscriptions = new Map<number, Subscription>();
  readonly #hub: TickwellHub;

  constructor(hub: TickwellHub, options: SseOptions) {
    const { outlet, encoder, address, wanted, named, cursor, delivery, every } = options;
    const { hasBook = true } = options;
    this.encoder = encoder;
    this.address = address;
    this.#hub = hub;
    this.outlet = outlet;
    const { market } = hub;
    const subscription = new Subscription({
      market,
      groups: hub.groups,
      connection: this,
      id: ID,
      wanted,
      cursor,
      head: hub.service.feed.head,
      delivery,
      hasBook,
    });
    this.subscriptions.set(ID, subscription);
    const subscribed = {
      interval: market.grid.intervalMs,
      ...subscribedTo(hub.history, named, wanted, cursor, every),
      ...(outlet.faults === undefined ? {} : { faults: saidFaults(outlet.faults) }),
    };
    // With an id, so that a client that loses its first connection goes on from there: unless it
    // would have no book there.
    const mark = hasBook ? cursor : undefined;
    const retryMs = hub.service.limits.eventsRetryMs;
    this.#say(`retry: ${retryMs}\n${this.#event('subscribed', subscribed, mark)}`);
  }

  get kind(): string {
    return this.encoder.name;
  }

  /** Nothing can be asked of it. */
  attend(): void {}

  sendSkipped(_id: number, from: number, next: number): void {
    const { grid } = this.#hub.market;
    const [since, until] = [sinceOf(grid, from), sinceOf(grid, next)];
    this.#say(this.#event('skipped', { since, until, rows: next - from }, next));
  }

  beat(): void {
    const { clock } = this.#hub.service;
    // Who is full is not silent: there is much to read.
    if (this.outlet.isClosed || !this.outlet.isSilent || this.outlet.isFull) return;
    const { grid } = this.#hub.market;
    const head = sinceOf(grid, this.#hub.history.head);
    const { cursor } = this.subscriptions.get(ID)!;
    const beat = { ...clock.told, head, until: sinceOf(grid, cursor) };
    this.#say(this.#event('heartbeat', beat));
  }

  clockChanged(): void {
    this.#say(this.#event('clock', this.#hub.service.clock.told));
  }

  close(code: number, reason: string): void {
    if (this.outlet.isClosed) return;
    this.outlet.send(byeEvent(this.#hub, code, reason));
    this.outlet.close(code, reason);
    this.closed();
  }

  closed(): void {
    this.outlet.closed();
    this.#hub.detach(this);
    for (const subscription of this.subscriptions.values()) subscription.close();
    this.subscriptions.clear();
  }

  /** An event with a name; with the cursor that a client resumes from, if it moves it. */
  #event(name: string, data: object, cursor?: number): string {
    const { history, market } = this.#hub;
    const mark =
      cursor === undefined
        ? ''
        : `id: ${history.timeline.idAt(cursor - 1)}.${sinceOf(market.grid, cursor)}\n`;
    return `event: ${name}\n${mark}data: ${JSON.stringify(data)}\n\n`;
  }

  #say(event: string): void {
    this.outlet.send(eventFrame(event));
  }
}
