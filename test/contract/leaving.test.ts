import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { parseMetrics } from '../helpers/exposition.ts';
import {
  INTERVAL,
  ORIGIN,
  startTestServer,
  type TestServer,
  type TestServerOptions,
} from '../helpers/server.ts';

/** More than fits the buffers on the way, in any encoding. */
const ROWS = 2_000_000;
const clock = {
  nowMs: () => ORIGIN + (ROWS - 1) * INTERVAL,
  steadyMs: () => performance.now(),
};
const SPEC = { count: 20, capacity: 100 };
const BEFORE = ORIGIN - INTERVAL;
const whole = (format: string) => `/v1/rows?since=${BEFORE}&format=${format}&whole=true`;
const ENCODINGS = ['identity', 'gzip', 'deflate', 'br', 'zstd'];

const running: TestServer[] = [];

async function start(options: TestServerOptions = {}): Promise<TestServer> {
  const server = await startTestServer({ spec: SPEC, clock, ...options });
  running.push(server);
  return server;
}

afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
});

async function internal(server: TestServer): Promise<number> {
  const { text } = await server.get('/metrics');
  return parseMetrics(text).value('tickwell_refusals_total{code="internal"}');
}

interface Asked {
  readonly path: string;
  readonly encoding?: string;
  readonly http?: '1.0' | '1.1';
}

function ask(server: TestServer, asked: Asked, connection = 'keep-alive') {
  const { path, encoding = 'identity', http = '1.1' } = asked;
  const socket = connect(Number(new URL(server.server.url).port), '127.0.0.1');
  socket.write(
    `GET ${path} HTTP/${http}\r\nhost: a\r\naccept-encoding: ${encoding}\r\n` +
      `connection: ${connection}\r\n\r\n`,
  );
  return socket;
}

/** All that came of an answer. */
async function taken(server: TestServer, asked: Asked): Promise<Buffer> {
  const socket = ask(server, asked, 'close');
  const pieces: Buffer[] = [];
  socket.on('data', (bytes) => void pieces.push(bytes));
  socket.on('error', () => {});
  // `once` of node:events would throw what breaks it off.
  await new Promise((closed) => socket.once('close', closed));
  return Buffer.concat(pieces);
}

/** Has the next blocks after so many fail. */
function breakAfter(server: TestServer, copies: number): void {
  const { history } = server.server.feed;
  const copy = history.copy.bind(history);
  let left = copies;
  history.copy = (...args) => {
    if (left-- <= 0) throw new TypeError('this was broken on purpose');
    copy(...args);
  };
}

describe('a client that leaves', () => {
  const cases = [
    ...['csv', 'ndjson', 'arrow'].flatMap((format) =>
      ENCODINGS.map((encoding) => ({ path: whole(format), encoding })),
    ),
    ...ENCODINGS.map((encoding) => ({ path: whole('csv'), encoding, http: '1.0' as const })),
    ...ENCODINGS.map((encoding) => ({ path: `/v1/rows?since=${BEFORE}`, encoding })),
    ...ENCODINGS.map((encoding) => ({ path: '/docs/static/swagger-ui-bundle.js', encoding })),
    { path: '/openapi.json', encoding: 'gzip' },
    { path: `/v1/events?since=${BEFORE}` },
    { path: `/v1/events?since=${BEFORE}`, encoding: 'gzip', http: '1.0' as const },
  ];

  it('is no failure of ours, whatever it was sent and when it leaves', async () => {
    const server = await start();
    for (const asked of cases) {
      // Before anything has come, in order; then amid the answer, both ways.
      const early = ask(server, asked);
      await once(early, 'connect');
      early.destroy();
      for (const leave of ['destroy', 'resetAndDestroy'] as const) {
        const socket = ask(server, asked);
        socket.on('error', () => {});
        await once(socket, 'data');
        socket[leave]();
        await once(socket, 'close');
      }
    }
    await expect
      .poll(async () => {
        const { text } = await server.get('/metrics');
        return parseMetrics(text).value('tickwell_connections{kind="events"}');
      })
      .toBe(0);
    for (let n = 0; n < 20; n++) await nextTurn();
    expect(server.failures).toEqual([]);
    expect(await internal(server)).toBe(0);
  });
});

