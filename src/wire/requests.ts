/** Everything that clients send, as types. PROTOCOL.md says what each is answered with. */

import type { CandleField, Delivery, Field, TimeText } from './messages.ts';

export interface FetchRequest {
  readonly type: 'fetch';
  readonly id: number;
  readonly symbols: readonly string[] | '*';
  readonly since: TimeText;
  readonly fields?: readonly Field[];
  readonly limit?: number;
  readonly market?: string;
}

export interface SubscribeRequest {
  readonly type: 'subscribe';
  readonly id: number;
  /** What is followed. Default: rows, or candles if there is a resolution. */
  readonly what?: 'rows';
  readonly symbols: readonly string[] | '*';
  readonly since: TimeText;
  readonly fields?: readonly Field[];
  readonly delivery?: Delivery;
  readonly market?: string;
}

/** Asks for candles as they form; how they are cut is said as in `CandlesRequest`. */
export interface SubscribeCandlesRequest {
  readonly type: 'subscribe';
  readonly id: number;
  readonly what?: 'candles';
  readonly symbols: readonly string[] | '*';
  readonly resolution: string;
  readonly tz?: string;
  readonly offset?: string;
  readonly fields?: readonly CandleField[];
  readonly since: TimeText;
  /** How often the forming candle is sent at most, in milliseconds. Default: after each row. */
  readonly every?: number;
  /** False leaves out candles of rows alone that are closed or halted. Default: true. */
  readonly held?: boolean;
  readonly market?: string;
}

/** Asks for books: those of the newest row, or what changes of those that the reader has. */
export interface SubscribeDepthRequest {
  readonly type: 'subscribe';
  readonly id: number;
  readonly what: 'depth';
  readonly symbols: readonly string[] | '*';
  /** `now`, or the time of a row whose books the reader has, of as many levels. */
  readonly since: TimeText;
  /** The most levels a side. Default: 20. */
  readonly levels?: number;
  readonly market?: string;
}

/** Asks for the single trades of the rows after a cursor. */
export interface SubscribeTradesRequest {
  readonly type: 'subscribe';
  readonly id: number;
  readonly what: 'trades';
  readonly symbols: readonly string[] | '*';
  readonly since: TimeText;
  readonly delivery?: Delivery;
  readonly market?: string;
}

/** The requests for what can be followed. */
export interface SubscribeRequests {
  readonly rows: SubscribeRequest;
  readonly candles: SubscribeCandlesRequest;
  readonly trades: SubscribeTradesRequest;
  readonly depth: SubscribeDepthRequest;
}

export interface UnsubscribeRequest {
  readonly type: 'unsubscribe';
  readonly id: number;
}

/** As `GET /v1/candles`; the candles that start in `[from, from + count * resolution)`. */
export interface CandlesRequest {
  readonly type: 'candles';
  readonly id: number;
  readonly symbol: string;
  readonly resolution: string;
  /** The zone whose wall clock cuts, or how far ahead of UTC a clock is; not both. */
  readonly tz?: string;
  readonly offset?: string;
  readonly from: TimeText;
  readonly count: number;
  readonly fields?: readonly CandleField[];
  /** As of a subscription. */
  readonly held?: boolean;
  readonly market?: string;
}

export interface PingRequest {
  readonly type: 'ping';
  readonly id: number;
}

export type ClientMessage =
  | FetchRequest
  | SubscribeRequests[keyof SubscribeRequests]
  | UnsubscribeRequest
  | CandlesRequest
  | PingRequest;
