import { once } from 'node:events';
import { WebSocket } from 'ws';
import { eventually } from './eventually.ts';
import type { TestServer } from './server.ts';

export const OLDER = '/websockets/v3?app_id=1089&l=EN&brand=';
export const NEWER = '/trading/v1/options/ws/public';

// biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for.
export type Said = any;

/** A client that keeps all that it is told, in order. */
export class DerivClient {
  readonly told: Said[] = [];
  /** The texts of these. */
  readonly texts: string[] = [];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  readonly socket: WebSocket;
  #requests = 0;

  constructor(url: string, path = OLDER) {
    this.socket = new WebSocket(url.replace('http', 'ws') + path);
    this.socket.on('error', () => {});
    this.socket.on('message', (data) => {
      const text = String(data);
      this.texts.push(text);
      this.told.push(JSON.parse(text));
    });
    this.closed = new Promise((resolve) => {
      this.socket.on('close', (code, reason) => resolve({ code, reason: String(reason) }));
    });
  }

  static async open(server: TestServer, path = OLDER): Promise<DerivClient> {
    const client = new DerivClient(server.server.url, path);
    await once(client.socket, 'open');
    return client;
  }

  send(request: object | string | Uint8Array): void {
    const isRaw = typeof request === 'string' || request instanceof Uint8Array;
    this.socket.send(isRaw ? request : JSON.stringify(request));
  }

  /** The first answer to a request, under a number of its own. */
  ask(request: object): Promise<Said> {
    const id = ++this.#requests;
    this.send({ ...request, req_id: id });
    return eventually(() => {
      const found = this.told.find(({ req_id }) => req_id === id);
      if (found === undefined) throw new Error(`no answer to ${JSON.stringify(request)}`);
      return found;
    });
  }

  /** All that it was told of a stream, in order: ticks, candles as they form. */
  of(id: string): Said[] {
    return this.told.flatMap(({ tick, ohlc }) => {
      const value = tick ?? ohlc;
      return value?.id === id ? [value] : [];
    });
  }

  close(): void {
    this.socket.close();
  }
}
