import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer, UNHURRIED } from '../../helpers/server.ts';
import { TestSocket } from '../../helpers/socket.ts';

const ORIGIN = Date.UTC(2026, 0, 5, 7, 20, 3);
const INTERVAL = 7000;
const ROWS = 30_000;
const SPEC = {
  origin: ORIGIN,
  interval: INTERVAL,
  dtype: 'uint32',
  count: undefined,
  capacity: 2000,
  instruments: [
    { symbol: 'ORBX', model: 'market', startPrice: 250, tickSize: 0.01 },
    { symbol: 'AUR/VEL', model: 'gbm', startPrice: 50, tickSize: 0.25, tradesPerDay: 3000 },
    { symbol: 'walk', startPrice: 100 },
  ],
};
const NAMES = ['ORBXUSDT', 'AURVEL', 'WALKUSDT'];
/** Intervals with which candles have rows, as we call them. */
const WIDTHS: Readonly<Record<string, string>> = {
  ...{ '1m': '1m', '3m': '3m', '5m': '5m', '15m': '15m', '30m': '30m', '1h': '1h', '2h': '2h' },
  ...{ '4h': '4h', '6h': '6h', '8h': '8h', '12h': '12h', '1d': '1d', '3d': '3d', '1w': '1w' },
  '1M': '1mo',
};

type Kline = readonly (string | number)[];

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({
    spec: SPEC,
    rows: ROWS,
    limits: { ...UNHURRIED, workBurst: 1e15, maxCandlesPerAnswer: 1_000_000 },
  });
});

afterAll(async () => {
  await server.stop();
  expect(server.failures).toEqual([]);
});

async function klines(
  query: Readonly<Record<string, string | number>>,
  init?: RequestInit,
): Promise<Kline[]> {
  const text = new URLSearchParams(Object.entries(query).map(([k, v]) => [k, `${v}`]));
  const { json, status } = await server.get(`/api/v3/klines?${text}`, init);
  expect(status).toBe(200);
  return json;
}

/** All candles in Tickwell's own words: times, prices, lots and trades. */
async function own(column: number, resolution: string, offset = '0h'): Promise<number[][]> {
  const symbol = encodeURIComponent(SPEC.instruments[column]!.symbol);
  const range = `from=${ORIGIN}&to=${ORIGIN + ROWS * INTERVAL}`;
  const cut = `resolution=${resolution}&offset=${encodeURIComponent(offset)}`;
  const path = `/v1/candles?symbol=${symbol}&${cut}&${range}`;
  const { json } = await server.get(`${path}&fields=volume,trades&prices=decimal`);
  const lists = ['time', 'open', 'high', 'low', 'close', 'volume', 'trades'].map(
    (name) => json[name],
  );
  return json.time.map((_: number, n: number) => lists.map((list) => Number(list[n])));
}

const plain = ([t, o, h, l, c, v, , , n]: Kline) => [t, o, h, l, c, v, n].map(Number);

