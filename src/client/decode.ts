import { parseRows } from '../wire/binary.ts';
import type { Field, RowsMessage, ServerMessage } from '../wire/messages.ts';
import type { RowValues } from './rows.ts';

/** Rows as they came, in text or in bytes. */
export interface RowsFrame extends Omit<RowsMessage, 'prices'> {
  readonly values: RowValues;
}

export type Received = Exclude<ServerMessage, RowsMessage> | RowsFrame;

/** The message in what a socket delivered, text or bytes; undefined if there is none in it. */
export function parseMessage(data: unknown): Received | undefined {
  if (data instanceof ArrayBuffer) return parseFrame(new Uint8Array(data));
  if (data instanceof Uint8Array) return parseFrame(data);
  if (typeof data !== 'string') return undefined;
  try {
    const value: unknown = JSON.parse(data);
    const isMessage = typeof value === 'object' && value !== null && 'type' in value;
    return isMessage ? received(value as ServerMessage) : undefined;
  } catch {
    return undefined;
  }
}

function parseFrame(bytes: Uint8Array): RowsFrame | undefined {
  const frame = parseRows(bytes);
  if (frame === undefined) return undefined;
  const { id, since, until, lagRows, fields } = frame;
  const values = valuesOf(fields, (_, n) => frame.values[n] ?? []);
  return { type: 'rows', id, since, until, lag: lagRows, values };
}

/** A message as it is used here: rows say what they have under the names of fields. */
function received(message: ServerMessage): Received {
  if (message.type !== 'rows') return message;
  const { type, id, since, until, lag, prices = [], fields } = message;
  const values =
    fields === undefined
      ? valuesOf(['last'], () => prices)
      : valuesOf(fields, (field) => message[field] ?? []);
  return { type, id, since, until, lag, values };
}

/**
 * The columns of each of `fields`. Whatever they came as, they are floats here: integers of the
 * market's dtype would cut off what `map` makes of them, and wrap around.
 */
function valuesOf(
  fields: readonly Field[],
  columnsOf: (field: Field, n: number) => readonly ArrayLike<number>[],
): RowValues {
  return Object.fromEntries(
    fields.map((field, n) => [field, columnsOf(field, n).map((column) => floats(column))]),
  );
}

/** What is no list has no values, and so not as many as it should. */
function floats(column: ArrayLike<number>): Float64Array {
  if (column instanceof Float64Array) return column;
  const length = typeof column === 'object' ? (column?.length ?? 0) : 0;
  const out = new Float64Array(length);
  for (let n = 0; n < length; n++) out[n] = column[n]!;
  return out;
}
