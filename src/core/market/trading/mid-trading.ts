/**
 * How an instrument of the model `market` is traded: it is quoted around its mid, and a price is
 * what somebody paid, at the bid or at the ask; it stays until somebody comes again.
 *
 * Rows are made by stretches of 64, each alone. Folding needs few of them: see `foldPrices`.
 */
import type { Key } from '../../random/threefry.ts';
import type { Prices } from '../dtype.ts';
import type { Trades } from '../fields.ts';
import { BLOCK_ROWS } from '../grid.ts';
import type { Instrument } from '../instrument.ts';
import type { Mids } from '../models/mids.ts';
import type { Fold, MidModel } from '../models/model.ts';
import type { Overlay } from '../models/overlay.ts';
import type { Scratch } from '../models/scratch.ts';
import { DAY_MS } from '../time.ts';
import { firstRow } from './first-row.ts';
import { type LotCells, Lots } from './lots.ts';
import { Quotes } from './quotes.ts';
import { Reach } from './reach.ts';
import { Sides } from './sides.ts';
import { TradeClock } from './trade-clock.ts';
import { STRETCH_ROWS, type TradedBlock } from './traded-block.ts';
import { fillCounts, type Priced, type Trading } from './trading.ts';

/** Of fewer, each is looked at at once. */
const MANY_STRETCHES = 16;

/** The highest and lowest price of some rows. */
interface Range {
  high: number;
  low: number;
}

const last = new Float64Array(BLOCK_ROWS);

export class MidTrading implements Priced, Trading {
  readonly #model: MidModel;
  readonly #scratch: Scratch;
  readonly #owner: number;
  readonly #clock: TradeClock;
  readonly #lots: Lots;
  readonly #quotes: Quotes;
  readonly #sides: Sides;
  readonly #reach: Reach;
  /** Where nobody ever comes, the bid is all there is to be said of the price. */
  readonly #isTraded: boolean;

  /** Rows are `intervalMs` apart; `owner` is the instrument's number in `scratch`, for good. */
  constructor(
    owner: number,
    model: MidModel,
    scratch: Scratch,
    instrument: Instrument,
    key: Key,
    intervalMs: number,
    cells: LotCells,
    overlay?: Overlay,
  ) {
    this.#model = model;
    this.#scratch = scratch;
    this.#owner = owner;
    const rate = (instrument.trading.tradesPerDay * intervalMs) / DAY_MS;
    // The trades of a row go with what has moved its mid, so those of an opening are in its row.
    const clockAt = (index: number) => model.clockAt(Math.max(0, index - 1));
    this.#clock = new TradeClock({ clockAt }, key, rate, 0, intervalMs);
    this.#lots = new Lots(key, instrument.trading.lotsPerTrade, cells);
    this.#quotes = new Quotes(model, instrument, key, intervalMs, overlay);
    this.#sides = new Sides(model, key, rate);
    this.#isTraded = rate > 0;
    this.#reach = new Reach(model, this.#quotes, this.#isTraded, overlay);
  }

  tradesBefore(index: number): number {
    return this.#clock.before(index);
  }

  lotsBefore(number: number): number {
    return this.#lots.before(number);
  }

