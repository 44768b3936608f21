import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/server/limits.ts';
import {
  INTERVAL,
  ORIGIN,
  startTestServer,
  type TestServer,
  type TestServerOptions,
} from '../helpers/server.ts';
import { msOf } from '../helpers/stopwatch.ts';

const BEFORE = ORIGIN - INTERVAL;
const at = (index: number) => ORIGIN + index * INTERVAL;
/** What a stop may take beside the grace that clients are given; far below what would hold it up. */
const SLACK_MS = 1000;
const GRACE_MS = 300;

const running: TestServer[] = [];
const sockets: Socket[] = [];

async function start(options: TestServerOptions = {}): Promise<TestServer> {
  const server = await startTestServer({ rows: 100, ...options });
  running.push(server);
  return server;
}

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of running.splice(0)) {
    await server.stop();
    expect(server.failures).toEqual([]);
  }
});

/** A client that says this, and then neither reads nor closes. Resolves once the server has it. */
async function silent(server: TestServer, bytes: string): Promise<Socket> {
  const port = Number(new URL(server.server.url).port);
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  sockets.push(socket);
  socket.on('error', () => {});
  socket.write(bytes, 'latin1');
  await once(socket, 'connect');
  // Its answer, or that there will be none: the one that came later is answered by now.
  expect((await server.get('/healthz')).status).toBe(200);
  return socket;
}

const upgrade = (fields = '') =>
  `GET /v1/stream HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n${fields}` +
  'sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';

/** A frame of a client, whose mask is all zeros. */
function subscribeFrame(): string {
  const text = JSON.stringify({ type: 'subscribe', id: 1, symbols: '*', since: BEFORE });
  return `\x81${String.fromCharCode(0x80 | text.length)}\0\0\0\0${text}`;
}

