/**
 * Noise that remembers: a variate for each number n, of mean 0 and deviation 1, such that those of
 * near numbers are alike, and those far apart still a little. It is a sum over cells of 1, 2, 4, ..
 * numbers, each within the next:
 *
 *     G(n) = sum over k of  weight_k U_k(floor(q / 2^k)),     q = floor(n / 2^finest) + phase
 *
 * with a uniform variate U_k for each cell, and weight_k^2 as 2^(-fall k). A sum of that many is as
 * good as normal. It is added from the longest cells down, so that near numbers have most of it in
 * common.
 */
import { exp, log } from '../../random/kernels.ts';
import { deriveKey, fillWords, type Key } from '../../random/threefry.ts';
import { drawNodes, nodeByte, TREE_LEVELS, TREE_NODES } from './node-bytes.ts';

const TWO_16 = 2 ** 16;
const TWO_32 = 0x1_0000_0000;
/** Cells at the lower end of a tree. */
const LEAVES = TREE_NODES / 2;
const MOST_TREES = 3;
const FALL_UNIT = log(2);

const pair = new Uint32Array(2);
const one = new Float64Array(1);
const oneNumber = new Float64Array(1);

/** A tree whose sums were made: at its cells, of the trees above and of its own. */
interface Sums {
  owner: DyadicNoise | undefined;
  number: number;
  /** By node. */
  readonly at: Float64Array;
}

/** What was made last, whose ever it was; of the lowest trees first. */
const made: readonly Sums[] = Array.from({ length: MOST_TREES }, () => ({
  owner: undefined,
  number: -1,
  at: new Float64Array(TREE_NODES),
}));

export interface DyadicShape {
  /** Purposes of the words of cells, and of the phase. */
  readonly cell: number;
  readonly phase: number;
  /** The finest cells have 2^finest numbers. */
  readonly finest: number;
  /** Trees of six levels each: 1 to 3. */
  readonly trees: number;
  readonly fall: number;
}

/** Six levels: what a byte of theirs adds is `step * (byte - 127.5)`, of the root first. */
interface Tree {
  readonly key: Key;
  readonly steps: readonly number[];
}

export class DyadicNoise {
  /** The lowest trees first. */
  readonly #trees: readonly Tree[];
  readonly #phase: number;
  /** Of a number: a power of two. */
  readonly #cell: number;

  constructor(key: Key, { cell, phase, finest, trees, fall }: DyadicShape) {
    const variances = Array.from({ length: trees * TREE_LEVELS }, (_, k) =>
      exp(-fall * k * FALL_UNIT),
    );
    const sum = variances.reduce((all, variance) => all + variance, 0);
    // A byte's deviation is that of 256 equal steps.
    const steps = variances.map((variance) => Math.sqrt(variance / sum / ((TWO_16 - 1) / 12)));
    this.#trees = Array.from({ length: trees }, (_, n) => ({
      key: deriveKey(key, cell, n),
      steps: steps.slice(n * TREE_LEVELS, (n + 1) * TREE_LEVELS).reverse(),
    }));
    let cells = 1;
    for (let level = 0; level < trees * TREE_LEVELS; level++) cells *= 2;
    fillWords(pair, deriveKey(key, phase, 0), 0, 0);
    // Number -1 is before the first trade.
    this.#phase = 1 + Math.floor((pair[0]! / TWO_32) * cells);
    let length = 1;
    for (let level = 0; level < finest; level++) length *= 2;
    this.#cell = 1 / length;
  }

  /** The noise at a number from -1 on. */
  at(number: number): number {
    oneNumber[0] = number;
    this.fill(one, oneNumber, 0, 1);
    return one[0]!;
  }

  /** Fills `out[from .. next)` with the noise at `numbers` of the same places, which never fall. */
  fill(out: Float64Array, numbers: Float64Array, from: number, next: number): void {
    const { at } = made[0]!;
    const [scale, phase] = [this.#cell, this.#phase];
    let start = 0;
    let end = -1;

    for (let i = from; i < next; i++) {
      const place = Math.floor(numbers[i]! * scale) + phase;
      if (place >= end) {
        const tree = Math.floor(place / LEAVES);
        this.#make(0, tree);
        start = tree * LEAVES - LEAVES;
        end = tree * LEAVES + LEAVES;
      }
      out[i] = at[place - start]!;
    }
  }

  /** Makes the sums of tree `number` of a level those at hand. */
  #make(level: number, number: number): void {
    const sums = made[level]!;
    if (sums.owner === this && sums.number === number) return;
    sums.owner = undefined;
    let above = 0;
    if (level < this.#trees.length - 1) {
      // A cell at the lower end of the tree above is as long as two of these.
      const cell = Math.floor(number / 2);
      const upper = Math.floor(cell / LEAVES);
      this.#make(level + 1, upper);
      above = made[level + 1]!.at[LEAVES + cell - upper * LEAVES]!;
    }
    const { key, steps } = this.#trees[level]!;
    drawNodes(key, number);
    const { at } = sums;
    at[0] = above;
    for (let n = 0, first = 1; n < TREE_LEVELS; n++, first *= 2) addLevel(at, first, steps[n]!);
    sums.owner = this;
    sums.number = number;
  }
}

/** Makes the sums at the nodes `[first, 2 first)` of those above them. */
function addLevel(at: Float64Array, first: number, step: number): void {
  for (let node = first; node < 2 * first; node++) {
    at[node] = at[node >> 1]! + step * (nodeByte(node) - 127.5);
  }
}
