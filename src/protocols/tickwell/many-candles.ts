import type { CandleRange } from '../../core/history/candle-cache.ts';
import { type Candles, foldCandles, newCandles } from '../../core/history/candles.ts';
import type { History } from '../../core/history/history.ts';
import { heldAmong, withoutHeld } from '../../core/history/without-held.ts';
import { CANDLE_PRICES } from '../../core/market/candle-lists.ts';
import type { CandleField } from '../../core/market/fields.ts';
import { indexFrom, sinceOf } from '../../core/market/grid.ts';
import type { Resolution } from '../../core/market/resolution.ts';
import { candlesFoldingCost, candlesWritingCost } from '../../host/budgets/candles-cost.ts';
import type { Making } from '../../host/http/body.ts';
import type { Notation } from '../../wire/notation.ts';
import { cuttingSaid } from './answers.ts';
import { type CandlesWriter, PlacedCandles } from './formats/candles.ts';
import type { CandlesFormat } from './formats/format.ts';
import {
  type HeldCandles,
  heldCandles,
  jsonClosing,
  jsonLists,
  jsonOpening,
  shownOf,
} from './formats/json-candles.ts';
import { GROUP_ROWS } from './formats/parquet.ts';
import { extentOf } from './ranges.ts';

/** Candles of several columns, all as they were when the head was `head`. */
export interface ManyCandles {
  /** The market id that an answer says. */
  readonly id: string;
  readonly columns: readonly number[];
  readonly resolution: Resolution;
  readonly range: CandleRange;
  readonly fields: readonly CandleField[];
  /** Whether candles of held rows alone are answered. */
  readonly isHeldToo: boolean;
  readonly head: number;
}

/** How they are written. */
export interface ManyWriting {
  readonly format: CandlesFormat;
  readonly notation: Notation;
  readonly write: CandlesWriter;
}

/** A part of an answer: what it costs, and how it is made. Those that only fold have no bytes. */
export interface CandlesPart {
  readonly cost: number;
  readonly steps: () => Making;
}

/** Rows that are folded in one part, and so paid for at once. */
const PART_ROWS = 2 ** 22;
/** Numbers of JSON that are written in one part. */
const PART_NUMBERS = 2 ** 14;

/**
 * The parts of an answer, in order: each is to be made before the next is asked for. No more is
 * held than a group of candles of one column; of JSON the numbers of all.
 */
export function manyCandlesParts(
  history: History,
  asked: ManyCandles,
  writing: ManyWriting,
): Generator<CandlesPart, void, void> {
  return writing.format === 'json'
    ? jsonParts(history, asked, writing.notation)
    : tableParts(history, asked, writing);
}

/** Pieces that are smaller are sent together. */
const PIECE_BYTES = 2 ** 16;

/** All parts as one answer. */
export function* joinedParts(parts: Iterable<CandlesPart>): Making {
  const pieces: Uint8Array[] = [];
  let small: Uint8Array[] = [];
  let bytes = 0;
  for (const { steps } of parts) {
    for (const piece of yield* steps()) {
      small.push(piece);
      bytes += piece.byteLength;
      if (bytes < PIECE_BYTES) continue;
      pieces.push(Buffer.concat(small, bytes));
      small = [];
      bytes = 0;
    }
    yield;
  }
  return [...pieces, Buffer.concat(small, bytes)];
}

/** What tables say of all the candles beside them, as far as it is known before they are folded. */
export function manyCandlesFacts(history: History, { range, head }: ManyCandles) {
  const next = endOf(history, range, head);
  return next === 0
    ? extentOf(history.market, head)
    : { until: sinceOf(history.market.grid, next) };
}

/** The index after the last row of the candles; 0 if there are none. */
function endOf({ market }: History, { fromMs, toMs }: CandleRange, head: number): number {
  return toMs <= fromMs ? 0 : Math.min(head, indexFrom(market.grid, toMs));
}

