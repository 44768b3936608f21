import { describe, expect, it } from 'vitest';
import { finish } from '../../../src/core/market/finish.ts';
import { BLOCK_ROWS } from '../../../src/core/market/grid.ts';
import { correlationsOf, meanCorrelation } from '../../../src/core/realism/correlation.ts';
import { FACTS, factOf, verdictOf } from '../../../src/core/realism/facts.ts';
import { hoursOf } from '../../../src/core/realism/hours.ts';
import { marketRealism, type RealismInput, realismOf } from '../../../src/core/realism/report.ts';
import { returnsOf } from '../../../src/core/realism/returns.ts';
import { marketOf, pricesOf } from '../../helpers/market.ts';
import { SIGMAS, sequence } from '../market/statistics.ts';
import { COUNT, normals, pricesWith, withPauses } from './samples.ts';

const ABOUT = { symbol: 'A', name: 'Alpha', model: 'gbm', tickSize: 0.01 };
const TIMES = { intervalMs: 60_000, firstMs: Date.UTC(2026, 0, 1) };

function inputOf(ticks: ArrayLike<number>, more: Partial<RealismInput> = {}): RealismInput {
  return { ...ABOUT, ...TIMES, ticks, ...more };
}

/** The values of the facts; NaN where there is none. */
function factsIn(input: RealismInput): Record<string, number> {
  const { facts } = finish(realismOf(input));
  return Object.fromEntries(facts.map(({ id, value }) => [id, value ?? Number.NaN]));
}

describe('returns', () => {
  it('are differences of logarithms, near prices and far ones alike', () => {
    const prices = [100, 101, 50, 1_000_000, 1_000_001, 1];
    const { kind, values } = finish(returnsOf(prices));
    expect(kind).toBe('log');
    for (const [i, value] of values.entries()) {
      expect(value).toBeCloseTo(Math.log(prices[i + 1] / prices[i]), 14);
    }
  });

  it.each([0, -5])('are differences of ticks where a price is %d', (least) => {
    const { kind, values, tick } = finish(returnsOf([3, least, 7]));
    expect({ kind, values: [...values], tick }).toEqual({
      kind: 'ticks',
      values: [least - 3, 7 - least],
      tick: 1,
    });
  });

  it('are none of one row, and of none', () => {
    expect(finish(returnsOf([5])).values).toHaveLength(0);
    expect(finish(returnsOf([])).values).toHaveLength(0);
  });
});

describe('hours', () => {
  it.each([
    [1000, 1_767_225_599_500],
    [60_000, -1_000_000],
    [7_000_003, 12],
    [3_600_000, 5],
    [25 * 60_000, 0],
  ])('are those of each row, at %d ms from %d on', (intervalMs, firstMs) => {
    const next = sequence(61);
    const sizes = Float64Array.from({ length: 200_000 }, next);
    const lists = Array.from({ length: 24 }, (): number[] => []);
    for (const [i, size] of sizes.entries()) {
      lists[new Date(firstMs + (i + 1) * intervalMs).getUTCHours()].push(size);
    }
    const stretches = [{ rows: sizes.length + 1, firstMs }];
    const hours = finish(hoursOf(sizes, { stretches, intervalMs }));
    for (const [hour, list] of lists.entries()) {
      if (intervalMs > 3_600_000 || list.length < 20) expect(hours[hour]).toBeNull();
      else expect(hours[hour]).toBeCloseTo(list.reduce((sum, x) => sum + x, 0) / list.length, 9);
    }
  });
});

describe('correlations', () => {
  const a = normals(71);
  const other = normals(72);
  const b = a.map((value, i) => 0.6 * value + 0.8 * other[i]);
  const still = new Float64Array(COUNT).fill(3);

  it('are those that were put in, in the order given', () => {
    const matrix = finish(correlationsOf([a, b, other, a.map((value) => -2 * value)]));
    for (const [i, j, rho] of [
      [0, 1, 0.6],
      [1, 2, 0.8],
      [0, 2, 0],
      [1, 3, -0.6],
    ]) {
      expect(Math.abs(matrix[i][j]! - rho)).toBeLessThan(SIGMAS / Math.sqrt(COUNT));
      expect(matrix[j][i]).toBe(matrix[i][j]);
    }
    expect(matrix[0][3]).toBeCloseTo(-1, 12);
    expect(matrix.map((row, i) => row[i])).toEqual([1, 1, 1, 1]);
  });

  it('are not known of a price that stands still, and their mean is of those known', () => {
    const matrix = finish(correlationsOf([a, still, b]));
    expect(matrix[1]).toEqual([null, null, null]);
    expect(meanCorrelation(matrix)).toBe(matrix[0][2]);
    expect(meanCorrelation(finish(correlationsOf([a])))).toBeNull();
  });
});

