import type { Exact } from '../market/exact-sum.ts';
import { PaidSums, type SumField, TradeSums } from '../market/fields.ts';
import { indexFrom, timeOf } from '../market/grid.ts';
import { Fold } from '../market/models/model.ts';
import { mustBe } from '../market/must-be.ts';
import { eachBlock } from '../market/pieces.ts';
import { candleStart, type Resolution } from '../market/resolution.ts';
import type { CandleRange } from './candle-cache.ts';
import type { History } from './history.ts';

/**
 * Consecutive candles, oldest first, in ticks, timed by their starts. The first `closed` are final.
 * They hold the rows before index `next`, which is 0 where there are no candles.
 */
export interface Candles {
  readonly time: number[];
  readonly open: number[];
  readonly high: number[];
  readonly low: number[];
  readonly close: number[];
  /** Lots and trades of each candle, if they were asked for. */
  readonly volume?: number[];
  readonly trades?: number[];
  /** What was paid, as `PAID_FIELDS` has it, if it was asked for. */
  readonly notional?: Exact[];
  readonly bought?: number[];
  readonly boughtNotional?: Exact[];
  closed: number;
  next: number;
}

/**
 * The part of a range that has rows: the candles that hold a time in `[fromMs, toMs)`, from the one
 * of the market's first row to the one of its newest. Empty where there are none.
 */
export function candleRange(
  history: History,
  resolution: Resolution,
  fromMs: number,
  toMs: number,
): CandleRange {
  const { grid } = history.market;
  const headMs = timeOf(grid, history.head);
  const from = candleStart(resolution, Math.max(fromMs, grid.originMs));
  const to = resolution.startOf(resolution.numberOf(Math.min(toMs, headMs) - 1) + 1);
  return { fromMs: from, toMs: history.head === 0 ? from : Math.max(from, to) };
}

/** How many candles start in a range, those without rows too. */
export function candlesIn(resolution: Resolution, { fromMs, toMs }: CandleRange): number {
  return resolution.numberOf(toMs) - resolution.numberOf(fromMs);
}

/** Known candles that are looked up between two yields: a quarter of a millisecond of work. */
const KNOWN_PER_STEP = 2 ** 8;

/**
 * Folds the candles of `range`, of one column, into `out`; yields the rows it folded since it last
 * yielded, at most a block, so that a caller with other work can pause. A candle is always the fold
 * of its rows; only the newest one can still change. They are folded as they were when the head was
 * `head`, so that those of several columns end alike.
 */
export function* foldCandles(
  out: Candles,
  history: History,
  column: number,
  resolution: Resolution,
  range: CandleRange,
  head = history?.head,
): Generator<number, void, void> {
  checkArguments(out, history, column, resolution, range);
  mustBe(head <= history.head, 'head', `at most ${history.head}, that of the history`, head);
  const { grid } = history.market;
  const fold = new Fold();
  const tradeSums = new TradeSums();
  const isTraded = out.volume !== undefined || out.trades !== undefined;
  const paidSums = out.bought !== undefined || hasNotional(out) ? new PaidSums() : undefined;
  let known = 0;
  let number = resolution.numberOf(range.fromMs);
  for (let start = range.fromMs, endMs: number; start < range.toMs; start = endMs, number++) {
    endMs = resolution.startOf(number + 1);
    const from = Math.max(0, indexFrom(grid, start));
    const end = indexFrom(grid, endMs);
    const next = Math.min(end, head);
    fold.clear();
    tradeSums.clear();
    const traded = isTraded ? tradeSums : undefined;
    const isFinal = end <= head;
    let isMade = false;
    const isKnown = isFinal && history.candles.get(fold, traded, column, resolution, number);
    if (isKnown) {
      if (++known % KNOWN_PER_STEP === 0) yield 0;
    } else if (next - from >= history.kept.leastRows) {
      isMade = yield* foldRows(fold, traded, history, column, from, next);
    } else {
      // Nothing narrow is kept, and a generator for each would take longer than its rows.
      isMade = true;
      for (const piece of eachBlock(from, next)) {
        history.fold(fold, column, piece.from, piece.next);
        yield piece.next - piece.from;
      }
      if (isTraded) history.trades.fold(tradeSums, column, from, next);
    }
    if (fold.rows === 0) continue;
    if (isFinal && isMade) history.candles.put(fold, traded, column, resolution, number);
    if (paidSums !== undefined) {
      paidSums.clear();
      const isPaidKnown = isFinal && history.paid.get(paidSums, column, resolution, number);
      if (isPaidKnown) {
        if (++known % KNOWN_PER_STEP === 0) yield 0;
      } else {
        yield* foldPaid(paidSums, history, column, from, next);
        if (isFinal) history.paid.put(paidSums, next - from, column, resolution, number);
      }
    }
    addCandle(out, start, fold, tradeSums, next, isFinal, paidSums);
  }
}

