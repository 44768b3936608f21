import type { Prices } from '../market/dtype.ts';
import { ExactSum, isAddable } from '../market/exact-sum.ts';
import { eachBlock } from '../market/pieces.ts';
import type { Rows } from '../market/rows.ts';
import type { RollingSpan } from './rolling-span.ts';
import { AT, type PriceAt, STATE_VALUES, type Statistics, UNKNOWN } from './rolling-state.ts';
import { batchOf, batchStart, newRoom, type Room, type Summed, slotsOf } from './summed-rows.ts';

/**
 * What a span of many columns comes to, row by row: each that comes is added, each that leaves is
 * taken away. Whole batches between are known by their highest and lowest prices.
 *
 *     │ leaving ─ from ──│ batch │ … │ batch │── next ─ coming │
 *
 * All of a kind is in one array, by places: thousands of columns are followed as fast as memory is.
 */
export class RollingColumns {
  readonly #market: Rows;
  readonly #span: RollingSpan;
  readonly #slots: number;
  readonly #room: Room;
  readonly #sum = new ExactSum();
  readonly #state: Float64Array;
  /** The highest and lowest price of each batch, by its number. */
  readonly #highs: Prices;
  readonly #lows: Prices;
  readonly #leavingPrices: Prices;
  /** Lots and trades, row after row. */
  readonly #leaving: Uint32Array;
  readonly #coming: Uint32Array;
  /** Rows that were made since a column began to follow. */
  #made = 0;

  /** Room for so many columns. */
  constructor(market: Rows, span: RollingSpan, places: number) {
    const { batchRows } = span;
    this.#market = market;
    this.#span = span;
    this.#slots = slotsOf(span);
    this.#room = newRoom(market);
    this.#state = new Float64Array(places * STATE_VALUES);
    this.#highs = market.newPrices(places * this.#slots);
    this.#lows = market.newPrices(places * this.#slots);
    this.#leavingPrices = market.newPrices(places * batchRows);
    this.#leaving = new Uint32Array(2 * places * batchRows);
    this.#coming = new Uint32Array(2 * places * batchRows);
  }

  /** What a column takes in a market, in bytes. */
  static bytes(market: Rows, span: RollingSpan): number {
    const priceBytes = market.newPrices(1).BYTES_PER_ELEMENT;
    return 8 * STATE_VALUES + (priceBytes + 16) * span.batchRows + 2 * priceBytes * slotsOf(span);
  }

  /** The row before which all rows of a place are added. */
  nextOf(place: number): number {
    return this.#state[place * STATE_VALUES + AT.next]!;
  }

  /** Whether the batches at both ends have been made since a place was begun. */
  made(place: number): { readonly isComing: boolean; readonly isLeaving: boolean } {
    const at = place * STATE_VALUES;
    const isMade = (batch: number) => this.#state[at + batch] !== UNKNOWN;
    return { isComing: isMade(AT.coming), isLeaving: isMade(AT.leaving) };
  }

  /** Puts a column in a place that has been added up. */
  begin(place: number, sums: Summed, priceAt: PriceAt): void {
    const { column, from, next, highs, lows, notional } = sums;
    this.#highs.set(highs, place * this.#slots);
    this.#lows.set(lows, place * this.#slots);
    const state = this.#state;
    const at = place * STATE_VALUES;
    state[at + AT.next] = next;
    state[at + AT.from] = from;
    state[at + AT.last] = priceAt(column, next - 1);
    state[at + AT.before] = priceAt(column, Math.max(0, from - 1));
    state[at + AT.volume] = sums.volume;
    state.set(notional, at + AT.notionalHigh);
    state[at + AT.firstTrade] = sums.firstTrade;
    state[at + AT.nextTrade] = sums.nextTrade;
    state[at + AT.coming] = UNKNOWN;
    state[at + AT.leaving] = UNKNOWN;
    const batch = this.#batchOf(column, next);
    const isBegun = this.#startOf(column, batch) < next;
    const slot = batch % this.#slots;
    state[at + AT.newHigh] = isBegun ? highs[slot]! : Number.NEGATIVE_INFINITY;
    state[at + AT.newLow] = isBegun ? lows[slot]! : Number.POSITIVE_INFINITY;
    if (from === 0) this.#lookAtRest(place, column, -1);
    else this.#load(place, column);
  }

