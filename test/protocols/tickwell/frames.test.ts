import { describe, expect, it } from 'vitest';
import type { Prices } from '../../../src/core/market/dtype.ts';
import { DEFAULT_FIELDS } from '../../../src/core/market/fields.ts';
import { timeOf } from '../../../src/core/market/grid.ts';
import { Timeline } from '../../../src/core/timeline/timeline.ts';
import type { Frame } from '../../../src/delivery/encoder.ts';
import { type FrameOf, Frames } from '../../../src/delivery/frames.ts';
import { webSocketText } from '../../../src/host/websocket-frames.ts';
import { type Encoding, newEncoders } from '../../../src/protocols/tickwell/encoders.ts';
import { parseRows } from '../../../src/wire/binary.ts';
import { FrameReader } from '../../helpers/frames.ts';
import { marketOf, pricesOf } from '../../helpers/market.ts';
import { bytesOf } from '../../sim/sockets.ts';

const market = marketOf({ seed: 4, count: 3, dtype: 'int32' });
const { grid } = market;
const encoders = newEncoders(new Timeline(market));

/** Rows `[cursor, next)` of all columns. */
function rows(cursor: number, next: number): Prices[] {
  return [0, 1, 2].map((column) => Int32Array.from(pricesOf(market, column, cursor, next)));
}

type Changes = Partial<FrameOf> & { readonly encoding?: Encoding };

function of({ encoding = 'json', ...changes }: Changes = {}): FrameOf {
  return {
    encoder: encoders[encoding],
    id: 7,
    columns: [0, 1, 2],
    fields: DEFAULT_FIELDS,
    wantedKey: '*',
    cursor: 10,
    next: 15,
    head: 20,
    ...changes,
  };
}

function payloadOf(frame: Frame): Buffer {
  const [{ payload }, ...more] = [...new FrameReader().push(Buffer.from(bytesOf(frame)))];
  expect(more).toEqual([]);
  return payload;
}

const lists = (prices: readonly ArrayLike<number>[]) => prices.map((list) => Array.from(list));

describe('a frame of rows', () => {
  it('as JSON is what JSON.parse finds in it', () => {
    const frame = new Frames().make(of(), rows(10, 15));
    expect(bytesOf(frame)[0]).toBe(0x81);
    expect(JSON.parse(payloadOf(frame).toString())).toEqual({
      type: 'rows',
      id: 7,
      since: timeOf(grid, 9),
      until: timeOf(grid, 14),
      lag: 5,
      prices: lists(rows(10, 15)),
    });
  });

  it('as bytes is what parseRows finds in it', () => {
    const frame = new Frames().make(of({ encoding: 'binary' }), rows(10, 15));
    expect(bytesOf(frame)[0]).toBe(0x82);
    const parsed = parseRows(Uint8Array.from(payloadOf(frame)))!;
    const { values, ...said } = parsed;
    expect(values).toEqual([parsed.prices]);
    expect({ ...said, prices: lists(parsed.prices) }).toEqual({
      dtype: 'int32',
      fields: ['last'],
      id: 7,
      since: timeOf(grid, 9),
      until: timeOf(grid, 14),
      rows: 5,
      columns: 3,
      lagRows: 5,
      prices: lists(rows(10, 15)),
    });
  });

  it('as an event has the id to resume from, and the rows as data', () => {
    const frame = new Frames().make(of({ encoding: 'events' }), rows(10, 15));
    const [id, data, ...end] = frame.toString().split('\n');
    expect(end).toEqual(['', '']);
    expect(id).toBe(`id: ${market.id}.${timeOf(grid, 14)}`);
    expect(data.slice(0, 6)).toBe('data: ');
    expect(JSON.parse(data.slice(6))).toEqual({
      since: timeOf(grid, 9),
      until: timeOf(grid, 14),
      lag: 5,
      prices: lists(rows(10, 15)),
    });
  });

  it.each(['json', 'binary', 'events'] as const)('%s is no view of the prices', (encoding) => {
    const frames = new Frames();
    const prices = rows(10, 15);
    const frame = frames.make(of({ encoding }), prices);
    const before = Buffer.from(bytesOf(frame));
    for (const list of prices) list.fill(1);
    expect(before.equals(bytesOf(frame))).toBe(true);
    expect(before.equals(bytesOf(frames.get(of({ encoding }))!))).toBe(true);
  });

  it('tells the lag of its own turn, once the head has moved', () => {
    const frames = new Frames();
    const lagOf = (frame: Frame) => JSON.parse(payloadOf(frame).toString()).lag;
    expect(lagOf(frames.make(of(), rows(10, 15)))).toBe(5);
    expect(lagOf(frames.get(of({ head: 21 }))!)).toBe(6);
    expect(lagOf(frames.get(of({ head: 15, id: 8 }))!)).toBe(0);
    // A reader ahead of the head is not behind.
    expect(lagOf(frames.get(of({ head: 3, id: 9 }))!)).toBe(0);
  });

  it('of no rows at all has a list for each column', () => {
    const empty = new Frames().make(of({ next: 10 }), rows(10, 10));
    expect(JSON.parse(payloadOf(empty).toString()).prices).toEqual([[], [], []]);
    const binary = of({ encoding: 'binary', next: 10 });
    const bytes = payloadOf(new Frames().make(binary, rows(10, 10)));
    expect(parseRows(Uint8Array.from(bytes))).toMatchObject({ rows: 0, columns: 3 });
  });
});

