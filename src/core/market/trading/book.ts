/**
 * The orders that wait at prices around the best ones, at any row without what came before.
 *
 *     price    best ──────────────── away from the market ──────────────
 *     slots    |   0   |   1   |   2   |   3   |   4   |  ...
 *     levels   ^best     ^        ^       (none)   ^
 *
 * The best prices are those of the row's quotes. Behind them prices are told apart by slots, which
 * are a tick wide, or an eighth of the spread: a slot has a level at one of its prices, or none.
 * What a slot has changes at times of its own, so that most of a book stands still from row to row,
 * and a price that is left and come back to is found as it would have been. The mean at a price
 * rises for some levels away from the best one and then falls as a power, as in J.-P. Bouchaud, M.
 * Mezard, M. Potters, "Statistical properties of stock order books", Quantitative Finance 2 (2002).
 * docs/prices.md has the whole of it.
 */
import { exp, log } from '../../random/kernels.ts';
import { deriveKey, fillWords, type Key } from '../../random/threefry.ts';
import { PURPOSE } from '../models/purpose.ts';
import { mustBe } from '../must-be.ts';

/** The most levels a side. */
export const MAX_LEVELS = 100;
const TWO_32 = 0x1_0000_0000;
/** Rows between two changes of a slot: each has one of these, a power of two. */
const PERIODS = [4, 32, 256] as const;
const SLOTS_PER_SPREAD = 8;
/** Of slots, how many have no level, for each tick of the spread up to 8. */
const EMPTY_PER_TICK = 1 / 32;
/** Slots that are looked at: a level's, and some more for those that have none. */
const mostSlots = (levels: number) => 2 * levels + 16;
/** The mean where it is highest, in trades; half as much waits at the best price. */
const PEAK_TRADES = 8;
/** Spreads that the means are stretched by: they are highest at about two. */
const STRETCH = 5;
const NEAREST = 0.12;
/** Sizes have the law of Weibull, as uneven as gamma laws are that fit real ones. */
const SIZE_SHAPE = 0.8;
const SIZES = 1024;
/** Distances of a class are alike to half an octave, so that a best price moves few means. */
const CLASSES = 64;

const LEVELS_RULE = `a whole number from 1 to ${MAX_LEVELS}`;

const pair = new Uint32Array(2);
const slotWords = new Uint32Array(2 * mostSlots(MAX_LEVELS));

/** Sizes of equal parts of the law, of mean 1. */
const SIZE_OF_PART = sizesOfParts();

function sizesOfParts(): Float64Array {
  const sizes = Float64Array.from({ length: SIZES }, (_, part) => {
    const waited = -log(1 - (part + 0.5) / SIZES);
    return exp(log(waited) / SIZE_SHAPE);
  });
  const mean = sizes.reduce((sum, size) => sum + size, 0) / SIZES;
  return sizes.map((size) => size / mean);
}

/** One side of a book, the best level first. */
export interface BookSide {
  readonly ticks: Float64Array;
  readonly lots: Float64Array;
  levels: number;
}

/** Both sides, as they are at a row. */
export interface Depth {
  readonly bids: BookSide;
  readonly asks: BookSide;
}

/** Room for `levels` levels a side. */
export function newDepth(levels: number): Depth {
  const side = () => ({
    ticks: new Float64Array(levels),
    lots: new Float64Array(levels),
    levels: 0,
  });
  return { bids: side(), asks: side() };
}

/** What decides the orders of an instrument. */
export interface BookShape {
  readonly spreadTicks: number;
  readonly lotsPerTrade: number;
  readonly minTicks: number;
  readonly maxTicks: number;
}

/** What is done to the orders of an instrument. */
export interface BookRows {
  /** The row whose orders those of row `index` are: itself, or one before it. */
  rowOf(index: number): number;
  /** Times how many lots wait in a row. */
  depthAt(index: number): number;
}

export class Book {
  readonly #bidKeys: SideKeys;
  readonly #askKeys: SideKeys;
  readonly #minTicks: number;
  readonly #maxTicks: number;
  /** Ticks of a slot, and how often it has a level, in words. */
  readonly #slot: number;
  readonly #filled: number;
  /** Mean lots by class of distance. */
  readonly #means: Float64Array;
  readonly #rows: BookRows | undefined;
  /** Times how many lots wait in the row at hand. */
  #depth = 1;

