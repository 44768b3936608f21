import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseRows } from '../../src/wire/binary.ts';
import { arrowOf, bodyOf, READERS, textOf } from '../helpers/bodies.ts';
import { pricesOf } from '../helpers/market.ts';
import { dereferenced } from '../helpers/openapi.ts';
import { expectError } from '../helpers/sentence.ts';
import { INTERVAL, ORIGIN, startTestServer, type TestServer } from '../helpers/server.ts';

/** More than a block, and far more than the ring holds. */
const ROWS = 17_000;
const CAPACITY = 300;
const FORMATS = ['json', 'csv', 'ndjson', 'arrow', 'bin'] as const;
type Format = (typeof FORMATS)[number];
const CANDLE_FORMATS = FORMATS.filter((format) => format !== 'bin');

const CONTENT_TYPES: Readonly<Record<Format | 'parquet', string>> = {
  json: 'application/json; charset=utf-8',
  csv: 'text/csv; charset=utf-8; header=present',
  ndjson: 'application/x-ndjson',
  arrow: 'application/vnd.apache.arrow.stream',
  parquet: 'application/vnd.apache.parquet',
  bin: 'application/vnd.tickwell.rows',
};

/** Every character a symbol may have, and prices at both ends of each dtype. */
const instruments = (...starts: number[]) =>
  ['A', '^b.c_d:e/f=g-h', '0'].map((symbol, n) => ({
    symbol,
    startPrice: starts[n],
    tickSize: 1,
  }));
const MARKETS = [
  { dtype: 'uint8', origin: ORIGIN, instruments: instruments(0, 255, 128) },
  { dtype: 'uint16', origin: ORIGIN, instruments: instruments(0, 65_535, 1) },
  { dtype: 'int32', origin: ORIGIN, instruments: instruments(-(2 ** 31), 2 ** 31 - 1, 0) },
  // Half of its times are before 1970.
  { dtype: 'float64', origin: -170_000, instruments: instruments(-(2 ** 48), 2 ** 48, -1) },
];

