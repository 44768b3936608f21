import type { Host, Socket } from '../../src/client/host.ts';
import { DEFAULT_FIELDS } from '../../src/core/market/fields.ts';
import { fillRowsHead, ROWS_HEAD_BYTES, valuesBytes } from '../../src/wire/binary.ts';
import type { ServerMessage } from '../../src/wire/messages.ts';

/** What a client has sent. */
interface Sent {
  readonly type: string;
  readonly id: number;
  readonly since?: number | string;
  readonly market?: string;
  readonly delivery?: string;
  readonly symbols?: readonly string[] | '*';
}

/** A socket that a test holds the other end of. */
export class FakeSocket implements Socket {
  binaryType = 'blob';
  onmessage: Socket['onmessage'] = null;
  onclose: Socket['onclose'] = null;
  onerror: Socket['onerror'] = null;
  readonly protocols: readonly string[];
  readonly sent: Sent[] = [];
  isClosed = false;

  constructor(protocols: readonly string[]) {
    this.protocols = protocols;
  }

  send(text: string): void {
    if (this.isClosed) throw new Error('nothing can be sent over a socket that is closed');
    this.sent.push(JSON.parse(text));
  }

  close(): void {
    this.isClosed = true;
  }

  /** The newest subscription that was asked for on it. */
  get asked(): Sent | undefined {
    return this.sent.findLast(({ type }) => type === 'subscribe');
  }

  /** The server says this. */
  say(message: ServerMessage | object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  /** Something arrives that need not be a message. */
  deliver(data: unknown): void {
    this.onmessage?.({ data });
  }

  /** The server, or the network, ends it. */
  end(code = 1006, reason = ''): void {
    this.onclose?.({ code, reason });
  }
}

/** Time, chance and network in the hands of a test. */
export class World implements Host {
  readonly sockets: FakeSocket[] = [];
  online = true;
  wake: () => void = () => {};
  /** What is asked over HTTP, and answered by nobody unless a test does. */
  fetch: Host['fetch'] = () => Promise.reject(new TypeError('there is no network'));
  #nowMs = 1_000;
  #timers: { dueMs: number; run: () => void }[] = [];

  openSocket(_url: string, protocols: readonly string[] = []): FakeSocket {
    const socket = new FakeSocket(protocols);
    this.sockets.push(socket);
    return socket;
  }

  get socket(): FakeSocket {
    return this.sockets.at(-1)!;
  }

  /** Timers that are still to come: none, once all is over. */
  get timers(): number {
    return this.#timers.length;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  setTimer(afterMs: number, run: () => void): () => void {
    const timer = { dueMs: this.#nowMs + afterMs, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  random(): number {
    return 0.5;
  }

  isOnline(): boolean {
    return this.online;
  }

  onWake(wake: () => void): () => void {
    this.wake = wake;
    return () => {
      this.wake = () => {};
    };
  }

  /** Let time pass; whatever falls due happens at its time. */
  pass(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      const next = this.#timers.filter(({ dueMs }) => dueMs <= untilMs).sort(byTime)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#nowMs = next.dueMs;
      next.run();
    }
    this.#nowMs = untilMs;
  }
}

function byTime(a: { dueMs: number }, b: { dueMs: number }): number {
  return a.dueMs - b.dueMs;
}

export const INTERVAL = 1_000;
export const START = 60_000;

/** What the server of a fake market says first. */
export function hello(socket: FakeSocket, head: number, market = 'm1'): void {
  socket.say({
    type: 'hello',
    market,
    version: '0',
    origin: 0,
    interval: INTERVAL,
    head,
    now: head + 5,
    heartbeat: 15_000,
    limits: {},
  });
}

/** The server takes the newest subscription as it was asked for; `now` means the head. */
export function grant(socket: FakeSocket, head: number): void {
  const { id, since, symbols } = socket.asked!;
  const from = since === 'now' ? head : since!;
  const names = symbols === '*' ? ['a'] : symbols;
  socket.say({ type: 'subscribed', id, symbols: names, since: from });
}

/** Hello, and the subscription granted. */
export function accept(socket: FakeSocket, head: number): void {
  hello(socket, head);
  grant(socket, head);
}

/** The rows `(since, until]` of the column `a`, whose price is the number of the row. */
export function frame(since: number, until: number, lag = 0, id = 1) {
  const count = Math.max(0, (until - since) / INTERVAL);
  const prices = Array.from({ length: count }, (_, row) => since / INTERVAL + row + 1);
  return { type: 'rows' as const, id, since, until, lag, prices: [prices] };
}

/** The same as bytes. */
export function binaryFrame(since: number, until: number, lagRows = 0, id = 1): ArrayBuffer {
  const prices = Uint16Array.from(frame(since, until).prices[0]!);
  const bytes = new Uint8Array(ROWS_HEAD_BYTES + prices.byteLength);
  const shape = { dtype: 'uint16' as const, rows: prices.length, columns: 1 };
  fillRowsHead(bytes, { ...shape, id, since, until, lagRows });
  bytes.set(valuesBytes(DEFAULT_FIELDS, [prices]), ROWS_HEAD_BYTES);
  return bytes.buffer;
}
