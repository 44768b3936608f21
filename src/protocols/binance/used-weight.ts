import type { Address } from '../../host/budgets/addresses.ts';
import type { Clock } from '../../host/clock.ts';

/** What clients are told that they may use. They are held to budgets of work instead. */
export const WEIGHT_PER_MINUTE = 6000;
const REQUESTS_IN_FIVE_MINUTES = 61_000;

/** The limits that clients read, to hold themselves to. */
export const RATE_LIMITS = [
  {
    rateLimitType: 'REQUEST_WEIGHT',
    interval: 'MINUTE',
    intervalNum: 1,
    limit: WEIGHT_PER_MINUTE,
  },
  {
    rateLimitType: 'RAW_REQUESTS',
    interval: 'MINUTE',
    intervalNum: 5,
    limit: REQUESTS_IN_FIVE_MINUTES,
  },
] as const;

const MINUTE_MS = 60_000;

interface Used {
  minute: number;
  weight: number;
}

/** The weight of what each address has asked this process for in the minute that it is. */
export class UsedWeight {
  readonly #clock: Clock;
  readonly #used = new WeakMap<Address, Used>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Adds the weight of a request; gives the weight of all in this minute. */
  add(address: Address, weight: number): number {
    const minute = Math.floor(this.#clock.nowMs() / MINUTE_MS);
    let used = this.#used.get(address);
    if (used?.minute !== minute) {
      used = { minute, weight: 0 };
      this.#used.set(address, used);
    }
    used.weight += weight;
    return used.weight;
  }
}