describe.each(MARKETS)('rows of $dtype', ({ dtype, origin, instruments }) => {
  let server: TestServer;
  const at = (index: number) => origin + index * INTERVAL;
  const symbols = instruments.map(({ symbol }) => symbol);

  beforeAll(async () => {
    const spec = { dtype, origin, instruments, capacity: CAPACITY, count: undefined };
    server = await startTestServer({ spec, rows: ROWS });
  });

  afterAll(async () => {
    await server.stop();
    expect(server.failures).toEqual([]);
  });

  // A query; the rows [from, next) that answer it; the columns.
  const all = [0, 1, 2];
  const cases: [string, string, number, number, number[]][] = [
    ['at the head', `since=${at(ROWS - 1)}`, ROWS, ROWS, all],
    ['ahead of the head', `since=${at(ROWS + 1)}`, ROWS + 2, ROWS + 2, all],
    ['none of one symbol', `symbols=A&since=now`, ROWS, ROWS, [0]],
    ['one row', `since=${at(ROWS - 2)}`, ROWS - 1, ROWS, all],
    ['the first row', `since=${at(-1)}&limit=1`, 0, 1, all],
    ['the newest', 'last=5&symbols=0,A', ROWS - 5, ROWS, [2, 0]],
    ['a range that is over', `since=${at(9)}&until=${at(29)}`, 10, 30, all],
    ['a range of no rows', `since=${at(9)}&until=${at(9)}`, 10, 10, all],
    ['all that is past the ring and a block', `since=${at(16_000)}&symbols=0`, 16_001, ROWS, [2]],
  ];
  describe.each(cases)('%s', (_, query, from, next, columns) => {
    it.each(FORMATS)('are the same in %s', async (format) => {
      const body = await bodyOf(server, `/v1/rows?format=${format}&${query}`);
      expect(body.status).toBe(200);
      expect(body.headers.get('content-type')).toBe(CONTENT_TYPES[format]);
      const said = READERS[format](body);

      expect(said.time).toEqual(Array.from({ length: next - from }, (_, n) => at(from + n)));
      const names = columns.map((column) => symbols[column]);
      // NDJSON of no rows names nothing; a frame never does.
      if (said.names.length > 0) expect([...said.names].sort()).toEqual([...names].sort());
      else expect(format === 'bin' || (format === 'ndjson' && from === next)).toBe(true);
      for (const [n, column] of columns.entries()) {
        const expected = from < next ? pricesOf(server.market, column, from, next) : [];
        // Its parser puts names that are numbers first.
        const name = format === 'ndjson' ? said.names.indexOf(names[n]) : n;
        expect(said.columns[name] ?? []).toEqual(expected);
      }
    });

    it.each(FORMATS)('have in %s what JSON has around them', async (format) => {
      const { headers, bytes } = await bodyOf(server, `/v1/rows?format=${format}&${query}`);
      const { json } = await server.get(`/v1/rows?${query}`);
      const about = ['market', 'since', 'until', 'earliest', 'head'].map((name) =>
        headers.get(`tickwell-${name}`),
      );
      const { market, since, until, earliest, head } = json;
      expect(earliest).toBe(since === until ? at(0) : undefined);
      if (format === 'json') expect(about).toEqual([null, null, null, null, null]);
      else {
        const text = (value: unknown) => (value === undefined ? null : String(value));
        const told = { market, since, until, earliest, head };
        expect(about).toEqual(Object.values(told).map(text));
        const names = Object.entries(told).flatMap(([name, it]) => (it === undefined ? [] : name));
        expect(headers.get('access-control-expose-headers')).toBe(
          names.map((name) => `tickwell-${name}`).join(', '),
        );
      }
      if (format === 'bin') {
        const lag = head === undefined ? 0 : Math.max(0, (head - until) / INTERVAL);
        expect(parseRows(bytes)).toMatchObject({ id: 0, dtype, since, until, lagRows: lag });
      }
    });
  });

  it('in arrow have a signed type, times with a zone, and what makes prices of ticks', async () => {
    const table = arrowOf(await bodyOf(server, '/v1/rows?format=arrow&last=2'));
    const types = table.schema.fields.map(({ type, nullable }) => `${type} ${nullable}`);
    // Never unsigned: the widest difference of two prices is held too.
    const own = { uint8: 'Int16', uint16: 'Int32', int32: 'Int64', float64: 'Float64' }[dtype];
    const price = `${own} false`;

    expect(types).toEqual(['Timestamp<MILLISECOND, UTC> false', price, price, price]);
    expect(table.schema.fields.map(({ name }) => name)).toEqual(['time', ...symbols]);
    expect(Object.fromEntries(table.schema.metadata)).toEqual({
      market: server.market.id,
      interval: '10',
      since: String(at(ROWS - 3)),
      until: String(at(ROWS - 1)),
      prices: 'ticks',
    });
    for (const { metadata } of table.schema.fields.slice(1)) {
      expect(Object.fromEntries(metadata)).toEqual({ tickSize: '1', decimals: '0' });
    }
    expect(table.batches).toHaveLength(1);
  });
});

describe('rows as text', () => {
  it('are, to the byte, what PROTOCOL.md shows', async () => {
    const spec = { seed: 1, origin: Date.UTC(2026, 0, 1), interval: 1000, count: 100 };
    const server = await startTestServer({ spec: { ...spec, capacity: 10 }, rows: 3000 });
    const since = spec.origin;
    const query = `symbols=ticker_07,ticker_00&since=${since}&limit=2`;
    const csv = await bodyOf(server, `/v1/rows?${query}&format=csv`);
    const ndjson = await bodyOf(server, `/v1/rows?${query}&format=ndjson`);
    const { json } = await server.get(`/v1/rows?${query}`);
    const [[a0, a1], [b0, b1]] = json.prices;
    const head = await server.get(`/v1/rows?since=now&symbols=ticker_07&format=csv`);
    const none = await server.get(`/v1/rows?since=now&symbols=ticker_07&format=ndjson`);
    await server.stop();

    expect(textOf(csv)).toBe(
      `time,ticker_07,ticker_00\n${since + 1000},${a0},${b0}\n${since + 2000},${a1},${b1}\n`,
    );
    expect(textOf(ndjson)).toBe(
      `{"time":${since + 1000},"prices":{"ticker_07":${a0},"ticker_00":${b0}}}\n` +
        `{"time":${since + 2000},"prices":{"ticker_07":${a1},"ticker_00":${b1}}}\n`,
    );
    expect(head.text).toBe('time,ticker_07\n');
    expect(none.text).toBe('');
  });

  it.each(FORMATS)('come whole, however many pieces they are: %s', async (format) => {
    const spec = { interval: 7, count: 2, capacity: 1000 };
    const server = await startTestServer({ spec, rows: 600_000 });
    const body = await bodyOf(server, `/v1/rows?since=${ORIGIN - 7}&format=${format}`);
    await server.stop();

    const said = READERS[format](body);
    expect(said.time).toHaveLength(500_000);
    expect(said.time.every((time, n) => time === ORIGIN + n * 7)).toBe(true);
    for (const column of [0, 1]) {
      const expected = pricesOf(server.market, column, 480_000, 500_000);
      expect(String(said.columns[column].slice(480_000))).toBe(String(expected));
    }
  });
});

