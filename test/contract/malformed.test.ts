import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ERRORS } from '../../src/wire/errors.ts';
import { seededRandom } from '../helpers/random.ts';
import { type Heard, json, RawClient, rawFrame, text } from '../helpers/raw.ts';
import { startTestServer, type TestServer } from '../helpers/server.ts';
import {
  HANDSHAKE_CASES,
  HTTP_CASES,
  type HttpAnswer,
  type HttpCase,
  handshake,
  ODD_HANDSHAKES,
} from './malformed-cases.ts';
import { STREAM_CASES, type StreamCase } from './malformed-frames.ts';
import { collectGarbage, Neighbour, openSockets } from './malformed-world.ts';

const PONG = { type: 'pong', id: 77, now: 0, speed: 1 };

let server: TestServer;
let neighbour: Neighbour;

beforeAll(async () => {
  server = await startTestServer();
  neighbour = await Neighbour.of(server);
});

afterAll(async () => {
  await server.stop();
  expect(server.failures).toEqual([]);
});

function newClient(of = server): RawClient {
  return new RawClient(Number(new URL(of.server.url).port));
}

/** Each case behind its name. */
function named<Case extends readonly [name: string, ...rest: unknown[]]>(cases: readonly Case[]) {
  return cases.map((given) => [given[0], given] as const);
}

/** A client that has been let in and greeted. */
async function newGuest(of = server): Promise<RawClient> {
  const client = newClient(of);
  expect((await client.shakeHands(handshake())).status).toBe(101);
  expect(await client.next()).toMatchObject({ message: { type: 'hello' } });
  return client;
}

/** What was heard, with times of the server's clock as 0. */
function timeless(heard: Heard | undefined): Heard | undefined {
  if (heard === undefined || !('message' in heard) || heard.message.now === undefined) return heard;
  expect(heard.message.now).toBeLessThanOrEqual(server.clock.nowMs());
  return { message: { ...heard.message, now: 0 } };
}

async function expectGoodbye(client: RawClient): Promise<void> {
  await client.write(rawFrame({ first: 0x88 }));
  expect(await client.closed).toBe('end');
}

function expectAnswers(answers: Awaited<ReturnType<RawClient['answers']>>, due: HttpAnswer[]) {
  const given = answers.map(({ status, headers, body }) => {
    const type = headers['content-type'];
    return status < 400 ? { status, type } : { status, type, body: JSON.parse(body) };
  });
  expect(given).toEqual(
    due.map(([what, more]) => {
      if (typeof what === 'number') return { status: what, type: more };
      const body = { error: { code: what, message: more } };
      return { status: ERRORS[what].status, type: 'application/json; charset=utf-8', body };
    }),
  );
}

async function runHttp([, bytes, ...due]: HttpCase): Promise<void> {
  const client = newClient();
  await client.write(bytes);
  expectAnswers(await client.answers(), due);
  expect(await client.closed).toBe('end');
}

async function runStream([, pieces, ...due]: StreamCase): Promise<void> {
  const client = await newGuest();
  await client.write(...pieces);
  for (const heard of due) expect(timeless(await client.next())).toEqual(heard);
  const hasEnded = 'close' in (due.at(-1) ?? {});
  if (!hasEnded) {
    // The connection goes on, with nothing left over.
    await client.write(json({ type: 'ping', id: 77 }));
    expect(timeless(await client.next())).toEqual({ message: PONG });
  }
  await expectGoodbye(client);
  if (hasEnded) expect(await client.next()).toBeUndefined();
}

for (const [title, cases] of Object.entries(HTTP_CASES)) {
  describe(`a request that is wrong in ${title} gets its answer`, () => {
    it.each(named(cases))('%s', async (_, given) => {
      await runHttp(given);
      await neighbour.expectHealth();
    });
  });
}

describe('a handshake is refused in JSON that says what is wrong with', () => {
  it.each(named(HANDSHAKE_CASES))('%s', async (_, given) => {
    await runHttp(given);
    await neighbour.expectHealth();
  });
});

