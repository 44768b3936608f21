import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newTrades } from '../../src/core/market/fields.ts';
import { BLOCK_ROWS } from '../../src/core/market/grid.ts';
import { eachBlock } from '../../src/core/market/pieces.ts';
import { pricesOf } from '../helpers/market.ts';
import { expectError, expectSentence } from '../helpers/sentence.ts';
import { startTestServer, type TestServer, UNHURRIED } from '../helpers/server.ts';
import { counter } from '../helpers/steps.ts';

const MINUTE = 60_000;
const ORIGIN = Date.UTC(2026, 0, 5);
const PRICES = ['last', 'change', 'changePercent', 'open', 'high', 'low'];
const FLAT = ['symbol', 'name', 'time', ...PRICES, 'volume'];
const SPEC = {
  interval: MINUTE,
  capacity: 2000,
  defaults: { model: 'gbm', volatility: 0.8, tickSize: 0.05, startPrice: 80 },
  instruments: [
    { symbol: 'A', name: 'Acme, "the" first' },
    { symbol: 'B', model: 'walk', tickSize: 0.0001, startPrice: 1.1 },
    { symbol: 'C', tickSize: 1, startPrice: 5000 },
  ],
  count: undefined,
};
const TICKS = [0.05, 0.0001, 1];
const DECIMALS = [2, 4, 0];

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ spec: SPEC, rows: 3 });
});

afterAll(async () => {
  await server.stop();
  expect(server.failures).toEqual([]);
});

/** What was traded in the last day of a column when there are `head` rows, row by row. */
function naiveVolume(column: number, head: number): number {
  const trades = newTrades(server.market.spec.dtype, BLOCK_ROWS);
  let volume = 0;
  for (const { number, at, stop } of eachBlock(Math.max(0, head - 1440), head)) {
    server.market.fillTrades(trades, column, number);
    volume += trades.volume.subarray(at, stop).reduce((sum, lots) => sum + lots, 0);
  }
  return volume;
}

/** What is said of a column when there are `head` rows, row by row. */
function naive(column: number, head: number) {
  const prices = pricesOf(server.market, column, 0, head);
  const day = prices.slice(-1440);
  const open = prices.at(-1441) ?? prices[0];
  const last = prices.at(-1)!;
  return { last, open, high: Math.max(...day), low: Math.min(...day), change: last - open };
}

function moveTo(head: number): void {
  const now = server.server.feed.head;
  server.clock.pass((head - now) * MINUTE);
  server.server.feed.advance(server.clock.nowMs());
}

