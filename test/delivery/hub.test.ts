import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { FIELDS, type Field, newTrades } from '../../src/core/market/fields.ts';
import { BLOCK_ROWS, timeOf } from '../../src/core/market/grid.ts';
import type { Market } from '../../src/core/market/market.ts';
import { SocketOutlet } from '../../src/delivery/socket-outlet.ts';
import { type Encoding, encodersOf } from '../../src/protocols/tickwell/encoders.ts';
import { StreamConnection } from '../../src/protocols/tickwell/stream/stream-connection.ts';
import { type Limits, limitsOf } from '../../src/server/limits.ts';
import { parseRows } from '../../src/wire/binary.ts';
import { FrameReader, OPCODES } from '../helpers/frames.ts';
import { marketOf, pricesOf } from '../helpers/market.ts';
import { VirtualClock } from '../sim/clock.ts';
import { SimulatedServer } from '../sim/server.ts';
import { bytesOf } from '../sim/sockets.ts';

const ROWS = 5000;
const market = marketOf({ seed: 9, count: 3, interval: 1000, capacity: 200 });
const { grid } = market;
const limits = limitsOf({ frameBytes: 2048, maxUnreadBytes: 8192, pingBytes: 8192 });

/** A slice of a backfill is one step, so that everything else can come in between. */
const clock = () => new VirtualClock(timeOf(grid, ROWS - 1), 10);

/** What happened to all sockets, in order. */
let events: { socket: number; what: 'write' | 'cork' | 'uncork' | 'ping'; bytes?: Uint8Array }[];
let time: VirtualClock;
let server: SimulatedServer;
let sockets: number;
let failures: string[];

function serve(of: Market, changes: Partial<Limits> = {}): void {
  const logger = pino({ level: 'error' }, { write: (line: string) => void failures.push(line) });
  time = clock();
  server = new SimulatedServer(of, time.skewedBy(0), { ...limits, ...changes }, logger);
}

beforeEach(() => {
  events = [];
  failures = [];
  sockets = 0;
  serve(market);
});

interface Opened {
  readonly socket: number;
  readonly connection: StreamConnection;
  readonly pings: number[];
  /** Bytes that the kernel has not taken. */
  bufferedBytes: number;
}

function open(encoding: Encoding = 'json'): Opened {
  const socket = sockets++;
  const pings: number[] = [];
  const state = { bufferedBytes: 0 };
  const note = (what: 'write' | 'cork' | 'uncork' | 'ping', bytes?: Uint8Array) => {
    events.push({ socket, what, ...(bytes === undefined ? {} : { bytes }) });
  };
  const outlet = new SocketOutlet(server.hub, {
    wire: {
      get writableLength() {
        return state.bufferedBytes;
      },
      write: (frame) => note('write', bytesOf(frame)),
    },
    write: (frame) => note('write', bytesOf(frame)),
    cork: () => note('cork'),
    uncork: () => note('uncork'),
    ping(number) {
      note('ping');
      pings.push(number);
    },
    control: (frame) => note('write', bytesOf(frame)),
    cut() {},
    writeAndPing(bytes, number) {
      this.write(bytes);
      this.ping(number);
    },
    close() {},
  });
  const connection = new StreamConnection(
    server.hub,
    outlet,
    server.hub.service.addresses.of('10.0.0.1'),
    encodersOf(server.hub)[encoding],
  );
  server.hub.add(connection);
  return Object.assign(state, { socket, connection, pings });
}

/** Subscribes from `from`, the index of the first row that is wanted. */
function subscribe(
  { connection }: Opened,
  id: number,
  from: number,
  symbols: unknown = '*',
  fields?: readonly Field[],
) {
  const since = timeOf(grid, from - 1);
  connection.receive(JSON.stringify({ type: 'subscribe', id, symbols, since, fields }));
}

/** Subscribes to all symbols, but for what is said. */
function ask({ connection }: Opened, changes: object) {
  connection.receive(JSON.stringify({ type: 'subscribe', symbols: '*', ...changes }));
}

/** Answers the pings that have come, as who has read everything. */
function answer({ connection, pings }: Opened): void {
  for (const number of pings.splice(0)) connection.ponged(number);
  server.hub.drained(connection);
}

function nextRow(): void {
  time.pass(grid.intervalMs);
  server.look();
}

// biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for.
function messagesOf(socket: number): any[] {
  return events
    .filter((event) => event.socket === socket && event.bytes !== undefined)
    .flatMap(({ bytes }) => [...new FrameReader().push(Buffer.from(bytes!))])
    .filter(({ opcode }) => opcode === OPCODES.text)
    .map(({ payload }) => JSON.parse(payload.toString()));
}

