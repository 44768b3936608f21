import type { DeliveryLimits } from './limits.ts';

/** The numbers of a connection, as offsets from its slot. */
export const SENT_BYTES = 0;
/** Bytes sent before the last ping that was answered. */
export const READ_BYTES = 1;
/** Bytes sent before the last ping. */
export const PINGED_BYTES = 2;
export const PINGED_MS = 3;
/** When it last read something, or owed nothing. */
export const MOVED_MS = 4;
/** When it was last sent anything, by the steady clock; the other times are of `Hub.awakeMs`. */
export const SENT_MS = 5;
/** Rows, candles and trades it was sent, for the log. */
export const ROWS = 6;
/** 1 if rows or answers were sent since the last ping, else 0. */
export const HAS_DATA = 7;
const WIDTH = 8;

/** What each live member is sent in a turn; one object for all of them. */
export interface Turn {
  bytes: number;
  rows: number;
  /** Default: 0. */
  candles?: number;
  /** Default: 0. */
  trades?: number;
  readonly steadyMs: number;
  readonly awakeMs: number;
}

/** A frame that one connection is sent. */
export interface Sent {
  readonly bytes: number;
  readonly rows: number;
  /** Default: 0. */
  readonly candles?: number;
  /** Default: 0. */
  readonly trades?: number;
  /** Whether it holds rows, candles, trades or an answer. */
  readonly isData: boolean;
  readonly steadyMs: number;
}

/** What all connections were sent since the start, those that are gone too. */
export interface Totals {
  /** Rows times readers. */
  readonly rows: number;
  /** Candles of streams times readers. */
  readonly candles: number;
  /** Single trades times readers. */
  readonly trades: number;
  /** Messages of rows, answers and words: no pings, no pongs. */
  readonly frames: number;
  /** Of those messages, as handed to sockets. */
  readonly bytes: number;
}

/**
 * The numbers of every connection, side by side in one array, and what they add up to. What is sent
 * is counted here, once, and nowhere else: by `book` for live members, by `sent` for all others.
 *
 *     slot   0         8         16
 *            sent …    sent …    sent …     8 numbers, one line of the cache
 *
 * A row goes to all connections, so their numbers are read one after the other. In fields of ten
 * thousand objects, each read would miss the cache.
 */
export class ConnectionCounters {
  readonly limits: DeliveryLimits;
  /** Replaced when it grows. */
  #numbers = new Float64Array(64 * WIDTH);
  #slots = 0;
  readonly #free: number[] = [];
  #rows = 0;
  #candles = 0;
  #trades = 0;
  #frames = 0;
  #bytes = 0;

  constructor(limits: DeliveryLimits) {
    this.limits = limits;
  }

  get totals(): Totals {
    return {
      ...{ rows: this.#rows, candles: this.#candles, trades: this.#trades },
      ...{ frames: this.#frames, bytes: this.#bytes },
    };
  }

  /** One number of a connection, such as `SENT_BYTES`. */
  get(slot: number, name: number): number {
    return this.#numbers[slot + name]!;
  }

  /** Where the numbers of a new connection begin, all of them 0. */
  open(): number {
    const slot = this.#free.pop() ?? this.#slots++ * WIDTH;
    if (slot >= this.#numbers.length) {
      const numbers = this.#numbers;
      this.#numbers = new Float64Array(2 * numbers.length);
      this.#numbers.set(numbers);
    }
    this.#numbers.fill(0, slot, slot + WIDTH);
    return slot;
  }

  /**
   * The same for a connection that cannot be pinged: it has no bytes in flight here, no ping is
   * ever due, and it is never late.
   */
  openWithoutPings(): number {
    const slot = this.open();
    for (const name of [READ_BYTES, PINGED_BYTES, PINGED_MS, MOVED_MS]) {
      this.#numbers[slot + name] = Number.POSITIVE_INFINITY;
    }
    return slot;
  }

  /** Call it once for each `open` or `openWithoutPings`. */
  close(slot: number): void {
    this.#free.push(slot);
  }

  /**
   * Books what a live connection is sent in a turn. Gives false and books nothing if there is no
   * room, or a ping must go with it.
   */
  book(slot: number, { bytes, rows, candles = 0, trades = 0, steadyMs, awakeMs }: Turn): boolean {
    const numbers = this.#numbers;
    const { maxUnreadBytes, pingBytes, pingMs } = this.limits;
    const before = numbers[slot + SENT_BYTES]!;
    const sent = before + bytes;
    if (before - numbers[slot + READ_BYTES]! > maxUnreadBytes) return false;
    if (sent - numbers[slot + PINGED_BYTES]! >= pingBytes) return false;
    if (awakeMs - numbers[slot + PINGED_MS]! >= pingMs) return false;
    numbers[slot + SENT_BYTES] = sent;
    numbers[slot + SENT_MS] = steadyMs;
    numbers[slot + ROWS]! += rows + candles + trades;
    numbers[slot + HAS_DATA] = 1;
    this.#rows += rows;
    this.#candles += candles;
    this.#trades += trades;
    this.#frames += 1;
    this.#bytes += bytes;
    return true;
  }

  /** Books a frame that a connection is sent in any case. */
  sent(slot: number, { bytes, rows, candles = 0, trades = 0, isData, steadyMs }: Sent): void {
    const numbers = this.#numbers;
    numbers[slot + SENT_BYTES]! += bytes;
    numbers[slot + SENT_MS] = steadyMs;
    numbers[slot + ROWS]! += rows + candles + trades;
    if (isData) numbers[slot + HAS_DATA] = 1;
    this.#rows += rows;
    this.#candles += candles;
    this.#trades += trades;
    this.#frames += 1;
    this.#bytes += bytes;
  }

  /** Books a control frame: it takes room, and is no message. */
  sentControl(slot: number, bytes: number): void {
    this.#numbers[slot + SENT_BYTES]! += bytes;
  }

  /** A ping goes behind all that was sent. */
  pinged(slot: number, nowMs: number): void {
    const numbers = this.#numbers;
    numbers[slot + PINGED_BYTES] = numbers[slot + SENT_BYTES]!;
    numbers[slot + PINGED_MS] = nowMs;
    numbers[slot + HAS_DATA] = 0;
  }

  /** It owed nothing until now. */
  owedNothing(slot: number, nowMs: number): void {
    this.#numbers[slot + MOVED_MS] = nowMs;
  }

  /** It has read so many bytes, of all that it was ever sent. */
  read(slot: number, bytes: number, nowMs: number): void {
    this.#numbers[slot + READ_BYTES] = bytes;
    this.#numbers[slot + MOVED_MS] = nowMs;
  }

  /** Whether nothing is due by time: it reads, and was sent something lately. */
  isWell(slot: number, steadyMs: number, awakeMs: number, silenceMs: number): boolean {
    const numbers = this.#numbers;
    const { stallMs, pongMs, pingMs } = this.limits;
    return (
      awakeMs - numbers[slot + MOVED_MS]! < Math.min(stallMs, pongMs) &&
      awakeMs - numbers[slot + PINGED_MS]! < pingMs &&
      steadyMs - numbers[slot + SENT_MS]! <= silenceMs
    );
  }
}
