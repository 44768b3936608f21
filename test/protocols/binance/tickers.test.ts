import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.ts';
import { INTERVAL, startTestServer, type TestServer, UNHURRIED } from '../../helpers/server.ts';
import { problemsOf, type SCHEMAS } from './schemas.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const SPEC = {
  interval: MINUTE_MS,
  dtype: 'uint32',
  count: undefined,
  instruments: [
    { symbol: 'ORBX', model: 'market', startPrice: 250, tickSize: 0.01, tradesPerDay: 20_000 },
    { symbol: 'AUR/VEL', model: 'gbm', startPrice: 50, tickSize: 0.25 },
    { symbol: 'rare', model: 'market', startPrice: 100, tradesPerDay: 40 },
  ],
};
const NAMES = ['ORBXUSDT', 'AURVEL', 'RAREUSDT'];
/** A bit more than two days. */
const ROWS = 3000;

let server: TestServer;
/** All that was traded, by Tickwell's own routes: single trades, and the price of each row. */
const trades: { id: number; time: number; price: number; lots: number }[][] = [];
const lasts: number[][] = [];

beforeAll(async () => {
  server = await startTestServer({
    spec: SPEC,
    rows: ROWS,
    limits: { ...UNHURRIED, workBurst: 1e15, maxTradesPerAnswer: 1e6 },
  });
  for (const { symbol } of SPEC.instruments) {
    const name = encodeURIComponent(symbol);
    const { json: all } = await server.get(`/v1/trades?symbol=${name}&fromId=0&prices=decimal`);
    trades.push(
      all.time.map((time: number, n: number) => ({
        ...{ id: all.fromId + n, time, price: Number(all.price[n]), lots: all.lots[n] },
      })),
    );
    const path = `/v1/rows?symbols=${name}&last=${ROWS}&prices=decimal`;
    const { json: rows } = await server.get(path);
    lasts.push(rows.prices[0].map(Number));
  }
});

afterAll(async () => {
  await server.stop();
  expect(server.failures).toEqual([]);
});

async function ask(path: string) {
  const { status, json } = await server.get(`/api/v3/${path}`);
  expect(status).toBe(200);
  return json;
}

const both = (...names: string[]) => encodeURIComponent(JSON.stringify(names));

/** What the rows from `fromMs` on came to, by Tickwell's own trades and rows. */
function folded(column: number, fromMs: number) {
  const from = Math.max(0, Math.ceil((fromMs - server.timeOf(0)) / MINUTE_MS));
  const rows = lasts[column]!.slice(from);
  const own = trades[column]!.filter(({ time }) => time >= server.timeOf(from));
  const volume = own.reduce((sum, { lots }) => sum + lots, 0);
  const quoteVolume = own.reduce((sum, { price, lots }) => sum + price * lots, 0);
  return {
    ...{ open: rows[0]!, high: Math.max(...rows), low: Math.min(...rows), last: rows.at(-1)! },
    before: lasts[column]![Math.max(0, from - 1)]!,
    ...{ volume, quoteVolume, count: own.length },
    firstId: own[0]?.id ?? -1,
    lastId: own.at(-1)?.id ?? -1,
  };
}

// biome-ignore lint/suspicious/noExplicitAny: an answer that a schema is held to elsewhere.
function expectFolded(ticker: any, column: number, fromMs: number) {
  const expected = folded(column, fromMs);
  const number = (name: string) => Number(ticker[name]);
  expect({
    ...{ open: number('openPrice'), high: number('highPrice'), low: number('lowPrice') },
    ...{ last: number('lastPrice'), volume: number('volume') },
    ...{ count: ticker.count, firstId: ticker.firstId, lastId: ticker.lastId },
  }).toEqual({
    ...{ open: expected.open, high: expected.high, low: expected.low, last: expected.last },
    ...{ volume: expected.volume, count: expected.count },
    ...{ firstId: expected.firstId, lastId: expected.lastId },
  });
  expect(number('quoteVolume')).toBeCloseTo(expected.quoteVolume, 4);
  if (ticker.priceChange === undefined) return;
  expect(number('priceChange')).toBeCloseTo(expected.last - expected.open, 8);
  const percent = (100 * (expected.last - expected.open)) / expected.open;
  expect(Math.abs(number('priceChangePercent') - percent)).toBeLessThan(0.00051);
  const average = expected.volume === 0 ? 0 : expected.quoteVolume / expected.volume;
  expect(number('weightedAvgPrice')).toBeCloseTo(average, 6);
}

