import { describe, expect, it } from 'vitest';
import { newTrades } from '../../../src/core/market/fields.ts';
import { finish } from '../../../src/core/market/finish.ts';
import { BLOCK_ROWS } from '../../../src/core/market/grid.ts';
import { type DayStatistics, dayStatisticsOf } from '../../../src/core/realism/day-statistics.ts';
import { type Day, readDays } from '../../../src/core/realism/days.ts';
import { marketOf } from '../../helpers/market.ts';
import { sequence } from '../market/statistics.ts';

const QUARTERS_OF_DAY = 96;

describe('days of business', () => {
  it('of New York are 26 quarters of an hour and a gap, from close to close', () => {
    const market = marketOf({ preset: 'exchange', interval: '15m', origin: '2026-01-05' });
    const days = finish(readDays(market, 3, 0, 15 * QUARTERS_OF_DAY));
    // To Monday the nineteenth. Of Monday the fifth it is not known where it came from.
    expect(days.map(({ weekday }) => weekday)).toEqual([1, 2, 3, 4, 0, 1, 2, 3, 4, 0]);
    expect(new Set(days.map(({ returns }) => returns.length))).toEqual(new Set([26]));
    expect(days.every(({ gap }) => gap !== 0)).toBe(true);
    const quotes = newTrades('uint32', BLOCK_ROWS);
    market.fillTrades(quotes, 3, 0, 0, 15 * QUARTERS_OF_DAY);
    const midAt = (day: number) => {
      // They close at 21:00 in winter.
      const row = day * QUARTERS_OF_DAY + 84;
      return Math.log((quotes.bid[row] + quotes.ask[row]) / 2);
    };
    const [first] = days;
    const moved = first.returns.reduce((sum, value) => sum + value, first.gap);
    expect(moved).toBeCloseTo(midAt(1) - midAt(0), 12);
  });

  it('of Tokyo go on after lunch, in which trades are missing and a return is not', () => {
    const [interval, origin, calendar] = ['15m', '2026-01-05', 'tokyo'];
    const market = marketOf({ preset: 'exchange', interval, origin, defaults: { calendar } });
    const rows = 15 * QUARTERS_OF_DAY;
    const days = finish(readDays(market, 3, 0, rows));
    expect(days.map(({ weekday }) => weekday)).toEqual([1, 2, 3, 4, 0, 1, 2, 3, 4, 0]);
    // From nine to half past eleven, over the lunch, and from half past twelve to half past three.
    expect(new Set(days.map(({ returns }) => returns.length))).toEqual(new Set([10 + 1 + 12]));
    const quotes = newTrades('uint32', BLOCK_ROWS);
    market.fillTrades(quotes, 3, 0, 0, rows);
    for (const [n, day] of days.entries()) {
      // It closes at half past six in UTC; the fifth day after the first is a Monday.
      const at = (n + 1 + (n < 4 ? 0 : n < 9 ? 2 : 4)) * QUARTERS_OF_DAY + 26;
      const before = n % 5 === 4 ? at - 3 * QUARTERS_OF_DAY : at - QUARTERS_OF_DAY;
      const midAt = (row: number) => Math.log((quotes.bid[row] + quotes.ask[row]) / 2);
      const moved = day.returns.reduce((sum, value) => sum + value, day.gap);
      expect(moved).toBeCloseTo(midAt(at) - midAt(before), 10);
      expect(day.openMs).toBe(market.grid.originMs + (at - 26) * 900_000);
      const traded = quotes.volume.subarray(before + 1, at + 1).reduce((sum, v) => sum + v, 0);
      expect(day.volume).toBe(traded);
    }
  });

  it('of markets that never close go from midnight to midnight, without gaps', () => {
    const market = marketOf({ preset: 'crypto', interval: '1h', origin: '2026-01-05' });
    const days = finish(readDays(market, 0, 0, 8 * 24));
    expect(days.map(({ weekday }) => weekday)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(days.every(({ gap, returns }) => gap === 0 && returns.length === 24)).toBe(true);
  });
});

type SomeDay = Pick<Day, 'weekday' | 'gap' | 'returns'>;

describe('what days are like', () => {
  /** Days of four returns each, `size(day)` large, up and down at random. */
  function daysOf(many: number, size: (day: number) => number, gap = 0): SomeDay[] {
    const next = sequence(7);
    return Array.from({ length: many }, (_, day) => {
      const returns = Float64Array.from({ length: 4 }, () => size(day) * (next() - 0.5));
      return { weekday: day % 7, gap: gap * (next() - 0.5), returns };
    });
  }
  const of = (days: SomeDay[]): DayStatistics => finish(dayStatisticsOf(days, 200, 2));

  it('has no memory, no large days and no nights where days are alike', () => {
    const found = of(daysOf(2000, () => 1));
    // Of a sum of four uniform values it is -0.3, of two -0.6.
    expect(found.kurtosis).toBeCloseTo(-0.3, 0);
    expect(found.hourKurtosis).toBeCloseTo(-0.6, 1);
    for (const name of ['magnitudes1', 'magnitudes20', 'variance1', 'variance5'] as const) {
      expect(Math.abs(found[name]!), name).toBeLessThan(0.09);
    }
    expect(Math.abs(found.leverage!)).toBeLessThan(0.03);
    expect(Math.abs(found.zumbach!)).toBeLessThan(0.04);
    expect(found).toMatchObject({ days: 2000, largeDays: 0, night: null });
    expect(found.tailIndex).toBeGreaterThan(8);
    expect(found.wildestYear).toBeLessThan(1.2);
    expect(found.weekend).toBeCloseTo(1, 1);
  });

  it('sees wild years, calm weekends, nights, and volatility that lasts', () => {
    const found = of(daysOf(2000, (day) => (day % 400 < 200 ? 3 : 1) * (day % 7 < 5 ? 1 : 0.2), 1));
    expect(found.wildestYear).toBeGreaterThan(2);
    expect(found.weekend).toBeCloseTo(0.2, 1);
    expect(found.night).toBeGreaterThan(0.1);
    expect(found.night).toBeLessThan(0.4);
    expect(found.magnitudes1).toBeGreaterThan(0.15);
    expect(found.variance1).toBeGreaterThan(0.15);
  });

  it('sees that falls are answered', () => {
    const next = sequence(3);
    let last = 0;
    const days = Array.from({ length: 2000 }, (_, day) => {
      const move = (last < 0 ? 2 : 1) * (next() - 0.5);
      last = move;
      return { weekday: day % 7, gap: 0, returns: Float64Array.of(move) };
    });
    expect(of(days).leverage).toBeLessThan(-0.02);
  });

  it('are not known of too few', () => {
    const found = of(daysOf(50, () => 1));
    expect(found).toMatchObject({ kurtosis: null, tailIndex: null, magnitudes1: null });
    expect(found).toMatchObject({ leverage: null, zumbach: null, wildestYear: null, night: null });
  });
});
