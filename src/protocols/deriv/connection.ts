import { readRows } from '../../core/history/read-rows.ts';
import { wantedOf } from '../../core/history/wanted.ts';
import { timeOf } from '../../core/market/grid.ts';
import type { Connection } from '../../delivery/connection.ts';
import { Making } from '../../delivery/making.ts';
import { type Message, SocketConnection } from '../../delivery/socket-connection.ts';
import type { Opened } from '../../delivery/socket-route.ts';
import { MESSAGE_COST, namingCost, rowsCost, sendingCost } from '../../host/budgets/cost.ts';
import { tooMany } from '../../host/budgets/rate-limits.ts';
import { type Pay, payWork } from '../../host/budgets/work.ts';
import type { ClientError } from '../../host/refused.ts';
import { Cancelled } from '../../host/slicer.ts';
import { type DerivEncoder, MOST_MESSAGE_BYTES, TICK_FIELDS } from './encoder.ts';
import {
  checkOne,
  columnOf,
  columnsOf,
  forgottenKinds,
  forgottenOf,
  historyOf,
  isFollowedIn,
  isFullIn,
} from './fields.ts';
import { historyAnswer } from './history.ts';
import type { DerivHub, DerivService } from './limits.ts';
import { DerivError, errorOf, invalid } from './problems.ts';
import { opening } from './readers.ts';
import { asciiJson, type Envelope, envelopeOf, type Request, requestOf } from './request.ts';
import { newStreamId, Streams } from './streams.ts';
import type { DerivSymbols } from './symbols.ts';
import { epochOf, tickText } from './values.ts';

/** What all connections of a server have in common. */
export interface DerivParts {
  readonly hub: DerivHub;
  readonly symbols: DerivSymbols;
  readonly encoder: DerivEncoder;
}

/** One client: understands what it asks, keeps its streams. The hub sends it their messages. */
export class DerivConnection extends SocketConnection implements Connection {
  readonly kind = 'deriv';
  readonly encoder: DerivEncoder;
  readonly #hub: DerivHub;
  readonly #service: DerivService;
  readonly #symbols: DerivSymbols;
  readonly #isNewer: boolean;
  readonly #making: Making;
  readonly #streams: Streams;
  /** Answers that take time have no numbers there, but must be told apart here. */
  #answers = 0;