describe('every ticker', () => {
  it.each<[string, keyof typeof SCHEMAS]>([
    ...NAMES.flatMap((name): [string, keyof typeof SCHEMAS][] => [
      [`ticker/24hr?symbol=${name}`, 'dayTicker'],
      [`ticker/24hr?symbol=${name}&type=MINI`, 'miniTicker'],
      [`ticker?symbol=${name}`, 'ticker'],
      [`ticker?symbol=${name}&windowSize=3h&type=MINI`, 'miniTicker'],
      [`ticker/tradingDay?symbol=${name}&timeZone=5:30`, 'ticker'],
    ]),
    [`ticker/24hr?symbols=${both('AURVEL', 'ORBXUSDT')}`, 'dayTickers'],
    [`ticker/24hr?symbols=${both('AURVEL')}&type=MINI`, 'miniTickers'],
    ['ticker/24hr', 'dayTickers'],
    ['ticker/24hr?type=MINI', 'miniTickers'],
    [`ticker?symbols=${both('AURVEL', 'ORBXUSDT')}`, 'tickers'],
    [`ticker/tradingDay?symbols=${both('AURVEL')}&type=MINI`, 'miniTickers'],
  ])('%s is as documented', async (path, name) => {
    const json = await ask(path);
    expect(problemsOf(name, json)).toEqual([]);
    expect(Array.isArray(json)).toBe(name.endsWith('s'));
    if (Array.isArray(json)) expect(json.length).toBeGreaterThan(0);
  });

  it('is of a market that has begun: until then there is none of all, and none is named', async () => {
    const early = await startTestServer({ spec: SPEC, rows: 0 });
    expect((await early.get('/api/v3/ticker/24hr')).json).toEqual([]);
    for (const path of [
      'ticker/24hr?symbol=AURVEL',
      'ticker?symbol=AURVEL',
      `ticker/tradingDay?symbols=${both('AURVEL')}`,
    ]) {
      const { status, json } = await early.get(`/api/v3/${path}`);
      expect([status, json.code]).toEqual([503, -1008]);
    }
    await early.stop();
  });
});

describe('the last 24 hours', () => {
  it('are what their rows and trades come to', async () => {
    const closeTime = server.timeOf(ROWS - 1);
    const all = await ask('ticker/24hr');
    expect(all.map(({ symbol }: { symbol: string }) => symbol)).toEqual(NAMES);
    for (const [column, name] of NAMES.entries()) {
      const ticker = await ask(`ticker/24hr?symbol=${name}`);
      expect(ticker).toEqual(all[column]);
      expect([ticker.openTime, ticker.closeTime]).toEqual([
        closeTime - DAY_MS + MINUTE_MS,
        closeTime,
      ]);
      expectFolded(ticker, column, closeTime - DAY_MS + 1);
      const { before } = folded(column, closeTime - DAY_MS + 1);
      expect(Number(ticker.prevClosePrice)).toBe(before);
      const best = await ask(`ticker/bookTicker?symbol=${name}`);
      expect(ticker).toMatchObject(best);
      const [newest] = await ask(`trades?symbol=${name}&limit=1`);
      expect([ticker.lastId, ticker.lastQty]).toEqual([newest.id, newest.qty]);
      const mini = await ask(`ticker/24hr?symbol=${name}&type=MINI`);
      expect(ticker).toMatchObject(mini);
    }
  });

  it('are said in the order asked for, in microseconds too', async () => {
    const [orbx, aur] = await ask(`ticker/24hr?symbols=${both('ORBXUSDT', 'AURVEL')}`);
    expect(await ask(`ticker/24hr?symbols=${both('AURVEL', 'ORBXUSDT')}`)).toEqual([aur, orbx]);
    const headers = { 'x-mbx-time-unit': 'MICROSECOND' };
    const path = '/api/v3/ticker/24hr?symbol=AURVEL';
    const { json } = await server.get(path, { headers });
    const times = { openTime: aur.openTime * 1000, closeTime: aur.closeTime * 1000 };
    expect(json).toEqual({ ...aur, ...times });
  });

  it('go on row by row, and are left out of the list of all until they are known', async () => {
    const own = await startTestServer({
      spec: { interval: 10, count: 3 },
      rows: 20_000,
      limits: UNHURRIED,
    });
    const listed = async () =>
      (await own.get('/api/v3/ticker/24hr?type=MINI')).json.map(
        ({ symbol }: { symbol: string }) => symbol,
      );
    expect(await listed()).toEqual([]);
    const { json: info } = await own.get('/api/v3/exchangeInfo');
    const [first, , third] = info.symbols.map(({ symbol }: { symbol: string }) => symbol);
    for (const name of [third, first]) await own.get(`/api/v3/ticker/24hr?symbol=${name}`);
    expect(await listed()).toEqual([first, third]);
    const get = async (path: string) => (await own.get(`/api/v3/${path}`)).json;
    for (let round = 0; round < 5; round++) {
      const { head } = own.server.feed;
      own.clock.pass(10 * 40 ** (round % 3));
      await eventually(() => expect(own.server.feed.head).toBeGreaterThan(head));
      const ticker = await get(`ticker/24hr?symbol=${third}&type=MINI`);
      const { openTime, ...window } = await get(`ticker?symbol=${third}&type=MINI`);
      // Of a market that is younger than a day both have all rows.
      expect(ticker).toEqual({ ...window, openTime: ticker.closeTime - DAY_MS + INTERVAL });
      expect(openTime).toBeLessThanOrEqual(ticker.openTime);
    }
    await own.stop();
  });
});

