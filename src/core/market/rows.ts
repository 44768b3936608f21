import type { Market } from './market.ts';

/** What rows are read by: a market, or one to which things are done (core/timeline). */
export type Rows = Pick<
  Market,
  | 'spec'
  | 'grid'
  | 'instruments'
  | 'symbols'
  | 'columnOf'
  | 'openRowsOf'
  | 'fillStatus'
  | 'newPrices'
  | 'fillBlock'
  | 'fillTrades'
  | 'fold'
  | 'foldTrades'
  | 'tradesBefore'
  | 'lotsOfTrade'
  | 'rowOfTrade'
  | 'fillEachTrade'
  | 'fillDepth'
  | 'bookOf'
  | 'forgetFrom'
>;
