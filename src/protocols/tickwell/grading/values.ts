import { quoted } from '../../../core/market/quoted.ts';
import type { Grading } from './grading.ts';
import { keyName } from './layout.ts';
import { ID_RULE, idOf, msOf, TIME_RULE } from './numbers.ts';
import { cellProblem } from './problem.ts';

/** What values say that are not bytes of a text: of JSON, of Arrow. */

/** The key that a value is; throws a `TickwellError` that names the line if it is none. */
export function keyGiven({ what }: Grading, given: unknown, line: number): number {
  const isId = what === 'trades';
  const text = typeof given === 'string' ? (isId ? idOf : msOf)(given) : undefined;
  const key = typeof given === 'number' && Number.isSafeInteger(given) ? given : text;
  if (key !== undefined) return key;
  throw cellProblem(line, keyName(what), isId ? ID_RULE : TIME_RULE, given);
}

/** The column of a symbol; -1 if the market has none of that name, which is noted. */
export function columnGiven(grading: Grading, symbol: unknown, line: number): number {
  if (typeof symbol !== 'string' || symbol === '') {
    throw cellProblem(line, 'symbol', 'must be the name of one', symbol);
  }
  const column = grading.columnOf(symbol);
  if (column !== undefined) return column;
  grading.grader.unknown(quoted(symbol));
  return -1;
}

/** A value that is no number, as it was given. */
export function textGiven(value: unknown): string {
  return value === undefined ? '' : quoted(value);
}
