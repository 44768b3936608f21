import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DTYPES, type Dtype } from '../../src/core/market/dtype.ts';
import { manyBounds } from '../../src/protocols/tickwell/http/candles-query.ts';
import { DEFAULT_LIMITS } from '../../src/server/limits.ts';
import { arrowOf, bodyOf, textOf } from '../helpers/bodies.ts';
import { expectError, expectSentence } from '../helpers/sentence.ts';
import {
  INTERVAL,
  ORIGIN,
  startTestServer,
  type TestServer,
  UNHURRIED,
} from '../helpers/server.ts';

const ROWS = 60_150;
const HEAD = ORIGIN + (ROWS - 1) * INTERVAL;
const SYMBOLS = ['ticker_2', 'ticker_0'];
const MANY = `symbols=${SYMBOLS.join()}`;
const NAMES = ['open', 'high', 'low', 'close', 'trades', 'volume'];

let server: TestServer;

beforeAll(async () => {
  const limits = {
    ...UNHURRIED,
    maxPricesPerAnswer: 12_000,
    maxCandlesPerAnswer: 600,
    maxWholeJsonCandles: 4000,
  };
  const spec = { defaults: { tickSize: 0.05 } };
  server = await startTestServer({ rows: ROWS, limits, spec });
});

afterAll(async () => {
  await server.stop();
  expect(server.failures).toEqual([]);
});

/** Ranges, and how many candles each has. */
const RANGES: readonly [string, string, number][] = [
  ['the newest, of which one is not over', 'resolution=1s&last=7', 7],
  ['all of a market, by years in a zone', 'resolution=1y&tz=Asia/Tokyo&last=9', 1],
  ['a width that the interval does not divide', `resolution=37ms&from=${ORIGIN + 5}&count=50`, 50],
  ['by an offset', `resolution=7m&offset=-3m&from=${ORIGIN}&to=${HEAD}`, 2],
  ['what is to come', `resolution=1s&from=${HEAD + 1000}&count=5`, 0],
];
const NOTATIONS = ['', '&prices=decimal&time=iso', '&fields=trades,volume'];
const CASES = RANGES.flatMap(([what, range, count]) =>
  NOTATIONS.map((how) => [`${what}${how}`, `${range}${how}`, count] as const),
);

it.each(['', '&whole=true'])(
  'before the first row, Parquet of several is a file%s',
  async (how) => {
    const young = await startTestServer({ rows: 0 });
    const path = `/v1/candles?${MANY}&resolution=1s&last=2&format=parquet${how}`;
    const answer = await fetch(`${young.server.url}${path}`);
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect([bytes.toString('latin1', 0, 4), bytes.toString('latin1', bytes.length - 4)]).toEqual([
      'PAR1',
      'PAR1',
    ]);
    await young.stop();
  },
);

describe('candles of several symbols', () => {
  it.each(CASES)('are those of each: %s', async (_, query, count) => {
    const { json } = await server.get(`/v1/candles?${MANY}&${query}`);
    expect(json.time).toHaveLength(count);
    const each = await Promise.all(
      SYMBOLS.map(async (symbol) => {
        return (await server.get(`/v1/candles?symbol=${symbol}&${query}`)).json;
      }),
    );
    const { symbol, open, high, low, close, trades, volume, ...about } = each[0];
    const names = NAMES.filter((name) => name in each[0]);
    const lists = Object.fromEntries(names.map((name) => [name, each.map((one) => one[name])]));
    expect(json).toEqual({ ...about, symbols: SYMBOLS, ...lists });
  });

  it.each(CASES)('stand below one another in tables: %s', async (_, query) => {
    const { json } = await server.get(`/v1/candles?${MANY}&${query}`);
    const names = NAMES.filter((name) => name in json);
    const rows = SYMBOLS.flatMap((symbol, n) =>
      json.time.map((time: number | string, k: number) => {
        return [symbol, time, ...names.map((name) => json[name][n][k])];
      }),
    );
    const table = async (format: string) => {
      const whole = await bodyOf(
        server,
        `/v1/candles?${MANY}&${query}&format=${format}&whole=true`,
      );
      const body = await bodyOf(server, `/v1/candles?${MANY}&${query}&format=${format}`);
      expect(Buffer.compare(body.bytes, whole.bytes), format).toBe(0);
      for (const name of ['until', 'earliest', 'head']) {
        const said = json[name] === undefined ? null : String(new Date(json[name]).getTime());
        expect(body.headers.get(`tickwell-${name}`), name).toBe(said);
        expect(whole.headers.get(`tickwell-${name}`), name).toBe(said);
      }
      return body;
    };
    const [header, ...lines] = textOf(await table('csv'))
      .trimEnd()
      .split('\n');
    expect(header).toBe(['symbol', 'time', ...names].join());
    expect(lines.map((line) => line.split(','))).toEqual(
      rows.map((row) =>
        row.map((cell: number | string) => expect.toSatisfy((text) => isCell(text, cell))),
      ),
    );
    const records = textOf(await table('ndjson'))
      .split('\n')
      .slice(0, -1);
    expect(records.map((line) => Object.values(JSON.parse(line)))).toEqual(rows);
    const arrow = arrowOf(await table('arrow'));
    expect(arrow.schema.fields.map(({ name }) => name)).toEqual(['symbol', 'time', ...names]);
    expect(arrow.schema.metadata.get('tz')).toBe(json.tz);
    expect(arrow.schema.metadata.get('offset')).toBe(json.offset);
    const seen = [...arrow].map((record) => Object.values(record!.toJSON()));
    expect(
      seen.map(([symbol, time, ...values]) => [symbol, Number(time), ...values.map(Number)]),
    ).toEqual(
      rows.map(([symbol, time, ...values]) => [symbol, new Date(time).getTime(), ...values]),
    );
  });

  it('in JSON are the same bytes whole', async () => {
    for (const [, query] of CASES) {
      const one = await server.get(`/v1/candles?${MANY}&${query}`);
      const whole = await server.get(`/v1/candles?${MANY}&${query}&whole=true`);
      expect(whole.text, query).toBe(one.text);
    }
  });
});