const rowsOf = (socket: number) => messagesOf(socket).filter(({ type }) => type === 'rows');
/** How many of them differ. */
const distinct = (frames: Uint8Array[]) =>
  new Set(frames.map((frame) => Buffer.from(frame).toString('latin1'))).size;
const writes = () => events.flatMap(({ bytes }) => (bytes === undefined ? [] : [bytes]));

describe('a hub', () => {
  it('sends whether instruments trade as soon as prices, and makes no trades for it', () => {
    const [prices, both, offers] = [open(), open(), open()];
    subscribe(prices, 1, ROWS);
    subscribe(both, 1, ROWS, '*', ['last', 'status']);
    const { groups, history, market } = server.hub;
    const columns = [0, 1, 2];
    for (const index of [ROWS, ROWS + 1, ROWS + 2]) {
      nextRow();
      const told = rowsOf(both.socket).at(-1);
      expect(told.last).toEqual(rowsOf(prices.socket).at(-1).prices);
      expect(told).toMatchObject({ until: timeOf(market.grid, index), lag: 0 });
      expect(told.status).toEqual([[0], [0], [0]]);
    }
    expect([...groups.live].map(({ members }) => members.length)).toEqual([1, 1]);
    expect(history.trades.has(columns, ROWS)).toBe(false);
    subscribe(offers, 1, ROWS, '*', ['last', 'bid']);
    while (server.turn());
    expect(history.trades.has(columns, ROWS)).toBe(true);
  });

  it('makes one payload for a hundred subscribers of the same rows, whatever their ids', () => {
    const clients = Array.from({ length: 100 }, () => open());
    for (const [n, client] of clients.entries()) subscribe(client, n % 2 === 0 ? 1 : n, ROWS);
    const { fanOut } = server.hub;
    for (const rows of [1, 2]) {
      const before = fanOut.payloads;
      events = [];
      for (let n = 0; n < rows; n++) nextRow();
      expect(fanOut.payloads - before).toBe(rows);
      expect(writes()).toHaveLength(100 * rows);
      expect(distinct(writes())).toBe(50 * rows);
    }
  });

  it('encodes that frame once even if somebody among them is behind', () => {
    const clients = Array.from({ length: 10 }, () => open());
    for (const [n, client] of clients.entries()) if (n !== 3) subscribe(client, 1, ROWS);
    subscribe(clients[3], 1, 0);
    events = [];
    nextRow();
    const live = events.filter(({ socket, bytes }) => socket !== 3 && bytes !== undefined);
    expect(live).toHaveLength(9);
    expect(distinct(live.map(({ bytes }) => bytes!))).toBe(1);
  });

  it('shares payloads between ids, not between encodings or symbols', () => {
    const clients = [open(), open(), open('binary'), open('binary'), open(), open()];
    for (const client of clients.slice(0, 4)) subscribe(client, 1, ROWS);
    subscribe(clients[4], 2, ROWS);
    subscribe(clients[5], 1, ROWS, ['ticker_1']);
    events = [];
    const { payloads } = server.hub.fanOut;
    nextRow();
    expect(writes()).toHaveLength(6);
    expect(distinct(writes())).toBe(4);
    expect(server.hub.fanOut.payloads - payloads).toBe(3);
  });

  it('makes one payload of a group for those who are live and for all others who want the same', () => {
    const orders = ['*', ['ticker_2', 'ticker_1', 'ticker_0'], ['ticker_1', 'ticker_0']];
    for (let n = 0; n < 30; n++) {
      const client = open();
      // Alone and live; the latest alone; two on one connection.
      const [symbols, others] = [orders[n % 3], orders[(n + 1) % 3]];
      if (n < 10) subscribe(client, n, ROWS, symbols);
      else if (n < 20) ask(client, { id: n, since: 'now', symbols, delivery: 'latest' });
      else for (const [k, each] of [symbols, others].entries()) subscribe(client, k, ROWS, each);
    }
    for (let row = 0; row < 3; row++) {
      events = [];
      const { payloads } = server.hub.fanOut;
      nextRow();
      expect(server.hub.fanOut.payloads - payloads).toBe(3);
      expect(writes()).toHaveLength(10 + 10 + 20);
    }
    for (let socket = 20; socket < 30; socket++) {
      const row = events.filter((event) => event.socket === socket).map(({ what }) => what);
      expect(row).toEqual(['cork', 'write', 'write', 'uncork']);
    }
    for (let socket = 0; socket < 30; socket++) {
      for (const id of new Set(rowsOf(socket).map((row) => row.id))) {
        const rows = rowsOf(socket).filter((row) => row.id === id);
        expect(rows.map(({ until }) => until)).toEqual([timeOf(grid, ROWS + 2)]);
      }
    }
  });

  it('makes a payload for each row at which the readers of a group are', () => {
    const clients = Array.from({ length: 12 }, () => open());
    for (const client of clients) ask(client, { id: 1, since: 'now', delivery: 'latest' });
    for (const [n, client] of clients.entries()) {
      subscribe(client, 2, ROWS);
      // Some cannot be sent the first row.
      if (n % 2 === 0) client.bufferedBytes = limits.maxUnreadBytes + 1;
    }
    nextRow();
    for (const client of clients) client.bufferedBytes = 0;
    const { payloads } = server.hub.fanOut;
    nextRow();
    // All want the second row, and half of them the first one too, in one frame.
    expect(server.hub.fanOut.payloads - payloads).toBe(2);
    const ranges = rowsOf(0).map(({ id, prices }) => [id, prices[0].length]);
    expect(ranges).toEqual([
      [2, 2],
      [1, 1],
    ]);
  });

  it('sends the newest row to those who are live before anything to those who are behind', () => {
    const behind = [open(), open()];
    const live = open();
    subscribe(live, 1, ROWS);
    for (const client of behind) {
      subscribe(client, 1, 0);
      client.bufferedBytes = limits.maxUnreadBytes + 1;
    }
    while (server.turn());
    // They have room again, but nobody has looked.
    for (const client of behind) client.bufferedBytes = 0;
    events = [];
    nextRow();
    const first = events.find(({ what }) => what === 'write')!;
    expect(first.socket).toBe(live.socket);
    while (server.turn());
    for (const { socket } of behind) expect(rowsOf(socket).length).toBeGreaterThan(1);
  });

  it('makes the blocks of a wide market once for many frames, not for each', () => {
    // More columns than the history keeps blocks of, and two rows in a frame.
    const wide = marketOf({ seed: 9, count: 600, interval: 1000, capacity: 10 });
    serve(wide, { frameBytes: 9000, maxUnreadBytes: 2 ** 20, pingBytes: 2 ** 19 });
    const client = open();
    subscribe(client, 1, 100);
    while (rowsOf(client.socket).length < 50) server.turn();
    const frames = rowsOf(client.socket).slice(0, 50);
    expect(frames.map(({ prices }) => prices[0].length)).toEqual(Array(50).fill(2));
    expect(frames.flatMap(({ prices }) => prices[599])).toEqual(pricesOf(wide, 599, 100, 200));
    expect(server.hub.history.regeneratedPrices / (600 * BLOCK_ROWS)).toBeLessThanOrEqual(2);
  });

  it('gives back the event loop between the frames of a backfill', () => {
    const client = open();
    subscribe(client, 1, ROWS - 2000);
    let turns = 0;
    while (server.turn()) turns += 1;
    expect(rowsOf(client.socket).length).toBeGreaterThan(1);
    expect(turns).toBeGreaterThanOrEqual(rowsOf(client.socket).length);
  });

  it('tells who was full the lag there is now, not the one that others were told', () => {
    // So many instruments that a frame holds one row.
    serve(marketOf({ seed: 9, count: 400, interval: 1000, capacity: 200 }));
    const [live, slow] = [open(), open()];
    for (const client of [live, slow]) subscribe(client, 1, ROWS);
    slow.bufferedBytes = limits.maxUnreadBytes + 1;
    for (let n = 0; n < 3; n++) {
      nextRow();
      answer(live);
    }
    slow.bufferedBytes = 0;
    do answer(slow);
    while (server.turn() || slow.pings.length > 0);
    expect(rowsOf(live.socket).map(({ lag }) => lag)).toEqual([0, 0, 0]);
    expect(rowsOf(slow.socket).map(({ lag }) => lag)).toEqual([2, 1, 0]);
  });

  it('writes the frames of all subscriptions of a connection in one corked batch', () => {
    const client = open();
    for (const id of [1, 2, 3]) subscribe(client, id, ROWS);
    events = [];
    nextRow();
    expect(events.map(({ what }) => what)).toEqual(['cork', 'write', 'write', 'write', 'uncork']);
    expect(rowsOf(client.socket).map(({ id }) => id)).toEqual([1, 2, 3]);
  });

  it('does not cork for one', () => {
    const client = open();
    subscribe(client, 1, ROWS);
    events = [];
    nextRow();
    expect(events.map(({ what }) => what)).toEqual(['write']);
  });

  it('sends one frame in turn to each that is behind', () => {
    const clients = [open(), open(), open()];
    for (const client of clients) subscribe(client, 1, ROWS - 1000);
    events = [];
    while (server.turn());
    const order = events.filter(({ bytes }) => bytes !== undefined).map(({ socket }) => socket);
    expect(order.slice(0, 6)).toEqual([...order.slice(0, 3), ...order.slice(0, 3)]);
    expect(new Set(order.slice(0, 3)).size).toBe(3);
  });

  it('lets both backfills of one slow connection go on, and not one before the other', () => {
    // A ping behind each frame: a pong makes room for one.
    serve(market, { pingBytes: 1024 });
    const client = open();
    subscribe(client, 1, 0);
    subscribe(client, 2, 0, ['ticker_1', 'ticker_0', 'ticker_2']);
    for (let n = 0; n < 40; n++) {
      while (server.turn());
      client.connection.ponged(client.pings.shift()!);
    }
    const frames = rowsOf(client.socket);
    const [one, two] = [1, 2].map((id) => frames.filter((frame) => frame.id === id).length);
    expect(one + two).toBeGreaterThan(10);
    expect(Math.abs(one - two)).toBeLessThanOrEqual(2);
  });

  it('takes no id for a subscription whose fetch is still on its way', async () => {
    const client = open();
    const since = timeOf(grid, 100);
    const fetch = { type: 'fetch', id: 5, symbols: '*', since, limit: 10 };
    client.connection.receive(JSON.stringify(fetch));
    subscribe(client, 5, ROWS);
    expect(messagesOf(client.socket).at(-1)).toMatchObject({ type: 'error', id: 5 });
    while (server.turn());
    await new Promise(setImmediate);
    expect(rowsOf(client.socket)).toMatchObject([{ id: 5, since }]);
    subscribe(client, 5, ROWS);
    expect(messagesOf(client.socket).at(-1)).toMatchObject({ type: 'subscribed', id: 5 });
  });

  it('forgets what was shared with the last who wanted it', () => {
    const clients = [open(), open()];
    for (const client of clients) {
      for (const id of [1, 2]) subscribe(client, id, ROWS, [`ticker_${id}`]);
    }
    expect(server.hub.groups.size).toBe(2);
    const unsubscribe = JSON.stringify({ type: 'unsubscribe', id: 2 });
    for (const client of clients) client.connection.receive(unsubscribe);
    expect(server.hub.groups.size).toBe(1);
    server.hub.remove(clients[0].connection);
    server.hub.remove(clients[0].connection);
    expect(server.hub.groups.size).toBe(1);
    server.hub.remove(clients[1].connection);
    expect(server.hub.groups.size).toBe(0);
  });

  it('sends nothing to a connection that it has forgotten', () => {
    const client = open();
    subscribe(client, 1, 0);
    server.hub.remove(client.connection);
    events = [];
    nextRow();
    while (server.turn());
    expect(events).toEqual([]);
    expect(client.connection.address.count('connections')).toBe(0);
    server.hub.remove(client.connection);
    expect(client.connection.address.count('connections')).toBe(0);
    expect(failures).toEqual([]);
  });
});

