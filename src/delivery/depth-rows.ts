import type { History } from '../core/history/history.ts';
import { fillBooks, readQuotes } from '../core/history/read-books.ts';
import { type DepthWanted, wantedOf } from '../core/history/wanted.ts';
import { type Depth, newDepth } from '../core/market/trading/book.ts';
import { changedLists, type DepthLists, wholeLists } from '../core/market/trading/depth-lists.ts';
import { booksCost, differencesCost, rowsCost } from '../host/budgets/cost.ts';
import { type Format, writingCost } from '../host/budgets/writing-cost.ts';
import type { Frame } from './encoder.ts';

/** What stands around the levels of a message is as long as so many of them. */
const MESSAGE_LEVELS = 8;
/** Rows that are looked through for whether what changed is less than a whole book. */
export const MOST_BEHIND = 32;
/** What a level of a whole book takes: in two books, in lists of changes, in their bodies. */
const LEVEL_BYTES = 192;
const ENTRY_BYTES = 2048;
/** No row has books: one that is being filled has none yet. */
const NONE = -2;
/** It pays for what it comes to: the rows of readers are next to one another. */
const GOING_ON = { isAlone: false, isFirst: true };

/** What is told of a row, and the bodies of that which were made, by their kind. */
export interface Told {
  readonly index: number;
  readonly isSnapshot: boolean;
  readonly lists: DepthLists;
  readonly bodies: (Frame | undefined)[];
}

/** What a reader is told next; undefined if that must be made first, of the row at `index`. */
export interface Plan {
  readonly index: number;
  readonly isSnapshot: boolean;
  readonly told: Told | undefined;
}

/**
 * The books that some readers want, and what changed of them in the newest rows: made once for all
 * of them, in whatever encoding.
 *
 *     rows     …  index - 1   index  …  head
 *     books       before      now
 *     told                    changes, or the whole
 */
export class DepthRows {
  readonly wanted: DepthWanted;
  readonly #history: History;
  #before: Depth[];
  #now: Depth[];
  /** The rows that they are of. Those before the first row are empty. */
  #beforeIndex = NONE;
  #nowIndex = NONE;
  readonly #changes = new Map<number, Told>();
  #snapshot: Told | undefined;
  /** What a message of whole books costs, in levels. */
  readonly #wholeCost: number;

  constructor(history: History, wanted: DepthWanted) {
    const { columns, levels } = wanted;
    const books = () => columns.map(() => newDepth(levels));
    this.#history = history;
    this.wanted = wanted;
    this.#before = books();
    this.#now = books();
    this.#wholeCost = MESSAGE_LEVELS + 2 * levels * columns.length;
  }

  /** What it takes at most. */
  get bytes(): number {
    return ENTRY_BYTES + LEVEL_BYTES * this.#wholeCost;
  }

  /** The whole books that were made last. */
  get snapshot(): Told | undefined {
    return this.#snapshot;
  }

  /** What changed in a row, if it was made. */
  changesAt(index: number): Told | undefined {
    return this.#changes.get(index);
  }

  /**
   * What is told to who has the books of row `from - 1`, or none: what changed in row `from`,
   * unless all that changed up to the head is more than the whole books there. The newest rows are
   * looked at first: what they come to holds for all who are further behind.
   */
  planOf(from: number, hasBook: boolean): Plan {
    const { head } = this.#history;
    const behind = head - from;
    const mayFollow = hasBook && behind <= MOST_BEHIND;
    let cost = mayFollow ? MESSAGE_LEVELS * behind : Number.POSITIVE_INFINITY;
    for (let index = head - 1; index >= from && cost <= this.#wholeCost; index--) {
      const told = this.#changes.get(index);
      if (told === undefined) return { index, isSnapshot: false, told };
      cost += told.lists.ticks.length;
    }
    if (cost <= this.#wholeCost) {
      return { index: from, isSnapshot: false, told: this.#changes.get(from) };
    }
    const told = this.#snapshot?.index === head - 1 ? this.#snapshot : undefined;
    return { index: head - 1, isSnapshot: true, told };
  }

  /** What it costs to make what is told of a row. */
  costOf({ index, isSnapshot }: Plan, format: Format): number {
    const { columns, levels } = this.wanted;
    const first = isSnapshot ? index : Math.max(0, index - 1);
    const wanted = wantedOf(['bid', 'ask'], columns);
    const quotes = rowsCost(this.#history, wanted, [first, index + 1], 'bin', GOING_ON);
    const isOneHere = this.#isHere(index) || this.#isHere(index - 1);
    const books = (isSnapshot || isOneHere ? 1 : 2) * booksCost(columns.length, levels);
    const found = isSnapshot ? 0 : differencesCost(columns.length, levels);
    return quotes + books + found + writingCost(format, 2 * levels * columns.length, 2);
  }

  #isHere(index: number): boolean {
    return this.#nowIndex === index || this.#beforeIndex === index;
  }

  /** Makes what is told of a row; yields often. */
  *make({ index, isSnapshot }: Plan): Generator<void, void, void> {
    if (this.#nowIndex !== index) {
      [this.#before, this.#now] = [this.#now, this.#before];
      [this.#beforeIndex, this.#nowIndex] = [this.#nowIndex, this.#beforeIndex];
    }
    const isBefore = isSnapshot || this.#beforeIndex === index - 1;
    const isNow = this.#nowIndex === index;
    if (!isBefore || !isNow) yield* this.#fill(index, isBefore, isNow);
    if (isSnapshot) {
      const lists = wholeLists(this.#now);
      this.#snapshot = { index, isSnapshot, lists, bodies: [] };
    } else {
      const lists = changedLists(this.#before, this.#now);
      this.#changes.set(index, { index, isSnapshot, lists, bodies: [] });
      this.#forgetOld();
    }
  }

  *#fill(index: number, isBefore: boolean, isNow: boolean): Generator<void, void, void> {
    const { columns, levels } = this.wanted;
    const history = this.#history;
    const first = isBefore ? index : Math.max(0, index - 1);
    const quotes = yield* readQuotes(history, columns, first, index + 1);
    if (!isBefore) {
      this.#beforeIndex = NONE;
      if (index === 0) for (const { bids, asks } of this.#before) bids.levels = asks.levels = 0;
      else yield* fillBooks(this.#before, history, quotes, index - 1, levels);
      this.#beforeIndex = index - 1;
    }
    if (isNow) return;
    this.#nowIndex = NONE;
    yield* fillBooks(this.#now, history, quotes, index, levels);
    this.#nowIndex = index;
  }

  /** Forgets what nobody can be told any more: with what follows it is more than whole books. */
  #forgetOld(): void {
    const newest = [...this.#changes.keys()].sort((a, b) => b - a);
    let cost = 0;
    for (const index of newest) {
      if (cost > this.#wholeCost || newest[0]! - index > MOST_BEHIND) this.#changes.delete(index);
      else cost += MESSAGE_LEVELS + this.#changes.get(index)!.lists.ticks.length;
    }
  }
}
