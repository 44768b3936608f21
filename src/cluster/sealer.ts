import { type Grid, MAX_ROWS, timeOf } from '../core/market/grid.ts';
import { RENEWED_MS } from './lead.ts';
import type { LogState } from './log-state.ts';

/** Each waits up to so long at random, so that most find it done. */
const MOST_WAIT_MS = 250;
/** What was not answered is sent again. */
const AGAIN_MS = 500;
/** So long a seal may be missing before its connection is given up for another. */
const OVERDUE_MS = 1500;
/** Of whoever is ahead of the broker: so long he leaves it to others. */
const LEFT_TO_OTHERS_MS = 2000;

/** When rows are to be sealed; times of `steadyMs` never step. */
export class Sealer {
  readonly #grid: Grid;
  readonly #leadMs: number;
  readonly #random: () => number;
  /** Since when a seal has been wanted; undefined while none is. */
  #wantedMs: number | undefined;
  #nextMs = 0;
  #leftUntilMs = 0;
  #isHurried = false;

  constructor(grid: Grid, leadMs: number, random: () => number) {
    this.#grid = grid;
    this.#leadMs = leadMs;
    this.#random = random;
  }

  /**
   * Up to which time of the host to seal rows now; undefined if that is not to be done, or not yet.
   */
  look(state: LogState, nowMs: number, steadyMs: number): number | undefined {
    if (!this.#isWanted(state, nowMs)) {
      this.#wantedMs = undefined;
      return undefined;
    }
    if (this.#wantedMs === undefined) {
      this.#wantedMs = steadyMs;
      this.#nextMs = steadyMs + (this.#isHurried ? 0 : this.#random() * MOST_WAIT_MS);
    }
    if (steadyMs < Math.max(this.#nextMs, this.#leftUntilMs)) return undefined;
    this.#nextMs = steadyMs + AGAIN_MS + this.#random() * MOST_WAIT_MS;
    return nowMs + this.#leadMs;
  }

  /** Has the next seal made at once, because somebody waits for the rows that it allows. */
  hurry(): void {
    this.#isHurried = true;
    this.#nextMs = 0;
  }

  /** Whether one has been missing for so long that its connection is of no use. */
  isOverdue(steadyMs: number, followedMs: number): boolean {
    if (this.#wantedMs === undefined) return false;
    const sinceMs = Math.max(this.#wantedMs, followedMs, this.#leftUntilMs);
    return steadyMs - sinceMs > MOST_WAIT_MS + OVERDUE_MS;
  }

  /** Notes a seal that was read, whoever made it. */
  read(): void {
    this.#wantedMs = undefined;
    this.#isHurried = false;
  }

  /** Notes that the broker took this one's clock for wrong. */
  wasCut(steadyMs: number): void {
    this.#leftUntilMs = steadyMs + LEFT_TO_OTHERS_MS;
  }

  /** Whether the first row that is not sealed is due soon: a lead may be less than a row. */
  #isWanted(state: LogState, nowMs: number): boolean {
    const { index } = state.seal;
    if (index >= MAX_ROWS || state.dueAt(nowMs + this.#leadMs) <= index) return false;
    const dueMs = state.time.hostMs(timeOf(this.#grid, index));
    return dueMs - nowMs < this.#leadMs - RENEWED_MS;
  }
}
