import { describe, expect, it } from 'vitest';
import { TradeHistory } from '../../../src/core/history/trade-history.ts';
import { newTrades, TradeSums } from '../../../src/core/market/fields.ts';
import { BLOCK_ROWS } from '../../../src/core/market/grid.ts';
import { marketOf } from '../../helpers/market.ts';
import { sequence } from './statistics.ts';

const FIELDS = ['bid', 'ask', 'volume', 'trades', 'aggressor'] as const;
const instruments = [
  { symbol: 'A', sector: 'Oil' },
  { symbol: 'B', model: 'walk' },
];
const GRIDS = [
  { interval: '50ms', calendar: 'always' },
  { interval: '1s', calendar: 'new-york' },
  { interval: '1m', calendar: 'fx-week' },
  { interval: '6h', calendar: 'always' },
  { interval: '25h', calendar: 'new-york' },
];

const specOf = ({ interval, calendar }: (typeof GRIDS)[number]) => ({
  seed: 9,
  interval,
  origin: '2026-01-05T07:00:00Z',
  instruments: instruments.map((one) =>
    one.model === undefined ? { ...one, model: 'market', calendar } : one,
  ),
});

describe('rows of a block that are made alone', () => {
  it.each(GRIDS)('are those of the whole block, every $interval, $calendar', (grid) => {
    const [whole, parts] = [marketOf(specOf(grid)), marketOf(specOf(grid))];
    const next = sequence(3);
    for (const block of [0, 1]) {
      const prices = whole.newPrices(BLOCK_ROWS);
      const trades = newTrades('uint16', BLOCK_ROWS);
      whole.fillBlock(prices, 0, block);
      whole.fillTrades(trades, 0, block);
      for (let round = 0; round < 12; round++) {
        const from = Math.floor(next() * BLOCK_ROWS);
        const stop = Math.min(BLOCK_ROWS, from + 1 + Math.floor(next() * 300));
        const out = parts.newPrices(BLOCK_ROWS);
        const made = newTrades('uint16', BLOCK_ROWS);
        if (round % 2 === 0) parts.fillBlock(out, 0, block, from, stop);
        parts.fillTrades(made, 0, block, from, stop);
        if (round % 2 === 1) parts.fillBlock(out, 0, block, from, stop);
        expect(out.slice(from, stop)).toEqual(prices.slice(from, stop));
        for (const field of FIELDS) {
          expect(made[field].slice(from, stop), field).toEqual(trades[field].slice(from, stop));
        }
      }
    }
  });

  it('are all that is made of wide grids, for readers and for sums', () => {
    const market = marketOf(specOf(GRIDS[3]!));
    const plain = marketOf(specOf(GRIDS[3]!));
    const history = new TradeHistory(market);
    for (const _ of history.moveTo(3 * BLOCK_ROWS));
    const made: number[] = [];
    const { fillTrades } = market;
    market.fillTrades = (...given) => {
      made.push((given[4] ?? BLOCK_ROWS) - (given[3] ?? 0));
      fillTrades.apply(market, given);
    };
    const next = sequence(4);
    for (let round = 0; round < 40; round++) {
      const column = round % 2;
      const from = Math.floor(next() * 2.9 * BLOCK_ROWS);
      const stop = from + 1 + Math.floor(next() * 40);
      const out = new Uint32Array(stop - from);
      history.copy(out, 0, 'volume', column, from, stop);
      const sums = new TradeSums();
      history.fold(sums, column, from, stop);
      const expected = new TradeSums();
      plain.foldTrades(expected, column, from, stop);
      expect(sums).toEqual(expected);
      expect(out.reduce((sum, lots) => sum + lots, 0)).toBe(expected.volume);
    }
    expect(Math.max(...made)).toBeLessThanOrEqual(40);
  });
});
