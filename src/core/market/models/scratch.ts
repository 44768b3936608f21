import { BlockCache, blockKey, forgetBlocksFrom } from '../block-cache.ts';
import { ByteCache } from '../byte-cache.ts';
import { type Dtype, newPrices, type Prices } from '../dtype.ts';
import { BLOCK_ROWS, ERA_BLOCKS, ERA_ROWS, MAX_ROWS } from '../grid.ts';
import { TradedBlock } from '../trading/traded-block.ts';
import { SEGMENTS, WORLD_DAYS } from './calendar.ts';
import { type Mids, newMids } from './mids.ts';
import type { Model } from './model.ts';

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
  readonly prices: Prices;
  pricesOwner: Model | undefined;
  pricesBlock = -1;
  readonly #activity = new Float64Array(BLOCK_ROWS);
  #activityOwner: Model | undefined;
  #activityBlock = -1;
  readonly steps = new Float64Array(BLOCK_ROWS);
  /** Room for mids of a block that nobody keeps. */
  readonly looseMids = newMids();
  readonly #eras = new ByteCache<number, Float64Array>(ERA_BYTES);
  readonly #blocks = new BlockCache<number, Float64Array>(
    BLOCKS_HELD,
    () => new Float64Array(BLOCK_ROWS + 1),
  );
  readonly #mids = new BlockCache<number, Mids>(MIDS_HELD, newMids);
  readonly #traded = new BlockCache<number, TradedBlock>(MIDS_HELD, () => new TradedBlock());
  /** The last price of some blocks of an owner. */
  readonly #lastOfBlocks = new ByteCache<number, number>(LASTS_BYTES);
  /** The last price of the block of each model that was traded last. */
  readonly #lasts = new Map<Model, { readonly block: number; readonly price: number }>();
  /** Tables of ages and days, and what some blocks have in common. */
  readonly #tables = new ByteCache<number, object>(TABLE_BYTES);
  readonly #segments = new ByteCache<number, object>(SEGMENTS_BYTES);
  #changes = 0;
  #owners = 0;
  #segmentOwners = 0;
  #eraKey = -1;
  #eraStarts: Float64Array = new Float64Array(0);

  /** Prices are of the market's type: loops over arrays of one type are the fastest. */
  constructor(dtype: Dtype) {
    this.prices = newPrices(dtype, BLOCK_ROWS);
  }

  /** The prices of a block, made unless they are the ones that were made last. */
  pricesOf(model: Model, block: number): Prices {
    if (this.pricesOwner !== model || this.pricesBlock !== block) {
      this.pricesOwner = undefined;
      model.fillBlock(this.prices, block);
      this.pricesOwner = model;
      this.pricesBlock = block;
    }
    return this.prices;
  }

  /** The prices of a block, if they are the ones that were made last. */
  madePrices(model: Model, block: number): Prices | undefined {
    return this.pricesOwner === model && this.pricesBlock === block ? this.prices : undefined;
  }

  /** The activity of a block's rows, made unless it is the one that was made last. */
  activityOf(model: Model, block: number): Float64Array {
    const activity = this.#activity;
    if (this.#activityOwner !== model || this.#activityBlock !== block) {
      this.#activityOwner = undefined;
      if (model.fillActivity) model.fillActivity(activity, block);
      else activity.fill(1);
      this.#activityOwner = model;
      this.#activityBlock = block;
    }
    return activity;
  }

  /** An owner's `BLOCK_ROWS + 1` values of a block, from the few used last, or filled by `fill`. */
  block(owner: number, block: number, fill: (out: Float64Array) => void): Float64Array {
    return this.#blocks.take(blockKey(owner, block), fill);
  }

  /** The mids of an owner's block, from the few used last, or filled by `fill`. */
  mids(owner: number, block: number, fill: (out: Mids) => void): Mids {
    return this.#mids.take(blockKey(owner, block), fill);
  }

  /** What is known of the trading in an owner's block, nothing at first. */
  traded(owner: number, block: number): TradedBlock {
    return this.#traded.take(blockKey(owner, block), (traded) => traded.clear());
  }

  /** The last price of an owner's block, if it is kept. */
  lastOf(owner: number, block: number): number | undefined {
    return this.#lastOfBlocks.get(blockKey(owner, block));
  }

  keepLast(owner: number, block: number, price: number): void {
    this.#lastOfBlocks.set(blockKey(owner, block), price, LAST_BYTES);
  }

  /** The last price of a block, made unless it is that of the block that was traded last. */
  lastPriceOf(model: Model, block: number): number {
    const last = this.#lasts.get(model);
    return last?.block === block ? last.price : this.pricesOf(model, block)[BLOCK_ROWS - 1]!;
  }

  /** Keeps the last price of a block, for the block that is traded after it. */
  keepLastPrice(model: Model, block: number, price: number): void {
    this.#lasts.set(model, { block, price });
  }

  /** How often something was forgotten: who remembers what is kept asks again when it grows. */
  get changes(): number {
    return this.#changes;
  }

  /** A number, for good, for one who keeps blocks, or tables of eras, ages or days, here. */
  newOwner(): number {
    this.#owners += 1;
    // Keys of two owners would be one, and what is one's would be taken for the other's.
    if (this.#owners >= MOST_OWNERS) throw new Error(`there are at most ${MOST_OWNERS} owners`);
    return this.#owners;
  }

  /** The same for one who keeps tables of segments here: there are more of these. */
  newSegmentOwner(): number {
    this.#segmentOwners += 1;
    if (this.#segmentOwners >= MOST_SEGMENT_OWNERS) {
      throw new Error(`there are at most ${MOST_SEGMENT_OWNERS} owners of segments`);
    }
    return this.#segmentOwners;
  }

  /** An owner's table of an era, from the few that were used last, or from `make`. */
  era(owner: number, era: number, make: () => Float64Array): Float64Array {
    const key = owner * MAX_ERAS_OF_A_MARKET + era;
    if (key === this.#eraKey) return this.#eraStarts;
    let starts = this.#eras.get(key);
    if (starts === undefined) {
      starts = make();
      this.#eras.set(key, starts, starts.byteLength);
    }
    this.#eraKey = key;
    this.#eraStarts = starts;
    return starts;
  }

  /** An owner's table of an age or a day, of those that were used last, or from `make`. */
  table<T extends object>(owner: number, day: number, bytes: number, make: () => T): T {
    return kept(this.#tables, owner * DAYS + (day + BEFORE), bytes, make);
  }

  /** The same of a segment, by the number of a `newSegmentOwner`. */
  segment<T extends object>(owner: number, segment: number, bytes: number, make: () => T): T {
    return kept(this.#segments, owner * ALL_SEGMENTS + (segment + BEFORE), bytes, make);
  }

  /** Forgets all that depends on rows from `index` on. */
  forgetFrom(index: number): void {
    const block = Math.floor(index / BLOCK_ROWS);
    if (this.bitsBlock >= block) this.bitsOwner = undefined;
    if (this.pricesBlock >= block) this.pricesOwner = undefined;
    if (this.#activityBlock >= block) this.#activityOwner = undefined;
    forgetBlocksFrom(this.#blocks, index);
    // Those of a block reach a row beyond it, and the cells at its edges further: none is sure.
    this.#mids.forget(() => true);
    this.#traded.forget(() => true);
    this.#lastOfBlocks.forget(() => true);
    for (const [model, last] of this.#lasts) {
      if (last.block >= block) this.#lasts.delete(model);
    }
    const firstEra = Math.floor(index / ERA_ROWS);
    this.#eras.forget((key) => key % MAX_ERAS_OF_A_MARKET >= firstEra);
    this.#eraKey = -1;
    // Which rows they reach is not known here; they are made again in less than a millisecond.
    this.#changes += 1;
    this.#tables.forget(() => true);
    this.#segments.forget(() => true);
  }
}

function kept<T extends object>(
  cache: ByteCache<number, object>,
  key: number,
  bytes: number,
  make: () => T,
): T {
  const known = cache.get(key);
  // An owner keeps tables of one kind.
  if (known !== undefined) return known as T;
  const value = make();
  cache.set(key, value, bytes);
  return value;
}

/** Some before the first day, or segment, and more than there are in a world of days. */
const BEFORE = 2 ** 20;
const DAYS = WORLD_DAYS + 2 * BEFORE;
const ALL_SEGMENTS = WORLD_DAYS * SEGMENTS + 2 * BEFORE;
/** Keys are exact up to 2^53: of owners and eras, and owners and blocks, too. */
const MOST_OWNERS = 2 ** 21;
const MOST_SEGMENT_OWNERS = Math.floor(2 ** 53 / ALL_SEGMENTS);
/** An age of 1,000 instruments of the dearest model, or of 100 and many days of each. */
const TABLE_BYTES = 32 * 2 ** 20;
/** Some blocks of a market: where its rows stand, and what each adds to its variance. */
const SEGMENTS_BYTES = 8 * 2 ** 20;

/** 4 MB: what the instruments of a dozen sectors have in common, over the edge of a block. */
const BLOCKS_HELD = 32;
/** The block at hand and the one before it, of two instruments that are read in turn. */
const MIDS_HELD = 4;
/** Last prices of blocks: of a thousand instruments, four each. */
const LAST_BYTES = 64;
const LASTS_BYTES = 4096 * LAST_BYTES;
const MAX_ERAS_OF_A_MARKET = MAX_ROWS / ERA_ROWS;
/**
 * What all tables of eras may take: a thousand, four for each of 100 instruments of the dearest
 * model, and as many again for readers of older rows.
 */
const ERA_BYTES = 8 * 2 ** 20;
/** How many tables of eras these are: one has a number for each block, and one for its end. */
export const ERA_TABLES_HELD = Math.floor(ERA_BYTES / (8 * (ERA_BLOCKS + 1)));
