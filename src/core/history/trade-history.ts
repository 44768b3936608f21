import { BlockCache, blockKey, forgetBlocksFrom } from '../market/block-cache.ts';
import type { Prices } from '../market/dtype.ts';
import { newTrades, PaidSums, type TradeSums, type Trades } from '../market/fields.ts';
import { BLOCK_ROWS } from '../market/grid.ts';
import { eachBlock, eachPiece, type Piece } from '../market/pieces.ts';
import { UNIT_MS } from '../market/resolution.ts';
import type { Rows } from '../market/rows.ts';
import { isWide } from './wide-rows.ts';

/** Every field but the price itself, which the ring has, and the status, which is arithmetic. */
export type TradeField = keyof Trades;

/** Rows made ahead of the head at a time, each time from a whole block. */
const AHEAD_ROWS = 512;
/** Recent rows that are kept, those ahead included: readers further behind are served by blocks. */
export const RECENT_ROWS = 1024;
/**
 * What all recent rows may take: those of 10,000 instruments of 16 bits. Of columns beyond that,
 * readers at the head are served late.
 */
const RECENT_BYTES = 128 * 2 ** 20;
/** What was not read for so many rows is given back. */
const UNREAD_ROWS = 8192;
/** Fewer rows are added up sooner than the trades before them are read. */
export const FEW_ROWS = 64;
/** Blocks that are kept for the next reader, in bytes. */
const CACHE_BYTES = 16 * 2 ** 20;

/** Of rows with more trades than that, no more are made than are wanted. */
const MANY_TRADES = 256;
/** Blocks of which it is kept what was paid in them: some 10 MB. */
const PAID_BLOCKS = 2 ** 15;
/** On wide grids, rows that are made between two yields. */
const WIDE_ROWS = 64;

/** The newest rows of one column, row `index` in slot `index % RECENT_ROWS`. */
interface Recent {
  readonly rows: Trades;
  first: number;
  made: number;
  /** Where the head was when it was last read. */
  readAt: number;
}

/**
 * Quotes and trades of the rows that have been made.
 *
 * Nothing is kept of columns that nobody reads. Of those that are read at the head the most recent
 * rows are kept, topped up in turn as the head moves; older rows are made by blocks, the last of
 * which are kept, or alone for readers of more columns than blocks are kept of. The same rows are
 * the same numbers either way.
 */
export class TradeHistory {
  /** Whether rows are so wide that no block of them is made. */
  readonly isWide: boolean;
  readonly #market: Rows;
  readonly #recents = new Map<number, Recent>();
  readonly #blocks: BlockCache<number, Trades>;
  readonly #paid = new BlockCache<number, PaidSums>(PAID_BLOCKS, () => new PaidSums());
  readonly #recentsHeld: number;
  /** Rows that were made last without a block to keep: `[#partFrom, #partNext)` of a column. */
  #part: Trades | undefined;
  #partColumn = -1;
  #partFrom = 0;
  #partNext = 0;
  #head = 0;

