import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { wantedOf } from '../../src/core/history/wanted.ts';
import { FIELDS } from '../../src/core/market/fields.ts';
import { timeOf } from '../../src/core/market/grid.ts';
import type { Connection } from '../../src/delivery/connection.ts';
import { BEAT_MS } from '../../src/delivery/hub.ts';
import { Outlet } from '../../src/delivery/outlet.ts';
import { SocketOutlet } from '../../src/delivery/socket-outlet.ts';
import { encodersOf } from '../../src/protocols/tickwell/encoders.ts';
import { SseStream } from '../../src/protocols/tickwell/sse/sse-stream.ts';
import { Chunks, SseTransport } from '../../src/protocols/tickwell/sse/sse-wire.ts';
import { StreamConnection } from '../../src/protocols/tickwell/stream/stream-connection.ts';
import { limitsOf } from '../../src/server/limits.ts';
import { FrameReader, OPCODES } from '../helpers/frames.ts';
import { marketOf } from '../helpers/market.ts';
import { VirtualClock } from '../sim/clock.ts';
import { Pipe } from '../sim/pipe.ts';
import { SimulatedServer } from '../sim/server.ts';
import { simulatedResponse, simulatedSocket } from '../sim/sockets.ts';

const ROWS = 400;
/** So many columns that `subscribed` and a row with fields are a third of what may be unread. */
const market = marketOf({ seed: 5, count: 400, interval: 1000, capacity: 200 });
const limits = limitsOf({
  ...{ frameBytes: 2048, pingBytes: 2048, maxUnreadBytes: 16_384 },
  ...{ messagesPerSecond: 1_000_000, messagesBurst: 1_000_000, badRequestsBurst: 1_000_000 },
  ...{ stallMs: 1e9, pongMs: 1e9, firstRequestMs: 1e9 },
});

let server: SimulatedServer;
let time: VirtualClock;
let failures: string[];

beforeEach(() => {
  failures = [];
  const logger = pino({ level: 'error' }, { write: (line: string) => void failures.push(line) });
  time = new VirtualClock(timeOf(market.grid, ROWS - 1), 10);
  server = new SimulatedServer(market, time.skewedBy(0), limits, logger);
});

/** A client that reads when the test says so; its kernel takes nothing by itself. */
class Client {
  readonly pipe = new Pipe({ kernelBytes: 1e9, highWaterBytes: 100, isEager: false });
  readonly connection: Connection;
  readonly pings: number[] = [];
  closeCode: number | undefined;
  /** Of the largest message that was written. */
  mostBytes = 0;
  /** The most that was written and not read, with no answer to come. */
  mostBytesInFlight = 0;
  readonly #frames = new FrameReader();
  // biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for.
  readonly messages: any[] = [];
  pongs = 0;

  constructor(encoding: 'json' | 'binary' | 'events') {
    const { hub } = server;
    const address = hub.service.addresses.of('10.0.0.1');
    const watcher = {
      wrote: ({ byteLength }: Uint8Array) => {
        if (this.closeCode !== undefined) return;
        this.mostBytes = Math.max(this.mostBytes, byteLength);
        this.mostBytesInFlight = Math.max(
          this.mostBytesInFlight,
          this.pipe.waitingBytes + byteLength,
        );
      },
      pinged: (number: number) => void this.pings.push(number),
      closed: (code: number) => {
        this.closeCode = code;
      },
    };
    this.connection =
      encoding === 'events'
        ? new SseStream(hub, {
            encoder: encodersOf(hub).events,
            outlet: new Outlet(
              hub,
              new SseTransport(simulatedResponse(this.pipe, watcher), new Chunks()),
            ),
            ...{ address, cursor: 0, delivery: 'all' },
            wanted: wantedOf(
              FIELDS,
              market.instruments.map((_, column) => column),
            ),
          })
        : new StreamConnection(
            hub,
            new SocketOutlet(hub, simulatedSocket(this.pipe, watcher)),
            address,
            encodersOf(hub)[encoding],
          );
    hub.add(this.connection);
  }

  get stream(): StreamConnection {
    return this.connection as StreamConnection;
  }

  ask(message: object): void {
    this.stream.receive(JSON.stringify(message));
  }

  /** Reads all there is, and answers the pings. */
  read(): void {
    this.pipe.take(1e9);
    for (const piece of this.pipe.read(1e9)) {
      for (const { opcode, payload } of this.#frames.push(Buffer.from(piece))) {
        if (opcode === OPCODES.text) this.messages.push(JSON.parse(payload.toString()));
        if (opcode === OPCODES.pong) this.pongs += 1;
      }
    }
    for (const number of this.pings.splice(0)) this.stream.ponged(number);
    server.hub.drained(this.connection);
  }

  /** Reads until nothing more comes. */
  async readAll(): Promise<void> {
    for (let before = -1; before !== this.pipe.writtenBytes; ) {
      before = this.pipe.writtenBytes;
      this.read();
      await settle();
    }
  }
}

async function settle(): Promise<void> {
  for (let isBusy = true; isBusy; ) {
    isBusy = server.turn();
    for (let n = 0; n < 8; n++) await undefined;
  }
}

