import { describe, expect, test } from 'vitest';
import { Cursor } from '../../src/client/cursor.ts';
import { DepthKind } from '../../src/client/depth-kind.ts';
import { TradesKind } from '../../src/client/trades-kind.ts';

const AROUND = { interval: 1_000, skipped: undefined };
const GRANTED = { type: 'subscribed', id: 1, symbols: ['a'], since: 5_000 } as never;

describe('a frame of books', () => {
  const read = (bids: unknown) => {
    const kind = new DepthKind(5);
    kind.begin(GRANTED);
    const head = { type: 'depth', id: 1, since: 5_000, until: 6_000, lag: 0, snapshot: true };
    const frame = kind.parseText({ ...head, bids, asks: [[[12, 1]]] } as never);
    return kind.read(frame!, AROUND);
  };

  test('is read whole', () => {
    expect(read([[[10, 3]]])?.bids).toEqual([[[10, 3]]]);
    expect(read([[]])?.bids).toEqual([[]]);
  });

  test.each([[[[[null, 3]]]], [[[['10', 3]]]], [[[['NaN', 3]]]], [[null]], [null]])(
    'is none with the bids %j',
    (bids) => expect(read(bids)).toBeUndefined(),
  );
});

describe('a frame of trades', () => {
  const frameOf = (since: number, first: number, times: readonly number[]) => {
    const ones = times.map(() => 1);
    const lists = { time: [times], price: [ones], lots: [ones], side: [ones] };
    return { type: 'trades', id: 1, since, until: since + 1_000, lag: 0, first: [first], ...lists };
  };
  const readAll = (...frames: readonly object[]) => {
    const kind = new TradesKind();
    kind.begin(GRANTED);
    return frames.map((frame) => kind.read(kind.parseText(frame as never)!, AROUND) !== undefined);
  };

  test('goes on with the next number', () => {
    const [one, two] = [frameOf(5_000, 7, [6_000, 6_400]), frameOf(6_000, 9, [7_999.5])];
    expect(readAll(one, two)).toEqual([true, true]);
  });

  test('is none with another number', () => {
    const one = frameOf(5_000, 7, [6_000, 6_400]);
    expect(readAll(one, frameOf(6_000, 10, [7_000]))).toEqual([true, false]);
    expect(readAll(one, frameOf(6_000, 8, [7_000]))).toEqual([true, false]);
  });

  test('is none with times of other rows', () => {
    expect(readAll(frameOf(5_000, 7, [5_999]))).toEqual([false]);
    expect(readAll(frameOf(5_000, 7, [7_000]))).toEqual([false]);
  });
});

describe('a frame of any kind', () => {
  test.each([4_000, 5_500, Number.NaN])('is none that ends at %j, and nobody reads it', (until) => {
    const cursor = new Cursor(5_000);
    cursor.intervalMs = 1_000;
    const frame = { type: 'frame', id: 1, since: 5_000, until, lag: 0, values: {} } as const;
    const read = () => {
      throw new Error('it must not be read');
    };
    expect(cursor.take(frame, read)).toBe('misshapen');
    expect(cursor.since).toBe(5_000);
  });
});
