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

/** Is told by the only event of an answer that what it asked for may be had later. */
async function expectSentAway(reader: EventReader, code: number, error: string) {
  const bye = await reader.expect('bye');
  expect(bye.data).toMatchObject({ code, error, reason: expect.any(String) });
  expect(bye.data.retryAfterMs).toBeGreaterThan(0);
  expect(bye.retry).toBeGreaterThanOrEqual(5000);
  expect(bye.id).toBeUndefined();
  expect(await reader.next()).toBeUndefined();
  return bye;
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
      retry: 5000,
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
      data: { now, speed: 1, head, until: head },
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
      retryAfterMs: expect.any(Number),
    });
    expect(data.retryAfterMs).toBeGreaterThanOrEqual(500);
    expect(data.retryAfterMs).toBeLessThanOrEqual(2000);
    // An EventSource that came back sooner would meet the 502 of a proxy, and give up for ever.
    expect(retry).toBeGreaterThanOrEqual(5000);
    expect(retry).toBeLessThan(10_000);
    expect(await reader.next()).toBeUndefined();
  });

  it('spreads those that come back', async () => {
    await start();
    const open = await Promise.all(Array.from({ length: 20 }, () => listen('since=now')));
    for (const reader of open) await reader.expect('subscribed');
    await server.stop();
    const byes = await Promise.all(open.map((reader) => reader.expect('bye')));
    expect(new Set(byes.map(({ retry }) => retry)).size).toBeGreaterThan(15);
  });

  it('of a server that is not ready ends at once, so that a browser comes back', async () => {
    // Each look at this clock ends a slice, so that the filling takes a thousand turns.
    let steadyMs = 0;
    const clock = { nowMs: () => ORIGIN + 500 * INTERVAL, steadyMs: () => (steadyMs += 1000) };
    await start({ spec: { count: 1000, capacity: 100 }, clock, isEarly: true });
    const reader = await listen('since=now');
    const { data } = await expectSentAway(reader, CLOSE_CODES.notReady, 'not_ready');
    // When to come back is said by `retry`, and is no second.
    expect(data.reason).toMatch(/^\d+ % of the newest rows are made$/);
  });

  it.each(['maxConnections', 'maxConnectionsPerAddress'])(
    'is sent away while %s are connected, and taken when one has gone',
    async (limit) => {
      await start({ limits: { [limit]: 1 } });
      const reader = await listen('since=now');
      await reader.expect('subscribed');
      const refused = await listen('since=now');
      const { data } = await expectSentAway(refused, CLOSE_CODES.connectionLimit, 'too_many');
      const whose = limit === 'maxConnections' ? 'the server' : 'an address';
      expect(data.reason).toMatch(new RegExp(`^${whose} holds at most 1 connections`));
      expect(data.limit).toBe(1);
      await reader.close();
      for (let name = 'bye'; name === 'bye'; ) {
        name = (await (await listen('since=now')).next())!.name;
      }
    },
  );

  it('of a cursor that is too far ahead is sent away, and says where the head is', async () => {
    await start();
    const reader = await listen(`since=${server.timeOf(999_999)}`);
    const { data } = await expectSentAway(reader, CLOSE_CODES.refusedForNow, 'cursor_ahead');
    expect(data.head).toBe(server.timeOf(999));
  });

  it('that the server fails to begin is sent away, and counted as our failure', async () => {
    await start();
    const { id } = server.market;
    const { timeline } = server.server.feed;
    const { endOf } = timeline;
    timeline.endOf = () => {
      throw new TypeError('this was broken on purpose');
    };
    const response = await fetch(`${server.server.url}/v1/events?since=now&market=${id}`);
    timeline.endOf = endOf;
    expect(response.status).toBe(200);
    const reader = new EventReader(response.body!);
    readers.push(reader);
    const { data } = await expectSentAway(reader, CLOSE_CODES.refusedForNow, 'internal');
    expect(data.reason).toBe('the server failed; the same request may succeed later');
    const failures = (server.failures as string[]).splice(0);
    expect(failures).toEqual([expect.stringContaining('this was broken on purpose')]);
    expect((await server.get('/metrics')).text).toContain(
      'tickwell_refusals_total{code="internal"} 1\n',
    );
  });

  it.each(['since=now', 'since=9999-01-01'])(
    'has a head without a stream, and nothing is held for it: %s',
    async (query) => {
      await start();
      const head = await server.get(`/v1/events?${query}`, { method: 'HEAD' });
      expect(head.status).toBe(200);
      expect(head.text).toBe('');
      const { headers, body } = await fetch(`${server.server.url}/v1/events?${query}`);
      await new EventReader(body!).close();
      for (const name of ['content-type', 'cache-control', 'access-control-allow-origin', 'vary']) {
        expect([name, head.headers.get(name)]).toEqual([name, headers.get(name)]);
      }
      await server.get(`/v1/events?${query}`, { method: 'HEAD' });
      // What was read above goes in its own time.
      const held = /tickwell_connections\{.*events.*\} (\d+)/;
      let text = (await server.get('/metrics')).text;
      while (held.exec(text)?.[1] !== '0') text = (await server.get('/metrics')).text;
    },
  );

  it('of a wrong request has the head of its error', async () => {
    await start();
    const head = await server.get('/v1/events?since=now&symbols=nobody', { method: 'HEAD' });
    expect(head.status).toBe(404);
    expect(head.text).toBe('');
  });

  it.each([
    ['', {}, 'bad_request', {}],
    ['since=now&delivery=some', {}, 'bad_request', {}],
    ['since=now&what=row', {}, 'bad_request', {}],
    ['since=now&what=', {}, 'bad_request', {}],
    ['since=now&what=rows&what=rows', {}, 'bad_request', {}],
    ['since=now&what=candles', {}, 'bad_request', {}],
    ['since=now&what=trades&fields=last', {}, 'bad_request', {}],
    ['since=now&what=trades&resolution=1m', {}, 'bad_request', {}],
    ['since=now&what=trade', {}, 'bad_request', {}],
    ['since=now&what=rows&resolution=1m', {}, 'bad_request', {}],
    ['since=now&what=candles&resolution=1m&delivery=all', {}, 'bad_request', {}],
    ['since=now&what=depth&levels=0', {}, 'bad_request', {}],
    ['since=now&what=depth&levels=101', {}, 'bad_request', {}],
    ['since=now&what=depth&levels=-1', {}, 'bad_request', {}],
    ['since=now&what=depth&levels=1e1', {}, 'bad_request', {}],
    ['since=now&what=depth&levels=99999999999999999999', {}, 'bad_request', {}],
    ['since=now&what=depth&levels=', {}, 'bad_request', {}],
    ['since=now&what=depth&levels=5&levels=5', {}, 'bad_request', {}],
    ['since=now&what=depth&fields=bid', {}, 'bad_request', {}],
    ['since=now&what=depth&delivery=latest', {}, 'bad_request', {}],
    ['since=now&levels=5', {}, 'bad_request', {}],
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
