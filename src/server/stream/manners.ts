import { Bucket } from '../guards/bucket.ts';
import type { Service } from '../service.ts';

/** How often a client may ask, and how often it may be wrong. */
export class Manners {
  readonly #service: Service;
  readonly #messages: Bucket;
  readonly #refusals: Bucket;
  readonly #badRequests: Bucket;

  constructor(service: Service) {
    const { limits, clock } = service;
    const nowMs = clock.steadyMs();
    const { messagesPerSecond, badRequestsPerMinute } = limits;
    this.#service = service;
    this.#messages = new Bucket(messagesPerSecond, limits.messagesBurst, nowMs);
    this.#refusals = new Bucket(messagesPerSecond, limits.refusalsBurst, nowMs);
    this.#badRequests = new Bucket(badRequestsPerMinute / 60, limits.badRequestsBurst, nowMs);
  }

  /** Counts a message; gives the milliseconds by which it came too soon, 0 for most. */
  message(): number {
    return this.#messages.take(1, this.#service.clock.steadyMs());
  }

  /** Counts a message that came too soon; gives whether that is enough. */
  isTooFast(): boolean {
    return this.#refusals.take(1, this.#service.clock.steadyMs()) > 0;
  }

  /** Counts a wrong request; gives whether that is enough. */
  isTooOftenWrong(): boolean {
    return this.#badRequests.take(1, this.#service.clock.steadyMs()) > 0;
  }
}
