/** What remains when room is made: a map finds its oldest entry slowly after many deletions. */
const KEPT_PART = 0.75;

interface Entry<Value> {
  readonly value: Value;
  readonly bytes: number;
}

/** Values of any size within a budget of bytes: those that were used last. */
export class ByteCache<Key, Value> {
  /** The least recently used first. */
  readonly #entries = new Map<Key, Entry<Value>>();
  readonly #budgetBytes: number;
  #bytes = 0;

  constructor(budgetBytes: number) {
    this.#budgetBytes = budgetBytes;
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
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  /** Keeps a value that takes so many bytes, unless they are more than the budget. */
  set(key: Key, value: Value, bytes: number): void {
    this.#delete(key);
    if (bytes > this.#budgetBytes) return;
    if (this.#bytes + bytes > this.#budgetBytes) this.#makeRoom(bytes);
    this.#entries.set(key, { value, bytes });
    this.#bytes += bytes;
  }

  /** Forgets what `isForgotten` says of its key. */
  forget(isForgotten: (key: Key) => boolean): void {
    for (const key of this.#entries.keys()) {
      if (isForgotten(key)) this.#delete(key);
    }
  }

  #makeRoom(bytes: number): void {
    const most = Math.min(KEPT_PART * this.#budgetBytes, this.#budgetBytes - bytes);
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
