import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer, UNHURRIED } from '../../helpers/server.ts';
import { problemsOf, type SCHEMAS } from './schemas.ts';

const SPEC = {
  interval: 1000,
  dtype: 'uint32',
  count: undefined,
  instruments: [
    { symbol: 'ORBX', model: 'market', startPrice: 250, tickSize: 0.01 },
    { symbol: 'AUR/VEL', model: 'gbm', startPrice: 50, tickSize: 0.25, tradesPerDay: 2000 },
    { symbol: 'walk', tickSize: 1e-10, startPrice: 1e-5 },
  ],
};
const NAMES = ['ORBXUSDT', 'AURVEL', 'WALKUSDT'];
const ROWS = 40_000;

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({
    spec: SPEC,
    rows: ROWS,
    limits: { ...UNHURRIED, workBurst: 1e15 },
  });
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

describe('every answer', () => {
  it.each<[string, keyof typeof SCHEMAS]>([
    ['ping', 'ping'],
    ['time', 'time'],
    ['exchangeInfo', 'exchangeInfo'],
    ['avgPrice?symbol=AURVEL', 'avgPrice'],
    ['ticker/price?symbol=AURVEL', 'price'],
    ['ticker/price', 'prices'],
    [`ticker/price?symbols=${both('AURVEL')}`, 'prices'],
    ['ticker/bookTicker?symbol=AURVEL', 'bookTicker'],
    ['ticker/bookTicker', 'bookTickers'],
    ...NAMES.flatMap((name): [string, keyof typeof SCHEMAS][] => [
      [`depth?symbol=${name}`, 'depth'],
      [`trades?symbol=${name}`, 'trades'],
      [`historicalTrades?symbol=${name}&fromId=3&limit=9`, 'trades'],
      [`aggTrades?symbol=${name}`, 'aggTrades'],
      [`klines?symbol=${name}&interval=5m`, 'klines'],
      [`uiKlines?symbol=${name}&interval=1s&limit=20`, 'klines'],
    ]),
  ])('%s is as documented', async (path, name) => {
    const json = await ask(path);
    expect(problemsOf(name, json)).toEqual([]);
    if (Array.isArray(json)) expect(json.length).toBeGreaterThan(0);
  });

  it('has no row to say anything of before the first one', async () => {
    const early = await startTestServer({ spec: SPEC, rows: 0 });
    for (const [path, json] of Object.entries({
      'trades?symbol=AURVEL': [],
      'aggTrades?symbol=AURVEL&fromId=0': [],
      'klines?symbol=AURVEL&interval=1m': [],
      'ticker/price': [],
    })) {
      expect((await early.get(`/api/v3/${path}`)).json).toEqual(json);
    }
    await early.stop();
  });

  it('knows no price before the market begins, and says when to come back', async () => {
    const early = await startTestServer({ spec: SPEC, rows: -9 });
    const msg = `a price is known once the market has begun, at ${early.timeOf(0)}; given: `;
    for (const path of [
      'depth?symbol=AURVEL',
      'avgPrice?symbol=AURVEL',
      'ticker?symbol=AURVEL',
      'ticker/tradingDay?symbol=AURVEL',
      ...['24hr', 'price', 'bookTicker'].flatMap((name) => [
        `ticker/${name}?symbol=AURVEL`,
        `ticker/${name}?symbols=${both('AURVEL', 'ORBXUSDT')}`,
      ]),
    ]) {
      const { status, json, headers } = await early.get(`/api/v3/${path}`);
      expect([status, json]).toEqual([503, { code: -1008, msg: msg + early.clock.nowMs() }]);
      expect(headers.get('retry-after')).toBe('10');
    }
    for (const name of ['24hr', 'price', 'bookTicker']) {
      expect((await early.get(`/api/v3/ticker/${name}`)).json).toEqual([]);
    }
    await early.stop();
  });
});

