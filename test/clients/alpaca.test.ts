import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../helpers/consumer.ts';
import { eventually } from '../helpers/eventually.ts';
import { importClient } from '../helpers/real-client.ts';
import { startTestServer, type TestServer, UNHURRIED } from '../helpers/server.ts';

/** A Monday on which New York is open; rows ten times a second. */
const ORIGIN = Date.UTC(2026, 0, 5, 15);
const ROW = 100;
const ROWS = 2000;
const MINUTE = 60_000;
const START = new Date(ORIGIN);
const END = new Date(ORIGIN + 3 * MINUTE - 1);
const STOCK = { assetClass: 'stock', model: 'market', calendar: 'new-york', tickSize: 0.01 };

const SPEC = {
  ...{ origin: ORIGIN, interval: ROW, capacity: 1000, dtype: 'uint32', count: undefined },
  defaults: { tradesPerDay: 400_000, startPrice: 80 },
  instruments: [
    { symbol: 'NIMBO', ...STOCK },
    { symbol: 'KARBO', ...STOCK },
    { symbol: 'AUR/VEL', tickSize: 0.25 },
    { symbol: 'ORBX', tickSize: 0.01 },
  ],
};

/** A certificate of this machine, made for this test, with its key. */
const CERTIFICATE = join(ROOT, 'test/clients/localhost.pem');
const PAIRS = ['AUR/VEL', 'ORBX/USDT'];
const KEYS = { keyId: 'any', secret: 'key' };

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
async function rest(path: string): Promise<Client> {
  const headers = { 'apca-api-key-id': 'any', 'apca-api-secret-key': 'any' };
  return (await server.get(path, { headers })).json;
}

const range = `start=${START.toISOString()}&end=${END.toISOString()}&limit=10000`;
/** An item as a client gives it: its times are dates there. */
const dated = (item: Client) => ({ ...item, t: new Date(item.t) });

/** Lets rows pass until this no longer throws. */
function passing<T>(check: () => T): Promise<T> {
  return eventually(() => {
    server.clock.pass(ROW);
    return check();
  });
}