describe('how many candles of several symbols are answered', () => {
  const FROM = `from=${ORIGIN}&to=${HEAD}`;

  it('is bounded by their prices, and in whole JSON by what is held', async () => {
    // 12,000 prices of 2 symbols are 1,500 candles of each; 4,000 candles are 2,000.
    const some = await server.get(`/v1/candles?${MANY}&resolution=500ms&${FROM}`);
    expect(some.json.time).toHaveLength(1203);
    const more = await server.get(`/v1/candles?${MANY}&resolution=400ms&${FROM}`);
    expectError(more, 'range_too_large', { limit: 1500 });
    expect(more.json.error.message).toBe(
      'from, to and resolution must make at most 1500 candles of each symbol; given: 1504',
    );
    const sums = await server.get(`/v1/candles?${MANY}&resolution=500ms&${FROM}&fields=volume`);
    expectError(sums, 'range_too_large', { limit: 1200 });
    const whole = await server.get(`/v1/candles?${MANY}&resolution=400ms&${FROM}&whole=true`);
    expect(whole.json.close.map((list: number[]) => list.length)).toEqual([1504, 1504]);
    const held = await server.get(`/v1/candles?${MANY}&resolution=250ms&${FROM}&whole=true`);
    expectError(held, 'range_too_large', { limit: 2000 });
    // With both sums a candle of 16 bits takes 24 bytes instead of the 16 that are counted on.
    const both = `/v1/candles?${MANY}&resolution=450ms&${FROM}&fields=volume,trades&whole=true`;
    expectError(await server.get(both), 'range_too_large', { limit: 1333 });
    const table = `/v1/candles?${MANY}&resolution=10ms&${FROM}&whole=true&format=csv`;
    const { text } = await server.get(table);
    expect(text.trimEnd().split('\n')).toHaveLength(1 + 2 * (ROWS - 1));
  });

  it('takes as much memory, whatever its prices and sums are', () => {
    const limits = { ...DEFAULT_LIMITS, maxWholeJsonCandles: 2_500_000 };
    const most = 2_500_000 * 16;
    for (const [dtype, { bytes }] of Object.entries(DTYPES)) {
      for (const fields of [[], ['volume'], ['volume', 'trades']] as const) {
        const asked = { columns: 7, fields, dtype: dtype as Dtype };
        const { candles } = manyBounds(limits, asked, 'json', true);
        const held = 7 * candles * (4 * bytes + 8 * fields.length);
        expect(held).toBeLessThanOrEqual(most);
        const isWide = 4 * bytes + 8 * fields.length >= 16;
        if (isWide) expect(held).toBeGreaterThan(0.999 * most);
        expect(candles).toBeLessThanOrEqual(2_500_000 / 7);
        expect(manyBounds(limits, asked, 'csv', true).candles).toBe(Infinity);
      }
    }
  });

  it('by count and last is what there is, however many are asked for', async () => {
    const most = Number.MAX_SAFE_INTEGER;
    for (const zone of ['', '&tz=America/New_York', '&offset=9h']) {
      for (const range of ['last=999999999999999', `from=${ORIGIN}&count=999999999999999`]) {
        for (const resolution of ['1s', '1d', '1mo']) {
          const path = `/v1/candles?${MANY}&resolution=${resolution}${zone}&${range}`;
          const { status, json } = await server.get(path);
          expect(status, path).toBe(200);
          expect(json.time).toHaveLength(resolution === '1s' ? 602 : 1);
        }
      }
    }
    const over = await server.get(`/v1/candles?${MANY}&resolution=1s&last=${most}`);
    expect(over.status).toBe(400);
  });

  it('of one symbol are as many as ever', async () => {
    const path = '/v1/candles?symbol=ticker_0&resolution=100ms';
    expect((await server.get(`${path}&last=600`)).json.time).toHaveLength(600);
    const more = await server.get(`${path}&last=601`);
    expectError(more, 'bad_request');
    expect(more.json.error.message).toBe('last must be a whole number from 1 to 600; given: 601');
    expectError(await server.get(`${path}&${FROM}`), 'range_too_large', { limit: 600 });
  });

  it.each([
    ['resolution=1s&last=1', 'symbol', 'nothing'],
    [`${MANY}&symbol=ticker_0&resolution=1s&last=1`, 'symbol', 'ticker_0 and ticker_2,ticker_0'],
    ['symbol=ticker_0&resolution=1s&last=1&whole=true', 'whole', 'true'],
    [`${MANY}&resolution=1s&last=1&whole=ja`, 'whole', 'ja'],
    [`${MANY}&resolution=1s&last=0`, 'last', '0'],
    [`${MANY}&resolution=1s&last=1e3`, 'last', '1e3'],
    ['symbols=ticker_0,ticker_0&resolution=1s&last=1', 'symbols', 'ticker_0'],
    ['symbols=ticker_0,&resolution=1s&last=1', 'symbols', 'ticker_0,'],
  ])('is refused as %s', async (query, field, given) => {
    const answer = await server.get(`/v1/candles?${query}`);
    expectError(answer, 'bad_request');
    expectSentence(answer.json.error.message, field, given);
  });

  it('names the nearest symbol to one that there is not', async () => {
    const { json } = await server.get('/v1/candles?symbols=ticker_0,tiker_1&resolution=1s&last=1');
    expect(json.error.message).toBe('unknown symbol "tiker_1"; did you mean "ticker_1"?');
  });

  it('is every one for a star, in the order of the market', async () => {
    const { json } = await server.get('/v1/candles?symbols=*&resolution=1m&last=2');
    expect(json.symbols).toEqual(['ticker_0', 'ticker_1', 'ticker_2']);
  });
});

