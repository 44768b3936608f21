/**
 * The walk: each row one tick up or down with equal odds; at a bound a step outwards stays put.
 *
 * The price is a free walk, folded between the bounds: with M = max - min and r the free walk
 * modulo 2(M + 1), the price is min + r, or min + 2M + 1 - r where r > M. That is the clamp's law
 * exactly, and leaves the free walk, whose sums can be drawn at any place:
 *
 *     era total ~ Binomial(2^24, 1/2)     drawn first, alone
 *      └─ 2^10 block totals               drawn freely, then corrected to meet the era's
 *          └─ 2^14 steps                  drawn freely, then corrected to meet the block's
 *
 * A correction flips uniformly chosen steps of the majority kind until the total is right. Free
 * steps are in a uniformly random order given their number, and stay so at every flip: the result
 * is exactly uniform given the total. docs/prices.md has the whole of it.
 */
import { FairBinomial } from '../../random/binomial.ts';
import { deriveKey, fillWords, type Key } from '../../random/threefry.ts';
import type { Prices } from '../dtype.ts';
import { BLOCK_ROWS, ERA_BLOCKS, ERA_ROWS } from '../grid.ts';
import type { ModelContext } from './context.ts';
import type { Fold, Model } from './model.ts';
import { isConstant, type Overlay, ticksAt } from './overlay.ts';
import { fillPath, HIGHEST, LOWEST, SUM, stepAt, sumOf } from './path.ts';
import { PURPOSE } from './purpose.ts';
import type { Scratch } from './scratch.ts';

const BLOCK_WORDS = BLOCK_ROWS / 32;
const upsOfEra = new FairBinomial(ERA_ROWS);
const upsOfBlock = new FairBinomial(BLOCK_ROWS);

/** Draws are made a few at a time: a call of the generator costs more than a word. */
const draws = new Uint32Array(128);

export class Walk implements Model {
  readonly #eraKey: Key;
  readonly #blockKey: Key;
  readonly #stepKey: Key;
  readonly #owner: number;
  readonly #start: number;
  readonly #min: number;
  readonly #period: number;
  readonly #scratch: Scratch;
  readonly #overlay: Overlay | undefined;
  #era = 0;
  #eraStart = 0;

  constructor({ key, scratch, instrument, overlay }: ModelContext) {
    const { startTicks, minTicks, maxTicks } = instrument;
    this.#eraKey = deriveKey(key, PURPOSE.eraTotal, 0);
    this.#blockKey = deriveKey(key, PURPOSE.blockTotal, 0);
    this.#stepKey = deriveKey(key, PURPOSE.step, 0);
    this.#owner = scratch.newOwner();
    this.#start = startTicks - minTicks;
    this.#min = minTicks;
    this.#period = 2 * (maxTicks - minTicks + 1);
    this.#scratch = scratch;
    this.#overlay = overlay;
  }

