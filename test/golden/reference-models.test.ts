import { describe, expect, it } from 'vitest';
import { checksum } from '../../src/core/market/checksum.ts';
import type { Dtype } from '../../src/core/market/dtype.ts';
import { newTrades } from '../../src/core/market/fields.ts';
import { BLOCK_ROWS } from '../../src/core/market/grid.ts';
import type { Market } from '../../src/core/market/market.ts';
import { marketOf } from '../helpers/market.ts';
import { modelBlock, type ReferenceModel, tradesBlock } from './reference-models.ts';

function referenceOf(market: Market): ReferenceModel {
  const [{ symbol, sector, startTicks, minTicks, maxTicks, model }] = market.instruments;
  const { kind, ...parameters } = model;
  const { intervalMs, originMs } = market.grid;
  return {
    seed: market.spec.seed,
    ...{ symbol, sector, start: startTicks, min: minTicks, max: maxTicks },
    ...{ intervalMs, originMs, model: kind, parameters },
  };
}

function blockOf(market: Market, block: number): number[] {
  const prices = market.newPrices(BLOCK_ROWS);
  market.fillBlock(prices, 0, block);
  return [...prices];
}

const WAYS = {
  ou: [{}, { halfLife: '3s' }, { halfLife: '52w' }],
  jump: [{}, { jumpsPerDay: 4000, jumpMean: -0.001 }],
  'crash-boom': [{}, { direction: 'both', spikesPerDay: 80 }],
  range: [{}, { holdTime: '20m', breakTime: '1h', volatility: 2 }],
  regime: [{}, { calmTime: '40m', stormTime: '35m' }],
  market: [{}, { sector: 'Technology', leverage: 0.5, clustering: 0.7, intraday: 0.5 }],
};
const PLACES: { dtype: Dtype; seed: number; interval: number; block: number }[] = [
  { dtype: 'uint16', seed: 1, interval: 1000, block: 0 },
  { dtype: 'float64', seed: 2 ** 40 + 3, interval: 1000, block: 1023 },
  { dtype: 'int8', seed: 5, interval: 60_000, block: 1024 },
  { dtype: 'uint32', seed: 2 ** 53 - 9, interval: 250, block: 2049 },
];

describe.each(Object.entries(WAYS))('docs/prices.md is the core: %s', (model, ways) => {
  it.each(ways.flatMap((way) => PLACES.map((place) => ({ way, ...place }))))(
    'as $way in $dtype, seed $seed, every $interval ms, block $block',
    ({ way, dtype, seed, interval, block }) => {
      const market = marketOf({
        ...{ seed, dtype, interval, origin: '2026-02-03T04:05:06Z' },
        instruments: [{ symbol: 'REF.1', model, ...way }],
      });
      const { prices, activity } = modelBlock(referenceOf(market), block);
      expect(checksum(Float64Array.from(blockOf(market, block)))).toBe(
        checksum(Float64Array.from(prices)),
      );
      if (block !== 0 && model !== 'market') return;
      const trades = newTrades(dtype, BLOCK_ROWS);
      market.fillTrades(trades, 0, block);
      const before = block === 0 ? prices[0] : blockOf(market, block - 1)[BLOCK_ROWS - 1];
      const [instrument] = market.instruments;
      const reference = tradesBlock(
        referenceOf(market),
        { ...instrument.trading },
        block,
        prices,
        before,
        activity,
      );
      for (const [field, values] of Object.entries(trades)) {
        const expected = reference.map((row) => row[field as keyof typeof row]);
        expect(checksum(Float64Array.from(values)), field).toBe(
          checksum(Float64Array.from(expected)),
        );
      }
    },
    30_000,
  );
});
