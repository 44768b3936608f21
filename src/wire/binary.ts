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
import { DTYPES, type Dtype, newPrices, type Prices } from '../core/market/dtype.ts';
import { DEFAULT_FIELDS, dtypeOfField, FIELDS, type Field } from '../core/market/fields.ts';
import { finish } from '../core/market/finish.ts';
import { areNamed } from './row-names.ts';

const MAGIC = 0x54;
const VERSION = 1;
const ROWS_KIND = 1;
const FIELDS_KIND = 2;
/** Where each field's values begin: at a multiple of so many bytes. */
const PART_BYTES = 8;
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

export const IS_LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

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

/** Writes the first 40 bytes of `out`. A lag of more than 2^32 - 1 rows is written as that. */
export function fillRowsHead(out: Uint8Array, head: RowsHead): void {
  const view = new DataView(out.buffer, out.byteOffset, ROWS_HEAD_BYTES);
  view.setUint8(0, MAGIC);
  view.setUint8(1, VERSION);
  const { fields = DEFAULT_FIELDS } = head;
  const isNamed = areNamed(fields);
  view.setUint8(2, isNamed ? FIELDS_KIND : ROWS_KIND);
  view.setUint8(3, DTYPE_CODES[head.dtype]);
  view.setUint32(ROWS_ID_AT, head.id, true);
  view.setFloat64(8, head.since, true);
  view.setFloat64(16, head.until, true);
  view.setUint32(24, head.rows, true);
  view.setUint32(28, head.columns, true);
  view.setUint32(32, Math.min(head.lagRows, MAX_UINT32), true);
  view.setUint32(36, isNamed ? maskOf(fields) : 0, true);
}

/** Bit n for the nth of `FIELDS`. */
function maskOf(fields: readonly Field[]): number {
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

function padded(bytes: number): number {
  return Math.ceil(bytes / PART_BYTES) * PART_BYTES;
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
  if (frame.byteLength < ROWS_HEAD_BYTES) return undefined;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const dtype = dtypeOf(view.getUint8(3));
  if (view.getUint8(0) !== MAGIC || view.getUint8(1) !== VERSION) return undefined;
  const fields = fieldsOf(view.getUint8(2), view.getUint32(36, true));
  if (dtype === undefined || fields === undefined) return undefined;
  const head = {
    dtype,
    fields,
    id: view.getUint32(ROWS_ID_AT, true),
    since: view.getFloat64(8, true),
    until: view.getFloat64(16, true),
    rows: view.getUint32(24, true),
    columns: view.getUint32(28, true),
    lagRows: view.getUint32(32, true),
  };
  const { rows, columns } = head;
  const widths = fields.map((field) => DTYPES[dtypeOfField(field, dtype)].bytes);
  let length = 0;
  const starts = widths.map((width, n) => {
    const start = n === 0 ? 0 : padded(length);
    length = start + rows * columns * width;
    return start;
  });
  if (frame.byteLength !== ROWS_HEAD_BYTES + length) return undefined;
  if (!isPadded(frame, starts, widths, rows * columns)) return undefined;
  // Without rows, the length does not bound the columns.
  if (columns > MAX_COLUMNS) return undefined;
  if (!Number.isSafeInteger(head.since) || !Number.isSafeInteger(head.until)) return undefined;
  let bytes = frame.subarray(ROWS_HEAD_BYTES);
  // A Buffer's slice would be a view.
  const widest = Math.max(...widths);
  if (!isLittleEndian || bytes.byteOffset % widest !== 0) bytes = Uint8Array.from(bytes);
  const values = fields.map((field, n) => {
    const [start, width] = [starts[n]!, widths[n]!];
    const part = bytes.subarray(start, start + rows * columns * width);
    if (!isLittleEndian) reverseEach(part, width);
    return Array.from({ length: columns }, (_, column) =>
      pricesAt(dtypeOfField(field, dtype), bytes, start + column * rows * width, rows),
    );
  });
  return { ...head, values, prices: values[fields.indexOf('last')] ?? [] };
}

/** Whether there are zeros between the parts of a frame, of `count` values each. */
function isPadded(
  frame: Uint8Array,
  starts: readonly number[],
  widths: readonly number[],
  count: number,
): boolean {
  return widths.every((width, n) => {
    const end = starts[n]! + count * width;
    const gap = frame.subarray(ROWS_HEAD_BYTES + end, ROWS_HEAD_BYTES + (starts[n + 1] ?? end));
    return gap.every((byte) => byte === 0);
  });
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

function pricesAt(dtype: Dtype, bytes: Uint8Array, at: number, length: number): Prices {
  const Type = newPrices(dtype, 0).constructor as new (
    buffer: ArrayBufferLike,
    byteOffset: number,
    length: number,
  ) => Prices;
  return new Type(bytes.buffer, bytes.byteOffset + at, length);
}

/** Turns the bytes of each value of so many around, in place. */
export function reverseEach(bytes: Uint8Array, width: number): void {
  for (let at = 0; at < bytes.length; at += width) bytes.subarray(at, at + width).reverse();
}
