import type { Market } from '../../core/market/market.ts';
import { LONE_COST, TRADES_COST } from './cost.ts';
import { weightOf } from './weights.ts';

/** What it costs to grade what was recorded, in the units of `cost.ts`. */

/** Reading a byte of a recording, and holding what it says against what is true. */
export const RECORDED_BYTE_COST = 20;

/** Copying and reading a byte again of what each message of a recording is read with. */
export const REREAD_BYTE_COST = 1;

/** Drawing a word to find out what was done to a row on its way. */
export const DRAW_COST = 15;

/** Making so many rows of a column that records are held against, with their quotes and trades. */
export function truthCost(market: Market, column: number, rows: number): number {
  return LONE_COST + rows * (weightOf(market, column) + TRADES_COST);
}
