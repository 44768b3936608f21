import fc from 'fast-check';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { Fold } from '../../src/core/market/models/model.ts';
import type { Rows } from '../../src/core/market/rows.ts';
import { newDepth } from '../../src/core/market/trading/book.ts';
import { Timeline } from '../../src/core/timeline/timeline.ts';
import { BEAT_MS } from '../../src/delivery/hub.ts';
import type { SocketConnection } from '../../src/delivery/socket-connection.ts';
import { SocketOutlet } from '../../src/delivery/socket-outlet.ts';
import { type BinanceParts, binanceParts } from '../../src/protocols/binance/parts.ts';
import { StreamConnection } from '../../src/protocols/binance/stream/stream-connection.ts';
import { Streams } from '../../src/protocols/binance/stream/streams.ts';
import { encodersOf } from '../../src/protocols/tickwell/encoders.ts';
import { StreamConnection as OwnConnection } from '../../src/protocols/tickwell/stream/stream-connection.ts';
import { DEFAULT_LIMITS } from '../../src/server/limits.ts';
import { levelsOf } from '../helpers/books.ts';
import { marketOf } from '../helpers/market.ts';
import { VirtualClock } from './clock.ts';
import { SocketDecoder } from './decode.ts';
import { done, effectOf } from './done.ts';
import { Pipe, type PipeOptions } from './pipe.ts';
import { SimulatedServer } from './server.ts';
import { simulatedSocket } from './sockets.ts';

/**
 * Readers of Binance-style streams beside one of Tickwell's own, cut anywhere and slow for a time:
 * on a connection no trade, no candle and no update of a book is missing, from the row on at which
 * it began; and what was missed between two connections is known by its numbers.
 */

const WORLDS = 120;
const INTERVAL = 1000;
const ORIGIN = Date.UTC(2026, 0, 5, 8, 59, 30);
const LEVELS = 100;
const ALL = Number.MAX_SAFE_INTEGER;

const market = marketOf({
  ...{ origin: ORIGIN, interval: INTERVAL, capacity: 64, count: undefined },
  instruments: [
    { symbol: 'A', quote: 'B', model: 'walk', tradesPerDay: 500_000, names: { binance: 'AB' } },
    { symbol: 'C', model: 'market', tradesPerDay: 60_000, names: { binance: 'CD' } },
  ],
});
const NAMES = ['AB', 'CD'];
const ENDINGS = [
  'trade',
  'aggTrade',
  'depth@100ms',
  'bookTicker',
  'depth10',
  'kline_1m',
  'kline_1s',
];
const ALL_STREAMS = NAMES.flatMap((name) => ENDINGS.map((end) => `${name.toLowerCase()}@${end}`));

const flush = () => new Promise((resolve) => setImmediate(resolve));
const ticksOf = (column: number, price: string) =>
  Math.round(Number(price) / market.instruments[column]!.tickSize);

/** What rows are held to: one that knew all that was done from the start. */
let truth: Rows = market;

/** The book of a row, by the core alone. */
function bookAt(column: number, index: number) {
  const depth = newDepth(LEVELS);
  truth.fillDepth(depth, column, index, LEVELS);
  return levelsOf(depth);
}

// biome-ignore lint/suspicious/noExplicitAny: each check knows what it looks at.
type Payload = any;

/** What one stream has told over a connection. */
class StreamCheck {
  readonly column: number;
  readonly ending: string;
  /** The number that is due next: of a trade, of an update, of a candle's beginning. */
  next: number | undefined;
  told = 0;
  #book = { bids: new Map<number, number>(), asks: new Map<number, number>() };
  #isForming = false;

  /** `head`: of the server when it was asked for. */
  constructor(name: string, head: number) {
    const [symbol, ...ending] = name.split('@');
    this.column = NAMES.indexOf(symbol!.toUpperCase());
    this.ending = ending.join('@');
    if (this.ending.endsWith('rade')) this.next = truth.tradesBefore(this.column, head);
    else if (this.ending === 'depth@100ms') {
      this.next = head;
      const { bids, asks } = bookAt(this.column, head - 1);
      this.#book = { bids: new Map(bids), asks: new Map(asks) };
    }
  }

