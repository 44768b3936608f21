import { BlockCache, blockKey, forgetBlocksFrom } from '../market/block-cache.ts';
import { newPrices, type Prices } from '../market/dtype.ts';
import { dtypeOfField, type Field } from '../market/fields.ts';
import { BLOCK_ROWS } from '../market/grid.ts';
import type { Market } from '../market/market.ts';
import type { Fold } from '../market/models/model.ts';
import { mustBe } from '../market/must-be.ts';
import { eachBlock } from '../market/pieces.ts';
import { DAY_MS } from '../market/time.ts';
import { Timeline } from '../timeline/timeline.ts';
import { CandleCache } from './candle-cache.ts';
import { KeptCandles } from './kept-candles.ts';
import { PaidCache } from './paid-cache.ts';
import { Ring } from './ring.ts';
import { RollingRange } from './rolling-range.ts';
import { TradeHistory } from './trade-history.ts';
import type { Wanted } from './wanted.ts';

/** Regenerated blocks that are kept for the next reader, in bytes of prices. */
const CACHE_BYTES = 16 * 2 ** 20;

/** What holds rows ahead of the head, until they are to be made otherwise. */
interface MadeAhead {
  forgetFrom(index: number): void;
}

/**
 * Every row from the market's first to the head, wherever it comes from: the ring for the newest,
 * regeneration for the rest. The same rows are the same bytes either way.
 */
export class History {
  /** What rows are read by. */
  readonly timeline: Timeline;
  /** The base of it: what never changes. */
  readonly market: Market;
  readonly ring: Ring;
  /** Everything of a row but its price. */
  readonly trades: TradeHistory;
  /** Final candles that were folded before. */
  readonly candles = new CandleCache();
  /** What was paid in final candles that were asked for it before. */
  readonly paid = new PaidCache();
  /** Candles that were made before anyone asked. */
  readonly kept: KeptCandles;
  /** The range of prices over the last 24 hours. */
  readonly day: RollingRange;
  readonly #blocks: BlockCache<number, Prices>;
  readonly #ahead = new Set<MadeAhead>();
  #regeneratedPrices = 0;

  /** Throws a `TypeError` on what is no market, or no number of rows. */
  constructor(of: Market | Timeline, capacity = of?.spec?.capacity) {
    const timeline = of instanceof Timeline ? of : new Timeline(of);
    const { market } = timeline;
    const isCapacity = Number.isInteger(capacity) && capacity > 0;
    mustBe(isCapacity, 'capacity', 'a whole number of rows, 1 or more', capacity);
    this.timeline = timeline;
    this.market = market;
    this.ring = new Ring(timeline, capacity);
    this.trades = new TradeHistory(timeline);
    this.kept = new KeptCandles(market);
    this.day = new RollingRange(this, DAY_MS);
    const blockBytes = BLOCK_ROWS * market.newPrices(1).BYTES_PER_ELEMENT;
    this.#blocks = new BlockCache(CACHE_BYTES / blockBytes, () => market.newPrices(BLOCK_ROWS));
  }

  /**
   * Whether old rows of so many columns can be read piece by piece: their blocks are then still
   * kept for the next piece.
   */
  keepsBlocksOf(columns: number): boolean {
    return columns <= this.#blocks.most;
  }

  /**
   * Whether what is wanted of rows from `from` on can be read piece by piece: what one piece is
   * made of is then at hand for the next.
   */
  keepsFor({ columns, isTraded }: Wanted, from: number): boolean {
    return isTraded
      ? this.trades.isNew(from) || this.trades.keepsBlocksOf(columns.length)
      : from >= this.ring.tail || this.keepsBlocksOf(columns.length);
  }

  /** Whether a block of old rows is kept: reading it costs nothing but the copy. */
  hasBlock(column: number, block: number): boolean {
    return this.#blocks.has(blockKey(column, block));
  }

  /** The index of the next row to become readable. */
  get head(): number {
    return this.ring.head;
  }

