import { TickwellError } from '../../wire/errors.ts';
import type { Service } from '../service.ts';
import { Bucket } from './bucket.ts';

interface Pending {
  readonly maxPendingRequests: number;
}

/** How many messages of a connection may come: on average, and at once. */
export interface MessageRate {
  readonly messagesPerSecond: number;
  readonly messagesBurst: number;
}

/** How often a client of a WebSocket may ask, and how often it may be wrong. */
export class RateLimits {
  readonly #service: Service;
  /** Of messages. */
  readonly rate: MessageRate;
  readonly #messages: Bucket;
  /** Most need neither of these. */
  #refusals: Bucket | undefined;
  #badRequests: Bucket | undefined;

  constructor(service: Service, rate: MessageRate = service.limits) {
    const { messagesPerSecond, messagesBurst } = rate;
    this.rate = rate;
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
    const { messagesPerSecond } = this.rate;
    this.#refusals ??= new Bucket(messagesPerSecond, limits.refusalsBurst, nowMs);
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
export function tooFast(rate: MessageRate, retryAfterMs: number): TickwellError {
  const { messagesPerSecond, messagesBurst } = rate;
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
