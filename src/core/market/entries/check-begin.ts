import type { Check, Fields } from '../check.ts';
import { type Grid, indexFrom, MAX_ROWS, timeOf } from '../grid.ts';
import type { Instrument } from '../instrument.ts';
import { parseDuration } from '../resolution.ts';
import { formatTime, parseTime } from '../time.ts';
import { describeEffect } from './effects.ts';
import type { Entry } from './entry.ts';
import { checkEvent, checkScenario } from './requested.ts';

/** As many as a row can be found among. */
const MOST_ENTRIES = 1000;

/** What a spec says is done to its market: events and scenarios, each with its time. */
export function checkBegin(
  check: Check,
  input: unknown,
  grid: Grid,
  instruments: readonly Instrument[],
): readonly Entry[] {
  if (input === undefined) return [];
  if (!Array.isArray(input) || input.length > MOST_ENTRIES) {
    const given = Array.isArray(input) ? `${input.length} of them` : input;
    check.problem('scenario', `must be a list of at most ${MOST_ENTRIES} entries`, given);
    return [];
  }
  const symbols = instruments.map(({ symbol }) => symbol);
  const columns = new Map(symbols.map((symbol, column) => [symbol, column]));
  const market = { instruments, symbols, columnOf: (symbol: string) => columns.get(symbol) };
  const entries = input.flatMap((item: unknown, n): readonly Entry[] => {
    const path = `scenario[${n}]`;
    if (typeof item !== 'object' || item === null || Array.isArray(item)) {
      check.problem(path, 'must be a set of named fields', item);
      return [];
    }
    const { at, ...fields } = item as Fields;
    const index = indexOf(check, `${path}.at`, at, grid);
    const found = 'scenario' in fields ? checkScenario(fields, market) : checkEvent(fields, market);
    if (!found.ok) {
      for (const problem of found.problems) {
        check.problems.push({ path, message: `${path}: ${problem.message}` });
      }
      return [];
    }
    const named = found.name === undefined ? {} : { name: found.name };
    return [{ key: `scenario-${n}`, index, ...named, effects: found.effects }];
  });
  // By row, then as they are listed.
  return entries.sort((one, other) => one.index - other.index);
}

/** The first row at a time, or so long after the first of all. */
function indexOf(check: Check, path: string, at: unknown, grid: Grid): number {
  const sinceMs = typeof at === 'string' ? parseDuration(at) : undefined;
  const timeMs = typeof at === 'string' ? parseTime(at) : at;
  const ms = sinceMs === undefined ? timeMs : grid.originMs + sinceMs;
  const index = Number.isSafeInteger(ms) ? indexFrom(grid, ms as number) : -1;
  if (index >= 0 && index < MAX_ROWS) return index;
  const rule = 'must be a time from the origin on, or one since then such as 90m';
  check.problem(path, rule, at);
  return 0;
}

/** The same as a spec says it; nothing where nothing is done. */
export function describeBegin(entries: readonly Entry[], grid: Grid): Fields {
  if (entries.length === 0) return {};
  const scenario = entries.map(({ index, name, effects }) => ({
    at: formatTime(timeOf(grid, index)),
    scenario: { ...(name === undefined ? {} : { name }), effects: effects.map(describeEffect) },
  }));
  return { scenario };
}