describe('klines', () => {
  it('are the candles of /v1/candles, in every interval, by any clock', async () => {
    for (const [interval, resolution] of Object.entries(WIDTHS)) {
      for (const [column, symbol] of NAMES.entries()) {
        const limit = 1000;
        for (const [timeZone, offset] of [
          ['0', '0h'],
          ['+5:30', '5h30m'],
          ['-11:00', '-11h'],
        ] as const) {
          const all = await own(column, resolution, offset);
          const found = await klines({ symbol, interval, limit, timeZone });
          expect(found.map(plain)).toEqual(all.slice(-limit));
        }
      }
    }
  });

  it('are of the range that is asked for, whichever ends are given', async () => {
    const all = await own(0, '5m');
    const time = fc.integer({ min: -2_000_000, max: ROWS * INTERVAL + 2_000_000 });
    const limit = fc.integer({ min: 1, max: 60 });
    await fc.assert(
      fc.asyncProperty(time, fc.nat(30_000_000), limit, async (at, ms, most) => {
        const [startTime, endTime] = [ORIGIN + at, ORIGIN + at + ms];
        const asked = { symbol: 'ORBXUSDT', interval: '5m', limit: most };
        const from = all.filter(([t]) => t! >= startTime);
        const to = all.filter(([t]) => t! <= endTime);
        const both = from.filter(([t]) => t! <= endTime);
        const found = async (range: object) => (await klines({ ...asked, ...range })).map(plain);
        expect(await found({ startTime })).toEqual(from.slice(0, most));
        expect(await found({ endTime })).toEqual(to.slice(-most));
        expect(await found({ startTime, endTime })).toEqual(both.slice(0, most));
      }),
      { numRuns: 30 },
    );
  });

  it('end one millisecond before the next one opens', async () => {
    const found = await klines({ symbol: 'ORBXUSDT', interval: '1M' });
    expect(found.map((kline) => [kline[0], kline[6]])).toEqual([
      [Date.UTC(2026, 0, 1), Date.UTC(2026, 1, 1) - 1],
    ]);
    const headers = { 'X-MBX-TIME-UNIT': 'MICROSECOND' };
    const [first, second] = await klines(
      { symbol: 'ORBXUSDT', interval: '1h', limit: 2 },
      { headers },
    );
    expect(Number(first![6]) + 1).toBe(second![0]);
    expect(Number(second![0]) % 3_600_000_000).toBe(0);
    const [plainFirst] = await klines({ symbol: 'ORBXUSDT', interval: '1h', limit: 2 });
    expect(plainFirst![0]).toBe(Number(first![0]) / 1000);
  });

  it('say what was paid, and what takers bought, as their trades do', async () => {
    for (const symbol of NAMES) {
      const asked = { symbol, interval: '1m', startTime: ORIGIN + 3_600_000, limit: 5 };
      for (const kline of await klines(asked)) {
        const [openTime, , , , , volume, closeTime, quoteVolume, count] = kline;
        const sums = { volume: 0, paid: 0n, bought: 0, boughtPaid: 0n, count: 0 };
        // A row's trades are in the time after it: the candle's rows decide.
        const first = Math.ceil((Number(openTime) - ORIGIN) / INTERVAL);
        const next = Math.ceil((Number(closeTime) + 1 - ORIGIN) / INTERVAL);
        const range = `startTime=${server.timeOf(first)}&endTime=${server.timeOf(next) - 1}`;
        const { json } = await server.get(`/api/v3/aggTrades?symbol=${symbol}&limit=1000&${range}`);
        for (const { p, q, m } of json) {
          const paid = BigInt(p.replace('.', '')) * BigInt(Number(q));
          sums.volume += Number(q);
          sums.paid += paid;
          sums.count += 1;
          if (m) continue;
          sums.bought += Number(q);
          sums.boughtPaid += paid;
        }
        const units = (text: unknown) => BigInt(String(text).replace('.', ''));
        expect(json.length).toBeLessThan(1000);
        expect([Number(volume), units(quoteVolume), count]).toEqual([
          ...[sums.volume, sums.paid, sums.count],
        ]);
        expect([Number(kline[9]), units(kline[10])]).toEqual([sums.bought, sums.boughtPaid]);
      }
    }
  });

  it('stand still where they have no row', async () => {
    const symbol = 'WALKUSDT';
    const startTime = ORIGIN + 100 * INTERVAL;
    const { json: rows } = await server.get(
      `/v1/rows?symbols=walk&since=${startTime - INTERVAL}&limit=4&prices=decimal`,
    );
    const prices: number[] = rows.prices[0].map(Number);
    const found = await klines({ symbol, interval: '1s', startTime: startTime - 3000, limit: 17 });
    const before = Number(
      (await klines({ symbol, interval: '1s', endTime: startTime - 1, limit: 1 }))[0]![4],
    );
    for (const [n, kline] of found.entries()) {
      expect(kline[0]).toBe(startTime - 3000 + n * 1000);
      const row = Math.floor((n - 3) / 7);
      const [, open, high, low, close] = plain(kline);
      const price = row < 0 ? before : prices[row];
      expect([open, high, low, close]).toEqual([price, price, price, price]);
      if ((n - 3) % 7 === 0) expect(Number(kline[8])).toBeGreaterThan(0);
      else
        expect(kline.slice(5, 6).concat(kline.slice(7))).toEqual([
          ...['0.00000000', '0.00000000', 0, '0.00000000', '0.00000000', '0'],
        ]);
    }
  });

  it('go as far as the clock, where rows are further apart than they', async () => {
    const asked = { symbol: 'WALKUSDT', interval: '1s', limit: 2 };
    const newest = server.timeOf(ROWS - 1);
    expect((await klines(asked)).map(([time]) => time)).toEqual([newest - 1000, newest]);
    server.clock.pass(3500);
    const found = await klines(asked);
    expect(found.map(([time]) => time)).toEqual([newest + 2000, newest + 3000]);
    expect(found.map((kline) => kline[8])).toEqual([0, 0]);
  });

  it('are none in the future, and begin with the market', async () => {
    const asked = { symbol: 'AURVEL', interval: '1h' };
    const { clock } = server;
    expect(await klines({ ...asked, startTime: clock.nowMs() + 3_600_000 })).toEqual([]);
    expect(await klines({ ...asked, startTime: '9'.repeat(20) })).toEqual([]);
    expect(await klines({ ...asked, endTime: 5 })).toEqual([]);
    const [first] = await klines({ ...asked, startTime: 0, limit: 1 });
    expect(first![0]).toBe(Date.UTC(2026, 0, 5, 7));
  });

  it('have the same bytes from uiKlines', async () => {
    const query = 'symbol=AURVEL&interval=4h&limit=9';
    const [own, charts] = await Promise.all(
      ['klines', 'uiKlines'].map((path) => server.get(`/api/v3/${path}?${query}`)),
    );
    expect(charts!.text).toBe(own!.text);
  });
});

