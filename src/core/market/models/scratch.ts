import { type Dtype, newPrices, type Prices } from '../dtype.ts';
import { BLOCK_ROWS, ERA_ROWS, MAX_ROWS } from '../grid.ts';
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
  readonly #eras = new Map<number, Float64Array>();
  readonly #blocks = new Map<number, Float64Array>();
  #owners = 0;
  #eraBytes = 0;
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
    const key = owner * MAX_BLOCKS_OF_A_MARKET + block;
    let values = this.#blocks.get(key);
    if (values === undefined) {
      if (this.#blocks.size < BLOCKS_HELD) {
        values = new Float64Array(BLOCK_ROWS + 1);
      } else {
        const [oldest, reused] = this.#blocks.entries().next().value!;
        this.#blocks.delete(oldest);
        values = reused;
      }
      fill(values);
    } else {
      this.#blocks.delete(key);
    }
    this.#blocks.set(key, values);
    return values;
  }

  /** A number for one who keeps tables of eras, or blocks, here. */
  newOwner(): number {
    this.#owners += 1;
    return this.#owners;
  }

  /** An owner's table of an era, from the few that were used last, or from `make`. */
  era(owner: number, era: number, make: () => Float64Array): Float64Array {
    const key = owner * MAX_ERAS_OF_A_MARKET + era;
    if (key === this.#eraKey) return this.#eraStarts;
    let starts = this.#eras.get(key);
    if (starts === undefined) {
      starts = make();
      this.#eraBytes += starts.byteLength;
    }
    this.#eras.delete(key);
    for (const [oldest, { byteLength }] of this.#eras) {
      if (this.#eraBytes <= ERA_BYTES) break;
      this.#eras.delete(oldest);
      this.#eraBytes -= byteLength;
    }
    this.#eras.set(key, starts);
    this.#eraKey = key;
    this.#eraStarts = starts;
    return starts;
  }
}

const MAX_BLOCKS_OF_A_MARKET = MAX_ROWS / BLOCK_ROWS;
/** 4 MB: what the instruments of a dozen sectors have in common, over the edge of a block. */
const BLOCKS_HELD = 32;
const MAX_ERAS_OF_A_MARKET = MAX_ROWS / ERA_ROWS;
/**
 * What all tables of eras may take: a thousand, four for each of 100 instruments of the dearest
 * model, and as many again for readers of older rows.
 */
const ERA_BYTES = 8 * 2 ** 20;
