import { BLOCK_ROWS } from './grid.ts';

/** A stretch of rows that lie in one block, or in one of other groups of as many rows each. */
export interface Piece {
  /** Which group it lies in: `floor(from / size)`. */
  readonly number: number;
  /** Its rows are `[from, next)`. */
  readonly from: number;
  readonly next: number;
  /** The same, counted from the first row of the group. */
  readonly at: number;
  readonly stop: number;
}

/**
 * The rows `[from, next)` in pieces that end where groups of `size` rows do, one after the other.
 * None is empty; `from` is 0 or more.
 */
export function eachPiece(from: number, next: number, size: number): IterableIterator<Piece> {
  return new Pieces(from, next, size);
}

/** The rows `[from, next)` in pieces of one block each: what can be made at a time. */
export function eachBlock(from: number, next: number): IterableIterator<Piece> {
  return new Pieces(from, next, BLOCK_ROWS);
}

/** By hand: for one piece of each of many columns, a generator takes three times as long. */
class Pieces implements IterableIterator<Piece> {
  readonly #next: number;
  readonly #size: number;
  #from: number;

  constructor(from: number, next: number, size: number) {
    this.#from = from;
    this.#next = next;
    this.#size = size;
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<Piece, undefined> {
    const from = this.#from;
    if (from >= this.#next) return { done: true, value: undefined };
    const number = Math.floor(from / this.#size);
    const first = number * this.#size;
    const next = Math.min(this.#next, first + this.#size);
    this.#from = next;
    return { done: false, value: { number, from, next, at: from - first, stop: next - first } };
  }
}
