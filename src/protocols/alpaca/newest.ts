import { foldCandles, newCandles } from '../../core/history/candles.ts';
import type { History } from '../../core/history/history.ts';
import { readTrades } from '../../core/history/read-trades.ts';
import { indexFrom, timeOf } from '../../core/market/grid.ts';
import {
  formatDuration,
  parseResolution,
  type Resolution,
  UNIT_MS,
} from '../../core/market/resolution.ts';
import { candlesCost } from '../../host/budgets/candles-cost.ts';
import { TRADE_LOOK_COST, tradesCost } from '../../host/budgets/trades-cost.ts';
import { BAR_FIELDS, barAt, type Item, tradeOf } from './items.ts';
import { Moment } from './moment.ts';

/** The newest trade and bars of an instrument, found by the clock of trades: rows may have none. */

export const DAY = parseResolution('1d')!;

/** The bars of streams and snapshots: of a minute, or of a row where those are further apart. */
export function minuteOf(intervalMs: number): Resolution {
  return parseResolution(formatDuration(Math.max(UNIT_MS.m, intervalMs)))!;
}

/** The last trade of the rows before `head`. */
export function* newestTrade(
  history: History,
  column: number,
  head: number,
): Generator<unknown, Item | undefined, void> {
  const { market, timeline } = history;
  const number = timeline.tradesBefore(column, head) - 1;
  if (number < 0) return undefined;
  const read = yield* readTrades(history, column, number, number + 1);
  const micros = read.micros[0]!;
  const ms = Math.floor(micros / 1000);
  const time = new Moment(timeOf(market.grid, read.rows[0]!) + ms, micros - ms * 1000);
  const [price, lots, side] = [read.prices[0]!, read.lots[0]!, read.sides[0]!];
  return tradeOf(market.instruments[column]!, { number, time, price, lots, side });
}

export function newestTradeCost(history: History, column: number, head: number): number {
  if (head === 0) return 0;
  return TRADE_LOOK_COST + tradesCost(history, column, 1, [head - 1, head], 'json');
}

/** A bar, and the number of its candle. */
export interface NumberedBar {
  readonly number: number;
  readonly bar: Item;
}

/** The last bar with a trade in the rows before `end`, as it was when the head was `head`. */
export function* newestBar(
  history: History,
  column: number,
  resolution: Resolution,
  end: number,
  head: number,
): Generator<unknown, NumberedBar | undefined, void> {
  const { market, timeline } = history;
  const trade = timeline.tradesBefore(column, end) - 1;
  if (trade < 0) return undefined;
  const row = timeline.rowOfTrade(column, trade)!;
  const number = resolution.numberOf(timeOf(market.grid, row));
  const range = { fromMs: resolution.startOf(number), toMs: resolution.startOf(number + 1) };
  const candles = newCandles(BAR_FIELDS);
  yield* foldCandles(candles, history, column, resolution, range, head);
  return { number, bar: barAt(market.instruments[column]!, candles, 0) };
}

/** The first row of a candle, or of what there is of it. */
export function rowFrom({ market }: History, resolution: Resolution, number: number): number {
  return Math.max(0, indexFrom(market.grid, resolution.startOf(number)));
}

/** The last bar that is whole; the one that is being made, if there is no other. */
export function* newestWholeBar(
  history: History,
  column: number,
  resolution: Resolution,
  head: number,
): Generator<unknown, NumberedBar | undefined, void> {
  const forming = resolution.numberOf(timeOf(history.market.grid, head));
  const end = Math.min(head, rowFrom(history, resolution, forming));
  const whole = yield* newestBar(history, column, resolution, end, head);
  return whole ?? (yield* newestBar(history, column, resolution, head, head));
}

/** Of one of the newest bars. */
export function newestBarCost(
  history: History,
  column: number,
  resolution: Resolution,
  head: number,
): number {
  if (head === 0) return 0;
  const number = resolution.numberOf(timeOf(history.market.grid, head - 1));
  const range = { fromMs: resolution.startOf(number - 1), toMs: resolution.startOf(number + 1) };
  const asked = { resolution, fields: BAR_FIELDS, format: 'json' } as const;
  return TRADE_LOOK_COST + candlesCost(history, column, range, asked);
}
