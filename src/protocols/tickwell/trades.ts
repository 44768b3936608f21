import type { History } from '../../core/history/history.ts';
import { BLOCK_ROWS, sinceOf } from '../../core/market/grid.ts';
import { quoted } from '../../core/market/quoted.ts';
import { TRADE_LOOK_COST, tradedBlocks } from '../../host/budgets/trades-cost.ts';
import type { Pay } from '../../host/budgets/work.ts';
import { TickwellError } from '../../wire/errors.ts';
import type { TradesQuery } from './http/queries.ts';
import type { Limits } from './limits.ts';
import { checkSpeaks, hadRows, saidId } from './market-ids.ts';
import { aheadMs, extentOf } from './ranges.ts';
import { cursorOf, endOf, timeMsOf } from './requests.ts';
import { columnOf } from './symbols.ts';

/** Which trades are asked for. What is wrong throws a `TickwellError`. */

/** The trades `[from, next)` of a column, and the rows `[fromRow, nextRow)` that they are of. */
export interface TradesRange {
  readonly column: number;
  readonly from: number;
  readonly next: number;
  readonly fromRow: number;
  readonly nextRow: number;
  /** The index after the newest row there was; undefined if the range that was named is over. */
  readonly head: number | undefined;
  /** The market id that an answer says. */
  readonly id: string;
}

/** The trades that are asked for, cut to what one answer may hold. */
export function tradesRangeOf(
  history: History,
  limits: Limits,
  query: TradesQuery,
  named: string | undefined,
  pay: Pay,
): TradesRange {
  const { market, head, timeline } = history;
  checkStart(query);
  const column = columnOf(market, 'symbol', query.symbol, pay);
  pay(TRADE_LOOK_COST);
  const { from, fromRow } = startOf(history, limits, column, query);
  checkSpeaks(history, named, hadBefore(history, column, query, fromRow, named));
  const end =
    query.since === undefined ? untilOf(history, query) : rowsEndOf(history, fromRow, query);
  const endId = Math.max(from, timeline.tradesBefore(column, end));
  const most = Math.min(query.limit ?? limits.maxTradesPerAnswer, limits.maxTradesPerAnswer);
  const wanted = { column, from, next: Math.min(endId, from + most), fromRow };
  const next = query.last === undefined ? fittingOf(history, limits, wanted) : wanted.next;
  const nextRow = next > from ? timeline.rowOfTrade(column, next - 1)! + 1 : fromRow;
  if (query.last !== undefined) checkLast(limits, next - from, fromRow, nextRow);
  const { until } = query;
  const isFinal = until !== undefined && timeMsOf('until', until) <= sinceOf(market.grid, head);
  const id = saidId(history, named, nextRow);
  return { column, from, next, fromRow, nextRow, head: isFinal ? undefined : head, id };
}

const STARTS = ['fromId', 'since', 'last'] as const;

function checkStart(query: TradesQuery): void {
  const [first, second] = STARTS.filter((name) => query[name] !== undefined);
  if (first === undefined) {
    const others = 'or since, the time of a row, or last, how many';
    const sentence = `fromId is missing: the number of the first trade wanted; ${others}`;
    throw new TickwellError('bad_request', sentence);
  }
  if (second !== undefined) {
    const rule = `${first} cannot stand beside ${second}`;
    throw new TickwellError('bad_request', `${rule}; given: ${quoted(query[second])}`);
  }
  const other = query.until ?? query.limit;
  if (first !== 'last' || other === undefined) return;
  throw new TickwellError(
    'bad_request',
    `last cannot stand beside until or limit; given: ${quoted(other)}`,
  );
}

/** The first trade, and the row from which on it can be. */
function startOf(history: History, limits: Limits, column: number, query: TradesQuery) {
  const { market, head, timeline } = history;
  const { fromId, last } = query;
  if (fromId !== undefined)
    return { from: fromId, fromRow: rowOf(history, limits, column, fromId) };
  if (last === undefined) {
    const fromRow = cursorOf(market, limits, head, query.since);
    return { from: timeline.tradesBefore(column, fromRow), fromRow };
  }
  const most = limits.maxTradesPerAnswer;
  if (last > most) throw tooMany('last', `${most} trades`, most, last);
  const from = Math.max(0, timeline.tradesBefore(column, head) - last);
  return { from, fromRow: rowOf(history, limits, column, from) };
}

/** The row before which its reader has all, or is given it: for these its id must speak. */
function hadBefore(
  { head, timeline }: History,
  column: number,
  { fromId, since, last }: TradesQuery,
  fromRow: number,
  named: string | undefined,
): number {
  if (last !== undefined) return head;
  if (since !== undefined) return hadRows(since, fromRow);
  const end = named === undefined ? undefined : timeline.endOf(named);
  if (fromId === undefined || end === undefined || end > head) return 0;
  // Those before have the same numbers in every market that has the id.
  return fromId <= timeline.tradesBefore(column, end) ? end : end + 1;
}

/** The row of a trade; the next row, if it is the next trade. A bit ahead, as clocks differ. */
function rowOf(
  { market, head, timeline }: History,
  limits: Limits,
  column: number,
  number: number,
): number {
  const { grid } = market;
  if (number < timeline.tradesBefore(column, head)) return timeline.rowOfTrade(column, number)!;
  const ahead = head + Math.floor(aheadMs(grid, limits) / grid.intervalMs);
  const most = timeline.tradesBefore(column, ahead);
  if (number <= most) return head;
  const rule = `fromId must be at most ${most}, soon after the newest trade`;
  const { head: headMs } = extentOf(market, head);
  throw new TickwellError('cursor_ahead', `${rule}; given: ${number}`, { head: headMs });
}

/** The index after the last row whose trades are wanted, of who names no row to begin behind. */
function untilOf({ market, head }: History, { until }: TradesQuery): number {
  const least = sinceOf(market.grid, 0);
  const untilMs = until === undefined ? least : timeMsOf('until', until);
  if (untilMs >= least) return endOf(market, head, 0, until);
  const { earliest } = extentOf(market, head);
  const rule = `until must be at least ${least}, one interval before the first row`;
  throw new TickwellError('before_start', `${rule}; given: ${quoted(until)}`, { earliest });
}

function rowsEndOf({ market, head }: History, fromRow: number, { until }: TradesQuery): number {
  return Math.min(head, endOf(market, head, fromRow, until));
}

/** Where an answer ends at the latest, so that not too many rows are made for it. */
function fittingOf(
  { timeline }: History,
  { maxTradedRowsPerAnswer }: Limits,
  { column, from, next, fromRow }: Omit<TradesRange, 'nextRow' | 'head' | 'id'>,
): number {
  const blocks = Math.max(1, Math.floor(maxTradedRowsPerAnswer / BLOCK_ROWS));
  if (next - from <= blocks) return next;
  const first = Math.floor(fromRow / BLOCK_ROWS);
  const inBlocks = timeline.tradesBefore(column, (first + blocks) * BLOCK_ROWS);
  return Math.min(next, Math.max(from + blocks, inBlocks));
}

function checkLast(limits: Limits, trades: number, fromRow: number, nextRow: number): void {
  const limit = Math.max(1, Math.floor(limits.maxTradedRowsPerAnswer / BLOCK_ROWS));
  if (tradedBlocks(trades, [fromRow, nextRow]) <= limit) return;
  throw tooMany('last', `${limit} trades where so few rows have one`, limit, trades);
}

function tooMany(field: string, rule: string, limit: number, given: number): TickwellError {
  const sentence = `${field} must be at most ${rule}; given: ${given}`;
  return new TickwellError('range_too_large', sentence, { limit });
}
