import { sinceOf } from '../../../core/market/grid.ts';
import type { Connection } from '../../../delivery/connection.ts';
import type { Encoder } from '../../../delivery/encoder.ts';
import type { SocketOutlet } from '../../../delivery/socket-outlet.ts';
import type { Subscription } from '../../../delivery/subscription.ts';
import type { Address } from '../../../host/budgets/addresses.ts';
import { MESSAGE_COST } from '../../../host/budgets/cost.ts';
import { payWork } from '../../../host/budgets/work.ts';
import { clientErrorOf, noteRefused } from '../../../host/refused.ts';
import { CLOSE_CODES, ERRORS, TickwellError } from '../../../wire/errors.ts';
import type { ServerMessage } from '../../../wire/messages.ts';
import type { TickwellHub, TickwellService } from '../limits.ts';
import { type Fields, parseMessage } from './fields.ts';
import { helloOf } from './hello.ts';
import { Making } from './making.ts';
import { RateLimits } from './rate-limits.ts';
import { RequestHandler, tooMany } from './request-handler.ts';
import { Waiting } from './waiting.ts';

/**
 * One client of the stream: understands what it asks, keeps its subscriptions.
 *
 * It never sends rows of a subscription on its own: the hub does, in one loop for all.
 */
export class StreamConnection implements Connection {
  readonly encoder: Encoder;
  readonly address: Address;
  readonly outlet: SocketOutlet;
  readonly subscriptions = new Map<number, Subscription>();
  readonly #hub: TickwellHub;
  readonly #service: TickwellService;
  readonly #rateLimits: RateLimits;
  readonly #openedMs: number;
  readonly #making: Making;
  readonly #waiting: Waiting;
  readonly #requests: RequestHandler;
  /** Of the newest ping that has not been answered: older ones need no answer (RFC 6455, 5.5.3). */
  #pingPayload: Uint8Array | undefined;
  #hasAsked = false;

