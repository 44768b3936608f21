import { afterEach, describe, expect, it, vi } from 'vitest';
import { finish } from '../../../src/core/market/finish.ts';
import { BLOCK_ROWS } from '../../../src/core/market/grid.ts';
import { laggedProduct } from '../../../src/core/realism/autocorrelation.ts';
import { readDays } from '../../../src/core/realism/days.ts';
import { histogramOf } from '../../../src/core/realism/histogram.ts';
import { hoursOf } from '../../../src/core/realism/hours.ts';
import {
  centred,
  magnitudesOf,
  meanOf,
  momentsOf,
  profileOf,
  stridesOf,
} from '../../../src/core/realism/moments.ts';
import { readColumn } from '../../../src/core/realism/reading.ts';
import { realismOf } from '../../../src/core/realism/report.ts';
import { returnsOf } from '../../../src/core/realism/returns.ts';
import { hurstExponent, varianceRatios } from '../../../src/core/realism/scaling.ts';
import type { Steps } from '../../../src/core/realism/steps.ts';
import { nthLargest, tailOf } from '../../../src/core/realism/tail.ts';
import { marketOf } from '../../helpers/market.ts';
import { counting, mostPerStep } from '../../helpers/steps.ts';
import { normals } from './samples.ts';

/**
 * How much a report does between two yields, counted. Passing over a number takes 0.5 to 5 ns, so
 * that 300,000 of them are 2 ms at most. Putting one into an array takes 30 ns where the memory is
 * new, and so may its logarithm: 66,000 are 2 ms.
 */
const MOST_PASSED = 300_000;
const MOST_FILLED = 2 ** 16;
/** More than both, so that nothing may do all of them at once. */
const COUNT = 2 ** 19;

const values = normals(71, COUNT);
const stretches = [{ rows: COUNT + 1, firstMs: 0 }];
const times = { stretches, intervalMs: 1000 };

describe('between two yields passes over some of its values', () => {
  it.each<[string, (of: Float64Array) => Steps<unknown>]>([
    ['the mean', meanOf],
    ['the moments', momentsOf],
    ['a product of lags', (of) => laggedProduct(of, of, 3)],
    ['the histogram', (of) => histogramOf(of, 1, 1e-3)],
    ['the mean of each hour', (of) => hoursOf(of, times)],
    ['the mean of each hour of one row', (of) => hoursOf(of, { stretches, intervalMs: 3_600_000 })],
    ['a ratio of variances', varianceRatios],
    ['the Hurst exponent', hurstExponent],
  ])('%s', (_, steps) => {
    const { values: counted, asked } = counting(values);
    const { most } = mostPerStep(steps(counted), asked);
    expect(asked()).toBeGreaterThan(COUNT - 10);
    expect(most).toBeLessThanOrEqual(MOST_PASSED);
  });

  it.each<[string, (of: Float64Array, room: Float64Array) => Steps<unknown>]>([
    ['the values less their mean', centred],
    ['their magnitudes', magnitudesOf],
    ['their profile', profileOf],
    ['strides of one row', (of, room) => stridesOf(of, 1, room)],
  ])('and puts fewer into an array: %s', (_, steps) => {
    const { values: room, set } = counting(new Float64Array(COUNT + 1));
    const { most } = mostPerStep(steps(values, room), set);
    expect(set()).toBeGreaterThan(COUNT - 10);
    expect(most).toBeLessThanOrEqual(MOST_FILLED);
  });

  it('and puts fewer into an array: the returns of prices', () => {
    const { values: prices, asked } = counting(values);
    const { yields } = mostPerStep(returnsOf(prices), asked);
    // Twice when it is made, and once for the lowest and the highest.
    expect(asked() / yields).toBeLessThanOrEqual(2 * MOST_FILLED);
  });

  it('the tail, and the search for its threshold', () => {
    const magnitudes = finish(magnitudesOf(values));
    const { yields } = mostPerStep(nthLargest(magnitudes, COUNT / 100), () => 0);
    // Four passes.
    expect((4 * COUNT) / yields).toBeLessThanOrEqual(MOST_PASSED);
    const { values: profile, asked } = counting(finish(profileOf(values)));
    expect(mostPerStep(tailOf(profile, 1, 0), asked).most).toBeLessThanOrEqual(2 * MOST_FILLED);
  });
});

describe('a report', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('takes three numbers of 8 bytes for each row, beside its prices and volumes', () => {
    const rows = 200_000;
    const market = marketOf({ interval: 1000, instruments: [{ symbol: 'g', model: 'gbm' }] });
    const input = finish(readColumn(market, 0, 0, rows));
    let bytes = 0;
    const real = Float64Array;
    vi.stubGlobal('Float64Array', function stub(...given: [number]) {
      const made = new real(...given);
      // Not a view of another.
      if (typeof given[0] === 'number') bytes += made.byteLength;
      return made;
    });
    finish(realismOf(input));
    expect(bytes).toBeGreaterThan(2 * 8 * rows);
    expect(bytes).toBeLessThan(3 * 8 * rows + 100_000);
  });

  it('is read a block at a time, each of which is made once', () => {
    const market = marketOf({ interval: 1000, instruments: ['w'] });
    let traded = 0;
    const { fillTrades } = market;
    market.fillTrades = (...given) => {
      traded += 1;
      fillTrades.apply(market, given);
    };
    const rows = 20 * BLOCK_ROWS;
    const { most } = mostPerStep(readColumn(market, 0, 0, rows), () => traded);
    expect([traded, most]).toEqual([20, 1]);
  });

  it('reads days a few rows at a time, and trades', () => {
    const spec = { interval: '30m', origin: '2026-01-05', defaults: { model: 'market' }, count: 1 };
    const market = marketOf(spec);
    let rows = 0;
    const { fillTrades } = market;
    market.fillTrades = (out, column, block, from = 0, next = BLOCK_ROWS) => {
      rows += next - from;
      fillTrades.call(market, out, column, block, from, next);
    };
    const days = mostPerStep(readDays(market, 0, 100, 3000), () => rows);
    expect([rows, days.most]).toEqual([2900, 256]);
    let trades = 0;
    const { fillEachTrade } = market;
    market.fillEachTrade = (out, column, from, next) => {
      trades += next - from;
      fillEachTrade.call(market, out, column, from, next);
    };
    const { most } = mostPerStep(readColumn(market, 0, 0, 3000), () => trades);
    expect([trades, most]).toEqual([2 ** 17, 1024]);
  });
});
