import { afterEach, describe, expect, it } from 'vitest';
import {
  lookingCost,
  MESSAGE_COST,
  REQUEST_COST,
  UPGRADE_COST,
} from '../../src/host/budgets/cost.ts';
import { type parseAnswers, RawClient, rawFrame, text } from '../helpers/raw.ts';
import { SPEC, startTestServer, type TestServer, UNHURRIED } from '../helpers/server.ts';

/** Everything but probes is paid for, by the address that it comes from. */

const servers: TestServer[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    await server.stop();
    expect(server.failures).toEqual([]);
  }
});

/** A server whose addresses may have so much computed, and no more: its clock stands still. */
async function start(workBurst: number, trustedProxies: readonly string[] = []) {
  const limits = { ...UNHURRIED, workPerSecond: 1, workBurst };
  const server = await startTestServer({ limits, access: { trustedProxies } });
  servers.push(server);
  return server;
}

const HANDSHAKE = {
  upgrade: 'websocket',
  connection: 'upgrade',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'sec-websocket-version': '13',
};

function head(line: string, fields: Readonly<Record<string, string>> = {}): string {
  const lines = Object.entries({ host: 'a', connection: 'close', ...fields });
  return `${line} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
}

/** What a client can ask for, each by what it writes. */
const ASKED: Readonly<Record<string, string>> = {
  'the page': head('GET /'),
  'a file of the page': head('GET /favicon.svg'),
  metrics: head('GET /metrics'),
  'the OpenAPI text': head('GET /openapi.json'),
  'the AsyncAPI text': head('GET /asyncapi.json'),
  'the documentation': head('GET /docs/'),
  'a file of the documentation': head('GET /docs/static/swagger-ui.css'),
  'the settings': head('GET /v1/market'),
  'only a head': head('HEAD /v1/market'),
  'a wrong query': head('GET /v1/rows?last=x'),
  'a path that there is not': head('GET /nope'),
  'an invalid path': head('GET /%zz'),
  'a method that there is not': head('DELETE /v1/rows'),
  'another host': head('GET /v1/market', { host: 'evil.example.com' }),
  'a preflight': head('OPTIONS /v1/rows', {
    origin: 'https://a.example.com',
    'access-control-request-method': 'GET',
  }),
  'a stream without an upgrade': head('GET /v1/stream'),
  'another upgrade': head('GET /v1/market', { upgrade: 'h2c', connection: 'upgrade' }),
  'a bad handshake': head('GET /v1/stream', { ...HANDSHAKE, 'sec-websocket-version': '12' }),
  'an upgrade elsewhere': head('GET /v1/nope', HANDSHAKE),
  'an upgrade from another site': head('GET /v1/stream', {
    ...HANDSHAKE,
    origin: 'https://a.example.com',
  }),
};

/** The answer to bytes after which the server hangs up. */
async function answerTo(server: TestServer, bytes: string) {
  const client = new RawClient(Number(new URL(server.server.url).port));
  await client.write(bytes);
  const answers = await client.answers();
  expect(answers).toHaveLength(1);
  return answers[0]!;
}

function expectUnpaid({ status, headers, body }: ReturnType<typeof parseAnswers>[number]): void {
  expect(status).toBe(429);
  expect(Number(headers['retry-after'])).toBeGreaterThan(0);
  if (body !== '') expect(JSON.parse(body).error.code).toBe('rate_limited');
}

describe('an address that has used up its work is refused', () => {
  it.each(Object.entries(ASKED))('%s', async (_, request) => {
    // HEAD says how long its answer would be.
    const bytes = request.replace(/^HEAD/, 'GET');
    const server = await start(Math.max(REQUEST_COST, UPGRADE_COST), ['127.0.0.1']);
    const from = (address: string) =>
      bytes.replace('\r\n\r\n', `\r\nx-forwarded-for: ${address}\r\n\r\n`);
    let paid = 0;
    let answer = await answerTo(server, from('1.1.1.1'));
    for (; answer.status !== 429 && paid < 5; paid++) {
      answer = await answerTo(server, from('1.1.1.1'));
    }
    expectUnpaid(answer);
    expect(paid).toBeGreaterThan(0);
    expect((await answerTo(server, from('1.1.1.2'))).status).not.toBe(429);
  });

  it.each([
    ['what is no HTTP', 'HELLO\r\n\r\n'],
    ['another method', head('CONNECT a:1')],
    ['a header without end', head('GET /', { long: 'x'.repeat(20_000) })],
  ])('%s', async (_, bytes) => {
    const server = await start(REQUEST_COST);
    expect((await answerTo(server, bytes)).status).not.toBe(429);
    expectUnpaid(await answerTo(server, bytes));
  });

  it('each path that the OpenAPI text lists, but for the probes', async () => {
    const server = await start(REQUEST_COST, ['127.0.0.1']);
    const { paths } = (await server.get('/openapi.json')).json;
    for (const path of Object.keys(paths)) {
      const bytes = head(`GET ${path}`, { 'x-forwarded-for': '1.1.1.1' });
      const isProbe = path === '/healthz' || path === '/readyz';
      await answerTo(server, bytes);
      const { status, body } = await answerTo(server, bytes);
      // An EventSource would give up on a 429: it is said goodbye to instead.
      const isRefused = path === '/v1/events' ? body.includes('"rate_limited"') : status === 429;
      expect([path, isRefused]).toEqual([path, !isProbe]);
    }
  });

  it('a stream, and is told so as one that may come back', async () => {
    const server = await start(UPGRADE_COST);
    const handshake = head('GET /v1/stream', HANDSHAKE);
    const first = new RawClient(Number(new URL(server.server.url).port));
    expect((await first.shakeHands(handshake)).status).toBe(101);
    expectUnpaid(await answerTo(server, handshake));
    first.reset();
  });

  it('messages of a stream, right ones and wrong ones', async () => {
    const server = await start(UPGRADE_COST + 3 * MESSAGE_COST);
    const socket = await server.connect();
    const ping = { type: 'ping', id: 1 };
    await socket.ask(ping, 'pong');
    await socket.ask(ping, 'pong');
    expect(await socket.ask({ type: 'no', id: 2 }, 'error')).toMatchObject({
      code: 'unknown_type',
    });
    for (const message of [ping, { type: 'no', id: 2 }]) {
      expect(await socket.ask(message, 'error')).toMatchObject({ code: 'rate_limited' });
    }
  });

  it.each([
    ['rows', '/v1/rows?last=1000'],
    ['a whole range', '/v1/rows?last=1000&whole=true&format=csv'],
    ['candles', '/v1/candles?symbol=ticker_0&resolution=10ms&last=500'],
    ['lines', '/v1/sparklines?points=500'],
  ])('the compressing of %s', async (_, path) => {
    const left = [];
    for (const encoding of ['identity', 'gzip']) {
      const server = await start(4_000_000);
      await server.get(path, { headers: { 'accept-encoding': encoding } });
      let count = 0;
      while ((await server.get('/v1/rows?last=1')).status === 200) count += 1;
      left.push(count);
    }
    // Some ten thousand bytes at 60 each.
    const [plain, compressed] = left as [number, number];
    expect(compressed).toBeGreaterThan(0);
    expect(compressed).toBeLessThan(plain - 2);
  });

  it.each([
    '/v1/rows?last=1000&format=csv',
    '/v1/rows?last=1000&format=ndjson',
    '/v1/sparklines?points=500',
  ])('what is made for %s', async (path) => {
    const left = [];
    for (const first of ['/v1/rows?last=1', path]) {
      const server = await start(4_000_000);
      await server.get(first, { headers: { 'accept-encoding': 'identity' } });
      let count = 0;
      while ((await server.get('/v1/rows?last=1')).status === 200) count += 1;
      left.push(count);
    }
    const [little, much] = left as [number, number];
    expect(much).toBeGreaterThan(0);
    expect(much).toBeLessThan(little - 1);
  });

  it('pings of a stream are paid for too', async () => {
    const server = await start(UPGRADE_COST + 2 * MESSAGE_COST);
    const client = new RawClient(Number(new URL(server.server.url).port));
    await client.shakeHands(head('GET /v1/stream', HANDSHAKE));
    await client.write(rawFrame({ first: 0x89 }), rawFrame({ first: 0x89 }));
    await client.write(text('{"type":"ping","id":1}'));
    const heard: unknown[] = [];
    while (heard.length < 4) heard.push(await client.next());
    expect(heard.at(-1)).toMatchObject({ message: { type: 'error', code: 'rate_limited' } });
    client.reset();
  });

  const looking = lookingCost(SPEC.count);

  it.each([
    '/v1/rows?last=1&symbols=',
    '/v1/rows?last=1&whole=true&format=csv&symbols=',
    '/v1/candles?resolution=1s&last=1&symbol=',
    '/v1/sparklines?symbols=',
    '/v1/realism?symbol=',
    '/v1/events?since=now&symbols=',
  ])('who has a name looked for that there is not: %s', async (path) => {
    const server = await start(2 * REQUEST_COST + looking);
    const answer = await server.get(`${path}nope`);
    expect(answer.json.error.code).toBe('unknown_symbol');
    expect((await server.get(`${path}nope`)).text).toContain('"rate_limited"');
  });

  it.each([
    { type: 'fetch', symbols: ['nope'], since: 'now' },
    { type: 'subscribe', symbols: ['nope'], since: 'now' },
    { type: 'candles', symbol: 'nope', resolution: '1s', from: 0, count: 1 },
  ])('who has a name looked for that there is not: $type', async (message) => {
    const server = await start(UPGRADE_COST + 2 * MESSAGE_COST + looking);
    const socket = await server.connect();
    for (const code of ['unknown_symbol', 'rate_limited']) {
      expect(await socket.ask({ ...message, id: 1 }, 'error')).toMatchObject({ code });
    }
  });

  it('but no probe', async () => {
    const server = await start(REQUEST_COST);
    await server.get('/v1/market');
    expect((await server.get('/v1/market')).status).toBe(429);
    for (const path of ['/healthz', '/readyz', '/healthz?now']) {
      expect((await server.get(path)).status).toBe(200);
    }
  });
});

describe('a refusal', () => {
  it('can be read by pages of other origins', async () => {
    const server = await start(REQUEST_COST);
    await server.get('/v1/market');
    const refused = await server.get('/v1/market', {
      headers: { origin: 'https://a.example.com' },
    });
    expect(refused.status).toBe(429);
    expect(refused.headers.get('access-control-allow-origin')).toBe('*');
  });

  it('is followed by silence: who asks on at once is heard after everyone else', async () => {
    const server = await start(REQUEST_COST);
    const port = Number(new URL(server.server.url).port);
    await server.get('/v1/market');
    const eager = new RawClient(port);
    const order: string[] = [];
    await eager.write(head('GET /v1/market', { connection: 'keep-alive' }));
    await expect.poll(() => eager.received).toBeGreaterThan(0);
    await eager.write(head('GET /healthz'));
    const late = eager.answers().then((answers) => {
      order.push('eager');
      return answers;
    });
    for (let n = 0; n < 3; n++)
      expect((await answerTo(server, head('GET /healthz'))).status).toBe(200);
    order.push('others');
    expect((await late).map(({ status }) => status)).toEqual([429, 200]);
    expect(order).toEqual(['others', 'eager']);
  });
});
