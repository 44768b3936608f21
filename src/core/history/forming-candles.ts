import { type CandleLists, newCandleLists, setPaid } from '../market/candle-lists.ts';
import { PaidSums, TradeSums } from '../market/fields.ts';
import { Fold } from '../market/models/model.ts';
import type { CandlePlace, CandleRows } from './candle-rows.ts';
import { foldRows } from './candles.ts';
import type { History } from './history.ts';
import { readRows } from './read-rows.ts';
import { type CandlesWanted, wantedOf } from './wanted.ts';

/** Values that are folded in one go, if they are of more than one row: a tenth of a millisecond. */
const MOST_AT_ONCE = 2 ** 15;

/**
 * The candle that forms, of some columns, as of a row; and the one before it, once that is final.
 *
 *     rows   … │ final        │ folded ── next │ …
 *              └─ candle ─────┴─ candle of `next` ─┘
 *
 * A new row costs a look at each column, however long the candle is. It is never ahead of the head,
 * so all that it knows is readable for good.
 */
export class FormingCandles {
  readonly #history: History;
  readonly #rows: CandleRows;
  readonly #wanted: CandlesWanted;
  readonly #fold = new Fold();
  #lists: CandleLists;
  #candle: CandlePlace;
  /** The rows of the candle before this one are folded. */
  #next: number;
  #final: { readonly number: number; readonly lists: CandleLists } | undefined;
  readonly #scratch: Uint32Array;
  /** What was paid, of each column, if it is wanted. */
  #paid: readonly PaidSums[];

  constructor(history: History, wanted: CandlesWanted) {
    this.#history = history;
    this.#rows = wanted.cut.rows;
    this.#wanted = wanted;
    this.#candle = this.#rows.at(history.head);
    this.#next = -1;
    this.#lists = this.#newLists(this.#candle);
    this.#paid = wanted.cut.isPaid ? wanted.columns.map(() => new PaidSums()) : [];
    this.#scratch = new Uint32Array(1);
  }

  /** How it stands: one candle of each column. */
  get lists(): CandleLists {
    return this.#lists;
  }

