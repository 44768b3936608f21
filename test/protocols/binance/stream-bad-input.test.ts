import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer, UNHURRIED } from '../../helpers/server.ts';
import { StreamClient } from './stream-client.ts';

const SPEC = {
  count: undefined,
  interval: 2000,
  instruments: [{ symbol: 'ORBX', names: { binance: 'BTCUSDT' } }, { symbol: '^' }],
};

let server: TestServer;
let client: StreamClient;

beforeAll(async () => {
  server = await startTestServer({ spec: SPEC, limits: { ...UNHURRIED } });
  client = new StreamClient(server, '/ws');
  await client.socket.opened;
});

afterAll(async () => {
  await client.close();
  await server.stop();
  expect(server.failures).toEqual([]);
});

const METHODS = 'SUBSCRIBE, UNSUBSCRIBE, LIST_SUBSCRIPTIONS, SET_PROPERTY, GET_PROPERTY';
const subscribe = (...params: readonly unknown[]) => ({ method: 'SUBSCRIBE', params, id: 1 });

/** What is sent, the number of what is wrong, and what is said. */
const MESSAGES: readonly (readonly [message: unknown, code: number, msg: string])[] = [
  ['', 3, 'Invalid JSON: a message must be JSON; given: '],
  ['nope', 3, 'Invalid JSON'],
  ['{', 3, 'Invalid JSON'],
  ['{"method":"SUBSCRIBE"', 3, 'Invalid JSON'],
  ["{'method':'SUBSCRIBE'}", 3, 'Invalid JSON'],
  ['[1,2', 3, 'Invalid JSON'],
  [Buffer.from([0xff, 0xfe, 0]), 3, 'Invalid JSON'],
  [Buffer.from('SUBSCRIBE btcusdt@trade'), 3, 'Invalid JSON'],
  ['null', 2, 'Invalid request: a message must be an object; given: null'],
  ['[]', 2, 'Invalid request: a message must be an object'],
  ['[{"method":"SUBSCRIBE"}]', 2, 'Invalid request: a message must be an object'],
  ['"SUBSCRIBE"', 2, 'Invalid request: a message must be an object'],
  ['5', 2, 'Invalid request: a message must be an object'],
  ['true', 2, 'Invalid request: a message must be an object'],
  [{}, 2, 'Invalid request: missing field `method`'],
  [{ id: 1 }, 2, 'Invalid request: missing field `method`'],
  [{ methods: 'SUBSCRIBE' }, 2, 'Invalid request: missing field `method`'],
  [{ method: null }, 2, `Invalid request: unknown variant null, expected one of ${METHODS}`],
  [{ method: 5 }, 2, 'Invalid request: unknown variant 5, expected one of'],
  [{ method: [] }, 2, 'Invalid request: unknown variant'],
  [{ method: {} }, 2, 'Invalid request: unknown variant'],
  [{ method: '' }, 2, 'Invalid request: unknown variant'],
  [{ method: 'subscribe', params: [] }, 2, 'Invalid request: unknown variant subscribe'],
  [{ method: 'LOGIN', params: [] }, 2, 'Invalid request: unknown variant LOGIN'],
  [{ method: 'ping' }, 2, 'Invalid request: unknown variant ping'],
  [{ method: 'order.place', params: {} }, 2, 'Invalid request: unknown variant order.place'],
  [{ method: 'constructor' }, 2, 'Invalid request: unknown variant constructor'],
  [{ method: 'SUBSCRIBE' }, 2, 'Invalid request: missing field `params`'],
  [{ method: 'UNSUBSCRIBE' }, 2, 'Invalid request: missing field `params`'],
  [{ method: 'SET_PROPERTY' }, 2, 'Invalid request: missing field `params`'],
  [{ method: 'GET_PROPERTY' }, 2, 'Invalid request: missing field `params`'],
  [{ method: 'SUBSCRIBE', params: null }, 2, 'Invalid request: params must be a list'],
  [{ method: 'SUBSCRIBE', params: 'btcusdt@trade' }, 2, 'Invalid request: params must be a list'],
  [{ method: 'SUBSCRIBE', params: {} }, 2, 'Invalid request: params must be a list'],
  [{ method: 'UNSUBSCRIBE', params: 7 }, 2, 'Invalid request: params must be a list'],
  [subscribe(1), 2, 'Invalid request: a stream must be a text; given: 1'],
  [subscribe(null), 2, 'Invalid request: a stream must be a text; given: null'],
  [subscribe(['btcusdt@trade']), 2, 'Invalid request: a stream must be a text'],
  [subscribe('btcusdt@trade', {}), 2, 'Invalid request: a stream must be a text'],
  [subscribe(''), 2, 'Invalid request: invalid stream ""'],
  [subscribe('btcusdt'), 2, 'Invalid request: invalid stream "btcusdt"'],
  [subscribe('@trade'), 2, 'Invalid request: invalid stream'],
  [subscribe('btcusdt@'), 2, 'Invalid request: invalid stream'],
  [subscribe('btcusdt@trades'), 2, 'Invalid request: invalid stream'],
  [subscribe('btcusdt@@trade'), 2, 'Invalid request: invalid stream'],
  [subscribe('BTCUSDT@trade'), 2, 'Invalid request: invalid stream "BTCUSDT@trade"'],
  [subscribe('zork@trade'), 2, 'Invalid request: invalid stream "zork@trade"'],
  [subscribe('^@trade'), 2, 'Invalid request: invalid stream'],
  [subscribe('orbx@trade'), 2, 'Invalid request: invalid stream'],
  [subscribe('btcusdt@kline'), 2, 'Invalid request: invalid stream'],
  [subscribe('btcusdt@kline_'), 2, 'Invalid request: invalid stream'],
  [subscribe('btcusdt@kline_7m'), 2, 'Invalid request: invalid stream'],
  [subscribe('btcusdt@kline_1MO'), 2, 'Invalid request: invalid stream'],
  [subscribe('btcusdt@kline_1s'), 2, 'Invalid request: invalid stream'],
  [subscribe('btcusdt@kline_1m@+09:00'), 2, 'Invalid request: invalid stream'],
  [subscribe('btcusdt@kline_1m@+08:00@+08:00'), 2, 'Invalid request: invalid stream'],
  [subscribe('btcusdt@depth1'), 2, 'Invalid request: invalid stream'],
  [subscribe('btcusdt@depth50'), 2, 'Invalid request: invalid stream'],
  [subscribe('btcusdt@depth@250ms'), 2, 'Invalid request: invalid stream'],
  [subscribe('btcusdt@depth@100'), 2, 'Invalid request: invalid stream'],
  [subscribe('btcusdt@depth020'), 2, 'Invalid request: invalid stream'],
  [subscribe('btcusdt@markPrice'), 2, 'Invalid request: invalid stream'],
  [subscribe('!userData@arr'), 2, 'Invalid request: invalid stream'],
  [subscribe('!ticker@arr'), 2, 'Invalid request: invalid stream'],
  [subscribe('!miniTicker'), 2, 'Invalid request: invalid stream'],
  [subscribe('btcusdt@ticker_2h'), 2, 'Invalid request: invalid stream'],
  [subscribe(`btcusdt@${'x'.repeat(3000)}`), 2, 'Invalid request: invalid stream'],
  [{ method: 'GET_PROPERTY', params: [] }, 2, 'Invalid request: property name must be a string'],
  [{ method: 'GET_PROPERTY', params: [1] }, 2, 'Invalid request: property name must be a string'],
  [{ method: 'GET_PROPERTY', params: ['raw'] }, 0, 'Unknown property: raw'],
  [{ method: 'GET_PROPERTY', params: ['combined', true] }, 2, 'Invalid request: too many'],
  [{ method: 'SET_PROPERTY', params: ['raw', true] }, 0, 'Unknown property: raw'],
  [{ method: 'SET_PROPERTY', params: ['combined'] }, 1, 'Invalid value type: expected Boolean'],
  [{ method: 'SET_PROPERTY', params: ['combined', 'true'] }, 1, 'Invalid value type'],
  [{ method: 'SET_PROPERTY', params: ['combined', 1] }, 1, 'Invalid value type'],
  [{ method: 'SET_PROPERTY', params: ['combined', true, 1] }, 2, 'Invalid request: too many'],
];