  fillBlock(out: Prices, block: number): void {
    const { bits } = this.#scratch;
    this.#makeBits(block);
    const start = this.#blockStart(block);
    if (this.#overlay === undefined) {
      fillPath(out, bits, this.#folded(start), this.#min, this.#period);
    } else this.#fillMoved(out, start, block * BLOCK_ROWS, 0, BLOCK_ROWS, this.#overlay);
  }

  foldBlock(fold: Fold, block: number, from: number, next: number): void {
    this.#makeBits(block);
    const overlay = this.#overlay;
    if (overlay === undefined) {
      this.#foldRows(fold, this.#blockStart(block), from, next);
      return;
    }
    const first = block * BLOCK_ROWS;
    const free = this.#blockStart(block);
    for (let at = from; at < next; ) {
      const spell = overlay.spellAt(first + at);
      const stop = Math.min(next, spell.next - first);
      if (isConstant(spell)) this.#foldRows(fold, free + spell.lift, at, stop);
      else {
        const prices = this.#ownPrices();
        this.#fillMoved(prices, free, first, at, stop, overlay);
        fold.addPrices(prices, at, stop);
      }
      at = stop;
    }
  }

  fillCoordinates(out: Float64Array, block: number, rows: readonly number[]): void {
    this.#makeBits(block);
    const start = this.#blockStart(block);
    for (const [n, row] of rows.entries()) out[n] = start + sumOf(this.#scratch.bits, 0, row);
  }

  /**
   * Fills the rows `[from, next)` of a block that begins with row `first`, where the free walk is
   * at `start`, with what is added to it.
   */
  #fillMoved(
    out: Prices,
    start: number,
    first: number,
    from: number,
    next: number,
    overlay: Overlay,
  ): void {
    const { bits } = this.#scratch;
    let free = start + sumOf(bits, 0, from);
    for (let at = from; at < next; ) {
      const spell = overlay.spellAt(first + at);
      const stop = Math.min(next, spell.next - first);
      if (isConstant(spell)) {
        const r = this.#folded(free + spell.lift);
        fillPath(out, bits, r, this.#min, this.#period, at, stop);
        if (stop < next) free += sumOf(bits, at, stop);
      } else {
        for (let i = at; i < stop; i++) {
          out[i] = this.#price(free + ticksAt(spell, first + i, free));
          free += stepAt(bits, i);
        }
      }
      at = stop;
    }
  }

  /** Room for prices of a block, which are nobody's then. */
  #ownPrices(): Prices {
    this.#scratch.pricesOwner = undefined;
    return this.#scratch.prices;
  }

  /** Adds rows of the block whose bits are made, where the free walk is at `start`, to `fold`. */
  #foldRows(fold: Fold, start: number, from: number, next: number): void {
    if (from >= next) return;
    const { bits } = this.#scratch;
    const half = this.#period / 2;
    const open = start + sumOf(bits, 0, from);
    let at = open;
    let low = open;
    let high = open;
    let i = from;

    while (i < next) {
      if ((i & 7) === 0 && i + 8 <= next) {
        const byte = (bits[i >> 5]! >>> (i & 24)) & 0xff;
        if (at + LOWEST[byte]! < low) low = at + LOWEST[byte]!;
        if (at + HIGHEST[byte]! > high) high = at + HIGHEST[byte]!;
        at += SUM[byte]!;
        i += 8;
      } else {
        if (at < low) low = at;
        if (at > high) high = at;
        at += stepAt(bits, i);
        i++;
      }
    }

    const close = at - stepAt(bits, next - 1);
    const cell = Math.floor(low / half);
    if (Math.floor(high / half) === cell) {
      const [a, b] = [this.#price(low), this.#price(high)];
      fold.add(this.#price(open), Math.max(a, b), Math.min(a, b), this.#price(close), next - from);
    } else {
      const prices = this.#ownPrices();
      fillPath(prices, bits, this.#folded(start), this.#min, this.#period);
      fold.addPrices(prices, from, next);
    }
  }

  #price(free: number): number {
    const r = this.#folded(free);
    return this.#min + (r < this.#period / 2 ? r : this.#period - 1 - r);
  }

  #folded(free: number): number {
    const r = free % this.#period;
    return r < 0 ? r + this.#period : r;
  }

  /** The free walk at the first row of `block`, counted from the lower bound. */
  #blockStart(block: number): number {
    const era = Math.floor(block / ERA_BLOCKS);
    return this.#eraStartOf(era) + this.#blockStarts(era)[block % ERA_BLOCKS]!;
  }

