import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BLOCK_ROWS, MAX_ROWS } from '../../../src/core/market/grid.ts';
import { eachBlock, eachPiece } from '../../../src/core/market/pieces.ts';

/** A size, and a range of few groups of that size that begins anywhere in a market. */
const ranges = fc
  .tuple(fc.constantFrom(1, 3, 64, 1000, BLOCK_ROWS), fc.nat(MAX_ROWS - 8 * BLOCK_ROWS))
  .chain(([size, from]) => fc.tuple(fc.constant(size), fc.constant(from), fc.nat(5 * size)));

describe('pieces of a range', () => {
  it('follow one another from its start to its end, each within its group', () => {
    const property = fc.property(ranges, ([size, start, rows]) => {
      let index = start;
      for (const { number, from, next, at, stop } of eachPiece(start, start + rows, size)) {
        expect(from).toBe(index);
        expect(next).toBeGreaterThan(from);
        const first = number * size;
        expect([at, stop]).toEqual([from - first, next - first]);
        expect(at).toBeGreaterThanOrEqual(0);
        expect(stop).toBeLessThanOrEqual(size);
        // No shorter than it must be.
        expect(stop === size || next === start + rows).toBe(true);
        index = next;
      }
      expect(index).toBe(start + rows);
    });
    fc.assert(property, { seed: 20260103 });
  });

  it('are those of blocks', () => {
    const from = 2 * BLOCK_ROWS - 1;
    expect([...eachBlock(from, from + BLOCK_ROWS + 3)]).toEqual([
      { number: 1, from, next: from + 1, at: BLOCK_ROWS - 1, stop: BLOCK_ROWS },
      { number: 2, from: from + 1, next: from + 1 + BLOCK_ROWS, at: 0, stop: BLOCK_ROWS },
      { number: 3, from: from + 1 + BLOCK_ROWS, next: from + 3 + BLOCK_ROWS, at: 0, stop: 2 },
    ]);
  });

  it('are none where there are no rows', () => {
    expect([...eachBlock(5, 5), ...eachBlock(6, 5)]).toEqual([]);
  });
});
