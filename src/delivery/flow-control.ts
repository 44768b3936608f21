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
  /** Bytes that had been sent when it went out. */
  readonly sentBytes: number;
  /** Whether rows or answers went out since the ping before. */
  readonly hasData: boolean;
}

/** Why a client is closed. */
export type Trouble = 'stalled' | 'no pong';

/**
 * How far the other end has read what it was sent.
 *
 *     sent   … read │ bytes in flight, in buffers          │ next
 *                   └─ the last ping that was answered     └─ sentBytes
 *
 * The kernel takes megabytes for a client that has stopped reading, and says nothing. So pings go
 * with the data, and a pong says that all before its ping was read. That bounds the bytes in
 * flight, wherever they are, and tells a stuck client from a slow one.
 *
 * Times are of a clock that stands still while this process does: then no client is late.
 */
export class FlowControl {
  /** Where its numbers begin among the connection counters. */
  readonly slot: number;
  readonly #counters: ConnectionCounters;
  /** The pings on their way, oldest first. Their numbers cannot be guessed. */
  readonly #pings: Ping[] = [];

  constructor(counters: ConnectionCounters, nowMs: number) {
    this.#counters = counters;
    this.slot = counters.open();
    counters.pinged(this.slot, nowMs);
    counters.owedNothing(this.slot, nowMs);
  }

  /** Bytes that were sent and are not known to have been read. */
  get bytesInFlight(): number {
    return this.#get(SENT_BYTES) - this.#get(READ_BYTES);
  }

  /** Whether it is time to ask how far the client is. */
  isPingDue(nowMs: number): boolean {
    const { pingBytes, pingMs } = this.#counters.limits;
    const unpingedBytes = this.#get(SENT_BYTES) - this.#get(PINGED_BYTES);
    if (unpingedBytes >= pingBytes) return true;
    // A ping is on its way and nothing was sent behind it: another would show nothing new.
    if (this.#pings.length > 0 && unpingedBytes === 0) return false;
    return nowMs - this.#get(PINGED_MS) >= pingMs;
  }

  /** Begins a ping; gives its number. */
  ping(nowMs: number): number {
    const number = Math.floor(Math.random() * 2 ** 32);
    // A client that owed nothing until now has been in time.
    if (this.#pings.length === 0) this.#counters.owedNothing(this.slot, nowMs);
    const sentBytes = this.#get(SENT_BYTES);
    this.#pings.push({ number, sentBytes, hasData: this.#get(HAS_DATA) === 1 });
    this.#counters.pinged(this.slot, nowMs);
    return number;
  }

  /** Takes a pong. Gives whether it answers a ping; it then answers those before too. */
  pong(number: number, nowMs: number): boolean {
    const at = this.#pings.findIndex((ping) => ping.number === number);
    if (at < 0) return false;
    this.#counters.read(this.slot, this.#pings[at]!.sentBytes, nowMs);
    this.#pings.splice(0, at + 1);
    return true;
  }

  /** It was seen to read, however far. */
  moved(nowMs: number): void {
    this.#counters.owedNothing(this.slot, nowMs);
  }

  /** Why the client is to be closed; undefined while it is not. */
  trouble(nowMs: number): Trouble | undefined {
    if (this.#pings.length === 0) return undefined;
    const { stallMs, pongMs } = this.#counters.limits;
    const idleMs = nowMs - this.#get(MOVED_MS);
    const hasData = this.#pings.some((ping) => ping.hasData);
    if (hasData) return idleMs >= stallMs ? 'stalled' : undefined;
    return idleMs >= pongMs ? 'no pong' : undefined;
  }

  #get(name: number): number {
    return this.#counters.get(this.slot, name);
  }
}
