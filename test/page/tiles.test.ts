import { expect, test, vi } from 'vitest';
import { ClientError } from '../../src/client/index.ts';
import { parseResolution } from '../../src/core/market/resolution.ts';
import {
  type CandlesQuery,
  CutOtherwise,
  Tiles,
  type TilesOf,
} from '../../src/page/chart/tiles.ts';
import { type Bar, isEmpty } from '../../src/page/chart/window.ts';
import { Nights } from '../../src/page/time/nights.ts';
import { barAt, barStartMs } from '../../src/page/time/resolution.ts';
import { zonedResolution } from '../../src/zones/zoned-resolution.ts';

const MINUTE = parseResolution('1m')!;
const DAY = parseResolution('1d')!;
const TILE_MS = 512 * MINUTE.ms;
const DAYS_TILE_MS = 512 * DAY.ms;
const { signal } = new AbortController();

interface Setting {
  readonly closed?: number;
  readonly earliest?: number;
  /** Instead of an answer, for the request of this number. */
  readonly fails?: (request: number) => Error | undefined;
}

function setUp({ closed, earliest = 0, fails = () => undefined }: Setting = {}) {
  const asked: CandlesQuery[] = [];
  const told: number[] = [];
  const market = { market: 'm1', interval: 1_000, earliest };
  const tiles = new Tiles(market, async (query) => {
    asked.push(query);
    query.signal.throwIfAborted();
    const error = fails(asked.length);
    if (error !== undefined) throw error;
    const { symbol, resolution, from, count } = query;
    const { ms } = parseResolution(resolution)!;
    const first = Math.max(from, earliest);
    const length = count - (first - from) / ms;
    const time = Array.from({ length }, (_, index) => first + index * ms);
    const ticks = time.map((start) => start / ms);
    const prices = { open: ticks, high: ticks, low: ticks, close: ticks };
    const volume = query.fields === undefined ? {} : { volume: ticks.map((tick) => 10 * tick) };
    const until = time.at(-1)! + ms - 1_000;
    const body = { time, ...prices, ...volume, closed: closed ?? length, until };
    return { market: 'm1', symbol, resolution, ...body };
  });
  const load = async (tile: number, of: Partial<TilesOf> = {}) => {
    const query = { symbol: 'a', resolution: MINUTE, hasVolume: false, headMs: 9e15, signal };
    const [loaded] = await tiles.load({ ...query, ...of }, [tile], (part) => told.push(part));
    return loaded!;
  };
  return { tiles, load, asked, told };
}

test('a tile that is over is asked for once', async () => {
  const { load, asked, told } = setUp();
  const tile = await load(3, { headMs: 4 * TILE_MS });
  expect(await load(3, { headMs: 4 * TILE_MS })).toBe(tile);
  expect(told).toEqual([]);
  expect(asked).toEqual([
    {
      symbol: 'a',
      resolution: '1m',
      from: barStartMs(MINUTE, 3 * 512),
      count: 512,
      signal,
      isAnew: false,
    },
  ]);
  expect(tile.first).toBe(3 * 512);
  expect(tile.until).toBe(4 * TILE_MS - 1_000);
  expect(tile.bars[7]!.open).toBe(3 * 512 + 7);
});

test('after something was wrong, all is asked for anew', async () => {
  const { tiles, load, asked } = setUp();
  await load(3);
  tiles.forget();
  await load(3);
  expect(asked.map(({ isAnew }) => isAnew)).toEqual([false, true]);
});

test('a tile that is not over is asked for every time', async () => {
  const { load, asked } = setUp({ closed: 100 });
  await load(3, { headMs: 3 * TILE_MS + 1 });
  await load(3, { headMs: 3 * TILE_MS + 1 });
  expect(asked).toHaveLength(2);
});

test('the forty tiles used last are kept', async () => {
  const { load, asked } = setUp();
  for (let tile = 0; tile < 40; tile++) await load(tile);
  await load(0);
  await load(40);
  asked.length = 0;
  await load(0);
  expect(asked).toEqual([]);
  await load(1);
  expect(asked).toHaveLength(1);
});

