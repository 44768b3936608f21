/**
 * Rows as bytes, little endian:
 *
 *     0  u8 0x54 | u8 version 1 | u8 kind 1 | u8 dtype
 *     4  u32 id  |  8 f64 since | 16 f64 until
 *    24  u32 rows | 28 u32 columns | 32 u32 lag | 36 u32 0
 *    40  columns x rows prices of the dtype, column after column
 *
 * The prices begin at a multiple of 8 and are laid out as a typed array is, so a reader that got
 * the frame in a buffer of its own needs no copy.
 */
import { DTYPES, type Dtype, newPrices, type Prices } from '../core/market/dtype.ts';

const MAGIC = 0x54;
const VERSION = 1;
const ROWS_KIND = 1;
const MAX_UINT32 = 0xffff_ffff;
/** As many instruments as a market may have. */
const MAX_COLUMNS = 100_000;

/** Where the prices begin. */
export const ROWS_HEAD_BYTES = 40;

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

const IS_LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** What stands before the prices: rows with `since < time <= until`, `lagRows` behind the head. */
export interface RowsHead {
  readonly dtype: Dtype;
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
  view.setUint8(2, ROWS_KIND);
  view.setUint8(3, DTYPE_CODES[head.dtype]);
  view.setUint32(4, head.id, true);
  view.setFloat64(8, head.since, true);
  view.setFloat64(16, head.until, true);
  view.setUint32(24, head.rows, true);
  view.setUint32(28, head.columns, true);
  view.setUint32(32, Math.min(head.lagRows, MAX_UINT32), true);
  view.setUint32(36, 0, true);
}

/** The prices of a frame, column after column; never a view of `columns`. */
export function pricesBytes(
  columns: readonly Prices[],
  isLittleEndian = IS_LITTLE_ENDIAN,
): Uint8Array {
  const width = columns[0]?.BYTES_PER_ELEMENT ?? 1;
  const bytes = new Uint8Array(columns.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const { buffer, byteOffset, byteLength } of columns) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  if (!isLittleEndian) reverseEach(bytes, width);
  return bytes;
}

/** A frame of rows, taken apart; `prices[column][row]`, in ticks. */
export interface BinaryRows extends RowsHead {
  readonly prices: readonly Prices[];
}

/**
 * The rows in `frame`, or undefined if it is not a frame of rows, whole and exact. Prices are views
 * of `frame` where its offset allows, copies where it does not.
 */
export function parseRows(
  frame: Uint8Array,
  isLittleEndian = IS_LITTLE_ENDIAN,
): BinaryRows | undefined {
  if (frame.byteLength < ROWS_HEAD_BYTES) return undefined;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const dtype = dtypeOf(view.getUint8(3));
  const isRows =
    view.getUint8(0) === MAGIC && view.getUint8(1) === VERSION && view.getUint8(2) === ROWS_KIND;
  if (!isRows || dtype === undefined) return undefined;
  const head = {
    dtype,
    id: view.getUint32(4, true),
    since: view.getFloat64(8, true),
    until: view.getFloat64(16, true),
    rows: view.getUint32(24, true),
    columns: view.getUint32(28, true),
    lagRows: view.getUint32(32, true),
  };
  const { rows, columns } = head;
  const width = DTYPES[dtype].bytes;
  if (frame.byteLength !== ROWS_HEAD_BYTES + rows * columns * width) return undefined;
  // Without rows, the length does not bound the columns.
  if (columns > MAX_COLUMNS) return undefined;
  if (!Number.isSafeInteger(head.since) || !Number.isSafeInteger(head.until)) return undefined;
  let bytes = frame.subarray(ROWS_HEAD_BYTES);
  // A Buffer's slice would be a view.
  if (!isLittleEndian || bytes.byteOffset % width !== 0) bytes = Uint8Array.from(bytes);
  if (!isLittleEndian) reverseEach(bytes, width);
  const prices = Array.from({ length: columns }, (_, column) =>
    pricesAt(dtype, bytes, column * rows * width, rows),
  );
  return { ...head, prices };
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

function reverseEach(bytes: Uint8Array, width: number): void {
  for (let at = 0; at < bytes.length; at += width) bytes.subarray(at, at + width).reverse();
}
