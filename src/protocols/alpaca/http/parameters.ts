import { quoted } from '../../../core/market/quoted.ts';
import {
  formatDuration,
  parseResolution,
  type Resolution,
} from '../../../core/market/resolution.ts';
import { parseTime } from '../../../core/market/time.ts';
import { TickwellError } from '../../../wire/errors.ts';

/** The parameters of a request; what else it says is ignored, as clients add some. */
export type Parameters = Readonly<Record<string, unknown>>;

/** The text of a parameter; undefined if it is left out, or empty. Throws a `TickwellError`. */
export function textOf(parameters: Parameters, name: string): string | undefined {
  const value = parameters[name];
  if (value === undefined || value === '') return undefined;
  if (typeof value === 'string') return value;
  throw new TickwellError('bad_request', `${name} must be given once; given: ${quoted(value)}`);
}

/** The same of one that must be there. */
export function requiredOf(parameters: Parameters, name: string): string {
  const text = textOf(parameters, name);
  if (text !== undefined) return text;
  throw new TickwellError('bad_request', `${name} is required`);
}

function invalid(name: string, text: string, rule: string): TickwellError {
  return new TickwellError('bad_request', `invalid ${name}: ${quoted(text)}; ${rule}`);
}

/** How many items of a page are wanted at most. */
export function limitOf(parameters: Parameters, most: number): number {
  const text = textOf(parameters, 'limit');
  if (text === undefined) return Math.min(DEFAULT_LIMIT, most);
  const limit = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= most) return limit;
  throw invalid('limit', text, `it must be a whole number from 1 to ${most}`);
}

const DEFAULT_LIMIT = 1000;

/** Whether the newest are wanted first. */
export function isDownOf(parameters: Parameters): boolean {
  const text = textOf(parameters, 'sort') ?? 'asc';
  if (text === 'asc' || text === 'desc') return text === 'desc';
  throw invalid('sort', text, 'it must be asc or desc');
}

/** A range of time in microseconds since the Unix epoch; both ends are of it. */
export interface Range {
  readonly startMicros: number;
  readonly endMicros: number;
}

/** From `start` to `end`; by default the day of `nowMs`, up to then. */
export function rangeOf(parameters: Parameters, nowMs: number, dayMs: number): Range {
  const start = textOf(parameters, 'start');
  const end = textOf(parameters, 'end');
  const startMicros = start === undefined ? dayMs * 1000 : microsOf('start', start, Math.ceil);
  const endMicros = end === undefined ? nowMs * 1000 : microsOf('end', end, Math.floor);
  if (start === undefined || end === undefined || startMicros <= endMicros) {
    return { startMicros, endMicros };
  }
  throw invalid('end', end, 'it must not be before start');
}

/** A time in whole microseconds, `rounded` if it is finer than that. */
function microsOf(name: string, text: string, rounded: (micros: number) => number): number {
  // The longest has an offset as numbers: 2026-01-05T09:30:00-05:00.
  const [, before, digits = '', after = ''] =
    /^([^.]{1,25})(?:\.(\d{1,9})(\D.{0,6}))?$/.exec(text) ?? [];
  const timeMs = before === undefined ? undefined : parseTime(before + after);
  if (timeMs !== undefined) {
    // Apart from the rest, of which floats would lose the nanoseconds.
    return timeMs * 1000 + rounded(Number(digits.padEnd(9, '0')) / 1000);
  }
  throw invalid(name, text, 'it must be RFC 3339, such as 2026-01-05T09:30:00Z, or a date');
}

const UNITS: Readonly<Record<string, readonly [unit: string, counts: readonly number[]]>> = {
  Min: ['m', upTo(59)],
  T: ['m', upTo(59)],
  Hour: ['h', upTo(23)],
  H: ['h', upTo(23)],
  Day: ['d', [1]],
  D: ['d', [1]],
  Week: ['w', [1]],
  W: ['w', [1]],
  Month: ['mo', [1, 2, 3, 4, 6, 12]],
  M: ['mo', [1, 2, 3, 4, 6, 12]],
};

function upTo(most: number): number[] {
  return Array.from({ length: most }, (_, n) => n + 1);
}

/** How wide bars are; at least as wide as rows are apart. */
export function timeframeOf(parameters: Parameters, intervalMs: number): Resolution {
  const text = requiredOf(parameters, 'timeframe');
  const [, count = '', name = ''] = /^(\d{1,2})([A-Za-z]{1,5})$/.exec(text) ?? [];
  const [unit, counts] = Object.hasOwn(UNITS, name) ? UNITS[name]! : ['', []];
  if (!counts.includes(Number(count))) {
    const rule = 'it must be 1 to 59Min, 1 to 23Hour, 1Day, 1Week, or 1, 2, 3, 4, 6 or 12Month';
    throw invalid('timeframe', text, rule);
  }
  const resolution = parseResolution(`${Number(count)}${unit}`)!;
  if (resolution.ms >= intervalMs) return resolution;
  const rule = `rows of this market are ${formatDuration(intervalMs)} apart`;
  throw invalid('timeframe', text, rule);
}

/** Where a page begins: a name, and a place among the items of that. */
export interface PageStart {
  readonly name: string;
  readonly place: number;
}

/** What an answer says of the page behind it. Opaque to clients. */
export function tokenOf({ name, place }: PageStart): string {
  return Buffer.from(`${name}|${place}`).toString('base64url');
}

/** The page that is wanted; undefined for the first. */
export function pageOf(parameters: Parameters): PageStart | undefined {
  const text = textOf(parameters, 'page_token');
  if (text === undefined) return undefined;
  const decoded =
    text.length <= MOST_TOKEN ? Buffer.from(text, 'base64url').toString('latin1') : '';
  const [, name, place] = /^([A-Z0-9./]{1,40})\|(\d{1,15})$/.exec(decoded) ?? [];
  if (name !== undefined) return { name, place: Number(place) };
  throw invalid('page_token', text, 'it must be the next_page_token of an answer');
}

const MOST_TOKEN = 100;
