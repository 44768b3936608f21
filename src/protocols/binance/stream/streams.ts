import {
  candlesWantedOf,
  cutOf,
  depthWantedOf,
  tradesWantedOf,
  type Wanted,
} from '../../../core/history/wanted.ts';
import { CANDLE_FIELDS } from '../../../core/market/fields.ts';
import type { Resolution } from '../../../core/market/resolution.ts';
import { MAX_LEVELS } from '../../../core/market/trading/book.ts';
import type { Encoder } from '../../../delivery/encoder.ts';
import type { SubscriptionOptions } from '../../../delivery/subscription.ts';
import { isInterval, resolutionOf } from '../intervals.ts';
import type { BinanceParts } from '../parts.ts';
import type { BinanceSymbols } from '../symbols.ts';
import type { TickerStreams, TickerTopic } from '../tickers/ticker-streams.ts';
import { BookTickerEncoder, DiffEncoder, PartialEncoder } from './book-encoder.ts';
import { KlineEncoder } from './kline-encoder.ts';
import type { Style } from './stream-encoder.ts';
import {
  formOf,
  formOfAll,
  type KlineForm,
  partsOfName,
  type StreamForm,
  type TickerStreamForm,
} from './stream-name.ts';
import { TickerFollowers } from './ticker-followers.ts';
import { TradeStreamEncoder } from './trade-encoder.ts';

/** How often a candle that forms is told at most. */
const KLINE_MS = 1000;

/** A stream that somebody can follow: of rows as they come, or of tickers each second. */
export type Stream = RowStream | TickerStream;

export interface RowStream {
  readonly kind: 'rows';
  readonly name: string;
  readonly column: number;
  readonly form: Exclude<StreamForm, TickerStreamForm>;
  /** Its name behind the symbol. */
  readonly ending: string;
}

export interface TickerStream {
  readonly kind: 'tickers';
  readonly name: string;
  readonly topic: TickerTopic;
}

/** All streams of a market. */
export class Streams {
  readonly #symbols: BinanceSymbols;
  /** There are some dozens, whatever is asked for. */
  readonly #encoders = new Map<string, Encoder>();
  readonly #tickerStreams: TickerStreams;
  /** Who follows tickers. */
  readonly tickers: TickerFollowers;

  constructor({ service, symbols, tickerStreams }: BinanceParts) {
    this.#symbols = symbols;
    this.#tickerStreams = tickerStreams;
    this.tickers = new TickerFollowers(tickerStreams, service.feed, symbols);
  }

  /** What it costs to begin with some, beside what each costs. */
  costOf(streams: Iterable<Stream>): number {
    let cost = 0;
    for (const stream of streams) {
      if (stream.kind === 'tickers') cost += this.#tickerStreams.costOf(stream.topic);
    }
    return cost;
  }

  /** The stream of a name; undefined if there is none. */
  find(name: string): Stream | undefined {
    const ofAll = formOfAll(name);
    if (ofAll !== undefined) return { kind: 'tickers', name, topic: ofAll.topic };
    const parts = partsOfName(name);
    if (parts === undefined || parts.symbol !== parts.symbol.toLowerCase()) return undefined;
    const column = this.#symbols.names.columnOf(parts.symbol.toUpperCase());
    const form = formOf(parts.text);
    if (column === undefined || form === undefined) return undefined;
    if (form.kind === 'ticker') return { kind: 'tickers', name, topic: { ...form.topic, column } };
    if (form.kind === 'kline' && this.#resolutionOf(form) === undefined) return undefined;
    return { kind: 'rows', name, column, form, ending: `@${parts.text}` };
  }

  /** What one who follows a stream from row `head` on is to be told, and how that is written. */
  following(
    { column, form, ending }: RowStream,
    { isCombined, unit }: Omit<Style, 'ending'>,
    head: number,
  ): Pick<SubscriptionOptions, 'wanted' | 'encoder' | 'cursor' | 'hasBook'> {
    const style = { ending, isCombined, unit };
    const key = `${ending} ${isCombined} ${unit}`;
    let encoder = this.#encoders.get(key);
    if (encoder === undefined) {
      encoder = newEncoder(this.#symbols, style, form);
      this.#encoders.set(key, encoder);
    }
    const wanted = this.#wantedOf(column, form);
    // Whole books and candles are told at once as they are; all else is told from the next row on.
    const hasBook = wanted.telling?.how !== 'whole';
    const cursor = form.kind === 'kline' ? Math.max(0, head - 1) : head;
    return { wanted, encoder, cursor, hasBook };
  }

  #wantedOf(column: number, form: RowStream['form']): Wanted {
    switch (form.kind) {
      case 'trade':
      case 'aggTrade':
        return tradesWantedOf([column]);
      case 'kline': {
        const { grid } = this.#symbols.market;
        const cut = cutOf(grid, this.#resolutionOf(form)!, this.#rowsIn(KLINE_MS), {
          isPaid: true,
        });
        return candlesWantedOf(CANDLE_FIELDS, [column], cut);
      }
      case 'bookTicker':
        return depthWantedOf([column], 1, { how: 'whole', everyRows: 1 });
      case 'partial': {
        const everyRows = this.#rowsIn(form.everyMs);
        return depthWantedOf([column], form.levels, { how: 'whole', everyRows });
      }
      case 'depth': {
        const everyRows = this.#rowsIn(form.everyMs);
        return depthWantedOf([column], MAX_LEVELS, { how: 'since', everyRows });
      }
    }
  }

  /** Undefined if some of its candles had no rows, or if no client knows such ones. */
  #resolutionOf({ interval, offsetMs }: KlineForm): Resolution | undefined {
    if (!isInterval(interval)) return undefined;
    const resolution = resolutionOf(interval, offsetMs);
    return resolution.ms < this.#symbols.market.grid.intervalMs ? undefined : resolution;
  }

  /** As many rows as fit so long; at least one. */
  #rowsIn(ms: number): number {
    return Math.max(1, Math.floor(ms / this.#symbols.market.grid.intervalMs));
  }
}

function newEncoder(symbols: BinanceSymbols, style: Style, form: RowStream['form']): Encoder {
  switch (form.kind) {
    case 'trade':
    case 'aggTrade':
      return new TradeStreamEncoder(symbols, style, form.kind);
    case 'kline':
      return new KlineEncoder(symbols, style, form.interval);
    case 'bookTicker':
      return new BookTickerEncoder(symbols, style);
    case 'partial':
      return new PartialEncoder(symbols, style);
    case 'depth':
      return new DiffEncoder(symbols, style);
  }
}
