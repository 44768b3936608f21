import type { Frame } from '../encoder.ts';
import type { Told } from './told.ts';

/** Which of its prices an instrument is changed in. */
export type PriceField = 'last' | 'bid' | 'ask';

/**
 * What stands where a price in ticks stood: another, no number at all, or the same in the other
 * form that JSON has for it.
 */
export type WrongPrice =
  | { readonly as: 'ticks'; readonly ticks: number }
  | { readonly as: 'null' | 'nan' }
  /** A text in place of a number, or a number in place of a text. */
  | { readonly as: 'string' };

/** What is done to the prices of one instrument in a row. */
export interface PriceChange {
  readonly column: number;
  /** What is told instead of a price of so many ticks. */
  of(ticks: number, field: PriceField): WrongPrice;
}

/** What is done to a row that is told. */
export interface Changes {
  /** Added to its time; 0 as a rule. */
  readonly skewMs: number;
  /** By column. */
  readonly prices: ReadonlyMap<number, PriceChange>;
}

/**
 * How an encoder says what is not so. What it cannot say stays as it is: docs/faults.md lists
 * that.
 *
 * Of rows the price of an instrument is `last`; where there is none, `bid` and `ask`. Of a candle
 * it is the close, of trades that of the last one, of books the best of each side.
 */
export interface HarmForm {
  /** The frame with the changes; it is not changed itself, as others share it. */
  alter(frame: Frame, told: Told, changes: Changes): Frame;
}
