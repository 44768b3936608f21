import type { Delivery } from '../wire/messages.ts';
import { type AnyRows, conflate } from './rows.ts';

const PRICE_BYTES = 8;
/** The objects around them. */
const ROWS_BYTES = 500;

/**
 * Rows that wait for the application, in order, and about how many bytes they take.
 *
 * With delivery `latest` only the newest wait, and announce those that were left out for them.
 */
export class RowsQueue {
  readonly #isLatest: boolean;
  #rows: AnyRows[] = [];
  bytes = 0;

  constructor(delivery: Delivery) {
    this.#isLatest = delivery === 'latest';
  }

  /** How many rows were left out for these. */
  push(rows: AnyRows): number {
    const waiting = this.#isLatest ? this.shift() : undefined;
    const pushed = waiting === undefined ? rows : conflate(waiting, rows);
    this.#rows.push(pushed);
    this.bytes += bytesOf(pushed);
    return waiting === undefined ? 0 : rowsIn(waiting);
  }

  shift(): AnyRows | undefined {
    const rows = this.#rows.shift();
    if (rows !== undefined) this.bytes -= bytesOf(rows);
    return rows;
  }

  clear(): void {
    this.#rows = [];
    this.bytes = 0;
  }
}

function rowsIn({ since, until, interval }: AnyRows): number {
  return Math.round((until - since) / interval);
}

function bytesOf(rows: AnyRows): number {
  const columns = Object.keys(rows.values).length * rows.symbols.length;
  return ROWS_BYTES + columns * rowsIn(rows) * PRICE_BYTES;
}
