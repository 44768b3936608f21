import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectError } from '../helpers/sentence.ts';
import { startTestServer, type TestServer, UNHURRIED } from '../helpers/server.ts';
import { foldOf, type Told, TRADED_SYMBOLS, tradedRows, tradedSpec } from '../helpers/trades.ts';

/** A Friday in New York, some hours before its market closes. */
const ORIGIN = Date.UTC(2026, 0, 9, 18);
const SYMBOLS = TRADED_SYMBOLS;
const LIMITS = { ...UNHURRIED, workBurst: 10 ** 15 };

/** A row each millisecond, second, hour and day; more than a block but of the last. */
const WORLDS = [
  { interval: 1, rows: 40_000, tradesPerDay: 4_000_000 },
  { interval: 1000, rows: 20_000, tradesPerDay: 200_000 },
  { interval: 3_600_000, rows: 400, tradesPerDay: 20_000 },
  { interval: 86_400_000, rows: 30, tradesPerDay: 3000 },
] as const;

const servers: TestServer[] = [];

beforeAll(async () => {
  for (const { interval, rows, tradesPerDay } of WORLDS) {
    const spec = { ...tradedSpec(tradesPerDay), origin: ORIGIN, interval, capacity: 300 };
    servers.push(await startTestServer({ spec, rows, limits: LIMITS }));
  }
});

afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  expect(servers.flatMap(({ failures }) => failures)).toEqual([]);
});

interface Page {
  readonly fromId: number;
  readonly nextId: number;
  readonly time: number[];
  readonly price: number[];
  readonly lots: number[];
  readonly side: number[];
}

function toldIn({ fromId, nextId, time, price, lots, side }: Page): Told[] {
  expect([price.length, lots.length, side.length]).toEqual([time.length, time.length, time.length]);
  expect(nextId).toBe(fromId + time.length);
  return time.map((ms, n) => {
    return { id: fromId + n, time: ms, price: price[n]!, lots: lots[n]!, side: side[n]! };
  });
}

/** Every trade from `start` on, page by page. */
async function pagesFrom(server: TestServer, query: string, start: string, limits: number[]) {
  const told: Told[] = [];
  for (let [page, at] = [0, start]; ; page++) {
    const limit = limits[page % limits.length]!;
    const { json, status } = await server.get(`/v1/trades?${query}&${at}&limit=${limit}`);
    expect(status).toBe(200);
    const some = toldIn(json);
    told.push(...some);
    if (some.length === 0) return { told, nextId: json.nextId as number };
    at = `fromId=${json.nextId}`;
  }
}

const someLimits = fc
  .tuple(fc.array(fc.integer({ min: 1, max: 99 }), { maxLength: 2 }), fc.constantFrom(500, 1e5))
  .map(([some, large]) => [...some, large]);

describe.each(WORLDS.map((world, n) => ({ ...world, n })))(
  'trades of rows of $interval ms',
  ({ interval, rows, n }) => {
    const timeOf = (index: number) => ORIGIN + index * interval;
    // Of days and hours each row has thousands.
    const [span, runs] = interval > 1000 ? [3, 3] : [3000, 4];

    it.each(SYMBOLS)('of %s are those of its rows, however they are paged', async (symbol) => {
      const server = servers[n]!;
      const column = SYMBOLS.indexOf(symbol);
      const pages = fc.asyncProperty(
        fc.nat({ max: rows - 1 - span }),
        someLimits,
        async (first, limits) => {
          const until = timeOf(first + span);
          const query = `symbol=${symbol}&until=${until}`;
          const paged = await pagesFrom(server, query, `since=${timeOf(first)}`, limits);
          const expected = tradedRows(server.market, column, first + 1, first + span + 1);
          expect(foldOf(server.market, paged.told)).toEqual(expected);
          const ids = paged.told.map(({ id }) => id);
          const firstId = server.market.tradesBefore(column, first + 1);
          // As text, which compares a hundred times faster.
          expect(String(ids)).toBe(String(ids.map((_, n) => firstId + n)));
          expect(paged.nextId).toBe(server.market.tradesBefore(column, first + span + 1));
          const times = paged.told.map(({ time }) => time);
          expect(String(times)).toBe(String([...times].sort((a, b) => a - b)));
        },
      );
      await fc.assert(pages, { numRuns: runs });
    });

    it('chain from any number, also from the middle of a row', async () => {
      const server = servers[n]!;
      const chained = fc.asyncProperty(
        fc.constantFrom(...SYMBOLS),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 40 }),
        async (symbol, share, limit) => {
          const column = SYMBOLS.indexOf(symbol);
          const all = server.market.tradesBefore(column, rows);
          const fromId = Math.floor(share * all);
          const query = `symbol=${symbol}&limit=${limit}`;
          const { json } = await server.get(`/v1/trades?${query}&fromId=${fromId}`);
          const next = await server.get(`/v1/trades?${query}&fromId=${json.nextId}`);
          const both = await server.get(
            `/v1/trades?symbol=${symbol}&limit=${2 * limit}&fromId=${fromId}`,
          );
          expect(json?.head).toBe(timeOf(rows - 1));
          const chain = [...toldIn(json), ...toldIn(next.json)];
          expect(JSON.stringify(chain)).toBe(JSON.stringify(toldIn(both.json)));
        },
      );
      await fc.assert(chained, { numRuns: 12 });
    });

    it('are the newest where so many are asked for, and none at the end', async () => {
      const server = servers[n]!;
      for (const symbol of SYMBOLS) {
        const all = server.market.tradesBefore(SYMBOLS.indexOf(symbol), rows);
        const { json } = await server.get(`/v1/trades?symbol=${symbol}&last=5`);
        expect(json).toMatchObject({ fromId: Math.max(0, all - 5), nextId: all });
        const named = await server.get(`/v1/trades?symbol=${symbol}&fromId=${json.fromId}`);
        expect(named.text).toBe((await server.get(`/v1/trades?symbol=${symbol}&last=5`)).text);
        for (const end of [`fromId=${all}`, 'since=now']) {
          const answer = await server.get(`/v1/trades?symbol=${symbol}&${end}`);
          expect(answer.json).toMatchObject({ fromId: all, nextId: all, time: [] });
        }
      }
    });
  },
);

