import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { defaultHost, type SocketClass } from '../../src/client/host.ts';
import { type Rows, type SubscribeOptions, subscribe } from '../../src/client/index.ts';
import { HttpProxy } from '../helpers/http-proxy.ts';
import { pricesOf } from '../helpers/market.ts';
import { INTERVAL, ORIGIN, startTestServer, type TestServer } from '../helpers/server.ts';

const ROWS = 20_000;
/** Of the waits of a client, so much is left here: none of them is what is tested. */
const SPEEDUP = 20;

let server: TestServer;
let proxy: HttpProxy;

beforeAll(async () => {
  server = await startTestServer({ rows: ROWS, limits: {} });
});

afterEach(() => proxy.close());

afterAll(async () => {
  await server.stop();
  expect(server.failures).toEqual([]);
});

function follow(options: Partial<SubscribeOptions> = {}) {
  const host = defaultHost(WebSocket as unknown as SocketClass);
  return subscribe({
    url: proxy.url,
    symbols: ['ticker_1'],
    since: ORIGIN - INTERVAL,
    host: { ...host, setTimer: (afterMs, run) => host.setTimer(afterMs / SPEEDUP, run) },
    ...options,
  });
}

const pricesIn = (seen: readonly Rows[]) => seen.flatMap(({ prices }) => Array.from(prices[0]!));

describe('behind a proxy', () => {
  test.each([
    ['pass', 'websocket'],
    ['refuse', 'events'],
    ['ignore', 'events'],
    ['hang', 'events'],
    ['mute', 'events'],
  ] as const)('where upgrades %s, every row comes by %s', async (upgrades, transport) => {
    proxy = await HttpProxy.before(server.server.url);
    proxy.upgrades = upgrades;
    const subscription = follow();
    const seen: Rows[] = [];
    for await (const rows of subscription) {
      seen.push(rows);
      if (rows.lag === 0) break;
    }
    expect(subscription.transport).toBe(transport);
    expect(pricesIn(seen)).toEqual(pricesOf(server.market, 1, 0, ROWS));
    expect(subscription.counters).toMatchObject({ gaps: 0, duplicates: 0, rows: ROWS });
  });

  test('that breaks events time and again, none is lost and none comes twice', async () => {
    proxy = await HttpProxy.before(server.server.url);
    proxy.upgrades = 'refuse';
    proxy.mostEventBytes = 30_000;
    const subscription = follow();
    const seen: Rows[] = [];
    for await (const rows of subscription) {
      seen.push(rows);
      if (rows.lag === 0) break;
    }
    expect(pricesIn(seen)).toEqual(pricesOf(server.market, 1, 0, ROWS));
    expect(subscription.counters.reconnects).toBeGreaterThan(1);
    expect(subscription.counters).toMatchObject({ gaps: 0, duplicates: 0, rows: ROWS });
  });

  test('other columns and a slow application lose nothing as events either', async () => {
    proxy = await HttpProxy.before(server.server.url);
    const subscription = follow({
      transport: 'events',
      symbols: ['ticker_0'],
      maxQueuedBytes: 50_000,
    });
    const seen: number[] = [];
    const columns: number[] = [];
    for await (const { lag, symbols, prices } of subscription) {
      const column = Number(symbols[0]!.at(-1));
      if (columns.at(-1) !== column) columns.push(column);
      const from = seen.length;
      seen.push(...Array.from(prices[0]!));
      expect(seen.slice(from)).toEqual(pricesOf(server.market, column, from, seen.length));
      if (lag === 0) break;
      if (column < 2) subscription.select([`ticker_${column + 1}`]);
      while (subscription.counters.pauses === 0) await new Promise(setImmediate);
    }
    expect(seen).toHaveLength(ROWS);
    expect(columns).toEqual([0, 1, 2]);
    expect(subscription.counters).toMatchObject({ gaps: 0, duplicates: 0, rows: ROWS });
  });

  test('a WebSocket is taken again as soon as one gets through', async () => {
    proxy = await HttpProxy.before(server.server.url);
    proxy.upgrades = 'refuse';
    const subscription = follow();
    const seen: Rows[] = [];
    for await (const rows of subscription) {
      seen.push(rows);
      if (rows.lag > 0) continue;
      if (subscription.transport === 'websocket') break;
      proxy.upgrades = 'pass';
      subscription.retry();
      server.clock.pass(INTERVAL);
    }
    const { length } = pricesIn(seen);
    expect(length).toBeGreaterThan(ROWS);
    expect(pricesIn(seen)).toEqual(pricesOf(server.market, 1, 0, length));
    expect(subscription.counters).toMatchObject({ gaps: 0, duplicates: 0 });
  });

  test.each([
    [() => `${proxy.url}/wrong/place`, {}, 'not_found'],
    [() => proxy.url.replace('127.0.0.1', 'localhost'), { host: 'evil.com' }, 'bad_host'],
    [() => proxy.url, { origin: 'https://charts.example.com' }, 'bad_origin'],
  ] as const)('the stream at %s with %j is refused as %s', async (url, headers, code) => {
    proxy = await HttpProxy.before(server.server.url);
    class Sent extends WebSocket {
      constructor(to: string, protocols: string[]) {
        super(to, protocols, { headers });
      }
    }
    const host = defaultHost(Sent as unknown as SocketClass);
    const subscription = follow({
      url: url().replace('localhost', '127.0.0.1'),
      // What a browser would say of its page.
      host: { ...host, fetch: (to, init) => proxy.ask(to, headers, init.signal) },
    });
    const reader = subscription[Symbol.asyncIterator]();
    await expect(reader.next()).rejects.toMatchObject({ code, retry: false });
  });
});
