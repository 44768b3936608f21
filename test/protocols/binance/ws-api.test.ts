import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer, UNHURRIED } from '../../helpers/server.ts';
import { TestSocket } from '../../helpers/socket.ts';
import { counted } from '../../helpers/steps.ts';

const SPEC = {
  interval: 1000,
  dtype: 'uint32',
  count: undefined,
  instruments: [
    { symbol: 'ORBX', model: 'market', startPrice: 250, tickSize: 0.01 },
    { symbol: 'AUR/VEL', model: 'gbm', startPrice: 50, tickSize: 0.25 },
  ],
};
const ROWS = 20_000;
const TIME_LIMITS = { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1 };

let server: TestServer;
const sockets: TestSocket[] = [];

beforeAll(async () => {
  server = await startTestServer({
    spec: SPEC,
    rows: ROWS,
    limits: { ...UNHURRIED, workBurst: 1e15 },
  });
});

afterAll(async () => {
  for (const socket of sockets) await socket.close();
  await server.stop();
  expect(server.failures).toEqual([]);
});

async function open(query = '', of = server): Promise<TestSocket> {
  const socket = new TestSocket(`${of.server.url.replace('http', 'ws')}/ws-api/v3${query}`);
  await socket.opened;
  sockets.push(socket);
  return socket;
}

/** Each method, with the path of REST that says the same and parameters of both. */
const BOTH: readonly (readonly [method: string, path: string, params: Record<string, unknown>])[] =
  [
    ['ping', 'ping', {}],
    ['time', 'time', {}],
    ['exchangeInfo', 'exchangeInfo', { symbols: ['AURVEL', 'ORBXUSDT'] }],
    ['exchangeInfo', 'exchangeInfo', { showPermissionSets: false }],
    ['depth', 'depth', { symbol: 'AURVEL', limit: 5 }],
    ['trades.recent', 'trades', { symbol: 'AURVEL', limit: 3 }],
    ['trades.historical', 'historicalTrades', { symbol: 'AURVEL', fromId: 7, limit: 2 }],
    ['trades.aggregate', 'aggTrades', { symbol: 'ORBXUSDT', limit: 1000 }],
    ['klines', 'klines', { symbol: 'ORBXUSDT', interval: '1m', limit: 300, timeZone: '5:30' }],
    ['uiKlines', 'uiKlines', { symbol: 'ORBXUSDT', interval: '1h' }],
    ['avgPrice', 'avgPrice', { symbol: 'ORBXUSDT' }],
    ['ticker.price', 'ticker/price', {}],
    ['ticker.book', 'ticker/bookTicker', { symbols: ['ORBXUSDT'] }],
  ];

