import type { Item } from '../items.ts';

/**
 * Places `[from, next)` among the items of a column, in the order of time: numbers of trades, of
 * rows, of candles. Places of candles may be empty.
 */
export interface Places {
  readonly from: number;
  readonly next: number;
}

export const NOWHERE: Places = { from: 0, next: 0 };

/** What of some places one page reads, and what that costs. */
export interface Portion extends Places {
  /** The most items. */
  readonly most: number;
  readonly cost: number;
}

/** Items in the order that was asked for, and the places that were read for them. */
export interface ReadItems {
  readonly items: readonly Item[];
  readonly read: Places;
}

/** One kind of items in a range of time: found by their places, read in portions. */
export interface Listed {
  readonly name: 'bars' | 'trades' | 'quotes';
  /** What it costs to find the places of a column, and what is left of them. */
  readonly lookCost: number;
  /** Whether what it lists does not change any more. */
  readonly isFinal: boolean;
  /** Those that there are of a column; begins, or ends, with one that is not empty. */
  placesOf(column: number): Places;
  /** What is left of places: begins, or ends, with one that is not empty. */
  trimmed(column: number, places: Places): Places;
  /** Rows that one place is folded of; 0 if they are not counted. */
  readonly rowsEach: number;
  /** How many places that are not empty one page takes at most, for at most `left` items. */
  sizeOf(column: number, places: Places, left: number): number;
  /**
   * What reading places costs; pays for finding that out. Throws a `TickwellError` if it would take
   * too long to find out what one place costs.
   */
  costOf(column: number, places: Places): number;
  /** Reads a portion; yields often. */
  read(column: number, portion: Portion): Generator<unknown, ReadItems, void>;
}

/** What of places is behind those that were read. */
export function restOf({ from, next }: Places, read: Places, isDown: boolean): Places {
  return isDown ? { from, next: read.from } : { from: read.next, next };
}

/** `size` places of some: those that come first. */
export function firstOf({ from, next }: Places, size: number, isDown: boolean): Places {
  return isDown
    ? { from: Math.max(from, next - size), next }
    : { from, next: Math.min(next, from + size) };
}

export function isEmpty({ from, next }: Places): boolean {
  return from >= next;
}
