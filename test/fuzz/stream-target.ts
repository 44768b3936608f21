import { pino } from 'pino';
import { WHATS } from '../../src/core/history/wanted.ts';
import { timeOf } from '../../src/core/market/grid.ts';
import type { Market } from '../../src/core/market/market.ts';
import type { Socket } from '../../src/delivery/socket.ts';
import { SocketOutlet } from '../../src/delivery/socket-outlet.ts';
import { encodersOf } from '../../src/protocols/tickwell/encoders.ts';
import { FIELDS_OF, SUBSCRIBE_FIELDS } from '../../src/protocols/tickwell/stream/fields.ts';
import { StreamConnection } from '../../src/protocols/tickwell/stream/stream-connection.ts';
import { limitsOf } from '../../src/server/limits.ts';
import { ManualClock } from '../helpers/clock.ts';
import { FrameReader } from '../helpers/frames.ts';
import { SimulatedServer } from '../sim/server.ts';
import { anyText, anyValue, type Chance, mutated } from './chance.ts';
import { durationText, timeText } from './core-targets.ts';
import { expectTold, must } from './expect.ts';
import type { Target } from './fuzz.ts';
import { anyClock, anySymbols } from './server-targets.ts';

const MANY = 2 ** 31 - 1;
/** Nobody is too fast here, or has too much unread: all that is asked for is answered. */
const LIMITS = limitsOf({
  messagesPerSecond: MANY,
  messagesBurst: MANY,
  refusalsBurst: MANY,
  badRequestsPerMinute: MANY,
  badRequestsBurst: MANY,
  maxUnreadBytes: MANY,
  workBurst: 10 ** 15,
  maxSubscriptions: 24,
});
/** A conversation is given up after so many messages. */
const MESSAGES = 300;
const TYPES = [...Object.keys(FIELDS_OF), 'subscribe'];
/** Types of messages, and what each may say: to subscribe differs by what is followed. */
const KINDS: readonly (readonly [type: string, names: readonly string[]])[] = [
  ...Object.entries(FIELDS_OF),
  ...WHATS.map((what) => ['subscribe', SUBSCRIBE_FIELDS[what]] as const),
];
/** Of the market, before the first message. */
const ROWS = 1000;
/** Of the requests and subscriptions of a conversation. */
const MOST_IDS = 24;
const ANSWERS =
  'hello rows depth trades subscribed skipped unsubscribed candles pong heartbeat error bye'.split(
    ' ',
  );

/** A text that a client sends: right by half, or nearly right, or nothing of the kind. */
function anyMessage(market: Market, chance: Chance): string {
  if (chance.once(2)) return JSON.stringify(rightMessage(market, chance));
  if (chance.once(6)) return anyText(chance);
  if (chance.once(6)) return JSON.stringify(anyValue(chance));
  const { originMs, intervalMs } = market.grid;
  const time = () => chance.pick(['now', originMs + intervalMs + 1, timeText(chance)]);
  const clock = anyClock(chance);
  const odd: Record<string, () => unknown> = {
    symbols: () => anySymbols(chance),
    since: time,
    from: time,
    resolution: () => durationText(chance),
    delivery: () => anyValue(chance),
    levels: () => chance.pick([0, 101, anyValue(chance)]),
    limit: () => anyValue(chance),
    market: () => anyValue(chance),
    tz: () => clock.tz,
    offset: () => clock.offset,
    what: () => chance.pick([...WHATS, 'trade', anyValue(chance)]),
  };
  const fields = rightMessage(market, chance);
  for (const name of [...Object.keys(fields), ...Object.keys(odd)]) {
    // Some say what their type does not know.
    if (chance.once(9)) fields[name] = odd[name]?.();
    else if (chance.once(30)) fields[name] = anyValue(chance);
    else if (chance.once(60)) delete fields[name];
  }
  const json = JSON.stringify(fields);
  // What JSON has no number for is null by now.
  const text = chance.once(4) ? json.replace('null', '1e400') : json;
  return chance.once(3) ? mutated(chance, text) : text;
}

/** A message with which nothing is wrong but, perhaps, its id. */
function rightMessage({ grid, id }: Market, chance: Chance): Record<string, unknown> {
  const { originMs, intervalMs } = grid;
  const [type, names] = chance.pick(KINDS);
  const what = WHATS.find((one) => names === SUBSCRIBE_FIELDS[one]);
  const isOfCandles = type === 'candles' || what === 'candles';
  const isImplied = what === 'rows' || what === 'candles';
  const rowMs = originMs + chance.below(ROWS) * intervalMs;
  const maybe = (value: unknown) => (chance.once(3) ? value : undefined);
  const all: Record<string, unknown> = {
    ...{ type, id: chance.below(MOST_IDS), symbol: 'ticker_0', from: rowMs, count: 3 },
    symbols: chance.pick(['*', ['ticker_2', 'ticker_0']]),
    since: chance.pick(['now', rowMs]),
    resolution: chance.pick(['1s', '700ms', '1h', '1mo', '10y']),
    limit: maybe(1 + chance.below(20)),
    fields: maybe(isOfCandles ? ['trades', 'volume'] : ['bid', 'last']),
    every: maybe(intervalMs * (1 + chance.below(9))),
    tz: maybe(chance.pick(['Europe/Berlin', 'Asia/Kathmandu', 'utc'])),
    delivery: maybe(chance.pick(['all', 'latest'])),
    levels: maybe(1 + chance.below(100)),
    what: isImplied ? maybe(what) : what,
    market: maybe(id),
  };
  return Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name)));
}

