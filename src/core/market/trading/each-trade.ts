/**
 * Trades one by one, by their numbers: the row that each belongs to, its place in the time of that
 * row, its lots. The trades of a row are the fills of one taker, all at the row's `last` and on the
 * row's side: what is folded from trades is what rows say.
 *
 *     row's interval   |--3-----4-5----------6--|     sorted: numbers are in the order of time
 *
 * Places are drawn and sorted by 256 trades: in a row of more, each 256 have the part of the
 * interval that is theirs.
 */
import { deriveKey, fillWords, type Key } from '../../random/threefry.ts';
import { MAX_ROWS } from '../grid.ts';
import { PURPOSE } from '../models/purpose.ts';
import { mustBe } from '../must-be.ts';
import type { Lots } from './lots.ts';

const TWO_32 = 0x1_0000_0000;
/** Trades whose places are sorted together. */
const SORTED = 256;

const words = new Uint32Array(SORTED + 2);

/** Consecutive trades. */
export interface EachTrade {
  /** The index of the row that it belongs to. */
  readonly rows: Float64Array;
  /** Whole microseconds since the time of that row, less than its interval. */
  readonly micros: Float64Array;
  readonly lots: Float64Array;
}

/** Room for `trades` trades. */
export function newEachTrade(trades: number): EachTrade {
  const values = () => new Float64Array(trades);
  return { rows: values(), micros: values(), lots: values() };
}

const isNumber = (number: unknown) => Number.isSafeInteger(number) && (number as number) >= 0;

/** Who knows how many trades there were before a row. */
interface Clock {
  tradesBefore(index: number): number;
}

/** Of one instrument. */
export class TradeReader {
  readonly #key: Key;
  readonly #clock: Clock;
  readonly #lots: Lots;
  readonly #rate: number;
  readonly #intervalMicros: number;

  /** `rate` trades a row, on average; rows are `intervalMs` apart. */
  constructor(key: Key, clock: Clock, lots: Lots, rate: number, intervalMs: number) {
    this.#key = deriveKey(key, PURPOSE.place, 0);
    this.#clock = clock;
    this.#lots = lots;
    this.#rate = rate;
    this.#intervalMicros = intervalMs * 1000;
  }

  /**
   * The row that trade `number` belongs to; undefined if no row a market can have is as far. 20
   * readings of the clock as a rule, and 120 at most.
   */
  rowOf(number: number): number | undefined {
    mustBe(isNumber(number), 'number', 'a whole number of 0 or more', number);
    const rate = this.#rate;
    const guess = rate > 0 ? Math.min(MAX_ROWS, Math.floor(number / rate)) : 0;
    const trades = this.#before(guess);
    if (trades <= number) return this.#rowFrom(guess, trades, number);
    let [high, end] = [guess, trades];
    for (let step = 1; ; step *= 4) {
      const low = Math.max(0, guess - step);
      const first = this.#before(low);
      if (first <= number) return this.#rowBetween(low, first, high, end, number);
      [high, end] = [low, first];
    }
  }

  /**
   * Fills `out` with the trades `[from, next)`. They must be of rows that a market can have. Where
   * it is known, `near` is the row of the first of them, or one soon before it.
   */
  fill(out: EachTrade, from: number, next: number, near?: number): void {
    mustBe(isNumber(from), 'from', 'a whole number of 0 or more', from);
    mustBe(isNumber(next) && next >= from, 'next', 'a whole number, from at least', next);
    mustBe(out?.rows?.length >= next - from, 'out', 'what newEachTrade gives, with room', out);
    if (from === next) return;
    let row = near === undefined ? this.rowOf(from) : this.#rowNear(near, from);
    let first = row === undefined ? 0 : this.#before(row);
    for (let number = from; number < next; ) {
      if (row === undefined) throw new RangeError(`no row of a market has trade ${number}`);
      const end = this.#before(row + 1);
      if (end <= number) {
        row = this.#rowFrom(row + 1, end, number);
        first = end;
        continue;
      }
      const stop = Math.min(end, next);
      out.rows.fill(row, number - from, stop - from);
      while (number < stop) number = this.#fillPlaces(out.micros, from, number, stop, first, end);
      // As a rule the next trade is of the next row, or of one soon after.
      row = row + 1 < MAX_ROWS ? row + 1 : undefined;
      first = end;
    }
    for (let number = from; number < next; number++) {
      out.lots[number - from] = this.#lots.of(number);
    }
  }

  /**
   * Fills the places of trades from `number` on, of a row that has `[first, end)`: as far as they
   * are sorted together, and before `stop`. `out` begins with trade `from`. Gives the next one.
   */
  #fillPlaces(
    out: Float64Array,
    from: number,
    number: number,
    stop: number,
    first: number,
    end: number,
  ): number {
    const start = first + Math.floor((number - first) / SORTED) * SORTED;
    const many = Math.min(end - start, SORTED);
    const odd = start % 2;
    const counter = (start - odd) / 2;
    fillWords(words, this.#key, counter | 0, Math.floor(counter / TWO_32) | 0);
    const sorted = words.subarray(odd, odd + many).sort();
    const last = Math.min(stop, start + many);
    const share = this.#intervalMicros / (end - first);
    for (let n = number; n < last; n++) {
      const place = start - first + many * ((sorted[n - start]! + 0.5) / TWO_32);
      out[n - from] = Math.floor(share * place);
    }
    return last;
  }

  #rowNear(near: number, number: number): number | undefined {
    const trades = this.#before(near);
    return trades <= number ? this.#rowFrom(near, trades, number) : this.rowOf(number);
  }

  #before(row: number): number {
    return this.#clock.tradesBefore(row);
  }

  /** The row of trade `number`, which is not before row `from`; as many trades as `first` are. */
  #rowFrom(from: number, first: number, number: number): number | undefined {
    let [low, lowest] = [from, first];
    for (let step = 1; low < MAX_ROWS; step *= 4) {
      const high = Math.min(MAX_ROWS, from + step);
      const end = this.#before(high);
      if (end > number) return this.#rowBetween(low, lowest, high, end, number);
      [low, lowest] = [high, end];
    }
    return undefined;
  }

  /**
   * The same, of one that is in a row of `[from, next)`, before which there are `first` and `end`
   * trades: by proportion, which is near, and by halving in turn, which comes to an end.
   */
  #rowBetween(from: number, first: number, next: number, end: number, number: number): number {
    let [low, lowest, high, highest] = [from, first, next, end];
    for (let isHalf = false; high - low > 1; isHalf = !isHalf) {
      const share = isHalf ? 0.5 : (number + 0.5 - lowest) / (highest - lowest);
      const place = low + Math.floor(share * (high - low));
      const middle = Math.max(low + 1, Math.min(high - 1, place));
      const trades = this.#before(middle);
      if (trades <= number) [low, lowest] = [middle, trades];
      else [high, highest] = [middle, trades];
    }
    return low;
  }
}
