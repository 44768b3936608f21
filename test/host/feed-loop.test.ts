import { pino } from 'pino';
import { expect, it } from 'vitest';
import type { Effect } from '../../src/core/market/entries/effects.ts';
import { BLOCK_ROWS, timeOf } from '../../src/core/market/grid.ts';
import { Timeline } from '../../src/core/timeline/timeline.ts';
import { FeedLoop } from '../../src/host/feed-loop.ts';
import { limitsOf } from '../../src/server/limits.ts';
import { ManualClock } from '../helpers/clock.ts';
import { eventually } from '../helpers/eventually.ts';
import { marketOf } from '../helpers/market.ts';
import { VirtualClock } from '../sim/clock.ts';
import { SimulatedServer } from '../sim/server.ts';

it('a loop looks again after a fault that its program outlived, until it is stopped', async () => {
  const market = marketOf({ interval: 10, capacity: 10, count: 1 });
  const clock = new ManualClock(timeOf(market.grid, 99));
  const logger = pino({ level: 'silent' });
  const { hub } = new SimulatedServer(market, clock, limitsOf(), logger);
  const heads: number[] = [];
  const loop = new FeedLoop(hub.service, () => {
    heads.push(hub.history.head);
    if (heads.length === 1) throw new Error('a bug');
  });
  clock.pass(10);
  expect(() => loop.run()).toThrow('a bug');
  clock.pass(10);
  await eventually(() => expect(heads).toEqual([101, 102]));
  loop.stop();
});

it('makes rows that are changed again in slices, while the head waits for them', async () => {
  const market = marketOf({ interval: 1000, capacity: 10, count: 40 });
  const clock = new BusyClock(timeOf(market.grid, 99));
  const server = new SimulatedServer(market, clock, limitsOf(), pino({ level: 'silent' }));
  const { feed, hub } = server;
  const loop = new FeedLoop(hub.service, () => {});
  const turnAll = () => {
    let turns = 0;
    while (server.turn()) turns += 1;
    return turns;
  };
  loop.run();
  turnAll();
  const shift: Effect = { kind: 'shift', of: { all: true }, afterMs: 0, percent: 1 };
  const { index } = await hub.service.director.take({ effects: [shift], digest: '' });
  expect(index).toBe(feed.head);
  clock.pass(1000);
  loop.look();
  expect(feed.head).toBe(index);
  expect(turnAll()).toBeGreaterThan(5);
  await eventually(() => expect(feed.head).toBe(index + 1));
  loop.stop();
});

it('moves the head by a row at once, however busy the machine is', () => {
  const market = marketOf({ interval: 1000, capacity: 2000, count: 400 });
  // A slice ends after a look at the clock.
  const time = new VirtualClock(timeOf(market.grid, 99), 10);
  const logger = pino({ level: 'silent' });
  const server = new SimulatedServer(market, time.skewedBy(0), limitsOf(), logger);
  for (let row = 101; row < 2300; row++) {
    time.pass(1000);
    server.look();
    expect(server.head).toBe(row);
  }
});

it('moves the head far in slices, and lets entries in behind what it will show then', async () => {
  const market = marketOf({ interval: 1000, capacity: 40_000, count: 3 });
  const clock = new BusyClock(timeOf(market.grid, 99));
  const server = new SimulatedServer(market, clock, limitsOf(), pino({ level: 'silent' }));
  const { feed, hub } = server;
  const { director, slicer, awaited } = hub.service;
  const heads: number[] = [];
  const loop = new FeedLoop(hub.service, () => void heads.push(feed.head));
  loop.run();
  let turns = 0;
  const other = slicer.run(
    counted(100, () => {
      turns += 1;
    }),
  );
  clock.pass(100_000_000);
  let isThere = false;
  void awaited.until(100_100).then(() => {
    isThere = true;
  });
  loop.look();
  expect([feed.head, feed.next]).toEqual([100, 100_100]);
  const shift: Effect = { kind: 'shift', of: { symbol: 'ticker_0' }, afterMs: 0, percent: 9 };
  const { index } = await director.take({ effects: [shift], digest: '' });
  expect(index).toBe(100_100);
  // One more than there is: nothing is readable before all is.
  while (feed.head === 100) {
    expect(isThere).toBe(false);
    expect(server.turn()).toBe(true);
  }
  expect([feed.head, heads]).toEqual([100_100, [100_100]]);
  expect(turns).toBeGreaterThan(3);
  while (server.turn());
  await other;
  expect(isThere).toBe(true);
  clock.pass(1000);
  await eventually(() => {
    loop.look();
    while (server.turn());
    expect(feed.head).toBe(100_101);
  });
  loop.stop();
  const fresh = new Timeline(marketOf({ interval: 1000, capacity: 40_000, count: 3 }), [
    { key: 'k', index, effects: [shift] },
  ]);
  const block = fresh.newPrices(BLOCK_ROWS);
  fresh.fillBlock(block, 0, Math.floor(index / BLOCK_ROWS));
  for (const row of [index - 1, index]) {
    expect(feed.history.priceAt(0, row)).toBe(block[row % BLOCK_ROWS]);
  }
});

it('lets nobody wait for rows that will not be made any more', async () => {
  const market = marketOf({ interval: 1000, capacity: 40_000, count: 3 });
  const clock = new BusyClock(timeOf(market.grid, 99));
  const server = new SimulatedServer(market, clock, limitsOf(), pino({ level: 'silent' }));
  const loop = new FeedLoop(server.hub.service, () => {});
  loop.run();
  clock.pass(100_000_000);
  loop.look();
  const waiting = server.hub.service.awaited.until(100_100);
  loop.stop();
  while (server.turn());
  await waiting;
  await server.hub.service.awaited.until(200_000);
  expect(server.feed.head).toBe(100);
});

/** Yields so often, and calls `step` each time. */
function* counted(times: number, step: () => void): Generator<void, void, void> {
  for (let n = 0; n < times; n++) {
    step();
    yield;
  }
}

/** Each look at it takes a while. */
class BusyClock extends ManualClock {
  #looks = 0;

  override steadyMs(): number {
    this.#looks += 1;
    return super.steadyMs() + this.#looks;
  }
}
