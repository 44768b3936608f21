import type { CandlesWanted } from '../core/history/wanted.ts';
import type { CandleLists } from '../core/market/candle-lists.ts';
import type { Lists } from '../core/market/columns.ts';
import type { Field } from '../core/market/fields.ts';
import type { DepthLists } from '../core/market/trading/depth-lists.ts';
import type { TradeLists } from '../core/market/trading/trade-lists.ts';
import type { Format } from '../host/budgets/writing-cost.ts';
import type { HarmForm } from './faulty/harm-form.ts';
import type { NewestRows } from './newest-rows.ts';

/**
 * Whole messages as a socket takes them. Each character of a text is one byte (latin1). A short
 * text is made faster than a Buffer, and nobody can change it later.
 */
export type Frame = string | Uint8Array;

/** A socket copies a longer text once more than it copies bytes. */
const MOST_TEXT_BYTES = 2 ** 14;

/** Which part of a market's rows is written. */
export interface BodyShape {
  readonly fields: readonly Field[];
  readonly columns: readonly number[];
}

/** Which rows a body holds: those of `columns` from row `from` on. */
export interface BodyPlace {
  readonly columns: readonly number[];
  readonly from: number;
}

/** What bodies look like. Each object is a kind of its own, so no two protocols have the same. */
export class BodyKind {
  static #kinds = 0;
  readonly number = BodyKind.#kinds++;
}

/**
 * Makes frames of rows in one encoding of one protocol. It writes a payload once, then frames it
 * for each id. Old rows become a body first, which is kept. A payload is a head and a body.
 */
export interface Encoder {
  /** The name of its connections in metrics. */
  readonly name: string;
  /** The kind of its bodies: encoders of the same kind share them. */
  readonly bodyKind: BodyKind;
  /** The format by which its work is priced. */
  readonly format: Format;
  /** Rises with each payload that is written: the payload before is gone then. */
  readonly puts: number;
  /** How many rows fit `frameBytes`, however many digits they have; at least one. */
  rowsPerFrame(wanted: BodyShape, frameBytes: number): number;
  /** What a frame of `rows` rows takes at most, in bytes. */
  rowsBytes(wanted: BodyShape, rows: number): number;
  /** Makes the body of rows that have been read, as `readRows` gives them; yields often. */
  encode(
    fields: readonly Field[],
    values: Lists,
    place: BodyPlace,
  ): Generator<void, Uint8Array, void>;
  /** Writes the payload of the newest rows: the prices of `columns`. */
  putNewest(rows: NewestRows, columns: readonly number[], head: number): void;
  /** Writes the payload of the rows `[from, next)` of so many columns, whose body was made. */
  putBody(body: Uint8Array, wanted: BodyShape, from: number, next: number, head: number): void;
  /** The payload that was written last, framed for the subscription `id`. */
  frameFor(id: number): Frame;
  /**
   * Tells the subscription `id`, which has the rows before `from`, the market id of what follows.
   * Absent if its protocol has none.
   */
  marketFrame?(id: number, market: string, from: number): Frame;
  /** How it writes candles; absent if its protocol has no streams of those. */
  readonly candles?: CandlesEncoder;
  /** How it writes books; absent if its protocol has no streams of those. */
  readonly depth?: DepthEncoder;
  /** The same of single trades. */
  readonly trades?: TradesEncoder;
  /** How it says what is not so; absent if its messages are never changed. */
  readonly harm?: HarmForm;
  /** Whether its readers are told of one row at a time, whatever there would be room for. */
  readonly isByRow?: boolean;
}

/** What a body of candles holds: `count` of each column, and whether they are final. */
export interface CandlesShape {
  readonly fields: CandlesWanted['fields'];
  readonly columns: number;
  readonly count: number;
  readonly isFinal: boolean;
  /** As `CandleLists` has it. */
  readonly isSparse: boolean;
}

/** Makes payloads of single trades; its encoder frames them. */
export interface TradesEncoder {
  /** How many trades of so many columns fit `frameBytes`, however many digits they have. */
  perFrame(columns: number, frameBytes: number): number;
  /** Makes the body of the trades of `columns` in rows after `sinceMs`; yields often. */
  encode(
    trades: TradeLists,
    sinceMs: number,
    columns: readonly number[],
  ): Generator<void, Uint8Array, void>;
  /** Writes the payload of a body, of the rows `[from, next)`. Raises `puts`. */
  put(body: Uint8Array, of: TradesShape, from: number, next: number, head: number): void;
}

/** What a body of trades holds. */
export interface TradesShape {
  readonly columns: number;
  readonly trades: number;
}

/** Makes payloads of candles; its encoder frames them. */
export interface CandlesEncoder {
  /** How many candles fit `frameBytes`, however many digits they have; at least one. */
  perFrame(wanted: CandlesWanted, frameBytes: number): number;
  /**
   * Makes the body of candles, all of them final or one that is not, as it stands before row
   * `next`; yields often.
   */
  encode(
    candles: CandleLists,
    isFinal: boolean,
    wanted: CandlesWanted,
    next: number,
  ): Generator<void, Uint8Array, void>;
  /** Writes the payload of a body, told after the rows `[from, next)`. Raises `puts`. */
  put(body: Uint8Array, of: CandlesShape, from: number, next: number, head: number): void;
}

/** Which books a body holds: those of row `index`, or what changed from row `from` up to it. */
export interface BooksPlace extends BodyPlace {
  readonly index: number;
}

/** What a body of books holds: so many levels in all, of whole books or of what changed. */
export interface DepthShape {
  readonly columns: number;
  readonly levels: number;
  readonly isSnapshot: boolean;
}

/** Makes payloads of books; its encoder frames them. */
export interface DepthEncoder {
  /** Makes the body of whole books, or of what changed of them; at once, as these are few. */
  encode(lists: DepthLists, isSnapshot: boolean, place: BooksPlace): Frame;
  /** Writes the payload of a body, told after the rows `[from, next)`. Raises `puts`. */
  put(body: Frame, of: DepthShape, from: number, next: number, head: number): void;
}

/** A copy of `bytes` from `start` to `end`. */
export function frameOf(bytes: Buffer, start: number, end: number): Frame {
  if (end - start <= MOST_TEXT_BYTES) return bytes.toString('latin1', start, end);
  const copy = Buffer.allocUnsafeSlow(end - start);
  bytes.copy(copy, 0, start, end);
  return copy;
}

/** A text, of one byte a character, as a frame. */
export function frameOfText(text: string): Frame {
  return text.length <= MOST_TEXT_BYTES ? text : Buffer.from(text, 'latin1');
}
