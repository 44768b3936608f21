import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bodyOf, READERS, textOf } from '../helpers/bodies.ts';
import { expectError } from '../helpers/sentence.ts';
import { INTERVAL, ORIGIN, startTestServer, type TestServer } from '../helpers/server.ts';

/** The newest candle of a second is half done. */
const ROWS = 2_050;
const HEAD = ORIGIN + (ROWS - 1) * INTERVAL;
const IMMUTABLE = 'public, max-age=31536000, immutable';
const FORMATS = ['json', 'csv', 'ndjson', 'arrow', 'bin'] as const;
const CANDLE = 'symbol=ticker_0&resolution=1s';
const OVER = `since=${ORIGIN}&until=${ORIGIN + 500 * INTERVAL}`;

/** A server that only answers: its head stands still. */
let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ rows: ROWS });
});

afterAll(async () => {
  await server.stop();
  expect(server.failures).toEqual([]);
});

const etagOf = async (from: TestServer, path: string, init?: RequestInit) =>
  (await bodyOf(from, path, init)).headers.get('etag');

/** Answers that have a tag, and whether they are of what is over. */
const TAGGED: [string, boolean][] = [
  ...FORMATS.flatMap((format): [string, boolean][] => [
    [`/v1/rows?last=7&format=${format}`, false],
    [`/v1/rows?since=now&format=${format}`, false],
    [`/v1/rows?${OVER}&format=${format}`, true],
  ]),
  ...FORMATS.slice(0, 4).flatMap((format): [string, boolean][] => [
    [`/v1/candles?${CANDLE}&last=3&format=${format}`, false],
    [`/v1/candles?${CANDLE}&from=${ORIGIN}&count=3&format=${format}`, true],
  ]),
  ...FORMATS.slice(0, 4).flatMap((format): [string, boolean][] => [
    [`/v1/trades?symbol=ticker_0&last=3&format=${format}`, false],
    [`/v1/trades?symbol=ticker_0&${OVER}&format=${format}`, true],
  ]),
  ...FORMATS.slice(0, 3).flatMap((format): [string, boolean][] => [
    [`/v1/depth?symbol=ticker_0&format=${format}`, false],
    [`/v1/depth?symbol=ticker_0&format=${format}&at=${ORIGIN}&levels=7`, true],
  ]),
  ...FORMATS.slice(0, 3).flatMap((format): [string, boolean][] => [
    [`/v1/faults?faults=drop@9%25&since=${ORIGIN}&format=${format}`, false],
    [`/v1/faults?faults=drop@9%25&since=now&until=2027-01-01&format=${format}`, false],
    [`/v1/faults?faults=drop@9%25&${OVER}&format=${format}`, true],
  ]),
  ['/v1/sparklines', false],
];

