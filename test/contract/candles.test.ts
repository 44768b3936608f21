import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Feed } from '../../src/core/feed/feed.ts';
import { candleRange, foldCandles, newCandles } from '../../src/core/history/candles.ts';
import type { Market } from '../../src/core/market/market.ts';
import { parseResolution } from '../../src/core/market/resolution.ts';
import { marketOf, pricesOf } from '../helpers/market.ts';
import { INTERVAL, ORIGIN, startTestServer } from '../helpers/server.ts';

const DAY = 86_400_000;
const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: DAY, w: 7 * DAY };

/** When the candle that holds `timeMs` starts, by the calendar. */
function startByCalendar(text: string, timeMs: number): number {
  const width = widthOf(text);
  if (!text.endsWith('w')) return timeMs - (((timeMs % width) + width) % width);
  const daysSinceMonday = (new Date(timeMs).getUTCDay() + 6) % 7;
  const monday = Math.floor(timeMs / DAY) * DAY - daysSinceMonday * DAY;
  // Of several weeks: counted from the Monday before 1970.
  const weeks = (monday - Date.UTC(1969, 11, 29)) / (7 * DAY);
  const many = width / (7 * DAY);
  return monday - (((weeks % many) + many) % many) * 7 * DAY;
}

function widthOf(text: string): number {
  const [, count, unit] = /^(\d+)(\w+)$/.exec(text)!;
  return Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS];
}

/** Every candle of the first `head` rows that holds a time in `[fromMs, toMs)`, row by row. */
function naiveCandles(
  market: Market,
  column: number,
  text: string,
  head: number,
  fromMs: number,
  toMs: number,
) {
  const { originMs, intervalMs } = market.grid;
  const width = widthOf(text);
  const candles = newCandles();
  pricesOf(market, column, 0, head).forEach((price, index) => {
    const start = startByCalendar(text, originMs + index * intervalMs);
    if (start + width <= fromMs || start >= toMs) return;
    const last = candles.time.length - 1;
    candles.next = index + 1;
    if (candles.time[last] !== start) {
      candles.time.push(start);
      candles.open.push(price);
      candles.high.push(price);
      candles.low.push(price);
      candles.close.push(price);
    } else {
      candles.high[last] = Math.max(candles.high[last], price);
      candles.low[last] = Math.min(candles.low[last], price);
      candles.close[last] = price;
    }
  });
  const nextMs = originMs + head * intervalMs;
  candles.closed = candles.time.filter((start) => start + width <= nextMs).length;
  return candles;
}

/** The candles of a feed as the server folds them. */
function candlesOf(feed: Feed, column: number, text: string, fromMs: number, toMs: number) {
  const resolution = parseResolution(text)!;
  const candles = newCandles();
  const range = candleRange(feed.history, resolution, fromMs, toMs);
  for (const _ of foldCandles(candles, feed.history, column, resolution, range));
  return candles;
}

const MINUTE = 60_000;
const RESOLUTIONS = ['1m', '2m', '7m', '1h', '90m', '4h', '1d', '24h', '3d', '7d', '1w', '2w'];

/** A market of minutes whose first row stands anywhere in its candle; a ring of any size. */
const aMarket = fc
  .record({
    origin: fc.integer({ min: Date.UTC(1969, 11, 1), max: Date.UTC(2026, 11, 31) }),
    capacity: fc.constantFrom(1, 100, 40_000),
    model: fc.constantFrom('walk', 'gbm'),
    dtype: fc.constantFrom('uint8', 'uint16', 'float64'),
  })
  .map(({ origin, capacity, model, dtype }) =>
    marketOf({ origin, capacity, dtype, interval: MINUTE, count: 2, defaults: { model } }),
  );
const MAX_ROWS = 18_000;

describe('candles', () => {
  it('are the fold of their rows, for every resolution and range', () =>
    fc.assert(
      fc.property(
        aMarket,
        fc.constantFrom(...RESOLUTIONS),
        fc.integer({ min: 0, max: MAX_ROWS }),
        fc.integer({ min: -5000, max: MAX_ROWS + 5000 }),
        fc.integer({ min: 1, max: 2 * MAX_ROWS }),
        (market, text, head, first, length) => {
          const feed = new Feed(market);
          const { originMs } = market.grid;
          feed.advance(originMs + (head - 1) * MINUTE);
          expect(feed.head).toBe(head);
          const fromMs = originMs + first * MINUTE + 1;
          const toMs = fromMs + length * MINUTE;

          const candles = candlesOf(feed, 1, text, fromMs, toMs);
          expect(candles).toEqual(naiveCandles(market, 1, text, head, fromMs, toMs));
        },
      ),
      { numRuns: 40 },
    ));

  it('that are closed never change, whatever rows come; at most one is open', () =>
    fc.assert(
      fc.property(
        aMarket,
        fc.constantFrom(...RESOLUTIONS),
        fc.array(fc.integer({ min: 0, max: 4000 }), { minLength: 2, maxLength: 5 }),
        (market, text, steps) => {
          const feed = new Feed(market);
          const { originMs } = market.grid;
          let before = newCandles();
          let head = 0;
          for (const rows of steps) {
            head += rows;
            feed.advance(originMs + (head - 1) * MINUTE);
            const now = candlesOf(feed, 0, text, originMs, originMs + 1e12);
            expect(now.closed).toBeGreaterThanOrEqual(before.closed);
            expect(now.time.length - now.closed).toBeLessThanOrEqual(1);
            for (const field of ['time', 'open', 'high', 'low', 'close'] as const) {
              expect(now[field].slice(0, before.closed)).toEqual(
                before[field].slice(0, before.closed),
              );
            }
            before = now;
          }
        },
      ),
      { numRuns: 30 },
    ));

  it('of a day start at 00:00 UTC and those of a week on Monday, without holes', () => {
    // 2026-01-01 was a Thursday.
    const market = marketOf({ origin: '2026-01-01T10:30:00Z', interval: '1m', count: 1 });
    const feed = new Feed(market);
    feed.advance(Date.UTC(2026, 0, 20));

    const days = candlesOf(feed, 0, '1d', 0, Date.UTC(2030, 0, 1));
    expect(days.time).toEqual(Array.from({ length: 20 }, (_, n) => Date.UTC(2026, 0, 1 + n)));
    expect(days.closed).toBe(19);
    const weeks = candlesOf(feed, 0, '1w', 0, Date.UTC(2030, 0, 1));
    expect(weeks.time).toEqual([29 - 31, 5, 12, 19].map((day) => Date.UTC(2026, 0, day)));
    expect(weeks.closed).toBe(3);
    for (const time of weeks.time) expect(new Date(time).getUTCDay()).toBe(1);
  });

  it('from the origin on begin with one of fewer rows, which is final like any other', () => {
    const market = marketOf({ origin: '2026-01-05T00:00:57Z', interval: '1s', count: 1 });
    const feed = new Feed(market);
    feed.advance(market.grid.originMs + 3000);

    const { time, open, close, closed } = candlesOf(feed, 0, '1m', 0, 1e14);
    const prices = pricesOf(market, 0, 0, 4);
    expect(time).toEqual([ORIGIN, ORIGIN + 60_000]);
    expect(open).toEqual([prices[0], prices[3]]);
    expect(close).toEqual([prices[2], prices[3]]);
    expect(closed).toBe(1);
  });
});

