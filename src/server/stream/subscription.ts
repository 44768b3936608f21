import { BLOCK_ROWS } from '../../core/market/grid.ts';
import type { Market } from '../../core/market/market.ts';
import { LIMITS } from '../limits.ts';
import type { Connection } from './connection.ts';

/**
 * One reader on a connection: a cursor and no queue.
 *
 *     rows   … sent │ next rows …  head
 *                   └─ cursor
 */
export class Subscription {
  readonly connection: Connection;
  readonly id: number;
  readonly columns: readonly number[];
  /** Equal for subscriptions to the same columns in the same order: their frames can be shared. */
  readonly columnsKey: string;
  /** The most rows that one of its frames holds. */
  readonly rowsPerFrame: number;
  /** The index of the next row its reader wants. */
  cursor: number;
  /** Set while a slice of it is being read, so that no second one is begun. */
  isReading = false;
  isClosed = false;

  constructor(
    market: Market,
    connection: Connection,
    id: number,
    columns: readonly number[],
    cursor: number,
  ) {
    this.connection = connection;
    this.id = id;
    this.columns = columns;
    this.columnsKey =
      columns.length === market.instruments.length && columns.every((column, n) => column === n)
        ? '*'
        : columns.join(',');
    this.rowsPerFrame = rowsPerFrame(market, columns.length);
    this.cursor = cursor;
  }
}

/**
 * Rows of `columns` prices that fit a frame as JSON, however many digits they have; at least one.
 */
export function rowsPerFrame(market: Market, columns: number): number {
  const digits = market.instruments.reduce(
    (most, { minTicks, maxTicks }) =>
      Math.max(most, String(minTicks).length, String(maxTicks).length),
    1,
  );
  const rows = Math.floor((LIMITS.frameBytes - 256 - 2 * columns) / (columns * (digits + 1)));
  return Math.max(1, Math.min(BLOCK_ROWS, rows));
}
