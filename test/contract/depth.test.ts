import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bookOf, brokenRules, OF_EACH_MODEL } from '../helpers/books.ts';
import { expectError } from '../helpers/sentence.ts';
import { startTestServer, type TestServer } from '../helpers/server.ts';

const SECOND = 1000;
/** A Friday in New York, some hours before its market closes. */
const ORIGIN = Date.UTC(2026, 0, 9, 18);
/** Until Monday, when it has opened again. */
const ROWS = 3 * 86_400;
const COLUMNS = OF_EACH_MODEL.instruments.map(({ symbol }) => symbol);
const WALK = COLUMNS[0];

let server: TestServer;

beforeAll(async () => {
  const spec = { ...OF_EACH_MODEL, origin: ORIGIN, interval: SECOND, capacity: 20_000 };
  server = await startTestServer({ spec, rows: ROWS });
});

afterAll(async () => {
  await server.stop();
  expect(server.failures).toEqual([]);
});

const timeOf = (index: number) => ORIGIN + index * SECOND;
const isoOf = (index: number) => new Date(timeOf(index)).toISOString();

/** The quotes of a row as `/v1/rows` has them. */
async function quotesOf(symbol: string, index: number): Promise<[number, number]> {
  const range = `since=${timeOf(index - 1)}&until=${timeOf(index)}`;
  const { json } = await server.get(`/v1/rows?symbols=${symbol}&fields=bid,ask&${range}`);
  return [json.bid[0][0], json.ask[0][0]];
}

