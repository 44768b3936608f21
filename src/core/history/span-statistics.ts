import { PaidSums, TradeSums } from '../market/fields.ts';
import { Fold } from '../market/models/model.ts';
import { foldPaid, foldRows } from './candles.ts';
import type { History } from './history.ts';
import type { Statistics } from './rolling-state.ts';

/**
 * What the rows `[from, next)` of a column came to, one at least, all of which are readable: as
 * `RollingStatistics` has it of the newest ones. Yields the rows that it looked at.
 */
export function* spanStatistics(
  history: History,
  column: number,
  from: number,
  next: number,
): Generator<number, Statistics, void> {
  const { timeline } = history;
  const [fold, traded, paid] = [new Fold(), new TradeSums(), new PaidSums()];
  yield* foldRows(fold, undefined, history, column, from, next);
  yield* foldPaid(paid, history, column, from, next);
  timeline.foldTrades(traded, column, from, next);
  const { open, high, low, close: last } = fold;
  const firstTrade = timeline.tradesBefore(column, from);
  return {
    ...{ from, next, open, high, low, last },
    before: from === 0 ? open : history.priceAt(column, from - 1),
    volume: traded.volume,
    notional: paid.notional.value,
    firstTrade,
    nextTrade: firstTrade + traded.trades,
  };
}
