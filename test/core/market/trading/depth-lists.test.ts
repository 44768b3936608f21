import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Depth, newDepth } from '../../../../src/core/market/trading/book.ts';
import {
  changedLists,
  mergedLists,
  wholeLists,
} from '../../../../src/core/market/trading/depth-lists.ts';
import { levelsOf } from '../../../helpers/books.ts';

const LEVELS = 4;
const side = fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { maxLength: LEVELS });
const lots = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: LEVELS, maxLength: LEVELS });
const book = fc.record({ bids: side, asks: side, lots }).map(({ bids, asks, lots: counts }) => {
  const depth = newDepth(LEVELS);
  for (const [own, ticks, sign] of [
    [depth.bids, bids, -1],
    [depth.asks, asks.map((tick) => tick + 10), 1],
  ] as const) {
    own.ticks.set(ticks.toSorted((a, b) => sign * (a - b)));
    own.lots.set(counts);
    own.levels = ticks.length;
  }
  return depth;
});

/** A book with changes laid on it: those of a column in lists. */
function laidOn(depth: Depth, lists: ReturnType<typeof changedLists>, column: number) {
  const { counts, ticks, lots: counted } = lists;
  const { bids, asks } = levelsOf(depth);
  let at = Array.from({ length: 2 * column }, (_, n) => counts[n]!).reduce((a, b) => a + b, 0);
  return [bids, asks].map((levels, n) => {
    const laid = new Map(levels);
    for (let k = 0; k < counts[2 * column + n]!; k++, at++) {
      if (counted[at] === 0) laid.delete(ticks[at]!);
      else laid.set(ticks[at]!, counted[at]!);
    }
    return [...laid].sort(([one], [other]) => (n === 0 ? other - one : one - other));
  });
}

describe('what several rows changed of books', () => {
  it('makes the last of them of the book of any row from the one before on', () => {
    const rows = fc.array(fc.tuple(book, book), { minLength: 2, maxLength: 6 });
    fc.assert(
      fc.property(rows, (books) => {
        const changes = books.slice(1).map((now, n) => changedLists(books[n]!, now));
        const merged = mergedLists(changes);
        const last = books.at(-1)!;
        for (const some of books) {
          for (const column of [0, 1]) {
            const { bids, asks } = levelsOf(last[column]!);
            expect(laidOn(some[column]!, merged, column)).toEqual([bids, asks]);
          }
        }
        expect(merged.counts).toHaveLength(4);
      }),
    );
  });

  it('is what one changed, if they are one', () => {
    const depths = fc.sample(book, { numRuns: 2, seed: 7 });
    const one = changedLists([depths[0]!], [depths[1]!]);
    expect(mergedLists([one])).toBe(one);
    expect(() => mergedLists([])).toThrow('changes are of one row at least');
    expect(wholeLists(depths).columns).toBe(2);
  });
});