  /**
   * Folds the rows up to the head. False if they are not at hand, or too many: then `read` does
   * that.
   */
  advance(): boolean {
    const { head } = this.#history;
    if (this.#next > head) throw new Error('a candle that forms is never ahead of the head');
    if (this.#next === head) return true;
    if (!this.#canAdd(this.#next, head)) {
      const candle = this.#rows.at(head);
      if (!this.#canAdd(candle.from, head)) return false;
      this.#begin(candle);
    }
    while (this.#next < head) {
      const next = Math.min(head, this.#candle.next);
      this.#add(next);
      if (next < this.#candle.next) continue;
      this.#final = { number: this.#candle.number, lists: this.#lists };
      this.#begin(this.#rows.at(next));
    }
    return true;
  }

  /** The index after the last row of a candle that is folded; undefined if it is not this one. */
  nextOf(candle: CandlePlace): number | undefined {
    return this.#next >= 0 && this.#candle.number === candle.number ? this.#next : undefined;
  }

  /** Folds rows while nobody is told, if enough wait: so that they never are too many. */
  keepUp(): void {
    const values = (this.#history.head - this.#next) * this.#wanted.columns.length;
    if (values >= MOST_AT_ONCE / 8) this.advance();
  }

  /** A candle with all its rows, if it is the last that has them all. */
  finalOf(number: number): CandleLists | undefined {
    if (this.#next >= 0 && this.#candle.number === number) this.advance();
    return this.#final?.number === number ? this.#final.lists : undefined;
  }

  /** What is to be folded of the candle that forms at the head, however old its rows are. */
  read(): FormingRead {
    const { head } = this.#history;
    const candle = this.#rows.at(head);
    const isBegun = this.#next >= candle.from && this.#next <= head;
    const from = isBegun ? this.#next : candle.from;
    const lists = this.#newLists(candle);
    if (isBegun && from > candle.from) {
      for (const [name, values] of Object.entries(this.#lists.values)) {
        lists.values[name as 'open']!.set(values);
      }
    }
    const paid = this.#paid.map((sums) => {
      const own = new PaidSums();
      if (from > candle.from) own.addSums(sums);
      return own;
    });
    const isRecent = this.#wanted.isTraded && this.#history.trades.isNew(from);
    const range = { from, next: head, isFirst: from === candle.from, isRecent };
    return {
      ...range,
      column: (n) => this.#readColumn(lists, n, range, paid[n]),
      recent: () => this.#readRecent(lists, range),
      done: () => {
        // It may have been read in another way meanwhile.
        if (this.#next >= head) return;
        this.#candle = candle;
        this.#lists = lists;
        this.#paid = paid;
        this.#next = head;
      },
    };
  }

  *#readColumn(
    lists: CandleLists,
    n: number,
    range: ReadRange,
    paid: PaidSums | undefined,
  ): Generator<number, void, void> {
    const fold = new Fold();
    const sums = new TradeSums();
    const column = this.#wanted.columns[n]!;
    const isSummed = this.#wanted.isTraded && !range.isRecent;
    const summed = isSummed ? sums : undefined;
    yield* foldRows(fold, summed, this.#history, column, range.from, range.next);
    merge(lists, n, fold, range.isFirst);
    const { volume, trades } = lists.values;
    if (volume !== undefined) volume[n]! += sums.volume;
    if (trades !== undefined) trades[n]! += sums.trades;
    if (paid === undefined) return;
    yield* this.#history.trades.foldPaid(paid, column, range.from, range.next);
    setPaid(lists.paid!, n, paid);
  }

  /** Adds up what was traded in recent rows, and has them kept for the next. */
  *#readRecent(lists: CandleLists, { from, next }: ReadRange): Generator<void, void, void> {
    const { fields, columns } = this.#wanted;
    const wanted = { ...wantedOf(fields, columns), isTraded: true };
    const rows = yield* readRows(this.#history, wanted, from, next);
    for (const [f, field] of fields.entries()) {
      const sums = lists.values[field]!;
      for (let n = 0; n < columns.length; n++) {
        for (const value of rows.at(f * columns.length + n)) sums[n]! += value;
      }
      yield;
    }
  }

  /** Whether the rows `[from, head)` can be folded at once. */
  #canAdd(from: number, head: number): boolean {
    const { ring, trades } = this.#history;
    const { columns, isTraded } = this.#wanted;
    if (from < ring.tail || from < 0) return false;
    const rows = head - from;
    if (rows > 1 && rows * columns.length > MOST_AT_ONCE) return false;
    return !isTraded || rows === 0 || trades.has(columns, from);
  }

  #begin(candle: CandlePlace): void {
    this.#candle = candle;
    this.#next = candle.from;
    this.#lists = this.#newLists(candle);
    for (const sums of this.#paid) sums.clear();
  }

  #newLists({ startMs }: CandlePlace): CandleLists {
    const { fields, columns, cut } = this.#wanted;
    return newCandleLists(fields, columns.length, [startMs], cut.isPaid);
  }

  /** Folds the rows up to `next`, all of this candle, which the ring holds. */
  #add(next: number): void {
    const from = this.#next;
    if (from === next) return;
    const isFirst = from === this.#candle.from;
    if (next - from === 1) this.#addRow(from, isFirst);
    else this.#addRows(from, next, isFirst);
    if (this.#wanted.isTraded) this.#addTrades(from, next);
    if (this.#wanted.cut.isPaid) this.#addPaid(from, next);
    this.#next = next;
  }

  #addRow(index: number, isFirst: boolean): void {
    const { ring } = this.#history;
    const { columns } = this.#wanted;
    const { open, high, low, close } = this.#lists.values;

    for (let n = 0; n < columns.length; n++) {
      const price = ring.priceAt(columns[n]!, index);
      if (isFirst) open[n] = price;
      if (isFirst || price > high[n]!) high[n] = price;
      if (isFirst || price < low[n]!) low[n] = price;
      close[n] = price;
    }
  }

  #addRows(from: number, next: number, isFirst: boolean): void {
    const { columns } = this.#wanted;
    const fold = this.#fold;
    for (let n = 0; n < columns.length; n++) {
      fold.clear();
      this.#history.fold(fold, columns[n]!, from, next);
      merge(this.#lists, n, fold, isFirst);
    }
  }

  #addPaid(from: number, next: number): void {
    const { trades } = this.#history;
    for (const [n, column] of this.#wanted.columns.entries()) {
      const sums = this.#paid[n]!;
      if (!trades.addRecentPaid(sums, column, from, next)) {
        throw new Error('rows that are added up are at hand');
      }
      setPaid(this.#lists.paid!, n, sums);
    }
  }

  #addTrades(from: number, next: number): void {
    const { columns, fields } = this.#wanted;
    const rows = next - from;
    const scratch = rows === 1 ? this.#scratch : new Uint32Array(rows);
    for (const field of fields) {
      const sums = this.#lists.values[field]!;
      for (let n = 0; n < columns.length; n++) {
        this.#history.trades.copy(scratch, 0, field, columns[n]!, from, next);
        for (let row = 0; row < rows; row++) sums[n]! += scratch[row]!;
      }
    }
  }
}

interface ReadRange {
  /** The rows `[from, next)` are folded; the head may move on meanwhile. */
  readonly from: number;
  readonly next: number;
  /** Whether the first of them begins the candle. */
  readonly isFirst: boolean;
  /** Whether `recent` adds up what was traded. */
  readonly isRecent: boolean;
}

/** A read of a candle that forms: recent trades, then column by column, then it is done. */
export interface FormingRead extends ReadRange {
  recent(): Generator<void, void, void>;
  /** Folds the nth column; yields how many rows it has folded since it last yielded. */
  column(n: number): Generator<number, void, void>;
  done(): void;
}

function merge({ values }: CandleLists, n: number, fold: Fold, isFirst: boolean): void {
  const { open, high, low, close } = values;
  if (fold.rows === 0) return;
  if (isFirst) open[n] = fold.open;
  if (isFirst || fold.high > high[n]!) high[n] = fold.high;
  if (isFirst || fold.low < low[n]!) low[n] = fold.low;
  close[n] = fold.close;
}
