import type { Connection } from '../../../delivery/connection.ts';
import { type Message, SocketConnection } from '../../../delivery/socket-connection.ts';
import type { Bye, Opened } from '../../../delivery/socket-route.ts';
import { Subscription } from '../../../delivery/subscription.ts';
import { MESSAGE_COST } from '../../../host/budgets/cost.ts';
import { payWork } from '../../../host/budgets/work.ts';
import type { ClientError } from '../../../host/refused.ts';
import { CLOSE_CODES } from '../../../wire/errors.ts';
import { toldError } from '../errors.ts';
import type { BinanceParts } from '../parts.ts';
import { type TimeUnit, timeIn } from '../time-unit.ts';
import {
  fieldsOf,
  idIn,
  type RequestId,
  requestOf,
  StreamError,
  type StreamRequest,
} from './requests.ts';
import { followingCost, tooManyStreams } from './stream-limits.ts';
import type { Stream, Streams } from './streams.ts';

export interface StreamConnectionOptions {
  readonly parts: BinanceParts;
  readonly streams: Streams;
  readonly unit: TimeUnit;
  /** Whether messages say of which stream they are. */
  readonly isCombined: boolean;
  /** What it follows from the beginning. */
  readonly followed: readonly Stream[];
}

/** A client of these streams: each that it follows is a subscription of its own. */
export class StreamConnection extends SocketConnection implements Connection {
  readonly kind = 'binance';
  readonly #parts: BinanceParts;
  readonly #streams: Streams;
  readonly #unit: TimeUnit;
  #isCombined: boolean;
  /** The streams that it follows, and the ids of their subscriptions. */
  readonly #followed = new Map<string, Followed>();
  #nextId = 0;

  constructor(opened: Opened, options: StreamConnectionOptions) {
    const { parts, streams, unit, isCombined, followed } = options;
    super(parts.hub, opened.outlet, opened.address);
    this.#parts = parts;
    this.#streams = streams;
    this.#unit = unit;
    this.#isCombined = isCombined;
    for (const stream of followed) this.#follow(stream);
    if (followed.length > 0) this.hasAsked = true;
  }

  /** These streams cannot say so: those that leave rows out tell of the newest, as a rule. */
  sendSkipped(): void {}

  protected override check(message: Message): void {
    fieldsOf(String(message));
  }

  protected handle(message: Message): void {
    const request = requestOf(fieldsOf(String(message)));
    const result = this.#answer(request);
    this.outlet.sendText(JSON.stringify({ result, id: request.id }));
    // What is to be told at once comes behind the answer.
    this.hub.drained(this);
  }

  protected override refusalOf(message: Message): (refusal: ClientError) => void {
    const id = idOf(message);
    return (refusal) => {
      const { code, msg } = toldError(refusal).error;
      const error = { code: refusal instanceof StreamError ? refusal.number : code, msg };
      const text = JSON.stringify(id === undefined ? { error } : { error, id });
      this.outlet.sendText(text, { isData: false });
    };
  }

  /** Who takes back what costs work must not be kept from it for want of work. */
  protected override takesBack(message: Message): boolean {
    try {
      return requestOf(fieldsOf(String(message))).method === 'UNSUBSCRIBE';
    } catch {
      return false;
    }
  }

  protected override goodbye({ code }: Bye): string | undefined {
    if (code !== CLOSE_CODES.shuttingDown) return undefined;
    const E = timeIn(this.#unit, this.#parts.service.clock.marketMs());
    return JSON.stringify({ e: 'serverShutdown', E });
  }

  protected override forget(): void {
    for (const { end } of this.#followed.values()) end?.();
    this.#followed.clear();
  }

  #answer(request: StreamRequest): unknown {
    switch (request.method) {
      case 'SUBSCRIBE':
        return this.#subscribe(request.names);
      case 'UNSUBSCRIBE':
        return this.#unsubscribe(request.names);
      case 'LIST_SUBSCRIPTIONS':
        return [...this.#followed.keys()];
      case 'GET_PROPERTY':
        return this.#isCombined;
      case 'SET_PROPERTY':
        return this.#setCombined(request.isCombined);
    }
  }

  /** Follows all of them or, if one is wrong, none. */
  #subscribe(names: readonly string[]): null {
    const { service } = this.#parts;
    payWork(service, this.address, followingCost(names.length), MESSAGE_COST);
    const wanted = new Map<string, Stream>();
    for (const name of names) {
      const stream = this.#streams.find(name);
      if (stream === undefined) throw noStream(name);
      if (!this.#followed.has(name)) wanted.set(name, stream);
    }
    const { maxBinanceStreams } = service.limits;
    const all = this.#followed.size + wanted.size;
    if (all > maxBinanceStreams) throw tooManyStreams(maxBinanceStreams, all);
    payWork(service, this.address, this.#streams.costOf(wanted.values()), MESSAGE_COST);
    this.hub.detach(this);
    for (const stream of wanted.values()) this.#follow(stream);
    return null;
  }

  #unsubscribe(names: readonly string[]): null {
    this.hub.detach(this);
    for (const name of names) {
      const followed = this.#followed.get(name);
      if (followed === undefined) continue;
      this.#followed.delete(name);
      this.#leave(followed);
    }
    return null;
  }

  /** Gives where it was, if it was told rows. */
  #leave({ id, end }: Followed): Subscription | undefined {
    end?.();
    const subscription = id === undefined ? undefined : this.subscriptions.get(id);
    subscription?.close();
    if (id !== undefined) this.subscriptions.delete(id);
    return subscription;
  }

  /** Goes on with the same in the other style, each where it is. */
  #setCombined(isCombined: boolean): null {
    if (isCombined === this.#isCombined) return null;
    payWork(this.#parts.service, this.address, followingCost(this.#followed.size), MESSAGE_COST);
    this.hub.detach(this);
    this.#isCombined = isCombined;
    for (const followed of [...this.#followed.values()]) {
      this.#follow(followed.stream, this.#leave(followed));
    }
    return null;
  }

  /** Follows a stream from the newest row on, or from where it was followed in another style. */
  #follow(stream: Stream, from?: Pick<Subscription, 'cursor' | 'hasBook'>): void {
    const { market, groups, history } = this.hub;
    const { head } = history;
    const style = { isCombined: this.#isCombined, unit: this.#unit };
    if (stream.kind === 'tickers') {
      const { name, topic } = stream;
      const end = this.#streams.tickers.follow(name, topic, style, this.outlet);
      this.#followed.set(name, { stream, end });
      return;
    }
    const following = this.#streams.following(stream, style, head);
    const place = from === undefined ? {} : { cursor: from.cursor, hasBook: from.hasBook };
    const id = this.#nextId++;
    const subscription = new Subscription({
      ...{ market, groups, connection: this, id, head, delivery: 'all' },
      ...following,
      ...place,
    });
    this.subscriptions.set(id, subscription);
    this.#followed.set(stream.name, { stream, id });
  }
}

/** A stream that is followed: the id of its subscription, or how to end it. */
interface Followed {
  readonly stream: Stream;
  readonly id?: number;
  readonly end?: () => void;
}

function noStream(name: string): StreamError {
  return new StreamError('request', `Invalid request: invalid stream ${JSON.stringify(name)}`);
}

/** The id of a message that is refused, if it can be read. */
function idOf(message: Message): RequestId | undefined {
  try {
    return idIn(fieldsOf(String(message)));
  } catch {
    return undefined;
  }
}
