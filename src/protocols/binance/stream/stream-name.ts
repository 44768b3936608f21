import { UNIT_MS } from '../../../core/market/resolution.ts';
import type { TickerTopic } from '../tickers/ticker-streams.ts';

/** Levels of books that are told whole. */
const PARTIAL_LEVELS = [5, 10, 20] as const;
/** What `@100ms` and `@1000ms` say. */
const FAST_MS = 100;
const SLOW_MS = 1000;
/** A clock that is ahead of UTC, by which candles are cut instead. */
const SHIFT = '@+08:00';
const SHIFT_MS = 8 * UNIT_MS.h;

const TICKERS: ReadonlyMap<string, TickerStreamForm['topic']> = new Map([
  ['miniTicker', { kind: 'mini', span: 'day' }],
  ['ticker', { kind: 'full', span: 'day' }],
  ['avgPrice', { kind: 'average', span: '5m' }],
  ['ticker_1h', { kind: 'full', span: '1h' }],
  ['ticker_4h', { kind: 'full', span: '4h' }],
  ['ticker_1d', { kind: 'full', span: '1d' }],
]);

/** What a stream tells, whatever its symbol. */
export type StreamForm =
  | { readonly kind: 'trade' | 'aggTrade' | 'bookTicker' }
  | KlineForm
  | TickerStreamForm
  | { readonly kind: 'depth'; readonly everyMs: number }
  | { readonly kind: 'partial'; readonly levels: number; readonly everyMs: number };

export interface KlineForm {
  readonly kind: 'kline';
  /** As it was asked for. */
  readonly interval: string;
  readonly offsetMs: number;
}

/** Of tickers, which are of one symbol or of all. */
export interface TickerStreamForm {
  readonly kind: 'ticker';
  readonly topic: Pick<TickerTopic, 'kind' | 'span'>;
}

/** A name such as `btcusdt@trade`, in its two parts. */
export interface StreamName {
  /** As it is in names of streams, in small letters. */
  readonly symbol: string;
  /** All behind the `@`. */
  readonly text: string;
}

/** What `!miniTicker@arr` and the like tell of all symbols; undefined for all other names. */
export function formOfAll(name: string): TickerStreamForm | undefined {
  const [, text] = /^!(.*)@arr$/.exec(name) ?? [];
  // What waits at the best prices of all is not looked up each second; averages are of one symbol.
  const isOfAll = text !== undefined && text !== 'ticker' && text !== 'avgPrice';
  return isOfAll ? tickerOf(text) : undefined;
}

/** The parts of a name; undefined if it has not both. */
export function partsOfName(name: string): StreamName | undefined {
  const at = name.indexOf('@');
  if (at < 1) return undefined;
  return { symbol: name.slice(0, at), text: name.slice(at + 1) };
}

/** What a stream tells whose name ends with `text`; undefined if there is none. */
export function formOf(text: string): StreamForm | undefined {
  if (text === 'trade' || text === 'aggTrade' || text === 'bookTicker') return { kind: text };
  return text.startsWith('kline_') ? klineOf(text) : (tickerOf(text) ?? bookOf(text));
}

function tickerOf(text: string): TickerStreamForm | undefined {
  const topic = TICKERS.get(text);
  return topic === undefined ? undefined : { kind: 'ticker', topic };
}

function klineOf(text: string): KlineForm {
  const isShifted = text.endsWith(SHIFT);
  const interval = text.slice('kline_'.length, isShifted ? -SHIFT.length : undefined);
  return { kind: 'kline', interval, offsetMs: isShifted ? SHIFT_MS : 0 };
}

function bookOf(text: string): StreamForm | undefined {
  const [, levels, speed] = /^depth(\d{0,2})(?:@(100|1000)ms)?$/.exec(text) ?? [];
  if (levels === undefined) return undefined;
  const everyMs = speed === String(FAST_MS) ? FAST_MS : SLOW_MS;
  if (levels === '') return { kind: 'depth', everyMs };
  const known = PARTIAL_LEVELS.find((count) => String(count) === levels);
  return known === undefined ? undefined : { kind: 'partial', levels: known, everyMs };
}
