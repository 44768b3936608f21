import { expect, it } from 'vitest';
import { Feed } from '../../src/core/feed/feed.ts';
import { DeliveryTimes } from '../../src/delivery/delivery-times.ts';
import { MarketClock } from '../../src/host/market-clock.ts';
import { marketOf } from '../helpers/market.ts';

const ORIGIN = Date.UTC(2026, 0, 5);

it('are those of readers who had all rows before the newest', () => {
  let ms = 0;
  const clock = { nowMs: () => ORIGIN + ms, steadyMs: () => ms };
  const feed = new Feed(marketOf({ origin: ORIGIN, interval: 1000, count: 1, capacity: 10 }));
  const times = new DeliveryTimes(new MarketClock(clock));
  const counts = () =>
    times.samples().flatMap(([{ kind }, n, what]) => (what === '_count' ? [[kind, n]] : []));
  const sum = () => times.samples().find(([, , what]) => what === '_sum')?.[1];
  feed.advance(clock.nowMs());
  times.moved(feed);
  expect(times.samples()).toEqual([]);
  // Rows 1 and 2 come together, 30 ms after row 2 was due; they are written 10 ms later.
  ms = 2030;
  feed.advance(clock.nowMs());
  times.moved(feed);
  ms += 10;
  times.moved(feed);
  times.wrote('json', { from: 1, next: 3 }, 5);
  expect(counts()).toEqual([['json', 5]]);
  expect(sum()).toBeCloseTo(5 * 0.04, 9);
  // One who catches up, one who is not there yet, and nobody.
  times.wrote('json', { from: 0, next: 3 }, 1);
  times.wrote('json', { from: 1, next: 2 }, 1);
  times.wrote('binary', { from: 1, next: 3 }, 0);
  expect(counts()).toEqual([['json', 5]]);
  times.wrote('binary', { from: 2, next: 3 }, 1);
  expect(counts()).toEqual([
    ['json', 5],
    ['binary', 1],
  ]);
});
