/**
 * Everything that crosses the wire, as types. PROTOCOL.md says what each message promises.
 *
 * Times are integer milliseconds since the Unix epoch (UTC). Prices are whole ticks:
 * `price = ticks * tickSize`.
 */

import type { CalendarSpec } from '../core/market/calendar/calendar-spec.ts';
import type { CandleField, Field } from '../core/market/fields.ts';
import type { FaultsSaid } from './faults-said.ts';
import type { MarketMessage } from './market-message.ts';
import type { ClockMessage, HeartbeatMessage, PongMessage } from './time-messages.ts';
import type { TradesMessage } from './trade-messages.ts';

export type { CandleField, ClockMessage, Field, HeartbeatMessage, PongMessage };

/** The settings of one instrument. `min` and `max` are in ticks. */
export interface InstrumentInfo {
  readonly symbol: string;
  readonly name: string;
  readonly model: string;
  readonly tickSize: number;
  readonly decimals: number;
  readonly min: number;
  readonly max: number;
  /** Instruments of a sector move together; absent for none. */
  readonly sector?: string;
  /** When it trades: a name, or rules; absent for always. */
  readonly calendar?: CalendarSpec;
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
  /** The market's time: that of the server's clock, unless it was given another. */
  readonly now: number;
  /** Milliseconds of the market in one of ours: 1 as a rule, 0 while its time stands still. */
  readonly speed: number;
  /** Always: no price is real, and none follows a real one. */
  readonly synthetic: true;
  /** What can be asked of each row. */
  readonly fields: readonly string[];
  readonly instruments: readonly InstrumentInfo[];
}

/** `[column][row]`: prices in ticks, volumes in lots. */
export type Values = readonly (readonly number[])[];

/**
 * What rows say of which fields were named: each under its own name, in the order of `fields`. Bids
 * and asks are in ticks; `aggressor` is 1 where a buyer came to the ask, 2 where a seller came to
 * the bid, 0 without a trade; `status` is 0 where it trades, 1 while it is halted, 2 while it is
 * closed.
 */
export interface FieldValues {
  readonly fields: readonly Field[];
  readonly last?: Values;
  readonly bid?: Values;
  readonly ask?: Values;
  readonly volume?: Values;
  readonly trades?: Values;
  readonly aggressor?: Values;
  readonly status?: Values;
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
  /** Time of the first row of all, if there are none here. */
  readonly earliest?: number;
  readonly head?: number;
  readonly symbols: readonly string[];
  readonly prices: Values;
}

/** The same, if fields were named. */
export type FieldRowsAnswer = Omit<RowsAnswer, 'prices'> & FieldValues;

/** How candles are cut, so that a request that says the same gets them again. */
export interface CuttingSaid {
  readonly resolution: string;
  /** The zone whose clock cuts, unless it is UTC. */
  readonly tz?: string;
  /** Instead, a clock so far ahead of UTC all year: `-5h`. */
  readonly offset?: string;
}

/** `GET /v1/candles`: one entry per candle, oldest first; the first `closed` of them are final. */
export interface CandlesAnswer extends CuttingSaid {
  readonly market: string;
  readonly symbol: string;
  readonly time: readonly number[];
  readonly open: readonly number[];
  readonly high: readonly number[];
  readonly low: readonly number[];
  readonly close: readonly number[];
  /** Sums of their rows, if they were asked for. */
  readonly volume?: readonly number[];
  readonly trades?: readonly number[];
  readonly closed: number;
  readonly until?: number;
  /** Times of the first row and of the newest, if there are no candles. */
  readonly earliest?: number;
  readonly head?: number;
}

/** As `Values`, of candles without held ones: null where a symbol has none, but another has. */
export type SparseValues = readonly (readonly (number | null)[])[];

/** The same with `symbols`: of each of them a list, with an entry for each of `time`. */
export interface ManyCandlesAnswer
  extends CuttingSaid,
    Pick<CandlesAnswer, 'market' | 'time' | 'closed' | 'until' | 'earliest' | 'head'> {
  readonly symbols: readonly string[];
  readonly open: Values;
  readonly high: Values;
  readonly low: Values;
  readonly close: Values;
  readonly volume?: Values;
  readonly trades?: Values;
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
  /** As of candles, if there are no rows. */
  readonly earliest?: number;
  readonly head?: number;
}