  /** Makes every row before `head` readable, as `Ring.moveTo` does. */
  *moveTo(head: number): Generator<void, void, void> {
    yield* this.trades.moveTo(head);
    yield* this.ring.moveTo(head);
  }

  /** Makes what `moveTo` would soon have to make, while there is time. */
  *prepare(): Generator<void, void, void> {
    yield* this.ring.prepare();
    yield* this.trades.prepare();
  }

  /**
   * Forgets what was made of rows from `index` on, none of which is readable yet: it is made again
   * when it is next wanted. What was read stays as it was.
   */
  forgetFrom(index: number): void {
    const isAhead = Number.isInteger(index) && index >= this.head;
    mustBe(isAhead, 'index', `a whole number of at least the head, ${this.head}`, index);
    this.timeline.forgetFrom(index);
    this.ring.forgetFrom(index);
    this.trades.forgetFrom(index);
    forgetBlocksFrom(this.#blocks, index);
    for (const made of this.#ahead) made.forgetFrom(index);
  }

  /** Has `made`, which holds rows ahead of the head, forget them whenever this does. */
  holdsAhead(made: MadeAhead): void {
    this.#ahead.add(made);
  }

  /** An array for `rows` values of `field`. */
  newValues(field: Field, rows: number): Prices {
    return newPrices(dtypeOfField(field, this.market.spec.dtype), rows);
  }

  /** Prices that were computed again for readers behind the tail, in all. */
  get regeneratedPrices(): number {
    return this.#regeneratedPrices;
  }

  /**
   * Copies the rows `[from, next)` of `column` to `out`, from `at` on. Rows older than the ring
   * cost a block each time one is not cached: callers with many go by `eachBlock`.
   */
  copy(out: Prices, at: number, column: number, from: number, next: number): void {
    if (from < 0 || next > this.head) throw new Error('rows that are read have been made');
    const { tail } = this.ring;
    if (from >= tail) {
      if (from < next) this.ring.copy(out, at, column, from, next);
      return;
    }
    const lapped = Math.min(next, tail);
    for (const piece of eachBlock(from, lapped)) {
      const prices = this.#block(column, piece.number);
      out.set(prices.subarray(piece.at, piece.stop), at + piece.from - from);
    }
    if (lapped < next) this.ring.copy(out, at + lapped - from, column, lapped, next);
  }

  /** As `copy`, of any field. */
  copyField(
    out: Prices,
    at: number,
    field: Field,
    column: number,
    from: number,
    next: number,
  ): void {
    if (field === 'last') this.copy(out, at, column, from, next);
    else if (field === 'status') this.timeline.fillStatus(out, at, column, from, next);
    else this.trades.copy(out, at, field, column, from, next);
  }

  /** The price of one row that has been made, in ticks. */
  priceAt(column: number, index: number): number {
    if (index < 0 || index >= this.head) throw new Error('a row that is read has been made');
    if (index >= this.ring.tail) return this.ring.priceAt(column, index);
    return this.#block(column, Math.floor(index / BLOCK_ROWS))[index % BLOCK_ROWS]!;
  }

  /** Adds the rows `[from, next)` of `column` to `fold`. For many rows, as with `copy`. */
  fold(fold: Fold, column: number, from: number, next: number): void {
    if (from < 0 || next > this.head) throw new Error('rows that are folded have been made');
    const lapped = Math.max(from, Math.min(next, this.ring.tail));
    if (from < lapped) this.timeline.fold(fold, column, from, lapped);
    if (lapped < next) {
      for (const view of this.ring.views(column, lapped, next)) {
        fold.addPrices(view, 0, view.length);
      }
    }
  }

  #block(column: number, block: number): Prices {
    return this.#blocks.take(blockKey(column, block), (prices) => {
      this.timeline.fillBlock(prices, column, block);
      this.#regeneratedPrices += BLOCK_ROWS;
    });
  }
}
