import { setImmediate as nextTurn } from 'node:timers/promises';
import { Decider } from '../core/faults/decider.ts';
import { type LedgerEntry, ledger } from '../core/faults/ledger.ts';
import { OWN_PROFILES } from '../core/faults/own.ts';
import { FaultProblem } from '../core/faults/problem.ts';
import { type Names, OWN_NAMES, parseFaults } from '../core/faults/profile.ts';
import { type Grid, headAt, MAX_ROWS, sinceOf, timeOf } from '../core/market/grid.ts';
import type { Market } from '../core/market/market.ts';
import { formatTime } from '../core/market/time.ts';
import { timeJson, timeText } from '../protocols/tickwell/formats/notation.ts';
import {
  CSV_HEADER,
  csvStrike,
  JSON_END,
  jsonBeginning,
  jsonStrike,
} from '../protocols/tickwell/formats/strikes.ts';
import { rowBehind, untilRow } from '../protocols/tickwell/requests.ts';
import { DEFAULT_NOTATION } from '../wire/notation.ts';
import { asServed, columnsOf } from './arguments.ts';
import { programNowMs } from './clock.ts';
import type { LedgerOptions } from './commands/faults.ts';
import { loadMarket } from './config.ts';
import { readProfiles } from './faults.ts';
import { type Output, writeOutput } from './output.ts';
import { newProgress } from './progress.ts';
import { UsageError } from './usage-error.ts';

/** Rows between two looks at who wants us to end: 10 ns each for a clause or a symbol. */
const PART_ROWS = 2 ** 16;
/** How wide a kind is written in a table. */
const KIND_LETTERS = 9;

/** Lists the strikes of a profile, or the profiles that have a name. */
export async function listFaults(
  profile: string | undefined,
  options: LedgerOptions,
): Promise<void> {
  const names = namesIn(options.faults);
  if (profile === undefined) {
    checkAlone(options);
    await writeOutput('-', (output) => output.write(namesText(names)));
    return;
  }
  const market = loadMarket(options);
  const columns = columnsOf(market, options.symbols);
  const decider = new Decider(faultsIn(profile, names), market.grid, market.symbols);
  const range = rangeOf(market, options);
  const form = formOf(decider, market, range, options);
  await writeOutput('-', (output) => writeLedger(output, decider, columns, range, form));
}

function namesIn(file: string | undefined): Names {
  const own = file === undefined ? [] : Object.entries(readProfiles(file));
  return new Map([...OWN_NAMES, ...own]);
}

function checkAlone({ since, until, json, format, time }: LedgerOptions): void {
  const said = { since, until, time, json, format: format === 'text' ? undefined : format };
  for (const [name, value] of Object.entries(said)) {
    if (value === undefined) continue;
    throw new UsageError([`${name} must come with a profile; given: ${value}`]);
  }
}

/** Each profile with a name: its clauses, and what it is like. */
function namesText(names: Names): string {
  const about = new Map(OWN_PROFILES.map((own) => [own.name, own.about]));
  const parts = [...names].map(([name, text]) => {
    const lines = [name, `  ${text}`, ...(about.has(name) ? [`  ${about.get(name)}`] : [])];
    return `${lines.join('\n')}\n`;
  });
  return parts.join('\n');
}

function faultsIn(profile: string, names: Names) {
  try {
    return parseFaults(profile, names);
  } catch (error) {
    if (!(error instanceof FaultProblem)) throw error;
    throw new UsageError([`profile must be one: ${error.message}`]);
  }
}

interface Range {
  readonly from: number;
  readonly next: number;
}

/** The rows whose strikes are asked for, as `GET /v1/faults` has it. */
function rangeOf(market: Market, { since, until }: LedgerOptions): Range {
  for (const [name, value] of Object.entries({ since, until })) {
    if (value !== undefined) continue;
    throw new UsageError([`${name} is missing: the time of a row, or now`]);
  }
  const { grid } = market;
  const head = headAt(grid, programNowMs());
  return asServed(() => {
    const from = rowBehind(market, head, since);
    const next = untilRow(market, head, from, until === 'now' ? sinceOf(grid, head) : until);
    if (next <= MAX_ROWS) return { from, next };
    const last = formatTime(timeOf(grid, MAX_ROWS - 1));
    const rule = `until must not be after ${last}, the market's last row`;
    throw new UsageError([`${rule}; given: ${until}`]);
  });
}

/** How a ledger is written: what stands before it, between its lines, and behind it. */
interface Form {
  readonly first: string;
  readonly lineOf: (entry: LedgerEntry) => string;
  readonly between: string;
  readonly last: string;
}

function formOf(
  { faults }: { readonly faults: Decider['faults'] },
  { grid, id }: Market,
  range: Range,
  options: LedgerOptions,
): Form {
  const format = options.json === true ? 'json' : options.format;
  const notation = { ...DEFAULT_NOTATION, time: options.time ?? DEFAULT_NOTATION.time };
  const plain = { first: '', between: '', last: '' };
  switch (format) {
    case 'text': {
      if (options.time !== undefined) {
        throw new UsageError([`time must come with csv, ndjson or json; given: ${options.time}`]);
      }
      return { ...plain, lineOf: (entry) => textOf(grid, entry) };
    }
    case 'csv': {
      const time = timeText(notation);
      return { ...plain, first: CSV_HEADER, lineOf: (entry) => csvStrike(grid, time, entry) };
    }
    case 'ndjson': {
      const time = timeJson(notation);
      return { ...plain, lineOf: (entry) => `${jsonStrike(grid, time, entry)}\n` };
    }
    case 'json': {
      const time = timeJson(notation);
      const first = jsonBeginning({ grid, id, faults, ...range, notation, head: undefined });
      const lineOf = (entry: LedgerEntry) => jsonStrike(grid, time, entry);
      return { first, lineOf, between: ',', last: `${JSON_END}\n` };
    }
  }
}

/** `2026-01-01T00:00:42Z  corrupt   NIMBO  form ticks, ticks -7`. */
function textOf(grid: Grid, { index, strike }: LedgerEntry): string {
  const { kind, clause, ...said } = strike as LedgerEntry['strike'] & { symbol?: string };
  const { symbol = '', ...how } = said;
  const rest = Object.entries(how).map(([name, value]) => `${name} ${value}`);
  const cells = [formatTime(timeOf(grid, index)), kind.padEnd(KIND_LETTERS), symbol];
  return `${[...cells, rest.join(', ')]
    .filter((cell) => cell !== '')
    .join('  ')
    .trimEnd()}\n`;
}

async function writeLedger(
  output: Output,
  decider: Decider,
  columns: readonly number[],
  { from, next }: Range,
  { first, lineOf, between, last }: Form,
): Promise<void> {
  const progress = newProgress(next - from, 'rows', !output.isTerminal);
  try {
    await output.write(first);
    let before = '';
    for (let at = from; at < next; at += PART_ROWS) {
      const end = Math.min(next, at + PART_ROWS);
      for (const found of ledger(decider, columns, at, end)) {
        let text = '';
        for (const entry of found) {
          text += before + lineOf(entry);
          before = between;
        }
        if (text !== '') await output.write(text);
      }
      progress.add(end - at);
      // Where nothing was written either, whoever wants us to end is heard.
      await nextTurn();
    }
    await output.write(last);
  } finally {
    progress.stop();
  }
}
