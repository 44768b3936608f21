import { describe, expect, it } from 'vitest';
import { History } from '../../../src/core/history/history.ts';
import { RollingStatistics } from '../../../src/core/history/rolling-statistics.ts';
import { spanStatistics } from '../../../src/core/history/span-statistics.ts';
import { finish } from '../../../src/core/market/finish.ts';
import { BLOCK_ROWS } from '../../../src/core/market/grid.ts';
import { followingCost, spanCost } from '../../../src/host/budgets/statistics-cost.ts';
import { sequence } from '../../core/market/statistics.ts';
import { marketOf } from '../../helpers/market.ts';
import { counter } from '../../helpers/steps.ts';

const COLUMNS = [0, 1, 2];
/** Of a row of which quotes and trades are made. */
const TRADES = 60;

function historyOf(): History {
  const instruments = ['a', { symbol: 'g', model: 'gbm' }, { symbol: 'm', model: 'market' }];
  const history = new History(marketOf({ seed: 3, capacity: 500, instruments }));
  finish(history.moveTo(60_000));
  return history;
}

/** What is made of rows while `steps` run. */
function madeBy(history: History, steps: () => Iterable<unknown>): number {
  const { counted, restore } = counter(
    history.market as never,
    'fillTrades' as never,
    (...[, , , from = 0, next = BLOCK_ROWS]: number[]) => next - from,
  );
  for (const _ of steps());
  restore();
  return counted();
}

describe('the cost of statistics that follow the head', () => {
  it('is never less than that of the rows that are made, and next to nothing at the head', () => {
    const history = historyOf();
    const rolling = new RollingStatistics(history, 3_600_000, 0, 2 ** 24);
    const next = sequence(6);
    for (let round = 0; round < 60; round++) {
      const behind = rolling.behind(0)!;
      const cost = followingCost(rolling, history, COLUMNS);
      const made = madeBy(history, () => rolling.follow(COLUMNS, true));
      expect(cost).toBeGreaterThanOrEqual(made * TRADES);
      if (made === 0) expect(cost).toBe(COLUMNS.length * behind * 40);
      expect(followingCost(rolling, history, COLUMNS)).toBe(0);
      const rows = round % 20 === 19 ? 5000 : Math.floor(next() ** 3 * 900);
      finish(history.moveTo(history.head + 1 + rows));
    }
  });
});

describe('the cost of statistics of some rows', () => {
  it('is never less than that of the rows that are made', () => {
    const history = historyOf();
    const next = sequence(7);
    for (let round = 0; round < 40; round++) {
      const column = round % 3;
      const from = Math.floor(next() * 59_000);
      const end = from + 1 + Math.floor(next() ** 3 * (59_000 - from));
      const cost = spanCost(history, column, from, end);
      const made = madeBy(history, () => spanStatistics(history, column, from, end));
      expect(cost).toBeGreaterThanOrEqual(made * TRADES);
    }
  });
});
