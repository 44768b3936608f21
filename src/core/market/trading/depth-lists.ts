/** Levels of several books one after the other: whole ones, or what changed of them. */
import { type BookSide, type Depth, MAX_LEVELS } from './book.ts';
import { fillBookDifferences, newBookDifferences } from './book-differences.ts';

/** Of each column the bids, then the asks; of each side the best level first. */
export interface DepthLists {
  readonly columns: number;
  /** How many bids there are of a column, and how many asks: two numbers for each. */
  readonly counts: ArrayLike<number>;
  readonly ticks: ArrayLike<number>;
  /** What waits at each price; of what changed, 0 where nothing does any more. */
  readonly lots: ArrayLike<number>;
}

/** Lists that grow. Of few levels, arrays of numbers are made sooner than typed ones. */
interface Growing {
  readonly columns: number;
  readonly counts: number[];
  readonly ticks: number[];
  readonly lots: number[];
}

const newLists = (columns: number): Growing => ({ columns, counts: [], ticks: [], lots: [] });

const differences = newBookDifferences(MAX_LEVELS);

/** All levels of books. */
export function wholeLists(books: readonly Depth[]): DepthLists {
  const lists = newLists(books.length);
  for (const { bids, asks } of books) {
    addSide(lists, bids);
    addSide(lists, asks);
  }
  return lists;
}

function addSide(lists: Growing, { ticks, lots, levels }: BookSide): void {
  lists.counts.push(levels);
  for (let k = 0; k < levels; k++) {
    lists.ticks.push(ticks[k]!);
    lists.lots.push(lots[k]!);
  }
}

/**
 * All levels that some rows have changed one after the other, as the last of them left each: by it,
 * any book of the rows from the one before them on is made the last.
 */
export function mergedLists(rows: readonly DepthLists[]): DepthLists {
  const [first, ...more] = rows;
  if (first === undefined) throw new Error('changes are of one row at least');
  if (more.length === 0) return first;
  const lists = newLists(first.columns);
  const ats = rows.map(() => 0);
  for (let side = 0; side < first.counts.length; side++) {
    const levels = new Map<number, number>();
    for (const [n, { counts, ticks, lots }] of rows.entries()) {
      const end = ats[n]! + counts[side]!;
      for (let k = ats[n]!; k < end; k++) levels.set(ticks[k]!, lots[k]!);
      ats[n] = end;
    }
    // Bids come before asks.
    const sign = side % 2 === 0 ? -1 : 1;
    const sorted = [...levels].sort(([one], [other]) => sign * (one - other));
    for (const [tick, count] of sorted) {
      lists.ticks.push(tick);
      lists.lots.push(count);
    }
    lists.counts.push(sorted.length);
  }
  return lists;
}

/** How each of `now` differs from the one of `before`. */
export function changedLists(before: readonly Depth[], now: readonly Depth[]): DepthLists {
  const lists = newLists(now.length);
  const { isBid, ticks, lots } = differences;
  for (const [n, book] of now.entries()) {
    fillBookDifferences(differences, before[n]!, book);
    let bids = 0;
    for (let k = 0; k < differences.changes; k++) {
      lists.ticks.push(ticks[k]!);
      lists.lots.push(lots[k]!);
      bids += isBid[k]!;
    }
    lists.counts.push(bids, differences.changes - bids);
  }
  return lists;
}
