import type { Prices } from '../../src/core/market/dtype.ts';
import { type Field, newTrades, type Trades } from '../../src/core/market/fields.ts';
import { BLOCK_ROWS } from '../../src/core/market/grid.ts';
import type { Market } from '../../src/core/market/market.ts';
import type { Rows } from '../../src/core/market/rows.ts';

/** Rows whose highest and lowest are kept together. */
const CHUNK = 64;

export interface CandleTruth {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

/**
 * The rows of a market by its blocks alone: without ring, history, server or wire. Of one to which
 * things are done those before each entry stay as they were first read.
 */
export class Truth {
  readonly market: Market;
  #rows: Rows;
  readonly #same: Truth | undefined;
  /** The first row that is not as it was at first. */
  #changed = Number.POSITIVE_INFINITY;
  readonly #blocks: Prices[][];
  readonly #trades: Trades[][];
  readonly #sums = new Map<string, number[]>();
  readonly #chunks = new Map<string, readonly [number, number]>();

  /** `same`: another of the market, whose rows before any change are the same. */
  constructor(market: Market, same?: Truth) {
    this.market = market;
    this.#same = same;
    this.#rows = market;
    this.#blocks = market.instruments.map(() => []);
    this.#trades = market.instruments.map(() => []);
  }

  /** From row `index` on, all is as `rows` has it. */
  change(rows: Rows, index: number): void {
    this.#rows = rows;
    this.#changed = Math.min(this.#changed, index);
    const block = Math.floor(index / BLOCK_ROWS);
    const at = index - block * BLOCK_ROWS;
    for (const known of [...this.#blocks, ...this.#trades]) known.splice(block + 1);
    // Rows before it are not made again: whoever read them has them as they were.
    for (const [column, known] of this.#blocks.entries()) {
      const old = known[block];
      if (old === undefined) continue;
      known[block] = old.slice();
      rows.fillBlock(known[block], column, block);
      known[block].set(old.subarray(0, at));
    }
    for (const [column, known] of this.#trades.entries()) {
      const old = known[block];
      if (old === undefined) continue;
      known[block] = structuredClone(old);
      rows.fillTrades(known[block], column, block);
      for (const field of ['bid', 'ask', 'volume', 'trades', 'aggressor'] as const) {
        known[block][field].set(old[field].subarray(0, at));
      }
    }
    for (const sums of this.#sums.values()) sums.splice(index + 1);
    for (const key of this.#chunks.keys()) {
      if (Number(key.split(' ')[1]) >= Math.floor(index / CHUNK)) this.#chunks.delete(key);
    }
  }

  /** How many trades of a column there were before a row. */
  tradesBefore(column: number, index: number): number {
    return this.#rows.tradesBefore(column, index);
  }

  price(column: number, index: number): number {
    const block = Math.floor(index / BLOCK_ROWS);
    return this.#block(column, block)[index - block * BLOCK_ROWS];
  }

  /** The first of the rows from `from` on that is not as it must be; -1 if all are right. */
  firstWrong(field: Field, values: ArrayLike<number>, column: number, from: number): number {
    if (field === 'status') {
      const status = new Uint8Array(values.length);
      this.#rows.fillStatus(status, 0, column, from, from + values.length);
      const wrong = status.findIndex((right, row) => values[row] !== right);
      return wrong < 0 ? -1 : from + wrong;
    }
    for (let row = 0; row < values.length; ) {
      const block = Math.floor((from + row) / BLOCK_ROWS);
      const right =
        field === 'last' ? this.#block(column, block) : this.#tradesOf(column, block)[field];
      const shift = from - block * BLOCK_ROWS;
      const end = Math.min(values.length, BLOCK_ROWS - shift);
      for (; row < end; row++) if (values[row] !== right[shift + row]) return from + row;
    }
    return -1;
  }

  /** Open, high, low, close, volume and trades of the rows `[from, next)`. */
  candle(column: number, from: number, next: number): CandleTruth {
    let [high, low] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (let index = from; index < next; ) {
      // Whole chunks are looked at once in a lifetime.
      if (index % CHUNK === 0 && index + CHUNK <= next) {
        const [most, least] = this.#chunk(column, index / CHUNK);
        [high, low] = [Math.max(high, most), Math.min(low, least)];
        index += CHUNK;
      } else {
        const price = this.price(column, index);
        [high, low] = [Math.max(high, price), Math.min(low, price)];
        index += 1;
      }
    }
    const [open, close] = [this.price(column, from), this.price(column, next - 1)];
    return { open, high, low, close };
  }

  /** How much of `field` there was in the rows `[from, next)`. */
  sum(field: 'volume' | 'trades', column: number, from: number, next: number): number {
    return this.#sumBefore(field, column, next) - this.#sumBefore(field, column, from);
  }

  /** The first of the rows `[from, next)` that is not the fold of its trades; -1 if all are. */
  firstWrongTrades(
    column: number,
    from: number,
    next: number,
    time: readonly number[],
    of: Readonly<Record<'price' | 'lots' | 'side', readonly number[]>>,
  ): number {
    const { originMs, intervalMs } = this.market.grid;
    let n = 0;
    for (let index = from; index < next; index++) {
      const block = Math.floor(index / BLOCK_ROWS);
      const right = this.#tradesOf(column, block);
      const at = index - block * BLOCK_ROWS;
      let [volume, count] = [0, 0];
      const end = originMs + (index + 1) * intervalMs;
      for (; n < time.length && time[n]! < end; n++) {
        const isRight =
          of.price[n] === this.price(column, index) && of.side[n] === right.aggressor[at];
        if (!isRight || time[n]! < end - intervalMs) return index;
        volume += of.lots[n]!;
        count += 1;
      }
      if (volume !== right.volume[at] || count !== right.trades[at]) return index;
    }
    return n === time.length ? -1 : next;
  }

  #sumBefore(field: 'volume' | 'trades', column: number, next: number): number {
    const key = `${field} ${column}`;
    let sums = this.#sums.get(key);
    if (sums === undefined) {
      sums = [0];
      this.#sums.set(key, sums);
    }
    for (let index = sums.length - 1; index < next; index++) {
      const block = Math.floor(index / BLOCK_ROWS);
      const value = this.#tradesOf(column, block)[field][index - block * BLOCK_ROWS];
      sums.push(sums[index] + value);
    }
    return sums[next];
  }

  #chunk(column: number, chunk: number): readonly [most: number, least: number] {
    const key = `${column} ${chunk}`;
    let known = this.#chunks.get(key);
    if (known === undefined) {
      const prices = Array.from({ length: CHUNK }, (_, n) => this.price(column, chunk * CHUNK + n));
      known = [Math.max(...prices), Math.min(...prices)];
      this.#chunks.set(key, known);
    }
    return known;
  }

  #tradesOf(column: number, block: number): Trades {
    const known = this.#trades[column];
    let trades = known[block];
    if (trades === undefined && this.#isSame(block)) trades = this.#same!.#tradesOf(column, block);
    else if (trades === undefined) {
      trades = newTrades(this.market.spec.dtype, BLOCK_ROWS);
      this.#rows.fillTrades(trades, column, block);
    }
    known[block] = trades;
    return trades;
  }

  /** Whether another has the block as it is here. */
  #isSame(block: number): boolean {
    return this.#same !== undefined && (block + 1) * BLOCK_ROWS <= this.#changed;
  }

  #block(column: number, block: number): Prices {
    const known = this.#blocks[column];
    let prices = known[block];
    if (prices === undefined && this.#isSame(block)) prices = this.#same!.#block(column, block);
    else if (prices === undefined) {
      prices = this.market.newPrices(BLOCK_ROWS);
      this.#rows.fillBlock(prices, column, block);
    }
    known[block] = prices;
    return prices;
  }
}
