import type { Key } from '../random/threefry.ts';
import { HeldRows, type OpenSource } from './calendar/held-rows.ts';
import { fillStatus, type OpenRows, openRowsOf } from './calendar/open-rows.ts';
import { type Dtype, newPrices, type Prices } from './dtype.ts';
import type { Entry } from './entries/entry.ts';
import { newTrades, type TradeSums, type Trades } from './fields.ts';
import { BLOCK_ROWS, type Grid } from './grid.ts';
import type { Instrument } from './instrument.ts';
import { kept, newKept } from './kept.ts';
import { keyOfInstrument, tradeKeyOf } from './keys.ts';
import { marketId } from './market-id.ts';
import { Factors } from './models/factors.ts';
import { type Fold, isMidModel, type MidModel, type Model } from './models/model.ts';
import { modelOf } from './models/models.ts';
import type { Overlay } from './models/overlay.ts';
import { Scratch } from './models/scratch.ts';
import { MovedMarket } from './moved-market.ts';
import { mustBe } from './must-be.ts';
import { eachBlock } from './pieces.ts';
import { DAY_MS } from './time.ts';
import type { Book, Depth } from './trading/book.ts';
import { type EachTrade, TradeReader } from './trading/each-trade.ts';
import { LotCells, Lots } from './trading/lots.ts';
import { MidTrading } from './trading/mid-trading.ts';
import { MovingPrices } from './trading/moving-prices.ts';
import { newBook } from './trading/new-book.ts';
import { PriceTrading } from './trading/price-trading.ts';
import type { Priced, Trading } from './trading/trading.ts';

export { keyOfInstrument } from './keys.ts';

/** All that decides prices, checked. `checkSpec` makes one of unknown input. */
export interface Spec {
  readonly seed: number;
  readonly grid: Grid;
  readonly dtype: Dtype;
  /** Rows the ring holds. Decides no price. */
  readonly capacity: number;
  readonly instruments: readonly Instrument[];
  /** What is done to it from the first, by row: part of it, and of its id. Default: nothing. */
  readonly scenario?: readonly Entry[];
}

/**
 * Every price of every instrument, as a pure function of (column, index).
 *
 * Holds no price and knows no time: what it remembers between calls only saves work, and can be
 * forgotten.
 */
export class Market {
  readonly spec: Spec;
  readonly grid: Grid;
  readonly instruments: readonly Instrument[];
  /** Of each column. */
  readonly symbols: readonly string[];
  /** Equal ids, equal prices: a hash of all that decides them, 16 hexadecimal digits. */
  readonly id: string;
  readonly #models: readonly (Model | MidModel)[];
  /** In the scratch, of columns that are quoted around a mid. */
  readonly #owners: readonly number[];
  readonly #columns: ReadonlyMap<string, number>;
  readonly #scratch: Scratch;
  readonly #factors: Factors;
  readonly #lotCells = new LotCells();
  /** Of columns whose prices move by themselves. */
  readonly #moving: readonly (Priced | undefined)[];
  /** Of columns that are not always open. */
  readonly #openRows: readonly (OpenRows | undefined)[];
  readonly #tradings = newKept<Trading>();
  readonly #midTradings = newKept<MidTrading>();
  readonly #books = newKept<Book>();
  readonly #readers = newKept<TradeReader>();
  readonly #helds = newKept<HeldRows>();
  /** The quotes that a book was made of last, in their places of a block. */
  readonly #quoted = { column: -1, block: -1, from: -1, trades: undefined as Trades | undefined };

