import { type Grid, indexFrom, timeOf } from '../market/grid.ts';
import { fillWords, type Key } from '../random/threefry.ts';
import type { Decider, Ruling } from './decider.ts';
import type { Strike } from './strike.ts';

/** A strike, and the row that it is on. */
export interface LedgerEntry {
  readonly index: number;
  readonly strike: Strike;
}

/** Draws of one stretch: 10 ns each, and whatever strikes on top. */
const STRETCH_DRAWS = 2 ** 14;
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
  const tasks = tasksOf(decider, columns);
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

function tasksOf(decider: Decider, columns: readonly number[]): Task[] {
  const taskOf = (ruling: Ruling, column: number): Task => {
    return { ruling, column, key: decider.keyOf(ruling, column) };
  };
  return [
    ...decider.ofRows.map((ruling) => taskOf(ruling, 0)),
    ...columns.flatMap((column) => decider.ofSymbols.map((ruling) => taskOf(ruling, column))),
  ];
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
