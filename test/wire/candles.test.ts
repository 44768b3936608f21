import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CANDLE_PRICES,
  type CandleLists,
  candleValues,
  newCandleLists,
} from '../../src/core/market/candle-lists.ts';
import { DTYPES, type Dtype } from '../../src/core/market/dtype.ts';
import { CANDLE_FIELDS } from '../../src/core/market/fields.ts';
import { finish } from '../../src/core/market/finish.ts';
import { parseRows, ROWS_HEAD_BYTES } from '../../src/wire/binary.ts';
import {
  type CandlesHead,
  candlesBytes,
  fillCandlesHead,
  parseCandles,
} from '../../src/wire/binary-candles.ts';
import { candlesJsonInSteps, messageStartOf } from '../../src/wire/json.ts';
import type { StreamedCandlesMessage } from '../../src/wire/messages.ts';
import { misaligned } from '../helpers/bytes.ts';

function frameOf(head: CandlesHead, candles: CandleLists): Uint8Array {
  const body = candlesBytes(head.dtype, candles);
  const frame = new Uint8Array(ROWS_HEAD_BYTES + body.byteLength);
  fillCandlesHead(frame, head);
  frame.set(body, ROWS_HEAD_BYTES);
  return frame;
}

const someCandles = fc
  .record({
    dtype: fc.constantFrom(...(Object.keys(DTYPES) as Dtype[])),
    fields: fc.uniqueArray(fc.constantFrom(...CANDLE_FIELDS)),
    id: fc.nat(0xffff_ffff),
    since: fc.integer({ min: -1e13, max: 1e13 }),
    until: fc.integer({ min: -1e13, max: 1e13 }),
    lagRows: fc.nat(0xffff_ffff),
    isFinal: fc.boolean(),
    columns: fc.integer({ min: 1, max: 5 }),
    time: fc.uniqueArray(fc.integer({ min: -1e13, max: 1e13 }), { minLength: 1, maxLength: 6 }),
    first: fc.nat(40_000),
  })
  .map(({ time, isFinal, columns, first, ...head }) => {
    const times = (isFinal ? time : time.slice(0, 1)).sort((a, b) => a - b);
    const lists = newCandleLists(head.fields, columns, times);
    let next = first;
    for (const name of candleValues(head.fields)) {
      const isPrice = (CANDLE_PRICES as readonly string[]).includes(name);
      const most = isPrice ? DTYPES[head.dtype].max : Number.MAX_SAFE_INTEGER;
      for (let n = 0; n < columns * times.length; n++) {
        next = (next * 69_069 + 1) % 0xffff_ffff;
        lists.values[name]![n] = next % most;
      }
    }
    return { head: { ...head, isFinal, columns, candles: times.length }, lists };
  });

/** The same with the fields in the order of frames. */
function inOrder({ fields, ...lists }: CandleLists): CandleLists {
  return { ...lists, fields: CANDLE_FIELDS.filter((field) => fields.includes(field)) };
}

describe('candles as bytes', () => {
  it('are what they were, wherever the frame lies in memory, and on whatever machine', () => {
    fc.assert(
      fc.property(someCandles, ({ head, lists }) => {
        const frame = frameOf(head, lists);
        const parsed = { ...head, fields: inOrder(lists).fields, lists: inOrder(lists) };
        for (const bytes of [frame, misaligned(frame), Buffer.from(misaligned(frame))]) {
          const before = bytes.slice();
          expect(parseCandles(bytes)).toEqual(parsed);
          expect(bytes.slice()).toEqual(before);
        }
        expect(parseRows(frame)).toBeUndefined();
        // A machine of the other order that wrote and read would come to the same.
        const other = new Uint8Array(frame);
        other.set(candlesBytes(head.dtype, lists, false), ROWS_HEAD_BYTES);
        expect(parseCandles(other, false)).toEqual(parsed);
        for (const wrong of [frame.subarray(0, -1), Buffer.concat([frame, Buffer.of(0)])]) {
          expect(parseCandles(wrong)).toBeUndefined();
        }
      }),
      { seed: 20261130 },
    );
  });

  it('are laid out as PROTOCOL.md says', () => {
    const lists = newCandleLists(['trades', 'volume'], 1, [60_000, 120_000]);
    lists.values.open.set([1, 2]);
    lists.values.close.set([3, 4]);
    lists.values.volume!.set([2 ** 40, 5]);
    lists.values.trades!.set([6, 7]);
    const head = { dtype: 'uint16', fields: lists.fields, isFinal: true, id: 7 } as const;
    const range = { since: 1000, until: 3000, candles: 2, columns: 1, lagRows: 5 };
    const frame = frameOf({ ...head, ...range }, lists);
    const view = new DataView(frame.buffer);
    expect([...frame.subarray(0, 4)]).toEqual([0x54, 1, 3, 2]);
    expect(view.getUint32(4, true)).toBe(7);
    expect([8, 16].map((at) => view.getFloat64(at, true))).toEqual([1000, 3000]);
    expect([24, 28, 32, 36].map((at) => view.getUint32(at, true))).toEqual([2, 1, 5, 8 + 16 + 256]);
    expect([40, 48].map((at) => view.getFloat64(at, true))).toEqual([60_000, 120_000]);
    expect([56, 58].map((at) => view.getUint16(at, true))).toEqual([1, 2]);
    expect([80, 82].map((at) => view.getUint16(at, true))).toEqual([3, 4]);
    const sums = [88, 96, 104, 112].map((at) => view.getFloat64(at, true));
    expect(sums).toEqual([2 ** 40, 5, 6, 7]);
    expect(frame).toHaveLength(120);
  });
});

