import { describe, expect, it } from 'vitest';
import { BLOCK_ROWS, ERA_BLOCKS, ERA_ROWS } from '../../../src/core/market/grid.ts';
import { Jumps } from '../../../src/core/market/models/jumps.ts';
import { PURPOSE } from '../../../src/core/market/models/purpose.ts';
import { Scratch } from '../../../src/core/market/models/scratch.ts';
import { averageSigmas, logAt, logsOf, modelMarket, YEAR_MS } from './paths.ts';
import {
  correlationSigmas,
  fitSigmas,
  meanSigmas,
  normalSigmas,
  SIGMAS,
  uniformSigmas,
  varianceSigmas,
} from './statistics.ts';

function jumpsOf(seed: number, rate: number, mean = 0, deviation = 1): Jumps {
  return new Jumps({ k0: seed, k1: 5 }, PURPOSE, rate, mean, deviation, new Scratch('uint16'));
}

function poissonLaw(mean: number, most: number): number[] {
  let log = -mean;
  return Array.from({ length: most + 1 }, (_, k) => {
    if (k > 0) log += Math.log(mean / k);
    return Math.exp(log);
  });
}

describe('jumps', () => {
  it.each([0.2 / BLOCK_ROWS, 3 / BLOCK_ROWS, 40 / BLOCK_ROWS])(
    'are Poisson in number, block by block, at a rate of %d',
    (rate) => {
      const counts = new Array<number>(200).fill(0);
      let blocks = 0;
      for (let seed = 0; seed < 60; seed++) {
        const jumps = jumpsOf(seed, rate);
        for (const era of [0, 7]) {
          for (let k = 0; k < ERA_BLOCKS; k++, blocks++) {
            counts[jumps.countIn(era * ERA_BLOCKS + k)]++;
          }
        }
      }
      const expected = poissonLaw(rate * BLOCK_ROWS, 199).map((p) => p * blocks);
      expect(Math.abs(fitSigmas(counts, expected))).toBeLessThan(SIGMAS);
    },
  );

  it('are Poisson in number, era by era, which their blocks add up to', () => {
    const rate = 30 / ERA_ROWS;
    const counts = new Array<number>(120).fill(0);
    for (let seed = 0; seed < 400; seed++) {
      const jumps = jumpsOf(1000 + seed, rate);
      let sum = 0;
      for (let k = 0; k < ERA_BLOCKS; k++) sum += jumps.countIn(ERA_BLOCKS + k);
      counts[sum]++;
    }
    const expected = poissonLaw(30, 119).map((p) => p * 400);
    expect(Math.abs(fitSigmas(counts, expected))).toBeLessThan(SIGMAS);
  });

  it('are spread over the blocks of an era uniformly, however many it has', () => {
    // Pairs in the same block: given the era's n, the sum of n(k) (n(k) - 1) over K blocks is
    // n (n - 1) / K on average, with a variance of 2 n (n - 1) (K - 1) / K^2. Corrections took
    // jumps away in most of the eras that have few, and added them in most of the others.
    const few: number[] = [];
    const many: number[] = [];
    for (let seed = 0; seed < 700; seed++) {
      const jumps = jumpsOf(7000 + seed, 1 / BLOCK_ROWS);
      let [n, pairs] = [0, 0];
      for (let k = 0; k < ERA_BLOCKS; k++) {
        const count = jumps.countIn(3 * ERA_BLOCKS + k);
        n += count;
        pairs += count * (count - 1);
      }
      const expected = (n * (n - 1)) / ERA_BLOCKS;
      const deviation = Math.sqrt((2 * expected * (ERA_BLOCKS - 1)) / ERA_BLOCKS);
      (n < ERA_BLOCKS ? few : many).push((pairs - expected) / deviation);
    }
    for (const values of [few, many]) {
      expect(values.length).toBeGreaterThan(300);
      expect(Math.abs(meanSigmas(values))).toBeLessThan(SIGMAS);
      expect(Math.abs(varianceSigmas(values))).toBeLessThan(SIGMAS);
    }
  });

  it('are of independent normal sums, block by block and era by era, given their numbers', () => {
    const rate = 4 / BLOCK_ROWS;
    const [blocks, eras, first, second, before, after]: number[][] = [[], [], [], [], [], []];
    for (let seed = 0; seed < 400; seed++) {
      const jumps = jumpsOf(8000 + seed, rate, 0.3, 2);
      for (const era of [1, 2]) {
        const from = era * ERA_BLOCKS;
        let all = 0;
        for (let k = 0; k < ERA_BLOCKS; k++) {
          const n = jumps.countIn(from + k);
          all += n;
          if (k > 1 && k < ERA_BLOCKS - 2) continue;
          // A block's number, and that of the same block of the next era.
          (era === 1 ? first : second).push((n - 4) / 2);
          if (n === 0) continue;
          const block = jumps.startOf(from + k + 1) - jumps.startOf(from + k);
          blocks.push((block - n * 0.3) / (2 * Math.sqrt(n)));
        }
        const sum = jumps.startOf(from + ERA_BLOCKS) - jumps.startOf(from);
        eras.push((sum - all * 0.3) / (2 * Math.sqrt(all)));
        // An era's sum, and the number of the next one.
        if (era === 1) before.push(eras[eras.length - 1]);
        else after.push((all - rate * ERA_ROWS) / Math.sqrt(rate * ERA_ROWS));
      }
    }
    for (const values of [blocks, eras]) {
      expect(Math.abs(normalSigmas(values))).toBeLessThan(SIGMAS);
      expect(Math.abs(meanSigmas(values))).toBeLessThan(SIGMAS);
      expect(Math.abs(varianceSigmas(values))).toBeLessThan(SIGMAS);
    }
    for (const [one, other] of [
      [blocks.slice(1), blocks],
      [first, second],
      [before, after],
    ]) {
      expect(Math.abs(correlationSigmas(one, other))).toBeLessThan(SIGMAS);
    }
  });

  it('come at uniform rows and are of normal size', () => {
    const [places, sizes]: number[][] = [[], []];
    for (let seed = 0; seed < 40; seed++) {
      const jumps = jumpsOf(2000 + seed, 5 / BLOCK_ROWS, 0.5, 2);
      for (let block = 0; block < 50; block++) {
        const path = new Float64Array(BLOCK_ROWS + 1);
        jumps.addTo(path, 1, block);
        for (let i = 0; i < BLOCK_ROWS; i++) {
          if (path[i + 1] === path[i]) continue;
          places.push(i / BLOCK_ROWS);
          sizes.push((path[i + 1] - path[i] - 0.5) / 2);
        }
      }
    }
    expect(places.length).toBeGreaterThan(9000);
    expect(Math.abs(uniformSigmas(places))).toBeLessThan(SIGMAS);
    // Two in a row of a block are one in 3,000 of them: not seen by these.
    expect(Math.abs(normalSigmas(sizes))).toBeLessThan(SIGMAS);
  });

  it('add up: what a block adds is the next one’s start, over eras too', () => {
    const jumps = jumpsOf(3, 0.01, 0.1, 1);
    for (const block of [0, 1, 1022, 1023, 1024, 5000]) {
      const path = new Float64Array(BLOCK_ROWS + 1);
      jumps.addTo(path, 1, block);
      const end = jumps.startOf(block) + path[BLOCK_ROWS];
      expect(jumps.startOf(block + 1)).toBeCloseTo(end, 8);
      expect(jumps.rowsIn(block)).toHaveLength(jumps.countIn(block));
    }
  });

  it('have the variance of a compound Poisson process over blocks and eras', () => {
    const rate = 10 / BLOCK_ROWS;
    const [blocks, eras]: number[][] = [[], []];
    for (let seed = 0; seed < 300; seed++) {
      const jumps = jumpsOf(4000 + seed, rate, 0.3, 1);
      const block = jumps.startOf(501) - jumps.startOf(500);
      const era = jumps.startOf(2 * ERA_BLOCKS) - jumps.startOf(ERA_BLOCKS);
      // Mean n m and variance n (m^2 + s^2) of n expected jumps.
      blocks.push((block - 10 * 0.3) ** 2 / (10 * 1.09));
      eras.push((era - 10_240 * 0.3) / Math.sqrt(10_240 * 1.09));
    }
    expect(Math.abs(averageSigmas(blocks, 1))).toBeLessThan(SIGMAS);
    expect(Math.abs(normalSigmas(eras))).toBeLessThan(SIGMAS);
    expect(Math.abs(varianceSigmas(eras))).toBeLessThan(SIGMAS);
  });

  it('never come at a rate of 0', () => {
    const jumps = jumpsOf(6, 0);
    const path = new Float64Array(BLOCK_ROWS + 1);
    jumps.addTo(path, 1, 77);
    expect(path.every((value) => value === 0)).toBe(true);
    expect(jumps.startOf(100_000)).toBe(0);
  });
});

