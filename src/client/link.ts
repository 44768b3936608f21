import type { MarketMessage } from '../wire/market-message.ts';
import type {
  ErrorMessage,
  HeartbeatMessage,
  HelloMessage,
  SubscribedMessage,
} from '../wire/messages.ts';
import { ServerClock } from './clock.ts';
import { Connection, type ConnectionOptions, type Transport } from './connection.ts';
import { Cursor, type CursorMismatch } from './cursor.ts';
import type { Received } from './decode.ts';
import { mayPass } from './error.ts';
import type { Host } from './host.ts';
import type { Batch, Frame, Kind } from './kind.ts';
import { reason } from './reason.ts';
import type { Refusal, SubscriptionState } from './state.ts';
import { Status } from './status.ts';
import { SubscriptionRequest } from './subscription-request.ts';

/** Subscriptions have the ids from 1. */
const PING_ID = 0;

export interface LinkOptions<Made extends Batch> extends ConnectionOptions {
  /** What is asked for: rows, or candles of them. */
  readonly kind: Kind<Made>;
  readonly symbols: readonly string[] | '*';
  /** The market id; without one, that of the first server. A server without it refuses. */
  readonly market: string | undefined;
  /** Time of the last row the reader already has, in any form that a server understands. */
  readonly since: number | string;
  /** Called with what every row tells, exactly once, in order; columns in that of `symbols`. */
  readonly onBatch: (made: Made) => void;
  readonly onState: (state: SubscriptionState) => void;
  /** Called with each new market id, before the first rows of it. */
  readonly onMarket?: ((market: string) => void) | undefined;
}

/**
 * One stream of rows, or of what is made of them, without a gap, over as many connections as it
 * takes.
 *
 *     connecting ──► catching up ──► live ◄──► stale
 *                        ▲             │
 *                        └─ reconnecting / offline          refused, closed (for good)
 *
 * All it remembers is its cursor: every connection goes on from there. What does not begin exactly
 * there is refused together with its connection.
 */
export class Link<Made extends Batch> {
  readonly cursor: Cursor;
  readonly clock: ServerClock;
  /** The market id; undefined while only the server could tell. */
  market: string | undefined;
  /** What the server of this connection called its market when it greeted. */
  #greetedBy: string | undefined;
  readonly #options: LinkOptions<Made>;
  #symbols: LinkOptions<Made>['symbols'];
  readonly #status: Status;
  readonly #connection: Connection;
  readonly #request: SubscriptionRequest;
  readonly #stopWaking: () => void;

