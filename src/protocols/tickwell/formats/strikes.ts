import type { LedgerEntry } from '../../../core/faults/ledger.ts';
import type { Faults } from '../../../core/faults/profile.ts';
import { type Grid, sinceOf, timeOf } from '../../../core/market/grid.ts';
import type { Making } from '../../../host/http/body.ts';
import type { Notation } from '../../../wire/notation.ts';
import type { StrikesFormat } from './format.ts';
import { timeJson, timeText } from './notation.ts';
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
  const { grid, id, faults, from, next, head, notation } = strikes;
  const time = timeJson(notation);
  const about = { market: id, faults: faults.profile.text, faultSeed: faults.seed };
  const writer = new TextWriter(JSON.stringify(about).slice(0, -1));
  writer.add(`,"since":${time(sinceOf(grid, from))},"until":${time(sinceOf(grid, next))}`);
  if (head !== undefined) writer.add(`,"head":${time(sinceOf(grid, head))}`);
  writer.add(',"strikes":[');
  let before = '';
  for (const entry of strikes.entries) {
    if (writer.add(before + jsonOf(strikes, time, entry))) yield;
    before = ',';
  }
  writer.add(']}');
  return writer.end();
}

function* ndjsonStrikes(strikes: WrittenStrikes): Making {
  const time = timeJson(strikes.notation);
  const writer = new TextWriter('');
  for (const entry of strikes.entries) {
    if (writer.add(`${jsonOf(strikes, time, entry)}\n`)) yield;
  }
  return writer.end();
}

function jsonOf(
  { grid }: WrittenStrikes,
  time: (timeMs: number) => string,
  { index, strike }: LedgerEntry,
): string {
  return `{"time":${time(timeOf(grid, index))},${JSON.stringify(strike).slice(1)}`;
}

function* csvStrikes({ grid, entries, notation }: WrittenStrikes): Making {
  const time = timeText(notation);
  const writer = new TextWriter(`time,${COLUMNS.join(',')}\n`);
  for (const { index, strike } of entries) {
    const said: Readonly<Record<string, unknown>> = { ...strike };
    let line = time(timeOf(grid, index));
    for (const name of COLUMNS) line += `,${cellOf(said[name])}`;
    if (writer.add(`${line}\n`)) yield;
  }
  return writer.end();
}

/** A value as RFC 4180 has it. */
function cellOf(value: unknown): string {
  if (value === undefined) return '';
  const text = String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