  take(payload: Payload, head: number): void {
    this.told += 1;
    if (this.ending.endsWith('rade')) this.#takeTrade(payload, head);
    else if (this.ending.startsWith('kline')) this.#takeKline(payload);
    else if (this.ending === 'depth@100ms') this.#takeUpdate(payload);
    else this.#takeWhole(payload);
  }

  /** Whether it has told all that there is before a head. */
  isDone(head: number): boolean {
    if (this.ending.endsWith('rade')) return this.next === truth.tradesBefore(this.column, head);
    if (this.ending === 'depth@100ms') return this.next === head;
    if (this.ending === 'kline_1s') return this.next === ORIGIN + head * INTERVAL;
    return this.told > 0;
  }

  #takeTrade({ t, a, T }: Payload, head: number): void {
    const number = t ?? a;
    expect(number).toBe(this.next);
    this.next = number + 1;
    const row = Math.floor((T - ORIGIN) / INTERVAL);
    expect(row).toBeLessThan(head);
    expect(truth.tradesBefore(this.column, row)).toBeLessThanOrEqual(number);
    expect(truth.tradesBefore(this.column, row + 1)).toBeGreaterThan(number);
  }

  #takeKline({ k }: Payload): void {
    const startMs = this.#isForming || this.next === undefined ? k.t : this.next;
    expect(k.t).toBe(this.next ?? startMs);
    this.next = k.x ? k.T + 1 : k.t;
    this.#isForming = !k.x;
    const from = Math.max(0, (k.t - ORIGIN) / INTERVAL);
    const first = truth.tradesBefore(this.column, from);
    if (k.n > 0) expect([k.f, k.L]).toEqual([first, first + k.n - 1]);
    if (!k.x) return;
    const end = (k.T + 1 - ORIGIN) / INTERVAL;
    expect(k.n).toBe(truth.tradesBefore(this.column, end) - first);
    const fold = new Fold();
    truth.fold(fold, this.column, from, end);
    const right = [fold.open, fold.high, fold.low, fold.close];
    expect([k.o, k.h, k.l, k.c].map((price) => ticksOf(this.column, price))).toEqual(right);
  }

  #takeUpdate({ U, u, b, a }: Payload): void {
    expect(U).toBe(this.next);
    expect(u).toBeGreaterThanOrEqual(U);
    this.next = u + 1;
    for (const [side, levels] of [[this.#book.bids, b] as const, [this.#book.asks, a] as const]) {
      for (const [price, lots] of levels) {
        const ticks = ticksOf(this.column, price);
        if (Number(lots) === 0) side.delete(ticks);
        else side.set(ticks, Number(lots));
      }
    }
    const { bids, asks } = bookAt(this.column, u);
    const folded = [this.#book.bids, this.#book.asks].map((side) =>
      [...side].sort((x, y) => x[0] - y[0]),
    );
    expect(folded).toEqual([bids.toReversed(), asks]);
  }

  #takeWhole({ u, lastUpdateId, b, a, bids, asks }: Payload): void {
    const index = u ?? lastUpdateId;
    expect(index).toBeGreaterThanOrEqual(this.next ?? 0);
    this.next = index + 1;
    const right = bookAt(this.column, index);
    const best = bids === undefined ? [b, a] : [bids[0][0], asks[0][0]];
    expect(best.map((price) => ticksOf(this.column, price))).toEqual([
      right.bids[0]![0],
      right.asks[0]![0],
    ]);
  }
}

/** One reader, over as many connections as it takes. */
class StreamReader {
  readonly seen = { payloads: 0, isWrapped: 0 };
  readonly #pipes: PipeOptions;
  readonly #names: readonly string[];
  readonly #server: SimulatedServer;
  readonly #parts: BinanceParts;
  readonly #streams: Streams;
  #pipe: Pipe | undefined;
  #decoder = new SocketDecoder();
  #connection: SocketConnection | undefined;
  #checks = new Map<string, StreamCheck>();

  constructor(
    server: SimulatedServer,
    parts: BinanceParts,
    streams: Streams,
    names: readonly string[],
    pipes: PipeOptions,
  ) {
    this.#server = server;
    this.#parts = parts;
    this.#streams = streams;
    this.#names = names;
    this.#pipes = pipes;
  }

