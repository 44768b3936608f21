import type { DeliveryService } from '../../delivery/service.ts';
import type { LimitList, LimitsOf } from '../../host/limits.ts';

/** Of answers to a TradingView chart. */
export const UDF_LIMITS = {
  maxUdfBars: {
    default: 20_000,
    most: 1_000_000,
    reason: 'A chart asks for some thousands at a time; each is folded of all its rows.',
    told: 'Bars in one answer of /udf/history.',
  },
  maxUdfRows: {
    default: 1_000_000_000,
    reason: 'Some 30 years of seconds, as for candles of our own protocol.',
    told: 'Rows behind one bar of /udf/history. An answer has fewer bars where they cost too much.',
  },
  maxUdfSymbols: {
    default: 100,
    most: 10_000,
    reason: 'A watch list; the last 24 hours of each are folded.',
    told: 'Symbols in one answer of /udf/quotes, and of /udf/search.',
  },
} as const satisfies LimitList;

/** What every part of this protocol works with. */
export interface UdfService extends DeliveryService {
  readonly limits: DeliveryService['limits'] & LimitsOf<typeof UDF_LIMITS>;
}
