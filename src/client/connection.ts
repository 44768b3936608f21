import { backoffMs } from './backoff.ts';
import { parseMessage, type Received } from './decode.ts';
import { type ClientError, millisecondsOf } from './error.ts';
import { askHello, EventSocket } from './event-socket.ts';
import type { Host, Socket } from './host.ts';
import type { Kind } from './kind.ts';
import { HUNG_MS, probe } from './probe.ts';
import { BROKEN, closeReason, type Goodbye, type Reason, reason, reasonOf } from './reason.ts';
import { finalClose, type Refusal } from './state.ts';

/** A connection that held this long was a good one: the next back-off starts from the bottom. */
const GOOD_CONNECTION_MS = 5_000;
/** Allowed on top of two heartbeats before a silent connection is given up. */
const WATCHDOG_GRACE_MS = 5_000;
/** Until the server's hello has told its own. */
const DEFAULT_HEARTBEAT_MS = 15_000;
/** One may fail because the server was just not there yet. */
const ENOUGH_BLOCKED = 2;
/** A server of which nothing else comes, so many times in a row, speaks another language. */
const ENOUGH_GARBLED = 5;

/** How rows come: over a WebSocket, or as server-sent events. */
export type Transport = 'websocket' | 'events';

export interface ConnectionOptions {
  /** What its frames are of. */
  readonly kind: Pick<Kind<never>, 'parseBytes' | 'parseText'>;
  /** Of the stream, such as `ws://localhost:8080/v1/stream`. */
  readonly url: string;
  readonly protocols: readonly string[];
  /** Undefined for what gets through: WebSockets, or else events. */
  readonly transport?: Transport | undefined;
}

export interface ConnectionEvents {
  onMessage(message: Received): void;
  /** There is no connection now; attempt number `attempt` follows `inMs` from now. */
  onDown(attempt: number, inMs: number, reason: Reason): void;
  /** The connection is another one now; what it has said comes next. */
  onSwitch(): void;
  /** The connection has ended for good. */
  onRefused(refusal: Refusal): void;
}

/**
 * A socket that is replaced whenever it fails: closed, silent for too long, or given up.
 *
 * Where a WebSocket cannot be opened, it asks over HTTP why. If the server says no, that is the
 * end; if it says hello, something on the way stops WebSockets, and rows come as events until one
 * gets through.
 *
 * Only what the newest socket says is passed on: whatever an older one still delivers belongs to a
 * conversation that is over.
 */
export class Connection {
  transport: Transport;
  readonly #options: ConnectionOptions;
  readonly #host: Host;
  readonly #events: ConnectionEvents;

  #socket: Socket | null = null;
  #isGreeted = false;
  #wasEverGreeted = false;
  #openedMs = 0;
  #attempt = 0;
  /** WebSockets in a row that were not opened by a server that answers over HTTP. */
  #blocked = 0;
  /** How often in a row something came that could not be read. */
  #garbled = 0;
  #bye: Goodbye | undefined;
  #heartbeatMs = DEFAULT_HEARTBEAT_MS;
  /** The server asked not to come back before this. */
  #notBeforeMs = 0;
  #reason = reason('lost');
  #dueMs = 0;
  #cancelRetry: () => void = () => {};
  #cancelWatchdog: () => void = () => {};
  #cancelHung: () => void = () => {};
  #cancelProbe: () => void = () => {};
  #cancelQuestion: () => void = () => {};

  constructor(options: ConnectionOptions, host: Host, events: ConnectionEvents) {
    this.transport = options.transport ?? 'websocket';
    this.#options = options;
    this.#host = host;
    this.#events = events;
  }

  /** Connect now, whatever the back-off says and whatever is open. */
  connect(): void {
    this.#drop();
    if (this.transport === 'events') this.#use(new EventSocket(this.#options.url, this.#host));
    else {
      this.#use(this.#open());
      this.#cancelHung = this.#host.setTimer(HUNG_MS, () => this.#askWhy(ENOUGH_BLOCKED));
    }
  }

  /** Connect anew, now, because somebody has asked for it. */
  retry(): void {
    this.#reason = reason('asked');
    this.#tryAnyWay();
  }

  /** Connect anew, unless the server asked for patience. */
  wake(): void {
    if (this.#host.nowMs() >= this.#notBeforeMs) this.#tryAnyWay();
  }

  /** The server has said hello: it is alive, and promises a sign of life every `heartbeatMs`. */
  greeted(heartbeatMs: number): void {
    this.#isGreeted = true;
    this.#wasEverGreeted = true;
    this.#heartbeatMs = heartbeatMs;
    this.#cancelHung();
    this.#cancelQuestion();
    this.#feedWatchdog();
    if (this.transport === 'websocket') this.#blocked = 0;
    else if (this.#options.transport === undefined) {
      this.#cancelProbe = probe(
        () => this.#open(),
        this.#host,
        (socket, hello) => this.#switch(socket, hello),
      );
    }
  }

  /** Something came that is to be read, and could be. */
  understood(): void {
    this.#garbled = 0;
  }

