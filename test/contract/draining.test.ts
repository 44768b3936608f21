import { afterEach, describe, expect, it } from 'vitest';
import { EventReader } from '../helpers/events.ts';
import { parseMetrics } from '../helpers/exposition.ts';
import { expectError } from '../helpers/sentence.ts';
import { INTERVAL, startTestServer, type TestServer } from '../helpers/server.ts';

let server: TestServer;

afterEach(async () => {
  await server.stop();
  expect(server.failures).toEqual([]);
});

describe('a server that drains', () => {
  it('is alive, not ready, and says why', async () => {
    server = await startTestServer();
    server.server.drain();
    server.server.drain();
    expectError(await server.get('/readyz'), 'not_ready', { reason: 'draining' });
    expect((await server.get('/healthz')).status).toBe(200);
    const { value } = parseMetrics((await server.get('/metrics')).text);
    expect(value('tickwell_ready')).toBe(0);
    expect(value('tickwell_not_ready{reason="draining"}')).toBe(1);
    expect(value('tickwell_not_ready{reason="filling"}')).toBe(0);
  });

  it('says so before its ring is full too', async () => {
    server = await startTestServer({ isEarly: true, spec: { count: 100, capacity: 50_000 } });
    server.server.drain();
    expectError(await server.get('/readyz'), 'not_ready', { reason: 'draining' });
    await server.server.ready;
  });

  it('takes readers in, and sends rows to all until it stops', async () => {
    server = await startTestServer();
    const [before, since] = [await server.connect(), server.timeOf(999)];
    const subscribe = { type: 'subscribe', id: 1, symbols: '*', since };
    await before.ask(subscribe, 'subscribed');
    server.server.drain();
    const after = await server.connect();
    await after.ask(subscribe, 'subscribed');
    const events = await fetch(`${server.server.url}/v1/events?since=${since}`);
    const reader = new EventReader(events.body!);
    await reader.expect('subscribed');
    server.clock.pass(INTERVAL);
    const row = { since, until: server.timeOf(1000) };
    expect(await before.next('rows')).toMatchObject(row);
    expect(await after.next('rows')).toMatchObject(row);
    expect((await reader.expect('message')).data).toMatchObject(row);
    const stopped = server.stop();
    expect(await before.next('bye')).toMatchObject({ code: 4000 });
    expect(await after.next('bye')).toMatchObject({ code: 4000 });
    await reader.expect('bye');
    await stopped;
  });

  it('answers, and keeps no connection behind that', async () => {
    server = await startTestServer();
    const request = 'GET /v1/rows?last=1 HTTP/1.1\r\nhost: a\r\n\r\n';
    server.server.drain();
    // It comes back, because the server hangs up.
    const answer = await server.raw(request);
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer).toMatch(/\r\nconnection: close\r\n/i);
  });
});
