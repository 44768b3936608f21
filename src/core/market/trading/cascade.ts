/**
 * A cascade that keeps time, in whole numbers. It maps one time to another that runs faster here
 * and slower there. A cell of time is cut in half, and one half is given more of what the cell has
 * than the other, by a random part; each half is cut again, down to the leaves:
 *
 *     a cell has          mass
 *     its halves have     floor(mass share)  |  the rest         share uniform on (1 +- depth) / 2
 *
 * The longest cells, the trunks, have as much as they are long. So the whole keeps time, and any
 * place is read without what came before. As all of it is whole numbers, what is later is never
 * mapped to what is earlier, however far away that is.
 *
 * Cells are cut in trees of six levels, of which the lowest may have fewer. A finer cascade has
 * more of them, below the same ones.
 */
import { deriveKey, type Key } from '../../random/threefry.ts';
import { drawNodes, nodeByte, TREE_LEVELS, TREE_NODES } from './node-bytes.ts';

/** What a trunk has. */
const MASS = 2 ** 50;
const MOST_TREES = 6;

interface Tree {
  readonly key: Key;
  /** Of each level: the share of a left half is `least + byte * step`. */
  readonly least: readonly number[];
  readonly step: readonly number[];
}

/** A tree that was cut: the mass before each cell at its lower end, from its trunk on. */
interface Cut {
  owner: Cascade | undefined;
  number: number;
  readonly before: Float64Array;
}

/** What was cut last, whose ever it was; of trunks first. */
const cuts: readonly Cut[] = Array.from({ length: MOST_TREES }, () => ({
  owner: undefined,
  number: -1,
  before: new Float64Array(TREE_NODES + 1),
}));
const masses = new Float64Array(2 * TREE_NODES);
const one = new Float64Array(1);

export class Cascade {
  /** Of trunks first. */
  readonly #trees: readonly Tree[];
  /** Leaves of a trunk, and of one of the lowest trees. */
  readonly trunk: number;
  readonly #leaves: number;

  /** Halves are as uneven as `depths` says, of each level, longest cells first: at most 36. */
  constructor(key: Key, purpose: number, depths: readonly number[]) {
    const trees: Tree[] = [];
    let trunk = 1;
    let leaves = 1;
    for (let from = 0; from < depths.length; from += TREE_LEVELS) {
      const own = depths.slice(from, from + TREE_LEVELS);
      // As long as nothing is uneven, cells are as good as trunks.
      if (trees.length === 0 && own.every((depth) => depth === 0)) continue;
      trees.push({
        key: deriveKey(key, purpose, from / TREE_LEVELS),
        least: own.map((depth) => 0.5 - (depth * 255) / 512),
        step: own.map((depth) => depth / 256),
      });
      leaves = 1 << own.length;
      trunk *= leaves;
    }
    this.#trees = trees;
    this.trunk = trunk;
    this.#leaves = leaves;
  }

  /** Where a time is mapped to. Both are in leaves, and at least 0. 1 us, unless near the last. */
  at(time: number): number {
    one[0] = time;
    this.map(one, 0, 1);
    return one[0]!;
  }

  /** Maps the times `[from, next)`, which never fall, in place. 6 ns each, if each has a leaf. */
  map(times: Float64Array, from: number, next: number): void {
    const lowest = this.#trees.length - 1;
    if (lowest < 0) return;
    const { before } = cuts[lowest]!;
    const { trunk } = this;
    const leaves = this.#leaves;
    const unit = trunk / MASS;
    let trunkStart = 0;
    let start = 0;
    let end = 0;

    for (let n = from; n < next; n++) {
      const time = times[n]!;
      if (time >= end) {
        const number = Math.floor(time / leaves);
        this.#cut(lowest, number);
        start = number * leaves;
        end = start + leaves;
        trunkStart = Math.floor(time / trunk) * trunk;
      }
      const place = time - start;
      const leaf = place | 0;
      const mass = before[leaf]!;
      const inside = Math.floor((before[leaf + 1]! - mass) * (place - leaf));
      times[n] = trunkStart + unit * (mass + inside);
    }
  }

  /** Makes tree `number` of those that are as far down the one that is cut. */
  #cut(down: number, number: number): void {
    const cut = cuts[down]!;
    if (cut.owner === this && cut.number === number) return;
    const { before } = cut;
    cut.owner = undefined;
    if (down === 0) {
      before[0] = 0;
      masses[1] = MASS;
    } else {
      const upper = Math.floor(number / TREE_NODES);
      // This is what cuts other trees: first of all.
      this.#cut(down - 1, upper);
      const from = cuts[down - 1]!.before;
      const at = number - upper * TREE_NODES;
      before[0] = from[at]!;
      masses[1] = from[at + 1]! - from[at]!;
    }
    const { key, least, step } = this.#trees[down]!;
    const levels = least.length;
    drawNodes(key, number, levels);
    for (let level = 0, first = 1; level < levels; level++, first *= 2) {
      halve(first, least[level]!, step[level]!);
    }
    const cells = 1 << levels;
    for (let cell = 0, sum = before[0]!; cell < cells; cell++) {
      sum += masses[cells + cell]!;
      before[cell + 1] = sum;
    }
    cut.owner = this;
    cut.number = number;
  }
}

/** Cuts the nodes `[first, 2 first)` in half. */
function halve(first: number, least: number, step: number): void {
  for (let node = first; node < 2 * first; node++) {
    const mass = masses[node]!;
    const left = Math.floor(mass * (least + step * nodeByte(node)));
    masses[2 * node] = left;
    masses[2 * node + 1] = mass - left;
  }
}
