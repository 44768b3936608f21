import { type Grid, indexFrom, timeOf } from '../market/grid.ts';
import { fillWords, type Key } from '../random/threefry.ts';
import type { When } from './clause.ts';
import type { Decider, Ruling } from './decider.ts';
import type { Strike } from './strike.ts';

/** A strike, and the row that it is on. */
export interface LedgerEntry {
  readonly index: number;
  readonly strike: Strike;
}

/** Draws of one stretch: 10 ns each, and whatever strikes on top. */
const STRETCH_DRAWS = 2 ** 14;
/** Clauses of columns whose keys are made in one turn. */
const TURN_TASKS = 2 ** 10;
const NOTHING: readonly LedgerEntry[] = [];
const TWO_32 = 0x1_0000_0000;

/** A clause, and whose rows it may strike. */
interface Task {
  readonly ruling: Ruling;
  readonly column: number;
  readonly key: Key;
}

/**
 * The strikes on the rows `[from, next)`: those on whole rows, and on the instruments of `columns`.
 * They come by rows; of a row, those on the whole first, then by the order of `columns`; of each,
 * by clauses. Every turn gives those of one stretch, which may be none, and takes less than a
 * millisecond where little is struck.
 */
export function* ledger(
  decider: Decider,
  columns: readonly number[],
  from: number,
  next: number,
): Generator<readonly LedgerEntry[], void> {
  const tasks = yield* tasksOf(decider, columns);
  const words = new Uint32Array(2 * STRETCH_DRAWS);
  const stretchRows = Math.max(1, Math.floor(STRETCH_DRAWS / Math.max(1, tasks.length)));
  const isDrawn = tasks.some(({ ruling }) => ruling.clause.when.unit === 'rate');
  let at = isDrawn ? from : firstOfPeriods(decider.grid, tasks, from);

  while (at < next) {
    // The low word of a row's counter does not carry into the high one.
    const end = Math.min(next, at + stretchRows, (Math.floor(at / TWO_32) + 1) * TWO_32);
    // Where one row has more tasks than a stretch has draws, it takes several turns.
    for (let first = 0; first < tasks.length; first += STRETCH_DRAWS) {
      const found: LedgerEntry[] = [];
      for (const task of tasks.slice(first, first + STRETCH_DRAWS)) {
        addStrikes(found, decider, task, words, at, end);
      }
      yield found.sort((a, b) => a.index - b.index);
    }
    at = isDrawn ? end : firstOfPeriods(decider.grid, tasks, end);
  }
}

/** Those of whole rows, then those of each column; keys are chains of words, so it takes turns. */
function* tasksOf(
  decider: Decider,
  columns: readonly number[],
): Generator<readonly LedgerEntry[], readonly Task[], void> {
  const tasks: Task[] = [];
  const add = (ruling: Ruling, column: number) => {
    tasks.push({ ruling, column, key: decider.keyOf(ruling, column) });
  };
  for (const ruling of decider.ofRows) add(ruling, 0);
  let turnEnd = TURN_TASKS;
  for (const column of columns) {
    for (const ruling of decider.ofSymbols) add(ruling, column);
    if (tasks.length < turnEnd) continue;
    turnEnd = tasks.length + TURN_TASKS;
    yield NOTHING;
  }
  return tasks;
}

/** Adds what strikes the rows `[from, next)`, as many as `words` has pairs at the most. */
function addStrikes(
  found: LedgerEntry[],
  decider: Decider,
  { ruling, column, key }: Task,
  words: Uint32Array,
  from: number,
  next: number,
): void {
  const add = (index: number) => {
    found.push({ index, strike: decider.strike(ruling, index, column) });
  };
  const { when } = ruling.clause;
  if (when.unit === 'period') {
    let index = firstOfPeriod(decider.grid, from, when.ms);
    for (; index < next; index = firstOfPeriod(decider.grid, index + 1, when.ms)) add(index);
    return;
  }
  const { threshold } = ruling;
  const count = next - from;
  fillWords(words, key, from | 0, Math.floor(from / TWO_32), 2 * count);

  for (let n = 0; n < count; n++) {
    if (words[2 * n] < threshold) add(from + n);
  }
}

/** The first row from `index` on that is the first at or after a multiple of `periodMs`. */
function firstOfPeriod(grid: Grid, index: number, periodMs: number): number {
  const before = timeOf(grid, index - 1);
  // Of 0 and -0 the greater is 0.
  return Math.max(index, indexFrom(grid, (Math.floor(before / periodMs) + 1) * periodMs));
}

/** The first row from `index` on that a period strikes; infinite where none does. */
function firstOfPeriods(grid: Grid, tasks: readonly Task[], index: number): number {
  let first = Number.POSITIVE_INFINITY;
  for (const { ruling } of tasks) {
    const { when } = ruling.clause;
    if (when.unit !== 'period') continue;
    first = Math.min(first, firstOfPeriod(grid, index, when.ms));
  }
  return first;
}

/** What a ledger of so many columns is like, for each of its rows. */
export interface LedgerWork {
  /** Words that are drawn. */
  readonly draws: number;
  /** Strikes that are to be expected. */
  readonly strikes: number;
}

/** What there is to do for each row of a ledger of so many columns. */
export function ledgerWork(decider: Decider, columns: number): LedgerWork {
  let draws = 0;
  let strikes = 0;
  const add = ({ clause: { when } }: Ruling, count: number) => {
    if (when.unit === 'rate') draws += count;
    strikes += count * shareOf(when, decider.grid);
  };
  for (const ruling of decider.ofRows) add(ruling, 1);
  for (const ruling of decider.ofSymbols) add(ruling, columns);
  return { draws, strikes };
}

/** The share of rows that a clause strikes. */
function shareOf(when: When, { intervalMs }: Grid): number {
  if (when.unit === 'always') return 0;
  return when.unit === 'rate' ? when.perMillion / 1_000_000 : Math.min(1, intervalMs / when.ms);
}
