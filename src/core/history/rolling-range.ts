import type { Prices } from '../market/dtype.ts';
import { BLOCK_ROWS } from '../market/grid.ts';
import { Fold } from '../market/models/model.ts';
import { mustBe } from '../market/must-be.ts';
import { eachBlock, eachPiece } from '../market/pieces.ts';
import type { History } from './history.ts';
import { RightRecords } from './right-records.ts';

/** A span is folded in so many steps, or one more. */
const STEPS = 32;
/** And what the first row of a span takes, and the one that is not whole. */
const SLOTS = STEPS + 3;
/** Prices at the far end of a span that are read before they are wanted. */
const OPEN_ROWS = 256;
/** Columns that are fewer rows behind are made to follow while they are read; of all together. */
const NEAR_ROWS = 64;
const MOST_NEAR_ROWS = 2 ** 14;

/** What the newest stretch of an instrument's prices came to, in ticks. */
export interface Range {
  /** A span before the newest row; of a younger market, in its first row. */
  readonly open: number;
  /** Of the rows in (head - span, head]. */
  readonly high: number;
  readonly low: number;
  readonly last: number;
}

/** The rows `[from, next)`. */
type Rows = readonly [from: number, next: number];

/** Of one column. */
interface Rolling {
  /** Highest and lowest of each step, step `n` in slot `n % SLOTS`. */
  readonly highs: Float64Array;
  readonly lows: Float64Array;
  /** The next row to be folded into these. */
  next: number;
  /** Of the step in which the span begins, which it does not cover. */
  records: RightRecords | undefined;
  /** Prices of the rows `[opensFrom, opensNext)`. */
  readonly opens: Prices;
  opensFrom: number;
  opensNext: number;
}

/**
 * The range of prices over a span of time that ends at the head: of the columns that were asked
 * for, and exact. It follows the head when it is read: a row of a column then costs some tens of
 * nanoseconds, whatever the span. Some kilobytes are kept of each column.
 *
 *     │ step │ step │ …            steps of equal length, folded once
 *        from ──────────── head    the span: records of its first step, whole steps, the newest one
 */
export class RollingRange {
  readonly #history: History;
  readonly #spanRows: number;
  readonly #stepRows: number;
  readonly #columns = new Map<number, Rolling>();
  readonly #fold = new Fold();

  /** Throws a `TypeError` unless `spanMs` is a time of more than 0 ms. */
  constructor(history: History, spanMs: number) {
    mustBe(spanMs > 0 && Number.isFinite(spanMs), 'spanMs', 'more than 0', spanMs);
    this.#history = history;
    this.#spanRows = Math.ceil(spanMs / history.market.grid.intervalMs);
    this.#stepRows = Math.ceil(this.#spanRows / STEPS);
  }