describe('depth', () => {
  it('is the book of the newest row, as deep as is asked, in eight decimals', async () => {
    for (const [column, name] of NAMES.entries()) {
      const symbol = encodeURIComponent(SPEC.instruments[column]!.symbol);
      const { json: own } = await server.get(
        `/v1/depth?symbol=${symbol}&levels=100&prices=decimal`,
      );
      for (const limit of [1, 7, 100, 5000]) {
        const { lastUpdateId, bids, asks } = await ask(`depth?symbol=${name}&limit=${limit}`);
        expect(lastUpdateId).toBe(ROWS - 1);
        for (const [levels, side] of [
          [bids, own.bids],
          [asks, own.asks],
        ] as const) {
          const some = side.slice(0, limit);
          expect(levels.map(([price, lots]: string[]) => [Number(price), Number(lots)])).toEqual(
            some.map((level: unknown[]) => level.map(Number)),
          );
        }
        const sorted = (side: string[][], sign: number) =>
          side
            .map(([price]) => sign * Number(price))
            .every((p, n, all) => n === 0 || all[n - 1]! < p);
        expect([sorted(bids, -1), sorted(asks, 1)]).toEqual([true, true]);
      }
    }
  });
});

describe('the best prices', () => {
  it('are those of the book, for all alike', async () => {
    const all = await ask('ticker/bookTicker');
    for (const [n, symbol] of NAMES.entries()) {
      const { bids, asks } = await ask(`depth?symbol=${symbol}&limit=1`);
      const [[bidPrice, bidQty]] = bids;
      const [[askPrice, askQty]] = asks;
      expect(all[n]).toEqual({ symbol, bidPrice, bidQty, askPrice, askQty });
      expect(await ask(`ticker/bookTicker?symbol=${symbol}`)).toEqual(all[n]);
    }
    expect(await ask(`ticker/bookTicker?symbols=${both('WALKUSDT', 'ORBXUSDT')}`)).toEqual([
      all[2],
      all[0],
    ]);
  });
});

describe('the newest price', () => {
  it('is that of the newest row and of the newest candle', async () => {
    const prices = await ask('ticker/price');
    const { json: latest } = await server.get('/v1/latest?prices=decimal');
    for (const [n, symbol] of NAMES.entries()) {
      expect(Number(prices[n].price)).toBe(Number(latest[n].last));
      const [newest] = await ask(`klines?symbol=${symbol}&interval=1M&limit=1`);
      expect(prices[n]).toEqual({ symbol, price: newest[4] });
    }
  });
});

describe('avgPrice', () => {
  it('is what was paid in the last five minutes, over the lots', async () => {
    for (const symbol of NAMES) {
      const { price, closeTime } = await ask(`avgPrice?symbol=${symbol}`);
      expect(closeTime).toBe(server.timeOf(ROWS - 1));
      const trades = await ask(
        `aggTrades?symbol=${symbol}&startTime=${server.timeOf(ROWS - 300)}&limit=1000`,
      );
      let [paid, lots] = [0, 0];
      for (const { p, q } of trades) {
        paid += Number(p) * Number(q);
        lots += Number(q);
      }
      expect(Number(price)).toBeCloseTo(paid / lots, 6);
    }
  });

  it('is the newest price where nothing was traded', async () => {
    const quiet = await startTestServer({
      spec: {
        interval: 1000,
        count: undefined,
        instruments: [{ symbol: 'Q', model: 'market', tradesPerDay: 1, startPrice: 100 }],
      },
      rows: 200,
    });
    const { json: newest } = await quiet.get('/api/v3/ticker/price?symbol=QUSDT');
    const { json } = await quiet.get('/api/v3/avgPrice?symbol=QUSDT');
    expect(json.price).toBe(newest.price);
    await quiet.stop();
  });
});

