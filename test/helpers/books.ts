import type { Market } from '../../src/core/market/market.ts';
import { MODEL_KINDS } from '../../src/core/market/models/parameters.ts';
import { newDepth } from '../../src/core/market/trading/book.ts';

/** A book as answers and messages say it: of each level its price and its lots. */
export interface Levels {
  readonly bids: readonly (readonly [number, number])[];
  readonly asks: readonly (readonly [number, number])[];
}

/** An instrument of each model, and one that closes at night. */
export const OF_EACH_MODEL = {
  count: undefined,
  dtype: 'int32',
  instruments: [
    ...MODEL_KINDS.map((model, n) => ({ symbol: `M${n}`, model, tradesPerDay: 400_000 })),
    { symbol: 'WIDE', model: 'market', spreadTicks: 60, startPrice: 5000 },
    { symbol: 'SHUT', model: 'market', calendar: 'new-york', startPrice: 100 },
  ],
} as const;

/** The book of a column at a row as the core makes it, without history or server. */
export function bookOf(market: Market, column: number, index: number, levels: number): Levels {
  const depth = newDepth(levels);
  market.fillDepth(depth, column, index, levels);
  const { bids, asks } = depth;
  const side = ({ ticks, lots, levels: count }: typeof bids) =>
    Array.from({ length: count }, (_, n) => [ticks[n]!, lots[n]!] as const);
  return { bids: side(bids), asks: side(asks) };
}

/** What does not hold of a book whose row has these quotes, as sentences. */
export function brokenRules({ bids, asks }: Levels, bid: number, ask: number): string[] {
  const all = [...bids, ...asks];
  const ordered = (side: Levels['bids'], step: number) =>
    side.every(([ticks], n) => n === 0 || step * (ticks - side[n - 1]![0]) > 0);
  const rules: Readonly<Record<string, boolean>> = {
    'the best bid is that of the row': bids[0]?.[0] === bid,
    'the best ask is that of the row': asks[0]?.[0] === ask,
    'the best bid is below the best ask': bid < ask,
    'bids fall': ordered(bids, -1),
    'asks rise': ordered(asks, 1),
    'lots are whole, and one at least': all.every(([, lots]) => Number.isInteger(lots) && lots > 0),
    'prices are whole ticks': all.every(([ticks]) => Number.isInteger(ticks)),
  };
  return Object.entries(rules).flatMap(([rule, holds]) => (holds ? [] : [rule]));
}
