import { describe, expect, it } from 'vitest';
import { DTYPES, type Dtype } from '../../../src/core/market/dtype.ts';
import { newTrades } from '../../../src/core/market/fields.ts';
import { BLOCK_ROWS, ERA_BLOCKS } from '../../../src/core/market/grid.ts';
import type { Market } from '../../../src/core/market/market.ts';
import { Fold } from '../../../src/core/market/models/model.ts';
import { marketOf } from '../../helpers/market.ts';
import { correlationSigmas, meanSigmas, SIGMAS, sequence } from './statistics.ts';

const YEAR_MS = 365.25 * 86_400_000;
// 2^24 ticks, halfway between the walls by their logarithms: a tick is 6e-8 of the price, where a
// row of a second moves 5e-5.
const MIDDLE = { startPrice: 167_772.16 };

function market(spec: object, parameters: object = {}): Market {
  return marketOf({
    dtype: 'float64',
    ...spec,
    defaults: { model: 'market', ...MIDDLE, ...parameters },
  });
}

function blockOf(of: Market, column: number, block: number) {
  const prices = of.newPrices(BLOCK_ROWS);
  of.fillBlock(prices, column, block);
  return prices;
}

/** Log returns of the rows of `blocks` consecutive blocks, in standard deviations of a row. */
function returnsOf(of: Market, column: number, first: number, blocks: number): Float64Array {
  const { volatility } = of.instruments[column].model as { volatility: number };
  const sigma = volatility * Math.sqrt(of.grid.intervalMs / YEAR_MS);
  const returns = new Float64Array(blocks * BLOCK_ROWS - 1);
  let before = Number.NaN;
  // By hand: there are millions.
  for (let n = 0, row = -1; n < blocks; n++) {
    const prices = blockOf(of, column, first + n);
    for (let i = 0; i < BLOCK_ROWS; i++, row++) {
      const log = Math.log(prices[i]);
      if (row >= 0) returns[row] = (log - before) / sigma;
      before = log;
    }
  }
  return returns;
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function excessKurtosis(values: Float64Array): number {
  const center = mean(values);
  let [square, fourth] = [0, 0];
  for (const value of values) {
    const moved = (value - center) ** 2;
    square += moved;
    fourth += moved * moved;
  }
  return (fourth / values.length / (square / values.length) ** 2 || 0) - 3;
}

function autocorrelation(values: Float64Array, lag: number): number {
  const center = mean(values);
  let [product, square] = [0, 0];
  // Not of entries: there are millions.
  for (let i = 0; i < values.length; i++) {
    const value = values[i] - center;
    square += value * value;
    if (i >= lag) product += value * (values[i - lag] - center);
  }
  return product / square;
}

function correlation(a: Float64Array, b: Float64Array): number {
  let [product, squareA, squareB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    product += a[i] * b[i];
    squareA += a[i] * a[i];
    squareB += b[i] * b[i];
  }
  return product / Math.sqrt(squareA * squareB);
}

/** Sums of `rows` consecutive values. */
function summed(values: Float64Array, rows: number): Float64Array {
  const sums = new Float64Array(Math.floor(values.length / rows));
  for (let n = 0; n < sums.length; n++) {
    for (let i = n * rows; i < (n + 1) * rows; i++) sums[n] += values[i];
  }
  return sums;
}

/** Of the largest `share` of absolute values. Source: B. Hill, Annals of Statistics 3 (1975). */
function hillIndex(values: Float64Array, share: number): number {
  const sorted = values.map(Math.abs).sort().reverse();
  const many = Math.floor(share * sorted.length);
  let sum = 0;
  for (let i = 0; i < many; i++) sum += Math.log(sorted[i] / sorted[many]);
  return many / sum;
}

// The gate of what makes prices look real: a change that leaves these ranges is a worse market.
describe.each([21])('a market as real ones are, seed %i', (seed) => {
  const returns = returnsOf(market({ seed, count: 1 }), 0, 0, 480);
  const sizes = returns.map(Math.abs);

  it('has fat tails by the second and hardly any by the hour', () => {
    const steps = [1, 10, 60, 600, 3600].map((rows) => excessKurtosis(summed(returns, rows)));
    const [bySecond, byHour] = [steps[0], steps[4]];
    expect(bySecond).toBeGreaterThan(3);
    expect(bySecond).toBeLessThan(30);
    expect(byHour).toBeLessThan(1);
    for (const [n, step] of steps.slice(1, 4).entries()) expect(step).toBeLessThan(steps[n]);
  });

  it('has returns that cannot be foretold', () => {
    for (const lag of [1, 2, 5, 60]) {
      expect(Math.abs(autocorrelation(returns, lag))).toBeLessThan(0.02);
    }
    let [single, whole] = [0, 0];
    for (const value of returns) single += value * value;
    let moved = summed(returns.subarray(0, 60), 60)[0];
    for (let i = 60; i < returns.length; i++) {
      moved += returns[i] - returns[i - 60];
      whole += moved * moved;
    }
    const ratio = whole / (returns.length - 60) / (60 * (single / returns.length));
    expect(ratio).toBeGreaterThan(0.9);
    expect(ratio).toBeLessThan(1.1);
  });

  it('remembers how restless it was', () => {
    expect(autocorrelation(sizes, 1)).toBeGreaterThan(0.1);
    expect(autocorrelation(sizes, 100)).toBeGreaterThan(0.03);
    expect(autocorrelation(sizes, 1000)).toBeGreaterThan(0.01);
  });

  it('has a tail index as real markets do', () => {
    const index = hillIndex(returns, 0.01);
    expect(index).toBeGreaterThan(2.5);
    expect(index).toBeLessThan(6);
  });

  it('is busiest where the day begins and ends', () => {
    const byHour = Array.from({ length: 24 }, () => ({ sum: 0, rows: 0 }));
    for (let i = 0; i < sizes.length; i++) {
      const hour = byHour[Math.floor((i + 1) / 3600) % 24];
      hour.sum += sizes[i];
      hour.rows += 1;
    }
    const [morning, noon, night] = [0, 12, 23].map((hour) => byHour[hour].sum / byHour[hour].rows);
    // 1 + 0.35 (12 (u - 1/2)^2 - 1) is 1.61 in the first hour and 0.65 at noon: a ratio of 1.57.
    expect(morning / noon).toBeGreaterThan(1.4);
    expect(night / noon).toBeGreaterThan(1.4);
  });
});

describe('the model market', () => {
  it('has the variance it is asked for, by the row and by the block', () => {
    const [rows, blocks]: number[][] = [[], []];
    const of = market({ seed: 31, count: 40 }, { marketShare: 0 });
    for (let column = 0; column < 40; column++) {
      const returns = returnsOf(of, column, 7, 8);
      rows.push(returns.reduce((sum, value) => sum + value * value, 0) / returns.length);
      blocks.push(...summed(returns, 4096).map((value) => value ** 2 / 4096));
    }
    // Of the mean of 40: the spread among them is its own measure.
    const average = rows.reduce((sum, value) => sum + value, 0) / rows.length;
    const spread = Math.sqrt(rows.reduce((sum, value) => sum + (value - average) ** 2, 0)) / 40;
    expect(Math.abs(average - 1)).toBeLessThan(SIGMAS * spread);
    // The square of a normal variate has variance 2, and the clock adds to it.
    const block = blocks.reduce((sum, value) => sum + value, 0) / blocks.length;
    expect(Math.abs(block - 1)).toBeLessThan(SIGMAS * Math.sqrt(3 / blocks.length));
  });

  it('has the same variance at every place of a block, its edges included', () => {
    const columns = 150;
    const many = market({ seed: 32, count: columns }, { marketShare: 0, intraday: 0 });
    const sigma = 0.3 * Math.sqrt(1000 / YEAR_MS);
    const places = [0, 1, 2, 64, 8192, 16_382, 16_383];
    const squares = places.map((): number[] => []);
    for (let column = 0; column < columns; column++) {
      for (const block of [1, 2, 700, ERA_BLOCKS]) {
        const before = blockOf(many, column, block - 1)[BLOCK_ROWS - 1];
        const prices = blockOf(many, column, block);
        for (const [n, place] of places.entries()) {
          const previous = place === 0 ? before : prices[place - 1];
          squares[n].push((Math.log(prices[place] / previous) / sigma) ** 2);
        }
      }
    }
    for (const values of squares) {
      const average = values.reduce((sum, value) => sum + value, 0) / values.length;
      const variance = values.reduce((sum, value) => sum + (value - average) ** 2, 0);
      const spread = Math.sqrt(variance) / values.length;
      expect(Math.abs(average - 1)).toBeLessThan(SIGMAS * spread);
    }
  });

  it('moves instruments together as their shares say, more within a sector', () => {
    const instruments = ['tech', 'tech', 'food', ''].map((sector, n) => ({
      symbol: `S${n}`,
      ...(sector === '' ? {} : { sector }),
    }));
    const shares = { marketShare: 0.3, sectorShare: 0.2, clustering: 0, jumpShare: 0 };
    const of = market({ seed: 33, instruments }, shares);
    const returns = instruments.map((_, column) => returnsOf(of, column, 3, 8));
    // Correlation r of n normal pairs: standard error (1 - r^2) / sqrt(n), here under 0.003.
    const near = (a: number, b: number, expected: number) =>
      expect(Math.abs(correlation(returns[a], returns[b]) - expected)).toBeLessThan(
        (SIGMAS * (1 - expected ** 2)) / Math.sqrt(returns[0].length),
      );
    near(0, 1, 0.5);
    near(0, 2, 0.3);
    near(0, 3, 0.3);
    near(2, 3, 0.3);
  });

  it('is alone without shares, and one with all others if the market is all', () => {
    const alone = market({ seed: 34, count: 2 }, { marketShare: 0, clustering: 0, jumpShare: 0 });
    const [a, b] = [returnsOf(alone, 0, 0, 4), returnsOf(alone, 1, 0, 4)];
    expect(Math.abs(correlationSigmas([...a], [...b]))).toBeLessThan(SIGMAS);
    const one = market({ seed: 34, count: 2 }, { marketShare: 1, sectorShare: 0, jumpShare: 0 });
    expect(blockOf(one, 0, 5)).toEqual(blockOf(one, 1, 5));
    // Their rest is less than 0 by a rounding.
    for (const [marketShare, sectorShare] of [
      [0.9, 0.1],
      [0.8, 0.2],
    ]) {
      const whole = market({ seed: 34, count: 1 }, { marketShare, sectorShare, sector: 'x' });
      expect(blockOf(whole, 0, 5).every((price) => price > 1e6)).toBe(true);
    }
  });

  it('is Brownian motion without clustering, intraday shape and jumps', () => {
    const plain = market({ seed: 35, count: 1 }, { clustering: 0, intraday: 0, jumpShare: 0 });
    const returns = returnsOf(plain, 0, 0, 32);
    // Standard errors of kurtosis and of an autocorrelation: sqrt(24 / n) and 1 / sqrt(n).
    expect(Math.abs(excessKurtosis(returns))).toBeLessThan(SIGMAS * Math.sqrt(24 / returns.length));
    expect(Math.abs(autocorrelation(returns.map(Math.abs), 1))).toBeLessThan(
      SIGMAS / Math.sqrt(returns.length),
    );
    expect(Math.abs(meanSigmas([...returns]))).toBeLessThan(SIGMAS);
  });

  it('falls when it becomes restless, if there is leverage', () => {
    const effect = (leverage: number) => {
      const returns = returnsOf(market({ seed: 36, count: 1 }, { leverage }), 0, 0, 200);
      const sizes = returns.map(Math.abs);
      const center = mean(sizes);
      let sum = 0;
      for (let i = 0; i + 5 < returns.length; i++) sum += returns[i] * (sizes[i + 5] - center);
      return sum / returns.length;
    };
    // Standard error about 1 / sqrt(3.3 million) = 0.0006, times 1.5 for the tails.
    expect(effect(1)).toBeLessThan(-0.004);
    expect(Math.abs(effect(0))).toBeLessThan(0.003);
  });

  it('begins at its start price, with leverage too', () => {
    for (const leverage of [0, 1]) {
      const of = market({ seed: 37, count: 3 }, { leverage });
      for (let column = 0; column < 3; column++) expect(blockOf(of, column, 0)[0]).toBe(2 ** 24);
    }
  });

  it('is the same at 10,000 random places as one block after the other', () => {
    const spec = { seed: 38, count: 3 };
    const parameters = { sector: 'x', leverage: 0.5 };
    const [used, other] = [market(spec, parameters), market(spec, parameters)];
    const random = sequence(39);
    const blocks = [0, 1, 2, 1023, 1024, 1025, 5000, 2 ** 25];
    const sequential = new Map<string, ReturnType<typeof blockOf>>();
    for (const block of blocks) {
      for (let column = 0; column < 3; column++) {
        sequential.set(`${column} ${block}`, Float64Array.from(blockOf(used, column, block)));
      }
    }
    let [block, column] = [0, 0];
    for (let n = 0; n < 10_000; n++) {
      // Ten rows here, ten there: as readers come.
      if (n % 10 === 0) {
        block = blocks[Math.floor(random() * blocks.length)];
        column = Math.floor(random() * 3);
      }
      const place = Math.floor(random() * BLOCK_ROWS);
      const fold = new Fold();
      other.fold(fold, column, block * BLOCK_ROWS + place, block * BLOCK_ROWS + place + 1);
      expect(fold.open).toBe(sequential.get(`${column} ${block}`)![place]);
    }
  });

  it.each(Object.keys(DTYPES) as Dtype[])('is whole ticks inside the walls of %s', (dtype) => {
    const { max } = DTYPES[dtype];
    for (const interval of [1, 604_800_000]) {
      const parameters = { drift: 1, volatility: 100, leverage: 1, startPrice: 1, sector: 'x' };
      const of = market({ seed: 40, dtype, interval, count: 2 }, parameters);
      for (const block of [0, 1, 1024, 100_000, 2 ** 28 - 1]) {
        const prices = Float64Array.from(blockOf(of, 1, block));
        expect(prices.every(Number.isInteger)).toBe(true);
        expect(Math.min(...prices)).toBeGreaterThanOrEqual(1);
        expect(Math.max(...prices)).toBeLessThanOrEqual(max);
      }
    }
  });

  it('has an activity of 1 on average, high where prices move much', () => {
    const of = market({ seed: 41, count: 1 }, { sector: 'x' });
    const returns = returnsOf(of, 0, 5, 16);
    const bursts = summed(
      returns.map((value) => value * value),
      500,
    );
    const lots = new Float64Array(16 * BLOCK_ROWS);
    const traded = newTrades('float64', BLOCK_ROWS);
    for (let n = 0; n < 16; n++) {
      of.fillTrades(traded, 0, 5 + n);
      lots.set(traded.volume, n * BLOCK_ROWS);
    }
    const volumes = summed(lots.subarray(1), 500);
    const average = mean(lots);
    // Ten lots a row on average, two trades of five.
    expect(average).toBeGreaterThan(8);
    expect(average).toBeLessThan(13);
    const [a, b] = [mean(bursts), mean(volumes)];
    const aboveAverage = volumes.map((value) => value - b);
    expect(
      correlation(
        bursts.map((value) => value - a),
        aboveAverage,
      ),
    ).toBeGreaterThan(0.5);
  });
});
