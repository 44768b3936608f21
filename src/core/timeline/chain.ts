import { describeEffect } from '../market/entries/effects.ts';
import type { Entry } from '../market/entries/entry.ts';
import { deriveKeyOfText, type Key } from '../random/threefry.ts';

/** The letters `timeline`, so that no other use of the generator makes the same hash. */
const CHAIN_KEY: Key = { k0: 0x656d6974, k1: 0x656e696c };

/** An id, and the first row that it is in force at. */
interface Link {
  readonly id: string;
  readonly from: number;
}

/**
 * The ids of a market to which things are done: each entry makes the next, in the order in which
 * they take effect.
 *
 *     rows   0 ────────── entry ──────── entry ──────────
 *     ids    the market's │ its hash     │ the hash of that and this
 *
 * An id speaks for the rows before the entry that ended it, and for no others: who follows a market
 * without that entry has it too, beyond its end.
 */
export class Chain {
  readonly #links: Link[];

  constructor(marketId: string) {
    this.#links = [{ id: marketId, from: 0 }];
  }

  /** Makes the ids of `entries` anew, in the order in which they take effect, from one on. */
  link(entries: readonly Entry[], first: number): void {
    this.#links.length = first + 1;
    for (const entry of entries.slice(first)) {
      this.#links.push({ id: nextId(this.id, entry), from: entry.index });
    }
  }

  /** The newest id, in force already or not. */
  get id(): string {
    return this.#links.at(-1)!.id;
  }

  /** The id in force at row `index`. */
  idAt(index: number): string {
    return this.#links[this.#placeAt(index)]!.id;
  }

  /** The first row after row `index` at which another id is in force than at that; or Infinity. */
  nextChange(index: number): number {
    return this.#links[this.#placeAt(index) + 1]?.from ?? Number.POSITIVE_INFINITY;
  }

  /**
   * The first row that `id` does not speak for: Infinity for the newest, undefined if the chain
   * does not have it.
   */
  endOf(id: string): number | undefined {
    const place = this.#links.findIndex((link) => link.id === id);
    if (place < 0) return undefined;
    return this.#links[place + 1]?.from ?? Number.POSITIVE_INFINITY;
  }

  #placeAt(index: number): number {
    let [low, high] = [0, this.#links.length];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.#links[middle]!.from <= index) low = middle;
      else high = middle;
    }
    return low;
  }
}

/** What decides prices, and nothing else: an entry under another key is the same market. */
function nextId(id: string, { index, effects }: Entry): string {
  const decisive = JSON.stringify([id, index, effects.map(describeEffect)]);
  const { k0, k1 } = deriveKeyOfText(CHAIN_KEY, decisive);
  return [k0, k1].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}