describe('candles', () => {
  let server: TestServer;
  const rows = 5_050;

  beforeAll(async () => {
    const spec = {
      dtype: 'int32',
      instruments: instruments(-100, 2 ** 31 - 1, 5),
      count: undefined,
      capacity: CAPACITY,
    };
    server = await startTestServer({ spec, rows });
  });

  afterAll(async () => {
    await server.stop();
    expect(server.failures).toEqual([]);
  });

  const cases: [string, string, number, number][] = [
    ['final ones', `from=${ORIGIN}&count=3`, 3, 3],
    ['one that is not final', 'last=1', 1, 0],
    ['all', `from=${ORIGIN}&to=2030-01-01`, 51, 50],
    ['none', `from=${ORIGIN + 51_000}&count=5`, 0, 0],
  ];
  describe.each(cases)('%s', (_, query, count, closed) => {
    it.each(CANDLE_FORMATS)('are the same in %s', async (format) => {
      const symbol = encodeURIComponent('^b.c_d:e/f=g-h');
      const path = `/v1/candles?symbol=${symbol}&resolution=1s&${query}`;
      const { json } = await server.get(path);
      const body = await bodyOf(server, `${path}&format=${format}`);
      const said = READERS[format](body);

      expect(json).toMatchObject({ closed });
      expect(body.headers.get('content-type')).toBe(CONTENT_TYPES[format]);
      expect(said.time).toHaveLength(count);
      expect(said.time).toEqual(json.time);
      if (format === 'ndjson' && count === 0) expect(said.names).toEqual([]);
      else expect(said.names).toEqual(['open', 'high', 'low', 'close']);
      for (const [n, name] of said.names.entries()) expect(said.columns[n]).toEqual(json[name]);
      const names = ['market', 'closed', 'until', 'earliest', 'head'];
      const about = names.map((name) => body.headers.get(`tickwell-${name}`));
      const expected = names.map((name) => (json[name] === undefined ? null : String(json[name])));
      expect(expected.map((value) => value === null)).toEqual(
        count === 0 ? [false, false, true, false, false] : [false, false, false, true, true],
      );
      expect(about).toEqual(format === 'json' ? names.map(() => null) : expected);
    });
  });

  it('in arrow say what they are of', async () => {
    const path = '/v1/candles?symbol=0&resolution=1s&last=2';
    const { schema } = arrowOf(await bodyOf(server, `${path}&format=arrow`));
    const { until } = (await server.get(path)).json;

    expect(schema.fields.map(({ type }) => String(type))).toEqual([
      'Timestamp<MILLISECOND, UTC>',
      ...Array(4).fill('Int64'),
    ]);
    const { id: market } = server.market;
    expect(Object.fromEntries(schema.metadata)).toEqual({
      market,
      symbol: '0',
      resolution: '1s',
      closed: '1',
      until: String(until),
      prices: 'ticks',
    });
    expect(Object.fromEntries(schema.fields[1].metadata)).toEqual({ tickSize: '1', decimals: '0' });
  });
});

