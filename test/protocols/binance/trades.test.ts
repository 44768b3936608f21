import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer, UNHURRIED } from '../../helpers/server.ts';

const SPEC = {
  interval: 7000,
  dtype: 'uint32',
  count: undefined,
  instruments: [
    { symbol: 'often', model: 'market', startPrice: 250, tickSize: 0.01, tradesPerDay: 200_000 },
    { symbol: 'AUR/VEL', model: 'gbm', startPrice: 50, tickSize: 0.25 },
    { symbol: 'rare', model: 'market', startPrice: 100, tradesPerDay: 300 },
  ],
};
const NAMES = ['OFTENUSDT', 'AURVEL', 'RAREUSDT'];
const ROWS = 3000;

interface Aggregate {
  readonly a: number;
  readonly f: number;
  readonly l: number;
  readonly T: number;
}

let server: TestServer;
/** All trades of each, in Tickwell's own words. */
const own: { id: number; time: number; price: string; lots: number; side: number }[][] = [];

beforeAll(async () => {
  server = await startTestServer({
    spec: SPEC,
    rows: ROWS,
    limits: { ...UNHURRIED, workBurst: 1e15, maxTradesPerAnswer: 1e6 },
  });
  for (const { symbol } of SPEC.instruments) {
    const path = `/v1/trades?symbol=${encodeURIComponent(symbol)}&fromId=0&prices=decimal`;
    const { json } = await server.get(path);
    own.push(
      json.time.map((time: number, n: number) => ({
        ...{ id: json.fromId + n, time, price: json.price[n] },
        ...{ lots: json.lots[n], side: json.side[n] },
      })),
    );
  }
});

afterAll(async () => {
  await server.stop();
  expect(server.failures).toEqual([]);
});

async function ask(path: string, init?: RequestInit) {
  const { status, json } = await server.get(`/api/v3/${path}`, init);
  expect(status).toBe(200);
  return json;
}

describe('trades', () => {
  it('are those of /v1/trades, whichever part of them', async () => {
    const place = fc.double({ min: 0, max: 1.05, noNaN: true });
    await fc.assert(
      fc.asyncProperty(
        fc.nat(2),
        place,
        fc.integer({ min: 1, max: 1200 }),
        async (c, at, limit) => {
          const all = own[c]!;
          const fromId = Math.floor(at * all.length);
          const some = all.slice(fromId, fromId + Math.min(limit, 1000));
          const path = `symbol=${NAMES[c]}&fromId=${fromId}&limit=${limit}`;
          expect(await ask(`historicalTrades?${path}`)).toEqual(
            some.map(({ id, price, lots, time, side }) => ({
              id,
              price: Number(price).toFixed(8),
              qty: `${lots}.00000000`,
              quoteQty: (Number(price) * lots).toFixed(8),
              time: Math.floor(time),
              isBuyerMaker: side === 2,
              isBestMatch: true,
            })),
          );
          expect(await ask(`aggTrades?${path}`)).toEqual(
            some.map(({ id, price, lots, time, side }) => ({
              ...{ a: id, f: id, l: id, p: Number(price).toFixed(8), q: `${lots}.00000000` },
              ...{ T: Math.floor(time), m: side === 2, M: true },
            })),
          );
        },
      ),
      { numRuns: 40 },
    );
  });

  it('are the newest where no number is given', async () => {
    for (const [c, symbol] of NAMES.entries()) {
      const all = own[c]!;
      const ids = all.slice(-500).map(({ id }) => id);
      for (const path of ['trades', 'historicalTrades']) {
        const trades = await ask(`${path}?symbol=${symbol}`);
        expect(trades.map(({ id }: { id: number }) => id)).toEqual(ids);
      }
      const aggregates: Aggregate[] = await ask(`aggTrades?symbol=${symbol}&limit=3`);
      expect(aggregates.map(({ a }) => a)).toEqual(ids.slice(-3));
    }
  });
});

describe('aggTrades of a time', () => {
  const timeMs = fc.integer({ min: -100_000, max: ROWS * 7000 + 100_000 });

  it('are the oldest from startTime on, both ends included', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(2), timeMs, fc.integer({ min: 0, max: 4e6 }), async (c, from, ms) => {
        const [start, end] = [server.timeOf(0) + from, server.timeOf(0) + from + ms];
        const inside = own[c]!.filter(({ time }) => Math.floor(time) >= start);
        const both = inside.filter(({ time }) => Math.floor(time) <= end);
        const path = `aggTrades?symbol=${NAMES[c]}&limit=40&startTime=${start}`;
        const ids = async (rest = '') => (await ask(path + rest)).map(({ a }: { a: number }) => a);
        expect(await ids()).toEqual(inside.slice(0, 40).map(({ id }) => id));
        expect(await ids(`&endTime=${end}`)).toEqual(both.slice(0, 40).map(({ id }) => id));
      }),
      { numRuns: 40 },
    );
  });

  it('are the newest up to endTime', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(2), timeMs, async (c, at) => {
        const end = server.timeOf(0) + at;
        const before = own[c]!.filter(({ time }) => Math.floor(time) <= end);
        const path = `aggTrades?symbol=${NAMES[c]}&limit=25&endTime=${end}`;
        const aggregates: Aggregate[] = await ask(path);
        expect(aggregates.map(({ a }) => a)).toEqual(before.slice(-25).map(({ id }) => id));
      }),
      { numRuns: 30 },
    );
  });

  it('are told apart by the microsecond, for who counts in those', async () => {
    const headers = { 'X-MBX-TIME-UNIT': 'MICROSECOND' };
    const symbol = NAMES[0];
    const all = await ask(`aggTrades?symbol=${symbol}&fromId=0&limit=200`, { headers });
    const times: number[] = all.map(({ T }: Aggregate) => T);
    expect(times).toEqual(own[0]!.slice(0, 200).map(({ time }) => Math.round(time * 1000)));
    for (const n of [5, 60, 170]) {
      const path = `aggTrades?symbol=${symbol}&limit=1&startTime=${times[n]! + 1}`;
      const next = times.findIndex((time) => time > times[n]!);
      expect((await ask(path, { headers }))[0].a).toBe(next);
    }
  });

  it('are none after the newest, or before the first', async () => {
    const later = server.timeOf(ROWS + 10);
    expect(await ask(`aggTrades?symbol=AURVEL&startTime=${later}`)).toEqual([]);
    expect(await ask('aggTrades?symbol=AURVEL&endTime=5')).toEqual([]);
    expect(await ask('aggTrades?symbol=AURVEL&startTime=10&endTime=5')).toEqual([]);
    expect(await ask('historicalTrades?symbol=AURVEL&fromId=99999999999999999999')).toEqual([]);
  });
});
