import { spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/host/clock.ts';
import { ROOT } from '../helpers/consumer.ts';
import { importClient } from '../helpers/real-client.ts';
import { startTestServer, type TestServer, UNHURRIED } from '../helpers/server.ts';

/** Clients of Binance's streams as their users have them, on a market of ten rows a second. */

const INTERVAL = 100;
const SPEC = {
  ...{ interval: INTERVAL, capacity: 1000, count: undefined },
  origin: Math.floor(Date.now() / INTERVAL) * INTERVAL - 3_600_000,
  instruments: [
    { symbol: 'ORBX', names: { binance: 'BTCUSDT' }, tickSize: 0.01, startPrice: 100 },
    { symbol: 'ETH', tickSize: 0.05, startPrice: 50 },
  ],
};

// biome-ignore lint/suspicious/noExplicitAny: of many clients, each with types of its own or none.
type Any = any;

let server: TestServer;
let http: string;
let ws: string;

beforeAll(async () => {
  server = await startTestServer({ spec: SPEC, clock: systemClock, limits: { ...UNHURRIED } });
  http = server.server.url;
  ws = http.replace('http', 'ws');
});

afterAll(async () => {
  await server.stop();
  expect(server.failures).toEqual([]);
});

/** So many of what `begin` has `take` given, one after the other; `end` is called then. */
function some(count: number, begin: (take: (one: Any) => void) => Any): Promise<readonly Any[]> {
  return new Promise((resolve) => {
    const taken: Any[] = [];
    begin((one) => {
      taken.push(one);
      if (taken.length === count) resolve(taken);
    });
  });
}

const areNumbered = (numbers: readonly number[]) =>
  expect(numbers.map(Number)).toEqual(numbers.map((_, n) => Number(numbers[0]) + n));

describe('ccxt.pro', () => {
  it('watches trades, candles, books, tickers and best prices', async () => {
    const { pro } = (await importClient<Any>('ccxt')).default;
    const exchange = new pro.binance({ newUpdates: true });
    const moved = (urls: Any): Any =>
      Object.fromEntries(
        Object.entries(urls).map(([key, value]) => {
          if (typeof value !== 'string') return [key, moved(value)];
          return [key, (value.startsWith('ws') ? ws : http) + new URL(value).pathname];
        }),
      );
    exchange.urls.api = moved(exchange.urls.api);
    await exchange.loadHttpProxyAgent();
    try {
      await exchange.loadMarkets();
      expect(Object.keys(exchange.markets).sort()).toEqual(['BTC/USDT', 'ETH/USDT']);
      const trades: Any[] = [];
      for (let n = 0; n < 5; n++) trades.push(...(await exchange.watchTrades('BTC/USDT')));
      areNumbered(trades.map(({ id }) => id));
      const candles = await exchange.watchOHLCV('BTC/USDT', '1m');
      expect(candles.at(-1)[0] % 60_000).toBe(0);
      for (let n = 0; n < 3; n++) {
        const book = await exchange.watchOrderBook('ETH/USDT');
        expect(book.bids[0][0]).toBeLessThan(book.asks[0][0]);
        expect(book.nonce).toBeGreaterThan(0);
      }
      const ticker = await exchange.watchTicker('BTC/USDT');
      expect(ticker.high).toBeGreaterThanOrEqual(ticker.low);
      const best = (await exchange.watchBidsAsks(['BTC/USDT']))['BTC/USDT'];
      expect(best.bid).toBeLessThan(best.ask);
    } finally {
      await exchange.close();
    }
  });
});

describe('binance', () => {
  it('subscribes to streams by its WebsocketClient', async () => {
    const { WebsocketClient } = await importClient<Any>('binance');
    const quiet = { trace() {}, info() {}, error() {} };
    const client = new WebsocketClient({ wsUrl: ws, beautify: true }, quiet);
    const topics = ['btcusdt@trade', 'btcusdt@kline_1m', 'btcusdt@depth@1000ms'];
    const seen = new Map<string, Any[]>();
    await new Promise<void>((resolve, reject) => {
      client.on('exception', reject);
      client.on('formattedMessage', (one: Any) => {
        seen.set(one.eventType, [...(seen.get(one.eventType) ?? []), one]);
        const [trades, klines, books] = ['trade', 'kline', 'depthUpdate'].map((e) => seen.get(e));
        if ((trades?.length ?? 0) > 5 && klines && books) resolve();
      });
      client.subscribe(topics, 'main').catch(reject);
    });
    areNumbered(seen.get('trade')!.map(({ tradeId }) => tradeId));
    client.closeAll(true);
  });
});

it('examples/binance-trades.mjs prints every trade, in a folder where its client is', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tickwell-binance-'));
  copyFileSync(join(ROOT, 'examples/binance-trades.mjs'), join(folder, 'trades.mjs'));
  symlinkSync(join(ROOT, 'test/clients/node_modules'), join(folder, 'node_modules'), 'junction');
  const child = spawn(process.execPath, [join(folder, 'trades.mjs'), http, 'BTCUSDT']);
  try {
    const lines = createInterface({ input: child.stdout });
    const printed = await some(20, (take) => lines.on('line', take));
    areNumbered(printed.map((line) => line.split(' ')[0]));
  } finally {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  }
});

