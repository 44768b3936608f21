import { pino } from 'pino';
import { timeOf } from '../../src/core/market/grid.ts';
import type { Market } from '../../src/core/market/market.ts';
import type { Socket } from '../../src/delivery/socket.ts';
import { SocketOutlet } from '../../src/delivery/socket-outlet.ts';
import { encodersOf } from '../../src/protocols/tickwell/encoders.ts';
import { StreamConnection } from '../../src/protocols/tickwell/stream/stream-connection.ts';
import { limitsOf } from '../../src/server/limits.ts';
import { ManualClock } from '../helpers/clock.ts';
import { FrameReader } from '../helpers/frames.ts';
import { SimulatedServer } from '../sim/server.ts';
import { anyText, anyValue, type Chance, mutated } from './chance.ts';
import { durationText, timeText } from './core-targets.ts';
import { expectTold, must } from './expect.ts';
import type { Target } from './fuzz.ts';
import { anySymbols } from './server-targets.ts';

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
});
/** A conversation is given up after so many messages. */
const MESSAGES = 300;
const TYPES = ['fetch', 'subscribe', 'unsubscribe', 'candles', 'ping'];
const ANSWERS = 'hello rows subscribed skipped unsubscribed candles pong heartbeat error bye'.split(
  ' ',
);

/** A text that a client sends: right, nearly right, or nothing of the kind. */
function anyMessage(market: Market, chance: Chance): string {
  if (chance.once(12)) return anyText(chance);
  if (chance.once(12)) return JSON.stringify(anyValue(chance));
  const { originMs, intervalMs } = market.grid;
  const time = () => {
    const onGrid = originMs + (chance.below(1100) - 20) * intervalMs;
    return chance.pick(['now', onGrid, onGrid, onGrid, onGrid + 1, timeText(chance)]);
  };
  const fields: Record<string, unknown> = {
    type: chance.pick(TYPES),
    id: chance.below(20),
    symbols: anySymbols(chance),
    since: time(),
    symbol: 'ticker_0',
    resolution: chance.once(2) ? '1s' : durationText(chance),
    from: time(),
    count: 1 + chance.below(3),
  };
  if (chance.once(2)) fields.limit = chance.below(20);
  if (chance.once(4)) fields.delivery = chance.pick(['all', 'latest', anyValue(chance)]);
  if (chance.once(9)) fields.market = chance.pick([market.id, anyValue(chance)]);
  for (const name of Object.keys(fields)) {
    if (chance.once(30)) fields[name] = anyValue(chance);
    else if (chance.once(60)) delete fields[name];
  }
  const json = JSON.stringify(fields);
  // What JSON has no number for is null by now.
  const text = chance.once(4) ? json.replace('null', '1e400') : json;
  return chance.once(4) ? mutated(chance, text) : text;
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
    this.#clock = new ManualClock(timeOf(market.grid, 999));
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

  // biome-ignore lint/suspicious/noExplicitAny: each is looked at by its type.
  #check(message: any, text: string): void {
    must(ANSWERS.includes(message.type), `${message.type} is documented`, text);
    if (message.type === 'error') expectTold(message, text);
    if (message.type === 'rows') {
      const { since, until, prices } = message;
      const rows = (until - since) / this.#market.grid.intervalMs;
      const isWhole = prices.every((column: number[]) => column.length === rows);
      must(isWhole, `there are ${rows} rows in ${JSON.stringify(message).slice(0, 200)}`, text);
    }
  }

  #newConnection(): StreamConnection {
    this.#frames = new FrameReader();
    const write = (frames: Uint8Array) => {
      for (const { payload } of this.#frames.push(Buffer.from(frames))) {
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
