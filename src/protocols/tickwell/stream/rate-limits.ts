import { Bucket } from '../../../host/budgets/bucket.ts';
import type { TickwellService } from '../limits.ts';

/** How often a client may ask, and how often it may be wrong. */
export class RateLimits {
  readonly #service: TickwellService;
  readonly #messages: Bucket;
  /** Most need neither of these. */
  #refusals: Bucket | undefined;
  #badRequests: Bucket | undefined;

  constructor(service: TickwellService) {
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