test('another instrument, resolution or field is another tile', async () => {
  const { load, asked } = setUp();
  await load(3);
  await load(3, { symbol: 'b' });
  await load(3, { resolution: parseResolution('5m')! });
  const { bars } = await load(3, { hasVolume: true });
  expect(asked.map(({ fields }) => fields)).toEqual([undefined, undefined, undefined, ['volume']]);
  expect(bars[0]).toMatchObject({ open: 3 * 512, volume: 30 * 512 });
});

test('a tile of very many rows is asked for in pieces, one after the other', async () => {
  const { load, asked, told } = setUp();
  const whole = await load(40, { resolution: DAY, hasVolume: true });
  // 86,400 rows a day: 46 days are just below 4 million.
  expect(asked.map(({ count }) => count)).toEqual([...Array(11).fill(46), 6]);
  for (const [piece, { from, count }] of asked.entries()) {
    expect(from).toBe(40 * DAYS_TILE_MS + piece * 46 * DAY.ms);
    expect((count * DAY.ms) / 1_000).toBeLessThanOrEqual(4_000_000);
  }
  expect(whole.first).toBe(40 * 512);
  expect(whole.bars.map(({ open }) => open)).toEqual(
    Array.from({ length: 512 }, (_, index) => 40 * 512 + index),
  );
  expect([whole.closed, whole.until]).toEqual([512, 41 * DAYS_TILE_MS - 1_000]);
  expect(told).toEqual([0, ...asked.map((_, piece) => (piece + 1) / 12)]);
  await load(40, { resolution: DAY, hasVolume: true });
  expect(asked).toHaveLength(12);
});

test('no piece is asked for where there are no rows yet, or never were', async () => {
  const earliest = 40 * DAYS_TILE_MS + 100 * DAY.ms;
  const { load, asked, told } = setUp({ earliest });
  await load(40, { resolution: DAY, headMs: earliest + 100 * DAY.ms });
  expect(asked.map(({ from }) => (from - earliest) / DAY.ms)).toEqual([0, 46, 92]);
  // What comes while it is asked for belongs to the last one.
  const { from, count } = asked.at(-1)!;
  expect(from + count * DAY.ms).toBe(41 * DAYS_TILE_MS);
  expect(told.at(-1)).toBe(1);
});

test('between two pieces it can be given up', async () => {
  const given = new AbortController();
  const { load, asked } = setUp({
    fails: (request) => {
      if (request === 3) given.abort(new Error('no longer wanted'));
      return undefined;
    },
  });
  const loading = load(40, { resolution: DAY, signal: given.signal });
  await expect(loading).rejects.toThrow('no longer wanted');
  expect(asked).toHaveLength(4);
});

test('a server that has had enough is given the time that it asks for', async () => {
  vi.useFakeTimers();
  try {
    const details = { retryAfterMs: 5_000 };
    const error = new ClientError('rate_limited', 'Too much.', { status: 429, details });
    const { load, asked } = setUp({ fails: (request) => (request === 3 ? error : undefined) });
    const loading = load(40, { resolution: DAY });
    await vi.advanceTimersByTimeAsync(4_900);
    expect(asked).toHaveLength(3);
    await vi.advanceTimersByTimeAsync(200);
    expect((await loading).bars).toHaveLength(512);
    expect(asked[3]).toEqual(asked[2]);
  } finally {
    vi.useRealTimers();
  }
});

test('any other error, and a wait without an end, is a failure', async () => {
  for (const error of [
    new Error('no answer'),
    new ClientError('rate_limited', 'Too much.', { status: 429 }),
    new ClientError('rate_limited', 'Too much.', { details: { retryAfterMs: 3_600_000 } }),
  ]) {
    const { load } = setUp({ fails: () => error });
    await expect(load(3)).rejects.toBe(error);
  }
});

