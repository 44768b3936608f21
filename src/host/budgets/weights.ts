import type { Market } from '../../core/market/market.ts';
import type { ModelKind } from '../../core/market/models/parameters.ts';

/** One price made again, by model. */
const MODEL_COSTS: Readonly<Record<ModelKind, number>> = {
  walk: 1,
  gbm: 20,
  ou: 20,
  jump: 20,
  'crash-boom': 30,
  range: 40,
  regime: 25,
  market: 70,
};

/** What a price of a column costs. */
export function weightOf({ instruments }: Market, column: number): number {
  return MODEL_COSTS[instruments[column]!.model.kind];
}

/** What a price of each of `columns` costs, all together. */
export function weightsOf(market: Market, columns: readonly number[]): number {
  let sum = 0;
  for (const column of columns) sum += weightOf(market, column);
  return sum;
}
