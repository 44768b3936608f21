/**
 * How many lots there were before a trade: a reading, like that of the trades before a row.
 *
 * Sizes are a multiset in keyed order. Each 256 trades have the same sizes, those of a Pareto law
 * at the middles of 256 equal parts of it, shuffled by words of their own:
 *
 *     size of part k of 256     round(f ((k + 1/2) / 256)^(-1 / TAIL)),  at least 1
 *
 * Part 0, the largest 256th, is told apart further: 256 such cells have the sizes of 256 equal
 * parts of it, shuffled; and so once more. So what 256, 65,536 and 2^24 trades come to is known,
 * and a reading shuffles three cells at most. The law is exact.
 */
import { exp, log } from '../../random/kernels.ts';
import { deriveKey, fillWords, type Key } from '../../random/threefry.ts';
import { PURPOSE } from '../models/purpose.ts';

/** The tail index of sizes. Below 2 the autocorrelation of volume would vanish. */
const TAIL = 2.1;
const PARTS = 256;
const LEVELS = 3;
const TWO_32 = 0x1_0000_0000;
const MAX_UINT32 = TWO_32 - 1;

/** Counters of a cell: two words each, of which half a word is for a part. */
const COUNTERS = PARTS / 4;

const words = new Uint32Array(2 * COUNTERS);

/** A cell of 256 places: which part of the law each has, and the lots before each. */
interface Cell {
  owner: Lots | undefined;
  number: number;
  readonly parts: Uint8Array;
  /** Lots before each place; at the end, of all. */
  readonly before: Float64Array;
}

const newCell = (): Cell => ({
  owner: undefined,
  number: -1,
  parts: new Uint8Array(PARTS),
  before: new Float64Array(PARTS + 1),
});

/** The cells of each level that were read last, whose ever they were. */
export class LotCells {
  readonly cells: readonly Cell[] = [newCell(), newCell(), newCell()];
}

/** The sizes that trades of a market have, by their mean. */
interface Sizes {
  /** Of each level, the sizes of its parts; part 0 stands for the next level, if there is one. */
  readonly parts: readonly Float64Array[];
  /** What a cell of each level comes to without its part 0: with it, at the last one. */
  readonly sums: readonly number[];
}

const sizesByMean = new Map<number, Sizes>();
/** Markets have a few means; a list of what was tried is not kept for ever. */
const MOST_MEANS = 1000;

function sizesFor(mean: number): Sizes {
  let sizes = sizesByMean.get(mean);
  if (sizes === undefined) {
    const parts = sizesOf(factorOf(mean));
    sizes = { parts, sums: parts.map((own, level) => sumOf(own, level)) };
    if (sizesByMean.size >= MOST_MEANS) sizesByMean.clear();
    sizesByMean.set(mean, sizes);
  }
  return sizes;
}

/** Of one instrument. */
export class Lots {
  readonly #sizes: readonly Float64Array[];
  readonly #sums: readonly number[];
  readonly #keys: readonly Key[];
  readonly #cells: readonly Cell[];

  /** Sizes of `mean` lots on average, at least 1. */
  constructor(key: Key, mean: number, { cells }: LotCells) {
    const { parts, sums } = sizesFor(mean);
    this.#sizes = parts;
    this.#sums = sums;
    this.#keys = parts.map((_, level) => deriveKey(key, PURPOSE.lots, level));
    this.#cells = cells;
  }

  /** Lots of the trades before trade `number`. 2 us, unless it is near the one before. */
  before(number: number): number {
    const cell = Math.floor(number / PARTS);
    return this.#beforeCell(0, cell) + this.#cell(0, cell).before[number - cell * PARTS]!;
  }

  /**
   * Fills `out[from .. next)` with the lots of rows; `before[i]` trades were before row i. A row of
   * more lots than 32 bits hold says as many as these hold.
   */
  fillRows(out: Uint32Array, before: Float64Array, from: number, next: number): void {
    const { before: within } = this.#cells[0]!;
    let start = Number.NEGATIVE_INFINITY;
    let lotsAtStart = 0;
    let lots = this.before(before[from]!);

    for (let i = from; i < next; i++) {
      const trades = before[i + 1]!;
      // At the end of a cell it is the whole of it that counts: the next one may not be needed.
      if (trades - start > PARTS) {
        const cell = Math.floor(trades / PARTS);
        lotsAtStart = this.#beforeCell(0, cell);
        this.#cell(0, cell);
        start = cell * PARTS;
      }
      const lotsThen = lotsAtStart + within[trades - start]!;
      const sum = lotsThen - lots;
      out[i] = sum > MAX_UINT32 ? MAX_UINT32 : sum;
      lots = lotsThen;
    }
  }