  /** Forgets what was made of rows from `index` on: they are made again when they come. */
  forgetFrom(place: number, index: number): void {
    const at = place * STATE_VALUES + AT.coming;
    // Rows that leave are a span older than the head.
    if (this.#state[at]! + this.#span.batchRows > index) this.#state[at] = UNKNOWN;
  }

  /** Follows the head to the end of a batch at most; gives how many rows it had to make. */
  advance(place: number, column: number, head: number, priceAt: PriceAt): number {
    const state = this.#state;
    const at = place * STATE_VALUES;
    const from = state[at + AT.next]!;
    if (from >= head) return 0;
    const { batchRows } = this.#span;
    this.#made = 0;
    let end = state[at + AT.coming]! + batchRows;
    if (!(from < end)) {
      end = this.#startOf(column, this.#batchOf(column, from) + 1);
      this.#make(place, column, from, end);
    }
    const next = Math.min(head, end);
    const first = place * batchRows - state[at + AT.coming]!;
    for (let index = from; index < next; index++) {
      const price = priceAt(column, index);
      const row = 2 * (first + index);
      const lots = this.#coming[row]!;
      this.#add(at, price, lots);
      state[at + AT.volume]! += lots;
      state[at + AT.nextTrade]! += this.#coming[row + 1]!;
      if (price > state[at + AT.newHigh]!) state[at + AT.newHigh] = price;
      if (price < state[at + AT.newLow]!) state[at + AT.newLow] = price;
      state[at + AT.last] = price;
    }
    state[at + AT.next] = next;
    if (next === end) this.#endBatch(place, column, next - 1);
    const left = this.#span.from(next);
    if (state[at + AT.from]! < left) this.#leaveTo(place, column, left);
    return this.#made;
  }

  /** As of the row that a place has followed to. */
  read(place: number): Statistics {
    const state = this.#state;
    const at = place * STATE_VALUES;
    const from = state[at + AT.from]!;
    const leaving = state[at + AT.leaving]!;
    const isLeaving = leaving !== UNKNOWN;
    const before = state[at + AT.before]!;
    const high = Math.max(state[at + AT.restHigh]!, state[at + AT.newHigh]!);
    const low = Math.min(state[at + AT.restLow]!, state[at + AT.newLow]!);
    const sum = this.#sum;
    sum.clear();
    sum.addParts(state[at + AT.notionalHigh]!, state[at + AT.notionalLow]!);
    const first = place * this.#span.batchRows;
    return {
      from,
      next: state[at + AT.next]!,
      open: isLeaving ? this.#leavingPrices[first + from - leaving]! : before,
      high: isLeaving ? Math.max(high, state[at + AT.leavingHigh]!) : high,
      low: isLeaving ? Math.min(low, state[at + AT.leavingLow]!) : low,
      last: state[at + AT.last]!,
      before,
      volume: state[at + AT.volume]!,
      notional: sum.value,
      firstTrade: state[at + AT.firstTrade]!,
      nextTrade: state[at + AT.nextTrade]!,
    };
  }

  /** Takes the rows before `to` away. */
  #leaveTo(place: number, column: number, to: number): void {
    const state = this.#state;
    const at = place * STATE_VALUES;
    const { batchRows } = this.#span;
    if (state[at + AT.leaving] === UNKNOWN) this.#load(place, column);
    let isFarthest = false;
    for (let index = state[at + AT.from]!; index < to; index++) {
      const within = index - state[at + AT.leaving]!;
      const row = place * batchRows + within;
      const price = this.#leavingPrices[row]!;
      const lots = this.#leaving[2 * row]!;
      this.#add(at, -price, lots);
      state[at + AT.volume]! -= lots;
      state[at + AT.firstTrade]! += this.#leaving[2 * row + 1]!;
      state[at + AT.before] = price;
      isFarthest ||= price === state[at + AT.leavingHigh] || price === state[at + AT.leavingLow];
      state[at + AT.from] = index + 1;
      if (within + 1 < batchRows) continue;
      this.#load(place, column);
      isFarthest = false;
    }
    if (isFarthest) this.#lookAtLeaving(place);
  }

