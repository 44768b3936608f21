import { describe, expect, it } from 'vitest';
import { foldCandles, newCandles } from '../../../src/core/history/candles.ts';
import { FormingCandles } from '../../../src/core/history/forming-candles.ts';
import { History } from '../../../src/core/history/history.ts';
import { candlesWantedOf, cutOf } from '../../../src/core/history/wanted.ts';
import { CANDLE_FIELDS, PAID_FIELDS } from '../../../src/core/market/fields.ts';
import { finish } from '../../../src/core/market/finish.ts';
import { indexFrom, timeOf } from '../../../src/core/market/grid.ts';
import { parseResolution } from '../../../src/core/market/resolution.ts';
import { marketOf } from '../../helpers/market.ts';
import { sequence } from '../market/statistics.ts';

const COLUMNS = [2, 0];
const RESOLUTION = parseResolution('1m')!;
const INSTRUMENTS = [
  { symbol: 'a', model: 'market', tradesPerDay: 50_000 },
  { symbol: 'b', model: 'walk' },
  { symbol: 'c', model: 'walk', tickSize: 1, startPrice: 2 ** 47, lotsPerTrade: 1e5 },
];

/** All that the candle that starts at `fromMs` says, folded of its rows anew. */
function folded(history: History, fromMs: number) {
  const range = { fromMs, toMs: fromMs + RESOLUTION.ms };
  return COLUMNS.map((column) => {
    const candles = newCandles([...CANDLE_FIELDS, ...PAID_FIELDS]);
    finish(foldCandles(candles, history, column, RESOLUTION, range));
    const { open, high, low, close, volume, trades, notional, bought, boughtNotional } = candles;
    return [open, high, low, close, volume, trades, notional, bought, boughtNotional].map(
      (values) => values![0],
    );
  });
}

/** What the nth of some candles says. */
function said({ values, paid }: FormingCandles['lists'], n: number) {
  const { open, high, low, close, volume, trades } = values;
  const { notional, bought, boughtNotional } = paid!;
  return [open, high, low, close, volume, trades, notional, bought, boughtNotional].map(
    (all) => all?.[n],
  );
}

describe('a candle that forms', () => {
  it.each([
    ['lots, trades and what was paid', CANDLE_FIELDS],
    ['what was paid alone', []],
  ] as const)('says %s as its rows come to, however the head moves', (_, fields) => {
    const history = new History(
      marketOf({ seed: 6, dtype: 'float64', capacity: 5000, instruments: INSTRUMENTS }),
    );
    finish(history.moveTo(50_000));
    const { grid } = history.market;
    const wanted = candlesWantedOf(fields, COLUMNS, cutOf(grid, RESOLUTION, 1, { isPaid: true }));
    expect(wanted.isTraded).toBe(true);
    const forming = new FormingCandles(history, wanted);
    const next = sequence(9);
    let advanced = 0;
    for (let round = 0; round < 150; round++) {
      const far = round % 20 === 19 ? 3000 : Math.floor(next() ** 3 * 90);
      finish(history.moveTo(history.head + 1 + far));
      if (forming.advance()) {
        advanced += 1;
      } else {
        const read = forming.read();
        finish(read.recent());
        for (const n of COLUMNS.keys()) finish(read.column(n));
        read.done();
        if (!read.isRecent) finish(history.trades.follow(COLUMNS));
      }
      const { lists } = forming;
      const start = lists.time[0]!;
      // Where a candle has ended and none of the next one's rows is there, nothing forms.
      if (indexFrom(grid, start) === history.head) continue;
      expect(timeOf(grid, history.head - 1) - start).toBeLessThan(RESOLUTION.ms);
      const expected = folded(history, start);
      for (const n of COLUMNS.keys()) {
        const own = said(lists, n);
        const isSaid = (place: number) => fields.length > 0 || place < 4 || place > 5;
        expect(own).toEqual(
          expected[n]!.map((value, place) => (isSaid(place) ? value : undefined)),
        );
      }
      const before = forming.finalOf(RESOLUTION.numberOf(start) - 1);
      if (before === undefined) continue;
      const final = folded(history, start - RESOLUTION.ms);
      for (const n of COLUMNS.keys()) expect(said(before, n).slice(6)).toEqual(final[n]!.slice(6));
    }
    expect(advanced).toBeGreaterThan(100);
    expect(advanced).toBeLessThan(150);
  });
});
