/**
 * What is done to one instrument, cut into spells of rows in which the same is done. Each is worked
 * out when its rows are first wanted, from where the model itself stands at the row before it: from
 * the base alone, whatever else is done.
 */
import type { Overlay, Spell } from '../market/models/overlay.ts';
import type { Acts, Line } from './acts.ts';
import type { Coordinate } from './coordinate.ts';

/** Rows `[from, next)` in which halts hold an instrument, one after the other or at once. */
export interface Hold {
  readonly from: number;
  next: number;
  /** Whether the price goes on from where it stood: as the halt says that ends last. */
  isFrozen: boolean;
  /** Where the model stood at the row before, and what was added to it. */
  x: number;
  lift: number;
  /** What its rows show, once it is known. */
  shown: Shown | undefined;
}

/** What the rows of a hold show, and the first row behind it that has another price. */
export interface Shown {
  readonly last: number;
  readonly bid: number;
  readonly ask: number;
  readonly until: number;
}

/** A spell as it is worked out. */
interface Made extends Spell {
  next: number;
  lift: number;
  lineStart: number;
  lineSlope: number;
  part: number;
  anchor: number;
  level: number | undefined;
  held: number | undefined;
  readonly hold: Hold | undefined;
}

/** Where the model of an instrument stands at some rows, which only grow. */
export type ReadBase = (out: Float64Array, indexes: readonly number[]) => void;

/** Spells whose rows of the base are read between two yields: a block each, or fewer. */
const SPELLS_PER_STEP = 8;

export class Spells implements Overlay {
  readonly #coordinate: Coordinate;
  readonly #readBase: ReadBase;
  /** Where the model stands, of the rows that were asked for. */
  readonly #base = new Map<number, number>();
  #spells: Made[] = [];
  #holds: readonly Hold[] = [];
  /** How many spells are worked out, and what there was of them when the last one was. */
  #many = 0;
  #lines: Line[] = [];
  #starts: ReadonlySet<number> = new Set();
  #begun = 0;
  #moving: Moving[] = [];
  #done = 0;
  #last = 0;

  constructor(coordinate: Coordinate, readBase: ReadBase) {
    this.#coordinate = coordinate;
    this.#readBase = readBase;
  }

  /** Takes what is done from now on. */
  set(acts: Acts): void {
    this.#holds = holdsOf(acts);
    this.#spells = spellsOf(acts, this.#holds);
    this.#lines = [...acts.lines].sort(byStart);
    this.#starts = new Set(acts.lines.map(({ at }) => at));
    this.#begun = 0;
    this.#moving = [];
    this.#done = 0;
    this.#many = 1;
    this.#last = 0;
  }

  /** The first row to which anything is done. */
  get from(): number {
    return this.#spells[0]!.next;
  }

  get holds(): readonly Hold[] {
    return this.#holds;
  }

  /** One after the other. */
  get all(): readonly (Spell & { readonly hold: Hold | undefined })[] {
    return this.#spells;
  }