  constructor(hub: TickwellHub, outlet: SocketOutlet, address: Address, encoder: Encoder) {
    const { service } = hub;
    this.encoder = encoder;
    this.address = address;
    this.#hub = hub;
    this.#service = service;
    this.outlet = outlet;
    this.#making = new Making(outlet, () => {
      if (!outlet.isClosed) hub.drained(this);
    });
    this.#waiting = new Waiting(service.limits);
    this.#openedMs = hub.awakeMs;
    this.#rateLimits = new RateLimits(service);
    this.#requests = new RequestHandler({
      ...{ hub, connection: this, making: this.#making },
      say: (message, isData) => this.#say(message, isData),
      refused: (id, error) => this.#refuse(id, error),
    });
    this.#say(helloOf(hub));
  }

  get kind(): string {
    return this.encoder.name;
  }

  sendSkipped(id: number, from: number, next: number): void {
    const { grid } = this.#hub.market;
    const [since, until] = [sinceOf(grid, from), sinceOf(grid, next)];
    this.#say({ type: 'skipped', id, since, until, rows: next - from });
  }

  /** Answers one text message: at once, or when the client has room for the answer. */
  receive(text: string): void {
    if (this.outlet.isClosed) return;
    this.#hasAsked = true;
    const retryAfterMs = this.#rateLimits.message();
    if (this.#waiting.isEmpty && !this.outlet.isFull) this.#receive(text, retryAfterMs);
    else if (retryAfterMs > 0) this.#refuseLater(text, this.#tooFast(retryAfterMs));
    else if (this.#waiting.isFull) this.#refuseLater(text, tooMany(this.#service.limits));
    else this.#waiting.request(() => this.#receive(text, 0));
  }

  attend(): void {
    if (this.outlet.isClosed || this.outlet.isFull) return;
    if (this.#pingPayload !== undefined) this.outlet.pong(this.#pingPayload);
    this.#pingPayload = undefined;
    while (!this.#waiting.isEmpty && !this.outlet.isFull) this.#waiting.next();
    this.#making.start();
  }

  /** A ping of the client: it is answered, and counts as a message. */
  pinged(payload: Uint8Array): void {
    this.#nudged();
    if (this.outlet.isClosed) return;
    if (!this.outlet.isFull) this.outlet.pong(payload);
    // A view of what the socket read would keep all of that.
    else this.#pingPayload = Uint8Array.from(payload);
  }

  /** A pong of the client: it has read everything up to the ping with this number. */
  ponged(number: number): void {
    if (this.outlet.isClosed) return;
    // One that was not asked for is a ping by another name.
    if (this.outlet.ponged(number)) this.#hub.drained(this);
    else this.#nudged();
  }

  beat(): void {
    const { trouble } = this.outlet;
    if (trouble !== undefined) this.close(trouble.code, trouble.reason);
    const { firstRequestMs } = this.#service.limits;
    if (!this.#hasAsked && this.#hub.awakeMs - this.#openedMs >= firstRequestMs) {
      this.close(CLOSE_CODES.silent, `nothing asked within ${firstRequestMs} ms`);
    }
    if (this.outlet.isClosed) return;
    // Who has much to read hears that first.
    if (this.outlet.isSilent && !this.outlet.isFull) this.#say(this.#heartbeat());
    this.outlet.pingIfDue();
  }

  close(code: number, reason: string): void {
    if (this.outlet.isClosed) return;
    this.#say({ type: 'bye', code, reason, retryAfterMs: this.#hub.retryAfterMs() });
    this.outlet.close(code, reason);
    this.closed();
  }

  closed(): void {
    this.#hub.detach(this);
    this.outlet.closed();
    this.#waiting.clear();
    this.#making.clear();
    for (const subscription of this.subscriptions.values()) subscription.close();
    this.subscriptions.clear();
  }

  /** Sends a message; `isData` unless it only keeps the line warm. */
  #say(message: ServerMessage, isData = false): void {
    this.outlet.sendText(JSON.stringify(message), { isData });
  }

  /** That it is alive, and how far each subscription is complete. */
  #heartbeat(): ServerMessage {
    const { market, history } = this.#hub;
    const { grid } = market;
    const subscriptions: Record<string, number> = {};
    for (const { id, cursor } of this.subscriptions.values()) {
      subscriptions[id] = sinceOf(grid, cursor);
    }
    const head = sinceOf(grid, history.head);
    return { type: 'heartbeat', now: this.#service.clock.nowMs(), head, subscriptions };
  }

  #receive(text: string, retryAfterMs: number): void {
    let id: number | undefined;
    try {
      const fields = parseMessage(text);
      id = namedId(fields);
      if (retryAfterMs > 0) throw this.#tooFast(retryAfterMs);
      this.#payFor(fields);
      this.#requests.handle(fields);
    } catch (error) {
      this.#refuse(id, error);
    }
  }

  #payFor({ type }: Fields): void {
    // Who takes back what costs work must not be kept from it for want of work.
    if (type === 'unsubscribe') this.address.pay(MESSAGE_COST, this.#service.clock.steadyMs());
    else payWork(this.#service, this.address, MESSAGE_COST);
  }

  /** Of the message no more is kept than its id. */
  #refuseLater(text: string, error: TickwellError): void {
    const id = idIn(text);
    if (this.#waiting.refusal(() => this.#refuse(id, error))) return;
    this.close(CLOSE_CODES.rateLimited, 'too many messages');
  }

  /** A control frame came, which counts as a message. */
  #nudged(): void {
    if (this.outlet.isClosed) return;
    // It cannot be refused any more: who has nothing left has it for free, as often as messages.
    this.address.pay(MESSAGE_COST, this.#service.clock.steadyMs());
    if (this.#rateLimits.message() > 0) this.#countRefusal();
  }

  #tooFast(retryAfterMs: number): TickwellError {
    const { limits } = this.#service;
    return new TickwellError(
      'rate_limited',
      `messages may come ${limits.messagesPerSecond} a second, ${limits.messagesBurst} at once; ` +
        'given: more',
      { retryAfterMs },
    );
  }

  #refuse(id: number | undefined, error: unknown): void {
    const refusal = clientErrorOf(error);
    const { code, message, details } = refusal;
    const named = id === undefined ? {} : { id };
    noteRefused(this.#service, refusal, { address: this.address.name });
    this.#say({ type: 'error', ...named, code, message, ...details });
    if (code === 'rate_limited') this.#countRefusal();
    else if (!ERRORS[code].retry) this.#countBadRequest();
  }

  #countRefusal(): void {
    if (this.#rateLimits.isTooFast()) this.close(CLOSE_CODES.rateLimited, 'too many messages');
  }

  #countBadRequest(): void {
    if (!this.#rateLimits.isTooOftenWrong()) return;
    this.close(CLOSE_CODES.badRequests, 'too many wrong requests');
  }
}

/** The id by which a message is answered, if it has one. */
function namedId({ id }: Fields): number | undefined {
  return Number.isInteger(id) ? (id as number) : undefined;
}

function idIn(text: string): number | undefined {
  try {
    return namedId(parseMessage(text));
  } catch {
    return undefined;
  }
}
