import type { DeliveryLimits } from './limits.ts';

/**
 * Requests that came while as many bytes were in flight as may be. They are run in order, as soon
 * as there is room for an answer. Until then nothing is written.
 *
 * At most `maxPendingRequests` wait. Any further one is refused, and its refusal waits behind them:
 * at most `refusalsBurst` of those.
 */
export class Waiting {
  readonly #limits: DeliveryLimits;
  readonly #steps: { readonly isRequest: boolean; readonly run: () => void }[] = [];
  #requests = 0;

  constructor(limits: DeliveryLimits) {
    this.#limits = limits;
  }

  get isEmpty(): boolean {
    return this.#steps.length === 0;
  }

  /** Whether as many requests wait as may. */
  get isFull(): boolean {
    return this.#requests >= this.#limits.maxPendingRequests;
  }

  /** Keeps a request: `run` answers it. */
  request(run: () => void): void {
    this.#requests += 1;
    this.#steps.push({ isRequest: true, run });
  }

  /** Keeps a refusal: `run` tells it. False if there were enough. */
  refusal(run: () => void): boolean {
    if (this.#steps.length - this.#requests >= this.#limits.refusalsBurst) return false;
    this.#steps.push({ isRequest: false, run });
    return true;
  }

  /** Runs what has waited longest. */
  next(): void {
    const step = this.#steps.shift();
    if (step?.isRequest) this.#requests -= 1;
    step?.run();
  }

  clear(): void {
    this.#steps.length = 0;
    this.#requests = 0;
  }
}
