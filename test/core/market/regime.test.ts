import { describe, expect, it } from 'vitest';
import { newTrades } from '../../../src/core/market/fields.ts';
import { BLOCK_ROWS, ERA_BLOCKS } from '../../../src/core/market/grid.ts';
import type { Market } from '../../../src/core/market/market.ts';
import {
  average,
  averageSigmas,
  differences,
  logAt,
  logsOf,
  modelMarket,
  YEAR_MS,
} from './paths.ts';
import { normalSigmas, SIGMAS, uniformSigmas, varianceSigmas } from './statistics.ts';

const INTERVAL = 1000;
const ROW = Math.sqrt(INTERVAL / YEAR_MS);

/** Storms, by rows: 1 where the spread says that it is one. Calm is a spread of 1 tick. */
function stormsOf(market: Market, first: number, blocks: number): Uint8Array {
  const storms = new Uint8Array(blocks * BLOCK_ROWS);
  const traded = newTrades('float64', BLOCK_ROWS);
  for (let n = 0; n < blocks; n++) {
    market.fillTrades(traded, 0, first + n);
    for (let i = 0; i < BLOCK_ROWS; i++) {
      storms[n * BLOCK_ROWS + i] = traded.ask[i] - traded.bid[i] > 700 ? 1 : 0;
    }
  }
  return storms;
}

const TELLING = { spreadTicks: 1000, calmVolatility: 0.1, stormVolatility: 1 };

describe('regimes', () => {
  it('last for geometric times, one after the other', () => {
    const parameters = { ...TELLING, calmTime: '40m', stormTime: '10m' };
    const market = modelMarket('regime', { seed: 91, count: 1 }, parameters);
    const times: Record<number, number[]> = { 0: [], 1: [] };
    const storms = stormsOf(market, ERA_BLOCKS - 60, 120);
    let began = -1;
    for (let i = 1; i < storms.length; i++) {
      if (storms[i] === storms[i - 1]) continue;
      if (began >= 0) times[storms[i - 1]].push(i - began);
      began = i;
    }
    for (const [state, mean] of [
      [0, 2400],
      [1, 600],
    ]) {
      const rows = times[state];
      expect(rows.length).toBeGreaterThan(500);
      expect(Math.abs(averageSigmas(rows, mean))).toBeLessThan(SIGMAS);
      // P(time <= t) of a geometric time, spread over its step so that it is uniform.
      const stay = 1 - 1 / mean;
      const places = rows.map((t) => 1 - (stay ** (t - 1) + stay ** t) / 2);
      expect(Math.abs(uniformSigmas(places, 16))).toBeLessThan(SIGMAS);
    }
  });

  it('are as long in all as their times say, in each part of an era', () => {
    const parameters = { ...TELLING, calmTime: '30m', stormTime: '10m' };
    for (const block of [0, 511, ERA_BLOCKS - 1, ERA_BLOCKS]) {
      const shares: number[] = [];
      for (let seed = 0; seed < 60; seed++) {
        const market = modelMarket('regime', { seed: 900 + seed, count: 1 }, parameters);
        shares.push(average([...stormsOf(market, block, 1)]));
      }
      expect(Math.abs(averageSigmas(shares, 0.25))).toBeLessThan(SIGMAS);
    }
  });

  it('decide the variance of rows: normal in calm and in storm', () => {
    const parameters = { ...TELLING, calmDrift: 0, stormDrift: 0 };
    const market = modelMarket('regime', { seed: 92, count: 1 }, parameters);
    const logs = logsOf(market, 0, 4, 40);
    const storms = stormsOf(market, 4, 40);
    const steps: number[][] = [[], []];
    for (const [i, step] of differences(logs).entries()) {
      const volatility = storms[i] ? 1 : 0.1;
      steps[storms[i]].push((step + (volatility ** 2 / 2) * ROW ** 2) / (volatility * ROW));
    }
    for (const values of steps) {
      expect(values.length).toBeGreaterThan(10_000);
      expect(Math.abs(varianceSigmas(values))).toBeLessThan(SIGMAS);
    }
    // A tick is a hundredth of a step of the calm.
    expect(Math.abs(normalSigmas(steps[1]))).toBeLessThan(SIGMAS);
  });

  it('add up over blocks and eras, given how long each was', () => {
    const parameters = {
      ...TELLING,
      calmTime: '8h',
      stormTime: '8h',
      calmDrift: 3,
      stormDrift: -5,
    };
    const values: number[] = [];
    for (let seed = 0; seed < 50; seed++) {
      const market = modelMarket('regime', { seed: 9000 + seed, count: 1 }, parameters);
      for (const block of [3, ERA_BLOCKS - 1]) {
        const storm = stormsOf(market, block, 2).reduce((sum, is) => sum + is, 0);
        const calm = 2 * BLOCK_ROWS - storm;
        const growth = (calm * (3 - 0.1 ** 2 / 2) + storm * (-5 - 1 / 2)) * ROW ** 2;
        const deviation = Math.sqrt(calm * 0.1 ** 2 + storm) * ROW;
        const from = block * BLOCK_ROWS;
        const moved = logAt(market, 0, from + 2 * BLOCK_ROWS) - logAt(market, 0, from);
        values.push((moved - growth) / deviation);
      }
    }
    expect(Math.abs(normalSigmas(values))).toBeLessThan(SIGMAS);
    expect(Math.abs(varianceSigmas(values))).toBeLessThan(SIGMAS);
  });

  it('may last for longer than an era', () => {
    const parameters = { ...TELLING, calmTime: '52w', stormTime: '52w' };
    let storms = 0;
    let changes = 0;
    for (let seed = 0; seed < 100; seed++) {
      const market = modelMarket('regime', { seed: 9500 + seed, count: 1 }, parameters);
      const [first] = stormsOf(market, 2 * ERA_BLOCKS, 1);
      const [second] = stormsOf(market, 3 * ERA_BLOCKS, 1);
      storms += first;
      changes += first === second ? 0 : 1;
    }
    // P(another regime an era later) = (1 - exp(-2 era / time)) / 2 = 0.328 at 194 days of 364.
    expect(Math.abs(storms - 50)).toBeLessThan(SIGMAS * Math.sqrt(25));
    expect(Math.abs(changes - 32.8)).toBeLessThan(SIGMAS * Math.sqrt(100 * 0.328 * 0.672));
  });
});
