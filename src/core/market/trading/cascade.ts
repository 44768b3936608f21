/**
 * A cascade that keeps time, in whole numbers. It maps one time to another that runs faster here
 * and slower there: each level cuts time into cells, and in each cell one half runs faster and the
 * other slower by the same random part, so that the cell as a whole takes as long as it is:
 *
 *     a cell of length L      0 ──────── L/2 ──────── L
 *     runs at                    1 + s         1 - s       s uniform on (-depth, depth)
 *
 * Levels are put one behind the other, so their speeds multiply. As every cell keeps time, the
 * whole is read at any place without what came before; and as all of it is whole numbers, what is
 * later is never mapped to what is earlier, however far away that is.
 */
import { fillWords, type Key } from '../../random/threefry.ts';
import { ERA_ROWS } from '../grid.ts';

const TWO_32 = 0x1_0000_0000;
const TWO_20 = 2 ** 20;
/** Of a row: what times are whole numbers of. */
export const UNITS_PER_ROW = 2 ** 16;
const ERA_UNITS = ERA_ROWS * UNITS_PER_ROW;

/** One level: cells of `length` units, of which the first began `phase` units before time 0. */
export interface CascadeLevel {
  readonly key: Key;
  readonly length: number;
  readonly depth: number;
  readonly phase: number;
}

/** Where the cells of a level lie, as seen from the start of an era. */
interface Offset {
  /** The number of the cell that the era begins in. */
  readonly first: number;
  /** How far into it the era begins. */
  readonly into: number;
}

const pair = new Uint32Array(2);
let words = new Uint32Array(2048);

/**
 * Maps times, in place. `times` are whole units since the start of era `era`, and never fall; so
 * are the results. 4 ns a time and level.
 */
export function passCascade(
  times: Float64Array,
  levels: readonly CascadeLevel[],
  era: number,
  from = 0,
  next = times.length,
): void {
  for (const level of levels) {
    if (next - from < 8) passFew(times, level, era, from, next);
    else passMany(times, level, era, from, next);
  }
}

function passFew(
  times: Float64Array,
  { key, length, depth, phase }: CascadeLevel,
  era: number,
  from: number,
  next: number,
): void {
  const { first, into: offset } = offsetOf(length, phase, era);
  let known = Number.NaN;
  let speed = 0;
  for (let n = from; n < next; n++) {
    const place = times[n]! + offset;
    const cell = Math.floor(place / length);
    if (cell !== known) {
      const counter = Math.floor((first + cell) / 2);
      fillWords(pair, key, counter | 0, Math.floor(counter / TWO_32) | 0);
      speed = speedUp(pair[first + cell - 2 * counter]!, depth);
      known = cell;
    }
    const into = place - cell * length;
    times[n]! += Math.floor(speed * Math.min(into, length - into));
  }
}

function passMany(
  times: Float64Array,
  { key, length, depth, phase }: CascadeLevel,
  era: number,
  from: number,
  next: number,
): void {
  const { first, into: offset } = offsetOf(length, phase, era);
  const firstCell = Math.floor((times[from]! + offset) / length);
  const lastCell = Math.floor((times[next - 1]! + offset) / length);
  const firstCounter = Math.floor((first + firstCell) / 2);
  fillCells(key, firstCounter, Math.floor((first + lastCell) / 2) - firstCounter + 1);
  const wordOf = first - 2 * firstCounter;
  let cell = firstCell;
  let start = cell * length - offset;
  let speed = speedUp(words[wordOf + cell]!, depth);

  for (let n = from; n < next; n++) {
    const time = times[n]!;
    let into = time - start;
    if (into >= length) {
      const passed = Math.floor(into / length);
      cell += passed;
      start += passed * length;
      into -= passed * length;
      speed = speedUp(words[wordOf + cell]!, depth);
    }
    times[n] = time + Math.floor(speed * Math.min(into, length - into));
  }
}

/** By how much a cell's first half runs faster than one, from the cell's word. */
function speedUp(word: number, depth: number): number {
  return depth * ((word + 0.5) * (2 / TWO_32) - 1);
}

/** Long division of the era's start, which is more than a double holds, by a cell's length. */
function offsetOf(length: number, phase: number, era: number): Offset {
  const upper = era * (ERA_UNITS / TWO_20);
  const quotient = Math.floor(upper / length);
  const lower = (upper - quotient * length) * TWO_20 + phase;
  const rest = Math.floor(lower / length);
  return { first: quotient * TWO_20 + rest, into: lower - rest * length };
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
