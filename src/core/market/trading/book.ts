/**
 * The orders that wait at prices around the best ones, at any row without what came before.
 *
 * The best prices are those of the row's quotes. What waits at a price changes at times of its own,
 * so that most of a book stands still from row to row, and a price that is left and come back to is
 * found as it would have been. The mean at a price rises for some levels away from the best one and
 * then falls as a power, as in J.-P. Bouchaud, M. Mezard, M. Potters, "Statistical properties of
 * stock order books", Quantitative Finance 2 (2002). docs/prices.md has the whole of it.
 */
import { exp, log } from '../../random/kernels.ts';
import { deriveKey, fillWords, type Key } from '../../random/threefry.ts';
import { PURPOSE } from '../models/purpose.ts';

const TWO_32 = 0x1_0000_0000;
/** Rows between two changes of what waits at a price: each price has one of these. */
const PERIODS = [4, 32, 256] as const;
/** The most levels a side. */
export const MAX_LEVELS = 100;
/** Prices that are looked at for each level that is wanted. */
const MOST_LOOKS = 16;
/** Where the mean is highest, in spreads from the best price, and how it falls from there on. */
const PEAK_SPREADS = 2;
const FALL = 1.6;
/** The mean at the peak, in trades. */
const PEAK_TRADES = 8;

const pair = new Uint32Array(2);

/** One side of a book, the best level first. */
export interface BookSide {
  readonly ticks: Float64Array;
  readonly lots: Float64Array;
  levels: number;
}

/** Room for `levels` levels. */
export function newBookSide(levels: number): BookSide {
  return { ticks: new Float64Array(levels), lots: new Float64Array(levels), levels: 0 };
}

/** What decides the orders of an instrument. */
export interface BookShape {
  readonly spreadTicks: number;
  readonly lotsPerTrade: number;
  readonly minTicks: number;
  readonly maxTicks: number;
}

export class Book {
  readonly #keys: readonly [Key, Key];
  readonly #shape: BookShape;
  /** Of a price that is not the best: how often something waits there. */
  readonly #filled: number;

  constructor(key: Key, shape: BookShape) {
    this.#keys = [deriveKey(key, PURPOSE.book, 0), deriveKey(key, PURPOSE.book, 1)];
    this.#shape = shape;
    // The finer the ticks, the more of them are left out.
    this.#filled = 1 / (1 + shape.spreadTicks / 16);
  }

  /**
   * Fills `out` with up to `levels` levels of a side, of the row `index` whose best price is
   * `best`: bids fall from it, asks rise. 50 ns a level.
   */
  fill(out: BookSide, isBid: boolean, best: number, index: number, levels: number): void {
    const { minTicks, maxTicks } = this.#shape;
    const key = this.#keys[isBid ? 0 : 1];
    const step = isBid ? -1 : 1;
    const last = isBid ? minTicks : maxTicks;
    const room = Math.min(Math.abs(last - best), MOST_LOOKS * levels);
    let level = 0;
    for (let away = 0; away <= room && level < levels; away++) {
      const ticks = best + step * away;
      const lots = this.#waiting(key, ticks, away, index);
      if (lots === 0) continue;
      out.ticks[level] = ticks;
      out.lots[level] = lots;
      level += 1;
    }
    out.levels = level;
  }

  /** Lots that wait at a price so many ticks from the best one; 0 if there are none. */
  #waiting(key: Key, ticks: number, away: number, index: number): number {
    // A word of the price alone: when it changes.
    fillWords(pair, key, ticks | 0, -1);
    const word = pair[0]!;
    const period = PERIODS[word % PERIODS.length]!;
    const time = Math.floor((index + (pair[1]! % period)) / period);
    fillWords(pair, deriveKey(key, ticks | 0, time | 0), Math.floor(time / TWO_32), 0);
    if (away > 0 && (pair[0]! + 0.5) / TWO_32 >= this.#filled) return 0;
    const size = -log((pair[1]! + 0.5) / TWO_32);
    return Math.max(1, Math.floor(size * this.#mean(away) + 0.5));
  }

  /** The mean of what waits at a price so many ticks from the best one, in lots. */
  #mean(away: number): number {
    const { spreadTicks, lotsPerTrade } = this.#shape;
    const x = away / (PEAK_SPREADS * Math.max(1, spreadTicks));
    const shape = (0.25 + x) / (1 + x);
    return PEAK_TRADES * lotsPerTrade * shape * exp(-FALL * log(1 + x));
  }
}