describe('GET /v1/latest', () => {
  it.each([3, 4, 1439, 1440, 1441, 1442, 1500, 9000])('says what %i rows come to', async (head) => {
    moveTo(head);
    const { json, headers } = await server.get('/v1/latest');
    const ticks = (await server.get('/v1/latest?prices=ticks&time=ms')).json;
    const timeMs = ORIGIN + (head - 1) * MINUTE;
    expect(headers.get('tickwell-head')).toBe(String(timeMs));
    expect(headers.get('tickwell-market')).toBe(server.market.id);
    for (const [column, one] of json.entries()) {
      const { symbol, name } = server.market.instruments[column];
      const own = naive(column, head);
      const percent = Number(((own.change / own.open) * 100).toFixed(4));
      const volume = naiveVolume(column, head);
      const inTicks = { ...own, volume, symbol, name, time: timeMs, changePercent: percent };
      expect(ticks[column]).toEqual(inTicks);
      expect(Object.keys(one)).toEqual(FLAT);
      const asPrices = Object.fromEntries(
        Object.entries(own).map(([key, price]) => {
          return [key, Number((price * TICKS[column]).toFixed(DECIMALS[column]))];
        }),
      );
      const time = new Date(timeMs).toISOString();
      expect(one).toEqual({ ...asPrices, volume, symbol, name, time, changePercent: percent });
    }
  });

  it('says the same as CSV, names that hold commas and quotes in quotes', async () => {
    const { text, headers } = await server.get('/v1/latest?format=csv');
    const { json } = await server.get('/v1/latest');
    expect(headers.get('content-type')).toMatch(/^text\/csv/);
    const [header, ...lines] = text.trimEnd().split('\n');
    expect(header).toBe(FLAT.join());
    expect(lines[0].startsWith('A,"Acme, ""the"" first",2026-')).toBe(true);
    for (const [n, line] of lines.entries()) {
      const cells = line.replace(/"(""|[^"])*"/, 'NAME').split(',');
      const { name: _, ...said } = json[n];
      expect([cells[0], cells[2], ...cells.slice(3).map(Number)]).toEqual(Object.values(said));
    }
  });

  it('has the fields that are named, in their order, quotes too', async () => {
    const fields = 'ask,symbol,bid,last';
    const { json } = await server.get(`/v1/latest?fields=${fields}&symbols=C,A&prices=ticks`);
    const rows = await server.get('/v1/rows?last=1&fields=last,bid,ask&symbols=C,A');
    const { last, bid, ask } = rows.json;
    expect(json).toEqual(
      ['C', 'A'].map((symbol, n) => ({
        ...{ symbol, last: last[n][0] },
        ...{ bid: bid[n][0], ask: ask[n][0] },
      })),
    );
    expect(Object.keys(json[0]).join()).toBe(fields);
    const csv = await server.get('/v1/latest?fields=symbol,last&format=csv&prices=ticks');
    expect(csv.text.split('\n')[0]).toBe('symbol,last');
  });

  it('follows the head whenever it is asked, for whichever symbols', async () => {
    const looks = fc.asyncProperty(
      fc.integer({ min: 1, max: 400 }),
      fc.subarray(['A', 'B', 'C'], { minLength: 1 }),
      async (rows, symbols) => {
        const head = server.server.feed.head + rows;
        moveTo(head);
        const path = `/v1/latest?symbols=${symbols.join()}&prices=ticks&fields=symbol,last,open,high,low,change`;
        const { json } = await server.get(path);
        expect(json).toEqual(
          symbols.map((symbol) => ({ symbol, ...naive('ABC'.indexOf(symbol), head) })),
        );
      },
    );
    await fc.assert(looks, { numRuns: 40 });
  });

  it('has a tag until the next row comes', async () => {
    for (const query of ['', '?format=csv', '?fields=symbol,last,bid']) {
      const first = await server.get(`/v1/latest${query}`);
      const etag = first.headers.get('etag')!;
      expect(first.headers.get('cache-control')).toBe('no-cache');
      const again = { headers: { 'if-none-match': etag } };
      expect((await server.get(`/v1/latest${query}`, again)).status).toBe(304);
      expect((await server.get(`/v1/latest${query}`)).text).toBe(first.text);
      moveTo(server.server.feed.head + 1);
      const next = await server.get(`/v1/latest${query}`, again);
      expect(next.status).toBe(200);
      expect(next.headers.get('etag')).not.toBe(etag);
      expect(next.text).not.toBe(first.text);
    }
  });

  it('is made once for all who ask for the same row', async () => {
    moveTo(server.server.feed.head + 1);
    const { history } = server.server.feed;
    const { read } = history.day;
    let reads = 0;
    history.day.read = function (column) {
      reads += 1;
      return read.call(this, column);
    };
    const texts = await Promise.all(
      Array.from({ length: 20 }, async () => (await server.get('/v1/latest')).text),
    );
    expect(new Set(texts).size).toBe(1);
    expect(reads).toBe(3);
    history.day.read = read;
  });

  it('is chosen by Accept, JSON first', async () => {
    const csv = await server.get('/v1/latest', { headers: { accept: 'text/csv' } });
    expect(csv.text.startsWith('symbol,name,time,')).toBe(true);
    const none = await server.get('/v1/latest', { headers: { accept: 'image/png' } });
    expectError(none, 'not_acceptable');
  });

  it.each([
    ['fields=', 'fields', ''],
    ['fields=last,last', 'fields', 'last,last'],
    ['fields=volumes', 'unknown field', 'volumes'],
    ['fields=lats', 'unknown field', 'lats'],
    ['format=arrow', 'unknown format', 'arrow'],
    ['prices=decimals', 'unknown notation of prices', 'decimals'],
    ['time=unix', 'unknown notation of time', 'unix'],
    ['symbols=A,', 'symbols', 'A,'],
    ['symbols=A,A', 'symbols', 'A'],
  ])('is refused as %s', async (query, field, given) => {
    const answer = await server.get(`/v1/latest?${query}`);
    expectError(answer, 'bad_request');
    expectSentence(answer.json.error.message, field, given);
  });

  it('refuses unknown symbols, and another market', async () => {
    expectError(await server.get('/v1/latest?symbols=X'), 'unknown_symbol');
    const other = await server.get('/v1/latest?market=0');
    expectError(other, 'market_changed', { market: server.market.id });
  });
});

