/**
 * What is done to an instrument, as its model sees it: what is added to its coordinate before
 * prices are bounded and rounded. The coordinate is the logarithm of a price, in ticks; of `walk`
 * it is the free walk, a whole number of ticks; of `market` it is the exponent of the mid.
 *
 *     rows     0 ───────────── from ────────── next ──────────
 *     spells   nothing added   │ the same done to all of them │ ...
 */

/** Rows `[from, next)` in which the same is done. */
export interface Spell {
  readonly from: number;
  readonly next: number;
  /** What is added to all of them. */
  readonly lift: number;
  /** And what moves along a line: at row `from - 1`, and by how much a row. */
  readonly lineStart: number;
  readonly lineSlope: number;
  /** And a part of what the model itself has moved since its coordinate was `anchor`. */
  readonly part: number;
  readonly anchor: number;
  /** Times how wide spreads are, how much waits in the book, and how much is traded. */
  readonly spread: number;
  readonly depth: number;
  readonly volume: number;
  /** In rows that are held: where the coordinate stands, */
  readonly level: number | undefined;
  /** and the last price that they show. */
  readonly held: number | undefined;
}

export interface Overlay {
  /** The spell that row `index` lies in. */
  spellAt(index: number): Spell;
  /** The last row up to row `index` that is not held; row 0 if all are. */
  openRow(index: number): number;
}

/** Whether the same is added to all rows of a spell. */
export function isConstant({ lineStart, lineSlope, part }: Spell): boolean {
  return lineStart === 0 && lineSlope === 0 && part === 0;
}

/** Logarithms are added in whole parts of these: sums of them are exact in any order. */
const PARTS_PER_UNIT = 2 ** 40;

/** The nearest number of whole parts. */
export function wholeParts(value: number): number {
  return Math.floor(value * PARTS_PER_UNIT + 0.5) / PARTS_PER_UNIT;
}

/** What is added to row `index` of a spell, where the model itself has the logarithm `x`. */
export function liftAt(spell: Spell, index: number, x: number): number {
  const { from, lift, lineStart, lineSlope, part, anchor } = spell;
  const line = wholeParts(lineStart + lineSlope * (index - from + 1));
  return lift + line + wholeParts(part * (x - anchor));
}

/** The same in ticks, which are whole. */
export function ticksAt(spell: Spell, index: number, x: number): number {
  const { from, lift, lineStart, lineSlope, part, anchor } = spell;
  const line = Math.floor(lineStart + lineSlope * (index - from + 1) + 0.5);
  return lift + line + Math.floor(part * (x - anchor) + 0.5);
}