describe('what clients ask for beside market data', () => {
  it('is there, and empty', async () => {
    for (const path of ['/fapi/v1/exchangeInfo', '/dapi/v1/exchangeInfo']) {
      const { json } = await server.get(path);
      expect(problemsOf('exchangeInfo', json)).toEqual([]);
      expect(json.symbols).toEqual([]);
    }
    for (const path of [
      '/sapi/v1/capital/config/getall?timestamp=1&signature=x',
      '/sapi/v1/margin/allPairs',
      '/sapi/v1/margin/isolated/allPairs',
    ]) {
      expect((await server.get(path)).json).toEqual([]);
    }
    const { json } = await server.get('/sapi/v1/system/status');
    expect(json).toEqual({ status: 0, msg: 'normal' });
  });

  it('is not trading: nobody may, by whatever method', async () => {
    for (const [method, path] of [
      ['POST', 'order'],
      ['DELETE', 'order?symbol=AURVEL&orderId=1'],
      ['GET', 'order'],
      ['POST', 'order/test'],
      ['POST', 'order/cancelReplace'],
      ['GET', 'openOrders'],
      ['DELETE', 'openOrders?symbol=AURVEL'],
      ['GET', 'account?timestamp=1'],
      ['GET', 'account/commission'],
      ['GET', 'myTrades?symbol=AURVEL'],
      ['POST', 'userDataStream'],
      ['POST', 'orderList/oco'],
      ['POST', 'sor/order'],
    ]) {
      const { status, json, headers } = await server.get(`/api/v3/${path}`, { method: method! });
      expect(headers.get('x-mbx-used-weight-1m')).toMatch(/^\d+$/);
      expect([status, json]).toEqual([
        400,
        { code: -1002, msg: 'You are not authorized to execute this request.' },
      ]);
    }
  });

  it('is not trading with margin, or futures, either', async () => {
    for (const [method, path] of [
      ['POST', 'sapi/v1/margin/order'],
      ['GET', 'sapi/v1/capital/deposit/hisrec?timestamp=1'],
      ['POST', 'fapi/v1/order'],
      ['GET', 'fapi/v2/account'],
      ['DELETE', 'dapi/v1/allOpenOrders'],
      ['PATCH', 'fapi/v3/nothing'],
    ]) {
      const { status, json, headers } = await server.get(`/${path}`, { method: method! });
      expect([status, json.code]).toEqual([400, -1002]);
      expect(headers.get('x-mbx-used-weight')).toMatch(/^\d+$/);
    }
  });

  it('is in its own form where there is nothing at all', async () => {
    for (const [method, path] of [
      ['GET', 'api/v1/time'],
      ['GET', 'api/v3/nothing'],
      ['POST', 'api/v3/klines'],
      ['GET', 'api'],
    ]) {
      const { status, json, headers } = await server.get(`/${path}`, { method: method! });
      expect([status, json.code]).toEqual([404, -1020]);
      expect(headers.get('x-mbx-used-weight-1m')).toMatch(/^\d+$/);
      expect(headers.get('access-control-expose-headers')).toContain('x-mbx-used-weight-1m');
    }
  });

  it('is told what was used where the host refuses it, read or not', async () => {
    const limits = { ...UNHURRIED, workPerSecond: 1, workBurst: 350_000 };
    const busy = await startTestServer({ spec: SPEC, rows: 10, limits });
    await busy.get('/api/v3/exchangeInfo?symbol=AURVEL');
    for (let n = 0; n < 4; n++) await busy.get('/api/v3/ping');
    const { status, json, headers } = await busy.get('/api/v3/ping');
    expect([status, json.code]).toEqual([429, -1003]);
    expect(Number(headers.get('x-mbx-used-weight-1m'))).toBeGreaterThanOrEqual(20);
    await busy.stop();
    const broken = await server.raw('GET /api/v3/ping HTTP/1.1\r\nhost: x\r\na b: c\r\n\r\n');
    expect(broken).toMatch(/^HTTP\/1.1 400 .*\r\n(.*\r\n)*x-mbx-used-weight-1m: \d+\r\n/);
  });
});