  /** `isNewer` says at which of both paths it has come. */
  constructor({ hub, symbols, encoder }: DerivParts, opened: Opened, isNewer: boolean) {
    super(hub, opened.outlet, opened.address);
    this.encoder = encoder;
    this.#hub = hub;
    this.#service = hub.service;
    this.#symbols = symbols;
    this.#isNewer = isNewer;
    this.#making = new Making(opened.outlet, () => {
      if (!this.outlet.isClosed) hub.drained(this);
    });
    this.#streams = new Streams({ hub, encoder, connection: this });
  }

  /** Nobody can ask for the newest rows alone. */
  sendSkipped(): void {}

  protected override check(message: Message): void {
    requestOf(message);
  }

  protected handle(message: Message): void {
    const request = requestOf(message);
    const { fields } = request;
    switch (request.name) {
      case 'ping':
        checkOne('ping', fields.ping);
        this.#say(request, 'ping', '"ping":"pong"');
        break;
      case 'time':
        checkOne('time', fields.time);
        this.#say(request, 'time', `"time":${epochOf(this.#service.clock.marketMs())}`);
        break;
      case 'active_symbols':
        this.#list(request, isFullIn(fields));
        break;
      case 'ticks':
        this.#ticks(request);
        break;
      case 'ticks_history':
        this.#history(request);
        break;
      case 'forget':
        this.#forget(request, forgottenOf(fields));
        break;
      case 'forget_all':
        this.#forgetAll(request, forgottenKinds(fields));
        break;
    }
  }

  protected override refusalOf(message: Message): (refusal: ClientError) => void {
    return this.#refusalTo(envelopeOf(message));
  }

  /** Who takes back what costs work must not be kept from it for want of work. */
  protected override takesBack(message: Message): boolean {
    return /^forget/.test(envelopeOf(message).name);
  }

  protected override goOn(): void {
    this.#making.start();
  }

  protected override forget(): void {
    this.#making.clear();
    this.#streams.forget();
  }

  #forget(request: Request, id: string): void {
    const isForgotten = this.#streams.end(id);
    this.#say(request, 'forget', `"forget":${isForgotten ? 1 : 0}`);
  }

  #forgetAll(request: Request, kinds: readonly string[]): void {
    const ids = this.#streams.endAll(kinds);
    this.#say(request, 'forget_all', `"forget_all":${JSON.stringify(ids)}`);
  }

  #list(request: Request, isFull: boolean): void {
    this.#checkPending();
    this.#pay(namingCost(this.#hub.market.instruments.length));
    const list = this.#symbols.list(isFull, (column) => this.#statusOf(column));
    this.#pay(sendingCost(list.length));
    const bytes = list.length + MOST_MESSAGE_BYTES;
    this.#answer(request, bytes, atOnce(list), (text) => {
      this.#say(request, 'active_symbols', `"active_symbols":${text}`);
    });
  }

  /** Whether a column trades at the newest row, as `STATUS` has it. */
  #statusOf(column: number): number {
    const { head, timeline } = this.#hub.history;
    const status = this.#hub.market.newPrices(1);
    timeline.fillStatus(status, 0, column, Math.max(0, head - 1), Math.max(1, head));
    return status[0]!;
  }

  #ticks(request: Request): void {
    const { fields } = request;
    const { maxDerivSubscriptions } = this.#service.limits;
    const isFollowed = isFollowedIn(fields);
    const columns = columnsOf(this.#symbols, 'ticks', fields.ticks, maxDerivSubscriptions);
    const { head } = this.#hub.history;
    if (head === 0) {
      throw new DerivError('not_ready', 'MarketIsClosed', 'This market is presently closed.');
    }
    this.#pay(namingCost(columns.length));
    if (isFollowed) this.#follow(request, columns, head - 1);
    else this.#newestTicks(request, columns, head);
  }

  /** From row `cursor` on, which is there: it is told at once. */
  #follow(request: Request, columns: readonly number[], cursor: number): void {
    this.#streams.check(request, columns.length);
    const start = opening(request, 'tick');
    for (const column of columns) this.#streams.begin({ opening: start, column, cursor });
    this.#hub.drained(this);
  }

  #newestTicks(request: Request, columns: readonly number[], head: number): void {
    const { history, market } = this.#hub;
    const wanted = wantedOf(TICK_FIELDS, columns);
    this.#checkPending();
    this.#pay(rowsCost(history, wanted, [head - 1, head], 'json'));
    const epoch = epochOf(timeOf(market.grid, head - 1));
    const bytes = columns.length * MOST_MESSAGE_BYTES;
    const steps = readRows(history, wanted, head - 1, head);
    this.#answer(request, bytes, steps, (values) => {
      for (const [n, column] of columns.entries()) {
        const [last, bid, ask] = TICK_FIELDS.map((_, f) => values.at(f * columns.length + n)[0]!);
        const tick = { last: last!, bid: bid!, ask: ask! };
        const text = tickText(this.#symbols.listed(column), epoch, tick);
        this.#say(request, 'tick', `"tick":{${text.slice(0, -1)}`);
      }
    });
  }

  /** What was, then, if it is wanted, what follows: from the very row on that is not told yet. */
  #history(request: Request): void {
    const { history, market } = this.#hub;
    const { fields } = request;
    const place = { intervalMs: market.grid.intervalMs, isNewer: this.#isNewer };
    const column = columnOf(this.#symbols, 'ticks_history', fields.ticks_history);
    if (fields.end === undefined) {
      throw invalid('end', 'must be "latest" or whole seconds since 1970', undefined);
    }
    const asked = historyOf(fields, place, this.#service.limits.maxDerivTicks);
    const { isFollowed, resolution, granularity } = asked;
    this.#checkPending();
    if (isFollowed) this.#streams.check(request, 1);
    this.#pay(namingCost(1));
    const cursor = history.head;
    const { msgType, bytes, steps } = historyAnswer(history, column, asked, this.#pay);
    if (isFollowed) this.#streams.expect();
    const told = (members: string) => {
      const id = newStreamId();
      if (!isFollowed) {
        this.#say(request, msgType, members);
        return;
      }
      this.#say(request, msgType, `${members},"subscription":{"id":"${id}"}`);
      const start = opening(request, resolution === undefined ? 'tick' : 'ohlc');
      this.#streams.begin({ opening: start, column, cursor, resolution, granularity }, id);
    };
    this.#answer(request, bytes + request.echo.length, steps, told, () => {
      if (isFollowed) this.#streams.expected();
    });
  }

  #say(envelope: Envelope, msgType: string, members: string): void {
    if (this.outlet.isClosed) return;
    this.outlet.sendText(`${opening(envelope, msgType)},${members}}`);
  }

  #refusalTo(envelope: Envelope) {
    return (refusal: ClientError) =>
      this.#say(envelope, envelope.name, `"error":${asciiJson(errorOf(refusal))}`);
  }

  /** Pays for what a message asks for, beside the message itself. */
  readonly #pay: Pay = (cost) => payWork(this.#service, this.address, cost, MESSAGE_COST);

  /** Throws while as many answers are being made as may. */
  #checkPending(): void {
    if (this.#making.count >= this.#service.limits.maxPendingRequests) {
      throw tooMany(this.#service.limits);
    }
  }

  /** Runs what a request needs a slice at a time, then `tell`s what comes of it. */
  #answer<T>(
    envelope: Envelope,
    bytes: number,
    steps: Generator<unknown, T, void>,
    tell: (result: T) => void,
    ended: () => void = () => {},
  ): void {
    const run = async () => {
      // Room is kept for it now.
      this.#hub.detach(this);
      try {
        const isAwaited = () => !this.outlet.isClosed;
        const result = await this.#service.slicer.run(steps, isAwaited).finally(ended);
        if (isAwaited()) tell(result);
      } catch (error) {
        if (error instanceof Cancelled) return;
        this.refuse(error, this.#refusalTo(envelope));
      }
    };
    this.#making.add({ id: this.#answers++, bytes, run });
  }
}

/** What is there already, and only waits for room. */
function* atOnce<T>(made: T): Generator<void, T, void> {
  yield;
  return made;
}
