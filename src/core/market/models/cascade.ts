/**
 * A clock that runs fast where a market is restless and slow where it is calm, and keeps time.
 *
 * Each level cuts a span (a day of business, or a segment of one) into cells. In each cell one half
 * runs faster and the other slower by the same random part, so that the cell as a whole takes as
 * long as it is:
 *
 *     a cell        0 ──────── 1/2 ──────── 1
 *     runs at         1 + s        1 - s         s uniform on (-depth, depth)
 *
 * Levels are put one behind the other, the coarsest first, so their speeds multiply: bursts within
 * bursts. As every cell keeps time, so does the span, and any place in it can be read alone. Cells
 * begin at a random place, so that no moment of a span is special; the two at its ends are shorter.
 *
 * Sources: B. Mandelbrot, A. Fisher, L. Calvet, "A Multifractal Model of Asset Returns", Cowles
 * Foundation Discussion Paper 1164 (1997); L. Calvet, A. Fisher, "Multifractal Volatility" (2008).
 * Keeping time in each cell, and what follows from it for random access, are of this project.
 */
import { deriveKey, fillWords, type Key } from '../../random/threefry.ts';
import { DAY_MS } from '../time.ts';
import { SEGMENTS } from './calendar.ts';

const TWO_32 = 0x1_0000_0000;

/** One level of a span: how many cells, and their depth at full clustering. */
interface Level {
  readonly cells: number;
  readonly depth: number;
}

/** Of a day: cells of 7.7 hours to 7 minutes of business. */
export const DAY_LEVELS: readonly Level[] = [
  { cells: 3, depth: 0.9 },
  { cells: 13, depth: 0.95 },
  { cells: 51, depth: 0.9 },
  { cells: 205, depth: 0.9 },
];
/** Of a segment: cells of 1.9 minutes to 7 seconds. */
const SEGMENT_LEVELS: readonly Level[] = [
  { cells: 3, depth: 0.9 },
  { cells: 13, depth: 0.9 },
  { cells: 51, depth: 0.7 },
];

/** Levels of a segment whose cells are not shorter than a row. */
export function segmentLevelsOf(intervalMs: number): readonly Level[] {
  return SEGMENT_LEVELS.filter(({ cells }) => DAY_MS / SEGMENTS / cells >= intervalMs);
}

/** Of each cell of the level at hand: its speed, its middle, and half its length. */
const speeds = new Float64Array(256);
const middles = new Float64Array(256);
const halves = new Float64Array(256);

const NOTHING = new Float64Array(0);
let shown = new Float64Array(1024);
let drawn = new Uint32Array(2);

export class Cascade {
  readonly #key: Key;
  readonly #levels: readonly Level[];
  readonly #firsts: readonly number[];
  readonly #many: number;

  /** Levels that are `clustering` times as deep as they may be, from 0 to 1. */
  constructor(key: Key, purpose: number, levels: readonly Level[], clustering: number) {
    this.#key = deriveKey(key, purpose, 0);
    this.#levels = levels
      .map(({ cells, depth }) => ({ cells, depth: clustering * depth }))
      .filter(({ depth }) => depth > 0);
    let words = 0;
    this.#firsts = this.#levels.map(({ cells }) => {
      const first = words;
      // A word for where cells begin, and one for each of them.
      words += cells + 2;
      return first;
    });
    this.#many = words + (words % 2);
    if (this.#many > drawn.length) drawn = new Uint32Array(this.#many);
  }

  /**
   * Fills `out` with what the clock shows at `places[from .. next)`, parts of a span. The span's
   * words begin at the counter (`c0`, `c1`). 2 ns a place and level.
   */
  fill(
    out: Float64Array,
    places: Float64Array,
    from: number,
    next: number,
    c0: number,
    c1: number,
  ): void {
    this.fillMixed(out, places, from, next, c0, c1, 1, NOTHING, 0);
  }

  /** The same, times `weight`, and `otherWeight` times the values of `other` at the same places. */
  fillMixed(
    out: Float64Array,
    places: Float64Array,
    from: number,
    next: number,
    c0: number,
    c1: number,
    weight: number,
    other: Float64Array,
    otherWeight: number,
  ): void {
    const many = next - from;
    if (many > shown.length) shown = new Float64Array(2 * many);
    const words = drawn;
    const last = this.#levels.length - 1;
    if (last < 0) for (let i = 0; i < many; i++) shown[i] = places[from + i]!;
    else fillWords(words, this.#key, c0, c1, this.#many);
    for (let n = 0; n <= last; n++) {
      const { cells, depth } = this.#levels[n]!;
      const begin = prepare(words, this.#firsts[n]!, cells, depth);
      if (n === 0) passLevel(shown, places, from, many, cells, begin);
      else passLevel(shown, shown, 0, many, cells, begin);
    }
    if (otherWeight === 0) {
      for (let i = 0; i < many; i++) out[i] = weight * Math.min(1, shown[i]!);
    } else {
      for (let i = 0; i < many; i++) {
        out[i] = weight * Math.min(1, shown[i]!) + otherWeight * other[from + i]!;
      }
    }
  }
}

/** Makes the cells of a level ready; gives how much of the first one lies before the span. */
function prepare(words: Uint32Array, first: number, cells: number, depth: number): number {
  const begin = (words[first]! + 0.5) / TWO_32;
  const scale = depth * (2 / TWO_32);
  for (let j = 0; j <= cells; j++) {
    speeds[j] = (words[first + 1 + j]! + 0.5) * scale - depth;
    middles[j] = 0.5;
    halves[j] = 0.5;
  }
  middles[0] = (1 + begin) / 2;
  halves[0] = (1 - begin) / 2;
  middles[cells] = begin / 2;
  halves[cells] = begin / 2;
  return begin;
}

function passLevel(
  out: Float64Array,
  places: Float64Array,
  from: number,
  many: number,
  cells: number,
  begin: number,
): void {
  const length = 1 / cells;

  for (let i = 0; i < many; i++) {
    const z = places[from + i]!;
    const y = z * cells + begin;
    const j = y | 0;
    out[i] = z + length * (speeds[j]! * (halves[j]! - Math.abs(y - j - middles[j]!)));
  }
}
