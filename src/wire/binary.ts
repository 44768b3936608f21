/**
 * Rows as bytes, little endian:
 *
 *     0  u8 0x54 | u8 version 1 | u8 kind 1 | u8 dtype
 *     4  u32 id  |  8 f64 since | 16 f64 until
 *    24  u32 rows | 28 u32 columns | 32 u32 lag | 36 u32 0
 *    40  columns x rows prices of the dtype, column after column
 *
 * If fields were named, the kind is 2 and the last u32 of the head their mask; each has its part of
 * columns x rows values, of its own type, from the next multiple of 8 on. Between them are zeros.
 *
 * The prices begin at a multiple of 8 and are laid out as a typed array is, so a reader that got
 * the frame in a buffer of its own needs no copy.
 */

import type { Lists } from '../core/market/columns.ts';
import type { Dtype, Prices } from '../core/market/dtype.ts';
import { DEFAULT_FIELDS, dtypeOfField, FIELDS, type Field } from '../core/market/fields.ts';
import { finish } from '../core/market/finish.ts';
import { IS_LITTLE_ENDIAN, padded, partsOf, reverseEach } from './binary-parts.ts';
import { areNamed } from './row-names.ts';

const MAGIC = 0x54;
const VERSION = 1;
const ROWS_KIND = 1;
const FIELDS_KIND = 2;
const FEW_ROWS = 8;

type PricesConstructor = new (buffer: ArrayBuffer, at: number, rows: number) => Prices;
const MAX_UINT32 = 0xffff_ffff;
/** As many instruments as a market may have. */
const MAX_COLUMNS = 100_000;

/** Where the prices begin. */
export const ROWS_HEAD_BYTES = 40;
/** Where the id is. */
export const ROWS_ID_AT = 4;

/** The fourth byte of a frame. */
export const DTYPE_CODES = {
  uint8: 1,
  uint16: 2,
  uint32: 3,
  int8: 4,
  int16: 5,
  int32: 6,
  float64: 7,
} as const satisfies Record<Dtype, number>;

/** What stands before the prices: rows with `since < time <= until`, `lagRows` behind the head. */
export interface RowsHead {
  /** Of prices. */
  readonly dtype: Dtype;
  /** Absent for the default. */
  readonly fields?: readonly Field[];
  /** 0 to 2^32 - 1. */
  readonly id: number;
  readonly since: number;
  readonly until: number;
  readonly rows: number;
  readonly columns: number;
  readonly lagRows: number;
}

/** The head of a frame of any kind; `count` is of rows or candles. */
export interface FrameHead {
  readonly kind: number;
  readonly dtype: Dtype;
  readonly id: number;
  readonly since: number;
  readonly until: number;
  readonly count: number;
  readonly columns: number;
  readonly lagRows: number;
  readonly mask: number;
}

/** Writes the first 40 bytes of `out`. A lag of more than 2^32 - 1 rows is written as that. */
export function fillRowsHead(out: Uint8Array, head: RowsHead): void {
  const { fields = DEFAULT_FIELDS, rows } = head;
  const isNamed = areNamed(fields);
  const kind = isNamed ? FIELDS_KIND : ROWS_KIND;
  fillFrameHead(out, { ...head, kind, count: rows, mask: isNamed ? maskOf(fields) : 0 });
}

/** The same of any kind. */
export function fillFrameHead(out: Uint8Array, head: FrameHead): void {
  const view = new DataView(out.buffer, out.byteOffset, ROWS_HEAD_BYTES);
  view.setUint8(0, MAGIC);
  view.setUint8(1, VERSION);
  view.setUint8(2, head.kind);
  view.setUint8(3, DTYPE_CODES[head.dtype]);
  view.setUint32(ROWS_ID_AT, head.id, true);
  view.setFloat64(8, head.since, true);
  view.setFloat64(16, head.until, true);
  view.setUint32(24, head.count, true);
  view.setUint32(28, head.columns, true);
  view.setUint32(32, Math.min(head.lagRows, MAX_UINT32), true);
  view.setUint32(36, head.mask, true);
}

/** The head of `frame`; undefined if it cannot be one of any kind. */
export function frameHeadOf(frame: Uint8Array): FrameHead | undefined {
  if (frame.byteLength < ROWS_HEAD_BYTES) return undefined;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const dtype = dtypeOf(view.getUint8(3));
  if (view.getUint8(0) !== MAGIC || view.getUint8(1) !== VERSION) return undefined;
  if (dtype === undefined) return undefined;
  const head = {
    kind: view.getUint8(2),
    dtype,
    id: view.getUint32(ROWS_ID_AT, true),
    since: view.getFloat64(8, true),
    until: view.getFloat64(16, true),
    count: view.getUint32(24, true),
    columns: view.getUint32(28, true),
    lagRows: view.getUint32(32, true),
    mask: view.getUint32(36, true),
  };
  // Without rows, the length does not bound the columns.
  if (head.columns > MAX_COLUMNS) return undefined;
  if (!Number.isSafeInteger(head.since) || !Number.isSafeInteger(head.until)) return undefined;
  return head;
}

/** Bit n for the nth of `FIELDS`. */
export function maskOf(fields: readonly Field[]): number {
  return fields.reduce((mask, field) => mask | (1 << FIELDS.indexOf(field)), 0);
}

