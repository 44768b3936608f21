import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BLOCK_ROWS,
  ERA_BLOCKS,
  headAt,
  indexFrom,
  isOnGrid,
  MAX_ROWS,
  timeOf,
} from '../../../src/core/market/grid.ts';

const grids = fc.record({
  originMs: fc.integer({ min: -2_208_988_800_000, max: 7_258_118_400_000 }),
  intervalMs: fc.integer({ min: 1, max: 604_800_000 }),
});
const run = { seed: 20260107, numRuns: 500 };

describe('a grid', () => {
  it.each([
    [-1e9, 0],
    [4999, 0],
    [4999.999, 0],
    [5000, 1],
    [5299, 1],
    [5300, 2],
    [8000, 11],
  ])('from 5 s, every 0.3 s, has at %d ms a head of %d', (nowMs, head) => {
    expect(headAt({ originMs: 5000, intervalMs: 300 }, nowMs)).toBe(head);
  });

  it('gives every row a time, and every such time back its row', () => {
    const property = fc.property(grids, fc.nat(2 ** 31 - 1), (grid, far) => {
      // Of times only those are whole that a double holds: up to the year 70,000.
      const index = Math.min(far, Math.floor(2 ** 51 / grid.intervalMs));
      const timeMs = timeOf(grid, index);
      expect(indexFrom(grid, timeMs)).toBe(index);
      expect(isOnGrid(grid, timeMs)).toBe(true);
      expect(headAt(grid, timeMs)).toBe(index + 1);
      expect(headAt(grid, timeMs - 1)).toBe(index);
      expect(isOnGrid(grid, timeMs + 1)).toBe(grid.intervalMs === 1);
    });
    fc.assert(property, run);
  });

  it('finds the first row at or after a time, before the origin too', () => {
    const property = fc.property(grids, fc.integer({ min: -1e12, max: 1e12 }), (grid, offset) => {
      const timeMs = grid.originMs + offset;
      const index = indexFrom(grid, timeMs);
      expect(timeOf(grid, index)).toBeGreaterThanOrEqual(timeMs);
      expect(timeOf(grid, index - 1)).toBeLessThan(timeMs);
    });
    fc.assert(property, run);
  });

  it('numbers blocks with 32 bits, whole eras of them', () => {
    expect(MAX_ROWS / BLOCK_ROWS).toBe(2 ** 32);
    expect((MAX_ROWS / BLOCK_ROWS) % ERA_BLOCKS).toBe(0);
  });
});