describe('/ws-api/v3', () => {
  it.each(BOTH)('%s answers as %s does over HTTP, with %j', async (method, path, params) => {
    const query = Object.entries(params).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]);
    const { text } = await server.get(`/api/v3/${path}?${new URLSearchParams(query)}`);
    const socket = await open();
    const id = 'af5e-7';
    const answer = await socket.ask({ id, method, params });
    expect(answer).toMatchObject({ id, status: 200 });
    expect(JSON.stringify(answer.result)).toBe(text);
    expect(answer.rateLimits).toEqual([{ ...TIME_LIMITS, limit: 6000, count: expect.any(Number) }]);
    const versioned = await socket.ask({ id: 5, method: `v3/${method}`, params });
    expect(versioned).toMatchObject({ id: 5, status: 200, result: answer.result });
  });

  it('counts the same weights as HTTP does', async () => {
    server.clock.pass(60_000);
    await server.get('/api/v3/exchangeInfo');
    const socket = await open();
    const { rateLimits } = await socket.ask({ id: 1, method: 'klines' });
    expect(rateLimits[0].count).toBe(22);
    const { headers } = await server.get('/api/v3/ping');
    expect(headers.get('x-mbx-used-weight-1m')).toBe('23');
  });

  it('leaves limits out for who wants none, of one answer or of all', async () => {
    const socket = await open();
    const params = { returnRateLimits: false };
    expect(await socket.ask({ id: null, method: 'ping', params })).toEqual({
      ...{ id: null, status: 200, result: {} },
    });
    const without = await open('?returnRateLimits=false');
    expect(await without.ask({ method: 'ping' })).toEqual({ id: null, status: 200, result: {} });
  });

  it('leaves them out of errors too, and has them where one request alone wants them', async () => {
    const wrong = { id: 3, method: 'depth', params: { symbol: 'NOPE' } };
    const error = { code: -1121, msg: 'Invalid symbol.' };
    const socket = await open();
    const params = { symbol: 'NOPE', returnRateLimits: false };
    expect(await socket.ask({ ...wrong, params })).toEqual({ id: 3, status: 400, error });
    expect(await socket.ask(wrong)).toHaveProperty('rateLimits');
    const without = await open('?returnRateLimits=false');
    expect(await without.ask(wrong)).toEqual({ id: 3, status: 400, error });
    expect(await without.ask({ method: 7 })).not.toHaveProperty('rateLimits');
    const some = { ...params, returnRateLimits: true };
    expect(await without.ask({ ...wrong, params: some })).toHaveProperty('rateLimits');
    const both = { id: 4, method: 'ping', params: { returnRateLimits: true } };
    expect(await without.ask(both)).toHaveProperty('rateLimits');
  });

  it('is asked as often as it says, and is held to that alone', async () => {
    const ordinary = await startTestServer({ spec: SPEC, rows: 10, limits: {} });
    const socket = await open('', ordinary);
    const { rateLimits } = await socket.ask({ id: 0, method: 'ping' });
    const ids = Array.from({ length: 400 }, (_, n) => n);
    for (const id of ids) socket.send({ id, method: 'ping' });
    const answers = await Promise.all(ids.map(() => socket.next()));
    expect(answers.map(({ status }) => status)).toEqual(ids.map(() => 200));
    expect(answers.at(-1).rateLimits).toEqual([{ ...rateLimits[0], count: 401 }]);
    await socket.close();
    await ordinary.stop();
    const limits = { binanceWeightPerMinute: 12, messagesBurst: 1, messagesPerSecond: 1 };
    const strict = await startTestServer({ spec: SPEC, rows: 10, limits });
    const { json } = await strict.get('/api/v3/exchangeInfo');
    expect(json.rateLimits[0].limit).toBe(12);
    const hurried = await open('', strict);
    const all = Array.from({ length: 25 }, (_, n) => n);
    for (const id of all) hurried.send({ id, method: 'ping' });
    const told = await Promise.all(all.map(() => hurried.next()));
    expect(told.filter(({ status }) => status === 200)).toHaveLength(24);
    expect(told.at(-1)).toMatchObject({ status: 429, error: { code: -1003 } });
    await hurried.close();
    await strict.stop();
  });

  it('takes as many names as one request may have', async () => {
    const limits = { ...UNHURRIED, maxBinanceSymbols: 500 };
    const wide = await startTestServer({ spec: { count: 500 }, rows: 10, limits });
    const { json } = await wide.get('/api/v3/ticker/price');
    const symbols: string[] = json.map(({ symbol }: { symbol: string }) => symbol);
    const socket = await open('', wide);
    const asked = { id: 1, method: 'ticker.price', params: { symbols } };
    expect(JSON.stringify(asked).length).toBeGreaterThan(6000);
    expect((await socket.ask(asked)).result).toEqual(json);
    const texts = { ...asked, params: { symbols: JSON.stringify(symbols) } };
    expect((await socket.ask(texts)).result).toEqual(json);
    socket.send('x'.repeat(4096 + 25 * 500 + 1));
    expect((await socket.closed).code).toBe(1009);
    await wide.stop();
  });

  it('is paid for long messages by their length, before they are read', async () => {
    const limits = { ...UNHURRIED, workPerSecond: 1, workBurst: 2_000_000 };
    const busy = await startTestServer({ spec: SPEC, rows: 10, limits });
    const socket = await open('', busy);
    const long = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;
    socket.send(long);
    socket.send(long);
    const told = [await socket.next(), await socket.next()];
    expect(told.map(({ status }) => status)).toContain(429);
    await socket.close();
    await busy.stop();
  });

  it('has times in microseconds for who connects so', async () => {
    const socket = await open('?timeUnit=MICROSECOND');
    const { result } = await socket.ask({ id: 1, method: 'time' });
    expect(result.serverTime).toBe(server.clock.nowMs() * 1000);
  });

  it('answers what was asked at once, each under its own id', async () => {
    const socket = await open();
    const ids = Array.from({ length: 12 }, (_, n) => n);
    for (const id of ids) {
      const params = { symbol: 'ORBXUSDT', interval: '3m', limit: 500, startTime: id };
      socket.send({ id, method: id % 3 === 0 ? 'ping' : 'klines', params });
    }
    const answers = await Promise.all(ids.map(() => socket.next()));
    expect(answers.map(({ id }) => id).sort((a, b) => a - b)).toEqual(ids);
    for (const { id, result } of answers) {
      if (id % 3 !== 0) expect(result.length).toBeGreaterThan(100);
    }
  });
});

