import { readRows } from '../../../core/history/read-rows.ts';
import { wantedOf } from '../../../core/history/wanted.ts';
import { indexFrom, sinceOf } from '../../../core/market/grid.ts';
import type { Connection } from '../../../delivery/connection.ts';
import type { Encoder } from '../../../delivery/encoder.ts';
import type { Frames } from '../../../delivery/frames.ts';
import type { Making } from '../../../delivery/making.ts';
import { newIdOf } from '../../../delivery/sending.ts';
import { Subscription, wantedKey } from '../../../delivery/subscription.ts';
import { candlesCost, candlesLookingCost } from '../../../host/budgets/candles-cost.ts';
import { MESSAGE_COST, namingCost, rowsCost } from '../../../host/budgets/cost.ts';
import { tooMany } from '../../../host/budgets/rate-limits.ts';
import { type Pay, payWork } from '../../../host/budgets/work.ts';
import { Cancelled } from '../../../host/slicer.ts';
import { TickwellError } from '../../../wire/errors.ts';
import type { ServerMessage } from '../../../wire/messages.ts';
import { DEFAULT_NOTATION } from '../../../wire/notation.ts';
import { candleRangeOf, candlesAnswer, subscribedTo } from '../answers.ts';
import { cuttingOf } from '../cutting.ts';
import { limitsNow, type TickwellHub, type TickwellService } from '../limits.ts';
import { checkSpeaks, hadRows, namedId, saidId } from '../market-ids.ts';
import { candleFieldsOf, cursorOf, fieldsOf, heldOf, wholeOf } from '../requests.ts';
import { deliveryOf, hasBook, streamOf } from '../streams.ts';
import { columnOf } from '../symbols.ts';
import { columnsIn, type Fields, idOf, required, SEVERAL_CANDLES, typeOf } from './fields.ts';
import { candlesMessageBytes } from './sizes.ts';

export interface RequestHandlerOptions {
  readonly hub: TickwellHub;
  readonly connection: Connection & {
    readonly encoder: Encoder;
    readonly subscriptions: Map<number, Subscription>;
  };
  readonly making: Making;
  /** Sends a message; `isData` unless it only keeps the line warm. */
  readonly say: (message: ServerMessage, isData?: boolean) => void;
  /** Answers a request that turned out to be wrong while its answer was being made. */
  readonly refused: (id: number, error: unknown) => void;
}

/** Does what the messages of one client ask for. */
export class RequestHandler {
  readonly #hub: TickwellHub;
  readonly #service: TickwellService;
  readonly #connection: RequestHandlerOptions['connection'];
  readonly #making: Making;
  readonly #say: RequestHandlerOptions['say'];
  readonly #refused: RequestHandlerOptions['refused'];

  constructor({ hub, connection, making, say, refused }: RequestHandlerOptions) {
    this.#hub = hub;
    this.#service = hub.service;
    this.#connection = connection;
    this.#making = making;
    this.#say = say;
    this.#refused = refused;
  }

  /** Answers a message: at once, or when its answer has been made. Throws what is wrong with it. */
  handle(fields: Fields): void {
    switch (typeOf(fields)) {
      case 'fetch':
        this.#fetch(fields);
        break;
      case 'subscribe':
        this.#subscribe(fields);
        break;
      case 'unsubscribe':
        this.#unsubscribe(fields);
        break;
      case 'candles':
        this.#candles(fields);
        break;
      case 'ping':
        this.#say({ type: 'pong', id: idOf(fields), ...this.#service.clock.told });
        break;
    }
  }

  #fetch(fields: Fields): void {
    const id = this.#newId(fields);
    const { market, history, frames } = this.#hub;
    const { limits } = this.#service;
    const { encoder } = this.#connection;
    const named = namedId(history, fields.market);
    const columns = columnsIn(market, fields, this.#pay);
    const cursor = cursorOf(market, limitsNow(this.#service), history.head, fields.since);
    checkSpeaks(history, named, hadRows(fields.since, cursor));
    const wanted = wantedOf(fieldsOf(fields.fields), columns);
    const limit =
      fields.limit === undefined
        ? Number.MAX_SAFE_INTEGER
        : wholeOf('limit', fields.limit, 1, Number.MAX_SAFE_INTEGER);
    const most = encoder.rowsPerFrame(wanted, limits.frameBytes);
    const end = Math.min(history.head, history.timeline.nextChange(cursor));
    const next = Math.max(cursor, Math.min(end, cursor + Math.min(limit, most)));
    this.#checkPending();
    this.#pay(rowsCost(history, wanted, [cursor, next], encoder.format));
    const bytes = encoder.rowsBytes(wanted, next - cursor);
    const key = wantedKey(market, wanted);
    const of = { encoder, id, ...wanted, wantedKey: key, cursor, next };
    const steps = encodedRows(frames, of, readRows(history, wanted, cursor, next));
    this.#answer(id, bytes, steps, (body) => {
      const said = newIdOf(history.timeline, cursor, next);
      const since = sinceOf(market.grid, cursor);
      if (said !== undefined) this.#say({ type: 'market', id, market: said, since }, true);
      const frame = frames.frameOf({ ...of, head: history.head }, body);
      this.#connection.outlet.send(frame, { rows: next - cursor });
    });
  }

