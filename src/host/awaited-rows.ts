import type { Feed } from '../core/feed/feed.ts';

/** Those who wait until rows are readable. */
export class AwaitedRows {
  readonly #feed: Feed;
  readonly #waiting = new Set<{ readonly head: number; readonly done: () => void }>();
  #isStopped = false;

  constructor(feed: Feed) {
    this.#feed = feed;
  }

  /** Comes back when all rows before `head` are readable, or when no more are made. */
  until(head: number): Promise<void> {
    if (this.#isStopped || this.#feed.head >= head) return Promise.resolve();
    return new Promise((done) => void this.#waiting.add({ head, done }));
  }

  /** Tells those whose rows are there; to be called whenever the head has moved. */
  look(): void {
    for (const one of this.#waiting) {
      if (!this.#isStopped && this.#feed.head < one.head) continue;
      this.#waiting.delete(one);
      one.done();
    }
  }

  /** Nothing is worth waiting for any more. */
  stop(): void {
    this.#isStopped = true;
    this.look();
  }
}