/** What a text is as a message; undefined if it is none. */
function fieldsOf(text: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(text);
    return typeof value === 'object' && !Array.isArray(value) ? (value ?? undefined) : undefined;
  } catch {
    return undefined;
  }
}

/** The real conversation, with the real hub behind it and a plain object as its socket. */
export class StreamTarget implements Target {
  readonly name = 'messages';
  readonly weight = 4;
  /** How many messages there were of each kind, and how many of them were taken. */
  readonly asked: Record<string, number> = {};
  readonly taken: Record<string, number> = {};
  /** What the server logged as its own failures. */
  readonly failures: string[] = [];
  readonly #market: Market;
  readonly #clock: ManualClock;
  readonly #server: SimulatedServer;
  #frames = new FrameReader();
  // biome-ignore lint/suspicious/noExplicitAny: each is looked at by its type.
  #heard: any[] = [];
  #connection: StreamConnection;
  #left = MESSAGES;

  constructor(market: Market) {
    this.#market = market;
    this.#clock = new ManualClock(timeOf(market.grid, ROWS - 1));
    const sink = { write: (line: string) => void this.failures.push(line) };
    const logger = pino({ level: 'error' }, sink);
    this.#server = new SimulatedServer(market, this.#clock, LIMITS, logger);
    this.#connection = this.#newConnection();
  }

  run(chance: Chance): void {
    if (this.#left-- === 0) {
      this.#server.hub.remove(this.#connection);
      this.#connection = this.#newConnection();
      this.#left = MESSAGES;
    }
    const text = anyMessage(this.#market, chance);
    this.#heard = [];
    this.#connection.receive(text);
    // What comes later, as rows and candles may, is looked at in a later run.
    const fields = fieldsOf(text);
    for (const message of this.#heard) this.#check(message, text);
    const [first] = this.#heard;
    if (fields !== undefined) this.#note(fields, first);
    if (fields === undefined) {
      must(/^bad_(json|request)$/.test(first?.code), 'what is no message is refused', text);
    } else if (!TYPES.includes(fields.type as string)) {
      must(first?.code === 'unknown_type', 'what has no type is refused', text);
    } else if (fields.type === 'ping' && first?.type === 'pong') {
      must(
        first.id === fields.id || (first.id === 0 && fields.id === 0),
        'a pong has its id',
        text,
      );
    }
    if (chance.once(50)) {
      this.#clock.pass(this.#market.grid.intervalMs);
      this.#server.look();
    }
    for (let turns = 0; turns < 4 && this.#server.turn(); turns++);
    must(this.failures.length === 0, `no failure is logged: ${this.failures[0]}`, text);
  }

  #note(fields: Record<string, unknown>, first?: { readonly type: string }): void {
    const { type, resolution, what = resolution === undefined ? 'rows' : 'candles' } = fields;
    if (typeof type !== 'string' || !TYPES.includes(type)) return;
    const other = WHATS.find((one) => one !== 'rows' && one === what);
    const isOther = type === 'subscribe' && other !== undefined;
    const kind = isOther ? `subscribe to ${other}` : type;
    this.asked[kind] = (this.asked[kind] ?? 0) + 1;
    // What is answered later is taken now.
    if (first?.type !== 'error') this.taken[kind] = (this.taken[kind] ?? 0) + 1;
  }

  // biome-ignore lint/suspicious/noExplicitAny: each is looked at by its type.
  #check(message: any, text: string): void {
    must(ANSWERS.includes(message.type), `${message.type} is documented`, text);
    if (message.type === 'error') expectTold(message, text);
    if (message.type === 'rows') {
      const { since, until, prices, fields = [] } = message;
      const lists: number[][] = prices ?? fields.flatMap((field: string) => message[field]);
      const rows = (until - since) / this.#market.grid.intervalMs;
      const isWhole = lists.every((column) => column.length === rows);
      must(isWhole, `there are ${rows} rows in ${JSON.stringify(message).slice(0, 200)}`, text);
    }
  }

  #newConnection(): StreamConnection {
    this.#frames = new FrameReader();
    const write = (frames: Uint8Array | string) => {
      const bytes = typeof frames === 'string' ? Buffer.from(frames, 'latin1') : frames;
      for (const { payload } of this.#frames.push(Buffer.from(bytes))) {
        this.#heard.push(JSON.parse(payload.toString()));
      }
    };
    const socket: Socket = {
      wire: { writableLength: 0, write },
      write,
      cork: () => {},
      uncork: () => {},
      ping: () => {},
      writeAndPing(frames) {
        this.write(frames);
      },
      close: () => {},
      control: write,
      cut: () => {},
    };
    const { hub } = this.#server;
    const connection = new StreamConnection(
      hub,
      new SocketOutlet(hub, socket),
      hub.service.addresses.of('127.0.0.1'),
      encodersOf(hub).json,
    );
    hub.add(connection);
    return connection;
  }
}
