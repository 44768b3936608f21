import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseMetrics } from '../helpers/exposition.ts';
import { expectError } from '../helpers/sentence.ts';
import { INTERVAL, startTestServer, type TestServer } from '../helpers/server.ts';

const HOUR_MS = 3600_000;
const WAIT = 'tickwell_feed_wait_seconds';

describe('a server whose clock was set back by an hour', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer();
    server.clock.pass(-HOUR_MS);
  });

  afterAll(async () => {
    await server.stop();
    expect(server.failures).toEqual([]);
  });

  async function metrics() {
    return parseMetrics((await server.get('/metrics')).text);
  }

  it('is alive but not ready, and says when rows flow again', async () => {
    expect((await server.get('/healthz')).status).toBe(200);
    const nextRow = server.timeOf(1000);
    const ready = await server.get('/readyz');
    expectError(ready, 'not_ready', { reason: 'clock', nextRow, waitMs: HOUR_MS });
    expect(ready.headers.get('retry-after')).toBe('3600');
  });

  it('says so in its metrics', async () => {
    const { value } = await metrics();
    expect(value(WAIT)).toBe(3600);
    expect(value('tickwell_ready')).toBe(0);
    expect(value('tickwell_not_ready{reason="clock"}')).toBe(1);
    expect(value('tickwell_not_ready{reason="late"}')).toBe(0);
    expect(value('tickwell_feed_lag_seconds')).toBe(0);
  });

  it('serves what there is, over HTTP and on the stream', async () => {
    const { status, json } = await server.get('/v1/rows?last=3');
    expect([status, json.until]).toEqual([200, server.timeOf(999)]);
    const socket = await server.connect();
    const request = { type: 'fetch', id: 1, symbols: '*', since: server.timeOf(996) };
    expect(await socket.ask(request)).toMatchObject({ until: server.timeOf(999), lag: 0 });
    await socket.close();
  });

  it('is ready again when the clock is there, and a little behind is not worth a word', async () => {
    server.clock.pass(HOUR_MS - 2000);
    expect((await metrics()).value(WAIT)).toBe(2);
    expect((await server.get('/readyz')).status).toBe(200);
    server.clock.pass(2000 + INTERVAL);
    const head = async () => (await server.get('/v1/market')).json.head;
    await expect.poll(head).toBe(server.timeOf(1000));
    const after = await metrics();
    expect([after.value(WAIT), after.value('tickwell_ready')]).toEqual([0, 1]);
  });
});

describe('a server that is started before the origin of its market', () => {
  it('is ready, and waits for nothing but the first row', async () => {
    const server = await startTestServer({ rows: -100_000 });
    expect((await server.get('/readyz')).status).toBe(200);
    const { value } = parseMetrics((await server.get('/metrics')).text);
    expect([value(WAIT), value('tickwell_ready')]).toEqual([0, 1]);
    await server.stop();
  });
});
