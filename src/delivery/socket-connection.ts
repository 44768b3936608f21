import type { Address } from '../host/budgets/addresses.ts';
import { MESSAGE_COST, readingCost } from '../host/budgets/cost.ts';
import { type MessageRate, RateLimits, tooFast, tooMany } from '../host/budgets/rate-limits.ts';
import { payWork } from '../host/budgets/work.ts';
import { HOST_CLOSES } from '../host/close-codes.ts';
import { type ClientError, clientErrorOf, isWrong, noteRefused } from '../host/refused.ts';
import type { Guest } from './connection.ts';
import type { Hub } from './hub.ts';
import { atOnce, whenBroken } from './promised.ts';
import type { SocketOutlet } from './socket-outlet.ts';
import type { Bye } from './socket-route.ts';
import type { Subscription } from './subscription.ts';
import { Waiting } from './waiting.ts';

/** Second answers to pings that are still expected, at most. */
const MOST_SECOND_PONGS = 8;

/** What a client says: a text, or bytes. */
export type Message = string | Buffer;

/**
 * A client by WebSocket, in any protocol: the protocol handles messages, all else is the same for
 * all. Messages are limited in number and paid for. They wait while the client has not read what it
 * was sent. Pings are answered and sent. A client that is stuck, gone or silent is closed.
 *
 *     message ─── too soon? ─── no room? ─── paid? ─── handle
 *                    └── refused    └── waits   └── refused
 */
export abstract class SocketConnection implements Guest {
  abstract readonly kind: string;
  readonly address: Address;
  readonly outlet: SocketOutlet;
  readonly subscriptions = new Map<number, Subscription>();
  /** Whether it has asked for something; who never does is closed. */
  hasAsked = false;
  protected readonly hub: Hub;
  readonly #rateLimits: RateLimits;
  readonly #waiting: Waiting;
  readonly #openedMs: number;
  /** Pings that were answered: some clients do so twice, by their library and by themselves. */
  #secondPongs = 0;
  /** Of the newest ping that has not been answered: older ones need no answer (RFC 6455, 5.5.3). */
  #pingPayload: Uint8Array | undefined;

  /** `rate` is how often it may ask, if not as often as all others. */
  constructor(hub: Hub, outlet: SocketOutlet, address: Address, rate?: MessageRate) {
    this.hub = hub;
    this.outlet = outlet;
    this.address = address;
    this.#rateLimits = new RateLimits(hub.service, rate);
    this.#waiting = new Waiting(hub.service.limits);
    this.#openedMs = hub.awakeMs;
  }

  /** Throws what is wrong with the form of a message. That is said first, however many come. */
  protected check?(message: Message): void;

  /**
   * Does what a message asks for, which has been paid for. Throws what is wrong with it, or gives a
   * promise that is broken by it. The next message does not wait for a promise.
   */
  protected abstract handle(message: Message): void | Promise<void>;

  /**
   * Gives what tells the client that a message is refused. That may be called much later, so it
   * should keep little of the message. Without this method the client is closed instead.
   */
  protected refusalOf?(message: Message): (refusal: ClientError) => void;

  /** Whether a message takes back what costs work: it is handled though it cannot be paid. */
  protected takesBack?(message: Message): boolean;

  /** What is said before the socket is closed: text or bytes. */
  protected goodbye?(bye: Bye): string | Uint8Array | undefined;

  /** Says something, because it was silent for long. */
  protected keepWarm?(): void;

  /** Does what has waited for room beside messages. */
  protected goOn?(): void;

  /** Forgets what the protocol keeps for it: it is closing. */
  protected forget?(): void;

  /** Takes a message: it is handled at once, or when the client has room for the answer. */
  receive(message: Message): void {
    if (this.outlet.isClosed) return;
    this.hasAsked = true;
    // Nobody is there to hear it, as far as the client can know.
    if (this.outlet.faulty?.isDead === true) {
      this.#nudged();
      return;
    }
    const { limits } = this.hub.service;
    const retryAfterMs = this.#rateLimits.message();
    if (this.#waiting.isEmpty && !this.outlet.isFull) {
      this.#handle(message, retryAfterMs);
    } else if (retryAfterMs > 0) {
      this.#refuseLater(message, tooFast(this.#rateLimits.rate, retryAfterMs));
    } else if (this.#waiting.isFull) {
      this.#refuseLater(message, tooMany(limits));
    } else {
      // A view of what the socket read would keep all of that.
      const kept = typeof message === 'string' ? message : Buffer.from(message);
      this.#waiting.request(() => this.#handle(kept, 0));
    }
  }

