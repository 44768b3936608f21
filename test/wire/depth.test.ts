import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DTYPES, type Dtype } from '../../src/core/market/dtype.ts';
import type { DepthLists } from '../../src/core/market/trading/depth-lists.ts';
import { parseRows, ROWS_HEAD_BYTES } from '../../src/wire/binary.ts';
import {
  type DepthHead,
  depthBytes,
  fillDepthHead,
  parseDepth,
} from '../../src/wire/binary-depth.ts';
import { depthJson } from '../../src/wire/depth-json.ts';
import { messageStartOf } from '../../src/wire/json.ts';
import type { DepthMessage } from '../../src/wire/messages.ts';
import { booksIn } from '../helpers/books.ts';
import { misaligned } from '../helpers/bytes.ts';

function frameOf(head: DepthHead, lists: DepthLists): Uint8Array {
  const body = depthBytes(head.dtype, lists);
  const frame = new Uint8Array(ROWS_HEAD_BYTES + body.byteLength);
  fillDepthHead(frame, head);
  frame.set(body, ROWS_HEAD_BYTES);
  return frame;
}

const someBooks = fc
  .record({
    dtype: fc.constantFrom(...(Object.keys(DTYPES) as Dtype[])),
    id: fc.nat(0xffff_ffff),
    since: fc.integer({ min: -1e13, max: 1e13 }),
    until: fc.integer({ min: -1e13, max: 1e13 }),
    lagRows: fc.nat(0xffff_ffff),
    isSnapshot: fc.boolean(),
    counts: fc.array(fc.nat(4), { minLength: 1, maxLength: 5 }),
    first: fc.nat(40_000),
  })
  .map(({ counts: bids, first, ...head }) => {
    const counts = Uint32Array.from(bids.flatMap((count, n) => [count, (count + n) % 4]));
    const levels = counts.reduce((sum, count) => sum + count, 0);
    const [ticks, lots] = [new Float64Array(levels), new Float64Array(levels)];
    let next = first;
    for (let n = 0; n < levels; n++) {
      next = (next * 69_069 + 1) % 0xffff_ffff;
      ticks[n] = next % DTYPES[head.dtype].max;
      lots[n] = head.isSnapshot ? 1 + (next % 0xffff_fff0) : next;
    }
    const columns = bids.length;
    return { head: { ...head, levels, columns }, lists: { columns, counts, ticks, lots } };
  });

describe('books as bytes', () => {
  it('are what they were, wherever the frame lies in memory, and on whatever machine', () => {
    fc.assert(
      fc.property(someBooks, ({ head, lists }) => {
        const frame = frameOf(head, lists);
        const parsed = expect.objectContaining({ ...head, lists });
        for (const bytes of [frame, misaligned(frame), Buffer.from(misaligned(frame))]) {
          const before = bytes.slice();
          expect(parseDepth(bytes)).toEqual(parsed);
          expect(bytes.slice()).toEqual(before);
        }
        expect(parseRows(frame)).toBeUndefined();
        // A machine of the other order that wrote and read would come to the same.
        const other = new Uint8Array(frame);
        other.set(depthBytes(head.dtype, lists, false), ROWS_HEAD_BYTES);
        expect(parseDepth(other, false)).toEqual(parsed);
        for (const wrong of [frame.subarray(0, -1), Buffer.concat([frame, Buffer.of(0)])]) {
          expect(parseDepth(wrong)).toBeUndefined();
        }
      }),
      { seed: 20261130 },
    );
  });

  it('say what the same books say as JSON', () => {
    fc.assert(
      fc.property(someBooks, ({ head, lists }) => {
        const members = depthJson(lists, head.isSnapshot);
        const message: DepthMessage = JSON.parse(`${messageStartOf('depth')}7,${members}}`);
        const { bids, asks, snapshot } = booksIn(parseDepth(frameOf(head, lists))!);
        expect(message).toEqual({ type: 'depth', id: 7, snapshot, bids, asks });
      }),
      { seed: 20261130 },
    );
  });

  it('are laid out as PROTOCOL.md says', () => {
    const lists = {
      columns: 1,
      counts: Uint32Array.of(2, 1),
      ticks: Float64Array.of(10, 9, 12),
      lots: Float64Array.of(5, 2 ** 32 - 1, 7),
    };
    const range = { since: 1000, until: 3000, levels: 3, columns: 1, lagRows: 5 };
    const frame = frameOf({ dtype: 'uint16', isSnapshot: true, id: 7, ...range }, lists);
    const view = new DataView(frame.buffer);
    expect([...frame.subarray(0, 4)]).toEqual([0x54, 1, 5, 2]);
    expect(view.getUint32(4, true)).toBe(7);
    expect([8, 16].map((at) => view.getFloat64(at, true))).toEqual([1000, 3000]);
    expect([24, 28, 32, 36].map((at) => view.getUint32(at, true))).toEqual([3, 1, 5, 1]);
    expect([40, 44].map((at) => view.getUint32(at, true))).toEqual([2, 1]);
    expect([48, 50, 52].map((at) => view.getUint16(at, true))).toEqual([10, 9, 12]);
    expect([56, 60, 64].map((at) => view.getUint32(at, true))).toEqual([5, 2 ** 32 - 1, 7]);
    expect(frame).toHaveLength(68);
  });
});

