/**
 * Business time: it runs fast while a market is restless and slow while it is calm, and what a row
 * of it takes is that row's variance. One row takes one unit on average.
 *
 * It is a multiplicative cascade that keeps time. Each level cuts time into cells, and in each cell
 * one half runs faster and the other slower by the same random part, so that the cell as a whole
 * takes as long as it is:
 *
 *     a cell of L units       0 ──────── L/2 ──────── L
 *     runs at                    1 + s         1 - s       s uniform on (-depth, depth)
 *
 * Levels are put one behind the other, the coarsest first, so their speeds multiply: bursts within
 * bursts, with a memory as long as the longest cells. As every cell keeps time, it can be read at
 * any place without what came before. Cells of different levels have lengths that share no
 * factor, and begin at random places, so that no row is special: not the first of a block either.
 *
 * Sources: B. Mandelbrot, A. Fisher, L. Calvet, "A Multifractal Model of Asset Returns", Cowles
 * Foundation Discussion Paper 1164 (1997): prices as Brownian motion in multifractal time;
 * L. Calvet, A. Fisher, "Multifractal Volatility" (2008). Keeping time in each cell, and what
 * follows from it for random access, are of this project. docs/prices.md has the whole of it.
 */
import { deriveKey, fillWords, type Key } from '../../random/threefry.ts';
import { BLOCK_ROWS, ERA_BLOCKS, ERA_ROWS } from '../grid.ts';
import type { Day } from './day.ts';
import { PURPOSE } from './purpose.ts';
import type { Scratch } from './scratch.ts';

const TWO_32 = 0x1_0000_0000;

/** Cell lengths, in rows, coarsest first: primes near powers of four from 4^10 down to 4^2. */
const LENGTHS = [1_048_583, 262_147, 65_537, 16_411, 4099, 1031, 257, 67, 17] as const;
/** Depths at full clustering: s of a level is uniform on (-depth, depth). */
const DEPTHS = [0.35, 0.35, 0.4, 0.55, 0.8, 0.95, 0.95, 0.95, 0.8] as const;

/** Cells from this length on count for intensity: shorter bursts are over before anyone falls. */
const INTENSE_LENGTH = 67;

const pair = new Uint32Array(2);
const one = new Float64Array(1);

/** One level, as seen from the start of an era. */
interface Level {
  readonly key: Key;
  readonly length: number;
  readonly depth: number;
  readonly phase: number;
}

/** The pieces between which business time runs evenly: at `at[p]` it shows `shows[p]`. */
class Pieces {
  at = new Float64Array(0);
  shows = new Float64Array(0);
  /** From there on, the sum of what the longer levels add to its speed. */
  intensity = new Float64Array(0);
  length = 0;

  /** Makes room for so many pieces; what was in it is lost. */
  clear(room: number): void {
    this.length = 0;
    if (room <= this.at.length) return;
    this.at = new Float64Array(2 * room);
    this.shows = new Float64Array(2 * room);
    this.intensity = new Float64Array(2 * room);
  }
}

let pieces = new Pieces();
let finer = new Pieces();
let words = new Uint32Array(2048);

export class BusinessTime {
  readonly #levels: readonly Level[];
  readonly #day: Day;
  readonly #scratch: Scratch;
  readonly #owner: number;

  /** Business time whose levels are `clustering` times as deep as they may be, from 0 to 1. */
  constructor(key: Key, clustering: number, day: Day, scratch: Scratch) {
    const levels = LENGTHS.map((length, n) => {
      const levelKey = deriveKey(key, PURPOSE.timeLevel, n);
      fillWords(pair, deriveKey(key, PURPOSE.timePhase, 0), n, 0);
      const phase = Math.floor((pair[0]! * length) / TWO_32);
      return { key: levelKey, length, depth: clustering * DEPTHS[n]!, phase };
    });
    this.#levels = levels.filter(({ depth }) => depth > 0);
    this.#day = day;
    this.#scratch = scratch;
    this.#owner = scratch.newOwner();
  }

