import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectError } from '../helpers/sentence.ts';
import { ORIGIN, startTestServer, type TestServer } from '../helpers/server.ts';
import { TestSocket } from '../helpers/socket.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});

afterAll(async () => {
  await server.stop();
  expect(server.failures).toEqual([]);
});

const ask = (headers: Record<string, string> = {}) => server.get('/v1/hello', { headers });

describe('the hello over HTTP', () => {
  it('is that of the stream', async () => {
    const socket = new TestSocket(`${server.server.url.replace('http', 'ws')}/v1/stream`);
    const said = await socket.next('hello');
    const answer = await ask();
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual(said);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    await socket.close();
  });

  it('is refused to whose WebSocket would be, in words that its page can read', async () => {
    const refused = await ask({ origin: 'https://charts.example.com' });
    expectError(refused, 'bad_origin');
    expect(refused.json.error.message).toContain('one that allowedOrigins names; given: ');
    expect(refused.headers.get('access-control-allow-origin')).toBe('*');
    expectError(await ask({ origin: 'null' }), 'bad_origin');
    expect((await ask({ origin: 'http://localhost:3000' })).status).toBe(200);
    expect((await ask({ origin: server.server.url })).status).toBe(200);
  });

  it('is paid like any other question', async () => {
    const poor = await startTestServer({ limits: { workPerSecond: 1, workBurst: 150_000 } });
    expect((await poor.get('/v1/hello')).status).toBe(200);
    expect((await poor.get('/v1/hello')).json.error.code).toBe('rate_limited');
    await poor.stop();
  });

  it('waits until the server is ready', async () => {
    // Each look at this clock ends a slice, so that the filling takes a thousand turns.
    let steadyMs = 0;
    const clock = { nowMs: () => ORIGIN + 5000, steadyMs: () => (steadyMs += 1000) };
    const options = { spec: { count: 1000, capacity: 100 }, clock, isEarly: true };
    const filling = await startTestServer(options);
    const answer = await filling.get('/v1/hello');
    expect(answer.json.error.code).toBe('not_ready');
    await filling.stop();
  });
});
