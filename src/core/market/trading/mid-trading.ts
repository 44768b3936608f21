/**
 * How an instrument of the model `market` is traded: it is quoted around its mid, and a price is
 * what somebody paid, at the bid or at the ask; it stays until somebody comes again.
 *
 * Rows are made by stretches of 64, each of them alone. Folding needs few of them: see `foldPrices`.
 */
import type { Key } from '../../random/threefry.ts';
import type { Prices } from '../dtype.ts';
import type { Trades } from '../fields.ts';
import { BLOCK_ROWS } from '../grid.ts';
import type { Instrument } from '../instrument.ts';
import type { Fold, MidModel } from '../models/model.ts';
import type { Scratch } from '../models/scratch.ts';
import { DAY_MS } from '../time.ts';
import { Bounds } from './bounds.ts';
import { firstRow } from './first-row.ts';
import { type LotCells, Lots } from './lots.ts';
import { Quotes } from './quotes.ts';
import { Sides } from './sides.ts';
import { TradeClock } from './trade-clock.ts';
import { STRETCH_ROWS, type TradedBlock } from './traded-block.ts';
import { fillCounts, type Priced, type Trading } from './trading.ts';

const bounds = new Bounds();
const last = new Float64Array(BLOCK_ROWS);

export class MidTrading implements Priced, Trading {
  readonly #model: MidModel;
  readonly #scratch: Scratch;
  readonly #owner: number;
  readonly #clock: TradeClock;
  readonly #lots: Lots;
  readonly #quotes: Quotes;
  readonly #sides: Sides;
  /** Where nobody ever comes, the bid is all there is to be said of the price. */
  readonly #isTraded: boolean;

  /** Rows are `intervalMs` apart. */
  constructor(
    model: MidModel,
    scratch: Scratch,
    instrument: Instrument,
    key: Key,
    intervalMs: number,
    cells: LotCells,
  ) {
    this.#model = model;
    this.#scratch = scratch;
    this.#owner = scratch.newOwner();
    const rate = (instrument.trading.tradesPerDay * intervalMs) / DAY_MS;
    this.#clock = new TradeClock(model, key, rate, 0, intervalMs);
    this.#lots = new Lots(key, instrument.trading.lotsPerTrade, cells);
    this.#quotes = new Quotes(model, instrument, key, intervalMs);
    this.#sides = new Sides(model, key, rate);
    this.#isTraded = rate > 0;
  }

  tradesBefore(index: number): number {
    return this.#clock.before(index);
  }

  lotsBefore(number: number): number {
    return this.#lots.before(number);
  }

