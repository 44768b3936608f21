import type { LedgerWork } from '../../core/faults/ledger.ts';

/** What a ledger of faults costs, in the units of `cost.ts`. */

/** Drawing the word by which a clause strikes a row or not. */
const DRAW_COST = 12;
/** The same of a row and an instrument by themselves. */
const LONE_DRAW_COST = 40;
/** Reading a byte of JSON, and writing it again. */
const HARM_BYTE_COST = 20;
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

/** Deciding on so many draws of single rows, for which so many keys were derived. */
export function drawsCost(draws: number, keys: number): number {
  return draws * LONE_DRAW_COST + keys * KEY_COST;
}

/** Saying what is not so in a body or a message of so many bytes: it is read, and written again. */
export function harmCost(bytes: number): number {
  return bytes * HARM_BYTE_COST;
}
