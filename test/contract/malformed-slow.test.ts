import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/server/clock.ts';
import { type Heard, json, RawClient, rawFrame } from '../helpers/raw.ts';
import { startTestServer, type TestServer } from '../helpers/server.ts';
import { handshake } from './malformed-cases.ts';

/** Short, so that the tests are; the server looks at clients once a second. */
const LIMITS = {
  headersMs: 1000,
  requestMs: 1000,
  firstRequestMs: 1000,
  stallMs: 2000,
  pingMs: 1000,
  pongMs: 1000,
  closeGraceMs: 1000,
};

let server: TestServer;

beforeAll(async () => {
  const spec = { origin: Date.now() - 60_000 };
  server = await startTestServer({ clock: systemClock, limits: LIMITS, spec });
});

afterAll(async () => {
  await server.stop();
  expect(server.failures).toEqual([]);
});

function newClient(): RawClient {
  return new RawClient(Number(new URL(server.server.url).port));
}

/** All that a client hears from now on, but for rows and pings. */
async function restOf(client: RawClient): Promise<Heard[]> {
  const rest: Heard[] = [];
  for (let next = await client.next(); next !== undefined; next = await client.next()) {
    const isWord = !('ping' in next) && !('message' in next && next.message.type === 'rows');
    if (isWord) rest.push(next);
    if ('close' in next) client.end();
  }
  return rest;
}

const goodbye = (code: number, reason: string) => [
  { message: { type: 'bye', code, reason, retryAfterMs: expect.any(Number) } },
  { close: [code, reason] },
];

describe.concurrent('a client that never ends', () => {
  const HALVES: [string, string][] = [
    ['its request line', 'GET /v1/ro'],
    ['its headers', 'GET /v1/rows HTTP/1.1\r\nhost: a\r\n'],
    ['its handshake', handshake().slice(0, -2)],
  ];

  it.each(HALVES)('%s is told so, and hung up on', async (_, half) => {
    const client = newClient();
    await client.write(half);
    const [{ status, headers, body }] = await client.answers();

    expect(status).toBe(408);
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    expect(JSON.parse(body).error).toEqual({
      code: 'timed_out',
      message: 'the request must arrive whole within some seconds; given: ERR_HTTP_REQUEST_TIMEOUT',
    });
  });

  it('its headers, though it goes on with them, is told so', async () => {
    const client = newClient();
    await client.write('GET /v1/rows HTTP/1.1\r\nhost: a\r\n');
    while (!client.isOver) {
      await client.write('x: y\r\n');
      await sleep(50);
    }
    const [{ status }] = await client.answers();

    expect(status).toBe(408);
  });

  it('its body has its answer, and is hung up on', async () => {
    const client = newClient();
    await client.write('POST /v1/rows HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nx');
    const [{ status, body }] = await client.answers();

    expect(status).toBe(404);
    expect(JSON.parse(body).error.code).toBe('not_found');
  });

  it('its silence is hung up on', async () => {
    const client = newClient();
    await client.answers().catch(() => {});

    expect(client.isOver).toBe(true);
  });

  it.each([0, 1, 5, 20])('its first frame, after %i bytes, is closed with 4504', async (length) => {
    const client = newClient();
    await client.shakeHands(handshake());
    await client.next();
    await client.write(json({ type: 'ping', id: 1 }).subarray(0, length));

    expect(await restOf(client)).toEqual(goodbye(4504, 'nothing asked within 1000 ms'));
  });

  it('its second frame cannot answer pings, and is closed with 4002', async () => {
    const client = newClient();
    await client.shakeHands(handshake());
    await client.next();
    await client.write(json({ type: 'ping', id: 1 }), json({}).subarray(0, 7));
    expect(await client.next()).toMatchObject({ message: { type: 'pong' } });

    expect(await restOf(client)).toEqual(goodbye(4002, 'no pong for 1000 ms'));
  });

  it('a frame while rows come is closed with 4001', async () => {
    const client = newClient();
    await client.shakeHands(handshake());
    await client.next();
    const request = { type: 'subscribe', id: 1, symbols: '*', since: 'now' };
    await client.write(json(request), json(request).subarray(0, 7));
    expect(await client.next()).toMatchObject({ message: { type: 'subscribed' } });

    expect(await restOf(client)).toEqual(goodbye(4001, 'nothing read for 2000 ms'));
  });

  it('the connection after a wrong frame is cut', async () => {
    const client = newClient();
    await client.shakeHands(handshake());
    await client.next();
    await client.write(rawFrame({ first: 0xf1 }));
    expect(await client.next()).toEqual({ close: [1002, ''] });

    await client.closed;
  });

  it('costs a neighbour no row', async () => {
    const neighbour = await server.connect();
    const request = { type: 'subscribe', id: 1, symbols: '*', since: 'now' };
    let { since: until } = await neighbour.ask(request, 'subscribed');
    for (let n = 0; n < 400; n++) {
      const rows = await neighbour.next('rows');
      expect(rows.since).toBe(until);
      until = rows.until;
    }
    await neighbour.close();
  });
});
