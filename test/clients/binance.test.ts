import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../helpers/consumer.ts';
import { importClient } from '../helpers/real-client.ts';
import { startTestServer, type TestServer, UNHURRIED } from '../helpers/server.ts';

const SPEC = {
  interval: 1000,
  dtype: 'uint32',
  count: undefined,
  instruments: [
    { symbol: 'ORBX', model: 'market', startPrice: 250, tickSize: 0.01 },
    { symbol: 'AUR/VEL', model: 'gbm', startPrice: 50, tickSize: 0.25 },
    { symbol: 'first', names: { binance: 'BTCUSDT' }, startPrice: 100 },
  ],
};
const ROWS = 100_000;
const NAMES = ['ORBXUSDT', 'AURVEL', 'BTCUSDT'];
const symbol = 'ORBXUSDT';

// biome-ignore lint/suspicious/noExplicitAny: clients are called as their documents say.
type Client = any;

let server: TestServer;
let http: string;
let ws: string;

beforeAll(async () => {
  server = await startTestServer({
    spec: SPEC,
    rows: ROWS,
    limits: { ...UNHURRIED, workBurst: 1e15 },
  });
  http = server.server.url;
  ws = http.replace('http', 'ws');
});

afterAll(async () => {
  await server.stop();
  expect(server.failures).toEqual([]);
});

/** What REST says, asked for without a client. */
async function rest(path: string) {
  return (await server.get(`/api/v3/${path}`)).json;
}

/** The class that a module of CommonJS or of ES exports. */
function defaultOf(module: Client): Client {
  return module.default?.default ?? module.default;
}

