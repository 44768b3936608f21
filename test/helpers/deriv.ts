import { once } from 'node:events';
import { WebSocket } from 'ws';
import { headAt, timeOf } from '../../src/core/market/grid.ts';
import type { NewProtocol } from '../../src/delivery/protocol.ts';
import { ManualClock } from './clock.ts';
import { eventually } from './eventually.ts';
import { marketOf } from './market.ts';
import { startTestServer, type TestServer, type TestServerOptions, UNHURRIED } from './server.ts';

export const OLDER = '/websockets/v3?app_id=1089&l=EN&brand=';
export const NEWER = '/trading/v1/options/ws/public';

// biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for.
export type Said = any;

/** A little before the next row is due, so that the server looks often at a clock that was moved. */
const BEFORE_MS = 15;

/** A server of a market of whole seconds, and the clock that it goes by. */
export interface DerivServer extends TestServer {
  /** Lets so many rows come. */
  rows(count: number): void;
  /** The time of the newest row that is due. */
  newest(): number;
}

export async function startDeriv(
  spec: { readonly interval: number; readonly origin: number },
  rows: number,
  options: Omit<TestServerOptions, 'spec' | 'clock'> & { protocols?: readonly NewProtocol[] } = {},
): Promise<DerivServer> {
  const { grid } = marketOf(spec);
  const clock = new ManualClock(timeOf(grid, rows) - Math.min(BEFORE_MS, grid.intervalMs));
  const limits = { ...UNHURRIED, ...options.limits };
  const server = await startTestServer({ ...options, spec, rows, clock, limits });
  return {
    ...server,
    clock,
    rows: (count) => clock.pass(count * spec.interval),
    newest: () => timeOf(grid, headAt(grid, clock.nowMs()) - 1),
  };
}

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
