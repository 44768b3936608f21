import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { defaultHost, type SocketClass } from '../../src/client/host.ts';
import {
  fetchTrades,
  type SubscribeTradesOptions,
  subscribeTrades,
  type Trade,
  type Trades,
} from '../../src/client/index.ts';
import { INTERVAL, ORIGIN, startTestServer, type TestServer } from '../helpers/server.ts';
import { foldOf, TRADED_SYMBOLS, tradedRows, tradedSpec } from '../helpers/trades.ts';

const ROWS = 500;
/** Of the waits of a client, so much is left here: none of them is what is tested. */
const SPEEDUP = 20;
const SYMBOLS = ['M7', 'M0', 'RARE'];

let server: TestServer;

beforeAll(async () => {
  // The limits of a real server: the client keeps below them by itself.
  server = await startTestServer({ rows: ROWS, limits: {}, spec: tradedSpec(4_000_000) });
});

afterAll(async () => {
  await server.stop();
  expect(server.failures).toEqual([]);
});

/** Every socket that was opened. */
const opened: WebSocket[] = [];

class KeptSocket extends WebSocket {
  constructor(url: string, protocols: string[]) {
    super(url, protocols);
    opened.push(this);
  }
}

function follow(options: Partial<SubscribeTradesOptions> = {}) {
  const host = defaultHost(KeptSocket as unknown as SocketClass);
  return subscribeTrades({
    ...{ url: server.server.url, symbols: SYMBOLS, since: ORIGIN + 100 * INTERVAL },
    host: { ...host, setTimer: (afterMs, run) => host.setTimer(afterMs / SPEEDUP, run) },
    ...options,
  });
}

/** Trades that follow one another are those of the rows between, by symbol. */
function expectTrue(seen: readonly Trades[]): void {
  const [since, until] = [seen[0]!.since, seen.at(-1)!.until];
  const all: Trade[] = seen.flatMap((trades) => [...trades]);
  for (const [n, symbol] of SYMBOLS.entries()) {
    const own = all.filter((trade) => trade.symbol === symbol);
    const column = TRADED_SYMBOLS.indexOf(symbol);
    const [from, next] = [since, until].map((ms) => (ms - ORIGIN) / INTERVAL + 1);
    expect(foldOf(server.market, own)).toEqual(tradedRows(server.market, column, from!, next!));
    const first = server.market.tradesBefore(column, from!);
    expect(seen[0]!.first[n]).toBe(first);
    expect(String(own.map(({ id }) => id))).toBe(String(own.map((_, k) => first + k)));
  }
}

describe('trades of a real server', () => {
  test.each([
    ['websocket', 'bin'],
    ['websocket', 'json'],
    ['events', 'json'],
  ] as const)('are those of each row, old and new, by %s as %s', async (transport, format) => {
    const subscription = follow({ transport, format });
    const seen: Trades[] = [];
    for await (const trades of subscription) {
      if (seen.length > 0) expect(trades.since).toBe(seen.at(-1)!.until);
      seen.push(trades);
      if (trades.lag === 0) server.clock.pass(INTERVAL);
      if (seen.filter(({ lag }) => lag === 0).length === 8) break;
    }
    expect(subscription.transport).toBe(transport);
    expectTrue(seen);
    const times = [...seen.at(-1)!].map(({ time }) => time);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(subscription.counters).toMatchObject({ gaps: 0, duplicates: 0 });
  });

  test('have no hole and no repeat over connections that break, time and again', async () => {
    const subscription = follow();
    const seen: Trades[] = [];
    let dice = 1;
    for await (const trades of subscription) {
      if (seen.length > 0) expect(trades.since).toBe(seen.at(-1)!.until);
      seen.push(trades);
      // A generator of Lehmer: the same breaks in every run.
      dice = (dice * 48_271) % 2_147_483_647;
      if (dice % 3 === 0) opened.at(-1)!.terminate();
      if (trades.lag === 0) server.clock.pass(INTERVAL * (1 + (dice % 4)));
      if (subscription.counters.reconnects >= 8) break;
    }
    expectTrue(seen);
    expect(subscription.counters).toMatchObject({ gaps: 0, duplicates: 0 });
  });

  test('know no other options', () => {
    for (const wrong of ['fields', 'delivery', 'resolution', 'levels']) {
      const options = { url: server.server.url, symbols: '*', since: 'now', [wrong]: 'all' };
      expect(() => subscribeTrades(options as SubscribeTradesOptions)).toThrow(/unknown|option/);
    }
  });
});

describe('fetchTrades', () => {
  test('goes on by number', async () => {
    const { url } = server.server;
    const first = await fetchTrades({ url, symbol: 'M0', fromId: 17, limit: 5 });
    const second = await fetchTrades({ url, symbol: 'M0', fromId: first.nextId, limit: 5 });
    const both = await fetchTrades({ url, symbol: 'M0', fromId: 17, limit: 10 });
    expect([...first.price, ...second.price]).toEqual(both.price);
    expect(both).toMatchObject({ market: server.market.id, symbol: 'M0', fromId: 17, nextId: 27 });
    const none = fetchTrades({ url, symbol: 'M0' });
    await expect(none).rejects.toMatchObject({ code: 'bad_request' });
  });
});
