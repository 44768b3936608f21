import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { finish } from '../../src/core/market/finish.ts';
import { timeOf } from '../../src/core/market/grid.ts';
import { type FactId, factOf } from '../../src/core/realism/facts.ts';
import { readColumn } from '../../src/core/realism/reading.ts';
import { realismOf } from '../../src/core/realism/report.ts';
import { DayReader, type ReadDays, yearsMs, yearsOf } from '../../src/core/realism/years.ts';
import { expectError } from '../helpers/sentence.ts';
import { startTestServer, type TestServer } from '../helpers/server.ts';

const ROWS = 20_000;
let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ spec: { defaults: { model: 'market' } }, rows: ROWS });
});

afterAll(async () => {
  await server.stop();
  expect(server.failures).toEqual([]);
});

describe('GET /v1/realism', () => {
  it('is the report of the newest rows', async () => {
    const { status, json } = await server.get('/v1/realism?symbol=ticker_1&rows=4000&years=0');
    expect(status).toBe(200);
    const { market } = server;
    const expected = finish(realismOf(finish(readColumn(market, 1, ROWS - 4000, ROWS))));
    const { facts, ...rest } = JSON.parse(JSON.stringify(expected));
    expect(json).toMatchObject({ market: market.id, ...rest, years: null });
    // With what is reported of each: who shows it needs to know nothing.
    expect(json.facts).toEqual(
      facts.map((fact: { id: FactId }) => ({ ...factOf(fact.id), ...fact })),
    );
  });

  it('is of the newest years of days too, from a wider grid of the same market', async () => {
    const spec = { defaults: { model: 'market' }, interval: '1h', count: 2 };
    const own = await startTestServer({ spec, rows: ROWS });
    onTestFinished(async () => {
      await own.stop();
      expect(own.failures).toEqual([]);
    });
    const { market } = own;
    const untilMs = timeOf(market.grid, ROWS - 1);
    const found = async (years: number | string) =>
      (await own.get(`/v1/realism?symbol=ticker_1&rows=1000&years=${years}`)).json.years;
    const of = (years: number) => {
      const reader = new DayReader(market, [1]);
      const days = finish(reader.read(1, untilMs - yearsMs(years), untilMs)) as ReadDays;
      return JSON.parse(JSON.stringify(finish(yearsOf(days))));
    };
    expect(await found(1)).toEqual(of(1));
    expect((await found(1)).days).toBe(371);
    // It is younger than four years.
    const all = (await own.get('/v1/realism?symbol=ticker_1&rows=1000')).json;
    expect(all.years).toEqual(of(4));
    expect(all.years.days).toBe(Math.floor(ROWS / 24) - 1);
    const { value, isUncertain } = all.facts.find(({ id }: { id: string }) => id === 'tail-1d');
    expect([value, isUncertain]).toEqual([all.years.tailIndex, true]);
    for (const years of [-1, 11, 'x', '', 1.5]) {
      expectError(
        await own.get(`/v1/realism?symbol=ticker_1&rows=1000&years=${years}`),
        'bad_request',
      );
    }
  });

  it('is of all rows where there are fewer than asked for', async () => {
    const { json } = await server.get('/v1/realism?symbol=ticker_0');
    expect([json.rows, json.symbol, json.model]).toEqual([ROWS, 'ticker_0', 'market']);
  });

  it('is a page too, which may use its own styles and nothing else', async () => {
    const path = '/v1/realism?symbol=ticker_2&rows=3000';
    const named = await server.get(`${path}&format=html`);
    expect(named.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(named.headers.get('content-security-policy')).toBe(
      "default-src 'none'; style-src 'unsafe-inline'",
    );
    expect(named.text).toContain('ticker_2');
    const accepted = await server.get(path, { headers: { accept: 'text/html' } });
    expect(accepted.text).toBe(named.text);
  });

  it('has a tag, and costs nothing twice', async () => {
    const path = '/v1/realism?symbol=ticker_2&rows=3000';
    const { headers } = await server.get(path);
    const again = { headers: { 'if-none-match': headers.get('etag')! } };
    expect((await server.get(path, again)).status).toBe(304);
    expect((await server.get(`${path}1`, again)).status).toBe(200);
  });

  it.each([
    ['', 'bad_request'],
    ['?symbol=NONE', 'unknown_symbol'],
    ['?symbol=ticker_0&rows=999', 'bad_request'],
    ['?symbol=ticker_0&rows=1048577', 'bad_request'],
    ['?symbol=ticker_0&rows=0x400', 'bad_request'],
    ['?symbol=ticker_0&format=csv', 'bad_request'],
  ] as const)('refuses %s', async (query, code) => {
    expectError(await server.get(`/v1/realism${query}`), code);
  });

  it('says of a number out of range which there may be, as tickwell realism does', async () => {
    for (const rows of [999, 1_048_577]) {
      const { json } = await server.get(`/v1/realism?symbol=ticker_0&rows=${rows}`);
      const rule = 'rows must be a whole number from 1000 to 1048576';
      expect(json.error.message).toBe(`${rule}; given: ${rows}`);
    }
  });

  it('refuses what was meant for another market, and what no format is', async () => {
    const path = '/v1/realism?symbol=ticker_0';
    const other = await server.get(`${path}&market=0000000000000000`);
    expectError(other, 'market_changed', { market: server.market.id });
    const none = await server.get(path, { headers: { accept: 'image/png' } });
    expectError(none, 'not_acceptable');
  });
});
