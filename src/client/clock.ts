import type { Host } from './host.ts';

/** Clocks drift apart by some milliseconds in this time. */
const ASK_MS = 30_000;

/**
 * The server's clock, as well as this end can know it: what the server said, plus the time since.
 *
 * An answer tells it to within half a round trip. What arrives unasked took an unknown time, so it
 * only shows that the server's clock is at least that far.
 */
export class ServerClock {
  readonly #host: Pick<Host, 'nowMs' | 'setTimer'>;
  #offsetMs = Number.NEGATIVE_INFINITY;
  #askedMs = 0;
  #cancel: () => void = () => {};
  #question: () => void = () => {};

  constructor(host: Pick<Host, 'nowMs' | 'setTimer'>) {
    this.#host = host;
  }

  /** A new connection said `serverMs`; ask it now and from time to time, until `stop`. */
  start(serverMs: number, ask: () => void): void {
    this.stop();
    this.#offsetMs = serverMs - this.#host.nowMs();
    this.#question = ask;
    this.ask();
  }

  /** Ask now, and again from time to time. */
  ask(): void {
    this.#cancel();
    this.#askedMs = this.#host.nowMs();
    this.#question();
    this.#cancel = this.#host.setTimer(ASK_MS, () => this.ask());
  }

  stop(): void {
    this.#cancel();
  }

  /** The answer to the latest question. */
  answer(serverMs: number): void {
    this.#offsetMs = serverMs - (this.#askedMs + this.#host.nowMs()) / 2;
  }

  /** Take note that the server's clock is past `serverMs`. */
  observe(serverMs: number): void {
    this.#offsetMs = Math.max(this.#offsetMs, serverMs - this.#host.nowMs());
  }

  /** The server's time; undefined before the server has spoken. */
  nowMs(): number | undefined {
    const isKnown = this.#offsetMs !== Number.NEGATIVE_INFINITY;
    return isKnown ? this.#offsetMs + this.#host.nowMs() : undefined;
  }
}
