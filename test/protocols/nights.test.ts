import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer, UNHURRIED } from '../helpers/server.ts';

/** What other services say of a stock by night, as docs/protocols.md tells. */

const MINUTE = 60_000;
/** A Friday, an hour before New York closes. */
const ORIGIN = Date.parse('2026-03-06T20:00:00Z');
const CLOSE = Date.parse('2026-03-06T21:00:00Z');
/** Until two in the morning. */
const ROWS = 361;
const NEWEST = ORIGIN + (ROWS - 1) * MINUTE;

let server: TestServer;

beforeAll(async () => {
  const stock = { symbol: 'NYSE', assetClass: 'stock', model: 'market', calendar: 'new-york' };
  const instruments = [{ ...stock, startPrice: 80, tickSize: 0.01, tradesPerDay: 6000 }];
  const spec = { origin: ORIGIN, interval: MINUTE, count: undefined, capacity: 500, instruments };
  const limits = { ...UNHURRIED, workBurst: 1e15 };
  server = await startTestServer({ spec: { ...spec, dtype: 'uint32' }, rows: ROWS, limits });
});

afterAll(async () => {
  await server.stop();
  expect(server.failures).toEqual([]);
});

describe('Binance by night', () => {
  it('has klines that stand still where the session ended, and sell nothing', async () => {
    const path = '/api/v3/klines?symbol=NYSEUSDT&interval=5m';
    const { json: before } = await server.get(`${path}&endTime=${CLOSE}`);
    const [, , , , last] = before.at(-1);
    const { json: after } = await server.get(`${path}&startTime=${CLOSE + 5 * MINUTE}`);
    expect(after).toHaveLength((ROWS - 1) / 5 - 12);
    for (const [, open, high, low, close, volume, , quote, count] of after) {
      expect([open, high, low, close]).toEqual([last, last, last, last]);
      expect([Number(volume), Number(quote), count]).toEqual([0, 0, 0]);
    }
  });

  it('has statistics of the day that the session alone has made', async () => {
    const { json } = await server.get('/api/v3/ticker/24hr?symbol=NYSEUSDT');
    const { json: klines } = await server.get('/api/v3/klines?symbol=NYSEUSDT&interval=1m');
    const traded = klines.reduce((sum: number, kline: number[]) => sum + kline[8]!, 0);
    expect(json.count).toBe(traded);
    expect(traded).toBeGreaterThan(100);
    expect(json.lastPrice).toBe(klines.at(-1)[4]);
    expect(json.lastQty).not.toBe('0');
  });
});

describe('Alpaca by night', () => {
  const RANGE = `start=${new Date(ORIGIN - MINUTE).toISOString()}&limit=10000`;
  const of = async (what: string) => {
    const headers = { 'apca-api-key-id': 'any', 'apca-api-secret-key': 'key' };
    const { json, status } = await server.get(`/v2/stocks/${what}`, { headers });
    expect(status).toBe(200);
    return json;
  };

  it('has bars and trades of the session alone', async () => {
    const { bars } = await of(`NYSE/bars?timeframe=1Min&${RANGE}`);
    const { trades } = await of(`NYSE/trades?${RANGE}`);
    for (const list of [bars, trades]) {
      expect(list.length).toBeGreaterThan(30);
      // The row at the close is the last of the session.
      expect(Date.parse(list.at(-1).t)).toBeLessThan(CLOSE + MINUTE);
    }
  });

  it('has a quote for each row, and all of the night are the same', async () => {
    const { quotes } = await of(`NYSE/quotes?${RANGE}`);
    expect(quotes).toHaveLength(ROWS);
    const night = quotes.filter(({ t }: { t: string }) => Date.parse(t) >= CLOSE);
    expect(night).toHaveLength((NEWEST - CLOSE) / MINUTE + 1);
    const { t: _, ...shown } = night[0];
    for (const { t, ...quote } of night) expect(quote, t).toEqual(shown);
  });

  it('has a snapshot of the newest quote, and of the last trade and bars there were', async () => {
    const { trades } = await of(`NYSE/trades?${RANGE}`);
    const { latestTrade, latestQuote, minuteBar } = await of('NYSE/snapshot');
    expect(latestTrade).toMatchObject(trades.at(-1));
    expect(Date.parse(latestQuote.t)).toBe(NEWEST);
    expect(Date.parse(minuteBar.t)).toBeLessThanOrEqual(CLOSE);
    expect(minuteBar.v).toBeGreaterThan(0);
  });
});
