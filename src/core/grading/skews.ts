import type { Strike } from '../faults/strike.ts';
import type { Truth } from './truth.ts';

/** Places before and behind the one that is due, of which one may have come at another time. */
const MOST_AWAY = 2 ** 10;
/** Records that are remembered to have come at another time, of each symbol. */
const MOST_SKEWED = 2 ** 10;

/** Which records of a symbol came at another time, and what follows of it. */
export class Skewed {
  readonly column: number;
  /** By the place whose record it was, the place behind the time that it came at. */
  readonly #places = new Map<number, number>();

  constructor(column: number) {
    this.column = column;
  }

  has(place: number): boolean {
    return this.#places.has(place);
  }

  add(place: number, behind: number): void {
    const [oldest] = this.#places.keys();
    if (this.#places.size >= MOST_SKEWED && oldest !== undefined) this.#places.delete(oldest);
    this.#places.set(place, behind);
  }

  /** Whether one of the places `[from, place)` came at the time of this place, or a later one. */
  reaches(place: number, from: number): boolean {
    if (this.#places.size === 0) return false;
    for (let at = place - 1; at >= from; at--) if ((this.#places.get(at) ?? 0) > place) return true;
    return false;
  }
}

/** A record that came at another time: its place, and what struck it. */
export interface SkewedRecord {
  readonly place: number;
  readonly index: number;
  readonly strikes: readonly Strike[];
}

/** Finds records whose time is off by what struck their rows. Of trades it is no part of a key. */
export class Skews {
  readonly #truth: Truth;
  readonly #strikesOn: (index: number) => readonly Strike[];
  /** The most that a time can be off by; 0 if none can. */
  readonly #mostMs: number;

  constructor(truth: Truth, mostMs: number, strikesOn: (index: number) => readonly Strike[]) {
    this.#truth = truth;
    this.#mostMs = truth.what === 'trades' ? 0 : mostMs;
    this.#strikesOn = strikesOn;
  }

  /** The record that came at `key` while the place `due` was to come; undefined if none can. */
  find(skewed: Skewed, key: number, due: number): SkewedRecord | undefined {
    if (this.#mostMs === 0) return undefined;
    const truth = this.#truth;
    const { column } = skewed;
    const [first, end] = truth.placesIn(column, key - this.#mostMs - 1, key + this.#mostMs);
    const from = Math.max(first, (due < 0 ? end : due) - MOST_AWAY);
    const next = Math.min(end, due < 0 ? end : due + MOST_AWAY);
    for (let place = from; place < next; place++) {
      const index = truth.rowOf(column, place);
      const strikes = this.#strikesOn(index).filter(({ kind }) => kind === 'skew');
      const ms = strikes.reduce((sum, strike) => sum + (strike.kind === 'skew' ? strike.ms : 0), 0);
      if (strikes.length === 0 || truth.keyOf(column, place) + ms !== key) continue;
      const [, behind] = truth.placesIn(column, truth.keyOf(column, place) - 1, key);
      skewed.add(place, behind);
      return { place, index, strikes };
    }
    return undefined;
  }

  /**
   * Whether a place is no later than the time at which a record before it came: who takes that for
   * true has such rows late, or twice, or throws them away.
   */
  reaches(skewed: Skewed, place: number): boolean {
    if (this.#mostMs === 0) return false;
    const key = this.#truth.keyOf(skewed.column, place);
    const [from] = this.#truth.placesIn(skewed.column, key - this.#mostMs - 1, key);
    return skewed.reaches(place, Math.max(from, place - MOST_AWAY));
  }
}
