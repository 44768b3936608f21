import { Feed } from '../../../src/core/feed/feed.ts';
import { checkEvent, checkScenario } from '../../../src/core/market/entries/requested.ts';
import type { Market } from '../../../src/core/market/market.ts';
import { Timeline } from '../../../src/core/timeline/timeline.ts';
import type { BrokenLog } from '../../../src/host/control/control-log.ts';
import type { Taken, Wish } from '../../../src/host/control/director.ts';
import { Life } from '../../../src/host/control/life.ts';
import { openLog } from '../../../src/host/control/open-log.ts';
import { aheadOf, OwnDirector } from '../../../src/host/control/own-director.ts';
import { MarketClock } from '../../../src/host/market-clock.ts';
import { DEFAULT_LIMITS, type Limits } from '../../../src/server/limits.ts';
import { ManualClock } from '../../helpers/clock.ts';
import { marketOf } from '../../helpers/market.ts';
import type { SimDisk } from './sim-disk.ts';

export const INTERVAL = 100;
export const ORIGIN = Date.UTC(2026, 0, 5);
export const SPEC = { seed: 5, origin: ORIGIN, interval: INTERVAL, count: 2, capacity: 300 };

/** Rules that a life can do without, to see what each is for. */
export interface Rules {
  /** Whether the head waits while an entry is being written. */
  readonly waits?: boolean;
  /** Whether a start goes by the last mark. */
  readonly marks?: boolean;
}

/** A server from its start to its end, without its sockets: all that gives rows, and its log. */
export interface LifeOnDisk {
  readonly clock: ManualClock;
  readonly feed: Feed;
  readonly director: OwnDirector;
  readonly broken: BrokenLog[];
  readonly warnings: unknown[];
  /** Lets time pass, and makes the rows that may be made. */
  pass(ms: number): Promise<void>;
  /** The prices of a row that was given. */
  row(index: number): readonly number[];
}

export async function liveOn(
  disk: SimDisk,
  nowMs: number,
  { waits = true, marks = true }: Rules = {},
  limits: Partial<Limits> = {},
  market: Market = marketOf(SPEC),
): Promise<LifeOnDisk> {
  const clock = new ManualClock(nowMs);
  const timeline = new Timeline(market);
  const life = new Life(timeline);
  const broken: BrokenLog[] = [];
  const warnings: unknown[] = [];
  const logger = { warn: (about: unknown) => void warnings.push(about) };
  const broke = (error: BrokenLog) => void broken.push(error);
  const log = await openLog({
    ...{ file: disk.open(), market: market.id, logger, take: life.take, broke },
  });
  const feed = new Feed(timeline);
  const marketClock = new MarketClock(clock, life.time?.anchors);
  const director = new OwnDirector({
    ...{ ahead: aheadOf(feed), clock: marketClock, log, logger },
    limits: { ...DEFAULT_LIMITS, ...limits },
    life: marks ? life : { mark: 0, done: life.done, turned: life.turned },
  });
  const look = () => {
    director.look();
    feed.advance(marketClock.marketMs(), waits ? director.mayMakeUntil : Number.POSITIVE_INFINITY);
  };
  director.released = look;
  await director.begin();
  look();
  const prices = market.newPrices(1);
  return {
    ...{ clock, feed, director, broken, warnings },
    async pass(ms) {
      clock.pass(ms);
      look();
      await settle();
    },
    row: (index) =>
      market.instruments.map((_, column) => {
        feed.history.copy(prices, 0, column, index, index + 1);
        return prices[0]!;
      }),
  };
}

/** All that was begun and waits for nothing is done. */
export async function settle(): Promise<void> {
  for (let n = 0; n < 300; n++) await Promise.resolve();
}

const TIMELINE = new Timeline(marketOf(SPEC));

/** A wish, as a client says it. */
export function wishOf(input: Record<string, unknown>, more: Partial<Wish> = {}): Wish {
  const check = 'scenario' in input ? checkScenario : checkEvent;
  const found = check(input, TIMELINE);
  if (!found.ok) throw new Error(found.problems[0]!.message);
  const { name, effects } = found;
  const named = name === undefined ? {} : { name };
  return { effects, digest: JSON.stringify(input), ...named, ...more };
}

/** What came of something, if it has come. */
export async function cameOf(taking: Promise<Taken>): Promise<Taken | 'refused' | 'nothing'> {
  let result: Taken | 'refused' | 'nothing' = 'nothing';
  void taking.then(
    (taken) => {
      result = taken;
    },
    () => {
      result = 'refused';
    },
  );
  await settle();
  return result;
}
