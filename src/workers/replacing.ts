/** A worker that lived for less is not replaced at once: what ended it may still be there. */
const SETTLED_MS = 10_000;
const FIRST_WAIT_MS = 100;
const MOST_WAIT_MS = 10_000;

/** When workers that ended are replaced: later each time, if they end early. */
export class Replacing {
  readonly #start: () => void;
  readonly #failed: (error: unknown) => void;
  readonly #waiting = new Set<NodeJS.Timeout>();
  #earlyEnds = 0;
  #restarts = 0;

  /** `start` starts one. If it throws, `failed` gets the error, and it is tried again later. */
  constructor(start: () => void, failed: (error: unknown) => void) {
    this.#start = start;
    this.#failed = failed;
  }

  /** How often one was started in the place of another, or was to be. */
  get restarts(): number {
    return this.#restarts;
  }

  /** One ended that lived for `livedMs`: gives in how many milliseconds another is started. */
  ended(livedMs: number, wasReady: boolean): number {
    const isEarly = !wasReady || livedMs < SETTLED_MS;
    this.#earlyEnds = isEarly ? this.#earlyEnds + 1 : 0;
    const doubledMs = FIRST_WAIT_MS * 2 ** (this.#earlyEnds - 1);
    const waitMs = isEarly ? Math.min(MOST_WAIT_MS, doubledMs) : 0;
    this.#startIn(waitMs);
    return waitMs;
  }

  /** None is started any more. */
  stop(): void {
    for (const timer of this.#waiting) clearTimeout(timer);
  }

  #startIn(waitMs: number): void {
    const timer = setTimeout(() => {
      this.#waiting.delete(timer);
      this.#restarts += 1;
      try {
        this.#start();
      } catch (error) {
        // Too little memory for a process, as a rule: there may be more later.
        this.#failed(error);
        this.#startIn(MOST_WAIT_MS);
      }
    }, waitMs);
    this.#waiting.add(timer);
  }
}
