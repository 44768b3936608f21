import { describe, expect, it } from 'vitest';
import { BLOCK_ROWS } from '../../../src/core/market/grid.ts';
import { SEGMENTS, WORLD_DAYS } from '../../../src/core/market/models/calendar.ts';
import { Scratch } from '../../../src/core/market/models/scratch.ts';
import { marketOf } from '../../helpers/market.ts';

describe('the numbers of owners', () => {
  it('keep their tables apart, as many as there are, on the last days of all too', () => {
    const scratch = new Scratch('uint16');
    for (let n = 0; n < 500_000; n++) scratch.newSegmentOwner();
    for (let n = 0; n < 1_500_000; n++) scratch.newOwner();
    const [segments, days] = [scratch.newSegmentOwner(), scratch.newOwner()];
    const blocks = 2 ** 32 - 8;
    const places = Array.from({ length: 8 }, (_, n) => n);
    for (const n of places) {
      scratch.segment(segments, WORLD_DAYS * SEGMENTS - 8 + n, 8, () => ({ n }));
      scratch.table(days, WORLD_DAYS - 8 + n, 8, () => ({ n }));
      scratch.keepLast(days, blocks + n, n);
    }
    const other = () => ({ n: -1 });
    expect(
      places.map((n) => [
        scratch.segment(segments, WORLD_DAYS * SEGMENTS - 8 + n, 8, other).n,
        scratch.table(days, WORLD_DAYS - 8 + n, 8, other).n,
        scratch.lastOf(days, blocks + n),
      ]),
    ).toEqual(places.map((n) => [n, n, n]));
  });

  it('end before keys would be the same', () => {
    const scratch = new Scratch('uint16');
    const all = (next: () => number) => {
      for (let n = 0; n < 2 ** 22; n++) next();
    };
    expect(() => all(() => scratch.newOwner())).toThrow('there are at most 2097152 owners');
    expect(() => all(() => scratch.newSegmentOwner())).toThrow('owners of segments');
  });

  it('are an instrument’s for good, however often what is traded of it is forgotten', () => {
    const { newOwner } = Scratch.prototype;
    let owners = 0;
    Scratch.prototype.newOwner = function count(this: Scratch) {
      owners += 1;
      return newOwner.call(this);
    };
    try {
      const market = marketOf({ count: 600, interval: '1m', defaults: { model: 'market' } });
      const made = owners;
      const prices = market.newPrices(BLOCK_ROWS);
      for (let turn = 0; turn < 2; turn++) {
        for (let column = 0; column < 600; column++) market.fillBlock(prices, column, 0, 0, 8);
      }
      // What all share is made when it is first wanted.
      expect(owners - made).toBeLessThan(10);
    } finally {
      Scratch.prototype.newOwner = newOwner;
    }
  });
});