describe('@alpacahq/alpaca-trade-api 4', () => {
  let sdk: Client;

  beforeAll(async () => {
    const module = await importClient<Client>('@alpacahq/alpaca-trade-api');
    sdk = module.default ?? module;
  });

  const configuration = () => new sdk.marketData.Configuration({ basePath: http, ...KEYS });

  it('asks StockApi for all that there is of stocks', async () => {
    const stocks = new sdk.marketData.StockApi(configuration());
    const [symbols, symbol] = ['NIMBO,KARBO', 'NIMBO'];
    const asked = { start: START, end: END, limit: 10_000 };
    const own = async (name: string, more = '') =>
      await rest(`/v2/stocks/NIMBO/${name}?${range}${more}`);
    const bars = (await own('bars', '&timeframe=1Min')).bars;
    expect(bars.length).toBe(3);
    const single = await stocks.stockBarSingle({ ...asked, symbol, timeframe: '1Min' });
    expect(single).toMatchObject({ symbol, bars: bars.map(dated), nextPageToken: null });
    const several = await stocks.stockBars({ ...asked, symbols, timeframe: '1Min' });
    expect(several.bars.NIMBO).toEqual(bars);
    expect(Object.keys(several.bars).toSorted()).toEqual(['KARBO', 'NIMBO']);
    const [{ trades }, { quotes }] = [await own('trades'), await own('quotes')];
    expect((await stocks.stockTradeSingle({ ...asked, symbol })).trades).toEqual(trades.map(dated));
    expect((await stocks.stockQuoteSingle({ ...asked, symbol })).quotes).toEqual(quotes.map(dated));
    const paged = await sdk.pagination.collect(async (pageToken?: string) => {
      const page = await stocks.stockTrades({ ...asked, limit: 77, symbols: symbol, pageToken });
      return { items: page.trades.NIMBO ?? [], nextPageToken: page.nextPageToken };
    });
    expect(paged).toEqual(trades);
    const snapshot = await rest('/v2/stocks/NIMBO/snapshot');
    const { trade } = await stocks.stockLatestTradeSingle({ symbol });
    expect(trade).toEqual(dated(snapshot.latestTrade));
    const { quote } = await stocks.stockLatestQuoteSingle({ symbol });
    expect(quote).toEqual(dated(snapshot.latestQuote));
    const { bar } = await stocks.stockLatestBarSingle({ symbol });
    expect(bar).toEqual(dated(snapshot.minuteBar));
    expect((await stocks.stockLatestBars({ symbols })).bars.NIMBO).toEqual(bar);
    expect((await stocks.stockLatestTrades({ symbols })).trades.NIMBO).toEqual(trade);
    expect((await stocks.stockLatestQuotes({ symbols })).quotes.NIMBO).toEqual(quote);
    const of = await stocks.stockSnapshotSingle({ symbol });
    expect(of.dailyBar).toEqual(dated(snapshot.dailyBar));
    expect((await stocks.stockSnapshots({ symbols })).NIMBO.latestTrade).toEqual(trade);
    expect(await stocks.stockMetaExchanges()).toHaveProperty('V');
    const conditions = await stocks.stockMetaConditions({ ticktype: 'trade', tape: 'A' });
    expect(conditions).toHaveProperty('@');
  });

  it('asks CryptoApi for all that there is of pairs', async () => {
    const crypto = new sdk.marketData.CryptoApi(configuration());
    const asked = { loc: 'us', symbols: PAIRS.join(), start: START, end: END, limit: 10_000 };
    const base = `/v1beta3/crypto/us`;
    const own = async (name: string, more = '') =>
      await rest(`${base}/${name}?symbols=${PAIRS}&${range}${more}`);
    const { bars } = await crypto.cryptoBars({ ...asked, timeframe: '1Min' });
    expect(bars).toEqual((await own('bars', '&timeframe=1Min')).bars);
    expect((await crypto.cryptoTrades(asked)).trades).toEqual((await own('trades')).trades);
    expect((await crypto.cryptoQuotes(asked)).quotes).toEqual((await own('quotes')).quotes);
    const latest = { loc: 'eu-1', symbols: PAIRS.join() };
    const { orderbooks } = await crypto.cryptoLatestOrderbooks(latest);
    expect(orderbooks['AUR/VEL'].b.length).toBe(20);
    const { snapshots } = await crypto.cryptoSnapshots(latest);
    const { trades } = await crypto.cryptoLatestTrades(latest);
    expect(snapshots['ORBX/USDT'].latestTrade).toEqual(trades['ORBX/USDT']);
    const { quotes } = await crypto.cryptoLatestQuotes(latest);
    expect(snapshots['ORBX/USDT'].latestQuote).toEqual(quotes['ORBX/USDT']);
    expect(Object.keys((await crypto.cryptoLatestBars(latest)).bars).length).toBe(2);
  });

  it('asks when the market is open', async () => {
    const trading = new sdk.trading.Configuration({ basePath: http, ...KEYS });
    const clock = await new sdk.trading.ClockApi(trading).legacyClock();
    expect(clock).toMatchObject({ isOpen: true, nextClose: new Date('2026-01-05T21:00:00Z') });
    const days = await new sdk.trading.CalendarApi(trading).legacyCalendar({
      ...{ start: new Date('2026-01-02'), end: new Date('2026-01-06') },
    });
    expect(days.map(({ open, close }: Client) => [open, close])).toEqual(
      Array(3).fill(['09:30', '16:00']),
    );
  });

  it('is told what is wrong by errors of its own', async () => {
    const stocks = new sdk.marketData.StockApi(configuration());
    const wrong = stocks.stockBarSingle({ symbol: 'GONE', timeframe: '1Min' });
    await expect(wrong).rejects.toBeInstanceOf(sdk.ValidationError);
    await expect(wrong).rejects.toThrow('invalid symbol: GONE');
    const keyless = new sdk.marketData.StockApi(
      new sdk.marketData.Configuration({ basePath: http }),
    );
    await expect(keyless.stockMetaExchanges()).rejects.toBeInstanceOf(sdk.AuthError);
  });

  it('follows stocks by StockDataStream, which speaks MessagePack', async () => {
    const stream = new sdk.streaming.StockDataStream({ credentials: KEYS, url: `${ws}/v2/iex` });
    const [trades, quotes, bars, errors]: Client[][] = [[], [], [], []];
    stream.onTrade((trade: Client) => trades!.push(trade));
    stream.onQuote((quote: Client) => quotes!.push(quote));
    stream.onBar((bar: Client) => bars!.push(bar));
    stream.onError((error: Client) => errors!.push(error));
    stream.subscribeForTrades(['NIMBO']);
    stream.subscribeForQuotes(['*']);
    stream.subscribeForBars(['KARBO']);
    stream.connect();
    expect((await stream.whenAuthenticated()).authenticated).toBe(true);
    await passing(() => expect(trades!.length * quotes!.length).toBeGreaterThan(20));
    server.clock.pass(MINUTE);
    await eventually(() => expect(bars!.length).toBeGreaterThan(0));
    stream.disconnect();
    expect(errors).toEqual([]);
    const [first, last] = [trades![0], trades!.at(-1)];
    const times = `start=${first.timestampRaw}&end=${last.timestampRaw}&limit=10000`;
    const { trades: own } = await rest(`/v2/stocks/NIMBO/trades?${times}`);
    const told = trades!.map(({ id, price, size, timestamp }) => ({ id, price, size, timestamp }));
    expect(told).toEqual(
      own.map(({ i, p, s, t }: Client) => ({ id: i, price: p, size: s, timestamp: new Date(t) })),
    );
    const [{ timestamp, close, vwap }] = bars as [Client];
    const minute = `timeframe=1Min&start=${timestamp.toISOString()}&limit=1`;
    const { bars: ownBars } = await rest(`/v2/stocks/KARBO/bars?${minute}`);
    expect([close, vwap]).toEqual([ownBars[0].c, ownBars[0].vw]);
  });

  it('follows pairs by CryptoDataStream, and its books from a whole one on', async () => {
    const url = `${ws}/v1beta3/crypto/us`;
    const stream = new sdk.streaming.CryptoDataStream({ credentials: KEYS, url });
    const [trades, books]: Client[][] = [[], []];
    stream.onTrade((trade: Client) => trades!.push(trade));
    stream.onOrderbook((book: Client) => books!.push(book));
    stream.subscribeForTrades(PAIRS);
    stream.subscribeForOrderbooks(['AUR/VEL']);
    stream.connect();
    await passing(() => expect(Math.min(trades!.length, books!.length)).toBeGreaterThan(5));
    // Of several rows at once a whole book may be less than what changed.
    let seen = 0;
    await eventually(() => {
      if (books!.length > seen) server.clock.pass(ROW);
      seen = books!.length;
      expect(books!.some(({ reset }) => !reset)).toBe(true);
    });
    stream.disconnect();
    expect(new Set(trades!.map(({ takerSide }) => takerSide))).toEqual(new Set(['B', 'S']));
    expect(books![0].reset).toBe(true);
  });
});