const IDS = [1.5, true, [], {}, 'x'.repeat(37), 1e300] as const;

describe('a message that is wrong', () => {
  it.each(MESSAGES)('is told so by its number: %j', async (message, code, msg) => {
    const { answer } = await client.ask(message as object);
    const id = idOf(message);
    expect(Object.keys(answer)).toEqual(id === undefined ? ['error'] : ['error', 'id']);
    expect(answer.error.code).toBe(code);
    expect(answer.error.msg.slice(0, msg.length)).toBe(msg);
    expect(answer.error.msg.length).toBeLessThan(4000);
    expect(answer.id).toBe(id);
  });

  it.each(IDS)('has an id that cannot be: %j', async (id) => {
    const { answer } = await client.ask({ method: 'LIST_SUBSCRIPTIONS', id });
    expect(answer).toEqual({
      error: { code: 2, msg: expect.stringMatching(/^Invalid request: request ID must be/) },
    });
  });

  it('changes nothing of what is followed', async () => {
    const { answer } = await client.ask({ method: 'LIST_SUBSCRIPTIONS', id: 'end' });
    expect(answer).toEqual({ result: [], id: 'end' });
  });

  it('is refused with the number of those that come too often, then the client is closed', async () => {
    const hurried = await startTestServer({
      spec: SPEC,
      limits: { messagesPerSecond: 1, messagesBurst: 2, refusalsBurst: 3 },
    });
    const fast = new StreamClient(hurried, '/stream');
    await fast.socket.opened;
    for (const n of [1, 2]) {
      const { answer } = await fast.ask({ method: 'LIST_SUBSCRIPTIONS', id: n });
      expect(answer).toEqual({ result: [], id: n });
    }
    for (const n of [3, 4, 5]) {
      const { answer } = await fast.ask({ method: 'LIST_SUBSCRIPTIONS', id: n });
      expect(answer).toMatchObject({ error: { code: -1003 }, id: n });
    }
    fast.socket.send({ method: 'LIST_SUBSCRIPTIONS', id: 6 });
    expect((await fast.socket.closed).code).toBe(4005);
    await hurried.stop();
  });
});

