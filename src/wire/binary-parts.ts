import { DTYPES, type Dtype, newPrices, type Prices } from '../core/market/dtype.ts';

/** Where each part of a frame begins: at a multiple of so many bytes. */
const PART_BYTES = 8;

export const IS_LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Where a part begins behind so many bytes. */
export function padded(bytes: number): number {
  return Math.ceil(bytes / PART_BYTES) * PART_BYTES;
}

/** A part of a frame: so many values of a type. */
export interface Part {
  readonly dtype: Dtype;
  readonly length: number;
}

/**
 * The parts of what follows the head of a frame, one after the other, each from a multiple of 8 on;
 * undefined if it is not those, whole and exact, with zeros between. Views where that can be. All
 * that frames say are whole numbers: times, ticks, lots.
 */
export function partsOf(
  body: Uint8Array,
  parts: readonly Part[],
  isLittleEndian: boolean,
): readonly Prices[] | undefined {
  let length = 0;
  const places = parts.map(({ dtype, length: values }) => {
    const from = padded(length);
    length = from + values * DTYPES[dtype].bytes;
    return { from, next: length };
  });
  if (body.byteLength !== length) return undefined;
  let bytes = body;
  const isPadded = places.every(({ next }, n) => {
    return bytes.subarray(next, places[n + 1]?.from ?? next).every((byte) => byte === 0);
  });
  if (!isPadded) return undefined;
  // A Buffer's slice would be a view.
  const widest = Math.max(...parts.map(({ dtype }) => DTYPES[dtype].bytes));
  if (!isLittleEndian || bytes.byteOffset % widest !== 0) bytes = Uint8Array.from(bytes);
  const all = parts.map(({ dtype, length: values }, n) => {
    const { from, next } = places[n]!;
    if (!isLittleEndian) reverseEach(bytes.subarray(from, next), DTYPES[dtype].bytes);
    return pricesAt(dtype, bytes, from, values);
  });
  return all.every(areWhole) ? all : undefined;
}

/** Whether numbers are whole: floats alone may be others, and endless, and none. */
function areWhole(values: Prices): boolean {
  if (!(values instanceof Float64Array)) return true;
  for (let n = 0; n < values.length; n++) if (!Number.isSafeInteger(values[n])) return false;
  return true;
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
