import type {
  CandleField,
  CandlesAnswer,
  DepthAnswer,
  Field,
  MarketInfo,
  SparklinesAnswer,
  TimeText,
} from '../wire/messages.ts';
import type { TradesAnswer } from '../wire/trade-messages.ts';
import { ClientError } from './error.ts';
import type {
  CandlesAnswerOf,
  DefaultFields,
  ManyCandlesAnswerOf,
  RowsAnswerOf,
  SparseCandlesAnswerOf,
} from './fields.ts';
import { checkNames } from './names.ts';
import { httpUrl, type ServerUrl } from './url.ts';

/** What is needed of `fetch`. */
export type Fetch = (
  url: string,
  init: {
    readonly signal?: AbortSignal;
    /** Of what is sent. */
    readonly method?: string;
    readonly headers?: Record<string, string>;
    readonly body?: string | Blob | ReadableStream<Uint8Array>;
    readonly duplex?: 'half';
  },
) => Promise<{
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  text(): Promise<string>;
}>;

/**
 * Of every call. All of them throw a `ClientError` with the server's code and the HTTP status if it
 * says no, `unreachable` if there is no answer, `unexpected_answer` if it is nobody's answer, and
 * `bad_url`; if `signal` aborts, what `fetch` throws then.
 */
export interface CallOptions {
  /** The server, `http(s)://host[:port][/prefix]`. */
  readonly url: ServerUrl;
  readonly signal?: AbortSignal | undefined;
  /** Default: the global one. */
  readonly fetch?: Fetch | undefined;
}

/** Of the calls that are about a market. */
export interface MarketCallOptions extends CallOptions {
  /** The market id that is meant. Any other is `market_changed`. Allows caching what is over. */
  readonly market?: string | undefined;
}

export type FetchRowsOptions<Fields extends readonly Field[] = DefaultFields> =
  MarketCallOptions & {
    /** The columns, in this order. Default: all instruments. */
    readonly symbols?: readonly string[] | '*' | undefined;
    /** What is wanted of each row. Default: `last`, as `prices`. */
    readonly fields?: Fields | undefined;
  } & (
      | {
          /** Time of the last row you have: milliseconds, RFC 3339 text, or `now`. */
          readonly since: TimeText;
          /** Time of the last row you want. Default: the head. */
          readonly until?: TimeText | undefined;
          /** The most rows to answer, the oldest ones. Default: as many as fit. */
          readonly limit?: number | undefined;
          readonly last?: undefined;
        }
      | {
          /** The newest so many rows. */
          readonly last: number;
          readonly since?: undefined;
        }
    );

/** How candles are cut, what is wanted of them, and which. */
type WantedCandles<Fields extends readonly CandleField[]> = MarketCallOptions & {
  /** The width, such as `1m`, `4h`, `1d`, `1mo`: at least the market's interval. */
  readonly resolution: string;
  /** The zone whose wall clock cuts, such as `America/New_York`; default UTC. */
  readonly tz?: string | undefined;
  /** Instead of `tz`: a clock so far ahead of UTC all year, such as `-5h`. */
  readonly offset?: string | undefined;
  /** What is wanted beside prices: sums of the rows. */
  readonly fields?: Fields | undefined;
  /** False leaves out candles of rows alone that are closed or halted. Default: true. */
  readonly held?: boolean | undefined;
} & (
    | { readonly from: TimeText; readonly count: number; readonly to?: undefined }
    | { readonly from: TimeText; readonly to: TimeText; readonly count?: undefined }
    | { readonly last: number; readonly from?: undefined }
  );

export type FetchCandlesOptions<Fields extends readonly CandleField[] = readonly []> =
  WantedCandles<Fields> & { readonly symbol: string; readonly symbols?: undefined };

/** The same of several instruments, in one answer. */
export type FetchManyCandlesOptions<Fields extends readonly CandleField[] = readonly []> =
  WantedCandles<Fields> & {
    /** The columns, in this order; `*` for all instruments. */
    readonly symbols: readonly string[] | '*';
    readonly symbol?: undefined;
    /** All candles, however many: the answer is then written no faster than it is computed. */
    readonly whole?: boolean | undefined;
  };

/** One of `fromId`, `since` and `last` is to be given. */
export interface FetchTradesOptions extends MarketCallOptions {
  readonly symbol: string;
  /** The number of the first trade wanted: `nextId` of an answer. */
  readonly fromId?: number | undefined;
  /** Time of the last row whose trades you have, or `now`. */
  readonly since?: TimeText | undefined;
  /** The newest so many trades. */
  readonly last?: number | undefined;
  /** Time of the last row whose trades you want. */
  readonly until?: TimeText | undefined;
  readonly limit?: number | undefined;
}

export interface FetchDepthOptions extends MarketCallOptions {
  readonly symbol: string;
  /** Time of the row whose book is wanted. Default: the newest. */
  readonly at?: TimeText | undefined;
  /** The most levels a side, 1 to 100. Default 20. */
  readonly levels?: number | undefined;
}

export interface FetchSparklinesOptions extends MarketCallOptions {
  /** The columns, in this order. Default: all instruments. */
  readonly symbols?: readonly string[] | '*' | undefined;
  /** The most points of one line, 2 to 500. Default 48. */
  readonly points?: number | undefined;
  /** How long before the head the lines begin. Default a day. */
  readonly spanMs?: number | undefined;
}