describe('a report', () => {
  it('finds nothing in normal returns that is not in them', () => {
    const returns = normals(81);
    const seconds = factsIn(inputOf(pricesWith(returns), { intervalMs: 1000 }));
    const error = (each: number) => SIGMAS * Math.sqrt((24 * each) / COUNT);
    expect(Math.abs(seconds['kurtosis-1s'])).toBeLessThan(error(1));
    expect(Math.abs(seconds['kurtosis-1min'])).toBeLessThan(error(60));
    const noise = SIGMAS / Math.sqrt(COUNT);
    expect(Math.abs(seconds['acf-return-1s'])).toBeLessThan(noise);
    for (const lag of ['1s', '60s', '3600s']) {
      expect(Math.abs(seconds[`acf-magnitude-${lag}`])).toBeLessThan(noise);
    }
    // A variance of so many five minutes has this error; that of seconds a far smaller one.
    expect(Math.abs(seconds['variance-ratio'] - 1)).toBeLessThan(
      SIGMAS * Math.sqrt((2 * 300) / COUNT),
    );
    const facts = factsIn(inputOf(pricesWith(returns)));
    // Ratios of the largest to the least of 24 means of 5,461 |r|, of error 0.0102 each.
    expect(facts.hours).toBeLessThan(1 + 2 * SIGMAS * 0.0102);
    expect(facts['volume-volatility']).toBeNaN();
  });

  it('sees volume that rises with |r|', () => {
    const returns = normals(82);
    const noise = normals(83);
    // |r| has variance 1 - 2 / pi, 0.3634; noise of as much makes the correlation sqrt(1 / 2).
    const spread = Math.sqrt(1 - 2 / Math.PI);
    const volume = [0, ...returns.map((r, i) => 10 + Math.abs(r) + spread * noise[i])];
    const found = factsIn(inputOf(pricesWith(returns), { volume }))['volume-volatility'];
    expect(Math.abs(found - Math.SQRT1_2)).toBeLessThan(SIGMAS / Math.sqrt(COUNT));
  });

  it('sees volatility that rises after losses, and not after gains', () => {
    const returns = normals(84);
    for (let i = 1; i < COUNT; i++) returns[i] *= returns[i - 1] < 0 ? 1.5 : 1;
    const { leverage } = finish(realismOf(inputOf(pricesWith(returns))));
    expect(leverage.map(({ lag }) => lag)).toEqual([1, 2, 3, 5, 10, 20, 50, 100]);
    expect(leverage[0].correlation).toBeLessThan(-0.15);
    expect(Math.abs(leverage[4].correlation)).toBeLessThan(SIGMAS / Math.sqrt(COUNT));
  });

  it('sees the busy hours of a day', () => {
    const returns = normals(85).map((r, i) => (Math.floor((i + 1) / 60) % 24 < 2 ? 3 * r : r));
    // 3, give or take the errors of both means, 0.0102 of themselves each, and their extremes.
    expect(Math.abs(factsIn(inputOf(pricesWith(returns))).hours - 3)).toBeLessThan(0.2);
  });

  it('takes the tail of the first scale at which ticks are fine enough', () => {
    const walk = marketOf({ seed: 86, count: 1 });
    const prices = pricesOf(walk, 0, 0, 16 * BLOCK_ROWS);
    // Steps of one tick: the largest 1 % of sums of 60 begin at 2.6 * sqrt(60) = 20 ticks.
    expect(finish(realismOf(inputOf(prices))).tail!.rows).toBe(60);
    expect(finish(realismOf(inputOf(pricesWith(normals(87))))).tail!.rows).toBe(1);
  });

  it('has as facts what stands in its statistics', () => {
    const input = inputOf(pricesWith(normals(89, 20_000)), { intervalMs: 1000 });
    const { autocorrelation, seconds, moments, hurst, traded } = finish(realismOf(input));
    const facts = factsIn(input);
    expect(facts['acf-magnitude-1s']).toBeCloseTo(autocorrelation.magnitudes![0], 12);
    expect(facts['acf-return-1s']).toBeCloseTo(autocorrelation.returns![0], 12);
    expect(facts['kurtosis-1s']).toBeCloseTo(moments.kurtosis!, 9);
    expect(facts['acf-magnitude-3600s']).toBe(seconds!.magnitudes3600 ?? Number.NaN);
    expect(facts['hurst-return']).toBe(hurst.returns);
    expect([facts.waits, traded.waits]).toEqual([Number.NaN, null]);
  });

  it('lists the scales of kurtosis that have 100 returns, an hour among them', () => {
    const { kurtosisByScale } = finish(
      realismOf(inputOf(pricesWith(normals(88, 100_000)), { intervalMs: 7200 })),
    );
    expect(kurtosisByScale.map(({ rows, count }) => [rows, count])).toEqual([
      [1, 100_000],
      [10, 10_000],
      [60, 1666],
      [300, 333],
      [500, 200],
    ]);
    expect(kurtosisByScale[4].spanMs).toBe(3_600_000);
  });

  it.each([
    ['none', []],
    ['one', [5]],
    ['two', [5, 6]],
    ['50', pricesWith(normals(91, 50))],
    ['150', pricesWith(normals(91, 150))],
    ['a thousand that stand still', new Float64Array(1000).fill(7)],
    ['5,000 that stand still at 0', new Float64Array(5000)],
    ['5,000 below 0', Float64Array.from({ length: 5000 }, (_, i) => -10 + (i % 3))],
    ['5,000 of which one moves', new Float64Array(5000).fill(8, 2500).fill(7, 0, 2500)],
    ['5,000 that rise by one each', Float64Array.from({ length: 5000 }, (_, i) => i)],
  ])('of %s rows is plain data without a NaN', (_, ticks) => {
    const volume = new Uint32Array(ticks.length);
    const input = inputOf(ticks, { volume });
    const report = finish(marketRealism('id', [input, { ...input, symbol: 'B' }]));
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
    if (ticks.length < 100) {
      for (const { verdict } of report.instruments[0].facts) {
        if (ticks.length < 50) expect(verdict).toBe('unknown');
      }
    }
  });

  it('says when its rows were', () => {
    const report = finish(realismOf(inputOf([1, 2, 3])));
    expect(report).toMatchObject({ ...ABOUT, ...TIMES, rows: 3, returns: 'log' });
    expect(report.lastMs).toBe(TIMES.firstMs + 120_000);
  });

  it('pauses often: at least once in 2^17 values and statistic', () => {
    const { value, pauses } = withPauses(realismOf(inputOf(pricesWith(normals(92, 2 ** 19)))));
    // Two series at 42 lags, in four slices each.
    expect(pauses).toBeGreaterThan(2 * 42 * 4);
    expect(value.rows).toBe(2 ** 19 + 1);
  });
});

