import type { DeliveryService } from '../../delivery/service.ts';
import type { LimitList, LimitsOf } from '../../host/limits.ts';

/** Of answers in Alpaca's words. */
export const ALPACA_LIMITS = {
  maxAlpacaItems: {
    default: 10_000,
    most: 1_000_000,
    reason: 'Its clients ask for pages of 10,000; each is made, and written, before it is sent.',
    told: 'Bars, trades or quotes on one page below /v2 and /v1beta3; the most that limit may be.',
  },
  maxAlpacaRows: {
    default: 268_435_456,
    most: 2 ** 31 - 1,
    reason:
      'Blocks of them are looked at one by one; what is not kept is bounded by its cost, too.',
    told: 'Rows that bars of one page below /v2 and /v1beta3 are folded of, if it has several.',
  },
  maxAlpacaSymbols: {
    default: 100,
    most: 10_000,
    reason: 'A portfolio; the newest bars of each are looked for and folded.',
    told: 'Symbols of one request below /v2 and /v1beta3, and of order books of one connection.',
  },
} as const satisfies LimitList;

/** What every part of this protocol works with. */
export interface AlpacaService extends DeliveryService {
  readonly limits: DeliveryService['limits'] & LimitsOf<typeof ALPACA_LIMITS>;
}