describe('klines of too much', () => {
  const deep = { origin: Date.UTC(2016, 0, 1), interval: 100, capacity: 500, dtype: 'uint32' };
  const spec = { ...deep, count: undefined, instruments: [SPEC.instruments[0]] };
  const YEAR = 366 * 864_000;

  async function refusalOf(rows: number, query: string) {
    const old = await startTestServer({ spec, rows, limits: UNHURRIED });
    const { status, json } = await old.get(`/api/v3/klines?symbol=ORBXUSDT&${query}`);
    const socket = new TestSocket(`${old.server.url.replace('http', 'ws')}/ws-api/v3`);
    await socket.opened;
    const params = Object.fromEntries(new URLSearchParams(`symbol=ORBXUSDT&${query}`));
    const answer = await socket.ask({ id: 1, method: 'klines', params });
    expect(answer).toMatchObject({ id: 1, status, error: json });
    await socket.close();
    await old.stop();
    return { status, json };
  }

  it('are refused by how many rows they take, before these are looked for', async () => {
    const { status, json } = await refusalOf(11 * YEAR, 'interval=1M&limit=1000');
    expect([status, json.code]).toEqual([400, -1130]);
    const rule = 'interval, startTime, endTime and limit must take at most 1000000000 rows';
    expect(json.msg).toBe(`${rule}; given: ${11 * YEAR}`);
  });

  it('are refused by what they cost, which no address could ever pay', async () => {
    const { status, json } = await refusalOf(YEAR, 'interval=1M&limit=12');
    expect([status, json.code]).toEqual([400, -1130]);
    expect(json.msg).toMatch(
      /^interval, startTime, endTime and limit must take at most 10000000000 prices of work; given: \d{11}$/,
    );
  });
});
