import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checksum } from '../../src/core/market/checksum.ts';
import { newTrades } from '../../src/core/market/fields.ts';
import { BLOCK_ROWS } from '../../src/core/market/grid.ts';
import { MODEL_KINDS } from '../../src/core/market/models/parameters.ts';
import { marketOf } from '../helpers/market.ts';

interface GoldenBlock {
  readonly spec: object;
  readonly block: number;
  readonly [sum: string]: unknown;
}

const golden: { readonly blocks: readonly GoldenBlock[] } = JSON.parse(
  readFileSync(new URL('./models.json', import.meta.url), 'utf8'),
);

describe('the frozen numbers of every model and field', () => {
  it('are of every model', () => {
    const kinds = golden.blocks.map(({ spec }) => marketOf(spec).instruments[0].model.kind);
    expect(new Set(kinds)).toEqual(new Set(MODEL_KINDS));
  });

  it.each(golden.blocks)('are what the core computes: $id, block $block', (expected) => {
    const { spec, block } = expected;
    const market = marketOf(spec);
    const prices = market.newPrices(BLOCK_ROWS);
    market.fillBlock(prices, 0, block);
    const trades = newTrades(market.spec.dtype, BLOCK_ROWS);
    market.fillTrades(trades, 0, block);
    expect({
      spec,
      id: market.id,
      block,
      first: prices[0],
      last: prices[BLOCK_ROWS - 1],
      checksum: checksum(prices),
      bid: checksum(trades.bid),
      ask: checksum(trades.ask),
      volume: checksum(trades.volume),
      trades: checksum(trades.trades),
      aggressor: checksum(trades.aggressor),
    }).toEqual(expected);
  });
});
