import type { CandleRange } from '../../core/history/candle-cache.ts';
import { candleRange, foldCandles, newCandles } from '../../core/history/candles.ts';
import type { History } from '../../core/history/history.ts';
import { readRows } from '../../core/history/read-rows.ts';
import { type Wanted, wantedOf } from '../../core/history/wanted.ts';
import { CANDLE_PRICES } from '../../core/market/candle-lists.ts';
import { indexFrom, sinceOf, timeOf } from '../../core/market/grid.ts';
import { formatPrice, type Instrument } from '../../core/market/instrument.ts';
import type { Resolution } from '../../core/market/resolution.ts';
import { candlesCost, candlesLookingCost } from '../../host/budgets/candles-cost.ts';
import { rowsCost } from '../../host/budgets/cost.ts';
import type { Pay } from '../../host/budgets/work.ts';
import type { AskedHistory } from './fields.ts';
import { DerivError } from './problems.ts';
import { epochOf } from './values.ts';

/** Values that are written between two yields. */
const VALUES_PER_STEP = 512;
/** A price and a time, or a candle, with all around them, at most. */
const TICK_BYTES = 40;
const CANDLE_BYTES = 180;
/** What is said before and behind them. */
const AROUND_BYTES = 512;

/** An answer that is to be made: its kind, how long it is at most, and its members as JSON. */
export interface MadeHistory {
  readonly msgType: 'history' | 'candles';
  readonly bytes: number;
  readonly steps: Generator<unknown, string, void>;
}

const PRICES = wantedOf(['last'], []);

/**
 * What `ticks_history` answers, of the rows before the head as it is now. It is paid for before
 * anything of it is made.
 */
export function historyAnswer(
  history: History,
  column: number,
  asked: AskedHistory,
  pay: Pay,
): MadeHistory {
  checkOrder(asked);
  const { resolution } = asked;
  return resolution === undefined
    ? ticksAnswer(history, column, asked, pay)
    : candlesAnswer(history, column, resolution, asked, pay);
}

function checkOrder({ start, end }: AskedHistory): void {
  if (start === undefined || end === undefined || start <= end) return;
  const message = `Start time ${start} must be before end time ${end}`;
  throw new DerivError('bad_request', 'InvalidStartEnd', message);
}

function ticksAnswer(
  history: History,
  column: number,
  { start, end, count }: AskedHistory,
  pay: Pay,
): MadeHistory {
  const { grid } = history.market;
  const first = start === undefined ? 0 : Math.max(0, indexFrom(grid, 1000 * start));
  const last = end === undefined ? history.head : indexFrom(grid, 1000 * (end + 1));
  const next = Math.max(0, Math.min(history.head, last));
  const from = Math.min(next, Math.max(first, next - count));
  const wanted = { ...PRICES, columns: [column] };
  pay(rowsCost(history, wanted, [from, next], 'json'));
  const bytes = AROUND_BYTES + (next - from) * TICK_BYTES;
  return { msgType: 'history', bytes, steps: ticksText(history, wanted, from, next) };
}

function* ticksText(
  history: History,
  wanted: Wanted,
  from: number,
  next: number,
): Generator<void, string, void> {
  const { grid, instruments } = history.market;
  const instrument = instruments[wanted.columns[0]!]!;
  const prices = (yield* readRows(history, wanted, from, next)).at(0);
  const texts = yield* joined(prices.length, (n) => formatPrice(instrument, prices[n]!));
  const times = yield* joined(prices.length, (n) => epochOf(timeOf(grid, from + n)).toString());
  return `"history":{"prices":[${texts}],"times":[${times}]},${pipOf(instrument)}`;
}

function candlesAnswer(
  history: History,
  column: number,
  resolution: Resolution,
  asked: AskedHistory,
  pay: Pay,
): MadeHistory {
  const { range, count } = candlesOf(history, resolution, asked);
  const form = { resolution, fields: [], format: 'json' } as const;
  pay(candlesLookingCost(history, [column], range, form));
  pay(candlesCost(history, column, range, form));
  // As they stand now: what follows goes on from there.
  const steps = candlesText(history, column, resolution, range, history.head);
  return { msgType: 'candles', bytes: AROUND_BYTES + count * CANDLE_BYTES, steps };
}

function* candlesText(
  history: History,
  column: number,
  resolution: Resolution,
  range: CandleRange,
  head: number,
): Generator<unknown, string, void> {
  const instrument = history.market.instruments[column]!;
  const candles = newCandles();
  yield* foldCandles(candles, history, column, resolution, range, head);
  const price = (name: (typeof CANDLE_PRICES)[number], n: number) =>
    `"${name}":${formatPrice(instrument, candles[name][n]!)}`;
  const texts = yield* joined(candles.time.length, (n) => {
    const prices = CANDLE_PRICES.map((name) => price(name, n));
    return `{${prices.join()},"epoch":${epochOf(candles.time[n]!)}}`;
  });
  return `"candles":[${texts}],${pipOf(instrument)}`;
}

/** Those that begin in the range, the latest of them, the one of the newest row too. */
function candlesOf(
  history: History,
  resolution: Resolution,
  { start, end, count }: AskedHistory,
): { readonly range: CandleRange; readonly count: number } {
  const { grid } = history.market;
  // One that has no row yet has not begun.
  const newestMs = sinceOf(grid, history.head);
  const toMs = Math.min(newestMs + 1, end === undefined ? newestMs + 1 : 1000 * (end + 1));
  const next = resolution.numberOf(toMs - 1) + 1;
  const oldest = resolution.numberOf(grid.originMs);
  const asked = start === undefined ? oldest : resolution.numberOf(1000 * start - 1) + 1;
  const first = Math.max(oldest, asked, next - count);
  if (first >= next || history.head === 0) return { range: { fromMs: 0, toMs: 0 }, count: 0 };
  const [fromMs, endMs] = [resolution.startOf(first), resolution.startOf(next)];
  return { range: candleRange(history, resolution, fromMs, endMs), count: next - first };
}

function pipOf({ decimals }: Instrument): string {
  return `"pip_size":${decimals}`;
}

/** So many texts with commas between them; yields often. */
function* joined(count: number, text: (n: number) => string): Generator<void, string, void> {
  const parts: string[] = [];
  for (let from = 0; from < count; from += VALUES_PER_STEP) {
    const some = Math.min(VALUES_PER_STEP, count - from);
    parts.push(Array.from({ length: some }, (_, n) => text(from + n)).join());
    yield;
  }
  return parts.join();
}