describe('bytes that are no frame of books', () => {
  const lists = {
    columns: 2,
    counts: Uint32Array.of(1, 1, 0, 1),
    ticks: Float64Array.of(10, 12, 14),
    lots: Float64Array.of(5, 6, 7),
  };
  const head = { dtype: 'uint8', isSnapshot: true, id: 1, columns: 2, levels: 3 } as const;
  const right = frameOf({ ...head, since: 0, until: 2, lagRows: 0 }, lists);

  it.each<[string, (frame: Uint8Array, view: DataView) => Uint8Array | undefined]>([
    ['nothing', () => new Uint8Array()],
    ['too short for a head', (frame) => frame.subarray(0, 39)],
    ['one byte too few', (frame) => frame.subarray(0, -1)],
    ['one byte too many', (frame) => Uint8Array.of(...frame, 0)],
    ['another first byte', (frame) => void frame.fill(0x55, 0, 1)],
    ['another version', (frame) => void frame.fill(2, 1, 2)],
    ['candles', (frame) => void frame.fill(3, 2, 3)],
    ['an unknown dtype', (frame) => void frame.fill(0, 3, 4)],
    ['levels that are not there', (_, view) => void view.setUint32(24, 4, true)],
    ['columns that are not there', (_, view) => void view.setUint32(28, 3, true)],
    ['an unknown mark', (_, view) => void view.setUint32(36, 2, true)],
    ['an invalid time', (_, view) => void view.setFloat64(8, Number.NaN, true)],
    ['levels of no column', (_, view) => void view.setUint32(40, 0, true)],
    ['a column of more levels', (_, view) => void view.setUint32(44, 2, true)],
    [
      'a whole book with a level where nothing waits',
      (_, view) => void view.setUint32(64, 0, true),
    ],
    ['something between its parts', (frame) => void frame.fill(1, 60, 61)],
  ])('%s', (_name, change) => {
    expect(parseDepth(right)).toBeDefined();
    const frame = right.slice();
    expect(parseDepth(change(frame, new DataView(frame.buffer)) ?? frame)).toBeUndefined();
  });

  it.each([Number.NaN, Number.NEGATIVE_INFINITY, 0.5, 2 ** 53])('a price of %d', (value) => {
    const ticks = Float64Array.of(10, 12, value);
    const of = { ...head, dtype: 'float64', since: 0, until: 2, lagRows: 0 } as const;
    expect(parseDepth(frameOf(of, lists))).toBeDefined();
    expect(parseDepth(frameOf(of, { ...lists, ticks }))).toBeUndefined();
  });
});