  /** Connects at once. */
  constructor(options: LinkOptions<Made>, host: Host) {
    const { since, symbols, kind } = options;
    this.#options = options;
    this.#symbols = symbols;
    this.market = options.market;
    this.cursor = new Cursor(since);
    this.clock = new ServerClock(host);
    this.#status = new Status(host, options.onState, () => this.clock.ask());
    const send = (message: object) => this.#connection.send(message);
    this.#request = new SubscriptionRequest(host, send, () => {
      if (kind.isNew?.(this.#symbols)) this.cursor.since = 'now';
      const { since } = this.cursor;
      return { symbols: this.#symbols, since, market: this.market, ...kind.asked };
    });
    this.#connection = new Connection(options, host, {
      onMessage: (message) => this.#receive(message),
      onDown: (attempt, inMs, reason) => {
        this.#forget();
        this.#status.down(attempt, inMs, reason);
      },
      onSwitch: () => this.#forget(),
      onRefused: (refusal) => this.#end({ kind: 'refused', ...refusal }),
    });
    this.#connection.connect();
    this.#stopWaking = host.onWake(() => {
      if (!this.#status.isFlowing) this.#connection.wake();
    });
  }

  get state(): SubscriptionState {
    return this.#status.state;
  }

  /** How rows come, or are asked for. */
  get transport(): Transport {
    return this.#connection.transport;
  }

  /** Connect now, whatever the back-off says. */
  retry(): void {
    if (!this.#status.hasEnded) this.#connection.retry();
  }

  stop(): void {
    if (!this.#status.hasEnded) this.#end({ kind: 'closed' });
  }

  /** Go on from the cursor with other columns. */
  select(symbols: LinkOptions<Made>['symbols']): void {
    this.#symbols = symbols;
    this.#request.renew();
  }

  /** Ask for no more rows until `resume`. The server keeps nothing for this reader. */
  pause(): void {
    if (!this.#request.pause()) return;
    this.cursor.counters.pauses += 1;
    this.#status.enter({ kind: 'catching up', lagRows: this.cursor.lagRows });
  }

  /** Go on from the cursor. */
  resume(): void {
    if (!this.#status.hasEnded) this.#request.resume();
  }

  #end(state: SubscriptionState): void {
    this.#stopWaking();
    this.#forget();
    this.#connection.disconnect();
    this.#status.enter(state);
  }

  #refuse(code: string, message: string, details: Refusal['details'] = {}): void {
    this.#end({ kind: 'refused', code, message, details });
  }

  /** What belonged to the connection is gone with it. */
  #forget(): void {
    this.clock.stop();
    this.#request.disconnected();
  }

  #receive(message: Received): void {
    const { id, isGranted } = this.#request;
    const isOurs = isGranted && 'id' in message && message.id === id;
    switch (message.type) {
      case 'hello':
        this.#greet(message);
        break;
      case 'subscribed':
        if (message.id === id) this.#begin(message);
        break;
      case 'frame':
        if (isOurs) this.#take(message);
        break;
      case 'skipped':
        if (isOurs) this.#mend(this.cursor.skip(message));
        break;
      case 'market':
        if (isOurs) this.#go(message);
        break;
      case 'heartbeat':
        this.clock.observe(message.now);
        this.#compare(message);
        this.#status.heard(this.#lateRows(this.cursor.lagRows));
        break;
      case 'pong':
        this.clock.answer(message);
        this.#status.heard(this.#lateRows(this.cursor.lagRows));
        break;
      case 'clock':
        this.clock.change(message);
        // What was late may be slow now, and the other way round.
        if (isGranted) this.#flow(this.cursor.lagRows);
        break;
      case 'error':
        if (message.id !== PING_ID) this.#fail(message);
        break;
    }
  }

  #greet(hello: HelloMessage): void {
    const { market, heartbeat } = hello;
    this.#greetedBy = market;
    this.cursor.connected(hello);
    this.#connection.greeted(heartbeat);
    this.#request.connected();
    // A server hangs up on who asks for nothing: while paused, this is all that is asked.
    this.clock.start(hello, () => this.#connection.send({ type: 'ping', id: PING_ID }));
  }

  #begin(message: SubscribedMessage): void {
    this.#options.kind.begin(message);
    const mismatch = this.cursor.begin(message);
    if (mismatch !== undefined) {
      this.#mend(mismatch);
      return;
    }
    this.#request.granted();
    this.#know(message.market ?? this.market ?? this.#greetedBy);
    this.#flow(this.cursor.lagRows);
  }

  /** From here on rows are of another market id. */
  #go({ market, since }: MarketMessage): void {
    const mismatch = this.cursor.mismatchAt(since);
    if (mismatch === undefined) this.#know(market);
    else this.#mend(mismatch);
  }

  #know(market: string | undefined): void {
    const before = this.market;
    this.market = market;
    if (market === undefined || market === before) return;
    if (before !== undefined) this.#options.onMarket?.(market);
  }

  #take(frame: Frame): void {
    const { kind, onBatch } = this.#options;
    const made = this.cursor.take(frame, (frame, around) => kind.read(frame, around));
    if (typeof made === 'string') {
      this.#mend(made);
      return;
    }
    this.#connection.understood();
    this.clock.observe(made.until);
    this.#flow(made.lag);
    if (!kind.isEmpty(made) && !this.#status.hasEnded) onBatch(made);
  }

  #flow(lagRows: number): void {
    const { intervalMs } = this.cursor;
    const late = this.#lateRows(lagRows);
    const paceMs = this.#options.kind.paceMs(intervalMs);
    this.#status.flowing(late, intervalMs, paceMs, this.clock.speed);
  }

  /** Of rows behind the head, those that are not only waiting for their turn. */
  #lateRows(lagRows: number): number {
    const { intervalMs } = this.cursor;
    const paceRows = Math.ceil(this.#options.kind.paceMs(intervalMs) / intervalMs);
    return Math.max(0, lagRows - paceRows + 1);
  }

  /** A heartbeat says how far the reader should be. */
  #compare({ head, subscriptions }: HeartbeatMessage): void {
    const { id, isGranted, isPaused } = this.#request;
    const { cursor } = this;
    cursor.headMs = Math.max(cursor.headMs, head);
    const until = subscriptions[id];
    if (isGranted && until !== undefined) this.#mend(cursor.mismatchAt(until));
    else if (isPaused) this.#status.enter({ kind: 'catching up', lagRows: cursor.lagRows });
  }

  /** Ask again for what a faulty message should have been. */
  #mend(mismatch: CursorMismatch | undefined): void {
    if (mismatch === 'misshapen') {
      this.#connection.garbled('The server sent what is not what it promised.');
    } else if (mismatch !== undefined) this.#connection.comeBack(reason(mismatch));
  }

  #fail({ type, id, code, message, ...details }: ErrorMessage): void {
    if (mayPass(code)) this.#connection.comeBack({ code, message, details });
    else this.#refuse(code, message, details);
  }
}