describe('a jump diffusion', () => {
  it('has a mean price that grows by its drift, jumps included', () => {
    // A year of minutes of 600 instruments; E exp(x) = exp(drift), and its variance
    // exp(volatility^2 + jumps) - 1 = 0.06: a standard error of a hundredth.
    const parameters = { drift: 0.3, volatility: 0.1, jumpsPerDay: 1, jumpMean: -0.02 };
    const market = modelMarket(
      'jump',
      { seed: 71, interval: 60_000, count: 600 },
      { ...parameters, jumpSize: 0.01 },
    );
    const grown = market.instruments.map((_, column) =>
      Math.exp(logAt(market, column, YEAR_MS / 60_000)),
    );
    expect(Math.abs(averageSigmas(grown, Math.exp(0.3)))).toBeLessThan(SIGMAS);
  });

  it('is the gbm of the same words without jumps', () => {
    const parameters = { volatility: 0.6, drift: 2 };
    const spec = { seed: 73, count: 1 };
    const gbm = modelMarket('gbm', spec, parameters);
    for (const none of [{ jumpsPerDay: 0 }, { jumpSize: 0, jumpMean: 0 }]) {
      const jump = modelMarket('jump', spec, { ...parameters, ...none });
      for (const block of [0, 1, 1024, 5000]) {
        const logs = logsOf(jump, 0, block, 1);
        // Two roundings to ticks of 6e-8, of a price that may be lower by now.
        const worst = logsOf(gbm, 0, block, 1).reduce(
          (most, log, i) => Math.max(most, Math.abs(log - logs[i]) * Math.exp(log)),
          0,
        );
        expect(worst).toBeLessThan(1.2e-7);
      }
    }
  });

  it('is a gbm between its jumps', () => {
    const parameters = { volatility: 0.3, drift: 0, jumpsPerDay: 100, jumpSize: 0.05 };
    const market = modelMarket('jump', { seed: 72, count: 1 }, parameters);
    const sigma = 0.3 * Math.sqrt(1000 / YEAR_MS);
    const logs = logsOf(market, 0, 3, 8);
    // What the drift makes up for: jumps and variance grow the mean price.
    const growth =
      -(0.3 ** 2 / 2) * (1000 / YEAR_MS) - (100 / 86_400) * (Math.exp(0.05 ** 2 / 2) - 1);
    const steps = Array.from(logs.subarray(1), (log, i) => (log - logs[i] - growth) / sigma);
    const small = steps.filter((step) => Math.abs(step) < 6);
    const jumps = steps.length - small.length;
    // 100 a day in 131,072 rows: 152 expected, most of them of more than six standard deviations.
    expect(Math.abs(jumps - 152)).toBeLessThan(SIGMAS * Math.sqrt(152));
    expect(Math.abs(normalSigmas(small))).toBeLessThan(SIGMAS);
  });
});