  get isConnected(): boolean {
    return this.#connection !== undefined;
  }

  connect(): void {
    this.cut();
    const { hub, head } = this.#server;
    const pipe = new Pipe(this.#pipes);
    this.#pipe = pipe;
    this.#decoder = new SocketDecoder();
    this.#checks = new Map(this.#names.map((name) => [name, new StreamCheck(name, head)]));
    const watcher = { wrote: () => {}, pinged: () => {}, closed: () => {} };
    const opened = {
      outlet: new SocketOutlet(hub, simulatedSocket(pipe, watcher)),
      address: hub.service.addresses.of('10.0.0.1'),
      ...{ subprotocol: '', parameters: {}, request: undefined as never },
    };
    const followed = this.#names.map((name) => this.#streams.find(name)!);
    const how = { unit: 'ms', isCombined: true } as const;
    this.#connection = new StreamConnection(opened, {
      ...{ parts: this.#parts, streams: this.#streams, followed, ...how },
    });
    hub.add(this.#connection);
    hub.drained(this.#connection);
  }

  cut(): void {
    if (this.#connection !== undefined) this.#server.hub.remove(this.#connection);
    this.#connection = undefined;
    this.#pipe = undefined;
  }

  read(takeBytes: number, readBytes: number): boolean {
    const [pipe, connection] = [this.#pipe, this.#connection];
    if (pipe === undefined || connection === undefined) return false;
    if (pipe.take(takeBytes)) this.#server.hub.drained(connection);
    const pieces = pipe.read(readBytes);
    for (const piece of pieces) {
      for (const message of this.#decoder.push(piece)) {
        if (message.type === 'PING') connection.ponged(message.number);
        else {
          this.seen.payloads += 1;
          this.#checks.get(message.stream)!.take(message.data, this.#server.head);
        }
      }
    }
    return pieces.length > 0;
  }

  /** The streams that have more to tell. */
  get owed(): readonly string[] {
    const { head } = this.#server;
    return [...this.#checks].filter(([, check]) => !check.isDone(head)).map(([name]) => name);
  }
}

/** Tickwell's own reader of the same trades, who reads all at once. */
function ownReader(server: SimulatedServer) {
  const { hub, head } = server;
  const pipe = new Pipe({ kernelBytes: ALL, highWaterBytes: ALL, isEager: true });
  const watcher = { wrote: () => {}, pinged: () => {}, closed: () => {} };
  const outlet = new SocketOutlet(hub, simulatedSocket(pipe, watcher));
  const address = hub.service.addresses.of('10.0.0.2');
  const connection = new OwnConnection(hub, outlet, address, encodersOf(hub).json);
  hub.add(connection);
  const about = { what: 'trades', id: 1, symbols: ['A'], since: 'now' };
  connection.receive(JSON.stringify({ type: 'subscribe', ...about }));
  const decoder = new SocketDecoder();
  let next = truth.tradesBefore(0, head);
  return {
    isDone: () => next === truth.tradesBefore(0, server.head),
    read(): void {
      for (const piece of pipe.read(ALL)) {
        for (const message of decoder.push(piece)) {
          if (message.type === 'PING') connection.ponged(message.number);
          if (message.type !== 'trades') continue;
          if (message.price[0].length > 0) expect(message.first[0]).toBe(next);
          next += message.price[0].length;
        }
      }
    },
  };
}

const pipes = fc.record({
  kernelBytes: fc.constantFrom(500, 5000, 2 ** 20),
  highWaterBytes: fc.constantFrom(100, 16_384),
  isEager: fc.boolean(),
});
const bytes = fc.constantFrom(0, 7, 300, 5000, ALL);
const who = fc.nat({ max: 1 });
const commands = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ rows: fc.integer({ min: 1, max: 8 }) }) },
    { weight: 1, arbitrary: fc.record({ rows: fc.integer({ min: 9, max: 200 }) }) },
    {
      weight: 10,
      arbitrary: fc.record({ who, take: bytes, read: bytes, turns: fc.nat({ max: 3 }) }),
    },
    { weight: 2, arbitrary: fc.record({ who, connect: fc.constant(true) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        laterRows: fc.constantFrom(0, 0, 1, 30),
        effects: fc.array(done, { minLength: 1, maxLength: 3 }),
      }),
    },
  ),
  { minLength: 5, maxLength: 50 },
);
const conditions = fc.record({
  firstHead: fc.constantFrom(1, 29, 30, 500),
  workPerSecond: fc.constantFrom(1_000_000, 500_000_000),
  maxUnreadBytes: fc.constantFrom(3000, 20_000, 262_144),
  frameBytes: fc.constantFrom(1024, 16_384),
  sliceMs: fc.constantFrom(0.001, 5),
  names: fc.tuple(
    fc.subarray(ALL_STREAMS, { minLength: 1, maxLength: 5 }),
    fc.subarray(ALL_STREAMS, { minLength: 1, maxLength: 1 }),
  ),
  pipe: pipes,
  commands,
});

