import { parseResolution, type Resolution } from '../../core/market/resolution.ts';
import { invalid, unknownSymbol } from './problems.ts';
import type { StreamKind } from './readers.ts';
import type { Fields } from './request.ts';
import type { DerivSymbols } from './symbols.ts';

/** What the fields of requests mean. All throw a `DerivError` that names the field. */

const SYMBOL = /^\w{2,30}$/;
/** The widths that candles have at the older path, in seconds. */
const GRANULARITIES: readonly number[] = [
  ...[60, 120, 180, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400],
];
/** At the newer one, the widest is ten years, as everywhere. */
const MOST_GRANULARITY = 520 * 7 * 86_400;
const MOST_EPOCH = 9_999_999_999;
const STYLES: readonly string[] = ['ticks', 'candles'] satisfies StreamKind[];
/** All streams that there are; only two of them are served. */
const STREAMS: readonly string[] = [
  ...['ticks', 'candles', 'balance', 'cashier_payments', 'exchange_rates', 'proposal'],
  ...['proposal_open_contract', 'transaction', 'website_status', 'trading_platform_asset_listing'],
];

/** What `ticks_history` asks for, but of which symbol. */
export interface AskedHistory {
  /** In seconds; both are of the range. */
  readonly start: number | undefined;
  readonly end: number | undefined;
  readonly count: number;
  /** Of candles. */
  readonly resolution: Resolution | undefined;
  readonly granularity: number;
  readonly isFollowed: boolean;
}

/** Where a client speaks: the newer path takes more. */
export interface Place {
  readonly intervalMs: number;
  readonly isNewer: boolean;
}

export function historyOf(fields: Fields, { intervalMs, isNewer }: Place, most: number) {
  const start = fields.start === undefined ? undefined : epochOf('start', fields.start);
  const end = fields.end === 'latest' ? undefined : epochOf('end', fields.end);
  if (fields.count !== undefined && !isWhole(fields.count, 1, Number.MAX_SAFE_INTEGER)) {
    throw invalid('count', 'must be a whole number from 1 on', fields.count);
  }
  const { style = 'ticks' } = fields;
  if (typeof style !== 'string' || !STYLES.includes(style)) {
    throw invalid('style', 'must be "ticks" or "candles"', style);
  }
  flagOf('adjust_start_time', fields.adjust_start_time);
  const isFollowed = isFollowedIn(fields);
  const { granularity = 60 } = fields;
  const isCandles = style === 'candles';
  const seconds = isCandles ? widthOf(granularity, intervalMs, isNewer) : 0;
  const asked: AskedHistory = {
    ...{ start, end, isFollowed, granularity: seconds },
    count: Math.min(most, (fields.count as number | undefined) ?? most),
    resolution: isCandles ? parseResolution(`${seconds}s`) : undefined,
  };
  return asked;
}

/** A time in seconds, which some clients give as a text. */
function epochOf(field: 'start' | 'end', value: unknown): number {
  const isText = typeof value === 'string' && /^\d{1,10}$/.test(value);
  const epoch = isText ? Number(value) : value;
  if (isWhole(epoch, 0, MOST_EPOCH)) return epoch;
  const rule = `must be ${field === 'end' ? '"latest" or ' : ''}whole seconds since 1970`;
  throw invalid(field, rule, value);
}

/** How wide candles are, in seconds. */
function widthOf(granularity: unknown, intervalMs: number, isNewer: boolean): number {
  const least = intervalMs / 1000;
  const known = GRANULARITIES.filter((seconds) => seconds >= least);
  const isKnown = isNewer
    ? isWhole(granularity, least, MOST_GRANULARITY)
    : known.some((seconds) => seconds === granularity);
  if (isKnown) return granularity as number;
  const rule = isNewer
    ? `must be whole seconds from ${least}, between two ticks, to ${MOST_GRANULARITY}`
    : known.length === 0
      ? `must be as long as two ticks are apart, ${least} seconds: longer than any that there is`
      : `must be one of ${known.join(', ')}`;
  throw invalid('granularity', rule, granularity);
}

/** Whether what is new is to be told as it comes. */
export function isFollowedIn({ subscribe }: Fields): boolean {
  return flagOf('subscribe', subscribe);
}

export function checkOne(field: string, value: unknown): void {
  if (value !== 1) throw invalid(field, 'must be 1', value);
}

function flagOf(field: string, value: unknown): boolean {
  if (value === undefined || value === 0) return false;
  if (value === 1) return true;
  throw invalid(field, 'must be 0 or 1', value);
}

/** The columns of one symbol, or of a list of them, each once. */
export function columnsOf(symbols: DerivSymbols, field: string, value: unknown, most: number) {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0 || list.length > most) {
    throw invalid(field, `must be a symbol, or a list of 1 to ${most}`, value);
  }
  return [...new Set(list.map((symbol) => columnOf(symbols, field, symbol)))];
}

export function columnOf(symbols: DerivSymbols, field: string, symbol: unknown): number {
  if (typeof symbol !== 'string' || !SYMBOL.test(symbol)) {
    throw invalid(field, 'must be of 2 to 30 letters, digits and underscores', symbol);
  }
  const column = symbols.columnOf(symbol);
  if (column === undefined) throw unknownSymbol(symbol);
  return column;
}

/** Whether the whole of each symbol is wanted. */
export function isFullIn({ active_symbols: value }: Fields): boolean {
  if (value === 'brief' || value === 'full') return value === 'full';
  throw invalid('active_symbols', 'must be "brief" or "full"', value);
}

/** The id of a stream that is to end. */
export function forgottenOf({ forget }: Fields): string {
  if (typeof forget === 'string' && /^[\w-]{1,128}$/.test(forget)) return forget;
  throw invalid('forget', 'must be the id of a subscription', forget);
}

/** The kinds of streams that are to end. */
export function forgottenKinds({ forget_all: value }: Fields): readonly string[] {
  const kinds: readonly unknown[] = Array.isArray(value) ? value : [value];
  for (const kind of kinds) {
    if (typeof kind === 'string' && STREAMS.includes(kind)) continue;
    throw invalid('forget_all', `must be of ${STREAMS.join(', ')}`, value);
  }
  if (kinds.length > 0) return kinds as readonly string[];
  throw invalid('forget_all', 'must name at least one kind of streams', value);
}

function isWhole(value: unknown, least: number, most: number): value is number {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}
