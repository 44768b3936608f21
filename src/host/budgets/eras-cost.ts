import type { History } from '../../core/history/history.ts';
import { ERA_ROWS } from '../../core/market/grid.ts';
import type { Market } from '../../core/market/market.ts';
import type { ModelKind } from '../../core/market/models/parameters.ts';
import { ERA_TABLES_HELD } from '../../core/market/models/scratch.ts';
import { weightsOf } from './weights.ts';

/** What it costs to settle eras, in the units of `cost.ts`. */

/** The rows `[from, next)`. */
export type Rows = readonly [from: number, next: number];

/** Settling an era of one column. */
const ERA_COST = 180_000;
/** The same, by what a price of its model costs: such an era is put together of more. */
const ERA_PRICES = 8000;
/** Tables of an era that each model keeps; of `market`, of an age, which is as large. */
const ERA_TABLES: Readonly<Record<ModelKind, number>> = {
  walk: 1,
  gbm: 1,
  ou: 1,
  jump: 3,
  'crash-boom': 3,
  range: 1,
  regime: 4,
  market: 1,
};

/**
 * Of eras that the rows `[from, next)` come to, which must be settled first: those that begin
 * among them, and of the first rows that are read the one before; not the newest while it is kept.
 */
export function erasCost(
  { market, head }: History,
  columns: readonly number[],
  [from, next]: Rows,
  isFirst: boolean,
): number {
  if (next <= from) return 0;
  const newest = Math.floor(head / ERA_ROWS);
  const end = areErasKept(market) ? newest : newest + 1;
  // Those of so many columns are settled again for all that is read at once.
  const isFromOn = isFirst || !keepsErasOf(market, columns);
  const first = isFromOn ? Math.floor(from / ERA_ROWS) : Math.ceil(from / ERA_ROWS);
  const eras = Math.min(end, Math.ceil(next / ERA_ROWS)) - first;
  if (eras <= 0) return 0;
  return eras * (ERA_COST * columns.length + ERA_PRICES * weightsOf(market, columns));
}

const erasKept = new WeakMap<Market, boolean>();

/** Whether the newest era is kept of all instruments of a market. */
function areErasKept(market: Market): boolean {
  const known = erasKept.get(market);
  if (known !== undefined) return known;
  const areKept = keepsErasOf(market, market.instruments.keys());
  erasKept.set(market, areKept);
  return areKept;
}

/** Whether the eras of so many columns are kept, while these are read in turn. */
export function keepsErasOf({ instruments }: Market, columns: Iterable<number>): boolean {
  let tables = 0;
  for (const column of columns) tables += ERA_TABLES[instruments[column]!.model.kind];
  return tables <= ERA_TABLES_HELD;
}
