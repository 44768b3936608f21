import type { History } from '../../../core/history/history.ts';
import type { Made } from '../../../host/http/responder.ts';

/** What all may take: answers of some thousand instruments in some ways. */
const MOST_BYTES = 8 * 2 ** 20;
/** A map's entry, a tag and headers. */
const ENTRY_BYTES = 1024;

/** Answers of the newest row, made once for all who ask for the same before the next one comes. */
export class NewestAnswers {
  readonly #history: History;
  readonly #answers = new Map<string, Made>();
  #head = 0;
  #bytes = 0;

  constructor(history: History) {
    this.#history = history;
  }

  get(etag: string): Made | undefined {
    return this.#history.head === this.#head ? this.#answers.get(etag) : undefined;
  }

  /** Keeps what was made when the head was `head`, if that is where it is; gives it. */
  keep(head: number, etag: string, made: Made): Made {
    if (head !== this.#history.head) return made;
    if (head !== this.#head) {
      this.#head = head;
      this.#answers.clear();
      this.#bytes = 0;
    }
    const bytes = made.pieces.reduce((sum, { byteLength }) => sum + byteLength, ENTRY_BYTES);
    if (this.#bytes + bytes <= MOST_BYTES && !this.#answers.has(etag)) {
      this.#answers.set(etag, made);
      this.#bytes += bytes;
    }
    return made;
  }
}
