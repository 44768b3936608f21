import type { Range } from '../../../core/history/rolling-range.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import type { Making } from '../../../host/http/body.ts';
import type { Notation } from '../../../wire/notation.ts';
import { priceText, timeJson, timeText } from './notation.ts';
import { TextWriter } from './text.ts';

/** The newest row of each instrument with what came before it, flat: a record for each. */

export const LATEST_FIELDS = [
  ...(['symbol', 'name', 'time', 'last', 'change', 'changePercent'] as const),
  ...(['open', 'high', 'low', 'volume', 'bid', 'ask', 'status'] as const),
] as const;
export type LatestField = (typeof LATEST_FIELDS)[number];

/** Quotes are made of prices when they are read: who wants them says so, or whether it trades. */
export const DEFAULT_LATEST_FIELDS = LATEST_FIELDS.filter((field) => {
  return field !== 'bid' && field !== 'ask' && field !== 'status';
});

/** What is said of one instrument, in ticks and lots. */
export interface Latest extends Range {
  readonly instrument: Instrument;
  /** Lots of the rows that `high` and `low` are of. */
  readonly volume?: number;
  readonly bid?: number;
  readonly ask?: number;
  /** One of `STATUS`. */
  readonly status?: number;
}

/** Decimals of `changePercent`. */
const PERCENT_DECIMALS = 4;

/** A list of objects. `timeMs` is the time of the newest row. */
export function* jsonLatest(
  all: readonly Latest[],
  timeMs: number,
  fields: readonly LatestField[],
  notation: Notation,
): Making {
  const time = timeJson(notation)(timeMs);
  const names = fields.map((field, n) => `${n === 0 ? '' : ','}"${field}":`);
  const writer = new TextWriter('[');
  for (const [k, latest] of all.entries()) {
    let text = k === 0 ? '{' : ',{';
    const price = priceText(notation, latest.instrument, false) ?? String;
    for (const [n, field] of fields.entries()) {
      text += names[n]! + (valueText(latest, field, time, price, JSON.stringify) ?? 'null');
    }
    if (writer.add(`${text}}`)) yield;
  }
  writer.add(']');
  return writer.end();
}

/** A line of names, and one for each instrument. */
export function* csvLatest(
  all: readonly Latest[],
  timeMs: number,
  fields: readonly LatestField[],
  notation: Notation,
): Making {
  const time = timeText(notation)(timeMs);
  const writer = new TextWriter(`${fields.join()}\n`);
  for (const latest of all) {
    const price = priceText(notation, latest.instrument, false) ?? String;
    const cells = fields.map((field) => valueText(latest, field, time, price, csvCell) ?? '');
    if (writer.add(`${cells.join()}\n`)) yield;
  }
  return writer.end();
}

/** Undefined where there is no such number. */
function valueText(
  latest: Latest,
  field: LatestField,
  time: string,
  price: (ticks: number) => string,
  word: (text: string) => string,
): string | undefined {
  const { instrument, open, last } = latest;
  switch (field) {
    case 'symbol':
    case 'name':
      return word(instrument[field]);
    case 'time':
      return time;
    case 'change':
      return price(last - open);
    case 'changePercent':
      return percentText(last - open, open);
    case 'volume':
      return String(latest.volume!);
    case 'status':
      return String(latest.status!);
    default:
      return price(latest[field]!);
  }
}

/** With the sign of the change. */
function percentText(change: number, open: number): string | undefined {
  if (open === 0) return undefined;
  const text = ((change / Math.abs(open)) * 100).toFixed(PERCENT_DECIMALS);
  // What is rounded to nothing has no sign.
  return Number(text) === 0 ? (0).toFixed(PERCENT_DECIMALS) : text;
}

/** Names may hold what ends a cell. Source: RFC 4180, section 2. */
function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
