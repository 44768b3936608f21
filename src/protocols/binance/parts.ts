import type { ServerParts } from '../../delivery/protocol.ts';
import { limitsIn } from '../../host/limits.ts';
import { BINANCE_LIMITS, type BinanceService } from './limits.ts';
import { BinanceSymbols } from './symbols.ts';
import { TickerStreams } from './tickers/ticker-streams.ts';
import { Tickers } from './tickers/tickers.ts';
import { UsedWeight } from './used-weight.ts';

/** What all of this protocol shares. */
export interface BinanceParts extends ServerParts {
  readonly service: BinanceService;
  readonly symbols: BinanceSymbols;
  readonly used: UsedWeight;
  readonly tickers: Tickers;
  readonly tickerStreams: TickerStreams;
}

/** Those of a server that has the limits of this protocol. */
export function binanceParts(parts: ServerParts): BinanceParts {
  limitsIn(parts.service.limits, BINANCE_LIMITS);
  const service = parts.service as BinanceService;
  const symbols = new BinanceSymbols(service.feed.timeline, service.limits.maxBinanceSymbols);
  const tickers = new Tickers(service, symbols);
  return {
    ...{ ...parts, service, symbols, tickers },
    tickerStreams: new TickerStreams(service, tickers, symbols),
    used: new UsedWeight(service.clock),
  };
}