/**
 * The values of a frame, never a view of `values`: as many columns of each field, one field after
 * the other, in the order of `fields`.
 */
export function valuesBytes(
  fields: readonly Field[],
  values: Lists,
  isLittleEndian = IS_LITTLE_ENDIAN,
): Uint8Array {
  return finish(valuesBytesInSteps(fields, values, isLittleEndian));
}

/** The same, with a yield after every few thousand values: a million are not copied at once. */
export function* valuesBytesInSteps(
  fields: readonly Field[],
  values: Lists,
  isLittleEndian = IS_LITTLE_ENDIAN,
): Generator<void, Uint8Array, void> {
  const columns = values.length / fields.length;
  const ordered = FIELDS.filter((field) => fields.includes(field)).map((field) => {
    const n = fields.indexOf(field);
    if (values.whole !== undefined) return [values.whole[n]!];
    return Array.from({ length: columns }, (_, column) => values.at(n * columns + column)!);
  });
  let length = 0;
  for (const [n, part] of ordered.entries()) {
    if (n > 0) length = padded(length);
    for (const { byteLength } of part) length += byteLength;
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  let copied = 0;
  for (const [n, part] of ordered.entries()) {
    if (n > 0) at = padded(at);
    const out = yield* joined(part, bytes.buffer, at);
    const next = at + out.byteLength;
    copied += out.length;
    if (copied >= VALUES_PER_STEP) {
      copied = 0;
      yield;
    }
    if (!isLittleEndian) reverseEach(bytes.subarray(at, next), out.BYTES_PER_ELEMENT);
    at = next;
  }
  return bytes;
}

/** Values that are copied between two yields: memory that is new costs more than copying. */
const VALUES_PER_STEP = 2 ** 15;

/** Copies columns of one type, one behind the other, to `buffer` from the byte `at` on. */
function* joined(
  columns: readonly Prices[],
  buffer: ArrayBuffer,
  at: number,
): Generator<void, Prices, void> {
  const Values = (columns[0]?.constructor ?? Uint8Array) as PricesConstructor;
  const rows = columns.reduce((sum, { length }) => sum + length, 0);
  const out = new Values(buffer, at, rows);
  let n = 0;
  let stop = VALUES_PER_STEP;
  for (const column of columns) {
    // A call for each of ten thousand columns takes longer than their few rows.
    if (column.length > FEW_ROWS) yield* setInSteps(out, column, n);
    else for (let row = 0; row < column.length; row++) out[n + row] = column[row]!;
    n += column.length;
    if (n < stop) continue;
    stop = n + VALUES_PER_STEP;
    yield;
  }
  return out;
}

/** Copies `column` to `out` from `at` on. */
function* setInSteps(out: Prices, column: Prices, at: number): Generator<void, void, void> {
  let from = 0;
  for (; from + VALUES_PER_STEP < column.length; from += VALUES_PER_STEP) {
    out.set(column.subarray(from, from + VALUES_PER_STEP), at + from);
    yield;
  }
  out.set(from === 0 ? column : column.subarray(from), at + from);
}

/** A frame of rows, taken apart. */
export interface BinaryRows extends RowsHead {
  readonly fields: readonly Field[];
  /** Those of `last`; none without it. */
  readonly prices: readonly Prices[];
  /** `values[n][column][row]` of the nth of `fields`: ticks, lots, or a number of trades. */
  readonly values: readonly (readonly Prices[])[];
}

/**
 * The rows in `frame`, or undefined if it is not a frame of rows, whole and exact. Values are views
 * of `frame` where its offset allows, copies where it does not.
 */
export function parseRows(
  frame: Uint8Array,
  isLittleEndian = IS_LITTLE_ENDIAN,
): BinaryRows | undefined {
  const head = frameHeadOf(frame);
  const fields = head && fieldsOf(head.kind, head.mask);
  if (head === undefined || fields === undefined) return undefined;
  const { dtype, id, since, until, count: rows, columns, lagRows } = head;
  const dtypes = fields.map((field) => dtypeOfField(field, dtype));
  const parts = partsOf(
    frame.subarray(ROWS_HEAD_BYTES),
    dtypes.map((dtype) => ({ dtype, length: rows * columns })),
    isLittleEndian,
  );
  const values = parts?.map((part) =>
    Array.from({ length: columns }, (_, n) => part.subarray(n * rows, (n + 1) * rows)),
  );
  if (values === undefined) return undefined;
  const prices = values[fields.indexOf('last')] ?? [];
  return { dtype, fields, id, since, until, rows, columns, lagRows, values, prices };
}

/** The fields of a kind of frame; undefined if there is no such kind, or none of its fields. */
function fieldsOf(kind: number, mask: number): readonly Field[] | undefined {
  if (kind === ROWS_KIND) return DEFAULT_FIELDS;
  const isKnown = kind === FIELDS_KIND && mask > 0 && mask < 1 << FIELDS.length;
  return isKnown ? FIELDS.filter((_, n) => mask & (1 << n)) : undefined;
}

function dtypeOf(code: number): Dtype | undefined {
  return (Object.keys(DTYPE_CODES) as Dtype[]).find((dtype) => DTYPE_CODES[dtype] === code);
}
