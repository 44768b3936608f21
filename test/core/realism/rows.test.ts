import { describe, expect, it } from 'vitest';
import { finish } from '../../../src/core/market/finish.ts';
import { profileOf } from '../../../src/core/realism/moments.ts';
import { Pairs } from '../../../src/core/realism/pairs.ts';
import { readColumn } from '../../../src/core/realism/reading.ts';
import { realismOf } from '../../../src/core/realism/report.ts';
import { rowsOfSecond, secondStatisticsOf } from '../../../src/core/realism/seconds.ts';
import { newRooms } from '../../../src/core/realism/statistics.ts';
import { openStretches } from '../../../src/core/realism/stretches.ts';
import { type Traded, tradeStatisticsOf } from '../../../src/core/realism/trade-statistics.ts';
import { marketOf } from '../../helpers/market.ts';
import { SIGMAS, sequence } from '../market/statistics.ts';
import { autoregressive, COUNT, normals, paretos } from './samples.ts';

/** A tick far below any return. */
const FINE = 1e-9;

function secondsOf(returns: Float64Array, rows: number, tick = FINE) {
  return finish(
    secondStatisticsOf(finish(profileOf(returns)), rows, tick, newRooms(returns.length)),
  );
}

describe('seconds', () => {
  it('are whole numbers of rows, or there are none', () => {
    expect([1, 250, 300, 1000, 1500, 60_000].map(rowsOfSecond)).toEqual([
      ...[1000, 4, undefined, 1, undefined, undefined],
    ]);
  });

  it('have the tail that was put in', () => {
    const { tailIndex, seconds } = secondsOf(paretos(11, 3), 1);
    // Of 262 values in the tail.
    expect(Math.abs(tailIndex! - 3)).toBeLessThan((SIGMAS * 3) / Math.sqrt(262));
    expect(seconds).toBe(COUNT);
  });

  it('are sums of the rows in them', () => {
    // Of four independent values the kurtosis is a quarter: that of Laplace is 3.
    const next = sequence(12);
    const laplace = Float64Array.from({ length: COUNT }, () => {
      const size = -Math.log(1 - next());
      return next() < 0.5 ? size : -size;
    });
    expect(secondsOf(laplace, 1).kurtosis).toBeCloseTo(3, 0);
    expect(secondsOf(laplace, 4).kurtosis).toBeCloseTo(0.75, 0);
    expect(secondsOf(laplace, 4).seconds).toBe(COUNT / 4);
  });

  it('show what turns back: by its autocorrelation, and by more variance than of five minutes', () => {
    const { returns1, varianceRatio } = secondsOf(autoregressive(13, -0.3), 1);
    expect(returns1).toBeCloseTo(-0.3, 1);
    // (1 - phi) / (1 + phi), and the error of a variance of 436 values.
    const error = SIGMAS * Math.sqrt(2 / (COUNT / 300));
    expect(Math.abs(varianceRatio! / (1.3 / 0.7) - 1)).toBeLessThan(error);
  });

  it('have no tail where ticks are too coarse for one, and say so', () => {
    const { tailIndex, isCoarse } = secondsOf(normals(14), 1, 1);
    expect([tailIndex, isCoarse]).toEqual([null, true]);
    expect(secondsOf(normals(14), 1, 0.1).isCoarse).toBe(false);
  });
});

describe('trades', () => {
  const times = (rows: number) => ({ stretches: [{ rows, firstMs: 0 }], intervalMs: 1000 });
  const of = (traded: Traded, rows = COUNT) =>
    finish(tradeStatisticsOf(traded, times(rows), newRooms(rows)[0]));

  it('have signs that remember, of rows that have a trade', () => {
    const next = sequence(21);
    let side = 1;
    const sides = Uint8Array.from({ length: COUNT }, () => {
      if (next() < 0.5) return 0;
      // It is another with probability 0.2: an autocorrelation of 0.6 from trade to trade.
      if (next() < 0.2) side = 3 - side;
      return side;
    });
    const { signs1, signs100 } = of({ sides });
    expect(signs1).toBeCloseTo(0.6, 1);
    expect(Math.abs(signs100!)).toBeLessThan((2 * SIGMAS) / Math.sqrt(COUNT / 2));
  });

  it('know of no burst where they come by chance, and see the tail of their lots', () => {
    const next = sequence(22);
    const waits = Float64Array.from({ length: 50_000 }, () => -Math.log(1 - next()));
    const lots = paretos(23, 2).map(Math.abs);
    const found = of({ waits, lots });
    expect(found.waits).toBeCloseTo(1, 1);
    expect(Math.abs(found.lotsTail! - 2)).toBeLessThan((SIGMAS * 2) / Math.sqrt(COUNT / 100));
    expect(found.trades).toBe(COUNT);
  });

  it('have minutes whose tail is of their sums, without the night that an opening holds', () => {
    const rows = 60 * 5000 + 1;
    const volume = new Float64Array(2 * rows);
    const sizes = paretos(24, 2, 10_000).map(Math.abs);
    for (const [n, size] of sizes.entries()) {
      const first = n < 5000 ? 1 + 60 * n : rows + 1 + 60 * (n - 5000);
      volume[first + (n % 60)] = size;
    }
    [volume[0], volume[rows]] = [1e9, 1e12];
    const stretches = [0, 1].map((n) => ({ rows, firstMs: n * 1e9 }));
    const room = newRooms(2 * rows)[0];
    const steps = tradeStatisticsOf({ volume }, { stretches, intervalMs: 1000 }, room);
    const { volumeTail } = finish(steps);
    expect(Math.abs(volumeTail! - 2)).toBeLessThan((SIGMAS * 2) / Math.sqrt(100));
  });

  it('are not known of too few', () => {
    const few = { sides: new Uint8Array(100).fill(1), waits: new Float64Array(10) };
    expect(of({ ...few, lots: new Float64Array(10), volume: new Float64Array(COUNT) })).toEqual({
      ...{ trades: 10, signs1: null, signs100: null, volumeTail: null, lotsTail: null },
      waits: null,
    });
  });
});

