import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { Feed } from '../../src/core/feed/feed.ts';
import { FeedWait } from '../../src/host/feed-wait.ts';
import { MarketClock } from '../../src/host/market-clock.ts';
import { limitsOf } from '../../src/server/limits.ts';
import { ManualClock } from '../helpers/clock.ts';
import { marketOf } from '../helpers/market.ts';

const ORIGIN = Date.UTC(2026, 0, 5);

/** A feed of 101 rows, one a second, the next of which is due in a second. */
function start(mayMakeUntil = Number.POSITIVE_INFINITY) {
  const lines: { readonly msg: string }[] = [];
  const write = (line: string) => void lines.push(JSON.parse(line));
  const feed = new Feed(marketOf({ origin: ORIGIN, interval: 1000, count: 2, capacity: 10 }));
  const clock = new ManualClock(ORIGIN + 100_000);
  feed.advance(clock.nowMs());
  const director = { mayMakeUntil };
  const logger = pino({ level: 'warn' }, { write });
  const market = new MarketClock(clock);
  const wait = new FeedWait(feed, market, director, limitsOf(), logger);
  const pass = (ms: number) => {
    clock.pass(ms);
    // Set back is the wall's clock alone.
    clock.passSteadily(Math.max(0, ms));
  };
  const reasonAfter = (ms: number) => {
    pass(ms);
    wait.look();
    return wait.reason;
  };
  return {
    feed,
    clock,
    market,
    director,
    wait,
    reasonAfter,
    says: () => lines.map(({ msg }) => msg),
  };
}

describe('what a feed waits for', () => {
  it('is nothing while rows are there, or late for a moment', () => {
    const { wait, reasonAfter } = start();
    expect([reasonAfter(0), wait.lateMs]).toEqual([undefined, 0]);
    expect([reasonAfter(6000), wait.lateMs]).toEqual([undefined, 5000]);
  });

  it('is the processor, if rows are later that nothing holds, until they are there', () => {
    const { feed, clock, wait, reasonAfter, says } = start();
    expect([reasonAfter(6001), wait.lateMs]).toEqual(['late', 5001]);
    expect(says()).toEqual(['rows are late']);
    feed.advance(clock.nowMs());
    expect([reasonAfter(0), wait.lateMs]).toEqual([undefined, 0]);
    expect(says()).toEqual(['rows are late', 'the feed waits no longer']);
  });

  it('is the log, if that holds rows back for longer than a broker takes', () => {
    const { director, reasonAfter, says } = start(101);
    expect(reasonAfter(16_000)).toBe(undefined);
    expect(reasonAfter(1)).toBe('log');
    expect(says()).toEqual(['the feed waits for the log']);
    // From then on they could be made.
    director.mayMakeUntil = 102;
    expect(reasonAfter(0)).toBe('late');
    expect(says()).toEqual(['the feed waits for the log', 'rows are late']);
  });

  it('is nothing where the time was moved on, as by a step: rows are late from then on', () => {
    const { clock, wait, market, reasonAfter, says } = start();
    market.add({ hostMs: clock.nowMs(), marketMs: market.marketMs() + 3_600_000, speed: 1 });
    wait.look();
    expect([wait.reason, wait.lateMs]).toEqual([undefined, 3_599_000]);
    expect([reasonAfter(5000), says()]).toEqual([undefined, []]);
    expect([reasonAfter(1), says()]).toEqual(['late', ['rows are late']]);
  });

  it('is the clock, if that was set back by more than clocks differ', () => {
    const { wait, reasonAfter, says } = start();
    expect([reasonAfter(-2000), wait.ms]).toEqual([undefined, 2000]);
    expect([reasonAfter(-1), wait.ms]).toEqual(['clock', 2001]);
    expect(says()).toEqual(['the feed waits for its clock']);
  });
});