describe('@binance/connector', () => {
  it.each([false, true])(
    'streams by its WebsocketStream, combined: %s',
    async (combinedStreams) => {
      const { WebsocketStream } = (await importClient<Any>('@binance/connector')).default;
      let client: Any;
      const told = await some(6, (take) => {
        const callbacks = { message: (text: string) => take(JSON.parse(text)) };
        const logger = { info() {}, debug() {}, warn() {}, error() {} };
        client = new WebsocketStream({ wsURL: ws, combinedStreams, callbacks, logger });
        client.trade('btcusdt');
      });
      client.disconnect();
      const trades = told.map((one) => (combinedStreams ? one.data : one));
      areNumbered(trades.map(({ t }) => t));
    },
  );
});

describe('@binance/spot', () => {
  it('streams by its configuration of streams', async () => {
    const { Spot } = await importClient<Any>('@binance/spot');
    const client = new Spot({ configurationWebsocketStreams: { wsURL: ws } });
    const connection = await client.websocketStreams.connect();
    const book = connection.bookTicker({ symbol: 'btcusdt' });
    const trades = connection.trade({ symbol: 'btcusdt' });
    const [[best], told] = await Promise.all([
      some(1, (take) => book.on('message', take)),
      some(5, (take) => trades.on('message', take)),
    ]);
    expect(Number(best.b)).toBeLessThan(Number(best.a));
    areNumbered(told.map(({ t }) => t));
    await connection.disconnect();
  });
});

describe('binance-api-node', () => {
  it('streams trades, candles, books and best prices', async () => {
    const { default: lib } = await importClient<Any>('binance-api-node');
    const client = (lib.default ?? lib)({ httpBase: http, wsBase: `${ws}/ws` });
    const ends: (() => void)[] = [];
    const follow = (count: number, begin: (take: (one: Any) => void) => () => void) =>
      some(count, (take) => ends.push(begin(take)));
    const [trades, candles, updates, partial, best] = await Promise.all([
      follow(5, (take) => client.ws.trades(['BTCUSDT'], take)),
      follow(1, (take) => client.ws.candles('BTCUSDT', '1m', take)),
      follow(3, (take) => client.ws.depth('BTCUSDT@100ms', take)),
      follow(1, (take) => client.ws.partialDepth({ symbol: 'BTCUSDT', level: 10 }, take)),
      follow(1, (take) => client.ws.bookTicker('BTCUSDT', take)),
    ]);
    for (const end of ends) end();
    areNumbered(trades.map(({ tradeId }) => tradeId));
    expect(candles[0].interval).toBe('1m');
    for (const [n, { firstUpdateId }] of updates.entries()) {
      if (n > 0) expect(firstUpdateId).toBe(updates[n - 1].finalUpdateId + 1);
    }
    expect(partial[0].bids).toHaveLength(10);
    expect(Number(best[0].bestBid)).toBeLessThan(Number(best[0].bestAsk));
  });
});

describe('node-binance-api', () => {
  it('streams trades, charts and whole books', async () => {
    const { default: Binance } = await importClient<Any>('node-binance-api');
    const urls = {
      base: `${http}/api/`,
      stream: `${ws}/ws/`,
      combineStream: `${ws}/stream?streams=`,
    };
    const client = new Binance({ urls, reconnect: false, log() {} });
    const [trades, books] = await Promise.all([
      some(5, (take) => client.websockets.trades(['BTCUSDT', 'ETHUSDT'], take)),
      some(3, (take) =>
        client.websockets.depthCache(['BTCUSDT'], (_: Any, depth: Any) => take(depth)),
      ),
    ]);
    const own = trades.filter(({ s }) => s === 'BTCUSDT');
    areNumbered(own.map(({ t }) => t));
    const best = (side: Any) => Object.keys(side).map(Number);
    expect(Math.max(...best(books.at(-1).bids))).toBeLessThan(Math.min(...best(books.at(-1).asks)));
    for (const endpoint of Object.keys(client.websockets.subscriptions())) {
      client.websockets.terminate(endpoint);
    }
  });
});
