import { type Candles, foldCandles, newCandles } from '../../../core/history/candles.ts';
import type { History } from '../../../core/history/history.ts';
import { readRows } from '../../../core/history/read-rows.ts';
import { wantedOf } from '../../../core/history/wanted.ts';
import { PAID_FIELDS, type SumField } from '../../../core/market/fields.ts';
import { indexFrom } from '../../../core/market/grid.ts';
import type { Resolution } from '../../../core/market/resolution.ts';
import { checkRows, checkWork } from '../../../host/budgets/bounds.ts';
import { candlesCost, candlesLookingCost } from '../../../host/budgets/candles-cost.ts';
import { rowsCost } from '../../../host/budgets/cost.ts';
import { rowsOf } from '../../../host/budgets/paid-cost.ts';
import { writingCost } from '../../../host/budgets/writing-cost.ts';
import { etagOf } from '../../../host/http/caching.ts';
import type { Made } from '../../../host/http/responder.ts';
import { checkReady } from '../../../host/readiness.ts';
import { candlesRange, type NumberedCandles } from '../candle-range.ts';
import { type CandleTexts, candleTexts, flatTexts } from '../candle-texts.ts';
import { offsetOf, resolutionOf } from '../intervals.ts';
import type { Numbers } from '../numbers.ts';
import { limitOf, momentOf, optionalText, textOf } from '../parameters.ts';
import type { BinanceParts } from '../parts.ts';
import { type TimeUnit, timeIn } from '../time-unit.ts';
import type { Asked, Endpoint, SizedPlan } from './endpoint.ts';

const DEFAULT_CANDLES = 500;
/** Candles that are written between two yields. */
const CANDLES_PER_STEP = 128;
/** Values of one. */
const VALUES = 12;
/** The shortest text of one. */
const LEAST_BYTES = 120;
/** What decides how much is folded. */
const ASKED = 'interval, startTime, endTime and limit';
const FIELDS: readonly SumField[] = ['volume', 'trades', ...PAID_FIELDS];

/** Candles of a column, to be written. */
interface Wanted {
  readonly column: number;
  readonly resolution: Resolution;
  readonly range: NumberedCandles;
  readonly unit: TimeUnit;
}

/** Candles, one for each interval: where it has no row, nothing has moved in it. */
export function klines(parts: BinanceParts): readonly Endpoint[] {
  // What one has changed for charts, of both the same is made here.
  return ['klines', 'uiKlines'].map((path) => ({
    path,
    weight: () => 2,
    answer: (asked) => planOf(parts, asked),
  }));
}

function planOf({ service, symbols }: BinanceParts, { parameters, unit, pay }: Asked): SizedPlan {
  checkReady(service);
  const { feed, version, clock, limits } = service;
  const { market, history } = feed;
  const column = symbols.columnOf(parameters);
  const interval = textOf(parameters, 'interval');
  const resolution = resolutionOf(interval, offsetOf(optionalText(parameters, 'timeZone')));
  const [start, end] = ['startTime', 'endTime'].map((name) => momentOf(parameters, name));
  const limit = limitOf(parameters, DEFAULT_CANDLES, limits.maxBinanceCandles);
  const range = candlesRange(history, resolution, clock.marketMs(), { start, end, limit });
  const { from, to, isFinal } = range;
  const cutRange = { fromMs: resolution.startOf(from), toMs: resolution.startOf(to) };
  const form = { resolution, fields: FIELDS, format: 'json' } as const;
  const [row, endRow] = rowsOf(history, cutRange);
  checkRows(ASKED, endRow - row, limits.maxBinanceRows);
  pay(candlesLookingCost(history, [column], cutRange, form));
  const wanted = { column, resolution, range, unit };
  const cost =
    candlesCost(history, column, cutRange, form) +
    beforeCost(history, wanted) +
    writingCost('json', to - from, VALUES);
  checkWork(ASKED, cost, limits);
  const etagNow = () => {
    const next = Math.min(history.head, indexFrom(market.grid, cutRange.toMs));
    const about = [resolution.key, from, to, next, unit];
    const id = history.timeline.idAt(next - 1);
    return etagOf([version, 'binance klines', id, ...about], [column]);
  };
  return {
    mediaType: 'application/json',
    etag: etagNow(),
    isImmutable: false,
    isFinal,
    columns: 1,
    cost,
    leastBytes: (to - from) * LEAST_BYTES,
    make: () => made(history, symbols.numbersOf(column), wanted, etagNow),
  };
}

function* made(
  history: History,
  numbers: Numbers,
  wanted: Wanted,
  etagNow: () => string,
): Generator<unknown, Made, void> {
  const { column, resolution, range } = wanted;
  // The head may have moved since; this is where the fold reads it.
  const etag = etagNow();
  const candles = newCandles(FIELDS);
  const cutRange = {
    fromMs: resolution.startOf(range.from),
    toMs: resolution.startOf(range.to),
  };
  const before = rowBefore(history, wanted);
  yield* foldCandles(candles, history, column, resolution, cutRange);
  let closeTicks = 0;
  if (before !== undefined) {
    const rows = yield* readRows(history, wantedOf(['last'], [column]), before, before + 1);
    closeTicks = rows.at(0)[0]!;
  }
  const pieces = yield* written(candles, numbers, wanted, closeTicks);
  return { pieces, headers: { etag } };
}

/** The row whose price a first candle without rows has; undefined if it has some. */
function rowBefore({ market, head }: History, { resolution, range }: Wanted): number | undefined {
  const { grid } = market;
  const index = indexFrom(grid, resolution.startOf(range.from));
  const end = Math.min(head, indexFrom(grid, resolution.startOf(range.from + 1)));
  return range.from < range.to && index > 0 && end <= index ? index - 1 : undefined;
}

function beforeCost(history: History, wanted: Wanted): number {
  const before = rowBefore(history, wanted);
  if (before === undefined) return 0;
  const one = wantedOf(['last'], [wanted.column]);
  return rowsCost(history, one, [before, before + 1], 'json');
}

function* written(
  candles: Candles,
  numbers: Numbers,
  { resolution, range, unit }: Wanted,
  beforeTicks: number,
): Generator<void, readonly Uint8Array[], void> {
  const pieces: Uint8Array[] = [];
  let text = '[';
  let closeTicks = beforeTicks;
  let n = 0;
  for (let number = range.from; number < range.to; number++) {
    const startMs = resolution.startOf(number);
    const isThere = candles.time[n] === startMs;
    const texts = isThere ? candleTexts(numbers, candles, n) : flatTexts(numbers, closeTicks);
    const closeTime = timeIn(unit, resolution.startOf(number + 1)) - 1;
    text += (number === range.from ? '' : ',') + rowText(timeIn(unit, startMs), closeTime, texts);
    if (isThere) closeTicks = candles.close[n++]!;
    if ((number - range.from + 1) % CANDLES_PER_STEP !== 0) continue;
    pieces.push(Buffer.from(text));
    text = '';
    yield;
  }
  pieces.push(Buffer.from(`${text}]`));
  return pieces;
}

function rowText(openTime: number, closeTime: number, texts: CandleTexts): string {
  const { o, h, l, c, v, q, n, V, Q } = texts;
  const prices = `"${o}","${h}","${l}","${c}"`;
  return `[${openTime},${prices},"${v}",${closeTime},"${q}",${n},"${V}","${Q}","0"]`;
}
