import { describe, expect, it } from 'vitest';
import { History } from '../../../src/core/history/history.ts';
import { type ReadTrades, readTrades } from '../../../src/core/history/read-trades.ts';
import { finish } from '../../../src/core/market/finish.ts';
import { BLOCK_ROWS } from '../../../src/core/market/grid.ts';
import { marketOf } from '../../helpers/market.ts';
import { counted } from '../../helpers/steps.ts';

/** What is made for trades of many columns: no more than their rows. */

const COUNT = 100;
const HEAD = 4 * BLOCK_ROWS;

describe.each(['walk', 'gbm', 'market'])('trades of many columns of %s', (model) => {
  const defaults = { model, tradesPerDay: 20_000 };
  const history = new History(
    marketOf({ count: COUNT, dtype: 'int32', interval: 1000, capacity: 10, defaults }),
    10,
  );
  const { market, trades } = history;
  finish(trades.moveTo(HEAD));

  function read(column: number, from: number, next: number, columns?: number): ReadTrades {
    const [first, end] = [market.tradesBefore(column, from), market.tradesBefore(column, next)];
    const near = from;
    return finish(readTrades(history, column, first, end, { near, ...(columns && { columns }) }));
  }

  it('are those of one column, and no block is made for them', () => {
    expect([trades.keepsBlocksOf(1), trades.keepsBlocksOf(COUNT)]).toEqual([true, false]);
    // Within a block, over the border of two, and over all of one.
    for (const [from, next] of [
      [1000, 1020],
      [BLOCK_ROWS - 30, BLOCK_ROWS + 30],
      [BLOCK_ROWS - 500, 2 * BLOCK_ROWS + 500],
    ] as const) {
      const rowsOf = (...[, , , at = 0, stop = BLOCK_ROWS]: Parameters<typeof market.fillTrades>) =>
        stop - at;
      const made = counted(market as never, 'fillTrades' as never, rowsOf as never);
      const all = [0, 1, COUNT - 1].map((column) => read(column, from, next, COUNT));
      expect(made()).toBeLessThanOrEqual(3 * (next - from));
      expect(all.some((one) => one.next > one.from)).toBe(true);
      expect(all).toEqual([0, 1, COUNT - 1].map((column) => read(column, from, next)));
      // What was made of one column alone is kept: it would serve the next.
      trades.forgetFrom(0);
    }
  });
});
