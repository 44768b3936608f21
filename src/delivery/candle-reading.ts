import type { CandlePlace } from '../core/history/candle-rows.ts';
import { foldCandles, newCandles, type Candles as ReadCandles } from '../core/history/candles.ts';
import type { FormingCandles, FormingRead } from '../core/history/forming-candles.ts';
import type { History } from '../core/history/history.ts';
import { type CandlesWanted, wantedOf } from '../core/history/wanted.ts';
import { withoutHeldAmong } from '../core/history/without-held.ts';
import {
  CANDLE_PRICES,
  type CandleLists,
  candleValues,
  newCandleLists,
} from '../core/market/candle-lists.ts';
import { PAID_FIELDS, type SumField } from '../core/market/fields.ts';
import { finish } from '../core/market/finish.ts';
import { timeOf } from '../core/market/grid.ts';
import { candlesCost, foldingCost } from '../host/budgets/candles-cost.ts';
import { rowsCost } from '../host/budgets/cost.ts';
import { paidCost } from '../host/budgets/paid-cost.ts';
import { type Format, writingCost } from '../host/budgets/writing-cost.ts';
import type { Encoder } from './encoder.ts';
import { type Piece, Reading, TURN_ROWS } from './reading.ts';

/** It pays for what it comes to: the rows of a candle are next to one another. */
const GOING_ON = { isAlone: false, isFirst: true };

/** Final candles that go into one frame: those of the rows before `next`, but for empty ones. */
export interface Finals {
  readonly first: number;
  /** The number after that of the last. */
  readonly end: number;
  readonly from: number;
  readonly next: number;
  readonly count: number;
  /** How many of them are told. */
  readonly told: number;
}

interface FinalReadingOptions {
  readonly history: History;
  readonly wanted: CandlesWanted;
  readonly finals: Finals;
  readonly encoder: Encoder;
  readonly done: (body: Uint8Array) => void;
}

/** Reads final candles, and makes their body. */
export class FinalReading extends Reading {
  readonly #options: FinalReadingOptions;

  constructor(options: FinalReadingOptions) {
    super();
    this.#options = options;
  }

  protected *pieces(): Generator<Piece, void, void> {
    const { history, wanted, encoder } = this.#options;
    const { columns, cut } = wanted;
    const { resolution } = cut;
    const fields = sumsOf(wanted);
    const how = { resolution, fields, format: encoder.format };
    const read = columns.map(() => newCandles(fields));
    for (const [n, column] of columns.entries()) {
      for (const [first, end] of this.#portions()) {
        const range = { fromMs: resolution.startOf(first), toMs: resolution.startOf(end) };
        yield {
          cost: candlesCost(history, column, range, how),
          steps: foldCandles(read[n]!, history, column, resolution, range),
        };
      }
    }
    yield { cost: 0, steps: this.#encode(read) };
  }

  *#encode(read: readonly ReadCandles[]): Generator<void, void, void> {
    const { wanted, encoder, finals, done } = this.#options;
    const { candles } = encoder;
    if (candles === undefined) throw new Error('an encoder that reads candles writes them');
    const lists = asWanted(this.#options.history, wanted, listsOf(wanted, read), finals.next);
    done(yield* candles.encode(lists, true, wanted, finals.next));
  }

  /** The candles in parts of so many rows, at least one candle each. */
  *#portions(): Generator<readonly [first: number, end: number], void, void> {
    const { first, end, from, next } = this.#options.finals;
    const each = Math.max(1, Math.floor((TURN_ROWS * (end - first)) / Math.max(1, next - from)));
    for (let number = first; number < end; number += each) {
      yield [number, Math.min(end, number + each)];
    }
  }
}

/** Reads a candle that forms, as of where the head is when that begins. */
export class FormingReading extends Reading {
  readonly #history: History;
  readonly #wanted: CandlesWanted;
  readonly #forming: FormingCandles;
  readonly #format: Format;

  constructor(history: History, wanted: CandlesWanted, forming: FormingCandles, format: Format) {
    super();
    this.#history = history;
    this.#wanted = wanted;
    this.#forming = forming;
    this.#format = format;
  }

  protected *pieces(): Generator<Piece, void, void> {
    const { fields, columns } = this.#wanted;
    const read = this.#forming.read();
    if (read.isRecent) {
      const recent = { ...wantedOf(fields, columns), isTraded: true };
      const rows = [read.from, read.next] as const;
      const cost = rowsCost(this.#history, recent, rows, this.#format, GOING_ON);
      yield { cost, steps: read.recent() };
    }
    for (const [n, column] of columns.entries()) {
      yield { cost: this.#costOf(column, read), steps: read.column(n) };
    }
    if (this.#wanted.isTraded && !read.isRecent) {
      // Whoever is told each row needs what is traded in it at once.
      const cost = 0;
      yield { cost, steps: this.#history.trades.follow(columns) };
    }
    read.done();
  }

  #costOf(column: number, { from, next, isRecent }: FormingRead): number {
    const { isTraded, cut } = this.#wanted;
    const { grid } = this.#history.market;
    const range = { fromMs: timeOf(grid, from), toMs: timeOf(grid, next) };
    const isFolded = isTraded && !isRecent;
    const folding = foldingCost(this.#history, column, cut.resolution, range, isFolded);
    const paid = cut.isPaid ? paidCost(this.#history, column, from, next) : 0;
    const values = CANDLE_PRICES.length + sumsOf(this.#wanted).length;
    return folding + paid + writingCost(this.#format, 1, values);
  }
}

/** Final candles folded in one go, of few rows that the ring holds. */
export function foldFinals(history: History, wanted: CandlesWanted, finals: Finals): CandleLists {
  const { columns, cut } = wanted;
  const fields = sumsOf(wanted);
  const { first, end } = finals;
  const { resolution } = cut;
  const range = { fromMs: resolution.startOf(first), toMs: resolution.startOf(end) };
  const read = columns.map((column) => {
    const candles = newCandles(fields);
    finish(foldCandles(candles, history, column, resolution, range));
    return candles;
  });
  return listsOf(wanted, read);
}

/** Whether any column has a candle at a place that is told; it has the rows up to its end. */
export function isTold(
  timeline: History['timeline'],
  { columns, cut }: CandlesWanted,
  { from, next }: CandlePlace,
): boolean {
  if (cut.isHeldToo) return true;
  return !columns.every((column) => timeline.areHeld(column, from, next));
}

/** What is told of candles of the rows before row `next`. */
export function asWanted(
  history: History,
  wanted: CandlesWanted,
  lists: CandleLists,
  next: number,
): CandleLists {
  return wanted.cut.isHeldToo ? lists : withoutHeldAmong(lists, history, wanted, next);
}

/** All that they say beside their prices. */
function sumsOf({ fields, cut }: CandlesWanted): readonly SumField[] {
  return cut.isPaid ? [...fields, ...PAID_FIELDS] : fields;
}

/** Candles of each column, side by side. */
function listsOf({ fields, cut }: CandlesWanted, read: readonly ReadCandles[]): CandleLists {
  const { time } = read[0]!;
  const lists = newCandleLists(fields, read.length, time, cut.isPaid);
  for (const [n, candles] of read.entries()) {
    const at = n * time.length;
    for (const name of candleValues(fields)) lists.values[name]!.set(candles[name]!, at);
    if (lists.paid === undefined) continue;
    lists.paid.bought.set(candles.bought!, at);
    for (const name of ['notional', 'boughtNotional'] as const) {
      lists.paid[name].splice(at, time.length, ...candles[name]!);
    }
  }
  return lists;
}