describe('what is wrong', () => {
  const MANDATORY = [
    'depth',
    'trades',
    'historicalTrades',
    'aggTrades',
    'klines',
    'uiKlines',
    'avgPrice',
  ];
  const symbol = 'symbol=AURVEL';
  const kline = `klines?${symbol}&interval=1m`;
  it.each<[string, number]>([
    ...MANDATORY.flatMap((path): [string, number][] => [
      [path, -1102],
      [`${path}?symbol=`, -1102],
      [`${path}?symbol=NOPE`, -1121],
      [`${path}?symbol=aurvel`, -1100],
      [`${path}?symbol=AUR%2FVEL`, -1100],
      [`${path}?${symbol}&${symbol}`, -1101],
    ]),
    ...['depth', 'trades', 'historicalTrades', 'aggTrades'].flatMap((path): [string, number][] => [
      [`${path}?${symbol}&limit=x`, -1100],
      [`${path}?${symbol}&limit=-1`, -1100],
      [`${path}?${symbol}&limit=1.5`, -1100],
      [`${path}?${symbol}&limit=0`, -1130],
      [`${path}?${symbol}&limit=`, -1105],
      [`${path}?${symbol}&limit=5&limit=5`, -1101],
    ]),
    [`historicalTrades?${symbol}&fromId=-1`, -1100],
    [`historicalTrades?${symbol}&fromId=first`, -1100],
    [`aggTrades?${symbol}&fromId=1e3`, -1100],
    [`aggTrades?${symbol}&fromId=1&startTime=1`, -1128],
    [`aggTrades?${symbol}&fromId=1&endTime=1`, -1128],
    [`aggTrades?${symbol}&startTime=2026-01-01`, -1100],
    [`aggTrades?${symbol}&endTime=soon`, -1100],
    [`klines?${symbol}`, -1102],
    [`klines?${symbol}&interval=`, -1102],
    ...['7m', '1min', '1D', '1mo', '60', '0m', '10y'].map((interval): [string, number] => [
      `klines?${symbol}&interval=${interval}`,
      -1120,
    ]),
    [`${kline}&interval=1m`, -1101],
    [`${kline}&startTime=-1`, -1100],
    [`${kline}&endTime=1.5`, -1100],
    [`${kline}&startTime=`, -1105],
    [`${kline}&limit=ten`, -1100],
    [`${kline}&limit=0`, -1130],
    ...['15', '-13:00', '14:01', '1:60', 'UTC', '1:5', '%2B', '1:00:00'].map(
      (zone): [string, number] => [`${kline}&timeZone=${zone}`, -1130],
    ),
    ['ticker/price?symbols=[]', -1100],
    ['ticker/price?symbols=["AURVEL"', -1100],
    [`ticker/price?${symbol}&symbols=["AURVEL"]`, -1128],
    [`ticker/bookTicker?symbols=${both('AURVEL', 'AURVEL')}`, -1151],
    [`ticker/bookTicker?symbols=${both('AURVEL', 'NOPE')}`, -1121],
    ['ticker/bookTicker?symbol=', -1102],
  ])('%s is answered by an error in its own form: %i', async (path, code) => {
    const { status, json, headers } = await server.get(`/api/v3/${path}`);
    expect(status).toBe(400);
    expect(problemsOf('error', json)).toEqual([]);
    expect(json.code).toBe(code);
    expect(headers.get('x-mbx-used-weight-1m')).toMatch(/^\d+$/);
  });
});

describe('a deeper book', () => {
  it('weighs more', async () => {
    server.clock.pass(60_000 - (server.clock.nowMs() % 60_000));
    let before = 0;
    for (const [limit, weight] of [
      ['', 5],
      ['&limit=100', 5],
      ['&limit=101', 25],
      ['&limit=1000', 50],
      ['&limit=5000', 250],
      ['&limit=99999', 250],
    ] as const) {
      const { headers } = await server.get(`/api/v3/depth?symbol=AURVEL${limit}`);
      const used = Number(headers.get('x-mbx-used-weight-1m'));
      expect(used - before).toBe(weight);
      before = used;
    }
  });
});
