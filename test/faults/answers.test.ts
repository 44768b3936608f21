import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askAt, KEYS } from '../helpers/faulty-answers.ts';
import { ORIGIN, startTestServer, type TestServer, UNHURRIED } from '../helpers/server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({
    spec: {
      count: undefined,
      defaults: { model: 'market' },
      instruments: [
        { symbol: 'NIMBO', assetClass: 'stock' },
        { symbol: 'ACME' },
        { symbol: 'RARE' },
      ],
    },
    limits: { ...UNHURRIED, halfOpenMs: 1000 },
  });
});

afterAll(async () => {
  await server.stop();
  expect(server.failures).toEqual([]);
});

const ask = (target: string, method = 'GET', headers = {}) =>
  askAt(server.server.url + target, method, { ...KEYS, ...headers });

const healthyAt = (path: string) => server.get(path, { headers: KEYS });

const rowPath = `/v1/rows?symbols=*&since=${ORIGIN}&limit=20`;
const faulty = (profile: string, path: string) => `/faulty/${encodeURIComponent(profile)}:3${path}`;

/** A path of each protocol that has any, and what is in its errors. */
const PATHS = [
  ['tickwell', rowPath, '"code":'],
  ['udf', '/udf/quotes?symbols=NIMBO', '"errmsg":'],
  ['binance', '/api/v3/ticker/price', '"code":-'],
  ['alpaca', '/v2/stocks/quotes/latest?symbols=NIMBO', '"message":'],
] as const;

describe.each(PATHS)('answers of %s', (_, path, inErrors) => {
  it('say by which faults they come, and are kept by nobody', async () => {
    const healthy = await healthyAt(path);
    expect(healthy.status).toBe(200);
    expect(healthy.headers.get('tickwell-faults')).toBeNull();
    const { status, headers, body } = await ask(faulty('drop@100%', path));
    expect(status).toBe(200);
    expect(headers['tickwell-faults']).toBe('drop@100%;seed=3');
    expect(headers['access-control-expose-headers']).toContain('Tickwell-Faults');
    expect(headers['cache-control']).toBe('no-store');
    expect(headers.etag).toBeUndefined();
    // What is done to rows cannot be said by an answer.
    expect(body).toBe(healthy.text);
  });

  it.each([429, 500, 502, 503])('are errors with status %d instead', async (code) => {
    const { status, headers, body } = await ask(faulty(`status:${code}@100%`, path));
    expect(status).toBe(code);
    if (code === 502) expect(body).toContain('502 Bad Gateway');
    else expect(body).toContain(inErrors);
    const seconds = Number(headers['retry-after']);
    if (code === 429 || code === 503) expect([1, 2, 3, 4, 5]).toContain(seconds);
    else expect(seconds).toBeNaN();
  });

  it.each(['delay', 'stall', 'slow'])('are late under %s', async (kind) => {
    const { status, body, ms } = await ask(faulty(`${kind}:300ms@100%`, path));
    expect(ms).toBeGreaterThanOrEqual(299);
    expect(status).toBe(200);
    expect(body).toBe((await healthyAt(path)).text);
  });

  it('end in their middle under truncate, in order, and by a reset under cut', async () => {
    const { text } = await healthyAt(path);
    const truncated = await ask(faulty('truncate@100%', path));
    expect(truncated).toMatchObject({ status: 200, problem: 'aborted' });
    expect(truncated.body).toBe(text.slice(0, text.length >> 1));
    const cut = await ask(faulty('cut@100%', path));
    expect(cut.problem).toMatch(/aborted|ECONNRESET|hang up/);
    expect(text.startsWith(cut.body)).toBe(true);
    expect(cut.body.length).toBeLessThanOrEqual(text.length >> 1);
  });

  it('never come under close, and under halfopen until that has an end', async () => {
    const closed = await ask(faulty('close:1012@100%', path));
    expect(closed).toMatchObject({ problem: 'socket hang up', body: '' });
    expect(closed.ms).toBeLessThan(900);
    const halfOpen = await ask(faulty('halfopen@100%', path));
    expect(halfOpen.problem).toMatch(/ECONNRESET|hang up/);
    expect(halfOpen.ms).toBeGreaterThanOrEqual(999);
  });

  it('are no JSON under garbage, or half of it, and whole as answers go', async () => {
    const { text } = await healthyAt(path);
    const half = await ask(faulty('garbage:half@100%', path));
    expect(half.problem).toBeUndefined();
    expect(half).toMatchObject({ status: 200, body: text.slice(0, text.length >> 1) });
    const garbage = await ask(faulty('garbage:text@100%', path));
    expect(garbage.problem).toBeUndefined();
    expect(garbage.status).toBe(200);
    expect(garbage.body).not.toBe('');
    expect(text).not.toContain(garbage.body);
  });

  it('come at a pace under throttle', async () => {
    const { text } = await healthyAt(path);
    const pace = Math.max(10, Math.round(text.length * 2));
    const { body, ms } = await ask(faulty(`throttle:${pace}B/s`, path));
    expect(body).toBe(text);
    expect(ms).toBeGreaterThan(350);
  });

  it('have no body for HEAD, whatever is done', async () => {
    const { status, body, problem } = await ask(
      faulty('truncate@100%,garbage@100%,throttle:1B/s', path),
      'HEAD',
    );
    expect({ status, body, problem }).toEqual({ status: 200, body: '', problem: undefined });
  });

  it('are errors where the profile is one, in the words of the protocol', async () => {
    const { status, body } = await ask(faulty('dorp@1%', path));
    expect(status).toBe(400);
    expect(body).toContain(inErrors);
    expect(body).toContain('did you mean');
  });
});

