import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pricesOf } from '../helpers/market.ts';
import { expectError } from '../helpers/sentence.ts';
import { INTERVAL, ORIGIN, SPEC, startTestServer, type TestServer } from '../helpers/server.ts';

/** More than a block, so that reads cross from one to the next. */
const ROWS = 17_000;
const HEAD = ORIGIN + (ROWS - 1) * INTERVAL;
const BEFORE = ORIGIN - INTERVAL;
const SYMBOLS = ['ticker_0', 'ticker_1', 'ticker_2'];

/** The server under test keeps few rows, so that most are regenerated. */
let server: TestServer;
/** Another of the same market that keeps them all, and is further ahead. */
let replica: TestServer;

beforeAll(async () => {
  server = await startTestServer({ rows: ROWS, spec: { capacity: 300 } });
  replica = await startTestServer({ rows: ROWS + 777, spec: { capacity: 100_000 } });
});

afterAll(async () => {
  await Promise.all([server.stop(), replica.stop()]);
  expect([...server.failures, ...replica.failures]).toEqual([]);
});

const index = (timeMs: number) => (timeMs - ORIGIN) / INTERVAL;
const anIndex = fc.integer({ min: -1, max: ROWS - 1 });
const someSymbols = fc.shuffledSubarray(SYMBOLS, { minLength: 1 });

/** Of pages that follow one another, again and again: one of them is large, so that they end. */
const someLimits = fc
  .tuple(
    fc.array(fc.integer({ min: 1, max: 9000 }), { maxLength: 3 }),
    fc.integer({ min: 1000, max: 9000 }),
  )
  .map(([some, large]) => [...some, large]);

describe('paging', () => {
  it('until -> since, with any limits, gives one unbroken sequence: that of one long read', () =>
    fc.assert(
      fc.asyncProperty(anIndex, someSymbols, someLimits, async (first, symbols, limits) => {
        const read: number[][] = symbols.map(() => []);
        let since = ORIGIN + first * INTERVAL;
        for (let page = 0; since < HEAD; page++) {
          const limit = limits[page % limits.length];
          const query = `symbols=${symbols}&since=${since}&limit=${limit}`;
          const { status, json } = await server.get(`/v1/rows?${query}`);
          expect(status).toBe(200);
          expect(json).toMatchObject({ since, head: HEAD, symbols });
          const rows = Math.min(limit, index(HEAD) - index(since));
          expect(json.until).toBe(since + rows * INTERVAL);
          json.prices.forEach((prices: number[], n: number) => {
            expect(prices).toHaveLength(rows);
            read[n].push(...prices);
          });
          since = json.until;
        }

        const whole = await server.get(
          `/v1/rows?symbols=${symbols}&since=${ORIGIN + first * INTERVAL}`,
        );
        symbols.forEach((symbol, n) => {
          const column = SYMBOLS.indexOf(symbol);
          // As text, which compares a hundred times faster.
          const expected = String(pricesOf(server.market, column, first + 1, ROWS));
          expect(String(read[n])).toBe(expected);
          expect(String(whole.json.prices[n])).toBe(expected);
        });
      }),
      { numRuns: 10 },
    ));

  it('at the head gives no rows, and the same cursor back', async () => {
    const { json } = await server.get(`/v1/rows?since=${HEAD}`);
    expect(json).toMatchObject({ since: HEAD, until: HEAD, head: HEAD, prices: [[], [], []] });
  });

  it('is cut at a million prices', async () => {
    const spec = { interval: 1, count: 200, capacity: 6000 };
    const wide = await startTestServer({ spec, rows: 6000 });
    const { json } = await wide.get(`/v1/rows?since=${ORIGIN - 1}`);
    const rest = await wide.get(`/v1/rows?since=${json.until}`);
    await wide.stop();

    expect(json.prices).toHaveLength(200);
    expect(json.prices[0]).toHaveLength(5000);
    expect(json.until).toBe(ORIGIN + 4999);
    expect(rest.json.until).toBe(ORIGIN + 5999);
  });
});