describe('a hub whose readers want fields', () => {
  const QUOTES: readonly Field[] = ['bid', 'ask'];

  /** What the core says of the rows `[from, next)`, of one block. */
  function truth(of: Market, column: number, from: number, next: number) {
    const trades = newTrades(of.spec.dtype, BLOCK_ROWS);
    of.fillTrades(trades, column, 0);
    return QUOTES.map((field) => [...trades[field as 'bid'].subarray(from, next)]);
  }

  /** Lets those behind have all their turns. */
  function settle() {
    while (server.turn());
  }

  it('makes none while the head moves: the first row comes in a turn, further ones at once', () => {
    const client = open();
    const { fillTrades } = market;
    let made = 0;
    market.fillTrades = (...given) => {
      made += 1;
      fillTrades.apply(market, given);
    };
    try {
      subscribe(client, 1, ROWS, '*', QUOTES);
      events = [];
      // A slice of its own is all that is made before the event loop has its turn.
      nextRow();
      expect(made).toBeLessThanOrEqual(1);
      settle();
      expect(rowsOf(client.socket)).toHaveLength(1);
      made = 0;
      for (let n = 0; n < 100; n++) {
        nextRow();
        expect(rowsOf(client.socket)).toHaveLength(2 + n);
        answer(client);
      }
      expect(made).toBe(0);
    } finally {
      market.fillTrades = fillTrades;
    }
    const rows = rowsOf(client.socket);
    for (const [n, column] of [0, 1, 2].entries()) {
      const [bid, ask] = truth(market, column, ROWS, ROWS + 101);
      expect(rows.flatMap((message) => message.bid[n])).toEqual(bid);
      expect(rows.flatMap((message) => message.ask[n])).toEqual(ask);
    }
  });

  it('encodes one frame for a hundred of the same, and others for other fields', () => {
    const clients = Array.from({ length: 100 }, () => open());
    for (const client of clients) subscribe(client, 1, ROWS, '*', QUOTES);
    nextRow();
    settle();
    events = [];
    nextRow();
    expect(writes()).toHaveLength(100);
    expect(distinct(writes())).toBe(1);
    subscribe(clients[0], 2, ROWS + 2, '*', ['ask', 'bid']);
    subscribe(clients[1], 2, ROWS + 2);
    events = [];
    nextRow();
    expect(distinct(writes())).toBe(3);
  });

  it('sends who is behind everything, in order, into the rows that are live', () => {
    const clients = [open(), open('binary')];
    for (const client of clients) subscribe(client, 1, ROWS - 1000, '*', QUOTES);
    for (let n = 0; n < 60; n++) {
      nextRow();
      settle();
      for (const client of clients) answer(client);
    }
    settle();
    const [bid, ask] = truth(market, 2, ROWS - 1000, ROWS + 60);
    const rows = rowsOf(clients[0].socket);
    expect(rows.flatMap((message) => message.bid[2])).toEqual(bid);
    expect(rows.flatMap((message) => message.ask[2])).toEqual(ask);
    for (const [n, { since }] of rows.entries()) {
      expect(since).toBe(n === 0 ? timeOf(grid, ROWS - 1001) : rows[n - 1].until);
    }
    const frames = events
      .filter(({ socket, bytes }) => socket === clients[1].socket && bytes !== undefined)
      .flatMap(({ bytes }) => [...new FrameReader().push(Buffer.from(bytes!))])
      .filter(({ opcode }) => opcode === OPCODES.binary)
      .map(({ payload }) => parseRows(Uint8Array.from(payload))!);
    expect(frames.flatMap(({ values }) => [...values[0][2]])).toEqual(bid);
    expect(frames.flatMap(({ values }) => [...values[1][2]])).toEqual(ask);
  });

  it('gives who wants the latest the newest row alone, though it must be made first', () => {
    const client = open();
    const ask = { type: 'subscribe', id: 1, symbols: '*', since: timeOf(grid, ROWS - 100) };
    const { connection } = client;
    connection.receive(JSON.stringify({ ...ask, fields: QUOTES, delivery: 'latest' }));
    // The head moves on while what it reads is being made.
    for (let n = 0; n < 5; n++) nextRow();
    settle();
    nextRow();
    const messages = messagesOf(client.socket).filter(({ type }) => /rows|skipped/.test(type));
    let cursor = timeOf(grid, ROWS - 100);
    for (const [n, { type, since, until, lag, bid }] of messages.entries()) {
      expect(since).toBe(cursor);
      cursor = until;
      if (type === 'skipped') expect(messages[n + 1]?.type).toBe('rows');
      else expect([lag, bid[0].length]).toEqual([0, 1]);
    }
    expect(cursor).toBe(timeOf(grid, ROWS + 5));
    expect(messages[0].type).toBe('skipped');
  });

  it('fills no frame over its size, whatever the fields', () => {
    const spec = { seed: 9, count: 2, interval: 1000, capacity: 200 };
    // Volumes of seven digits and more, as many as a day may have.
    const defaults = { tradesPerDay: 2.4e5, lotsPerTrade: 1e6 };
    serve(marketOf({ ...spec, defaults }));
    for (const encoding of ['json', 'binary'] as const) {
      const client = open(encoding);
      subscribe(client, 1, ROWS - 3000, '*', FIELDS);
      for (let n = 0; n < 10; n++) {
        settle();
        answer(client);
      }
    }
    const sizes = writes().map(({ byteLength }) => byteLength);
    expect(sizes.length).toBeGreaterThan(20);
    // Beside them the frame of the WebSocket.
    expect(Math.max(...sizes)).toBeLessThanOrEqual(limits.frameBytes + 4);
    expect(Math.max(...sizes)).toBeGreaterThan(limits.frameBytes / 2);
  });
});
