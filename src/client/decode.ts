import type {
  CandlesMessage,
  DepthMessage,
  RowsMessage,
  ServerMessage,
  StreamedCandlesMessage,
} from '../wire/messages.ts';
import type { TradesMessage } from '../wire/trade-messages.ts';
import type { Frame, Kind } from './kind.ts';
import type { RowColumns } from './rows.ts';

/** Messages that hold values, as text. */
export type ValuesMessage = RowsMessage | StreamedCandlesMessage | TradesMessage | DepthMessage;

export type Received =
  | Exclude<ServerMessage, RowsMessage | TradesMessage | DepthMessage | CandlesMessage>
  | Frame;

/** How frames are told from other messages, and taken apart. */
type Parser = Pick<Kind<never>, 'parseBytes' | 'parseText'>;

/**
 * The message in what a socket delivered, text or bytes; undefined if there is none in it. Frames
 * are those of `parser`; without one there are none.
 */
export function parseMessage(data: unknown, parser?: Parser): Received | undefined {
  if (data instanceof ArrayBuffer) return parser?.parseBytes(new Uint8Array(data));
  if (data instanceof Uint8Array) return parser?.parseBytes(data);
  if (typeof data !== 'string') return undefined;
  try {
    const value: unknown = JSON.parse(data);
    const isMessage = typeof value === 'object' && value !== null && 'type' in value;
    if (!isMessage) return undefined;
    const message = value as Exclude<ServerMessage, CandlesMessage> | StreamedCandlesMessage;
    return isOfValues(message) ? parser?.parseText(message) : message;
  } catch {
    return undefined;
  }
}

/** What a list takes beside its numbers: of one row and many columns, nearly all. */
export const LIST_BYTES = 300;

function isOfValues(message: { readonly type: string }): message is ValuesMessage {
  return ['rows', 'candles', 'trades', 'depth'].includes(message.type);
}

/**
 * Columns as they are used here. Whatever they came as, they are floats: integers of the market's
 * dtype would cut off what `map` makes of them, and wrap around. What is no list of whole numbers
 * has no values, and so not as many as it should; `isSparse` lets `null` be NaN.
 */
export function floatColumns(columns: unknown, isSparse = false): RowColumns {
  return Array.isArray(columns) ? columns.map((column) => floats(column, isSparse)) : [];
}

function floats(column: ArrayLike<number | null>, isSparse: boolean): Float64Array {
  if (column instanceof Float64Array) return column;
  const length = typeof column === 'object' ? (column?.length ?? 0) : 0;
  const out = new Float64Array(length);
  for (let n = 0; n < length; n++) {
    const value = column[n];
    if (isSparse && value === null) out[n] = Number.NaN;
    else if (!Number.isSafeInteger(value)) return new Float64Array(0);
    else out[n] = value!;
  }
  return out;
}
