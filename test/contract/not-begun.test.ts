import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pricesOf } from '../helpers/market.ts';
import { expectError } from '../helpers/sentence.ts';
import { INTERVAL, ORIGIN, startTestServer, type TestServer } from '../helpers/server.ts';
import { TestSocket } from '../helpers/socket.ts';

const BEFORE = ORIGIN - INTERVAL;

describe('a market whose origin is in the future', () => {
  let server: TestServer;

  beforeAll(async () => {
    // A year of rows are missing to the first.
    server = await startTestServer({ rows: -365 * 24 * 3600 * 100 });
  });

  afterAll(async () => {
    await server.stop();
    expect(server.failures).toEqual([]);
  });

  it('is ready, and its head stands one interval before the origin', async () => {
    expect((await server.get('/readyz')).status).toBe(200);
    const { status, json } = await server.get('/v1/market');
    expect(status).toBe(200);
    expect(json).toMatchObject({ head: BEFORE, earliest: ORIGIN, origin: ORIGIN });
  });

  it.each([
    `since=${BEFORE}`,
    'since=now',
    'last=5',
    `since=${BEFORE}&until=2026-06-01`,
    'last=5&symbols=ticker_1,ticker_0',
  ])('has no rows for ?%s', async (query) => {
    const { status, json } = await server.get(`/v1/rows?${query}`);
    expect(status).toBe(200);
    expect(json).toMatchObject({ since: BEFORE, until: BEFORE, earliest: ORIGIN, head: BEFORE });
    for (const prices of json.prices) expect(prices).toEqual([]);
  });

  it('lets a cursor just ahead wait and refuses one far ahead, as always', async () => {
    const waits = await server.get(`/v1/rows?since=${BEFORE + 2000}`);
    expect(waits.json).toMatchObject({ since: BEFORE + 2000, until: BEFORE + 2000 });
    const refused = await server.get(`/v1/rows?since=${BEFORE + 2000 + INTERVAL}`);
    expectError(refused, 'cursor_ahead', { head: BEFORE });
    const early = await server.get(`/v1/rows?since=${BEFORE - INTERVAL}`);
    expectError(early, 'before_start', { earliest: ORIGIN });
  });

  it.each(['last=5', `from=${ORIGIN}&count=5`, 'from=2025-01-01&to=2027-01-01'])(
    'has no candles for ?%s, and says when there will be',
    async (query) => {
      for (const resolution of ['10ms', '1h', '1d', '1w', '520w']) {
        const about = `symbol=ticker_0&resolution=${resolution}`;
        const { status, json } = await server.get(`/v1/candles?${about}&${query}`);
        expect(status).toBe(200);
        const none = { time: [], open: [], high: [], low: [], close: [], closed: 0 };
        expect(json).toMatchObject({ ...none, earliest: ORIGIN, head: BEFORE });
      }
    },
  );

  it('refuses candles of a range that lies before its origin, or far behind', async () => {
    for (const resolution of ['10ms', '1h', '1d', '1w']) {
      const about = `/v1/candles?symbol=ticker_0&resolution=${resolution}`;
      const early = await server.get(`${about}&from=1970-01-01&count=1`);
      expectError(early, 'before_start', { earliest: ORIGIN });
      const late = await server.get(`${about}&from=2030-01-01&count=5`);
      expectError(late, 'cursor_ahead', { head: BEFORE });
    }
  });

  it('has empty sparklines', async () => {
    const { status, json } = await server.get('/v1/sparklines');
    expect(status).toBe(200);
    const times = { earliest: ORIGIN, head: BEFORE };
    expect(json).toMatchObject({ time: [], prices: [[], [], []], ...times });
  });

  it('has reports of no rows, which name none and say when there will be', async () => {
    const path = '/v1/realism?symbol=ticker_0';
    const { status, json } = await server.get(path);
    expect(status).toBe(200);
    expect(json).toMatchObject({ rows: 0, firstMs: null, lastMs: null });
    expect(json).toMatchObject({ earliest: ORIGIN, head: BEFORE });
    const page = await server.get(`${path}&format=html`);
    expect(page.status).toBe(200);
    expect(page.text).toContain('<dt>From</dt><dd>–</dd>');
    expect(page.text).toContain('<dt>To</dt><dd>–</dd>');
  });

  it('greets, answers and waits on the stream, and serves the first row once it is due', async () => {
    const soon = await startTestServer({ rows: -500 });
    const socket = await soon.connect();
    const fetched = await socket.ask({ type: 'fetch', id: 1, symbols: '*', since: BEFORE });
    expect(fetched).toMatchObject({ type: 'rows', since: BEFORE, until: BEFORE, lag: 0 });
    const about = { symbol: 'ticker_0', resolution: '1m', from: ORIGIN, count: 3 };
    expect(await socket.ask({ type: 'candles', id: 2, ...about })).toMatchObject({ time: [] });
    const request = { type: 'subscribe', id: 3, symbols: '*', since: 'now' };
    expect(await socket.ask(request)).toMatchObject({ type: 'subscribed', since: BEFORE });

    // Up to the moment of the first row, which comes within the second in which the clock is read.
    soon.clock.pass(501 * INTERVAL);
    const [first] = await socket.rowsUntilLive();
    await soon.stop();
    expect(first).toMatchObject({ id: 3, since: BEFORE, until: ORIGIN, lag: 0 });
    expect(first.prices).toEqual([0, 1, 2].map((n) => pricesOf(soon.market, n, 0, 1)));
    expect(soon.failures).toEqual([]);
  });
});

describe('a server that is still filling its ring', () => {
  it('is alive but not ready: not_ready over HTTP, 4003 on the stream, then both serve', async () => {
    // Each look at this clock ends a slice, so that the filling takes a thousand turns.
    let steadyMs = 0;
    const clock = { nowMs: () => ORIGIN + 500 * INTERVAL, steadyMs: () => (steadyMs += 1000) };
    const spec = { count: 1000, capacity: 100 };
    const server = await startTestServer({ spec, clock, isEarly: true });
    const stream = new TestSocket(`${server.server.url.replace('http', 'ws')}/v1/stream`);
    const [alive, ready, rows] = await Promise.all(
      ['/healthz', '/readyz', '/v1/rows?last=1'].map((path) => server.get(path)),
    );

    expect(alive.json).toEqual({ status: 'alive' });
    const told = [
      { answer: ready, why: { reason: 'filling' } },
      { answer: rows, why: {} },
    ];
    for (const { answer, why } of told) {
      const { progress } = answer.json.error;
      expectError(answer, 'not_ready', { progress, ...why });
      expect(progress).toBeGreaterThanOrEqual(0);
      expect(progress).toBeLessThan(1);
      expect(answer.headers.get('retry-after')).toBe('1');
      expect(answer.json.error.message).toMatch(/^\d+ % .* made; try again in a second$/);
    }
    // When to come back is said by its `bye`, and is no second.
    expect(await stream.closed).toMatchObject({
      code: 4003,
      reason: expect.stringMatching(/made$/),
    });

    await server.server.ready;
    expect((await server.get('/readyz')).json).toEqual({ status: 'ready' });
    await (await server.connect()).close();
    await server.stop();
    expect(server.failures).toEqual([]);
  });
});