/** The id by which a wrong message is answered: of those that can be read, null if they have none. */
function idOf(message: unknown): unknown {
  if (message instanceof Uint8Array) return undefined;
  if (typeof message === 'object') return (message as { id?: unknown }).id ?? null;
  return undefined;
}

const HEAD = [
  ...['host: localhost', 'connection: upgrade', 'upgrade: websocket'],
  ...['sec-websocket-version: 13', 'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==', '', ''],
];

describe('a connection that is wrong', () => {
  it.each([
    ['/ws?timeUnit=NANOSECOND', 400, -1130],
    ['/stream?timeUnit=7&streams=btcusdt@trade', 400, -1130],
    ['/ws/btcusdt@trade?timeUnit=%ff%', 101, 0],
    ['/ws/%ff', 404, -1020],
    ['/stream/btcusdt@trade', 404, -1020],
    ['/ws/%80/btcusdt@trade', 404, -1020],
  ])('is refused in the words of its protocol: %s', async (path, status, code) => {
    const answer = await refusal([`GET ${path} HTTP/1.1`, ...HEAD]);
    expect(answer.status).toBe(status);
    if (status !== 101) expect(answer.body.code).toBe(code);
  });

  it.each([
    ['connection: close', 426],
    ['upgrade: h2c', 426],
    ['sec-websocket-version: 8', 426],
    ['sec-websocket-key: short', 400],
    ['host: evil.example.com', 421],
    ['origin: http://evil.example.com', 403],
  ])('is refused for its head: %s', async (line, status) => {
    const [name] = line.split(':');
    const head = HEAD.filter((one) => !one.startsWith(`${name}:`));
    const answer = await refusal(['GET /ws HTTP/1.1', line, ...head]);
    expect(answer.status).toBe(status);
    expect(answer.body).toEqual({ code: expect.any(Number), msg: expect.any(String) });
  });
});

/** The answer to a request; what is taken in is not heard any further. */
async function refusal(lines: readonly string[]) {
  const taken = lines[0]!.includes('%ff%');
  if (taken) {
    const other = new StreamClient(server, lines[0]!.split(' ')[1]!);
    await other.socket.opened;
    await other.close();
    return { status: 101, body: {} };
  }
  const text = await server.raw(lines.join('\r\n'));
  const [head = '', body = ''] = text.split('\r\n\r\n');
  return { status: Number(head.split(' ')[1]), body: JSON.parse(body) };
}

describe('a message that is long', () => {
  it('is taken while it may name streams, and no longer', async () => {
    const limits = { ...UNHURRIED, maxBinanceStreams: 300 };
    const wide = await startTestServer({ spec: { count: 300 }, rows: 10, limits });
    const { json } = await wide.get('/api/v3/ticker/price');
    const params = json.map(({ symbol }: { symbol: string }) => {
      return `${symbol.toLowerCase()}@bookTicker`;
    });
    const follower = new StreamClient(wide, '/ws');
    await follower.socket.opened;
    const asked = { method: 'SUBSCRIBE', params, id: 7 };
    expect(JSON.stringify(asked).length).toBeGreaterThan(4096);
    expect((await follower.ask(asked)).answer).toEqual({ result: null, id: 7 });
    const { answer } = await follower.ask({ method: 'LIST_SUBSCRIPTIONS', id: 8 });
    expect(answer.result).toEqual(params);
    follower.socket.send('x'.repeat(4096 + 48 * 300 + 1));
    expect((await follower.socket.closed).code).toBe(1009);
    await wide.stop();
  });
});
