import type { Address } from '../host/budgets/addresses.ts';
import { MESSAGE_COST } from '../host/budgets/cost.ts';
import { HOST_CLOSES } from '../host/close-codes.ts';
import type { DeliveryService } from './service.ts';
import type { SocketOutlet } from './socket-outlet.ts';
import type { SocketConnection } from './socket-route.ts';
import type { Subscription } from './subscription.ts';

const NONE: ReadonlyMap<number, Subscription> = new Map();

/** A client whose protocol sends everything itself. Limits, pings and the end are seen to here. */
export class PlainConnection implements SocketConnection {
  readonly kind: string;
  readonly address: Address;
  readonly outlet: SocketOutlet;
  readonly subscriptions = NONE;
  readonly #service: DeliveryService;

  constructor(service: DeliveryService, outlet: SocketOutlet, address: Address, kind: string) {
    this.kind = kind;
    this.address = address;
    this.outlet = outlet;
    this.#service = service;
  }

  /** Whether more waits for it than may be in flight: it is not read from until it has read. */
  get isOverfull(): boolean {
    return this.outlet.waitingBytes > this.#service.limits.maxUnreadBytes;
  }

  /** A message or a control frame came, and has been answered. If it cannot be paid, it closes. */
  received(): void {
    if (this.outlet.isClosed) return;
    const waitMs = this.address.pay(MESSAGE_COST, this.#service.clock.steadyMs());
    if (waitMs > 0) this.close(HOST_CLOSES.rateLimited, 'too many messages');
  }

  pinged(payload: Uint8Array): void {
    this.received();
    if (!this.isOverfull) this.outlet.pong(payload);
  }

  ponged(number: number): void {
    // A pong that nobody asked for costs as much as a ping.
    if (!this.outlet.ponged(number)) this.received();
  }

  beat(): void {
    if (this.outlet.isClosed) return;
    const { trouble } = this.outlet;
    if (trouble === undefined) this.outlet.pingIfDue();
    else this.close(trouble.code, trouble.reason);
  }

  close(code: number, reason: string): void {
    this.outlet.close(code, reason);
  }

  closed(): void {
    this.outlet.closed();
  }

  attend(): void {}
}
