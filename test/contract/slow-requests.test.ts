import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer, UNHURRIED } from '../helpers/server.ts';
import { msOf, Stopwatch } from '../helpers/stopwatch.ts';
import { StubbornClient } from '../helpers/tcp.ts';

const SPEC = { count: 100, capacity: 10_000 };
const LIMITS = {
  headersMs: 1000,
  requestMs: 2000,
  keepAliveMs: 1500,
  stallMs: 2000,
  closeGraceMs: 300,
};
/** Node looks once a second who is late. */
const LOOK_MS = 1000;
/** What else there is to do; far below the default limits, the shortest of which is 10 s. */
const SLACK_MS = 1500;

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({
    spec: SPEC,
    rows: 10_000,
    limits: LIMITS,
  });
});

afterAll(async () => {
  await server.stop();
  expect(server.failures).toEqual([]);
});

/** Checks that a client is answered, then cut, `afterMs` after it came, and no later. */
async function expectCut(client: StubbornClient, afterMs: number): Promise<string> {
  const start = performance.now();
  const tookMs = await msOf(client.answered);
  // Timers of Node round to milliseconds.
  expect(performance.now() - start).toBeGreaterThan(afterMs - 50);
  expect(tookMs).toBeLessThan(afterMs + LOOK_MS + SLACK_MS);
  expect(await msOf(client.gone)).toBeLessThan(LIMITS.closeGraceMs + SLACK_MS);
  return client.answered;
}

function errorOf(answer: string) {
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  expect(head).toContain('connection: close');
  return { status: Number(head.split(' ')[1]), ...JSON.parse(body).error };
}

/** Sends one byte at a time for as long as the server takes them. */
async function trickle(client: StubbornClient, bytes: string): Promise<void> {
  let isGone = false;
  void client.answered.then(() => {
    isGone = true;
  });
  for (let n = 0; !isGone; n++) {
    client.write(bytes[n % bytes.length]!);
    await sleep(50);
  }
}

describe.concurrent('a client that', () => {
  const LATE = { status: 408, code: 'timed_out' };

  it('connects and says nothing is told so after headersMs, and cut', async () => {
    const answer = await expectCut(new StubbornClient(server.server.url, ''), LIMITS.headersMs);
    expect(errorOf(answer)).toMatchObject(LATE);
  });

  it('never ends its headers is told so after headersMs, and cut', async () => {
    const client = new StubbornClient(server.server.url, 'GET / HTTP/1.1\r\nhost: a\r\n');
    expect(errorOf(await expectCut(client, LIMITS.headersMs))).toMatchObject(LATE);
  });

  it('trickles its headers is told so after headersMs, and cut', async () => {
    const client = new StubbornClient(server.server.url, 'GET / HTTP/1.1\r\nhost: a\r\n');
    const [answer] = await Promise.all([
      expectCut(client, LIMITS.headersMs),
      trickle(client, 'x-more: and more\r\n'),
    ]);
    expect(errorOf(answer)).toMatchObject(LATE);
  });

  it('never sends the body it promised has one answer, and is cut after requestMs', async () => {
    const head = 'GET /healthz HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\n';
    const client = new StubbornClient(server.server.url, head);
    const [answer] = await Promise.all([
      expectCut(client, LIMITS.requestMs),
      trickle(client, 'body'),
    ]);
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
  });

  it('leaves an answered connection idle is cut after keepAliveMs', async () => {
    const request = 'GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n';
    const client = new StubbornClient(server.server.url, request);
    const answer = await expectCut(client, LIMITS.keepAliveMs);
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  });

  it.each([
    ['is no HTTP', 'hello?\r\n\r\n', 400],
    ['is no stream', upgrade('/v1/streams', 'a'), 404],
    ['is for another host', upgrade('/v1/stream', 'evil.com'), 421],
    ['wants a tunnel', 'CONNECT a:80 HTTP/1.1\r\nhost: a\r\n\r\n', 404],
    ['asks to close', 'GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n', 200],
  ])('%s is answered at once, and cut if it does not hang up', async (_, bytes, status) => {
    const client = new StubbornClient(server.server.url, bytes);
    expect(await expectCut(client, 0)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  });
});

function upgrade(path: string, host: string): string {
  return (
    `GET ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: upgrade\r\nupgrade: websocket\r\n` +
    'sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'
  );
}

describe('a client that does not read its answer', () => {
  const REQUEST = 'GET /v1/rows?last=10000 HTTP/1.1\r\nhost: a\r\n\r\n';

  it('of 6 MB is cut after stallMs', async () => {
    const limits = { ...LIMITS, maxAnswersPerAddress: 1 };
    const own = await startTestServer({ spec: SPEC, rows: 10_000, limits });
    const client = new StubbornClient(own.server.url, REQUEST);
    client.pause();
    const other = async () => (await own.get('/v1/market')).status;
    await expect.poll(other).toBe(429);
    const tookMs = await msOf(expect.poll(other).toBe(200));
    expect(tookMs).toBeLessThan(LIMITS.stallMs + 2 * LOOK_MS + SLACK_MS);
    client.resume();
    const [answer] = await Promise.all([Promise.race([client.answered, client.gone]), client.gone]);
    // What the kernel had taken, some 4 MB, was on its way; the answer is not whole.
    const [head = '', body = ''] = String(answer).split('\r\n\r\n');
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1]);
    expect(length).toBeGreaterThan(6_000_000);
    expect(body.length).toBeLessThan(length);
    await own.stop();
    expect(own.failures).toEqual([]);
  });

  it('without an end is cut after stallMs too, heartbeats or not', async () => {
    const start = performance.now();
    const since = server.timeOf(-1);
    const path = `/v1/events?since=${since}`;
    const client = new StubbornClient(server.server.url, `GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`);
    client.pause();
    const streams = async () => {
      const { text } = await server.get('/metrics');
      return Number(/^tickwell_connections\{kind="events"\} (\d+)/m.exec(text)?.[1]);
    };
    while ((await streams()) === 0) await sleep(10);
    const watch = new Stopwatch();
    while ((await streams()) > 0) {
      server.clock.passSteadily(20_000);
      await sleep(100);
    }
    watch.stop();
    expect(performance.now() - start).toBeGreaterThan(LIMITS.stallMs);
    client.resume();
    await client.gone;
    expect(watch.ms).toBeLessThan(LIMITS.stallMs + 2 * LOOK_MS + SLACK_MS);
  });

  it('but reads on before that gets all of it', async () => {
    const socket = new StubbornClient(
      server.server.url,
      REQUEST.replace('\r\n\r\n', '\r\nconnection: close\r\n\r\n'),
    );
    socket.pause();
    await sleep(LIMITS.stallMs / 4);
    socket.resume();
    const answer = await socket.answered;
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    expect(body).toHaveLength(Number(/content-length: (\d+)/i.exec(head)?.[1]));
    expect(JSON.parse(body).prices).toHaveLength(100);
  });
});

