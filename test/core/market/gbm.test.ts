import { describe, expect, it } from 'vitest';
import { DTYPES, type Dtype } from '../../../src/core/market/dtype.ts';
import { BLOCK_ROWS, ERA_ROWS } from '../../../src/core/market/grid.ts';
import type { Market } from '../../../src/core/market/market.ts';
import { Fold } from '../../../src/core/market/models/model.ts';
import { marketOf } from '../../helpers/market.ts';
import {
  correlationSigmas,
  meanSigmas,
  normalSigmas,
  SIGMAS,
  sequence,
  varianceSigmas,
} from './statistics.ts';

const YEAR_MS = 365.25 * 86_400_000;

function gbm(spec: object, parameters: object): Market {
  return marketOf({ dtype: 'float64', ...spec, defaults: { model: 'gbm', ...parameters } });
}

function blockOf(market: Market, column: number, block: number) {
  const prices = market.newPrices(BLOCK_ROWS);
  market.fillBlock(prices, column, block);
  return prices;
}

function logAt(market: Market, column: number, index: number): number {
  const fold = new Fold();
  market.fold(fold, column, index, index + 1);
  return Math.log(fold.open);
}

/** Checks that values have the law N(0, 1). */
function expectStandardNormal(values: readonly number[]): void {
  expect(Math.abs(normalSigmas(values))).toBeLessThan(SIGMAS);
  expect(Math.abs(meanSigmas(values))).toBeLessThan(SIGMAS);
  expect(Math.abs(varianceSigmas(values))).toBeLessThan(SIGMAS);
}

// 2^24 ticks, halfway between the walls by their logarithms: a tick is 6e-8 of the price.
const MIDDLE = { startPrice: 167_772.16 };