describe('the report of a market', () => {
  it('asks for the rows of an instrument when it comes to it', () => {
    const asked: string[] = [];
    function* inputs(): Generator<RealismInput> {
      for (const [i, symbol] of ['A', 'B', 'C'].entries()) {
        asked.push(symbol);
        yield inputOf(pricesWith(normals(93 + i, 10_000)), { symbol });
      }
    }
    const steps = marketRealism('0123', inputs());
    steps.next();
    expect(asked).toEqual(['A']);
    const report = finish(steps);
    expect(asked).toEqual(['A', 'B', 'C']);
    expect(report.correlations).toMatchObject({ symbols: asked, rows: 60, count: 166 });
    expect(report.facts.map(({ id, reason }) => [id, reason])).toEqual(
      ['correlation-1s', 'correlation-30min', 'falls-less-rises'].map((id) => [
        id,
        'too few rows, or rows too far apart',
      ]),
    );
    expect(report).toMatchObject({ marketId: '0123', rows: 10_001, firstMs: TIMES.firstMs });
  });

  it('has the correlation of prices that move together', () => {
    const a = normals(96);
    const other = normals(97);
    const b = a.map((value, i) => 0.6 * value + 0.8 * other[i]);
    const ofSeconds = { intervalMs: 1000 };
    const inputs = [a, b].map((returns) => inputOf(pricesWith(returns), ofSeconds));
    const { correlations, facts } = finish(marketRealism('id', inputs));
    // Of 2,184 returns over a minute: standard error (1 - 0.36) / sqrt(2184).
    expect(correlations.count).toBe(2184);
    expect(Math.abs(correlations.mean! - 0.6)).toBeLessThan((SIGMAS * 0.64) / Math.sqrt(2184));
    expect(Math.abs(facts[0].value! - 0.6)).toBeLessThan((SIGMAS * 0.64) / Math.sqrt(COUNT));
    // 72 half hours are too few.
    expect(facts[1]).toMatchObject({ id: 'correlation-30min', value: null });
  });

  it.each([
    [6001, 60],
    [1001, 10],
    [101, 1],
    [3, 1],
  ])('of %d rows has correlations over as many as leave 100 returns: %d', (rows, each) => {
    const ticks = pricesWith(normals(98, rows - 1));
    expect(finish(marketRealism('id', [inputOf(ticks)])).correlations.rows).toBe(each);
  });

  it('of no instruments is empty', () => {
    const report = finish(marketRealism('id', []));
    expect(report).toMatchObject({ rows: 0, instruments: [] });
    expect(report.facts.map(({ verdict }) => verdict)).toEqual(Array(3).fill('unknown'));
  });
});

describe('the table of facts', () => {
  it('has each once, with a source, a bound, and bounds in order', () => {
    expect(new Set(FACTS.map(({ id }) => id)).size).toBe(36);
    for (const { id } of FACTS) {
      const { low, high, source, basis, meaning } = factOf(id);
      expect(low !== null || high !== null).toBe(true);
      if (low !== null && high !== null) expect(low).toBeLessThan(high);
      expect(source).toMatch(/ (19|20)\d\d, /);
      expect(basis).toMatch(/\.$/);
      expect(meaning).toMatch(/[.,]$/);
    }
  });

  it.each([
    [null, 'unknown'],
    [1.99, 'below'],
    [2, 'inside'],
    [4.5, 'inside'],
    [4.51, 'above'],
  ])('finds %s to be %s of what is reported of tails', (value, verdict) => {
    expect(verdictOf(value, factOf('tail-1d'))).toBe(verdict);
  });

  it('allows any number on a side without a bound', () => {
    expect(verdictOf(1, factOf('volume-volatility'))).toBe('inside');
    expect(verdictOf(0, factOf('acf-return-1s'))).toBe('inside');
  });
});
