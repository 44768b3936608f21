import { describe, expect, it } from 'vitest';
import type { History } from '../../../src/core/history/history.ts';
import { RightRecords } from '../../../src/core/history/right-records.ts';
import { finish } from '../../../src/core/market/finish.ts';
import { BLOCK_ROWS } from '../../../src/core/market/grid.ts';

/** The most records of a kind that are sure to be kept, and that may be for a while. */
const KEPT = 512;
const MOST_KEPT = 2 * KEPT;

/** A history of one column that has these prices. */
function historyOf(prices: Float64Array): History {
  const copy = (out: Float64Array, at: number, _column: number, from: number, next: number) =>
    out.set(prices.subarray(from, next), at);
  return { copy } as unknown as History;
}

function recordsOf(prices: Float64Array, from = 0, next = prices.length): RightRecords {
  const room = new Float64Array(BLOCK_ROWS);
  return finish(RightRecords.of(historyOf(prices), 0, [from, next], room));
}

const ROWS = 20_000;
const SHAPES: readonly [string, (row: number) => number][] = [
  // Each row is higher than all behind it, or lower.
  ['falls with every row', (row) => ROWS - row],
  ['rises with every row', (row) => row],
  ['opens ever less', (row) => (row % 2 === 0 ? 1 : -1) * (ROWS - row)],
  ['stands still', () => 7],
  ['falls, then stands', (row) => Math.max(0, 3000 - row)],
];

describe.each(SHAPES)('records of a price that %s', (_, priceAt) => {
  const prices = Float64Array.from({ length: ROWS }, (_, row) => priceAt(row));
  const highs = prices.slice();
  const lows = prices.slice();
  for (let row = ROWS - 2; row >= 0; row--) {
    highs[row] = Math.max(highs[row]!, highs[row + 1]!);
    lows[row] = Math.min(lows[row]!, lows[row + 1]!);
  }

  it('are right as far as they are kept, and found again where they are not', () => {
    let records = recordsOf(prices);
    let found = 1;
    for (let from = 0; from < ROWS; from++) {
      if (!records.has(from)) {
        records = recordsOf(prices, from);
        found += 1;
        expect(records.has(from)).toBe(true);
      }
      if (records.highFrom(from) !== highs[from]) expect(records.highFrom(from)).toBe(highs[from]);
      if (records.lowFrom(from) !== lows[from]) expect(records.lowFrom(from)).toBe(lows[from]);
    }
    // Each finding is good for hundreds of rows.
    expect(found).toBeLessThanOrEqual(1 + Math.ceil(ROWS / KEPT));
  });

  it('are kept of the first rows, and of no more than a thousand', () => {
    const records = recordsOf(prices);
    let [kept, ended] = [0, ROWS];
    let last = Number.NaN;
    for (let from = 0; from < ended; from++) {
      if (!records.has(from)) ended = from;
      else if (records.highFrom(from) !== last) {
        kept += 1;
        last = records.highFrom(from);
      }
    }
    expect(ended).toBeGreaterThanOrEqual(KEPT);
    expect(kept).toBeLessThanOrEqual(MOST_KEPT);
  });
});
