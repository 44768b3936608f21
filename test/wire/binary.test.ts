import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DTYPES, type Dtype, newPrices, type Prices } from '../../src/core/market/dtype.ts';
import { DEFAULT_FIELDS, dtypeOfField, FIELDS } from '../../src/core/market/fields.ts';
import {
  DTYPE_CODES,
  fillRowsHead,
  parseRows,
  ROWS_HEAD_BYTES,
  type RowsHead,
  valuesBytes,
} from '../../src/wire/binary.ts';
import { misaligned } from '../helpers/bytes.ts';

function frameOf(head: RowsHead, columns: readonly Prices[]): Uint8Array {
  const body = valuesBytes(DEFAULT_FIELDS, columns);
  const frame = new Uint8Array(ROWS_HEAD_BYTES + body.byteLength);
  fillRowsHead(frame, head);
  frame.set(body, ROWS_HEAD_BYTES);
  return frame;
}

const someDtype = fc.constantFrom(...(Object.keys(DTYPES) as Dtype[]));
const someRows = someDtype.chain((dtype) => {
  const { min, max } = DTYPES[dtype];
  return fc.record({
    dtype: fc.constant(dtype),
    id: fc.nat(0xffff_ffff),
    since: fc.integer({ min: -1e13, max: 1e13 }),
    until: fc.integer({ min: -1e13, max: 1e13 }),
    lagRows: fc.nat(0xffff_ffff),
    prices: fc.tuple(fc.nat(4), fc.nat(5)).chain(([columns, rows]) =>
      fc.array(
        fc.array(
          fc.maxSafeInteger().map((n) => Math.min(max, Math.max(min, n))),
          {
            minLength: rows,
            maxLength: rows,
          },
        ),
        { minLength: columns, maxLength: columns },
      ),
    ),
  });
});

function columnsOf(dtype: Dtype, prices: readonly (readonly number[])[]): Prices[] {
  return prices.map((column) => {
    const typed = newPrices(dtype, column.length);
    typed.set(column);
    return typed;
  });
}

describe('rows as bytes', () => {
  it('are what they were, wherever the frame lies in memory', () => {
    fc.assert(
      fc.property(someRows, ({ prices, ...said }) => {
        const columns = columnsOf(said.dtype, prices);
        const rows = prices[0]?.length ?? 0;
        const head = { ...said, rows, columns: columns.length };
        const frame = frameOf(head, columns);
        const parsed = { ...head, fields: ['last'], values: [columns], prices: columns };
        for (const bytes of [frame, misaligned(frame), Buffer.from(misaligned(frame))]) {
          expect(parseRows(bytes)).toEqual(parsed);
        }
        const odd = Buffer.concat([Buffer.alloc(1), frame]).subarray(1);
        expect(parseRows(odd)).toEqual(parsed);
      }),
      { seed: 20260105 },
    );
  });

  it('have fields, each of its own type from a multiple of 8 on', () => {
    const values = fc.uniqueArray(fc.constantFrom(...FIELDS), { minLength: 1 });
    const shape = fc.record({ columns: fc.nat(3), rows: fc.nat(5) });
    const dtypes = fc.constantFrom(...(Object.keys(DTYPES) as Dtype[]));
    fc.assert(
      fc.property(values, shape, dtypes, fc.nat(200), (fields, { columns, rows }, dtype, first) => {
        let next = first;
        const lists = fields.map((field) =>
          Array.from({ length: columns }, () => {
            const list = newPrices(dtypeOfField(field, dtype), rows);
            for (let row = 0; row < rows; row++) list[row] = next++ % 100;
            return list;
          }),
        );
        const said = { dtype, fields, id: 3, since: 5, until: 5 + rows, rows, columns, lagRows: 1 };
        const head = new Uint8Array(40);
        fillRowsHead(head, said);
        const frame = Buffer.concat([head, valuesBytes(fields, lists.flat())]);
        const parsed = parseRows(frame)!;
        const inOrder = FIELDS.filter((field) => fields.includes(field));
        const isDefault = fields.length === 1 && fields[0] === 'last';
        expect(frame[2]).toBe(isDefault ? 1 : 2);
        expect(parsed.fields).toEqual(inOrder);
        expect(parsed.values).toEqual(inOrder.map((field) => lists[fields.indexOf(field)]));
        for (const [n, of] of parsed.values.entries()) {
          if (n === 0 || columns === 0 || rows === 0) continue;
          const [{ byteOffset, buffer }] = of;
          const start = (parsed.values[0][0].buffer === buffer ? parsed.values[0][0] : of[0])
            .byteOffset;
          expect((byteOffset - start) % 8).toBe(0);
        }
        for (const wrong of [frame.subarray(0, -1), Buffer.concat([frame, Buffer.of(0)])]) {
          if (frame.length > 40 || wrong.length > 40) expect(parseRows(wrong)).toBeUndefined();
        }
      }),
      { seed: 20260106 },
    );
  });

  it('have nothing but zeros between the parts of their fields', () => {
    const fields = ['last', 'aggressor', 'volume'] as const;
    const head = { dtype: 'uint16', fields, id: 0, since: 0, until: 1 } as const;
    const bytes = new Uint8Array(40);
    fillRowsHead(bytes, { ...head, rows: 1, columns: 1, lagRows: 0 });
    const values = [Uint16Array.of(7), Uint8Array.of(1), Uint32Array.of(9)];
    const frame = Buffer.concat([bytes, valuesBytes(fields, values)]);
    // 2 bytes and 6 zeros, 4 bytes and 4 zeros, 1 byte.
    expect(frame).toHaveLength(40 + 8 + 8 + 1);
    expect(parseRows(frame)?.values.flat()).toEqual([values[0], values[2], values[1]]);
    for (const at of [42, 47, 52, 55]) {
      const wrong = Uint8Array.from(frame);
      wrong[at] = 1;
      expect(parseRows(wrong), `${at}`).toBeUndefined();
    }
  });

  it('are none of an unknown kind, or of unknown fields', () => {
    const head = { dtype: 'uint8', id: 0, since: 0, until: 0, rows: 0, columns: 0, lagRows: 0 };
    for (const [kind, mask] of [
      [0, 0],
      [3, 1],
      [2, 0],
      [2, 128],
      [2, 0xffff_ffff],
    ]) {
      const frame = new Uint8Array(40);
      fillRowsHead(frame, { ...head, dtype: 'uint8' });
      frame[2] = kind;
      new DataView(frame.buffer).setUint32(36, mask, true);
      expect(parseRows(frame), `${kind} ${mask}`).toBeUndefined();
    }
  });

  it('are laid out as PROTOCOL.md says', () => {
    const columns = [Int32Array.of(1, -2), Int32Array.of(3, 4)];
    const head = { dtype: 'int32', id: 7, since: 1000, until: 3000, rows: 2, columns: 2 } as const;
    const frame = frameOf({ ...head, lagRows: 5 }, columns);
    const view = new DataView(frame.buffer);
    expect([...frame.subarray(0, 4)]).toEqual([0x54, 1, 1, 6]);
    expect(view.getUint32(4, true)).toBe(7);
    expect([view.getFloat64(8, true), view.getFloat64(16, true)]).toEqual([1000, 3000]);
    expect([24, 28, 32, 36].map((at) => view.getUint32(at, true))).toEqual([2, 2, 5, 0]);
    expect([40, 44, 48, 52].map((at) => view.getInt32(at, true))).toEqual([1, -2, 3, 4]);
    expect(frame.byteLength).toBe(56);
    expect(new Set(Object.values(DTYPE_CODES)).size).toBe(Object.keys(DTYPES).length);
  });

  it('say a lag that is too large for them as the largest there is', () => {
    const head = { dtype: 'uint8', id: 0, since: 0, until: 0, rows: 0, columns: 0 } as const;
    expect(parseRows(frameOf({ ...head, lagRows: 2 ** 40 }, []))?.lagRows).toBe(2 ** 32 - 1);
  });

  it('are little endian on machines that are not, and the frame stays as it is', () => {
    const columns = [Uint16Array.of(0x0102, 0x0304)];
    expect([...valuesBytes(DEFAULT_FIELDS, columns, false)]).toEqual([1, 2, 3, 4]);
    const head = { dtype: 'uint16', id: 1, since: 0, until: 2, rows: 2, columns: 1 } as const;
    const frame = frameOf({ ...head, lagRows: 0 }, columns);
    const before = frame.slice();
    expect(parseRows(frame, false)?.prices).toEqual([Uint16Array.of(0x0201, 0x0403)]);
    expect(parseRows(Buffer.from(frame), false)?.prices).toEqual([Uint16Array.of(0x0201, 0x0403)]);
    expect(frame).toEqual(before);
  });

  it('are never a view of what they were made from', () => {
    const column = Uint16Array.of(1, 2);
    const bytes = valuesBytes(DEFAULT_FIELDS, [column]);
    column.fill(9);
    expect([...bytes]).toEqual([1, 0, 2, 0]);
  });
});

