import { connect as connectTcp } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { pino } from 'pino';
import { timeOf } from '../../src/core/market/grid.ts';
import type { Market } from '../../src/core/market/market.ts';
import type { NewProtocol } from '../../src/delivery/protocol.ts';
import type { AccessOptions } from '../../src/host/access/access-policy.ts';
import type { Clock } from '../../src/host/clock.ts';
import type { FaultOptions } from '../../src/host/faults/fault-settings.ts';
import type { Peers } from '../../src/host/peers.ts';
import type { Limits } from '../../src/server/limits.ts';
import { startServer, type TickwellServer } from '../../src/server/server.ts';
import { ManualClock } from './clock.ts';
import { marketOf } from './market.ts';
import { TestSocket } from './socket.ts';

/** A Monday. Rows come every 10 ms, so that a server looks often at a clock that was moved. */
export const ORIGIN = Date.UTC(2026, 0, 5);
export const INTERVAL = 10;
export const SPEC = { seed: 7, origin: ORIGIN, interval: INTERVAL, count: 3, capacity: 500 };

/** An HTTP answer. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for.
  readonly json: any;
}

/** A server of a small market on a free port, with a clock that only the test moves. */
export interface TestServer {
  readonly server: TickwellServer;
  readonly market: Market;
  readonly clock: ManualClock;
  /** What the server logged as its own failures: nothing, if all is well. */
  readonly failures: readonly string[];
  get(path: string, init?: RequestInit): Promise<Answer>;
  /** Sends bytes, as Latin-1, that need not be HTTP; gives all that comes until the server hangs up. */
  raw(bytes: string): Promise<string>;
  /** A client of the stream that has been greeted. */
  connect(): Promise<TestSocket>;
  /** The time of a row. */
  timeOf(index: number): number;
  stop(): Promise<void>;
}

export interface TestServerOptions {
  readonly spec?: object;
  /** Rows that are there when it starts. */
  readonly rows?: number;
  /** What the server reads instead of the manual clock. */
  readonly clock?: Clock;
  /** Whether to come back before the ring is full. */
  readonly isEarly?: boolean;
  /** Limits that differ from the default ones; without any, nobody is too fast. */
  readonly limits?: Partial<Limits>;
  /** Where to listen, instead of 127.0.0.1. */
  readonly addresses?: readonly string[];
  /** Who may come in. */
  readonly access?: AccessOptions;
  /** For answers that never change. */
  readonly cacheMb?: number;
  /** The file of what is done to the market. */
  readonly log?: string;
  /** The workers it is of. */
  readonly peers?: Peers;
  /** Which faults there are to be asked for. */
  readonly faults?: FaultOptions;
  /** What it speaks. */
  readonly protocols?: readonly NewProtocol[];
}

/** Tests ask faster than people. */
export const UNHURRIED = {
  messagesPerSecond: 1_000_000,
  messagesBurst: 1_000_000,
  badRequestsBurst: 1_000_000,
};

export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const market = marketOf({ ...SPEC, ...options.spec });
  const { grid } = market;
  const clock = new ManualClock(timeOf(grid, (options.rows ?? 1000) - 1));
  const failures: string[] = [];
  const logger = pino({ level: 'error' }, { write: (line: string) => void failures.push(line) });
  const host = '127.0.0.1';
  const server = await startServer({
    market,
    host,
    port: 0,
    logger,
    clock: options.clock ?? clock,
    limits: options.limits ?? UNHURRIED,
    ...options.access,
    ...(options.peers === undefined ? {} : { peers: options.peers }),
    ...(options.faults === undefined ? {} : { faults: options.faults }),
    ...(options.protocols === undefined ? {} : { protocols: options.protocols }),
    ...(options.cacheMb === undefined ? {} : { cacheMb: options.cacheMb }),
    ...(options.log === undefined ? {} : { log: options.log }),
    ...(options.addresses === undefined ? {} : { addresses: options.addresses }),
  });
  if (options.isEarly !== true) await server.ready;
  return {
    server,
    market,
    clock,
    failures,
    async get(path, init) {
      const response = await fetch(server.url + path, init);
      const body = await response.text();
      const isJson = response.headers.get('content-type')?.startsWith('application/json');
      return {
        status: response.status,
        headers: response.headers,
        text: body,
        json: isJson && body !== '' ? JSON.parse(body) : undefined,
      };
    },
    async raw(bytes) {
      const socket = connectTcp(Number(new URL(server.url).port), host);
      socket.write(bytes, 'latin1');
      return (await buffer(socket)).toString('latin1');
    },
    async connect() {
      const socket = new TestSocket(`${server.url.replace('http', 'ws')}/v1/stream`);
      await socket.next('hello');
      return socket;
    },
    timeOf: (index) => timeOf(grid, index),
    stop: () => server.stop(),
  };
}