/** So much is asked that each of them is many times what may be unread. */
const ASKED: Record<string, (client: Client, n: number) => void> = {
  subscribed: (client, id) => client.ask({ type: 'subscribe', id, symbols: '*', since: 'now' }),
  'subscribed and unsubscribed': (client, n) => {
    if (n % 2 === 0) client.ask({ type: 'subscribe', id: 1, symbols: '*', since: 'now' });
    else client.ask({ type: 'unsubscribe', id: 1 });
  },
  pong: (client, id) => client.ask({ type: 'ping', id }),
  error: (client, id) => client.ask({ type: 'fetch', id, symbols: ['x'.repeat(60)], since: 0 }),
  'errors without an id': ({ stream }) => stream.receive('{'.repeat(80)),
  'fetched rows': (client, id) => client.ask({ type: 'fetch', id, symbols: '*', since: 'now' }),
  'fetched fields of old rows': (client, id) => {
    const since = market.grid.originMs;
    client.ask({ type: 'fetch', id, symbols: '*', since, fields: FIELDS, limit: 1 });
  },
  candles: (client, id) => {
    const [symbol, from] = [market.instruments[id % 400]!.symbol, market.grid.originMs];
    const fields = ['volume', 'trades'];
    client.ask({ type: 'candles', id, symbol, resolution: '1s', from, count: 400, fields });
  },
  'pongs of the protocol': ({ stream }) => stream.pinged(new Uint8Array(125)),
};

describe.each(['json', 'binary'] as const)('to a client that does not read (%s)', (encoding) => {
  it.each(Object.keys(ASKED))('no more is written than may be unread: %s', async (kind) => {
    const client = new Client(encoding);
    client.ask({ type: 'subscribe', id: 1_000_000, symbols: '*', since: 'now' });
    for (let n = 0; n < 1000 && client.closeCode === undefined; n++) {
      ASKED[kind]!(client, n);
      if (n % 10 > 0) continue;
      time.pass(BEAT_MS);
      server.look();
      server.hub.beat();
      await settle();
    }
    const most = limits.maxUnreadBytes + client.mostBytes;
    expect(client.mostBytesInFlight).toBeGreaterThan(limits.maxUnreadBytes / 2);
    expect(client.mostBytesInFlight).toBeLessThanOrEqual(most);
    expect(failures).toEqual([]);
  });

  it('nor are heartbeats', () => {
    const client = new Client(encoding);
    for (const id of [1, 2, 3]) client.ask({ type: 'subscribe', id, symbols: '*', since: 0 });
    for (let beat = 0; beat < 10_000; beat++) {
      time.pass(BEAT_MS);
      server.hub.beat();
    }
    const most = limits.maxUnreadBytes + client.mostBytes;
    expect(client.mostBytesInFlight).toBeLessThanOrEqual(most);
  });
});

it('to events that nobody reads no more is written than may be unread', async () => {
  const client = new Client('events');
  server.hub.drained(client.connection);
  for (let beat = 0; beat < 3000; beat++) {
    time.pass(BEAT_MS);
    server.look();
    server.hub.beat();
    await settle();
  }
  const most = limits.maxUnreadBytes + client.mostBytes;
  expect(client.mostBytesInFlight).toBeGreaterThan(limits.maxUnreadBytes);
  expect(client.mostBytesInFlight).toBeLessThanOrEqual(most);
});

describe('what was asked while there was no room', () => {
  async function filled(): Promise<Client> {
    const client = new Client('json');
    const since = market.grid.originMs;
    client.ask({ type: 'subscribe', id: 1, symbols: '*', since });
    await settle();
    expect(client.connection.outlet.isFull).toBe(true);
    return client;
  }
  const answersTo = (client: Client, first: number) =>
    client.messages.filter(({ id }) => id >= first).map(({ type, id }) => `${type} ${id}`);

  it('is answered in order when there is some', async () => {
    const client = await filled();
    client.ask({ type: 'ping', id: 10 });
    client.ask({ type: 'subscribe', id: 11, symbols: ['ticker_000'], since: 'now' });
    client.ask({ type: 'nothing', id: 12 });
    client.ask({ type: 'unsubscribe', id: 11 });
    client.ask({ type: 'ping', id: 13 });
    await client.readAll();
    expect(answersTo(client, 10)).toEqual([
      ...['pong 10', 'subscribed 11', 'error 12', 'unsubscribed 11', 'pong 13'],
    ]);
  });

  it('is answered before the rows that wait too', async () => {
    const client = await filled();
    client.ask({ type: 'ping', id: 10 });
    client.read();
    const read = client.messages.length;
    await client.readAll();
    expect(client.messages[read]).toMatchObject({ type: 'pong', id: 10 });
    expect(client.messages[read + 1]).toMatchObject({ type: 'rows', id: 1 });
  });

  it('is refused behind maxPendingRequests, in its turn', async () => {
    const client = await filled();
    for (let id = 10; id < 40; id++) client.ask({ type: 'ping', id });
    await client.readAll();
    const answers = answersTo(client, 10);
    expect(answers.slice(0, 16)).toEqual(Array.from({ length: 16 }, (_, n) => `pong ${10 + n}`));
    expect(answers.slice(16)).toEqual(Array.from({ length: 14 }, (_, n) => `error ${26 + n}`));
    const refused = client.messages.filter(({ type }) => type === 'error');
    expect(new Set(refused.map(({ code }) => code))).toEqual(new Set(['too_many']));
    expect(refused[0].limit).toBe(limits.maxPendingRequests);
    client.ask({ type: 'ping', id: 50 });
    await client.readAll();
    expect(client.messages.at(-1)).toMatchObject({ type: 'pong', id: 50 });
  });

  it('is too much when refusalsBurst are refused: the connection ends', async () => {
    const client = await filled();
    const most = limits.maxPendingRequests + limits.refusalsBurst;
    for (let id = 0; id < most; id++) client.ask({ type: 'ping', id: 10 + id });
    expect(client.closeCode).toBeUndefined();
    client.ask({ type: 'ping', id: 9 });
    expect(client.closeCode).toBe(4005);
  });

  it('are pings of which the newest alone is answered', async () => {
    const client = await filled();
    for (let n = 0; n < 20; n++) client.stream.pinged(Uint8Array.of(n));
    await client.readAll();
    expect(client.pongs).toBe(1);
  });
});
