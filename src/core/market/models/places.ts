/**
 * Where rows stand in days of business: the day, the cell of it, and how far inside that.
 *
 * A day is cut in equal cells of business. The rows inside of one are settled together, so a layout
 * of a block has all rows of the cells at its edges, also those outside of the block.
 */
import { BlockCache } from '../block-cache.ts';
import { BLOCK_ROWS, type Grid } from '../grid.ts';
import { DAY_MS } from '../time.ts';
import { type Calendar, newSession, SEGMENTS, type Session } from './calendar.ts';

/** Parts of such a cell, where rows are so fine that there would be too many in it. */
export const PARTS = 256;
const COARSEST_IN_PARTS_MS = 99;

/** One row's place. */
export interface Place {
  day: number;
  cell: number;
  /** How much of the cell is over, from 0 to 1. */
  inside: number;
}

/** Rows before a block that its own look back at. */
export const LOOK_BACK_ROWS = 64;

/**
 * The places of a block's rows and of those that they look back at, and of all that share a cell
 * with one of them.
 */
export class Layout {
  /** How many of its rows stand before the block. */
  before = 0;
  rows = 0;
  /** Of each row, how much of its cell is over. */
  inside = new Float64Array(0);
  /** How many runs of rows in one cell there are. Of each: its day and cell, */
  runs = 0;
  readonly days: number[] = [];
  readonly cells: number[] = [];
  /** and its rows: those at the start of the cell, or closed there, begin at `still`, */
  readonly still: number[] = [];
  /** those inside of it are `[from, next)`. */
  readonly from: number[] = [];
  readonly next: number[] = [];

  /** Makes room for so many rows. */
  clear(before: number, rows: number): void {
    this.before = before;
    this.rows = rows;
    this.runs = 0;
    if (this.inside.length < rows) this.inside = new Float64Array(rows + BLOCK_ROWS / 8);
  }

  /** Appends a run. */
  add(day: number, cell: number, still: number, from: number, next: number): void {
    const run = this.runs++;
    this.days[run] = day;
    this.cells[run] = cell;
    this.still[run] = still;
    this.from[run] = from;
    this.next[run] = next;
  }
}

/** Layouts of a market's blocks that are at hand: more than are read in turn. */
const LAYOUTS_HELD = 5;

export class Places {
  readonly calendar: Calendar;
  readonly cellsOfDay: number;
  /** How long a cell takes round the clock; a row or a part of a segment, whichever is longer. */
  readonly stepMs: number;
  readonly #grid: Grid;
  readonly #depth: number;
  /** Whole days of an interval, and the milliseconds beyond them. */
  readonly #intervalDays: number;
  readonly #intervalMs: number;
  readonly #originDay: number;
  readonly #originMs: number;
  readonly #session = newSession();
  readonly #layouts = new BlockCache<number, Layout>(LAYOUTS_HELD, () => new Layout());
  #utcDay = 0;
  #ms = 0;

  /** `depth` is that of the U of a day. */
  constructor(grid: Grid, calendar: Calendar, depth: number) {
    this.calendar = calendar;
    this.#grid = grid;
    this.#depth = depth;
    const isInParts = grid.intervalMs <= COARSEST_IN_PARTS_MS;
    this.cellsOfDay = isInParts ? SEGMENTS * PARTS : SEGMENTS;
    this.stepMs = isInParts ? DAY_MS / (SEGMENTS * PARTS) : grid.intervalMs;
    this.#intervalDays = Math.floor(grid.intervalMs / DAY_MS);
    this.#intervalMs = grid.intervalMs - this.#intervalDays * DAY_MS;
    this.#originDay = Math.floor(grid.originMs / DAY_MS);
    this.#originMs = grid.originMs - this.#originDay * DAY_MS;
  }