  /** Lots of trade `number`. */
  of(number: number): number {
    const cell = Math.floor(number / PARTS);
    const { before } = this.#cell(0, cell);
    const at = number - cell * PARTS;
    return before[at + 1]! - before[at]!;
  }

  /** Lots before a cell of a level, counted in trades of that level. */
  #beforeCell(level: number, cell: number): number {
    const rest = cell * this.#sums[level]!;
    if (level === LEVELS - 1) return rest;
    // Each of those cells has one of the sizes that the next level has in its order.
    const upper = Math.floor(cell / PARTS);
    const at = cell - upper * PARTS;
    const within = at === 0 ? 0 : this.#cell(level + 1, upper).before[at]!;
    return rest + this.#beforeCell(level + 1, upper) + within;
  }

  /** A cell of a level in its order. */
  #cell(level: number, number: number): Cell {
    const cell = this.#cells[level]!;
    if (cell.owner === this && cell.number === number) return cell;
    const { parts, before } = cell;
    cell.owner = undefined;
    // First what shuffles another cell.
    const largest = level === LEVELS - 1 ? this.#sizes[level]![0]! : this.#largest(level, number);
    shuffle(parts, this.#keys[level]!, number);
    const sizes = this.#sizes[level]!;
    for (let at = 0, sum = 0; at < PARTS; at++) {
      const part = parts[at]!;
      sum += part === 0 ? largest : sizes[part]!;
      before[at + 1] = sum;
    }
    cell.owner = this;
    cell.number = number;
    return cell;
  }

  /** The size that stands for part 0 of a cell: that of its place in a cell of the next level. */
  #largest(level: number, number: number): number {
    const upper = Math.floor(number / PARTS);
    const { before } = this.#cell(level + 1, upper);
    const at = number - upper * PARTS;
    return before[at + 1]! - before[at]!;
  }
}

/**
 * Fills `parts` with 0 to 255 in the order of a cell; half a word decides where each goes. Source:
 * Durstenfeld 1964, Algorithm 235.
 */
function shuffle(parts: Uint8Array, key: Key, cell: number): void {
  fillWords(words, key, (cell * COUNTERS) | 0, Math.floor(cell / (TWO_32 / COUNTERS)) | 0);
  for (let n = 0; n < PARTS; n += 2) {
    const word = words[n >> 1]!;
    put(parts, n, word & 0xffff);
    put(parts, n + 1, word >>> 16);
  }
}

/** Puts part `n` in one of the places 0 to n, and what is there at the end. */
function put(parts: Uint8Array, n: number, half: number): void {
  const other = (half * (n + 1)) >>> 16;
  parts[n] = parts[other]!;
  parts[other] = n;
}

/** The sizes of the parts of each level, by the factor of the law. */
function sizesOf(factor: number): readonly Float64Array[] {
  return Array.from({ length: LEVELS }, (_, level) => {
    let parts = PARTS;
    for (let n = 0; n < level; n++) parts *= PARTS;
    return Float64Array.from({ length: PARTS }, (__, k) => {
      const size = factor * exp(log((k + 0.5) / parts) / -TAIL);
      return Math.max(1, Math.floor(size + 0.5));
    });
  });
}

function sumOf(sizes: Float64Array, level: number): number {
  let sum = level === LEVELS - 1 ? sizes[0]! : 0;
  for (let k = 1; k < PARTS; k++) sum += sizes[k]!;
  return sum;
}

/** The mean of the sizes that a factor makes. */
function meanOf(factor: number): number {
  let mean = 0;
  let share = 1 / PARTS;
  for (const [level, sizes] of sizesOf(factor).entries()) {
    mean += share * sumOf(sizes, level);
    share /= PARTS;
  }
  return mean;
}

/** The factor whose sizes have a mean, as nearly as whole sizes can; by halving. */
function factorOf(mean: number): number {
  let [low, high] = [0, mean];
  for (let n = 0; n < 60; n++) {
    const middle = (low + high) / 2;
    if (meanOf(middle) < mean) low = middle;
    else high = middle;
  }
  return mean - meanOf(low) < meanOf(high) - mean ? low : high;
}
