import type { History } from '../core/history/history.ts';
import { rateOf, readTrades } from '../core/history/read-trades.ts';
import { newTradeLists, type TradeLists } from '../core/market/trading/trade-lists.ts';
import { keepsErasOf } from '../host/budgets/eras-cost.ts';
import { tradesCost, tradesReachCost } from '../host/budgets/trades-cost.ts';
import type { Format } from '../host/budgets/writing-cost.ts';
import type { TradesEncoder } from './encoder.ts';
import { type Piece, Reading } from './reading.ts';

/** Columns that are looked at between two yields. */
const COLUMNS_PER_STEP = 2 ** 5;
/** A message is as good as full then: who seeks further finds little. */
const FULL = 0.75;

/** Rows `[from, next)`, and which trades of each column are in them. */
export interface TradedRange {
  readonly from: number;
  readonly next: number;
  /** The number of the first of each column. */
  readonly first: readonly number[];
  readonly counts: readonly number[];
  readonly trades: number;
}

/** The trades of `columns` in the rows `[from, next)`, counted. */
export function rangeOf(
  history: History,
  columns: readonly number[],
  from: number,
  next: number,
): TradedRange {
  const before = (row: number) => columns.map((col) => history.timeline.tradesBefore(col, row));
  const first = before(from);
  return rangeBetween(from, next, first, before(next));
}

function rangeBetween(
  from: number,
  next: number,
  first: readonly number[],
  end: readonly number[],
): TradedRange {
  const counts = end.map((number, n) => number - first[n]!);
  return { from, next, first, counts, trades: sumOf(counts) };
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** Where the trades of each column begin in lists of all. */
export function startsOf({ counts }: TradedRange): readonly number[] {
  let next = 0;
  return counts.map((count) => {
    next += count;
    return next - count;
  });
}

/** Reads the trades of one column into lists, from `at` on. */
export function* readColumn(
  lists: TradeLists,
  history: History,
  column: number,
  { from, first, counts }: TradedRange,
  n: number,
  at: number,
): Generator<void, void, void> {
  const count = counts[n]!;
  if (count === 0) return;
  const read = yield* readTrades(history, column, first[n]!, first[n]! + count, {
    near: from,
    columns: counts.length,
  });
  const rowMicros = history.market.grid.intervalMs * 1000;
  for (let k = 0; k < count; k++) {
    lists.micros[at + k] = (read.rows[k]! - from + 1) * rowMicros + read.micros[k]!;
  }
  lists.prices.set(read.prices, at);
  lists.lots.set(read.lots, at);
  lists.sides.set(read.sides, at);
}

interface TradeReadingOptions {
  readonly history: History;
  readonly columns: readonly number[];
  readonly from: number;
  /** The most trades that a message holds, unless it is of one row. */
  readonly most: number;
  /** Whether a message holds one row, however few trades that has. */
  readonly isByRow: boolean;
  readonly format: Format;
  readonly encoder: TradesEncoder;
  /** Whether none was read before, with which the eras of their rows would have been settled. */
  readonly isFirst: boolean;
  /** The time of the row before the first. */
  readonly sinceMs: number;
  readonly done: (range: TradedRange, body: Uint8Array) => void;
}

/** Reads trades from a row on, as many rows as fit a message, and makes their body. */
export class TradeReading extends Reading {
  readonly #options: TradeReadingOptions;
  #range: TradedRange | undefined;

  constructor(options: TradeReadingOptions) {
    super();
    this.#options = options;
  }

  protected *pieces(): Generator<Piece, void, void> {
    const { history, columns, from, format } = this.#options;
    yield { cost: tradesReachCost(columns.length), steps: this.#reach() };
    const range = this.#range!;
    const lists = newTradeLists(range.first, range.counts);
    const rows = [from, range.next] as const;
    // Eras of so many columns are settled again for each message.
    const isFirst = this.#options.isFirst || !keepsErasOf(history.market, columns);
    // It pays for what it comes to: the rows of readers are next to one another.
    const reading = { isAlone: false, isFirst, columns: columns.length };
    const starts = startsOf(range);
    for (const [n, column] of columns.entries()) {
      const cost = tradesCost(history, column, range.counts[n]!, rows, format, reading);
      yield { cost, steps: readColumn(lists, history, column, range, n, starts[n]!) };
    }
    yield { cost: 0, steps: this.#encode(range, lists) };
  }

  *#encode(range: TradedRange, lists: TradeLists): Generator<void, void, void> {
    const { encoder, sinceMs, columns, done } = this.#options;
    done(range, yield* encoder.encode(lists, sinceMs, columns));
  }

  /** Finds how far to read: at least one row, at most to the head. */
  *#reach(): Generator<void, void, void> {
    const { history, columns, from, most, isByRow } = this.#options;
    const { trades } = history;
    const change = isByRow ? from + 1 : history.timeline.nextChange(from);
    const head = Math.min(history.head, change);
    // Whoever reads at the head comes back for the next rows.
    if (trades.isNew(from)) yield* trades.follow(columns);
    const first = yield* this.#before(from);
    const ratio = columns.reduce((sum, column) => sum + rateOf(history.market, column), 0);
    let step = Math.max(1, Math.floor(most / Math.max(ratio, 1e-9)));
    let low = rangeBetween(from, from, first, first);
    let end = head + 1;
    while (end - low.next > 1 && low.next < head && low.trades < FULL * most) {
      const middle = low.next + Math.max(1, Math.floor((end - low.next) / 2));
      const next = Math.min(head, end > head ? low.next + step : middle);
      const range = rangeBetween(from, next, first, yield* this.#before(next));
      if (range.trades <= most || next === from + 1) low = range;
      else end = next;
      if (range.trades > most && next === from + 1) break;
      step *= 2;
    }
    this.#range = low;
  }

  /** How many trades of each column there were before a row. */
  *#before(row: number): Generator<void, number[], void> {
    const { history, columns } = this.#options;
    const counts: number[] = [];
    for (const column of columns) {
      counts.push(history.timeline.tradesBefore(column, row));
      if (counts.length % COLUMNS_PER_STEP === 0) yield;
    }
    return counts;
  }
}
