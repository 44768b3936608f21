import type { Market } from '../../core/market/market.ts';
import type { ModelKind } from '../../core/market/models/parameters.ts';
import { DAY_MS } from '../../core/market/time.ts';

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

/** Making a day of `market`, which is made whole for any of its rows but the one it begins with. */
const DAY_COST = 40_000;

/** What a price of a column costs. On wide grids a day of `market` serves few rows. */
export function weightOf({ instruments, grid }: Market, column: number): number {
  const { model, calendar } = instruments[column]!;
  const cost = MODEL_COSTS[model.kind];
  if (model.kind !== 'market') return cost;
  const { intervalMs, originMs } = grid;
  const areDayStarts = intervalMs % DAY_MS === 0 && originMs % DAY_MS === 0;
  if (areDayStarts && calendar === 'always') return cost;
  return cost + Math.floor(DAY_COST * Math.min(1, intervalMs / DAY_MS));
}

/** What a price of each of `columns` costs, all together. */
export function weightsOf(market: Market, columns: readonly number[]): number {
  let sum = 0;
  for (const column of columns) sum += weightOf(market, column);
  return sum;
}
