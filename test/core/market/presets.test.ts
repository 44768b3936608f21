import { describe, expect, it } from 'vitest';
import type { Prices } from '../../../src/core/market/dtype.ts';
import { BLOCK_ROWS } from '../../../src/core/market/grid.ts';
import type { Market } from '../../../src/core/market/market.ts';
import { MODEL_KINDS } from '../../../src/core/market/models/parameters.ts';
import { PRESET_NAMES, PRESETS } from '../../../src/core/market/presets/presets.ts';
import { checkSpec, describeSpec } from '../../../src/core/market/spec.ts';
import { marketOf } from '../../helpers/market.ts';

/** What people have begun with stays what it is. */
const IDS = {
  classic: 'bec35eb549b8a95b',
  equities: '5325b5d300b51ef2',
  crypto: '7d70d29c9119b170',
  fx: 'b2239c22b4a63168',
  exchange: 'fb89c8649098abff',
  stress: '1960d6b964f510b0',
  teaching: '92504885345b7dcd',
};

describe.each(PRESET_NAMES)('the preset %s', (preset) => {
  const market = marketOf({ preset });

  it('is the market it always was', () => {
    expect(market.id).toBe(IDS[preset]);
  });

  it('is a spec that says everything when it is described', () => {
    expect(marketOf(describeSpec(market.spec))).toMatchObject({ id: market.id, spec: market.spec });
  });

  it('has symbols and names that differ, and prices that move within two years', () => {
    const few = market.instruments.slice(0, 100);
    expect(new Set(market.instruments.map(({ symbol }) => symbol)).size).toBe(
      market.instruments.length,
    );
    expect(new Set(few.map(({ name }) => name)).size).toBe(few.length);
    // At three in the afternoon of a Thursday: then all that has hours is open.
    const rowOf = (hours: number) => Math.floor((hours * 3_600_000) / market.grid.intervalMs);
    for (const [column, { minTicks, maxTicks, symbol }] of few.entries()) {
      const prices = market.newPrices(BLOCK_ROWS);
      for (const index of [rowOf(15), rowOf(104 * 7 * 24 + 15)]) {
        market.fillBlock(prices, column, Math.floor(index / BLOCK_ROWS));
        const [first] = prices;
        expect(
          prices.some((price) => price !== first),
          symbol,
        ).toBe(true);
        expect(prices.every((price) => price >= minTicks && price <= maxTicks)).toBe(true);
      }
    }
  });
});

describe('presets', () => {
  it('are 50 shares in 8 sectors, 30 coins, 20 pairs, 10,000 walks and one of each model', () => {
    const [equities, crypto, fx, exchange, stress, teaching] = [
      'equities',
      'crypto',
      'fx',
      'exchange',
      'stress',
      'teaching',
    ].map((preset) => marketOf({ preset }));
    expect(equities.instruments).toHaveLength(50);
    expect(new Set(equities.instruments.map(({ sector }) => sector)).size).toBe(8);
    expect(equities.instruments.every(({ tickSize }) => tickSize === 0.01)).toBe(true);
    expect(crypto.instruments).toHaveLength(30);
    const sizes = new Set(crypto.instruments.map(({ tickSize }) => tickSize));
    expect(sizes.size).toBeGreaterThan(5);
    const starts = crypto.instruments.map(({ startTicks, tickSize }) => startTicks * tickSize);
    expect(Math.max(...starts) / Math.min(...starts)).toBeGreaterThan(1e9);
    expect(fx.instruments).toHaveLength(20);
    const shares = equities.instruments.map(({ symbol, startTicks }) => [symbol, startTicks]);
    expect(exchange.instruments.map(({ symbol, startTicks }) => [symbol, startTicks])).toEqual(
      shares,
    );
    const calendars = (market: Market) => [
      ...new Set(market.instruments.map(({ calendar }) => calendar)),
    ];
    expect(calendars(exchange)).toEqual(['new-york']);
    expect([equities, fx].map(calendars)).toEqual([['always'], ['always']]);
    expect(stress.instruments).toHaveLength(10_000);
    expect(stress.grid.intervalMs).toBe(100);
    expect(teaching.instruments.map(({ model }) => model.kind)).toEqual(MODEL_KINDS);
  });

  it('say what is not said beside them, and no more', () => {
    const other = marketOf({ preset: 'fx', seed: 5, interval: '1m', capacity: 10 });
    expect([other.spec.seed, other.grid.intervalMs, other.spec.capacity]).toEqual([5, 60_000, 10]);
    expect(other.instruments).toHaveLength(20);
    const own = marketOf({ preset: 'crypto', instruments: ['A'] });
    expect(own.instruments).toMatchObject([{ symbol: 'A', model: { kind: 'market' } }]);
    const calmer = marketOf({ preset: 'equities', defaults: { jumpShare: 0 } });
    expect(calmer.instruments[3].model).toMatchObject({ jumpShare: 0, leverage: 0.5 });
    expect(calmer.instruments[3].tickSize).toBe(0.01);
  });

  it('are told, where one is none', () => {
    for (const preset of ['bonds', '', 7, null, 'constructor']) {
      const check = checkSpec({ preset });
      expect(!check.ok && check.problems.map(({ path }) => path)).toEqual(['preset']);
    }
    expect(Object.values(PRESETS).every(({ title }) => title.length > 10)).toBe(true);
  });
});

