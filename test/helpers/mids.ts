import { BLOCK_ROWS } from '../../src/core/market/grid.ts';
import { keyOfInstrument, type Market } from '../../src/core/market/market.ts';
import { Factors } from '../../src/core/market/models/factors.ts';
import type { MidModel } from '../../src/core/market/models/model.ts';
import { modelOf } from '../../src/core/market/models/models.ts';
import { Scratch } from '../../src/core/market/models/scratch.ts';

const known = new WeakMap<Market, { readonly scratch: Scratch; readonly factors: Factors }>();
const models = new WeakMap<Market, Map<number, MidModel>>();

/** The model of an instrument of the model `market`, alone. */
export function midModelOf(market: Market, column: number): MidModel {
  const { seed, grid, dtype } = market.spec;
  let shared = known.get(market);
  if (shared === undefined) {
    const scratch = new Scratch(dtype);
    shared = { scratch, factors: new Factors(seed, grid, scratch) };
    known.set(market, shared);
    models.set(market, new Map());
  }
  const ofMarket = models.get(market)!;
  let model = ofMarket.get(column);
  if (model === undefined) {
    const instrument = market.instruments[column];
    const key = keyOfInstrument(seed, instrument.symbol);
    model = modelOf({ instrument, grid, key, ...shared }) as MidModel;
    ofMarket.set(column, model);
  }
  return model;
}

/** The mids of a block, in ticks, to the nearest one: what quotes are around. */
export function midBlockOf(market: Market, column: number, block: number): Float64Array {
  const { exponents, first } = midModelOf(market, column).midsOf(block);
  return exponents.slice(first, first + BLOCK_ROWS).map((x) => Math.round(Math.exp(x)));
}