  /** What business time shows at the start of each block of `era`, and last at the era's end. */
  starts(era: number): Float64Array {
    return this.#scratch.era(this.#owner, era, () => {
      const shown = new Float64Array(ERA_BLOCKS + 1);
      for (let k = 0; k <= ERA_BLOCKS; k++) shown[k] = this.#day.at(era, k * BLOCK_ROWS);
      for (const level of this.#levels) passLevel(shown, level, era * ERA_ROWS);
      return shown;
    });
  }

  /** What business time shows at the start of `era`. */
  startOf(era: number): number {
    one[0] = this.#day.at(era, 0);
    for (const level of this.#levels) passLevel(one, level, era * ERA_ROWS);
    return one[0]!;
  }

  /**
   * Fills the `BLOCK_ROWS + 1` values of `out` with what business time shows at the rows of `block`
   * and at its end, in units since the start of the block's era; and those of `intensity`, if it is
   * given, with its intensity there: the sum of what its longer levels add to its speed.
   */
  fillBlock(out: Float64Array, block: number, intensity?: Float64Array): void {
    const eraStart = Math.floor(block / ERA_BLOCKS) * ERA_ROWS;
    const steps = this.#day.stepsOf(block);
    pieces.clear(steps.length);
    for (let n = 0; n < steps.length; n++) {
      pieces.at[n] = n * this.#day.stepRows;
      pieces.shows[n] = steps[n]!;
      pieces.intensity[n] = 0;
    }
    pieces.length = steps.length;
    for (const level of this.#levels) refine(level, eraStart);
    readPieces(out);
    if (intensity !== undefined) readIntensity(intensity);
  }

  /** Its intensity at row 0. */
  intensityAtStart(): number {
    const intensity = new Float64Array(BLOCK_ROWS + 1);
    this.fillBlock(new Float64Array(BLOCK_ROWS + 1), 0, intensity);
    return intensity[0]!;
  }
}

/** Puts a level behind single places of time: each becomes what this level shows at it. */
function passLevel(places: Float64Array, level: Level, eraStart: number): void {
  const { key, length, depth, phase } = level;
  const base = eraStart + phase;
  const first = Math.floor(base / length);
  const offset = base - first * length;
  let known = Number.NaN;
  let speed = 0;
  for (let n = 0; n < places.length; n++) {
    const place = places[n]! + offset;
    const cell = Math.floor(place / length);
    if (cell !== known) {
      const counter = Math.floor((first + cell) / 2);
      const high = Math.floor(counter / TWO_32);
      fillWords(pair, key, counter | 0, high | 0);
      speed = speedUp(pair[first + cell - 2 * counter]!, depth);
      known = cell;
    }
    const into = place - cell * length;
    places[n]! += speed * Math.min(into, length - into);
  }
}

/** By how much a cell's first half runs faster than one, from the cell's word. */
function speedUp(word: number, depth: number): number {
  return depth * ((word + 0.5) * (2 / TWO_32) - 1);
}

/** Puts a level behind the pieces: they become what this level shows. */
function refine({ key, length, depth, phase }: Level, eraStart: number): void {
  const { at, shows, intensity } = pieces;
  const base = eraStart + phase;
  const first = Math.floor(base / length);
  const offset = base - first * length;
  const half = length / 2;
  const weight = length < INTENSE_LENGTH ? 0 : 1;
  const last = pieces.length - 1;
  const firstCell = Math.floor((shows[0]! + offset) / length);
  const cells = Math.floor((shows[last]! + offset) / length) - firstCell + 1;
  const firstCounter = Math.floor((first + firstCell) / 2);
  const wordOf = first - 2 * firstCounter;
  // One cell more: a last kink may lie on the end itself.
  fillCells(key, firstCounter, (cells >> 1) + 2);
  finer.clear(pieces.length + 2 * cells + 2);
  const { at: finerAt, shows: finerShows, intensity: finerIntensity } = finer;

  let cellStart = firstCell * length - offset;
  let word = firstCell + wordOf;
  let speed = speedUp(words[word]!, depth);
  let isFirstHalf = shows[0]! - cellStart < half;
  // The next kink: the middle of a cell, then its end.
  let kink = cellStart + (isFirstHalf ? half : length);
  let n = 0;

  for (let p = 0; p <= last; p++) {
    const shown = shows[p]!;
    if (kink < shown) {
      const fromAt = at[p - 1]!;
      const fromShows = shows[p - 1]!;
      const intensityThere = intensity[p - 1]!;
      const rate = (at[p]! - fromAt) / (shown - fromShows);
      for (; kink < shown; n++) {
        finerAt[n] = fromAt + (kink - fromShows) * rate;
        if (isFirstHalf) {
          finerShows[n] = kink + speed * half;
          finerIntensity[n] = intensityThere - weight * speed;
          kink = cellStart + length;
        } else {
          finerShows[n] = kink;
          cellStart = kink;
          word += 1;
          speed = speedUp(words[word]!, depth);
          finerIntensity[n] = intensityThere + weight * speed;
          kink = cellStart + half;
        }
        isFirstHalf = !isFirstHalf;
      }
    }
    const into = shown - cellStart;
    finerAt[n] = at[p]!;
    finerShows[n] = shown + speed * (isFirstHalf ? into : length - into);
    finerIntensity[n] = intensity[p]! + weight * (isFirstHalf ? speed : -speed);
    n++;
  }

  finer.length = n;
  [pieces, finer] = [finer, pieces];
}

/** Fills `words` with those of `counters` consecutive counters. */
function fillCells(key: Key, firstCounter: number, counters: number): void {
  if (2 * counters > words.length) words = new Uint32Array(4 * counters);
  const low = firstCounter - Math.floor(firstCounter / TWO_32) * TWO_32;
  const high = Math.floor(firstCounter / TWO_32);
  const before = Math.min(counters, TWO_32 - low);
  fillWords(words.subarray(0, 2 * before), key, low | 0, high | 0);
  if (before < counters) {
    fillWords(words.subarray(2 * before, 2 * counters), key, 0, (high + 1) | 0);
  }
}

/** Fills the `BLOCK_ROWS + 1` values of `out` with what the pieces show at each row. */
function readPieces(out: Float64Array): void {
  const { at, shows } = pieces;
  const last = pieces.length - 2;

  for (let p = 0, i = 0; p <= last; p++) {
    const end = at[p + 1]!;
    if (i >= end) continue;
    const rate = (shows[p + 1]! - shows[p]!) / (end - at[p]!);
    const start = shows[p]! - at[p]! * rate;
    for (; i < end; i++) out[i] = start + i * rate;
  }

  out[BLOCK_ROWS] = shows[last + 1]!;
}

/** Fills the `BLOCK_ROWS + 1` values of `out` with the intensity of the pieces at each row. */
function readIntensity(out: Float64Array): void {
  const { at, intensity } = pieces;
  const last = pieces.length - 2;
  for (let p = 0, i = 0; p <= last; p++) {
    for (; i < at[p + 1]!; i++) out[i] = intensity[p]!;
  }
  out[BLOCK_ROWS] = out[BLOCK_ROWS - 1]!;
}