  /** Throws a `TypeError` on what is no spec, such as what `checkSpec` has not seen yet. */
  constructor(spec: Spec) {
    const isSpec = Array.isArray(spec?.instruments) && spec.grid !== undefined;
    mustBe(isSpec, 'spec', 'the spec of what checkSpec gives', spec);
    const scratch = new Scratch(spec.dtype);
    this.#scratch = scratch;
    const factors = new Factors(spec.seed, spec.grid, scratch);
    this.#factors = factors;
    this.spec = spec;
    this.grid = spec.grid;
    this.instruments = spec.instruments;
    this.symbols = spec.instruments.map(({ symbol }) => symbol);
    this.id = marketId(spec);
    this.#models = spec.instruments.map((instrument) =>
      modelOf({
        instrument,
        grid: spec.grid,
        key: keyOfInstrument(spec.seed, instrument.symbol),
        scratch,
        factors,
      }),
    );
    // What is traded of some is forgotten and made anew, under the same number.
    this.#owners = this.#models.map((model) => (isMidModel(model) ? scratch.newOwner() : 0));
    this.#moving = this.#models.map((model) =>
      isMidModel(model) ? undefined : new MovingPrices(model, scratch),
    );
    this.#openRows = openRowsOf(spec);
    this.#columns = new Map(this.symbols.map((symbol, column) => [symbol, column]));
  }

  /** The column of `symbol`, or undefined if the market has none of that name. */
  columnOf(symbol: string): number | undefined {
    return this.#columns.get(symbol);
  }

  /** Which rows of `column` are open; undefined of one whose rows all are. */
  openRowsOf(column: number): OpenRows | undefined {
    return this.#openRows[column];
  }

  /** An array for `rows` prices of this market's dtype. */
  newPrices(rows: number): Prices {
    return newPrices(this.spec.dtype, rows);
  }

  /**
   * Fills the `BLOCK_ROWS` prices of `out` with block `block` of `column`, in ticks; or at least
   * its rows `[from, next)`, in their places. What `fillTrades` made last is not made again.
   */
  fillBlock(out: Prices, column: number, block: number, from = 0, next = BLOCK_ROWS): void {
    if (from >= next) return;
    this.#pricedOf(column).fillPrices(out, block, from, next);
    this.#heldOf(column)?.holdPrices(out, block, from, next);
  }

  /**
   * Fills `out`, which has room for a block, with the quotes and trades of a block of `column`, or
   * of its rows `[from, next)`, in their places.
   */
  fillTrades(out: Trades, column: number, block: number, from = 0, next = BLOCK_ROWS): void {
    this.#tradingOf(column).fillTrades(out, block, from, next);
    this.#heldOf(column)?.holdTrades(out, block, from, next);
  }

  /** Fills `out`, from `at` on, with the status of the rows `[from, next)` of `column`. */
  fillStatus(out: Prices, at: number, column: number, from: number, next: number): void {
    fillStatus(this.#openRows[column], out, at, from, next);
  }

  /** Forgets what was made of rows from `index` on: it is made again when it is next wanted. */
  forgetFrom(index: number): void {
    this.#scratch.forgetFrom(index);
    this.#midTradings.forget(() => true);
    this.#quoted.column = -1;
  }

  /**
   * Adds what was traded in the rows `[from, next)` of `column` to `sums`: two readings, however
   * many rows these are.
   */
  foldTrades(tradeSums: TradeSums, column: number, from: number, next: number): void {
    if (from >= next) return;
    const trading = this.#tradingOf(column);
    const [first, end] = [trading.tradesBefore(from), trading.tradesBefore(next)];
    tradeSums.trades += end - first;
    tradeSums.volume += trading.lotsBefore(end) - trading.lotsBefore(first);
  }

  /**
   * Adds the rows `[from, next)` of `column` to `fold`, without the ring: 0.5 ns a row for walks,
   * and for the narrow candles of a block one after the other 1 ns.
   */
  fold(fold: Fold, column: number, from: number, next: number): void {
    const held = this.#heldOf(column);
    if (held === undefined) this.#foldOpen(fold, column, from, next);
    else held.fold(fold, from, next);
  }

  #foldOpen(fold: Fold, column: number, from: number, next: number): void {
    const priced = this.#pricedOf(column);
    for (const { number, at, stop } of eachBlock(from, next)) {
      priced.foldPrices(fold, number, at, stop);
    }
  }

  /** What holds rows of `column`; undefined where none are held, or by the model's own time. */
  #heldOf(column: number): HeldRows | undefined {
    const open = this.#openRows[column];
    if (open === undefined || this.#moving[column] === undefined) return undefined;
    return kept(this.#helds, column, () => {
      const source: OpenSource = {
        fillBlock: (out, block, from, next) =>
          this.#pricedOf(column).fillPrices(out, block, from, next),
        fillTrades: (out, block, from, next) =>
          this.#tradingOf(column).fillTrades(out, block, from, next),
        fold: (fold, from, next) => this.#foldOpen(fold, column, from, next),
      };
      return new HeldRows(open, source, this.spec.dtype);
    });
  }

  /** What says what the prices of `column` are. */
  #pricedOf(column: number): Priced {
    return this.#moving[column] ?? this.#midTradingOf(column);
  }

  #tradingOf(column: number): Trading {
    const model = this.#models[column]!;
    if (isMidModel(model)) return this.#midTradingOf(column);
    return kept(this.#tradings, column, () => {
      const of = this.#tradedBy(column);
      return new PriceTrading(model, ...of, this.#openRows[column]);
    });
  }

  #midTradingOf(column: number): MidTrading {
    return kept(this.#midTradings, column, () => {
      const of = this.#tradedBy(column);
      return new MidTrading(this.#owners[column]!, this.#models[column] as MidModel, ...of);
    });
  }

  #tradedBy(column: number): [Scratch, Instrument, Key, number, LotCells] {
    const instrument = this.instruments[column]!;
    const key = tradeKeyOf(this.spec, column);
    return [this.#scratch, instrument, key, this.grid.intervalMs, this.#lotCells];
  }

  /** Trades of `column` before row `index`: the number of the first one from there on. */
  tradesBefore(column: number, index: number): number {
    return this.#tradingOf(column).tradesBefore(index);
  }

  /** Lots of the trades of `column` before trade `number`. */
  lotsBefore(column: number, number: number): number {
    return this.#tradingOf(column).lotsBefore(number);
  }

  /** Lots of trade `number` of `column`. */
  lotsOfTrade(column: number, number: number): number {
    const trading = this.#tradingOf(column);
    return trading.lotsBefore(number + 1) - trading.lotsBefore(number);
  }

  /** The row that trade `number` of `column` belongs to; undefined if it is beyond all rows. */
  rowOfTrade(column: number, number: number): number | undefined {
    return this.#readerOf(column).rowOf(number);
  }

  /**
   * Fills `out` with the trades `[from, next)` of `column`, by their numbers. Price and side are
   * those of their rows. Where it is known, `near` is the row of the first, or one soon before it:
   * it need not be sought then.
   */
  fillEachTrade(out: EachTrade, column: number, from: number, next: number, near?: number): void {
    this.#readerOf(column).fill(out, from, next, near);
  }

  /** Fills `out` with up to `levels` levels a side of the book of `column` at row `index`. */
  fillDepth(out: Depth, column: number, index: number, levels: number): void {
    mustBe(Number.isSafeInteger(index) && index >= 0, 'index', 'a whole number from 0 on', index);
    const { bid, ask } = this.#quotesAt(column, index);
    const at = index % BLOCK_ROWS;
    this.bookOf(column).fill(out, index, bid[at]!, ask[at]!, levels);
  }

  /** The book of `column`, for who has the quotes of a row at hand. */
  bookOf(column: number): Book {
    return kept(this.#books, column, () => {
      const key = tradeKeyOf(this.spec, column);
      return newBook(key, this.instruments[column]!, this.#openRows[column]);
    });
  }

  /** The same instruments with what is done to them: those of which `overlayOf` says something. */
  moved(overlayOf: (column: number) => Overlay | undefined): MovedMarket {
    const shared = { scratch: this.#scratch, factors: this.#factors, cells: this.#lotCells };
    return new MovedMarket(this.spec, { ...shared, openRows: this.#openRows }, overlayOf);
  }

  #readerOf(column: number): TradeReader {
    return kept(this.#readers, column, () => {
      const { tradesPerDay, lotsPerTrade } = this.instruments[column]!.trading;
      const { intervalMs } = this.grid;
      const key = tradeKeyOf(this.spec, column);
      const lots = new Lots(key, lotsPerTrade, this.#lotCells);
      const clock = { tradesBefore: (index: number) => this.tradesBefore(column, index) };
      const share = (this.#openRows[column]?.hours.daysPerWeek ?? 7) / 7;
      const rate = (share * tradesPerDay * intervalMs) / DAY_MS;
      return new TradeReader(key, clock, lots, rate, intervalMs);
    });
  }

  /** The quotes of a row, in its place of a block; some rows around it are made with it. */
  #quotesAt(column: number, index: number): Trades {
    const block = Math.floor(index / BLOCK_ROWS);
    const from = Math.floor((index - block * BLOCK_ROWS) / QUOTED_ROWS) * QUOTED_ROWS;
    const quoted = this.#quoted;
    if (quoted.column !== column || quoted.block !== block || quoted.from !== from) {
      quoted.column = -1;
      quoted.trades ??= newTrades(this.spec.dtype, BLOCK_ROWS);
      this.fillTrades(quoted.trades, column, block, from, from + QUOTED_ROWS);
      Object.assign(quoted, { column, block, from });
    }
    return quoted.trades!;
  }
}

/** Rows whose quotes are made together, where one is asked for. */
const QUOTED_ROWS = 64;
