import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { STATUS, TradeSums } from '../../../src/core/market/fields.ts';
import { BLOCK_ROWS } from '../../../src/core/market/grid.ts';
import type { Market } from '../../../src/core/market/market.ts';
import { Fold } from '../../../src/core/market/models/model.ts';
import { MODEL_KINDS } from '../../../src/core/market/models/parameters.ts';
import { newDepth } from '../../../src/core/market/trading/book.ts';
import { newEachTrade } from '../../../src/core/market/trading/each-trade.ts';
import { marketOf } from '../../helpers/market.ts';
import { rowsOf } from '../timeline/done.ts';

const WITH_LUNCH = {
  ...{ like: 'tokyo', holidays: ['2026-03-10'], earlyCloses: { '2026-03-11': '11:00' } },
};
/** In the night, in a session, and where clocks are moved. */
const ORIGINS = ['2026-03-06T03:00:00Z', '2026-03-06T15:00:00Z', '2026-03-08T06:59:53.007Z'];

const markets = fc.record({
  model: fc.constantFrom(...MODEL_KINDS),
  calendar: fc.constantFrom<unknown>('new-york', 'tokyo', 'fx-week', 'london', WITH_LUNCH),
  origin: fc.constantFrom(...ORIGINS),
  interval: fc.constantFrom(1000, 7000, 60_000, 3_600_000, 86_400_000),
  tradesPerDay: fc.constantFrom(0, 4000, 1e6),
});

interface Spec {
  readonly model: string;
  readonly calendar: unknown;
  readonly origin: string;
  readonly interval: number;
  readonly tradesPerDay: number;
}

function made({ model, calendar, origin, interval, tradesPerDay }: Spec): Market {
  const instruments = [{ symbol: 'H', model, calendar, tradesPerDay }];
  return marketOf({ seed: 11, dtype: 'uint32', origin, interval, instruments });
}

function statusOf(market: Market, from: number, next: number): Uint8Array {
  const status = new Uint8Array(next - from);
  market.fillStatus(status, 0, 0, from, next);
  return status;
}

function bookAt(market: Market, index: number) {
  const depth = newDepth(5);
  market.fillDepth(depth, 0, index, 5);
  const { bids, asks } = depth;
  return [bids, asks].map(({ ticks, lots, levels }) => [levels, ...ticks, ...lots]);
}

