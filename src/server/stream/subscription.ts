import { BLOCK_ROWS } from '../../core/market/grid.ts';
import type { Market } from '../../core/market/market.ts';
import type { Delivery } from '../../wire/messages.ts';
import type { Connection } from './connection.ts';
import type { Encoding } from './frames.ts';

export interface SubscriptionOptions {
  readonly market: Market;
  readonly frameBytes: number;
  readonly connection: Connection;
  readonly id: number;
  readonly columns: readonly number[];
  readonly cursor: number;
  readonly delivery: Delivery;
}

/** What stands around the prices of a frame, at most. */
const HEAD_BYTES = 256;

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
  readonly delivery: Delivery;
  /** Equal for subscriptions to the same columns in the same order: their frames can be shared. */
  readonly columnsKey: string;
  /** The most rows that one of its frames holds; at least one. */
  readonly rowsPerFrame: number;
  /** The index of the next row its reader wants. */
  cursor: number;
  /** Rises with each frame it is sent while behind: the least has waited longest. */
  turn = 0;
  /** Set while a slice of it is being read, so that no second one is begun. */
  isReading = false;
  isClosed = false;

  constructor({
    market,
    frameBytes,
    connection,
    id,
    columns,
    cursor,
    delivery,
  }: SubscriptionOptions) {
    this.connection = connection;
    this.id = id;
    this.columns = columns;
    this.delivery = delivery;
    this.columnsKey =
      columns.length === market.instruments.length && columns.every((column, n) => column === n)
        ? '*'
        : columns.join(',');
    this.cursor = cursor;
    this.rowsPerFrame = rowsPerFrame(market, connection.encoding, columns.length, frameBytes);
  }
}

/** Rows of `columns` prices that fit `frameBytes`, however many digits they have; at least one. */
export function rowsPerFrame(
  market: Market,
  encoding: Encoding,
  columns: number,
  frameBytes: number,
): number {
  const bytes = rowBytes(market, encoding, columns);
  const rows = Math.floor((frameBytes - HEAD_BYTES - 2 * columns) / bytes);
  return Math.max(1, Math.min(BLOCK_ROWS, rows));
}

function rowBytes(market: Market, encoding: Encoding, columns: number): number {
  if (encoding === 'binary') return columns * market.newPrices(0).BYTES_PER_ELEMENT;
  const digits = market.instruments.reduce(
    (most, { minTicks, maxTicks }) =>
      Math.max(most, String(minTicks).length, String(maxTicks).length),
    1,
  );
  return columns * (digits + 1);
}
