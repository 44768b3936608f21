import type { LedgerWork } from '../../core/faults/ledger.ts';

/** What a ledger of faults costs, in the units of `cost.ts`. */

/** Drawing the word by which a clause strikes a row or not. */
const DRAW_COST = 12;
/** Settling a strike, and writing it. */
const STRIKE_COST = 1500;
/** Knowing the key of a clause for a column, which is a whole chain of words. */
const KEY_COST = 400;

/** The strikes on so many rows, `most` of them or fewer. */
export function ledgerCost(work: LedgerWork, rows: number, most: number): number {
  const { draws, strikes } = work;
  // It ends where it has as many strikes as it may have.
  const looked = strikes === 0 ? rows : Math.min(rows, Math.ceil(most / strikes));
  return Math.ceil(draws * KEY_COST + looked * (draws * DRAW_COST + strikes * STRIKE_COST));
}
