/**
 * `tickwell/client`, the public entry for reading a market: in browsers, and in Node from 20 on.
 *
 * ```ts
 * import { subscribe } from 'tickwell/client';
 *
 * for await (const rows of subscribe({ url, symbols: ['NIMBO'], since: 'now' }))
 *   for (const { time, prices } of rows) console.log(time, prices.NIMBO);
 * ```
 *
 * Times are milliseconds since 1970 UTC; prices are whole ticks, `price = ticks * tickSize`.
 * docs/client.md shows how to use it, PROTOCOL.md what goes over the wire.
 */

export type * from '../wire/messages.ts';
export type * from '../wire/trade-messages.ts';
export { backoffMs } from './backoff.ts';
export type { AnyCandles, Candle, Candles } from './candles.ts';
export type { Transport } from './connection.ts';
export type { Books, Side } from './depth-kind.ts';
export { ClientError, type ClientErrorCode, type ErrorFacts } from './error.ts';
export type {
  CandlesAnswerOf,
  DefaultFields,
  ManyCandlesAnswerOf,
  Named,
  NamedPrices,
  NamedRowsAnswer,
  PricesOf,
  RowsAnswerOf,
  SparseCandlesAnswerOf,
} from './fields.ts';
export type { Host, Socket, SocketClass, StreamFetch } from './host.ts';
export {
  type CallOptions,
  type Fetch,
  type FetchCandlesOptions,
  type FetchDepthOptions,
  type FetchManyCandlesOptions,
  type FetchRowsOptions,
  type FetchSparklinesOptions,
  type FetchTradesOptions,
  fetchCandles,
  fetchDepth,
  fetchRows,
  fetchSparklines,
  fetchTrades,
  type MarketCallOptions,
  market,
} from './http.ts';
export type { Reason, ReasonCode } from './reason.ts';
export {
  type AnyRows,
  type BySymbol,
  type Row,
  type RowColumns,
  type Rows,
  type RowValues,
  type Skipped,
  timeOf,
} from './rows.ts';
export type { Refusal, SubscriptionCounters, SubscriptionState } from './state.ts';
export { type SubscribeOptions, type Subscription, subscribe } from './subscribe.ts';
export {
  type CandleSubscription,
  type SubscribeCandlesOptions,
  subscribeCandles,
} from './subscribe-candles.ts';
export {
  type DepthSubscription,
  type SubscribeDepthOptions,
  subscribeDepth,
} from './subscribe-depth.ts';
export {
  type SubscribeTradesOptions,
  subscribeTrades,
  type TradeSubscription,
} from './subscribe-trades.ts';
export type { Trade, Trades } from './trades-kind.ts';
export type { ServerUrl } from './url.ts';
