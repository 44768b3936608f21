/**
 * Which rows of a grid are open. A row tells of the time since the row before it, so it is open if
 * some of that was in a session, or one opens with it:
 *
 *     time      ──── opens ────────────────────── closes ────────
 *     rows      held   │open  open  open  open  open│   held   held
 *                      └ the first from there on    └ the first from there on is the last
 *
 * A held row shows the last open one before it, and before the first one row 0.
 */
import type { Prices } from '../dtype.ts';
import { STATUS } from '../fields.ts';
import { type Grid, timeOf } from '../grid.ts';
import type { Spec } from '../market.ts';
import { DAY_MS } from '../time.ts';
import { calendarText } from './calendar-spec.ts';
import { Hours, newSession, placeIn } from './hours.ts';

/** Rows that are all open, or all held: `[from, next)`. */
export interface Stretch {
  readonly from: number;
  readonly next: number;
  readonly isOpen: boolean;
  /** The row that a held one shows. */
  readonly shown: number;
}

export class OpenRows {
  readonly hours: Hours;
  /** Open rows of a whole day; where sessions do not fit the grid, one more. */
  readonly rowsPerDay: number;
  readonly #grid: Grid;
  /** What days that close early have less than others, added up: before each, and of all. */
  readonly #missing: readonly number[];
  readonly #session = newSession();
  readonly #before = newSession();
  #stretch: Stretch = { from: 0, next: 0, isOpen: true, shown: 0 };
  /** Open rows since long ago, before row 0. */
  readonly #atOrigin: number;

  constructor(hours: Hours, grid: Grid) {
    this.hours = hours;
    this.#grid = grid;
    const { whole } = hours;
    this.rowsPerDay = this.#rowsOfDay(whole);
    const missing = [0];
    for (const n of hours.earlyDates.keys()) {
      missing.push(missing[n]! + this.rowsPerDay - this.#rowsOfDay(hours.ofEarly(n)));
    }
    this.#missing = missing;
    this.#atOrigin = this.#countOf(0);
  }

  /** Whether a row is open. */
  isOpen(index: number): boolean {
    return this.stretchOf(index).isOpen;
  }

  /** The row that row `index` shows: itself, if it is open. */
  shownAt(index: number): number {
    const { isOpen, shown } = this.stretchOf(index);
    return isOpen ? index : shown;
  }

  /**
   * Open rows before row `index`, from row 0 on, session by session: a row that ends one and begins
   * the next counts for both. One that does not fit the grid counts as many as one that does, so
   * its first row may count twice. A reading, not a sum.
   */
  before(index: number): number {
    return this.#countOf(index) - this.#atOrigin;
  }

  /** Fills `out[from .. next)` with what `before` says of the rows `start + from ..`. */
  fillBefore(out: Float64Array, start: number, from: number, next: number): void {
    for (let i = from; i < next; ) {
      const stretch = this.stretchOf(start + i);
      const stop = Math.min(next, stretch.next - start);
      let count = this.before(start + i);
      out[i++] = count;
      // In a session each row is one more, but for its first.
      if (i < stop) count = this.before(start + i);
      for (; i < stop; i++) {
        out[i] = count;
        if (stretch.isOpen) count += 1;
      }
    }
  }

  /** The rows around row `index` that are as it is; a session ends where the next one begins. */
  stretchOf(index: number): Stretch {
    const stretch = this.#stretch;
    if (index >= stretch.from && index < stretch.next) return stretch;
    this.#stretch = this.#find(index);
    return this.#stretch;
  }

  #find(index: number): Stretch {
    const { hours } = this;
    const session = this.#session;
    const utcDay = this.#seek(index);
    const open = this.#rowFrom(utcDay, session.openMs);
    if (index >= open) {
      const next = this.#rowFrom(utcDay, session.closeMs) + 1;
      return { from: this.#firstOf(utcDay, open), next, isOpen: true, shown: index };
    }
    hours.sessionBefore(this.#before, utcDay, session);
    const last = this.#rowFrom(utcDay, this.#before.closeMs);
    return { from: Math.max(0, last + 1), next: open, isOpen: false, shown: Math.max(0, last) };
  }

  /** The first row of the session at hand, which opens at `open`, that is not of the one before. */
  #firstOf(utcDay: number, open: number): number {
    this.hours.sessionBefore(this.#before, utcDay, this.#session);
    return Math.max(0, open, this.#rowFrom(utcDay, this.#before.closeMs) + 1);
  }

  /** Finds the first session that row `index` is of, or that is to come; gives its day. */
  #seek(index: number): number {
    const { intervalMs } = this.#grid;
    const timeMs = timeOf(this.#grid, index) - intervalMs;
    const utcDay = Math.floor(timeMs / DAY_MS);
    this.hours.sessionAt(this.#session, utcDay, timeMs - utcDay * DAY_MS);
    return utcDay;
  }

  #countOf(index: number): number {
    const { hours } = this;
    const utcDay = this.#seek(index);
    const { date, part, openMs, closeMs } = this.#session;
    const early = placeIn(hours.earlyDates, date);
    let count = hours.numberOf(date) * this.rowsPerDay - this.#missing[early]!;
    const { openMs: opensMs, lunch } = hours.of(date);
    if (part === 1) count += this.#rowsOf(lunch![0] - opensMs);
    if (index <= this.#rowFrom(utcDay, openMs)) return count;
    const left = this.#rowFrom(utcDay, closeMs) + 1 - index;
    return count + this.#rowsOf(closeMs - openMs) - left;
  }

  /** The first row from a moment on. */
  #rowFrom(utcDay: number, ms: number): number {
    const { originMs, intervalMs } = this.#grid;
    return Math.ceil((utcDay * DAY_MS + ms - originMs) / intervalMs);
  }

  #rowsOfDay({ openMs, closeMs, lunch }: Hours['whole']): number {
    if (lunch === undefined) return this.#rowsOf(closeMs - openMs);
    return this.#rowsOf(lunch[0] - openMs) + this.#rowsOf(closeMs - lunch[1]);
  }

  /** The most rows that are open in so long a session. */
  #rowsOf(ms: number): number {
    return Math.ceil(ms / this.#grid.intervalMs) + 1;
  }
}

/** Which rows of a market are open, by columns: those of a calendar are found once. */
export function openRowsOf({ instruments, grid }: Pick<Spec, 'instruments' | 'grid'>) {
  const known = new Map<string, OpenRows>();
  return instruments.map(({ calendar }) => {
    if (calendar === 'always') return undefined;
    const text = calendarText(calendar);
    const rows = known.get(text) ?? new OpenRows(new Hours(calendar), grid);
    known.set(text, rows);
    return rows;
  });
}

/** Fills `out`, from `at` on, with the status of rows `[from, next)`; all trade without `open`. */
export function fillStatus(
  open: OpenRows | undefined,
  out: Prices,
  at: number,
  from: number,
  next: number,
): void {
  for (let i = from, stop = next; i < next; i = stop) {
    const stretch = open?.stretchOf(i);
    stop = Math.min(next, stretch?.next ?? next);
    const status = stretch?.isOpen === false ? STATUS.closed : STATUS.trading;
    out.fill(status, at + i - from, at + stop - from);
  }
}
