import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Feed } from '../../../src/core/feed/feed.ts';
import type { History } from '../../../src/core/history/history.ts';
import { RollingRange } from '../../../src/core/history/rolling-range.ts';
import { timeOf } from '../../../src/core/market/grid.ts';
import type { Market } from '../../../src/core/market/market.ts';
import { marketOf, pricesOf } from '../../helpers/market.ts';

/** The range of a span that ends with the newest of `head` rows, row by row. */
function naive(market: Market, column: number, head: number, spanMs: number) {
  const { grid } = market;
  const headMs = timeOf(grid, head - 1);
  let open = Number.NaN;
  let [high, low, last] = [-Infinity, Infinity, Number.NaN];
  for (const [index, price] of pricesOf(market, column, 0, head).entries()) {
    const timeMs = timeOf(grid, index);
    if (Number.isNaN(open) || timeMs <= headMs - spanMs) open = price;
    if (timeMs <= headMs - spanMs) continue;
    high = Math.max(high, price);
    low = Math.min(low, price);
    last = price;
  }
  return { open, high, low, last };
}

function moveTo(feed: Feed, head: number): void {
  for (const _ of feed.fill(timeOf(feed.market.grid, head - 1)));
}

function follow(range: RollingRange, columns: readonly number[]): number {
  let rows = 0;
  for (const some of range.follow(columns)) rows += some;
  return rows;
}

const MODELS = ['walk', 'gbm', 'crash-boom', 'jump'];
const aMarket = fc.record({
  model: fc.constantFrom(...MODELS),
  dtype: fc.constantFrom('uint8', 'int16', 'float64'),
  capacity: fc.constantFrom(1, 300, 40_000),
  seed: fc.integer({ min: 1, max: 1000 }),
});
/** How long the span is, in rows, and whether it is so many. */
const aSpan = fc.record({
  rows: fc.oneof(fc.constantFrom(1, 2, 31, 32, 33, 64), fc.integer({ min: 1, max: 9000 })),
  isWhole: fc.boolean(),
});
/** How far the head moves, and which columns are looked at then. */
const moves = fc.array(
  fc.record({
    rows: fc.oneof(
      fc.integer({ min: 1, max: 70 }),
      fc.integer({ min: 1, max: 900 }),
      fc.integer({ min: 1, max: 12_000 }),
    ),
    columns: fc.subarray([0, 1, 2], { minLength: 1 }),
  }),
  { minLength: 1, maxLength: 25 },
);

describe('a rolling range', () => {
  it('is what its rows come to, wherever the head goes and whoever looks', () => {
    let looks = 0;
    const property = fc.property(aMarket, aSpan, moves, (spec, span, steps) => {
      const { model, ...others } = spec;
      const market = marketOf({ interval: 1000, count: 3, defaults: { model }, ...others });
      const feed = new Feed(market);
      const spanMs = span.rows * 1000 - (span.isWhole ? 0 : 400);
      const range = new RollingRange(feed.history, spanMs);
      let head = 0;
      for (const { rows, columns } of steps) {
        head += rows;
        moveTo(feed, head);
        follow(range, columns);
        for (const column of columns) {
          expect(range.read(column)).toEqual(naive(market, column, head, spanMs));
          looks += 1;
        }
      }
    });
    fc.assert(property, { numRuns: 60 });
    expect(looks).toBeGreaterThan(500);
  });

  it('is right for two who look at once, while rows come between their steps', () => {
    const market = marketOf({ interval: 1000, count: 2, capacity: 500 });
    const feed = new Feed(market);
    const spanMs = 100_000_000;
    const range = new RollingRange(feed.history, spanMs);
    let head = 120_000;
    moveTo(feed, head);
    for (let round = 0; round < 12; round++) {
      const both = [range.follow([0, 1]), range.follow([1, 0])];
      for (let isDone = false; !isDone; ) {
        isDone = true;
        for (const [n, one] of both.entries()) {
          if (one.next().done === true) {
            for (const column of [0, 1]) {
              const { high, low, last } = range.read(column);
              const own = pricesOf(market, column, Math.max(0, head - 100_000), head);
              expect([
                Math.max(...blocks(own, Math.max)),
                Math.min(...blocks(own, Math.min)),
              ]).toEqual([high, low]);
              expect(last).toBe(own.at(-1));
            }
            both.splice(n, 1);
            break;
          }
          isDone = false;
        }
        head += 1;
        moveTo(feed, head);
        isDone = both.length === 0;
      }
      head += round * 97;
      moveTo(feed, head);
    }
  });

  it('reads a row once while the head moves on, and what the ring has no more twice', () => {
    const market = marketOf({ interval: 1000, count: 1 });
    const feed = new Feed(market);
    moveTo(feed, 100_000);
    const range = new RollingRange(feed.history, 86_400_000);
    expect(follow(range, [0])).toBeGreaterThan(86_400);
    const { history } = feed;
    const made = history.regeneratedPrices;
    let read = 0;
    for (let head = 100_001; head <= 106_000; head++) {
      moveTo(feed, head);
      read += follow(range, [0]);
      range.read(0);
    }
    // Each step is read once more where it leaves the span; opening prices are read ahead.
    expect(read).toBeLessThan(3 * 6000);
    expect(history.regeneratedPrices - made).toBeLessThanOrEqual(2 * 2 ** 14);
  });

  it('says which rows it has yet to read', () => {
    const market = marketOf({ interval: 1000, count: 1 });
    const feed = new Feed(market);
    const range = new RollingRange(feed.history, 3_200_000);
    const rows = () => range.missing(0).reduce((sum, [from, next]) => sum + next - from, 0);
    expect(rows()).toBe(0);
    moveTo(feed, 5000);
    expect(rows()).toBe(3200);
    follow(range, [0]);
    expect(rows()).toBe(0);
    moveTo(feed, 5010);
    expect(range.missing(0)[0]).toEqual([5000, 5010]);
    moveTo(feed, 50_000);
    expect(rows()).toBe(3200);
  });

  it('yields at least once a block', () => {
    const market = marketOf({ interval: 1, count: 1, capacity: 1000 });
    const feed = new Feed(market);
    moveTo(feed, 1_500_000);
    const range = new RollingRange(feed.history, 1_400_000);
    let steps = 0;
    for (const rows of range.follow([0])) {
      expect(rows).toBeLessThanOrEqual(2 ** 14);
      steps += 1;
    }
    expect(steps).toBeGreaterThan(85);
  });

  it('is asked for with a span, and of rows', () => {
    const history: History = new Feed(marketOf({})).history;
    for (const wrong of [0, -1, Number.NaN, Infinity]) {
      expect(() => new RollingRange(history, wrong)).toThrow('spanMs must be more than 0');
    }
    expect(() => new RollingRange(history, 1000).read(0)).toThrow('ready');
  });
});

/** The most, or least, of each thousand: so many at once are too many arguments. */
function blocks(list: number[], of: (...some: number[]) => number): number[] {
  const found: number[] = [];
  for (let at = 0; at < list.length; at += 1000) found.push(of(...list.slice(at, at + 1000)));
  return found;
}