  /** Adds price times lots, which mostly is no more than a float says exactly. */
  #add(at: number, price: number, lots: number): void {
    const state = this.#state;
    const low = state[at + AT.notionalLow]! + price * lots;
    if (low >= 0 && isAddable(low)) {
      state[at + AT.notionalLow] = low;
      return;
    }
    const sum = this.#sum;
    sum.clear();
    sum.addParts(state[at + AT.notionalHigh]!, state[at + AT.notionalLow]!);
    sum.addProduct(price, lots);
    state[at + AT.notionalHigh] = sum.high;
    state[at + AT.notionalLow] = sum.low;
  }

  /** Makes the batch that the first row is in that has not left. */
  #load(place: number, column: number): void {
    const at = place * STATE_VALUES;
    const from = this.#state[at + AT.from]!;
    const batch = this.#batchOf(column, from);
    const start = this.#startOf(column, batch);
    const end = start + this.#span.batchRows;
    this.#state[at + AT.leaving] = start;
    this.#made += end - from;
    const { trades, prices } = this.#room;
    const first = place * this.#span.batchRows - start;
    for (const block of eachBlock(from, end)) {
      const { number, at: begin, stop } = block;
      this.#market.fillTrades(trades, column, number, begin, stop);
      this.#market.fillBlock(prices, column, number, begin, stop);
      const to = first + block.from;
      this.#leavingPrices.set(prices.subarray(begin, stop), to);
      for (let row = begin, out = 2 * to; row < stop; row++) {
        this.#leaving[out++] = trades.volume[row]!;
        this.#leaving[out++] = trades.trades[row]!;
      }
    }
    this.#lookAtLeaving(place);
    this.#lookAtRest(place, column, batch);
  }

  /** Makes what was traded in the rows `[from, end)` of the batch that comes. */
  #make(place: number, column: number, from: number, end: number): void {
    const start = end - this.#span.batchRows;
    this.#state[place * STATE_VALUES + AT.coming] = start;
    this.#made += end - from;
    const { trades } = this.#room;
    const first = place * this.#span.batchRows - start;
    for (const block of eachBlock(from, end)) {
      const { number, at, stop } = block;
      this.#market.fillTrades(trades, column, number, at, stop);
      for (let row = at, out = 2 * (first + block.from); row < stop; row++) {
        this.#coming[out++] = trades.volume[row]!;
        this.#coming[out++] = trades.trades[row]!;
      }
    }
  }

  #endBatch(place: number, column: number, index: number): void {
    const state = this.#state;
    const at = place * STATE_VALUES;
    const [high, low] = [state[at + AT.newHigh]!, state[at + AT.newLow]!];
    const slot = place * this.#slots + (this.#batchOf(column, index) % this.#slots);
    [this.#highs[slot], this.#lows[slot]] = [high, low];
    state[at + AT.restHigh] = Math.max(state[at + AT.restHigh]!, high);
    state[at + AT.restLow] = Math.min(state[at + AT.restLow]!, low);
    state[at + AT.newHigh] = Number.NEGATIVE_INFINITY;
    state[at + AT.newLow] = Number.POSITIVE_INFINITY;
  }

  #lookAtLeaving(place: number): void {
    const state = this.#state;
    const at = place * STATE_VALUES;
    const { batchRows } = this.#span;
    const first = place * batchRows;
    let [high, low] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (let n = state[at + AT.from]! - state[at + AT.leaving]!; n < batchRows; n++) {
      const price = this.#leavingPrices[first + n]!;
      if (price > high) high = price;
      if (price < low) low = price;
    }
    state[at + AT.leavingHigh] = high;
    state[at + AT.leavingLow] = low;
  }

  /** Looks at all whole batches after `batch`. */
  #lookAtRest(place: number, column: number, batch: number): void {
    const at = place * STATE_VALUES;
    const first = place * this.#slots;
    const end = this.#batchOf(column, this.#state[at + AT.next]!);
    let [high, low] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (let own = batch + 1; own < end; own++) {
      const slot = first + (own % this.#slots);
      high = Math.max(high, this.#highs[slot]!);
      low = Math.min(low, this.#lows[slot]!);
    }
    this.#state[at + AT.restHigh] = high;
    this.#state[at + AT.restLow] = low;
  }

  #batchOf(column: number, index: number): number {
    return batchOf(this.#market, this.#span, column, index);
  }

  #startOf(column: number, batch: number): number {
    return batchStart(this.#market, this.#span, column, batch);
  }
}