describe('a tag', () => {
  it.each(TAGGED)('of %s is weak, and 304 for whoever has it', async (path) => {
    const { headers, status } = await bodyOf(server, path);
    const etag = headers.get('etag')!;
    expect(status).toBe(200);
    expect(etag).toMatch(/^W\/"[\w-]{22}"$/);

    const again = await bodyOf(server, path, { headers: { 'if-none-match': etag } });
    expect(again.status).toBe(304);
    expect(again.bytes).toHaveLength(0);
    for (const name of ['etag', 'cache-control', 'vary', 'access-control-allow-origin']) {
      expect(again.headers.get(name), name).toBe(headers.get(name));
      expect(again.headers.get(name), name).not.toBe(null);
    }
    expect(again.headers.get('content-type')).toBe(null);
  });

  const KNOWN: [string, (etag: string) => string, number][] = [
    ['itself', (etag) => etag, 304],
    ['itself as a strong one', (etag) => etag.slice(2), 304],
    ['any', () => '*', 304],
    ['any, with spaces', () => ' * ', 304],
    ['a list with it last', (etag) => `"a", W/"b",${etag}`, 304],
    ['a list with it first', (etag) => `${etag} , "a"`, 304],
    ['a list without it', () => '"a", W/"b"', 200],
    ['another', () => 'W/"AAAAAAAAAAAAAAAAAAAAAA"', 200],
    ['a part of it', (etag) => `${etag.slice(0, -3)}"`, 200],
    ['it without quotes', (etag) => etag.slice(3, -1), 200],
    ['a star among others', () => '"a", *', 200],
    ['a star in quotes', () => '"*"', 200],
    ['nothing', () => '', 200],
    ['a broken one', () => 'W/"', 200],
    ['very many', () => Array(800).fill('"xxxxxxxx"').join(','), 200],
  ];
  it.each(KNOWN)('is asked about as %s', async (_, text, status) => {
    const path = '/v1/rows?last=3';
    const etag = (await etagOf(server, path))!;
    const answer = await server.get(path, { headers: { 'if-none-match': text(etag) } });
    expect(answer.status).toBe(status);
    expect(answer.text.length > 0).toBe(status === 200);
  });

  it('is another for every other answer', async () => {
    const paths = [
      ...TAGGED.map(([path]) => path),
      '/v1/rows?last=8',
      '/v1/rows?last=7&symbols=ticker_0',
      '/v1/rows?last=7&symbols=ticker_1',
      '/v1/rows?last=7&symbols=ticker_0,ticker_1',
      '/v1/rows?last=7&symbols=ticker_1,ticker_0',
      `/v1/rows?${OVER}&limit=3`,
      // The same rows as those that are over, with the head.
      `/v1/rows?since=${ORIGIN}&limit=500`,
      `/v1/candles?${CANDLE}&last=4`,
      `/v1/candles?symbol=ticker_1&resolution=1s&last=3`,
      `/v1/candles?symbol=ticker_0&resolution=2s&last=3`,
      '/v1/trades?symbol=ticker_1&last=3',
      '/v1/trades?symbol=ticker_0&last=4',
      `/v1/faults?faults=drop@8%25&${OVER}`,
      `/v1/faults?faults=drop@9%25&faultSeed=2&${OVER}`,
      `/v1/faults?faults=drop@9%25&symbols=ticker_1&${OVER}`,
      `/v1/faults?faults=drop@9%25&limit=2&${OVER}`,
      `/v1/faults?faults=drop@9%25&time=iso&${OVER}`,
      '/v1/sparklines?points=2',
      '/v1/sparklines?points=2&span=1000',
      '/v1/sparklines?points=2&symbols=ticker_0',
    ];
    const etags = await Promise.all(paths.map((path) => etagOf(server, path)));
    expect(new Set(etags).size).toBe(paths.length);
  });

  it('is the same however the same is asked for', async () => {
    const symbols = 'ticker_0,ticker_1,ticker_2';
    for (const paths of [
      [`/v1/rows?last=7`, `/v1/rows?last=7&symbols=${symbols}`, '/v1/rows?last=7&symbols=*'],
      ['/v1/rows?last=7', `/v1/rows?since=${HEAD - 7 * INTERVAL}`, '/v1/rows?last=7&format=json'],
      [`/v1/candles?${CANDLE}&last=1`, `/v1/candles?${CANDLE}&from=${HEAD}&count=1`],
    ]) {
      const etags = await Promise.all(paths.map((path) => etagOf(server, path)));
      expect(new Set(etags).size).toBe(1);
    }
    const named = await etagOf(server, '/v1/rows?last=7&format=csv');
    const headers = { accept: 'text/csv' };
    expect(await etagOf(server, '/v1/rows?last=7', { headers })).toBe(named);
  });

  it('changes when the answer does, and only then', async () => {
    const own = await startTestServer({ rows: ROWS });
    const paths = TAGGED.map(([path]) => path);
    const look = () => Promise.all(paths.map((path) => bodyOf(own, path)));
    const before = await look();
    own.clock.pass(INTERVAL);
    await expect.poll(() => own.server.feed.head).toBe(ROWS + 1);
    const after = await look();
    await own.stop();

    for (const [n, [path, isFinal]] of TAGGED.entries()) {
      const [old, now] = [before[n], after[n]].map(({ headers }) => headers.get('etag'));
      expect(now === old, path).toBe(isFinal);
      if (isFinal) expect(after[n].bytes, path).toEqual(before[n].bytes);
    }
  });

  it('is the same from another server of the same market that is further ahead', async () => {
    const replica = await startTestServer({ rows: ROWS + 100, spec: { capacity: 7 } });
    for (const [path, isFinal] of TAGGED) {
      const [here, there] = await Promise.all([bodyOf(server, path), bodyOf(replica, path)]);
      const [a, b] = [here, there].map(({ headers }) => headers.get('etag'));
      expect(a === b, path).toBe(isFinal);
      if (isFinal) expect(there.bytes, path).toEqual(here.bytes);
    }
    await replica.stop();
  });

  it('of another market is another', async () => {
    const other = await startTestServer({ rows: ROWS, spec: { seed: 8 } });
    for (const [path] of TAGGED) {
      expect(await etagOf(other, path)).not.toBe(await etagOf(server, path));
    }
    await other.stop();
  });

  it('that is known costs a request and no work', async () => {
    // A million prices cost more than 60 million, a request a tenth of one.
    const limits = { workPerSecond: 1, workBurst: 75_000_000 };
    const spec = { count: 50, capacity: 10 };
    const poor = await startTestServer({ rows: 20_000, spec, limits });
    const path = `/v1/rows?since=${ORIGIN - INTERVAL}&limit=20000`;
    // To compress it would cost more than to make it.
    const plain = await poor.get(path, { headers: { 'accept-encoding': 'identity' } });
    const etag = plain.headers.get('etag')!;
    for (let n = 0; n < 10; n++) {
      const { status } = await poor.get(path, { headers: { 'if-none-match': etag } });
      expect(status).toBe(304);
    }
    expectError(await poor.get(`${path}&format=csv`), 'rate_limited', {
      retryAfterMs: expect.any(Number),
    });
    await poor.stop();
  });

  it('and what may be kept for ever do not stand on an error', async () => {
    const limits = { workPerSecond: 1, workBurst: 150_000 };
    const poor = await startTestServer({ rows: ROWS, limits });
    const path = `/v1/rows?${OVER}&market=${poor.market.id}`;
    const answers = [await poor.get(path), await poor.get(path)];
    await poor.stop();

    const refused = answers.find(({ status }) => status === 429)!;
    expectError(refused, 'rate_limited', { retryAfterMs: expect.any(Number) });
    expect(refused.headers.get('etag')).toBe(null);
    expect(refused.headers.get('cache-control') ?? '').not.toContain('immutable');
  });

  it('is none on /v1/market, whose now is another each time', async () => {
    const { headers, status } = await server.get('/v1/market', {
      headers: { 'if-none-match': '*' },
    });
    expect(status).toBe(200);
    expect(headers.get('etag')).toBe(null);
    expect(headers.get('cache-control')).toBe('no-cache');
  });
});

