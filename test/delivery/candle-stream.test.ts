import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { timeOf } from '../../src/core/market/grid.ts';
import { Timeline } from '../../src/core/timeline/timeline.ts';
import type { Encoding } from '../../src/protocols/tickwell/encoders.ts';
import { limitsOf } from '../../src/server/limits.ts';
import { marketOf } from '../helpers/market.ts';
import { SimulatedClient } from '../sim/client.ts';
import { VirtualClock } from '../sim/clock.ts';
import { Reader } from '../sim/reader.ts';
import { SimulatedServer } from '../sim/server.ts';
import { Truth } from '../sim/truth.ts';

/** What candles cost a server: one computation and one payload for all who want the same. */

const ROWS = 5030;
const MINUTE = '60000ms';
const market = marketOf({ seed: 9, count: 3, interval: 1000, capacity: 200 });
const limits = limitsOf({ messagesBurst: 1000, maxSubscriptions: 10 });
const options = {
  ...{ isPrompt: true, isEager: true, kernelBytes: 1e9, highWaterBytes: 1e9 },
  ip: '10.0.0.1',
};

let time: VirtualClock;
let server: SimulatedServer;
let failures: string[];

beforeEach(() => begin(limits));

function begin(limitsOfServer: typeof limits): void {
  failures = [];
  const logger = pino({ level: 'error' }, { write: (line: string) => void failures.push(line) });
  time = new VirtualClock(timeOf(market.grid, ROWS - 1), 0);
  server = new SimulatedServer(market, time.skewedBy(0), limitsOfServer, logger);
}

/** A reader of candles, held against the truth by the same rules as in the simulation. */
function follow(encoding: Encoding, asked: object = {}, id = 1) {
  const follower = ask(encoding, asked, id);
  settle(follower.client);
  return follower;
}

/** The same, that has not read yet what it is told. */
function ask(encoding: Encoding, asked: object, id = 1) {
  const reader = new Reader(new Truth(market), new Timeline(market), () => {});
  const client = new SimulatedClient(server, reader, encoding, options, time);
  const cut = { resolution: MINUTE, everyRows: 1, ...asked };
  reader.subscriptions.push({
    ...{ id, fields: [], columns: [0, 2], delivery: 'all', cut, cursor: undefined },
    ...{ state: 'asked', hasSkipped: false, hasBegun: false },
  });
  const { everyRows, ...named } = cut;
  const every = everyRows === 1 ? {} : { every: everyRows * 1000 };
  const symbols = ['ticker_0', 'ticker_2'];
  settle(client);
  client.send({ type: 'subscribe', id, symbols, since: 'now', ...named, ...every });
  return { client, reading: reader.subscriptions[0]! };
}

function settle(...clients: SimulatedClient[]): void {
  for (let isBusy = true; isBusy; ) {
    isBusy = false;
    while (server.turn()) isBusy = true;
    for (const client of clients) if (client.attend()) isBusy = true;
  }
}

function rows(count: number): void {
  time.pass(count * 1000);
  server.look();
}

