import type { DeliveryService } from '../../delivery/service.ts';
import type { LimitList, LimitsOf } from '../../host/limits.ts';

/** Of answers in Binance's form. */
export const BINANCE_LIMITS = {
  maxBinanceSymbols: {
    default: 1000,
    most: 10_000,
    reason: 'As many as fit the address of a request; who wants more wants all.',
    told: 'Symbols that one request below /api/v3 may name.',
  },
  maxBinanceTrades: {
    default: 1000,
    most: 100_000,
    reason: 'What its clients know as the most; they page by numbers.',
    told: 'Trades in one answer below /api/v3.',
  },
  maxBinanceCandles: {
    default: 1000,
    most: 100_000,
    reason: 'What its clients know as the most; they page by times.',
    told: 'Candles in one answer below /api/v3.',
  },
  maxBinanceRows: {
    default: 1_000_000_000,
    reason: 'Thirty years of seconds: looking for what is known of them takes two milliseconds.',
    told: 'Rows behind the candles of one answer below /api/v3.',
  },
  binanceWeightPerMinute: {
    default: 6000,
    most: 1_000_000,
    reason: 'What its clients know as the most, and hold themselves to.',
    told: 'Weight that clients are told they may use in a minute; requests to /ws-api/v3, too.',
  },
  maxBinanceMessageBytes: {
    default: 524_288,
    reason: 'A thousand candles, or some hundred symbols: it is held until it was read.',
    told: 'Of one answer of /ws-api/v3.',
  },
  maxBinanceStreams: {
    default: 1024,
    most: 100_000,
    reason: 'As many as clients expect; each costs one cursor.',
    told: 'Streams that one connection to /ws or /stream follows.',
  },
} as const satisfies LimitList;

/** What every part of this protocol works with. */
export interface BinanceService extends DeliveryService {
  readonly limits: DeliveryService['limits'] & LimitsOf<typeof BINANCE_LIMITS>;
}