describe('what is over', () => {
  it.each(TAGGED)('%s is immutable: %s, if the market is named', async (path, isFinal) => {
    const named = `${path}${path.includes('?') ? '&' : '?'}market=${server.market.id}`;
    const { headers } = await bodyOf(server, named);
    expect(headers.get('cache-control')).toBe(isFinal ? IMMUTABLE : 'no-cache');

    const etag = headers.get('etag')!;
    const again = await bodyOf(server, named, { headers: { 'if-none-match': etag } });
    expect(again.status).toBe(304);
    expect(again.headers.get('cache-control')).toBe(isFinal ? IMMUTABLE : 'no-cache');
    const { headers: unnamed } = await bodyOf(server, path);
    expect(unnamed.get('cache-control')).toBe('no-cache');
  });

  it.each(FORMATS)('as %s does not say where the head is', async (format) => {
    const path = `/v1/rows?${OVER}&format=${format}`;
    const { headers } = await bodyOf(server, path);
    expect(headers.get('tickwell-head')).toBe(null);
    expect(headers.get('access-control-expose-headers') ?? '').not.toContain('head');
  });
});

describe('a compressed answer', () => {
  it.each([
    ...FORMATS.map((format) => [`/v1/rows?since=${ORIGIN}&format=${format}`, format] as const),
    ...FORMATS.slice(0, 4).map(
      (format) =>
        [`/v1/candles?symbol=ticker_0&resolution=10ms&last=900&format=${format}`, format] as const,
    ),
  ])('of %s says the same', async (path, format) => {
    const plain = await bodyOf(server, path, { headers: { 'accept-encoding': 'identity' } });
    expect(plain.headers.get('content-encoding')).toBe(null);
    expect(plain.headers.get('content-length')).toBe(String(plain.bytes.byteLength));
    for (const encoding of ['gzip', 'br', 'deflate']) {
      const small = await bodyOf(server, path, { headers: { 'accept-encoding': encoding } });
      expect(small.headers.get('content-encoding')).toBe(encoding);
      expect(small.bytes).toEqual(plain.bytes);
      expect(READERS[format](small)).toEqual(READERS[format](plain));
      for (const name of ['etag', 'content-type', 'vary', 'cache-control']) {
        expect(small.headers.get(name), name).toBe(plain.headers.get(name));
      }
      const etag = small.headers.get('etag')!;
      const headers = { 'accept-encoding': encoding, 'if-none-match': etag };
      expect((await bodyOf(server, path, { headers })).status).toBe(304);
    }
  });
});

