/**
 * Everything that crosses the wire, as types. PROTOCOL.md says what each message promises.
 *
 * Times are integer milliseconds since the Unix epoch (UTC). Prices are whole ticks:
 * `price = ticks * tickSize`.
 */

/** The settings of one instrument. `min` and `max` are in ticks. */
export interface InstrumentInfo {
  readonly symbol: string;
  readonly name: string;
  readonly model: string;
  readonly tickSize: number;
  readonly decimals: number;
  readonly min: number;
  readonly max: number;
}

/** `GET /v1/market`: what a client asks for first. */
export interface MarketInfo {
  /** The market id: equal ids, equal prices. */
  readonly market: string;
  readonly version: string;
  /** Time of row 0. */
  readonly origin: number;
  /** Milliseconds between rows. */
  readonly interval: number;
  readonly dtype: string;
  /** Rows held in memory; older ones are regenerated. */
  readonly capacity: number;
  /** Time of the oldest row there is: the origin. */
  readonly earliest: number;
  /** Time of the newest row; `origin - interval` while there is none. */
  readonly head: number;
  /** The server's clock. */
  readonly now: number;
  readonly instruments: readonly InstrumentInfo[];
}

/**
 * `GET /v1/rows`: the rows with `since < time <= until`; `prices[column][row]`. Without `head` if
 * the request named an `until` that is over: such an answer is the same bytes for ever.
 */
export interface RowsAnswer {
  readonly market: string;
  readonly interval: number;
  readonly since: number;
  readonly until: number;
  readonly head?: number;
  readonly symbols: readonly string[];
  readonly prices: readonly (readonly number[])[];
}

/** `GET /v1/candles`: one entry per candle, oldest first; the first `closed` of them are final. */
export interface CandlesAnswer {
  readonly market: string;
  readonly symbol: string;
  readonly resolution: string;
  readonly time: readonly number[];
  readonly open: readonly number[];
  readonly high: readonly number[];
  readonly low: readonly number[];
  readonly close: readonly number[];
  readonly closed: number;
  readonly until?: number;
}

/**
 * `GET /v1/sparklines`: `prices[column][k]` is the price at `time[k]`. The times are spread evenly
 * over the newest `span` milliseconds, both ends included: `time[0]` is `head - span` (or the
 * market's first row, if it is younger) and the last one is the head.
 */
export interface SparklinesAnswer {
  readonly market: string;
  readonly span: number;
  readonly time: readonly number[];
  readonly symbols: readonly string[];
  readonly prices: readonly (readonly number[])[];
}

/** The first message of every stream. */
export interface HelloMessage {
  readonly type: 'hello';
  readonly market: string;
  readonly version: string;
  readonly origin: number;
  readonly interval: number;
  readonly head: number;
  readonly now: number;
  /** A stream is never silent for longer than this, in milliseconds. */
  readonly heartbeat: number;
  readonly limits: Readonly<Record<string, number>>;
}

/** `prices[column][row]`, columns in the order of `subscribed.symbols`; `lag` in rows. */
export interface RowsMessage {
  readonly type: 'rows';
  readonly id: number;
  readonly since: number;
  readonly until: number;
  readonly lag: number;
  readonly prices: readonly (readonly number[])[];
}

export interface SubscribedMessage {
  readonly type: 'subscribed';
  readonly id: number;
  readonly symbols: readonly string[];
  readonly since: number;
}

/**
 * With `delivery: "latest"`: the `rows` rows with `since < time <= until` will not be sent, because
 * a newer one was there when there was room. The next message of the subscription goes on there.
 */
export interface SkippedMessage {
  readonly type: 'skipped';
  readonly id: number;
  readonly since: number;
  readonly until: number;
  readonly rows: number;
}

export interface UnsubscribedMessage {
  readonly type: 'unsubscribed';
  readonly id: number;
  readonly until: number;
}

export interface CandlesMessage extends CandlesAnswer {
  readonly type: 'candles';
  readonly id: number;
}

export interface PongMessage {
  readonly type: 'pong';
  readonly id: number;
  readonly now: number;
}

/** Sent when a stream was silent for `heartbeat`: each subscription is complete up to its time. */
export interface HeartbeatMessage {
  readonly type: 'heartbeat';
  readonly now: number;
  readonly head: number;
  readonly subscriptions: Readonly<Record<string, number>>;
}

/** Some codes come with further facts; PROTOCOL.md says which. */
export interface ErrorMessage {
  readonly type: 'error';
  readonly id?: number;
  readonly code: string;
  readonly message: string;
  readonly origin?: number;
  readonly interval?: number;
  readonly earliest?: number;
  readonly head?: number;
  readonly market?: string;
  readonly limit?: number;
  readonly retryAfterMs?: number;
}

/** Precedes a close by the server. `code` is the close code, one of `CLOSE_CODES`. */
export interface ByeMessage {
  readonly type: 'bye';
  readonly code: number;
  readonly reason: string;
  readonly retryAfterMs: number;
}

export type ServerMessage =
  | HelloMessage
  | RowsMessage
  | SubscribedMessage
  | SkippedMessage
  | UnsubscribedMessage
  | CandlesMessage
  | PongMessage
  | HeartbeatMessage
  | ErrorMessage
  | ByeMessage;

/** A time in a request: milliseconds since the Unix epoch, or RFC 3339 text. */
export type TimeText = number | string;

export interface FetchRequest {
  readonly type: 'fetch';
  readonly id: number;
  readonly symbols: readonly string[] | '*';
  readonly since: TimeText;
  readonly limit?: number;
  readonly market?: string;
}

/**
 * What a reader that is behind gets: `all` rows, or the `latest` alone with the others announced as
 * skipped.
 */
export type Delivery = 'all' | 'latest';

export interface SubscribeRequest {
  readonly type: 'subscribe';
  readonly id: number;
  readonly symbols: readonly string[] | '*';
  readonly since: TimeText;
  readonly delivery?: Delivery;
  readonly market?: string;
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
  readonly from: TimeText;
  readonly count: number;
  readonly market?: string;
}

export interface PingRequest {
  readonly type: 'ping';
  readonly id: number;
}

export type ClientMessage =
  | FetchRequest
  | SubscribeRequest
  | UnsubscribeRequest
  | CandlesRequest
  | PingRequest;
