import { pino } from 'pino';
import { expect, it } from 'vitest';
import type { Effect } from '../../src/core/market/entries/effects.ts';
import { timeOf } from '../../src/core/market/grid.ts';
import { FeedLoop } from '../../src/host/feed-loop.ts';
import { limitsOf } from '../../src/server/limits.ts';
import { ManualClock } from '../helpers/clock.ts';
import { eventually } from '../helpers/eventually.ts';
import { marketOf } from '../helpers/market.ts';
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

/** Each look at it takes a while. */
class BusyClock extends ManualClock {
  #looks = 0;

  override steadyMs(): number {
    this.#looks += 1;
    return super.steadyMs() + this.#looks;
  }
}