describe('a handshake is taken with', () => {
  it.each(ODD_HANDSHAKES)('%s', async (_, bytes, protocol) => {
    const client = newClient();
    const { status, headers } = await client.shakeHands(bytes);

    expect(status).toBe(101);
    expect(headers['sec-websocket-protocol']).toBe(protocol);
    expect(headers['sec-websocket-extensions']).toBeUndefined();
    expect(await client.next()).toMatchObject({ message: { type: 'hello' } });
    await expectGoodbye(client);
    await neighbour.expectHealth();
  });

  it('a message right behind it, which is answered', async () => {
    const client = newClient();
    const ping = json({ type: 'ping', id: 77 });
    await client.shakeHands(handshake() + ping.subarray(0, 9).toString('latin1'));
    await client.write(ping.subarray(9));

    expect(await client.next()).toMatchObject({ message: { type: 'hello' } });
    expect(timeless(await client.next())).toEqual({ message: PONG });
    await expectGoodbye(client);
  });

  it('a body, which is taken for frames', async () => {
    const client = newClient();
    await client.shakeHands(`${handshake('content-length: 8\r\n')}whatever`);

    expect(await client.next()).toMatchObject({ message: { type: 'hello' } });
    expect(await client.next()).toEqual({ close: [1002, ''] });
    await expectGoodbye(client);
    await neighbour.expectHealth();
  });
});

for (const [title, cases] of Object.entries(STREAM_CASES)) {
  describe(title, () => {
    it.each(named(cases))('%s gets its answer', async (_, given) => {
      await runStream(given);
      await neighbour.expectHealth();
    });
  });
}

describe('a client that hangs up in the middle leaves nothing behind', () => {
  const HALVES: [string, string][] = [
    ['a request line', 'GET /v1/ro'],
    ['the headers', 'GET /v1/rows HTTP/1.1\r\nhost: a\r\n'],
    ['a body', 'POST /v1/rows HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nx'],
    ['a chunk', 'POST /v1/rows HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n9\r\nx'],
    ['a handshake', handshake().slice(0, -2)],
    ['nothing', ''],
  ];

  it.each(HALVES)('of %s', async (_, half) => {
    for (const hangUp of ['end', 'reset'] as const) {
      const client = newClient();
      await client.write(half);
      client[hangUp]();
      await client.closed;
    }
    await neighbour.expectHealth();
  });

  it.each([1, 2, 5, 6, 7, 20])('of a frame, after %i bytes', async (length) => {
    for (const hangUp of ['end', 'reset'] as const) {
      const client = await newGuest();
      await client.write(json({ type: 'ping', id: 1 }).subarray(0, length));
      client[hangUp]();
      await client.closed;
    }
    await neighbour.expectHealth();
  });
});

describe('a client that floods', () => {
  const FLOODS: [string, Buffer, number, string][] = [
    ['pings', rawFrame({ first: 0x89, payload: 'x' }), 4005, 'too many messages'],
    ['pongs unasked for', rawFrame({ first: 0x8a, payload: 'x' }), 4005, 'too many messages'],
    ['messages', json({ type: 'ping', id: 1 }), 4005, 'too many messages'],
    ['texts that are no JSON', text('{'), 4500, 'too many wrong requests'],
  ];

  it.each(FLOODS)('%s is let go, a neighbour not', async (_, frame, code, reason) => {
    const limits = { messagesPerSecond: 1, messagesBurst: 5, refusalsBurst: 5 };
    const strict = await startTestServer({ limits: { ...limits, badRequestsBurst: 10 } });
    const beside = await Neighbour.of(strict);
    const client = await newGuest(strict);
    await client.write(...Array<Buffer>(10).fill(frame));
    await beside.expectHealth();
    await client.write(frame);

    const heard: Heard[] = [];
    for (let next = await client.next(); next !== undefined; next = await client.next()) {
      heard.push(next);
      if ('close' in next) break;
    }
    const bye = { type: 'bye', code, reason, retryAfterMs: expect.any(Number) };
    expect(heard.slice(-2)).toEqual([{ message: bye }, { close: [code, reason] }]);
    await expectGoodbye(client);
    await beside.expectHealth();
    await strict.stop();
    expect(strict.failures).toEqual([]);
  });
});