/** One column after the other, each in groups that a Parquet file has too. */
function* tableParts(
  history: History,
  asked: ManyCandles,
  { format, notation, write }: ManyWriting,
): Generator<CandlesPart, void, void> {
  const { market } = history;
  const { id, columns, resolution, range, fields, isHeldToo } = asked;
  const among = columns.map((column) => market.instruments[column]!);
  const [from, next] = numbersOf(asked);
  const isEmpty = range.toMs <= range.fromMs;
  const placed = new PlacedCandles(isHeldToo);
  for (const [n, column] of columns.entries()) {
    const { symbol } = market.instruments[column]!;
    // There is a part even of no candles: the names of columns stand in it.
    let first = from;
    do {
      const end = Math.min(next, first + GROUP_ROWS);
      const isLast = end === next && (isEmpty || n === columns.length - 1);
      const candles = newCandles(fields);
      yield* foldingParts(candles, history, asked, column, [first, end]);
      const shown = isHeldToo ? candles : withoutHeld(candles, history, column, resolution);
      const { next: _, ...lists } = shown;
      const about = cuttingSaid(resolution);
      for (const { answer, part } of placed.add(
        { market: id, symbol, ...about, ...lists },
        isLast,
      )) {
        const cost = candlesWritingCost(answer.time.length, { fields, format, notation });
        yield { cost, steps: () => write({ market, answer, notation, among, part }) };
      }
      first = end;
    } while (first < next);
    if (isEmpty) break;
  }
}

/** All columns are folded first, and their numbers held. */
function* jsonParts(
  history: History,
  asked: ManyCandles,
  notation: Notation,
): Generator<CandlesPart, void, void> {
  const { market } = history;
  const { columns, resolution, fields, isHeldToo } = asked;
  const held: HeldCandles[] = [];
  const leftOut: Uint8Array[] = [];
  let [times, closed]: [readonly number[], number] = [[], 0];
  for (const column of columns) {
    const candles = newCandles(fields);
    yield* foldingParts(candles, history, asked, column, numbersOf(asked));
    held.push(heldCandles(market, candles, fields));
    if (!isHeldToo) leftOut.push(heldAmong(candles, history, column, resolution));
    // Rows have prices of all columns: their candles begin alike.
    ({ time: times, closed } = candles);
  }
  const shown = isHeldToo ? undefined : shownOf(leftOut, times.length);
  if (shown !== undefined) {
    const { places } = shown;
    closed = places.filter((at) => at < closed).length;
    times = places.map((at) => times[at]!);
  }
  const costOf = (candles: number) =>
    candlesWritingCost(candles, { fields: [], format: 'json', notation }) / CANDLE_PRICES.length;
  const about = cuttingSaid(resolution);
  yield {
    cost: costOf(times.length),
    steps: () => jsonOpening(market, asked.id, columns, times, about, notation),
  };
  const perPart = Math.max(1, Math.floor(PART_NUMBERS / Math.max(1, times.length)));
  for (const name of [...CANDLE_PRICES, ...fields]) {
    for (let from = 0; from < columns.length; from += perPart) {
      const next = Math.min(columns.length, from + perPart);
      yield {
        cost: costOf((next - from) * times.length),
        steps: () => jsonLists(market, columns, held, name, [from, next], notation, shown),
      };
    }
  }
  const facts = { ...manyCandlesFacts(history, asked) };
  yield { cost: 0, steps: () => at([jsonClosing(closed, facts, notation)]) };
}

/** Folds the candles with the numbers `[from, next)` of a column into `out`. */
function* foldingParts(
  out: Candles,
  history: History,
  { resolution, fields, head }: ManyCandles,
  column: number,
  [from, next]: readonly [from: number, next: number],
): Generator<CandlesPart, void, void> {
  const candleRows = Math.ceil(resolution.ms / history.market.grid.intervalMs);
  const stride = Math.max(1, Math.floor(PART_ROWS / candleRows));
  for (let first = from; first < next; first += stride) {
    const end = Math.min(next, first + stride);
    const range = { fromMs: resolution.startOf(first), toMs: resolution.startOf(end) };
    yield {
      cost: candlesFoldingCost(history, column, range, resolution, fields),
      steps: () => withoutBytes(foldCandles(out, history, column, resolution, range, head)),
    };
  }
}

function* withoutBytes(folding: ReturnType<typeof foldCandles>): Making {
  yield* folding;
  return [];
}

function numbersOf({ resolution, range }: ManyCandles): readonly [from: number, next: number] {
  return [resolution.numberOf(range.fromMs), resolution.numberOf(range.toMs)];
}

// biome-ignore lint/correctness/useYield: it is as quick as it looks.
function* at(pieces: readonly Uint8Array[]): Making {
  return pieces;
}