  /** The spell of row `index`, which must be worked out. */
  spellAt(index: number): Made {
    const spells = this.#spells;
    const last = spells[this.#last]!;
    if (index >= last.from && index < last.next) return last;
    let [low, high] = [0, spells.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (spells[middle]!.from <= index) low = middle;
      else high = middle;
    }
    this.#last = low;
    return spells[low]!;
  }

  openRow(index: number): number {
    const { hold } = this.spellAt(index);
    return hold === undefined ? index : Math.max(0, hold.from - 1);
  }

  /** Says what rows of a hold show. */
  show(hold: Hold, shown: Shown): void {
    hold.shown = shown;
    const { from, next } = hold;
    for (let at = from; at < next; ) {
      const spell = this.spellAt(at);
      spell.held = shown.last;
      at = spell.next;
    }
  }

  /** Works out the spells of rows before `next`. */
  settle(next: number): void {
    while (this.#isBehind(next)) this.#settleSome(next);
  }

  /** The same; yields after a few of them. */
  *settling(next: number): Generator<void, void, void> {
    while (this.#isBehind(next)) {
      this.#settleSome(next);
      yield;
    }
  }

  /** Whether a spell before row `next` is not worked out. */
  #isBehind(next: number): boolean {
    return this.#many < this.#spells.length && this.#spells[this.#many]!.from < next;
  }

  #settleSome(next: number): void {
    const end = Math.min(this.#spells.length, this.#many + SPELLS_PER_STEP);
    let stop = this.#many + 1;
    while (stop < end && this.#spells[stop]!.from < next) stop++;
    this.#learn(this.#many, stop);
    for (; this.#many < stop; this.#many++) this.#work(this.#many);
  }

  /** Reads where the model stands before the spells `[from, next)` that need it. */
  #learn(from: number, next: number): void {
    const rows: number[] = [];
    for (let n = from; n < next; n++) {
      const row = Math.max(0, this.#spells[n]!.from - 1);
      if (!this.#base.has(row) && this.#needsBase(n) && rows.at(-1) !== row) rows.push(row);
    }
    if (rows.length === 0) return;
    const found = new Float64Array(rows.length);
    this.#readBase(found, rows);
    for (const [n, row] of rows.entries()) this.#base.set(row, found[n]!);
  }

  #needsBase(n: number): boolean {
    const [before, spell] = [this.#spells[n - 1]!, this.#spells[n]!];
    if (before.part !== 0 || spell.part !== 0 || before.hold !== spell.hold) return true;
    return this.#starts.has(spell.from);
  }

  #work(n: number): void {
    const coordinate = this.#coordinate;
    const [before, spell] = [this.#spells[n - 1]!, this.#spells[n]!];
    const { from } = spell;
    const x = this.#base.get(Math.max(0, from - 1)) ?? Number.NaN;
    const stood = coordinate.liftAt(before, from - 1, x);
    // What the model moved times a factor stays, and what goes on does so from there.
    if (before.part !== 0) this.#done += coordinate.whole(before.part * (x - before.anchor));
    spell.anchor = spell.part === 0 ? 0 : x;
    if (before.hold !== spell.hold && before.hold?.isFrozen === true) {
      this.#done -= stood - before.hold.lift + coordinate.whole(x - before.hold.x);
    }
    this.#move(spell);
    const { hold } = spell;
    if (hold === undefined) return;
    if (hold !== before.hold) {
      hold.x = x;
      hold.lift = from === 0 ? coordinate.liftAt(spell, 0, x) : stood;
    }
    spell.level = hold.x + hold.lift;
  }

  /** Has the lines go on that have begun and not ended yet. */
  #move(spell: Made): void {
    const { from } = spell;
    while (this.#lines[this.#begun]?.from === from) {
      const line = this.#lines[this.#begun++]!;
      const x = this.#base.get(Math.max(0, line.at - 1))!;
      const amount = this.#coordinate.percent(line.percent, line.times, x);
      this.#moving.push({ line, amount });
    }
    const ended = this.#moving.filter(({ line }) => line.next <= from);
    for (const { amount } of ended) this.#done += amount;
    if (ended.length > 0) this.#moving = this.#moving.filter(({ line }) => line.next > from);
    let [start, slope] = [0, 0];
    for (const { line, amount } of this.#moving) {
      const rows = line.next - line.from;
      start += (amount * (from - line.from)) / rows;
      slope += amount / rows;
    }
    spell.lineStart = start;
    spell.lineSlope = slope;
    spell.lift = this.#done;
  }
}

interface Moving {
  readonly line: Line;
  readonly amount: number;
}

/** So that sums of what moves are the same whatever was written down first. */
function byStart(a: Line, b: Line): number {
  return a.from - b.from || a.next - b.next || a.percent - b.percent || a.times - b.times;
}

function holdsOf({ halts }: Acts): Hold[] {
  const holds: Hold[] = [];
  for (const halt of [...halts].sort((a, b) => a.from - b.from)) {
    const { from, next, isFrozen } = halt;
    const hold = holds.at(-1);
    if (hold === undefined || from > hold.next) {
      holds.push({ from, next, isFrozen, x: Number.NaN, lift: Number.NaN, shown: undefined });
    } else if (next > hold.next) Object.assign(hold, { next, isFrozen });
    else if (next === hold.next) hold.isFrozen ||= isFrozen;
  }
  return holds;
}

/** The spells, of which is known what needs no base. */
function spellsOf({ lines, factors, liquidities }: Acts, holds: readonly Hold[]): Made[] {
  const all = [...lines, ...factors, ...liquidities, ...holds];
  const cuts = [...new Set(all.flatMap(({ from, next }) => [from, next]))].sort((a, b) => a - b);
  const ends = [...cuts, Number.POSITIVE_INFINITY];
  const factorsAt = inForce(factors);
  const liquiditiesAt = inForce(liquidities);
  let hold = 0;
  return [0, ...cuts].map((from, n) => {
    while (hold < holds.length && holds[hold]!.next <= from) hold++;
    const isHeld = hold < holds.length && holds[hold]!.from <= from;
    const liquid = liquiditiesAt(from);
    const times = (of: 'spread' | 'depth' | 'volume') => productOf(liquid.map((one) => one[of]));
    return {
      from,
      next: ends[n]!,
      lift: n === 0 ? 0 : Number.NaN,
      lineStart: 0,
      lineSlope: 0,
      part: factorsAt(from).reduce((sum, { part }) => sum + part, 0),
      anchor: 0,
      spread: times('spread'),
      depth: times('depth'),
      volume: times('volume'),
      level: undefined,
      held: undefined,
      hold: isHeld ? holds[hold] : undefined,
    };
  });
}

/** Those of `ranges` that hold a row; rows are asked for one after the other. */
function inForce<R extends { readonly from: number; readonly next: number }>(
  ranges: readonly R[],
): (row: number) => readonly R[] {
  const sorted = [...ranges].sort((a, b) => a.from - b.from);
  let begun = 0;
  let active: R[] = [];
  return (row) => {
    if (active.some(({ next }) => next <= row)) active = active.filter(({ next }) => next > row);
    for (; begun < sorted.length && sorted[begun]!.from <= row; begun++) {
      if (sorted[begun]!.next > row) active.push(sorted[begun]!);
    }
    return active;
  };
}

/** The same whatever was written down first: products of floats hang on their order. */
function productOf(factors: number[]): number {
  return factors.sort((a, b) => a - b).reduce((product, factor) => product * factor, 1);
}
