import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { CLOSE_CODES, ERRORS } from '../../src/wire/errors.ts';
import { parseMetrics, type Scrape } from '../helpers/exposition.ts';
import { PacedReader } from '../helpers/paced-reader.ts';
import {
  INTERVAL,
  ORIGIN,
  startTestServer,
  type TestServer,
  type TestServerOptions,
} from '../helpers/server.ts';

const BEFORE = ORIGIN - INTERVAL;
const at = (index: number) => ORIGIN + index * INTERVAL;

const running: TestServer[] = [];
const sockets: Socket[] = [];
const folders: string[] = [];

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
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

async function scrape(server: TestServer): Promise<Scrape> {
  const { status, text } = await server.get('/metrics');
  expect(status).toBe(200);
  return parseMetrics(text);
}

/** Scrapes until the value is this: what it counts takes place a moment after it was seen. */
async function until(server: TestServer, name: string, value: number): Promise<Scrape> {
  for (;;) {
    const metrics = await scrape(server);
    if (metrics.value(name) === value) return metrics;
    await nextTurn();
  }
}

async function isLetIn(server: TestServer): Promise<boolean> {
  const socket = await server.connect().catch(() => undefined);
  await socket?.close();
  return socket !== undefined;
}

describe('/metrics', () => {
  it('is text as Prometheus reads it, uncached, for no page of another site', async () => {
    const server = await start();
    const { headers, text } = await server.get('/metrics', {
      headers: { origin: 'http://evil.example' },
    });
    expect(headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('vary')).toBe('accept-encoding');
    expect(headers.get('access-control-allow-origin')).toBe(null);
    const metrics = parseMetrics(text);
    expect(metrics.families.size).toBeGreaterThan(25);
    for (const [name, { type }] of metrics.families) {
      expect(name).toMatch(/^(tickwell|process|nodejs)_/);
      expect(name.endsWith('_total')).toBe(type === 'counter');
      expect(name).not.toMatch(/_(ms|milliseconds|count|minutes|kb|kilobytes)\b/);
    }
  });

  it('has a line for each metric in docs/operations.md, and none that is not there', async () => {
    const server = await start();
    const { families } = await scrape(server);
    const text = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
    const told = [...text.matchAll(/^\| `((?:tickwell|process|nodejs)_\w+)/gm)];
    expect(told.map(([, name]) => name).sort()).toEqual([...families.keys()].sort());
  });

  it('tells of what was done to the market, and of its log', async () => {
    folders.push(mkdtempSync(join(tmpdir(), 'tickwell-')));
    const log = join(folders[0]!, 'market.log');
    const clock = { nowMs: () => at(100_000), steadyMs: () => performance.now() };
    const server = await start({ log, clock, spec: { count: 3 } });
    const value = async (name: string) => (await scrape(server)).value(`tickwell_control_${name}`);
    expect(await value('log_bytes')).toBe(statSync(log).size);
    expect(await value('marks_total')).toBe(1);
    expect(await value('last_entry_timestamp_seconds')).toBe(0);
    const lines = await value('append_duration_seconds_count');
    const body = '{"kind":"shift","percent":2}';
    const headers = { 'content-type': 'application/json' };
    await server.get('/v1/control/events', { method: 'POST', headers, body });
    const names = ['entries', 'effects', 'instrument_effects', 'waiting'];
    expect(await Promise.all(names.map(value))).toEqual([1, 1, 3, 0]);
    expect(await value('last_entry_timestamp_seconds')).toBe(at(100_000) / 1000);
    expect(await value('log_bytes')).toBe(statSync(log).size);
    expect(await value('append_duration_seconds_count')).toBe(lines! + 1);
    expect(await value('append_duration_seconds_sum')).toBeGreaterThan(0);
  });

  it('begins with every code of refusals and closes at nothing', async () => {
    const metrics = await scrape(await start());
    for (const code of Object.keys(ERRORS)) {
      expect(metrics.value(`tickwell_refusals_total{code="${code}"}`)).toBe(0);
    }
    for (const code of Object.values(CLOSE_CODES)) {
      expect(metrics.value(`tickwell_connections_closed_total{code="${code}"}`)).toBe(0);
    }
  });

  it('is of one server alone, although its process has several', async () => {
    const [one, other] = [await start(), await start({ spec: { seed: 8 } })];
    await one.connect();
    const id = (server: TestServer) => `market="${server.market.id}"`;
    expect((await one.get('/metrics')).text).toContain(id(one));
    expect((await other.get('/metrics')).text).toContain(id(other));
    expect((await scrape(one)).value('tickwell_connections_opened_total')).toBe(1);
    expect((await scrape(other)).value('tickwell_connections_opened_total')).toBe(0);
  });

  it('answers while the ring is being filled, and says that it is not ready', async () => {
    let steadyMs = 0;
    const clock = { nowMs: () => at(100_000), steadyMs: () => (steadyMs += 10) };
    const server = await start({ isEarly: true, clock, spec: { count: 200, capacity: 90_000 } });
    expect((await scrape(server)).value('tickwell_ready')).toBe(0);
    await server.server.ready;
    expect((await scrape(server)).value('tickwell_ready')).toBe(1);
  });
});

describe('the feed', () => {
  it('counts what live readers are written, by what they are sent, and nothing that is older', async () => {
    const server = await start();
    const name = 'tickwell_delivery_duration_seconds_count{kind="json"}';
    const socket = await server.connect();
    const since = at(50);
    await socket.ask({ type: 'subscribe', id: 1, symbols: '*', since }, 'subscribed');
    expect(await socket.next('rows')).toMatchObject({ until: at(99) });
    expect((await scrape(server)).value(name)).toBe(Number.NaN);
    for (const index of [100, 101]) {
      server.clock.pass(INTERVAL);
      expect(await socket.next('rows')).toMatchObject({ until: at(index) });
    }
    const metrics = await until(server, name, 2);
    expect(metrics.value('tickwell_delivery_duration_seconds_sum{kind="json"}')).toBe(0);
  });

  it('has its head in seconds, and a lag only while a row is due', async () => {
    let nowMs = at(99);
    const clock = { nowMs: () => nowMs, steadyMs: () => 0 };
    const server = await start({ clock, spec: { interval: 1000 } });
    let newestMs = Math.floor((nowMs - ORIGIN) / 1000) * 1000 + ORIGIN;
    const before = await scrape(server);
    expect(before.value('tickwell_head_timestamp_seconds')).toBe(newestMs / 1000);
    expect(before.value('tickwell_feed_lag_seconds')).toBe(0);

    // The feed looks again within a second: until then it is behind. Now and then it looks at once.
    let lag = 0;
    while (lag === 0) {
      newestMs += 8000;
      nowMs = newestMs + 250;
      lag = (await scrape(server)).value('tickwell_feed_lag_seconds');
    }
    expect(lag).toBe(7.25);
    const head = newestMs / 1000;
    const after = await until(server, 'tickwell_head_timestamp_seconds', head);
    expect(after.value('tickwell_feed_lag_seconds')).toBe(0);
  });

  it('counts the times that its clock was set', async () => {
    const server = await start();
    server.clock.pass(1_000_000);
    await until(server, 'tickwell_clock_steps_total', 1);
  });
});

describe('readers', () => {
  it('are counted by kind, with their subscriptions, what they were sent, how they ended', async () => {
    const server = await start();
    const [one, other] = [await server.connect(), await server.connect()];
    for (const id of [1, 2]) {
      await one.ask({ type: 'subscribe', id, symbols: '*', since: at(49) }, 'subscribed');
      await one.rowsUntilLive();
    }
    const metrics = await scrape(server);
    expect(metrics.value('tickwell_connections{kind="json"}')).toBe(2);
    expect(metrics.value('tickwell_connections{kind="binary"}')).toBe(0);
    expect(metrics.value('tickwell_connections{kind="events"}')).toBe(0);
    expect(metrics.value('tickwell_connections_opened_total')).toBe(2);
    expect(metrics.value('tickwell_subscriptions')).toBe(2);
    expect(metrics.value('tickwell_slowest_reader_lag_rows')).toBe(0);
    expect(metrics.value('tickwell_sent_rows_total')).toBe(100);
    // Two hellos, two subscribed, and at least two messages of rows.
    expect(metrics.value('tickwell_sent_frames_total')).toBeGreaterThanOrEqual(6);
    expect(metrics.value('tickwell_sent_bytes_total')).toBeGreaterThan(2 * 50 * 3 * 2);

    await one.close();
    await other.close();
    const after = await until(server, 'tickwell_connections{kind="json"}', 0);
    expect(after.value('tickwell_subscriptions')).toBe(0);
    // Both closed without a code.
    expect(after.value('tickwell_connections_closed_total{code="1005"}')).toBe(2);
  });

  it('show by how many rows the slowest of them is behind', async () => {
    const rows = 400_000;
    const limits = { maxUnreadBytes: 16_384, frameBytes: 16_384 };
    const server = await start({ rows, limits });
    const port = Number(new URL(server.server.url).port);
    const request = { type: 'subscribe', id: 1, symbols: '*', since: BEFORE };
    const subprotocol = 'tickwell.v1.bin';
    const onMessage = () => {};
    const live = await server.connect();
    await live.ask({ type: 'subscribe', id: 1, symbols: '*', since: 'now' }, 'subscribed');
    const reader = new PacedReader({ port, bytesPerSecond: 1024, request, subprotocol, onMessage });

    await until(server, 'tickwell_connections{kind="binary"}', 1);
    const metrics = await until(server, 'tickwell_subscriptions', 2);
    const lag = metrics.value('tickwell_slowest_reader_lag_rows');
    expect(lag).toBeGreaterThan(rows / 2);
    expect(lag).toBeLessThanOrEqual(rows);
    expect(metrics.value('tickwell_regenerated_prices_total')).toBeGreaterThan(0);
    reader.destroy();
    const after = await until(server, 'tickwell_connections{kind="binary"}', 0);
    expect(after.value('tickwell_slowest_reader_lag_rows')).toBe(0);
  });

  it('that are refused are counted by code, whichever way they came', async () => {
    const server = await start();
    const socket = await server.connect();
    await socket.ask('not JSON', 'error');
    await server.get('/v1/rows?since=yesterday');
    await server.get('/v1/nothing');
    await server.get('/v1/stream');
    await server.raw(
      'GET /v1/stream HTTP/1.1\r\nhost: a\r\norigin: http://evil.example\r\n' +
        'connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n' +
        'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    await server.raw('no HTTP\r\n\r\n');
    const metrics = await scrape(server);
    const refusals = (code: string) => metrics.value(`tickwell_refusals_total{code="${code}"}`);
    expect(refusals('bad_json')).toBe(1);
    expect(refusals('bad_origin')).toBe(1);
    expect(refusals('bad_request')).toBeGreaterThanOrEqual(2);
    expect(refusals('not_found') + refusals('upgrade_required')).toBe(2);
    expect(refusals('internal')).toBe(0);
  });

  it('that find no room are dropped, counted, and the next is served when there is room', async () => {
    const server = await start({ limits: { maxConnections: 1, spareConnections: 1 } });
    await scrape(server);
    const port = Number(new URL(server.server.url).port);
    const waiting = Array.from({ length: 20 }, () => connect(port, '127.0.0.1'));
    sockets.push(...waiting);
    for (const socket of waiting) socket.on('error', () => {});
    // The scraper's own connection is one of two.
    const metrics = await until(server, 'tickwell_sockets_dropped_total', 19);
    expect(metrics.value('tickwell_connections_limit')).toBe(1);
    for (const socket of waiting) socket.destroy();
    let isServed = false;
    // Until the server has seen that they are gone.
    while (!isServed) isServed = await isLetIn(server);
  });
});

describe('HTTP requests', () => {
  it('are timed by route and status, never by what a client wrote', async () => {
    const server = await start();
    for (let n = 0; n < 3; n++) await server.get(`/v1/rows?last=${n + 1}`);
    await server.get('/v1/rows?since=yesterday');
    for (let n = 0; n < 30; n++) await server.get(`/made/up/${n}?x=${n}`);
    await server.get('/docs/');
    await server.get('/udf/config');
    const metrics = await scrape(server);
    const count = (route: string, status: string, protocol = 'none') =>
      metrics.value(
        'tickwell_http_request_duration_seconds_count' +
          `{route="${route}",status="${status}",protocol="${protocol}"}`,
      );
    expect(count('/v1/rows', '2xx', 'tickwell')).toBe(3);
    expect(count('/v1/rows', '4xx', 'tickwell')).toBe(1);
    expect(count('none', '4xx')).toBe(30);
    expect(count('/udf/config', '2xx', 'udf')).toBe(1);
    expect(
      count('/docs', '2xx', 'tickwell') + (count('/docs', '3xx', 'tickwell') || 0),
    ).toBeGreaterThan(0);
    const routes = new Set(
      [...metrics.samples.keys()].map((key) => /route="(.*?)"/.exec(key)?.[1]),
    );
    expect(routes.size).toBeLessThan(10);
  });

  it('are counted by the path of their route, but for files and what there is not', async () => {
    const server = await start();
    const { paths } = (await server.get('/openapi.json')).json;
    const own = Object.keys(paths);
    expect(own.length).toBeGreaterThan(7);
    const hidden = ['/openapi.json', '/asyncapi.json', '/v1/stream'];
    const named = Object.fromEntries([...own, ...hidden].map((path) => [path, path]));
    const others = {
      '/docs': '/docs',
      '/docs/': '/docs',
      '/docs/json': '/docs',
      '/docs/static/swagger-ui.css': '/docs',
      '/docs/static/none': 'none',
      '/docs-none': 'none',
      '/index.html': 'page',
      '/v1': 'none',
    };
    const expected = new Map<string, number>();
    for (const [path, route] of Object.entries({ ...named, ...others })) {
      expected.set(route, (expected.get(route) ?? 0) + 1);
      // Some do not end before their client leaves.
      const aborter = new AbortController();
      const { signal } = aborter;
      const method = paths[path] === undefined || 'get' in paths[path] ? 'GET' : 'POST';
      const init = { redirect: 'manual', signal, method } as const;
      const answer = await fetch(server.server.url + path, init);
      if (path !== '/v1/events') await answer.arrayBuffer();
      aborter.abort();
    }
    const missing = async () => {
      const { samples } = await scrape(server);
      return [...expected].filter(([route, least]) => {
        const start = `tickwell_http_request_duration_seconds_count{route="${route}"`;
        const counts = [...samples].filter(([key]) => key.startsWith(start));
        return counts.reduce((sum, [, value]) => sum + value, 0) < least;
      });
    };
    // An answer is counted when it has been sent.
    await expect.poll(missing).toEqual([]);
  });
});

describe('the process', () => {
  it('tells its memory, its CPU time, its descriptors and how late its event loop is', async () => {
    const server = await start();
    await scrape(server);
    const metrics = await until(server, 'tickwell_ready', 1);
    expect(metrics.value('process_resident_memory_bytes')).toBeGreaterThan(1e7);
    expect(metrics.value('process_cpu_seconds_total')).toBeGreaterThan(0);
    expect(metrics.value('nodejs_eventloop_active_seconds_total')).toBeGreaterThan(0);
    const started = metrics.value('process_start_time_seconds');
    expect(Math.abs(started + process.uptime() - Date.now() / 1000)).toBeLessThan(5);
    if (process.platform === 'linux') {
      expect(metrics.value('process_open_fds')).toBeGreaterThan(3);
      expect(metrics.value('process_max_fds')).toBeGreaterThan(100);
    }
  });

  it('shows that something held the event loop up', async () => {
    const server = await start();
    // The loop is watched from the first scrape on, by a timer that must have gone off.
    await scrape(server);
    for (let n = 0; n < 100; n++) await server.get('/healthz');
    const endMs = performance.now() + 200;
    while (performance.now() < endMs);
    await server.get('/healthz');
    const metrics = await scrape(server);
    for (const kind of ['mean', 'p50', 'p99', 'max']) {
      expect(metrics.value(`nodejs_eventloop_lag_${kind}_seconds`)).toBeGreaterThanOrEqual(0);
    }
    const most = metrics.value('nodejs_eventloop_lag_max_seconds');
    expect(most).toBeGreaterThan(0.1);
    // In seconds: of milliseconds it would be more, however busy the machine.
    expect(most).toBeLessThan(100);
  });
});

describe('the parser of these tests sees', () => {
  const family = '# HELP a_total Some.\n# TYPE a_total counter\n';
  const histogram = '# HELP h Some.\n# TYPE h histogram\n';
  it.each([
    ['a last line that does not end', `${family}a_total 1`],
    ['a sample without its metric', 'a_total 1\n'],
    ['a sample of another metric', `${family}b_total 1\n`],
    ['HELP without TYPE', '# HELP a_total Some.\na_total 1\n'],
    ['a metric told twice', `${family}a_total 1\n${family}`],
    ['a sample told twice', `${family}a_total{b="c"} 1\na_total{b="c"} 2\n`],
    ['a value that is no number', `${family}a_total one\n`],
    ['a label that is not escaped', `${family}a_total{b="c"d"} 1\n`],
    ['a label that stands twice', `${family}a_total{b="c",b="d"} 1\n`],
    ['buckets that fall', `${histogram}h_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1\n`],
    ['buckets without an end', `${histogram}h_bucket{le="1"} 2\nh_sum 1\nh_count 2\n`],
    ['another count', `${histogram}h_bucket{le="+Inf"} 2\nh_sum 1\nh_count 3\n`],
  ])('%s', (_, text) => {
    expect(() => parseMetrics(text)).toThrow();
  });

  it('nothing wrong in what is right', () => {
    const { value } = parseMetrics(`${family}a_total{b="c\\"d\\\\"} 1\n\n${histogram}`);
    expect(value('a_total{b="c\\"d\\\\"}')).toBe(1);
  });
});