describe('everything at once', () => {
  const ALL = [
    ...[...Object.values(HTTP_CASES).flat(), ...HANDSHAKE_CASES].map((c) => () => runHttp(c)),
    ...Object.values(STREAM_CASES)
      .flat()
      .map((c) => () => runStream(c)),
  ];

  /** All cases, in an order that the seed decides, with rows for the neighbour in between. */
  async function runAll(seed: number): Promise<void> {
    const random = seededRandom(seed);
    const mixed = ALL.map((run) => ({ run, at: random() })).sort((a, b) => a.at - b.at);
    const errors: unknown[] = [];
    const running: Promise<unknown>[] = [];
    for (const [n, { run }] of mixed.entries()) {
      running.push(run().catch((error) => errors.push(error)));
      if (n % 10 === 0) await neighbour.expectHealth();
    }
    await Promise.all(running);
    expect(errors).toEqual([]);
    await neighbour.expectHealth();
  }

  it(`(${ALL.length} cases) gets the same answers, and leaves no socket and no memory`, async () => {
    await runAll(1);
    await expect.poll(openSockets).toBe(neighbour.sockets);
    const before = await collectGarbage();
    for (let seed = 2; seed < 6; seed++) await runAll(seed);

    await expect.poll(openSockets).toBe(neighbour.sockets);
    // Four rounds are some 1000 cases: a connection that is not forgotten takes more than 2 kB.
    expect((await collectGarbage()) - before).toBeLessThan(2 ** 21);
    expect(server.failures).toEqual([]);
  }, 60_000);
});

describe('requests that come behind one another on a connection', () => {
  const get = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nhost: a\r\n${more}\r\n`;

  it('are answered one after the other, each as if it had come alone', async () => {
    const strict = await startTestServer({ limits: { maxAnswersPerAddress: 1 } });
    const client = newClient(strict);
    const paths = Array.from({ length: 30 }, (_, n) => `/v1/rows?last=${100 + n}`);
    await client.write(
      [...paths.map((path) => get(path)), get('/v1/market', 'connection: close\r\n')].join(''),
    );
    const answers = await client.answers();
    expect(answers.map(({ status }) => status)).toEqual(Array(31).fill(200));
    const rows = answers.slice(0, 30).map(({ body }) => JSON.parse(body).prices[0].length);
    expect(rows).toEqual(paths.map((_, n) => 100 + n));
    await strict.stop();
  });

  it('are each answered before a handshake behind them is', async () => {
    const frames = Buffer.concat([json({ type: 'ping', id: 77 }), rawFrame({ first: 0x88 })]);
    const asked = get('/v1/rows?last=400') + get('/v1/nope') + handshake();
    const said = await server.raw(asked + frames.toString('latin1'));
    const statuses = [...said.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => status);
    expect(statuses).toEqual(['200', '404', '101']);
    const [, stream = ''] = said.split('HTTP/1.1 101 ');
    expect(stream).toContain('"type":"hello"');
    expect(stream).toContain('"type":"pong","id":77');
    await neighbour.expectHealth();
  });

  it('are each answered before a handshake that is refused', async () => {
    const client = newClient();
    await client.write(get('/v1/rows?last=400') + handshake().replace('13', '8'));
    const [rows, refused] = await client.answers();
    expect([rows?.status, refused?.status]).toEqual([200, 426]);
    expect(refused?.headers['sec-websocket-version']).toBe('13');
    expect(refused?.headers.upgrade).toBe('websocket');
  });

  it('leave nothing behind if their client leaves', async () => {
    for (const hangUp of ['end', 'reset'] as const) {
      const client = newClient();
      await client.write(get('/v1/rows?last=400').repeat(20) + handshake());
      client[hangUp]();
      await client.closed;
    }
    await neighbour.expectHealth();
  });
});
