import { afterEach, describe, expect, it } from 'vitest';
import { parseMetrics } from '../helpers/exposition.ts';
import { TestPeers } from '../helpers/peers.ts';
import { RawClient } from '../helpers/raw.ts';
import { startTestServer, type TestServer, type TestServerOptions } from '../helpers/server.ts';
import { TestSocket } from '../helpers/socket.ts';
import { StubbornClient } from '../helpers/tcp.ts';

let peers = new TestPeers(2);
const running: TestServer[] = [];
const clients: RawClient[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.reset();
  for (const server of running.splice(0)) {
    await server.stop();
    expect(server.failures).toEqual([]);
  }
});

/** Two workers of one market. */
async function startTwo(options: TestServerOptions): Promise<readonly [TestServer, TestServer]> {
  peers = new TestPeers(2);
  for (const number of [1, 2]) {
    running.push(await startTestServer({ ...options, peers: peers.seenBy(number) }));
  }
  const [one, two] = running;
  return [one!, two!];
}

/** What the server says first, and the code it closes with if that is `bye`. */
async function greet(server: TestServer): Promise<string> {
  const socket = new TestSocket(`${server.server.url.replace('http', 'ws')}/v1/stream`);
  const { type } = await socket.next();
  return type === 'bye' ? `${(await socket.closed).code}` : type;
}

function openSocket(server: TestServer): RawClient {
  const client = new RawClient(Number(new URL(server.server.url).port));
  clients.push(client);
  return client;
}

/** Whether a new socket finds room. */
async function isHeard(server: TestServer): Promise<boolean> {
  const request = 'GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n';
  return (await server.raw(request).catch(() => '')).startsWith('HTTP/1.1 200');
}

async function scrape(server: TestServer) {
  return parseMetrics((await server.get('/metrics')).text);
}

describe('limits of two workers hold for both together', () => {
  it.each(['maxConnections', 'maxConnectionsPerAddress'] as const)('%s', async (limit) => {
    const [one, two] = await startTwo({ limits: { [limit]: 3 } });
    const first = await one.connect();
    await two.connect();
    await one.connect();
    expect(await greet(two)).toBe('4503');
    expect(await greet(one)).toBe('4503');
    await first.close();
    await expect.poll(() => greet(two)).toBe('hello');
    expect(await greet(one)).toBe('4503');
  });

  it('and those of one that has ended are given back', async () => {
    const [one, two] = await startTwo({ limits: { maxConnectionsPerAddress: 2 } });
    await one.connect();
    await one.connect();
    expect(await greet(two)).toBe('4503');
    peers.end(1);
    expect(await greet(two)).toBe('hello');
  });

  it('sockets that are no streams', async () => {
    const limits = { maxConnectionsPerAddress: 1, spareConnections: 3 };
    const [one, two] = await startTwo({ limits });
    const idle = [one, two, one, two].map(openSocket);
    for (const client of idle) await client.write('GET /healthz HTTP/1.1\r\n');
    for (const server of [one, two]) await expect.poll(() => isHeard(server)).toBe(false);
    idle[3]!.reset();
    await expect.poll(() => isHeard(one)).toBe(true);
  });

  it('answers under way', async () => {
    const limits = { maxAnswersPerAddress: 1 };
    const wide = { count: 100, capacity: 10_000 };
    const [one, two] = await startTwo({ limits, spec: wide, rows: 10_000 });
    const request = 'GET /v1/rows?last=10000 HTTP/1.1\r\nhost: a\r\n\r\n';
    const slow = new StubbornClient(one.server.url, request);
    slow.pause();
    const statusOf = async () => (await two.get('/v1/market')).status;
    await expect.poll(statusOf).toBe(429);
    slow.destroy();
    await expect.poll(statusOf).toBe(200);
  });

  it('work', async () => {
    const limits = { workPerSecond: 1, workBurst: 2_000_000 };
    const [one, two] = await startTwo({ limits, rows: 100_000 });
    const path = '/v1/candles?symbol=ticker_0&resolution=1s&last=100';
    const statusOf = async (server: TestServer) => (await server.get(path)).status;
    const statuses: number[] = [];
    for (let n = 0; n < 400 && !statuses.includes(429); n++) {
      statuses.push(await statusOf(n % 2 === 0 ? one : two));
    }
    expect(statuses.length).toBeGreaterThan(2);
    expect(statuses.at(-1)).toBe(429);
    // Neither has anything left for it.
    for (const server of [one, two]) expect(await statusOf(server)).toBe(429);
  });
});

describe('metrics of two workers', () => {
  it('are the same from each: counts are added, the time of the newest row is not', async () => {
    const [one, two] = await startTwo({ rows: 100 });
    await one.connect();
    await two.connect();
    await two.connect();
    await one.get('/v1/rows?last=1');
    await two.get('/v1/rows?last=1');
    for (const server of [one, two]) {
      const metrics = await scrape(server);
      expect(metrics.value('tickwell_workers')).toBe(2);
      expect(metrics.value('tickwell_ready')).toBe(1);
      expect(metrics.value('tickwell_connections{kind="json"}')).toBe(3);
      expect(metrics.value('tickwell_connections_opened_total')).toBe(3);
      expect(metrics.value('tickwell_connections_limit')).toBe(10_000);
      expect(metrics.value('tickwell_head_timestamp_seconds')).toBe(one.timeOf(99) / 1000);
      const requests = 'tickwell_http_request_duration_seconds_count';
      expect(metrics.value(`${requests}{route="/v1/rows",status="2xx",protocol="tickwell"}`)).toBe(
        2,
      );
    }
  });
});
