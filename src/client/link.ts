import type { HelloMessage, RowsMessage, ServerMessage } from '../wire/messages.ts';
import { backoffMs } from './backoff.ts';
import { ServerClock } from './clock.ts';
import { browserHost, type LinkHost, type LinkSocket } from './host.ts';
import { finalClose, type LinkCounters, type LinkState, passesByItself } from './state.ts';

const SUBSCRIPTION_ID = 1;
const PING_ID = 2;
/** Clocks drift apart by some milliseconds in this time. */
const PING_MS = 30_000;
/** A connection that held this long was a good one: the next back-off starts from the bottom. */
const GOOD_CONNECTION_MS = 5_000;
/** Allowed on top of two heartbeats before a silent connection is given up. */
const WATCHDOG_GRACE_MS = 5_000;
const SHORTEST_STALE_MS = 3_000;
const STALE_ROWS = 3;
/** Until the server's hello has told its own. */
const DEFAULT_HEARTBEAT_MS = 15_000;

export interface LinkOptions {
  /** Of the stream, such as `ws://localhost:8080/v1/stream`. */
  readonly url: string;
  readonly symbols: readonly string[] | '*';
  /** The market id; a server of another market is refused. */
  readonly market: string;
  /** Time of the last row the reader already has. */
  readonly since: number;
  readonly intervalMs: number;
  /** Called with every row exactly once, in order, columns in the order of `symbols`. */
  readonly onRows: (rows: RowsMessage) => void;
  readonly onState: (state: LinkState) => void;
}

/**
 * One stream of rows without a gap, over as many connections as it takes.
 *
 *     connecting ──► catching up ──► live ◄──► stale
 *                        ▲             │
 *                        └─ reconnecting / offline          refused (for good)
 *
 * All it remembers is `since`, the time of the last row that was handed over: every connection goes
 * on from there. A frame that does not begin exactly there is refused together with its connection,
 * so what the reader has is always complete up to `since`.
 */
export class Link {
  readonly #options: LinkOptions;
  readonly #host: LinkHost;
  readonly #clock = new ServerClock();
  #state: LinkState = { kind: 'connecting' };
  #since: number;
  #counters = { rows: 0, gaps: 0, duplicates: 0, reconnects: 0, rowsRestored: 0 };

  #socket: LinkSocket | null = null;
  #hello: HelloMessage | null = null;
  #openedMs = 0;
  #attempt = 0;
  #connections = 0;
  #retryAfterMs = 0;
  #heartbeatMs = DEFAULT_HEARTBEAT_MS;
  #cancelRetry: () => void = () => {};
  #cancelWatchdog: () => void = () => {};
  #cancelStale: () => void = () => {};
  #cancelPing: () => void = () => {};
  #pingedMs = 0;
  #stopWaking: () => void = () => {};

  constructor(options: LinkOptions, host: LinkHost = browserHost()) {
    this.#options = options;
    this.#host = host;
    this.#since = options.since;
  }

  get state(): LinkState {
    return this.#state;
  }

  get counters(): LinkCounters {
    return this.#counters;
  }

  /** Time of the last row that was handed over. */
  get since(): number {
    return this.#since;
  }

  /** The server's time; undefined before it has spoken. */
  serverNowMs(): number | undefined {
    return this.#clock.at(this.#host.nowMs());
  }

