import { afterEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../src/host/clock.ts';
import { pricesOf } from '../helpers/market.ts';
import { PacedReader } from '../helpers/paced-reader.ts';
import { goAndReturn, passUntil } from '../helpers/passing.ts';
import { type Heard, json, RawClient, rawFrame } from '../helpers/raw.ts';
import {
  INTERVAL,
  ORIGIN,
  startTestServer,
  type TestServer,
  type TestServerOptions,
} from '../helpers/server.ts';
import { type Message, TestSocket } from '../helpers/socket.ts';
import { StubbornClient } from '../helpers/tcp.ts';

const BEFORE = ORIGIN - INTERVAL;
const PING = { type: 'ping', id: 1 };

let running: TestServer | undefined;
const clients: RawClient[] = [];

afterEach(async () => {
  // Who does not answer a goodbye would hold it up.
  for (const client of clients.splice(0)) client.reset();
  const server = running;
  running = undefined;
  await server?.stop();
  expect(server?.failures ?? []).toEqual([]);
});

async function start(options: TestServerOptions): Promise<TestServer> {
  running = await startTestServer(options);
  return running;
}

/** Rows come only when a test asks for them, but silence is measured in real time. */
const SILENCE: Clock = { nowMs: () => ORIGIN + 1e6, steadyMs: () => performance.now() };

const portOf = (server: TestServer) => Number(new URL(server.server.url).port);

function newClient(server: TestServer): RawClient {
  const client = new RawClient(portOf(server));
  clients.push(client);
  return client;
}

const handshake = (headers = '') =>
  `GET /v1/stream HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n${headers}` +
  'sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';

/** A client of the stream whose frames the test writes itself; it answers no ping. */
async function rawStream(server: TestServer, headers = ''): Promise<RawClient> {
  const client = newClient(server);
  expect((await client.shakeHands(handshake(headers))).status).toBe(101);
  expect(await client.next()).toMatchObject({ message: { type: 'hello' } });
  return client;
}

/** What is heard next that is no ping. */
async function nextOf(client: RawClient): Promise<Heard | undefined> {
  for (;;) {
    const heard = await client.next();
    if (heard === undefined || !('ping' in heard)) return heard;
  }
}

/** The next two are a `bye` and a close with this code. */
async function expectBye(client: RawClient, code: number, reason: string): Promise<void> {
  const bye = await nextOf(client);
  const message = { type: 'bye', code, reason, retryAfterMs: expect.any(Number) };
  expect(bye).toEqual({ message });
  expect(await nextOf(client)).toEqual({ close: [code, reason] });
}

async function expectSocketBye(socket: TestSocket, code: number): Promise<void> {
  const bye = await socket.next('bye');
  expect(bye).toMatchObject({ code, retryAfterMs: expect.any(Number) });
  expect(await socket.closed).toEqual({ code, reason: bye.reason });
}

describe('messages above the rate', () => {
  const LIMITS = { messagesPerSecond: 10, messagesBurst: 5, refusalsBurst: 3 };

  it('are rate_limited until there is time for them, and then answered', async () => {
    const server = await start({ limits: LIMITS });
    const socket = await server.connect();
    for (let n = 0; n < 5; n++) await socket.ask(PING, 'pong');
    const error = await socket.ask({ ...PING, id: 7 }, 'error');
    expect(error).toMatchObject({ id: 7, code: 'rate_limited', retryAfterMs: 100 });
    expect(error.message).toMatch(/^messages may come 10 a second, 5 at once; given: more$/);
    server.clock.passSteadily(error.retryAfterMs);
    await socket.ask(PING, 'pong');
    await socket.ask(PING, 'error');
  });

  it('that go on are closed with 4005 after refusalsBurst of them', async () => {
    const server = await start({ limits: LIMITS });
    const socket = await server.connect();
    for (let n = 0; n < 5; n++) await socket.ask(PING, 'pong');
    for (let n = 0; n < 3; n++) await socket.ask(PING, 'error');
    await socket.ask(PING, 'error');
    await expectSocketBye(socket, 4005);
  });

  it.each([
    ['pings of the protocol', rawFrame({ first: 0x89, payload: 'hi' })],
    ['pongs that nobody asked for', rawFrame({ first: 0x8a, payload: 'hi' })],
    ['pongs with a number that nobody asked for', rawFrame({ first: 0x8a, payload: 'abcd' })],
  ])('are %s too', async (_, frame) => {
    const server = await start({ limits: LIMITS });
    const client = await rawStream(server);
    await client.write(...Array.from({ length: 4 }, () => frame), json(PING));
    const heard: (Heard | undefined)[] = [];
    do heard.push(await nextOf(client));
    while (!JSON.stringify(heard.at(-1)).includes('"type":"pong"'));
    // The sixth is one too many, and so are the next two: then it is told and closed.
    await client.write(frame, frame, frame, frame);
    for (;;) {
      const next = await nextOf(client);
      if (next !== undefined && 'pong' in next) continue;
      expect(next).toMatchObject({ message: { type: 'bye', code: 4005 } });
      break;
    }
  });

  it('of one connection leave the others their own', async () => {
    const server = await start({ limits: LIMITS });
    const [one, two] = [await server.connect(), await server.connect()];
    for (let n = 0; n < 9; n++) one.send(PING);
    expect((await one.closed).code).toBe(4005);
    await two.ask(PING, 'pong');
  });
});

describe('wrong requests', () => {
  const LIMITS = { badRequestsBurst: 3, badRequestsPerMinute: 60, messagesBurst: 1000 };
  const WRONG = { type: 'frob', id: 1 };

  it('are answered, then closed with 4500 if they are repeated', async () => {
    const server = await start({ limits: LIMITS });
    const socket = await server.connect();
    for (let n = 0; n < 4; n++) await socket.ask(WRONG, 'error');
    await expectSocketBye(socket, 4500);
  });

  it('are forgiven with time', async () => {
    const server = await start({ limits: LIMITS });
    const socket = await server.connect();
    for (let n = 0; n < 10; n++) {
      await socket.ask('no JSON', 'error');
      server.clock.passSteadily(1000);
    }
    await socket.ask(PING, 'pong');
  });

  it('are not those that may succeed later', async () => {
    const server = await start({ limits: LIMITS });
    const socket = await server.connect();
    const ahead = { type: 'fetch', id: 1, symbols: '*', since: server.timeOf(100_000) };
    for (let n = 0; n < 10; n++) {
      expect(await socket.ask(ahead, 'error')).toMatchObject({ code: 'cursor_ahead' });
    }
    await socket.ask(PING, 'pong');
  });
});

describe('a connection that asks for nothing', () => {
  const LIMITS = { firstRequestMs: 1500 };

  it('is closed with 4504 after firstRequestMs, pings or not', async () => {
    const server = await start({ limits: LIMITS, clock: SILENCE });
    const startMs = performance.now();
    const [silent, pinging] = [await rawStream(server), await rawStream(server)];
    const asking = await server.connect();
    await asking.ask(PING, 'pong');
    await pinging.write(rawFrame({ first: 0x89, payload: '' }));
    expect(await nextOf(pinging)).toEqual({ pong: '' });
    await expectBye(silent, 4504, 'nothing asked within 1500 ms');
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(1500);
    await expectBye(pinging, 4504, 'nothing asked within 1500 ms');
    await asking.ask(PING, 'pong');
  });
});

describe('connections', () => {
  const from = (address: string) => `x-forwarded-for: ${address}\r\n`;
  const TRUSTING = { trustedProxies: ['127.0.0.1'] };

  it('of one address above its limit are closed with 4503, until one has gone', async () => {
    const server = await start({ limits: { maxConnectionsPerAddress: 2 } });
    const [one] = [await server.connect(), await server.connect()];
    const url = `${server.server.url.replace('http', 'ws')}/v1/stream`;
    await expectSocketBye(new TestSocket(url), 4503);
    await one!.close();
    await (await server.connect()).ask(PING, 'pong');
    await expectSocketBye(new TestSocket(url), 4503);
  });

  it('are counted by the address that a trusted proxy tells, and by networks of IPv6', async () => {
    const server = await start({ limits: { maxConnectionsPerAddress: 1 }, access: TRUSTING });
    for (const address of ['1.1.1.1', '1.1.1.2', '2001:db8:0:1::1', '2001:db8:0:2::1']) {
      await rawStream(server, from(address));
    }
    for (const address of ['1.1.1.1', '::ffff:1.1.1.2', '9.9.9.9, 1.1.1.1', '2001:db8:0:1::2']) {
      const client = newClient(server);
      await client.shakeHands(handshake(from(address)));
      await expectBye(client, 4503, 'as many connections as one address may have');
    }
  });

  it('are not counted by what a client writes itself', async () => {
    const server = await start({ limits: { maxConnectionsPerAddress: 1 } });
    await rawStream(server, from('1.1.1.1'));
    const client = newClient(server);
    await client.shakeHands(handshake(from('1.1.1.2')));
    await expectBye(client, 4503, 'as many connections as one address may have');
  });

  it('above all that there may be are closed with 4503', async () => {
    const server = await start({ limits: { maxConnections: 2 }, access: TRUSTING });
    for (const address of ['1.1.1.1', '1.1.1.2']) await rawStream(server, from(address));
    const client = newClient(server);
    await client.shakeHands(handshake(from('1.1.1.3')));
    await expectBye(client, 4503, 'as many connections as there may be');
    expect((await server.get('/healthz')).status).toBe(200);
  });

  it('of one address that are no streams are closed unheard above the spare ones', async () => {
    const limits = { maxConnectionsPerAddress: 1, spareConnections: 2 };
    const server = await start({ limits });
    const idle = Array.from({ length: 3 }, () => newClient(server));
    for (const client of idle) await client.write('GET /healthz HTTP/1.1\r\n');
    await expect(server.get('/healthz')).rejects.toThrow('fetch failed');
    idle[0]!.reset();
    await expect
      .poll(() =>
        server.get('/healthz').then(
          ({ status }) => status,
          () => 0,
        ),
      )
      .toBe(200);
    for (const client of idle) client.reset();
  });

  it('in all are closed unheard above the spare ones, whoever they are', async () => {
    const limits = { maxConnections: 1, spareConnections: 2 };
    const server = await start({ limits, access: TRUSTING });
    const idle = Array.from({ length: 3 }, () => newClient(server));
    for (const client of idle) await client.write('GET /healthz HTTP/1.1\r\n');
    await expect(server.get('/healthz')).rejects.toThrow('fetch failed');
    for (const client of idle) client.reset();
    await expect
      .poll(() =>
        server.get('/healthz').then(
          ({ status }) => status,
          () => 0,
        ),
      )
      .toBe(200);
  });
});

describe('what one connection may hold', () => {
  it('is maxSubscriptions: one more is too_many', async () => {
    const server = await start({ limits: { maxSubscriptions: 2 } });
    const socket = await server.connect();
    const subscribe = (id: number) => ({ type: 'subscribe', id, symbols: '*', since: 'now' });
    for (const id of [1, 2]) await socket.ask(subscribe(id), 'subscribed');
    const error = await socket.ask(subscribe(3), 'error');
    expect(error).toMatchObject({ id: 3, code: 'too_many', limit: 2 });
    await socket.ask({ type: 'unsubscribe', id: 1 }, 'unsubscribed');
    await socket.ask(subscribe(3), 'subscribed');
  });

  it('is maxPendingRequests: one more at once is too_many', async () => {
    const server = await start({ limits: { maxPendingRequests: 2, messagesBurst: 100 } });
    const client = await rawStream(server);
    const fetches = Array.from({ length: 10 }, (_, id) =>
      json({ type: 'fetch', id, symbols: '*', since: BEFORE, limit: 1 }),
    );
    await client.write(Buffer.concat(fetches));
    const types = new Map<string, number>();
    for (let n = 0; n < 10; n++) {
      const heard = (await nextOf(client)) as { message: Message };
      const { type } = heard.message;
      if (type === 'error') expect(heard.message).toMatchObject({ code: 'too_many', limit: 2 });
      types.set(type, (types.get(type) ?? 0) + 1);
    }
    expect(types.get('rows')).toBeGreaterThanOrEqual(2);
    expect(types.get('error')).toBeGreaterThan(0);
  });

  it('is a message of maxPayloadBytes: one byte more is closed with 1009', async () => {
    const server = await start({ limits: { maxPayloadBytes: 2000 } });
    const socket = await server.connect();
    const text = JSON.stringify(PING);
    expect(await socket.ask(text.padEnd(2000))).toMatchObject({ type: 'pong' });
    socket.send(text.padEnd(2001));
    expect((await socket.closed).code).toBe(1009);
  });

  it('is a message of maxPayloadBytes, all its fragments together', async () => {
    const server = await start({ limits: { maxPayloadBytes: 2000 } });
    const client = await rawStream(server);
    const part = ' '.repeat(900);
    const frames = [0x01, 0x00, 0x00].map((first) => rawFrame({ first, payload: part }));
    await client.write(...frames);
    expect(await nextOf(client)).toMatchObject({ close: [1009, expect.any(String)] });
  });

  it('is a message of maxFragments: one more is closed with 1008', async () => {
    const server = await start({ limits: { maxFragments: 3 } });
    const client = await rawStream(server);
    const pieces = JSON.stringify(PING).match(/.{1,9}/g)!;
    expect(pieces).toHaveLength(3);
    const firsts = [0x01, 0x00, 0x80];
    await client.write(...pieces.map((payload, n) => rawFrame({ first: firsts[n]!, payload })));
    expect(await nextOf(client)).toMatchObject({ message: { type: 'pong' } });
    await client.write(...[0x01, 0, 0, 0].map((first) => rawFrame({ first, payload: ' ' })));
    expect(await nextOf(client)).toMatchObject({ close: [1008, expect.any(String)] });
  });
});

describe('the work of one address', () => {
  const LIMITS = { workPerSecond: 100_000, workBurst: 250_000 };

  it('above its budget is rate_limited over HTTP, with the time to wait', async () => {
    const server = await start({ limits: LIMITS, access: { trustedProxies: ['127.0.0.1'] } });
    const ask = (address: string) =>
      server.get('/v1/rows?last=1', { headers: { 'x-forwarded-for': address } });
    expect((await ask('1.1.1.1')).status).toBe(200);
    expect((await ask('1.1.1.1')).status).toBe(200);
    const refused = await ask('1.1.1.1');
    expect(refused.status).toBe(429);
    const { code, retryAfterMs, message } = refused.json.error;
    expect(code).toBe('rate_limited');
    expect(message).toMatch(/^work for one address must stay below 100000 prices a second; /);
    expect(refused.headers.get('retry-after')).toBe(String(Math.ceil(retryAfterMs / 1000)));
    expect((await ask('1.1.1.2')).status).toBe(200);
    server.clock.passSteadily(retryAfterMs + 10);
    expect((await ask('1.1.1.1')).status).toBe(200);
  });

  it('is that of all its connections, and of HTTP and the stream together', async () => {
    // Two connections at 300,000, and two messages at 30,000 that want three blocks each, of
    // columns whose rows are not at hand.
    const limits = { workPerSecond: 200_000, workBurst: 950_000 };
    const server = await start({ limits });
    const sockets = [await server.connect(), await server.connect()];
    const fetch = { type: 'fetch', id: 1, symbols: '*', since: BEFORE, limit: 1 };
    for (const socket of sockets) await socket.ask(fetch, 'rows');
    for (const socket of sockets) {
      const error = await socket.ask(fetch, 'error');
      expect(error).toMatchObject({ id: 1, code: 'rate_limited' });
      expect(error.retryAfterMs).toBeGreaterThan(0);
    }
    const candles = { type: 'candles', id: 2, symbol: 'ticker_0', resolution: '1s' };
    const error = await sockets[0]!.ask({ ...candles, from: ORIGIN, count: 1 }, 'error');
    expect(error).toMatchObject({ id: 2, code: 'rate_limited' });
    expect((await server.get('/v1/candles?symbol=ticker_0&resolution=1s&last=1')).status).toBe(429);
    server.clock.passSteadily(1100);
    await sockets[1]!.ask(fetch, 'rows');
    await sockets[0]!.ask(fetch, 'error');
  });

  it('lets a backfill wait, and then go on: no row is lost or repeated', async () => {
    const rows = 60_000;
    // Half of the rows a second, at 3 prices each that are made and written (1 + 60).
    const limits = { workPerSecond: 5_500_000, workBurst: 5_500_000 };
    const server = await start({ rows, limits });
    const socket = await server.connect();
    await socket.ask({ type: 'subscribe', id: 1, symbols: '*', since: BEFORE }, 'subscribed');
    const prices: number[][] = [[], [], []];
    let [next, waits] = [0, 0];
    while (next < rows) {
      const coming = socket.next();
      let isHere = false;
      void coming.then(() => {
        isHere = true;
      });
      // A machine that is slow to send rows is as slow to answer.
      for (let n = 0; n < 20 && !isHere; n++) await server.get('/healthz');
      if (!isHere) {
        waits += 1;
        server.clock.passSteadily(1000);
      }
      const message = await coming;
      if (message.type === 'heartbeat') continue;
      expect(message.since).toBe(server.timeOf(next - 1));
      next = (message.until - ORIGIN) / INTERVAL + 1;
      for (const [n, column] of message.prices.entries()) prices[n]!.push(...column);
    }
    expect(waits).toBeGreaterThan(0);
    expect(waits).toBeLessThan(6);
    expect(prices).toEqual([0, 1, 2].map((n) => pricesOf(server.market, n, 0, rows)));
  });
});

describe('a client that is gone or stuck', () => {
  const LIMITS = { pingMs: 1000, pongMs: 1000, stallMs: 2000, heartbeatMs: 1000 };

  it('and answers no ping is closed with 4002', async () => {
    const server = await start({ limits: LIMITS });
    const [deaf, well] = [await rawStream(server), await server.connect()];
    await deaf.write(json(PING));
    expect(await nextOf(deaf)).toMatchObject({ message: { type: 'pong' } });
    const ended = async () => {
      const isBye = (heard: Heard) => 'message' in heard && heard.message.type === 'bye';
      let heard = await deaf.next();
      while (heard !== undefined && !isBye(heard)) heard = await deaf.next();
      return heard;
    };
    const heard = await passUntil(ended(), server.clock, well);
    expect(heard).toMatchObject({ message: { code: 4002, reason: 'no pong for 1000 ms' } });
    expect(await nextOf(deaf)).toEqual({ close: [4002, 'no pong for 1000 ms'] });
    await goAndReturn(well);
  });

  it('and does not read its rows is closed with 4001', async () => {
    // For as long as the rest is read, which is some megabytes.
    const limits = { ...LIMITS, closeGraceMs: 60_000 };
    const server = await start({ rows: 100_000, limits });
    const well = await server.connect();
    const reader = new PacedReader({
      port: portOf(server),
      bytesPerSecond: 0,
      request: { type: 'subscribe', id: 1, symbols: '*', since: BEFORE },
      onMessage: () => {},
    });
    // Until it is let in and has asked; then it stops.
    reader.readAt(100_000);
    await expect.poll(() => reader.readBytes).toBeGreaterThan(10_000);
    reader.readAt(0);
    const isGivenUp = expect
      .poll(async () => (await server.get('/metrics')).text)
      .toContain('tickwell_subscriptions 0\n');
    await passUntil(isGivenUp, server.clock, well);
    // What was sent still waits to be read.
    reader.readAt(Number.POSITIVE_INFINITY);
    expect(await reader.ended).toEqual({ code: 4001, reason: 'nothing read for 2000 ms' });
  });
});

describe('heartbeats', () => {
  it('of one a second come each second', async () => {
    const server = await start({ limits: { heartbeatMs: 1000 } });
    const socket = await server.connect();
    await socket.ask({ type: 'subscribe', id: 5, symbols: '*', since: 'now' }, 'subscribed');
    for (let second = 0; second < 3; second++) {
      server.clock.passSteadily(1000);
      expect(await socket.next('heartbeat')).toMatchObject({
        subscriptions: { 5: expect.any(Number) },
      });
    }
  });
});

describe('HTTP answers of one address', () => {
  it('of one connection are made one at a time, however many it asks for at once', async () => {
    const server = await start({ limits: { maxAnswersPerAddress: 1 } });
    const request = 'GET /v1/rows?last=300 HTTP/1.1\r\nhost: a\r\n\r\n';
    const last = request.replace('\r\n\r\n', '\r\nconnection: close\r\n\r\n');
    const client = new StubbornClient(server.server.url, request.repeat(4) + last);
    const statuses = (await client.answered).match(/HTTP\/1\.1 \d+/g)?.map((text) => text.slice(9));
    expect(statuses).toEqual(['200', '200', '200', '200', '200']);
    client.destroy();
    const answer = await server.get('/v1/rows?last=300');
    expect(answer.status).toBe(200);
  });

  it('are not counted once their clients have hung up', async () => {
    const server = await start({
      limits: { maxAnswersPerAddress: 2 },
      spec: { count: 100, capacity: 10_000 },
      rows: 10_000,
    });
    const request = 'GET /v1/rows?last=10000 HTTP/1.1\r\nhost: a\r\n\r\n';
    const clients = [1, 2].map(() => new StubbornClient(server.server.url, request));
    for (const client of clients) client.pause();
    await expect.poll(async () => (await server.get('/v1/market')).status).toBe(429);
    expect((await server.get('/healthz')).status).toBe(200);
    const refused = await server.get('/v1/market');
    expect(refused.json.error).toMatchObject({ code: 'too_many', limit: 2 });
    for (const client of clients) client.destroy();
    await expect.poll(async () => (await server.get('/v1/market')).status).toBe(200);
  });

  it('are not event streams, which are connections', async () => {
    const server = await start({ limits: { maxAnswersPerAddress: 1 } });
    const streams = [1, 2, 3].map(
      () =>
        new StubbornClient(
          server.server.url,
          'GET /v1/events?since=now HTTP/1.1\r\nhost: a\r\n\r\n',
        ),
    );
    expect((await server.get('/v1/market')).status).toBe(200);
    for (const stream of streams) stream.destroy();
  });
});
