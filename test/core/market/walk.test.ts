import { describe, expect, it } from 'vitest';
import { BLOCK_ROWS, ERA_BLOCKS, ERA_ROWS } from '../../../src/core/market/grid.ts';
import type { Market } from '../../../src/core/market/market.ts';
import { Fold } from '../../../src/core/market/models/model.ts';
import { marketOf } from '../../helpers/market.ts';
import {
  binomialLaw,
  chiSquareSigmas,
  correlationSigmas,
  fitSigmas,
  meanSigmas,
  normalSigmas,
  SIGMAS,
  sequence,
  uniformSigmas,
  varianceSigmas,
} from './statistics.ts';

/** One price, without making its block where that can be helped. */
function priceAt(market: Market, column: number, index: number): number {
  const fold = new Fold();
  market.fold(fold, column, index, index + 1);
  return fold.open;
}

function blockOf(market: Market, column: number, block: number) {
  const prices = market.newPrices(BLOCK_ROWS);
  market.fillBlock(prices, column, block);
  return prices;
}

/** The law of a price of 8 bits `rows` rows after it was `from`: `law[from][to]`. */
function clampedLaw(rows: number): number[][] {
  return Array.from({ length: 256 }, (_, from) => {
    let law = new Array<number>(256).fill(0);
    law[from] = 1;
    for (let row = 0; row < rows; row++) {
      const next = new Array<number>(256).fill(0);
      for (const [price, p] of law.entries()) {
        next[Math.min(255, price + 1)] += p / 2;
        next[Math.max(0, price - 1)] += p / 2;
      }
      law = next;
    }
    return law;
  });
}

describe('the walk in a small range', () => {
  it('goes one tick up or down with equal odds, and stays where it is at a wall', () => {
    const market = marketOf({ seed: 11, dtype: 'uint8', count: 4 });
    const visits = new Array<number>(256).fill(0);
    const ups = new Array<number>(256).fill(0);
    const blocks = [0, 1, 2, 511, 1023, 1024, 5 * 1024 + 17, 70_000];
    for (const [column] of market.instruments.entries()) {
      for (const block of blocks) {
        const prices = blockOf(market, column, block);
        for (let i = 0; i + 1 < BLOCK_ROWS; i++) {
          const [from, to] = [prices[i], prices[i + 1]];
          const up = to === Math.min(255, from + 1);
          if (!up && to !== Math.max(0, from - 1)) throw new Error(`from ${from} to ${to}`);
          visits[from]++;
          if (up) ups[from]++;
        }
      }
    }
    // Fair coins at each price: (ups - n / 2)^2 / (n / 4) is a chi-square of one.
    let statistic = 0;
    for (const [price, n] of visits.entries()) statistic += (ups[price] - n / 2) ** 2 / (n / 4);
    expect(Math.min(...visits)).toBeGreaterThan(100);
    expect(Math.abs(chiSquareSigmas(statistic, 256))).toBeLessThan(SIGMAS);
  });

  const rows = 300;
  const law = clampedLaw(rows);
  it.each([
    ['in the first block', 100],
    ['over the end of a block', BLOCK_ROWS - 150],
    ['over the end of an era', ERA_ROWS - 150],
    ['in a later era', 6 * ERA_ROWS + 12_345],
  ])('has the exact law of the clamped walk after 300 rows %s', (_where, index) => {
    const count = 1000;
    const market = marketOf({ seed: 12, dtype: 'uint8', count });
    const next = sequence(13);
    const places: number[] = [];
    for (let column = 0; column < count; column++) {
      const from = priceAt(market, column, index);
      const to = priceAt(market, column, index + rows);
      let below = 0;
      for (let price = 0; price < to; price++) below += law[from][price];
      // A place in the law, made uniform by a pinned random part of its step.
      places.push(below + next() * law[from][to]);
    }
    expect(Math.abs(uniformSigmas(places))).toBeLessThan(SIGMAS);
  });

  it('is at every price equally often in the long run', () => {
    // An era is 256 times as long as a walk needs to forget where it was.
    const count = 3000;
    const market = marketOf({ seed: 14, dtype: 'int8', count });
    const places: number[] = [];
    for (let column = 0; column < count; column++) {
      places.push((priceAt(market, column, 3 * ERA_ROWS) + 128) / 256);
    }
    expect(Math.abs(uniformSigmas(places))).toBeLessThan(SIGMAS);
  });

  it('is the same law near the walls of 16 bits as one row after another', () => {
    for (const startPrice of [0, 0.01, 655.34, 655.35]) {
      const market = marketOf({ seed: 15, count: 20, defaults: { startPrice } });
      for (let column = 0; column < 20; column++) {
        const prices = blockOf(market, column, 0);
        for (let i = 0; i + 1 < BLOCK_ROWS; i++) {
          const [from, to] = [prices[i], prices[i + 1]];
          const isWall = (from === 0 || from === 65_535) && to === from;
          if (Math.abs(to - from) !== 1 && !isWall) throw new Error(`from ${from} to ${to}`);
        }
      }
    }
  });
});

