import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Feed } from '../../src/core/feed/feed.ts';
import { candleRange, foldCandles, newCandles } from '../../src/core/history/candles.ts';
import { CANDLE_FIELDS } from '../../src/core/market/fields.ts';
import { timeOf } from '../../src/core/market/grid.ts';
import type { Resolution } from '../../src/core/market/resolution.ts';
import { zonedResolution } from '../../src/zones/zoned-resolution.ts';
import { marketOf } from '../helpers/market.ts';
import { changesOf, DATES, shown, ZONES } from '../helpers/wall-clock.ts';

/** Every candle is the fold of its rows: held against rows that are put in order one by one. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Widths that are as wide as some rows or many, and how long the market is looked at. */
const KINDS = [
  {
    texts: ['7s', '1m', '25m', '30m', '1h', '4h', '7h'],
    intervals: [7000, 1000],
    spanMs: 20 * HOUR,
  },
  { texts: ['1d', '3d', '1w'], intervals: [7 * MINUTE, 11 * MINUTE], spanMs: 40 * DAY },
  { texts: ['1mo', '3mo', '1y'], intervals: [97 * MINUTE, 6 * HOUR + 7000], spanMs: 900 * DAY },
] as const;

const LEAP_DAYS = [Date.UTC(2024, 1, 29, 12), Date.UTC(2000, 1, 29), Date.UTC(2100, 1, 28, 23)];

interface Naive {
  /** When the row before its first one stood, and that one. */
  readonly afterMs: number;
  readonly firstMs: number;
  readonly values: readonly number[];
}

/** Whether a clock shows a multiple of `ms` between two rows, or was put to another one. */
function isCutByClock(zone: string, ms: number, beforeMs: number, timeMs: number): boolean {
  const [before, now] = [shown(zone, beforeMs), shown(zone, timeMs)];
  if (Math.floor(before / ms) !== Math.floor(now / ms)) return true;
  if (now - before === timeMs - beforeMs) return false;
  for (let at = beforeMs + SECOND; at <= timeMs; at += SECOND) {
    if (shown(zone, at) % ms === 0) return true;
  }
  return false;
}

const UNIT_MS = { s: SECOND, m: MINUTE, h: HOUR };

/** A cutter: whether a candle begins between a row and the next one. */
function cutterOf(text: string, zone: string, originMs: number) {
  const dateOf = DATES[text];
  if (dateOf === undefined) {
    const ms = Number.parseInt(text, 10) * UNIT_MS[text.at(-1) as keyof typeof UNIT_MS];
    return (beforeMs: number, timeMs: number) => isCutByClock(zone, ms, beforeMs, timeMs);
  }
  // A clock that is put back over midnight has shown a later date before.
  let latest = -Infinity;
  for (let at = originMs - 2 * DAY; at <= originMs; at += 15 * MINUTE) {
    latest = Math.max(latest, dateOf(shown(zone, at)));
  }
  return (_beforeMs: number, timeMs: number) => {
    const date = dateOf(shown(zone, timeMs));
    const isLater = date > latest;
    latest = Math.max(latest, date);
    return isLater;
  };
}

/** The rows of a feed, folded one by one. */
function naiveCandles(feed: Feed, text: string, zone: string): Naive[] {
  const { history, market } = feed;
  const { grid } = market;
  const { head } = history;
  const isCut = cutterOf(text, zone, grid.originMs);
  const [prices, volumes, trades] = (['last', 'volume', 'trades'] as const).map((field) => {
    const values = history.newValues(field, head);
    history.copyField(values, 0, field, 0, 0, head);
    return values;
  });
  const candles: { afterMs: number; firstMs: number; values: number[] }[] = [];
  for (let index = 0; index < head; index++) {
    const timeMs = timeOf(grid, index);
    const beforeMs = timeMs - grid.intervalMs;
    const price = prices[index]!;
    if (candles.length === 0 || isCut(beforeMs, timeMs)) {
      candles.push({
        afterMs: beforeMs,
        firstMs: timeMs,
        values: [price, price, price, price, 0, 0],
      });
    }
    const { values } = candles.at(-1)!;
    values[1] = Math.max(values[1]!, price);
    values[2] = Math.min(values[2]!, price);
    values[3] = price;
    values[4]! += volumes[index]!;
    values[5]! += trades[index]!;
  }
  return candles;
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