it(`${WORLDS} pairs of readers miss nothing of their streams, cut or slow`, async () => {
  const failures: string[] = [];
  const logger = pino({ level: 'error' }, { write: (line: string) => void failures.push(line) });
  let payloads = 0;
  const worlds = fc.asyncProperty(conditions, async ({ names, pipe, commands, ...how }) => {
    const { workPerSecond, maxUnreadBytes, frameBytes, sliceMs } = how;
    const limits = {
      ...DEFAULT_LIMITS,
      ...{ workPerSecond, maxUnreadBytes, sliceMs, pingBytes: maxUnreadBytes / 4 },
      frameBytes: Math.min(frameBytes, maxUnreadBytes),
      workBurst: Math.max(1e7, workPerSecond),
      ...{ messagesPerSecond: 1e9, messagesBurst: 1e9, refusalsBurst: 1e9 },
    };
    const clock = new VirtualClock(ORIGIN + (how.firstHead - 1) * INTERVAL, 0.001);
    truth = market;
    const server = new SimulatedServer(market, clock.skewedBy(0), limits, logger);
    const { hub } = server;
    const parts = binanceParts({
      ...{ service: hub.service, hub, spoken: [] },
      access: undefined as never,
    });
    const streams = new Streams(parts);
    const readers = names.map((some) => new StreamReader(server, parts, streams, some, pipe));
    const own = ownReader(server);
    const turns = async (count: number) => {
      let isBusy = false;
      for (let n = 0; n < count; n++) {
        isBusy = server.turn() || isBusy;
        await flush();
      }
      own.read();
      return isBusy;
    };
    for (const reader of readers) reader.connect();
    for (const command of commands) {
      if ('rows' in command) {
        for (let row = 0; row < command.rows; row++) {
          clock.pass(INTERVAL);
          server.look();
          if (command.rows < 9) await turns(1);
        }
      } else if ('effects' in command) {
        const index = server.head + command.laterRows;
        const effects = command.effects.map((one) => effectOf(one, market));
        server.feed.add({ key: `${index}`, index, effects });
        truth = new Timeline(market, server.feed.timeline.entries);
      } else if ('connect' in command) readers[command.who]!.connect();
      else {
        await turns(command.turns);
        readers[command.who]!.read(command.take, command.read);
      }
    }
    for (const reader of readers) if (!reader.isConnected) reader.connect();
    clock.pass(INTERVAL);
    server.look();
    const owed = () => readers.flatMap((reader) => reader.owed);
    for (let beats = 0; beats < 400 && (owed().length > 0 || !own.isDone()); beats++) {
      for (let isBusy = true; isBusy; ) {
        isBusy = await turns(1);
        for (const reader of readers) isBusy = reader.read(ALL, ALL) || isBusy;
      }
      // Who could not pay is looked at again.
      clock.pass(BEAT_MS / 2);
      hub.beat();
    }
    expect([owed(), own.isDone()]).toEqual([[], true]);
    expect(failures).toEqual([]);
    for (const { seen } of readers) payloads += seen.payloads;
  });
  await fc.assert(worlds, { numRuns: WORLDS, seed: 20_260_105 });
  expect(payloads).toBeGreaterThan(100 * WORLDS);
}, 120_000);
