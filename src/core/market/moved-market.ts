import type { Key } from '../random/threefry.ts';
import type { OpenRows } from './calendar/open-rows.ts';
import type { Prices } from './dtype.ts';
import type { Trades } from './fields.ts';
import { BLOCK_ROWS } from './grid.ts';
import type { Instrument } from './instrument.ts';
import { kept, newKept } from './kept.ts';
import { keyOfInstrument, tradeKeyOf } from './keys.ts';
import type { Spec } from './market.ts';
import type { Factors } from './models/factors.ts';
import { type Fold, isMidModel, type MidModel, type Model } from './models/model.ts';
import { modelOf } from './models/models.ts';
import type { Overlay } from './models/overlay.ts';
import type { Scratch } from './models/scratch.ts';
import { eachBlock } from './pieces.ts';
import type { Book } from './trading/book.ts';
import type { LotCells } from './trading/lots.ts';
import { MidTrading } from './trading/mid-trading.ts';
import { MovingPrices } from './trading/moving-prices.ts';
import { newBook } from './trading/new-book.ts';
import { PriceTrading } from './trading/price-trading.ts';
import type { Priced, Trading } from './trading/trading.ts';

/** What a market and its moved one have in common. */
interface Shared {
  readonly scratch: Scratch;
  readonly factors: Factors;
  readonly cells: LotCells;
  /** By columns. */
  readonly openRows: readonly (OpenRows | undefined)[];
}

/** One instrument with what is done to it. */
interface Column {
  readonly model: Model | MidModel;
  /** In the scratch, for good. */
  readonly owner: number;
}

/**
 * Those instruments of a market to which something is done: rows as they are with it, but for those
 * that are held, and trades by the numbers and lots that they have without it. What `core/timeline`
 * makes its rows of.
 */
export class MovedMarket {
  readonly #spec: Spec;
  readonly #shared: Shared;
  readonly #overlayOf: (column: number) => Overlay | undefined;
  /** One for each instrument at most. */
  readonly #columns = new Map<number, Column>();
  readonly #moving = newKept<Priced>();
  readonly #tradings = newKept<Trading>();
  readonly #midTradings = newKept<MidTrading>();
  readonly #books = newKept<Book>();

  constructor(spec: Spec, shared: Shared, overlayOf: (column: number) => Overlay | undefined) {
    this.#spec = spec;
    this.#shared = shared;
    this.#overlayOf = overlayOf;
  }

  /** As of `Market`; rows that are held are as if they were not. */
  fillBlock(out: Prices, column: number, block: number, from: number, next: number): void {
    if (from < next) this.#pricedOf(column).fillPrices(out, block, from, next);
  }

  /** The same of quotes and trades. */
  fillTrades(out: Trades, column: number, block: number, from: number, next: number): void {
    if (from < next) this.#tradingOf(column).fillTrades(out, block, from, next);
  }

  fold(fold: Fold, column: number, from: number, next: number): void {
    const priced = this.#pricedOf(column);
    for (const { number, at, stop } of eachBlock(from, next)) {
      priced.foldPrices(fold, number, at, stop);
    }
  }

  bookOf(column: number): Book {
    return kept(this.#books, column, () => {
      const key = tradeKeyOf(this.#spec, column);
      const open = this.#shared.openRows[column];
      return newBook(key, this.#spec.instruments[column]!, open, this.#overlayOf(column));
    });
  }

  /**
   * Fills `out` with the coordinates of some rows, which only grow, as they are without what is
   * done. A block each time that they are of another one: 0.1 ms.
   */
  fillCoordinates(out: Float64Array, column: number, indexes: readonly number[]): void {
    const { model } = this.#columnOf(column);
    for (let n = 0, stop = n; n < indexes.length; n = stop) {
      const block = Math.floor(indexes[n]! / BLOCK_ROWS);
      const rows: number[] = [];
      for (; stop < indexes.length && indexes[stop]! < (block + 1) * BLOCK_ROWS; stop++) {
        rows.push(indexes[stop]! - block * BLOCK_ROWS);
      }
      model.fillCoordinates(out.subarray(n, stop), block, rows);
    }
  }

  /** Forgets what was made of rows from `index` on. */
  forgetFrom(index: number): void {
    this.#shared.scratch.forgetFrom(index);
    for (const known of [this.#moving, this.#tradings, this.#midTradings, this.#books]) {
      known.forget(() => true);
    }
  }

  #pricedOf(column: number): Priced {
    const { model, owner } = this.#columnOf(column);
    if (isMidModel(model)) return this.#midTradingOf(column, owner, model);
    return kept(this.#moving, column, () => new MovingPrices(model, this.#shared.scratch));
  }

  #tradingOf(column: number): Trading {
    const { model, owner } = this.#columnOf(column);
    if (isMidModel(model)) return this.#midTradingOf(column, owner, model);
    return kept(this.#tradings, column, () => {
      const open = this.#shared.openRows[column];
      return new PriceTrading(model, ...this.#tradedBy(column), open, this.#overlayOf(column));
    });
  }

  #midTradingOf(column: number, owner: number, model: MidModel): MidTrading {
    return kept(this.#midTradings, column, () => {
      return new MidTrading(owner, model, ...this.#tradedBy(column), this.#overlayOf(column));
    });
  }

  #tradedBy(column: number): [Scratch, Instrument, Key, number, LotCells] {
    const { instruments, grid } = this.#spec;
    const { scratch, cells } = this.#shared;
    return [scratch, instruments[column]!, tradeKeyOf(this.#spec, column), grid.intervalMs, cells];
  }

  #columnOf(column: number): Column {
    const known = this.#columns.get(column);
    if (known !== undefined) return known;
    const { instruments, seed, grid } = this.#spec;
    const { scratch, factors } = this.#shared;
    const instrument = instruments[column]!;
    const key = keyOfInstrument(seed, instrument.symbol);
    const overlay = this.#overlayOf(column);
    const model = modelOf({ instrument, grid, key, scratch, factors, overlay });
    const owner = isMidModel(model) ? scratch.newOwner() : 0;
    const made = { model, owner };
    this.#columns.set(column, made);
    return made;
  }
}
