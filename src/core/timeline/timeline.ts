import type { Prices } from '../market/dtype.ts';
import type { TradeSums, Trades } from '../market/fields.ts';
import type { Grid } from '../market/grid.ts';
import type { Instrument } from '../market/instrument.ts';
import { Market, type Spec } from '../market/market.ts';
import type { Fold } from '../market/models/model.ts';
import { mustBe } from '../market/must-be.ts';
import type { Rows } from '../market/rows.ts';
import type { Book, Depth } from '../market/trading/book.ts';
import type { EachTrade } from '../market/trading/each-trade.ts';
import { Chain } from './chain.ts';
import type { Entry } from './entry.ts';

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

  /** Throws a `TypeError` on what is no market. */
  constructor(market: Market, entries: readonly Entry[] = []) {
    mustBe(market instanceof Market, 'market', 'a Market', market);
    this.market = market;
    this.spec = market.spec;
    this.grid = market.grid;
    this.instruments = market.instruments;
    this.symbols = market.symbols;
    this.#chain = new Chain(market.id);
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
   * it; what was made of these before must be forgotten (`forgetFrom`).
   */
  add(entry: Entry): void {
    const place = this.#entries.findLastIndex(({ index }) => index <= entry.index) + 1;
    this.#entries = this.#entries.toSpliced(place, 0, entry);
    this.#chain.link(this.#entries);
  }

  columnOf(symbol: string): number | undefined {
    return this.market.columnOf(symbol);
  }

  newPrices(rows: number): Prices {
    return this.market.newPrices(rows);
  }

  fillBlock(out: Prices, column: number, block: number, from?: number, next?: number): void {
    this.market.fillBlock(out, column, block, from, next);
  }

  fillTrades(out: Trades, column: number, block: number, from?: number, next?: number): void {
    this.market.fillTrades(out, column, block, from, next);
  }

  fold(fold: Fold, column: number, from: number, next: number): void {
    this.market.fold(fold, column, from, next);
  }

  foldTrades(sums: TradeSums, column: number, from: number, next: number): void {
    this.market.foldTrades(sums, column, from, next);
  }

  tradesBefore(column: number, index: number): number {
    return this.market.tradesBefore(column, index);
  }

  lotsOfTrade(column: number, number: number): number {
    return this.market.lotsOfTrade(column, number);
  }

  rowOfTrade(column: number, number: number): number | undefined {
    return this.market.rowOfTrade(column, number);
  }

  fillEachTrade(out: EachTrade, column: number, from: number, next: number, near?: number): void {
    this.market.fillEachTrade(out, column, from, next, near);
  }

  fillDepth(out: Depth, column: number, index: number, levels: number): void {
    this.market.fillDepth(out, column, index, levels);
  }

  bookOf(column: number): Book {
    return this.market.bookOf(column);
  }

  forgetFrom(index: number): void {
    this.market.forgetFrom(index);
  }
}