describe('open hours', () => {
  const DAY = 1440;

  it('are all, of what never closes', () => {
    const market = marketOf({ preset: 'crypto', interval: '1m' });
    expect(openStretches(market, 0, 5, 5 + 9 * DAY)).toEqual([{ from: 5, next: 5 + 9 * DAY }]);
  });

  it('of New York are from the opening row to that at the close', () => {
    const market = marketOf({ preset: 'exchange', interval: '1m', origin: '2026-01-05' });
    const [first, second, ...more] = openStretches(market, 0, 0, 7 * DAY);
    // 14:30 to 21:00 in winter.
    expect([first, second]).toEqual([
      { from: 870, next: 1261 },
      { from: DAY + 870, next: DAY + 1261 },
    ]);
    expect(more).toHaveLength(3);
    expect(openStretches(market, 0, 900, 1000)).toEqual([{ from: 900, next: 1000 }]);
    expect(openStretches(market, 0, 5 * DAY, 7 * DAY)).toEqual([]);
  });

  it('of currencies go on from Sunday to Friday', () => {
    const spec = { defaults: { model: 'market', calendar: 'fx-week' }, count: 1, interval: '1m' };
    const market = marketOf({ ...spec, origin: '2026-01-05' });
    expect(openStretches(market, 0, 0, 9 * DAY)).toEqual([
      { from: 0, next: 4 * DAY + 22 * 60 + 1 },
      { from: 6 * DAY + 22 * 60, next: 9 * DAY },
    ]);
  });

  it('alone are in a report, without the night that passes in an opening row', () => {
    const market = marketOf({ preset: 'exchange', interval: '1s', origin: '2026-01-05' });
    const input = finish(readColumn(market, 0, 0, 3 * 86_400));
    expect(input.ticks).toHaveLength(3 * 23_401);
    const found = finish(realismOf(input));
    expect([found.moments.count, found.openRows, found.rows]).toEqual([70_200, 70_203, 259_200]);
    expect(found.of).toBe('mid');
    const worst = (ticks: ArrayLike<number>) => {
      let most = 0;
      for (let i = 1; i < ticks.length; i++) {
        most = Math.max(most, Math.abs(Math.log(ticks[i] / ticks[i - 1])));
      }
      return most;
    };
    // A night is larger than any second; were it in them, so would be their largest.
    const largest = found.histogram!.above + found.histogram!.below;
    expect(worst(input.ticks)).toBeGreaterThan(30 * found.moments.deviation!);
    expect(found.moments.kurtosis).toBeLessThan(1000);
    expect(largest).toBeLessThan(0.01);
    expect(found.hours.flatMap((hour, n) => (hour === null ? [] : [n]))).toEqual([
      ...[14, 15, 16, 17, 18, 19, 20],
    ]);
    expect(found.facts.find(({ id }) => id === 'hours')!.value).toBeGreaterThan(1);
  });
});

describe('pairs', () => {
  it('that are closer in falls than in rises are seen to be', () => {
    const COLUMNS = 6;
    const common = normals(31, 300 * 4000);
    const returns = Array.from({ length: COLUMNS }, (_, n) => normals(32 + n, common.length));
    // Falls of five minutes are common; of rises each has its own.
    for (let block = 0; block < 4000; block++) {
      let sum = 0;
      for (let i = block * 300; i < (block + 1) * 300; i++) sum += common[i];
      const share = sum < 0 ? 3 : 0.5;
      for (const column of returns) {
        for (let i = block * 300; i < (block + 1) * 300; i++) column[i] += share * common[i];
      }
    }
    const pairs = new Pairs();
    for (const [n, column] of returns.entries()) {
      finish(pairs.add(String(n), finish(profileOf(column)), 1));
    }
    const found = finish(pairs.found());
    expect(found['falls-less-rises']).toBeGreaterThan(0.1);
    expect(found['correlation-1s']).toBeGreaterThan(0.3);
    expect(pairs.seconds).toBe(common.length);
  });

  it('of other hours are not set beside one another', () => {
    const pairs = new Pairs();
    for (const [n, count] of [200_000, 200_000, 150_000].entries()) {
      finish(pairs.add(String(n), finish(profileOf(normals(41, count))), 1));
    }
    const { matrix } = finish(pairs.correlations());
    expect(matrix[1][0]).toBeCloseTo(1, 9);
    expect(matrix[2]).toEqual([null, null, expect.closeTo(1, 9)]);
  });
});
