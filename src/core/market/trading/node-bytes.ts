/**
 * A byte for each node of a small tree: what trees of random numbers are read by.
 *
 *     node 1 is the root, nodes 2 h and 2 h + 1 are below node h, 63 nodes on six levels
 *
 * Eight counters hold them, so a tree is had at the price of eight draws, whether one place of it
 * is read or all are, one after the other.
 */
import { fillWords, type Key } from '../../random/threefry.ts';

/** Levels of a tree. */
export const TREE_LEVELS = 6;
/** One more than its nodes, which are numbered from 1 on. */
export const TREE_NODES = 1 << TREE_LEVELS;
const COUNTERS = TREE_NODES / 8;
const TWO_32 = 0x1_0000_0000;

const words = new Uint32Array(2 * COUNTERS);

/**
 * Makes the nodes of tree `number`, which is at least 0, those that `nodeByte` reads; if so many
 * levels are enough, not all of them.
 */
export function drawNodes(key: Key, number: number, levels = TREE_LEVELS): void {
  const many = 2 * Math.max(1, (1 << levels) >> 3);
  const high = Math.floor(number / (TWO_32 / COUNTERS));
  fillWords(words, key, (number * COUNTERS) | 0, high | 0, many);
}

/** The byte of a node, 1 to 63, of the tree that was drawn last. */
export function nodeByte(node: number): number {
  return (words[node >> 2]! >>> ((node & 3) << 3)) & 0xff;
}
