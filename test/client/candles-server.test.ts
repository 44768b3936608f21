import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { defaultHost, type SocketClass } from '../../src/client/host.ts';
import {
  type Candles,
  fetchCandles,
  type SubscribeCandlesOptions,
  subscribeCandles,
} from '../../src/client/index.ts';
import { HttpProxy } from '../helpers/http-proxy.ts';
import { INTERVAL, ORIGIN, startTestServer, type TestServer } from '../helpers/server.ts';

const ROWS = 20_000;
/** Of the waits of a client, so much is left here: none of them is what is tested. */
const SPEEDUP = 20;

type Fields = readonly ['volume', 'trades'];

let server: TestServer;
let proxy: HttpProxy | undefined;

beforeAll(async () => {
  // The limits of a real server: the client keeps below them by itself.
  server = await startTestServer({ rows: ROWS, limits: {} });
});

afterEach(() => proxy?.close());

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

function follow(options: Partial<SubscribeCandlesOptions<Fields>> = {}) {
  const host = defaultHost(KeptSocket as unknown as SocketClass);
  return subscribeCandles<Fields>({
    url: server.server.url,
    symbols: ['ticker_1', 'ticker_0'],
    resolution: '777ms',
    fields: ['volume', 'trades'],
    since: ORIGIN - INTERVAL,
    host: { ...host, setTimer: (afterMs, run) => host.setTimer(afterMs / SPEEDUP, run) },
    ...options,
  });
}

const NAMES = ['open', 'high', 'low', 'close', 'volume', 'trades'] as const;

/** Candles as text, those of each column one below the other. */
function textOf(seen: readonly Candles<Fields>[], column: number): string {
  const lists = NAMES.map((name) => seen.flatMap((one) => Array.from(one[name][column]!)));
  return JSON.stringify([seen.flatMap(({ time }) => time), ...lists]);
}

/** The same of the first `count` candles that the server answers. */
async function answered(symbol: string, count: number, options: object = {}): Promise<string> {
  const { url } = server.server;
  const asked = { url, symbol, resolution: '777ms', from: ORIGIN, ...options };
  const fields = ['volume', 'trades'] as const;
  const answer = await fetchCandles({ ...asked, count, fields });
  return JSON.stringify([answer.time, ...NAMES.map((name) => answer[name])]);
}

/** What was seen is what the server answers, to the digit: final candles, and the newest. */
async function expectAsAnswered(
  seen: readonly Candles<Fields>[],
  options: object = {},
): Promise<void> {
  const finals = seen.filter(({ final }) => final);
  const count = finals.reduce((sum, { time }) => sum + time.length, 0);
  expect(count).toBeGreaterThan(0);
  for (const [column, symbol] of ['ticker_1', 'ticker_0'].entries()) {
    expect(textOf(finals, column)).toBe(await answered(symbol, count, options));
  }
  for (const [n, { since }] of seen.slice(1).entries()) expect(since).toBe(seen[n]!.until);
  const last = seen.at(-1)!;
  if (last.final) return;
  const all = [...finals, last];
  expect(textOf(all, 0)).toBe(await answered('ticker_1', count + 1, options));
}

describe('candles of a real server', () => {
  test.each([
    ['websocket', 'bin'],
    ['websocket', 'json'],
    ['events', 'json'],
  ] as const)(
    'history and what forms are those of HTTP, by %s as %s',
    async (transport, format) => {
      const subscription = follow({ transport, format });
      const seen: Candles<Fields>[] = [];
      let told = 0;
      for await (const candles of subscription) {
        seen.push(candles);
        if (candles.lag > 0) continue;
        if (told === 200) break;
        told += 1;
        server.clock.pass(INTERVAL);
      }
      expect(subscription.transport).toBe(transport);
      expect(seen.filter(({ final }) => final).length).toBeGreaterThan(1);
      expect(seen.filter(({ final }) => !final).length).toBeGreaterThan(100);
      await expectAsAnswered(seen);
      expect(subscription.counters).toMatchObject({ gaps: 0, duplicates: 0 });
    },
  );

  test.each([
    { resolution: '1m', tz: 'Asia/Kolkata' },
    { resolution: '45s', offset: '5h30m' },
  ])('cut by another clock they are those of HTTP: %j', async (cutting) => {
    const subscription = follow(cutting);
    const seen: Candles<Fields>[] = [];
    for await (const candles of subscription) {
      seen.push(candles);
      if (candles.lag === 0) break;
    }
    await expectAsAnswered(seen, cutting);
  });

  test('connections that break, time and again, lose and repeat nothing', async () => {
    const subscription = follow({ resolution: '130ms', every: 30 });
    const seen: Candles<Fields>[] = [];
    let dice = 1;
    for await (const candles of subscription) {
      seen.push(candles);
      // A generator of Lehmer: the same breaks in every run.
      dice = (dice * 48_271) % 2_147_483_647;
      if (dice % 5 === 0) opened.at(-1)!.terminate();
      // Fewer rows wait for their turn.
      if (candles.lag >= 3) continue;
      if (subscription.counters.reconnects >= 12) break;
      server.clock.pass(INTERVAL * (3 + (dice % 7)));
    }
    await expectAsAnswered(seen, { resolution: '130ms' });
    expect(subscription.counters).toMatchObject({ gaps: 0, duplicates: 0 });
  });

  test('events that a proxy breaks off lose and repeat nothing', async () => {
    proxy = await HttpProxy.before(server.server.url);
    proxy.upgrades = 'refuse';
    proxy.mostEventBytes = 60_000;
    const subscription = follow({ url: proxy.url, resolution: '50ms' });
    const seen: Candles<Fields>[] = [];
    for await (const candles of subscription) {
      seen.push(candles);
      if (candles.lag === 0) break;
    }
    expect(subscription.transport).toBe('events');
    expect(subscription.counters.reconnects).toBeGreaterThan(1);
    await expectAsAnswered(seen, { resolution: '50ms' });
  });

  test.each([
    [{ resolution: '1x' }, 'bad_request'],
    [{ resolution: '5ms' }, 'bad_request'],
    [{ tz: 'Mars/Olympus' }, 'bad_request'],
    [{ tz: 'Asia/Tokyo', offset: '9h' }, 'bad_request'],
    [{ every: 5 }, 'bad_request'],
    [{ symbols: ['nothing'] }, 'unknown_symbol'],
    [{ since: ORIGIN + 1 }, 'bad_cursor'],
  ])('%j is thrown as %s', async (options, code) => {
    const reader = follow(options)[Symbol.asyncIterator]();
    await expect(reader.next()).rejects.toMatchObject({ code, retry: false });
  });
});
