import type { Rows } from './rows.ts';
import { newEachTrade } from './trading/each-trade.ts';

const one = newEachTrade(1);

/**
 * How many trades of rows before `head` happened at or before a time, in microseconds since 1970:
 * the number of the first later one. A row's trades lie in the interval that begins with it.
 */
export function tradesUntil(market: Rows, column: number, head: number, micros: number): number {
  const { originMs, intervalMs } = market.grid;
  const since = Math.floor(micros) - originMs * 1000;
  if (since < 0) return 0;
  // Exact: a quotient of numbers so large would be rounded.
  const within = since % (intervalMs * 1000);
  const row = (since - within) / (intervalMs * 1000);
  if (row >= head) return market.tradesBefore(column, head);
  let from = market.tradesBefore(column, row);
  let next = market.tradesBefore(column, row + 1);
  // Numbers are in the order of time: those before `from` are early enough, those from `next` late.
  while (from < next) {
    const middle = Math.floor((from + next) / 2);
    market.fillEachTrade(one, column, middle, middle + 1, row);
    if (one.micros[0]! <= within) from = middle + 1;
    else next = middle;
  }
  return from;
}
