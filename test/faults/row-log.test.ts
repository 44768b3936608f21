import { describe, expect, it } from 'vitest';
import { BLOCK_ROWS } from '../../src/core/market/grid.ts';
import { FrameReader, maskedFrame } from '../helpers/frames.ts';
import { marketOf, pricesOf } from '../helpers/market.ts';
import { Oracle, RowLog } from '../helpers/row-log.ts';

const INTERVAL = 10;
const market = marketOf({ seed: 1, interval: INTERVAL, count: 3 });
const COLUMNS = [2, 0];
const at = (index: number) => market.grid.originMs + index * INTERVAL;

/** The rows `[from, next)` as a server sends them. */
function rows(from: number, next: number) {
  const prices = COLUMNS.map((column) => pricesOf(market, column, from, next));
  return { since: at(from - 1), until: at(next - 1), prices };
}

function logFrom(index: number): RowLog {
  return new RowLog(new Oracle(market), COLUMNS, at(index - 1));
}

describe('a log', () => {
  it('of every row once, in order, is right; also over the end of a block', () => {
    const log = logFrom(BLOCK_ROWS - 5);
    log.take(rows(BLOCK_ROWS - 5, BLOCK_ROWS - 4));
    log.take(rows(BLOCK_ROWS - 4, BLOCK_ROWS + 7));
    log.take(rows(BLOCK_ROWS + 7, 2 * BLOCK_ROWS + 7));
    expect(log).toMatchObject({ isRight: true, rows: BLOCK_ROWS + 12, frames: 3 });
  });

  it.each([
    ['a row is left out', 11, '1 gaps, 0 duplicates, 0 differences'],
    ['a row comes twice', 9, '0 gaps, 1 duplicates, 0 differences'],
  ])('sees that %s', (_, second, found) => {
    const log = logFrom(0);
    log.take(rows(0, 10));
    log.take(rows(second, 20));
    expect(String(log)).toBe(found);
    expect(log.isRight).toBe(false);
  });

  it('sees a price that is another, a row too few, columns in another order, one too few', () => {
    const { since, until, prices } = rows(0, 10);
    const [first, second] = prices;
    const altered = [first, second.with(7, second[7] + 1)];
    for (const [wrong, differences] of [
      [altered, 1],
      [[first, second.slice(1)], expect.any(Number)],
      [[first], expect.any(Number)],
      [[second, first], expect.any(Number)],
    ] as const) {
      const log = logFrom(0);
      log.take({ since, until, prices: wrong });
      expect(log).toMatchObject({ isRight: false, gaps: 0, duplicates: 0, differences });
    }
  });
});

describe('frames', () => {
  /** As a server sends it: without a mask. */
  function frame(opcode: number, payload: Buffer): Buffer {
    const { length } = payload;
    const size =
      length < 126
        ? [length]
        : length < 65_536
          ? [126, length >> 8, length & 0xff]
          : [127, 0, 0, 0, 0, 0, length >> 16, (length >> 8) & 0xff, length & 0xff];
    return Buffer.concat([Buffer.from([0x80 | opcode, ...size]), payload]);
  }

  it.each([1, 100, 4096, 1_000_000])(
    'are read as they were sent, in pieces of %i bytes',
    (piece) => {
      const sent = [0, 1, 125, 126, 65_535, 65_536].map((length) =>
        Buffer.alloc(length, length % 251),
      );
      const bytes = Buffer.concat(sent.map((payload) => frame(1, payload)));
      const reader = new FrameReader();
      const read = [];
      // Byte by byte the small ones only: the large ones would take long.
      const until = piece === 1 ? 400 : bytes.length;
      for (let start = 0; start < until; start += piece) {
        read.push(...reader.push(bytes.subarray(start, Math.min(until, start + piece))));
      }
      read.push(...reader.push(bytes.subarray(until)));
      expect(read).toHaveLength(sent.length);
      for (const [n, { opcode, payload }] of read.entries()) {
        expect(opcode).toBe(1);
        expect(payload.equals(sent[n])).toBe(true);
      }
    },
  );

  it('that are in parts, compressed or masked are refused: our server sends none', () => {
    for (const first of [0x01, 0xc1]) {
      expect(() => [...new FrameReader().push(Buffer.from([first, 0]))]).toThrow('whole');
    }
    expect(() => [...new FrameReader().push(maskedFrame(1, Buffer.alloc(3)))]).toThrow('unmasked');
  });
});
