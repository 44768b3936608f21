import type { History } from '../../core/history/history.ts';
import { rateOf } from '../../core/history/read-trades.ts';
import {
  areBooks,
  candlesWantedOf,
  cutOf,
  depthWantedOf,
  tradesWantedOf,
  type Wanted,
  WHATS,
  type What,
  wantedOf,
} from '../../core/history/wanted.ts';
import { inQuotes, quoted } from '../../core/market/quoted.ts';
import { MAX_RESOLUTION_MS } from '../../core/market/resolution.ts';
import { unknownName } from '../../core/market/unknown.ts';
import type { Pay } from '../../host/budgets/work.ts';
import { TickwellError } from '../../wire/errors.ts';
import type { Delivery } from '../../wire/messages.ts';
import type { SubscribeRequests } from '../../wire/requests.ts';
import { type AskedCutting, cuttingOf } from './cutting.ts';
import { DEFAULT_LEVELS, MAX_LEVELS } from './depth.ts';
import type { Limits } from './limits.ts';
import { checkWidth } from './ranges.ts';
import { candleFieldsOf, fieldsOf, heldOf, wholeOf } from './requests.ts';

/** What streams are asked for, by WebSocket and as events. What is wrong throws `TickwellError`. */

/** As wide as the widest candle: one that forms would not be told less often than that. */
const MOST_EVERY = MAX_RESOLUTION_MS;

/** What a request for each of them may say beside what all of them may. */
export const OWN_NAMES: { readonly [W in What]: readonly (keyof SubscribeRequests[W])[] } = {
  rows: ['fields', 'delivery'],
  candles: ['resolution', 'tz', 'offset', 'fields', 'every', 'held'],
  trades: ['delivery'],
  depth: ['levels'],
};

/** What is asked of a stream, all of it unchecked. */
export interface AskedStream extends Omit<AskedCutting, 'resolution'> {
  readonly what?: unknown;
  readonly resolution?: unknown;
  readonly fields?: unknown;
  readonly every?: unknown;
  readonly held?: unknown;
  readonly delivery?: unknown;
  readonly levels?: unknown;
}

/** What is to be followed. Throws if something is named that belongs to another of them. */
export function followedOf(asked: AskedStream): What {
  const what = whatOf(asked);
  const own: readonly string[] = OWN_NAMES[what];
  for (const name of ALL_NAMES) {
    if (asked[name] === undefined || own.includes(name)) continue;
    throw new TickwellError('bad_request', `${misplaced(name, what, asked)}${quoted(asked[name])}`);
  }
  if (what === 'candles' && asked.resolution === undefined) {
    throw new TickwellError('bad_request', 'resolution is missing: how wide candles are');
  }
  return what;
}

const ALL_NAMES = [...new Set(Object.values(OWN_NAMES).flat())] as readonly Exclude<
  keyof AskedStream,
  'what'
>[];

function whatOf({ what, resolution }: AskedStream): What {
  if (what === undefined) return resolution === undefined ? 'rows' : 'candles';
  const known = WHATS.find((one) => one === what);
  if (known !== undefined) return known;
  throw new TickwellError(
    'bad_request',
    typeof what === 'string'
      ? unknownName({ kind: 'what', name: what, known: WHATS })
      : `what must be one of ${WHATS.join(', ')}; given: ${quoted(what)}`,
  );
}

/** Why a name is none of what is followed, up to what was given. */
function misplaced(name: string, what: What, asked: AskedStream): string {
  const whose = WHATS.filter((other) => OWN_NAMES[other].some((own) => own === name));
  if (asked.what !== undefined) {
    const rule = `must not be given with what ${inQuotes(what)}: it is of ${whose.join(', ')}`;
    return `${name} ${rule}; given: `;
  }
  if (what === 'candles') {
    return (
      `${name} must not be given with resolution: who is late gets final candles, then the one ` +
      'that forms; given: '
    );
  }
  return whose.includes('candles')
    ? `${name} must come with resolution, which says how wide candles are; given: `
    : `${name} must come with what, one of ${whose.join(', ')}; given: `;
}

/** What a stream is to say of `columns`. */
export function streamOf(
  history: History,
  limits: Limits,
  asked: AskedStream,
  columns: readonly number[],
  pay: Pay,
): Wanted {
  switch (followedOf(asked)) {
    case 'rows':
      return wantedOf(fieldsOf(asked.fields), columns);
    case 'candles':
      return candlesOf(history, limits, asked, columns, pay);
    case 'depth':
      return booksOf(limits, asked, columns);
    case 'trades':
      return tradesOf(history, limits, columns);
  }
}

function candlesOf(
  history: History,
  limits: Limits,
  { resolution: text, tz, offset, fields, every, held }: AskedStream,
  columns: readonly number[],
  pay: Pay,
): Wanted {
  const resolution = cuttingOf(history, { resolution: text, tz, offset }, pay);
  checkWidth(history, resolution, limits);
  const { grid } = history.market;
  const everyRows = Math.ceil(everyOf(grid.intervalMs, every) / grid.intervalMs);
  const cut = cutOf(grid, resolution, everyRows, { isHeldToo: heldOf(held) });
  return candlesWantedOf(candleFieldsOf(fields), columns, cut);
}

function booksOf(
  { maxLevelsPerMessage: limit }: Limits,
  { levels: asked = DEFAULT_LEVELS }: AskedStream,
  columns: readonly number[],
): Wanted {
  const levels = wholeOf('levels', asked, 1, MAX_LEVELS);
  const all = 2 * levels * columns.length;
  if (all <= limit) return depthWantedOf(columns, levels);
  throw new TickwellError(
    'range_too_large',
    `symbols and levels must make at most ${limit} levels, of both sides; given: ${all}`,
    { limit },
  );
}

/** Throws if a row has more trades than a message should hold, on average. */
function tradesOf(
  { market }: History,
  { maxTradesPerAnswer: limit }: Limits,
  columns: readonly number[],
): Wanted {
  let trades = 0;
  for (const column of columns) trades += rateOf(market, column);
  if (trades <= limit) return tradesWantedOf(columns);
  throw new TickwellError(
    'range_too_large',
    `symbols must have at most ${limit} trades a row, on average; given: ${Math.ceil(trades)}`,
    { limit },
  );
}

/** How often a candle that forms is told at most, in milliseconds: after each row, if not said. */
function everyOf(intervalMs: number, value: unknown): number {
  if (value === undefined) return intervalMs;
  if (
    Number.isInteger(value) &&
    (value as number) >= intervalMs &&
    (value as number) <= MOST_EVERY
  ) {
    return value as number;
  }
  throw new TickwellError(
    'bad_request',
    `every must be whole milliseconds from ${intervalMs}, the interval, to ${MOST_EVERY}; given: ` +
      quoted(value),
  );
}

/** How rows are delivered: all, unless the latest alone are asked for. */
export function deliveryOf(value: unknown): Delivery {
  if (value === undefined || value === 'all') return 'all';
  if (value === 'latest') return 'latest';
  throw new TickwellError(
    'bad_request',
    `delivery must be "all" or "latest"; given: ${quoted(value)}`,
  );
}

/** Whether who asks for what follows `since` has the books of that row, if it wants any. */
export function hasBook(wanted: Wanted, since: unknown): boolean {
  return !areBooks(wanted) || since !== 'now';
}
