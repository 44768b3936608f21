import { describe, expect, it } from 'vitest';
import { BLOCK_ROWS } from '../../../src/core/market/grid.ts';
import { MODEL_KINDS } from '../../../src/core/market/models/parameters.ts';
import { PRESET_NAMES, PRESETS } from '../../../src/core/market/presets/presets.ts';
import { checkSpec, describeSpec } from '../../../src/core/market/spec.ts';
import { marketOf } from '../../helpers/market.ts';

/** What people have begun with stays what it is. */
const IDS = {
  classic: 'dccf1b39e4628b4f',
  equities: '1fb528892e87ff31',
  crypto: '746ef5de101a1c71',
  fx: '584d04b18fbd77fa',
  stress: '9b20c4302e8caa43',
  teaching: '06b36ec643e5b046',
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
    const twoYears = (2 * 365 * 86_400_000) / market.grid.intervalMs;
    for (const [column, { minTicks, maxTicks, symbol }] of few.entries()) {
      const prices = market.newPrices(BLOCK_ROWS);
      for (const index of [0, twoYears]) {
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
    const [equities, crypto, fx, stress, teaching] = [
      'equities',
      'crypto',
      'fx',
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
