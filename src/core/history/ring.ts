import type { Prices } from '../market/dtype.ts';
import { BLOCK_ROWS } from '../market/grid.ts';
import { eachBlock, eachPiece } from '../market/pieces.ts';
import type { Rows } from '../market/rows.ts';

/** Rows made ahead of the head at a time, so that a block is not made again for every row. */
const AHEAD_ROWS = 1024;
/** Who prepares does it so long before the rows are due. */
const EARLY_ROWS = 128;

/**
 * The newest rows of a market: one typed array of prices (in ticks) per column.
 *
 *     index   …  tail ─────────── head ───── made  …
 *                 └─ readable rows ─┘└─ ahead ─┘
 *
 * Row `index` lives in slot `index % slots`, where slots = capacity + what is made ahead. Rows
 * ahead of the head are computed but not readable. Columns are topped up in turn, a few at each
 * row, so that none costs much more than another; or before, by `prepare`, so that none waits for
 * it. The writer never waits: a reader that falls behind `tail` has been lapped, and regenerates
 * its rows from the market instead.
 */
export class Ring {
  readonly capacity: number;
  readonly #market: Rows;
  readonly #slots: number;
  readonly #columns: readonly Prices[];
  /** The next row to be made, for each column. */
  readonly #made: Float64Array;
  readonly #block: Prices;
  #head = 0;
  #tail = 0;
  /** How often rows were forgotten. */
  #forgotten = 0;
  /** Of the columns, how many are at the head that it moves to. */
  #moved = 0;

  constructor(market: Rows, capacity: number) {
    this.capacity = capacity;
    this.#market = market;
    this.#slots = capacity + AHEAD_ROWS + EARLY_ROWS;
    this.#columns = market.instruments.map(() => market.newPrices(this.#slots));
    this.#made = new Float64Array(market.instruments.length);
    this.#block = market.newPrices(BLOCK_ROWS);
  }

  /** The index of the next row to become readable. */
  get head(): number {
    return this.#head;
  }

  /** The index of the oldest readable row; the head while there is none. */
  get tail(): number {
    return Math.min(this.#tail, this.#head);
  }

  /** How much of a move to another head is done, from 0 to 1. */
  get progress(): number {
    return this.#moved / this.#made.length;
  }

  /**
   * Makes every row before `head` readable, or as many of the newest as the ring holds; all at
   * once, when it has returned. Yields after each block of a column that had to be made.
   */
  *moveTo(head: number): Generator<void, void, void> {
    if (head <= this.#head) return;
    // First, so that a reader between two columns finds no row that has been written over: no slot
    // of a later one is.
    this.#tail = Math.max(this.#tail, head - this.capacity - EARLY_ROWS);
    const columns = this.#made.length;
    let forgotten: number;
    do {
      // Rows that are forgotten between two columns are wanted again.
      forgotten = this.#forgotten;
      for (let column = 0; column < columns; column++) {
        this.#moved = column;
        yield* this.#topUp(column, head);
      }
    } while (forgotten !== this.#forgotten);
    this.#head = Math.max(this.#head, head);
    this.#tail = Math.max(this.#tail, head - this.capacity);
    this.#moved = columns;
  }

  /** Makes what is missing of a column for `head`, and ahead of it. */
  *#topUp(column: number, head: number): Generator<void, void, void> {
    const end = this.#endOfTurn(column, head);
    // Between two blocks others may make some, and what was made may be forgotten.
    while (this.#made[column]! < head) {
      const from = Math.max(0, this.#made[column]!, head - this.capacity);
      const block = Math.floor(from / BLOCK_ROWS);
      this.#make(column, from, Math.min(end, (block + 1) * BLOCK_ROWS));
      yield;
    }
  }

  /** Forgets the rows from `index` on, none of which is readable yet. */
  forgetFrom(index: number): void {
    this.#forgotten += 1;
    for (let column = 0; column < this.#made.length; column++) {
      this.#made[column] = Math.min(this.#made[column]!, index);
    }
  }

  /**
   * Makes the rows that `moveTo` would soon have to make, while there is time. Yields after each
   * column that was topped up.
   */
  *prepare(): Generator<void, void, void> {
    if (this.#head === 0) return;
    for (let column = 0; column < this.#made.length; column++) {
      const made = this.#made[column]!;
      // Where the head has moved on meanwhile: `moveTo` has made them, or will.
      if (made < this.#head || made >= this.#head + EARLY_ROWS) continue;
      this.#make(column, made, this.#endOfTurn(column, made + 1));
      yield;
    }
  }

  /** Copies the rows `[from, next)` of `column` to `out`, from `at` on; all of them readable. */
  copy(out: Prices, at: number, column: number, from: number, next: number): void {
    const prices = this.#columns[column]!;
    const slot = from % this.#slots;
    // The newest row of ten thousand columns: views of it would take longer than it does.
    if (next - from === 1) {
      out[at] = prices[slot]!;
      return;
    }
    const first = Math.min(next - from, this.#slots - slot);
    out.set(prices.subarray(slot, slot + first), at);
    out.set(prices.subarray(0, next - from - first), at + first);
  }

  /** The price of one readable row. */
  priceAt(column: number, index: number): number {
    return this.#columns[column]![index % this.#slots]!;
  }

  /** The rows `[from, next)` of `column` as one or two views, for reading at once and no longer. */
  views(column: number, from: number, next: number): readonly Prices[] {
    const prices = this.#columns[column]!;
    const slot = from % this.#slots;
    const first = Math.min(next - from, this.#slots - slot);
    const views = [prices.subarray(slot, slot + first)];
    if (first < next - from) views.push(prices.subarray(0, next - from - first));
    return views;
  }

  /** Up to where a column is made of which all rows before `head` are wanted: each has its turn. */
  #endOfTurn(column: number, head: number): number {
    const stagger = Math.floor((column * AHEAD_ROWS) / this.#made.length);
    return (Math.floor((head - 1 + stagger) / AHEAD_ROWS) + 1) * AHEAD_ROWS - stagger;
  }

  #make(column: number, from: number, next: number): void {
    const prices = this.#columns[column]!;
    for (const block of eachBlock(Math.max(0, from), next)) {
      this.#market.fillBlock(this.#block, column, block.number, block.at, block.stop);
      const first = block.from - block.at;
      for (const slots of eachPiece(block.from, block.next, this.#slots)) {
        prices.set(this.#block.subarray(slots.from - first, slots.next - first), slots.at);
      }
    }
    this.#made[column] = next;
  }
}
