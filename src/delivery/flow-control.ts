import {
  type ConnectionCounters,
  HAS_DATA,
  MOVED_MS,
  PINGED_BYTES,
  PINGED_MS,
  READ_BYTES,
  SENT_BYTES,
} from './counters.ts';

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
export class FlowControl {
  /** Where its numbers are. */
  readonly at: number;
  readonly #counters: ConnectionCounters;
  /** Answered in order; the number of a ping cannot be guessed. */
  readonly #pings: Ping[] = [];

  constructor(counters: ConnectionCounters, nowMs: number) {
    this.#counters = counters;
    this.at = counters.open();
    counters.pinged(this.at, nowMs);
    counters.owedNothing(this.at, nowMs);
  }

  /** Sent, and not known to have been read. */
  get bytesInFlight(): number {
    return this.#get(SENT_BYTES) - this.#get(READ_BYTES);
  }

  /** Whether it is time to ask how far the client is. */
  isPingDue(nowMs: number): boolean {
    const { pingBytes, pingMs } = this.#counters.limits;
    const unpingedBytes = this.#get(SENT_BYTES) - this.#get(PINGED_BYTES);
    if (unpingedBytes >= pingBytes) return true;
    // With a ping on its way and nothing new behind it, another would tell nothing.
    if (this.#pings.length > 0 && unpingedBytes === 0) return false;
    return nowMs - this.#get(PINGED_MS) >= pingMs;
  }

  /** The number of a ping that is sent now. */
  ping(nowMs: number): number {
    const number = Math.floor(Math.random() * 2 ** 32);
    // Whoever owed nothing until now has been in time.
    if (this.#pings.length === 0) this.#counters.owedNothing(this.at, nowMs);
    const sentBytes = this.#get(SENT_BYTES);
    this.#pings.push({ number, sentBytes, hasData: this.#get(HAS_DATA) === 1 });
    this.#counters.pinged(this.at, nowMs);
    return number;
  }

  /** A pong came: whether it answers a ping. It then answers those before it too. */
  pong(number: number, nowMs: number): boolean {
    const at = this.#pings.findIndex((ping) => ping.number === number);
    if (at < 0) return false;
    this.#counters.read(this.at, this.#pings[at]!.sentBytes, nowMs);
    this.#pings.splice(0, at + 1);
    return true;
  }

  /** Why the client must be taken for gone; undefined while it may not be. */
  trouble(nowMs: number): Trouble | undefined {
    if (this.#pings.length === 0) return undefined;
    const { stallMs, pongMs } = this.#counters.limits;
    const idleMs = nowMs - this.#get(MOVED_MS);
    const hasData = this.#pings.some((ping) => ping.hasData);
    if (hasData) return idleMs >= stallMs ? 'stalled' : undefined;
    return idleMs >= pongMs ? 'no pong' : undefined;
  }

  #get(name: number): number {
    return this.#counters.get(this.at, name);
  }
}