  /** Makes `out` the place of row `index`, which may be negative. */
  placeOf(out: Place, index: number): void {
    this.#goTo(index);
    const session = this.#session;
    const ms = this.#ms;
    this.calendar.sessionAt(session, this.#utcDay, ms);
    const cells = this.cellsOfDay;
    const isOpen = ms >= session.startMs;
    const done = cells * (isOpen ? doneAt(ms, session, this.#depth) : session.before);
    out.day = session.day;
    out.cell = isOpen ? Math.min(cells * session.end - 1, done | 0) : done;
    out.inside = done - out.cell;
  }

  /** The layout of a block; for reading at once and no longer. */
  layoutOf(block: number): Layout {
    return this.#layouts.take(block, (layout) => this.#fill(layout, block));
  }

  #fill(layout: Layout, block: number): void {
    const first = block * BLOCK_ROWS;
    const before = first - this.#edgeOf(Math.max(0, first - LOOK_BACK_ROWS), -1);
    const rows = before + this.#edgeOf(first + BLOCK_ROWS - 1, 1) + 1 - first;
    layout.clear(before, rows);
    this.#goTo(first - before);
    for (let row = 0; row < rows; ) row = this.#passSession(layout, row);
  }

  /** Lays out the rows from `row` on that one session has; gives the row behind them. */
  #passSession(layout: Layout, row: number): number {
    const session = this.#session;
    const calendar = this.calendar;
    calendar.sessionAt(session, this.#utcDay, this.#ms);
    const { day, startMs, lengthMs, openFrom } = session;
    const intervalMs = this.#intervalDays * DAY_MS + this.#intervalMs;
    const rowsUntil = (ms: number) =>
      Math.max(row, Math.min(layout.rows, row + Math.ceil((ms - this.#ms) / intervalMs)));
    const open = rowsUntil(startMs);
    const close = rowsUntil(startMs + lengthMs);
    const cells = this.cellsOfDay;
    if (open > row) layout.add(day, cells * session.before, row, open, open);

    const depth = this.#depth;
    const opened = session.before + session.gap;
    const from = uOf(openFrom, depth);
    const share = session.openTo - openFrom;
    const scale = (session.end - opened) / (uOf(session.openTo, depth) - from);
    const last = cells * session.end - 1;
    const { inside } = layout;
    let cell = -1;
    // As `doneAt`, which is too far away here.
    for (let i = open, ms = this.#ms + (open - row) * intervalMs; i < close; i++) {
      const s = openFrom + share * ((ms - startMs) / lengthMs);
      const u = s + depth * (s * (2 + s * (4 * s - 6)));
      const done = cells * (opened + scale * (u - from));
      const at = Math.min(last, done | 0);
      inside[i] = done - at;
      if (at !== cell) {
        if (cell >= 0) layout.next[layout.runs - 1] = i;
        layout.add(day, at, i, done > at ? i : i + 1, close);
        cell = at;
      }
      ms += intervalMs;
    }

    this.#goOn(close - row);
    return close;
  }

  /** The farthest row that way from `index` on in the cell that it is inside of. */
  #edgeOf(index: number, way: number): number {
    const here = { day: 0, cell: 0, inside: 0 };
    const there = { day: 0, cell: 0, inside: 0 };
    this.placeOf(here, index);
    if (here.inside === 0) return index;
    const isWith = (other: number) => {
      this.placeOf(there, other);
      return there.inside > 0 && there.cell === here.cell && there.day === here.day;
    };
    let step = 1;
    while (isWith(index + way * step)) step *= 2;
    // The last that is with it is from step / 2 on, and before step.
    let least = Math.floor(step / 2);
    while (step - least > 1) {
      const middle = Math.floor((step + least) / 2);
      if (isWith(index + way * middle)) least = middle;
      else step = middle;
    }
    return index + way * least;
  }

  /** Stands at row `index`: all products are below 2^53. */
  #goTo(index: number): void {
    const whole = Math.floor(index / DAY_MS);
    const rest = index - whole * DAY_MS;
    const ms = rest * this.#intervalMs + this.#originMs;
    const days = Math.floor(ms / DAY_MS);
    this.#utcDay =
      this.#originDay + whole * this.#grid.intervalMs + rest * this.#intervalDays + days;
    this.#ms = ms - days * DAY_MS;
  }

  /** Goes on by so many rows of one session. */
  #goOn(rows: number): void {
    const ms = this.#ms + rows * this.#intervalMs;
    const days = Math.floor(ms / DAY_MS);
    this.#utcDay += rows * this.#intervalDays + days;
    this.#ms = ms - days * DAY_MS;
  }
}

/** The part of a day of business that is over at `ms`, in the open hours of a session. */
function doneAt(ms: number, session: Session, depth: number): number {
  const { startMs, lengthMs, before, gap, end, openFrom, openTo } = session;
  const opened = before + gap;
  const from = uOf(openFrom, depth);
  const scale = (end - opened) / (uOf(openTo, depth) - from);
  const s = openFrom + (openTo - openFrom) * ((ms - startMs) / lengthMs);
  return opened + scale * (uOf(s, depth) - from);
}

/** The U of a day: how much of its open hours' business is done, of how much of their time. */
function uOf(s: number, depth: number): number {
  return s + depth * (s * (2 + s * (4 * s - 6)));
}