describe('ccxt', () => {
  let ccxt: Client;

  beforeAll(async () => {
    ccxt = (await importClient<Client>('ccxt')).default;
  });

  /** All its addresses, led to the server: hosts are replaced, paths are kept. */
  function led(urls: Readonly<Record<string, unknown>>): unknown {
    const pairs = Object.entries(urls).map(([name, url]) => {
      if (typeof url !== 'string') return [name, led(url as Record<string, unknown>)];
      return [name, (/^ws/.test(url) ? ws : http) + new URL(url).pathname];
    });
    return Object.fromEntries(pairs);
  }

  function newClient(keys: object = {}): Client {
    const client = new ccxt.binance({ ...keys, enableRateLimit: false });
    client.urls.api = led(client.urls.api);
    return client;
  }

  it.each([{}, { apiKey: 'key', secret: 'secret' }])('loads its markets with %j', async (keys) => {
    const client = newClient(keys);
    const markets = await client.loadMarkets();
    expect(Object.keys(markets)).toEqual(['ORBX/USDT', 'AUR/VEL', 'BTC/USDT']);
    const { spot, active, precision, limits } = client.market('AUR/VEL');
    expect({ spot, active }).toEqual({ spot: true, active: true });
    expect([precision.price, precision.amount]).toEqual([0.25, 1]);
    expect([limits.price.min, limits.amount.min]).toEqual([0.25, 1]);
    expect(await client.fetchTime()).toBe(server.clock.nowMs());
    expect((await client.fetchStatus()).status).toBe('ok');
  });

  it('gets candles: the newest, and page by page from a time on', async () => {
    const client = newClient();
    const newest = await client.fetchOHLCV('ORBX/USDT', '1m');
    const klines = await rest(`klines?symbol=${symbol}&interval=1m`);
    const plain = (kline: unknown[]) => kline.slice(0, 6).map(Number);
    expect(newest).toEqual(klines.map(plain));
    const since = server.timeOf(0);
    // Without an end it would page up to the time of its own clock.
    const paging = { paginate: true, until: server.timeOf(ROWS) };
    const paged = await client.fetchOHLCV('ORBX/USDT', '1m', since, 1600, paging);
    expect(paged.length).toBe(1600);
    const gaps = paged.slice(1).map(([time]: number[], n: number) => time! - paged[n][0]);
    expect([...new Set(gaps)]).toEqual([60_000]);
  });

  it('gets trades, in each of its ways', async () => {
    const client = newClient({ apiKey: 'key', secret: 'secret' });
    const newest = await client.fetchTrades('ORBX/USDT', undefined, 5);
    const own = await rest(`trades?symbol=${symbol}&limit=5`);
    const ids = own.map(({ id }: { id: number }) => String(id));
    expect(newest.map(({ id }: { id: string }) => id)).toEqual(ids);
    for (const [n, { price, amount, side, timestamp }] of newest.entries()) {
      expect([price, amount, timestamp]).toEqual([
        ...[Number(own[n].price), Number(own[n].qty), own[n].time],
      ]);
      expect(side).toBe(own[n].isBuyerMaker ? 'sell' : 'buy');
    }
    const since = server.timeOf(5000);
    const later = await client.fetchTrades('ORBX/USDT', since, 3);
    expect(later.every(({ timestamp }: { timestamp: number }) => timestamp >= since)).toBe(true);
    const ways = { fetchTradesMethod: 'publicGetTrades' };
    const single = await client.fetchTrades('ORBX/USDT', undefined, 5, ways);
    expect(single.map(({ id }: { id: string }) => id)).toEqual(ids);
    const old = { fetchTradesMethod: 'publicGetHistoricalTrades', fromId: 3 };
    const [third] = await client.fetchTrades('ORBX/USDT', undefined, 1, old);
    expect(third.id).toBe('3');
  });

  it('gets books, best prices and newest prices', async () => {
    const client = newClient();
    const book = await client.fetchOrderBook('AUR/VEL', 5);
    const { bids, lastUpdateId } = await rest('depth?symbol=AURVEL&limit=5');
    expect(book.bids).toEqual(bids.map((level: string[]) => level.map(Number)));
    expect(book.nonce).toBe(lastUpdateId);
    const best = await client.fetchBidsAsks(['AUR/VEL']);
    expect(best['AUR/VEL'].bid).toBe(Number(bids[0][0]));
    const prices = await client.fetchLastPrices(['AUR/VEL']);
    expect(prices['AUR/VEL'].price).toBe(Number((await rest('ticker/price'))[1].price));
  });

  it('reads the last 24 hours, and those of several at once', async () => {
    const client = newClient();
    await client.loadMarkets();
    const { json } = await server.get('/api/v3/ticker/24hr?symbol=AURVEL');
    const ticker = await client.fetchTicker('AUR/VEL');
    const { last, high, baseVolume, bid } = ticker;
    const expected = [json.lastPrice, json.highPrice, json.volume, json.bidPrice].map(Number);
    expect([last, high, baseVolume, bid]).toEqual(expected);
    const several = await client.fetchTickers(['AUR/VEL', 'ORBX/USDT']);
    expect(several['AUR/VEL'].last).toBe(last);
    expect(Object.keys(several).sort()).toEqual(['AUR/VEL', 'ORBX/USDT']);
  });

  it('knows what is wrong: a symbol that there is not, and that nobody may trade', async () => {
    const client = newClient({ apiKey: 'key', secret: 'secret' });
    await client.loadMarkets();
    await expect(client.publicGetKlines({ symbol: 'NOPE', interval: '1m' })).rejects.toThrow(
      ccxt.BadSymbol,
    );
    await expect(client.createOrder('ORBX/USDT', 'limit', 'buy', 1, 1)).rejects.toThrow(
      ccxt.PermissionDenied,
    );
    await expect(client.fetchBalance()).rejects.toThrow(ccxt.PermissionDenied);
  });

  it('runs as examples/ccxt.mjs has it, in a folder where it is installed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tickwell-ccxt-'));
    copyFileSync(join(ROOT, 'examples/ccxt.mjs'), join(folder, 'ccxt.mjs'));
    symlinkSync(join(ROOT, 'test/clients/node_modules'), join(folder, 'node_modules'), 'junction');
    const args = [join(folder, 'ccxt.mjs'), http];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    rmSync(folder, { recursive: true });
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toContain('ORBX/USDT');
    expect(lines.map((line) => line.split(' ')[0]!)).toEqual([
      ...['ORBX/USDT', 'candle', 'candle', 'candle', 'book', 'trade', 'trade', 'trade'],
    ]);
    const [, , close] = (await rest(`klines?symbol=${symbol}&interval=1m&limit=1`))[0].slice(2);
    expect(lines[3]!.split(' ')[5]).toBe(String(Number(close)));
  });

  it('takes a refusal for want of work as what it is', async () => {
    const limits = { ...UNHURRIED, workPerSecond: 1, workBurst: 100_000 };
    const busy = await startTestServer({ spec: SPEC, rows: 10, limits });
    const client = new ccxt.binance({ enableRateLimit: false });
    client.urls.api.public = `${busy.server.url}/api/v3`;
    await client.fetchTime();
    await expect(client.fetchTime()).rejects.toThrow(ccxt.DDoSProtection);
    await busy.stop();
  });
});