describe('a failure of ours', () => {
  it.each(ENCODINGS)('amid an answer is logged once, and counted: %s', async (encoding) => {
    const server = await start();
    // Brotli takes some megabytes before it gives any.
    breakAfter(server, encoding === 'br' ? 400 : 100);
    const bytes = await taken(server, { path: whole('csv'), encoding });
    expect(bytes.toString('latin1')).toMatch(/^HTTP\/1\.1 200 OK/);
    expect(bytes.toString('latin1').endsWith('0\r\n\r\n')).toBe(false);
    expect(server.failures).toHaveLength(1);
    expect(JSON.parse(server.failures[0]!)).toMatchObject({
      msg: 'failed',
      path: '/v1/rows',
      err: { message: 'this was broken on purpose' },
    });
    expect(await internal(server)).toBe(1);
  });

  it.each(['identity', 'gzip', 'br'])(
    'before an answer has begun is answered, logged once, and counted: %s',
    async (encoding) => {
      const server = await start();
      breakAfter(server, 0);
      const bytes = await taken(server, { path: whole('csv'), encoding, http: '1.0' });
      const text = bytes.toString('latin1');
      expect(text).toMatch(/^HTTP\/1\.1 500 /);
      const body = bytes.subarray(text.indexOf('\r\n\r\n') + 4);
      expect(JSON.parse(body.toString())).toMatchObject({ error: { code: 'internal' } });
      expect(server.failures).toHaveLength(1);
      expect(await internal(server)).toBe(1);
    },
  );

  it('on the stream, amid a backfill and in events is counted where the alert looks', async () => {
    const server = await start();
    const socket = await server.connect();
    breakAfter(server, 0);
    await socket.ask({ type: 'fetch', id: 1, symbols: '*', since: BEFORE, limit: 5 }, 'error');
    expect(await internal(server)).toBe(1);
    await socket.ask({ type: 'subscribe', id: 2, symbols: '*', since: BEFORE }, 'subscribed');
    await expect.poll(() => internal(server)).toBeGreaterThanOrEqual(2);
    await socket.close();
    const before = await internal(server);
    const events = ask(server, { path: `/v1/events?since=${BEFORE}` });
    await expect.poll(() => internal(server)).toBeGreaterThan(before);
    events.destroy();
  });

  it('that comes time and again fills no disk: of most it is said how many they were', async () => {
    const server = await start();
    breakAfter(server, 0);
    for (let n = 0; n < 30; n++) {
      expect((await server.get(`/v1/rows?since=${BEFORE}&limit=${n + 1}`)).status).toBe(500);
    }
    expect(await internal(server)).toBe(30);
    expect(server.failures.length).toBeGreaterThanOrEqual(10);
    expect(server.failures.length).toBeLessThan(30);
  });
});

/**
 * How `cat` takes an answer to HTTP/1.0. Node's own sockets now and then take a reset for an end:
 * libuv does, if it comes with the last bytes.
 */
async function readByCat(server: TestServer, asked: Asked, onBegun = () => {}) {
  const { path, encoding = 'identity' } = asked;
  const { port } = new URL(server.server.url);
  const request = `GET ${path} HTTP/1.0\\r\\nhost: a\\r\\naccept-encoding: ${encoding}\\r\\n\\r\\n`;
  const script = `exec 3<>/dev/tcp/127.0.0.1/${port}; printf '${request}' >&3; cat <&3`;
  const child = spawn('bash', ['-c', script], { stdio: ['ignore', 'pipe', 'pipe'] });
  const pieces: Buffer[] = [];
  child.stdout.on('data', (bytes) => {
    if (pieces.push(bytes) === 1) onBegun();
  });
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
  return { text: Buffer.concat(pieces).toString('latin1'), said, code };
}

describe.skipIf(process.platform === 'win32')('an answer that is broken off', () => {
  it.each(ENCODINGS)('is an error to a client of HTTP/1.0 too: %s', async (encoding) => {
    const server = await start();
    breakAfter(server, encoding === 'br' ? 400 : 100);
    const { text, said, code } = await readByCat(server, { path: whole('csv'), encoding });
    expect(text).toMatch(/^HTTP\/1\.1 200 /);
    expect([code, said]).toEqual([1, expect.stringContaining('reset')]);
  });

  it('is one also if it is a stop that breaks it off', async () => {
    const server = await start({ limits: { closeGraceMs: 100 } });
    const stop = () => void server.stop();
    const { said, code } = await readByCat(server, { path: whole('csv') }, stop);
    expect([code, said]).toEqual([1, expect.stringContaining('reset')]);
  });

  it('ends in order where it is whole', async () => {
    const server = await start();
    const few = `${whole('csv')}&symbols=ticker_01&until=${ORIGIN + 999 * INTERVAL}`;
    const { text, said, code } = await readByCat(server, { path: few });
    expect([code, said]).toEqual([0, '']);
    const until = /^tickwell-until: (\d+)/im.exec(text)?.[1];
    expect(text.trimEnd().split('\n').at(-1)!.split(',')[0]).toBe(until);
    expect(server.failures).toEqual([]);
  });
});