/** Days of a place, from a market whose first row is at `first` on, as its server would answer. */
function daysOf(zone: string, starts: (from: number, count: number) => readonly number[]) {
  const resolution = zonedResolution('1d', zone)!;
  const asked: CandlesQuery[] = [];
  const market = { market: 'm1', interval: 60_000, earliest: resolution.startOf(0) };
  const tiles = new Tiles(market, async (query) => {
    asked.push(query);
    const time = starts(query.from, query.count);
    const ticks = time.map((_, index) => index);
    const prices = { open: ticks, high: ticks, low: ticks, close: ticks };
    return { market: 'm1', symbol: 'a', resolution: '1d', time, ...prices, closed: time.length };
  });
  const load = async (tile: number) => {
    const of = { symbol: 'a', resolution, hasVolume: false, headMs: 2e12, signal };
    const [loaded] = await tiles.load(of, [tile], () => {});
    return loaded!;
  };
  return { resolution, load, asked };
}

test('a date that a country has left out has a place, and no prices', async () => {
  const apia = zonedResolution('1d', 'Pacific/Apia')!;
  const missing = apia.numberOf(Date.parse('2011-12-30T12:00:00Z') - 86_400_000) + 1;
  const starts = (from: number, count: number) =>
    Array.from({ length: count }, (_, index) => apia.numberOf(from) + index)
      .filter((bar) => apia.startOf(bar) < apia.startOf(bar + 1))
      .map((bar) => apia.startOf(bar));
  const { load, asked } = daysOf('Pacific/Apia', starts);
  const tile = await load(Math.floor(missing / 512));
  expect(asked[0]).toMatchObject({ tz: 'Pacific/Apia', count: 512 });
  expect(tile.bars).toHaveLength(512);
  const empty = tile.bars.flatMap((bar, index) => (isEmpty(bar) ? [tile.first + index] : []));
  expect(empty).toHaveLength(1);
  expect(apia.startOf(empty[0]!)).toBe(Date.parse('2011-12-30T10:00:00Z'));
  expect(tile.closed).toBe(512);
});

test('a server whose clock was put at other times is found out', async () => {
  const { load, resolution } = daysOf('America/New_York', (from, count) =>
    Array.from({ length: count }, (_, day) => from + day * 86_400_000),
  );
  await expect(load(Math.floor(resolution.numberOf(1.78e12) / 512))).rejects.toThrow(CutOtherwise);
});

test('a server that does not know the zone says so', async () => {
  const { load } = daysOf('America/New_York', () => {
    throw new ClientError('bad_request', 'unknown tz');
  });
  await expect(load(30)).rejects.toThrow(CutOtherwise);
});

test('what different clocks cut is kept apart', async () => {
  const { load, asked } = setUp();
  const tokyo = zonedResolution('1d', 'Asia/Tokyo')!;
  const paris = zonedResolution('1d', 'Europe/Paris')!;
  for (const resolution of [DAY, tokyo, paris, tokyo, DAY]) {
    await load(3, { headMs: 2e12, resolution });
  }
  const zones = asked.map(({ tz }) => tz);
  expect([...new Set(zones)]).toEqual([undefined, 'Asia/Tokyo', 'Europe/Paris']);
  // Each day of the tile was asked for once by each clock, in as many pieces.
  const pieces = (tz: string | undefined) => zones.filter((zone) => zone === tz).length;
  expect(pieces('Asia/Tokyo')).toBe(pieces(undefined));
  expect(pieces('Europe/Paris')).toBe(pieces(undefined));
});