  /** `rows` is left out where every row has its own orders. */
  constructor(key: Key, shape: BookShape, rows?: BookRows) {
    const { spreadTicks, lotsPerTrade, minTicks, maxTicks } = shape;
    this.#rows = rows;
    this.#bidKeys = sideKeys(key, 0);
    this.#askKeys = sideKeys(key, 2);
    this.#minTicks = minTicks;
    this.#maxTicks = maxTicks;
    this.#slot = Math.max(1, Math.floor(spreadTicks / SLOTS_PER_SPREAD));
    const empty = EMPTY_PER_TICK * Math.min(SLOTS_PER_SPREAD, spreadTicks);
    this.#filled = Math.floor(TWO_32 * (1 - empty));
    const peak = (1 - 2.5 * NEAREST) / 1.5;
    const scale = (PEAK_TRADES * lotsPerTrade) / meanAt(peak);
    this.#means = Float64Array.from({ length: CLASSES }, (_, n) => {
      return scale * meanAt(distanceOf(n) / (STRETCH * spreadTicks));
    });
  }

  /**
   * Fills `out` with up to `levels` levels a side, as they are at row `index`, whose quotes are
   * `bid` and `ask`. 50 ns a level.
   */
  fill(out: Depth, index: number, bid: number, ask: number, levels: number): void {
    const isLevels = Number.isInteger(levels) && levels >= 1 && levels <= MAX_LEVELS;
    mustBe(isLevels, 'levels', LEVELS_RULE, levels);
    mustBe(out?.bids?.ticks.length >= levels, 'out', 'what newDepth gives, with room', out);
    const row = this.#rows?.rowOf(index) ?? index;
    this.#depth = this.#rows?.depthAt(row) ?? 1;
    this.#fillSide(out.bids, this.#bidKeys, -1, bid, row, levels);
    this.#fillSide(out.asks, this.#askKeys, 1, ask, row, levels);
  }

  #fillSide(
    out: BookSide,
    keys: SideKeys,
    step: number,
    best: number,
    index: number,
    levels: number,
  ): void {
    const { ticks, lots } = out;
    const slotTicks = this.#slot;
    const first = Math.floor(best / slotTicks);
    const slots = mostSlots(levels);
    // Words of slots in the order of prices, whichever way levels go.
    const lowest = step > 0 ? first : first - slots + 1;
    fillWords(slotWords, keys.slots, lowest | 0, 0, 2 * slots);
    let level = 0;
    for (let n = 0; n < slots && level < levels; n++) {
      const slot = first + step * n;
      const at = 2 * (slot - lowest);
      const period = PERIODS[(slotWords[at]! >>> 16) % PERIODS.length]!;
      const time = Math.floor((index + (slotWords[at + 1]! & (period - 1))) / period);
      fillWords(pair, keys.changes, slot | 0, time | 0);
      const part = pair[1]! >>> 22;
      if (n === 0) {
        ticks[0] = best;
        lots[0] = this.#sizeOf(part, 0);
        level = 1;
      }
      if (pair[0]! >= this.#filled) continue;
      const price = slot * slotTicks + ((pair[1]! & 0x3f_ffff) % slotTicks);
      const away = step * (price - best);
      if (away <= 0) continue;
      if (price < this.#minTicks || price > this.#maxTicks || level === levels) break;
      ticks[level] = price;
      lots[level] = this.#sizeOf(part, away);
      level += 1;
    }
    out.levels = level;
  }

  /** Lots at a price so many ticks from the best one, of the size that its slot has. */
  #sizeOf(part: number, away: number): number {
    const size = SIZE_OF_PART[part]! * this.#means[classOf(away)]! * this.#depth;
    return Math.max(1, Math.floor(size + 0.5));
  }
}

/** Of a side: for when its slots change, and for what they are. */
interface SideKeys {
  readonly slots: Key;
  readonly changes: Key;
}

function sideKeys(key: Key, first: number): SideKeys {
  return {
    slots: deriveKey(key, PURPOSE.book, first),
    changes: deriveKey(key, PURPOSE.book, first + 1),
  };
}

/** The mean over that at its highest, but for a factor, so many stretched spreads away. */
function meanAt(x: number): number {
  return (NEAREST + x) / ((1 + x) * (1 + x) * Math.sqrt(1 + x));
}

/** Distances 0, 1, 2, 3, 4 to 5, 6 to 7, 8 to 11, 12 to 15, ... are classes. */
function classOf(away: number): number {
  if (away < 2) return away;
  const octave = 31 - Math.clz32(away);
  return 2 * octave + ((away >> (octave - 1)) & 1);
}

/** The middle of a class. */
function distanceOf(number: number): number {
  if (number < 2) return number;
  let first = number % 2 === 0 ? 2 : 3;
  let width = 1;
  for (let octave = 1; octave < Math.floor(number / 2); octave++) {
    first *= 2;
    width *= 2;
  }
  return first + (width - 1) / 2;
}
