import { describe, expect, it } from 'vitest';
import { History } from '../../../src/core/history/history.ts';
import { finish } from '../../../src/core/market/finish.ts';
import { BLOCK_ROWS, ERA_ROWS } from '../../../src/core/market/grid.ts';
import { tradesCost } from '../../../src/host/budgets/trades-cost.ts';
import { marketOf } from '../../helpers/market.ts';

/** What trades cost that are read of many columns. */

const COUNT = 100;
const HEAD = 2 * ERA_ROWS;
const FROM = ERA_ROWS + 5000;

function historyOf(model: string, tradesPerDay = 20_000): History {
  const defaults = { model, tradesPerDay };
  const market = marketOf({ count: COUNT, interval: 1000, capacity: 10, dtype: 'int32', defaults });
  const history = new History(market, 10);
  finish(history.trades.moveTo(HEAD));
  return history;
}

function costOf(history: History, columns: number): number {
  const reading = { isAlone: false, isFirst: false, columns };
  return tradesCost(history, 0, 3, [FROM, FROM + 10], 'bin', reading);
}

describe('the cost of trades of many columns', () => {
  it('is that of the rows of `market` that are made, not of their block', () => {
    const history = historyOf('market');
    expect(costOf(history, 1)).toBeGreaterThan(130 * BLOCK_ROWS);
    const cost = costOf(history, COUNT);
    expect(cost).toBeGreaterThan(25_000 + 130 * 138);
    expect(cost).toBeLessThan(100_000);
  });

  it('is that of the prices of a block of other models, and of their rows', () => {
    const history = historyOf('gbm');
    const cost = costOf(history, COUNT);
    expect(cost).toBeGreaterThan(20 * BLOCK_ROWS);
    expect(cost).toBeLessThan(20 * BLOCK_ROWS + 60_000);
    expect(costOf(history, 1)).toBeGreaterThan(80 * BLOCK_ROWS);
  });

  it('is the same as of one column where few rows have a trade', () => {
    const history = historyOf('market', 24);
    expect(costOf(history, COUNT)).toBe(costOf(history, 1));
  });

  it('is not that of rows that are kept at the head', () => {
    const history = historyOf('market');
    finish(history.trades.follow([0]));
    const reading = { isAlone: false, isFirst: false, columns: COUNT };
    const cost = tradesCost(history, 0, 3, [HEAD - 10, HEAD], 'bin', reading);
    expect(cost).toBeLessThan(10_000);
  });
});
