import { parseRows } from '../wire/binary.ts';
import type { Delivery, Field, SubscribedMessage } from '../wire/messages.ts';
import { floatColumns, LIST_BYTES, type ValuesMessage } from './decode.ts';
import type { Around, Frame, Kind } from './kind.ts';
import { type AnyRows, conflate, Rows } from './rows.ts';

const PRICE_BYTES = 8;
/** The objects around them. */
const ROWS_BYTES = 500;

/** Subscriptions to rows. With delivery `latest` only the newest wait for the application. */
export class RowsKind implements Kind<AnyRows> {
  readonly asked: object;
  readonly #isLatest: boolean;
  #symbols: readonly string[] = [];
  #fields: readonly Field[] = ['last'];

  constructor(delivery: Delivery = 'all', fields?: readonly Field[]) {
    this.#isLatest = delivery === 'latest';
    this.asked = { ...(this.#isLatest ? { delivery } : {}), ...(fields ? { fields } : {}) };
  }

  parseBytes(bytes: Uint8Array): Frame | undefined {
    const rows = parseRows(bytes);
    if (rows === undefined) return undefined;
    const { id, since, until, lagRows: lag, fields } = rows;
    const values = fields.map((field, n) => [field, floatColumns(rows.values[n])]);
    return { type: 'frame', id, since, until, lag, values: Object.fromEntries(values) };
  }

  /** Under the names of fields, also where these were not named. */
  parseText(message: ValuesMessage): Frame | undefined {
    if (message.type !== 'rows') return undefined;
    const { id, since, until, lag, prices = [], fields } = message;
    const values =
      fields === undefined
        ? [['last', floatColumns(prices)]]
        : fields.map((field) => [field, floatColumns(message[field])]);
    return { type: 'frame', id, since, until, lag, values: Object.fromEntries(values) };
  }

  begin({ symbols, fields = ['last'] }: SubscribedMessage): void {
    this.#symbols = symbols;
    this.#fields = fields;
  }

  read(frame: Frame, { interval, skipped }: Around): AnyRows | undefined {
    const { since, until, lag, values } = frame;
    const symbols = this.#symbols;
    const rows = (until - since) / interval;
    const isWhole = this.#fields.every((field) => {
      const columns = values[field];
      return columns?.length === symbols.length && columns.every((c) => c.length === rows);
    });
    if (!isWhole) return undefined;
    const facts = { since, until, lag, symbols, interval, values: values as AnyRows['values'] };
    return new Rows(skipped === undefined ? facts : { ...facts, skipped });
  }

  isEmpty({ since, until }: AnyRows): boolean {
    return until <= since;
  }

  paceMs(intervalMs: number): number {
    return intervalMs;
  }

  bytesOf(rows: AnyRows): number {
    const columns = Object.keys(rows.values).length * rows.symbols.length;
    return ROWS_BYTES + columns * (LIST_BYTES + rowsIn(rows) * PRICE_BYTES);
  }

  merge(older: AnyRows, newer: AnyRows) {
    return this.#isLatest ? { made: conflate(older, newer), leftOut: rowsIn(older) } : undefined;
  }
}

function rowsIn({ since, until, interval }: AnyRows): number {
  return Math.round((until - since) / interval);
}
