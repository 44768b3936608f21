/**
 * The server's clock, as well as this end can know it: what the server said, plus the time since.
 *
 * An answer tells it to within half a round trip. What arrives unasked took an unknown time, so it
 * only shows that the server's clock is at least that far.
 */
export class ServerClock {
  #offsetMs = Number.NEGATIVE_INFINITY;

  /** Set by a message that says `serverMs` and was on its way since `sentMs` at the latest. */
  set(serverMs: number, sentMs: number, receivedMs: number): void {
    this.#offsetMs = serverMs - (sentMs + receivedMs) / 2;
  }

  /** Take note that the server's clock is past `serverMs`. */
  observe(serverMs: number, receivedMs: number): void {
    this.#offsetMs = Math.max(this.#offsetMs, serverMs - receivedMs);
  }

  /** The server's time at `localMs`; undefined before the server has spoken. */
  at(localMs: number): number | undefined {
    return this.#offsetMs === Number.NEGATIVE_INFINITY ? undefined : this.#offsetMs + localMs;
  }
}
