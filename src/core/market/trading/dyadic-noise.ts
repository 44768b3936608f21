/**
 * Noise that remembers: a normal variate for each number n, such that those of near numbers are
 * alike, and those far apart still a little.
 *
 *     G(n) = sum over k of sqrt(w_k) N_k(floor((n + phase_k) / 2^k)),   w_k as 2^(-fall k), sum 1
 *
 * with a normal variate N_k for each cell of 2^k numbers. A place takes a word a level; numbers in
 * order take two words each.
 */
import { exp, log } from '../../random/kernels.ts';
import { normalOf } from '../../random/normal.ts';
import { deriveKey, fillWords, type Key } from '../../random/threefry.ts';

const TWO_32 = 0x1_0000_0000;
const LN_2 = log(2);

const pair = new Uint32Array(2);
let words = new Uint32Array(2 ** 15);

interface Level {
  readonly key: Key;
  /** Numbers of a cell: a power of two. */
  readonly length: number;
  readonly phase: number;
  /** Deviation of what it adds. */
  readonly weight: number;
}

export interface DyadicShape {
  /** Purposes of the words of cells, and of phases. */
  readonly cell: number;
  readonly phase: number;
  /** The cells of the finest level have 2^finest numbers. */
  readonly finest: number;
  readonly levels: number;
  readonly fall: number;
}

export class DyadicNoise {
  readonly #levels: readonly Level[];

  constructor(key: Key, { cell, phase, finest, levels, fall }: DyadicShape) {
    const variances = Array.from({ length: levels }, (_, n) => exp(-fall * n * LN_2));
    const sum = variances.reduce((all, one) => all + one, 0);
    this.#levels = variances.map((variance, n) => {
      const k = finest + n;
      const length = powerOf2(k);
      fillWords(pair, deriveKey(key, phase, 0), k, 0);
      return {
        key: deriveKey(key, cell, k),
        length,
        phase: Math.floor((pair[0]! / TWO_32) * length),
        weight: Math.sqrt(variance / sum),
      };
    });
  }

  /** The noise at a number. */
  at(number: number): number {
    let noise = 0;
    for (const { key, length, phase, weight } of this.#levels) {
      const cell = Math.floor((number + phase) / length);
      const counter = Math.floor(cell / 2);
      fillWords(pair, key, counter | 0, Math.floor(counter / TWO_32) | 0);
      noise += weight * normalOf(pair[cell - 2 * counter]! | 0);
    }
    return noise;
  }

  /** Fills `out[from .. next)` with the noise at `numbers` of the same places, which never fall. */
  fill(out: Float64Array, numbers: Float64Array, from: number, next: number): void {
    out.fill(0, from, next);
    if (from >= next) return;
    for (const level of this.#levels) addLevel(out, level, numbers, from, next);
  }
}

function addLevel(
  out: Float64Array,
  { key, length, phase, weight }: Level,
  numbers: Float64Array,
  from: number,
  next: number,
): void {
  const firstCell = Math.floor((numbers[from]! + phase) / length);
  const cells = Math.floor((numbers[next - 1]! + phase) / length) - firstCell + 1;
  const firstCounter = Math.floor(firstCell / 2);
  fillCells(key, firstCounter, (cells >> 1) + 1);
  const at = firstCell - 2 * firstCounter;
  let cell = 0;
  let end = (firstCell + 1) * length - phase;
  let value = weight * normalOf(words[at]! | 0);

  for (let i = from; i < next; i++) {
    const number = numbers[i]!;
    if (number >= end) {
      cell = Math.floor((number + phase) / length) - firstCell;
      end = (firstCell + cell + 1) * length - phase;
      value = weight * normalOf(words[at + cell]! | 0);
    }
    out[i]! += value;
  }
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

function powerOf2(k: number): number {
  let power = 1;
  for (let n = 0; n < k; n++) power *= 2;
  return power;
}
