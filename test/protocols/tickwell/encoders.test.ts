import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { History } from '../../../src/core/history/history.ts';
import { Columns } from '../../../src/core/market/columns.ts';
import { DTYPES, type Dtype, newPrices, type Prices } from '../../../src/core/market/dtype.ts';
import { DEFAULT_FIELDS } from '../../../src/core/market/fields.ts';
import { finish } from '../../../src/core/market/finish.ts';
import type { Market } from '../../../src/core/market/market.ts';
import { Timeline } from '../../../src/core/timeline/timeline.ts';
import type { Frame } from '../../../src/delivery/encoder.ts';
import { Frames } from '../../../src/delivery/frames.ts';
import { NewestRows } from '../../../src/delivery/newest-rows.ts';
import { ENCODINGS, newEncoders } from '../../../src/protocols/tickwell/encoders.ts';
import { BinaryEncoder } from '../../../src/protocols/tickwell/stream/binary-encoder.ts';
import { PAYLOAD_AT, Pad } from '../../../src/protocols/tickwell/stream/pad.ts';
import { PriceTexts } from '../../../src/protocols/tickwell/stream/price-texts.ts';
import { valuesBytes } from '../../../src/wire/binary.ts';

import { marketOf } from '../../helpers/market.ts';
import { bytesOf } from '../../sim/sockets.ts';
import { type ReferenceOf, referenceFrame } from './reference-frames.ts';

const COUNT = 40;
const MARKETS = new Map(
  (Object.keys(DTYPES) as Dtype[]).map((dtype) => [dtype, marketOf({ count: COUNT, dtype })]),
);

/** Ids of every length, more often small ones. */
const ids = fc.array(fc.oneof(fc.nat(300), fc.nat(2 ** 32 - 1)), { minLength: 1, maxLength: 6 });

const text = (frame: Frame) => Buffer.from(bytesOf(frame)).toString('latin1');

/** One turn: what a group wants of a row, or of several, under which ids. */
const turns = fc.array(
  fc.record({
    columns: fc.array(fc.nat(COUNT - 1), { minLength: 1, maxLength: 2 * COUNT }),
    rows: fc.oneof(fc.constant(1), fc.integer({ min: 2, max: 60 })),
    index: fc.nat(2 ** 40),
    lag: fc.nat(1000),
    ids,
  }),
  { minLength: 1, maxLength: 8 },
);

const dtypes = fc.constantFrom(...(Object.keys(DTYPES) as Dtype[]));

/** Rows of any prices that the dtype has, in all columns; the same for the same index. */
function pricesAt(dtype: Dtype, index: number): Prices {
  const { min, max } = DTYPES[dtype];
  const values = newPrices(dtype, COUNT);
  for (let column = 0; column < COUNT; column++) {
    const mixed = (index % 1000) * 7919 + column * 104_729;
    const digits = (index + column) % 16;
    const wide = column % 7 === 0 ? [min, max][index % 2]! : (mixed * 977) % 10 ** digits;
    values[column] = Math.max(min, Math.min(max, column % 2 === 0 ? wide : -wide));
  }
  return values;
}

/** Those rows of all columns, in a ring of their own. */
function newest(market: Market, dtype: Dtype, from: number, next: number): NewestRows {
  const copy = (out: Prices, at: number, column: number) => {
    for (let index = from; index < next; index++) {
      out[at + index - from] = pricesAt(dtype, index)[column]!;
    }
  };
  const rows = new NewestRows({ market, ring: { copy } } as unknown as History);
  expect(rows.moveTo(from, next)).toBe(true);
  return rows;
}

