import type { Address } from '../host/budgets/addresses.ts';
import { MESSAGE_COST } from '../host/budgets/cost.ts';
import { HOST_CLOSES } from '../host/close-codes.ts';
import { webSocketPong } from '../host/websocket-frames.ts';
import { FlowControl } from './flow-control.ts';
import type { Hub } from './hub.ts';
import type { Socket } from './socket.ts';
import type { SocketConnection } from './socket-route.ts';
import type { Subscription } from './subscription.ts';

const NONE: ReadonlyMap<number, Subscription> = new Map();

/** One client of a protocol that sends it all there is by itself: the house sees to the rest. */
export class PlainConnection implements SocketConnection {
  readonly kind: string;
  readonly address: Address;
  readonly subscriptions = NONE;
  readonly bypass = undefined;
  readonly isFull = false;
  readonly sentRows = 0;
  closeCode: number | undefined;
  readonly #hub: Hub;
  readonly #socket: Socket;
  readonly #flow: FlowControl;
  #isClosed = false;

  constructor(hub: Hub, socket: Socket, address: Address, kind: string) {
    this.kind = kind;
    this.address = address;
    this.#hub = hub;
    this.#socket = socket;
    this.#flow = new FlowControl(hub.counters, hub.awakeMs);
  }

  /** Whether more waits for it than may be unread: it is not heard until it has read. */
  get isOverfull(): boolean {
    return this.#socket.wire.writableLength > this.#hub.service.limits.maxUnreadBytes;
  }

  /** A message or a control frame came. What it asks for is done by now: only the next is not. */
  heard(): void {
    if (this.#isClosed) return;
    const waitMs = this.address.pay(MESSAGE_COST, this.#hub.service.clock.steadyMs());
    if (waitMs > 0) this.close(HOST_CLOSES.rateLimited, 'too many messages');
  }

  pinged(payload: Uint8Array): void {
    this.heard();
    if (!this.#isClosed && !this.isOverfull) this.#socket.write(webSocketPong(payload));
  }

  ponged(number: number): void {
    // One that was not asked for is a ping by another name.
    if (!this.#flow.pong(number, this.#hub.awakeMs)) this.heard();
  }

  beat(): void {
    if (this.#isClosed) return;
    const nowMs = this.#hub.awakeMs;
    if (this.#flow.trouble(nowMs) !== undefined) {
      const { pongMs } = this.#hub.service.limits;
      this.close(HOST_CLOSES.noPong, `no pong for ${pongMs} ms`);
    } else if (this.#flow.isPingDue(nowMs)) {
      this.#socket.ping(this.#flow.ping(nowMs));
    }
  }

  close(code: number, reason: string): void {
    if (this.#isClosed) return;
    this.closeCode = code;
    this.closed();
    this.#socket.close(code, reason);
  }

  closed(): void {
    this.#isClosed = true;
  }

  end(): void {
    this.#flow.end();
  }

  attend(): void {}

  cork(): void {}

  uncork(): void {}
}
