import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Feed } from '../../../src/core/feed/feed.ts';
import { BLOCK_ROWS, MAX_ROWS } from '../../../src/core/market/grid.ts';
import { Timeline } from '../../../src/core/timeline/timeline.ts';
import { marketOf, pricesOf } from '../../helpers/market.ts';
import { sequence } from '../market/statistics.ts';

const ORIGIN = Date.UTC(2026, 0, 1);

const feedOf = (spec: object = {}) =>
  new Feed(marketOf({ origin: ORIGIN, count: 2, capacity: 1000, ...spec }));

/** Rows that stand at or before `nowMs`, counted one by one. */
function rowsDue(intervalMs: number, nowMs: number): number {
  let rows = 0;
  while (ORIGIN + rows * intervalMs <= nowMs) rows++;
  return rows;
}

describe('a feed', () => {
  it('makes row 0 at the origin, and three more in three seconds', () => {
    const feed = feedOf();
    expect(feed.advance(ORIGIN)).toBe(1);
    expect(feed.advance(ORIGIN + 3000)).toBe(3);
    expect(feed.head).toBe(4);
  });

  it('makes no row before it is due, to the millisecond', () => {
    const feed = feedOf();
    feed.advance(ORIGIN);
    expect(feed.advance(ORIGIN + 999)).toBe(0);
    expect(feed.advance(ORIGIN + 999.999)).toBe(0);
    expect(feed.advance(ORIGIN + 1000)).toBe(1);
  });

  it('makes every row of a day that it slept through', () => {
    const feed = feedOf();
    feed.advance(ORIGIN + 10_000);
    expect(feed.advance(ORIGIN + 10_000 + 86_400_000)).toBe(86_400);
    const { history, market } = feed;
    for (const index of [11, 500, 40_000, 86_410]) {
      expect([history.priceAt(1, index)]).toEqual(pricesOf(market, 1, index, index + 1));
    }
  });

  it('loses nothing at 0.3 s over 10,000 irregular calls', () => {
    const feed = feedOf({ interval: 300 });
    const next = sequence(9);
    let nowMs = ORIGIN;
    let made = feed.advance(nowMs);
    for (let call = 0; call < 10_000; call++) {
      nowMs += next() < 0.01 ? next() * 60_000 : next() * 700;
      made += feed.advance(nowMs);
      expect(feed.head).toBe(made);
    }
    expect(made).toBe(rowsDue(300, nowMs));
  });

  it('is where a feed is that was told only the last time, whatever it was told before', () => {
    const property = fc.property(
      fc.integer({ min: 1, max: 5000 }),
      fc.array(fc.integer({ min: -10_000, max: 200_000 }), { minLength: 1, maxLength: 12 }),
      (interval, offsets) => {
        const feed = feedOf({ interval });
        for (const offset of offsets) {
          const before = feed.head;
          const made = feed.advance(ORIGIN + offset);
          expect(feed.head).toBe(before + made);
          expect(made).toBeGreaterThanOrEqual(0);
        }
        expect(feed.head).toBe(rowsDue(interval, ORIGIN + Math.max(...offsets)));
      },
    );
    fc.assert(property, { seed: 20260105, numRuns: 100 });
  });

  it('stands still while the clock is behind, and goes on from where it stood', () => {
    const feed = feedOf();
    feed.advance(ORIGIN + 100_000);
    expect(feed.head).toBe(101);
    for (const offset of [99_999, 50_000, 0, -1e9, 100_999]) {
      expect(feed.advance(ORIGIN + offset)).toBe(0);
      expect(feed.head).toBe(101);
    }
    expect(feed.advance(ORIGIN + 101_000)).toBe(1);
  });

  it('has no row before the origin, and says when the first one is due', () => {
    const feed = feedOf();
    for (const nowMs of [0, -1e12, ORIGIN - 86_400_000, ORIGIN - 1, ORIGIN - 0.001]) {
      expect(feed.advance(nowMs)).toBe(0);
      expect(feed.head).toBe(0);
    }
    expect(feed.nextDueMs()).toBe(ORIGIN);
    expect(feed.advance(ORIGIN)).toBe(1);
  });

  it('is due next when its next row is', () => {
    const feed = feedOf({ interval: 300 });
    for (let call = 0; call < 100; call++) {
      const dueMs = feed.nextDueMs();
      expect(feed.advance(dueMs - 1)).toBe(0);
      expect(feed.advance(dueMs)).toBe(1);
    }
  });

  it('fills in pieces what it makes at once', () => {
    const [inPieces, atOnce] = [feedOf(), feedOf()];
    const nowMs = ORIGIN + 5_000_000;
    let pieces = 0;
    for (const _ of inPieces.fill(nowMs)) {
      expect(inPieces.head).toBe(0);
      pieces++;
    }
    atOnce.advance(nowMs);
    expect(pieces).toBe(2);
    expect(inPieces.head).toBe(atOnce.head);
    expect(inPieces.history.priceAt(1, 5000)).toBe(atOnce.history.priceAt(1, 5000));
  });

  it('is prepared for rows of another block: nothing is worked out when they come', () => {
    const market = marketOf({ origin: ORIGIN, count: 300, capacity: 2000 });
    const shift = { kind: 'shift', of: { all: true }, afterMs: 0, percent: 1 } as const;
    const feed = new Feed(new Timeline(market, [{ key: 'k', index: 9, effects: [shift] }]));
    feed.advance(ORIGIN + (BLOCK_ROWS - 100) * 1000);
    for (let row = BLOCK_ROWS - 99; row < BLOCK_ROWS + 100; row++) {
      for (const _ of feed.prepare());
      expect([...feed.fill(ORIGIN + row * 1000)]).toEqual([]);
      expect(feed.head).toBe(row + 1);
    }
  });

  it('ends at the most rows that a market can have', () => {
    const feed = feedOf({ interval: 1, count: 1, capacity: 2 });
    feed.advance(ORIGIN + MAX_ROWS + 1e6);
    expect(feed.head).toBe(MAX_ROWS);
    const last = pricesOf(feed.market, 0, MAX_ROWS - 1, MAX_ROWS);
    expect([feed.history.priceAt(0, MAX_ROWS - 1)]).toEqual(last);
  });
});
