import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import {
  fetchCandles,
  fetchRows,
  fetchSparklines,
  market,
  type Rows,
  type SubscribeOptions,
  subscribe,
  timeOf,
} from '../../src/client/index.ts';
import { pricesOf } from '../helpers/market.ts';
import { INTERVAL, ORIGIN, startTestServer, type TestServer } from '../helpers/server.ts';

const ROWS = 60_000;

let server: TestServer;

beforeAll(async () => {
  // The limits of a real server: the client keeps below them by itself.
  server = await startTestServer({ rows: ROWS, limits: {} });
});

afterAll(() => server.stop());

/** Every socket that was opened. */
const opened: WebSocket[] = [];

class KeptSocket extends WebSocket {
  constructor(url: string, protocols: string[]) {
    super(url, protocols);
    opened.push(this);
  }
}

const follow = (options: Partial<SubscribeOptions> = {}) =>
  subscribe({
    url: server.server.url,
    symbols: '*',
    since: ORIGIN - INTERVAL,
    WebSocket: KeptSocket,
    ...options,
  });

/** Prices as the core makes them. */
function expected(column: number, from: number, next: number): number[] {
  return pricesOf(server.market, column, from, next);
}

const columnOf = (rows: readonly Rows[], column: number) =>
  rows.flatMap(({ prices }) => Array.from(prices[column]!));

describe('over a real socket', () => {
  test.each(['bin', 'json'] as const)('every row comes, as %s', async (format) => {
    const subscription = follow({ format });
    const seen: Rows[] = [];
    for await (const rows of subscription) {
      seen.push(rows);
      if (rows.lag === 0) break;
    }
    expect(opened.at(-1)!.protocol).toBe(`tickwell.v1.${format}`);
    expect(seen[0]!.prices[0]).toBeInstanceOf(Float64Array);
    for (let column = 0; column < 3; column++) {
      expect(columnOf(seen, column)).toEqual(expected(column, 0, ROWS));
    }
    expect(timeOf(seen[0]!, 0)).toBe(ORIGIN);
    expect(subscription.market).toBe(server.market.id);
  });

  test('a connection that breaks, time and again, loses and repeats nothing', async () => {
    const subscription = follow({ symbols: ['ticker_1'], format: 'json' });
    const seen: Rows[] = [];
    for await (const rows of subscription) {
      seen.push(rows);
      if (rows.lag === 0) break;
      if (seen.length % 2 === 0) {
        opened.at(-1)!.terminate();
        subscription.retry();
      }
    }
    expect(columnOf(seen, 0)).toEqual(expected(1, 0, ROWS));
    expect(subscription.counters.reconnects).toBeGreaterThan(1);
    expect(subscription.counters).toMatchObject({ gaps: 0, duplicates: 0, rows: ROWS });
  });

  test('other columns from one row to the next, and every row once', async () => {
    const subscription = follow({ symbols: ['ticker_0'], format: 'json' });
    const columns: number[] = [];
    const seen: number[] = [];
    for await (const { lag, symbols, prices } of subscription) {
      const column = Number(symbols[0]!.at(-1));
      if (columns.at(-1) !== column) columns.push(column);
      const from = seen.length;
      seen.push(...Array.from(prices[0]!));
      expect(seen.slice(from)).toEqual(expected(column, from, seen.length));
      if (lag === 0) break;
      if (column < 2) subscription.select([`ticker_${column + 1}`]);
    }
    expect(seen).toHaveLength(ROWS);
    expect(columns).toEqual([0, 1, 2]);
    expect(subscription.counters).toMatchObject({ gaps: 0, duplicates: 0, rows: ROWS });
  });

  test('an application that is slow pauses the server, and gets all', async () => {
    const subscription = follow({ format: 'json', maxQueuedBytes: 200_000 });
    const seen: Rows[] = [];
    for await (const rows of subscription) {
      seen.push(rows);
      if (rows.lag === 0) break;
      // As slow as can be: it reads on once the server has been stopped.
      while (subscription.counters.pauses === 0) await new Promise(setImmediate);
    }
    expect(columnOf(seen, 2)).toEqual(expected(2, 0, ROWS));
    expect(subscription.counters).toMatchObject({ gaps: 0, duplicates: 0 });
  });

  test('now means the rows that come', async () => {
    const subscription = follow({ since: 'now', market: server.market.id });
    const reader = subscription[Symbol.asyncIterator]();
    const first = reader.next();
    while (subscription.until === undefined) await new Promise(setImmediate);
    server.clock.pass(2 * INTERVAL);
    const { value } = await first;
    expect(value).toMatchObject({ since: server.timeOf(ROWS - 1) });
    expect(Array.from(value!.prices[0]!)).toEqual(
      expected(0, ROWS, ROWS + value!.prices[0]!.length),
    );
    subscription.close();
  });

  test.each([
    [{ symbols: ['nothing'] }, 'unknown_symbol'],
    [{ since: ORIGIN + 1 }, 'bad_cursor'],
    [{ since: ORIGIN - 2 * INTERVAL }, 'before_start'],
    [{ market: 'another' }, 'market_changed'],
  ])('%j is thrown as %s', async (options, code) => {
    const reader = follow(options)[Symbol.asyncIterator]();
    await expect(reader.next()).rejects.toMatchObject({ code, retry: false });
  });
});

describe('over HTTP', () => {
  test('the settings, rows, candles and sparklines', async () => {
    const { url } = server.server;
    const info = await market({ url });
    expect(info).toMatchObject({ market: server.market.id, interval: INTERVAL, origin: ORIGIN });
    const asked = { url, market: info.market };
    const rows = await fetchRows({ ...asked, symbols: ['ticker_2'], since: ORIGIN, limit: 2 });
    expect(rows.prices).toEqual([expected(2, 1, 3)]);
    expect(timeOf(rows, 1)).toBe(rows.until);
    const resolution = '1s';
    const candles = await fetchCandles({
      ...asked,
      symbol: 'ticker_0',
      resolution,
      from: ORIGIN,
      count: 2,
    });
    expect(candles.high[0]).toBe(Math.max(...expected(0, 0, 100)));
    const many = await fetchCandles({
      ...{ ...asked, symbols: ['ticker_2', 'ticker_0'], resolution, tz: 'Asia/Tokyo' },
      ...{ from: ORIGIN, count: 2 },
    });
    expect(many).toMatchObject({ symbols: ['ticker_2', 'ticker_0'], tz: 'Asia/Tokyo' });
    expect(many.time).toEqual(candles.time);
    expect(many.high[1]).toEqual(candles.high);
    const days = {
      ...asked,
      symbol: 'ticker_0',
      resolution: '1d',
      offset: '-5h',
      last: 1,
    } as const;
    const [start] = (await fetchCandles({ ...days, fields: ['volume'] })).time;
    expect(start! % 86_400_000).toBe(5 * 3_600_000);
    const sparklines = await fetchSparklines({ ...asked, points: 2, spanMs: 1_000 });
    expect(sparklines.symbols).toHaveLength(3);
    await expect(fetchRows({ url, since: ORIGIN + 1 })).rejects.toMatchObject({
      code: 'bad_cursor',
      status: 400,
      details: { interval: INTERVAL },
    });
    await expect(market({ url: 'http://127.0.0.1:1' })).rejects.toMatchObject({
      code: 'unreachable',
    });
  });
});