/** What an Accept header gets: a format, or none. */
const ACCEPTS: [string | undefined, Format | 'parquet' | 'none'][] = [
  [undefined, 'json'],
  ['', 'json'],
  ['*/*', 'json'],
  ['application/json', 'json'],
  ['application/*', 'json'],
  ['text/csv', 'csv'],
  ['TEXT/CSV', 'csv'],
  ['text/*', 'csv'],
  ['text/csv; charset=utf-8', 'csv'],
  ['application/x-ndjson', 'ndjson'],
  ['application/ndjson', 'ndjson'],
  ['application/vnd.apache.arrow.stream', 'arrow'],
  ['application/vnd.apache.parquet', 'parquet'],
  ['application/octet-stream', 'bin'],
  ['application/vnd.tickwell.rows', 'bin'],
  // What curl, fetch, axios, jQuery, pages, Chromium and old Java send.
  ['application/json, text/plain, */*', 'json'],
  ['text/csv, */*; q=0.01', 'csv'],
  ['text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8', 'json'],
  ['text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2', 'json'],
  // The weight, then what is more exact, then what comes first.
  ['text/csv;q=0.5, application/x-ndjson;q=0.9', 'ndjson'],
  ['text/csv;q=0.9, application/json;q=1.0', 'json'],
  ['text/csv;q=0.2,application/json;q=0.1,*/*;q=0', 'csv'],
  ['text/csv, application/json', 'csv'],
  ['application/json, text/csv', 'json'],
  ['*/*, text/csv', 'csv'],
  ['application/*, text/csv', 'csv'],
  ['*/*;q=0.5, text/csv;q=0.4', 'json'],
  ['application/json;q=0, */*', 'csv'],
  ['application/*;q=0, */*', 'csv'],
  ['application/json;q=0.0, application/*', 'ndjson'],
  [' text/csv ; q=0.5 ,, ', 'csv'],
  ['text/csv;q=what', 'csv'],
  ['image/png, application/pdf', 'none'],
  ['text/html', 'none'],
  ['text/csv;q=0', 'none'],
  ['*/*;q=0', 'none'],
  ['csv', 'none'],
  ['text', 'none'],
  [';;;', 'none'],
];

describe('Accept', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer();
  });

  afterAll(async () => {
    await server.stop();
    expect(server.failures).toEqual([]);
  });

  /** As a client that sends exactly this: `fetch` would add a header of its own. */
  async function ask(path: string, accept: string | undefined) {
    const field = accept === undefined ? '' : `accept: ${accept}\r\n`;
    const raw = await server.raw(
      `GET ${path} HTTP/1.1\r\nhost: localhost\r\n${field}connection: close\r\n\r\n`,
    );
    const [head, body] = raw.split(/\r\n\r\n/s);
    const type = /^content-type: (.*)$/im.exec(head)?.[1];
    const vary = /^vary: (.*)$/im.exec(head)?.[1];
    return { status: Number(head.split(' ')[1]), type, vary, body };
  }

  it.each(ACCEPTS)('%s gets %s', async (accept, format) => {
    const answer = await ask('/v1/rows?last=1', accept);
    expect(answer.vary).toBe('accept, accept-encoding');
    if (format === 'none') {
      expect(answer).toMatchObject({ status: 406, type: CONTENT_TYPES.json });
      const { error } = JSON.parse(answer.body);
      expect(error.code).toBe('not_acceptable');
      expect(error.message).toMatch(/^Accept must allow one of application\/json, .*; given: /);
      return;
    }
    expect(answer.status).toBe(200);
    const named = accept?.trim();
    // Two formats have two names: it is the one that was asked for.
    const own = ['application/ndjson', 'application/octet-stream'].find((name) => name === named);
    expect(answer.type).toBe(own ?? CONTENT_TYPES[format]);
  });

  it('for candles knows no frames', async () => {
    const path = '/v1/candles?symbol=ticker_0&resolution=1s&last=1';
    expect(await ask(path, 'application/octet-stream')).toMatchObject({ status: 406 });
    expect(await ask(path, 'application/octet-stream, text/csv;q=0.1')).toMatchObject({
      status: 200,
      type: CONTENT_TYPES.csv,
    });
  });

  it('does not matter where format says it all', async () => {
    const answer = await ask('/v1/rows?last=1&format=csv', 'application/json');
    expect(answer).toMatchObject({ type: CONTENT_TYPES.csv, vary: 'accept-encoding' });
    const candles = '/v1/candles?symbol=ticker_0&resolution=1s&last=1&format=json';
    expect(await ask(candles, 'image/png')).toMatchObject({ status: 200, vary: 'accept-encoding' });
  });

  it.each(['/v1/market', '/v1/sparklines?points=2', '/healthz', '/openapi.json'])(
    'does not matter to %s, which is always JSON',
    async (path) => {
      const answer = await ask(path, 'text/csv');
      expect(answer.status).toBe(200);
      expect(answer.type).toMatch(/^application\/json/);
    },
  );
});

