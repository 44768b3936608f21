import {
  candlesWantedOf,
  cutOf,
  depthWantedOf,
  tradesWantedOf,
  type Wanted,
  wantedOf,
} from '../../../core/history/wanted.ts';
import type { AssetClass } from '../../../core/market/listing.ts';
import { UNIT_MS } from '../../../core/market/resolution.ts';
import type { Connection } from '../../../delivery/connection.ts';
import type { Hub } from '../../../delivery/hub.ts';
import { type Message, SocketConnection } from '../../../delivery/socket-connection.ts';
import type { Bye, Opened } from '../../../delivery/socket-route.ts';
import { Subscription } from '../../../delivery/subscription.ts';
import { MESSAGE_COST, namingCost } from '../../../host/budgets/cost.ts';
import { payWork } from '../../../host/budgets/work.ts';
import { HOST_CLOSES } from '../../../host/close-codes.ts';
import type { ClientError } from '../../../host/refused.ts';
import { hasKey } from '../http/begun.ts';
import type { Item } from '../items.ts';
import type { AlpacaService } from '../limits.ts';
import { DAY, minuteOf } from '../newest.ts';
import type { AlpacaSymbols } from '../symbols.ts';
import type { AlpacaEncoder } from './alpaca-encoder.ts';
import {
  CHANNELS,
  type Channel,
  channelsOf,
  type Followed,
  IDS,
  isSent,
  nothingFollowed,
  type SentChannel,
} from './channels.ts';
import { type Codec, fieldsOf, invalidSyntax, listOf, StreamRefusal } from './messages.ts';

/** Of bars that are told when they are whole alone. */
const NEVER = 2 ** 52;

/** Levels a side of order books. */
const BOOK_LEVELS = 20;

export interface AlpacaParts {
  readonly hub: Hub;
  readonly service: AlpacaService;
  readonly symbols: AlpacaSymbols;
  readonly kind: AssetClass;
  readonly codec: Codec;
  readonly encoder: AlpacaEncoder;
}

/** One client of a stream: says who it is, then which symbols it follows on which channels. */
export class AlpacaConnection extends SocketConnection implements Connection {
  readonly encoder: AlpacaEncoder;
  readonly #parts: AlpacaParts;
  readonly #followed: Map<Channel, Followed>;
  #isKnown = false;

  constructor(parts: AlpacaParts, { outlet, address, request }: Opened) {
    super(parts.hub, outlet, address);
    this.#parts = parts;
    this.encoder = parts.encoder;
    this.#followed = nothingFollowed(parts.kind);
    this.#say({ T: 'success', msg: 'connected' });
    // Some clients say who they are when they connect.
    if (hasKey(request.headers)) this.#welcome();
  }

  get kind(): string {
    return this.encoder.name;
  }

  /** Nothing is left out for anyone. */
  sendSkipped(): void {}

