import type { Frame } from '../encoder.ts';
import type { LineOptions, Sending } from './line-options.ts';
import { paceMs, partBytes } from './pace.ts';

/** What is done when what stands before it has been. */
type Item =
  | { readonly does: 'send'; readonly frame: Frame; readonly dueMs: number }
  /** Nothing goes for so long; of a stall not even answers to pings. */
  | { readonly does: 'wait'; readonly ms: number; readonly isStall: boolean }
  | { readonly does: 'pace'; readonly bytesPerSecond: number }
  | { readonly does: 'halfopen' }
  | { readonly does: 'close'; readonly code: number };

/** What an item takes beside its frame. */
const ITEM_BYTES = 64;

/**
 * The way of a connection on which something is done to what is sent. All goes in order, but for
 * what is overtaken. What waits is counted in `waitingBytes`: a reader whose line is full is slow.
 *
 *     send ── queue ── paced? ── end
 *       └──── overtaken ─────────┘
 */
export class FaultLine {
  /** When it is to be looked at; Infinity if only a write or a drain can change something. */
  dueMs = Number.POSITIVE_INFINITY;
  readonly #options: LineOptions;
  readonly #queue: Item[] = [];
  readonly #overtaken: { readonly frame: Frame; readonly dueMs: number }[] = [];
  #bytes = 0;
  /** Until when the first of the queue waits; undefined if it has not begun to. */
  #waitsUntilMs: number | undefined;
  #isStalled = false;
  #bytesPerSecond = Number.POSITIVE_INFINITY;
  /** When the bytes that were sent at that pace are through. */
  #pacedUntilMs = 0;
  /** Whether the kernel has not taken what it was handed. */
  #isBlocked = false;
  /** How much of the first frame has been sent. */
  #sentBytes = 0;
  #state: 'open' | 'half open' | 'ended' = 'open';

  constructor(options: LineOptions) {
    this.#options = options;
  }

  /** Bytes that wait here; of a connection that is half open there is no end. */
  get waitingBytes(): number {
    return this.#state === 'half open' ? Number.POSITIVE_INFINITY : this.#bytes;
  }

  /** Whether it is half open: no byte goes, and what comes is not heard either. */
  get isDead(): boolean {
    return this.#state === 'half open';
  }