/** Far from every wall: the free walk itself. */
const free = (seed: number, count = 1) => marketOf({ seed, dtype: 'float64', count });

/** The ups of a block. */
function upsOf(market: Market, column: number, block: number): number {
  const first = block * BLOCK_ROWS;
  const steps = priceAt(market, column, first + BLOCK_ROWS) - priceAt(market, column, first);
  return (steps + BLOCK_ROWS) / 2;
}

describe('the totals of the walk', () => {
  it('are binomial, block by block, over two eras and ten instruments', () => {
    const market = free(21, 10);
    const counts = new Array<number>(BLOCK_ROWS + 1).fill(0);
    for (let column = 0; column < 10; column++) {
      let last = priceAt(market, column, 0);
      for (let block = 1; block <= 2 * ERA_BLOCKS; block++) {
        const price = priceAt(market, column, block * BLOCK_ROWS);
        counts[(price - last + BLOCK_ROWS) / 2]++;
        last = price;
      }
    }
    const expected = binomialLaw(BLOCK_ROWS).map((p) => p * 20 * ERA_BLOCKS);
    expect(Math.abs(fitSigmas(counts, expected))).toBeLessThan(SIGMAS);
  });

  it('of eras are normal and independent, and so are their halves', () => {
    const market = free(22, 50);
    const [eras, halves, pairs]: [number[], number[], [number, number][]] = [[], [], []];
    for (let column = 0; column < 50; column++) {
      for (let era = 0; era < 12; era++) {
        const [a, b, c] = [0, 0.5, 1].map((part) =>
          priceAt(market, column, (era + part) * ERA_ROWS),
        );
        // An era's sum has variance 2^24; a half less half of the whole has 2^22.
        eras.push((c - a) / 4096);
        halves.push((b - a - (c - a) / 2) / 2048);
        if (era > 0) pairs.push([eras[eras.length - 2], eras[eras.length - 1]]);
      }
    }
    for (const values of [eras, halves]) {
      expect(Math.abs(normalSigmas(values))).toBeLessThan(SIGMAS);
      expect(Math.abs(varianceSigmas(values))).toBeLessThan(SIGMAS);
      expect(Math.abs(meanSigmas(values))).toBeLessThan(SIGMAS);
    }
    const [before, after] = [pairs.map(([a]) => a), pairs.map(([, b]) => b)];
    expect(Math.abs(correlationSigmas(before, after))).toBeLessThan(SIGMAS);
    expect(Math.abs(correlationSigmas(eras, halves))).toBeLessThan(SIGMAS);
  });
});

