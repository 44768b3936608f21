import { parseRows } from '../wire/binary.ts';
import type { RowsMessage, ServerMessage } from '../wire/messages.ts';

/** Rows as they came, in text or in bytes. */
export interface RowsFrame extends Omit<RowsMessage, 'prices'> {
  readonly prices: readonly ArrayLike<number>[];
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
    return isMessage ? (value as ServerMessage) : undefined;
  } catch {
    return undefined;
  }
}

function parseFrame(bytes: Uint8Array): RowsFrame | undefined {
  const frame = parseRows(bytes);
  if (frame === undefined) return undefined;
  const { id, since, until, lagRows, prices } = frame;
  return { type: 'rows', id, since, until, lag: lagRows, prices };
}
