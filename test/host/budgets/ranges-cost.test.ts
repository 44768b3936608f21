import { afterEach, describe, expect, it } from 'vitest';
import { Feed } from '../../../src/core/feed/feed.ts';
import { timeOf } from '../../../src/core/market/grid.ts';
import { rangesCost, rangesLookingCost } from '../../../src/host/budgets/cost.ts';
import { marketOf } from '../../helpers/market.ts';
import { counter } from '../../helpers/steps.ts';

/** What the last 24 hours of many columns cost, and finding that out. */

const HOUR_ROWS = 3600;
const COLUMNS = 40;

const undo: (() => void)[] = [];
afterEach(() => {
  for (const restore of undo.splice(0)) restore();
});

function feedOf(count: number, rows: number): Feed {
  const market = marketOf({ count, interval: 1000, capacity: 5000, defaults: { model: 'walk' } });
  const feed = new Feed(market);
  for (const _ of feed.fill(timeOf(market.grid, rows - 1)));
  return feed;
}

const columnsOf = (count: number) => Array.from({ length: count }, (_, column) => column);

describe('the ranges of many columns', () => {
  it('cost what those of each cost, however far each was looked at', () => {
    const feed = feedOf(COLUMNS, 30 * HOUR_ROWS);
    const { history } = feed;
    const all = columnsOf(COLUMNS);
    const sumOf = (columns: readonly number[]) =>
      columns.reduce((sum, column) => sum + rangesCost(history, [column]), 0);
    const costs = new Set<number>();
    const steps = [1, 40, 200, HOUR_ROWS, 3 * HOUR_ROWS, 26 * HOUR_ROWS];
    for (const [n, rows] of steps.entries()) {
      expect(rangesCost(history, all)).toBe(sumOf(all));
      for (const column of all) costs.add(rangesCost(history, [column]));
      // Some follow, the others are left where they are.
      const some = all.filter((column) => column % (n + 2) === 0);
      for (const _ of history.day.follow(some));
      expect(rangesCost(history, all)).toBe(sumOf(all));
      for (const _ of feed.fill(timeOf(feed.market.grid, history.head - 1 + rows)));
    }
    expect(costs.size).toBeGreaterThan(6);
  });

  it('are found out without a list for each, once they are followed', () => {
    const { history } = feedOf(3000, 2 * HOUR_ROWS);
    const all = columnsOf(3000);
    const lists = counter(history.day, 'missing');
    undo.push(lists.restore);
    rangesCost(history, all);
    expect(lists.counted()).toBe(3000);
    for (const _ of history.day.follow(all));
    rangesCost(history, all);
    expect(lists.counted()).toBe(3000);
  });

  it('are paid for to be looked at by each', () => {
    expect(rangesLookingCost(10_000)).toBe(10 * rangesLookingCost(1000));
    expect(rangesLookingCost(1)).toBeGreaterThan(0);
  });
});
