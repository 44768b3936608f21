import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tradesUntil } from '../../../src/core/market/trades-until.ts';
import { newEachTrade } from '../../../src/core/market/trading/each-trade.ts';
import { marketOf } from '../../helpers/market.ts';

const HEAD = 200;

describe('how many trades there were until a time', () => {
  const market = marketOf({
    origin: Date.UTC(1970, 0, 1) + 250,
    interval: 7001,
    instruments: [
      { symbol: 'often', model: 'market', startPrice: 250, tradesPerDay: 30_000 },
      { symbol: 'walk', startPrice: 100 },
      { symbol: 'rare', model: 'market', startPrice: 100, tradesPerDay: 2000 },
    ],
  });
  const { originMs, intervalMs } = market.grid;

  /** When each trade of a column happened, in microseconds. */
  const times = market.instruments.map((_, column) => {
    const all: number[] = [];
    for (let row = 0; row < HEAD; row++) {
      const [from, next] = [market.tradesBefore(column, row), market.tradesBefore(column, row + 1)];
      if (next === from) continue;
      const trades = newEachTrade(next - from);
      market.fillEachTrade(trades, column, from, next, row);
      const rowMicros = (originMs + row * intervalMs) * 1000;
      for (let n = 0; n < next - from; n++) all.push(rowMicros + trades.micros[n]!);
    }
    return all;
  });

  it('is how many are not later, to the microsecond', () => {
    const until = (column: number, micros: number) => tradesUntil(market, column, HEAD, micros);
    for (const [column, all] of times.entries()) {
      expect(all.length).toBeGreaterThan(5);
      for (const [n, time] of all.entries()) {
        const last = all.lastIndexOf(time) + 1;
        expect(until(column, time)).toBe(last);
        expect(until(column, time - 1)).toBe(all.indexOf(time));
        expect(until(column, time + 0.5)).toBe(last);
        expect(n).toBeLessThan(last);
      }
    }
  });

  it('is so at any time, before the first row and behind the last too', () => {
    const micros = fc.integer({ min: -1e9, max: (HEAD + 9) * intervalMs * 1000 });
    fc.assert(
      fc.property(fc.nat(2), micros, (column, at) => {
        const found = tradesUntil(market, column, HEAD, at);
        expect(found).toBe(times[column]!.filter((time) => time <= at).length);
      }),
    );
  });
});
