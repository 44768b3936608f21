import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Feed } from '../../../src/core/feed/feed.ts';
import { timeOf } from '../../../src/core/market/grid.ts';
import { candlesCost } from '../../../src/host/budgets/candles-cost.ts';
import { type CandleRequest, candleRangeOf } from '../../../src/protocols/tickwell/answers.ts';
import { cuttingOf } from '../../../src/protocols/tickwell/cutting.ts';
import { DEFAULT_LIMITS } from '../../../src/server/limits.ts';
import { countingLooks } from '../../helpers/clock-looks.ts';
import { marketOf } from '../../helpers/market.ts';

/** What it costs to look at the clocks of zones, of which each is asked for here once. */

const ORIGIN = Date.UTC(2026, 0, 1);
/** Looks at a year: at each week, and to find two changes to the second. */
const YEAR_LOOKS = 110;
/** A look takes one or two microseconds, and a format is made for some. */
const LEAST_LOOK_COST = 1500;

const market = marketOf({ origin: ORIGIN, interval: 60_000, count: 1, capacity: 100 });
const feed = new Feed(market);
for (const _ of feed.fill(timeOf(market.grid, 100_000)));
const { history } = feed;

let paid: number;
let counting: ReturnType<typeof countingLooks>;
const pay = (cost: number) => {
  paid += cost;
};

beforeEach(() => {
  paid = 0;
  counting = countingLooks();
});
afterEach(() => counting.restore());

function rangeOf(tz: string, resolution: string, request: CandleRequest) {
  const cut = cuttingOf(history, { resolution, tz }, pay);
  return { cut, range: candleRangeOf(history, DEFAULT_LIMITS, cut, request, pay) };
}

describe('the clock of a zone', () => {
  it.each([
    ['1d', 'Europe/Madrid'],
    ['1h', 'Europe/Rome'],
    ['1mo', 'Australia/Perth'],
    ['1y', 'America/Chicago'],
  ])('is looked at around the market for candles of %s, paid once', (resolution, tz) => {
    const newest = () => rangeOf(tz, resolution, { count: 1 });
    const looks = counting.during(newest);
    expect(looks).toBeGreaterThan(50);
    expect(looks).toBeLessThanOrEqual(4 * YEAR_LOOKS);
    expect(paid).toBeGreaterThanOrEqual(looks * LEAST_LOOK_COST);
    const before = paid;
    expect(counting.during(newest)).toBe(0);
    expect(paid).toBe(before);
  });

  it('is not looked at before who asks has paid', () => {
    const refuse = () => {
      throw new Error('cannot pay');
    };
    const asked = { resolution: '1d', tz: 'Asia/Seoul' };
    expect(counting.during(() => expect(() => cuttingOf(history, asked, refuse)).toThrow())).toBe(
      0,
    );
  });

  it.each(['1m', '1h', '1d', '1mo', '10y'])(
    'of long ago is not looked at, for %s',
    (resolution) => {
      const tz = 'Europe/Vienna';
      const to = ORIGIN + 3_600_000;
      rangeOf(tz, resolution, { from: ORIGIN, to });
      for (const from of ['0001-01-01', '1000-01-01', 0]) {
        const far = rangeOf(tz, resolution, { from: ORIGIN, to }).range;
        const looks = counting.during(() => {
          expect(rangeOf(tz, resolution, { from, to }).range).toEqual(far);
        });
        expect(looks).toBe(0);
      }
      const tooFew = () => rangeOf(tz, resolution, { from: '0001-01-01', count: 20 });
      expect(counting.during(() => expect(tooFew).toThrow(/^from must be so late/))).toBe(0);
    },
  );

  it.each([
    ['1d', 'Europe/Prague', 2],
    ['1mo', 'Europe/Oslo', 2],
    ['1h', 'Europe/Warsaw', 3],
  ])(
    'before the market is looked at, and paid, to count candles of %s',
    (resolution, tz, years) => {
      rangeOf(tz, resolution, { from: ORIGIN, count: 1 });
      const before = paid;
      // A year and a half, and one more candle.
      const from = Date.UTC(2024, 6, 1);
      const { numberOf } = cuttingOf(history, { resolution, tz: 'UTC' }, pay);
      const count = numberOf(ORIGIN) - numberOf(from) + 2;
      const limits = { ...DEFAULT_LIMITS, maxCandlesPerAnswer: 100_000 };
      const cut = cuttingOf(history, { resolution, tz }, pay);
      const looks = counting.during(() => {
        const range = candleRangeOf(history, limits, cut, { from, count }, pay);
        expect(range.toMs).toBeGreaterThan(ORIGIN);
      });
      expect(looks).toBeGreaterThan(50);
      expect(looks).toBeLessThanOrEqual(years * YEAR_LOOKS);
      expect(paid - before).toBeGreaterThanOrEqual(looks * LEAST_LOOK_COST);
    },
  );

  it('is paid with the candles that it cuts', () => {
    const old = new Feed(marketOf({ origin: '1950-01-01', interval: 3_600_000, count: 1 }));
    for (const _ of old.fill(Date.UTC(2026, 0)));
    const cut = cuttingOf(old.history, { resolution: '1d', tz: 'Asia/Manila' }, pay);
    const request = { from: Date.UTC(2000, 0), to: Date.UTC(2020, 0) };
    const range = candleRangeOf(old.history, DEFAULT_LIMITS, cut, request, pay);
    const asked = { resolution: cut, fields: [], format: 'json' } as const;
    const costs = [candlesCost(old.history, 0, range, asked)];
    for (let n = cut.numberOf(range.fromMs); cut.startOf(n) < range.toMs; n++);
    costs.push(candlesCost(old.history, 0, range, asked));
    expect(costs[0]! - costs[1]!).toBeGreaterThan(17 * 55 * LEAST_LOOK_COST);
  });
});
