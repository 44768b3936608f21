import type { Strike } from '../faults/strike.ts';
import type { Order } from './seen.ts';
import { Skewed } from './skews.ts';

/** Strikes of a symbol that are remembered to have been counted. */
const MOST_COUNTED = 2 ** 10;

/** What is known of one symbol. */
export class SymbolExcuses {
  readonly column: number;
  readonly skewed: Skewed;
  /** Whether the record that was taken last came at another time. */
  isSkewed = false;
  /** The place behind the last record that is late because a connection broke. */
  lateNext = -1;
  /** Strikes that were counted. */
  readonly #counted = new Set<string>();

  constructor(column: number) {
    this.column = column;
    this.skewed = new Skewed(column);
  }

  /** Whether a strike was not counted yet; from now on it is. */
  isNew({ clause }: Strike, index: number): boolean {
    const cause = `${clause} ${index}`;
    if (this.#counted.has(cause)) return false;
    if (this.#counted.size >= MOST_COUNTED) this.#counted.clear();
    this.#counted.add(cause);
    return true;
  }
}

/** A record that was taken. */
export interface TakenRecord {
  readonly key: number;
  readonly place: number;
  /** The place that was to come. */
  readonly due: number;
  readonly order: Order;
  /** Of one that is late, where the hole ended that it was in. */
  readonly holeNext: number;
  /** Where the newest hole begins, if it ends close before `due`: else that. */
  readonly awayFrom: number;
}
