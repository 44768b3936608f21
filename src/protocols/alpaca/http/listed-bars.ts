import { foldCandles, newCandles } from '../../../core/history/candles.ts';
import type { History } from '../../../core/history/history.ts';
import { rateOf } from '../../../core/history/read-trades.ts';
import { indexFrom, timeOf } from '../../../core/market/grid.ts';
import type { Resolution } from '../../../core/market/resolution.ts';
import { calendarOfColumn } from '../../../core/realism/stretches.ts';
import { checkRows } from '../../../host/budgets/bounds.ts';
import { candlesCost, candlesLookingCost } from '../../../host/budgets/candles-cost.ts';
import { rowsOf } from '../../../host/budgets/paid-cost.ts';
import { TRADE_LOOK_COST } from '../../../host/budgets/trades-cost.ts';
import type { Pay } from '../../../host/budgets/work.ts';
import { BAR_FIELDS, barAt, type Item } from '../items.ts';
import {
  isEmpty,
  type Listed,
  NOWHERE,
  type Places,
  type Portion,
  type ReadItems,
} from './items.ts';
import type { Range } from './parameters.ts';

/** Candles are folded for one bar at most, where most have no trade. */
const MOST_PER_BAR = 8;
/** Trades of a candle that seldom has none. */
const SELDOM_NONE = 4;
/** Days of a week over those of its business. */
const WEEK = 7 / 5;
/** Rows of one bar: more than a year of 100 ms. What is known of more is not looked for. */
const MOST_BAR_ROWS = 2 ** 29;
/** Bars that are made between two yields. */
const BARS_PER_STEP = 256;

export interface ListedBarsOptions {
  readonly history: History;
  /** Bars are as they were then. */
  readonly head: number;
  readonly resolution: Resolution;
  /** Of when they begin. */
  readonly range: Range;
  readonly isDown: boolean;
  readonly pay: Pay;
}

/**
 * Candles in which something was traded, the newest too. Their places are the numbers of candles.
 * Where none was, because the market was closed, the clock of trades says which is the next.
 */
export class ListedBars implements Listed {
  readonly name = 'bars';
  readonly lookCost = 2 * TRADE_LOOK_COST;
  readonly isFinal: boolean;
  readonly rowsEach: number;
  readonly #options: ListedBarsOptions;
  readonly #places: Places;

  constructor(options: ListedBarsOptions) {
    this.#options = options;
    const { history, head, resolution, range } = options;
    const { grid } = history.market;
    this.rowsEach = Math.max(1, resolution.ms / grid.intervalMs);
    const first = resolution.numberOf(grid.originMs);
    const end = resolution.numberOf(timeOf(grid, head - 1)) + 1;
    const from = resolution.numberOf(Math.ceil(range.startMicros / 1000) - 1) + 1;
    const next = resolution.numberOf(Math.floor(range.endMicros / 1000)) + 1;
    this.isFinal = indexFrom(grid, resolution.startOf(next)) <= head;
    this.#places =
      head === 0 ? NOWHERE : { from: Math.max(first, from), next: Math.min(end, next) };
  }

  placesOf(column: number): Places {
    return this.trimmed(column, this.#places);
  }

  trimmed(column: number, places: Places): Places {
    if (isEmpty(places)) return NOWHERE;
    const { history, resolution, isDown } = this.#options;
    const { market, timeline } = history;
    const before = (row: number) => timeline.tradesBefore(column, row);
    const [from, next] = [this.#rowFrom(places.from), this.#rowFrom(places.next)];
    const [first, end] = [before(from), before(next)];
    if (first === end) return NOWHERE;
    const inner = isDown
      ? before(this.#rowFrom(places.next - 1))
      : before(this.#rowFrom(places.from + 1));
    // As a rule the bar at the end has trades.
    if (inner !== (isDown ? end : first)) return places;
    const row = timeline.rowOfTrade(column, isDown ? end - 1 : first)!;
    const number = resolution.numberOf(timeOf(market.grid, row));
    return isDown ? { from: places.from, next: number + 1 } : { from: number, next: places.next };
  }

  sizeOf(column: number, _places: Places, left: number): number {
    return left * this.#perBar(column);
  }

  costOf(column: number, places: Places): number {
    const { history, resolution, pay } = this.#options;
    const range = this.#timesOf(places);
    const asked = { resolution, fields: BAR_FIELDS, format: 'json' } as const;
    const [from, next] = rowsOf(history, range);
    if (places.next - places.from === 1) checkRows('timeframe', next - from, MOST_BAR_ROWS);
    pay(candlesLookingCost(history, [column], range, asked));
    return candlesCost(history, column, range, asked);
  }

  *read(column: number, portion: Portion): Generator<unknown, ReadItems, void> {
    const { history, head, resolution, isDown } = this.#options;
    const instrument = history.market.instruments[column]!;
    const candles = newCandles(BAR_FIELDS);
    yield* foldCandles(candles, history, column, resolution, this.#timesOf(portion), head);
    const items: Item[] = [];
    const count = candles.time.length;
    let read: Places = portion;
    for (let k = 0; k < count && items.length < portion.most; k++) {
      if (k % BARS_PER_STEP === BARS_PER_STEP - 1) yield;
      const n = isDown ? count - 1 - k : k;
      if (candles.trades![n] === 0) continue;
      items.push(barAt(instrument, candles, n));
      if (items.length < portion.most) continue;
      const number = resolution.numberOf(candles.time[n]!);
      read = isDown
        ? { from: number, next: portion.next }
        : { from: portion.from, next: number + 1 };
    }
    return { items, read };
  }

  /** How many candles may be folded for a bar. */
  #perBar(column: number): number {
    const { history, resolution } = this.#options;
    const { market } = history;
    if (market.instruments[column]!.model.kind !== 'market') return 1;
    const openShare = calendarOfColumn(market, column)?.openShare ?? 1;
    const closed = openShare === 1 ? 1 : WEEK / openShare;
    const trades = (rateOf(market, column) * resolution.ms) / market.grid.intervalMs / openShare;
    return Math.min(MOST_PER_BAR, Math.ceil(closed * Math.max(1, SELDOM_NONE / trades)));
  }

  #timesOf({ from, next }: Places) {
    const { resolution } = this.#options;
    return { fromMs: resolution.startOf(from), toMs: resolution.startOf(next) };
  }

  #rowFrom(number: number): number {
    const { history, head, resolution } = this.#options;
    const row = indexFrom(history.market.grid, resolution.startOf(number));
    return Math.min(head, Math.max(0, row));
  }
}