describe('frames', () => {
  it('share prices between ids, and between JSON and events, but not with bytes', () => {
    const frames = new Frames();
    frames.make(of(), rows(10, 15));
    expect(JSON.parse(payloadOf(frames.get(of({ id: 8 }))!).toString()).id).toBe(8);
    expect(frames.get(of({ encoding: 'events' }))).toBeDefined();
    expect(frames.get(of({ encoding: 'binary' }))).toBeUndefined();
    frames.make(of({ encoding: 'binary' }), rows(10, 15));
    expect(frames.get(of({ encoding: 'binary', id: 8 }))).toBeDefined();
  });

  it('are shared with nobody who wants other rows or columns', () => {
    const frames = new Frames();
    frames.make(of(), rows(10, 15));
    expect(frames.get(of({ cursor: 11 }))).toBeUndefined();
    expect(frames.get(of({ next: 16 }))).toBeUndefined();
    expect(frames.get(of({ wantedKey: '2,1,0' }))).toBeUndefined();
  });

  it('of the newest 4 MiB are kept, those used last the longest', () => {
    const frames = new Frames();
    const each = 2 ** 18;
    const body = [new Int32Array(each / 4)];
    const at = (n: number) => of({ encoding: 'binary', columns: [0], cursor: n, next: n + 1 });
    const isKept = (n: number) => frames.get(at(n)) !== undefined;
    for (let n = 0; n < 15; n++) frames.make(at(n), body);
    expect(isKept(0)).toBe(true);
    for (let n = 15; n < 20; n++) frames.make(at(n), body);
    const kept = Array.from({ length: 20 }, (_, n) => n).filter(isKept);
    expect(kept).toContain(0);
    expect(kept).not.toContain(1);
    expect(kept.at(-1)).toBe(19);
    // Room is made for a quarter at once.
    expect(kept.length).toBeLessThanOrEqual(15);
    expect(kept.length).toBeGreaterThanOrEqual(11);
  });

  it('are not forgotten early because the same rows were made again', () => {
    const frames = new Frames();
    const body = [new Int32Array(2 ** 18)];
    const at = (n: number) => of({ encoding: 'binary', columns: [0], cursor: n, next: n + 1 });
    frames.make(at(0), body);
    for (let n = 0; n < 50; n++) frames.make(at(1), body);
    expect(frames.get(at(0))).toBeDefined();
  });

  it('that are more than may be kept are kept by nobody', () => {
    const frames = new Frames();
    const binary = of({ encoding: 'binary', columns: [0] });
    const frame = frames.make(binary, [new Int32Array(2 ** 20 + 1)]);
    expect(frame.length).toBeGreaterThan(2 ** 22);
    expect(frames.get(binary)).toBeUndefined();
    frames.make(of(), rows(10, 15));
    expect(frames.get(of())).toBeDefined();
  });

  it('of many short bodies take no more memory than of a few long ones', () => {
    const frames = new Frames();
    const most = 2 ** 22;
    const body = [Int32Array.of(1)];
    const at = (n: number) => of({ columns: [0], wantedKey: '0', cursor: n, next: n + 1 });
    const count = 60_000;
    for (let n = 0; n < count; n++) {
      frames.make(at(n), body);
    }
    let kept = 0;
    for (let n = 0; n < count; n++) if (frames.get(at(n)) !== undefined) kept++;
    // A key, an entry of a map and a buffer: a few hundred bytes, however few the prices.
    expect(kept).toBeLessThanOrEqual(most / 256);
    expect(kept).toBeGreaterThan(1000);
  });
});

describe('a WebSocket frame', () => {
  it.each([
    [0, 2],
    [1, 2],
    [125, 2],
    [126, 4],
    [127, 4],
    [65_535, 4],
    [65_536, 10],
    [65_537, 10],
  ])('of %d bytes has a head of %d', (bytes, head) => {
    const text = 'x'.repeat(bytes);
    const frame = webSocketText(text);
    expect(frame.byteLength).toBe(head + bytes);
    expect(bytesOf(frame)[0]).toBe(0x81);
    expect(frame[1]).toBe({ 2: bytes, 4: 126, 10: 127 }[head]);
    expect(payloadOf(frame).toString()).toBe(text);
  });

  it('counts bytes, not letters', () => {
    const text = 'é€𝄞'.repeat(30);
    expect(payloadOf(webSocketText(text)).toString()).toBe(text);
  });
});
