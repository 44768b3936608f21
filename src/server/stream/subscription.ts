import { DTYPES } from '../../core/market/dtype.ts';
import { areUsual, dtypeOfField, type Field } from '../../core/market/fields.ts';
import { BLOCK_ROWS } from '../../core/market/grid.ts';
import type { Market } from '../../core/market/market.ts';
import type { Delivery } from '../../wire/messages.ts';
import type { Wanted } from '../answers.ts';
import type { Connection } from './connection.ts';
import type { Encoding } from './frames.ts';
import type { Lane, Lanes } from './lanes.ts';

export interface SubscriptionOptions {
  readonly market: Market;
  readonly lanes: Lanes;
  readonly frameBytes: number;
  readonly connection: Connection;
  readonly id: number;
  readonly fields: readonly Field[];
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
  readonly fields: readonly Field[];
  readonly columns: readonly number[];
  readonly delivery: Delivery;
  /** Equal for subscriptions to the same, in the same order: their frames can be shared. */
  readonly wantedKey: string;
  /** With those who are sent the same. */
  readonly lane: Lane;
  /** The most rows that one of its frames holds; at least one. */
  readonly rowsPerFrame: number;
  /** Its place among those in step on its lane; -1 if it is not in step. Set by `Lanes`. */
  step = -1;
  /** Rises with each frame it is sent while behind: the least has waited longest. */
  turn = 0;
  /** Set while a slice of it is being read, so that no second one is begun. */
  isReading = false;
  #cursor: number;
  #isClosed = false;
  readonly #lanes: Lanes;

  constructor({
    market,
    lanes,
    frameBytes,
    connection,
    id,
    fields,
    columns,
    cursor,
    delivery,
  }: SubscriptionOptions) {
    this.connection = connection;
    this.id = id;
    this.delivery = delivery;
    this.wantedKey = wantedKey(market, fields, columns);
    this.#lanes = lanes;
    this.lane = lanes.join(connection.encoding, id, this.wantedKey, { fields, columns });
    this.fields = this.lane.wanted.fields;
    this.columns = this.lane.wanted.columns;
    this.#cursor = cursor;
    this.rowsPerFrame = rowsPerFrame(market, connection.encoding, this, frameBytes);
  }

  /** The index of the next row its reader wants. */
  get cursor(): number {
    return this.step < 0 ? this.#cursor : this.lane.at;
  }

  /** Not to be set while it is in step. */
  set cursor(index: number) {
    this.#cursor = index;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Ends it: it is sent nothing more. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#lanes.fallOut(this);
    this.#lanes.leave(this.lane);
  }
}

/** Equal for the same fields of the same columns in the same order. */
export function wantedKey(
  { instruments }: Market,
  fields: readonly Field[],
  columns: readonly number[],
): string {
  const isAll = columns.length === instruments.length && columns.every((column, n) => column === n);
  const of = areUsual(fields) ? '' : ` ${fields.join(',')}`;
  return `${isAll ? '*' : columns.join(',')}${of}`;
}

/** Rows of what is wanted that fit `frameBytes`, however many digits they have; at least one. */
export function rowsPerFrame(
  market: Market,
  encoding: Encoding,
  { fields, columns }: Wanted,
  frameBytes: number,
): number {
  const bytes = fields.reduce((sum, field) => sum + valueBytes(market, encoding, field), 0);
  const around = HEAD_BYTES + 2 * columns.length * fields.length;
  const rows = Math.floor((frameBytes - around) / (columns.length * bytes));
  return Math.max(1, Math.min(BLOCK_ROWS, rows));
}

/** What a value of a field takes at most, and what stands between it and the next. */
function valueBytes(market: Market, encoding: Encoding, field: Field): number {
  const dtype = dtypeOfField(field, market.spec.dtype);
  if (encoding === 'binary') return DTYPES[dtype].bytes;
  if (field === 'aggressor') return 2;
  if (field === 'volume' || field === 'trades') return 11;
  const digits = market.instruments.reduce(
    (most, { minTicks, maxTicks }) =>
      Math.max(most, String(minTicks).length, String(maxTicks).length),
    1,
  );
  return digits + 1;
}
