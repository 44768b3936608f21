import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer, UNHURRIED } from '../../helpers/server.ts';

const MINUTE = 60_000;
const ORIGIN = Date.UTC(2026, 0, 5, 7, 20);
const ROWS = 20_000;
const SPEC = {
  ...{ origin: ORIGIN, interval: MINUTE, capacity: 2000, count: undefined },
  instruments: [{ symbol: 'ACME', assetClass: 'stock' }, { symbol: 'orb.x' }, { symbol: '^' }],
};

let server: TestServer;

beforeAll(async () => {
  const limits = { ...UNHURRIED, workBurst: 1e15, maxUdfBars: 3000 };
  server = await startTestServer({ spec: SPEC, rows: ROWS, limits });
});

afterAll(async () => {
  await server.stop();
  expect(server.failures).toEqual([]);
});

const seconds = (row: number) => Math.floor((ORIGIN + row * MINUTE) / 1000);
const to = seconds(900);
const bars = (query: string) => `/udf/history?symbol=ACME&resolution=1&to=${to}${query}`;

/** What is asked for, and a part of what is said of it. */
const WRONG: readonly (readonly [path: string, sentence: string])[] = [
  // Of the symbol.
  ['/udf/history', 'symbol must be given; given: ""'],
  ['/udf/history?', 'symbol must be given; given: ""'],
  ['/udf/history?symbol', 'symbol must be given; given: ""'],
  ['/udf/history?symbol=', 'symbol must be given; given: ""'],
  ['/udf/history?symbol[]=ACME', 'symbol must be given; given: ""'],
  ['/udf/history?Symbol=ACME', 'symbol must be given; given: ""'],
  ['/udf/history?symbol=ACME&symbol=ACME', 'symbol must be given once'],
  ['/udf/history?symbol=acme&resolution=1&to=5', 'unknown_symbol'],
  ['/udf/history?symbol=+ACME&resolution=1&to=5', 'unknown_symbol'],
  ['/udf/history?symbol=NYSE:ACME&resolution=1&to=5', 'unknown_symbol'],
  ['/udf/history?symbol=TICKWELL:&resolution=1&to=5', 'unknown_symbol'],
  ['/udf/history?symbol=TICKWELL:TICKWELL:ACME&resolution=1&to=5', 'unknown_symbol'],
  ['/udf/history?symbol=tickwell:ACME&resolution=1&to=5', 'unknown_symbol'],
  ['/udf/history?symbol=%5E&resolution=1&to=5', 'unknown_symbol'],
  ['/udf/history?symbol=%00&resolution=1&to=5', 'unknown_symbol'],
  ['/udf/history?symbol=__proto__&resolution=1&to=5', 'unknown_symbol'],
  ['/udf/history?symbol=%F0%9F%92%A9&resolution=1&to=5', 'unknown_symbol'],
  [`/udf/history?symbol=${'A'.repeat(3000)}&resolution=1&to=5`, 'unknown_symbol'],
  // Of the width.
  ['/udf/history?symbol=ACME&to=5', 'resolution must be given; given: ""'],
  ['/udf/history?symbol=ACME&resolution=&to=5', 'resolution must be given; given: ""'],
  ['/udf/history?symbol=ACME&resolution=1m&to=5', 'resolution must be minutes such as 5'],
  ['/udf/history?symbol=ACME&resolution=1h&to=5', 'resolution must be minutes such as 5'],
  ['/udf/history?symbol=ACME&resolution=0&to=5', 'resolution must be minutes such as 5'],
  ['/udf/history?symbol=ACME&resolution=-5&to=5', 'resolution must be minutes such as 5'],
  ['/udf/history?symbol=ACME&resolution=1.5&to=5', 'resolution must be minutes such as 5'],
  ['/udf/history?symbol=ACME&resolution=0x5&to=5', 'resolution must be minutes such as 5'],
  ['/udf/history?symbol=ACME&resolution=d&to=5', 'resolution must be minutes such as 5'],
  ['/udf/history?symbol=ACME&resolution=1d&to=5', 'resolution must be minutes such as 5'],
  ['/udf/history?symbol=ACME&resolution=DD&to=5', 'resolution must be minutes such as 5'],
  ['/udf/history?symbol=ACME&resolution=D1&to=5', 'resolution must be minutes such as 5'],
  ['/udf/history?symbol=ACME&resolution=1Y&to=5', 'resolution must be minutes such as 5'],
  ['/udf/history?symbol=ACME&resolution=1%0A&to=5', 'resolution must be minutes such as 5'],
  ['/udf/history?symbol=ACME&resolution=9999999&to=5', 'resolution must be minutes such as 5'],
  ['/udf/history?symbol=ACME&resolution=9999999W&to=5', 'resolution must be minutes'],
  ['/udf/history?symbol=ACME&resolution=999W&to=5', 'resolution must be minutes'],
  ['/udf/history?symbol=ACME&resolution=1&resolution=5&to=5', 'resolution must be given once'],
  ['/udf/history?symbol=ACME&resolution=1S&to=5', 'resolution must be at least 1m'],
  ['/udf/history?symbol=ACME&resolution=S&to=5', 'resolution must be at least 1m'],
  ['/udf/history?symbol=ACME&resolution=59S&to=5', 'resolution must be at least 1m'],
  // Of the range.
  ['/udf/history?symbol=ACME&resolution=1', 'to must be given; given: ""'],
  ['/udf/history?symbol=ACME&resolution=1&to=', 'to must be given; given: ""'],
  ['/udf/history?symbol=ACME&resolution=1&to=soon', 'to must be a whole number from'],
  ['/udf/history?symbol=ACME&resolution=1&to=1e9', 'to must be a whole number from'],
  ['/udf/history?symbol=ACME&resolution=1&to=12.5', 'to must be a whole number from'],
  ['/udf/history?symbol=ACME&resolution=1&to=NaN', 'to must be a whole number from'],
  ['/udf/history?symbol=ACME&resolution=1&to=2026-01-05', 'to must be a whole number from'],
  ['/udf/history?symbol=ACME&resolution=1&to=99999999999999', 'to must be a whole number from'],
  [`/udf/history?symbol=ACME&resolution=1&to=${to}&to=${to}`, 'to must be given once'],
  [bars(''), 'from must be given; given: ""'],
  [bars('&countback=0'), 'from must be given; given: ""'],
  [bars('&from=x'), 'from must be a whole number'],
  [bars('&from=-1e3'), 'from must be a whole number'],
  [bars('&from=1&from=2'), 'from must be given once'],
  [bars('&countback=-1'), 'countback must be a whole'],
  [bars('&countback=2.5'), 'countback must be a whole'],
  [bars('&countback=many'), 'countback must be a whole'],
  [bars('&countback=1e3'), 'countback must be a whole'],
  [bars('&countback=99999999999999999999'), 'countback must be a whole'],
  [bars('&countback=2&countback=3'), 'countback must be given once'],
  [
    `/udf/history?symbol=ACME&resolution=1&from=0&to=${seconds(ROWS)}`,
    'from and to must make at most 3000 bars; given: 20000',
  ],
  [
    `/udf/history?symbol=ACME&resolution=1&countback=9007199254740991&to=${seconds(ROWS)}`,
    'countback must make at most 3000 bars; given: 20000',
  ],
  // Of the rest.
  ['/udf/symbols', 'symbol must be given; given: ""'],
  ['/udf/symbols?symbol=', 'symbol must be given; given: ""'],
  ['/udf/symbols?symbol=NOPE', 'unknown_symbol'],
  ['/udf/symbols?symbol=ACME,ORBXUSDT', 'unknown_symbol'],
  ['/udf/symbols?symbol[]=NOPE', 'symbol must be given; given: ""'],
  ['/udf/symbols?symbol=A&symbol=B', 'symbol must be given once'],
  ['/udf/search?limit=many', 'limit must be a whole number from 0'],
  ['/udf/search?limit=-1', 'limit must be a whole number from 0'],
  ['/udf/search?query=a&query=b', 'query must be given once'],
  ['/udf/search?type=a&type=b', 'type must be given once'],
  ['/udf/search?exchange=a&exchange=b', 'exchange must be given once'],
  ['/udf/quotes', 'symbols must be given; given: ""'],
  ['/udf/quotes?symbols=', 'symbols must be given; given: ""'],
  ['/udf/quotes?symbols=A&symbols=B', 'symbols must be given once'],
  [`/udf/quotes?symbols=${'A,'.repeat(100)}A`, 'symbols must be at most 100; given: 101'],
  ['/udf/nothing', 'no such path "/udf/nothing"'],
  ['/udf', 'no such path "/udf"'],
  ['/udf/', 'no such path "/udf/"'],
  ['/udf/history/', 'no such path "/udf/history/"'],
  ['/udf/History', 'no such path "/udf/History"'],
  ['/udf/symbol_info?group=TICKWELL', 'no such path "/udf/symbol_info"'],
  ['/udf/history?symbol=%ff', ''],
];