/** Minutes of an exchange in New York, from Monday the 2nd of March 2026 on. */
function minutesOf(areShown: boolean) {
  const origin = Date.parse('2026-03-02T00:00:00Z');
  const nights = new Nights({ origin, interval: 1_000 }, areShown);
  const resolution = nights.cut(MINUTE, { calendar: 'new-york' });
  const asked: CandlesQuery[] = [];
  let headMs = 0;
  const tiles = new Tiles({ interval: 1_000, earliest: origin }, async (query) => {
    asked.push(query);
    const { from, count } = query;
    const end = Math.min(from + count * MINUTE.ms, headMs + 1_000);
    const time = Array.from(
      { length: Math.ceil((end - from) / MINUTE.ms) },
      (_, n) => from + n * MINUTE.ms,
    );
    const ticks = time.map((start) => start / MINUTE.ms);
    const prices = { open: ticks, high: ticks, low: ticks, close: ticks };
    const closed = Math.floor((end - from) / MINUTE.ms);
    const facts = { market: 'm1', symbol: 'a', resolution: '1m', closed, until: end - 1_000 };
    return { ...facts, time, ...prices };
  });
  const load = async (tile: number, head: string) => {
    headMs = Date.parse(head);
    const of = { symbol: 'a', resolution, hasVolume: false, headMs, signal };
    const [loaded] = await tiles.load(of, [tile], () => {});
    return loaded!;
  };
  return { resolution, load, asked };
}

test('a tile of open bars goes on behind the night, and is asked for with what is between', async () => {
  const { resolution, load, asked } = minutesOf(false);
  const tile = await load(0, '2026-03-04T12:00:00Z');
  expect(tile.bars.map(({ time }) => time)).toEqual(
    Array.from({ length: 512 }, (_, bar) => barStartMs(resolution, bar)),
  );
  expect(tile.bars.map(({ open }) => open)).toEqual(tile.bars.map(({ time }) => time / MINUTE.ms));
  // 391 minutes of Monday, 1,049 of the night, and the first 121 of Tuesday.
  expect(asked.map(({ count }) => count)).toEqual([391 + 1_049 + 121]);
  expect([tile.closed, tile.until]).toEqual([512, Date.parse('2026-03-03T16:30:59Z')]);
});

test('what lies between is never more than an answer has room for', async () => {
  const { load, asked } = minutesOf(false);
  // Friday and the next Monday.
  const tile = await load(3, '2026-03-10T00:00:00Z');
  expect(tile.bars).toHaveLength(512);
  expect(asked).toHaveLength(2);
  expect(Math.max(...asked.map(({ count }) => count))).toBeLessThanOrEqual(4_096);
});

test('at night a tile has all rows up to now, and the next one is not asked for', async () => {
  const { load, asked } = minutesOf(false);
  const head = '2026-03-03T03:00:00Z';
  const tile = await load(0, head);
  expect([tile.bars.length, tile.closed, tile.until]).toEqual([391, 391, Date.parse(head)]);
  asked.length = 0;
  expect(await load(1, head)).toEqual({ first: 512, bars: [], closed: 0, until: Date.parse(head) });
  expect(asked).toEqual([]);
});

test('nights that are shown have their places in a tile', async () => {
  const { resolution, load, asked } = minutesOf(true);
  const [open, close] = ['2026-03-03T14:30:00Z', '2026-03-03T21:00:00Z'].map((text) =>
    Date.parse(text),
  );
  const tile = await load(Math.floor(barAt(resolution, open!) / 512), '2026-03-04T12:00:00Z');
  expect(asked[0]!.count).toBe(512);
  expect([tile.bars.length, tile.closed]).toEqual([512, 512]);
  const isOpen = ({ time }: Bar) => time >= open! && time <= close!;
  expect(tile.bars.map((bar) => !isEmpty(bar))).toEqual(tile.bars.map(isOpen));
  expect(tile.bars.filter(isOpen).length).toBeGreaterThan(0);
  // One of the night alone has places up to now.
  const head = '2026-03-05T02:00:00Z';
  const now = barAt(resolution, Date.parse(head));
  const night = await load(Math.floor(now / 512), head);
  expect(night.bars.every(isEmpty)).toBe(true);
  expect(night.first + night.bars.length).toBe(now + 1);
});
