import { describe, expect, it } from 'vitest';
import { BLOCK_ROWS, ERA_BLOCKS } from '../../../src/core/market/grid.ts';
import { averageSigmas, blockOf, differences, logsOf, modelMarket } from './paths.ts';
import { SIGMAS, uniformSigmas } from './statistics.ts';

/** Nothing but spikes. */
const BARE = { volatility: 0, drift: 0 };

describe('crash-boom', () => {
  it('has as many spikes as it should, of exponential size', () => {
    const parameters = { ...BARE, spikesPerDay: 100, spikeSize: 0.01, recovery: '1m' };
    const sizes: number[] = [];
    let rows = 0;
    for (let seed = 0; seed < 30; seed++) {
      const market = modelMarket('crash-boom', { seed, count: 1 }, parameters);
      const logs = logsOf(market, 0, 5, 4);
      // A spike down, from what has been made up for.
      for (const step of differences(logs)) if (step < -1e-6) sizes.push(-step / 0.01);
      rows += logs.length;
    }
    const expected = (rows * 100) / 86_400;
    expect(Math.abs(sizes.length - expected)).toBeLessThan(SIGMAS * Math.sqrt(expected));
    // The way back takes a little of each in the same row; 1 - exp(-x) is uniform.
    expect(Math.abs(uniformSigmas(sizes.map((size) => 1 - Math.exp(-size))))).toBeLessThan(SIGMAS);
  });

  it('makes up for half of a spike in its recovery', () => {
    const parameters = { ...BARE, spikesPerDay: 4, spikeSize: 0.05, recovery: '10m' };
    let seen = 0;
    for (let seed = 0; seed < 20; seed++) {
      const market = modelMarket('crash-boom', { seed, count: 1 }, parameters);
      const logs = logsOf(market, 0, 0, 1);
      const steps = differences(logs);
      for (const [i, step] of steps.entries()) {
        if (step > -0.01 || i + 601 > logs.length) continue;
        if (steps.slice(i + 1, i + 601).some((later) => later < -1e-6)) continue;
        seen++;
        // What was left of the ones before halves too.
        expect(logs[i + 601] / logs[i + 1]).toBeCloseTo(0.5, 3);
      }
    }
    expect(seen).toBeGreaterThan(5);
  });

  it.each([
    ['crash', -1],
    ['boom', 1],
  ])('goes one way: %s', (direction, sign) => {
    const market = modelMarket('crash-boom', { seed: 3, count: 1 }, { ...BARE, direction });
    const logs = logsOf(market, 0, 0, 8);
    expect(logs.every((log) => log * sign >= -1e-7)).toBe(true);
    expect(logs.some((log) => log * sign > 0.005)).toBe(true);
  });

  it('goes both ways as often', () => {
    const parameters = { ...BARE, direction: 'both', spikesPerDay: 160, recovery: '1m' };
    const signs: number[] = [];
    for (let seed = 0; seed < 20; seed++) {
      const market = modelMarket('crash-boom', { seed: 100 + seed, count: 1 }, parameters);
      for (const step of differences(logsOf(market, 0, 0, 2))) {
        if (Math.abs(step) > 0.004) signs.push(Math.sign(step));
      }
    }
    expect(signs.length).toBeGreaterThan(400);
    expect(Math.abs(averageSigmas(signs, 0))).toBeLessThan(SIGMAS);
  });

  it('goes on over the ends of blocks and eras: what is left of spikes goes with it', () => {
    const parameters = { ...BARE, recovery: '2d', spikesPerDay: 50 };
    const market = modelMarket('crash-boom', { seed: 4, count: 1 }, parameters);
    for (const block of [1, 2, 700, ERA_BLOCKS, 2 * ERA_BLOCKS]) {
      const last = Math.log(blockOf(market, 0, block - 1)[BLOCK_ROWS - 1]);
      const first = Math.log(blockOf(market, 0, block)[0]);
      // 144 spikes are there at a time, of which a row makes up for 4e-6; another is rare.
      expect(Math.abs(first - last)).toBeLessThan(3e-5);
    }
  });

  it('has the mean and the variance of shot noise', () => {
    const parameters = { ...BARE, spikesPerDay: 150, spikeSize: 0.001, recovery: '20m' };
    const [values, squares]: number[][] = [[], []];
    // Rate over pull: how many spikes are there at a time.
    const together = ((150 / 86_400) * 1200) / Math.LN2;
    for (let seed = 0; seed < 300; seed++) {
      const market = modelMarket('crash-boom', { seed: 200 + seed, count: 1 }, parameters);
      const block = blockOf(market, 0, 40 + seed);
      const value = Math.log(block[0] / market.instruments[0].startTicks);
      values.push(value / -0.001);
      squares.push((value / -0.001 - together) ** 2);
    }
    // Campbell: mean = rate E(size) / pull; variance = rate E(size^2) / (2 pull), E(size^2) = 2.
    expect(Math.abs(averageSigmas(values, together))).toBeLessThan(SIGMAS);
    expect(Math.abs(averageSigmas(squares, together))).toBeLessThan(SIGMAS);
  });
});
