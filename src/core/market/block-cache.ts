import { BLOCK_ROWS } from './grid.ts';

/** Owners times this, plus a block, is a key: more blocks than a market has. */
const BLOCKS = 2 ** 32;

/** The key of a block of a column, or of another owner that is a number. */
export function blockKey(owner: number, block: number): number {
  return owner * BLOCKS + block;
}

/**
 * As many values of one size as there is room for, those that were used last. One that makes room
 * is filled again as another: in a cache that is full nothing is allocated.
 */
export class BlockCache<Key, Value> {
  /** The least recently used first. */
  readonly #values = new Map<Key, Value>();
  readonly #most: number;
  readonly #newValue: () => Value;

  /** Holds up to `most` values, at least one. */
  constructor(most: number, newValue: () => Value) {
    this.#most = Math.max(1, Math.floor(most));
    this.#newValue = newValue;
  }

  /** How many values there is room for. */
  get most(): number {
    return this.#most;
  }

  /** Whether a value is kept. It counts as no use of it. */
  has(key: Key): boolean {
    return this.#values.has(key);
  }

  /** The value, if it is kept. */
  get(key: Key): Value | undefined {
    const value = this.#values.get(key);
    if (value === undefined) return undefined;
    this.#values.delete(key);
    this.#values.set(key, value);
    return value;
  }

  /** The value, as it is kept or as `fill` makes it. What `fill` is given was another's before. */
  take(key: Key, fill: (value: Value) => void): Value {
    const kept = this.get(key);
    if (kept !== undefined) return kept;
    const value = this.#room();
    // Where it throws nothing is kept.
    fill(value);
    this.#values.set(key, value);
    return value;
  }

  /** Forgets what `isForgotten` says of its key. */
  forget(isForgotten: (key: Key) => boolean): void {
    for (const key of this.#values.keys()) {
      if (isForgotten(key)) this.#values.delete(key);
    }
  }

  #room(): Value {
    if (this.#values.size < this.#most) return this.#newValue();
    const [oldest, value] = this.#values.entries().next().value!;
    this.#values.delete(oldest);
    return value;
  }
}

/** Forgets the blocks that hold rows from `index` on, of a cache whose keys are `blockKey`s. */
export function forgetBlocksFrom(cache: BlockCache<number, unknown>, index: number): void {
  const first = Math.floor(index / BLOCK_ROWS);
  cache.forget((key) => key % BLOCKS >= first);
}