describe('what is wrong', () => {
  const symbol = 'AURVEL';
  it.each<[unknown, number, unknown]>([
    ['no JSON', -1135, null],
    ['[]', -1135, null],
    ['5', -1135, null],
    ['null', -1135, null],
    [{ id: 7 }, -1102, 7],
    [{ id: 7, method: '' }, -1102, 7],
    [{ id: 7, method: 5 }, -1102, 7],
    [{ id: {}, method: 'ping' }, -1130, null],
    [{ id: 1.5, method: 'ping' }, -1130, null],
    [{ id: 'x'.repeat(37), method: 'ping' }, -1130, null],
    [{ id: 'x'.repeat(36), method: 'nothing' }, -1020, 'x'.repeat(36)],
    [{ id: 1, method: 'PING' }, -1020, 1],
    [{ id: 1, method: 'constructor' }, -1020, 1],
    [{ id: 1, method: 'ping', params: [] }, -1130, 1],
    [{ id: 1, method: 'ping', params: 'x' }, -1130, 1],
    [{ id: 1, method: 'ping', params: { returnRateLimits: 'no' } }, -1130, 1],
    [{ id: 1, method: 'depth' }, -1102, 1],
    [{ id: 1, method: 'depth', params: { symbol: null } }, -1102, 1],
    [{ id: 1, method: 'depth', params: { symbol: 'NOPE' } }, -1121, 1],
    [{ id: 1, method: 'depth', params: { symbol: 5.5 } }, -1121, 1],
    [{ id: 1, method: 'depth', params: { symbol: ['AURVEL'] } }, -1100, 1],
    [{ id: 1, method: 'depth', params: { symbol, limit: 0 } }, -1130, 1],
    [{ id: 1, method: 'depth', params: { symbol, limit: -5 } }, -1100, 1],
    [{ id: 1, method: 'depth', params: { symbol, limit: 1e30 } }, -1100, 1],
    [{ id: 1, method: 'klines', params: { symbol, interval: '7m' } }, -1120, 1],
    [{ id: 1, method: 'klines', params: { symbol, interval: '1m', startTime: {} } }, -1100, 1],
    [{ id: 1, method: 'ticker.price', params: { symbols: [] } }, -1100, 1],
    [{ id: 1, method: 'ticker.price', params: { symbols: [symbol, symbol] } }, -1151, 1],
    [{ id: 1, method: 'order.place', params: { symbol } }, -1002, 1],
    [{ id: 1, method: 'v3/account.status' }, -1002, 1],
    [{ id: 1, method: 'session.logon' }, -1002, 1],
    [{ id: 1, method: 'userDataStream.start' }, -1002, 1],
    [{ id: 1, method: 'openOrders.cancelAll' }, -1002, 1],
  ])('%j is answered by error %i', async (message, code, id) => {
    const socket = await open();
    socket.send(message as object | string);
    const answer = await socket.next();
    expect(answer).toMatchObject({ id, status: 400, error: { code, msg: expect.any(String) } });
    expect(answer.rateLimits[0].limit).toBe(6000);
    expect(answer).not.toHaveProperty('result');
  });

  it('is an answer too large for a message, which HTTP has', async () => {
    const limits = { ...UNHURRIED, maxBinanceMessageBytes: 2000 };
    const small = await startTestServer({ spec: SPEC, rows: 100, limits });
    const socket = await open('', small);
    const answer = await socket.ask({ id: 1, method: 'exchangeInfo' });
    expect(answer).toMatchObject({ id: 1, status: 400, error: { code: -1130 } });
    expect((await small.get('/api/v3/exchangeInfo')).status).toBe(200);
    // Of what it knows the length of before, nothing is made.
    const { text } = await small.get('/api/v3/exchangeInfo');
    const begun = counted(JSON as never, 'stringify' as never, (value?: { symbol?: string }) => {
      return value?.symbol === undefined ? 0 : 1;
    });
    for (const [method, params] of [
      ['exchangeInfo', {}],
      ['exchangeInfo', { showPermissionSets: false }],
      ['trades.recent', { symbol }],
      ['klines', { symbol, interval: '1s' }],
    ] as const) {
      const refused = await socket.ask({ id: 2, method, params });
      expect(refused).toMatchObject({ id: 2, status: 400, error: { code: -1130 } });
      expect(refused.error.msg).toMatch(/must be at most 2000 bytes.*; given: at least \d+$/);
      const [least] = /\d+$/.exec(refused.error.msg) ?? [];
      if (method === 'exchangeInfo') expect(Number(least)).toBeLessThan(text.length);
    }
    expect(begun()).toBe(0);
    await socket.close();
    await small.stop();
  });

  it('is to ask for more work than there is, which says when to come back', async () => {
    const limits = { ...UNHURRIED, workPerSecond: 1000, workBurst: 400_000 };
    const busy = await startTestServer({ spec: SPEC, rows: 100, limits });
    const socket = await open('', busy);
    const params = { symbol, limit: 1000 };
    const answer = await socket.ask({ id: 1, method: 'trades.recent', params });
    const { serverTime, retryAfter } = answer.error.data;
    expect(answer).toMatchObject({ id: 1, status: 429, error: { code: -1003 } });
    expect(serverTime).toBe(busy.clock.nowMs());
    expect(retryAfter).toBeGreaterThan(serverTime);
    await socket.close();
    await busy.stop();
  });

  it('is a connection that wants what there is not, before it is one', async () => {
    for (const query of ['?timeUnit=YEAR', '?returnRateLimits=some']) {
      const head = [
        `GET /ws-api/v3${query} HTTP/1.1`,
        ...['host: localhost', 'connection: upgrade', 'upgrade: websocket'],
        ...['sec-websocket-version: 13', 'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==', '', ''],
      ];
      const answer = await server.raw(head.join('\r\n'));
      expect(answer).toMatch(/^HTTP\/1.1 400 /);
      expect(answer).toContain('{"code":-1130,"msg":"Data sent for parameter');
    }
  });

  it('is a server that ends: it says so first', async () => {
    const ending = await startTestServer({ spec: SPEC, rows: 10 });
    const socket = await open('', ending);
    const said = socket.next();
    await ending.stop();
    expect(await said).toEqual({ event: { e: 'serverShutdown', E: ending.clock.nowMs() } });
    expect((await socket.closed).code).toBe(4000);
  });
});
