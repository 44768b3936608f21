import { TickwellError } from '../../wire/errors.ts';
import type { Service } from '../service.ts';
import type { Address } from './addresses.ts';

/**
 * Pays for an answer before it is computed, as `cost.ts` counts. Throws `rate_limited` if the
 * address has used up what it may have computed.
 */
export function payWork({ clock, limits }: Service, address: Address, cost: number): void {
  const retryAfterMs = address.pay(cost, clock.steadyMs());
  if (retryAfterMs === 0) return;
  throw new TickwellError(
    'rate_limited',
    `work for one address must stay below ${limits.workPerSecond} prices a second; given: ` +
      `${cost} at once`,
    { retryAfterMs },
  );
}