  fillPrices(out: Prices, block: number, from: number, next: number): void {
    out.set(this.#lastsOf(block, from, next).subarray(from, next), from);
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
   * Adds rows to `fold` without making most of them. How far the quotes of a stretch reach is known
   * beforehand (reach.ts), and only stretches that could hold the highest or lowest price are made,
   * those that reach farthest first: a few of a hundred.
   */
  foldPrices(fold: Fold, block: number, from: number, next: number): void {
    if (from >= next) return;
    // Where the row before is in the fold, so is what stays of it: the first trade is not its own.
    const isGoingOn = from === 0 && fold.rows > 0 && this.#isLast(fold.close, block - 1);
    const open = isGoingOn ? fold.close : this.#lastAt(block, from);
    const close = this.#lastAt(block, next - 1);
    if (next === BLOCK_ROWS) this.#scratch.keepLast(this.#owner, block, close);
    const [first, last] = [stretchOf(from), stretchOf(next - 1)];
    const range = { high: Math.max(open, close), low: Math.min(open, close) };
    if (!isGoingOn) this.#addPaid(range, block, first, from, next);
    if (first < last) this.#addPaid(range, block, last, from, next);
    // What is in the fold already needs no beating.
    const high = fold.rows > 0 ? fold.high : 0;
    const low = fold.rows > 0 ? fold.low : Number.POSITIVE_INFINITY;
    const begin = isGoingOn ? first : first + 1;
    if (begin < last) this.#addFarthest(range, high, low, block, begin, last);
    else if (isGoingOn && first === last) this.#addPaid(range, block, first, from, next);
    fold.add(open, range.high, range.low, close, next - from);
  }

  /** Adds what is paid beyond a range, `high` and `low`, in the stretches `[from, next)`. */
  #addFarthest(
    range: Range,
    high: number,
    low: number,
    block: number,
    from: number,
    next: number,
  ): void {
    const mids = this.#model.midsOf(block, from * STRETCH_ROWS, next * STRETCH_ROWS);
    if (next - from >= MANY_STRETCHES) {
      // Who is far out as it begins mostly is the one that goes farthest, and spares others a look.
      for (const stretch of farthestStarts(mids, from, next)) {
        this.#addPaid(range, block, stretch, 0, BLOCK_ROWS);
      }
    }
    const over = () => Math.max(high, range.high);
    const under = () => Math.min(low, range.low);
    this.#reach.look(mids, block, from, next, over(), under());
    for (;;) {
      const stretch = this.#reach.take(over(), under());
      if (stretch < 0) return;
      this.#addPaid(range, block, stretch, 0, BLOCK_ROWS);
    }
  }

  /** Adds what is paid in those rows of a stretch that are in `[from, next)`. */
  #addPaid(range: Range, block: number, stretch: number, from: number, next: number): void {
    const at = Math.max(from, stretch * STRETCH_ROWS);
    const stop = Math.min(next, (stretch + 1) * STRETCH_ROWS);
    const traded = this.#make(block, at, stop);
    for (let i = at; i < stop; i++) {
      if (!this.#isPaid(traded, i)) continue;
      const price = traded.paid(i);
      if (price > range.high) range.high = price;
      if (price < range.low) range.low = price;
    }
  }

  /** The prices of rows `[from, next)` of a block, in their places; for reading at once. */
  #lastsOf(block: number, from: number, next: number): Float64Array {
    const traded = this.#make(block, from, next);
    last[from] = this.#lastAt(block, from);
    if (this.#isTraded) fillLasts(last, traded, from + 1, next);
    else last.set(traded.bid.subarray(from, next), from);
    if (next === BLOCK_ROWS) this.#scratch.keepLast(this.#owner, block, last[next - 1]!);
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

  /** Whether it is known that `price` is the last one of a block. */
  #isLast(price: number, block: number): boolean {
    return this.#scratch.lastOf(this.#owner, block) === price;
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
    const mids = this.#model.midsOf(block, from, next);
    this.#model.fillClockRows(mids, block, from, next + 1);
    const isOrigin = block === 0 && from === 0;
    if (isOrigin) traded.before[0] = 0;
    const counted = isOrigin ? 1 : from;
    this.#clock.fillRows(traded.before, mids.clock, mids.first - 1, block, counted, next + 1);
    this.#quotes.fill(traded, mids, block, from, next);
    this.#sides.fill(traded, mids, block, from, next);
  }
}

function stretchOf(row: number): number {
  return Math.floor(row / STRETCH_ROWS);
}

/** Fills the prices of rows `[from, next)`, from that of the row before them on. */
function fillLasts(
  out: Float64Array,
  { before, bid, ask, aggressor }: TradedBlock,
  from: number,
  next: number,
): void {
  for (let i = from; i < next; i++) {
    const hasTrade = before[i + 1]! > before[i]!;
    out[i] = hasTrade ? (aggressor[i] === 1 ? ask[i]! : bid[i]!) : out[i - 1]!;
  }
}

/** The stretches of `[from, next)` whose mids begin highest and lowest. */
function farthestStarts({ exponents, first }: Mids, from: number, next: number): [number, number] {
  let [highest, lowest] = [from, from];
  for (let stretch = from; stretch < next; stretch++) {
    const x = exponents[first + stretch * STRETCH_ROWS]!;
    if (x > exponents[first + highest * STRETCH_ROWS]!) highest = stretch;
    if (x < exponents[first + lowest * STRETCH_ROWS]!) lowest = stretch;
  }
  return [highest, lowest];
}