describe('a window', () => {
  it.each([
    ['1m', MINUTE_MS],
    ['59m', 59 * MINUTE_MS],
    ['1h', HOUR_MS],
    ['23h', 23 * HOUR_MS],
    ['1d', DAY_MS],
    ['7d', 7 * DAY_MS],
  ])('of %s begins with a minute, and is what its rows and trades come to', async (size, ms) => {
    const closeTime = server.timeOf(ROWS - 1);
    const openTime = Math.floor((closeTime - ms) / MINUTE_MS) * MINUTE_MS;
    const all = await ask(`ticker?symbols=${both(...NAMES)}&windowSize=${size}`);
    for (const [column, ticker] of all.entries()) {
      expect([ticker.openTime, ticker.closeTime]).toEqual([openTime, closeTime]);
      expectFolded(ticker, column, openTime);
    }
    const one = await ask(`ticker?symbol=${NAMES[1]}&windowSize=${size}`);
    expect(one).toEqual(all[1]);
  });
});

describe('a trading day', () => {
  it.each([
    ['0', 0],
    ['8', 8],
    ['-12:00', -12],
    ['+5:30', 5.5],
  ])('begins at midnight by a clock of %s, and is what its rows come to', async (zone, hours) => {
    const newest = server.timeOf(ROWS - 1);
    const midnight = Math.floor((newest + hours * HOUR_MS) / DAY_MS) * DAY_MS - hours * HOUR_MS;
    const path = `symbols=${both(...NAMES)}&timeZone=${encodeURIComponent(zone)}`;
    const all = await ask(`ticker/tradingDay?${path}`);
    for (const [column, ticker] of all.entries()) {
      expect([ticker.openTime, ticker.closeTime]).toEqual([midnight, midnight + DAY_MS - 1]);
      expectFolded(ticker, column, midnight);
    }
    const [[openTime, open, high, low, last, volume, , quoteVolume, count]] = await ask(
      `klines?symbol=AURVEL&interval=1d&limit=1&timeZone=${encodeURIComponent(zone)}`,
    );
    const prices = { openPrice: open, highPrice: high, lowPrice: low, lastPrice: last };
    expect(all[1]).toMatchObject({ openTime, ...prices, volume, quoteVolume, count });
  });
});

