/** Levels of several books one after the other: whole ones, or what changed of them. */
import type { BookSide, Depth } from './book.ts';
import { type BookDifferences, fillBookDifferences } from './book-differences.ts';

/** Of each column the bids, then the asks; of each side the best level first. */
export interface DepthLists {
  readonly columns: number;
  /** How many bids there are of a column, and how many asks: two numbers for each. */
  readonly counts: Uint32Array;
  readonly ticks: Float64Array;
  /** What waits at each price; of what changed, 0 where nothing does any more. */
  readonly lots: Float64Array;
}

/** Where levels are put together, of which copies are given. */
export class DepthGatherer {
  #ticks = new Float64Array(0);
  #lots = new Float64Array(0);
  #end = 0;

  /** All levels of books. */
  whole(books: readonly Depth[]): DepthLists {
    const counts = this.#begin(books, 2);
    for (const [n, { bids, asks }] of books.entries()) {
      counts[2 * n] = this.#addSide(bids);
      counts[2 * n + 1] = this.#addSide(asks);
    }
    return this.#lists(counts);
  }

  /** How each of `now` differs from the one of `before`, found in `differences`. */
  changes(
    before: readonly Depth[],
    now: readonly Depth[],
    differences: BookDifferences,
  ): DepthLists {
    const counts = this.#begin(now, 4);
    const { isBid, ticks, lots } = differences;
    for (const [n, book] of now.entries()) {
      fillBookDifferences(differences, before[n]!, book);
      for (let k = 0; k < differences.changes; k++) {
        this.#ticks[this.#end] = ticks[k]!;
        this.#lots[this.#end] = lots[k]!;
        this.#end += 1;
        counts[2 * n + 1 - isBid[k]!]! += 1;
      }
    }
    return this.#lists(counts);
  }

  /** Begins lists of at most so many times the levels that a side of books has room for. */
  #begin(books: readonly Depth[], times: number): Uint32Array {
    const room = times * books.reduce((sum, { bids }) => sum + bids.ticks.length, 0);
    if (this.#ticks.length < room) {
      this.#ticks = new Float64Array(room);
      this.#lots = new Float64Array(room);
    }
    this.#end = 0;
    return new Uint32Array(2 * books.length);
  }

  #addSide({ ticks, lots, levels }: BookSide): number {
    for (let k = 0; k < levels; k++) {
      this.#ticks[this.#end] = ticks[k]!;
      this.#lots[this.#end] = lots[k]!;
      this.#end += 1;
    }
    return levels;
  }

  #lists(counts: Uint32Array): DepthLists {
    const [ticks, lots] = [this.#ticks.slice(0, this.#end), this.#lots.slice(0, this.#end)];
    return { columns: counts.length / 2, counts, ticks, lots };
  }
}
