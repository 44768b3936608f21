import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Schema, tableFromIPC } from 'apache-arrow';
import { Schema as SchemaTable } from 'apache-arrow/fb/schema';
import { afterEach, describe, expect, it } from 'vitest';
import { finish } from '../../../../src/core/market/finish.ts';
import {
  loadArrow,
  streamWriter,
} from '../../../../src/protocols/tickwell/formats/arrow-library.ts';
import { wideOf } from '../../../../src/protocols/tickwell/formats/columns.ts';

/** What is changed of Arrow where the machine is not little endian: other tests share it. */
const { addEndianness } = SchemaTable;
const { encode } = Schema;

afterEach(() => {
  SchemaTable.addEndianness = addEndianness;
  Schema.encode = encode;
});

/** Columns of every width, and texts with where each begins. */
const NUMBERS = {
  time: BigInt64Array.of(1_700_000_000_000n, -2n, 3n),
  int8: Int8Array.of(1, -2, 3),
  int16: Int16Array.of(0x0102, -2, 3),
  int32: Int32Array.of(0x01020304, -2, 3),
  float64: Float64Array.of(0.1, -2, 3),
};

async function streamOf(isLittleEndian: boolean): Promise<Uint8Array> {
  const arrow = await loadArrow(isLittleEndian);
  const types = {
    time: new arrow.Timestamp(arrow.TimeUnit.MILLISECOND, 'UTC'),
    int8: new arrow.Int8(),
    int16: new arrow.Int16(),
    int32: new arrow.Int32(),
    float64: new arrow.Float64(),
  };
  const children = Object.entries(NUMBERS).map(([name, data]) =>
    arrow.makeData({ type: types[name as keyof typeof types], nullCount: 0, data } as never),
  );
  const fields = Object.entries(types).map(([name, type]) => new arrow.Field(name, type, false));
  fields.push(new arrow.Field('text', new arrow.Utf8(), false) as never);
  const text = { data: Buffer.from('abcdef'), valueOffsets: Int32Array.of(0, 2, 4, 6) };
  const texts = arrow.makeData({ type: new arrow.Utf8(), length: 3, nullCount: 0, ...text });
  const schema = new arrow.Schema(fields, new Map([['market', 'm']]));
  const type = new arrow.Struct(fields);
  const data = arrow.makeData({
    type,
    length: 3,
    nullCount: 0,
    children: [...children, texts] as never,
  });
  const writer = streamWriter(arrow, isLittleEndian);
  writer.reset(undefined, schema);
  writer.write(new arrow.RecordBatch(schema, data));
  writer.finish();
  return writer.toUint8Array(true);
}

/** What has each of its numbers turned around in `bytes`, from `at` on. */
function turn(bytes: Uint8Array, at: number, width: number, count = 1): void {
  for (let n = 0; n < count; n++) bytes.subarray(at + n * width, at + (n + 1) * width).reverse();
}

describe('on machines that are not little endian', () => {
  it('Arrow’s lengths and numbers are turned around, each of them and nothing else', async () => {
    const straight = await streamOf(true);
    expect(tableFromIPC(straight).getChild('int16')?.toArray()).toEqual(NUMBERS.int16);
    expect(tableFromIPC(straight).getChild('text')?.toJSON()).toEqual(['ab', 'cd', 'ef']);
    const expected = Uint8Array.from(straight);
    const view = new DataView(expected.buffer);
    const batch = 8 + view.getInt32(4, true);
    const body = batch + 8 + view.getInt32(batch + 4, true);
    turn(expected, 4, 4);
    turn(expected, batch + 4, 4);
    // Each buffer is filled up to a multiple of eight.
    let at = body;
    for (const { BYTES_PER_ELEMENT: width, length } of [
      ...Object.values(NUMBERS),
      Int32Array.of(0, 2, 4, 6),
    ]) {
      turn(expected, at, width, length);
      at += Math.ceil((width * length) / 8) * 8;
    }
    expect(Buffer.from(expected.subarray(at, at + 6)).toString()).toBe('abcdef');
    expect(await streamOf(false)).toEqual(expected);
  });

  it('the arrays that Arrow is given stay as they are', async () => {
    const before = structuredClone(NUMBERS);
    await streamOf(false);
    expect(NUMBERS).toEqual(before);
  });

  it('Arrow’s schema says nothing else than on those that are', async () => {
    const straight = await streamOf(true);
    await takeForBigEndian();
    const big = await streamOf(true);
    expect(big).not.toEqual(straight);
    const schemaOf = (stream: Uint8Array, bytes: number) => stream.subarray(8, 8 + bytes);
    const bytes = new DataView(straight.buffer, straight.byteOffset).getInt32(4, true);
    expect(schemaOf(await streamOf(false), bytes)).toEqual(schemaOf(straight, bytes));
  });

  it('the halves of 64-bit integers stand the other way round', () => {
    const values = [0, 1, -1, 2 ** 40 + 5, -(2 ** 40) - 5, Number.MAX_SAFE_INTEGER];
    const halvesOf = (isLittleEndian: boolean) =>
      new Int32Array(finish(wideOf(values.length, (row) => values[row]!, isLittleEndian)).buffer);
    const [straight, turned] = [halvesOf(true), halvesOf(false)];
    expect([...new BigInt64Array(straight.buffer)].map(Number)).toEqual(values);
    for (let row = 0; row < values.length; row++) {
      expect([turned[2 * row + 1], turned[2 * row]]).toEqual([
        straight[2 * row],
        straight[2 * row + 1],
      ]);
    }
  });
});

/** Has what Arrow writes of schemas begin anew, with a machine that it takes for big endian. */
async function takeForBigEndian(): Promise<void> {
  const real = globalThis.Int16Array;
  globalThis.Int16Array = new Proxy(real, {
    construct(of, given) {
      const made = Reflect.construct(of, given) as Int16Array;
      if (given[0] instanceof ArrayBuffer && made.length === 1) {
        made[0] = (made[0]! << 8) | ((made[0]! >> 8) & 0xff);
      }
      return made;
    },
  });
  const library = createRequire(import.meta.url).resolve('apache-arrow');
  const message = new URL('ipc/metadata/message.mjs?big-endian', pathToFileURL(library));
  try {
    await import(/* @vite-ignore */ message.href);
  } finally {
    globalThis.Int16Array = real;
  }
}