describe('a frame that is put together', () => {
  it.each(ENCODINGS)('is what the reference makes of the same: %s', (encoding) => {
    fc.assert(
      fc.property(dtypes, turns, (dtype, asked) => {
        const market = MARKETS.get(dtype)!;
        const encoder = newEncoders(new Timeline(market))[encoding];
        for (const { columns, rows, index, lag, ids } of asked) {
          const next = index + rows;
          const head = next + lag;
          const values = newPrices(dtype, columns.length * rows);
          for (let row = 0; row < rows; row++) {
            const all = pricesAt(dtype, index + row);
            for (const [n, column] of columns.entries()) values[n * rows + row] = all[column]!;
          }
          const lists = new Columns([values], columns.length, rows);
          const wanted = { fields: DEFAULT_FIELDS, columns, wantedKey: columns.join() };
          const rowsOf = { ...wanted, cursor: index, next };
          const of: Omit<ReferenceOf, 'id'> = { encoding, ...rowsOf, head };
          const frames = new Frames();
          const body = finish(frames.encode({ encoder, ...rowsOf }, lists));
          for (const isBody of [false, true]) {
            if (isBody) encoder.putBody(body, wanted, index, next, head);
            else encoder.putNewest(newest(market, dtype, index, next), columns, head);
            for (const id of [0, ...ids]) {
              const expected = text(referenceFrame(market, { ...of, id }, lists));
              expect(text(encoder.frameFor(id))).toBe(expected);
            }
          }
        }
      }),
    );
  });

  it.each(ENCODINGS)('stays as it is when the next is put together: %s', (encoding) => {
    const market = marketOf({ count: 4000, dtype: 'int32' });
    const columns = market.instruments.map((_, column) => column);
    const encoder = newEncoders(new Timeline(market))[encoding];
    let price = -123_456;
    const copy = (out: Prices, at: number) => void out.fill(price, at, at + 1);
    const rows = new NewestRows({ market, ring: { copy } } as unknown as History);
    // Of one instrument it is a text, of all of them bytes.
    for (const wanted of [[0], columns]) {
      rows.moveTo(7, 8);
      encoder.putNewest(rows, wanted, 8);
      const frame = encoder.frameFor(7);
      const before = text(frame);
      price = 9;
      rows.moveTo(8, 9);
      encoder.putNewest(rows, wanted, 9);
      encoder.frameFor(123_456_789);
      expect(text(frame)).toBe(before);
      if (typeof frame !== 'string') expect(frame.buffer.byteLength).toBe(frame.byteLength);
    }
  });

  it('has its bytes in the order of the wire on a machine with the other one', () => {
    const market = MARKETS.get('int32')!;
    const values = pricesAt('int32', 12_345);
    const encoder = new BinaryEncoder(market, false);
    encoder.putNewest(newest(market, 'int32', 12_345, 12_346), [3, 1], 12_346);
    const lists = [values.slice(3, 4), values.slice(1, 2)];
    const body = valuesBytes(DEFAULT_FIELDS, lists, false);
    expect(bytesOf(encoder.frameFor(1)).slice(-8)).toEqual(Buffer.from(body));
  });
});

describe('the texts of prices', () => {
  it('are made once a row and column, whoever wants them', () => {
    const texts = new PriceTexts(COUNT);
    const pad = new Pad();
    const market = MARKETS.get('uint16')!;
    const one = newest(market, 'uint16', 1, 2);
    for (const columns of [[1, 2, 3], [3, 2], [2], [1, 1]]) {
      texts.write(pad, PAYLOAD_AT, columns, one);
    }
    expect(texts.made).toBe(3);
    texts.write(pad, PAYLOAD_AT, [4, 3], one);
    expect(texts.made).toBe(4);
    const end = texts.write(pad, PAYLOAD_AT, [3], newest(market, 'uint16', 2, 4));
    expect(texts.made).toBe(5);
    const [two, three] = [pricesAt('uint16', 2)[3], pricesAt('uint16', 3)[3]];
    expect(pad.bytes.toString('latin1', PAYLOAD_AT, end)).toBe(`"prices":[[${two},${three}]]`);
  });
});

describe('the newest rows', () => {
  it('are read from the ring once a column, and only where somebody wants it', () => {
    const market = MARKETS.get('uint16')!;
    const read: number[] = [];
    const copy = (_out: Prices, _at: number, column: number) => void read.push(column);
    const rows = new NewestRows({ market, ring: { copy } } as unknown as History);
    const { json, binary, events } = newEncoders(new Timeline(market));
    for (const from of [5, 6]) {
      expect(rows.moveTo(from, 7)).toBe(true);
      json.putNewest(rows, [3, 1], 7);
      for (const encoder of [binary, events, json]) encoder.putNewest(rows, [1, 2, 3], 7);
      expect(rows.moveTo(from, 7)).toBe(true);
      binary.putNewest(rows, [2], 7);
      expect(read.splice(0).sort()).toEqual([1, 2, 3]);
    }
  });

  it('are not kept where there are too many of them', () => {
    const market = marketOf({ count: 4000 });
    const rows = new NewestRows({ market } as unknown as History);
    expect(rows.moveTo(0, 1)).toBe(true);
    expect(rows.moveTo(0, 32)).toBe(true);
    expect(rows.moveTo(0, 33)).toBe(false);
    expect([rows.from, rows.next]).toEqual([0, 32]);
  });
});
