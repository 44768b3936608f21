import type { Prices } from '../dtype.ts';
import { BLOCK_ROWS, ERA_BLOCKS, MAX_ROWS } from '../grid.ts';

/**
 * The rule that turns random numbers into the prices of one instrument.
 *
 * A model has no state that shows: every block is the same whenever, and after whatever, it is
 * asked for.
 */
export interface Model {
  /** Fills the `BLOCK_ROWS` prices of `out` with those of block `block`. */
  fillBlock(out: Prices, block: number): void;
  /** Adds the rows `[from, next)` of block `block`, counted from its start, to `fold`. */
  foldBlock(fold: Fold, block: number, from: number, next: number): void;
}

/** Open, high, low and close of consecutive rows, in ticks; empty while `rows` is 0. */
export class Fold {
  open = 0;
  high = 0;
  low = 0;
  close = 0;
  rows = 0;

  clear(): void {
    this.rows = 0;
  }

  /** Appends what `rows` rows came to, themselves folded already. */
  add(open: number, high: number, low: number, close: number, rows: number): void {
    if (this.rows === 0) {
      this.open = open;
      this.high = high;
      this.low = low;
    } else {
      if (high > this.high) this.high = high;
      if (low < this.low) this.low = low;
    }
    this.close = close;
    this.rows += rows;
  }

  /** Appends the prices `[from, next)` of `prices`, one row each. */
  addPrices(prices: Prices | Float64Array, from: number, next: number): void {
    if (from >= next) return;
    let high = prices[from]!;
    let low = high;

    for (let i = from + 1; i < next; i++) {
      const price = prices[i]!;
      if (price > high) high = price;
      if (price < low) low = price;
    }

    this.add(prices[from]!, high, low, prices[next - 1]!, next - from);
  }
}

/**
 * Working memory that the models of one market share, and what was last computed in it.
 *
 * It saves work when neighbouring rows are asked for one after another; no result depends on it.
 */
export class Scratch {
  readonly words = new Uint32Array(BLOCK_ROWS);
  readonly bits = new Uint32Array(BLOCK_ROWS / 32);
  bitsOwner: Model | undefined;
  bitsBlock = -1;
  readonly path = new Float64Array(BLOCK_ROWS + 1);
  readonly prices = new Float64Array(BLOCK_ROWS);
  pricesOwner: Model | undefined;
  pricesBlock = -1;
  readonly #eras = new Map<number, Float64Array>();
  #eraKey = -1;
  #eraStarts: Float64Array = new Float64Array(0);

  /** The block starts of an era of a column, from the few that were used last, or from `make`. */
  era(column: number, era: number, make: () => Float64Array): Float64Array {
    const key = column * MAX_ERAS_OF_A_MARKET + era;
    if (key === this.#eraKey) return this.#eraStarts;
    const starts = this.#eras.get(key) ?? make();
    this.#eras.delete(key);
    if (this.#eras.size >= ERAS_HELD) this.#eras.delete(this.#eras.keys().next().value!);
    this.#eras.set(key, starts);
    this.#eraKey = key;
    this.#eraStarts = starts;
    return starts;
  }
}

const MAX_ERAS_OF_A_MARKET = MAX_ROWS / (ERA_BLOCKS * BLOCK_ROWS);
/**
 * 2 MB: the newest era of every instrument of the default market, and as many again for readers.
 */
const ERAS_HELD = 256;
