import { ByteCache } from '../../core/market/byte-cache.ts';
import type { Made } from './responder.ts';

/** A key, an entry of a map, headers. */
const ENTRY_BYTES = 1024;
/** What is smaller may lie in Node's pool, and would keep all of that. */
const POOLED_BYTES = 4096;
/** An answer that takes more of the budget would have too many others forgotten. */
const MOST_PART = 1 / 4;

interface Readers {
  count: number;
}

/** An answer that is being made. */
interface Making {
  readonly made: Promise<Made>;
  /** Those who are still there to get it. */
  readonly readers: Readers;
}

/** One who waits for an answer: `then` is called once, when it has left. */
export interface Asker {
  onGone(then: () => void): void;
}

/**
 * Answers by what decides their bytes. One that can never change is kept for the next who asks; one
 * that is being made is made once for all who ask meanwhile, and no longer if all have left.
 */
export class AnswerCache {
  readonly #budgetBytes: number;
  readonly #kept: ByteCache<string, Made>;
  readonly #making = new Map<string, Making>();
  #reused = 0;

  constructor(budgetBytes: number) {
    this.#budgetBytes = budgetBytes;
    this.#kept = new ByteCache(budgetBytes);
  }

  /** What all that is kept takes. */
  get keptBytes(): number {
    return this.#kept.bytes;
  }

  /** Answers that were at hand, or were being made for somebody else. */
  get reused(): number {
    return this.#reused;
  }

  /** Whether an answer costs nothing to make: it is at hand, or on its way. */
  has(key: string): boolean {
    return this.#kept.has(key) || this.#making.has(key);
  }

  /**
   * The answer, or a promise of it while it is being made. Calls `make` if it is not kept and
   * nobody makes it; `isWanted` says whether anyone still waits. Fails as `make` does.
   */
  get(
    key: string,
    isFinal: boolean,
    asker: Asker,
    make: (isWanted: () => boolean) => Made | Promise<Made>,
  ): Made | Promise<Made> {
    const kept = this.#kept.get(key);
    if (kept !== undefined) {
      this.#reused += 1;
      return kept;
    }
    const making = this.#making.get(key);
    if (making === undefined) return this.#begin(key, isFinal, asker, make);
    this.#reused += 1;
    making.readers.count += 1;
    leaving(making.readers, asker);
    return making.made;
  }

  #begin(
    key: string,
    isFinal: boolean,
    asker: Asker,
    make: (isWanted: () => boolean) => Made | Promise<Made>,
  ): Made | Promise<Made> {
    const readers = { count: 1 };
    const begun = make(() => readers.count > 0);
    if (!(begun instanceof Promise)) {
      if (isFinal) this.#keep(key, begun);
      return begun;
    }
    const made = begun
      .then((answer) => {
        if (isFinal) this.#keep(key, answer);
        return answer;
      })
      .finally(() => this.#making.delete(key));
    this.#making.set(key, { made, readers });
    leaving(readers, asker);
    return made;
  }

  #keep(key: string, { pieces, headers }: Made): void {
    const length = pieces.reduce((sum, { byteLength }) => sum + byteLength, 0);
    const bytes = ENTRY_BYTES + length;
    if (bytes > MOST_PART * this.#budgetBytes) return;
    const own = length <= POOLED_BYTES ? [Uint8Array.from(Buffer.concat(pieces))] : pieces;
    this.#kept.set(key, { pieces: own, headers }, bytes);
  }
}

/** Has one of `readers` counted until it leaves. */
function leaving(readers: Readers, asker: Asker): void {
  asker.onGone(() => {
    readers.count -= 1;
  });
}