describe('the order of steps', () => {
  it('is uniform given how many are up: halves, runs and single places', () => {
    const market = free(23);
    const [halves, runs]: [number[], number[]] = [[], []];
    const upsAt = new Float64Array(BLOCK_ROWS - 1);
    const blocks = 1000;
    for (let block = 0; block < blocks; block++) {
      const prices = blockOf(market, 0, block + 500);
      const n = BLOCK_ROWS - 1;
      let changes = 0;
      for (let i = 0; i < n; i++) {
        const step = prices[i + 1] - prices[i];
        upsAt[i] += step;
        if (i > 0 && step !== prices[i] - prices[i - 1]) changes++;
      }
      const up = (prices[n] - prices[0] + n) / 2;
      const first = (prices[n >> 1] - prices[0] + (n >> 1)) / 2;
      // Hypergeometric: the ups among the first `part` of `n`.
      const part = n >> 1;
      const variance = (part * (up / n) * (1 - up / n) * (n - part)) / (n - 1);
      halves.push((first - (part * up) / n) / Math.sqrt(variance));
      // Wald and Wolfowitz, 1940: runs given the number of ups.
      const mean = 1 + (2 * up * (n - up)) / n;
      const spread = ((mean - 1) * (mean - 2)) / (n - 1);
      runs.push((changes + 1 - mean) / Math.sqrt(spread));
    }
    for (const values of [halves, runs]) {
      expect(Math.abs(normalSigmas(values))).toBeLessThan(SIGMAS);
      expect(Math.abs(varianceSigmas(values))).toBeLessThan(SIGMAS);
    }
    const statistic = upsAt.reduce((sum, value) => sum + value ** 2 / blocks, 0);
    expect(Math.abs(chiSquareSigmas(statistic, upsAt.length))).toBeLessThan(SIGMAS);
  });

  it.each([
    ['blocks', BLOCK_ROWS, 3000, 1],
    ['eras', ERA_ROWS, 3, 500],
  ])('has no memory at the ends of %s', (_what, rows, ends, count) => {
    const market = free(24, count);
    const [before, after]: [number[], number[]] = [[], []];
    for (let column = 0; column < count; column++) {
      for (let end = 1; end <= ends; end++) {
        // Step i leads from row i to row i + 1; the block's last step leads over its end.
        const [a, b, c] = [-1, 0, 1].map((i) => priceAt(market, column, end * rows + i));
        before.push(b - a);
        after.push(c - b);
      }
    }
    expect(new Set([...before, ...after])).toEqual(new Set([-1, 1]));
    expect(Math.abs(correlationSigmas(before, after))).toBeLessThan(SIGMAS);
    expect(Math.abs(meanSigmas(before))).toBeLessThan(SIGMAS);
    expect(Math.abs(meanSigmas(after))).toBeLessThan(SIGMAS);
  });

  it('is not that of a neighbour: instrument, seed, block or era', () => {
    const stepsOf = (market: Market, column: number, block: number) => {
      const prices = blockOf(market, column, block);
      return Array.from({ length: BLOCK_ROWS - 1 }, (_, i) => prices[i + 1] - prices[i]);
    };
    const here = stepsOf(free(25, 2), 0, 100);
    const others = [
      stepsOf(free(25, 2), 1, 100),
      stepsOf(free(26, 2), 0, 100),
      stepsOf(free(25 + 2 ** 32, 2), 0, 100),
      stepsOf(free(25, 2), 0, 101),
      stepsOf(free(25, 2), 0, 100 + ERA_BLOCKS),
    ];
    for (const there of others) {
      expect(Math.abs(correlationSigmas(here, there))).toBeLessThan(SIGMAS);
    }
  });
});

describe('a fold of the walk', () => {
  it.each(['uint8', 'int8', 'uint16', 'float64'])('is the fold of its prices: %s', (dtype) => {
    const market = marketOf({ seed: 27, dtype, count: 2, defaults: { startPrice: 0.03 } });
    const next = sequence(28);
    for (let round = 0; round < 300; round++) {
      const column = round % 2;
      const block = [0, 1, 1023, 1024, 9999][round % 5];
      const from = Math.floor(next() * BLOCK_ROWS);
      const rows = Math.ceil(next() ** 4 * (BLOCK_ROWS - from));
      const [folded, naive] = [new Fold(), new Fold()];
      const first = block * BLOCK_ROWS;
      market.fold(folded, column, first + from, first + from + rows);
      naive.addPrices(blockOf(market, column, block), from, from + rows);
      expect({ ...folded }).toEqual({ ...naive });
    }
  });

  it('of no rows is empty', () => {
    const fold = new Fold();
    free(29).fold(fold, 0, 100, 100);
    expect(fold.rows).toBe(0);
  });
});

it('the ups of a block are what its own rows add up to', () => {
  const market = free(30);
  for (const block of [0, 7, 1023, 1024]) {
    const prices = blockOf(market, 0, block);
    const nextFirst = priceAt(market, 0, (block + 1) * BLOCK_ROWS);
    expect(Math.abs(nextFirst - prices[BLOCK_ROWS - 1])).toBe(1);
    expect(nextFirst - prices[0]).toBe(2 * upsOf(market, 0, block) - BLOCK_ROWS);
  }
});
