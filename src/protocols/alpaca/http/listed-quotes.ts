import type { History } from '../../../core/history/history.ts';
import { readQuotes } from '../../../core/history/read-books.ts';
import { wantedOf } from '../../../core/history/wanted.ts';
import { indexFrom, timeOf } from '../../../core/market/grid.ts';
import { newDepth } from '../../../core/market/trading/book.ts';
import { booksCost, rowsCost } from '../../../host/budgets/cost.ts';
import { writingCost } from '../../../host/budgets/writing-cost.ts';
import { type Item, quoteOf } from '../items.ts';
import type { Listed, Places, Portion, ReadItems } from './items.ts';
import type { Range } from './parameters.ts';

/** Quotes that are made between two yields. */
const QUOTES_PER_STEP = 256;
/** Values of one. */
const VALUES = 9;

/** Each row has a quote: the best prices, and what waits there. Their places are rows. */
export class ListedQuotes implements Listed {
  readonly name = 'quotes';
  readonly lookCost = 0;
  readonly rowsEach = 0;
  readonly isFinal: boolean;
  readonly #history: History;
  readonly #isDown: boolean;
  readonly #places: Places;

  constructor(history: History, head: number, range: Range, isDown: boolean) {
    this.#history = history;
    this.#isDown = isDown;
    const { grid } = history.market;
    const from = Math.max(0, indexFrom(grid, Math.ceil(range.startMicros / 1000)));
    const next = indexFrom(grid, Math.floor(range.endMicros / 1000) + 1);
    this.#places = { from, next: Math.max(from, Math.min(head, next)) };
    this.isFinal = next <= head;
  }

  placesOf(): Places {
    return this.#places;
  }

  trimmed(_column: number, places: Places): Places {
    return places;
  }

  sizeOf(_column: number, _places: Places, left: number): number {
    return left;
  }

  costOf(column: number, { from, next }: Places): number {
    const rows = next - from;
    const wanted = wantedOf(['bid', 'ask'], [column]);
    const read = rowsCost(this.#history, wanted, [from, next], 'json');
    return read + rows * booksCost(1, 1) + writingCost('json', rows, VALUES);
  }

  *read(column: number, { from, next }: Portion): Generator<unknown, ReadItems, void> {
    const { market, timeline } = this.#history;
    const instrument = market.instruments[column]!;
    const { bid, ask } = yield* readQuotes(this.#history, [column], from, next);
    const depth = newDepth(1);
    const items: Item[] = [];
    for (let n = 0; n < next - from; n++) {
      timeline.bookOf(column).fill(depth, from + n, bid[n]!, ask[n]!, 1);
      const timeMs = timeOf(market.grid, from + n);
      const [bidLots, askLots] = [depth.bids.lots[0]!, depth.asks.lots[0]!];
      items.push(quoteOf(instrument, { timeMs, bid: bid[n]!, bidLots, ask: ask[n]!, askLots }));
      if (items.length % QUOTES_PER_STEP === 0) yield;
    }
    return { items: this.#isDown ? items.reverse() : items, read: { from, next } };
  }
}
