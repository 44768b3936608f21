import { BLOCK_ROWS } from '../grid.ts';
import { StillRows } from '../trading/still-rows.ts';
import type { Mids } from './mids.ts';
import { isConstant, liftAt, type Overlay } from './overlay.ts';
import type { Layout } from './places.ts';

/** Adds what is done to an instrument of the model `market` to the exponents of its mids. */
export class MovedMids {
  readonly #overlay: Overlay;
  readonly #still: StillRows | undefined;
  readonly #clockAt: (index: number) => number;

  /** `clockAt` is the activity before a row; `closes` says whether it ever stands still. */
  constructor(overlay: Overlay, closes: boolean, clockAt: (index: number) => number) {
    this.#overlay = overlay;
    this.#clockAt = clockAt;
    if (closes) this.#still = new StillRows(clockAt);
  }

  /** Adds it to the rows of the runs `[begin, end)` of the layout of `block`, just made. */
  add({ exponents, first }: Mids, layout: Layout, block: number, begin: number, end: number): void {
    const start = block * BLOCK_ROWS - first;
    const { still, from, next } = layout;
    if (this.#still === undefined) {
      this.#addRows(exponents, start, still[begin]!, next[end - 1]!);
      return;
    }
    for (let run = begin; run < end; run++) {
      this.#addStill(exponents, start, still[run]!, from[run]!, this.#still);
      this.#addRows(exponents, start, from[run]!, next[run]!);
    }
  }

  /** Of the rows `[from, next)`, of which row 0 is row `start` of the market. */
  #addRows(exponents: Float64Array, start: number, from: number, next: number): void {
    for (let at = from; at < next; ) {
      const spell = this.#overlay.spellAt(start + at);
      const stop = Math.min(next, spell.next - start);
      const { level, lift } = spell;
      if (level !== undefined) exponents.fill(level, at, stop);
      else if (!isConstant(spell)) {
        for (let i = at; i < stop; i++) {
          exponents[i]! += liftAt(spell, start + i, exponents[i]!);
        }
      } else if (lift !== 0) for (let i = at; i < stop; i++) exponents[i]! += lift;
      at = stop;
    }
  }

  /** Of rows at one place of a day: those of closed hours are as the first of them is. */
  #addStill(
    exponents: Float64Array,
    start: number,
    from: number,
    next: number,
    still: StillRows,
  ): void {
    if (from === next) return;
    const x = exponents[from]!;
    // Of those before row 0 nobody asks.
    const index = Math.max(0, start + from);
    const row = still.since(this.#clockAt(index), index);
    const spell = this.#overlay.spellAt(row);
    exponents.fill(spell.level ?? x + liftAt(spell, row, x), from, next);
  }
}
