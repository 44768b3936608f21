import { timeOf } from '../../../core/market/grid.ts';
import type { DepthLists } from '../../../core/market/trading/depth-lists.ts';
import type { BooksPlace, DepthEncoder } from '../../../delivery/encoder.ts';
import { type Numbers, quantityText } from '../numbers.ts';
import { StreamEncoder } from './stream-encoder.ts';

/** The levels of one side in lists of one column, from `at` on. */
interface Side {
  readonly lists: DepthLists;
  readonly at: number;
  readonly count: number;
  readonly numbers: Numbers;
}

/** Books of one symbol, each message of one row: the number of an update is that of its row. */
abstract class BookEncoder extends StreamEncoder {
  readonly depth: DepthEncoder = {
    encode: (lists, _isSnapshot, place) => {
      const [column] = place.columns;
      if (column === undefined) throw new Error('a stream of books is of one column');
      const numbers = this.symbols.numbersOf(column);
      const [bids, asks] = [lists.counts[0]!, lists.counts[1]!];
      const sides = [
        { lists, at: 0, count: bids, numbers },
        { lists, at: bids, count: asks, numbers },
      ] as const;
      return this.message(column, this.payloadOf(column, sides, place));
    },
    put: (body) => this.put(body),
  };

  protected abstract payloadOf(
    column: number,
    sides: readonly [bids: Side, asks: Side],
    place: BooksPlace,
  ): string;
}

/** `@depth`: what changed since the update before. */
export class DiffEncoder extends BookEncoder {
  protected payloadOf(
    column: number,
    [bids, asks]: readonly [Side, Side],
    { from, index }: BooksPlace,
  ): string {
    const time = this.time(timeOf(this.symbols.market.grid, index));
    return (
      `{"e":"depthUpdate","E":${time},"s":"${this.symbolOf(column)}","U":${from},"u":${index},` +
      `"b":${levelsOf(bids)},"a":${levelsOf(asks)}}`
    );
  }
}

/** `@depth5` and the like: the best levels. */
export class PartialEncoder extends BookEncoder {
  protected payloadOf(
    _column: number,
    [bids, asks]: readonly [Side, Side],
    { index }: BooksPlace,
  ): string {
    return `{"lastUpdateId":${index},"bids":${levelsOf(bids)},"asks":${levelsOf(asks)}}`;
  }
}

/** `@bookTicker`: the best level of each side. */
export class BookTickerEncoder extends BookEncoder {
  protected payloadOf(
    column: number,
    [bids, asks]: readonly [Side, Side],
    { index }: BooksPlace,
  ): string {
    const [bid, bidLots] = bestOf(bids);
    const [ask, askLots] = bestOf(asks);
    return (
      `{"u":${index},"s":"${this.symbolOf(column)}","b":"${bid}","B":"${bidLots}",` +
      `"a":"${ask}","A":"${askLots}"}`
    );
  }
}

function levelsOf({ lists: { ticks, lots }, at, count, numbers }: Side): string {
  let text = '';
  for (let n = at; n < at + count; n++) {
    const before = n === at ? '' : ',';
    text += `${before}["${numbers.price(ticks[n]!)}","${quantityText(lots[n]!)}"]`;
  }
  return `[${text}]`;
}

/** The price and the quantity of the first level; both are 0 where a side is empty. */
function bestOf({ lists: { ticks, lots }, at, count, numbers }: Side): readonly [string, string] {
  if (count === 0) return [numbers.price(0), quantityText(0)];
  return [numbers.price(ticks[at]!), quantityText(lots[at]!)];
}
