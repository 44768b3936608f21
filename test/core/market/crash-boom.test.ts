import { describe, expect, it } from 'vitest';
import { BLOCK_ROWS, ERA_BLOCKS, ERA_ROWS } from '../../../src/core/market/grid.ts';
import { averageSigmas, blockOf, differences, logAt, logsOf, modelMarket } from './paths.ts';
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

  it('has spikes at Poisson times, over the ends of blocks and eras', () => {
    // Thirty to a block: 3,600 in all, from 56 blocks before the end of an era on.
    const spikesPerDay = (30 / BLOCK_ROWS) * 86_400;
    const parameters = { ...BARE, spikesPerDay, spikeSize: 0.01, recovery: '1m' };
    const market = modelMarket('crash-boom', { seed: 5, count: 1 }, parameters);
    const first = ERA_BLOCKS - 56;
    const places: number[] = [];
    const waits: number[] = [];
    const squares: number[] = [];
    let last = -1;
    for (let n = 0; n < 120; n++) {
      const logs = logsOf(market, 0, first + n, 1);
      let count = 0;
      // The first row of a block is looked at by no step: one spike in 16,384.
      for (const [i, step] of differences(logs).entries()) {
        if (step > -1e-6) continue;
        const row = n * BLOCK_ROWS + i;
        count++;
        places.push(i / BLOCK_ROWS);
        if (last >= 0) waits.push(row - last);
        last = row;
      }
      squares.push((count - 30) ** 2);
    }
    expect(Math.abs(uniformSigmas(places))).toBeLessThan(SIGMAS);
    expect(Math.abs(averageSigmas(squares, 30))).toBeLessThan(SIGMAS);
    const mean = BLOCK_ROWS / 30;
    // Two in the same row are seen as one: waits are at least 1, by half a row too long.
    const parts = waits.map((rows) => 1 - Math.exp(-(rows - 0.5) / mean));
    expect(Math.abs(uniformSigmas(parts))).toBeLessThan(SIGMAS);
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

  it.each([1 / 8, 3, 12])(
    'has the memory of shot noise over the end of an era: %d blocks',
    (recoveryBlocks) => {
      // Two spikes a half-life; noise at t and a half-life later. Campbell: its mean is m = rate
      // E(size) / pull, its variance m as E(size^2) = 2, and half of what is there stays.
      const rows = Math.floor(recoveryBlocks * BLOCK_ROWS);
      const parameters = {
        ...BARE,
        recovery: rows * 1000,
        spikesPerDay: (2 / rows) * 86_400,
        spikeSize: 0.001,
      };
      const count = 250;
      const market = modelMarket('crash-boom', { seed: 6, count }, parameters);
      const together = 2 / Math.LN2;
      const from = ERA_ROWS - Math.floor(rows / 3);
      const [first, second, both, squares]: number[][] = [[], [], [], []];
      for (let column = 0; column < count; column++) {
        const [before, after] = [from, from + rows].map(
          (index) => logAt(market, column, index) / -0.001 - together,
        );
        first.push(before);
        second.push(after - before / 2);
        both.push(before * (after - before / 2));
        squares.push((after - before / 2) ** 2);
      }
      for (const values of [first, second, both]) {
        expect(Math.abs(averageSigmas(values, 0))).toBeLessThan(SIGMAS);
      }
      // What comes in a half-life has the variance that is lost in it.
      expect(Math.abs(averageSigmas(squares, 0.75 * together))).toBeLessThan(SIGMAS);
    },
  );

  it('is the gbm of the same words without spikes', () => {
    const parameters = { volatility: 0.6, drift: 2 };
    const spec = { seed: 7, count: 1 };
    const gbm = modelMarket('gbm', spec, parameters);
    for (const none of [{ spikesPerDay: 0 }, { spikeSize: 0 }]) {
      const market = modelMarket('crash-boom', spec, { ...parameters, ...none });
      for (const block of [0, 1, 1024, 5000]) {
        const logs = logsOf(market, 0, block, 1);
        // Two roundings to ticks of 6e-8, of a price that may be lower by now.
        const worst = logsOf(gbm, 0, block, 1).reduce(
          (most, log, i) => Math.max(most, Math.abs(log - logs[i]) * Math.exp(log)),
          0,
        );
        expect(worst).toBeLessThan(1.2e-7);
      }
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