describe('rows outside of a session', () => {
  it('show the last row before in every field, and its book, whatever the model', () => {
    const property = fc.property(markets, fc.nat({ max: 100_000 }), (spec, from) => {
      const market = made(spec);
      const open = market.openRowsOf(0)!;
      // From an open row on, if there was one.
      const { isOpen, next, shown } = open.stretchOf(from);
      const first = isOpen ? next - 1 : shown;
      const end = Math.min(first + 6000, open.stretchOf(first + 1).next + 5);
      const rows = rowsOf(market, 0, first, end);
      const status = statusOf(market, first, end);
      for (let n = 1; n < end - first; n++) {
        if (status[n] !== STATUS.closed) continue;
        const at = open.shownAt(first + n) - first;
        const fields = [rows.last[n], rows.bid[n], rows.ask[n]];
        expect(fields, `row ${first + n}`).toEqual([rows.last[at], rows.bid[at], rows.ask[at]]);
        expect([rows.volume[n], rows.trades[n], rows.aggressor[n]]).toEqual([0, 0, 0]);
      }
      const last = end - first - 1;
      const held = [1, Math.floor(last / 2), last].filter((n) => status[n] === STATUS.closed);
      for (const n of held) {
        expect(bookAt(market, first + n)).toEqual(bookAt(market, open.shownAt(first + n)));
      }
    });
    fc.assert(property, { seed: 20261130, numRuns: 25 });
  });

  it('have no trades, and each open one of a price that moves by itself has at least one', () => {
    const property = fc.property(markets, fc.nat({ max: 100_000 }), (spec, from) => {
      const market = made(spec);
      const next = from + 800;
      const { trades, volume } = rowsOf(market, 0, from, next);
      for (const [n, status] of statusOf(market, from, next).entries()) {
        if (status === STATUS.closed) expect(trades[n]).toBe(0);
        else if (spec.model !== 'market') expect(trades[n]).toBeGreaterThanOrEqual(1);
        expect(volume[n] === 0).toBe(trades[n] === 0);
      }
    });
    fc.assert(property, { seed: 20261130, numRuns: 25 });
  });

  it('leave no hole: trades have consecutive numbers, each of the row that counts it', () => {
    const property = fc.property(markets, fc.nat({ max: 50_000 }), (spec, from) => {
      const market = made(spec);
      const next = from + 200;
      const rows = rowsOf(market, 0, from, next);
      const [first, end] = [market.tradesBefore(0, from), market.tradesBefore(0, next)];
      const sums = new TradeSums();
      market.foldTrades(sums, 0, from, next);
      expect(sums.trades).toBe(end - first);
      expect(rows.trades.reduce((sum, count) => sum + count, 0)).toBe(end - first);
      expect(rows.volume.reduce((sum, lots) => sum + lots, 0)).toBe(sums.volume);
      if (end - first > 20_000) return;
      const all = newEachTrade(end - first);
      market.fillEachTrade(all, 0, first, end);
      let number = first;
      for (let n = 0; n < next - from; n++) {
        for (let k = 0; k < rows.trades[n]!; k++, number++) {
          expect(all.rows[number - first]).toBe(from + n);
        }
      }
      if (end > first) expect(market.rowOfTrade(0, first)).toBe(all.rows[0]);
    });
    fc.assert(property, { seed: 20261130, numRuns: 25 });
  });

  it('fold as rows do, however they are cut', () => {
    const property = fc.property(
      markets,
      fc.nat({ max: 60_000 }),
      fc.integer({ min: 1, max: 20_000 }),
      (spec, from, rows) => {
        const market = made(spec);
        const { last } = rowsOf(market, 0, from, from + rows);
        const expected = new Fold();
        expected.addPrices(last, 0, rows);
        const found = new Fold();
        market.fold(found, 0, from, from + rows);
        expect(found).toEqual(expected);
      },
    );
    fc.assert(property, { seed: 20261130, numRuns: 25 });
  });

  it('are the same in whole blocks and in parts, in any order', () => {
    const market = made({
      ...{ model: 'walk', calendar: 'tokyo', origin: ORIGINS[0], interval: 1000 },
      tradesPerDay: 1e6,
    });
    const whole = rowsOf(market, 0, 0, 3 * BLOCK_ROWS);
    for (const [from, next] of [
      [20_000, 20_001],
      [12_000, 12_700],
      [2 * BLOCK_ROWS, 2 * BLOCK_ROWS + 1],
      [0, 5],
    ]) {
      const part = rowsOf(market, 0, from, next);
      for (const field of ['last', 'bid', 'ask', 'volume', 'trades', 'aggressor'] as const) {
        expect([...part[field]], field).toEqual([...whole[field].subarray(from, next)]);
      }
    }
  });

  it('go on underneath: the first row of a session is where it would have been', () => {
    const spec = { seed: 3, dtype: 'uint32', origin: '2026-03-02' };
    const always = marketOf({ ...spec, instruments: [{ symbol: 'W' }] });
    const closed = marketOf({ ...spec, instruments: [{ symbol: 'W', calendar: 'new-york' }] });
    const at = (text: string) => (Date.parse(text) - Date.parse('2026-03-02')) / 1000;
    const opens = at('2026-03-03T14:30:00Z');
    const [there, here] = [always, closed].map((market) => rowsOf(market, 0, opens - 1, opens + 9));
    expect([...here!.last.subarray(1)]).toEqual([...there!.last.subarray(1)]);
    expect(here!.last[0]).not.toBe(there!.last[0]);
  });

  it('trade as much a day of business as is asked for', () => {
    for (const calendar of ['new-york', 'tokyo', 'fx-week']) {
      for (const interval of ['1s', '7s', '1m']) {
        const instruments = [{ symbol: 'T', calendar, tradesPerDay: 200_000 }];
        const market = marketOf({ interval, origin: '2026-01-01', instruments });
        const at = (date: string) =>
          Math.ceil((Date.parse(date) - market.grid.originMs) / market.grid.intervalMs);
        const [from, next] = [at('2026-01-05T12:00:00Z'), at('2028-12-25T12:00:00Z')];
        const days = (5 * (Date.parse('2028-12-25') - Date.parse('2026-01-05'))) / 86_400_000 / 7;
        const perDay = (market.tradesBefore(0, next) - market.tradesBefore(0, from)) / days;
        expect(Math.abs(perDay / 200_000 - 1), `${calendar} ${interval}`).toBeLessThan(0.01);
      }
    }
  });
});
