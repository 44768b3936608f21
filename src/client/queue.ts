import type { Delivery } from '../wire/messages.ts';
import { conflate, type Rows } from './rows.ts';

/** JSON prices are numbers of 8 bytes; binary ones take less. */
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
  #rows: Rows[] = [];
  bytes = 0;

  constructor(delivery: Delivery) {
    this.#isLatest = delivery === 'latest';
  }

  /** How many rows were left out for these. */
  push(rows: Rows): number {
    const waiting = this.#isLatest ? this.shift() : undefined;
    const pushed = waiting === undefined ? rows : conflate(waiting, rows);
    this.#rows.push(pushed);
    this.bytes += bytesOf(pushed);
    return waiting === undefined ? 0 : rowsIn(waiting);
  }

  shift(): Rows | undefined {
    const rows = this.#rows.shift();
    if (rows !== undefined) this.bytes -= bytesOf(rows);
    return rows;
  }

  clear(): void {
    this.#rows = [];
    this.bytes = 0;
  }
}

function rowsIn({ since, until, interval }: Rows): number {
  return Math.round((until - since) / interval);
}

function bytesOf(rows: Rows): number {
  const columns = Object.keys(rows.values).length * rows.symbols.length;
  return ROWS_BYTES + columns * rowsIn(rows) * PRICE_BYTES;
}