  start(): void {
    this.#stopWaking = this.#host.onWake(() => {
      if (this.#state.kind !== 'live' && this.#state.kind !== 'catching up') this.retry();
    });
    this.#connect();
  }

  stop(): void {
    this.#stopWaking();
    this.#disconnect();
  }

  /** Connect now, whatever the back-off says. */
  retry(): void {
    if (this.#state.kind === 'refused') return;
    this.#disconnect();
    this.#connect();
  }

  #connect(): void {
    this.#cancelRetry();
    this.#hello = null;
    if (this.#state.kind !== 'connecting' && this.#state.kind !== 'offline') {
      this.#enter({ kind: 'reconnecting', attempt: Math.max(1, this.#attempt), inMs: 0 });
    }
    const socket = this.#host.openSocket(this.#options.url);
    this.#socket = socket;
    this.#openedMs = this.#host.nowMs();
    socket.onmessage = (event) => {
      if (socket === this.#socket) this.#receive(event.data);
    };
    socket.onclose = (event) => {
      if (socket === this.#socket) this.#closed(event.code, event.reason);
    };
    socket.onerror = null;
    this.#feedWatchdog();
  }

  /** Let go of the socket: whatever it still delivers belongs to an older connection. */
  #disconnect(): void {
    this.#cancelRetry();
    this.#cancelWatchdog();
    this.#cancelStale();
    this.#cancelPing();
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #closed(code: number, reason: string): void {
    this.#disconnect();
    const final = finalClose(code);
    if (final === undefined) this.#comeBack();
    else this.#refuse(final[0], reason === '' ? final[1] : reason);
  }

  #comeBack(): void {
    if (this.#hello !== null && this.#host.nowMs() - this.#openedMs >= GOOD_CONNECTION_MS) {
      this.#attempt = 0;
    }
    this.#disconnect();
    this.#attempt += 1;
    const inMs = Math.max(this.#retryAfterMs, backoffMs(this.#attempt, this.#host.random));
    this.#retryAfterMs = 0;
    this.#cancelRetry = this.#host.setTimer(inMs, () => this.#connect());
    this.#enter(
      this.#host.isOnline()
        ? { kind: 'reconnecting', attempt: this.#attempt, inMs }
        : { kind: 'offline' },
    );
  }

  #refuse(code: string, message: string): void {
    this.stop();
    this.#enter({ kind: 'refused', code, message });
  }

  #receive(data: unknown): void {
    this.#feedWatchdog();
    const message = parse(data);
    switch (message?.type) {
      case 'hello':
        this.#greet(message);
        break;
      case 'subscribed':
        this.#subscribed(message.since);
        break;
      case 'rows':
        this.#take(message);
        break;
      case 'heartbeat':
        this.#clock.observe(message.now, this.#host.nowMs());
        if ((message.subscriptions[SUBSCRIPTION_ID] ?? this.#since) !== this.#since) this.#gap();
        break;
      case 'pong':
        this.#clock.set(message.now, this.#pingedMs, this.#host.nowMs());
        break;
      case 'error':
        if (passesByItself(message.code)) this.#comeBack();
        else this.#refuse(message.code, message.message);
        break;
      case 'bye':
        this.#retryAfterMs = message.retryAfterMs;
        break;
      case undefined:
        this.#refuse('protocol_error', 'The server sent something that is not a message.');
        break;
      default:
    }
  }

  #greet(hello: HelloMessage): void {
    const { market, symbols } = this.#options;
    const nowMs = this.#host.nowMs();
    this.#clock.set(hello.now, nowMs, nowMs);
    this.#heartbeatMs = hello.heartbeat;
    this.#hello = hello;
    if (hello.market !== market) {
      this.#refuse('market_changed', `The server now serves the market ${hello.market}.`);
      return;
    }
    this.#socket?.send(
      JSON.stringify({
        type: 'subscribe',
        id: SUBSCRIPTION_ID,
        symbols,
        since: this.#since,
        market,
      }),
    );
  }

  #subscribed(since: number): void {
    if (since !== this.#since) {
      this.#gap();
      return;
    }
    this.#connections += 1;
    this.#counters.reconnects = this.#connections - 1;
    this.#ping();
    const behindMs = Math.max(0, (this.#hello?.head ?? since) - since);
    this.#enterOpen(Math.round(behindMs / this.#options.intervalMs));
  }

  #take(rows: RowsMessage): void {
    if (rows.since !== this.#since || rows.until < rows.since) {
      this.#counters[rows.since > this.#since ? 'gaps' : 'duplicates'] += 1;
      this.#comeBack();
      return;
    }
    const { intervalMs, onRows } = this.#options;
    this.#clock.observe(rows.until, this.#host.nowMs());
    onRows(rows);
    this.#since = rows.until;
    this.#counters.rows += Math.round((rows.until - rows.since) / intervalMs);
    if (this.#connections > 1) {
      const missedUntil = Math.min(rows.until, this.#hello?.head ?? rows.until);
      const missedMs = Math.max(0, missedUntil - rows.since);
      this.#counters.rowsRestored += Math.round(missedMs / intervalMs);
    }
    this.#enterOpen(rows.lag);
  }

  #ping(): void {
    this.#pingedMs = this.#host.nowMs();
    this.#socket?.send(JSON.stringify({ type: 'ping', id: PING_ID }));
    this.#cancelPing = this.#host.setTimer(PING_MS, () => this.#ping());
  }

  #gap(): void {
    this.#counters.gaps += 1;
    this.#comeBack();
  }

  /** A row or two behind is the ordinary jitter of a live stream, not a reader that catches up. */
  #enterOpen(lagRows: number): void {
    const slackRows = this.#state.kind === 'live' ? this.#staleMs() / this.#options.intervalMs : 0;
    this.#enter(lagRows > slackRows ? { kind: 'catching up', lagRows } : { kind: 'live' });
    this.#cancelStale();
    this.#cancelStale = this.#host.setTimer(this.#staleMs(), () =>
      this.#enter(this.#host.isOnline() ? { kind: 'stale' } : { kind: 'offline' }),
    );
  }

  #staleMs(): number {
    return Math.max(SHORTEST_STALE_MS, STALE_ROWS * this.#options.intervalMs);
  }

  #feedWatchdog(): void {
    this.#cancelWatchdog();
    const silentMs = 2 * this.#heartbeatMs + WATCHDOG_GRACE_MS;
    this.#cancelWatchdog = this.#host.setTimer(silentMs, () => this.#comeBack());
  }

  #enter(state: LinkState): void {
    const same =
      state.kind === this.#state.kind && (state.kind === 'live' || state.kind === 'stale');
    this.#state = state;
    if (!same) this.#options.onState(state);
  }
}

function parse(data: unknown): ServerMessage | undefined {
  if (typeof data !== 'string') return undefined;
  try {
    const value: unknown = JSON.parse(data);
    const isMessage = typeof value === 'object' && value !== null && 'type' in value;
    return isMessage ? (value as ServerMessage) : undefined;
  } catch {
    return undefined;
  }
}