function hasNotional({ notional, boughtNotional }: Candles): boolean {
  return notional !== undefined || boughtNotional !== undefined;
}

/**
 * Adds the rows `[from, next)` of `column` to `fold` and, if they are wanted, `sums`, by the kept
 * candles that they have; yields as `foldCandles` does. Gives whether any row had to be read.
 */
export function* foldRows(
  fold: Fold,
  sums: TradeSums | undefined,
  history: History,
  column: number,
  from: number,
  next: number,
): Generator<number, boolean, void> {
  let known = 0;
  let isRead = false;
  for (let at = from; at < next; ) {
    const keptEnd = history.kept.add(fold, sums, column, at, next);
    if (keptEnd > at) {
      at = keptEnd;
      if (++known % KNOWN_PER_STEP === 0) yield 0;
      continue;
    }
    isRead = true;
    const stop = history.kept.nextFrom(column, at, next);
    for (const piece of eachBlock(at, stop)) {
      history.fold(fold, column, piece.from, piece.next);
      yield piece.next - piece.from;
    }
    if (sums !== undefined) history.trades.fold(sums, column, at, stop);
    at = stop;
  }
  return isRead;
}

/**
 * Adds what was paid in the rows `[from, next)` of `column` to `sums`, by the days that are kept;
 * yields the rows that it looked at.
 */
export function* foldPaid(
  sums: PaidSums,
  history: History,
  column: number,
  from: number,
  next: number,
): Generator<number, void, void> {
  const { paid } = history.kept;
  for (let at = from; at < next; ) {
    const end = paid.add(sums, column, at, next);
    const stop = end > at ? end : paid.nextFrom(column, at, next);
    if (end === at) yield* history.trades.foldPaid(sums, column, at, stop);
    at = stop;
  }
}

/** Adds a candle that was folded, of the rows before `next`. */
export function addCandle(
  out: Candles,
  start: number,
  fold: Fold,
  tradeSums: TradeSums,
  next: number,
  isFinal: boolean,
  paid?: PaidSums,
): void {
  out.time.push(start);
  out.open.push(fold.open);
  out.high.push(fold.high);
  out.low.push(fold.low);
  out.close.push(fold.close);
  out.volume?.push(tradeSums.volume);
  out.trades?.push(tradeSums.trades);
  if (paid !== undefined) {
    out.notional?.push(paid.notional.value);
    out.bought?.push(paid.bought);
    out.boughtNotional?.push(paid.boughtNotional.value);
  }
  out.next = next;
  if (isFinal) out.closed += 1;
}

/** Throws a `TypeError` with one sentence on what candles cannot be folded from, or into. */
function checkArguments(
  out: Candles,
  history: History,
  column: number,
  resolution: Resolution,
  range: CandleRange,
): void {
  mustBe(Array.isArray(out?.time), 'out', 'what newCandles gives', out);
  mustBe(history?.ring !== undefined, 'history', 'a History', history);
  const columns = history.market.instruments.length;
  const isColumn = Number.isInteger(column) && column >= 0 && column < columns;
  mustBe(isColumn, 'column', `a whole number from 0 to ${columns - 1}`, column);
  mustBe(
    resolution?.numberOf !== undefined,
    'resolution',
    'what parseResolution gives',
    resolution,
  );
  const isRange = Number.isFinite(range?.fromMs) && Number.isFinite(range?.toMs);
  mustBe(isRange, 'range', 'two times, { fromMs, toMs }', range);
}

/** No candles yet; with those of `fields`. */
export function newCandles(fields: readonly SumField[] = []): Candles {
  const traded = Object.fromEntries(fields.map((field) => [field, []]));
  return { time: [], open: [], high: [], low: [], close: [], ...traded, closed: 0, next: 0 };
}