describe('what is wrong with a ticker', () => {
  const symbol = 'symbol=AURVEL';
  const PATHS = ['ticker/24hr', 'ticker', 'ticker/tradingDay'];
  it.each<[string, number]>([
    ...PATHS.flatMap((path): [string, number][] => [
      [`${path}?symbol=NOPE`, -1121],
      [`${path}?symbol=`, -1102],
      [`${path}?symbol=aurvel`, -1100],
      [`${path}?symbol=AUR%2FVEL`, -1100],
      [`${path}?${symbol}&${symbol}`, -1101],
      [`${path}?${symbol}&symbols=${both('AURVEL')}`, -1128],
      [`${path}?symbols=`, -1105],
      [`${path}?symbols=AURVEL`, -1100],
      [`${path}?symbols=[]`, -1100],
      [`${path}?symbols=${both('')}`, -1100],
      [`${path}?symbols=${both('NOPE')}`, -1121],
      [`${path}?symbols=${both('AURVEL', 'AURVEL')}`, -1151],
      [`${path}?${symbol}&type=`, -1105],
      [`${path}?${symbol}&type=mini`, -1139],
      [`${path}?${symbol}&type=SMALL`, -1139],
      [`${path}?${symbol}&type=FULL&type=MINI`, -1101],
    ]),
    ['ticker', -1102],
    ['ticker?type=MINI', -1102],
    ['ticker/tradingDay', -1102],
    ['ticker/tradingDay?timeZone=8', -1102],
    ...['0m', '60m', '24h', '8d', '1w', '1M', '1', 'm', '01m', '1D', '-1m', '1.5h'].map(
      (size): [string, number] => [`ticker?${symbol}&windowSize=${size}`, -1130],
    ),
    [`ticker?${symbol}&windowSize=`, -1105],
    [`ticker?${symbol}&windowSize=1m&windowSize=1m`, -1101],
    ...['15', '-13', '8:60', 'UTC', '+', '1:1'].map((zone): [string, number] => [
      `ticker/tradingDay?${symbol}&timeZone=${encodeURIComponent(zone)}`,
      -1130,
    ]),
    [`ticker/tradingDay?${symbol}&timeZone=`, -1105],
  ])('%s is %d', async (path, code) => {
    const { status, json } = await server.get(`/api/v3/${path}`);
    expect([status, json.code]).toEqual([400, code]);
    expect(problemsOf('error', json)).toEqual([]);
  });

  it('is more symbols than a hundred, where each is added up', async () => {
    const many = await startTestServer({
      spec: { interval: HOUR_MS, count: 101 },
      rows: 30,
      limits: UNHURRIED,
    });
    const { json: info } = await many.get('/api/v3/exchangeInfo');
    const names = info.symbols.map(({ symbol: name }: { symbol: string }) => name);
    const of = (count: number, path: string) =>
      many.get(`/api/v3/${path}?symbols=${both(...names.slice(0, count))}`);
    for (const path of ['ticker', 'ticker/tradingDay']) {
      expect((await of(101, path)).json.code).toBe(-1130);
      expect((await of(100, path)).json).toHaveLength(100);
    }
    expect((await of(101, 'ticker/24hr')).json).toHaveLength(101);
    await many.stop();
  });

  it('is more work than any address may have done at once', async () => {
    const spec = { interval: 100, count: 60, capacity: 50, dtype: 'uint32' };
    const wide = await startTestServer({ spec, rows: 7 * 864_000, limits: UNHURRIED });
    const names = wide.market.instruments.map(({ symbol }) => `${symbol.toUpperCase()}USDT`);
    const symbols = both(...names.map((name) => name.replace('_', '')));
    const path = `/api/v3/ticker?symbols=${symbols}&windowSize=7d`;
    const { status, json } = await wide.get(path);
    expect([status, json.code]).toEqual([400, -1130]);
    expect(json.msg).toMatch(
      /^symbols and windowSize must take at most 10000000000 prices of work; given: \d{11}$/,
    );
    await wide.stop();
  });

  it('counts as much as it is documented to', async () => {
    const weightOf = async (path: string) => {
      const before = (await server.get('/api/v3/ping')).headers;
      const after = (await server.get(`/api/v3/${path}`)).headers;
      const used = (headers: Headers) => Number(headers.get('x-mbx-used-weight-1m'));
      return used(after) - used(before);
    };
    expect(await weightOf('ticker/24hr?symbol=AURVEL')).toBe(2);
    expect(await weightOf(`ticker/24hr?symbols=${both('AURVEL')}`)).toBe(2);
    expect(await weightOf('ticker/24hr')).toBe(80);
    expect(await weightOf('ticker?symbol=AURVEL')).toBe(4);
    expect(await weightOf(`ticker?symbols=${both(...NAMES)}`)).toBe(12);
    const many = both(...Array.from({ length: 30 }, (_, n) => `S${n}`));
    expect(await weightOf(`ticker/24hr?symbols=${many}`)).toBe(40);
    const most = both(...Array.from({ length: 101 }, (_, n) => `S${n}`));
    expect(await weightOf(`ticker/24hr?symbols=${most}`)).toBe(80);
    expect(await weightOf(`ticker/tradingDay?symbols=${most}`)).toBe(200);
  });
});
