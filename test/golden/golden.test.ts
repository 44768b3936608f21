import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checksum } from '../../src/core/market/checksum.ts';
import { DTYPES, type Dtype } from '../../src/core/market/dtype.ts';
import { BLOCK_ROWS } from '../../src/core/market/grid.ts';
import type { Market } from '../../src/core/market/market.ts';
import { PRESETS } from '../../src/core/market/presets/presets.ts';
import { marketOf } from '../helpers/market.ts';
import { gbmBlock, startOf, walkBlock } from './reference.ts';

interface GoldenBlock {
  readonly spec: { readonly seed: number; readonly dtype: Dtype };
  readonly id: string;
  readonly block: number;
  readonly first: number;
  readonly last: number;
  readonly checksum: string;
}

interface Golden {
  readonly defaultMarketId: string;
  /** The id of each preset's market. */
  readonly presets: Readonly<Record<string, string>>;
  readonly blocks: readonly GoldenBlock[];
}

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const golden: Golden = JSON.parse(read('./golden.json'));

function blockOf(market: Market, column: number, block: number) {
  const prices = market.newPrices(BLOCK_ROWS);
  market.fillBlock(prices, column, block);
  return prices;
}

describe('the frozen numbers', () => {
  it('are the default market and blocks of both models and every dtype', () => {
    expect(marketOf({}).id).toBe(golden.defaultMarketId);
    const kinds = golden.blocks.map(({ spec }) => {
      const [{ model }] = marketOf(spec).instruments;
      return `${model.kind} ${spec.dtype}`;
    });
    expect(new Set(kinds).size).toBe(2 * Object.keys(DTYPES).length);
  });

  it('are the markets of all presets', () => {
    const ids = Object.entries(PRESETS).map(([name, { spec }]) => [name, marketOf(spec).id]);
    expect(Object.fromEntries(ids)).toEqual(golden.presets);
  });

  it('are what the core computes', () => {
    for (const { spec, id, block, first, last, checksum: expected } of golden.blocks) {
      const market = marketOf(spec);
      const prices = blockOf(market, 0, block);
      const found = { id: market.id, first: prices[0], last: prices.at(-1), sum: checksum(prices) };
      expect(found, JSON.stringify(spec)).toEqual({ id, first, last, sum: expected });
    }
  });
});

/** The rows of the tables under "Check values" in docs/prices.md. */
function checkValues(): { symbol: string; index: number; price: number }[] {
  const section = read('../../docs/prices.md').split('## Check values')[1];
  return [...section.matchAll(/^\| (\w+) \| (\d+) \| (\d+) \|$/gm)].map(
    ([, symbol, index, price]) => ({ symbol, index: Number(index), price: Number(price) }),
  );
}

describe('docs/prices.md', () => {
  it('gives 26 check values', () => {
    expect(checkValues()).toHaveLength(26);
  });

  it.each(checkValues())('says that $symbol at $index is $price, and it is', (value) => {
    const { symbol, index, price } = value;
    const isGbm = symbol === 'GBM_0';
    const market = marketOf(isGbm ? { instruments: [{ symbol, model: 'gbm' }] } : {});
    const block = blockOf(market, market.columnOf(symbol)!, Math.floor(index / BLOCK_ROWS));
    expect(block[index % BLOCK_ROWS]).toBe(price);
  });

  const dtypes = Object.keys(DTYPES) as Dtype[];
  const cases = dtypes.flatMap((dtype, n) => [
    { dtype, seed: n, block: 0 },
    { dtype, seed: 2 ** 40 + n, block: 1023 + n },
    { dtype, seed: 2 ** 53 - 1 - n, block: 4 * 1024 + 200 * n },
  ]);

  it.each(cases)('is the core: a walk in $dtype, seed $seed, block $block', (given) => {
    const { dtype, seed, block } = given;
    const { min, max } = DTYPES[dtype];
    const market = marketOf({ seed, dtype, instruments: ['A', 'ticker_07', 'EUR/USD.X=perp'] });
    for (const [column, { symbol, startTicks }] of market.instruments.entries()) {
      expect(startTicks).toBe(startOf(seed, symbol, min, max));
      const reference = walkBlock({ seed, symbol, start: startTicks, min, max }, block);
      expect(checksum(Float64Array.from(blockOf(market, column, block)))).toBe(
        checksum(Float64Array.from(reference)),
      );
    }
  });

  it.each(cases)('is the core: a gbm in $dtype, seed $seed, block $block', (given) => {
    const { dtype, seed, block } = given;
    const { max } = DTYPES[dtype];
    // The second of them is at a wall again and again.
    for (const volatility of [0.3, 40]) {
      const gbm = { drift: -0.1, volatility, intervalMs: 60_000 };
      const { drift, intervalMs: interval } = gbm;
      const instruments = [{ symbol: 'GBM.1', model: 'gbm', drift, volatility }];
      const market = marketOf({ seed, dtype, interval, instruments });
      const [{ symbol, startTicks: start }] = market.instruments;
      const reference = gbmBlock({ seed, symbol, start, min: 1, max }, gbm, block);
      expect(checksum(Float64Array.from(blockOf(market, 0, block)))).toBe(
        checksum(Float64Array.from(reference)),
      );
    }
  });

  it('is the core at the highest prices that there are, of float64', () => {
    const gbm = { drift: -0.1, volatility: 0.3, intervalMs: 60_000 };
    const { max } = DTYPES.float64;
    for (const startPrice of [max - 200, 2 ** 47 + 1]) {
      const { drift, volatility, intervalMs: interval } = gbm;
      const instruments = [
        { symbol: 'GBM.1', model: 'gbm', drift, volatility, tickSize: 1, startPrice },
      ];
      const market = marketOf({ seed: 3, dtype: 'float64', interval, instruments });
      const of = { seed: 3, symbol: 'GBM.1', start: startPrice, min: 1, max };
      for (const block of [0, 3])
        expect([...blockOf(market, 0, block)]).toEqual(gbmBlock(of, gbm, block));
    }
  });
});