describe('binance', () => {
  it('has all of REST by its MainClient, and knows how much it has used', async () => {
    const { MainClient } = await importClient<Client>('binance');
    const client = new MainClient({ baseUrl: http });
    expect((await client.getExchangeInfo()).symbols.map((one: Client) => one.symbol)).toEqual(
      NAMES,
    );
    expect(await client.testConnectivity()).toEqual({});
    const kline = { symbol, interval: '1m', limit: 9 };
    for (const [found, path] of [
      [client.getOrderBook({ symbol, limit: 5 }), 'depth?limit=5'],
      [client.getRecentTrades({ symbol, limit: 3 }), 'trades?limit=3'],
      [
        client.getHistoricalTrades({ symbol, fromId: 5, limit: 2 }),
        'historicalTrades?fromId=5&limit=2',
      ],
      [client.getAggregateTrades({ symbol, limit: 4 }), 'aggTrades?limit=4'],
      [client.getKlines(kline), 'klines?interval=1m&limit=9'],
      [client.getUIKlines(kline), 'uiKlines?interval=1m&limit=9'],
      [client.getAvgPrice({ symbol }), 'avgPrice?'],
      [client.getSymbolPriceTicker({ symbol }), 'ticker/price?'],
      [client.getSymbolOrderBookTicker({ symbol }), 'ticker/bookTicker?'],
    ] as const) {
      expect(await found).toEqual(await rest(`${path}&symbol=${symbol}`));
    }
    expect(client.getRateLimitStates()['x-mbx-used-weight-1m']).toBeGreaterThan(50);
    await expect(client.getKlines({ symbol: 'NOPE', interval: '1m' })).rejects.toMatchObject({
      code: -1121,
      message: 'Invalid symbol.',
    });
  });

  it('has the same by its WebsocketAPIClient', async () => {
    const { WebsocketAPIClient } = await importClient<Client>('binance');
    const silent = { trace() {}, info() {}, error() {} };
    const options = { wsUrl: ws, attachEventListeners: false };
    const client = new WebsocketAPIClient(options, silent);
    const kline = { symbol, interval: '1m', limit: 9 };
    for (const [found, path] of [
      [client.getSpotOrderBook({ symbol, limit: 5 }), 'depth?limit=5'],
      [client.getSpotRecentTrades({ symbol, limit: 3 }), 'trades?limit=3'],
      [client.getSpotHistoricalTrades({ symbol, fromId: 5 }), 'historicalTrades?fromId=5'],
      [client.getSpotAggregateTrades({ symbol, limit: 4 }), 'aggTrades?limit=4'],
      [client.getSpotKlines(kline), 'klines?interval=1m&limit=9'],
      [client.getSpotUIKlines(kline), 'uiKlines?interval=1m&limit=9'],
      [client.getSpotAveragePrice({ symbol }), 'avgPrice?'],
      [client.getSpotSymbolPriceTicker({ symbol }), 'ticker/price?'],
      [client.getSpotSymbolOrderBookTicker({ symbol }), 'ticker/bookTicker?'],
    ] as const) {
      const { status, result } = await found;
      expect(status).toBe(200);
      expect(result).toEqual(await rest(`${path}&symbol=${symbol}`));
    }
    expect((await client.getSpotServerTime()).result.serverTime).toBe(server.clock.nowMs());
    const names = (await client.getSpotExchangeInfo({ symbols: NAMES })).result.symbols;
    expect(names.map((one: Client) => one.symbol)).toEqual(NAMES);
    await expect(client.getSpotKlines({ symbol: 'NOPE', interval: '1m' })).rejects.toMatchObject({
      error: { code: -1121 },
    });
    client.getWSClient().closeAll(true);
  });
});

describe('@binance/connector', () => {
  it('has all of REST that it knows', async () => {
    const { Spot } = await importClient<Client>('@binance/connector');
    const client = new Spot('', '', { baseURL: http });
    for (const [found, path] of [
      [client.ping(), 'ping'],
      [client.time(), 'time'],
      [client.depth(symbol, { limit: 5 }), `depth?symbol=${symbol}&limit=5`],
      [client.trades(symbol, { limit: 3 }), `trades?symbol=${symbol}&limit=3`],
      [client.aggTrades(symbol, { limit: 3 }), `aggTrades?symbol=${symbol}&limit=3`],
      [client.klines(symbol, '1h', { limit: 3 }), `klines?symbol=${symbol}&interval=1h&limit=3`],
      [client.avgPrice(symbol), `avgPrice?symbol=${symbol}`],
      [client.tickerPrice(symbol), `ticker/price?symbol=${symbol}`],
      [client.bookTicker('', NAMES), `ticker/bookTicker?symbols=${JSON.stringify(NAMES)}`],
    ] as const) {
      expect((await found).data).toEqual(await rest(path));
    }
    const { data } = await client.exchangeInfo({ symbols: NAMES });
    expect(data.symbols.length).toBe(NAMES.length);
  });
});

