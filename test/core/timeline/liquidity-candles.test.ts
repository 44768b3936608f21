import { describe, expect, it } from 'vitest';
import { BLOCK_ROWS } from '../../../src/core/market/grid.ts';
import { Fold } from '../../../src/core/market/models/model.ts';
import { Timeline } from '../../../src/core/timeline/timeline.ts';
import { marketOf } from '../../helpers/market.ts';
import { rowsOf } from './done.ts';

describe('candles of wide spreads', () => {
  it('reach as far as their rows do, where nothing else of them is far', () => {
    let farther = 0;
    for (let n = 0; n < 12; n++) {
      const market = marketOf({ seed: 40 + n, count: 1, defaults: { model: 'market' } });
      // In the middle of a stretch, and no longer than a few.
      const index = BLOCK_ROWS + 1000 + n * 1201;
      const liquidity = { spread: 100, depth: 1, volume: 1, forMs: 90_000 };
      const entry = {
        ...{ key: 'k', index },
        effects: [{ kind: 'liquidity', of: { all: true }, afterMs: 0, ...liquidity } as const],
      };
      const timeline = new Timeline(market, [entry]);
      const [from, next] = [BLOCK_ROWS, 2 * BLOCK_ROWS];
      const { last } = rowsOf(timeline, 0, from, next);
      const [fold, expected, base] = [new Fold(), new Fold(), new Fold()];
      timeline.fold(fold, 0, from, next);
      expected.addPrices(last, 0, last.length);
      expect(fold).toEqual(expected);
      market.fold(base, 0, from, next);
      if (expected.high > base.high || expected.low < base.low) farther += 1;
    }
    // Else the test says nothing.
    expect(farther).toBeGreaterThan(3);
  });
});
