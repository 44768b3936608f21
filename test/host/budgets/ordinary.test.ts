import { beforeAll, describe, expect, it } from 'vitest';
import { Feed } from '../../../src/core/feed/feed.ts';
import { candleRange, foldCandles, newCandles } from '../../../src/core/history/candles.ts';
import type { History } from '../../../src/core/history/history.ts';
import { wantedOf } from '../../../src/core/history/wanted.ts';
import { type CandleField, DEFAULT_FIELDS } from '../../../src/core/market/fields.ts';
import { timeOf } from '../../../src/core/market/grid.ts';
import { parseResolution } from '../../../src/core/market/resolution.ts';
import { Addresses } from '../../../src/host/budgets/addresses.ts';
import { candlesCost } from '../../../src/host/budgets/candles-cost.ts';
import {
  MESSAGE_COST,
  METRICS_COST,
  namingCost,
  pointsCost,
  REQUEST_COST,
  rowsCost,
  UPGRADE_COST,
} from '../../../src/host/budgets/cost.ts';
import { DEFAULT_LIMITS } from '../../../src/server/limits.ts';
import { DEFAULT_NOTATION } from '../../../src/wire/notation.ts';
import { ManualClock } from '../../helpers/clock.ts';
import { marketOf } from '../../helpers/market.ts';

/** What people do is never refused, however many share an address: with the limits as they are. */

const INSTRUMENTS = 100;
const DAY_ROWS = 86_400;
const FILES = 12;
const GBM = { defaults: { model: 'gbm' } };

let history: History;
let clock: ManualClock;

beforeAll(() => {
  const market = marketOf({ interval: 1000, count: INSTRUMENTS, capacity: 3600 });
  const feed = new Feed(market);
  for (const _ of feed.fill(timeOf(market.grid, 30 * DAY_ROWS)));
  history = feed.history;
});

/** Has one address pay for each of `costs`, and counts what it could not pay. */
function payer() {
  clock = new ManualClock(0);
  const address = new Addresses(DEFAULT_LIMITS, clock).of('192.0.2.1');
  let refusals = 0;
  const pay = (costs: readonly number[]) => {
    for (const cost of costs) if (address.pay(cost, clock.steadyMs()) > 0) refusals += 1;
  };
  return { pay, refusals: () => refusals };
}

const all = Array.from({ length: INSTRUMENTS }, (_, column) => column);

/** What a browser asks for that loads the page and looks at a chart. */
function pageLoad(): number[] {
  const files = Array.from({ length: FILES }, () => REQUEST_COST);
  const lines = REQUEST_COST + namingCost(INSTRUMENTS) + pointsCost(history, all, 48, 86_400_000);
  const settings = REQUEST_COST + 20_000;
  return [...files, settings, lines, ...chart('1m'), UPGRADE_COST, ...subscription()];
}

function subscription(): number[] {
  return [MESSAGE_COST, namingCost(20)];
}

/** The newest 512 candles of a resolution. */
function windowOf(of: History, resolution: string, fields: readonly CandleField[]) {
  const asked = parseResolution(resolution)!;
  const head = timeOf(of.market.grid, of.head - 1);
  const range = candleRange(of, asked, head - 512 * asked.ms, head + 1);
  const how = { resolution: asked, fields, format: 'json', notation: DEFAULT_NOTATION } as const;
  return { range, how };
}

/** Two windows of 512 candles. */
function chart(resolution: string, fields: readonly CandleField[] = [], column = 0): number[] {
  const { range, how } = windowOf(history, resolution, fields);
  const cost = REQUEST_COST + candlesCost(history, column, range, how);
  return [cost, cost];
}

describe('never refused is', () => {
  it('an office of 500 people who all load the page within the same second', () => {
    const { pay, refusals } = payer();
    for (let n = 0; n < 500; n++) pay(pageLoad());
    expect(refusals()).toBe(0);
  });

  it('the same office through an hour, each with another chart every five seconds', () => {
    const { pay, refusals } = payer();
    for (let n = 0; n < 500; n++) pay(pageLoad());
    for (let second = 0; second < 3600; second++) {
      clock.passSteadily(1000);
      for (let n = 0; n < 100; n++) pay([...chart('1m'), ...subscription()]);
    }
    expect(refusals()).toBe(0);
  });

  it.each(['1m', '5m', '15m', '1h', '4h', '1d'])(
    'who clicks through 30 instruments a minute, with their volume: candles of %s',
    (resolution) => {
      const { pay, refusals } = payer();
      pay(pageLoad());
      for (let click = 0; click < INSTRUMENTS; click++) {
        pay(chart(resolution, ['volume'], click));
        clock.passSteadily(2000);
      }
      expect(refusals()).toBe(0);
    },
  );

  it('an office of ten who each click 30 times a minute through ten instruments, at 1h with volume', () => {
    const { pay, refusals } = payer();
    const feed = new Feed(marketOf({ interval: 1000, count: 10, capacity: 3600, ...GBM }));
    for (const _ of feed.fill(timeOf(feed.market.grid, 30 * DAY_ROWS)));
    const { range, how } = windowOf(feed.history, '1h', ['volume']);
    const clicks = 30 * 5;
    for (let click = 0; click < clicks; click++) {
      for (let n = 0; n < 10; n++) {
        const column = click % 10;
        const cost = REQUEST_COST + candlesCost(feed.history, column, range, how);
        pay([cost, cost]);
        // Whoever is first has them folded for the others.
        const out = newCandles(how.fields);
        for (const _ of foldCandles(out, feed.history, column, how.resolution, range));
      }
      clock.passSteadily(2000);
    }
    expect(refusals()).toBe(0);
  });

  it('a Prometheus for each of 20 teams that scrapes each second', () => {
    const { pay, refusals } = payer();
    for (let second = 0; second < 3600; second++) {
      for (let n = 0; n < 20; n++) pay([REQUEST_COST, METRICS_COST]);
      clock.passSteadily(1000);
    }
    expect(refusals()).toBe(0);
  });

  it('1,000 programs that ask for the newest row of all instruments each second', () => {
    const { pay, refusals } = payer();
    const { head } = history;
    const row = rowsCost(history, wantedOf(DEFAULT_FIELDS, all), [head - 1, head], 'json');
    for (let second = 0; second < 600; second++) {
      for (let n = 0; n < 1000; n++) pay([REQUEST_COST, namingCost(INSTRUMENTS) + row]);
      clock.passSteadily(1000);
    }
    expect(refusals()).toBe(0);
  });
});

describe('refused before it takes more than a core is', () => {
  it('one that asks for what there is not, as fast as it can', () => {
    const { pay, refusals } = payer();
    let [asked, seconds] = [0, 0];
    // 17,000 a second: a core's worth.
    for (; refusals() === 0; seconds++) {
      for (let n = 0; n < 17_000; n++) pay([REQUEST_COST]);
      asked += 17_000;
      clock.passSteadily(1000);
    }
    expect(seconds).toBeLessThan(15);
    expect(asked).toBeGreaterThan(100_000);
  });
});
