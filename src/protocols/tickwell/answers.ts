import type { CandleRange } from '../../core/history/candle-cache.ts';
import { candleRange, candlesIn, foldCandles, newCandles } from '../../core/history/candles.ts';
import type { History } from '../../core/history/history.ts';
import { areBooks, type Cut, type Wanted } from '../../core/history/wanted.ts';
import { withoutHeld } from '../../core/history/without-held.ts';
import type { CandleField, Field } from '../../core/market/fields.ts';
import { indexFrom, sinceOf, timeOf } from '../../core/market/grid.ts';
import { quoted } from '../../core/market/quoted.ts';
import type { Resolution } from '../../core/market/resolution.ts';
import { checkRows } from '../../host/budgets/bounds.ts';
import type { Pay } from '../../host/budgets/work.ts';
import { TickwellError } from '../../wire/errors.ts';
import type {
  CandlesAnswer,
  CuttingSaid,
  SparklinesAnswer,
  SubscribedMessage,
} from '../../wire/messages.ts';
import { listOf } from '../../wire/row-names.ts';
import { lookAtClock } from './cutting.ts';
import type { Limits } from './limits.ts';
import { saidId } from './market-ids.ts';
import { checkNotAhead, checkNotBefore, checkReaches, extentOf, rangeRule } from './ranges.ts';
import { timeMsOf } from './requests.ts';

/**
 * The answers to requests that were found correct, as generators: each yields often, so that a long
 * one can be run a slice at a time.
 */

/** What was asked of candles: `from` and one of the others, or `count` alone for the newest. */
export interface CandleRequest {
  readonly from?: unknown;
  readonly to?: unknown;
  readonly count?: number | undefined;
}

/** How much an answer may hold of each symbol. */
export interface CandlesBounds {
  readonly candles: number;
  readonly rows: number;
  /** Whose they are, as a sentence ends, if there are several. */
  readonly of?: string;
}

/** Of one symbol. */
export function candlesBounds(limits: Limits): CandlesBounds {
  return { candles: limits.maxCandlesPerAnswer, rows: limits.maxRowsPerAnswer };
}

/**
 * The candles a request asks for: from the one that holds `from`, clamped to what there is. For
 * clocks of a time before that, `pay` pays.
 */
export function candleRangeOf(
  history: History,
  limits: Limits,
  resolution: Resolution,
  request: CandleRequest,
  pay: Pay,
  bounds = candlesBounds(limits),
): CandleRange {
  const { from, to, count = 1 } = request;
  if (from === undefined) {
    const { grid } = history.market;
    const headMs = sinceOf(grid, history.head);
    // Clocks of a far past are not looked at.
    const first = Math.min(resolution.numberOf(headMs), resolution.numberOf(grid.originMs));
    const number = Math.max(first, resolution.numberOf(headMs) - (count - 1));
    const newest = candleRange(history, resolution, resolution.startOf(number), headMs + 1);
    checkCandleCost(history, bounds, resolution, newest, 'last and resolution');
    return newest;
  }
  const fromMs = timeMsOf('from', from);
  checkNotAhead(history, limits, resolution, fromMs, from);
  if (to === undefined) checkReaches(history, resolution, { fromMs, from, count });
  const toMs =
    to === undefined ? endOf(history, resolution, fromMs, count, pay) : timeMsOf('to', to);
  if (toMs <= fromMs) {
    const rule = rangeRule('must be after from', toMs, extentOf(history.market, history.head));
    throw new TickwellError('bad_request', `to ${rule}; given: ${quoted(to)}`);
  }
  checkNotBefore(history, resolution, { fromMs, toMs, from, to });
  const range = candleRange(history, resolution, fromMs, toMs);
  const asked = `from, ${to === undefined ? 'count' : 'to'} and resolution`;
  checkCandleCost(history, bounds, resolution, range, asked);
  return range;
}

/** Where `count` candles end, or those that there are. */
function endOf(
  history: History,
  resolution: Resolution,
  fromMs: number,
  count: number,
  pay: Pay,
): number {
  lookAtClock(resolution, fromMs, fromMs, pay);
  const first = resolution.numberOf(fromMs);
  const newest = resolution.numberOf(timeOf(history.market.grid, history.head));
  // Clocks of a far future are not looked at.
  return resolution.startOf(Math.min(first + count, Math.max(first, newest) + 1));
}

