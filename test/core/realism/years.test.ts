import { describe, expect, it } from 'vitest';
import { TradeSums } from '../../../src/core/market/fields.ts';
import { finish } from '../../../src/core/market/finish.ts';
import { dayStatisticsOf } from '../../../src/core/realism/day-statistics.ts';
import { readDays } from '../../../src/core/realism/days.ts';
import { factOf } from '../../../src/core/realism/facts.ts';
import { realismOf } from '../../../src/core/realism/report.ts';
import { DayReader, type ReadDays, yearsMs, yearsOf } from '../../../src/core/realism/years.ts';
import { marketOf } from '../../helpers/market.ts';
import { normals, pricesWith } from './samples.ts';

const ORIGIN = Date.UTC(2026, 0, 5);
const SPEC = { preset: 'exchange', origin: '2026-01-05' };

function read(market: ReturnType<typeof marketOf>, column: number, years: number) {
  const reader = new DayReader(market, [column]);
  const { originMs } = market.grid;
  return finish(reader.read(column, originMs, originMs + yearsMs(years))) as ReadDays;
}

/** Facts of a report on few rows, and these days. */
function factsWith(days: ReadDays | string | undefined, isShare = true) {
  const ticks = pricesWith(normals(5, 3000));
  const about = { symbol: 'A', name: 'A', model: 'market', tickSize: 1, intervalMs: 1000 };
  const input = { ...about, ticks, firstMs: 0, isShare, ...(days === undefined ? {} : { days }) };
  const { facts } = finish(realismOf(input));
  return Object.fromEntries(facts.map((fact) => [fact.id, fact]));
}

describe('years', () => {
  it('are read from a wider grid, whatever the market’s own is', () => {
    const second = read(marketOf({ ...SPEC, interval: '1s' }), 7, 0.5);
    const wide = marketOf({ ...SPEC, interval: '15m' });
    const rows = Math.floor(yearsMs(0.5) / 900_000) + 1;
    expect(second.days).toEqual(finish(readDays(wide, 7, 0, rows)));
    expect(second).toMatchObject({ yearDays: 261, intervalMs: 900_000 });
    expect(read(marketOf({ ...SPEC, interval: '1d' }), 7, 0.5)).toEqual(second);
  });

  it('have what their days say, at each close the price, in each day what was traded', () => {
    const market = marketOf({ ...SPEC, interval: '1m' });
    const found = read(market, 7, 0.5);
    const years = finish(yearsOf(found));
    expect(years).toMatchObject(finish(dayStatisticsOf(found.days, 261, 4)));
    expect(years.firstMs).toBe(ORIGIN + 86_400_000 + 14.5 * 3_600_000);
    // The first whole day is the second one. What is traded up to its close is in the row there.
    const sums = new TradeSums();
    market.foldTrades(sums, 7, 1440 + 870, 1440 + 1261);
    // Each grid counts the trades within its own rows.
    expect(Math.abs(years.volumes[0] / sums.volume - 1)).toBeLessThan(0.02);
    const [first] = found.days;
    expect(Math.abs(Math.log(years.closes[0]) - first.close)).toBeLessThan(1e-6);
    expect(years.autocorrelation.lags.at(-1)).toBe(years.autocorrelation.lags.length);
    expect(JSON.parse(JSON.stringify(years))).toEqual(years);
  });

  it('are not there where a wider grid has other days, or days begin between its rows', () => {
    const walks = marketOf({ count: 1 });
    expect(read(walks, 0, 1)).toBe('only the model market has the same days on a wider grid');
    const odd = marketOf({ ...SPEC, interval: '1s', origin: '2026-01-05T00:00:07Z' });
    expect(read(odd, 0, 1)).toBe('the origin is not at a quarter of an hour');
  });
});

describe('facts of days', () => {
  const market = marketOf({ ...SPEC, interval: '1m' });
  const coin = marketOf({ preset: 'crypto', interval: '1m' });

  it('are measured where there are years, each with the range it is judged by', () => {
    const facts = factsWith(read(market, 3, 4));
    const { low, high } = factOf('night');
    expect(facts.night).toMatchObject({ low, high, verdict: 'inside' });
    expect(facts['kurtosis-1d'].value).toBeGreaterThan(2);
    expect(facts.weekend).toMatchObject({ value: null, reason: 'it is closed at weekends' });
    const others = factsWith(read(coin, 3, 1), false);
    expect(others.leverage).toMatchObject(factOf('leverage').others!);
    expect(others.night).toMatchObject({ reason: 'it never closes' });
    expect(others.weekend.verdict).toBe('inside');
  });

  it('are uncertain of a few years, and some of any number of one instrument', () => {
    const four = factsWith(read(market, 3, 4));
    expect(four['kurtosis-1d'].isUncertain).toBeUndefined();
    expect(four.leverage.isUncertain).toBe(true);
    expect(factsWith(read(market, 3, 1))['kurtosis-1d'].isUncertain).toBe(true);
  });

  it('say why they are missing', () => {
    expect(factsWith(undefined).zumbach.reason).toBe('no years were asked for');
    expect(factsWith('no reason')['tail-1d'].reason).toBe('no reason');
    const few = factsWith(read(market, 3, 0.2));
    expect([few['tail-1d'].reason, few.night.reason]).toEqual(['too few days', 'too few days']);
    expect(few['kurtosis-1min']).toMatchObject({ value: null, verdict: 'unknown' });
    expect(few['kurtosis-1min'].reason).toBe('too few rows in open hours');
  });
});