describe('@alpacahq/alpaca-trade-api 3', () => {
  let alpaca: Client;

  beforeAll(async () => {
    const { default: Alpaca } = await importClient<Client>('alpaca-3');
    alpaca = new Alpaca({ baseUrl: http, dataBaseUrl: http, keyId: 'any', secretKey: 'key' });
  });

  async function listOf(items: AsyncIterable<Client>): Promise<Client[]> {
    const list: Client[] = [];
    for await (const item of items) list.push(item);
    return list;
  }

  it('pages through bars, trades and quotes of stocks', async () => {
    const asked = { start: START.toISOString(), end: END.toISOString() };
    const bars = await listOf(alpaca.getBarsV2('NIMBO', { ...asked, timeframe: '1Min' }));
    const { bars: own } = await rest(`/v2/stocks/NIMBO/bars?timeframe=1Min&${range}`);
    expect(bars.map(({ ClosePrice }) => ClosePrice)).toEqual(own.map(({ c }: Client) => c));
    const trades = await listOf(alpaca.getTradesV2('NIMBO', { ...asked, pageLimit: 50 }));
    const { trades: ownTrades } = await rest(`/v2/stocks/NIMBO/trades?${range}`);
    expect(trades.map(({ ID }) => ID)).toEqual(ownTrades.map(({ i }: Client) => i));
    const quotes = await listOf(alpaca.getQuotesV2('NIMBO', { ...asked, limit: 120 }));
    expect(quotes.length).toBe(120);
    const many = await alpaca.getMultiBarsV2(['NIMBO', 'KARBO'], { ...asked, timeframe: '1Min' });
    expect([...many.keys()].toSorted()).toEqual(['KARBO', 'NIMBO']);
    const latest = await alpaca.getLatestTrade('NIMBO');
    const snapshot = await alpaca.getSnapshot('NIMBO');
    expect(snapshot.LatestTrade.ID).toBe(latest.ID);
    const snapshots = await alpaca.getSnapshots(['NIMBO', 'KARBO']);
    expect(snapshots.map(({ symbol }: Client) => symbol).toSorted()).toEqual(['KARBO', 'NIMBO']);
    expect((await alpaca.getLatestQuotes(['KARBO'])).get('KARBO').AskPrice).toBeGreaterThan(0);
  });

  it('asks for pairs, the clock and the calendar', async () => {
    const asked = { start: START.toISOString(), end: END.toISOString(), timeframe: '1Min' };
    const bars = await alpaca.getCryptoBars(PAIRS, asked);
    expect(bars.get('AUR/VEL').length).toBe(3);
    const books = await alpaca.getCryptoOrderbooks(PAIRS);
    expect(books.get('ORBX/USDT').Asks.length).toBe(20);
    expect([...(await alpaca.getCryptoSnapshots(PAIRS)).keys()].length).toBe(2);
    expect(await alpaca.getClock()).toMatchObject({ is_open: true });
    const days = await alpaca.getCalendar({ start: '2026-01-05', end: '2026-01-06' });
    expect(days.map(({ date }: Client) => date)).toEqual(['2026-01-05', '2026-01-06']);
  });

  it('follows stocks and pairs behind TLS, which it insists on', async () => {
    const pem = readFileSync(CERTIFICATE);
    const proxy = createServer({ key: pem, cert: pem }, (socket) => {
      const to = connect(Number(new URL(http).port), '127.0.0.1');
      for (const end of [socket, to]) end.on('error', () => {});
      socket.pipe(to).pipe(socket);
      socket.on('close', () => to.destroy());
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const { port } = proxy.address() as AddressInfo;
    const child = spawn(process.execPath, ['-e', FOLLOWER, `https://127.0.0.1:${port}`], {
      cwd: join(ROOT, 'test/clients'),
      env: { ...process.env, NODE_EXTRA_CA_CERTS: CERTIFICATE },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const told: Client[] = [];
    createInterface(child.stdout).on('line', (line) => told.push(JSON.parse(line)));
    const of = (what: string) => told.filter(([kind]) => kind === what).map(([, item]) => item);
    await passing(() => {
      for (const what of ['trade', 'quote', 'pair', 'book']) {
        expect(of(what).length).toBeGreaterThan(3);
      }
    });
    child.kill();
    await once(child, 'close');
    proxy.close();
    expect(of('error')).toEqual([]);
    const ids = of('trade').map(({ ID }) => ID);
    expect(ids).toEqual(ids.map((_, n) => ids[0] + n));
    expect(of('quote')[0]).toMatchObject({ Symbol: 'KARBO', BidPrice: expect.any(Number) });
  });
});

/** Prints all that its streams tell it. */
const FOLLOWER = `
  const Alpaca = require('alpaca-3');
  const alpaca = new Alpaca({ dataStreamUrl: process.argv[1], keyId: 'any', secretKey: 'key' });
  const tell = (what) => (item) => console.log(JSON.stringify([what, item]));
  const stocks = alpaca.data_stream_v2;
  stocks.onError(tell('error'));
  stocks.onStockTrade(tell('trade'));
  stocks.onStockQuote(tell('quote'));
  stocks.onConnect(() => {
    stocks.subscribeForTrades(['NIMBO']);
    stocks.subscribeForQuotes(['KARBO']);
  });
  stocks.connect();
  const pairs = alpaca.crypto_stream_v1beta3;
  pairs.onError(tell('error'));
  pairs.onCryptoTrade(tell('pair'));
  pairs.onCryptoOrderbook(tell('book'));
  pairs.onConnect(() => {
    pairs.subscribeForTrades(['AUR/VEL']);
    pairs.subscribeForOrderbooks(['*']);
  });
  pairs.connect();
`;
