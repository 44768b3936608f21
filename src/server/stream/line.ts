import { CLOSE_CODES } from '../../wire/errors.ts';
import type { ServerMessage } from '../../wire/messages.ts';
import { webSocketText } from './frames.ts';
import { BEAT_MS, type Hub } from './hub.ts';
import { Progress } from './progress.ts';
import type { Socket } from './socket.ts';

/** The way to one client of the stream: what is sent, how far it has been read, how it ends. */
export class Line {
  readonly #hub: Hub;
  readonly #socket: Socket;
  readonly #progress: Progress;
  #lastSentMs = 0;
  #isClosed = false;
  #closeCode: number | undefined;

  constructor(hub: Hub, socket: Socket) {
    this.#hub = hub;
    this.#socket = socket;
    this.#progress = new Progress(hub.service.limits, hub.awakeMs);
  }

  /** With which code it was closed from here; undefined if it was not. */
  get closeCode(): number | undefined {
    return this.#closeCode;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Whether as much is unread as may be. */
  get isFull(): boolean {
    const { maxUnreadBytes } = this.#hub.service.limits;
    return (
      this.#progress.unreadBytes > maxUnreadBytes || this.#socket.bufferedBytes > maxUnreadBytes
    );
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
  send(frame: Uint8Array, isData: boolean): void {
    if (this.#isClosed) return;
    const { metrics } = this.#hub.service;
    this.#lastSentMs = this.#hub.steadyMs;
    this.#progress.sent(frame.byteLength, isData);
    metrics.sentFrames += 1;
    metrics.sentBytes += frame.byteLength;
    if (!this.#progress.isPingDue(this.#hub.awakeMs)) {
      this.#socket.write(frame);
      return;
    }
    this.#socket.writeAndPing(frame, this.#progress.ping(this.#hub.awakeMs));
  }

  /** A pong came: whether it answers a ping. */
  ponged(number: number): boolean {
    return this.#progress.pong(number, this.#hub.awakeMs);
  }

  /** Whether a heartbeat is due: at the next beat it would be late. */
  isSilent(): boolean {
    const { clock, limits } = this.#hub.service;
    return clock.steadyMs() - this.#lastSentMs > limits.heartbeatMs - BEAT_MS;
  }

  pingIfDue(): void {
    if (!this.#isClosed && this.#progress.isPingDue(this.#hub.awakeMs)) this.#ping();
  }

  /** Ends the line if the client is stuck or gone. */
  closeIfDead(): void {
    const { stallMs, pongMs } = this.#hub.service.limits;
    switch (this.#progress.trouble(this.#hub.awakeMs)) {
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

  closed(): void {
    this.#isClosed = true;
  }

  #ping(): void {
    this.#socket.ping(this.#progress.ping(this.#hub.awakeMs));
  }
}
