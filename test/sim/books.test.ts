import fc from 'fast-check';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { depthWantedOf } from '../../src/core/history/wanted.ts';
import type { Entry } from '../../src/core/market/entries/entry.ts';
import { newTrades, type Trades } from '../../src/core/market/fields.ts';
import { BLOCK_ROWS } from '../../src/core/market/grid.ts';
import type { Market } from '../../src/core/market/market.ts';
import type { Rows } from '../../src/core/market/rows.ts';
import { newDepth } from '../../src/core/market/trading/book.ts';
import { Timeline } from '../../src/core/timeline/timeline.ts';
import type { Connection } from '../../src/delivery/connection.ts';
import { BEAT_MS } from '../../src/delivery/hub.ts';
import { Outlet } from '../../src/delivery/outlet.ts';
import { SocketOutlet } from '../../src/delivery/socket-outlet.ts';
import { ENCODINGS, type Encoding, encodersOf } from '../../src/protocols/tickwell/encoders.ts';
import { SseStream } from '../../src/protocols/tickwell/sse/sse-stream.ts';
import { SseTransport } from '../../src/protocols/tickwell/sse/sse-wire.ts';
import { StreamConnection } from '../../src/protocols/tickwell/stream/stream-connection.ts';
import { DEFAULT_LIMITS } from '../../src/server/limits.ts';
import { BookKeeper, type Levels, levelsOf, OF_EACH_MODEL } from '../helpers/books.ts';
import { marketOf } from '../helpers/market.ts';
import { VirtualClock } from './clock.ts';
import { type Decoder, EventDecoder, SocketDecoder } from './decode.ts';
import { type Done, done, effectOf } from './done.ts';
import { Pipe, type PipeOptions } from './pipe.ts';
import { SimulatedServer } from './server.ts';
import { simulatedResponse, simulatedSocket } from './sockets.ts';

/**
 * A reader of books that resumes anywhere, is cut anywhere and is slow for a time has the very
 * books that the core makes, at each `until`, by every transport, whatever is done to the market.
 */

const WORLDS = 120;
const INTERVAL = 1000;
/** Some rows before a market closes for the night, in a block's last rows. */
const ORIGIN = Date.UTC(2026, 0, 5, 21) - (BLOCK_ROWS - 5) * INTERVAL;
const SPEC = { ...OF_EACH_MODEL, origin: ORIGIN, interval: INTERVAL };
const ALL = Number.MAX_SAFE_INTEGER;

const markets = [300, 20_000].map((capacity) => marketOf({ ...SPEC, capacity }));
const [truth] = markets as [Market, Market];
const COLUMNS = truth.instruments.map((_, column) => column);

/** The books of a market by its blocks alone. */
class BookTruth {
  readonly #rows: Rows;
  /** The quotes of blocks, which are made once. */
  readonly #known = new Map<string, Trades>();

  constructor(rows: Rows) {
    this.#rows = rows;
  }

  /** The book of a column at a row, as text. */
  at(column: number, index: number, levels: number): string {
    const block = Math.floor(index / BLOCK_ROWS);
    const key = `${column} ${block}`;
    let quotes = this.#known.get(key);
    if (quotes === undefined) {
      quotes = newTrades(truth.spec.dtype, BLOCK_ROWS);
      this.#rows.fillTrades(quotes, column, block);
      this.#known.set(key, quotes);
    }
    const at = index % BLOCK_ROWS;
    const depth = newDepth(levels);
    this.#rows.bookOf(column).fill(depth, index, quotes.bid[at]!, quotes.ask[at]!, levels);
    return textOf(levelsOf(depth));
  }
}

const untouched = new BookTruth(truth);

const textOf = ({ bids, asks }: Levels) => JSON.stringify({ bids, asks });
const flush = () => new Promise((resolve) => setImmediate(resolve));

interface Wish {
  readonly columns: readonly number[];
  readonly levels: number;
  readonly encoding: Encoding;
}

/** One reader, over as many connections as it takes. */
class BookReader {
  readonly seen = { whole: 0, changes: 0, leftOut: 0 };
  readonly #wish: Wish;
  readonly #pipes: PipeOptions;
  /** By one that knew all that was done from the start. */
  truth = untouched;
  #keeper = new BookKeeper();
  #pipe: Pipe | undefined;
  #decoder: Decoder = new SocketDecoder();
  #connection: Connection | undefined;
  #server: SimulatedServer | undefined;

  constructor(wish: Wish, pipes: PipeOptions) {
    this.#wish = wish;
    this.#pipes = pipes;
  }