  fillPrices(out: Prices, block: number): void {
    out.set(this.#lastsOf(block, 0, BLOCK_ROWS));
  }

  fillTrades(out: Trades, block: number, from: number, next: number): void {
    const { before, bid, ask, aggressor } = this.#make(block, from, next);
    this.#lots.fillRows(out.volume, before, from, next);
    fillCounts(out.trades, before, from, next);
    out.bid.set(bid.subarray(from, next), from);
    out.ask.set(ask.subarray(from, next), from);
    out.aggressor.set(aggressor.subarray(from, next), from);
  }

  /**
   * Adds rows to `fold` without making most of them. Between what the quotes of a stretch lie is
   * known beforehand (bounds.ts), and only stretches that could hold the highest or lowest price
   * are made, those that reach farthest first: a few of a hundred.
   */
  foldPrices(fold: Fold, block: number, from: number, next: number): void {
    if (from >= next) return;
    const open = this.#lastAt(block, from);
    const close = this.#lastAt(block, next - 1);
    let high = Math.max(open, close);
    let low = Math.min(open, close);
    const [first, end] = [Math.floor(from / STRETCH_ROWS), Math.ceil(next / STRETCH_ROWS)];
    bounds.fill(this.#model, this.#quotes, this.#model.midsOf(block), block, first, end);
    const { highest, lowest } = bounds;
    for (;;) {
      // What is in the fold already needs no beating either.
      const [over, under] =
        fold.rows > 0 ? [Math.max(high, fold.high), Math.min(low, fold.low)] : [high, low];
      const up = farthest(highest, 1, over, first, end);
      const stretch = up >= 0 ? up : farthest(lowest, -1, under, first, end);
      if (stretch < 0) break;
      highest[stretch] = Number.NEGATIVE_INFINITY;
      lowest[stretch] = Number.POSITIVE_INFINITY;
      const [at, stop] = [stretch * STRETCH_ROWS, (stretch + 1) * STRETCH_ROWS];
      const traded = this.#make(block, at, stop);
      for (let i = Math.max(from, at); i < Math.min(next, stop); i++) {
        if (!this.#isPaid(traded, i)) continue;
        const price = traded.paid(i);
        if (price > high) high = price;
        if (price < low) low = price;
      }
    }
    fold.add(open, high, low, close, next - from);
  }

  /** The prices of rows `[from, next)` of a block, in their places; for reading at once. */
  #lastsOf(block: number, from: number, next: number): Float64Array {
    const traded = this.#make(block, from, next);
    let price = this.#lastAt(block, from);
    for (let i = from; i < next; i++) {
      if (this.#isPaid(traded, i)) price = traded.paid(i);
      last[i] = price;
    }
    if (next === BLOCK_ROWS) this.#scratch.keepLast(this.#owner, block, price);
    return last;
  }

  /** The price of a row: what was paid in it, or last before it. */
  #lastAt(block: number, row: number): number {
    const traded = this.#make(block, row, row + 1);
    const stretchStart = row - (row % STRETCH_ROWS);
    for (let i = row; i >= stretchStart; i--) {
      if (this.#isPaid(traded, i)) return traded.paid(i);
    }
    const index = block * BLOCK_ROWS + stretchStart;
    if (index === 0) return traded.bid[0]!;
    return stretchStart === 0 ? this.#lastOfBlock(block - 1) : this.#lastBefore(index);
  }

  #lastOfBlock(block: number): number {
    const kept = this.#scratch.lastOf(this.#owner, block);
    if (kept !== undefined) return kept;
    const price = this.#lastBefore((block + 1) * BLOCK_ROWS);
    this.#scratch.keepLast(this.#owner, block, price);
    return price;
  }

  /** What was paid last before row `index`; where nobody came yet, what the first row bids. */
  #lastBefore(index: number): number {
    const trades = this.#clock.before(index);
    // The first row with all of these trades before it comes after the one that has the last.
    const row = trades === 0 ? 0 : firstRow(index, (at) => this.#clock.before(at) >= trades) - 1;
    const block = Math.floor(row / BLOCK_ROWS);
    const at = row - block * BLOCK_ROWS;
    return this.#make(block, at, at + 1).paid(at);
  }

  #isPaid(traded: TradedBlock, row: number): boolean {
    return !this.#isTraded || traded.hasTrade(row);
  }

  /** What is known of a block, all of the rows `[from, next)`; for reading at once. */
  #make(block: number, from: number, next: number): TradedBlock {
    const traded = this.#scratch.traded(this.#owner, block);
    const { known } = traded;
    const end = Math.ceil(next / STRETCH_ROWS);
    for (let first = Math.floor(from / STRETCH_ROWS), stop = first; first < end; first = stop) {
      stop = first + 1;
      if (known[first] === 1) continue;
      while (stop < end && known[stop] === 0) stop++;
      this.#makeStretches(traded, block, first * STRETCH_ROWS, stop * STRETCH_ROWS);
      known.fill(1, first, stop);
    }
    return traded;
  }

  #makeStretches(traded: TradedBlock, block: number, from: number, next: number): void {
    const mids = this.#model.midsOf(block);
    this.#clock.fillRows(traded.before, mids.clock, mids.first, block, from, next + 1);
    this.#quotes.fill(traded, mids, block, from, next);
    this.#sides.fill(traded, mids, block, from, next);
  }
}

/** Which of the stretches `[from, next)` reaches farthest beyond `price`, up or down; -1 if none. */
function farthest(
  reach: Float64Array,
  way: 1 | -1,
  price: number,
  from: number,
  next: number,
): number {
  let most = way * price;
  let found = -1;
  for (let n = from; n < next; n++) {
    if (way * reach[n]! <= most) continue;
    most = way * reach[n]!;
    found = n;
  }
  return found;
}
