import type { History } from '../../../core/history/history.ts';
import { readTrades } from '../../../core/history/read-trades.ts';
import { BLOCK_ROWS, timeOf } from '../../../core/market/grid.ts';
import { tradesUntil } from '../../../core/market/trades-until.ts';
import { TRADE_LOOK_COST, tradesCost } from '../../../host/budgets/trades-cost.ts';
import type { Pay } from '../../../host/budgets/work.ts';
import { type Item, tradeOf } from '../items.ts';
import { Moment } from '../moment.ts';
import { firstOf, type Listed, type Places, type Portion, type ReadItems } from './items.ts';
import type { Range } from './parameters.ts';

/** Trades that are written between two yields. */
const TRADES_PER_STEP = 256;
/** Blocks that are made for the trades of a column on one page, where most rows have none. */
const MOST_BLOCKS = 2 ** 8;

export interface ListedTradesOptions {
  readonly history: History;
  /** There are those of the rows before it. */
  readonly head: number;
  readonly range: Range;
  readonly isDown: boolean;
  readonly pay: Pay;
}

/** The trades of a range of time. Their places are their numbers. */
export class ListedTrades implements Listed {
  readonly name = 'trades';
  readonly lookCost = 2 * TRADE_LOOK_COST;
  readonly rowsEach = 0;
  readonly isFinal: boolean;
  readonly #history: History;
  readonly #head: number;
  readonly #range: Range;
  readonly #isDown: boolean;
  readonly #pay: Pay;

  constructor({ history, head, range, isDown, pay }: ListedTradesOptions) {
    this.#history = history;
    this.#head = head;
    this.#range = range;
    this.#isDown = isDown;
    this.#pay = pay;
    this.isFinal = range.endMicros < timeOf(history.market.grid, head) * 1000;
  }

  placesOf(column: number): Places {
    const { startMicros, endMicros } = this.#range;
    const from = this.#firstAt(column, startMicros);
    return { from, next: Math.max(from, this.#firstAt(column, endMicros + 1)) };
  }

  trimmed(_column: number, places: Places): Places {
    return places;
  }

  sizeOf(column: number, places: Places, left: number): number {
    const { from, next } = this.#fitting(column, firstOf(places, left, this.#isDown));
    return next - from;
  }

  costOf(column: number, { from, next }: Places): number {
    this.#pay(2 * TRADE_LOOK_COST);
    const rows = [this.#rowOf(column, from), this.#rowOf(column, next - 1) + 1] as const;
    return tradesCost(this.#history, column, next - from, rows, 'json');
  }

  *read(column: number, { from, next }: Portion): Generator<unknown, ReadItems, void> {
    const { market } = this.#history;
    const instrument = market.instruments[column]!;
    const trades = yield* readTrades(this.#history, column, from, next);
    const items: Item[] = [];
    for (let n = 0; n < next - from; n++) {
      const micros = trades.micros[n]!;
      const ms = Math.floor(micros / 1000);
      const time = new Moment(timeOf(market.grid, trades.rows[n]!) + ms, micros - ms * 1000);
      const [price, lots, side] = [trades.prices[n]!, trades.lots[n]!, trades.sides[n]!];
      items.push(tradeOf(instrument, { number: from + n, time, price, lots, side }));
      if (items.length % TRADES_PER_STEP === 0) yield;
    }
    return { items: this.#isDown ? items.reverse() : items, read: { from, next } };
  }

  /** So many of them that not too many blocks are made for those. */
  #fitting(column: number, places: Places): Places {
    const { from, next } = places;
    if (next - from <= MOST_BLOCKS) return places;
    const { timeline } = this.#history;
    const size = (trades: number) => firstOf(places, Math.max(MOST_BLOCKS, trades), this.#isDown);
    if (this.#isDown) {
      const last = Math.floor(this.#rowOf(column, next - 1) / BLOCK_ROWS);
      const first = Math.max(0, last + 1 - MOST_BLOCKS) * BLOCK_ROWS;
      return size(next - timeline.tradesBefore(column, first));
    }
    const first = Math.floor(this.#rowOf(column, from) / BLOCK_ROWS);
    return size(timeline.tradesBefore(column, (first + MOST_BLOCKS) * BLOCK_ROWS) - from);
  }

  #rowOf(column: number, number: number): number {
    return this.#history.timeline.rowOfTrade(column, number)!;
  }

  /** The number of the first trade at a time or later; of the next one, if there is none yet. */
  #firstAt(column: number, micros: number): number {
    return tradesUntil(this.#history.timeline, column, this.#head, micros - 1);
  }
}
