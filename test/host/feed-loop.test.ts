import { pino } from 'pino';
import { expect, it } from 'vitest';
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