const threeSeconds = `resolution=1s&from=${ORIGIN}&count=3`;

/** Where answers have a price, and what it was. */
const PRICES = [
  ['/v1/latest?symbols=NIMBO,ACME', (json: Json) => [json[0].last]],
  ['/v1/latest?symbols=NIMBO&fields=ask,time&prices=ticks', (json: Json) => [json[0].ask]],
  [rowPath, (json: Json) => json.prices[2]],
  [`${rowPath}&fields=volume,bid,ask&prices=decimal`, (json: Json) => json.ask[1]],
  [`/v1/candles?symbol=ACME&${threeSeconds}`, (json: Json) => json.close],
  [`/v1/candles?symbols=RARE,ACME&${threeSeconds}&prices=decimal`, (json: Json) => json.close[1]],
  ['/v1/trades?symbol=ACME&limit=4&fromId=0', (json: Json) => json.price],
  ['/v1/depth?symbol=ACME&levels=3', (json: Json) => [json.bids[0][0]]],
  ['/v1/depth?symbol=ACME&levels=3&prices=decimal', (json: Json) => [json.asks[0][0]]],
  ['/v1/sparklines?symbols=*&points=5', (json: Json) => json.prices[0]],
  ['/udf/quotes?symbols=NIMBO', (json: Json) => [json.d[0].v.lp]],
  [
    '/udf/history?symbol=NIMBO&resolution=1S&from=0&to=9999999999&countback=3',
    (json: Json) => json.c,
  ],
  ['/api/v3/ticker/price?symbol=ACMEUSDT', (json: Json) => [json.price]],
  ['/api/v3/ticker/bookTicker?symbol=ACMEUSDT', (json: Json) => [json.bidPrice]],
  ['/api/v3/depth?symbol=ACMEUSDT&limit=5', (json: Json) => [json.asks[0][0]]],
  [
    '/api/v3/klines?symbol=ACMEUSDT&interval=1s&limit=3',
    (json: Json) => json.map((kline: Json) => kline[4]),
  ],
  ['/api/v3/ticker/price', (json: Json) => json.slice(-1).map((one: Json) => one.price)],
  ['/v2/stocks/quotes/latest?symbols=NIMBO', (json: Json) => [json.quotes.NIMBO.bp]],
  ['/v2/stocks/NIMBO/quotes/latest', (json: Json) => [json.quote.ap]],
] as const;

// biome-ignore lint/suspicious/noExplicitAny: each path has its own.
type Json = any;

describe.each(PRICES)('prices of %s', (path, pricesOf) => {
  it('are wrong where they are the newest', async () => {
    const healthy: unknown[] = pricesOf((await healthyAt(path)).json);
    const newest = healthy.at(-1);
    for (const [form, wrong] of [
      ['null', null],
      ['nan', 'NaN'],
      ['string', typeof newest === 'string' ? Number(newest) : String(newest)],
    ]) {
      const { body } = await ask(faulty(`corrupt:${form}@100%`, path));
      expect(pricesOf(JSON.parse(body))).toEqual([...healthy.slice(0, -1), wrong]);
    }
    for (const [form, expected] of [
      ['zero', 0],
      ['negative', -Number(newest)],
    ] as const) {
      const { body } = await ask(faulty(`corrupt:${form}@100%`, path));
      const prices = pricesOf(JSON.parse(body));
      expect(Number(prices.at(-1))).toBe(expected);
      expect(typeof prices.at(-1)).toBe(typeof newest);
    }
  });
});

describe('times of answers', () => {
  it.each([
    ['/v1/latest?symbols=NIMBO', (json: Json) => Date.parse(json[0].time)],
    ['/v1/latest?symbols=NIMBO&time=ms', (json: Json) => json[0].time],
    [rowPath, (json: Json) => json.until],
    [`${rowPath}&time=iso`, (json: Json) => Date.parse(json.until)],
    [`/v1/candles?symbol=ACME&${threeSeconds}`, (json: Json) => json.time.at(-1)],
    [`/v1/candles?symbols=ACME,RARE&${threeSeconds}`, (json: Json) => json.time.at(-1)],
    [`/v1/candles?symbols=ACME,RARE&${threeSeconds}`, (json: Json) => json.until],
    ['/v1/trades?symbol=ACME&limit=4&fromId=0', (json: Json) => json.time.at(-1)],
    ['/v1/depth?symbol=ACME', (json: Json) => json.time],
    ['/v1/sparklines?symbols=*&points=5', (json: Json) => json.time.at(-1)],
    ['/api/v3/time', (json: Json) => json.serverTime],
    ['/api/v3/klines?symbol=ACMEUSDT&interval=1s&limit=3', (json: Json) => json.at(-1)[0]],
    ['/v2/stocks/quotes/latest?symbols=NIMBO', (json: Json) => Date.parse(json.quotes.NIMBO.t)],
  ])('are off by what is decided: %s', async (path, timeOf) => {
    const right: number = timeOf((await healthyAt(path)).json);
    const { body } = await ask(faulty('skew:7s+behind@100%', path));
    expect(timeOf(JSON.parse(body))).toBe(right - 7000);
  });
});

