import type { ServerParts } from '../../delivery/protocol.ts';
import { limitsIn } from '../../host/limits.ts';
import { BINANCE_LIMITS, type BinanceService } from './limits.ts';
import { BinanceSymbols } from './symbols.ts';
import { Tickers } from './tickers/tickers.ts';
import { UsedWeight } from './used-weight.ts';

/** What all of this protocol shares. */
export interface BinanceParts extends ServerParts {
  readonly service: BinanceService;
  readonly symbols: BinanceSymbols;
  readonly used: UsedWeight;
  readonly tickers: Tickers;
}

/** Those of a server that has the limits of this protocol. */
export function binanceParts(parts: ServerParts): BinanceParts {
  limitsIn(parts.service.limits, BINANCE_LIMITS);
  const service = parts.service as BinanceService;
  const symbols = new BinanceSymbols(service.feed.market, service.limits.maxBinanceSymbols);
  const tickers = new Tickers(service.feed.history, symbols);
  return { ...parts, service, symbols, tickers, used: new UsedWeight(service.clock) };
}