describe('a format', () => {
  it('that names columns is refused where a symbol is called time', async () => {
    const spec = { instruments: ['time', 'b'], count: undefined };
    const server = await startTestServer({ spec, rows: 10 });
    for (const format of ['csv', 'arrow']) {
      const answer = await server.get(`/v1/rows?last=1&format=${format}`);
      expectError(answer, 'bad_request');
      expect(answer.json.error.message).toBe(
        `symbols cannot hold the name of the first column of ${format}; given: time`,
      );
      expect((await server.get(`/v1/rows?last=1&format=${format}&symbols=b`)).status).toBe(200);
    }
    for (const format of ['json', 'ndjson', 'bin']) {
      expect((await server.get(`/v1/rows?last=1&format=${format}`)).status).toBe(200);
    }
    await server.stop();
  });

  it('of a thousand columns is the widest that arrow has', async () => {
    const spec = { count: 1001, capacity: 10 };
    const server = await startTestServer({ spec, rows: 10 });
    const wide = await server.get('/v1/rows?last=1&format=arrow');
    const names = server.market.instruments.slice(0, 1000).map(({ symbol }) => symbol);
    const body = await bodyOf(server, `/v1/rows?last=1&format=arrow&symbols=${names}`);
    await server.stop();

    expectError(wide, 'range_too_large', { limit: 1000 });
    expect(wide.json.error.message).toMatch(/^symbols must be at most 1000 .*; given: 1001$/);
    expect(READERS.arrow(body).names).toEqual(names);
  });
});

describe('/openapi.json', () => {
  let server: TestServer;
  // biome-ignore lint/suspicious/noExplicitAny: it is looked through as a whole.
  let paths: any;

  beforeAll(async () => {
    server = await startTestServer();
    paths = dereferenced((await server.get('/openapi.json')).json).paths;
  });

  afterAll(() => server.stop());

  it.each([
    ['/v1/rows', '/v1/rows?last=1', [...CANDLE_FORMATS, 'parquet', 'bin'] as const, 'since=now'],
    [
      '/v1/candles',
      '/v1/candles?symbol=ticker_0&resolution=1s&last=1',
      [...CANDLE_FORMATS, 'parquet'] as const,
      `from=${new Date(ORIGIN + 1000 * INTERVAL).toISOString()}&count=1`,
    ],
  ])(
    'has the content types and headers of %s, and no others',
    async (route, path, formats, nothing) => {
      const { responses, parameters } = paths[route].get;
      const { content, headers } = responses[200];
      const given = parameters.find(({ name }: { name: string }) => name === 'format');
      expect(given.schema.enum).toEqual(formats);
      for (const mediaType of Object.keys(content)) {
        const answer = await bodyOf(server, path, { headers: { accept: mediaType } });
        expect(answer.headers.get('content-type')?.split(';')[0]).toBe(mediaType);
      }
      const own = formats.map((format) => CONTENT_TYPES[format].split(';')[0]);
      expect(Object.keys(content)).toEqual(expect.arrayContaining(own));
      const csv = await bodyOf(server, `${path}&format=csv`);
      const none = await bodyOf(server, `${path.replace('last=1', nothing)}&format=csv`);
      for (const name of Object.keys(headers)) {
        expect(csv.headers.get(name) ?? none.headers.get(name), name).not.toBe(null);
      }
      const documented = Object.keys(headers).map((name) => name.toLowerCase());
      const sent = [...csv.headers.keys(), ...none.headers.keys()].filter((name) =>
        name.startsWith('tickwell-'),
      );
      expect(documented).toEqual(expect.arrayContaining(sent));
      expect(Object.keys(responses)).toEqual(['200', '304', '4XX', '5XX']);
      expect(responses[304].content).toBe(undefined);
    },
  );

  it('describes every answer of every route', () => {
    for (const [route, methods] of Object.entries<typeof paths>(paths)) {
      const operations = Object.entries<typeof paths>(methods);
      expect(operations.length, route).toBeGreaterThan(0);
      for (const [method, { summary, responses }] of operations) {
        const called = `${method} ${route}`;
        expect(summary, called).toEqual(expect.any(String));
        for (const [status, response] of Object.entries<typeof paths>(responses)) {
          expect(status).toMatch(/^([1-5]XX|[1-5]\d\d)$/);
          expect(response.description, `${called} ${status}`).toMatch(/\w/);
          for (const media of Object.values<typeof paths>(response.content ?? {})) {
            expect(media.schema, `${called} ${status}`).toEqual(expect.any(Object));
          }
        }
        expect(Object.keys(responses).join(), called).toMatch(/4XX|500|200/);
      }
    }
    // AsyncAPI describes it: no call of OpenAPI's ends well there.
    expect(paths['/v1/stream']).toBeUndefined();
  });
});