  protected handle(message: Message): void {
    const fields = fieldsOf(this.#parts.codec, message);
    const { action } = fields;
    if (action === 'auth') this.#authenticate(fields);
    else if (action !== 'subscribe' && action !== 'unsubscribe') throw invalidSyntax();
    else if (!this.#isKnown) throw new StreamRefusal(401, 'not authenticated');
    else this.#change(fields, action === 'subscribe');
  }

  protected override refusalOf(): (refusal: ClientError) => void {
    return (refusal) => this.#say(errorOf(refusal));
  }

  /** Who takes back what costs work must not be kept from it for want of work. */
  protected override takesBack(message: Message): boolean {
    try {
      return fieldsOf(this.#parts.codec, message).action === 'unsubscribe';
    } catch {
      return false;
    }
  }

  protected override goodbye(bye: Bye): string | Uint8Array {
    return listOf(this.#parts.codec, goodbyeOf(bye));
  }

  #say(message: Item): void {
    this.outlet.say(listOf(this.#parts.codec, [message]), { isData: false });
  }

  #welcome(): void {
    this.#isKnown = true;
    this.hasAsked = true;
    this.#say({ T: 'success', msg: 'authenticated' });
  }

  #authenticate({ key, secret }: Readonly<Record<string, unknown>>): void {
    if (this.#isKnown) throw new StreamRefusal(403, 'already authenticated');
    const isText = (value: unknown) => typeof value === 'string' && value !== '';
    if (!isText(key) || !isText(secret)) throw new StreamRefusal(402, 'auth failed');
    this.#welcome();
  }

  /** Follows more, or less. Nothing is changed if anything is wrong. */
  #change(fields: Readonly<Record<string, unknown>>, isMore: boolean): void {
    const { symbols, kind, service } = this.#parts;
    const changes = CHANNELS.flatMap((channel) => {
      const names = namesIn(fields[channel]);
      if (names.length === 0) return [];
      const followed = this.#followed.get(channel);
      if (followed === undefined) {
        throw new StreamRefusal(410, 'invalid subscribe action for this feed');
      }
      const columns = names
        .filter((name) => name !== '*')
        .flatMap((name) => {
          if (isMore) return symbols.columnOf(kind, name);
          return symbols.find(kind, name) ?? [];
        });
      const next = changed(followed, columns, names.includes('*'), isMore);
      const most = channel === 'orderbooks' ? service.limits.maxAlpacaSymbols : undefined;
      if (most !== undefined && this.#columnsOf(next).length > most) {
        throw new StreamRefusal(405, 'symbol limit exceeded');
      }
      return [{ channel, next }];
    });
    const cost = changes.reduce(
      (sum, { next }) => sum + namingCost(this.#columnsOf(next).length),
      0,
    );
    if (isMore) payWork(service, this.address, cost, MESSAGE_COST);
    this.hub.detach(this);
    for (const { channel, next } of changes) {
      this.#followed.set(channel, next);
      if (isSent(channel)) this.#follow(channel, this.#columnsOf(next));
    }
    this.#say(this.#subscription());
    this.hub.drained(this);
  }

  #columnsOf({ isAll, columns }: Followed): readonly number[] {
    const { symbols, kind } = this.#parts;
    return isAll ? symbols.all(kind) : symbols.sorted(columns);
  }

  /** Follows columns in place of those before: from where it was with these, or from now on. */
  #follow(channel: SentChannel, columns: readonly number[]): void {
    const id = IDS[channel];
    const { market, groups, history } = this.hub;
    const before = this.subscriptions.get(id);
    const cursor = before?.cursor ?? history.head;
    before?.close();
    this.subscriptions.delete(id);
    if (columns.length === 0) return;
    // Where rows are days apart, bars are days already.
    if (channel === 'dailyBars' && market.grid.intervalMs >= DAY.ms) return;
    const wanted = this.#wantedOf(channel, columns);
    const subscription = new Subscription({
      ...{ market, groups, connection: this, id, wanted, cursor, head: history.head },
      delivery: 'all',
      // Whole books come first, of what was followed before too.
      hasBook: channel !== 'orderbooks',
    });
    this.subscriptions.set(id, subscription);
  }

  #wantedOf(channel: SentChannel, columns: readonly number[]): Wanted {
    const { grid } = this.hub.market;
    const everyMinute = Math.max(1, Math.round(UNIT_MS.m / grid.intervalMs));
    const sums = ['volume', 'trades'] as const;
    switch (channel) {
      case 'trades':
        return tradesWantedOf(columns);
      case 'quotes':
        return wantedOf(['bid', 'ask'], columns);
      case 'statuses':
        return wantedOf(['status'], columns);
      case 'bars':
        return candlesWantedOf(
          sums,
          columns,
          cutOf(grid, minuteOf(grid.intervalMs), NEVER, { isPaid: true }),
        );
      case 'dailyBars':
        return candlesWantedOf(sums, columns, cutOf(grid, DAY, everyMinute, { isPaid: true }));
      case 'orderbooks':
        return depthWantedOf(columns, BOOK_LEVELS);
    }
  }

  /** All that it follows. What is told of trades that are taken back goes with trades. */
  #subscription(): Item {
    const { symbols, kind } = this.#parts;
    const lists = channelsOf(kind).map((channel) => {
      const { isAll, columns } = this.#followed.get(channel)!;
      const names = isAll ? ['*'] : symbols.sorted(columns).map((one) => symbols.nameOf(one));
      return [channel, names] as const;
    });
    const of = Object.fromEntries(lists);
    const more = kind === 'stock' ? { corrections: of.trades, cancelErrors: of.trades } : {};
    return { T: 'subscription', ...of, ...more };
  }
}

/** The symbols of a channel that a message names. */
function namesIn(given: unknown): readonly string[] {
  if (given === undefined || given === null) return [];
  if (!Array.isArray(given) || given.some((name) => typeof name !== 'string')) {
    throw invalidSyntax();
  }
  return given;
}

function changed(
  { isAll, columns }: Followed,
  named: readonly number[],
  isAllNamed: boolean,
  isMore: boolean,
): Followed {
  const next = new Set(columns);
  for (const column of named) {
    if (isMore) next.add(column);
    else next.delete(column);
  }
  if (isAllNamed && !isMore) next.clear();
  return { isAll: isAllNamed ? isMore : isAll, columns: next };
}

const TOO_FAST = 429;

function errorOf(refusal: ClientError): Item {
  const { code, message: msg } = refusal;
  if (refusal instanceof StreamRefusal) return { T: 'error', code: refusal.number, msg };
  const isFault = code === 'internal' || code === 'not_ready';
  const isTooFast = code === 'rate_limited' || code === 'too_many';
  return { T: 'error', code: isFault ? 500 : isTooFast ? TOO_FAST : 400, msg };
}

/** What a client is told before its socket is closed, by the numbers that it knows. */
const GOODBYES: Readonly<Record<number, readonly [code: number, msg: string]>> = {
  [HOST_CLOSES.silent]: [404, 'auth timeout'],
  [HOST_CLOSES.connectionLimit]: [406, 'connection limit exceeded'],
  [HOST_CLOSES.stalled]: [407, 'slow client'],
  [HOST_CLOSES.noPong]: [407, 'slow client'],
  [HOST_CLOSES.rateLimited]: [TOO_FAST, 'too many messages'],
};

export function goodbyeOf({ code, reason }: Bye): Item[] {
  const [number, msg] = GOODBYES[code] ?? [500, reason];
  return [{ T: 'error', code: number, msg }];
}
