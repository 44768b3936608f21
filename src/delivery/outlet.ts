import type { Faults } from '../core/faults/profile.ts';
import { ROWS, SENT_BYTES, SENT_MS } from './counters.ts';
import type { Frame } from './encoder.ts';
import type { Told } from './faulty/told.ts';
import { BEAT_MS, type Hub } from './hub.ts';
import type { FaultyWay, Transport, Wire } from './socket.ts';

/** The short way to a live connection, for rows alone. */
export interface Bypass {
  /** Where its connection counters begin. */
  readonly slot: number;
  readonly wire: Wire;
}

export interface Sending {
  /** Rows that the frame holds. Default: 0. */
  readonly rows?: number;
  /** Candles of a stream that it holds. Default: 0. */
  readonly candles?: number;
  /** Single trades. Default: 0. */
  readonly trades?: number;
  /**
   * Whether it holds rows, candles or an answer, and not only words such as a heartbeat. Default:
   * true.
   */
  readonly isData?: boolean;
  /** Which rows it tells of, and whom. Default: none, as of words. */
  readonly told?: Told;
}

/**
 * The one way to a client, whatever it speaks and by whatever transport: what is sent, and counted
 * as sent, goes through here. Rows to a live member are written past it, once its counters have
 * booked them: `FanOut` does that, and nobody else.
 *
 *     rows, answers, words ── send ──┬── counters: slot, totals
 *                                    └── transport
 */
export class Outlet {
  protected readonly hub: Hub;
  protected readonly slot: number;
  readonly #transport: Transport;
  readonly #bypass: Bypass;
  #isClosed = false;
  #closeCode: number | undefined;

  /** `slot` is of a client that can be pinged; without it, one that cannot has its own. */
  constructor(hub: Hub, transport: Transport, slot = hub.counters.openWithoutPings()) {
    this.hub = hub;
    this.slot = slot;
    this.#transport = transport;
    this.#bypass = { slot, wire: transport.wire };
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** The code it was closed with from here; undefined if it was not. */
  get closeCode(): number | undefined {
    return this.#closeCode;
  }

  /** Rows and candles it was sent; like the next, only true until `end`. */
  get sentRows(): number {
    return this.hub.counters.get(this.slot, ROWS);
  }

  get sentBytes(): number {
    return this.hub.counters.get(this.slot, SENT_BYTES);
  }

  /** Where booked rows can be written past it; undefined if they cannot. */
  get bypass(): Bypass | undefined {
    return this.#transport.faulty === undefined ? this.#bypass : undefined;
  }

  /** What is done to what it is sent; undefined for nothing. */
  get faults(): Faults | undefined {
    return this.#transport.faulty?.faults;
  }

  /** The way to it, if it is a faulty one. */
  get faulty(): FaultyWay | undefined {
    return this.#transport.faulty;
  }

  /** Bytes handed over that the kernel has not taken yet. */
  get waitingBytes(): number {
    return this.#transport.wire.writableLength;
  }

  /** Whether as many bytes wait as may be in flight. Rows then wait until it reads. */
  get isFull(): boolean {
    return this.waitingBytes > this.hub.service.limits.maxUnreadBytes;
  }

  /** Whether a heartbeat is due: at the next beat it would be late. */
  get isSilent(): boolean {
    const { steadyMs, counters, service } = this.hub;
    const silentMs = steadyMs - counters.get(this.slot, SENT_MS);
    return silentMs > service.limits.heartbeatMs - BEAT_MS;
  }

  /** Everything sent until `uncork` goes out in one write. */
  cork(): void {
    this.#transport.cork();
  }

  uncork(): void {
    this.#transport.uncork();
  }

  /** Sends a whole frame, unless the end has begun. */
  send(frame: Frame, { isData = true, told, ...counts }: Sending = {}): void {
    if (this.#isClosed) return;
    const { counters, steadyMs } = this.hub;
    counters.sent(this.slot, { rows: 0, ...counts, bytes: frame.length, isData, steadyMs });
    this.write(frame, told);
  }

  /** Closes it. What is to be said before has been said. */
  close(code: number, reason: string): void {
    if (this.#isClosed) return;
    this.#closeCode = code;
    this.#isClosed = true;
    this.#transport.close(code, reason);
  }

  /** Its end has begun, or is here: nothing more is sent. */
  closed(): void {
    this.#isClosed = true;
  }

  /** The socket is gone, and its slot may be reused. Call it once. */
  end(): void {
    this.hub.counters.close(this.slot);
    this.#transport.faulty?.ended();
  }

  /** Hands over what has been counted. */
  protected write(frame: Frame, told?: Told): void {
    this.#transport.write(frame, told);
  }
}