  /** Goes on from what it has, at a server. */
  connect(server: SimulatedServer): void {
    this.cut();
    const { hub, feed } = server;
    const { columns, levels, encoding } = this.#wish;
    const hasBook = this.#keeper.books !== undefined;
    if (!hasBook) this.#keeper = new BookKeeper();
    const pipe = new Pipe(this.#pipes);
    this.#pipe = pipe;
    this.#server = server;
    this.#decoder = encoding === 'events' ? new EventDecoder() : new SocketDecoder();
    const address = hub.service.addresses.of('10.0.0.1');
    const watcher = { wrote: () => {}, pinged: () => {}, closed: () => {} };
    if (encoding === 'events') {
      const response = simulatedResponse(pipe, watcher);
      const outlet = new Outlet(hub, new SseTransport(response, server.chunks));
      const { until = 0 } = this.#keeper;
      const cursor = hasBook ? (until - ORIGIN) / INTERVAL + 1 : feed.head;
      const wanted = depthWantedOf(columns, levels);
      const encoder = encodersOf(hub).events;
      const asked = { outlet, encoder, address, wanted, cursor, delivery: 'all', hasBook } as const;
      this.#connection = new SseStream(hub, asked);
      hub.add(this.#connection);
      hub.drained(this.#connection);
      return;
    }
    const outlet = new SocketOutlet(hub, simulatedSocket(pipe, watcher));
    const connection = new StreamConnection(hub, outlet, address, encodersOf(hub)[encoding]);
    this.#connection = connection;
    hub.add(connection);
    const symbols = columns.map((column) => truth.symbols[column]);
    const since = hasBook ? this.#keeper.until : 'now';
    connection.receive(
      JSON.stringify({ type: 'subscribe', what: 'depth', id: 7, symbols, levels, since }),
    );
  }

  /** The connection is gone, with all that is on its way. */
  cut(): void {
    if (this.#connection !== undefined) this.#server!.hub.remove(this.#connection);
    this.#connection = undefined;
    this.#pipe = undefined;
  }

  /** Reads so many bytes, once the kernel has taken so many; gives whether there were any. */
  read(takeBytes: number, readBytes: number): boolean {
    const [pipe, connection] = [this.#pipe, this.#connection];
    if (pipe === undefined || connection === undefined) return false;
    if (pipe.take(takeBytes)) this.#server!.hub.drained(connection);
    const pieces = pipe.read(readBytes);
    for (const piece of pieces) {
      for (const message of this.#decoder.push(piece)) {
        if (message.type === 'PING') (connection as StreamConnection).ponged(message.number);
        else if (message.type === 'depth') this.#take(message);
        else if (message.type === 'error') {
          // Its address has nothing left.
          expect(message.code).toBe('rate_limited');
          this.cut();
          return true;
        } else expect(['hello', 'subscribed', 'heartbeat', 'market']).toContain(message.type);
      }
    }
    return pieces.length > 0;
  }

  get isConnected(): boolean {
    return this.#connection !== undefined;
  }

  get until(): number | undefined {
    return this.#keeper.until;
  }

  // biome-ignore lint/suspicious/noExplicitAny: the keeper checks what it is.
  #take(message: any): void {
    const books = this.#keeper.take(message);
    const { since, until, snapshot, lag } = message;
    const { columns, levels } = this.#wish;
    const index = (until - ORIGIN) / INTERVAL;
    const rows = (until - since) / INTERVAL;
    if (!snapshot) expect(rows).toBe(1);
    expect(lag).toBeGreaterThanOrEqual(0);
    expect(lag).toBeLessThanOrEqual(this.#server!.head - 1 - index);
    this.seen[snapshot ? 'whole' : 'changes'] += 1;
    this.seen.leftOut += Math.max(0, rows - 1);
    expect(books).toHaveLength(columns.length);
    for (const [n, column] of columns.entries()) {
      expect(textOf(books[n]!)).toBe(this.truth.at(column, index, levels));
    }
  }
}

const wishes = fc.record({
  columns: fc.subarray(COLUMNS, { minLength: 1, maxLength: 3 }),
  levels: fc.constantFrom(1, 4, 20, 100),
  encoding: fc.constantFrom(...ENCODINGS),
});

const pipes = fc.record({
  kernelBytes: fc.constantFrom(500, 5000, 2 ** 20),
  highWaterBytes: fc.constantFrom(100, 16_384),
  isEager: fc.boolean(),
});

const bytes = fc.constantFrom(0, 7, 300, 5000, ALL);
const commands = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ rows: fc.integer({ min: 1, max: 8 }) }) },
    { weight: 1, arbitrary: fc.record({ rows: fc.integer({ min: 9, max: 400 }) }) },
    { weight: 8, arbitrary: fc.record({ take: bytes, read: bytes, turns: fc.nat({ max: 3 }) }) },
    { weight: 2, arbitrary: fc.record({ server: fc.nat({ max: 1 }) }) },
    { weight: 1, arbitrary: fc.constant({ cut: true }) },
    {
      weight: 1,
      arbitrary: fc.record({
        laterRows: fc.constantFrom(0, 0, 1, 30),
        effects: fc.array(done, { minLength: 1, maxLength: 3 }),
      }),
    },
  ),
  { minLength: 5, maxLength: 60 },
);