const TEN_YEARS_DAYS = 3653;

/** The prices of ten years at each midnight, by instrument. */
function daysOf(market: Market): Prices[] {
  return market.instruments.map((_, column) => {
    const prices = market.newPrices(BLOCK_ROWS);
    market.fillBlock(prices, column, 0);
    return prices.subarray(0, TEN_YEARS_DAYS + 1);
  });
}

describe.each(['equities', 'crypto', 'fx', 'exchange'])('in ten years of %s', (preset) => {
  const market = marketOf({ preset, interval: '1d' });
  const days = daysOf(market);

  it('every price stays above 100 ticks, and far below what its type holds', () => {
    for (const [column, { symbol, maxTicks }] of market.instruments.entries()) {
      expect(Math.min(...days[column]), symbol).toBeGreaterThan(100);
      expect(Math.max(...days[column]), symbol).toBeLessThan(maxTicks / 100);
    }
  });

  it('nine of ten end between a fiftieth of what they began with and thirty times that', () => {
    const ratios = days.map((prices) => prices[TEN_YEARS_DAYS] / prices[0]).sort((a, b) => a - b);
    const at = (part: number) => ratios[Math.floor(part * (ratios.length - 1))];
    expect(at(0.05)).toBeGreaterThan(1 / 50);
    expect(at(0.95)).toBeLessThan(30);
    expect(at(0.5)).toBeGreaterThan(1 / 2);
    expect(at(0.5)).toBeLessThan(5);
  });

  it('most days have some that rise and some that fall, from the first on', () => {
    const risingOn = (day: number) =>
      days.filter((prices) => prices[day] > prices[day - 1]).length / days.length;
    const isOpen = (day: number) => days.some((prices) => prices[day] !== prices[day - 1]);
    const mixed = (from: number, next: number) => {
      const rising = Array.from({ length: next - from }, (_, n) => from + n)
        .filter(isOpen)
        .map(risingOn);
      return rising.filter((part) => part > 0.2 && part < 0.8).length / rising.length;
    };
    // Of a year of seeds drawn at random it is 0.63 to 0.75.
    expect(mixed(1, 366)).toBeGreaterThan(0.68);
    expect(mixed(1, 90)).toBeGreaterThan(0.68);
    expect(mixed(1, 4)).toBe(1);
  });
});

it('the stable coin stays within half a percent of 1 for ten years', () => {
  const market = marketOf({ preset: 'crypto', interval: '10m' });
  const column = market.columnOf('STABL')!;
  const prices = market.newPrices(BLOCK_ROWS);
  let [low, high] = [Number.POSITIVE_INFINITY, 0];
  for (let block = 0; block * BLOCK_ROWS < TEN_YEARS_DAYS * 144; block++) {
    market.fillBlock(prices, column, block);
    for (const price of prices) {
      if (price < low) low = price;
      if (price > high) high = price;
    }
  }
  // It moves, too: by more than a tenth of a percent.
  expect(low).toBeGreaterThan(99_500);
  expect(low).toBeLessThan(99_900);
  expect(high).toBeGreaterThan(100_100);
  expect(high).toBeLessThan(100_500);
});
