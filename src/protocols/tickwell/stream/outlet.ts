import { ROWS, SENT_MS } from '../../../delivery/counters.ts';
import type { Frame } from '../../../delivery/encoder.ts';
import { FlowControl } from '../../../delivery/flow-control.ts';
import { BEAT_MS, type Hub } from '../../../delivery/hub.ts';
import type { Socket } from '../../../delivery/socket.ts';
import { webSocketPong, webSocketText } from '../../../host/websocket-frames.ts';
import { CLOSE_CODES } from '../../../wire/errors.ts';
import type { ServerMessage } from '../../../wire/messages.ts';

/** The way to one client of the stream: what is sent, how far it has been read, how it ends. */
export class Outlet {
  readonly #hub: Hub;
  readonly #socket: Socket;
  readonly #flow: FlowControl;
  #isClosed = false;
  #closeCode: number | undefined;
  /** Of answers that are being made. */
  #reservedBytes = 0;

  constructor(hub: Hub, socket: Socket) {
    this.#hub = hub;
    this.#socket = socket;
    this.#flow = new FlowControl(hub.counters, hub.awakeMs);
  }

  /** With which code it was closed from here; undefined if it was not. */
  get closeCode(): number | undefined {
    return this.#closeCode;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Where its numbers are in the counters. */
  get slot(): number {
    return this.#flow.at;
  }

  /** Rows it was sent. */
  get sentRows(): number {
    return this.#hub.counters.numbers[this.slot + ROWS]!;
  }

  /** Whether as much is unread as may be, or will be with the answers that are being made. */
  get isFull(): boolean {
    const { maxUnreadBytes } = this.#hub.service.limits;
    // However much those take, rows keep half.
    const most = maxUnreadBytes - Math.min(this.#reservedBytes, maxUnreadBytes / 2);
    return this.#flow.unreadBytes > most || this.#socket.wire.writableLength > most;
  }

  /** Whether room is kept for an answer. */
  get isReserved(): boolean {
    return this.#reservedBytes > 0;
  }

  /** Keeps room for an answer of at most so many bytes; false if it has to wait for that. */
  reserve(bytes: number): boolean {
    const most = this.#hub.service.limits.maxUnreadBytes / 2;
    // A single one may be larger than all that is kept.
    if (this.isReserved && this.#reservedBytes + bytes > most) return false;
    if (this.isFull) return false;
    this.#reservedBytes += bytes;
    return true;
  }

  /** To be called once for each `reserve`, when the answer has been sent. */
  release(bytes: number): void {
    this.#reservedBytes -= bytes;
  }

  /** Everything sent until `uncork` goes out in one write. */
  cork(): void {
    this.#socket.cork();
  }

  uncork(): void {
    this.#socket.uncork();
  }

  /** Sends a message; `isData` unless it only keeps the line warm. */
  say(message: ServerMessage, isData = false): void {
    this.send(webSocketText(JSON.stringify(message)), isData);
  }

  /** Sends a frame, and a ping behind it if one is due. */
  send(frame: Frame, isData: boolean): void {
    if (this.#isClosed) return;
    const { metrics } = this.#hub.service;
    this.#hub.counters.numbers[this.slot + SENT_MS] = this.#hub.steadyMs;
    this.#flow.sent(frame.length, isData);
    metrics.sentFrames += 1;
    metrics.sentBytes += frame.length;
    if (!this.#flow.isPingDue(this.#hub.awakeMs)) {
      this.#socket.write(frame);
      return;
    }
    this.#socket.writeAndPing(frame, this.#flow.ping(this.#hub.awakeMs));
  }

  /** Answers a ping of the client. Not every client sees that, so it is no end of a silence. */
  pong(payload: Uint8Array): void {
    if (this.#isClosed) return;
    const frame = webSocketPong(payload);
    this.#flow.sent(frame.byteLength, false);
    this.#socket.write(frame);
  }

  /** A pong came: whether it answers a ping. */
  ponged(number: number): boolean {
    return this.#flow.pong(number, this.#hub.awakeMs);
  }

  /** Whether a heartbeat is due: at the next beat it would be late. */
  isSilent(): boolean {
    const { steadyMs, counters, service } = this.#hub;
    const silentMs = steadyMs - counters.numbers[this.slot + SENT_MS]!;
    return silentMs > service.limits.heartbeatMs - BEAT_MS;
  }

  pingIfDue(): void {
    if (!this.#isClosed && this.#flow.isPingDue(this.#hub.awakeMs)) this.#ping();
  }

  /** Ends the line if the client is stuck or gone. */
  closeIfDead(): void {
    const { stallMs, pongMs } = this.#hub.service.limits;
    switch (this.#flow.trouble(this.#hub.awakeMs)) {
      case 'stalled':
        this.close(CLOSE_CODES.stalled, `nothing read for ${stallMs} ms`);
        break;
      case 'no pong':
        this.close(CLOSE_CODES.noPong, `no pong for ${pongMs} ms`);
        break;
      case undefined:
    }
  }

  /** Says goodbye and closes. */
  close(code: number, reason: string): void {
    if (this.#isClosed) return;
    this.#closeCode = code;
    this.say({ type: 'bye', code, reason, retryAfterMs: this.#hub.retryAfterMs() });
    this.#socket.close(code, reason);
    this.#isClosed = true;
  }

  /** Sends a frame of rows. */
  sendRows(frame: Frame, rows: number): void {
    if (this.#isClosed) return;
    this.#hub.counters.numbers[this.slot + ROWS]! += rows;
    this.send(frame, true);
  }

  /** Its end has begun, or is here. */
  closed(): void {
    this.#isClosed = true;
  }

  /** The socket is gone: nothing is asked of it any more. */
  end(): void {
    this.#flow.end();
  }

  #ping(): void {
    this.#socket.ping(this.#flow.ping(this.#hub.awakeMs));
  }
}