describe('the same range', () => {
  it('is the same bytes from the ring, regenerated, and from another server further ahead', () =>
    fc.assert(
      fc.asyncProperty(
        anIndex,
        anIndex,
        someSymbols,
        fc.boolean(),
        async (a, b, symbols, named) => {
          const [since, until] = [Math.min(a, b), Math.max(a, b)].map((n) => ORIGIN + n * INTERVAL);
          const market = named ? `&market=${server.market.id}` : '';
          const path = `/v1/rows?symbols=${symbols}&since=${since}&until=${until}${market}`;
          const [here, there] = await Promise.all([server.get(path), replica.get(path)]);

          expect(here.status).toBe(200);
          expect(there.text).toBe(here.text);
          expect(here.json.head).toBeUndefined();
          for (const { headers } of [here, there]) {
            const cache = headers.get('cache-control');
            if (named) expect(cache).toBe('public, max-age=31536000, immutable');
            else expect(cache).toBe('no-cache');
          }
        },
      ),
      { numRuns: 30 },
    ));

  it('may be named by RFC 3339 text in any zone', async () => {
    const plain = await server.get(`/v1/rows?since=${ORIGIN}&until=${ORIGIN + 1000}`);
    for (const [since, until] of [
      ['2026-01-05', '2026-01-05T00:00:01Z'],
      ['2026-01-05T00:00:00Z', '2026-01-05T00:00:01.000Z'],
      ['2026-01-05t02:00:00+02:00', '2026-01-04T19:00:01-05:00'],
    ].map((texts) => texts.map(encodeURIComponent))) {
      expect((await server.get(`/v1/rows?since=${since}&until=${until}`)).text).toBe(plain.text);
    }
  });

  it('is not kept for ever while it can still grow', async () => {
    const market = server.market.id;
    for (const query of [
      `since=${HEAD - INTERVAL}`,
      `since=${HEAD - INTERVAL}&until=${HEAD + INTERVAL}`,
      'since=now',
      `since=now&until=${HEAD}`,
      'last=3',
    ]) {
      const answer = await server.get(`/v1/rows?${query}&market=${market}`);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('cache-control')).toBe('no-cache');
    }
  });

  it('ends at the head if until lies after it, and says so', async () => {
    const { json } = await server.get(`/v1/rows?since=${HEAD - 50}&until=${HEAD + 10_000}`);
    expect(json).toMatchObject({ since: HEAD - 50, until: HEAD, head: HEAD });
  });
});

describe('since', () => {
  it('"now" is the head: nothing yet, and the cursor to go on with', async () => {
    const { json } = await server.get('/v1/rows?since=now');
    expect(json).toMatchObject({ since: HEAD, until: HEAD, prices: [[], [], []] });
  });

  it('one interval before the origin gives the first row', async () => {
    const { json } = await server.get(`/v1/rows?since=${BEFORE}&limit=1`);
    expect(json).toMatchObject({ since: BEFORE, until: ORIGIN });
    expect(json.prices).toEqual([0, 1, 2].map((n) => pricesOf(server.market, n, 0, 1)));
  });

  it.each([
    ['2 s', 10, 2000],
    ['3 intervals', 1000, 3000],
    ['3 intervals', 3_600_000, 3 * 3_600_000],
  ])(
    'ahead of the head by %s of rows every %i ms waits; by more it is cursor_ahead',
    async (_, interval, ahead) => {
      const early = await startTestServer({ spec: { interval }, rows: 10 });
      const head = early.timeOf(9);
      const waits = await early.get(`/v1/rows?since=${head + ahead}`);
      const refused = await early.get(`/v1/rows?since=${head + ahead + interval}`);
      await early.stop();

      expect(waits.status).toBe(200);
      expect(waits.json).toMatchObject({
        since: head + ahead,
        until: head + ahead,
        head,
        prices: [[], [], []],
      });
      expectError(refused, 'cursor_ahead', { head });
    },
  );

  it('of another market is market_changed with the id of this one', async () => {
    const other = await startTestServer({ spec: { ...SPEC, seed: 8 }, rows: 10 });
    const own = await other.get(`/v1/rows?since=now&market=${other.market.id}`);
    const answer = await other.get(`/v1/rows?since=now&market=${server.market.id}`);
    await other.stop();

    expect(own.status).toBe(200);
    expectError(answer, 'market_changed', { market: other.market.id });
  });
});

describe('last', () => {
  it('gives the newest rows, or all where there are fewer', async () => {
    const few = await server.get('/v1/rows?last=7&symbols=ticker_1');
    expect(few.json).toMatchObject({ since: HEAD - 7 * INTERVAL, until: HEAD });
    expect(few.json.prices).toEqual([pricesOf(server.market, 1, ROWS - 7, ROWS)]);

    const all = await server.get('/v1/rows?last=300000&symbols=ticker_1');
    expect(all.json).toMatchObject({ since: BEFORE, until: HEAD });
  });
});

describe('a sparkline', () => {
  it('is the prices at its times, from a span before the head to the head', () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 100 }),
        fc.integer({ min: 1, max: 2 * ROWS * INTERVAL }),
        someSymbols,
        async (points, span, symbols) => {
          const query = `points=${points}&span=${span}&symbols=${symbols}`;
          const { json } = await server.get(`/v1/sparklines?${query}`);

          expect(json).toMatchObject({ market: server.market.id, span, symbols });
          expect(json.time.length).toBeLessThanOrEqual(points);
          expect(json.time.at(-1)).toBe(HEAD);
          const rows = Math.floor(span / INTERVAL);
          expect(json.time[0]).toBe(Math.max(ORIGIN, HEAD - rows * INTERVAL));
          expect([...new Set(json.time)].sort()).toEqual(json.time);
          symbols.forEach((symbol, n) => {
            const prices = pricesOf(server.market, SYMBOLS.indexOf(symbol), 0, ROWS);
            expect(json.prices[n]).toEqual(json.time.map((ms: number) => prices[index(ms)]));
          });
        },
      ),
      { numRuns: 15 },
    ));
});
