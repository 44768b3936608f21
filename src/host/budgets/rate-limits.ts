import { TickwellError } from '../../wire/errors.ts';
import type { Service } from '../service.ts';
import { Bucket } from './bucket.ts';

interface Pending {
  readonly maxPendingRequests: number;
}

/** How often a client of a WebSocket may ask, and how often it may be wrong. */
export class RateLimits {
  readonly #service: Service;
  readonly #messages: Bucket;
  /** Most need neither of these. */
  #refusals: Bucket | undefined;
  #badRequests: Bucket | undefined;

  constructor(service: Service) {
    const { messagesPerSecond, messagesBurst } = service.limits;
    this.#service = service;
    this.#messages = new Bucket(messagesPerSecond, messagesBurst, service.clock.steadyMs());
  }

  /** Counts a message; gives the milliseconds by which it came too soon, 0 for most. */
  message(): number {
    return this.#messages.take(1, this.#service.clock.steadyMs());
  }

  /** Counts a message that came too soon; gives whether that is enough. */
  isTooFast(): boolean {
    const { limits, clock } = this.#service;
    const nowMs = clock.steadyMs();
    this.#refusals ??= new Bucket(limits.messagesPerSecond, limits.refusalsBurst, nowMs);
    return this.#refusals.take(1, nowMs) > 0;
  }

  /** Counts a wrong request; gives whether that is enough. */
  isTooOftenWrong(): boolean {
    const { limits, clock } = this.#service;
    const nowMs = clock.steadyMs();
    const { badRequestsPerMinute, badRequestsBurst } = limits;
    this.#badRequests ??= new Bucket(badRequestsPerMinute / 60, badRequestsBurst, nowMs);
    return this.#badRequests.take(1, nowMs) > 0;
  }
}

/** What is said to who asks too often. */
export function tooFast(limits: Service['limits'], retryAfterMs: number): TickwellError {
  const { messagesPerSecond, messagesBurst } = limits;
  return new TickwellError(
    'rate_limited',
    `messages may come ${messagesPerSecond} a second, ${messagesBurst} at once; given: more`,
    { retryAfterMs },
  );
}

/** What is said to who waits for as many answers as may be. */
export function tooMany({ maxPendingRequests: limit }: Pending): TickwellError {
  return new TickwellError(
    'too_many',
    `a connection waits for at most ${limit} answers; given: one more`,
    { limit },
  );
}
