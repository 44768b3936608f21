import type { ServerResponse } from 'node:http';
import { areDefault, type Field } from '../../../core/market/fields.ts';
import { sinceOf } from '../../../core/market/grid.ts';
import type { Bypass, Connection } from '../../../delivery/connection.ts';
import { ROWS, SENT_BYTES, SENT_MS } from '../../../delivery/counters.ts';
import type { Encoder, Frame } from '../../../delivery/encoder.ts';
import { BEAT_MS, type Hub } from '../../../delivery/hub.ts';
import { Subscription } from '../../../delivery/subscription.ts';
import type { Address } from '../../../host/budgets/addresses.ts';
import type { ErrorDetails } from '../../../wire/errors.ts';
import type { Delivery } from '../../../wire/messages.ts';
import { type Chunks, SseWire } from './sse-wire.ts';

/**
 * The last event: why the stream ends, and when to come back. `retry` is for an EventSource, which
 * the answer of a proxy without a server would end; `retryAfterMs` is for all others.
 */
export function byeEvent(hub: Hub, code: number, reason: string, details: ErrorDetails = {}) {
  const retryAfterMs = Number(details.retryAfterMs ?? hub.retryAfterMs());
  const bye = { code, reason, ...details, retryAfterMs };
  const retryMs = Math.max(retryAfterMs, hub.eventsRetryMs());
  return `retry: ${retryMs}\nevent: bye\ndata: ${JSON.stringify(bye)}\n\n`;
}

/** Its one subscription needs no name on the wire. */
const ID = 0;

export interface SseOptions {
  readonly response: ServerResponse;
  readonly encoder: Encoder;
  /** Those of all streams. */
  readonly chunks: Chunks;
  readonly address: Address;
  readonly fields: readonly Field[];
  readonly columns: readonly number[];
  readonly cursor: number;
  readonly delivery: Delivery;
}

/**
 * Rows as server-sent events: one subscription, on one HTTP answer that does not end.
 *
 * It cannot ask how far the client has read, so what is on the way is bounded by what the kernel
 * takes, and then by `maxUnreadBytes` here.
 *
 * Source: HTML Living Standard, "Server-sent events".
 */
export class SseStream implements Connection {
  readonly encoder: Encoder;
  readonly bypass: Bypass;
  readonly address: Address;
  readonly subscriptions = new Map<number, Subscription>();
  readonly #hub: Hub;
  readonly #response: ServerResponse;
  #isClosed = false;

  constructor(hub: Hub, options: SseOptions) {
    const { response, encoder, chunks, address, fields, columns, cursor, delivery } = options;
    this.encoder = encoder;
    this.address = address;
    this.#hub = hub;
    this.#response = response;
    this.bypass = { slot: hub.counters.openUnasked(), wire: new SseWire(response, chunks) };
    const { market } = hub;
    const subscription = new Subscription({
      market,
      groups: hub.groups,
      connection: this,
      id: ID,
      fields,
      columns,
      cursor,
      delivery,
    });
    this.subscriptions.set(ID, subscription);
    const subscribed = {
      market: market.id,
      interval: market.grid.intervalMs,
      symbols: columns.map((column) => market.instruments[column]!.symbol),
      ...(areDefault(fields) ? {} : { fields }),
      since: sinceOf(market.grid, cursor),
    };
    // With an id, so that a client that loses its first connection goes on from there.
    const retryMs = hub.service.limits.eventsRetryMs;
    this.#write(`retry: ${retryMs}\n${this.#event('subscribed', subscribed, cursor)}`);
  }

  get kind(): string {
    return this.encoder.name;
  }

  /** For the log, as is the next; until its end. */
  get sentRows(): number {
    return this.#told(ROWS);
  }

  get sentBytes(): number {
    return this.#told(SENT_BYTES);
  }

  get isFull(): boolean {
    return this.#response.writableLength > this.#hub.service.limits.maxUnreadBytes;
  }

  /** Nothing can be asked of it. */
  attend(): void {}

  cork(): void {
    this.#response.cork();
  }

  uncork(): void {
    this.#response.uncork();
  }

  sendRows(frame: Frame, rows: number): void {
    if (this.#isClosed) return;
    this.#hub.counters.numbers[this.bypass.slot + ROWS]! += rows;
    this.#count(frame.length);
    this.bypass.wire.write(frame, 'latin1');
  }

  sendSkipped(_id: number, from: number, next: number): void {
    const { grid } = this.#hub.market;
    const [since, until] = [sinceOf(grid, from), sinceOf(grid, next)];
    this.#write(this.#event('skipped', { since, until, rows: next - from }, next));
  }

  beat(): void {
    const { clock, limits } = this.#hub.service;
    const silentMs = clock.steadyMs() - this.#told(SENT_MS);
    if (this.#isClosed || silentMs <= limits.heartbeatMs - BEAT_MS) return;
    // It is not silent: there is much to read.
    if (this.isFull) return;
    const { grid } = this.#hub.market;
    const head = sinceOf(grid, this.#hub.history.head);
    const { cursor } = this.subscriptions.get(ID)!;
    const beat = { now: clock.nowMs(), head, until: sinceOf(grid, cursor) };
    this.#write(this.#event('heartbeat', beat));
  }

  close(code: number, reason: string): void {
    if (this.#isClosed) return;
    this.#write(byeEvent(this.#hub, code, reason));
    this.#response.end();
    this.closed();
  }

  closed(): void {
    this.#isClosed = true;
    this.#hub.detach(this);
    for (const subscription of this.subscriptions.values()) subscription.close();
    this.subscriptions.clear();
  }

  end(): void {
    this.#hub.counters.close(this.bypass.slot);
  }

  #told(name: number): number {
    return this.#hub.counters.numbers[this.bypass.slot + name]!;
  }

  /** An event with a name; with the cursor that a client resumes from, if it moves it. */
  #event(name: string, data: object, cursor?: number): string {
    const { grid, id } = this.#hub.market;
    const mark = cursor === undefined ? '' : `id: ${id}.${sinceOf(grid, cursor)}\n`;
    return `event: ${name}\n${mark}data: ${JSON.stringify(data)}\n\n`;
  }

  #write(event: string): void {
    if (this.#isClosed) return;
    this.#count(event.length);
    this.#response.write(event);
  }

  #count(bytes: number): void {
    const { counters, service, steadyMs } = this.#hub;
    const { slot } = this.bypass;
    counters.numbers[slot + SENT_MS] = steadyMs;
    counters.numbers[slot + SENT_BYTES]! += bytes;
    service.metrics.sentFrames += 1;
    service.metrics.sentBytes += bytes;
  }
}
