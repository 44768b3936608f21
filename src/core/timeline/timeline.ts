import type { OpenRows } from '../market/calendar/open-rows.ts';
import type { Prices } from '../market/dtype.ts';
import type { Entry } from '../market/entries/entry.ts';
import type { TradeSums, Trades } from '../market/fields.ts';
import { BLOCK_ROWS, type Grid } from '../market/grid.ts';
import type { Instrument } from '../market/instrument.ts';
import { Market, type Spec } from '../market/market.ts';
import type { Fold } from '../market/models/model.ts';
import type { MovedMarket } from '../market/moved-market.ts';
import { mustBe } from '../market/must-be.ts';
import type { Rows } from '../market/rows.ts';
import type { Book, Depth } from '../market/trading/book.ts';
import type { EachTrade } from '../market/trading/each-trade.ts';
import { actsOf } from './acts.ts';
import { Chain } from './chain.ts';
import { MovedColumn, newRoom, type Room } from './moved-column.ts';

/**
 * A market and what was done to it: a row is a pure function of (market, log, instrument, index),
 * and an entry takes effect only at rows that nobody has been given.
 */
export class Timeline implements Rows {
  /** The base: what prices would be if nothing were done. */
  readonly market: Market;
  readonly spec: Spec;
  readonly grid: Grid;
  readonly instruments: readonly Instrument[];
  readonly symbols: readonly string[];
  readonly #chain: Chain;
  /** In the order in which they take effect: by row, then by place in the log. */
  #entries: readonly Entry[] = [];
  /** With those of the market itself. */
  #all: readonly Entry[] = [];
  /** Of all entries, the rows in the order in which they were added. */
  readonly #indexes: number[] = [];
  /** By column, what is done to it; where it is asked for. */
  readonly #moved = new Map<number, Known>();
  #movedMarket: MovedMarket | undefined;
  #room: Room | undefined;
  /** How many entries are worked out of all columns, and before which row. */
  #settled = { added: 0, next: Number.POSITIVE_INFINITY };

  /** Throws a `TypeError` on what is no market. */
  constructor(market: Market, entries: readonly Entry[] = []) {
    mustBe(market instanceof Market, 'market', 'a Market', market);
    this.market = market;
    this.spec = market.spec;
    this.grid = market.grid;
    this.instruments = market.instruments;
    this.symbols = market.symbols;
    this.#chain = new Chain(market.id);
    // The market's id has it: it begins no other.
    for (const entry of market.spec.scenario ?? []) this.#do(entry);
    for (const entry of entries) this.add(entry);
  }

  /** What was done, in the order in which it takes effect. */
  get entries(): readonly Entry[] {
    return this.#entries;
  }

  /** The newest id, in force already or not. */
  get id(): string {
    return this.#chain.id;
  }

  /** The id in force at row `index`. */
  idAt(index: number): string {
    return this.#chain.idAt(index);
  }

  /** The first row after row `index` at which another id is in force than at that; or Infinity. */
  nextChange(index: number): number {
    return this.#chain.nextChange(index);
  }

  /** The first row that `id` does not speak for; undefined if the chain does not have it. */
  endOf(id: string): number | undefined {
    return this.#chain.endOf(id);
  }

  /**
   * Does something more to the market. Nobody has been given the row of the entry, or one behind
   * it; what others made of these before must be forgotten.
   */
  add(entry: Entry): void {
    const place = placeOf(this.#entries, entry);
    this.#entries = this.#entries.toSpliced(place, 0, entry);
    this.#chain.link(this.#entries, place);
    this.#do(entry);
  }

  #do(entry: Entry): void {
    this.#all = this.#all.toSpliced(placeOf(this.#all, entry), 0, entry);
    this.#indexes.push(entry.index);
    this.#movedMarket?.forgetFrom(entry.index);
  }

  columnOf(symbol: string): number | undefined {
    return this.market.columnOf(symbol);
  }

  openRowsOf(column: number): OpenRows | undefined {
    return this.market.openRowsOf(column);
  }

  fillStatus(out: Prices, at: number, column: number, from: number, next: number): void {
    this.market.fillStatus(out, at, column, from, next);
    this.#movedOf(column)?.fillHalted(out, at, from, next);
  }

  newPrices(rows: number): Prices {
    return this.market.newPrices(rows);
  }

  fillBlock(out: Prices, column: number, block: number, from = 0, next = BLOCK_ROWS): void {
    const moved = this.#movedOf(column);
    if (moved === undefined) this.market.fillBlock(out, column, block, from, next);
    else moved.fillBlock(out, block, from, next);
  }

  fillTrades(out: Trades, column: number, block: number, from = 0, next = BLOCK_ROWS): void {
    const moved = this.#movedOf(column);
    if (moved === undefined) this.market.fillTrades(out, column, block, from, next);
    else moved.fillTrades(out, block, from, next);
  }

  fold(fold: Fold, column: number, from: number, next: number): void {
    const moved = this.#movedOf(column);
    if (moved === undefined) this.market.fold(fold, column, from, next);
    else moved.fold(fold, from, next);
  }

