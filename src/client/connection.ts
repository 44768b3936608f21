import type { ByeMessage } from '../wire/messages.ts';
import { backoffMs } from './backoff.ts';
import { parseMessage, type Received } from './decode.ts';
import { millisecondsOf } from './error.ts';
import type { Host, Socket } from './host.ts';
import { finalClose, type Refusal } from './state.ts';

/** A connection that held this long was a good one: the next back-off starts from the bottom. */
const GOOD_CONNECTION_MS = 5_000;
/** Allowed on top of two heartbeats before a silent connection is given up. */
const WATCHDOG_GRACE_MS = 5_000;
/** Until the server's hello has told its own. */
const DEFAULT_HEARTBEAT_MS = 15_000;
/** Says no more than that the connection broke: a code in `bye` says more. */
const BROKEN = 1006;

export interface ConnectionEvents {
  onMessage(message: Received): void;
  /** There is no connection now; attempt number `attempt` follows `inMs` from now. */
  onDown(attempt: number, inMs: number): void;
  /** The connection has ended for good. */
  onRefused(refusal: Refusal): void;
}

/**
 * A socket that is replaced whenever it fails: closed, silent for too long, or given up.
 *
 * Only what the newest socket says is passed on: whatever an older one still delivers belongs to a
 * conversation that is over.
 */
export class Connection {
  readonly #url: string;
  readonly #protocols: readonly string[];
  readonly #host: Host;
  readonly #events: ConnectionEvents;

  #socket: Socket | null = null;
  #isGreeted = false;
  #openedMs = 0;
  #attempt = 0;
  #bye: ByeMessage | undefined;
  #heartbeatMs = DEFAULT_HEARTBEAT_MS;
  /** The server asked not to come back before this. */
  #notBeforeMs = 0;
  #cancelRetry: () => void = () => {};
  #cancelWatchdog: () => void = () => {};

  constructor(url: string, protocols: readonly string[], host: Host, events: ConnectionEvents) {
    this.#url = url;
    this.#protocols = protocols;
    this.#host = host;
    this.#events = events;
  }

  /** Connect now, whatever the back-off says and whatever is open. */
  connect(): void {
    this.disconnect();
    this.#isGreeted = false;
    this.#bye = undefined;
    const socket = this.#host.openSocket(this.#url, this.#protocols);
    this.#socket = socket;
    this.#openedMs = this.#host.nowMs();
    socket.binaryType = 'arraybuffer';
    socket.onmessage = ({ data }) => {
      if (socket === this.#socket) this.#receive(data);
    };
    socket.onclose = ({ code, reason }) => {
      if (socket === this.#socket) this.#closed(code, reason);
    };
    // The close that follows says it; without a handler, ws would throw.
    socket.onerror = () => {};
    this.#feedWatchdog();
  }

  /** Connect anew, now. */
  retry(): void {
    this.#events.onDown(Math.max(1, this.#attempt), 0);
    this.connect();
  }

  /** Connect anew, unless the server asked for patience. */
  wake(): void {
    if (this.#host.nowMs() >= this.#notBeforeMs) this.retry();
  }

  /** The server has said hello: it is alive, and promises a sign of life every `heartbeatMs`. */
  greeted(heartbeatMs: number): void {
    this.#isGreeted = true;
    this.#heartbeatMs = heartbeatMs;
    this.#feedWatchdog();
  }

  send(message: object): void {
    this.#socket?.send(JSON.stringify(message));
  }

  /** Give the connection up and come back, at the earliest after `retryAfterMs`. */
  comeBack(retryAfterMs = 0): void {
    const nowMs = this.#host.nowMs();
    if (this.#isGreeted && nowMs - this.#openedMs >= GOOD_CONNECTION_MS) this.#attempt = 0;
    this.disconnect();
    this.#attempt += 1;
    this.#notBeforeMs = nowMs + retryAfterMs;
    const inMs = Math.max(retryAfterMs, backoffMs(this.#attempt, this.#host.random));
    this.#cancelRetry = this.#host.setTimer(inMs, () => this.retry());
    this.#events.onDown(this.#attempt, inMs);
  }

  /** Let go of the socket, and do not come back. */
  disconnect(): void {
    this.#cancelRetry();
    this.#cancelWatchdog();
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #closed(code: number, reason: string): void {
    const refusal = finalClose(code === BROKEN ? (this.#bye?.code ?? code) : code, reason);
    if (refusal === undefined) this.comeBack(millisecondsOf(this.#bye?.retryAfterMs));
    else this.#refuse(refusal);
  }

  #refuse(refusal: Refusal): void {
    this.disconnect();
    this.#events.onRefused(refusal);
  }

  #receive(data: unknown): void {
    this.#feedWatchdog();
    const message = parseMessage(data);
    if (message === undefined) {
      const sentence = 'The server sent something that is not a message.';
      this.#refuse({ code: 'protocol_error', message: sentence, details: {} });
    } else if (message.type === 'bye') this.#bye = message;
    else this.#events.onMessage(message);
  }

  #feedWatchdog(): void {
    this.#cancelWatchdog();
    const silentMs = 2 * this.#heartbeatMs + WATCHDOG_GRACE_MS;
    this.#cancelWatchdog = this.#host.setTimer(silentMs, () => this.comeBack());
  }
}