  attend(): void {
    if (this.outlet.isClosed || this.outlet.isFull) return;
    if (this.#pingPayload !== undefined) this.outlet.pong(this.#pingPayload);
    this.#pingPayload = undefined;
    while (!this.#waiting.isEmpty && !this.outlet.isFull) this.#waiting.next();
    this.hub.attempt(this, () => this.goOn?.());
  }

  /** A ping of the client: it is answered, and counts as a message. */
  pinged(payload: Uint8Array): void {
    this.#nudged();
    if (this.outlet.isClosed) return;
    if (!this.outlet.isFull) this.outlet.pong(payload);
    // A copy, as of messages that wait.
    else this.#pingPayload = Uint8Array.from(payload);
  }

  /** A pong with the number of a ping, or -1: it has read everything up to that ping. */
  ponged(number: number): void {
    if (this.outlet.isClosed) return;
    if (this.outlet.ponged(number)) {
      this.#secondPongs = Math.min(MOST_SECOND_PONGS, this.#secondPongs + 1);
      this.hub.drained(this);
    } else if (this.#secondPongs > 0) {
      this.#secondPongs -= 1;
    } else {
      // One that was not asked for is a ping by another name.
      this.#nudged();
    }
  }

  beat(): void {
    this.outlet.look();
    const { trouble } = this.outlet;
    if (trouble !== undefined) this.close(trouble.code, trouble.reason);
    const { firstRequestMs } = this.hub.service.limits;
    if (this.#isIdle && this.hub.awakeMs - this.#openedMs >= firstRequestMs) {
      this.close(HOST_CLOSES.silent, `nothing asked within ${firstRequestMs} ms`);
    }
    if (this.outlet.isClosed) return;
    // Who has much to read hears that first.
    if (this.outlet.isSilent && !this.outlet.isFull) {
      this.hub.attempt(this, () => this.keepWarm?.());
    }
    this.outlet.pingIfDue();
  }

  close(code: number, reason: string): void {
    if (this.outlet.isClosed) return;
    const bye = { code, reason, retryAfterMs: this.hub.retryAfterMs() };
    const goodbye = atOnce(this.goodbye?.(bye), 'goodbye');
    if (goodbye !== undefined) this.outlet.say(goodbye, { isData: false });
    this.outlet.close(code, reason);
    this.closed();
  }

  closed(): void {
    this.hub.detach(this);
    this.outlet.closed();
    this.#waiting.clear();
    for (const subscription of this.subscriptions.values()) subscription.close();
    this.subscriptions.clear();
    whenBroken(this.forget?.(), (error) => this.hub.service.failures.tell(error));
  }

  /** Counts an error and tells it by `tell`. Who is wrong too often is closed. */
  protected refuse(error: unknown, tell: (refusal: ClientError) => void): void {
    const refusal = clientErrorOf(error);
    noteRefused(this.hub.service, refusal, { address: this.address.name });
    whenBroken(tell(refusal), (failure) => this.hub.failed(this, failure));
    if (refusal.code === 'rate_limited') this.#countRefusal();
    else if (isWrong(refusal) && this.#rateLimits.isTooOftenWrong()) {
      this.close(HOST_CLOSES.badRequests, 'too many wrong requests');
    }
  }

  get #isIdle(): boolean {
    return !this.hasAsked && this.subscriptions.size === 0;
  }

  #handle(message: Message, retryAfterMs: number): void {
    if (this.outlet.isClosed) return;
    try {
      this.#payReading(message);
      atOnce(this.check?.(message), 'check');
      if (retryAfterMs > 0) throw tooFast(this.#rateLimits.rate, retryAfterMs);
      this.#pay(message);
      whenBroken(this.handle(message), (error) => {
        this.hub.attempt(this, () => this.#handleFailed(message, error));
      });
    } catch (error) {
      this.#handleFailed(message, error);
    }
  }

  #handleFailed(message: Message, error: unknown): void {
    const tell = this.#refusalOf(message);
    if (tell === undefined) this.#closeFor(error);
    else this.refuse(error, tell);
  }

  #refusalOf(message: Message) {
    return atOnce(this.refusalOf?.(message), 'refusalOf');
  }

  /** Pays for reading what is longer than a message is elsewhere, before it is read. */
  #payReading(message: Message): void {
    const { service } = this.hub;
    const longer = message.length - service.limits.maxPayloadBytes;
    if (longer > 0) payWork(service, this.address, readingCost(longer));
  }

  #pay(message: Message): void {
    try {
      payWork(this.hub.service, this.address, MESSAGE_COST);
    } catch (error) {
      if (this.takesBack?.(message) !== true) throw error;
    }
  }

  #refuseLater(message: Message, error: ClientError): void {
    const tell = this.#refusalOf(message);
    if (tell === undefined) this.#closeFor(error);
    else if (!this.#waiting.refusal(() => this.refuse(error, tell))) this.#tooMuch();
  }

  /** Closes the client, as its protocol cannot say what is wrong. Throws a fault on. */
  #closeFor(error: unknown): void {
    const refusal = clientErrorOf(error);
    if (refusal.code === 'internal') throw error;
    noteRefused(this.hub.service, refusal, { address: this.address.name });
    if (isWrong(refusal)) this.close(HOST_CLOSES.badRequests, 'wrong request');
    else this.#tooMuch();
  }

  /** A control frame came, which counts as a message. */
  #nudged(): void {
    if (this.outlet.isClosed) return;
    // It cannot be refused any more: who has nothing left has it for free, as often as messages.
    this.address.pay(MESSAGE_COST, this.hub.service.clock.steadyMs());
    if (this.#rateLimits.message() > 0) this.#countRefusal();
  }

  #countRefusal(): void {
    if (this.#rateLimits.isTooFast()) this.#tooMuch();
  }

  #tooMuch(): void {
    this.close(HOST_CLOSES.rateLimited, 'too many messages');
  }
}
