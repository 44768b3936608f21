import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { Feed } from '../../../src/core/feed/feed.ts';
import { RollingSpan } from '../../../src/core/history/rolling-span.ts';
import { RollingStatistics } from '../../../src/core/history/rolling-statistics.ts';
import { newRoom, summed } from '../../../src/core/history/summed-rows.ts';
import type { Entry } from '../../../src/core/market/entries/entry.ts';
import { finish } from '../../../src/core/market/finish.ts';
import { timeOf } from '../../../src/core/market/grid.ts';
import { Market } from '../../../src/core/market/market.ts';
import { Timeline } from '../../../src/core/timeline/timeline.ts';
import { Failures } from '../../../src/host/failures.ts';
import { Metrics } from '../../../src/host/metrics/metrics.ts';
import { Slicer } from '../../../src/host/slicer.ts';
import {
  BackgroundStatistics,
  type StartStatistics,
} from '../../../src/host/statistics/background-statistics.ts';
import type { GoOn, StatisticsJob } from '../../../src/host/statistics/statistics-thread.ts';
import { eventually } from '../../helpers/eventually.ts';
import { marketOf } from '../../helpers/market.ts';

const HOUR_MS = 3_600_000;
const COLUMNS = [0, 2, 3];

/** A server whose thread is run by hand. */
function world({ isBusy = (): boolean => false, bytes = 2 ** 20 } = {}) {
  const market = marketOf({ count: 4, capacity: 500, seed: 5 });
  const feed = new Feed(market);
  const moveTo = (head: number) => finish(feed.fill(timeOf(market.grid, head - 1)));
  moveTo(10_000);
  const clock = { nowMs: () => 0, steadyMs: () => 0 };
  const logger = pino({ level: 'silent' });
  const metrics = new Metrics();
  const failures = new Failures(logger, clock, metrics);
  const slicer = new Slicer(clock, 5);
  const rolling = new RollingStatistics(feed.history, HOUR_MS, 0, bytes);
  const jobs: StatisticsJob[] = [];
  const heads: number[] = [];
  const told: (readonly Entry[])[] = [];
  const state = { isStopped: false };
  let listener: Parameters<StartStatistics>[1];
  const start: StartStatistics = (job, heard) => {
    jobs.push(job);
    listener = heard;
    return {
      goOn: (message) => {
        const { head, entries } = message as GoOn;
        heads.push(head);
        if (entries !== undefined) told.push(entries);
      },
      stop: async () => {
        state.isStopped = true;
      },
    };
  };
  const service = { feed, failures, logger, slicer };
  const background = new BackgroundStatistics(service, rolling, COLUMNS, start, isBusy);
  /** What the thread would send for its nth column. */
  const make = (n: number) => {
    const { spec, spanMs, startMs, batchRows, columns } = jobs.at(-1)!;
    const own = new Timeline(new Market(spec));
    for (const entry of told.flat()) own.add(entry);
    const span = new RollingSpan(own.grid, spanMs, startMs, batchRows);
    listener.made(finish(summed(own, span, columns[n]!, heads.at(-1)!, newRoom(own))));
  };
  const refusals = () => [...metrics.refusals].filter(([, times]) => times > 0).length;
  return {
    ...{ feed, rolling, background, jobs, heads, told, state, make, moveTo, refusals },
    end: (isWhole: boolean) => listener.ended(isWhole),
    fail: () => listener.failed(new Error('out of memory')),
  };
}

describe('statistics that are made in the background', () => {
  it('are begun by a thread, a column each time that it may go on, and follow the head', async () => {
    const { feed, rolling, background, jobs, heads, make, moveTo, end } = world();
    background.look();
    expect(jobs.map(({ columns }) => columns)).toEqual([COLUMNS]);
    expect(heads).toEqual([10_000]);
    make(0);
    moveTo(10_005);
    background.look();
    expect(rolling.has(0)).toBe(true);
    make(1);
    make(2);
    end(true);
    expect(heads.at(-1)).toBe(10_005);
    expect(COLUMNS.map((column) => rolling.has(column))).toEqual([true, true, true]);
    expect(rolling.has(1)).toBe(false);
    // A column has its turn each 64 rows at least.
    for (let head = 10_006; head < 10_080; head++) {
      moveTo(head);
      background.look();
      await eventually(() => {
        for (const column of COLUMNS) expect(rolling.behind(column)).toBeLessThanOrEqual(64);
      });
    }
    expect(jobs).toHaveLength(1);
    const here = new RollingStatistics(feed.history, HOUR_MS, 0, 2 ** 20);
    finish(here.follow(COLUMNS, true));
    finish(rolling.follow(COLUMNS, false));
    for (const column of COLUMNS) expect(rolling.read(column)).toEqual(here.read(column));
  });

  it('know what was done to the market before each column', async () => {
    const { feed, rolling, background, told, make, moveTo, end } = world();
    const crash = (index: number): Entry => ({
      key: `${index}`,
      index,
      effects: [
        { kind: 'shift', of: { all: true }, afterMs: 0, percent: -5 },
        {
          kind: 'liquidity',
          of: { all: true },
          afterMs: 0,
          spread: 2,
          depth: 1,
          volume: 3,
          forMs: 9000,
        },
      ],
    });
    background.look();
    make(0);
    expect(told).toEqual([]);
    feed.add(crash(10_100));
    moveTo(10_050);
    make(1);
    // Before what the thread knows of, and at the same row.
    feed.add(crash(10_060));
    feed.add({ ...crash(10_100), key: 'second' });
    moveTo(10_200);
    make(2);
    end(true);
    expect(told).toEqual([[crash(10_100)], [crash(10_060), { ...crash(10_100), key: 'second' }]]);
    // What was made ahead of it is made again.
    feed.add(crash(10_210));
    moveTo(10_300);
    const here = new RollingStatistics(feed.history, HOUR_MS, 0, 2 ** 20);
    finish(here.follow(COLUMNS, true));
    finish(rolling.follow(COLUMNS, false));
    for (const column of COLUMNS) expect(rolling.read(column)).toEqual(here.read(column));
  });

  it('wait while the server is busy', async () => {
    let isBusy = true;
    const { background, heads } = world({ isBusy: () => isBusy });
    background.look();
    expect(heads).toEqual([]);
    isBusy = false;
    await eventually(() => expect(heads).toEqual([10_000]));
  });

  it('are begun anew by whoever slept through their span, and not after the end', async () => {
    const { background, jobs, moveTo, end, state, fail, refusals } = world();
    background.look();
    fail();
    end(false);
    expect(refusals()).toBe(1);
    moveTo(10_100);
    background.look();
    expect(jobs).toHaveLength(1);
    moveTo(20_000);
    background.look();
    expect(jobs).toHaveLength(2);
    await background.stop();
    expect(state.isStopped).toBe(true);
    end(false);
    moveTo(40_000);
    background.look();
    expect(jobs).toHaveLength(2);
  });

  it('are of as many columns as there is room for', () => {
    const { background, jobs, rolling } = world({ bytes: 5000 });
    background.look();
    expect(rolling.most).toBeLessThan(COLUMNS.length);
    expect(jobs[0]!.columns).toEqual(COLUMNS.slice(0, rolling.most));
  });
});
