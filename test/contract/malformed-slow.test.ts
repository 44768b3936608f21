import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STEP_MS } from '../helpers/passing.ts';
import { type Heard, json, RawClient, rawFrame } from '../helpers/raw.ts';
import { startTestServer, type TestServer, UNHURRIED } from '../helpers/server.ts';
import type { TestSocket } from '../helpers/socket.ts';
import { handshake } from './malformed-cases.ts';

/** Short, so that the tests are; the server looks at clients once a second. */
const LIMITS = {
  ...UNHURRIED,
  headersMs: 1000,
  requestMs: 1000,
  firstRequestMs: 1000,
  stallMs: 2000,
  pingMs: 1000,
  pongMs: 1000,
  closeGraceMs: 1000,
};

/**
 * A client that does nothing wrong, and by whose round trips the time of the stream passes: so it
 * is in time, however slow the machine. Before requests of HTTP, time is Node's.
 */
class Neighbour {
  /** Messages of rows, each of which began where the last one ended. */
  frames = 0;
  readonly #server: TestServer;
  readonly #socket: TestSocket;
  #untilMs: number;
  #isLeaving = false;

  private constructor(server: TestServer, socket: TestSocket, untilMs: number) {
    this.#server = server;
    this.#socket = socket;
    this.#untilMs = untilMs;
  }

  static async of(server: TestServer): Promise<Neighbour> {
    const socket = await server.connect();
    const request = { type: 'subscribe', id: 1, symbols: '*', since: 'now' };
    const { since } = await socket.ask(request, 'subscribed');
    return new Neighbour(server, socket, since);
  }

  /** Lets time pass, but while somebody does what is to be in time. */
  async live(): Promise<void> {
    const { clock } = this.#server;
    while (!this.#isLeaving) {
      await this.#goAndReturn();
      if (preparing === 0) {
        clock.passSteadily(STEP_MS);
        clock.pass(STEP_MS);
      }
      await sleep(20);
    }
    expect(await this.#socket.close()).toMatchObject({ code: 1005 });
  }

  leave(): void {
    this.#isLeaving = true;
  }

  async #goAndReturn(): Promise<void> {
    this.#socket.send({ type: 'ping', id: 1 });
    for (;;) {
      const message = await this.#socket.next();
      if (message.type === 'pong') return;
      expect(message).toMatchObject({ type: 'rows', since: this.#untilMs });
      this.#untilMs = message.until;
      this.frames += 1;
    }
  }
}

let server: TestServer;
let neighbour: Neighbour;
let life: Promise<void>;
/** How many clients do something that is to be in time. */
let preparing = 0;

beforeAll(async () => {
  server = await startTestServer({ limits: LIMITS });
  neighbour = await Neighbour.of(server);
  life = neighbour.live();
});

afterAll(async () => {
  neighbour.leave();
  await life;
  await server.stop();
  expect(server.failures).toEqual([]);
});

async function inTime<T>(work: () => Promise<T>): Promise<T> {
  preparing += 1;
  try {
    return await work();
  } finally {
    preparing -= 1;
  }
}

/** A client of the stream that has been greeted, and has then sent this in time. */
function newStream(...pieces: readonly Uint8Array[]): Promise<RawClient> {
  return inTime(async () => {
    const client = newClient();
    await client.shakeHands(handshake());
    expect(await client.next()).toMatchObject({ message: { type: 'hello' } });
    await client.write(...pieces);
    return client;
  });
}

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
      message:
        'the request must arrive whole within 1000 ms, its headers within 1000 ms; given: a part of it',
    });
  });

  it('its headers, though it goes on with them, is told so', async () => {
    const client = newClient();
    await client.write('GET /v1/rows HTTP/1.1\r\nhost: a\r\n');
    while (!client.hasEnded) {
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

    expect(client.hasEnded).toBe(true);
  });

  it.each([0, 1, 5, 20])('its first frame, after %i bytes, is closed with 4504', async (length) => {
    const client = await newStream(json({ type: 'ping', id: 1 }).subarray(0, length));

    expect(await restOf(client)).toEqual(goodbye(4504, 'nothing asked within 1000 ms'));
  });

  it('its second frame cannot answer pings, and is closed with 4002', async () => {
    const client = await newStream(json({ type: 'ping', id: 1 }), json({}).subarray(0, 7));
    expect(await client.next()).toMatchObject({ message: { type: 'pong' } });

    expect(await restOf(client)).toEqual(goodbye(4002, 'no pong for 1000 ms'));
  });

  it('a frame while rows come is closed with 4001', async () => {
    const request = { type: 'subscribe', id: 1, symbols: '*', since: 'now' };
    const client = await newStream(json(request), json(request).subarray(0, 7));
    expect(await client.next()).toMatchObject({ message: { type: 'subscribed' } });

    expect(await restOf(client)).toEqual(goodbye(4001, 'nothing read for 2000 ms'));
  });

  it('the connection after a wrong frame is cut', async () => {
    const client = await newStream(rawFrame({ first: 0xf1 }));
    expect(await client.next()).toEqual({ close: [1002, ''] });

    await client.closed;
  });

  it('costs a neighbour no row', async () => {
    await Promise.race([life, expect.poll(() => neighbour.frames).toBeGreaterThan(40)]);
    expect(neighbour.frames).toBeGreaterThan(40);
  });
});
