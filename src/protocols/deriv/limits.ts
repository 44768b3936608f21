import type { Hub } from '../../delivery/hub.ts';
import type { DeliveryService } from '../../delivery/service.ts';
import type { LimitList, LimitsOf } from '../../host/limits.ts';

/** Of answers and streams in Deriv's words. */
export const DERIV_LIMITS = {
  maxDerivTicks: {
    default: 5000,
    most: 100_000,
    reason: 'As many as Deriv gives; some 100 kB of text.',
    told: 'Ticks or candles in one answer to ticks_history; of more, the latest.',
  },
  maxDerivSubscriptions: {
    default: 100,
    most: 10_000,
    reason: 'A stream is of one symbol there, so a screen of them is as many; each costs a cursor.',
    told: 'Streams of one connection that speaks as Deriv does.',
  },
  maxDerivSymbols: {
    default: 1000,
    most: 100_000,
    reason: 'Each takes 800 bytes of active_symbols: a message of 800 kB. Others can be named.',
    told: 'Symbols in one answer to active_symbols; of more, the first.',
  },
} as const satisfies LimitList;

/** What every part of this protocol works with. */
export interface DerivService extends DeliveryService {
  readonly limits: DeliveryService['limits'] & LimitsOf<typeof DERIV_LIMITS>;
}

export type DerivHub = Hub & { readonly service: DerivService };
