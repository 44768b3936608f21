import type { History } from '../../../core/history/history.ts';
import type { Item } from '../items.ts';
import {
  DAY,
  minuteOf,
  newestBar,
  newestBarCost,
  newestTrade,
  newestTradeCost,
  newestWholeBar,
  rowFrom,
} from '../newest.ts';
import { newestBooksCost, newestQuotes } from './newest-quotes.ts';

/** The newest trade, quote and minute of each column, its day and the day before. */
export function* newestSnapshots(
  history: History,
  columns: readonly number[],
  head: number,
): Generator<unknown, readonly Item[], void> {
  const minute = minuteOf(history.market.grid.intervalMs);
  const quotes = yield* newestQuotes(history, columns, head);
  const snapshots: Item[] = [];
  for (const [n, column] of columns.entries()) {
    const latestTrade = yield* newestTrade(history, column, head);
    const minuteBar = yield* newestWholeBar(history, column, minute, head);
    const day = yield* newestBar(history, column, DAY, head, head);
    const end = day === undefined ? 0 : rowFrom(history, DAY, day.number);
    const before = yield* newestBar(history, column, DAY, end, head);
    snapshots.push({
      ...(latestTrade === undefined ? {} : { latestTrade }),
      latestQuote: quotes[n]!,
      ...(minuteBar === undefined ? {} : { minuteBar: minuteBar.bar }),
      ...(day === undefined ? {} : { dailyBar: day.bar }),
      ...(before === undefined ? {} : { prevDailyBar: before.bar }),
    });
    yield;
  }
  return snapshots;
}

/** Found out a column at a time: candles of each are looked for. */
export function* snapshotsCost(
  history: History,
  columns: readonly number[],
  head: number,
): Generator<unknown, number, void> {
  const minute = minuteOf(history.market.grid.intervalMs);
  let cost = newestBooksCost(history, columns, head, 1);
  for (const column of columns) {
    cost += newestTradeCost(history, column, head);
    cost += newestBarCost(history, column, minute, head);
    cost += newestBarCost(history, column, DAY, head);
    yield;
  }
  return cost;
}