describe('what is wrong', () => {
  it.each(WRONG)('%s is one sentence in its own form', async (path, sentence) => {
    const { json, status, headers } = await server.get(path);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(json).toEqual({
      s: 'error',
      errmsg: expect.stringContaining(sentence),
      ...(json.errmsg === 'unknown_symbol' ? { message: expect.stringMatching(/.{10}/) } : {}),
    });
    // The client reads bodies alone, in whatever page it stands.
    expect(headers.get('access-control-allow-origin')).toBe('*');
  });

  it('so is a path that is no text', async () => {
    const { json, status } = await server.get('/udf/%ff');
    expect(status).toBe(400);
    expect(json.s).toBe('error');
  });

  it.each(['POST', 'PUT', 'DELETE'])('so is %s', async (method) => {
    const { json, status } = await server.get('/udf/config', { method });
    expect(status).toBe(404);
    expect(json.s).toBe('error');
  });

  it('so is what cannot be paid, or comes too early', async () => {
    const limits = { ...UNHURRIED, workBurst: 2_000_000, workPerSecond: 1 };
    const poor = await startTestServer({ spec: SPEC, rows: 50, limits });
    const asked = '/udf/history?symbol=ACME&resolution=1&from=0&to=1999999999';
    let answer = await poor.get(asked);
    expect(answer.status).toBe(200);
    for (let n = 0; n < 20 && answer.status === 200; n++) answer = await poor.get(asked);
    expect(answer.status).toBe(429);
    expect(answer.json).toEqual({
      s: 'error',
      errmsg: expect.stringContaining('work for one'),
    });
    await poor.stop();
  });
});
