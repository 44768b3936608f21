import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { Feed } from '../../../src/core/feed/feed.ts';
import { candlePages } from '../../../src/core/history/candle-pages.ts';
import type { KeptPage } from '../../../src/core/history/kept-candles.ts';
import { PAID_PAGE_BYTES } from '../../../src/core/history/paid-days.ts';
import { paidPages } from '../../../src/core/history/paid-pages.ts';
import { indexFrom } from '../../../src/core/market/grid.ts';
import { Fold } from '../../../src/core/market/models/model.ts';
import type { Rows } from '../../../src/core/market/rows.ts';
import { Timeline } from '../../../src/core/timeline/timeline.ts';
import {
  BackgroundCandles,
  type StartThread,
} from '../../../src/host/candles/background-candles.ts';
import type { CandleJob } from '../../../src/host/candles/candle-thread.ts';
import { Failures } from '../../../src/host/failures.ts';
import { Metrics } from '../../../src/host/metrics/metrics.ts';
import { eventually } from '../../helpers/eventually.ts';
import { marketOf } from '../../helpers/market.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const ORIGIN = Date.UTC(2026, 0, 5, 10, 30);

/** What the thread makes. */
function* allPages(market: Rows, wanted: CandleJob['wanted']) {
  yield* candlePages(market, wanted);
  yield* paidPages(market, wanted);
}

/** A server whose thread is run by hand. */
function world({
  count = 3,
  bytes = 2 ** 20,
  makesCandles = true,
  isBusy = (): boolean => false,
} = {}) {
  const market = marketOf({ count, capacity: 10, interval: 60_000, origin: ORIGIN });
  const feed = new Feed(market);
  const clock = { nowMs: () => 0, steadyMs: () => 0 };
  const metrics = new Metrics();
  const logger = pino({ level: 'silent' });
  const failures = new Failures(logger, clock, metrics);
  const shared: KeptPage[] = [];
  const peers = {
    makesCandles,
    shareCandles: (pages: readonly KeptPage[]) => shared.push(...pages),
  };
  const jobs: CandleJob['wanted'][] = [];
  const state = { goesOn: 0, isStopped: false };
  let listener: Parameters<StartThread>[1];
  let making: Iterator<readonly KeptPage[]>;
  const start: StartThread = ({ spec, entries, wanted }, heard) => {
    expect(spec).toBe(market.spec);
    jobs.push(wanted);
    listener = heard;
    making = allPages(new Timeline(market, entries), wanted);
    return {
      goOn: () => {
        state.goesOn += 1;
      },
      stop: async () => {
        state.isStopped = true;
      },
    };
  };
  const service = { feed, clock, failures, logger };
  const candles = new BackgroundCandles(service, bytes, peers, start, isBusy);
  const { kept } = feed.history;
  return {
    ...{ feed, kept, jobs, state, candles, shared },
    refusals: () => [...metrics.refusals].filter(([, times]) => times > 0),
    fail: () => {
      listener.failed(new Error('out of memory'));
      listener.ended(false);
    },
    /** Time goes on. */
    passTo: (ms: number) => {
      feed.advance(ORIGIN + ms);
      candles.look();
    },
    /** What the thread makes next; false where that is nothing. */
    make: () => {
      const { value, done } = making.next();
      if (done) listener.ended(true);
      else listener.made(value);
      return !done;
    },
    finish: () => {
      for (;;) {
        const { value, done } = making.next();
        if (done) break;
        listener.made(value);
        expect(kept.bytes).toBeLessThanOrEqual(bytes);
      }
      listener.ended(true);
    },
    missing: (column: number) => {
      let rows = 0;
      for (const [from, next] of kept.missing(column, 0, feed.head)) rows += next - from;
      return rows;
    },
  };
}