describe('HEAD', () => {
  it.each([...TAGGED, [`/v1/rows?since=${ORIGIN}&format=csv`, false] as const])(
    '%s has the headers of GET and no body',
    async (path) => {
      const headers = { 'accept-encoding': 'identity' };
      const get = await bodyOf(server, path, { headers });
      const head = await bodyOf(server, path, { method: 'HEAD', headers });
      expect(head.status).toBe(200);
      expect(textOf(head)).toBe('');
      const listed = (from: Headers) =>
        [...from].filter(([name]) => !['date', 'connection', 'keep-alive'].includes(name)).sort();
      expect(listed(head.headers)).toEqual(listed(get.headers));

      const etag = get.headers.get('etag')!;
      const known = await bodyOf(server, path, {
        method: 'HEAD',
        headers: { 'if-none-match': etag },
      });
      expect(known.status).toBe(304);
    },
  );
});

describe('/v1/stream without an upgrade', () => {
  it.each(['GET', 'HEAD'])('is upgrade_required to %s', async (method) => {
    const raw = await server.raw(
      `${method} /v1/stream HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`,
    );
    expect(raw).toMatch(/^HTTP\/1\.1 426 /);
    expect(raw).toMatch(/^upgrade: websocket\r$/im);
  });

  it('is an error like any other', async () => {
    const answer = await server.get('/v1/stream');
    expectError(answer, 'upgrade_required');
    expect(answer.json.error.message).toBe(
      '/v1/stream must be opened as a WebSocket; given: GET without upgrade',
    );
    expect(answer.headers.get('upgrade')).toBe('websocket');
  });
});

describe('answers that were made', () => {
  const metric = async (from: TestServer, name: string) => {
    const { text } = await from.get('/metrics');
    return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  };

  it('are given again without being made, whoever names the market or not, in each format', async () => {
    const own = await startTestServer({ rows: ROWS });
    const made = () => metric(own, 'tickwell_answers_reused_total');
    for (const format of FORMATS) {
      const path = `/v1/rows?${OVER}&format=${format}`;
      const first = await bodyOf(own, path);
      const before = await made();
      const again = await bodyOf(own, `${path}&market=${own.market.id}`);
      expect(await made()).toBe(before + 1);
      expect(again.bytes).toEqual(first.bytes);
      expect(again.headers.get('tickwell-until')).toBe(first.headers.get('tickwell-until'));
    }
    expect(await metric(own, 'tickwell_answers_kept_bytes')).toBeGreaterThan(5 * 1024);
    await own.stop();
  });

  it('are made again for each who asks, if nothing may be kept', async () => {
    const own = await startTestServer({ rows: ROWS, cacheMb: 0 });
    for (let n = 0; n < 2; n++) await bodyOf(own, `/v1/rows?${OVER}`);
    expect(await metric(own, 'tickwell_answers_reused_total')).toBe(0);
    await own.stop();
  });

  it('at the head are those of the head there is', async () => {
    const own = await startTestServer({ rows: ROWS });
    const newest = async () => (await own.get('/v1/rows?last=1')).json.until;
    const before = await newest();
    own.clock.pass(5 * INTERVAL);
    await expect.poll(newest).toBe(before + 5 * INTERVAL);
    await own.stop();
  });

  it('are made once for all who ask at once, and not to the end if all of them leave', async () => {
    const rows = 40_000_000;
    const nowMs = ORIGIN + (rows - 1) * INTERVAL;
    const own = await startTestServer({
      spec: { defaults: { model: 'market' } },
      clock: { nowMs: () => nowMs, steadyMs: () => performance.now() },
    });
    // Seconds of work: all the rows there are.
    const path = '/v1/candles?symbol=ticker_0&resolution=1h&last=200';
    const reused = () => metric(own, 'tickwell_answers_reused_total');
    const ask = (count: number) => {
      const leaving = new AbortController();
      const asked = Array.from({ length: count }, () =>
        fetch(own.server.url + path, { signal: leaving.signal }),
      );
      return async () => {
        leaving.abort();
        const ends = await Promise.allSettled(asked);
        expect(ends.map(({ status }) => status)).toEqual(ends.map(() => 'rejected'));
      };
    };
    const leave = ask(3);
    await expect.poll(reused).toBe(2);
    await leave();
    // It is begun anew: who asked while it still went on would have shared it.
    const again = async () => {
      const before = await reused();
      const leaveAgain = ask(1);
      await new Promise((done) => setTimeout(done, 50));
      const shared = (await reused()) - before;
      await leaveAgain();
      return shared;
    };
    await expect.poll(again).toBe(0);
    expect(own.failures).toEqual([]);
    await own.stop();
  });
});
