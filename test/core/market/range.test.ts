import { describe, expect, it } from 'vitest';
import { BLOCK_ROWS, ERA_BLOCKS } from '../../../src/core/market/grid.ts';
import { blockOf, differences, logsOf, modelMarket, YEAR_MS } from './paths.ts';
import { SIGMAS, uniformSigmas, varianceSigmas } from './statistics.ts';

const WIDTH = 0.01;

describe('a range', () => {
  it('holds the price between its walls while it does not break', () => {
    // So rare that none comes.
    const parameters = { rangeWidth: WIDTH, holdTime: '520w', volatility: 2 };
    const market = modelMarket('range', { seed: 81, count: 1 }, parameters);
    const logs = logsOf(market, 0, 0, 60);
    expect(logs.every((log) => Math.abs(log) <= WIDTH / 2 + 1e-7)).toBe(true);
    // It is anywhere in it as likely: rows far apart are independent.
    const places = Array.from(logs)
      .filter((_, i) => i % 2000 === 0)
      .map((log) => log / WIDTH + 0.5);
    expect(Math.abs(uniformSigmas(places, 8))).toBeLessThan(SIGMAS);
  });

  it('is Brownian motion inside, with its volatility', () => {
    const parameters = { rangeWidth: 1, holdTime: '520w', volatility: 0.5 };
    const market = modelMarket('range', { seed: 82, count: 1 }, parameters);
    const sigma = 0.5 * Math.sqrt(1000 / YEAR_MS);
    const steps = differences(logsOf(market, 0, 3, 4)).map((step) => step / sigma);
    expect(Math.abs(varianceSigmas(steps))).toBeLessThan(SIGMAS);
  });

  it('breaks up and down as often as it should, by its width, in the time it should take', () => {
    const parameters = { rangeWidth: WIDTH, volatility: 0, holdTime: '30m', breakTime: '2m' };
    let [ups, downs, rows, worst] = [0, 0, 0, 0];
    for (let seed = 0; seed < 20; seed++) {
      const market = modelMarket('range', { seed: 83 + seed, count: 1 }, parameters);
      const logs = logsOf(market, 0, 2, 4);
      const turns = differences(Float64Array.from(differences(logs)));
      // Where a way begins or ends the speed changes by a 120th of the width.
      for (const turn of turns) {
        const ways = Math.floor(turn / (WIDTH / 120) + 0.5);
        worst = Math.max(worst, Math.abs(turn - ways * (WIDTH / 120)));
        if (ways > 0) ups += ways;
        else downs -= ways;
      }
      rows += logs.length;
    }
    expect(worst).toBeLessThan(5e-7);
    // Each break makes a turn up and one down.
    const expected = rows / 1800;
    for (const turns of [ups, downs]) {
      expect(Math.abs(turns - expected)).toBeLessThan(SIGMAS * Math.sqrt(expected));
    }
  });

  it('rests at whole widths from where it began', () => {
    const parameters = { rangeWidth: WIDTH, volatility: 0, holdTime: '2h', breakTime: '1m' };
    const market = modelMarket('range', { seed: 84, count: 1 }, parameters);
    let [resting, worst] = [0, 0];
    for (const block of [0, 1, 1023, ERA_BLOCKS, 3000]) {
      const logs = logsOf(market, 0, block, 1);
      for (const [i, log] of logs.entries()) {
        if (i === 0 || Math.abs(log - logs[i - 1]) > 1e-7) continue;
        resting++;
        worst = Math.max(worst, Math.abs(log / WIDTH - Math.floor(log / WIDTH + 0.5)));
      }
    }
    expect(worst).toBeLessThan(1e-4);
    expect(resting).toBeGreaterThan(4 * BLOCK_ROWS);
  });

  it('goes on over the ends of blocks and eras, on its way too', () => {
    const parameters = { rangeWidth: 0.1, volatility: 0, holdTime: '1h', breakTime: '4h' };
    for (let seed = 0; seed < 20; seed++) {
      const market = modelMarket('range', { seed: 85 + seed, count: 1 }, parameters);
      for (const block of [1, 2, ERA_BLOCKS - 1, ERA_BLOCKS, 2 * ERA_BLOCKS + 5]) {
        const last = Math.log(blockOf(market, 0, block - 1)[BLOCK_ROWS - 1]);
        const first = Math.log(blockOf(market, 0, block)[0]);
        // A dozen ways at once at most, each a 14,400th of the width a row.
        expect(Math.abs(first - last)).toBeLessThan((20 * 0.1) / 14_400);
      }
    }
  });
});
