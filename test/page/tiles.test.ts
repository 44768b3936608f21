import { expect, test } from 'vitest';
import { parseResolution } from '../../src/core/market/resolution.ts';
import { type CandlesQuery, Tiles } from '../../src/page/chart/tiles.ts';
import { barStartMs } from '../../src/page/time/resolution.ts';

const MINUTE = parseResolution('1m')!;
const TILE_MS = 512 * 60_000;
const { signal } = new AbortController();

function setUp(closed = 512) {
  const asked: CandlesQuery[] = [];
  const tiles = new Tiles('m1', async (query) => {
    asked.push(query);
    const time = Array.from({ length: 512 }, (_, index) => query.from + index * 60_000);
    const ticks = time.map((ms) => ms / 60_000);
    const { symbol, resolution } = query;
    const prices = { open: ticks, high: ticks, low: ticks, close: ticks };
    const until = time.at(-1)! + 59_000;
    return { market: 'm1', symbol, resolution, time, ...prices, closed, until };
  });
  return { tiles, asked };
}

test('a tile that is over is asked for once', async () => {
  const { tiles, asked } = setUp();
  const tile = await tiles.load('a', MINUTE, 3, 4 * TILE_MS, signal);
  expect(await tiles.load('a', MINUTE, 3, 4 * TILE_MS, signal)).toBe(tile);
  expect(asked).toEqual([
    {
      market: 'm1',
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
  const { tiles, asked } = setUp();
  await tiles.load('a', MINUTE, 3, 4 * TILE_MS, signal);
  tiles.forget();
  await tiles.load('a', MINUTE, 3, 4 * TILE_MS, signal);
  expect(asked.map(({ isAnew }) => isAnew)).toEqual([false, true]);
});

test('a tile that is not over is asked for every time', async () => {
  const { tiles, asked } = setUp(100);
  await tiles.load('a', MINUTE, 3, 3 * TILE_MS + 1, signal);
  await tiles.load('a', MINUTE, 3, 3 * TILE_MS + 1, signal);
  expect(asked).toHaveLength(2);
});

test('the forty tiles used last are kept', async () => {
  const { tiles, asked } = setUp();
  const load = (tile: number) => tiles.load('a', MINUTE, tile, 100 * TILE_MS, signal);
  for (let tile = 0; tile < 40; tile++) await load(tile);
  await load(0);
  await load(40);
  asked.length = 0;
  await load(0);
  expect(asked).toEqual([]);
  await load(1);
  expect(asked).toHaveLength(1);
});

test('another instrument or resolution is another tile', async () => {
  const { tiles, asked } = setUp();
  await tiles.load('a', MINUTE, 3, 9e15, signal);
  await tiles.load('b', MINUTE, 3, 9e15, signal);
  await tiles.load('a', parseResolution('5m')!, 3, 9e15, signal);
  expect(asked).toHaveLength(3);
});
