import { TickwellError } from '../../wire/errors.ts';
import type { Service } from '../service.ts';
import type { Address } from './addresses.ts';
import { REQUEST_COST } from './cost.ts';

/** Pays what something costs, as `cost.ts` counts; throws if that cannot be paid. */
export type Pay = (cost: number) => void;

/**
 * Pays for an answer before it is computed, as `cost.ts` counts; `before` was paid for the request.
 * Throws `rate_limited` if the address has used up what it may have computed.
 */
export function payWork(
  { clock, limits }: Pick<Service, 'clock' | 'limits'>,
  address: Address,
  cost: number,
  before = 0,
): void {
  const retryAfterMs = address.pay(cost, clock.steadyMs(), before);
  if (retryAfterMs === 0) return;
  throw new TickwellError(
    'rate_limited',
    `work for one address must stay below ${limits.workPerSecond} prices a second; given: ` +
      `${cost} at once`,
    { retryAfterMs },
  );
}

/** What pays for what a request of HTTP has made, beside the request itself. */
export function payerOf(service: Service): (request: { readonly ip: string }) => Pay {
  return ({ ip }) => {
    const address = service.addresses.of(ip);
    return (cost) => payWork(service, address, cost, REQUEST_COST);
  };
}