describe('the latest of a market', () => {
  it('that has not begun is nothing yet', async () => {
    const own = await startTestServer({ spec: { ...SPEC, origin: ORIGIN + MINUTE }, rows: 0 });
    expect((await own.get('/v1/latest')).json).toEqual([]);
    expect((await own.get('/v1/latest?format=csv&fields=symbol,bid')).text).toBe('symbol,bid\n');
    await own.stop();
    expect(own.failures).toEqual([]);
  });

  it('of one row has not changed; of rows a day apart, since the day before', async () => {
    const spec = { ...SPEC, interval: 86_400_000 };
    const own = await startTestServer({ spec, rows: 1 });
    const [one] = (await own.get('/v1/latest')).json;
    expect(one).toMatchObject({ change: 0, changePercent: 0, open: 80, high: 80, low: 80 });
    own.clock.pass(86_400_000);
    own.server.feed.advance(own.clock.nowMs());
    const [two] = (await own.get('/v1/latest?prices=ticks')).json;
    const [before, last] = pricesOf(own.market, 0, 0, 2);
    expect(two).toMatchObject({ open: before, last, high: last, low: last, change: last - before });
    await own.stop();
  });

  it('has no change in percent of nothing', async () => {
    const instruments = [{ symbol: 'Z', model: 'walk', startPrice: 0, tickSize: 1 }];
    const own = await startTestServer({ spec: { ...SPEC, dtype: 'int16', instruments }, rows: 5 });
    const [{ open, changePercent }] = (await own.get('/v1/latest')).json;
    expect([open, changePercent]).toEqual([0, null]);
    const csv = await own.get('/v1/latest?format=csv&fields=symbol,changePercent');
    expect(csv.text).toBe('symbol,changePercent\nZ,\n');
    await own.stop();
  });

  it('of more rows than may be worked on at once is refused, of some of them answered', async () => {
    const spec = { count: 4, capacity: 10, interval: 10, origin: ORIGIN };
    const limits = { ...UNHURRIED, workBurst: 10_000_000 };
    const own = await startTestServer({ spec, rows: 4_000_000, limits });
    const answer = await own.get('/v1/latest?symbols=ticker_0,ticker_1,ticker_2,ticker_3');
    expectError(answer, 'range_too_large', { limit: 10_000_000 });
    expect(answer.json.error.message).toMatch(/^symbols must take at most 10000000 prices of work/);
    const some = await own.get('/v1/latest?symbols=ticker_0');
    expect(some.status).toBe(200);
    expect(some.json).toHaveLength(1);
    await own.stop();
  });
});

describe('what is asked for again before the next row', () => {
  const row = () => moveTo(server.server.feed.head + 1);

  it('is answered as before, without being looked at, and by its own rules', async () => {
    row();
    const path = '/v1/latest?symbols=A,C&fields=symbol,last';
    const first = await server.get(path);
    const looks = counter(server.server.feed.history.day, 'behind');
    try {
      const again = await server.get(path);
      expect([again.text, again.headers.get('etag')]).toEqual([
        first.text,
        first.headers.get('etag'),
      ]);
      expect(looks.counted()).toBe(0);
      const tag = first.headers.get('etag')!;
      const known = await server.get(path, { headers: { 'if-none-match': tag } });
      expect(known.status).toBe(304);
      // The same address, another form.
      const table = await server.get(path, { headers: { accept: 'text/csv' } });
      expect(table.text.startsWith('symbol,last\n')).toBe(true);
      expect((await server.get(path, { headers: { accept: 'image/png' } })).status).toBe(406);
      expect((await server.get(path)).text).toBe(first.text);
      row();
      const next = await server.get(path);
      expect(next.headers.get('etag')).not.toBe(tag);
      expect(looks.counted()).toBeGreaterThan(0);
    } finally {
      looks.restore();
    }
  });

  it('is paid for: its bytes are not, what is named is', async () => {
    row();
    const own = await startTestServer({
      spec: SPEC,
      rows: 3,
      limits: { workPerSecond: 1000, workBurst: 10_000_000 },
    });
    try {
      const statuses: number[] = [];
      // A request is 100,000.
      for (let n = 0; n < 120; n++) statuses.push((await own.get('/v1/latest')).status);
      expect(statuses[1]).toBe(200);
      expect(statuses.at(-1)).toBe(429);
    } finally {
      await own.stop();
    }
  });
});
