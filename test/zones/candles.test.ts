import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Feed } from '../../src/core/feed/feed.ts';
import { candleRange, foldCandles, newCandles } from '../../src/core/history/candles.ts';
import { CANDLE_FIELDS } from '../../src/core/market/fields.ts';
import { timeOf } from '../../src/core/market/grid.ts';
import type { Resolution } from '../../src/core/market/resolution.ts';
import { zonedResolution } from '../../src/zones/zoned-resolution.ts';
import { marketOf } from '../helpers/market.ts';
import { changesOf, ZONES } from '../helpers/wall-clock.ts';
import { foldByClock, KINDS, LEAP_DAYS, type NaiveCandle } from '../helpers/zoned-fold.ts';

/** Every candle is the fold of its rows: held against rows that are put in order one by one. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The rows of a feed, folded one by one. */
function naiveCandles(feed: Feed, text: string, zone: string): NaiveCandle[] {
  const { history, market } = feed;
  const { head } = history;
  const [last, volume, trades] = (['last', 'volume', 'trades'] as const).map((field) => {
    const values = history.newValues(field, head);
    history.copyField(values, 0, field, 0, 0, head);
    return values;
  });
  const timesMs = Array.from({ length: head }, (_, index) => timeOf(market.grid, index));
  return foldByClock({ timesMs, last: last!, volume: volume!, trades: trades! }, text, zone);
}

function candlesOf(feed: Feed, resolution: Resolution) {
  const out = newCandles(CANDLE_FIELDS);
  const range = candleRange(feed.history, resolution, feed.market.grid.originMs, 8e15);
  for (const _ of foldCandles(out, feed.history, 0, resolution, range));
  return out;
}

function moveTo(feed: Feed, timeMs: number): void {
  for (const _ of feed.fill(timeMs));
}

/** A market that begins anywhere in a candle, before a change of a clock or a leap day. */
const aWorld = (zone: string) =>
  fc.record({
    kind: fc.constantFrom(...KINDS),
    at: fc.constantFrom(...changesOf(zone), ...LEAP_DAYS),
    text: fc.nat(),
    interval: fc.nat(),
    before: fc.double({ min: 0.05, max: 0.9, noNaN: true }),
    jitter: fc.integer({ min: 0, max: 100_000 }),
    capacity: fc.constantFrom(3, 5000),
    model: fc.constantFrom('walk', 'gbm'),
  });

const RUNS = 8;

describe.each(ZONES)('candles by the clock of %s', (zone) => {
  it('are the fold of their rows, in every width, with what was traded', () => {
    let compared = 0;
    const property = fc.property(aWorld(zone), ({ kind, at, before, jitter, model, ...chosen }) => {
      const text = kind.texts[chosen.text % kind.texts.length]!;
      const interval = kind.intervals[chosen.interval % kind.intervals.length]!;
      const origin = Math.floor((at - before * kind.spanMs) / SECOND) * SECOND + (jitter % 1000);
      const { capacity } = chosen;
      const market = marketOf({ origin, interval, capacity, count: 1, defaults: { model } });
      const feed = new Feed(market);
      moveTo(feed, origin + kind.spanMs);
      const resolution = zonedResolution(text, zone)!;
      const candles = candlesOf(feed, resolution);
      const expected = naiveCandles(feed, text, zone);
      const { time, open, high, low, close, volume, trades } = candles;
      const seen = time.map((_, n) =>
        [open, high, low, close, volume!, trades!].map((list) => list[n]),
      );
      const what = `${text} of ${interval} ms from ${new Date(origin).toISOString()}`;
      expect(seen, what).toEqual(expected.map(({ values }) => values));
      for (const [n, { afterMs, firstMs }] of expected.entries()) {
        expect(time[n], what).toBeLessThanOrEqual(firstMs);
        if (n > 0) expect(time[n], what).toBeGreaterThan(afterMs);
      }
      expect(candles.closed).toBeGreaterThanOrEqual(time.length - 1);
      compared += expected.length;
    });
    fc.assert(property, { seed: 20260308, numRuns: RUNS });
    expect(compared).toBeGreaterThan(100);
  });

  it('that are closed never change, wherever the head goes', () => {
    const changes = [...changesOf(zone), ...LEAP_DAYS];
    for (const [n, text] of ['25m', '1h', '4h', '1d', '1w'].entries()) {
      const at = changes[(n * 7) % changes.length]!;
      const isLong = text === '1d' || text === '1w';
      const interval = isLong ? 7 * MINUTE : 7000;
      const origin = at - (isLong ? 9 * DAY : 5 * HOUR) + 1234;
      const feed = new Feed(marketOf({ origin, interval, capacity: 100, count: 1 }));
      const resolution = zonedResolution(text, zone)!;
      let before = newCandles(CANDLE_FIELDS);
      for (let step = 1; step <= 12; step++) {
        moveTo(feed, origin + (step * step * (isLong ? 20 * DAY : 12 * HOUR)) / 144);
        const now = candlesOf(feed, resolution);
        expect(now.closed).toBeGreaterThanOrEqual(before.closed);
        for (const name of ['time', 'open', 'high', 'low', 'close', ...CANDLE_FIELDS] as const) {
          expect(now[name]!.slice(0, before.closed)).toEqual(before[name]!.slice(0, before.closed));
        }
        before = now;
      }
      expect(before.closed).toBeGreaterThan(1);
    }
  });
});