  /**
   * Makes `columns` ready to be read, which they are until the next row comes; yields the rows that
   * were folded or read since it last yielded, at most a block.
   */
  *follow(columns: readonly number[]): Generator<number, void, void> {
    let near = Math.min(NEAR_ROWS, Math.ceil(MOST_NEAR_ROWS / columns.length));
    // Rows come meanwhile: until all have been found ready in one go. Where rows come faster than
    // that, more of them are left to whoever reads.
    for (let areReady = false; !areReady; near *= 2) {
      areReady = true;
      for (const column of columns) {
        if (this.#isReady(column, near)) continue;
        areReady = false;
        yield* this.#catchUp(column);
      }
    }
  }

  /** The range of a column that is ready, as of the head. There is a row. */
  read(column: number): Range {
    const { head } = this.#history;
    const rolling = this.#columns.get(column);
    if (rolling === undefined || head === 0) throw new Error('a column is ready before it is read');
    this.#foldTo(rolling, column, head);
    const from = this.from(head);
    const first = Math.ceil(from / this.#stepRows);
    const { highs, lows, records, opens } = rolling;
    const isCut = first * this.#stepRows > from;
    let high = isCut ? records!.highFrom(from) : -Infinity;
    let low = isCut ? records!.lowFrom(from) : Infinity;
    const last = Math.floor((head - 1) / this.#stepRows);
    for (let step = first; step <= last; step++) {
      high = Math.max(high, highs[step % SLOTS]!);
      low = Math.min(low, lows[step % SLOTS]!);
    }
    const open = opens[this.#openIndex(head) - rolling.opensFrom]!;
    return { open, high, low, last: this.#history.priceAt(column, head - 1) };
  }

  /** How many rows of a column are to be folded; Infinity if others must be read first. */
  behind(column: number): number {
    const { head } = this.#history;
    return this.#isReady(column, head) ? head - (this.#columns.get(column)?.next ?? 0) : Infinity;
  }

  /** Rows of a column that are to be read before it is ready. */
  missing(column: number): Rows[] {
    const { head } = this.#history;
    const from = this.from(head);
    const rolling = this.#columns.get(column);
    if (rolling === undefined || rolling.next < this.#wholeFrom(from)) return [[from, head]];
    const all: Rows[] = [[rolling.next, head]];
    if (!this.#hasRecords(rolling, from)) all.push([from, this.#wholeFrom(from)]);
    if (!this.#hasOpen(rolling, head)) {
      const opens = this.#opensWanted(head);
      all.push([Math.max(rolling.opensNext, opens[0]), opens[1]]);
    }
    return all.filter(([first, next]) => first < next);
  }

  /** The first row of the span that ends at `head`. */
  from(head: number): number {
    return Math.max(0, head - this.#spanRows);
  }

  /** The row a span before the newest one: the last one before the span. */
  #openIndex(head: number): number {
    return Math.max(0, head - 1 - this.#spanRows);
  }

  /** Where the first step begins that lies in a span from `from` on. */
  #wholeFrom(from: number): number {
    return Math.ceil(from / this.#stepRows) * this.#stepRows;
  }

  #isReady(column: number, nearRows: number): boolean {
    const { head } = this.#history;
    if (head === 0) return true;
    const rolling = this.#columns.get(column);
    if (rolling === undefined || rolling.next < head - nearRows) return false;
    const from = this.from(head);
    if (rolling.next < this.#wholeFrom(from)) return false;
    return this.#hasRecords(rolling, from) && this.#hasOpen(rolling, head);
  }

  #hasRecords({ records }: Rolling, from: number): boolean {
    const next = this.#wholeFrom(from);
    return next === from || (records?.next === next && records.has(from));
  }

  /** Whether the opening price is there, and those of some rows that follow. */
  #hasOpen({ opensFrom, opensNext }: Rolling, head: number): boolean {
    const index = this.#openIndex(head);
    const wanted = Math.min(OPEN_ROWS / 2, head - index);
    return index >= opensFrom && opensNext - index >= wanted;
  }

  #opensWanted(head: number): Rows {
    const index = this.#openIndex(head);
    return [index, Math.min(head, index + OPEN_ROWS)];
  }

  *#catchUp(column: number): Generator<number, void, void> {
    const { head, market } = this.#history;
    let rolling = this.#columns.get(column);
    if (rolling === undefined) {
      const [highs, lows] = [new Float64Array(SLOTS), new Float64Array(SLOTS)];
      const opens = market.newPrices(OPEN_ROWS);
      const own = { next: 0, records: undefined, opensFrom: 0, opensNext: 0 };
      rolling = { highs, lows, opens, ...own };
      this.#columns.set(column, rolling);
    }
    const from = this.from(head);
    const whole = this.#wholeFrom(from);
    if (!this.#hasOpen(rolling, head)) yield this.#readOpens(rolling, column, head);
    if (!this.#hasRecords(rolling, from)) {
      const room = market.newPrices(Math.min(BLOCK_ROWS, whole - from));
      const rows = [from, Math.min(whole, head)] as const;
      // Another reader may have got further meanwhile.
      const records = yield* RightRecords.of(this.#history, column, rows, room);
      if ((rolling.records?.next ?? 0) <= records.next) rolling.records = records;
    }
    while (rolling.next < head) {
      const start = Math.max(rolling.next, whole);
      const blockNext = (Math.floor(start / BLOCK_ROWS) + 1) * BLOCK_ROWS;
      this.#foldTo(rolling, column, Math.min(head, blockNext));
      yield rolling.next - start;
    }
  }

  /** Folds the rows before `next` into their steps; those before the span are left out. */
  #foldTo(rolling: Rolling, column: number, next: number): void {
    const { highs, lows } = rolling;
    const from = Math.max(rolling.next, this.#wholeFrom(this.from(this.#history.head)));
    const fold = this.#fold;
    for (const step of eachPiece(from, next, this.#stepRows)) {
      const slot = step.number % SLOTS;
      if (step.at === 0) {
        highs[slot] = -Infinity;
        lows[slot] = Infinity;
      }
      fold.clear();
      if (step.next - step.from === 1) {
        const price = this.#history.priceAt(column, step.from);
        fold.add(price, price, price, price, 1);
      } else {
        for (const piece of eachBlock(step.from, step.next)) {
          this.#history.fold(fold, column, piece.from, piece.next);
        }
      }
      highs[slot] = Math.max(highs[slot]!, fold.high);
      lows[slot] = Math.min(lows[slot]!, fold.low);
    }
    rolling.next = Math.max(rolling.next, next);
  }

  /** Reads opening prices, those of the next rows too while the ring has them; gives how many. */
  #readOpens(rolling: Rolling, column: number, head: number): number {
    const [from, next] = this.#opensWanted(head);
    const { opens, opensFrom, opensNext } = rolling;
    const isKept = from >= opensFrom && from < opensNext;
    if (isKept) opens.copyWithin(0, from - opensFrom, opensNext - opensFrom);
    const first = isKept ? opensNext : from;
    this.#history.copy(opens, first - from, column, first, next);
    rolling.opensFrom = from;
    rolling.opensNext = next;
    return next - first;
  }
}