  constructor(market: Rows) {
    this.#market = market;
    this.isWide = isWide(market);
    const rowBytes = 2 * market.newPrices(1).BYTES_PER_ELEMENT + 9;
    this.#recentsHeld = Math.floor(RECENT_BYTES / (rowBytes * RECENT_ROWS));
    this.#blocks = new BlockCache(CACHE_BYTES / (rowBytes * BLOCK_ROWS), () =>
      newTrades(market.spec.dtype, BLOCK_ROWS),
    );
  }

  /** Whether old rows of so many columns can be read piece by piece, as of `History`. */
  keepsBlocksOf(columns: number): boolean {
    return !this.isWide && columns <= this.#blocks.most;
  }

  /** Whether the rows from `from` on are kept of all `columns`: to be had at once. */
  has(columns: readonly number[], from: number): boolean {
    return columns.every((column) => {
      const recent = this.#recents.get(column);
      return recent !== undefined && from >= recent.first && recent.made >= this.#head;
    });
  }

  /** Whether what was traded in a block is kept. */
  hasBlock(column: number, block: number): boolean {
    return this.#blocks.has(blockKey(column, block));
  }

  /** Whether it is kept what was paid in a whole block. */
  hasPaid(column: number, block: number): boolean {
    return this.#paid.has(blockKey(column, block));
  }

  /** Whether whole blocks are made for so many rows, to add up what was paid. */
  makesBlockOf(column: number, rows: number): boolean {
    const { instruments, grid } = this.#market;
    const { tradesPerDay } = instruments[column]!.trading;
    return rows < FEW_ROWS && tradesPerDay * grid.intervalMs < MANY_TRADES * UNIT_MS.d;
  }

  /** Whether rows from `from` on are new enough to be kept. */
  isNew(from: number): boolean {
    return from >= this.#head - (RECENT_ROWS - AHEAD_ROWS) / 2;
  }

  /** Keeps the recent rows of `columns` from now on, which are read at the head; yields often. */
  *follow(columns: readonly number[]): Generator<void, void, void> {
    const isKept = this.keepsBlocksOf(Math.max(this.#recents.size, columns.length));
    for (const column of columns) {
      const recent = this.#recents.get(column);
      if (recent !== undefined && recent.made >= this.#head) continue;
      if (recent === undefined && this.#recents.size >= this.#recentsHeld) return;
      this.#recents.set(column, this.#newRecent(column, isKept));
      yield;
    }
  }

  /** Tops up what is kept for a head that moves to `head`; yields after each column. */
  *moveTo(head: number): Generator<void, void, void> {
    this.#head = Math.max(this.#head, head);
    const isKept = this.keepsBlocksOf(this.#recents.size);
    for (const [column, recent] of this.#recents) {
      if (recent.made >= head) continue;
      if (this.#isLeft(recent, head)) this.#recents.delete(column);
      else {
        this.#make(column, recent, recent.made, this.#ahead(column, head), isKept);
        yield;
      }
    }
  }

  /**
   * Makes the rows that `moveTo` would have to make for the next head, while there is time: after
   * rows were forgotten these are some of every column. Yields after each column.
   */
  *prepare(): Generator<void, void, void> {
    const isKept = this.keepsBlocksOf(this.#recents.size);
    for (const [column, recent] of this.#recents) {
      if (recent.made > this.#head || this.#isLeft(recent, this.#head)) continue;
      this.#make(column, recent, recent.made, this.#ahead(column, this.#head + 1), isKept);
      yield;
    }
  }

  /**
   * Makes rows of one block of `column` without keeping their block, unless they are at hand:
   * `copy` then has them, until other rows are made so. For readers of many columns, who would push
   * one another's blocks out.
   */
  make(column: number, rows: Piece): void {
    const recent = this.#recents.get(column);
    if (recent !== undefined && rows.from >= recent.first && rows.next <= recent.made) return;
    if (!this.#blocks.has(blockKey(column, rows.number))) this.#makePart(column, rows);
  }

  /** Forgets what was made of rows from `index` on, none of which is readable yet. */
  forgetFrom(index: number): void {
    for (const recent of this.#recents.values()) recent.made = Math.min(recent.made, index);
    forgetBlocksFrom(this.#blocks, index);
    if (this.#partNext > index) this.#partColumn = -1;
  }

  /** Copies `field` of the rows `[from, next)` of `column` to `out`, from `at` on. */
  copy(
    out: Prices,
    at: number,
    field: TradeField,
    column: number,
    from: number,
    next: number,
  ): void {
    const recent = this.#recents.get(column);
    if (recent !== undefined && from >= recent.first && next <= recent.made) {
      recent.readAt = this.#head;
      const values = recent.rows[field];
      const slot = from % RECENT_ROWS;
      const first = Math.min(next - from, RECENT_ROWS - slot);
      // Live readers of many columns take a row of each: a view of it would take longer.
      if (next - from === 1) out[at] = values[slot]!;
      else out.set(values.subarray(slot, slot + first), at);
      if (first < next - from) out.set(values.subarray(0, next - from - first), at + first);
      return;
    }
    for (const piece of eachBlock(from, next)) {
      const values = this.#rowsOf(column, piece)[field];
      out.set(values.subarray(piece.at, piece.stop), at + piece.from - from);
    }
  }

  /**
   * Adds what was traded in the rows `[from, next)` of `column` to `sums`: by two readings, or row
   * by row where these are few and their block serves the next few too.
   */
  fold(sums: TradeSums, column: number, from: number, next: number): void {
    if (this.isWide || next - from >= FEW_ROWS) {
      this.#market.foldTrades(sums, column, from, next);
      return;
    }
    for (const { number, at, stop } of eachBlock(from, next)) {
      sums.add(this.#blockOf(column, number), at, stop);
    }
  }

  /** Adds what `foldPaid` does, at once, of rows that are kept as recent ones; else gives false. */
  addRecentPaid(sums: PaidSums, column: number, from: number, next: number): boolean {
    const recent = this.#recents.get(column);
    if (recent === undefined || from < recent.first || next > recent.made) return false;
    recent.readAt = this.#head;
    for (const { at, stop } of eachPiece(from, next, RECENT_ROWS)) sums.add(recent.rows, at, stop);
    return true;
  }

  /**
   * Adds what was paid in the rows `[from, next)` of `column`, which are readable, to `sums`: of
   * whole blocks it is kept; others are added up row by row. Yields the rows that it looked at.
   */
  *foldPaid(
    sums: PaidSums,
    column: number,
    from: number,
    next: number,
  ): Generator<number, void, void> {
    if (this.addRecentPaid(sums, column, from, next)) {
      yield next - from;
      return;
    }
    for (const block of eachBlock(from, next)) {
      const rows = block.next - block.from;
      const isWhole = rows === BLOCK_ROWS;
      const kept = isWhole ? this.#paid.get(blockKey(column, block.number)) : undefined;
      if (kept !== undefined) {
        sums.addSums(kept);
        yield 0;
        continue;
      }
      const own = new PaidSums();
      // Few rows are made with their block, which the next few are read from too.
      if (!this.isWide && !this.makesBlockOf(column, next - from)) this.make(column, block);
      const step = this.isWide ? WIDE_ROWS : BLOCK_ROWS;
      for (const part of eachPiece(block.from, block.next, step)) {
        const first = block.at - block.from;
        const piece = {
          ...part,
          number: block.number,
          at: part.from + first,
          stop: part.next + first,
        };
        own.add(this.#rowsOf(column, piece), piece.at, piece.stop);
        yield part.next - part.from;
      }
      if (isWhole) this.#paid.take(blockKey(column, block.number), (room) => room.setTo(own));
      sums.addSums(own);
    }
  }

  #newRecent(column: number, isKept: boolean): Recent {
    const next = this.#ahead(column, this.#head);
    const first = Math.max(0, next - RECENT_ROWS);
    const rows = newTrades(this.#market.spec.dtype, RECENT_ROWS);
    const recent = { rows, first, made: first, readAt: this.#head };
    this.#make(column, recent, first, next, isKept);
    return recent;
  }

  /** How far a column is made for a head: another place for each, so that they take turns. */
  #ahead(column: number, head: number): number {
    const stagger = Math.floor((column * AHEAD_ROWS) / this.#market.instruments.length);
    return (Math.floor((Math.max(1, head) - 1 + stagger) / AHEAD_ROWS) + 1) * AHEAD_ROWS - stagger;
  }

  /** Whether it is far behind, and not caught up with: its next reader makes it again. */
  #isLeft({ readAt, made }: Recent, head: number): boolean {
    return head - readAt > UNREAD_ROWS || head - made > AHEAD_ROWS;
  }

  /** Tops up `recent`; with `isKept` out of blocks that are kept for the next time. */
  #make(column: number, recent: Recent, from: number, next: number, isKept: boolean): void {
    for (const block of eachBlock(from, next)) {
      const isMade = isKept || this.#blocks.has(blockKey(column, block.number));
      if (!isMade) this.#makePart(column, block);
      const made = this.#rowsOf(column, block);
      const first = block.from - block.at;
      for (const slots of eachPiece(block.from, block.next, RECENT_ROWS)) {
        for (const field of ['bid', 'ask', 'volume', 'trades', 'aggressor'] as const) {
          const rows = made[field].subarray(slots.from - first, slots.next - first);
          recent.rows[field].set(rows, slots.at);
        }
      }
    }
    recent.made = next;
    recent.first = Math.max(recent.first, next - RECENT_ROWS);
  }

  /** Rows of one block, in their places in it: those that were made last, or the whole block. */
  #rowsOf(column: number, piece: Piece): Trades {
    const { number, from, next } = piece;
    const isPart = column === this.#partColumn && from >= this.#partFrom && next <= this.#partNext;
    if (!isPart && this.isWide) this.#makePart(column, piece);
    return isPart || this.isWide ? this.#part! : this.#blockOf(column, number);
  }

  #makePart(column: number, { number, from, next, at, stop }: Piece): void {
    this.#part ??= newTrades(this.#market.spec.dtype, BLOCK_ROWS);
    this.#market.fillTrades(this.#part, column, number, at, stop);
    this.#partColumn = column;
    this.#partFrom = from;
    this.#partNext = next;
  }

  #blockOf(column: number, block: number): Trades {
    return this.#blocks.take(blockKey(column, block), (trades) => {
      this.#market.fillTrades(trades, column, block);
    });
  }
}
