/**
 * Books of a stream as bytes, little endian. The head is that of rows, with these differences:
 *
 *     2  u8 kind 5
 *    24  u32 levels of all columns, or changes of them
 *    36  u32 1 if they are whole books
 *    40  columns x 2 x u32: how many bids of the column, how many asks
 *        levels x price of the dtype: of each column the bids, then the asks, the best first
 *        levels x u32: lots; 0 where nothing waits any more
 *
 * Each part begins at the next multiple of 8. Between them are zeros.
 */

import { DTYPES, type Dtype, newPrices } from '../core/market/dtype.ts';
import type { DepthLists } from '../core/market/trading/depth-lists.ts';
import { fillFrameHead, frameHeadOf, ROWS_HEAD_BYTES } from './binary.ts';
import { IS_LITTLE_ENDIAN, padded, partsOf, reverseEach } from './binary-parts.ts';

const DEPTH_KIND = 5;
const SNAPSHOT = 1;

/** What stands before levels: whole books as of the row at `until`, or what it changed of them. */
export interface DepthHead {
  /** Of prices. */
  readonly dtype: Dtype;
  readonly isSnapshot: boolean;
  /** 0 to 2^32 - 1. */
  readonly id: number;
  readonly since: number;
  readonly until: number;
  readonly levels: number;
  readonly columns: number;
  readonly lagRows: number;
}

/** Writes the first 40 bytes of `out`. A lag of more than 2^32 - 1 rows is written as that. */
export function fillDepthHead(out: Uint8Array, head: DepthHead): void {
  const mask = head.isSnapshot ? SNAPSHOT : 0;
  fillFrameHead(out, { ...head, kind: DEPTH_KIND, count: head.levels, mask });
}

/** What follows the head of a frame. */
export function depthBytes(
  dtype: Dtype,
  { columns, counts, ticks, lots }: DepthLists,
  isLittleEndian = IS_LITTLE_ENDIAN,
): Uint8Array {
  const parts = partsFor(dtype, columns, ticks.length);
  const lists = [counts, ticks, lots];
  const length = parts.reduce(
    (sum, part) => padded(sum) + part.length * DTYPES[part.dtype].bytes,
    0,
  );
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const [n, part] of parts.entries()) {
    const values = newPrices(part.dtype, part.length);
    values.set(lists[n]!);
    const raw = new Uint8Array(values.buffer);
    if (!isLittleEndian) reverseEach(raw, values.BYTES_PER_ELEMENT);
    at = padded(at);
    bytes.set(raw, at);
    at += raw.byteLength;
  }
  return bytes;
}

/** A frame of books, taken apart. */
export interface BinaryDepth extends DepthHead {
  readonly lists: DepthLists;
}

/** The books in `frame`, or undefined if it is not a frame of books, whole and exact. */
export function parseDepth(
  frame: Uint8Array,
  isLittleEndian = IS_LITTLE_ENDIAN,
): BinaryDepth | undefined {
  const head = frameHeadOf(frame);
  if (head?.kind !== DEPTH_KIND || head.mask > SNAPSHOT) return undefined;
  const { count: levels, mask, ...others } = head;
  const { dtype, columns } = head;
  const body = frame.subarray(ROWS_HEAD_BYTES);
  const parts = partsOf(body, partsFor(dtype, columns, levels), isLittleEndian);
  if (parts === undefined) return undefined;
  const counts = Uint32Array.from(parts[0]!);
  const [ticks, lots] = [Float64Array.from(parts[1]!), Float64Array.from(parts[2]!)];
  const isSnapshot = mask > 0;
  if (counts.reduce((sum, count) => sum + count, 0) !== levels) return undefined;
  if (isSnapshot && lots.includes(0)) return undefined;
  return { ...others, levels, isSnapshot, lists: { columns, counts, ticks, lots } };
}

/** The parts of a frame: how many levels, their prices, their lots. */
function partsFor(dtype: Dtype, columns: number, levels: number) {
  return [
    { dtype: 'uint32', length: 2 * columns },
    { dtype, length: levels },
    { dtype: 'uint32', length: levels },
  ] as const;
}
