import type { Address } from '../../host/budgets/addresses.ts';
import type { MessageRate } from '../../host/budgets/rate-limits.ts';
import type { Clock } from '../../host/clock.ts';
import type { BinanceService } from './limits.ts';

const REQUESTS_IN_FIVE_MINUTES = 61_000;

/** What clients are told to hold themselves to. They are held to budgets of work instead. */
export function rateLimits({ binanceWeightPerMinute: limit }: BinanceService['limits']) {
  const perMinute = { interval: 'MINUTE', intervalNum: 1 };
  return [
    { rateLimitType: 'REQUEST_WEIGHT', ...perMinute, limit },
    {
      rateLimitType: 'RAW_REQUESTS',
      ...{ ...perMinute, intervalNum: 5 },
      limit: REQUESTS_IN_FIVE_MINUTES,
    },
  ] as const;
}

/**
 * How often one may ask by WebSocket who keeps to those limits. No request weighs less than one,
 * and all of two minutes may come where these meet.
 */
export function requestRate({ limits }: BinanceService): MessageRate {
  const { binanceWeightPerMinute: most, messagesPerSecond, messagesBurst } = limits;
  return {
    messagesPerSecond: Math.max(messagesPerSecond, most / 60),
    messagesBurst: Math.max(messagesBurst, 2 * most),
  };
}

const MINUTE_MS = 60_000;
/** What pages of other origins may read of the headers. */
const EXPOSED = 'etag, retry-after, x-mbx-used-weight, x-mbx-used-weight-1m';

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

  /** What headers say of the weight of all that an address has asked for in this minute. */
  headers(address: Address, weight = 0): Record<string, string> {
    const all = String(this.add(address, weight));
    return {
      'access-control-expose-headers': EXPOSED,
      'x-mbx-used-weight': all,
      'x-mbx-used-weight-1m': all,
    };
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
