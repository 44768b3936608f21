import { followingCost, statisticsLookingCost } from '../../../host/budgets/statistics-cost.ts';
import type { BinanceService } from '../limits.ts';
import type { BinanceSymbols } from '../symbols.ts';
import type { TimeUnit } from '../time-unit.ts';
import { MiniLists } from './mini-lists.ts';
import {
  AVERAGE_EVENT,
  DAY_EVENT,
  MINI_EVENT,
  SPAN_EVENT,
  type Ticker,
  tickerText,
} from './ticker-forms.ts';
import type { SpanName, Tickers } from './tickers.ts';

/** Messages are made so often at most. */
const EVERY_MS = 1000;
/** Tickers of a list that are written between two yields. */
const TICKERS_PER_STEP = 256;

/** A list of which none is known yet: it is not told. */
const NOTHING = '[]';

/** What a stream of tickers tells. */
export interface TickerTopic {
  readonly kind: 'mini' | 'full' | 'average';
  readonly span: SpanName;
  /** Of which instrument; of all of which it is known, if none is said. */
  readonly column?: number | undefined;
}

/** Somebody's who is sent each message; what they are not to have they do not follow. */
export type TickerListener = (payload: Buffer) => void;

/** All who want the same. */
interface Group {
  readonly topic: TickerTopic;
  readonly unit: TimeUnit;
  readonly listeners: Set<TickerListener>;
}

/**
 * Streams of tickers: a message each second in which a row came, made once for all who want the
 * same, while somebody does.
 */
export class TickerStreams {
  readonly #service: BinanceService;
  readonly #tickers: Tickers;
  readonly #groups = new Map<string, Group>();
  readonly #minis: MiniLists;
  #second = 0;
  #isTelling = false;

  constructor(service: BinanceService, tickers: Tickers, symbols: BinanceSymbols) {
    this.#service = service;
    this.#tickers = tickers;
    this.#minis = new MiniLists(symbols, tickers);
  }

  /** What it costs to begin with a topic; what is told each second is the server's own. */
  costOf({ span, column }: TickerTopic): number {
    const { history } = this.#service.feed;
    const columns = column === undefined ? this.#tickers.columns : [column];
    const looked = statisticsLookingCost(columns.length);
    if (column === undefined) return looked;
    return looked + followingCost(this.#tickers.rolling(span), history, columns);
  }

  /** Has a listener told from now on; gives how to end that. */
  follow(topic: TickerTopic, unit: TimeUnit, listener: TickerListener): () => void {
    const key = `${topic.kind} ${topic.span} ${topic.column} ${unit}`;
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = { topic, unit, listeners: new Set() };
      this.#groups.set(key, group);
      this.#tickers.want(topic.span);
    }
    const { listeners } = group;
    listeners.add(listener);
    return () => {
      if (!listeners.delete(listener) || listeners.size > 0) return;
      this.#groups.delete(key);
      this.#tickers.unwant(topic.span);
    };
  }

  /** To be called at every row. */
  advanced(): void {
    const { clock } = this.#service;
    // Of a market that is faster than time, as often as of others.
    const second = Math.floor((clock.speed > 1 ? clock.nowMs() : clock.marketMs()) / EVERY_MS);
    if (second === this.#second || this.#groups.size === 0 || this.#isTelling) return;
    this.#second = second;
    this.#isTelling = true;
    const { slicer, failures } = this.#service;
    slicer.run(this.#tell()).catch((error) => failures.tell(error));
  }

  *#tell(): Generator<unknown, void, void> {
    try {
      for (const span of new Set([...this.#groups.values()].map(({ topic }) => topic.span))) {
        yield* this.#tellSpan(span);
      }
    } finally {
      this.#isTelling = false;
    }
  }

  /** Tells all who want something of one span, as of the same row each for one and for all. */
  *#tellSpan(span: SpanName): Generator<unknown, void, void> {
    const groups = [...this.#groups.values()].filter(({ topic }) => topic.span === span);
    const single = groups.filter(({ topic }) => topic.column !== undefined);
    const named = [...new Set(single.map(({ topic }) => topic.column!))];
    const hasBest = span === 'day' && single.some(({ topic }) => topic.kind === 'full');
    const one = yield* this.#tickers.newest(span, named, false, hasBest);
    for (const group of single) {
      const ticker = one[named.indexOf(group.topic.column!)]!;
      send(group, Buffer.from(this.#textOf(group, ticker)));
    }
    const lists = groups.filter(({ topic }) => topic.column === undefined);
    const minis = span === 'day' ? lists.filter(({ topic }) => topic.kind === 'mini') : [];
    for (const group of minis) {
      const list = yield* this.#minis.list(group.unit, this.#service.clock.marketMs());
      if (list.length > NOTHING.length) send(group, list);
    }
    if (lists.length === minis.length) return;
    const all = yield* this.#tickers.newest(span, this.#tickers.columns, true, false);
    if (all.length === 0) return;
    for (const group of lists.filter((one) => !minis.includes(one))) {
      const pieces: Buffer[] = [];
      let text = '[';
      for (const [n, ticker] of all.entries()) {
        text += (n === 0 ? '' : ',') + this.#textOf(group, ticker);
        if ((n + 1) % TICKERS_PER_STEP !== 0) continue;
        pieces.push(Buffer.from(text, 'latin1'));
        text = '';
        yield;
      }
      pieces.push(Buffer.from(`${text}]`, 'latin1'));
      send(group, Buffer.concat(pieces));
    }
  }

  #textOf({ topic, unit }: Group, ticker: Ticker): string {
    const eventMs = this.#service.clock.marketMs();
    if (topic.kind === 'mini') {
      return tickerText(MINI_EVENT, ticker, { unit, event: '24hrMiniTicker', eventMs });
    }
    if (topic.kind === 'average') {
      return tickerText(AVERAGE_EVENT, ticker, { unit, event: 'avgPrice', eventMs });
    }
    const event = topic.span === 'day' ? '24hrTicker' : `${topic.span}Ticker`;
    return tickerText(topic.span === 'day' ? DAY_EVENT : SPAN_EVENT, ticker, {
      ...{ unit, event, eventMs },
    });
  }
}

function send({ listeners }: Group, payload: Buffer): void {
  for (const listener of listeners) listener(payload);
}
