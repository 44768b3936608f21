import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startTestServer, type TestServer } from '../../helpers/server.ts';
import * as schemas from './schemas.ts';
import {
  allPages,
  DAY,
  get,
  iso,
  type Json,
  MINUTE,
  ORIGIN,
  PAIRS,
  ROWS,
  SPEC,
  STOCKS,
  SYMBOLS,
  startWorld,
} from './world.ts';

const NAMES = ['bars', 'trades', 'quotes'] as const;
const END = ORIGIN + ROWS * MINUTE;
/** A range in the middle, where New York is open for a part of it. */
const SOME = { start: iso(ORIGIN + 2 * DAY), end: iso(ORIGIN + 3 * DAY), limit: 50 };

let server: TestServer;

beforeAll(async () => {
  server = await startWorld();
});

afterAll(async () => {
  await server.stop();
  expect(server.failures).toEqual([]);
});

const kindOf = (base: string) => (base === '/v2/stocks' ? 'stock' : 'crypto');

describe('pages of items', () => {
  it.each(SYMBOLS)('of $name say what clients read, in order', async ({ base, name }) => {
    for (const kind of NAMES) {
      for (const sort of ['asc', 'desc']) {
        const query = { ...SOME, symbols: name, timeframe: '5Min', sort };
        const { json, status } = await get(server, `${base}/${kind}`, query);
        expect(status).toBe(200);
        expect(schemas.faults(schemas.pages(kindOf(base), kind), json)).toBe('');
        const times = json[kind][name].map(({ t }: Json) => t);
        expect(times.length).toBeGreaterThan(name === 'RARE' && kind !== 'quotes' ? 10 : 49);
        const sorted = times.toSorted((a: string, b: string) => Date.parse(a) - Date.parse(b));
        expect(times).toEqual(sort === 'asc' ? sorted : sorted.reverse());
      }
    }
  });

  it('of one stock are those of several, in a list', async () => {
    for (const kind of NAMES) {
      const query = { ...SOME, timeframe: '15Min' };
      const { json } = await get(server, `/v2/stocks/NIMBO/${kind}`, query);
      expect(schemas.faults(schemas.page(kind), json)).toBe('');
      const several = await get(server, `/v2/stocks/${kind}`, { ...query, symbols: 'NIMBO' });
      expect(json).toEqual({
        ...{ symbol: 'NIMBO', [kind]: several.json[kind].NIMBO },
        next_page_token: several.json.next_page_token,
      });
    }
  });

  it('are the same whole as page by page, both ways, however short pages are', async () => {
    const minutes = fc.integer({ min: -500, max: ROWS + 500 });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...NAMES),
        fc.constantFrom('stock', 'crypto'),
        fc.record({ from: minutes, length: fc.integer({ min: 0, max: 3000 }) }),
        fc.constantFrom('1Min', '7Min', '1Hour', '1Day', '1Week'),
        fc.record({ limit: fc.integer({ min: 1, max: 400 }), isDown: fc.boolean() }),
        async (name, kind, { from, length }, timeframe, { limit, isDown }) => {
          const [base, symbols] =
            kind === 'stock' ? ['/v2/stocks', STOCKS] : ['/v1beta3/crypto/us', PAIRS];
          // Trades are many.
          const rows = name === 'trades' ? Math.ceil(length / 10) : length;
          const query = {
            ...{ symbols: symbols.join(), timeframe, sort: isDown ? 'desc' : 'asc' },
            ...{ start: iso(ORIGIN + from * MINUTE), end: iso(ORIGIN + (from + rows) * MINUTE) },
          };
          const path = `${base}/${name}`;
          const whole = await get(server, path, { ...query, limit: 10_000 });
          expect(whole.status).toBe(200);
          expect(whole.json.next_page_token).toBeNull();
          const short = Math.max(limit, name === 'bars' ? 1 : Math.ceil(length / 8));
          const { items } = await allPages(server, path, name, { ...query, limit: short });
          expect(items).toEqual(whole.json[name]);
          const other = { ...query, sort: isDown ? 'asc' : 'desc', limit: 10_000 };
          const { json } = await get(server, path, other);
          const turned = Object.entries(json[name] as Record<string, Json[]>).map(
            ([symbol, list]) => [symbol, list.toReversed()] as const,
          );
          expect(Object.fromEntries(turned)).toEqual(whole.json[name]);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('have as many items as limit says, of all symbols together', async () => {
    const query = { symbols: 'RARE,ACME,NIMBO', timeframe: '1Day', start: iso(ORIGIN), limit: 20 };
    const { json } = await get(server, '/v2/stocks/bars', { ...query, end: iso(END) });
    const lists = Object.entries(json.bars as Record<string, Json[]>);
    expect(lists.map(([name, { length }]) => [name, length])).toEqual([
      ['ACME', 14],
      ['NIMBO', 6],
    ]);
    expect(json.next_page_token).not.toBeNull();
  });

  it('are of the day by default, up to now', async () => {
    const { json } = await get(server, '/v2/stocks/ACME/bars', { timeframe: '1Hour' });
    expect(json.bars.map(({ t }: Json) => t)).toEqual(
      [0, 1, 2, 3, 4].map((hour) => `2026-01-19T0${hour}:00:00Z`),
    );
  });

  it.each(['', '.25', '.250000000'])('are taken at times of all zones, as in %s', async (part) => {
    const times = (of: string) =>
      get(server, '/v2/stocks/ACME/trades', {
        ...{ start: `2026-01-07T${of}`, end: '2026-01-07T23:00:00.5+00:00', limit: 5 },
      });
    const { json: expected, status } = await times(`14:30:00${part}Z`);
    expect([status, expected.trades.length]).toEqual([200, 5]);
    expect(Date.parse(expected.trades[0].t)).toBeLessThan(Date.UTC(2026, 0, 7, 14, 31));
    for (const of of [`14:30:00${part}+00:00`, `09:30:00${part}-05:00`, `20:00:00${part}+05:30`]) {
      expect(await times(of)).toEqual({ status: 200, json: expected });
    }
  });

  it('are taken at times finer than a millisecond', async () => {
    const { json } = await get(server, '/v2/stocks/ACME/trades', { ...SOME, limit: 3 });
    const [first, second, third] = json.trades;
    const between = { start: first.t.replace('Z', '001Z'), end: third.t, limit: 9 };
    const { json: some } = await get(server, '/v2/stocks/ACME/trades', between);
    expect(some.trades).toEqual([second, third]);
    const exact = { start: second.t, end: second.t };
    const { json: one } = await get(server, '/v2/stocks/ACME/trades', exact);
    expect(one.trades).toEqual([second]);
  });
});

describe('equal to Tickwell’s own', () => {
  const WIDTHS = {
    '1Min': '1m',
    '5Min': '5m',
    '4Hour': '4h',
    '1Day': '1d',
    '1Week': '1w',
    '3Month': '3mo',
  };

  it('are bars, but for those without a trade', async () => {
    const range = fc.record({
      from: fc.integer({ min: 0, max: ROWS - 1 }),
      rows: fc.integer({ min: 1, max: 3000 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...SYMBOLS),
        fc.constantFrom(...(Object.keys(WIDTHS) as (keyof typeof WIDTHS)[])),
        range,
        async ({ base, name, own }, timeframe, { from, rows }) => {
          const [fromMs, toMs] = [ORIGIN + from * MINUTE, ORIGIN + (from + rows) * MINUTE];
          const asked = new URLSearchParams({
            ...{ symbol: own, resolution: WIDTHS[timeframe], prices: 'decimal' },
            ...{ fields: 'volume,trades', from: String(fromMs), to: String(toMs) },
          });
          const { json: candles } = await server.get(`/v1/candles?${asked}`);
          const expected = candles.time.flatMap((time: number, n: number) => {
            const [o, h, l, c] = ['open', 'high', 'low', 'close'].map((p) => Number(candles[p][n]));
            const [v, count] = [candles.volume[n], candles.trades[n]];
            if (time < fromMs || time >= toMs || count === 0) return [];
            return [{ t: iso(time).replace('.000Z', 'Z'), o, h, l, c, v, n: count }];
          });
          const query = { symbols: name, timeframe, start: iso(fromMs), end: iso(toMs - 1) };
          const { items } = await allPages(server, `${base}/bars`, 'bars', {
            ...query,
            limit: 9999,
          });
          const bars = (items[name] ?? []).map(({ vw, ...bar }) => {
            expect(vw).toBeGreaterThan(0);
            return bar;
          });
          expect(bars).toEqual(expected);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('are trades, by their numbers', async () => {
    const from = fc.integer({ min: 0, max: ROWS - 300 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...SYMBOLS), from, async ({ base, name, own }, row) => {
        const [fromMs, toMs] = [ORIGIN + row * MINUTE, ORIGIN + (row + 200) * MINUTE];
        const query = { symbols: name, start: iso(fromMs), end: iso(toMs - 1), limit: 10_000 };
        const { json } = await get(server, `${base}/trades`, query);
        const asked = new URLSearchParams({
          ...{ symbol: own, since: String(fromMs - MINUTE), until: String(toMs - MINUTE) },
          ...{ prices: 'decimal', time: 'iso' },
        });
        const { json: trades } = await server.get(`/v1/trades?${asked}`);
        const expected = trades.price.map((price: string, n: number) => ({
          ...{
            i: trades.fromId + n,
            t: trades.time[n].replace(/(\.\d*?)0+Z$/, '$1Z'),
            p: Number(price),
            s: trades.lots[n],
          },
        }));
        const given = (json.trades[name] ?? []).map(({ i, t, p, s }: Json) => ({ i, t, p, s }));
        expect(given).toEqual(expected);
      }),
      { numRuns: 15 },
    );
  });

  it('are averages of what was paid, and counts of it', async () => {
    for (const { base, name } of SYMBOLS) {
      const query = { symbols: name, start: SOME.start, end: SOME.end, limit: 10_000 };
      const { json } = await get(server, `${base}/trades`, query);
      const { json: hours } = await get(server, `${base}/bars`, { ...query, timeframe: '1Hour' });
      for (const bar of hours.bars[name].slice(1, -1)) {
        const from = Date.parse(bar.t);
        const isIn = ({ t }: Json) => Date.parse(t) >= from && Date.parse(t) < from + 60 * MINUTE;
        const trades = json.trades[name].filter(isIn);
        expect(trades.length).toBe(bar.n);
        const lots = trades.reduce((sum: number, { s }: Json) => sum + s, 0);
        expect(lots).toBe(bar.v);
        const paid = trades.reduce((sum: number, { s, p }: Json) => sum + s * p, 0);
        expect(bar.vw).toBeCloseTo(paid / lots, 3);
      }
    }
  });
});

describe('the newest', () => {
  it('says what clients read, of several and of one', async () => {
    const check = async (path: string, query: Record<string, string>, schema: never) => {
      const { json, status } = await get(server, path, query);
      expect(status).toBe(200);
      expect(schemas.faults(schema, json)).toBe('');
      return json;
    };
    const [stocks, pairs] = [{ symbols: STOCKS.join() }, { symbols: PAIRS.join() }];
    for (const kind of NAMES) {
      const several = await check(
        `/v2/stocks/${kind}/latest`,
        stocks,
        schemas.latest('stock', kind) as never,
      );
      expect(Object.keys(several[kind]).toSorted()).toEqual(STOCKS.toSorted());
      const one = await check(
        `/v2/stocks/RARE/${kind}/latest`,
        {},
        schemas.latestOne(kind) as never,
      );
      expect(one[kind.slice(0, -1)]).toEqual(several[kind].RARE);
      const of = await check(
        `/v1beta3/crypto/eu-1/latest/${kind}`,
        pairs,
        schemas.latest('crypto', kind) as never,
      );
      expect(Object.keys(of[kind]).toSorted()).toEqual(PAIRS.toSorted());
    }
    await check('/v1beta3/crypto/us/latest/orderbooks', pairs, schemas.orderbooks as never);
    const snapshots = await check('/v2/stocks/snapshots', stocks, schemas.stockSnapshots as never);
    const snapshot = await check('/v2/stocks/ACME/snapshot', {}, schemas.stockSnapshot as never);
    expect(snapshot).toEqual({ symbol: 'ACME', ...snapshots.ACME });
    await check('/v1beta3/crypto/us/snapshots', pairs, schemas.pairSnapshots as never);
  });

  it.each(SYMBOLS)('of $name is the last of its pages', async ({ base, name }) => {
    const query = { symbols: name, start: iso(ORIGIN), sort: 'desc', limit: 2 };
    const last = async (kind: string, timeframe = '') =>
      (await get(server, `${base}/${kind}`, { ...query, timeframe })).json[kind][name];
    const { json } = await get(server, `${base}/snapshots`, { symbols: name });
    const snapshot = (json.snapshots ?? json)[name];
    const [[latestTrade], [latestQuote], days] = [
      await last('trades'),
      await last('quotes'),
      await last('bars', '1Day'),
    ];
    const minutes = await last('bars', '1Min');
    expect(snapshot).toEqual({
      ...{ latestTrade, latestQuote, minuteBar: minutes[0] },
      ...{ dailyBar: days[0], prevDailyBar: days[1] },
    });
  });
});

describe('the clock', () => {
  it('says when New York opens next, and the calendar on which days', async () => {
    const { json } = await get(server, '/v2/clock');
    expect(schemas.faults(schemas.clock, json)).toBe('');
    expect(json).toEqual({
      timestamp: '2026-01-18T23:39:00-05:00',
      is_open: false,
      next_open: '2026-01-19T09:30:00-05:00',
      next_close: '2026-01-19T16:00:00-05:00',
    });
    const { json: days } = await get(server, '/v2/calendar', {
      ...{ start: '2026-07-02', end: '2026-07-06T10:00:00.000Z' },
    });
    expect(schemas.faults(schemas.calendar, days)).toBe('');
    expect(days.map(({ date }: Json) => date)).toEqual(['2026-07-02', '2026-07-03', '2026-07-06']);
    expect(days[1]).toEqual({
      ...{ date: '2026-07-03', open: '09:30', close: '16:00' },
      ...{ session_open: '0400', session_close: '2000', settlement_date: '2026-07-06' },
    });
    const { json: all } = await get(server, '/v2/calendar');
    expect(all[0].date).toBe('2026-01-05');
    expect(all.at(-1).date).toBe('2027-01-20');
  });

  it('has a calendar of a hundred years of an older market, unless others are asked for', async () => {
    const old = await startTestServer({
      spec: { ...SPEC, origin: Date.UTC(1901, 0, 1), interval: DAY },
      rows: 45_000,
    });
    onTestFinished(() => old.stop());
    const edges = async (query: Record<string, string>) => {
      const { json, status } = await get(old, '/v2/calendar', query);
      expect(status).toBe(200);
      return [json[0].date, json.at(-1).date];
    };
    // The 45,000th day is in March of 2024.
    expect(await edges({})).toEqual(['1925-03-17', '2025-03-14']);
    expect(await edges({ start: '1901-01-01' })).toEqual(['1901-01-01', '2000-12-29']);
    expect(await edges({ end: '1902-01-01' })).toEqual(['1901-01-01', '1902-01-01']);
    expect(await edges({ end: '2024-01-01' })).toEqual(['1924-01-02', '2024-01-01']);
  });

  it('has nothing open before the first row, when there is nothing of anything either', async () => {
    // A Friday, in New York's hours.
    const early = await startWorld({}, Math.floor((Date.UTC(2026, 0, 2, 17) - ORIGIN) / MINUTE));
    onTestFinished(() => early.stop());
    expect((await get(early, '/v2/clock')).json).toEqual({
      ...{ timestamp: '2026-01-02T11:59:00-05:00', is_open: false },
      ...{ next_open: '2026-01-05T09:30:00-05:00', next_close: '2026-01-05T16:00:00-05:00' },
    });
    for (const name of NAMES) {
      const query = { symbols: 'NIMBO', timeframe: '1Day' };
      const pages = await get(early, `/v2/stocks/${name}`, query);
      expect(pages).toEqual({ status: 200, json: { [name]: {}, next_page_token: null } });
      const latest = await get(early, `/v2/stocks/${name}/latest`, query);
      expect(latest).toEqual({ status: 200, json: { [name]: {} } });
    }
    const always = await startTestServer({
      spec: { ...SPEC, instruments: SPEC.instruments.slice(1, 2) },
      rows: -90,
    });
    onTestFinished(() => always.stop());
    expect((await get(always, '/v2/clock')).json).toEqual({
      ...{ timestamp: '2026-01-05T05:49:00Z', is_open: false },
      ...{ next_open: '2026-01-05T07:20:00Z', next_close: '2026-01-06T00:00:00Z' },
    });
    always.clock.pass(91 * MINUTE);
    expect((await get(always, '/v2/clock')).json).toMatchObject({
      ...{ is_open: true, next_open: '2026-01-06T00:00:00Z', next_close: '2026-01-06T00:00:00Z' },
    });
  });

  it('explains the codes of trades and quotes', async () => {
    expect((await get(server, '/v2/stocks/meta/exchanges')).json).toHaveProperty('V');
    const conditions = '/v2/stocks/meta/conditions';
    expect((await get(server, `${conditions}/trade`, { tape: 'A' })).json).toHaveProperty('@');
    expect((await get(server, `${conditions}/quote`)).json).toHaveProperty('R');
  });
});