describe('readers of the same candles', () => {
  it('share one payload a row, whatever their ids, and move together', () => {
    const all = Array.from({ length: 50 }, (_, n) => follow('json', {}, n + 1));
    const clients = all.map(({ client }) => client);
    const [group] = server.hub.groups.live;
    for (let row = 0; row < 70; row++) {
      const { payloads } = server.hub.fanOut;
      rows(1);
      expect(server.hub.fanOut.payloads - payloads).toBe(1);
      settle(...clients);
      if (row === 0) continue;
      expect(server.hub.groups.live.size).toBe(1);
      expect(group?.members ?? [...server.hub.groups.live][0]!.members).toHaveLength(50);
    }
    for (const { reading } of all) expect(reading.cursor).toBe(server.head);
    expect(failures).toEqual([]);
  });

  it('have two payloads in a turn that crosses the end of a candle', () => {
    const all = Array.from({ length: 9 }, (_, n) => follow('json', {}, n + 1));
    rows(1);
    settle(...all.map(({ client }) => client));
    const { payloads } = server.hub.fanOut;
    // The minute ends with row 5039.
    rows(12);
    expect(server.hub.fanOut.payloads - payloads).toBe(2);
    settle(...all.map(({ client }) => client));
    for (const { reading } of all) expect(reading.cursor).toBe(server.head);
  });

  it('are written nothing between two rows that are told', () => {
    const { client, reading } = follow('json', { everyRows: 10 });
    const written = () => server.hub.counters.totals.frames;
    const before = written();
    rows(9);
    settle(client);
    expect(written()).toBe(before);
    rows(1);
    settle(client);
    expect(written()).toBe(before + 1);
    expect(reading.cursor).toBe(server.head);
  });

  it('are not told at once of the head they began at, if their line was full by then', () => {
    // What it is told of its subscription fills it.
    begin({ ...limits, maxUnreadBytes: 100, pingBytes: 50 });
    const { client, reading } = ask('json', { everyRows: 7 });
    rows(1);
    settle(client);
    expect(reading.state).toBe('running');
    expect(reading.cursor).toBe(server.head - 1);
    rows(7);
    settle(client);
    expect(reading.cursor).toBeGreaterThan(server.head - 7);
  });

  it('read each row of a column once, whatever the encoding', () => {
    const all = [follow('json'), follow('binary'), follow('json', { everyRows: 1 }, 4)];
    rows(1);
    settle(...all.map(({ client }) => client));
    const { ring } = server.feed.history;
    let reads = 0;
    const { priceAt } = ring;
    ring.priceAt = (column, index) => {
      reads += 1;
      return priceAt.call(ring, column, index);
    };
    rows(1);
    // Two columns, one candle.
    expect(reads).toBe(2);
    settle(...all.map(({ client }) => client));
  });

  it('leave nothing behind, and go on after what was made ahead is forgotten', () => {
    const { client, reading } = follow('json');
    rows(3);
    settle(client);
    server.feed.history.forgetFrom(server.head);
    rows(40);
    settle(client);
    expect(reading.cursor).toBe(server.head);
    server.hub.remove(client.connection);
    expect(server.hub.groups.size).toBe(0);
  });
});

describe('a candle that forms, of which more rows come before it is read', () => {
  it('is told as it was read, with its lag, and goes on from there', () => {
    const wide = marketOf({ seed: 9, count: 100, interval: 1, capacity: 8192 });
    // A slice ends after twenty looks at the clock.
    time = new VirtualClock(timeOf(wide.grid, 8191), 0.25);
    const logger = pino({ level: 'error' }, { write: (line: string) => void failures.push(line) });
    server = new SimulatedServer(wide, time.skewedBy(0), limits, logger);
    const messages: Record<string, number & number[][]>[] = [];
    const reader = { take: (message: never) => void messages.push(message) };
    const client = new SimulatedClient(server, reader as never, 'binary', options, time);
    const asked = { resolution: '1h', symbols: '*', since: timeOf(wide.grid, 7000) };
    client.send({ type: 'subscribe', id: 1, ...asked });
    // More rows a turn than can be added at once.
    for (let turn = 0; turn < 100; turn++) {
      time.pass(120);
      server.look();
      server.turn();
      client.attend();
    }
    const candles = messages.filter(({ type }) => String(type) === 'candles');
    expect(candles.length).toBeGreaterThan(3);
    const truth = new Truth(wide);
    let since: number = asked.since;
    for (const message of candles) {
      expect(message.since).toBe(since);
      since = message.until!;
      const next = (since - wide.grid.originMs) / wide.grid.intervalMs + 1;
      for (const column of [0, 99]) {
        const { open, high, low, close } = message;
        const told = [open, high, low, close].map((lists) => lists![column]![0]);
        expect(told).toEqual(Object.values(truth.candle(column, 0, next)));
      }
    }
    expect(Math.max(...candles.map(({ lag }) => lag!))).toBeGreaterThan(2);
    expect(failures).toEqual([]);
  });
});
