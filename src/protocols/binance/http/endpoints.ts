import type { BinanceParts } from '../parts.ts';
import { timeIn } from '../time-unit.ts';
import { averagePrice } from './average-price.ts';
import { depth } from './depth.ts';
import type { Endpoint } from './endpoint.ts';
import { exchangeInfo } from './exchange-info.ts';
import { klines } from './klines.ts';
import { newestPrices } from './newest-prices.ts';
import { tickers } from './tickers.ts';
import { tradesEndpoints } from './trades.ts';

/** All that can be asked for, whatever the transport. */
export function endpointsOf(parts: BinanceParts): readonly Endpoint[] {
  return [
    ...[ping(), time(parts), exchangeInfo(parts)],
    ...[depth(parts), ...tradesEndpoints(parts), ...klines(parts)],
    ...[averagePrice(parts), ...newestPrices(parts), ...tickers(parts)],
  ];
}

function ping(): Endpoint {
  return { path: 'ping', weight: () => 1, answer: () => ({ body: {} }) };
}

function time({ service: { clock } }: BinanceParts): Endpoint {
  return {
    path: 'time',
    weight: () => 1,
    answer: ({ unit }) => ({ body: { serverTime: timeIn(unit, clock.marketMs()) } }),
  };
}