  foldTrades(sums: TradeSums, column: number, from: number, next: number): void {
    const moved = this.#movedOf(column);
    if (moved === undefined) {
      this.market.foldTrades(sums, column, from, next);
      return;
    }
    if (from >= next) return;
    const [first, end] = [moved.tradesBefore(from), moved.tradesBefore(next)];
    sums.trades += end - first;
    sums.volume += moved.lotsBefore(end) - moved.lotsBefore(first);
  }

  tradesBefore(column: number, index: number): number {
    const moved = this.#movedOf(column);
    return moved?.tradesBefore(index) ?? this.market.tradesBefore(column, index);
  }

  lotsOfTrade(column: number, number: number): number {
    const moved = this.#movedOf(column);
    if (moved === undefined) return this.market.lotsOfTrade(column, number);
    return moved.lotsBefore(number + 1) - moved.lotsBefore(number);
  }

  rowOfTrade(column: number, number: number): number | undefined {
    const moved = this.#movedOf(column);
    return moved === undefined ? this.market.rowOfTrade(column, number) : moved.rowOfTrade(number);
  }

  fillEachTrade(out: EachTrade, column: number, from: number, next: number, near?: number): void {
    const moved = this.#movedOf(column);
    if (moved === undefined) this.market.fillEachTrade(out, column, from, next, near);
    else moved.fillEachTrade(out, from, next, near);
  }

  fillDepth(out: Depth, column: number, index: number, levels: number): void {
    if (this.#movedOf(column) === undefined) {
      this.market.fillDepth(out, column, index, levels);
      return;
    }
    mustBe(Number.isSafeInteger(index) && index >= 0, 'index', 'a whole number from 0 on', index);
    const block = Math.floor(index / BLOCK_ROWS);
    const at = index - block * BLOCK_ROWS;
    const { trades } = this.#roomFor();
    this.fillTrades(trades, column, block, at, at + 1);
    this.bookOf(column).fill(out, index, trades.bid[at]!, trades.ask[at]!, levels);
  }

  bookOf(column: number): Book {
    const moved = this.#movedOf(column);
    return moved === undefined ? this.market.bookOf(column) : this.#movedMarket!.bookOf(column);
  }

  forgetFrom(index: number): void {
    this.market.forgetFrom(index);
    this.#movedMarket?.forgetFrom(index);
  }

  /** Whether all of the rows `[from, next)` of `column` are held: closed, or halted. */
  areHeld(column: number, from: number, next: number): boolean {
    const open = this.openRowsOf(column);
    for (let at = from; at < next; ) {
      const stretch = open?.stretchOf(at);
      const end = stretch?.isOpen === false ? stretch.next : this.holdAt(column, at)?.next;
      if (end === undefined) return false;
      at = end;
    }
    return true;
  }

  /** The rows `[from, next)` in which halts hold row `index` of `column`, if they do. */
  holdAt(column: number, index: number): { from: number; next: number } | undefined {
    return this.#movedOf(column)?.holdAt(index);
  }

  /**
   * Works out all that is done before row `next`, so that no reader waits for it: 0.1 ms for each
   * time that something begins or ends of an instrument. Yields often.
   */
  *settle(next: number): Generator<void, void, void> {
    const added = this.#indexes.length;
    if (this.#settled.added === added && this.#settled.next >= next) return;
    for (let column = 0; column < this.instruments.length; column++) {
      const moved = this.#movedOf(column);
      if (moved !== undefined) yield* moved.settling(next);
      if (column % COLUMNS_PER_STEP === 0) yield;
    }
    // What was added meanwhile is worked out the next time.
    this.#settled = { added, next };
  }

  /** What is done to a column; undefined where nothing is. */
  #movedOf(column: number): MovedColumn | undefined {
    if (this.#all.length === 0) return undefined;
    const known = this.#moved.get(column);
    if (known !== undefined && known.added === this.#indexes.length) return known.moved;
    return this.#moveAgain(column, known);
  }

  #moveAgain(column: number, known: Known | undefined): MovedColumn | undefined {
    const acts = actsOf(this.#all, this.instruments[column]!, this.grid);
    let moved = known?.moved;
    if (acts !== undefined) {
      this.#movedMarket ??= this.market.moved((of) => this.#moved.get(of)?.moved?.overlay);
      moved ??= new MovedColumn(this.market, this.#movedMarket, column, () => this.#roomFor());
      moved.set(acts, this.#firstSince(known?.added ?? 0));
    }
    this.#moved.set(column, { moved, added: this.#indexes.length });
    return moved;
  }

  /** The first row of the entries that were added after so many. */
  #firstSince(added: number): number {
    let first = Number.POSITIVE_INFINITY;
    for (let n = added; n < this.#indexes.length; n++) first = Math.min(first, this.#indexes[n]!);
    return first;
  }

  #roomFor(): Room {
    this.#room ??= newRoom(this.market);
    return this.#room;
  }
}

/** Columns that are looked at between two yields: of a thousand entries, 2 us each. */
const COLUMNS_PER_STEP = 64;

/** Where an entry stands among others: behind those of its row. */
function placeOf(entries: readonly Entry[], entry: Entry): number {
  return entries.findLastIndex(({ index }) => index <= entry.index) + 1;
}

/** What was made of a column, of so many entries. */
interface Known {
  readonly moved: MovedColumn | undefined;
  readonly added: number;
}