describe('GET /v1/candles and the message candles', () => {
  it('give the same candles: by from and count, from and to, and last', async () => {
    const rows = 12_345;
    const server = await startTestServer({ rows, spec: { capacity: 777 } });
    const socket = await server.connect();
    const market = server.market.id;
    const about = 'symbol=ticker_2&resolution=1s';
    const expected = naiveCandles(server.market, 2, '1s', rows, ORIGIN, ORIGIN + 1e9);
    const part = (from: number, next: number) => {
      const { time, open, high, low, close } = expected;
      const cut = { time, open, high, low, close };
      const lists = Object.entries(cut).map(([name, list]) => [name, list.slice(from, next)]);
      const closed = Math.max(0, Math.min(next, expected.closed) - from);
      const said = { market, symbol: 'ticker_2', resolution: '1s', ...Object.fromEntries(lists) };
      // Who waits for the next is told what there is.
      const head = ORIGIN + (rows - 1) * INTERVAL;
      if (from === next) return { ...said, closed, earliest: ORIGIN, head };
      const until = ORIGIN + (next === 124 ? rows * INTERVAL : next * 1000) - INTERVAL;
      return { ...said, closed, until };
    };
    expect(expected.time).toHaveLength(124);

    const at = (n: number) => ORIGIN + n * 1000;
    const queries: [string, number, number][] = [
      [`from=${at(5)}&count=10`, 5, 15],
      [`from=${at(5) + 999}&count=10`, 5, 15],
      [`from=${at(120)}&count=100`, 120, 124],
      [`from=${at(5)}&to=${at(7)}`, 5, 7],
      [`from=${at(5)}&to=${at(7) + 1}`, 5, 8],
      ['from=1970-01-01&to=2026-01-06', 0, 124],
      [`from=${at(-5)}&count=7`, 0, 2],
      [`from=${at(124)}&count=5`, 0, 0],
      [`from=${at(124)}&to=9999-01-01`, 0, 0],
      ['last=3', 121, 124],
      ['last=10000', 0, 124],
    ];
    for (const [query, from, next] of queries) {
      const { json } = await server.get(`/v1/candles?${about}&${query}`);
      expect(json, query).toEqual(part(from, next));
    }
    for (const from of [5, 121]) {
      const request = { symbol: 'ticker_2', resolution: '1s', from: at(from), count: 10 };
      const message = await socket.ask({ type: 'candles', id: 9, ...request });
      expect(message).toEqual({ type: 'candles', id: 9, ...part(from, Math.min(124, from + 10)) });
    }
    await socket.close();
    await server.stop();
    expect(server.failures).toEqual([]);
  });

  it('may be kept for ever only once the whole range is over', async () => {
    const rows = 1000;
    const server = await startTestServer({ rows });
    const head = ORIGIN + (rows - 1) * INTERVAL;
    const about = `symbol=ticker_0&market=${server.market.id}`;
    const cacheOf = async (query: string) => {
      const { status, headers } = await server.get(`/v1/candles?${about}&${query}`);
      expect(status).toBe(200);
      return headers.get('cache-control');
    };

    const immutable = 'public, max-age=31536000, immutable';
    expect(await cacheOf(`resolution=1s&from=${ORIGIN}&count=10`)).toBe(immutable);
    expect(await cacheOf(`resolution=1s&from=${ORIGIN}&to=${head}`)).toBe(immutable);
    expect(await cacheOf(`resolution=1s&from=${ORIGIN}&count=11`)).toBe('no-cache');
    expect(await cacheOf('resolution=1s&last=2')).toBe('no-cache');
    // Each of these ends with a candle that is final, but there are more to come.
    expect(await cacheOf(`resolution=1s&from=${ORIGIN}&to=${head + 60_000}`)).toBe('no-cache');
    expect(await cacheOf(`resolution=10ms&from=${ORIGIN}&to=${head + 60_000}`)).toBe('no-cache');
    expect(await cacheOf(`resolution=1s&from=${head + INTERVAL}&count=1`)).toBe('no-cache');
    await server.stop();
  });
});
