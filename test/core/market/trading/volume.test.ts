import { describe, expect, it } from 'vitest';
import { TradeSums } from '../../../../src/core/market/fields.ts';
import { marketOf } from '../../../helpers/market.ts';

const MINUTES = 10 * 1440;

/** The lots of consecutive minutes of an instrument, each of two readings. */
function volumesOf(seed: number): number[] {
  const market = marketOf({ seed, count: 1, defaults: { model: 'market' } });
  return Array.from({ length: MINUTES }, (_, minute) => {
    const sums = new TradeSums();
    market.foldTrades(sums, 0, minute * 60, (minute + 1) * 60);
    return sums.volume;
  });
}

const meanOf = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

function deviationOf(values: readonly number[]): number {
  const mean = meanOf(values);
  return Math.sqrt(meanOf(values.map((value) => (value - mean) ** 2)));
}

function autocorrelation(values: readonly number[], lag: number): number {
  const mean = meanOf(values);
  const products = values.slice(lag).map((value, n) => (value - mean) * (values[n] - mean));
  return meanOf(products) / deviationOf(values) ** 2;
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1];

describe('the volume of minutes of the model market', () => {
  const volumes = [1, 2, 3, 4, 5, 6, 7].map(volumesOf);

  it('is as uneven as real volume', () => {
    const spreads = volumes.map((all) => {
      return deviationOf(all.filter((volume) => volume > 0).map(Math.log));
    });
    // Of real shares and coins about 1.1.
    expect(median(spreads)).toBeGreaterThan(0.95);
    expect(median(spreads)).toBeLessThan(1.25);
  });

  it('remembers for hours, and less with each', () => {
    const [next, hour, hours] = [1, 60, 240].map((lag) => {
      return median(volumes.map((all) => autocorrelation(all, lag)));
    });
    // Of the logarithm more; of lots, whose tail is heavy, about .55 and .07.
    expect(next).toBeGreaterThan(0.45);
    expect(next).toBeLessThan(0.68);
    expect(hour).toBeGreaterThan(0.04);
    expect(hour).toBeLessThan(0.14);
    expect(hours).toBeLessThan(hour);
  });

  it('goes with variance: minutes of more moves have more of it', () => {
    const market = marketOf({ seed: 3, count: 1, defaults: { model: 'market' } });
    const minutes: { moved: number; volume: number }[] = [];
    const prices = market.newPrices(2 ** 14);
    for (let block = 0; block < 12; block++) {
      market.fillBlock(prices, 0, block);
      for (let minute = 0; minute < 270; minute++) {
        let moved = 0;
        for (let i = minute * 60 + 1; i <= minute * 60 + 60; i++) {
          moved += (prices[i] - prices[i - 1]) ** 2;
        }
        const sums = new TradeSums();
        const from = block * 2 ** 14 + minute * 60;
        market.foldTrades(sums, 0, from, from + 60);
        minutes.push({ moved, volume: sums.volume });
      }
    }
    const volumesInOrder = minutes.sort((a, b) => a.moved - b.moved).map(({ volume }) => volume);
    const half = minutes.length / 2;
    const [calm, busy] = [volumesInOrder.slice(0, half), volumesInOrder.slice(half)].map(meanOf);
    expect(busy).toBeGreaterThan(1.5 * calm);
  });
});
