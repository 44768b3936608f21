import { sinceOf } from '../../../core/market/grid.ts';
import type { Connection } from '../../../delivery/connection.ts';
import type { Encoder } from '../../../delivery/encoder.ts';
import { Making } from '../../../delivery/making.ts';
import { type Message, SocketConnection } from '../../../delivery/socket-connection.ts';
import type { SocketOutlet } from '../../../delivery/socket-outlet.ts';
import type { Bye } from '../../../delivery/socket-route.ts';
import type { Address } from '../../../host/budgets/addresses.ts';
import type { TickwellError } from '../../../wire/errors.ts';
import type { ServerMessage } from '../../../wire/messages.ts';
import type { TickwellHub } from '../limits.ts';
import { type Fields, parseMessage } from './fields.ts';
import { helloOf } from './hello.ts';
import { RequestHandler } from './request-handler.ts';

/** Of RFC 6455: a kind of data that is not taken. */
const NO_TEXT = 1003;

/**
 * One client of the stream: understands what it asks, keeps its subscriptions.
 *
 * It never sends rows of a subscription on its own: the hub does, in one loop for all.
 */
export class StreamConnection extends SocketConnection implements Connection {
  readonly encoder: Encoder;
  readonly #making: Making;
  readonly #requests: RequestHandler;

  constructor(hub: TickwellHub, outlet: SocketOutlet, address: Address, encoder: Encoder) {
    super(hub, outlet, address);
    this.encoder = encoder;
    this.#making = new Making(outlet, () => {
      if (!outlet.isClosed) hub.drained(this);
    });
    this.#requests = new RequestHandler({
      ...{ hub, connection: this, making: this.#making },
      say: (message, isData) => this.#say(message, isData),
      refused: (id, error) => this.refuse(error, this.#refusalOf(id)),
    });
    this.#say(helloOf(hub, outlet.faults));
  }

  get kind(): string {
    return this.encoder.name;
  }

  sendSkipped(id: number, from: number, next: number): void {
    const { grid } = this.hub.market;
    const [since, until] = [sinceOf(grid, from), sinceOf(grid, next)];
    this.#say({ type: 'skipped', id, since, until, rows: next - from });
  }

  protected override check(message: Message): void {
    if (typeof message === 'string') parseMessage(message);
  }

  protected handle(message: Message): void {
    if (typeof message === 'string') this.#requests.handle(parseMessage(message));
    else this.outlet.close(NO_TEXT, 'messages are text');
  }

  protected override refusalOf(message: Message): (refusal: TickwellError) => void {
    return this.#refusalOf(namedId(fieldsIn(message)));
  }

  /** Who takes back what costs work must not be kept from it for want of work. */
  protected override takesBack(message: Message): boolean {
    return fieldsIn(message).type === 'unsubscribe';
  }

  protected override goodbye(bye: Bye): string {
    return goodbye(bye);
  }

  clockChanged(): void {
    this.#say({ type: 'clock', ...this.hub.service.clock.told });
  }

  protected override keepWarm(): void {
    this.#say(this.#heartbeat());
  }

  protected override goOn(): void {
    this.#making.start();
  }

  protected override forget(): void {
    this.#making.clear();
  }

  /** Sends a message; `isData` unless it only keeps the line warm. */
  #say(message: ServerMessage, isData = false): void {
    this.outlet.sendText(JSON.stringify(message), { isData });
  }

  #refusalOf(id: number | undefined) {
    const named = id === undefined ? {} : { id };
    return ({ code, message, details }: TickwellError) =>
      this.#say({ type: 'error', ...named, code, message, ...details });
  }

  /** That it is alive, and how far each subscription is complete. */
  #heartbeat(): ServerMessage {
    const { market, history, service } = this.hub;
    const { grid } = market;
    const subscriptions: Record<string, number> = {};
    for (const { id, cursor } of this.subscriptions.values()) {
      subscriptions[id] = sinceOf(grid, cursor);
    }
    const head = sinceOf(grid, history.head);
    return { type: 'heartbeat', ...service.clock.told, head, subscriptions };
  }
}

/** What a client is told last. */
export function goodbye(bye: Bye): string {
  return JSON.stringify({ type: 'bye', ...bye });
}

/** The fields of a message; of one that cannot be read, none. */
function fieldsIn(message: Message): Fields {
  try {
    return typeof message === 'string' ? parseMessage(message) : {};
  } catch {
    return {};
  }
}

/** The id by which a message is answered, if it has one. */
function namedId({ id }: Fields): number | undefined {
  return Number.isInteger(id) ? (id as number) : undefined;
}