describe('the tag of candles of several symbols', () => {
  const PAST = `${MANY}&resolution=1s&from=${ORIGIN}&count=20`;

  it('is known again, and another for other symbols, orders and ranges', async () => {
    const paths = [
      PAST,
      PAST.replace(MANY, 'symbols=ticker_0,ticker_2'),
      PAST.replace('count=20', 'count=21'),
      PAST.replace('1s', '2s'),
      `${PAST}&fields=volume`,
      `${PAST}&format=csv`,
      `${PAST}&offset=1h`,
    ].map((query) => `/v1/candles?${query}`);
    const tags = new Set<string>();
    for (const path of paths) {
      const { headers } = await server.get(path);
      const etag = headers.get('etag')!;
      tags.add(etag);
      const again = await server.get(path, { headers: { 'if-none-match': etag } });
      expect([again.status, again.text], path).toEqual([304, '']);
    }
    expect(tags.size).toBe(paths.length);
  });

  it('lasts for ever where the market is named and all of them are over', async () => {
    const cacheOf = async (query: string) =>
      (await server.get(`/v1/candles?${query}`)).headers.get('cache-control');
    const market = `market=${server.market.id}`;
    expect(await cacheOf(`${PAST}&${market}`)).toBe('public, max-age=31536000, immutable');
    expect(await cacheOf(PAST)).toBe('no-cache');
    expect(await cacheOf(`${PAST}&${market}&tz=Asia/Tokyo`)).toBe('no-cache');
    expect(await cacheOf(`${MANY}&resolution=1s&last=3&${market}`)).toBe('no-cache');
    expect(await cacheOf(`${PAST}&${market}&whole=true`)).toBe('no-cache');
  });
});

describe('candles of several symbols while rows come', () => {
  it('all end with the row that was the newest when they were asked for', async () => {
    const rows = 5050;
    // Each look at the clock between two steps moves it: a row comes after each slice.
    const own = await startTestServer({
      rows,
      spec: { count: 40 },
      limits: { ...UNHURRIED, sliceMs: 1 },
    });
    const { history } = own.server.feed;
    const before = history.head;
    const asked = own.get(
      '/v1/candles?symbols=*&resolution=30ms&from=2026-01-05&to=2027-01-01&whole=true',
    );
    const moving = (async () => {
      for (let n = 0; n < 200; n++) {
        own.clock.pass(INTERVAL);
        await new Promise((done) => setImmediate(done));
      }
    })();
    const { json } = await asked;
    await moving;
    const index = (json.until - ORIGIN) / INTERVAL;
    expect(index).toBeGreaterThanOrEqual(before - 1);
    expect(json.closed).toBe(Math.floor((index + 1) / 3));
    for (const [column, closes] of json.close.entries()) {
      expect(closes).toHaveLength(json.time.length);
      expect(closes.at(-1)).toBe(history.priceAt(column, index));
    }
    await own.stop();
    expect(own.failures).toEqual([]);
  });
});

function isCell(text: string, cell: number | string): boolean {
  return typeof cell === 'string' ? text === cell : Number(text) === cell;
}
