import type { Market } from '../../src/core/market/market.ts';
import { MODEL_KINDS } from '../../src/core/market/models/parameters.ts';
import { type Depth, newDepth } from '../../src/core/market/trading/book.ts';
import type { BinaryDepth } from '../../src/wire/binary-depth.ts';

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
  return levelsOf(depth);
}

export function levelsOf({ bids, asks }: Depth): Levels {
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

/** A message of books, by whatever transport. */
export interface ToldBooks {
  readonly since: number;
  readonly until: number;
  readonly lag: number;
  readonly snapshot: boolean;
  readonly bids: Levels['bids'][];
  readonly asks: Levels['asks'][];
}

/** What a reader of books makes of messages: it knows nothing but what these say. */
export class BookKeeper {
  /** Of each column; undefined before the first snapshot. */
  books: Levels[] | undefined;
  until: number | undefined;

  constructor(books?: Levels[], until?: number) {
    this.books = books;
    this.until = until;
  }

  take({ since, until, snapshot, bids, asks }: ToldBooks): readonly Levels[] {
    if (this.until !== undefined && since !== this.until) {
      throw new Error(`a message must go on from ${this.until}; given: ${since}`);
    }
    this.until = until;
    if (!snapshot && this.books === undefined) throw new Error('first come whole books');
    this.books = bids.map((_, n) => {
      if (snapshot) return { bids: bids[n]!, asks: asks[n]! };
      const { bids: oldBids, asks: oldAsks } = this.books![n]!;
      return { bids: changed(oldBids, bids[n]!, -1), asks: changed(oldAsks, asks[n]!, 1) };
    });
    return this.books;
  }
}

function changed(side: Levels['bids'], changes: Levels['bids'], step: number): Levels['bids'] {
  const lotsAt = new Map(side);
  for (const [ticks, lots] of changes) {
    if (lots > 0) lotsAt.set(ticks, lots);
    else if (!lotsAt.delete(ticks)) throw new Error(`what goes must be there; given: ${ticks}`);
  }
  return [...lotsAt].sort((a, b) => step * (a[0] - b[0]));
}

/** A message in bytes as it is in JSON. */
export function booksIn({ since, until, lagRows, isSnapshot, lists }: BinaryDepth): ToldBooks {
  const { columns, counts, ticks, lots } = lists;
  let at = 0;
  const sides = Array.from({ length: 2 * columns }, (_, n) =>
    Array.from({ length: counts[n]! }, () => [ticks[at]!, lots[at++]!] as const),
  );
  const [bids, asks] = [0, 1].map((side) => sides.filter((_, n) => n % 2 === side));
  return { since, until, lag: lagRows, snapshot: isSnapshot, bids: bids!, asks: asks! };
}
