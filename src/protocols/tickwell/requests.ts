import { CANDLE_PRICES } from '../../core/market/candle-lists.ts';
import {
  CANDLE_FIELDS,
  type CandleField,
  DEFAULT_FIELDS,
  FIELDS,
  type Field,
  isField,
} from '../../core/market/fields.ts';
import { isOnGrid, sinceOf } from '../../core/market/grid.ts';
import type { Market } from '../../core/market/market.ts';
import { quoted } from '../../core/market/quoted.ts';
import { parseTime } from '../../core/market/time.ts';
import { unknownName } from '../../core/market/unknown.ts';
import { TickwellError } from '../../wire/errors.ts';
import { DEFAULT_LATEST_FIELDS, LATEST_FIELDS, type LatestField } from './formats/latest.ts';
import type { Limits } from './limits.ts';
import { aheadMs, extentOf, rangeRule } from './ranges.ts';

/**
 * What a request means, once checked against the market. Each function throws a `TickwellError`.
 */

const EARLIEST_MS = parseTime('0001-01-01')!;
const LATEST_MS = parseTime('9999-12-31')!;

/** Milliseconds since the Unix epoch of a time in a request. */
export function timeMsOf(field: string, value: unknown): number {
  const text = typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
  const ms = typeof text === 'string' ? parseTime(text) : text;
  if (typeof ms === 'number' && Number.isInteger(ms) && ms >= EARLIEST_MS && ms <= LATEST_MS) {
    return ms;
  }
  throw new TickwellError(
    'bad_request',
    `${field} must be whole milliseconds since 1970 or RFC 3339 text; given: ${quoted(value)}`,
  );
}

/** The time of the last row that a reader has, no earlier than just before the first of all. */
function sinceMsOf(market: Market, head: number, since: unknown): number {
  if (since === undefined) {
    throw new TickwellError(
      'bad_request',
      'since is missing: the time of the last row you have, or "now"',
    );
  }
  const { grid } = market;
  if (since === 'now') return sinceOf(grid, head);
  const sinceMs = timeMsOf('since', since);
  const least = sinceOf(grid, 0);
  // A time of nowhere near is not asked to be that of a row.
  if (sinceMs > least - grid.intervalMs) return sinceMs;
  const extent = extentOf(market, head);
  const plainRule = `must be at least ${least}, one interval before the first row`;
  const rule = rangeRule(plainRule, sinceMs, extent);
  const { earliest } = extent;
  throw new TickwellError('before_start', `since ${rule}; given: ${quoted(since)}`, { earliest });
}

/** The index of the row after the one at `since`: the next that its reader wants. */
export function cursorOf(market: Market, limits: Limits, head: number, since: unknown): number {
  const sinceMs = sinceMsOf(market, head, since);
  if (since === 'now') return head;
  const { grid } = market;
  const extent = extentOf(market, head);
  const mostAheadMs = aheadMs(grid, limits);
  if (sinceMs > extent.head + mostAheadMs) {
    throw new TickwellError(
      'cursor_ahead',
      `since must be at most ${mostAheadMs} ms after the newest row; given: ${quoted(since)}`,
      { head: extent.head },
    );
  }
  checkOnGrid(market, 'since', sinceMs);
  return (sinceMs - grid.originMs) / grid.intervalMs + 1;
}

/** The index of the row after the one at `since`, which may be still to come. */
export function rowBehind(market: Market, head: number, since: unknown): number {
  const sinceMs = sinceMsOf(market, head, since);
  checkOnGrid(market, 'since', sinceMs);
  return (sinceMs - market.grid.originMs) / market.grid.intervalMs + 1;
}

/** The index after the row at `until`, no further than the head. */
export function endOf(market: Market, head: number, cursor: number, until: unknown): number {
  return until === undefined ? head : Math.min(head, untilRow(market, head, cursor, until));
}

/** The index after the row at `until`, which may be still to come. */
export function untilRow(market: Market, head: number, cursor: number, until: unknown): number {
  const { grid } = market;
  const untilMs = timeMsOf('until', until);
  if (untilMs < sinceOf(grid, cursor)) {
    const rule = rangeRule('must not be before since', untilMs, extentOf(market, head));
    throw new TickwellError('bad_request', `until ${rule}; given: ${quoted(until)}`);
  }
  checkOnGrid(market, 'until', untilMs);
  return (untilMs - grid.originMs) / grid.intervalMs + 1;
}

/** Throws if there is no row at a time. */
export function checkOnGrid(market: Market, field: string, timeMs: number): void {
  if (isOnGrid(market.grid, timeMs)) return;
  const { originMs, intervalMs } = market.grid;
  throw new TickwellError(
    'bad_cursor',
    `${field} must be the time of a row, ${originMs} plus a multiple of ${intervalMs}; given: ` +
      timeMs,
    { origin: originMs, interval: intervalMs },
  );
}

/** A whole number from `min` to `max`. */
export function wholeOf(field: string, value: unknown, min: number, max: number): number {
  if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max) {
    return value as number;
  }
  throw new TickwellError(
    'bad_request',
    `${field} must be a whole number from ${min} to ${max}; given: ${quoted(value)}`,
  );
}

/** The fields that are asked for, each once: a list, or text with commas between. */
export function fieldsOf(value: unknown): readonly Field[] {
  return namesOf('rows', value, FIELDS, DEFAULT_FIELDS).filter(isField);
}

/** What candles are to say beside their prices. */
export function candleFieldsOf(value: unknown): readonly CandleField[] {
  return namesOf('candles', value, CANDLE_FIELDS, []) as readonly CandleField[];
}

/** Whether candles of held rows alone are wanted. */
export function heldOf(value: unknown): boolean {
  if (value === undefined || typeof value === 'boolean') return value ?? true;
  const rule = 'held must be true or false; given: ';
  throw new TickwellError('bad_request', `${rule}${quoted(value)}`);
}

/** What the latest of each instrument is to say. */
export function latestFieldsOf(value: unknown): readonly LatestField[] {
  return namesOf('latest', value, LATEST_FIELDS, DEFAULT_LATEST_FIELDS) as readonly LatestField[];
}

const SUMS = CANDLE_FIELDS.join(', ');
const PRICES_ARE = `${CANDLE_PRICES.join(', ')} are always there, beside ${SUMS}`;

function namesOf(
  of: string,
  value: unknown,
  known: readonly string[],
  fallback: readonly string[],
): readonly string[] {
  if (value === undefined) return fallback;
  const list: unknown = typeof value === 'string' ? value.split(',') : value;
  const names: unknown[] = Array.isArray(list) ? list : [];
  const unknown = names.find((name) => typeof name === 'string' && !known.includes(name));
  if (typeof unknown === 'string' && unknown !== '') {
    const isThere = of === 'candles' && CANDLE_PRICES.some((price) => price === unknown);
    const asked = {
      kind: 'field',
      name: unknown,
      known,
      of,
      ...(isThere ? { see: PRICES_ARE } : {}),
    };
    throw new TickwellError('bad_request', unknownName(asked));
  }
  const isRight = names.every(
    (name, n) => known.includes(name as string) && names.indexOf(name) === n,
  );
  if (isRight && names.length > 0) return names as string[];
  throw new TickwellError(
    'bad_request',
    `fields must be some of ${known.join(', ')}, each once; given: ${quoted(value)}`,
  );
}