describe('a stop', () => {
  it('tells each of 200 clients to come back at a moment of its own', async () => {
    const server = await start();
    const clients = await Promise.all(Array.from({ length: 200 }, () => server.connect()));
    const stopped = server.stop();
    const byes = await Promise.all(clients.map((client) => client.next('bye')));
    for (const client of clients) expect(await client.closed).toMatchObject({ code: 4000 });
    await stopped;

    const { retryAfterMs } = DEFAULT_LIMITS;
    expect(new Set(byes.map(({ code }) => code))).toEqual(new Set([4000]));
    const waits: number[] = byes.map((bye) => bye.retryAfterMs);
    for (const wait of waits) {
      expect(wait).toBeGreaterThanOrEqual(retryAfterMs / 4);
      expect(wait).toBeLessThan(retryAfterMs);
    }
    // Uniform over ten bins of 20: one has more than 50 or none once in 10^8 runs.
    const bins = Array.from({ length: 10 }, () => 0);
    for (const wait of waits) bins[Math.floor((wait / retryAfterMs - 0.25) / 0.075)] += 1;
    for (const bin of bins) {
      expect(bin).toBeGreaterThan(0);
      expect(bin).toBeLessThan(50);
    }
  });

  it('says bye to an event stream too, and when to come back', async () => {
    const server = await start();
    const events = server.raw('GET /v1/events?since=now HTTP/1.1\r\nhost: a\r\n\r\n');
    while (!(await server.get('/metrics')).text.includes('kind="events"} 1')) await nextTurn();
    await server.stop();
    const [, retryMs, bye] = /retry: (\d+)\nevent: bye\ndata: (.*)\n\n/.exec(await events) ?? [];
    const { code, retryAfterMs } = JSON.parse(bye);
    expect(code).toBe(4000);
    expect(retryAfterMs).toBeLessThan(DEFAULT_LIMITS.retryAfterMs);
    // A browser that is answered by a proxy alone gives up: it comes back later than others.
    expect(Number(retryMs)).toBeGreaterThanOrEqual(DEFAULT_LIMITS.eventsRetryMs);
    expect(Number(retryMs)).toBeLessThanOrEqual(2 * DEFAULT_LIMITS.eventsRetryMs);
  });

  it('answers the HTTP request that it comes in the middle of', async () => {
    const rows = 60_000;
    // Each look at this clock ends a slice: the answer takes many turns.
    let steadyMs = 0;
    const clock = { nowMs: () => at(rows - 1), steadyMs: () => (steadyMs += 10) };
    const server = await start({ clock, spec: { capacity: 50 } });
    const { history } = server.server.feed;
    const answer = server.get(`/v1/rows?since=${BEFORE}`);
    while (history.regeneratedPrices === 0) await nextTurn();

    const stopped = server.stop();
    const { status, json } = await answer;
    expect(status).toBe(200);
    expect(json.prices[2]).toHaveLength(rows);
    // Its connection is kept alive no longer.
    expect(await msOf(stopped)).toBeLessThan(SLACK_MS);
  });

  it('takes no more connections', async () => {
    const server = await start();
    const stopped = server.stop();
    await expect(server.get('/healthz')).rejects.toThrow();
    await stopped;
    await expect(server.get('/healthz')).rejects.toThrow();
  });

  it.each([
    ['opens a stream', upgrade()],
    ['subscribes to a backfill', upgrade() + subscribeFrame()],
    ['reads events', 'GET /v1/events?since=now HTTP/1.1\r\nhost: a\r\n\r\n'],
    ['asks for all events', `GET /v1/events?since=${BEFORE} HTTP/1.1\r\nhost: a\r\n\r\n`],
    ['is refused a stream', upgrade('origin: http://evil.example\r\n')],
    ['begins a request', 'GET /v1/mar'],
    ['begins the body of one', 'GET /healthz HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\n12'],
    ['keeps a connection', 'GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n'],
    ['asks for the last time', 'GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n'],
    ['speaks no HTTP', '\0\0\0\0\r\n\r\n'],
    ['asks for a tunnel', 'CONNECT a:1 HTTP/1.1\r\nhost: a\r\n\r\n'],
    ['says nothing', ''],
  ])('ends in time although a client %s, then neither reads nor closes', async (_, bytes) => {
    const limits = { closeGraceMs: GRACE_MS };
    const server = await start({ rows: 200_000, spec: { capacity: 50 }, limits });
    await silent(server, bytes);
    expect(await msOf(server.stop())).toBeLessThan(GRACE_MS + SLACK_MS);
  });

  it('ends in time although a client was turned away before, and does not close', async () => {
    const server = await start({ limits: { maxConnections: 1, closeGraceMs: GRACE_MS } });
    await server.connect();
    await silent(server, upgrade());
    expect(await msOf(server.stop())).toBeLessThan(GRACE_MS + SLACK_MS);
  });

  it('waits for nobody when all have gone', async () => {
    const server = await start();
    const client = await server.connect();
    await server.get('/v1/market');
    await client.close();
    expect(await msOf(server.stop())).toBeLessThan(DEFAULT_LIMITS.closeGraceMs);
  });

  it('is one stop, however often it is asked for', async () => {
    const server = await start();
    const client = await server.connect();
    const stops = [server.stop(), server.stop()];
    expect(await client.next('bye')).toMatchObject({ code: 4000 });
    await Promise.all(stops);
    await server.stop();
    await expect(client.next()).rejects.toThrow('4000');
  });

  it('may come while the ring is being filled', async () => {
    let steadyMs = 0;
    const clock = { nowMs: () => at(100_000), steadyMs: () => (steadyMs += 10) };
    const server = await start({ isEarly: true, clock, spec: { count: 200, capacity: 90_000 } });
    let isFull = false;
    void server.server.ready.then(() => {
      isFull = true;
    });
    await server.stop();
    expect(isFull).toBe(false);
    await server.server.ready;
  });

  it('leaves nothing that keeps the process alive, even after a scrape', async () => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let stoppedMs = 0;
    child.stdout.on('data', () => {
      stoppedMs = performance.now();
    });
    const [code] = await once(child, 'close');
    expect(code).toBe(0);
    expect(stoppedMs).toBeGreaterThan(0);
    // What kept it would do so for a minute, as idle connections do, or for ever.
    expect(performance.now() - stoppedMs).toBeLessThan(15_000);
  });
});

/** Embeds a server as anyone would, and ends without `process.exit`. */
const PROGRAM = `
  import { checkSpec, Market, startServer } from './dist/index.js';
  import { pino } from 'pino';
  const { spec } = checkSpec({ seed: 1, count: 2, capacity: 50 });
  const logger = pino({ level: 'silent' });
  const server = await startServer({ market: new Market(spec), host: '127.0.0.1', port: 0, logger });
  await server.ready;
  for (let n = 0; n < 2; n++) await (await fetch(server.url + '/metrics')).text();
  await server.stop();
  console.log('stopped');
`;