/** Throws if the candles that the fields `asked` describe are too many, or of too many rows. */
function checkCandleCost(
  history: History,
  { candles: mostCandles, rows: mostRows, of = '' }: CandlesBounds,
  resolution: Resolution,
  range: CandleRange,
  asked: string,
): void {
  const { market, head } = history;
  const candles = candlesIn(resolution, range);
  if (candles > mostCandles) {
    throw new TickwellError(
      'range_too_large',
      `${asked} must make at most ${mostCandles} candles${of}; given: ${candles}`,
      { limit: mostCandles },
    );
  }
  // Those that are to come are not folded, nor those before the first.
  const next = Math.min(head, indexFrom(market.grid, range.toMs));
  const rows = next - Math.max(0, indexFrom(market.grid, range.fromMs));
  checkRows(asked, rows, mostRows, of);
}

/** How candles were cut, as answers say it: whoever asks so again gets the same. */
export function cuttingSaid({ text, clock }: Resolution): CuttingSaid {
  return { resolution: text, ...clock };
}

/** The candles of `range`. */
export function* candlesAnswer(
  history: History,
  id: string,
  column: number,
  resolution: Resolution,
  range: CandleRange,
  fields: readonly CandleField[],
  isHeldToo = true,
): Generator<unknown, CandlesAnswer, void> {
  const { market } = history;
  const candles = newCandles(fields);
  yield* foldCandles(candles, history, column, resolution, range);
  const shown = isHeldToo ? candles : withoutHeld(candles, history, column, resolution);
  const { next, ...lists } = shown;
  return {
    market: id,
    symbol: market.instruments[column]!.symbol,
    ...cuttingSaid(resolution),
    ...lists,
    ...(next === 0 ? extentOf(market, history.head) : { until: sinceOf(market.grid, next) }),
  };
}

/** What a new subscription is told that it will be sent, from row `cursor` on. */
export function subscribedTo(
  history: History,
  named: string | undefined,
  wanted: Wanted,
  cursor: number,
  every?: number,
): Omit<SubscribedMessage, 'type' | 'id'> {
  const { grid, instruments } = history.market;
  const { columns } = wanted;
  return {
    market: saidId(history, named, cursor),
    symbols: columns.map((column) => instruments[column]!.symbol),
    ...saidOf(wanted, every),
    since: sinceOf(grid, cursor),
  };
}

function saidOf(wanted: Wanted, every: number | undefined) {
  const { fields, cut } = wanted;
  if (cut !== undefined) return cutTo(cut, fields, every);
  if (wanted.what === 'trades') return { what: wanted.what };
  return areBooks(wanted) ? { what: wanted.what, levels: wanted.levels } : listOf(fields);
}

function cutTo(
  { resolution, isHeldToo }: Cut,
  fields: readonly Field[],
  every: number | undefined,
) {
  return {
    ...cuttingSaid(resolution),
    ...(isHeldToo ? {} : { held: false }),
    ...(fields.length === 0 ? {} : { fields }),
    ...(every === undefined ? {} : { every }),
  };
}

/**
 * One price for each of `points` times, spread evenly over the newest `spanMs` of the first `head`
 * rows, ends included.
 */
export function* sparklinesAnswer(
  history: History,
  id: string,
  head: number,
  columns: readonly number[],
  points: number,
  spanMs: number,
): Generator<void, SparklinesAnswer, void> {
  const { market } = history;
  const { grid } = market;
  const last = head - 1;
  const first = Math.max(0, last - Math.floor(spanMs / grid.intervalMs));
  const indexes: number[] = [];
  for (let k = 0; k < points && last >= 0; k++) {
    const index = first + Math.floor(((last - first) * k) / (points - 1));
    if (indexes.at(-1) !== index) indexes.push(index);
  }
  const prices: number[][] = [];
  for (const column of columns) {
    const line: number[] = [];
    for (const index of indexes) {
      line.push(history.priceAt(column, index));
      if (index < history.ring.tail) yield;
    }
    prices.push(line);
    yield;
  }
  return {
    market: id,
    span: spanMs,
    time: indexes.map((index) => timeOf(grid, index)),
    symbols: columns.map((column) => market.instruments[column]!.symbol),
    prices,
    ...(indexes.length === 0 ? extentOf(market, head) : {}),
  };
}