  #eraStartOf(era: number): number {
    if (era < this.#era || this.#era === 0) {
      this.#era = 0;
      this.#eraStart = this.#start;
    }
    while (this.#era < era) {
      const eras = Math.min(draws.length / 2, era - this.#era);
      fillWords(draws.subarray(0, 2 * eras), this.#eraKey, this.#era, 0);
      for (let i = 0; i < eras; i++) this.#eraStart += eraSteps(i);
      this.#era += eras;
    }
    return this.#eraStart;
  }

  /** Where each block of `era` starts, and last where the era ends, from the era's own start. */
  #blockStarts(era: number): Float64Array {
    return this.#scratch.era(this.#owner, era, () => {
      fillWords(draws.subarray(0, 2), this.#eraKey, era, 0);
      const total = (eraSteps(0) + ERA_ROWS) / 2;
      const ups = new Int32Array(ERA_BLOCKS);
      let sum = 0;
      for (let block = 0; block < ERA_BLOCKS; block++) {
        const at = (2 * block) % draws.length;
        if (at === 0) fillWords(draws, this.#blockKey, block, era);
        ups[block] = upsOfBlock.draw(draws[at]!, draws[at + 1]!);
        sum += ups[block]!;
      }
      meetEraTotal(ups, total - sum, this.#blockKey, era);
      const starts = new Float64Array(ERA_BLOCKS + 1);
      for (let block = 0; block < ERA_BLOCKS; block++) {
        starts[block + 1] = starts[block]! + 2 * ups[block]! - BLOCK_ROWS;
      }
      return starts;
    });
  }

  /** Leaves the steps of `block` in the scratch: bit i of word w is step 32w + i, 1 for up. */
  #makeBits(block: number): void {
    const scratch = this.#scratch;
    if (scratch.bitsOwner === this && scratch.bitsBlock === block) return;
    const starts = this.#blockStarts(Math.floor(block / ERA_BLOCKS));
    const place = block % ERA_BLOCKS;
    const ups = (starts[place + 1]! - starts[place]! + BLOCK_ROWS) / 2;
    scratch.bitsOwner = undefined;
    fillWords(scratch.bits, this.#stepKey, 0, block);
    meetBlockTotal(scratch.bits, ups - countOnes(scratch.bits), this.#stepKey, block);
    scratch.bitsOwner = this;
    scratch.bitsBlock = block;
  }
}

/** What an era adds to the free walk, from the two words of `draws` at `2 * i`. */
function eraSteps(i: number): number {
  return 2 * upsOfEra.draw(draws[2 * i]!, draws[2 * i + 1]!) - ERA_ROWS;
}

/**
 * Adds `missing` ups (or takes away as many) from the era's blocks, one uniformly chosen step each.
 */
function meetEraTotal(ups: Int32Array, missing: number, key: Key, era: number): void {
  const change = missing > 0 ? 1 : -1;
  let counter = ERA_BLOCKS;
  let at = draws.length;

  for (let left = Math.abs(missing); left > 0; at++) {
    if (at === draws.length) {
      fillWords(draws, key, counter, era);
      counter += draws.length / 2;
      at = 0;
    }
    const place = draws[at]! >>> 8;
    const block = place >>> 14;
    const candidates = change > 0 ? BLOCK_ROWS - ups[block]! : ups[block]!;
    if ((place & (BLOCK_ROWS - 1)) < candidates) {
      ups[block]! += change;
      left--;
    }
  }
}

/** Turns `missing` uniformly chosen downs of `bits` into ups, or as many ups into downs. */
function meetBlockTotal(bits: Uint32Array, missing: number, key: Key, block: number): void {
  const wanted = missing > 0 ? 0 : 1;
  let counter = BLOCK_WORDS / 2;
  let at = draws.length;

  for (let left = Math.abs(missing); left > 0; at++) {
    if (at === draws.length) {
      fillWords(draws, key, counter, block);
      counter += draws.length / 2;
      at = 0;
    }
    // Two places a word: its bits 0-13, then 14-27.
    for (let place = draws[at]!, n = 0; n < 2 && left > 0; n++, place >>>= 14) {
      const word = (place >>> 5) & (BLOCK_WORDS - 1);
      const bit = place & 31;
      if (((bits[word]! >>> bit) & 1) === wanted) {
        bits[word]! ^= 1 << bit;
        left--;
      }
    }
  }
}

function countOnes(bits: Uint32Array): number {
  let ones = 0;
  for (let i = 0; i < bits.length; i++) {
    let x = bits[i]!;
    x -= (x >>> 1) & 0x5555_5555;
    x = (x & 0x3333_3333) + ((x >>> 2) & 0x3333_3333);
    x = (x + (x >>> 4)) & 0x0f0f_0f0f;
    ones += Math.imul(x, 0x0101_0101) >>> 24;
  }
  return ones;
}
