import type { Limits } from '../limits.ts';

/**
 * What a client asked while it had as much to read as it may. It is looked at when there is room
 * for an answer, in order: until then nothing is written, whatever was asked.
 *
 * A request waits as it came, `maxPendingRequests` of them at most. What comes beyond is refused,
 * and its refusal waits behind them: `refusalsBurst` of those.
 */
export class Waiting {
  readonly #limits: Limits;
  readonly #steps: { readonly isRequest: boolean; readonly run: () => void }[] = [];
  #requests = 0;

  constructor(limits: Limits) {
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
