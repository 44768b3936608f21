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

describe('the check values of docs/prices.md', () => {
  const text = readFileSync(new URL('../../docs/prices.md', import.meta.url), 'utf8');
  const [, head, body] = /^\| model \| row (.*) \|\n\|-.*\n((?:\|.*\n)+)/m.exec(text)!;
  const indexes = head.split(' | ').map(Number);
  const rows = body
    .trim()
    .split('\n')
    .map((row) => row.slice(2, -2).split(' | '));

  it.each(rows)('are those of %s', (model, ...prices) => {
    const market = marketOf({ instruments: [{ symbol: 'M_0', model }] });
    const found = indexes.map((index) => {
      const block = market.newPrices(BLOCK_ROWS);
      market.fillBlock(block, 0, Math.floor(index / BLOCK_ROWS));
      return block[index % BLOCK_ROWS];
    });
    expect(found).toEqual(prices.map(Number));
  });

  it('are those of quotes and trades', () => {
    const [, said] = /of `market`, rows 16384 \.\. 16387: (.*)\.$/m.exec(text)!;
    const market = marketOf({ instruments: [{ symbol: 'M_0', model: 'market' }] });
    const trades = newTrades('uint16', BLOCK_ROWS);
    market.fillTrades(trades, 0, 1);
    const found = Object.entries(trades).map(([field, values]) =>
      [field, ...values.subarray(0, 4)].join(' '),
    );
    expect(found.join('; ')).toBe(said);
  });
});