describe('bytes that are no frame of candles', () => {
  const lists = newCandleLists([], 2, [60_000, 120_000]);
  const head = { dtype: 'uint8', fields: [], isFinal: true, id: 1, columns: 2 } as const;
  const right = frameOf({ ...head, since: 0, until: 2, candles: 2, lagRows: 0 }, lists);

  it.each<[string, (frame: Uint8Array, view: DataView) => Uint8Array | undefined]>([
    ['nothing', () => new Uint8Array()],
    ['too short for a head', (frame) => frame.subarray(0, 39)],
    ['one byte too few', (frame) => frame.subarray(0, -1)],
    ['one byte too many', (frame) => Uint8Array.of(...frame, 0)],
    ['another first byte', (frame) => void frame.fill(0x55, 0, 1)],
    ['another version', (frame) => void frame.fill(2, 1, 2)],
    ['rows', (frame) => void frame.fill(1, 2, 3)],
    ['an unknown dtype', (frame) => void frame.fill(0, 3, 4)],
    ['candles that are not there', (_, view) => void view.setUint32(24, 3, true)],
    ['no candles', (_, view) => void view.setUint32(24, 0, true)],
    ['columns that are not there', (_, view) => void view.setUint32(28, 3, true)],
    ['two that are not final', (_, view) => void view.setUint32(36, 0, true)],
    ['an unknown field', (_, view) => void view.setUint32(36, 256 + 1, true)],
    ['an unknown mark', (_, view) => void view.setUint32(36, 512 + 256, true)],
    ['an invalid time', (_, view) => void view.setFloat64(8, Number.NaN, true)],
    ['an invalid start', (_, view) => void view.setFloat64(40, 0.5, true)],
    ['starts that are not in order', (_, view) => void view.setFloat64(48, 60_000, true)],
    ['something between its parts', (frame) => void frame.fill(1, 60, 61)],
  ])('%s', (_name, change) => {
    expect(parseCandles(right)).toBeDefined();
    const frame = right.slice();
    expect(parseCandles(change(frame, new DataView(frame.buffer)) ?? frame)).toBeUndefined();
  });

  it.each([Number.NaN, Number.NEGATIVE_INFINITY, 0.5, 2 ** 53])('a value of %d', (value) => {
    const of = { ...head, dtype: 'float64', fields: CANDLE_FIELDS, candles: 2 } as const;
    for (const name of candleValues(CANDLE_FIELDS)) {
      const other = newCandleLists(CANDLE_FIELDS, 2, [60_000, 120_000]);
      const frame = () => frameOf({ ...of, since: 0, until: 2, lagRows: 0 }, other);
      expect(parseCandles(frame())).toBeDefined();
      other.values[name]![3] = value;
      expect(parseCandles(frame()), name).toBeUndefined();
      expect(parseCandles(misaligned(frame())), name).toBeUndefined();
    }
  });

  it('endless columns of no rows', () => {
    const empty = frameOf({ ...head, since: 0, until: 2, candles: 1, lagRows: 0 }, lists);
    new DataView(empty.buffer).setUint32(28, 2 ** 32 - 1, true);
    expect(parseCandles(empty)).toBeUndefined();
  });
});

describe('candles as JSON', () => {
  it('are the message that the wire knows', () => {
    fc.assert(
      fc.property(someCandles, ({ head, lists }) => {
        const members = finish(candlesJsonInSteps(lists, head.isFinal));
        const message: StreamedCandlesMessage = JSON.parse(
          `${messageStartOf('candles')}7,"since":1,"until":2,"lag":3,${members}}`,
        );
        const count = lists.time.length;
        const values = candleValues(head.fields).map((name) => {
          const columns = Array.from({ length: lists.columns }, (_, column) => [
            ...lists.values[name]!.subarray(column * count, (column + 1) * count),
          ]);
          return [name, columns];
        });
        expect(message).toEqual({
          ...{ type: 'candles', id: 7, since: 1, until: 2, lag: 3, time: lists.time },
          ...Object.fromEntries(values),
          final: head.isFinal,
        });
      }),
      { seed: 20261130 },
    );
  });

  it('are the same of thousands of columns, a few at a time', () => {
    for (const time of [[0], [0, 1]]) {
      const lists = newCandleLists([], 9001, time);
      lists.values.open.forEach((_, n) => {
        lists.values.open[n] = n;
      });
      const steps = candlesJsonInSteps(lists, true);
      let yields = 0;
      let step = steps.next();
      for (; !step.done; step = steps.next()) yields += 1;
      const { open } = JSON.parse(`{${step.value}}`);
      expect(open.flat()).toEqual([...lists.values.open]);
      expect(open).toHaveLength(9001);
      expect(yields).toBeGreaterThanOrEqual(4 * 6);
    }
  });
});
