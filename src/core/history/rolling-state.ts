import type { Exact } from '../market/exact-sum.ts';

/** What a span came to, in ticks and lots: as a candle of its rows would say it. */
export interface Statistics {
  /** Its rows. */
  readonly from: number;
  readonly next: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly last: number;
  /** The price of the row before it; of a market that is younger, what it opened at. */
  readonly before: number;
  readonly volume: number;
  /** Price times lots. */
  readonly notional: Exact;
  /** Its trades by their numbers: `[firstTrade, nextTrade)`. */
  readonly firstTrade: number;
  readonly nextTrade: number;
}

/** Gives the price of a row of a column. */
export type PriceAt = (column: number, index: number) => number;

/** Where no batch is made yet. */
export const UNKNOWN = Number.NEGATIVE_INFINITY;

/** What is known of a column, in its place of `#state`: all that a row needs lies side by side. */
export const AT = {
  next: 0,
  from: 1,
  last: 2,
  before: 3,
  volume: 4,
  notionalHigh: 5,
  notionalLow: 6,
  firstTrade: 7,
  nextTrade: 8,
  /** The first row of the batch that comes, and of the one that leaves; it may lie before row 0. */
  coming: 9,
  leaving: 10,
  /** Of rows of the batch that comes, of whole batches, of what is left of the leaving one. */
  newHigh: 11,
  newLow: 12,
  restHigh: 13,
  restLow: 14,
  leavingHigh: 15,
  leavingLow: 16,
} as const;
export const STATE_VALUES = 17;