  /** What came cannot be read: ask for it again, unless nothing else ever comes. */
  garbled(message: string): void {
    this.#garbled += 1;
    if (this.#wasEverGreeted && this.#garbled < ENOUGH_GARBLED) this.comeBack(reason('garbled'));
    else this.#refuse({ code: 'protocol_error', message, details: {} });
  }

  send(message: object): void {
    this.#socket?.send(JSON.stringify(message));
  }

  /** Give the connection up and come back, when the reason says so at the earliest. */
  comeBack(why: Reason): void {
    const retryAfterMs = millisecondsOf(why.details.retryAfterMs) ?? 0;
    const nowMs = this.#host.nowMs();
    if (this.#isGreeted && nowMs - this.#openedMs >= GOOD_CONNECTION_MS) this.#attempt = 0;
    this.#drop();
    this.#attempt += 1;
    this.#notBeforeMs = nowMs + retryAfterMs;
    this.#reason = why;
    const inMs = Math.max(retryAfterMs, backoffMs(this.#attempt, this.#host.random));
    this.#dueMs = nowMs + inMs;
    this.#cancelRetry = this.#host.setTimer(inMs, () => this.#tryAgain());
    this.#tell();
  }

  /** Let go of the socket, and do not come back. */
  disconnect(): void {
    this.#cancelQuestion();
    this.#drop();
  }

  #drop(): void {
    this.#cancelRetry();
    this.#cancelWatchdog();
    this.#cancelHung();
    this.#cancelProbe();
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #open(): Socket {
    return this.#host.openSocket(this.#options.url, this.#options.protocols);
  }

  #use(socket: Socket): void {
    this.#socket = socket;
    this.#isGreeted = false;
    this.#bye = undefined;
    this.#openedMs = this.#host.nowMs();
    socket.binaryType = 'arraybuffer';
    socket.onmessage = ({ data }) => {
      if (socket === this.#socket) this.#receive(data);
    };
    socket.onclose = ({ code, reason, error }) => {
      if (socket === this.#socket) this.#closed(code, reason, error);
    };
    // The close that follows says it; without a handler, ws would throw.
    socket.onerror = () => {};
    this.#feedWatchdog();
  }

  /** A WebSocket gets through by now: it goes on from where the events are. */
  #switch(socket: Socket, hello: unknown): void {
    this.#drop();
    this.transport = 'websocket';
    this.#events.onSwitch();
    this.#use(socket);
    this.#receive(hello);
  }

  /** Something has changed: what did not get through before may do so now. */
  #tryAnyWay(): void {
    this.transport = this.#options.transport ?? 'websocket';
    this.#tryAgain();
  }

  #tryAgain(): void {
    this.#dueMs = 0;
    this.#tell();
    this.connect();
  }

  #tell(): void {
    const inMs = Math.max(0, this.#dueMs - this.#host.nowMs());
    this.#events.onDown(Math.max(1, this.#attempt), inMs, this.#reason);
  }

  #closed(code: number, said: string, error: ClientError | undefined): void {
    const bye = this.#bye;
    const closeCode = code === BROKEN ? (bye?.code ?? code) : code;
    const why = said || (bye?.reason ?? '');
    const refusal = finalClose(closeCode, why);
    if (refusal !== undefined) this.#refuse(refusal);
    else if (error !== undefined && this.#isFinal(error)) this.#refuse(reasonOf(error));
    else {
      const isUnopened = !this.#isGreeted && bye === undefined;
      this.comeBack(error === undefined ? closeReason(closeCode, why, bye) : reasonOf(error));
      if (!isUnopened) return;
      if (this.transport === 'websocket') this.#askWhy(1);
      else this.transport = this.#options.transport ?? 'websocket';
    }
  }

  /** Ask over HTTP why a WebSocket was not opened; a hello counts as so many blocked ones. */
  #askWhy(blocked: number): void {
    this.#cancelQuestion();
    const stop = new AbortController();
    this.#cancelQuestion = () => stop.abort();
    askHello(this.#options.url, this.#host, stop.signal).then(
      () => {
        if (!stop.signal.aborted) this.#noteBlocked(blocked);
      },
      (error: ClientError) => {
        if (stop.signal.aborted) return;
        if (this.#isFinal(error)) this.#refuse(reasonOf(error));
        else this.#explain(reasonOf(error));
      },
    );
  }

  #noteBlocked(count: number): void {
    this.#blocked += count;
    if (this.#blocked < ENOUGH_BLOCKED || this.#options.transport !== undefined) {
      this.#explain(reason('blocked'));
      return;
    }
    // Once it has been so, one more failure is enough.
    this.#blocked = ENOUGH_BLOCKED - 1;
    this.transport = 'events';
    this.connect();
  }

  /** Now more is known of why there is no connection. */
  #explain(why: Reason): void {
    this.#reason = why;
    this.#tell();
  }

  /**
   * Whether to come back would only repeat it. Who was there before may be there again: until then
   * a proxy may answer for it.
   */
  #isFinal({ code, retry }: ClientError): boolean {
    return !retry && (code !== 'unexpected_answer' || !this.#wasEverGreeted);
  }

  #refuse(refusal: Refusal): void {
    this.disconnect();
    this.#events.onRefused(refusal);
  }

  #receive(data: unknown): void {
    this.#feedWatchdog();
    const message = parseMessage(data, this.#options.kind);
    if (message === undefined) this.garbled('The server sent what is not a message.');
    else if (message.type === 'bye') this.#bye = message;
    else this.#events.onMessage(message);
  }

  #feedWatchdog(): void {
    this.#cancelWatchdog();
    const silentMs = 2 * this.#heartbeatMs + WATCHDOG_GRACE_MS;
    this.#cancelWatchdog = this.#host.setTimer(silentMs, () => this.comeBack(reason('silence')));
  }
}
