import type { Host } from './host.ts';

/** Taking back and asking again are two messages; a server takes 10 in a second. */
const RESUBSCRIBE_MS = 250;

/**
 * What is asked of the server: one subscription at a time, none while it is paused.
 *
 * Each has an id of its own, counted from 1: what the server still sends for an older one, on this
 * connection or another, is known by it.
 */
export class SubscriptionRequest {
  readonly #host: Pick<Host, 'nowMs' | 'setTimer'>;
  readonly #send: (message: object) => void;
  readonly #fields: () => object;
  isPaused = false;
  id = 0;
  /** Whether the server has accepted the newest one. */
  isGranted = false;
  /** Whether the newest one is no longer as it should be. */
  #isOutdated = false;
  #isConnected = false;
  #askedMs = 0;
  #cancel: () => void = () => {};

  /** `fields` are those of a subscription as it should be now, but for its id. */
  constructor(
    host: Pick<Host, 'nowMs' | 'setTimer'>,
    send: (message: object) => void,
    fields: () => object,
  ) {
    this.#host = host;
    this.#send = send;
    this.#fields = fields;
  }

  /** There is a connection. */
  connected(): void {
    this.#isConnected = true;
    if (!this.isPaused) this.#ask();
  }

  /** There is none any more, and with it went what was asked. */
  disconnected(): void {
    this.#isConnected = false;
    this.isGranted = false;
    this.#cancel();
  }

  /** The server has accepted the newest one. */
  granted(): void {
    this.isGranted = true;
    if (this.#isOutdated) this.renew();
  }

  /** The fields have changed: ask anew, if need be once the server has answered. */
  renew(): void {
    this.#isOutdated = true;
    if (this.pause()) this.resume();
  }

  /** Take back what was asked. False if nothing is granted that could be. */
  pause(): boolean {
    if (!this.isGranted) return false;
    this.isGranted = false;
    this.isPaused = true;
    this.#send({ type: 'unsubscribe', id: this.id });
    return true;
  }

  /** Ask again: now, or as soon as there is a connection, but not too often. */
  resume(): void {
    if (!this.isPaused) return;
    this.isPaused = false;
    if (!this.#isConnected) return;
    const inMs = Math.max(0, this.#askedMs + RESUBSCRIBE_MS - this.#host.nowMs());
    this.#cancel = this.#host.setTimer(inMs, () => this.#ask());
  }

  #ask(): void {
    this.id += 1;
    this.#isOutdated = false;
    this.#askedMs = this.#host.nowMs();
    this.#send({ type: 'subscribe', id: this.id, ...this.#fields() });
  }
}