  #subscribe(fields: Fields): void {
    const id = this.#newId(fields);
    if (this.#making.has(id)) {
      throw new TickwellError(
        'bad_request',
        `id must differ from those of answers that are on their way; given: ${id}`,
      );
    }
    const { market, history } = this.#hub;
    const { limits } = this.#service;
    const { maxSubscriptions } = limits;
    const named = namedId(history, fields.market);
    const columns = columnsIn(market, fields, this.#pay);
    const cursor = cursorOf(market, limitsNow(this.#service), history.head, fields.since);
    checkSpeaks(history, named, hadRows(fields.since, cursor));
    const delivery = deliveryOf(fields.delivery);
    const wanted = streamOf(history, limits, fields, columns, this.#pay);
    if (this.#connection.subscriptions.size >= maxSubscriptions) {
      throw new TickwellError(
        'too_many',
        `a connection holds at most ${maxSubscriptions} subscriptions; given: one more`,
        { limit: maxSubscriptions },
      );
    }
    this.#pay(namingCost(columns.length));
    this.#hub.detach(this.#connection);
    const subscription = new Subscription({
      market,
      groups: this.#hub.groups,
      connection: this.#connection,
      id,
      wanted,
      cursor,
      head: history.head,
      delivery,
      hasBook: hasBook(wanted, fields.since),
    });
    this.#connection.subscriptions.set(id, subscription);
    this.#say({
      type: 'subscribed',
      id,
      ...subscribedTo(history, named, wanted, cursor, fields.every as number | undefined),
    });
    this.#hub.drained(this.#connection);
  }

  #unsubscribe(fields: Fields): void {
    const id = idOf(fields);
    const subscription = this.#connection.subscriptions.get(id);
    if (subscription === undefined) {
      throw new TickwellError(
        'bad_request',
        `id must be that of a running subscription; given: ${id}`,
      );
    }
    this.#hub.detach(this.#connection);
    subscription.close();
    this.#connection.subscriptions.delete(id);
    const until = sinceOf(this.#hub.market.grid, subscription.cursor);
    this.#say({ type: 'unsubscribed', id, until });
  }

  #candles(fields: Fields): void {
    const isStreamed = this.#connection.subscriptions.get(idOf(fields))?.what === 'candles';
    // They could not be told from candles that are streamed.
    const id = isStreamed ? this.#newId(fields) : idOf(fields);
    const { market, history } = this.#hub;
    const { limits } = this.#service;
    const named = namedId(history, fields.market);
    const symbol = required('symbol', fields.symbol);
    const column = columnOf(market, 'symbol', symbol, this.#pay, () => SEVERAL_CANDLES);
    const { tz, offset } = fields;
    const asked = { resolution: required('resolution', fields.resolution), tz, offset };
    const resolution = cuttingOf(history, asked, this.#pay);
    const from = required('from', fields.from);
    const count = wholeOf('count', required('count', fields.count), 1, limits.maxCandlesPerMessage);
    const range = candleRangeOf(
      history,
      limitsNow(this.#service),
      resolution,
      { from, count },
      this.#pay,
    );
    this.#checkPending();
    const sums = candleFieldsOf(fields.fields);
    const isHeldToo = heldOf(fields.held);
    const how = { format: 'json', notation: DEFAULT_NOTATION } as const;
    this.#pay(candlesLookingCost(history, [column], range, { resolution, fields: sums }));
    this.#pay(candlesCost(history, column, range, { resolution, fields: sums, ...how }));
    const bytes = candlesMessageBytes(market, count, sums.length);
    const next = Math.min(history.head, indexFrom(market.grid, range.toMs));
    checkSpeaks(history, named, next);
    const said = saidId(history, named, next);
    const steps = candlesAnswer(history, said, column, resolution, range, sums, isHeldToo);
    this.#answer(id, bytes, steps, (answer) => {
      this.#say({ type: 'candles', id, ...answer }, true);
    });
  }

  /** The id of a message, for rows that must not be taken for those of a running subscription. */
  #newId(fields: Fields): number {
    const id = idOf(fields);
    if (!this.#connection.subscriptions.has(id)) return id;
    throw new TickwellError(
      'bad_request',
      `id must differ from those of running subscriptions; given: ${id}`,
    );
  }

  /** Pays for what a message asks for, beside the message itself. */
  readonly #pay: Pay = (cost) =>
    payWork(this.#service, this.#connection.address, cost, MESSAGE_COST);

  /** Throws while as many answers are being made as may. */
  #checkPending(): void {
    if (this.#making.count >= this.#service.limits.maxPendingRequests)
      throw tooMany(this.#service.limits);
  }

  /** Runs what a request needs a slice at a time, then sends what `reply` makes of it. */
  #answer<T>(
    id: number,
    bytes: number,
    steps: Generator<unknown, T, void>,
    reply: (result: T) => void,
  ): void {
    const run = async () => {
      // Room is kept for it now.
      this.#hub.detach(this.#connection);
      try {
        reply(await this.#service.slicer.run(steps, () => !this.#connection.outlet.isClosed));
      } catch (error) {
        if (!(error instanceof Cancelled)) this.#refused(id, error);
      }
    };
    this.#making.add({ id, bytes, run });
  }
}

/** The body of a frame of rows, once they have been read. */
function* encodedRows(
  frames: Frames,
  of: Parameters<Frames['encode']>[0],
  reading: ReturnType<typeof readRows>,
): ReturnType<Frames['encode']> {
  return yield* frames.encode(of, yield* reading);
}
