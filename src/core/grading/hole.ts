import type { Strike } from '../faults/strike.ts';
import { isBreaking } from './causes.ts';

/** Rows before a connection broke that were on their way, and may be lost with it. */
export const ON_THEIR_WAY = 4;

/** A strike, and the row that it is on. */
export interface StrikeAt {
  readonly strike: Strike;
  readonly index: number;
}

/**
 * Records that are missing one after the other, and what broke among them. Each row of the hole is
 * told in order, what breaks there before what is lacking.
 */
export class Hole {
  /** The newest row that is known of it. */
  lastRow = -1;
  /** Whether rows may wait for long in its connection. */
  readonly #isPaced: boolean;
  #broken: StrikeAt | undefined;
  #waits: StrikeAt | undefined;
  /** What broke or waited last. */
  #last: StrikeAt | undefined;
  #hasEnded = false;
  /** Whether something is missing for what broke. */
  #isBlamed = false;
  /** Rows of records that were missing before anything broke. */
  #open: number[] = [];

  constructor(isPaced: boolean) {
    this.#isPaced = isPaced;
  }

  breaks(at: StrikeAt): void {
    // What is behind the hole may still have taken the end of it along.
    if (!this.#hasEnded) this.#last = at;
    if (!isBreaking(at.strike)) {
      if (!this.#hasEnded) this.#waits ??= at;
      return;
    }
    if (this.#broken !== undefined) return;
    this.#broken = at;
    // What still waited, or was on its way, is lost with the connection.
    const waitsFrom = this.#isPaced ? 0 : (this.#waits?.index ?? at.index);
    const from = Math.min(waitsFrom, at.index - ON_THEIR_WAY);
    const left = this.#open.filter((index) => index < from);
    this.#isBlamed = left.length < this.#open.length;
    this.#open = left;
  }

  /** Says that nothing is missing behind the last row. */
  ends(): void {
    this.#hasEnded = true;
  }

  /** Notes the row of a record that is missing, without anything having been done to itself. */
  lacks(index: number): void {
    this.lastRow = index;
    if (this.#broken === undefined) this.#open.push(index);
    else this.#isBlamed = true;
  }

  /** What is to be blamed, and how many records are missing without anything to blame. */
  judged(): { readonly blamed: readonly StrikeAt[]; readonly without: number } {
    const blamed: StrikeAt[] = [];
    if (this.#isBlamed) blamed.push(this.#broken!);
    let open = this.#open;
    const last = this.#last;
    // An answer that was asked for at the last row told of all of them.
    if (open.length > 0 && last !== undefined && last.index === this.lastRow) {
      blamed.push(last);
      return { blamed, without: 0 };
    }
    const waits = this.#waits;
    if (this.#broken === undefined && waits !== undefined) {
      const left = open.filter((index) => index < waits.index);
      if (left.length < open.length) blamed.push(waits);
      open = left;
    }
    return { blamed, without: open.length };
  }
}
