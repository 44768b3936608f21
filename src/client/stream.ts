import type { TimeText } from '../wire/messages.ts';
import type { Transport } from './connection.ts';
import { ClientError } from './error.ts';
import { defaultHost, type Host, type SocketClass } from './host.ts';
import type { Batch, Kind } from './kind.ts';
import { Link } from './link.ts';
import { Queue } from './queue.ts';
import type { SubscriptionCounters, SubscriptionState } from './state.ts';
import { faultyUrl, type ServerUrl, streamUrl } from './url.ts';

const JSON_PROTOCOL = 'tickwell.v1.json';
const BINARY_PROTOCOL = 'tickwell.v1.bin';
const MAX_QUEUED_BYTES = 8 * 2 ** 20;

/** Of every subscription. */
export interface StreamOptions {
  /** The server, `http(s)://host[:port][/prefix]`, or its stream, `ws(s)://.../v1/stream`. */
  readonly url: ServerUrl;
  /** The columns, in this order; `*` for all instruments of the market. */
  readonly symbols: readonly string[] | '*';
  /**
   * The time of the last row you have: milliseconds, RFC 3339 text, or `now` for the rows after
   * the newest. There is no default: skipping rows is a decision.
   */
  readonly since: TimeText;
  /**
   * The market id that goes with `since`. If the server has other rows up to there, the
   * subscription ends: `market_changed`.
   */
  readonly market?: string | undefined;
  /** What is done to the stream on its way: a profile, such as `drop@1%`, or its name. */
  readonly faults?: string | undefined;
  /** What its strikes are drawn by. Default 1. */
  readonly faultSeed?: number | undefined;
  /** How rows travel. Default `bin`, with JSON if the server has no other. */
  readonly format?: 'bin' | 'json' | undefined;
  /** How rows come. Default: over a WebSocket, or as events where none gets through. */
  readonly transport?: Transport | undefined;
  /** The WebSocket class. Default: the global one, which Node has from 22 on. */
  readonly WebSocket?: SocketClass | undefined;
  /** Ends the subscription, as `close()` does. */
  readonly signal?: AbortSignal | undefined;
  /** Called with every new state, never before the call that made the subscription has returned. */
  readonly onState?: ((state: SubscriptionState) => void) | undefined;
  /**
   * Called with the new market id when something was done to the market, before the first rows of
   * it are given: whoever keeps a cursor keeps that with it.
   */
  readonly onMarket?: ((market: string) => void) | undefined;
  /** About how many bytes may wait for you before the server is paused. Default 8 MiB. */
  readonly maxQueuedBytes?: number | undefined;
  /** Sockets, timers and clock; for tests. Then `WebSocket` is not used. */
  readonly host?: Host | undefined;
}

/** The names of these options, and those that one kind of subscription has. */
export const optionNames = (own: string) =>
  `url symbols since market ${own} faults faultSeed format transport WebSocket signal onState ` +
  'onMarket maxQueuedBytes host';