  /** Whether it is this line that keeps bytes back, and not the client. */
  get isHolding(): boolean {
    if (this.#state !== 'open') return this.#state === 'half open';
    const isBlocked = this.#options.end.waitingBytes > this.#options.handedBytes;
    return this.#bytes > 0 && !isBlocked;
  }

  /** Sends a frame, when what stands before it has been sent. */
  send(frame: Frame, { delayMs = 0, overtaken = false }: Sending = {}): void {
    if (this.#state !== 'open') return;
    const dueMs = delayMs > 0 ? this.#options.nowMs() + delayMs : 0;
    if (overtaken && delayMs > 0) {
      this.#bytes += frame.length + ITEM_BYTES;
      this.#overtaken.push({ frame, dueMs });
      this.#overtaken.sort((a, b) => a.dueMs - b.dueMs);
    } else if (this.#isFree && dueMs === 0) {
      this.#options.end.write(frame);
      return;
    } else {
      this.#add({ does: 'send', frame, dueMs });
    }
    this.look();
  }

  /** Sends a frame that waits for nothing but a stall, and the pace: a pong. */
  sendControl(frame: Frame): void {
    if (this.#isStalled || this.#bytesPerSecond < Number.POSITIVE_INFINITY) this.send(frame);
    else if (this.#state === 'open') this.#options.end.write(frame);
  }

  /** Nothing goes for `ms`; of a stall not even answers to pings. */
  wait(ms: number, isStall: boolean): void {
    this.#then({ does: 'wait', ms, isStall });
  }

  /** So many bytes a second from now on. */
  pace(bytesPerSecond: number): void {
    this.#then({ does: 'pace', bytesPerSecond });
  }

  /** No byte goes any more. */
  halfOpen(): void {
    this.#then({ does: 'halfopen' });
  }

  /** Closes the connection, as if the server had reason to. */
  closeBy(code: number): void {
    this.#then({ does: 'close', code });
  }

  /** Resets the connection at once. */
  cut(): void {
    if (this.#state !== 'open') return;
    this.ended();
    this.#options.end.cut();
  }

  /** The server closes it: all that waits goes at once, and in order. */
  close(code: number, reason: string): void {
    const { end } = this.#options;
    if (this.#state === 'half open') {
      // Whoever is at the other end hears nothing of that.
      this.ended();
      end.cut();
      return;
    }
    if (this.#state === 'open') {
      for (const item of this.#queue.splice(0)) {
        if (item.does === 'send') end.write(partOf(item.frame, this.#sentBytes));
        if (item.does === 'send') this.#sentBytes = 0;
      }
      for (const { frame } of this.#overtaken.splice(0)) end.write(frame);
    }
    this.ended();
    end.close(code, reason);
  }

  /** The connection is gone, or its end has begun: nothing is kept for it. */
  ended(): void {
    this.#state = 'ended';
    this.#queue.length = 0;
    this.#overtaken.length = 0;
    this.#bytes = 0;
    this.#wakeAt(Number.POSITIVE_INFINITY);
  }

  /** To be called at `dueMs`. */
  due(): void {
    this.look();
    this.#options.released();
  }

  /** Does what is due; to be called when the kernel has taken bytes. */
  look(): void {
    if (this.#state === 'ended') return;
    const nowMs = this.#options.nowMs();
    if (this.#state === 'half open') {
      if (nowMs >= this.dueMs) {
        this.ended();
        this.#options.end.cut();
      }
      return;
    }
    if (!this.#isStalled) this.#sendOvertaken(nowMs);
    let dueMs = this.#goOn(nowMs);
    if (this.#state !== 'open') return;
    if (!this.#isStalled && this.#overtaken[0] !== undefined) {
      dueMs = Math.min(dueMs, this.#overtaken[0].dueMs);
    }
    this.#wakeAt(dueMs);
  }

  get #isFree(): boolean {
    return this.#queue.length === 0 && this.#bytesPerSecond === Number.POSITIVE_INFINITY;
  }

  #then(item: Item): void {
    if (this.#state !== 'open') return;
    this.#add(item);
    this.look();
  }

  #add(item: Item): void {
    if (this.#queue.length === 0) this.#notPacedBefore(this.#options.nowMs());
    this.#bytes += sizeOf(item);
    this.#queue.push(item);
  }

  /** What waited for something else is not made up for by a higher pace. */
  #notPacedBefore(ms: number): void {
    this.#pacedUntilMs = Math.max(this.#pacedUntilMs, ms);
  }

  #sendOvertaken(nowMs: number): void {
    while (this.#overtaken.length > 0 && this.#overtaken[0]!.dueMs <= nowMs) {
      // A frame that has been sent in part is finished first.
      if (this.#sentBytes > 0) return;
      const { frame } = this.#overtaken.shift()!;
      this.#bytes -= frame.length + ITEM_BYTES;
      this.#options.end.write(frame);
    }
  }

  /** Does all that can be done now; gives when there will be more. */
  #goOn(nowMs: number): number {
    const { end, handedBytes } = this.#options;
    while (this.#queue.length > 0) {
      if (end.waitingBytes > handedBytes) {
        this.#isBlocked = true;
        return Number.POSITIVE_INFINITY;
      }
      if (this.#isBlocked) this.#notPacedBefore(nowMs);
      this.#isBlocked = false;
      const item = this.#queue[0]!;
      const dueMs = this.#do(item, nowMs);
      if (this.#state !== 'open') return dueMs;
      if (dueMs > nowMs) return dueMs;
      this.#queue.shift();
      this.#bytes -= sizeOf(item);
    }
    return Number.POSITIVE_INFINITY;
  }

  /** Does one thing; gives until when it takes. */
  #do(item: Item, nowMs: number): number {
    switch (item.does) {
      case 'send':
        if (item.dueMs > nowMs) return item.dueMs;
        this.#notPacedBefore(item.dueMs);
        return this.#sendPaced(item.frame, nowMs);
      case 'wait':
        this.#waitsUntilMs ??= nowMs + item.ms;
        this.#isStalled = item.isStall && this.#waitsUntilMs > nowMs;
        if (this.#waitsUntilMs > nowMs) return this.#waitsUntilMs;
        this.#notPacedBefore(this.#waitsUntilMs);
        this.#waitsUntilMs = undefined;
        return nowMs;
      case 'pace':
        this.#bytesPerSecond = item.bytesPerSecond;
        return nowMs;
      case 'halfopen':
        return this.#leaveHalfOpen(nowMs);
      case 'close':
        this.ended();
        this.#options.end.close(item.code, '');
        return nowMs;
    }
  }

  #leaveHalfOpen(nowMs: number): number {
    this.#queue.length = 0;
    this.#overtaken.length = 0;
    this.#bytes = 0;
    this.#state = 'half open';
    const endMs = nowMs + this.#options.halfOpenMs;
    this.#wakeAt(endMs);
    return endMs;
  }

  /** Sends what the pace allows of a frame; gives when it goes on with it, or with the next. */
  #sendPaced(frame: Frame, nowMs: number): number {
    const { end } = this.#options;
    if (this.#bytesPerSecond === Number.POSITIVE_INFINITY) {
      end.write(partOf(frame, this.#sentBytes));
      this.#sentBytes = 0;
      return nowMs;
    }
    const most = partBytes(this.#bytesPerSecond);
    while (this.#sentBytes < frame.length) {
      if (this.#pacedUntilMs > nowMs) return this.#pacedUntilMs;
      const part = partOf(frame, this.#sentBytes, this.#sentBytes + most);
      end.write(part);
      // Not from now on: who is looked at late is not slower for that.
      this.#pacedUntilMs += paceMs(part.length, this.#bytesPerSecond);
      this.#sentBytes += part.length;
    }
    this.#sentBytes = 0;
    return nowMs;
  }

  #wakeAt(dueMs: number): void {
    if (dueMs === this.dueMs) return;
    this.dueMs = dueMs;
    this.#options.wake(this);
  }
}

function partOf(frame: Frame, from: number, to = frame.length): Frame {
  if (from === 0 && to >= frame.length) return frame;
  return typeof frame === 'string' ? frame.slice(from, to) : frame.subarray(from, to);
}

function sizeOf(item: Item): number {
  return ITEM_BYTES + (item.does === 'send' ? item.frame.length : 0);
}
