import type { History } from '../core/history/history.ts';
import { fillBooks, readQuotes } from '../core/history/read-books.ts';
import { booksDueAt, type DepthWanted, wantedOf } from '../core/history/wanted.ts';
import { type Depth, newDepth } from '../core/market/trading/book.ts';
import {
  changedLists,
  type DepthLists,
  mergedLists,
  wholeLists,
} from '../core/market/trading/depth-lists.ts';
import { booksCost, differencesCost, rowsCost } from '../host/budgets/cost.ts';
import { type Format, writingCost } from '../host/budgets/writing-cost.ts';
import type { Frame } from './encoder.ts';

/** What stands around the levels of a message is as long as so many of them. */
const MESSAGE_LEVELS = 8;
/** What is kept of what changed since readers were told, who wait at different rows. */
const MOST_SINCE = 4;
/**
 * Rows that one message tells of at most, and that are looked through for whether what changed is
 * less than a whole book.
 */
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
  /** The first row of which it tells. */
  readonly from: number;
  readonly index: number;
  readonly isSnapshot: boolean;
  readonly lists: DepthLists;
  readonly bodies: (Frame | undefined)[];
}

/** What a reader is told next; undefined if that must be made first, of the row at `index`. */
export interface Plan {
  /** It tells what changed from this row on. */
  readonly from: number;
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
  /** By the first row that they tell of. */
  readonly #since = new Map<number, Told>();
  #snapshot: Told | undefined;
  #isMaking = false;
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

  /** What changed in a row, or since it, if that was made. */
  changesAt(from: number): Told | undefined {
    return this.wanted.telling === undefined ? this.#changes.get(from) : this.#since.get(from);
  }

  /**
   * What is told to who has the books of row `from - 1`, or none: what changed in row `from`,
   * unless all that changed up to the head is more than the whole books there. The newest rows are
   * looked at first: what they come to holds for all who are further behind.
   */
  planOf(from: number, hasBook: boolean): Plan {
    const { head } = this.#history;
    const { telling } = this.wanted;
    if (telling?.how === 'whole') return this.#wholePlan(head - 1);
    if (telling?.how === 'since') {
      // A client may have the books of any row in between: each row counts.
      const index = Math.min(booksDueAt(telling, head), from + MOST_BEHIND) - 1;
      const known = this.#since.get(from);
      const told = known?.index === index ? known : undefined;
      return { from, index, isSnapshot: false, told };
    }
    const behind = head - from;
    const mayFollow = hasBook && behind <= MOST_BEHIND;
    let cost = mayFollow ? MESSAGE_LEVELS * behind : Number.POSITIVE_INFINITY;
    for (let index = head - 1; index >= from && cost <= this.#wholeCost; index--) {
      const told = this.#changes.get(index);
      if (told === undefined) return { from: index, index, isSnapshot: false, told };
      cost += told.lists.ticks.length;
    }
    if (cost <= this.#wholeCost) {
      return { from, index: from, isSnapshot: false, told: this.#changes.get(from) };
    }
    return this.#wholePlan(head - 1);
  }

  #wholePlan(index: number): Plan {
    const told = this.#snapshot?.index === index ? this.#snapshot : undefined;
    return { from: index, index, isSnapshot: true, told };
  }

  /** Whether it is made of few levels, of rows whose quotes are at hand. */
  isAtHand({ from, isSnapshot }: Plan): boolean {
    const { columns } = this.wanted;
    const first = isSnapshot ? from : Math.max(0, from - 1);
    return !this.#isMaking && this.#history.trades.has(columns, first);
  }

  /** What it costs to make what is told of a row. */
  costOf({ from, index, isSnapshot }: Plan, format: Format): number {
    const { columns, levels } = this.wanted;
    const first = isSnapshot ? index : Math.max(0, from - 1);
    const wanted = wantedOf(['bid', 'ask'], columns);
    const quotes = rowsCost(this.#history, wanted, [first, index + 1], 'bin', GOING_ON);
    const isOneHere = this.#isHere(index) || this.#isHere(from - 1);
    const rows = index + 1 - from;
    const made = isSnapshot || isOneHere ? rows : rows + 1;
    const books = made * booksCost(columns.length, levels);
    const found = isSnapshot ? 0 : rows * differencesCost(columns.length, levels);
    return quotes + books + found + writingCost(format, 2 * levels * columns.length, 2);
  }

  #isHere(index: number): boolean {
    return this.#nowIndex === index || this.#beforeIndex === index;
  }

  /** Makes what is told of a row; yields often. */
  *make(plan: Plan): Generator<void, void, void> {
    // Who begins in between finds books that are being filled.
    this.#isMaking = true;
    try {
      yield* this.#make(plan);
    } finally {
      this.#isMaking = false;
    }
  }

  *#make({ from, index, isSnapshot }: Plan): Generator<void, void, void> {
    if (isSnapshot) {
      yield* this.#stepTo(index, false);
      const lists = wholeLists(this.#now);
      this.#snapshot = { from: index, index, isSnapshot, lists, bodies: [] };
      return;
    }
    const changes: DepthLists[] = [];
    for (let row = from; row <= index; row++) {
      if (row > from) yield;
      yield* this.#stepTo(row, true);
      changes.push(changedLists(this.#before, this.#now));
    }
    this.#keep({ from, index, isSnapshot, lists: mergedLists(changes), bodies: [] });
  }

  /** Has the books of a row and, if they are wanted, those before. */
  *#stepTo(index: number, isBefore: boolean): Generator<void, void, void> {
    if (this.#nowIndex !== index) {
      [this.#before, this.#now] = [this.#now, this.#before];
      [this.#beforeIndex, this.#nowIndex] = [this.#nowIndex, this.#beforeIndex];
    }
    if (isBefore && this.#beforeIndex !== index - 1) {
      this.#beforeIndex = NONE;
      yield* this.#fill(this.#before, index - 1);
      this.#beforeIndex = index - 1;
    }
    if (this.#nowIndex === index) return;
    this.#nowIndex = NONE;
    yield* this.#fill(this.#now, index);
    this.#nowIndex = index;
  }

  /** Fills books as they are at a row; those before the first row are empty. */
  *#fill(books: readonly Depth[], index: number): Generator<void, void, void> {
    const { columns, levels } = this.wanted;
    if (index < 0) {
      for (const { bids, asks } of books) bids.levels = asks.levels = 0;
      return;
    }
    const quotes = yield* readQuotes(this.#history, columns, index, index + 1);
    yield* fillBooks(books, this.#history, quotes, index, levels);
  }

  #keep(told: Told): void {
    if (this.wanted.telling === undefined) {
      this.#changes.set(told.index, told);
      this.#forgetOld();
      return;
    }
    const since = this.#since;
    since.delete(told.from);
    since.set(told.from, told);
    if (since.size > MOST_SINCE) since.delete(since.keys().next().value!);
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
