import type { Field } from '../core/market/fields.ts';
import type { NewestRows } from './newest-rows.ts';

/**
 * Whole messages as a socket takes them. Each character of a text is a byte (latin1): of bytes that
 * are written once a text is made faster, and nobody can change it later.
 */
export type Frame = string | Uint8Array;

/** From so many bytes on, a socket would copy a text once more than it copies bytes. */
const MOST_TEXT_BYTES = 2 ** 14;

/**
 * Makes frames for the readers of a fan-out group, in one protocol. The payload is put down once,
 * then framed for each id.
 */
export interface Encoder {
  /** Puts down the prices of `columns` in the newest rows. */
  putNewest(rows: NewestRows, columns: readonly number[], head: number): void;
  /** Puts down the rows `[from, next)` of so many columns, of which the body is at hand. */
  putBody(body: Uint8Array, wanted: BodyShape, from: number, next: number, head: number): void;
  /** What was put down last, for who asked for it under `id`. */
  frameFor(id: number): Frame;
}

/** What the head of a message says of its values. */
export interface BodyShape {
  readonly fields: readonly Field[];
  readonly columns: readonly number[];
}

/** A copy of `bytes` from `start` to `end`. */
export function frameOf(bytes: Buffer, start: number, end: number): Frame {
  if (end - start <= MOST_TEXT_BYTES) return bytes.toString('latin1', start, end);
  const copy = Buffer.allocUnsafeSlow(end - start);
  bytes.copy(copy, 0, start, end);
  return copy;
}
