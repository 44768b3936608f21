import { HOST_CLOSES } from '../host/close-codes.ts';
import { webSocketBinary, webSocketPong, webSocketText } from '../host/websocket-frames.ts';
import type { Frame } from './encoder.ts';
import type { Told } from './faulty/told.ts';
import { FlowControl } from './flow-control.ts';
import { BEAT_MS, type Hub } from './hub.ts';
import { type Bypass, Outlet, type Sending } from './outlet.ts';
import type { Socket } from './socket.ts';

/** The one way to a client by WebSocket: pings go with the data, and pongs say what was read. */
export class SocketOutlet extends Outlet {
  readonly #socket: Socket;
  readonly #flow: FlowControl;
  /** When it was last looked at what waits; how much did then, and had been taken by the kernel. */
  #lookedMs = 0;
  #waitedBytes = 0;
  #takenBytes = 0;
  /** Of answers that are being made. */
  #reservedBytes = 0;

  constructor(hub: Hub, socket: Socket) {
    const flow = new FlowControl(hub.counters, hub.awakeMs);
    super(hub, socket, flow.slot);
    this.#socket = socket;
    this.#flow = flow;
  }

  /** None while room is kept for answers: the counters do not know of it. */
  override get bypass(): Bypass | undefined {
    return this.isReserved ? undefined : super.bypass;
  }

  /** Whether as many bytes are in flight as may be, with those of answers that are being made. */
  override get isFull(): boolean {
    const { maxUnreadBytes } = this.hub.service.limits;
    // However much those take, rows keep half.
    const most = maxUnreadBytes - Math.min(this.#reservedBytes, maxUnreadBytes / 2);
    return this.#flow.bytesInFlight > most || this.waitingBytes > most;
  }

  /** Whether room is kept for an answer. */
  get isReserved(): boolean {
    return this.#reservedBytes > 0;
  }

  /** Keeps room for an answer of at most so many bytes; false if it has to wait for that. */
  reserve(bytes: number): boolean {
    const most = this.hub.service.limits.maxUnreadBytes / 2;
    // A single one may be larger than all that is kept.
    if (this.isReserved && this.#reservedBytes + bytes > most) return false;
    if (this.isFull) return false;
    this.#reservedBytes += bytes;
    return true;
  }

  /** Call it once for each `reserve`, when the answer has been sent. */
  release(bytes: number): void {
    this.#reservedBytes -= bytes;
  }

  /** Sends a message of text. */
  sendText(text: string, sending?: Sending): void {
    this.send(webSocketText(text), sending);
  }

  /** Sends a message of bytes. */
  sendBytes(bytes: Uint8Array, sending?: Sending): void {
    this.send(webSocketBinary(bytes), sending);
  }

  /** Sends a message of text or of bytes. */
  say(message: string | Uint8Array, sending?: Sending): void {
    if (typeof message === 'string') this.sendText(message, sending);
    else this.sendBytes(message, sending);
  }

  /** Answers a ping of the client. Not every client sees that, so it is no end of a silence. */
  pong(payload: Uint8Array): void {
    if (this.isClosed) return;
    const frame = webSocketPong(payload);
    this.hub.counters.sentControl(this.slot, frame.byteLength);
    this.#socket.control(frame);
  }

  /** A pong came: whether it answers a ping. */
  ponged(number: number): boolean {
    return this.#flow.pong(number, this.hub.awakeMs);
  }

  pingIfDue(): void {
    const { awakeMs } = this.hub;
    if (this.isClosed || !this.#flow.isPingDue(awakeMs)) return;
    this.#socket.ping(this.#flow.ping(awakeMs));
  }

  /**
   * Looks at what waits: if it is taken, the client reads, though it be long until it comes to the
   * ping behind a large message. What the kernel takes at once says nothing. Nor does what it took
   * since a look of long ago: a live member that is well is not looked at.
   */
  look(): void {
    const { waitingBytes } = this;
    const { awakeMs } = this.hub;
    const takenBytes = this.sentBytes - waitingBytes;
    const isLate = awakeMs - this.#lookedMs > 2 * BEAT_MS;
    const isTaken = !isLate && this.#waitedBytes > 0 && takenBytes > this.#takenBytes;
    // Nor is a client late with what a fault keeps from it.
    if (isTaken || this.faulty?.isHolding === true) this.#flow.moved(awakeMs);
    this.#lookedMs = awakeMs;
    this.#waitedBytes = waitingBytes;
    this.#takenBytes = takenBytes;
  }

  /** How to close it, if the client is stuck or gone. */
  get trouble(): { readonly code: number; readonly reason: string } | undefined {
    const { stallMs, pongMs } = this.hub.service.limits;
    const trouble = this.#flow.trouble(this.hub.awakeMs);
    if (trouble === undefined) return undefined;
    return trouble === 'stalled'
      ? { code: HOST_CLOSES.stalled, reason: `nothing read for ${stallMs} ms` }
      : { code: HOST_CLOSES.noPong, reason: `no pong for ${pongMs} ms` };
  }

  /** Hands over a frame, and a ping behind it if one is due. */
  protected override write(frame: Frame, told?: Told): void {
    const { awakeMs } = this.hub;
    if (this.#flow.isPingDue(awakeMs)) {
      this.#socket.writeAndPing(frame, this.#flow.ping(awakeMs), told);
    } else {
      this.#socket.write(frame, told);
    }
  }
}
