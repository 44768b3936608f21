import type { Delivery, Field, TimeText } from '../wire/messages.ts';
import type { Transport } from './connection.ts';
import { ClientError } from './error.ts';
import type { DefaultFields } from './fields.ts';
import { defaultHost, type Host, type SocketClass } from './host.ts';
import { Link } from './link.ts';
import { RowsQueue } from './queue.ts';
import type { AnyRows, Rows } from './rows.ts';
import type { SubscriptionCounters, SubscriptionState } from './state.ts';
import { type ServerUrl, streamUrl } from './url.ts';

const JSON_PROTOCOL = 'tickwell.v1.json';
const BINARY_PROTOCOL = 'tickwell.v1.bin';
const MAX_QUEUED_BYTES = 8 * 2 ** 20;

export interface SubscribeOptions<Fields extends readonly Field[] = DefaultFields> {
  /** The server, `http(s)://host[:port][/prefix]`, or its stream, `ws(s)://.../v1/stream`. */
  readonly url: ServerUrl;
  /** The columns, in this order; `*` for all instruments of the market. */
  readonly symbols: readonly string[] | '*';
  /**
   * The time of the last row you have: milliseconds, RFC 3339 text, or `now` for the rows after
   * the newest. There is no default: skipping rows is a decision.
   */
  readonly since: TimeText;
  /** The market id that goes with `since`. Any other ends the subscription: `market_changed`. */
  readonly market?: string | undefined;
  /** What is wanted of each row; `prices` are those of `last`. Default `last` alone. */
  readonly fields?: Fields | undefined;
  /** `latest` leaves out rows for which you are too late, and says so. Default `all`. */
  readonly delivery?: Delivery | undefined;
  /** How rows travel. Default `bin`, with JSON if the server has no other. */
  readonly format?: 'bin' | 'json' | undefined;
  /** How rows come. Default: over a WebSocket, or as events where none gets through. */
  readonly transport?: Transport | undefined;
  /** The WebSocket class. Default: the global one, which Node has from 22 on. */
  readonly WebSocket?: SocketClass | undefined;
  /** Ends the subscription, as `close()` does. */
  readonly signal?: AbortSignal | undefined;
  /** Called with every new state, never before `subscribe` has returned. */
  readonly onState?: ((state: SubscriptionState) => void) | undefined;
  /** About how many bytes of rows may wait for you before the server is paused. Default 8 MiB. */
  readonly maxQueuedBytes?: number | undefined;
  /** Sockets, timers and clock; for tests. Then `WebSocket` is not used. */
  readonly host?: Host | undefined;
}

/**
 * The rows of a market after `since`, to be read with `for await`: each exactly once, in order,
 * without end, whatever happens to connections in between.
 *
 * It connects at once. Leaving the loop closes it, and so do `close()` and the `signal`; the loop
 * then ends. If the server refuses, the loop throws a `ClientError` after the last rows: another
 * market (`market_changed`), a wrong request (`unknown_symbol`, `bad_cursor`, ...), a close for
 * good (see `ClientErrorCode`). All else, it waits and comes back.
 *
 * Throws `bad_url`, `bad_request` for an option that there is not, and `no_websocket` where there
 * is no WebSocket class.
 */
export function subscribe<const Fields extends readonly Field[] = DefaultFields>(
  options: SubscribeOptions<Fields>,
): Subscription<Fields> {
  return new Subscription(options);
}

const OPTIONS =
  'url symbols since market fields delivery format transport WebSocket signal onState ' +
  'maxQueuedBytes host';

/** For programs that no compiler has seen: what is ignored in silence is taken for done. */
function checkNames(options: object): void {
  for (const name of Object.keys(options)) {
    if (OPTIONS.split(' ').includes(name)) continue;
    throw new ClientError('bad_request', `unknown option "${name}"; there are ${OPTIONS}`);
  }
}

/** Rows as they come; what `subscribe` returns. To be read by one loop. */
export class Subscription<Fields extends readonly Field[] = DefaultFields>
  implements AsyncIterable<Rows<Fields>>
{
  readonly #link: Link;
  readonly #queue: RowsQueue;
  readonly #maxQueuedBytes: number;
  readonly #signal: AbortSignal | undefined;
  readonly #onState: ((state: SubscriptionState) => void) | undefined;
  readonly #close = () => this.close();
  #waiting: {
    give(result: IteratorResult<Rows<Fields>, undefined>): void;
    fail(error: Error): void;
  }[] = [];
  /** `until` of the rows that the application is done with, and of those that it has. */
  #doneUntil: number | undefined;
  #givenUntil: number | undefined;
  #hasThrown = false;

  constructor(options: SubscribeOptions<Fields>) {
    checkNames(options);
    const { delivery = 'all', symbols, since, market, signal, format } = options;
    this.#queue = new RowsQueue(delivery);
    this.#maxQueuedBytes = options.maxQueuedBytes ?? MAX_QUEUED_BYTES;
    this.#onState = options.onState;
    this.#signal = signal;
    const link = {
      url: streamUrl(options.url),
      protocols: format === 'json' ? [JSON_PROTOCOL] : [BINARY_PROTOCOL, JSON_PROTOCOL],
      symbols,
      fields: options.fields,
      market,
      since,
      delivery,
      transport: options.transport,
      onRows: (rows: AnyRows) => this.#take(rows),
      onState: (state: SubscriptionState) => this.#enter(state),
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

  /** The market id; undefined until the server has said it, if you did not. */
  get market(): string | undefined {
    return this.#link.market;
  }

  /** The server's time in milliseconds since 1970 UTC; undefined before it has spoken. */
  serverNowMs(): number | undefined {
    return this.#link.clock.nowMs();
  }

  /**
   * Read other columns from now on. No row is left out or comes twice; which columns it has,
   * `rows.symbols` says. For what is in view of a list that scrolls.
   */
  select(symbols: SubscribeOptions['symbols']): void {
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

  [Symbol.asyncIterator](): AsyncIterator<Rows<Fields>, undefined> {
    return {
      next: () => this.#next(),
      return: async () => {
        this.close();
        return { done: true, value: undefined };
      },
    };
  }

  #next(): Promise<IteratorResult<Rows<Fields>, undefined>> {
    this.#doneUntil = this.#givenUntil;
    const rows = this.#queue.shift();
    if (this.#queue.bytes <= this.#maxQueuedBytes / 2) this.#link.resume();
    if (rows !== undefined) return Promise.resolve(this.#given(rows));
    const promise = new Promise<IteratorResult<Rows<Fields>, undefined>>((give, fail) =>
      this.#waiting.push({ give, fail }),
    );
    this.#endWaiting();
    return promise;
  }

  #given(rows: AnyRows): IteratorResult<Rows<Fields>, undefined> {
    this.#givenUntil = rows.until;
    // The server has accepted `fields`, and each frame was seen to hold them.
    return { done: false, value: rows as unknown as Rows<Fields> };
  }

  #take(rows: AnyRows): void {
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) {
      waiting.give(this.#given(rows));
      return;
    }
    this.#link.cursor.counters.rowsSkipped += this.#queue.push(rows);
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
