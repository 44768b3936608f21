interface Entry<Value> {
  readonly value: Value;
  readonly bytes: number;
  /** How many had been put last before it was. */
  turn: number;
}

/** A value is put last again once as many others were as are this part of all. */
const AGAIN = 1 / 4;

/**
 * Values of any size within a budget of bytes: those that were used last, where the order of the
 * newest quarter does not count.
 */
export class ByteCache<Key, Value> {
  /** The least recently used first. */
  readonly #entries = new Map<Key, Entry<Value>>();
  readonly #budgetBytes: number;
  readonly #keptBytes: number;
  #bytes = 0;
  #turn = 0;

  /**
   * When room is made, `keptPart` of the budget remains at most. Less than all is for thousands of
   * values: a map finds its oldest entry slowly after many deletions.
   */
  constructor(budgetBytes: number, keptPart = 1) {
    this.#budgetBytes = budgetBytes;
    this.#keptBytes = keptPart * budgetBytes;
  }

  /** What all that is kept takes: at most the budget. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether a value is kept. It counts as no use of it. */
  has(key: Key): boolean {
    return this.#entries.has(key);
  }

  /** The value, if it is kept. */
  get(key: Key): Value | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    // A map passes all places that a key has left when it is set again: one in use must not.
    if (this.#turn - entry.turn > AGAIN * this.#entries.size) {
      this.#entries.delete(key);
      this.#turn += 1;
      entry.turn = this.#turn;
      this.#entries.set(key, entry);
    }
    return entry.value;
  }

  /** Keeps a value that takes so many bytes, unless they are more than the budget. */
  set(key: Key, value: Value, bytes: number): void {
    this.#delete(key);
    if (bytes > this.#budgetBytes) return;
    if (this.#bytes + bytes > this.#budgetBytes) this.#makeRoom(bytes);
    this.#turn += 1;
    this.#entries.set(key, { value, bytes, turn: this.#turn });
    this.#bytes += bytes;
  }

  /** Forgets what `isForgotten` says of its key. */
  forget(isForgotten: (key: Key) => boolean): void {
    for (const key of this.#entries.keys()) {
      if (isForgotten(key)) this.#delete(key);
    }
  }

  #makeRoom(bytes: number): void {
    const most = Math.min(this.#keptBytes, this.#budgetBytes - bytes);
    for (const key of this.#entries.keys()) {
      if (this.#bytes <= most) break;
      this.#delete(key);
    }
  }

  #delete(key: Key): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#bytes -= entry.bytes;
  }
}