describe('bytes that are no frame of rows', () => {
  const head = {
    dtype: 'uint16',
    id: 1,
    since: 0,
    until: 2,
    rows: 2,
    columns: 1,
    lagRows: 0,
  } as const;
  const right = frameOf(head, [Uint16Array.of(1, 2)]);

  it.each<[string, (frame: Uint8Array, view: DataView) => Uint8Array | undefined]>([
    ['nothing', () => new Uint8Array()],
    ['too short for a head', (frame) => frame.subarray(0, 39)],
    ['one byte too few', (frame) => frame.subarray(0, -1)],
    ['one byte too many', (frame) => Uint8Array.of(...frame, 0)],
    ['another first byte', (frame) => void frame.fill(0x55, 0, 1)],
    ['another version', (frame) => void frame.fill(2, 1, 2)],
    ['another kind', (frame) => void frame.fill(2, 2, 3)],
    ['an unknown dtype', (frame) => void frame.fill(0, 3, 4)],
    ['rows that are not there', (_, view) => void view.setUint32(24, 3, true)],
    ['columns that are not there', (_, view) => void view.setUint32(28, 2, true)],
    ['an invalid time', (_, view) => void view.setFloat64(8, Number.NaN, true)],
    ['half a millisecond', (_, view) => void view.setFloat64(16, 0.5, true)],
  ])('%s', (_name, change) => {
    const frame = right.slice();
    expect(parseRows(change(frame, new DataView(frame.buffer)) ?? frame)).toBeUndefined();
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 0.5, 2 ** 53])('a price of %d', (price) => {
    const floats = { ...head, dtype: 'float64' } as const;
    expect(parseRows(frameOf(floats, [Float64Array.of(1, 2 ** 48)]))).toBeDefined();
    for (const rows of [
      [price, 1],
      [1, price],
    ]) {
      const frame = frameOf(floats, [Float64Array.from(rows)]);
      expect(parseRows(frame)).toBeUndefined();
      expect(parseRows(misaligned(frame))).toBeUndefined();
    }
  });

  it('endless columns of no rows', () => {
    const frame = frameOf({ ...head, rows: 0, columns: 2 ** 32 - 1 }, []);
    expect(parseRows(frame)).toBeUndefined();
  });
});
