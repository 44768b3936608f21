import { timeOf } from '../market/grid.ts';
import { DAY_MS } from '../market/time.ts';
import { newEachTrade } from '../market/trading/each-trade.ts';
import type { Timeline } from '../timeline/timeline.ts';
import { RowsTruth } from './rows-truth.ts';
import type { Truth, TruthSource } from './truth.ts';

/** What is said of a trade beside its number; its time in microseconds since 1970. */
export const TRADE_FIELDS = ['time', 'price', 'lots', 'side'] as const;

/** Trades that are made at a time. */
const MADE_TRADES = 2 ** 8;
/** The same where most rows have none, and each is sought. */
const FEW_TRADES = 2 ** 4;
/** Rows that are made at a time where few of them have a trade. */
const FEW_ROWS = 64;

/** Consecutive trades of a column. */
interface Made {
  from: number;
  next: number;
  /** One list for each of the fields. */
  readonly values: readonly Float64Array[];
}

/** The trades of a market. Their places are their numbers. */
export class TradesTruth implements Truth {
  readonly what = 'trades';
  readonly timeline: Timeline;
  readonly fields: readonly string[] = TRADE_FIELDS;
  readonly arePrices = TRADE_FIELDS.map((field) => field === 'price');
  readonly isShared = false;
  readonly #source: TruthSource;
  readonly #many: RowsTruth;
  readonly #few: RowsTruth;
  readonly #made: (Made | undefined)[] = [];
  /** Of each column, how many trades there are before a row, and that row. */
  readonly #ends: { head: number; trades: number }[] = [];
  readonly #some = newEachTrade(MADE_TRADES);

  constructor(source: TruthSource) {
    this.timeline = source.timeline;
    this.#source = source;
    this.#many = new RowsTruth(source, ['bid', 'ask', 'aggressor']);
    this.#few = new RowsTruth(source, ['bid', 'ask', 'aggressor'], FEW_ROWS);
  }

  placeOf(column: number, number: number): number {
    if (!Number.isSafeInteger(number) || number < 0) return -1;
    return number < this.#endOf(column) ? number : -1;
  }

  keyOf(_column: number, number: number): number {
    return number;
  }

  rowOf(column: number, number: number): number {
    return this.timeline.rowOfTrade(column, number) ?? this.#source.head() - 1;
  }

  placesIn(column: number, sinceMs: number, untilMs: number): readonly [number, number] {
    const [from, next] = this.#many.placesIn(column, sinceMs, untilMs);
    const { timeline } = this;
    return [timeline.tradesBefore(column, from), timeline.tradesBefore(column, next)];
  }

  has(column: number, number: number): boolean {
    const made = this.#made[column];
    return made !== undefined && number >= made.from && number < made.next;
  }

  valueAt(column: number, number: number, field: number): number {
    const made = this.#made[column]!;
    return made.values[field][number - made.from];
  }

  *make(column: number, number: number): Generator<void, void, void> {
    const made = this.#madeOf(column);
    made.next = made.from;
    const isRare = this.#rateOf(column) * FEW_ROWS < 1;
    const rows = isRare ? this.#few : this.#many;
    const count = isRare ? FEW_TRADES : MADE_TRADES;
    const next = Math.min(this.#endOf(column), number + count);
    const { grid } = this.timeline;
    const some = this.#some;
    this.timeline.fillEachTrade(some, column, number, next);
    const [time, price, lots, side] = made.values;
    const indexes = some.rows.slice(0, next - number);
    for (let n = 0; n < indexes.length; n++) {
      time[n] = timeOf(grid, indexes[n]) * 1000 + some.micros[n];
      lots[n] = some.lots[n];
    }
    for (let n = 0; n < indexes.length; n++) {
      const index = indexes[n];
      if (!rows.has(column, index)) yield* rows.make(column, index);
      side[n] = rows.valueAt(column, index, 2);
      price[n] = rows.valueAt(column, index, side[n] === 1 ? 1 : 0);
    }
    made.from = number;
    made.next = next;
    yield;
  }

  /** The number of the first trade that may not be read. */
  #endOf(column: number): number {
    const head = this.#source.head();
    const known = this.#ends[column];
    if (known?.head === head) return known.trades;
    const trades = this.timeline.tradesBefore(column, head);
    this.#ends[column] = { head, trades };
    return trades;
  }

  /** Trades of a row, on average. */
  #rateOf(column: number): number {
    const { instruments, grid } = this.timeline;
    return (instruments[column].trading.tradesPerDay * grid.intervalMs) / DAY_MS;
  }

  #madeOf(column: number): Made {
    const known = this.#made[column];
    if (known !== undefined) return known;
    const values = TRADE_FIELDS.map(() => new Float64Array(MADE_TRADES));
    const made = { from: 0, next: 0, values };
    this.#made[column] = made;
    return made;
  }
}
