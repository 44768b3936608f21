import type { Lists } from '../core/market/columns.ts';
import type { Field } from '../core/market/fields.ts';
import type { Format } from '../host/budgets/writing-cost.ts';
import type { NewestRows } from './newest-rows.ts';

/**
 * Whole messages as a socket takes them. Each character of a text is a byte (latin1): of bytes that
 * are written once a text is made faster, and nobody can change it later.
 */
export type Frame = string | Uint8Array;

/** From so many bytes on, a socket would copy a text once more than it copies bytes. */
const MOST_TEXT_BYTES = 2 ** 14;

/** What of the rows of a market is written. */
export interface BodyShape {
  readonly fields: readonly Field[];
  readonly columns: readonly number[];
}

/**
 * Makes frames of rows in one encoding of one protocol. A payload is put down once, then framed for
 * each id. Old rows are made into bodies first, which are kept: a payload is a head and a body.
 */
export interface Encoder {
  /** What its connections are counted as. */
  readonly name: string;
  /** What its bodies look like: encoders of the same kind share them. */
  readonly bodyKind: string;
  /** How it writes, as far as that costs. */
  readonly format: Format;
  /** Rises with each payload that is put down: whose it was is no longer there. */
  readonly puts: number;
  /** Rows of what is wanted that fit `frameBytes`, however many digits they have; at least one. */
  rowsPerFrame(wanted: BodyShape, frameBytes: number): number;
  /** What a frame of `rows` rows takes at most, in bytes. */
  rowsBytes(wanted: BodyShape, rows: number): number;
  /** Makes the body of rows that have been read, as `readRows` gives them; yields often. */
  encode(fields: readonly Field[], values: Lists): Generator<void, Uint8Array, void>;
  /** Puts down the prices of `columns` in the newest rows. */
  putNewest(rows: NewestRows, columns: readonly number[], head: number): void;
  /** Puts down the rows `[from, next)` of so many columns, of which the body is at hand. */
  putBody(body: Uint8Array, wanted: BodyShape, from: number, next: number, head: number): void;
  /** What was put down last, for who asked for it under `id`. */
  frameFor(id: number): Frame;
}

/** A copy of `bytes` from `start` to `end`. */
export function frameOf(bytes: Buffer, start: number, end: number): Frame {
  if (end - start <= MOST_TEXT_BYTES) return bytes.toString('latin1', start, end);
  const copy = Buffer.allocUnsafeSlow(end - start);
  bytes.copy(copy, 0, start, end);
  return copy;
}
