import { History } from '../history/history.ts';
import { headAt, MAX_ROWS, timeOf } from '../market/grid.ts';
import { Market } from '../market/market.ts';
import { mustBe } from '../market/must-be.ts';

/**
 * A market that is running: its head follows a clock that is told, not read.
 *
 * The head is computed from the time, never counted up, so a late call makes every row that became
 * due meanwhile and no remainder of an interval is lost. It never moves back: while the clock is
 * behind, it stands still.
 */
export class Feed {
  readonly market: Market;
  readonly history: History;

  /** Throws a `TypeError` on what is no market. */
  constructor(market: Market) {
    mustBe(market instanceof Market, 'market', 'a Market', market);
    this.market = market;
    this.history = new History(market);
  }

  /** The index of the next row. */
  get head(): number {
    return this.history.head;
  }

  /** Makes the rows that are due at `nowMs`; gives how many. */
  advance(nowMs: number): number {
    const before = this.head;
    for (const _ of this.fill(nowMs));
    return this.head - before;
  }

  /** As `advance`, but yields often: for the first time, when there is a whole ring to fill. */
  fill(nowMs: number): Generator<void, void, void> {
    return this.history.moveTo(Math.min(MAX_ROWS, headAt(this.market.grid, nowMs)));
  }

  /** Does what can be done before rows are due; yields often. To be called between two rows. */
  prepare(): Generator<void, void, void> {
    return this.history.ring.prepare();
  }

  /** When the next row is due. */
  nextDueMs(): number {
    return timeOf(this.market.grid, this.head);
  }
}