/** What a server sends, to be read by one loop: `Made`, given to the application as `Given`. */
export class Stream<Made extends Batch, Given> implements AsyncIterable<Given> {
  readonly #link: Link<Made>;
  readonly #queue: Queue<Made>;
  readonly #maxQueuedBytes: number;
  readonly #signal: AbortSignal | undefined;
  readonly #onState: ((state: SubscriptionState) => void) | undefined;
  readonly #close = () => this.close();
  #waiting: {
    give(result: IteratorResult<Given, undefined>): void;
    fail(error: Error): void;
  }[] = [];
  /** `until` of the rows that the application is done with, and of those that it has. */
  #doneUntil: number | undefined;
  #givenUntil: number | undefined;
  #hasThrown = false;

  constructor(options: StreamOptions, kind: Kind<Made>) {
    const { symbols, since, market, signal, format } = options;
    this.#queue = new Queue(kind);
    this.#maxQueuedBytes = options.maxQueuedBytes ?? MAX_QUEUED_BYTES;
    this.#onState = options.onState;
    this.#signal = signal;
    const link = {
      url: streamUrl(faultyUrl(options.url, options.faults, options.faultSeed)),
      protocols: format === 'json' ? [JSON_PROTOCOL] : [BINARY_PROTOCOL, JSON_PROTOCOL],
      kind,
      symbols,
      market,
      since,
      transport: options.transport,
      onBatch: (made: Made) => this.#take(made),
      onState: (state: SubscriptionState) => this.#enter(state),
      onMarket: options.onMarket,
    };
    this.#link = new Link(link, options.host ?? defaultHost(options.WebSocket, options.transport));
    if (signal?.aborted) queueMicrotask(this.#close);
    signal?.addEventListener('abort', this.#close);
  }

  /** Where it stands; `onState` tells of changes. */
  get state(): SubscriptionState {
    return this.#link.state;
  }

  /** How rows come; while there is no connection, how they are asked for. */
  get transport(): Transport {
    return this.#link.transport;
  }

  get counters(): SubscriptionCounters {
    return { ...this.#link.cursor.counters };
  }

  /**
   * The cursor: time of the last row that you are done with. You are done with rows once you ask
   * for the next ones. To go on after a restart, pass it as `since`, together with `market`.
   * Undefined until the server has said which time a `since` of text means.
   */
  get until(): number | undefined {
    return this.#doneUntil ?? this.#link.cursor.startMs;
  }

  /**
   * The market id that goes with `until`; undefined until the server has said it, if you did not.
   * It is another one once something was done to the market.
   */
  get market(): string | undefined {
    return this.#link.market;
  }

  /** The market's time in milliseconds since 1970 UTC; undefined before the server has spoken. */
  serverNowMs(): number | undefined {
    return this.#link.clock.nowMs();
  }

  /** How fast the market's time goes: 1 as a rule, 0 while it stands still. */
  get speed(): number {
    return this.#link.clock.speed;
  }

  /**
   * Read other columns from now on. No row is left out or comes twice; which columns it has, its
   * `symbols` say. For what is in view of a list that scrolls.
   */
  select(symbols: StreamOptions['symbols']): void {
    this.#link.select(symbols);
  }

  /** Connect anew at once, whatever the state; for a button that says so. */
  retry(): void {
    this.#link.retry();
  }

  /** End it. Rows that were not read yet are dropped; `until` is before them. */
  close(): void {
    this.#queue.clear();
    this.#link.stop();
  }

  [Symbol.asyncIterator](): AsyncIterator<Given, undefined> {
    return {
      next: () => this.#next(),
      return: async () => {
        this.close();
        return { done: true, value: undefined };
      },
    };
  }

  #next(): Promise<IteratorResult<Given, undefined>> {
    this.#doneUntil = this.#givenUntil;
    const made = this.#queue.shift();
    if (this.#queue.bytes <= this.#maxQueuedBytes / 2) this.#link.resume();
    if (made !== undefined) return Promise.resolve(this.#given(made));
    const promise = new Promise<IteratorResult<Given, undefined>>((give, fail) =>
      this.#waiting.push({ give, fail }),
    );
    this.#endWaiting();
    return promise;
  }

  #given(made: Made): IteratorResult<Given, undefined> {
    this.#givenUntil = made.until;
    // The server has accepted `fields`, and each frame was seen to hold them.
    return { done: false, value: made as unknown as Given };
  }

  #take(made: Made): void {
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) {
      waiting.give(this.#given(made));
      return;
    }
    this.#link.cursor.counters.rowsSkipped += this.#queue.push(made);
    if (this.#queue.bytes > this.#maxQueuedBytes) this.#link.pause();
  }

  #enter(state: SubscriptionState): void {
    if (state.kind === 'closed' || state.kind === 'refused') {
      this.#signal?.removeEventListener('abort', this.#close);
      this.#endWaiting();
    }
    this.#onState?.(state);
  }

  /** Nobody waits for rows that will not come: the first is told why, once. */
  #endWaiting(): void {
    const { state } = this;
    if (state.kind !== 'closed' && state.kind !== 'refused') return;
    for (const { give, fail } of this.#waiting.splice(0)) {
      if (state.kind === 'closed' || this.#hasThrown) give({ done: true, value: undefined });
      else {
        this.#hasThrown = true;
        fail(new ClientError(state.code, state.message, { details: state.details }));
      }
    }
  }
}
