import { timeOf } from '../../core/market/grid.ts';
import { shown } from '../../core/market/shown.ts';
import { type ErrorCode, TickwellError } from '../../wire/errors.ts';
import { rowsMessageJson } from '../../wire/json.ts';
import type { ByeMessage, HelloMessage, ServerMessage } from '../../wire/messages.ts';
import { candleRangeOf, candlesAnswer, readRows } from '../answers.ts';
import { LIMITS } from '../limits.ts';
import {
  checkMarket,
  columnOf,
  columnsOf,
  cursorOf,
  resolutionOf,
  timeMsOf,
  wholeOf,
} from '../requests.ts';
import type { Hub } from './hub.ts';
import type { Socket } from './socket.ts';
import { rowsPerFrame, Subscription } from './subscription.ts';

type Fields = Readonly<Record<string, unknown>>;

const MAX_ID = 2 ** 32 - 1;

/**
 * One client of the stream: understands what it asks, keeps its subscriptions.
 *
 * It never sends rows on its own: the hub does, in one loop for all.
 */
export class Connection {
  readonly subscriptions = new Map<number, Subscription>();
  readonly #hub: Hub;
  readonly #socket: Socket;
  #lastSentMs = 0;
  #pending = 0;
  #isClosed = false;

  constructor(hub: Hub, socket: Socket) {
    this.#hub = hub;
    this.#socket = socket;
    this.#say(this.#hello());
  }

  /** Whether its socket has as much unsent as it may: rows wait until it drains. */
  get isFull(): boolean {
    return this.#socket.bufferedBytes > LIMITS.sendBufferBytes;
  }

