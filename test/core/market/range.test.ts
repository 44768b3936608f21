import { describe, expect, it } from 'vitest';
import { BLOCK_ROWS, ERA_BLOCKS, ERA_ROWS } from '../../../src/core/market/grid.ts';
import {
  averageSigmas,
  blockOf,
  differences,
  logAt,
  logsOf,
  modelMarket,
  YEAR_MS,
} from './paths.ts';
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

  it.each([
    ['in a block', 3 * BLOCK_ROWS + 700, 2000],
    ['over blocks', 5 * BLOCK_ROWS - 700, 2000],
    ['over many blocks', 5 * BLOCK_ROWS - 700, 20 * BLOCK_ROWS],
    ['over the end of an era', ERA_ROWS - 1000, 2000],
  ])('has the law of reflected Brownian motion: %s', (_what, from, rows) => {
    // cos(pi (x / width + 1/2)) is an eigenfunction: it decays on average by rho = exp(-1/2 (pi
    // sigma / width)^2 rows). In the long run x is uniform, and the mean square of it is 1/2. The
    // volatility is such that rho is 1/2 after `rows`.
    const sigma = (Math.sqrt(2 * Math.LN2) * WIDTH) / Math.PI / Math.sqrt(rows);
    const volatility = sigma / Math.sqrt(1000 / YEAR_MS);
    const count = 200;
    const parameters = { rangeWidth: WIDTH, holdTime: '520w', volatility };
    const market = modelMarket('range', { seed: 86, count }, parameters);
    const [products, squares]: number[][] = [[], []];
    for (let column = 0; column < count; column++) {
      const [before, after] = [from, from + rows].map((index) => {
        const x = logAt(market, column, index);
        return Math.cos(Math.PI * (x / WIDTH + 0.5));
      });
      products.push((after - before / 2) * before);
      squares.push(after ** 2);
    }
    expect(Math.abs(averageSigmas(products, 0))).toBeLessThan(SIGMAS);
    // From the middle: E cos(2 u) = -exp(-4 (1/2 (pi sigma / width)^2) t), so it is not yet 1/2.
    const spread = (1 - 2 ** (-4 * ((from + rows) / rows))) / 2;
    expect(Math.abs(averageSigmas(squares, spread))).toBeLessThan(SIGMAS);
  });

  it('steps over the ends of blocks and eras as inside them', () => {
    const parameters = { rangeWidth: WIDTH, holdTime: '520w', volatility: 2 };
    const count = 30;
    const market = modelMarket('range', { seed: 87, count }, parameters);
    const sigma = 2 * Math.sqrt(1000 / YEAR_MS);
    const steps: number[] = [];
    for (let column = 0; column < count; column++) {
      for (const block of [1, 2, ERA_BLOCKS - 1, ERA_BLOCKS]) {
        const end = block * BLOCK_ROWS;
        const [before, after] = [end - 1, end].map((index) => logAt(market, column, index));
        steps.push((after - before) / sigma);
      }
    }
    // At a wall a step is turned back: 2 steps of a hundred are near one, and shorter.
    expect(Math.abs(varianceSigmas(steps))).toBeLessThan(SIGMAS);
  });

  it('breaks at Poisson times, up and down with equal odds, over the ends of eras', () => {
    // At once, and without any other move: every step is a whole number of widths.
    const parameters = { rangeWidth: WIDTH, volatility: 0, holdTime: '10m', breakTime: '1s' };
    const market = modelMarket('range', { seed: 88, count: 1 }, parameters);
    const [waits, signs, pairs, squares]: number[][] = [[], [], [], []];
    let last = -1;
    for (let n = 0; n < 120; n++) {
      const steps = differences(logsOf(market, 0, ERA_BLOCKS - 60 + n, 1));
      let count = 0;
      for (const [i, step] of steps.entries()) {
        const widths = Math.floor(step / WIDTH + 0.5);
        if (widths === 0) continue;
        count++;
        const row = n * BLOCK_ROWS + i;
        if (last >= 0) {
          waits.push(row - last);
          pairs.push(Math.sign(widths) * signs[signs.length - 1]);
        }
        signs.push(Math.sign(widths));
        last = row;
      }
      squares.push((count - BLOCK_ROWS / 600) ** 2);
    }
    for (const values of [signs, pairs]) {
      expect(Math.abs(averageSigmas(values, 0))).toBeLessThan(SIGMAS);
    }
    expect(Math.abs(averageSigmas(squares, BLOCK_ROWS / 600))).toBeLessThan(SIGMAS);
    const parts = waits.map((rows) => 1 - Math.exp(-(rows - 0.5) / 600));
    expect(Math.abs(uniformSigmas(parts))).toBeLessThan(SIGMAS);
  });

  it('stands still without volatility while it holds', () => {
    const parameters = { volatility: 0, holdTime: '520w' };
    const market = modelMarket('range', { count: 1 }, parameters);
    expect(new Set(blockOf(market, 0, 700))).toEqual(new Set([2 ** 24]));
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
