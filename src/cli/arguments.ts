import { MAX_ROWS, timeOf } from '../core/market/grid.ts';
import type { Market } from '../core/market/market.ts';
import { parseTime } from '../core/market/time.ts';
import { unknownName } from '../core/market/unknown.ts';
import { rangeRule } from '../protocols/tickwell/ranges.ts';
import { symbolsProblem } from '../protocols/tickwell/symbols.ts';
import { TickwellError } from '../wire/errors.ts';
import { UsageError } from './usage-error.ts';

const CENTURY_MS = 100 * 365.25 * 86_400_000;

/** The columns that `symbols` names: with commas between, `*` for all. */
export function columnsOf(market: Market, symbols: string): readonly number[] {
  if (symbols === '*') return market.instruments.map((_, column) => column);
  const names = symbols.split(',');
  const problem = symbolsProblem(symbols);
  if (problem !== undefined) throw new UsageError([problem]);
  return names.map((symbol, n) => {
    const column = market.columnOf(symbol);
    if (column === undefined) {
      const { symbols: known } = market;
      const asked = { kind: 'symbol', name: symbol, known, see: 'tickwell market lists all' };
      throw new UsageError([unknownName(asked)]);
    }
    if (names.indexOf(symbol) !== n) {
      throw new UsageError([`symbols must differ; given twice: ${symbol}`]);
    }
    return column;
  });
}

/** What the server finds of what was asked; what it would refuse is for the user to put right. */
export function asServed<T>(find: () => T): T {
  try {
    return find();
  } catch (error) {
    if (error instanceof TickwellError) throw new UsageError([error.message]);
    throw error;
  }
}

/** Milliseconds since the Unix epoch of a time that an option names. */
export function timeMsOf(field: string, text: string): number {
  const ms = /^-?\d{1,15}$/.test(text) ? Number(text) : parseTime(text);
  if (ms !== undefined) return ms;
  throw new UsageError([
    `${field} must be RFC 3339 text with a zone, a date, or ms since 1970; given: ${text}`,
  ]);
}

/** What a time out of range must be: `rule`, unless it was given in seconds. */
export function timeRule({ grid }: Market, rule: string, timeMs: number): string {
  // Rows of the future can be asked for too, but nobody means those of other ages.
  const head = Math.min(timeOf(grid, MAX_ROWS), grid.originMs + CENTURY_MS);
  return rangeRule(rule, timeMs, { earliest: grid.originMs, head });
}
