import { parseRows } from '../wire/binary.ts';
import type { RowsMessage, ServerMessage } from '../wire/messages.ts';
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
  const values = Object.fromEntries(fields.map((field, n) => [field, frame.values[n]]));
  return { type: 'rows', id, since, until, lag: lagRows, values };
}

/** A message as it is used here: rows say what they have under the names of fields. */
function received(message: ServerMessage): Received {
  if (message.type !== 'rows') return message;
  const { type, id, since, until, lag } = message;
  return { type, id, since, until, lag, values: valuesOf(message) };
}

function valuesOf(message: RowsMessage): RowValues {
  const { fields, prices = [] } = message;
  if (fields === undefined) return { last: prices };
  return Object.fromEntries(fields.map((field) => [field, message[field] ?? []]));
}