/** Of every call; of rows, of candles, of trades, of a book, of sparklines. */
const CALL = 'url signal fetch market';
const ROWS = `${CALL} symbols fields since until limit last`;
const CANDLES = `${CALL} symbol symbols resolution tz offset fields from to count last whole held`;
const TRADES = `${CALL} symbol fromId since last until limit`;
const DEPTH = `${CALL} symbol at levels`;
const SPARKLINES = `${CALL} symbols points spanMs`;

/** The settings of the market that is served: its id, its grid, its head, its instruments. */
export async function market(options: MarketCallOptions): Promise<MarketInfo> {
  checkNames(options, CALL);
  return get('v1/market', options);
}

/**
 * The rows with `since < time <= until`, or the newest `last` rows; prices in ticks. One answer,
 * cut at the server's limit: pass its `until` as the next `since` until it is where you want to be.
 */
export async function fetchRows<const Fields extends readonly Field[] = DefaultFields>(
  options: FetchRowsOptions<Fields>,
): Promise<RowsAnswerOf<Fields>> {
  checkNames(options, ROWS);
  return get('v1/rows', options);
}

/**
 * The candles that start in `[from, to)` (or `count` of them from `from`, or the newest `last`), in
 * ticks; the first `closed` of them are final. One without rows is left out, such as a date that a
 * country has skipped. With `symbols`: `open[column][candle]`, cut alike; with `held: false` null
 * where a symbol has no candle, but another has.
 */
export function fetchCandles<const Fields extends readonly CandleField[] = readonly []>(
  options: FetchCandlesOptions<Fields>,
): Promise<CandlesAnswerOf<Fields>>;
export function fetchCandles<const Fields extends readonly CandleField[] = readonly []>(
  options: FetchManyCandlesOptions<Fields> & { readonly held?: true | undefined },
): Promise<ManyCandlesAnswerOf<Fields>>;
export function fetchCandles<const Fields extends readonly CandleField[] = readonly []>(
  options: FetchManyCandlesOptions<Fields>,
): Promise<SparseCandlesAnswerOf<Fields>>;
export async function fetchCandles(
  options: WantedCandles<readonly CandleField[]>,
): Promise<CandlesAnswer | SparseCandlesAnswerOf<readonly CandleField[]>> {
  checkNames(options, CANDLES);
  return get('v1/candles', options);
}

/**
 * Single trades of an instrument, the nth of which has the number `fromId + n`. One answer, cut at
 * the server's limit: pass its `nextId` as the next `fromId` until it has none.
 */
export async function fetchTrades(options: FetchTradesOptions): Promise<TradesAnswer> {
  checkNames(options, TRADES);
  return get('v1/trades', options);
}

/** The book of an instrument as of a row: levels of each side, the best one first, in ticks. */
export async function fetchDepth(options: FetchDepthOptions): Promise<DepthAnswer> {
  checkNames(options, DEPTH);
  return get('v1/depth', options);
}

/** One small series per instrument, for lists: `prices[column][k]` in ticks, at `time[k]`. */
export async function fetchSparklines(options: FetchSparklinesOptions): Promise<SparklinesAnswer> {
  checkNames(options, SPARKLINES);
  const { spanMs, ...others } = options;
  const asked = { ...others, span: spanMs };
  return get('v1/sparklines', asked);
}

/** What goes on from a cursor may have come to another market id, which the server has checked. */
const FOLLOWING = ['v1/rows', 'v1/trades', 'v1/grade'];

/** Everything in the options that is not about the call itself is asked of the server. */
export async function get<Answer extends { readonly market: string }>(
  path: string,
  options: MarketCallOptions,
  init: Parameters<Fetch>[1] = {},
): Promise<Answer> {
  const { url: server, signal, fetch = globalThis.fetch, ...query } = options;
  const url = httpUrl(server, path);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  let [status, text, retryAfter]: [number, string, string | null] = [0, '', null];
  try {
    const response = await fetch(url.href, signal === undefined ? init : { ...init, signal });
    status = response.status;
    retryAfter = response.headers.get('retry-after');
    text = await response.text();
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ClientError('unreachable', `There was no answer from ${url.host}.`, { cause });
  }
  return read(status, text, retryAfter, FOLLOWING.includes(path) ? undefined : options.market);
}

/** The answer in the body `text`, or the error. */
function read<Answer extends { readonly market: string }>(
  status: number,
  text: string,
  retryAfter: string | null,
  market: string | undefined,
): Answer {
  const body = parse(text);
  if (status !== 200 || typeof body?.market !== 'string') {
    throw failureOf(status, text, retryAfter);
  }
  if (market !== undefined && body.market !== market) {
    const sentence = `The server now serves the market ${body.market}.`;
    throw new ClientError('market_changed', sentence, { status, details: { market: body.market } });
  }
  return body as unknown as Answer;
}

/** What an answer that is not the one asked for says: an error of the server, or nothing of it. */
export function failureOf(status: number, text: string, retryAfter: string | null): ClientError {
  const waitMs = Number(retryAfter ?? Number.NaN) * 1000;
  const wait = waitMs >= 0 ? { retryAfterMs: waitMs } : {};
  const { code, message, ...details } = parse(text)?.error ?? {};
  if (typeof code === 'string') {
    return new ClientError(code, `${message}`, { status, details: { ...wait, ...details } });
  }
  const sentence = `The answer is not of a Tickwell server (HTTP status ${status}).`;
  return new ClientError('unexpected_answer', sentence, { status, details: wait });
}

function parse(
  text: string,
): { readonly market?: unknown; readonly error?: Record<string, unknown> } | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