describe('a body of a recording', () => {
  const HEAD = 'POST /v1/grade HTTP/1.1\r\nhost: a\r\ncontent-type: text/csv\r\n';
  let slow: TestServer;

  beforeAll(async () => {
    slow = await startTestServer({ limits: { ...UNHURRIED, ...LIMITS } });
  });

  afterAll(async () => {
    await slow.stop();
    expect(slow.failures).toEqual([]);
  });

  it('that stops in the middle is told so, with a code', async () => {
    const client = new StubbornClient(slow.server.url, `${HEAD}content-length: 100\r\n\r\ntime`);
    expect(await client.answered).toMatch(/HTTP\/1\.1 408 .*"code":"timed_out"/s);
  });

  it('that comes fast enough may take longer than a request may otherwise', async () => {
    const body = 'time,symbol,price\n';
    const line = `${slow.timeOf(5)},ticker_0,1\n`;
    const lines = line.repeat(Math.ceil(20_000 / line.length));
    const parts = 4;
    const length = body.length + parts * lines.length;
    const head = `${HEAD}connection: close\r\ncontent-length: ${length}\r\n\r\n${body}`;
    const client = new StubbornClient(slow.server.url, head);
    for (let part = 0; part < parts; part++) {
      await sleep(LIMITS.requestMs * 0.7);
      client.write(lines);
    }
    expect(await client.answered).toMatch(/^HTTP\/1\.1 200 .*"right":false/s);
  });

  it('that is cut off by its client leaves nothing behind', async () => {
    const client = new StubbornClient(slow.server.url, `${HEAD}content-length: 9999\r\n\r\ntime,`);
    await sleep(100);
    client.destroy();
    // As many as may be at a time can still be graded.
    const answers = await Promise.all(
      Array.from({ length: 8 }, () =>
        slow.get('/v1/grade', {
          method: 'POST',
          headers: { 'content-type': 'text/csv' },
          body: `time,ticker_0\n${slow.timeOf(1)},1\n`,
        }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
  });
});
