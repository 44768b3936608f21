import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { ERA_ROWS, timeOf } from '../../src/core/market/grid.ts';
import { SocketOutlet } from '../../src/delivery/socket-outlet.ts';
import { encodersOf } from '../../src/protocols/tickwell/encoders.ts';
import { StreamConnection } from '../../src/protocols/tickwell/stream/stream-connection.ts';
import { limitsOf } from '../../src/server/limits.ts';
import { marketOf } from '../helpers/market.ts';
import { VirtualClock } from '../sim/clock.ts';
import { SimulatedServer } from '../sim/server.ts';
import { bytesOf } from '../sim/sockets.ts';

/** What single trades of a late reader are paid with, and that they come. */

const ROWS = ERA_ROWS + 40_000;
const COLUMNS = 3;
const defaults = { tradesPerDay: 200_000 };
const few = marketOf({ seed: 9, count: COLUMNS, interval: 1000, capacity: 200, defaults });
const { grid } = few;

const LIMITS = { frameBytes: 4096, maxUnreadBytes: 2 ** 24, pingBytes: 2 ** 24 };

/** A message of trades. */
interface Told {
  readonly since: number;
  readonly until: number;
}

function start(changes: Parameters<typeof limitsOf>[0] = {}, market = few) {
  const time = new VirtualClock(timeOf(grid, ROWS - 1), 10);
  const limits = limitsOf({ ...LIMITS, ...changes });
  const server = new SimulatedServer(market, time.skewedBy(0), limits, pino({ level: 'silent' }));
  const address = server.hub.service.addresses.of('10.0.0.1');
  const open = () => {
    const trades: Told[] = [];
    const pings: number[] = [];
    const write = (frame: Uint8Array | string) => {
      const text = Buffer.from(bytesOf(frame)).toString('latin1');
      const at = text.indexOf('{"type"');
      const message = at < 0 ? {} : JSON.parse(text.slice(at));
      if (message.type === 'trades') trades.push(message);
    };
    const whole = {
      wire: { writableLength: 0, write },
      write,
      cork() {},
      uncork() {},
      ping: (number: number) => void pings.push(number),
      writeAndPing(bytes: Uint8Array, number: number) {
        write(bytes);
        pings.push(number);
      },
      close() {},
      control: write,
      cut() {},
    };
    const outlet = new SocketOutlet(server.hub, whole);
    const { json } = encodersOf(server.hub);
    const connection = new StreamConnection(server.hub, outlet, address, json);
    server.hub.add(connection);
    const subscribe = (from: number, asked: object = {}) => {
      const since = timeOf(grid, from - 1);
      const what = { what: 'trades', symbols: '*', since, ...asked };
      connection.receive(JSON.stringify({ type: 'subscribe', id: 1, ...what }));
    };
    const drain = () => {
      for (const number of pings.splice(0)) connection.ponged(number);
      server.hub.drained(connection);
    };
    return { trades, subscribe, drain };
  };
  const nextRow = () => {
    time.pass(grid.intervalMs);
    server.look();
    while (server.turn());
  };
  return { open, server, address, nextRow };
}

describe('a backfill of trades', () => {
  it('pays once for the eras of its first rows', () => {
    const paid = [5, ERA_ROWS + 5].map((from) => {
      const { open, address, server } = start();
      const { subscribe, trades, drain } = open();
      subscribe(from);
      // Until it is full, and again.
      for (let times = 0; trades.length < 10 && times < 10; times++) {
        while (trades.length < 10 && server.turn());
        drain();
      }
      expect(trades.length).toBeGreaterThanOrEqual(10);
      return address.report().paid;
    });
    // Messages of other trades have other rows.
    const [old, newest] = paid as [number, number];
    expect(old - newest).toBeGreaterThan(COLUMNS * 188_000 - 200_000);
    expect(old - newest).toBeLessThan(COLUMNS * 188_000 + 200_000);
  });

  it('comes to all, however many read from elsewhere and can pay a piece now and then', () => {
    const { open, nextRow } = start({ workBurst: 100_000, workPerSecond: 500_000 });
    const readers = Array.from({ length: 70 }, (_, n) => {
      const reader = open();
      reader.subscribe(5 + 20 * n);
      return reader;
    });
    const waiting = () => readers.filter(({ trades }) => trades.length === 0).length;
    for (let rows = 0; rows < 300 && waiting() > 0; rows++) nextRow();
    expect(waiting()).toBe(0);
  });
});

describe('the newest trades of many instruments', () => {
  const many = marketOf({ seed: 9, count: 200, interval: 1000, capacity: 200, defaults });

  it('come to who can pay for a part of them from row to row', () => {
    const { open, nextRow, server } = start({ workBurst: 100_000, workPerSecond: 50_000 }, many);
    const { trades, subscribe } = open();
    subscribe(ROWS - 10_000, { delivery: 'latest' });
    for (let rows = 0; rows < 300 && trades.length < 2; rows++) nextRow();
    expect(trades.length).toBe(2);
    const [first, second] = trades as [Told, Told];
    // A row each; and when the first has come, it is the newest that is read next.
    expect(first.until - first.since).toBe(grid.intervalMs);
    expect(second.until - second.since).toBe(grid.intervalMs);
    expect(second.since).toBeGreaterThan(first.until);
    expect(second.until).toBeLessThan(timeOf(grid, server.head - 1));
  });
});