describe('a gbm', () => {
  it.each([
    { drift: 0.05, volatility: 0.3, interval: 60_000, era: 0 },
    { drift: -0.4, volatility: 0.8, interval: 60_000, era: 0 },
    { drift: 2, volatility: 0.5, interval: 1000, era: 1 },
  ])('has its drift and its volatility a year: %j', ({ drift, volatility, interval, era }) => {
    const count = 400;
    const market = gbm({ seed: 41, interval, count }, { drift, volatility, ...MIDDLE });
    const yearRows = Math.min(YEAR_MS / interval, ERA_ROWS - 5);
    const years = (yearRows * interval) / YEAR_MS;
    const values: number[] = [];
    for (let column = 0; column < count; column++) {
      const from = era * ERA_ROWS;
      const grown = logAt(market, column, from + yearRows) - logAt(market, column, from);
      const mean = (drift - volatility ** 2 / 2) * years;
      values.push((grown - mean) / (volatility * Math.sqrt(years)));
    }
    expectStandardNormal(values);
  });

  it('moves by independent normal steps, row by row', () => {
    // A step has a standard deviation of 4e-4: 7,000 ticks, so that rounding does not show.
    const interval = 60_000;
    const volatility = 0.3;
    const market = gbm({ seed: 42, interval, count: 1 }, { drift: 0, volatility, ...MIDDLE });
    const sigma = volatility * Math.sqrt(interval / YEAR_MS);
    const steps: number[] = [];
    for (const block of [0, 1, 900]) {
      const logs = Array.from(blockOf(market, 0, block), Math.log);
      for (let i = 1; i < logs.length; i++) steps.push((logs[i] - logs[i - 1]) / sigma);
    }
    expectStandardNormal(steps);
    for (const lag of [1, 2, 7, 100]) {
      expect(Math.abs(correlationSigmas(steps.slice(lag), steps))).toBeLessThan(SIGMAS);
    }
  });

  it.each([
    ['a block', BLOCK_ROWS, 300, 1],
    ['an era', ERA_ROWS, 2, 150],
  ])('is a Brownian bridge inside %s: moments at its quarters', (_what, rows, parts, count) => {
    const interval = 1000;
    const volatility = 0.5;
    const market = gbm({ seed: 43, interval, count }, { drift: 0, volatility, ...MIDDLE });
    const unit = volatility * Math.sqrt((interval * rows) / YEAR_MS);
    const [totals, quarters, middles, between]: number[][] = [[], [], [], []];
    for (let column = 0; column < count; column++) {
      for (let part = 0; part < parts; part++) {
        const at = [0, 0.25, 0.5, 1].map((place) => {
          const index = (part + place) * rows;
          const growth = (-(volatility ** 2) / 2) * ((index * interval) / YEAR_MS);
          return (logAt(market, column, index) - growth) / unit;
        });
        const total = at[3] - at[0];
        // Variance of a bridge at t: t (1 - t); covariance at s < t: s (1 - t).
        const quarter = (at[1] - at[0] - total / 4) / Math.sqrt(3 / 16);
        const middle = (at[2] - at[0] - total / 2) / Math.sqrt(1 / 4);
        totals.push(total);
        quarters.push(quarter);
        middles.push(middle);
        // Given the middle, the quarter is a bridge on the first half: variance 1/8.
        between.push((at[1] - (at[0] + at[2]) / 2) / Math.sqrt(1 / 8));
      }
    }
    for (const values of [totals, quarters, middles, between]) expectStandardNormal(values);
    expect(Math.abs(correlationSigmas(totals, middles))).toBeLessThan(SIGMAS);
    expect(Math.abs(correlationSigmas(between, middles))).toBeLessThan(SIGMAS);
  });

  it('goes on over the ends of blocks and eras with a step like any other', () => {
    const interval = 60_000;
    const volatility = 0.3;
    const market = gbm({ seed: 44, interval, count: 40 }, { drift: 0, volatility, ...MIDDLE });
    const sigma = volatility * Math.sqrt(interval / YEAR_MS);
    const steps: number[] = [];
    for (let column = 0; column < 40; column++) {
      for (const end of [1, 2, 3, 500, 1023, 1024, 1025, 2048]) {
        const index = end * BLOCK_ROWS;
        steps.push((logAt(market, column, index) - logAt(market, column, index - 1)) / sigma);
      }
    }
    expectStandardNormal(steps);
  });

  it.each(Object.keys(DTYPES) as Dtype[])('is whole ticks inside the walls of %s', (dtype) => {
    // A volatility that throws it from wall to wall.
    const { max } = DTYPES[dtype];
    for (const interval of [1000, 604_800_000]) {
      const parameters = { drift: 1, volatility: 100, startPrice: 1 };
      const market = gbm({ seed: 45, dtype, interval, count: 2 }, parameters);
      for (const block of [0, 1, 1024, 100_000, 2 ** 32 - 1]) {
        const prices = Float64Array.from(blockOf(market, 1, block));
        expect(prices.every(Number.isInteger)).toBe(true);
        const [low, high] = [Math.min(...prices), Math.max(...prices)];
        expect(low).toBeGreaterThanOrEqual(1);
        expect(high).toBeLessThanOrEqual(max);
      }
    }
  });

  it('stands still without volatility and drift, and grows by its drift without volatility', () => {
    const still = gbm({ count: 1 }, { drift: 0, volatility: 0, ...MIDDLE });
    expect(new Set(blockOf(still, 0, 5000))).toEqual(new Set([2 ** 24]));
    const growing = gbm({ count: 1, interval: 60_000 }, { drift: 0.05, volatility: 0, ...MIDDLE });
    const grown = logAt(growing, 0, YEAR_MS / 60_000) - logAt(growing, 0, 0);
    // Two roundings to ticks of 6e-8.
    expect(Math.abs(grown - 0.05)).toBeLessThan(1.2e-7);
  });

  it('folds to what its prices fold to', () => {
    const market = gbm({ seed: 46, dtype: 'uint16', count: 2 }, { volatility: 5 });
    const next = sequence(47);
    for (let round = 0; round < 100; round++) {
      const block = [0, 1, 1024][round % 3];
      const from = Math.floor(next() * BLOCK_ROWS);
      const rows = Math.ceil(next() * (BLOCK_ROWS - from));
      const [folded, naive] = [new Fold(), new Fold()];
      const first = block * BLOCK_ROWS;
      market.fold(folded, round % 2, first + from, first + from + rows);
      naive.addPrices(blockOf(market, round % 2, block), from, from + rows);
      expect({ ...folded }).toEqual({ ...naive });
    }
  });
});
