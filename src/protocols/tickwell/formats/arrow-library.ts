import type { RecordBatchStreamWriter } from 'apache-arrow';
import { IS_LITTLE_ENDIAN } from '../../../wire/binary-parts.ts';

/**
 * Apache Arrow's own code, which writes numbers as they lie in memory, and says so in the schema.
 * Few readers take numbers whose highest byte is the first, so ours are little endian everywhere.
 */
export type Arrow = typeof import('apache-arrow');

/** Read at the start of a server, for a fifth of a second; programs that serve nothing never do. */
export async function loadArrow(isLittleEndian = IS_LITTLE_ENDIAN): Promise<Arrow> {
  if (!isLittleEndian) {
    const { Schema } = await import('apache-arrow/fb/schema');
    // Little endian is what a schema means that names no order.
    Schema.addEndianness = () => {};
  }
  loaded = await import('apache-arrow');
  return loaded;
}

let loaded: Arrow | undefined;

/** The same at once, where it was loaded before. */
export function loadedArrow(): Arrow | undefined {
  return loaded;
}

/** Writes a stream that is little endian, where `arrow` was loaded for the same machine. */
export function streamWriter(
  arrow: Arrow,
  isLittleEndian = IS_LITTLE_ENDIAN,
): RecordBatchStreamWriter {
  if (isLittleEndian) return new arrow.RecordBatchStreamWriter();
  class TurningWriter extends arrow.RecordBatchStreamWriter {
    // All that is written comes by here: lengths of messages, and columns, as arrays of their type.
    protected override _write(chunk: Written): this {
      return super._write(ArrayBuffer.isView(chunk) ? turned(chunk) : chunk);
    }
  }
  return new TurningWriter();
}

type Written = Parameters<RecordBatchStreamWriter['_write']>[0];

/** The bytes of `values` with those of each value turned around; of bytes, themselves. */
function turned(values: ArrayBufferView): Uint8Array {
  const { buffer, byteOffset, byteLength } = values;
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  const width = (values as Int32Array).BYTES_PER_ELEMENT;
  if (width === 1) return bytes;
  // Of its own memory: the array is not ours.
  const copy = Buffer.alloc(byteLength);
  copy.set(bytes);
  if (width === 2) return copy.swap16();
  return width === 4 ? copy.swap32() : copy.swap64();
}
