import { afterEach, describe, expect, it } from 'vitest';
import { CLOSE_CODES } from '../../src/wire/errors.ts';
import { EventReader } from '../helpers/events.ts';
import { pricesOf } from '../helpers/market.ts';
import { expectError } from '../helpers/sentence.ts';
import {
  INTERVAL,
  ORIGIN,
  startTestServer,
  type TestServer,
  type TestServerOptions,
} from '../helpers/server.ts';

let server: TestServer;
const readers: EventReader[] = [];

async function start(options: TestServerOptions = {}): Promise<void> {
  server = await startTestServer(options);
}

/** An event stream that was accepted. */
async function listen(query: string, headers: Record<string, string> = {}): Promise<EventReader> {
  const response = await fetch(`${server.server.url}/v1/events?${query}`, { headers });
  expect(response.status, query).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(response.headers.get('access-control-allow-origin')).toBe('*');
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  const reader = new EventReader(response.body!);
  readers.push(reader);
  return reader;
}

afterEach(async () => {
  await server.stop();
  for (const reader of readers.splice(0)) await reader.close();
  expect(server.failures).toEqual([]);
});

describe('an event stream', () => {
  it('begins with what it is, then has all rows since the cursor, then each new one', async () => {
    await start();
    const since = server.timeOf(699);
    const reader = await listen(`symbols=ticker_2,ticker_0&since=${since}`);
    const { id: market } = server.market;
    const symbols = ['ticker_2', 'ticker_0'];
    expect(await reader.expect('subscribed')).toEqual({
      name: 'subscribed',
      id: `${market}.${since}`,
      retry: 2000,
      data: { market, interval: INTERVAL, symbols, since },
    });
    let until = since;
    const prices: number[][] = [[], []];
    while (until < server.timeOf(1009)) {
      if (until === server.timeOf(999)) server.clock.pass(10 * INTERVAL);
      const { id, data } = await reader.expect('message');
      expect(data.since).toBe(until);
      until = data.until;
      expect(id).toBe(`${market}.${until}`);
      data.prices.forEach((column: number[], n: number) => void prices[n]!.push(...column));
    }
    expect(prices).toEqual([2, 0].map((column) => pricesOf(server.market, column, 700, 1010)));
  });

  it('goes on after the event that was last heard, whatever the address says', async () => {
    await start();
    const last = `${server.market.id}.${server.timeOf(989)}`;
    const reader = await listen('since=now', { 'last-event-id': last });
    expect((await reader.expect('subscribed')).id).toBe(last);
    const { data } = await reader.expect('message');
    expect([data.since, data.until]).toEqual([server.timeOf(989), server.timeOf(999)]);
  });

  it('takes lastEventId of the address for the header, which goes before it', async () => {
    await start();
    const idOf = (index: number) => `${server.market.id}.${server.timeOf(index)}`;
    for (const [query, headers, index] of [
      [`since=now&lastEventId=${idOf(979)}`, {}, 979],
      [`since=now&lastEventId=${idOf(979)}`, { 'last-event-id': idOf(989) }, 989],
      [`since=${server.timeOf(969)}&lastEventId=`, {}, 969],
    ] as const) {
      const reader = await listen(query, headers);
      expect((await reader.expect('subscribed')).id).toBe(idOf(index));
    }
  });

  it('goes on from rows that have left the ring', async () => {
    await start({ rows: 5000 });
    const reader = await listen(`symbols=ticker_1&since=${ORIGIN - INTERVAL}`);
    await reader.expect('subscribed');
    const prices: number[] = [];
    while (prices.length < 5000) prices.push(...(await reader.expect('message')).data.prices[0]);
    expect(prices).toEqual(pricesOf(server.market, 1, 0, 5000));
  });

  it('with delivery=latest leaves out what waits, and says so', async () => {
    await start();
    const reader = await listen(`symbols=ticker_0&since=${server.timeOf(899)}&delivery=latest`);
    await reader.expect('subscribed');
    const [since, until] = [server.timeOf(899), server.timeOf(998)];
    const skipped = await reader.expect('skipped');
    expect(skipped.data).toEqual({ since, until, rows: 99 });
    expect(skipped.id).toBe(`${server.market.id}.${until}`);
    const { data } = await reader.expect('message');
    expect(data).toEqual({
      since: until,
      until: server.timeOf(999),
      lag: 0,
      prices: [pricesOf(server.market, 0, 999, 1000)],
    });
  });

  it('says that it is alive when it was silent for long', async () => {
    await start();
    const reader = await listen('symbols=ticker_0&since=now');
    await reader.expect('subscribed');
    server.clock.passSteadily(15_000);
    const [head, now] = [server.timeOf(999), server.clock.nowMs()];
    expect(await reader.expect('heartbeat')).toEqual({
      name: 'heartbeat',
      id: undefined,
      retry: undefined,
      data: { now, head, until: head },
    });
  });

  it('says goodbye when the server stops, and when to come back', async () => {
    await start();
    const reader = await listen('since=now');
    await reader.expect('subscribed');
    await server.stop();
    const { data, retry } = await reader.expect('bye');
    expect(data).toEqual({
      code: CLOSE_CODES.shuttingDown,
      reason: 'shutting down',
      retryAfterMs: retry,
    });
    expect(retry).toBeGreaterThanOrEqual(500);
    expect(retry).toBeLessThanOrEqual(2000);
    expect(await reader.next()).toBeUndefined();
  });

  it('of a server that is not ready ends at once, so that a browser comes back', async () => {
    // Each look at this clock ends a slice, so that the filling takes a thousand turns.
    let steadyMs = 0;
    const clock = { nowMs: () => ORIGIN + 500 * INTERVAL, steadyMs: () => (steadyMs += 1000) };
    await start({ spec: { count: 1000, capacity: 100 }, clock, isEarly: true });
    const reader = await listen('since=now');
    expect((await reader.expect('bye')).data.code).toBe(CLOSE_CODES.notReady);
    expect(await reader.next()).toBeUndefined();
  });

  it('is refused with the limit that is reached, be it that of all together', async () => {
    await start({ limits: { maxConnections: 1 } });
    await (await listen('since=now')).expect('subscribed');
    const refused = await server.get('/v1/events?since=now');
    expectError(refused, 'too_many', { limit: 1 });
    expect(refused.json.error.message).toMatch(/^the server holds at most 1 connections/);
  });

  it('is forgotten when its client has gone', async () => {
    await start({ limits: { maxConnectionsPerAddress: 1 } });
    const reader = await listen('since=now');
    await reader.expect('subscribed');
    const refused = await server.get('/v1/events?since=now');
    expectError(refused, 'too_many', { limit: 1 });
    await reader.close();
    let status = 0;
    while (status !== 200) {
      const again = new AbortController();
      const url = `${server.server.url}/v1/events?since=now`;
      ({ status } = await fetch(url, { signal: again.signal }));
      again.abort();
    }
  });

  it.each([
    ['', {}, 'bad_request', {}],
    ['since=now&delivery=some', {}, 'bad_request', {}],
    ['since=now&last_event_id=x', {}, 'bad_request', {}],
    ['since=now&lastEventId=nonsense', {}, 'bad_request', {}],
    ['since=now&symbols=nobody', {}, 'unknown_symbol', {}],
    [`since=${ORIGIN + 1}`, {}, 'bad_cursor', { origin: ORIGIN, interval: INTERVAL }],
    ['since=now', { 'last-event-id': 'nonsense' }, 'bad_request', {}],
    ['since=now', { 'last-event-id': `ab.${ORIGIN}` }, 'market_changed', { market: true }],
    ['since=now&market=ab', {}, 'market_changed', { market: true }],
  ] as const)('of %s %o is refused as %s', async (query, headers, code, details) => {
    await start();
    const market = server.market.id;
    const answer = await server.get(`/v1/events?${query}`, { headers });
    expectError(answer, code, 'market' in details ? { market } : details);
  });
});