  /** Hands one frame to the socket. */
  send(frame: string | Uint8Array): void {
    if (this.#isClosed) return;
    this.#lastSentMs = this.#hub.clock.steadyMs();
    const wasFull = this.isFull;
    this.#socket.send(frame, () => {
      if (wasFull || this.subscriptions.size > 0) this.#hub.drained(this);
    });
  }

  /** Answers one text message. */
  receive(text: string): void {
    let id: number | undefined;
    try {
      const fields = parse(text);
      if (Number.isInteger(fields.id)) id = fields.id as number;
      this.#dispatch(fields);
    } catch (error) {
      this.#refuse(id, error);
    }
  }

  /** Says that it is alive and how far each subscription is complete, if it was silent for long. */
  beat(): void {
    if (this.#hub.clock.steadyMs() - this.#lastSentMs < LIMITS.heartbeatMs) return;
    const { grid } = this.#hub.market;
    const subscriptions: Record<string, number> = {};
    for (const { id, cursor } of this.subscriptions.values()) {
      subscriptions[id] = timeOf(grid, cursor - 1);
    }
    const head = timeOf(grid, this.#hub.history.head - 1);
    this.#say({ type: 'heartbeat', now: this.#hub.clock.nowMs(), head, subscriptions });
  }

  /** Says goodbye and closes. */
  close(code: number, reason: string): void {
    const retryAfterMs = Math.floor(LIMITS.retryAfterMs * (0.25 + 0.75 * Math.random()));
    const bye: ByeMessage = { type: 'bye', code, reason, retryAfterMs };
    this.#say(bye);
    this.#socket.close(code, reason);
    this.closed();
  }

  /** Forgets everything: the socket is gone. */
  closed(): void {
    this.#isClosed = true;
    for (const subscription of this.subscriptions.values()) subscription.isClosed = true;
    this.subscriptions.clear();
  }

  terminate(): void {
    this.#socket.terminate();
  }

  #say(message: ServerMessage): void {
    this.send(JSON.stringify(message));
  }

  #hello(): HelloMessage {
    const { market, history, clock, version } = this.#hub;
    const { originMs, intervalMs } = market.grid;
    return {
      type: 'hello',
      market: market.id,
      version,
      origin: originMs,
      interval: intervalMs,
      head: timeOf(market.grid, history.head - 1),
      now: clock.nowMs(),
      heartbeat: LIMITS.heartbeatMs,
      limits: {
        maxPayloadBytes: LIMITS.maxPayloadBytes,
        maxSubscriptions: LIMITS.maxSubscriptions,
        maxPendingRequests: LIMITS.maxPendingRequests,
        maxCandlesPerAnswer: LIMITS.maxCandlesPerAnswer,
        frameBytes: LIMITS.frameBytes,
      },
    };
  }

  #dispatch(fields: Fields): void {
    switch (fields.type) {
      case 'fetch':
        this.#fetch(fields);
        break;
      case 'subscribe':
        this.#subscribe(fields);
        break;
      case 'unsubscribe':
        this.#unsubscribe(fields);
        break;
      case 'candles':
        this.#candles(fields);
        break;
      case 'ping':
        this.#say({ type: 'pong', id: idOf(fields), now: this.#hub.clock.nowMs() });
        break;
      default:
        throw new TickwellError(
          'unknown_type',
          'type must be one of fetch, subscribe, unsubscribe, candles, ping; given: ' +
            shown(fields.type),
        );
    }
  }

  #fetch(fields: Fields): void {
    const id = idOf(fields);
    const { market, history } = this.#hub;
    checkMarket(market, fields.market);
    const columns = columnsOf(market, required('symbols', fields.symbols));
    const from = cursorOf(market, history.head, fields.since);
    const limit =
      fields.limit === undefined
        ? Number.MAX_SAFE_INTEGER
        : wholeOf('limit', fields.limit, 1, Number.MAX_SAFE_INTEGER);
    const rows = Math.min(limit, rowsPerFrame(market, columns.length));
    const next = Math.max(from, Math.min(history.head, from + rows));
    this.#answer(id, readRows(history, columns, from, next), (prices) => {
      const { grid } = market;
      const lag = Math.max(0, history.head - next);
      this.send(rowsMessageJson(id, timeOf(grid, from - 1), timeOf(grid, next - 1), lag, prices));
    });
  }

  #subscribe(fields: Fields): void {
    const id = idOf(fields);
    const { market, history } = this.#hub;
    checkMarket(market, fields.market);
    const columns = columnsOf(market, required('symbols', fields.symbols));
    const cursor = cursorOf(market, history.head, fields.since);
    if (fields.delivery !== undefined && fields.delivery !== 'all') {
      const given = shown(fields.delivery);
      throw new TickwellError('bad_request', `delivery must be "all"; given: ${given}`);
    }
    if (this.subscriptions.has(id)) {
      throw new TickwellError(
        'bad_request',
        `id must differ from those of running subscriptions; given: ${id}`,
      );
    }
    if (this.subscriptions.size >= LIMITS.maxSubscriptions) {
      throw new TickwellError(
        'too_many',
        `a connection holds at most ${LIMITS.maxSubscriptions} subscriptions; given: one more`,
        { limit: LIMITS.maxSubscriptions },
      );
    }
    const subscription = new Subscription(market, this, id, columns, cursor);
    this.subscriptions.set(id, subscription);
    this.#say({
      type: 'subscribed',
      id,
      symbols: columns.map((column) => market.instruments[column]!.symbol),
      since: timeOf(market.grid, cursor - 1),
    });
    this.#hub.drained(this);
  }

  #unsubscribe(fields: Fields): void {
    const id = idOf(fields);
    const subscription = this.subscriptions.get(id);
    if (subscription === undefined) {
      throw new TickwellError(
        'bad_request',
        `id must be that of a running subscription; given: ${id}`,
      );
    }
    subscription.isClosed = true;
    this.subscriptions.delete(id);
    const until = timeOf(this.#hub.market.grid, subscription.cursor - 1);
    this.#say({ type: 'unsubscribed', id, until });
  }

  #candles(fields: Fields): void {
    const id = idOf(fields);
    const { market, history } = this.#hub;
    checkMarket(market, fields.market);
    const column = columnOf(market, 'symbol', required('symbol', fields.symbol));
    const resolution = resolutionOf(market, required('resolution', fields.resolution));
    const fromMs = timeMsOf('from', required('from', fields.from));
    const count = wholeOf('count', required('count', fields.count), 1, LIMITS.maxCandlesPerAnswer);
    const range = candleRangeOf(history, resolution, { fromMs, count });
    this.#answer(id, candlesAnswer(history, column, resolution, range), (answer) => {
      this.#say({ type: 'candles', id, ...answer });
    });
  }

  /** Runs what a request needs a slice at a time, then sends what `reply` makes of it. */
  #answer<T>(id: number, steps: Generator<unknown, T, void>, reply: (result: T) => void): void {
    if (this.#pending >= LIMITS.maxPendingRequests) {
      throw new TickwellError(
        'too_many',
        `a connection waits for at most ${LIMITS.maxPendingRequests} answers; given: one more`,
        { limit: LIMITS.maxPendingRequests },
      );
    }
    if (this.isFull) {
      throw new TickwellError(
        'too_many',
        `a connection holds at most ${LIMITS.sendBufferBytes} bytes unread; given: one answer more`,
        { limit: LIMITS.sendBufferBytes },
      );
    }
    this.#pending++;
    this.#hub.slicer
      .run(steps)
      .then(reply)
      .catch((error: unknown) => this.#refuse(id, error))
      .finally(() => this.#pending--);
  }

  #refuse(id: number | undefined, error: unknown): void {
    let code: ErrorCode = 'internal';
    let message = 'the server failed; the same request may succeed later';
    let details: Readonly<Record<string, string | number>> = {};
    if (error instanceof TickwellError) ({ code, message, details } = error);
    else this.#hub.onFailure(error);
    const named = id === undefined ? {} : { id };
    this.#say({ type: 'error', ...named, code, message, ...details });
  }
}

function parse(text: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new TickwellError('bad_json', `a message must be JSON; given: ${shown(text)}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TickwellError('bad_request', `a message must be an object; given: ${shown(value)}`);
  }
  return value as Fields;
}

function idOf(fields: Fields): number {
  return wholeOf('id', required('id', fields.id), 0, MAX_ID);
}

function required(field: string, value: unknown): unknown {
  if (value !== undefined) return value;
  throw new TickwellError('bad_request', `${field} is required; given: nothing`);
}