describe('GET /v1/depth', () => {
  it.each(COLUMNS)('is the book of %s at any row, in the ring and before it', async (symbol) => {
    const column = COLUMNS.indexOf(symbol);
    const looks = fc.asyncProperty(
      fc.oneof(
        fc.constantFrom(0, 1, ROWS - 1, ROWS - 20_000, ROWS - 20_001),
        fc.nat({ max: ROWS - 1 }),
      ),
      fc.constantFrom(1, 2, 20, 100),
      async (index, levels) => {
        const path = `/v1/depth?symbol=${symbol}&at=${timeOf(index)}&levels=${levels}`;
        const { json } = await server.get(path);
        const own = bookOf(server.market, column, index, levels);
        expect(json).toEqual({ market: server.market.id, symbol, time: timeOf(index), ...own });
        expect(brokenRules(json, ...(await quotesOf(symbol, index)))).toEqual([]);
      },
    );
    await fc.assert(looks, { numRuns: 12 });
  });

  it('is that of the newest row, 20 levels a side, unless another is asked for', async () => {
    const { json, text } = await server.get(`/v1/depth?symbol=${WALK}`);
    expect(json.time).toBe(timeOf(ROWS - 1));
    expect([json.bids.length, json.asks.length]).toEqual([20, 20]);
    for (const at of [timeOf(ROWS - 1), isoOf(ROWS - 1)]) {
      const named = await server.get(`/v1/depth?symbol=${WALK}&at=${at}&levels=20`);
      expect(named.text).toBe(text);
      expect(named.headers.get('etag')).toEqual(expect.any(String));
    }
  });

  it('has as many levels as are asked for where there are so many', async () => {
    for (const levels of [1, 7, 100]) {
      const { json } = await server.get(`/v1/depth?symbol=WIDE&levels=${levels}`);
      expect([json.bids.length, json.asks.length]).toEqual([levels, levels]);
    }
  });

  it('stands still while its market is closed, and moves before and after', async () => {
    const at = async (iso: string) => {
      const { json } = await server.get(`/v1/depth?symbol=SHUT&at=${iso}&levels=100`);
      const [bid, ask] = await quotesOf('SHUT', (Date.parse(iso) - ORIGIN) / SECOND);
      expect(brokenRules(json, bid, ask)).toEqual([]);
      return JSON.stringify([json.bids, json.asks]);
    };
    const [open, shut] = [await at('2026-01-09T20:59:00Z'), await at('2026-01-09T21:30:00Z')];
    expect(shut).not.toBe(open);
    for (const iso of ['2026-01-10T12:00:00Z', '2026-01-11T23:59:59Z', '2026-01-12T14:00:00Z']) {
      expect(await at(iso)).toBe(shut);
    }
    expect(await at('2026-01-12T15:00:00Z')).not.toBe(shut);
  });

  it('says the same as csv and ndjson, the best bid first', async () => {
    const index = 5000;
    const path = `/v1/depth?symbol=WIDE&at=${timeOf(index)}&levels=7`;
    const { bids, asks } = bookOf(server.market, COLUMNS.indexOf('WIDE'), index, 7);
    const lines = [bids, asks].flatMap((side, n) =>
      side.map(([price, lots], level) => {
        return { time: timeOf(index), side: ['bid', 'ask'][n], level: level + 1, price, lots };
      }),
    );
    const csv = await server.get(`${path}&format=csv`);
    const rows = lines.map((line) => `${Object.values(line).join()}\n`);
    expect(csv.text).toBe(`time,side,level,price,lots\n${rows.join('')}`);
    const ndjson = await server.get(`${path}&format=ndjson`);
    expect(ndjson.text).toBe(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    for (const { headers } of [csv, ndjson]) {
      expect(headers.get('tickwell-market')).toBe(server.market.id);
      expect(headers.get('tickwell-time')).toBe(String(timeOf(index)));
      const names = headers.get('access-control-expose-headers');
      expect(names).toBe('tickwell-market, tickwell-time');
    }
    const { headers } = await server.get(path, { headers: { accept: 'text/csv' } });
    expect(headers.get('content-type')).toMatch(/^text\/csv/);
  });

  it('has decimals and times as text for whoever asks', async () => {
    const index = 5000;
    const path = `/v1/depth?symbol=WIDE&at=${timeOf(index)}&levels=3&prices=decimal&time=iso`;
    const { json } = await server.get(path);
    const { bids, asks } = bookOf(server.market, COLUMNS.indexOf('WIDE'), index, 3);
    const decimal = ([ticks, lots]: readonly [number, number]) => [ticks / 100, lots];
    expect(json.time).toBe(isoOf(index));
    expect(json.bids).toEqual(bids.map(decimal));
    expect(json.asks).toEqual(asks.map(decimal));
    const [, first] = (await server.get(`${path}&format=csv`)).text.split('\n');
    expect(first).toBe(`${isoOf(index)},bid,1,${(bids[0]![0] / 100).toFixed(2)},${bids[0]![1]}`);
  });

  it('of a market without a row is empty, and says when the first comes', async () => {
    const empty = await startTestServer({ rows: 0, spec: { origin: ORIGIN, interval: SECOND } });
    const extent = { earliest: ORIGIN, head: ORIGIN - SECOND };
    const { json } = await empty.get('/v1/depth?symbol=ticker_0');
    expect(json).toEqual({
      ...{ market: empty.market.id, symbol: 'ticker_0', ...extent },
      ...{ bids: [], asks: [] },
    });
    const csv = await empty.get('/v1/depth?symbol=ticker_0&format=csv');
    expect(csv.text).toBe('time,side,level,price,lots\n');
    expect(csv.headers.get('tickwell-earliest')).toBe(String(ORIGIN));
    expect(csv.headers.get('tickwell-head')).toBe(String(ORIGIN - SECOND));
    const named = await empty.get(`/v1/depth?symbol=ticker_0&at=${ORIGIN}`);
    expectError(named, 'cursor_ahead', { head: ORIGIN - SECOND });
    await empty.stop();
  });

  it('is paid for before it is made, and no more than once', async () => {
    // The block of an old row of gbm is 1.3 million, a request a tenth of one.
    const limits = { workPerSecond: 1, workBurst: 3_000_000 };
    const spec = { count: 1, capacity: 10, defaults: { model: 'gbm' } };
    const poor = await startTestServer({ rows: 90_000, spec, limits });
    const path = (index: number) => `/v1/depth?symbol=ticker_0&at=${poor.timeOf(index)}`;
    const first = await poor.get(path(5));
    expect(first.status).toBe(200);
    expect((await poor.get(path(5))).text).toBe(first.text);
    const statuses = [];
    for (const block of [2, 3, 4]) statuses.push((await poor.get(path(block * 16_384))).status);
    expect(statuses).toContain(429);
    await poor.stop();
  });
});
