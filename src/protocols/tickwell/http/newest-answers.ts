import type { History } from '../../../core/history/history.ts';
import type { Made, Plan } from '../../../host/http/responder.ts';

/** What all may take: answers of some thousand instruments in some ways. */
const MOST_BYTES = 8 * 2 ** 20;
/** A map's entry, a tag and headers. */
const ENTRY_BYTES = 1024;
/** Ways to ask that are kept, each with the plan that it comes to. */
const MOST_ASKED_BYTES = 2 ** 20;

/** Answers of the newest row, made once for all who ask for the same before the next one comes. */
export class NewestAnswers {
  readonly #history: History;
  readonly #answers = new Map<string, Made>();
  /** By all that a request says of what it wants, as it says it. */
  readonly #asked = new Map<string, Plan>();
  #head = 0;
  #bytes = 0;
  #askedBytes = 0;

  constructor(history: History) {
    this.#history = history;
  }

  get(etag: string): Made | undefined {
    return this.#isNewest ? this.#answers.get(etag) : undefined;
  }

  /** What was planned for a request that said the same, since the newest row came. */
  planOf(asked: string): Plan | undefined {
    return this.#isNewest ? this.#asked.get(asked) : undefined;
  }

  /** Keeps the plan of an answer that was made, for who says the same; gives it. */
  keepPlan(asked: string, plan: Plan): Plan {
    const bytes = ENTRY_BYTES + asked.length;
    if (this.#isNewest && plan.made !== undefined && this.#askedBytes + bytes <= MOST_ASKED_BYTES) {
      this.#asked.set(asked, plan);
      this.#askedBytes += bytes;
    }
    return plan;
  }

  /** Keeps what was made when the head was `head`, if that is where it is; gives it. */
  keep(head: number, etag: string, made: Made): Made {
    if (head !== this.#history.head) return made;
    if (head !== this.#head) {
      this.#head = head;
      this.#answers.clear();
      this.#asked.clear();
      this.#bytes = 0;
      this.#askedBytes = 0;
    }
    const bytes = made.pieces.reduce((sum, { byteLength }) => sum + byteLength, ENTRY_BYTES);
    if (this.#bytes + bytes <= MOST_BYTES && !this.#answers.has(etag)) {
      this.#answers.set(etag, made);
      this.#bytes += bytes;
    }
    return made;
  }

  get #isNewest(): boolean {
    return this.#history.head === this.#head;
  }
}