const conditions = fc.record({
  firstHead: fc.constantFrom(0, 1, 3, BLOCK_ROWS - 30),
  workPerSecond: fc.constantFrom(1_000_000, 500_000_000),
  maxUnreadBytes: fc.constantFrom(1024, 10_000, 262_144),
  sliceMs: fc.constantFrom(0.001, 5),
  wish: wishes,
  pipe: pipes,
  commands,
});

it(`${WORLDS} readers that are cut, slow and resumed have the very books of each row`, async () => {
  const failures: string[] = [];
  const logger = pino({ level: 'error' }, { write: (line: string) => void failures.push(line) });
  const totals = { whole: 0, changes: 0, leftOut: 0 };
  const worlds = fc.asyncProperty(conditions, async ({ wish, pipe, commands, ...how }) => {
    const { workPerSecond, maxUnreadBytes, sliceMs } = how;
    const limits = {
      ...DEFAULT_LIMITS,
      ...{ workPerSecond, maxUnreadBytes, sliceMs, pingBytes: maxUnreadBytes / 4 },
      workBurst: Math.max(1e7, workPerSecond),
      ...{ messagesPerSecond: 1e9, messagesBurst: 1e9, refusalsBurst: 1e9 },
    };
    const clock = new VirtualClock(ORIGIN + (how.firstHead - 1) * INTERVAL, 0.001);
    const servers = markets.map(
      (market) => new SimulatedServer(market, clock.skewedBy(0), limits, logger),
    );
    const reader = new BookReader(wish, pipe);
    const entries: Entry[] = [];
    const enter = (laterRows: number, said: readonly Done[]) => {
      const index = Math.max(...servers.map(({ head }) => head)) + laterRows;
      const effects = said.map((one) => effectOf(one, truth));
      const entry = { key: `${entries.length}`, index, effects };
      entries.push(entry);
      for (const { feed } of servers) feed.add(entry);
      reader.truth = new BookTruth(new Timeline(truth, entries));
    };
    const look = () => {
      for (const server of servers) server.look();
    };
    const turns = async (count: number) => {
      let isBusy = false;
      for (let n = 0; n < count; n++) {
        for (const server of servers) isBusy = server.turn() || isBusy;
        await flush();
      }
      return isBusy;
    };
    reader.connect(servers[0]!);
    for (const command of commands) {
      if ('rows' in command) {
        for (let row = 0; row < command.rows; row++) {
          clock.pass(INTERVAL);
          look();
          if (command.rows < 9) await turns(1);
        }
      } else if ('effects' in command) enter(command.laterRows, command.effects);
      else if ('server' in command) reader.connect(servers[command.server]!);
      else if ('cut' in command) reader.cut();
      else {
        await turns(command.turns);
        reader.read(command.take, command.read);
      }
    }
    // Whatever happened, it comes to the head.
    reader.connect(servers[0]!);
    clock.pass(INTERVAL);
    look();
    const headMs = () => ORIGIN + (servers[0]!.head - 1) * INTERVAL;
    for (let beats = 0; beats < 200 && reader.until !== headMs(); beats++) {
      for (let isBusy = true; isBusy; ) isBusy = (await turns(1)) || reader.read(ALL, ALL);
      if (reader.until === headMs()) break;
      if (!reader.isConnected) reader.connect(servers[0]!);
      // Who could not pay is looked at again.
      clock.pass(BEAT_MS / 2);
      for (const { hub } of servers) hub.beat();
    }
    expect(reader.until).toBe(headMs());
    expect(failures).toEqual([]);
    for (const name of ['whole', 'changes', 'leftOut'] as const) totals[name] += reader.seen[name];
  });
  await fc.assert(worlds, { numRuns: WORLDS, seed: 20_260_105 });
  // All of it happens.
  expect(Math.min(...Object.values(totals))).toBeGreaterThan(WORLDS);
}, 120_000);