describe('candles that are made in the background', () => {
  it('have what was done to the market', () => {
    const { passTo, finish, feed, kept } = world();
    passTo(10 * DAY_MS);
    const effect = { kind: 'shift', of: { all: true }, afterMs: 0, percent: -50 } as const;
    feed.add({ key: 'crash', index: feed.head + 2000, effects: [effect] });
    finish();
    passTo(20 * DAY_MS);
    finish();
    const from = indexFrom(feed.market.grid, Math.floor((ORIGIN + 15 * DAY_MS) / DAY_MS) * DAY_MS);
    const [own, read] = [new Fold(), new Fold()];
    expect(kept.add(own, undefined, 1, from, from + 1440)).toBe(from + 1440);
    feed.timeline.fold(read, 1, from, from + 1440);
    expect(own).toEqual(read);
  });

  it('are all that have ended, then every hour those that ended since', () => {
    const { passTo, jobs, finish, missing, feed } = world();
    passTo(100 * DAY_MS);
    expect(jobs.length).toBe(1);
    expect(missing(2)).toBe(feed.head);
    finish();
    expect([0, 1, 2].map(missing)).toEqual([31, 31, 31]);
    passTo(100 * DAY_MS + HOUR_MS / 3);
    expect(jobs.length).toBe(1);
    passTo(100 * DAY_MS + HOUR_MS);
    expect(jobs.length).toBe(2);
    expect(jobs[1]!.fromMs).toBe(jobs[0]!.toMs);
    finish();
    expect([0, 1, 2].map(missing)).toEqual([31, 31, 31]);
    // As after a night in which the machine slept.
    passTo(103 * DAY_MS);
    finish();
    expect([0, 1, 2].map(missing)).toEqual([31, 31, 31]);
  });

  it('are one job at a time, however long that takes', () => {
    const { passTo, jobs, make, finish, missing } = world();
    passTo(100 * DAY_MS);
    make();
    passTo(100 * DAY_MS + 5 * HOUR_MS);
    expect(jobs.length).toBe(1);
    finish();
    passTo(100 * DAY_MS + 5 * HOUR_MS);
    expect(jobs.length).toBe(2);
    finish();
    expect(missing(1)).toBe(31);
  });

  it('come with what was paid in days, as far as there is room for that', () => {
    const { passTo, finish, kept, feed, jobs } = world();
    passTo(100 * DAY_MS);
    finish();
    // The newest day has not ended.
    const missing = (column: number) => [...kept.paid.missing(column, 0, feed.head)].flat();
    const begunMs = (100 * DAY_MS + ORIGIN) % DAY_MS;
    expect([0, 1, 2].map(missing)).toEqual(
      Array(3).fill([feed.head - 1 - begunMs / 60_000, feed.head]),
    );
    passTo(101 * DAY_MS);
    finish();
    expect(missing(2)).toEqual([feed.head - 1 - begunMs / 60_000, feed.head]);
    expect(jobs.at(-1)!.paidFromMs).toBe(jobs[0]!.toMs);
    for (const pages of [0, 1, 2, 5, 40]) {
      const bytes = 4 * pages * PAID_PAGE_BYTES;
      const small = world({ bytes });
      for (const day of [100, 130, 190]) {
        small.passTo(day * DAY_MS);
        if (bytes > 0) small.finish();
        expect(small.kept.paid.bytes).toBeLessThanOrEqual(pages * PAID_PAGE_BYTES);
      }
      expect(small.kept.paid.bytes > 0).toBe(pages > 0);
    }
  });

  it('take no more than they may, the oldest hours and days and the last instruments left out', () => {
    const pageBytes = 64 * 24;
    const dayRows = 1440;
    for (const [pages, columns] of [
      [1, 0],
      [2, 1],
      [5, 2],
      [24, 3],
      [40, 3],
      [300, 3],
    ] as const) {
      const { passTo, finish, missing, kept, feed, jobs } = world({ bytes: pages * pageBytes });
      for (const day of [100, 130, 190]) {
        passTo(day * DAY_MS);
        if (columns > 0) finish();
        expect(kept.bytes).toBeLessThanOrEqual(pages * pageBytes);
        expect(jobs.at(-1)?.columns ?? 0).toBe(columns);
        if (columns > 0) expect(missing(columns - 1)).toBeLessThan(feed.head - dayRows / 2);
        for (let column = columns; column < 3; column++) expect(missing(column)).toBe(feed.head);
      }
    }
  });

  it('are made again an hour after a failure, which is told', () => {
    const { passTo, jobs, make, fail, finish, refusals, missing } = world();
    passTo(100 * DAY_MS);
    make();
    fail();
    expect(refusals()).toEqual([['internal', 1]]);
    passTo(100 * DAY_MS + HOUR_MS / 3);
    expect(jobs.length).toBe(1);
    passTo(100 * DAY_MS + HOUR_MS);
    expect(jobs[1]!.fromMs).toBe(jobs[0]!.fromMs);
    finish();
    expect(missing(2)).toBe(31);
  });

  it('are taken from another who makes them, and no more of them than there is room for', () => {
    const maker = world();
    maker.passTo(100 * DAY_MS);
    maker.finish();
    const bytes = 60 * 64 * 24;
    const taker = world({ makesCandles: false, bytes });
    taker.passTo(100 * DAY_MS);
    expect(taker.jobs).toEqual([]);
    for (const page of maker.shared) taker.kept.keep(page);
    expect(taker.missing(2)).toBe(31);
    expect(taker.kept.bytes).toBeGreaterThan(bytes);
    taker.passTo(100 * DAY_MS + HOUR_MS);
    expect(taker.kept.bytes).toBeLessThanOrEqual(bytes);
    expect(taker.shared).toEqual([]);
  });

  it('wait while the server is busy', async () => {
    let isBusy = true;
    const { passTo, make, state } = world({ isBusy: () => isBusy });
    passTo(100 * DAY_MS);
    make();
    expect(state.goesOn).toBe(0);
    isBusy = false;
    await eventually(() => expect(state.goesOn).toBe(1));
    make();
    expect(state.goesOn).toBe(2);
  });

  it('are not begun once the server stops', async () => {
    const { passTo, jobs, state, candles, fail } = world();
    passTo(100 * DAY_MS);
    await candles.stop();
    expect(state.isStopped).toBe(true);
    fail();
    passTo(101 * DAY_MS);
    expect(jobs.length).toBe(1);
  });
});
