import { CANDLE_PRICES } from '../market/candle-lists.ts';
import { type CandleField, TradeSums } from '../market/fields.ts';
import { indexFrom } from '../market/grid.ts';
import { Fold } from '../market/models/model.ts';
import { eachBlock } from '../market/pieces.ts';
import type { Resolution } from '../market/resolution.ts';
import type { Timeline } from '../timeline/timeline.ts';
import type { Truth, TruthSource } from './truth.ts';

/** What is said of a candle, in this order. */
const FIELDS = [...CANDLE_PRICES, 'volume', 'trades'] as const;

export interface CandlesHow {
  readonly resolution: Resolution;
  /** The sums that are looked at beside prices. */
  readonly sums: readonly CandleField[];
  /** Whether there must be candles of rows alone that are closed or halted. */
  readonly isHeldWanted: boolean;
}

/** Candles that are counted between two yields. */
const COUNTED = 2 ** 10;

/** One candle of a column. */
interface Made {
  place: number;
  readonly values: Float64Array;
}

/** The final candles of a market. Their places count from the one of its first row. */
export class CandlesTruth implements Truth {
  readonly what = 'candles';
  readonly timeline: Timeline;
  readonly fields: readonly string[] = FIELDS;
  readonly arePrices = FIELDS.map((_, n) => n < CANDLE_PRICES.length);
  readonly isShared = true;
  readonly #source: TruthSource;
  readonly #how: CandlesHow;
  /** The number of the first candle, as its resolution counts. */
  readonly #first: number;
  readonly #made: (Made | undefined)[] = [];
  readonly #fold = new Fold();
  readonly #sums = new TradeSums();

  constructor(source: TruthSource, how: CandlesHow) {
    this.timeline = source.timeline;
    this.#source = source;
    this.#how = how;
    this.#first = how.resolution.numberOf(source.timeline.grid.originMs);
  }

  placeOf(_column: number, timeMs: number): number {
    const { resolution } = this.#how;
    const { grid } = this.timeline;
    const endMs = grid.originMs + this.#source.head() * grid.intervalMs;
    // Where no candle can be, no clock of a zone is looked at.
    if (timeMs <= grid.originMs - resolution.ms - DAYS_MS || timeMs > endMs) return -1;
    const number = resolution.numberOf(timeMs);
    if (resolution.startOf(number) !== timeMs) return -1;
    const place = number - this.#first;
    const [from, next] = this.#rowsOf(place);
    return place >= 0 && from < next && next <= this.#source.head() ? place : -1;
  }

  keyOf(_column: number, place: number): number {
    return this.#how.resolution.startOf(this.#first + place);
  }

  rowOf(_column: number, place: number): number {
    return this.#rowsOf(place)[1] - 1;
  }

  placesIn(_column: number, sinceMs: number, untilMs: number): readonly [number, number] {
    const { resolution } = this.#how;
    const { grid } = this.timeline;
    const head = this.#source.head();
    const endMs = grid.originMs + head * grid.intervalMs;
    const behind = (timeMs: number) => {
      const inside = Math.min(endMs, Math.max(timeMs, this.keyOf(0, 0) - 1));
      return resolution.numberOf(inside) + 1 - this.#first;
    };
    const from = behind(sinceMs);
    let next = behind(untilMs);
    // Those that are not whole yet are not final.
    while (next > from && this.#rowsOf(next - 1)[1] > head) next -= 1;
    return [from, Math.max(from, next)];
  }

  has(column: number, place: number): boolean {
    return this.#made[column]?.place === place;
  }

  valueAt(column: number, _place: number, field: number): number {
    return this.#made[column]!.values[field];
  }

  *make(column: number, place: number): Generator<void, void, void> {
    const { timeline } = this;
    const { sums } = this.#how;
    let made = this.#made[column];
    if (made === undefined) {
      made = { place: -1, values: new Float64Array(FIELDS.length) };
      this.#made[column] = made;
    }
    const [from, next] = this.#rowsOf(place);
    const fold = this.#fold;
    fold.clear();
    for (const piece of eachBlock(from, next)) {
      timeline.fold(fold, column, piece.from, piece.next);
      this.#source.made?.(column, piece.next - piece.from);
      if (piece.next < next) yield;
    }
    this.#sums.clear();
    if (sums.length > 0) timeline.foldTrades(this.#sums, column, from, next);
    const { open, high, low, close } = fold;
    made.values.set([open, high, low, close, this.#sums.volume, this.#sums.trades]);
    made.place = place;
  }

  *wanted(column: number, from: number, next: number): Generator<void, number, void> {
    let count = 0;
    for (let place = from; place < next; place++) {
      const [first, end] = this.#rowsOf(place);
      const isHeld = () => this.timeline.areHeld(column, first, end);
      if (first < end && (this.#how.isHeldWanted || !isHeld())) count += 1;
      if (place % COUNTED === 0) yield;
    }
    return count;
  }

  /** The rows `[from, next)` of a candle. */
  #rowsOf(place: number): readonly [number, number] {
    const { grid } = this.timeline;
    const { resolution } = this.#how;
    const number = this.#first + place;
    const from = Math.max(0, indexFrom(grid, resolution.startOf(number)));
    return [from, indexFrom(grid, resolution.startOf(number + 1))];
  }
}

/** No candle is longer than its width by more. */
const DAYS_MS = 3 * 86_400_000;
