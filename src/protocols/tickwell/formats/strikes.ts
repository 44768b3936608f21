import type { LedgerEntry } from '../../../core/faults/ledger.ts';
import type { Faults } from '../../../core/faults/profile.ts';
import { type Grid, sinceOf, timeOf } from '../../../core/market/grid.ts';
import type { Making } from '../../../host/http/body.ts';
import type { Notation } from '../../../wire/notation.ts';
import type { StrikesFormat } from './format.ts';
import { type Text, timeJson, timeText } from './notation.ts';
import { TextWriter } from './text.ts';

/** A part of a ledger to be written. */
export interface WrittenStrikes {
  readonly grid: Grid;
  /** The market id that the answer says. */
  readonly id: string;
  readonly faults: Faults;
  /** The rows that were looked at. */
  readonly from: number;
  readonly next: number;
  readonly entries: readonly LedgerEntry[];
  readonly notation: Notation;
  /** The index after the newest row; undefined if the end was named. */
  readonly head: number | undefined;
}

/** What CSV says of each strike, in this order; what a kind does not have is empty. */
const COLUMNS = [
  'symbol',
  'kind',
  'clause',
  'ms',
  'overtake',
  'form',
  'ticks',
  'other',
  'code',
  'retryAfterS',
  'bytesPerSecond',
  'text',
] as const;

export const CSV_HEADER = `time,${COLUMNS.join(',')}\n`;
/** What stands in JSON behind the last strike. */
export const JSON_END = ']}';

/** What JSON says beside the strikes, for formats that have no place for it. */
export function strikesHeaders(strikes: WrittenStrikes): Record<string, string> {
  const { grid, id, from, next, head } = strikes;
  return {
    'tickwell-market': id,
    'tickwell-since': String(sinceOf(grid, from)),
    'tickwell-until': String(sinceOf(grid, next)),
    ...(head === undefined ? {} : { 'tickwell-head': String(sinceOf(grid, head)) }),
  };
}

/** Writes strikes in `format`. */
export function strikesWriter(format: StrikesFormat): (strikes: WrittenStrikes) => Making {
  switch (format) {
    case 'json':
      return jsonStrikes;
    case 'csv':
      return csvStrikes;
    case 'ndjson':
      return ndjsonStrikes;
  }
}

function* jsonStrikes(strikes: WrittenStrikes): Making {
  const { grid, notation } = strikes;
  const time = timeJson(notation);
  const writer = new TextWriter(jsonBeginning(strikes));
  let before = '';
  for (const entry of strikes.entries) {
    if (writer.add(before + jsonStrike(grid, time, entry))) yield;
    before = ',';
  }
  writer.add(JSON_END);
  return writer.end();
}

/** What stands in JSON before the first strike. */
export function jsonBeginning(strikes: Omit<WrittenStrikes, 'entries'>): string {
  const { grid, id, faults, from, next, head, notation } = strikes;
  const time = timeJson(notation);
  const about = { market: id, faults: faults.profile.text, faultSeed: faults.seed };
  const range = `,"since":${time(sinceOf(grid, from))},"until":${time(sinceOf(grid, next))}`;
  const newest = head === undefined ? '' : `,"head":${time(sinceOf(grid, head))}`;
  return `${JSON.stringify(about).slice(0, -1)}${range}${newest},"strikes":[`;
}

function* ndjsonStrikes(strikes: WrittenStrikes): Making {
  const time = timeJson(strikes.notation);
  const writer = new TextWriter('');
  for (const entry of strikes.entries) {
    if (writer.add(`${jsonStrike(strikes.grid, time, entry)}\n`)) yield;
  }
  return writer.end();
}

/** A strike as JSON; `time` is `timeJson`. */
export function jsonStrike(grid: Grid, time: Text, { index, strike }: LedgerEntry): string {
  return `{"time":${time(timeOf(grid, index))},${JSON.stringify(strike).slice(1)}`;
}

function* csvStrikes({ grid, entries, notation }: WrittenStrikes): Making {
  const time = timeText(notation);
  const writer = new TextWriter(CSV_HEADER);
  for (const entry of entries) if (writer.add(csvStrike(grid, time, entry))) yield;
  return writer.end();
}

/** The line of a strike as CSV; `time` is `timeText`. */
export function csvStrike(grid: Grid, time: Text, { index, strike }: LedgerEntry): string {
  const said: Readonly<Record<string, unknown>> = { ...strike };
  let line = time(timeOf(grid, index));
  for (const name of COLUMNS) line += `,${cellOf(said[name])}`;
  return `${line}\n`;
}

/** A value as RFC 4180 has it. */
function cellOf(value: unknown): string {
  if (value === undefined) return '';
  const text = String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