describe('GET /v1/trades', () => {
  const SECONDS = 1;

  it('has a time of microseconds within the interval of its row', async () => {
    const { json } = await servers[SECONDS]!.get('/v1/trades?symbol=M0&fromId=100&limit=500');
    const fractions = json.time.map((ms: number) => Math.round((ms % 1) * 1e3) / 1e3);
    expect(fractions.filter((part: number) => part > 0).length).toBeGreaterThan(400);
    for (const ms of json.time) expect(String(ms)).toMatch(/^\d{13}(\.\d{1,3})?$/);
  });

  it('without `head` is the same for ever where the range is over', async () => {
    const server = servers[SECONDS]!;
    const range = `since=${ORIGIN + 5000}&until=${ORIGIN + 60_000}&market=${server.market.id}`;
    const before = await server.get(`/v1/trades?symbol=M1&${range}`);
    expect(before.json).not.toHaveProperty('head');
    expect(before.headers.get('cache-control')).toContain('immutable');
    const open = await server.get(`/v1/trades?symbol=M1&since=${ORIGIN + 5000}&limit=3`);
    expect(open.headers.get('cache-control')).toBe('no-cache');
  });

  it('writes the same in every format', async () => {
    const server = servers[SECONDS]!;
    const query = `symbol=M7&since=${ORIGIN}&until=${ORIGIN + 900_000}`;
    for (const notation of ['', '&prices=decimal&time=iso']) {
      const { json } = await server.get(`/v1/trades?${query}${notation}`);
      const rows = toldIn(json).map(({ id, time, price, lots, side }) => [
        ...[id, time, price, lots, side],
      ]);
      const csv = await server.get(`/v1/trades?${query}${notation}&format=csv`);
      const [header, ...lines] = csv.text.trimEnd().split('\n');
      expect(header).toBe('id,time,price,lots,side');
      const asText = (cell: number | string, n: number) =>
        notation !== '' && n === 2 ? Number(cell).toFixed(2) : String(cell);
      expect(lines).toEqual(rows.map((row) => row.map(asText).join()));
      const ndjson = await server.get(`/v1/trades?${query}${notation}&format=ndjson`);
      const records = ndjson.text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(records.map((record) => Object.values(record))).toEqual(rows);
      for (const { headers } of [csv, ndjson]) {
        expect(headers.get('tickwell-from-id')).toBe(String(json.fromId));
        expect(headers.get('tickwell-next-id')).toBe(String(json.nextId));
        expect(headers.get('tickwell-market')).toBe(server.market.id);
      }
    }
  });

  it('is cut where too many rows would have to be made, and goes on from there', async () => {
    const spec = { ...tradedSpec(24), origin: ORIGIN, interval: 1, capacity: 300 };
    const limits = { maxTradedRowsPerAnswer: 2 * 16_384, maxTradesPerAnswer: 1000 };
    const few = await startTestServer({ spec, rows: 20_000_000, limits });
    const column = SYMBOLS.indexOf('RARE');
    const all = few.market.tradesBefore(column, 20_000_000);
    expect(all).toBeGreaterThan(4);
    const read: Told[] = [];
    for (let fromId = 0; fromId < all; ) {
      const { json } = await few.get(`/v1/trades?symbol=RARE&fromId=${fromId}`);
      read.push(...toldIn(json));
      expect(json.nextId).toBeGreaterThan(fromId);
      expect(json.nextId - fromId).toBeLessThanOrEqual(2);
      fromId = json.nextId;
    }
    expect(read.map(({ id }) => id)).toEqual(Array.from({ length: all }, (_, n) => n));
    const refused = await few.get('/v1/trades?symbol=RARE&last=4');
    expectError(refused, 'range_too_large', { limit: 2 });
    await few.stop();
    expect(few.failures).toEqual([]);
  });

  it('of a market that has just begun has none', async () => {
    const young = await startTestServer({ spec: { origin: ORIGIN }, rows: 0 });
    for (const start of ['fromId=0', 'since=now', 'last=5']) {
      const { json, status } = await young.get(`/v1/trades?symbol=ticker_0&${start}`);
      expect(status).toBe(200);
      expect(json).toMatchObject({ fromId: 0, nextId: 0, time: [] });
    }
    await young.stop();
    expect(young.failures).toEqual([]);
  });
});
