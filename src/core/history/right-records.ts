import type { Prices } from '../market/dtype.ts';
import { eachBlock } from '../market/pieces.ts';
import type { History } from './history.ts';

/** Of a kind: more are forgotten, and found again when it comes to them. */
const MOST_RECORDS = 512;

/**
 * The highest and lowest prices from any row of a stretch to its end. Kept are the rows that none
 * behind them passes, from the last to the first: of some thousand rows of a walk, some dozens.
 */
export class RightRecords {
  readonly #highs = new Records(1);
  readonly #lows = new Records(-1);
  /** Where the stretch ends. */
  readonly next: number;

  private constructor(next: number) {
    this.next = next;
  }

  /** Of the rows `[from, next)` of a column; yields how many were read, a block at a time. */
  static *of(
    history: History,
    column: number,
    [from, next]: readonly [from: number, next: number],
    room: Prices,
  ): Generator<number, RightRecords, void> {
    const records = new RightRecords(next);
    for (const piece of [...eachBlock(from, next)].reverse()) {
      history.copy(room, 0, column, piece.from, piece.next);
      for (let index = piece.next - 1; index >= piece.from; index--) {
        const price = room[index - piece.from]!;
        records.#highs.add(index, price);
        records.#lows.add(index, price);
      }
      yield piece.next - piece.from;
    }
    return records;
  }

  /** Whether the highest and lowest prices of the rows from `from` on are known. */
  has(from: number): boolean {
    return this.#highs.has(from) && this.#lows.has(from);
  }

  /** Of the rows from `from` on, which is known and never goes back. */
  highFrom(from: number): number {
    return this.#highs.of(from);
  }

  lowFrom(from: number): number {
    return this.#lows.of(from);
  }
}

/** Rows with a higher price than all behind them; of sign -1, a lower one. */
class Records {
  readonly #sign: 1 | -1;
  /** The last row first. */
  readonly #indexes: number[] = [];
  readonly #prices: number[] = [];

  constructor(sign: 1 | -1) {
    this.#sign = sign;
  }

  add(index: number, price: number): void {
    const last = this.#prices.at(-1);
    if (last !== undefined && (price - last) * this.#sign <= 0) return;
    this.#indexes.push(index);
    this.#prices.push(price);
    if (this.#indexes.length < 2 * MOST_RECORDS) return;
    // Those of the first rows are wanted first.
    this.#indexes.splice(0, MOST_RECORDS);
    this.#prices.splice(0, MOST_RECORDS);
  }

  has(from: number): boolean {
    return this.#indexes.length > 0 && this.#indexes[0]! >= from;
  }

  of(from: number): number {
    while (this.#indexes.at(-1)! < from) {
      this.#indexes.pop();
      this.#prices.pop();
    }
    return this.#prices.at(-1)!;
  }
}
