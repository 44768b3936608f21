import { History } from '../history/history.ts';
import type { Entry } from '../market/entries/entry.ts';
import { BLOCK_ROWS, headAt, MAX_ROWS, timeOf } from '../market/grid.ts';
import type { Market } from '../market/market.ts';
import { mustBe } from '../market/must-be.ts';
import type { Timeline } from '../timeline/timeline.ts';

/** What is done to rows is worked out so long before the head comes to them. */
const SETTLED_EARLY_ROWS = BLOCK_ROWS / 2;

/**
 * A market that is running: its head follows a clock that is told, not read.
 *
 * The head is computed from the time, never counted up, so a late call makes every row that became
 * due meanwhile and no remainder of an interval is lost. It never moves back: while the clock is
 * behind, it stands still.
 */
export class Feed {
  /** What never changes: the base of the timeline. */
  readonly market: Market;
  readonly timeline: Timeline;
  readonly history: History;
  readonly #hearers = new Set<(entry: Entry) => void>();
  /** Where the head goes, or has gone. */
  #goesTo = 0;

  /** Throws a `TypeError` on what is no market. */
  constructor(of: Market | Timeline) {
    this.history = new History(of);
    this.timeline = this.history.timeline;
    this.market = this.timeline.market;
  }

  /** The index of the next row. */
  get head(): number {
    return this.history.head;
  }

  /**
   * The first row that nobody was given, and that `fill` is not about to make readable: of what it
   * has made in slices some may lack what is done now.
   */
  get next(): number {
    return Math.max(this.head, this.#goesTo);
  }

  /** How much is made of the rows that the head moves to, from 0 to 1. */
  get progress(): number {
    return this.history.ring.progress;
  }

  /**
   * Does something to the market: what was made ahead of the rows from the entry's on is made
   * again. Throws a `TypeError` if one of them is readable.
   */
  add(entry: Entry): void {
    const isAhead = Number.isSafeInteger(entry?.index) && entry.index >= this.head;
    mustBe(isAhead, 'index', `a whole number of at least the head, ${this.head}`, entry?.index);
    this.timeline.add(entry);
    this.history.forgetFrom(entry.index);
    for (const hear of this.#hearers) hear(entry);
  }

  /** Has `hear` called with each entry that is added from now on, before there is a row of it. */
  onEntry(hear: (entry: Entry) => void): void {
    this.#hearers.add(hear);
  }

  /** Makes the rows that are due at `nowMs`, but none from row `until` on; gives how many. */
  advance(nowMs: number, until = MAX_ROWS): number {
    const before = this.head;
    for (const _ of this.fill(nowMs, until));
    return this.head - before;
  }

  /** As `advance`, but yields often: there may be a whole ring to fill. */
  *fill(nowMs: number, until = MAX_ROWS): Generator<void, void, void> {
    const head = this.#headAt(nowMs, until);
    this.#goesTo = Math.max(this.#goesTo, head);
    yield* this.#settle(head);
    yield* this.history.moveTo(head);
  }

  /** How many rows `fill` makes readable. */
  dueRows(nowMs: number, until = MAX_ROWS): number {
    return Math.max(0, this.#headAt(nowMs, until) - this.head);
  }

  #headAt(nowMs: number, until: number): number {
    return Math.min(until, MAX_ROWS, headAt(this.market.grid, nowMs));
  }

  /** Does what can be done before rows are due; yields often. To be called between two rows. */
  *prepare(): Generator<void, void, void> {
    // A little further than the head needs: it settles nothing when it comes to another block.
    yield* this.#settle(this.head + SETTLED_EARLY_ROWS);
    yield* this.history.prepare();
  }

  /** Works out what is done to the rows around `head`, with those that are made ahead of it. */
  #settle(head: number): Generator<void, void, void> {
    return this.timeline.settle((Math.floor(head / BLOCK_ROWS) + 2) * BLOCK_ROWS);
  }

  /** When the next row is due. */
  nextDueMs(): number {
    return timeOf(this.market.grid, this.head);
  }
}