describe('@binance/spot', () => {
  const calls: readonly (readonly [string, string, object, string])[] = [
    ['depth', 'depth', { symbol, limit: 5 }, 'depth?limit=5'],
    ['getTrades', 'tradesRecent', { symbol, limit: 3 }, 'trades?limit=3'],
    ['historicalTrades', 'tradesHistorical', { symbol, limit: 3 }, 'historicalTrades?limit=3'],
    ['aggTrades', 'tradesAggregate', { symbol, limit: 3 }, 'aggTrades?limit=3'],
    ['klines', 'klines', { symbol, interval: '1m', limit: 3 }, 'klines?interval=1m&limit=3'],
    ['uiKlines', 'uiKlines', { symbol, interval: '1d' }, 'uiKlines?interval=1d'],
    ['avgPrice', 'avgPrice', { symbol }, 'avgPrice?'],
    ['tickerPrice', 'tickerPrice', { symbol }, 'ticker/price?'],
    ['tickerBookTicker', 'tickerBook', { symbol }, 'ticker/bookTicker?'],
  ];

  it('has the same by REST and by the WebSocket API', async () => {
    const { Spot } = await importClient<Client>('@binance/spot');
    const client = new Spot({
      configurationRestAPI: { apiKey: '', basePath: http },
      configurationWebsocketAPI: { apiKey: '', wsURL: `${ws}/ws-api/v3` },
    });
    const socket = await client.websocketAPI.connect();
    for (const [restCall, socketCall, parameters, path] of calls) {
      const expected = await rest(`${path}&symbol=${symbol}`);
      expect(await (await client.restAPI[restCall](parameters)).data()).toEqual(expected);
      expect((await socket[socketCall](parameters)).data).toEqual(expected);
    }
    const { data, rateLimits } = await socket.exchangeInfo({ symbols: NAMES });
    expect(data.symbols.length).toBe(NAMES.length);
    expect(rateLimits[0].count).toBeGreaterThan(100);
    await socket.disconnect();
  });
});

describe('binance-api-node', () => {
  it('has REST in words of its own', async () => {
    const newClient = defaultOf(await importClient<Client>('binance-api-node'));
    const client = newClient({ httpBase: http, wsBase: `${ws}/ws` });
    expect(await client.ping()).toBe(true);
    expect(await client.time()).toBe(server.clock.nowMs());
    const [candle] = await client.candles({ symbol, interval: '1m', limit: 1 });
    const [kline] = await rest(`klines?symbol=${symbol}&interval=1m&limit=1`);
    expect([candle.openTime, candle.close, candle.trades]).toEqual([kline[0], kline[4], kline[8]]);
    const { bids } = await client.book({ symbol, limit: 3 });
    const own = await rest(`depth?symbol=${symbol}&limit=3`);
    expect(bids.map(({ price }: { price: string }) => price)).toEqual(
      own.bids.map(([price]: string[]) => price),
    );
    const [trade] = await client.aggTrades({ symbol, limit: 1 });
    expect(trade.aggId).toBe((await rest(`aggTrades?symbol=${symbol}&limit=1`))[0].a);
    expect(Object.keys(await client.prices())).toEqual(NAMES);
    expect(Object.keys(await client.allBookTickers())).toEqual(NAMES);
  });
});

describe('node-binance-api', () => {
  it('has REST in words of its own', async () => {
    const Binance = defaultOf(await importClient<Client>('node-binance-api'));
    const urls = {
      base: `${http}/api/`,
      stream: `${ws}/ws/`,
      combineStream: `${ws}/stream?streams=`,
    };
    const client = new Binance({ urls });
    expect((await client.time()).serverTime).toBe(server.clock.nowMs());
    expect((await client.exchangeInfo()).symbols.length).toBe(NAMES.length);
    const [candle] = await client.candlesticks(symbol, '1m', { limit: 1 });
    const [kline] = await rest(`klines?symbol=${symbol}&interval=1m&limit=1`);
    expect([candle.openTime, candle.close]).toEqual([kline[0], kline[4]]);
    const { asks } = await client.depth(symbol);
    const own = await rest(`depth?symbol=${symbol}`);
    expect(Object.keys(asks).length).toBe(own.asks.length);
    expect(Object.keys(await client.prices())).toEqual(NAMES);
    const recent = await client.recentTrades(symbol, 2);
    expect(recent).toEqual(await rest(`trades?symbol=${symbol}&limit=2`));
  });
});
