import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'vitest';
import { pricesOf } from '../helpers/market.ts';
import { INTERVAL, ORIGIN, type TestServer } from '../helpers/server.ts';
import type { TestSocket } from '../helpers/socket.ts';

/** A client of the stream that does nothing wrong, beside those who do. */
export class Neighbour {
  /** Those of this process when there is nobody but the neighbour. */
  readonly sockets = openSockets();
  readonly #server: TestServer;
  readonly #socket: TestSocket;
  #untilMs: number;

  private constructor(server: TestServer, socket: TestSocket, untilMs: number) {
    this.#server = server;
    this.#socket = socket;
    this.#untilMs = untilMs;
  }

  static async of(server: TestServer): Promise<Neighbour> {
    const socket = await server.connect();
    const request = { type: 'subscribe', id: 1, symbols: '*', since: 'now' };
    const { since } = await socket.ask(request, 'subscribed');
    return new Neighbour(server, socket, since);
  }

  /** Lets the next row become due: the neighbour gets it, it alone, and with its prices. */
  async expectHealth(): Promise<void> {
    this.#server.clock.pass(INTERVAL);
    const { since, until, lag, prices } = await this.#socket.next('rows');
    const untilMs = this.#untilMs + INTERVAL;
    expect({ since, until, lag }).toEqual({ since: this.#untilMs, until: untilMs, lag: 0 });
    const index = (untilMs - ORIGIN) / INTERVAL;
    const { market } = this.#server;
    expect(prices).toEqual([0, 1, 2].map((n) => pricesOf(market, n, index, index + 1)));
    this.#untilMs = untilMs;
  }
}

/** How many TCP connections this process holds, as server or as client. */
export function openSockets(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
}

/** The bytes that are in use when all that is not has been collected. */
export async function collectGarbage(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let round = 0; round < 3; round++) {
    collect();
    await nextTurn();
  }
  return process.memoryUsage().heapUsed;
}