describe('what an answer of our own says beside the newest', () => {
  it('is as it is, to the last digit of a time', async () => {
    const path = '/v1/trades?symbol=ACME&limit=4&fromId=0&time=iso';
    const right = (await healthyAt(path)).json;
    const { body } = await ask(faulty('skew:7s+ahead@100%,corrupt:zero@100%', path));
    const wrong = JSON.parse(body);
    const later = (time: string) => time.replace(/:(\d\d)\./, (_, s) => `:${pad(Number(s) + 7)}.`);
    expect(wrong).toEqual({
      ...right,
      time: [...right.time.slice(0, -1), later(right.time.at(-1))],
      price: [...right.price.slice(0, -1), 0],
    });
  });

  it.each(['csv', 'ndjson'])('is as it is in %s', async (format) => {
    const path = `${rowPath}&format=${format}`;
    const { body, headers } = await ask(faulty('skew:7s@100%,corrupt:zero@100%,stale@100%', path));
    expect(headers['tickwell-faults']).toBeDefined();
    expect(body).toBe((await healthyAt(path)).text);
  });
});

const pad = (n: number) => String(n).padStart(2, '0');

describe('a faulty answer', () => {
  it('is whole for who has it already, or would have it compressed', async () => {
    const { headers, text } = await healthyAt(rowPath);
    const { status, body } = await ask(faulty('drop@1%', rowPath), 'GET', {
      'if-none-match': headers.get('etag'),
      'accept-encoding': 'gzip',
    });
    expect(status).toBe(200);
    expect(body).toBe(text);
  });

  it('is let go of when its client leaves', async () => {
    const asked = request(server.server.url + faulty('slow:1h@100%', rowPath), { agent: false });
    asked.on('error', () => {});
    asked.end();
    await new Promise((resolve) => setTimeout(resolve, 100));
    asked.destroy();
    const { status } = await healthyAt(rowPath);
    expect(status).toBe(200);
  });

  it('is counted by kinds', async () => {
    await ask(faulty('status:500@100%', rowPath));
    const { text } = await server.get('/metrics');
    expect(text).toMatch(/tickwell_faults_total\{kind="status"\} [1-9]/);
  });

  it('is counted as what was done to it alone', async () => {
    const all = 'truncate@100%,throttle:1MB/s,garbage@100%,skew:1s@100%,corrupt@100%,stale@100%';
    const before = await counts();
    await ask(faulty(all, rowPath), 'HEAD');
    // It has no times, nor prices.
    await ask(faulty('skew:1s@100%,corrupt@100%', '/v1/market'));
    await ask(faulty('skew:1s@100%', '/api/v3/ticker/price'));
    // It ends before all else.
    await ask(faulty(`close@100%,slow:1ms@100%,${all}`, rowPath));
    const after = await counts();
    expect(differences(before, after)).toEqual({ close: 1, slow: 1 });
    await ask(faulty('corrupt:zero@100%,skew:1s@100%', rowPath));
    expect(differences(after, await counts())).toEqual({ corrupt: 3, skew: 1 });
  });
});

describe('what is never harmed', () => {
  it.each([
    '/healthz',
    '/readyz',
    '/metrics',
    '/v1/hello',
    '/v1/protocols',
    '/v1/control',
    '/openapi.json',
    '/asyncapi.json',
  ])('%s', async (path) => {
    const { status, headers, problem } = await ask(faulty('cut@100%,status@100%', path));
    const healthy = await healthyAt(path);
    expect(problem).toBeUndefined();
    expect(status).toBe(healthy.status);
    expect(headers['tickwell-faults']).toBeUndefined();
  });
});

/** What has been done so far, by kind. */
async function counts(): Promise<Map<string, number>> {
  const { text } = await server.get('/metrics');
  const lines = text.matchAll(/tickwell_faults_total\{kind="(\w+)"\} (\d+)/g);
  return new Map(Array.from(lines, ([, kind, count]) => [kind!, Number(count)]));
}

function differences(before: Map<string, number>, after: Map<string, number>) {
  const more = [...after].map(([kind, count]) => [kind, count - before.get(kind)!] as const);
  return Object.fromEntries(more.filter(([, count]) => count !== 0));
}