/** A level of a book: a price in ticks, and how many lots wait there. */
export type Level = readonly [price: number, lots: number];

/**
 * `GET /v1/depth`: the book of one instrument as of the row at `time`. Of each side the best level
 * comes first.
 */
export interface DepthAnswer {
  readonly market: string;
  readonly symbol: string;
  /** Absent if there is no row yet. */
  readonly time?: number;
  /** As of candles, if there is no row yet. */
  readonly earliest?: number;
  readonly head?: number;
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
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
  readonly speed: number;
  /** A stream is never silent for longer than this, in milliseconds. */
  readonly heartbeat: number;
  readonly limits: Readonly<Record<string, number>>;
  /** What is done to this connection because it was asked for; absent for nothing. */
  readonly faults?: FaultsSaid;
}

/** `prices[column][row]`, columns in the order of `subscribed.symbols`; `lag` in rows. */
export interface RowsMessage extends Partial<FieldValues> {
  readonly type: 'rows';
  readonly id: number;
  readonly since: number;
  readonly until: number;
  readonly lag: number;
  /** Absent if fields were named: then these are the others, as in `FieldRowsAnswer`. */
  readonly prices?: Values;
}

/** Of candles it says how they are cut. */
export interface SubscribedMessage extends Partial<CuttingSaid> {
  readonly type: 'subscribed';
  readonly id: number;
  /** That of the row at `since`, or the newer one that was asked with. */
  readonly market: string;
  readonly symbols: readonly string[];
  /** If others than the default were asked for. */
  readonly fields?: readonly Field[];
  /** Of candles, if it was asked for. */
  readonly every?: number;
  /** Of candles without those of held rows alone. */
  readonly held?: false;
  /** Of trades, or of books: that it is. */
  readonly what?: 'trades' | 'depth';
  /** Of books: the most levels a side. */
  readonly levels?: number;
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

/**
 * Candles of a subscription: of each of `subscribed.symbols` a list, with one entry for each of
 * `time`. All are final, or there is one that is not, as of the row at `until`. It takes the place
 * of the one before with the same time. `since`, `until` and `lag` are those of rows. With
 * `held: false` a value may be null, and there may be no candles.
 */
export interface StreamedCandlesMessage {
  readonly type: 'candles';
  readonly id: number;
  readonly since: number;
  readonly until: number;
  readonly lag: number;
  readonly time: readonly number[];
  readonly open: SparseValues;
  readonly high: SparseValues;
  readonly low: SparseValues;
  readonly close: SparseValues;
  /** Sums of their rows, if they were asked for. */
  readonly volume?: SparseValues;
  readonly trades?: SparseValues;
  readonly final: boolean;
}

/**
 * Books of a subscription as of the row at `until`, of each of `subscribed.symbols` a list: whole
 * ones, or the levels that changed in that row, with 0 lots where nothing waits any more. A
 * snapshot takes the place of what came before; it goes on from `since` like all messages, and
 * leaves out the rows between.
 */
export interface DepthMessage {
  readonly type: 'depth';
  readonly id: number;
  readonly since: number;
  readonly until: number;
  readonly lag: number;
  readonly snapshot: boolean;
  readonly bids: readonly (readonly Level[])[];
  readonly asks: readonly (readonly Level[])[];
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
  | MarketMessage
  | UnsubscribedMessage
  | CandlesMessage
  | StreamedCandlesMessage
  | TradesMessage
  | DepthMessage
  | PongMessage
  | HeartbeatMessage
  | ClockMessage
  | ErrorMessage
  | ByeMessage;

/** A time in a request: milliseconds since the Unix epoch, or RFC 3339 text. */
export type TimeText = number | string;

/**
 * What a reader that is behind gets: `all` rows, or the `latest` alone with the others announced as
 * skipped.
 */
export type Delivery = 'all' | 'latest';
