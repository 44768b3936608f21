import type { Limits } from '../limits.ts';

/** A ping that waits for its pong. */
interface Ping {
  readonly number: number;
  /** All that had been sent when it went out. */
  readonly sentBytes: number;
  /** Whether rows or answers went out with it, and not only words to keep the line warm. */
  readonly hasData: boolean;
}

/** Why a reader is to be given up. */
export type Trouble = 'stalled' | 'no pong';

/**
 * How far the other end has read what it was sent.
 *
 *     sent   … read │ unread bytes, in buffers on the way  │ next
 *                   └─ the last ping that was answered     └─ sentBytes
 *
 * The kernel takes megabytes for a client that has stopped to read, and says nothing. So pings go
 * with the data, and their pongs tell what came out at the other end: that bounds what is on the
 * way to a client, wherever it is, and finds the stuck while the slow are seen to move.
 *
 * Times are those of a clock that stands still while this process does: nobody is late for that.
 */
export class Progress {
  readonly #limits: Limits;
  /** Answered in order; the number of a ping cannot be guessed. */
  readonly #pings: Ping[] = [];
  #sentBytes = 0;
  #readBytes = 0;
  #pingedBytes = 0;
  #pingedMs: number;
  #hasData = false;
  #movedMs: number;

  constructor(limits: Limits, nowMs: number) {
    this.#limits = limits;
    this.#pingedMs = nowMs;
    this.#movedMs = nowMs;
  }

  /** Sent, and not known to have been read. */
  get unreadBytes(): number {
    return this.#sentBytes - this.#readBytes;
  }

  /** Take note of `bytes` that were sent. */
  sent(bytes: number, isData: boolean): void {
    this.#sentBytes += bytes;
    this.#hasData ||= isData;
  }

  /** Whether it is time to ask how far the client is. */
  isPingDue(nowMs: number): boolean {
    if (this.#sentBytes - this.#pingedBytes >= this.#limits.pingBytes) return true;
    // With a ping on its way and nothing new behind it, another would tell nothing.
    if (this.#pings.length > 0 && this.#sentBytes === this.#pingedBytes) return false;
    return nowMs - this.#pingedMs >= this.#limits.pingMs;
  }

  /** The number of a ping that is sent now. */
  ping(nowMs: number): number {
    const number = Math.floor(Math.random() * 2 ** 32);
    // Whoever owed nothing until now has been in time.
    if (this.#pings.length === 0) this.#movedMs = nowMs;
    this.#pings.push({ number, sentBytes: this.#sentBytes, hasData: this.#hasData });
    this.#pingedBytes = this.#sentBytes;
    this.#pingedMs = nowMs;
    this.#hasData = false;
    return number;
  }

  /** A pong came: whether it answers a ping. It then answers those before it too. */
  pong(number: number, nowMs: number): boolean {
    const at = this.#pings.findIndex((ping) => ping.number === number);
    if (at < 0) return false;
    this.#readBytes = this.#pings[at]!.sentBytes;
    this.#pings.splice(0, at + 1);
    this.#movedMs = nowMs;
    return true;
  }

  /** Why the client must be taken for gone; undefined while it may not be. */
  trouble(nowMs: number): Trouble | undefined {
    if (this.#pings.length === 0) return undefined;
    const idleMs = nowMs - this.#movedMs;
    const hasData = this.#pings.some((ping) => ping.hasData);
    if (hasData) return idleMs >= this.#limits.stallMs ? 'stalled' : undefined;
    return idleMs >= this.#limits.pongMs ? 'no pong' : undefined;
  }
}
