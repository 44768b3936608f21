import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { FIELDS, type Field } from '../../src/core/market/fields.ts';
import { ERA_ROWS, timeOf } from '../../src/core/market/grid.ts';
import { SocketOutlet } from '../../src/delivery/socket-outlet.ts';
import { encodersOf } from '../../src/protocols/tickwell/encoders.ts';
import { StreamConnection } from '../../src/protocols/tickwell/stream/stream-connection.ts';
import { limitsOf } from '../../src/server/limits.ts';
import { marketOf } from '../helpers/market.ts';
import { counter } from '../helpers/steps.ts';
import { VirtualClock } from '../sim/clock.ts';
import { SimulatedServer } from '../sim/server.ts';

/** What the rows of the stream are paid with that are not at hand. */

const ROWS = ERA_ROWS + 5000;
const few = marketOf({ seed: 9, count: 3, interval: 1000, capacity: 200 });
const many = marketOf({ seed: 9, count: 1000, interval: 1000, capacity: 200 });
const { grid } = few;

function start(changes: Parameters<typeof limitsOf>[0] = {}, market = few) {
  const time = new VirtualClock(timeOf(grid, ROWS - 1), 10);
  const limits = limitsOf({ frameBytes: 2048, maxUnreadBytes: 8192, pingBytes: 8192, ...changes });
  const server = new SimulatedServer(market, time.skewedBy(0), limits, pino({ level: 'silent' }));
  const address = server.hub.service.addresses.of('10.0.0.1');
  const sent: Uint8Array[] = [];
  const pings: number[] = [];
  const write = (bytes: Uint8Array) => void sent.push(bytes);
  const ping = (number: number) => void pings.push(number);
  const whole = {
    wire: { writableLength: 0, write },
    write,
    cork() {},
    uncork() {},
    ping,
    writeAndPing(bytes: Uint8Array, number: number) {
      write(bytes);
      ping(number);
    },
    close() {},
    control: write,
    cut() {},
  };
  const outlet = new SocketOutlet(server.hub, whole);
  const connection = new StreamConnection(server.hub, outlet, address, encodersOf(server.hub).json);
  server.hub.add(connection);
  const subscribe = (from: number, fields?: readonly Field[]) => {
    const since = timeOf(grid, from - 1);
    connection.receive(JSON.stringify({ type: 'subscribe', id: 1, symbols: '*', since, fields }));
  };
  const nextRow = () => {
    time.pass(grid.intervalMs);
    server.look();
    while (server.turn());
  };
  return { nextRow, server, address, sent, pings, connection, subscribe };
}

describe('a backfill', () => {
  it('pays once for the eras of its first rows', () => {
    const paid = [5, ERA_ROWS + 5].map((from) => {
      const { address, subscribe, sent, pings, connection, server } = start();
      subscribe(from);
      while (server.turn());
      // Until it is full, and again.
      for (const number of pings.splice(0)) connection.ponged(number);
      server.hub.drained(connection);
      while (server.turn());
      expect(sent.length).toBeGreaterThan(6);
      return address.report().paid;
    });
    const [old, newest] = paid as [number, number];
    // Frames of other prices have other lengths.
    expect(old - newest).toBeGreaterThan(3 * 188_000 - 50_000);
    expect(old - newest).toBeLessThan(3 * 188_000 + 50_000);
  });

  it('that cannot be paid is not estimated again before it can, and comes then', () => {
    // The message has taken some 30,000 of a full bucket, which all of it costs.
    const limits = { workBurst: 100_000, workPerSecond: 1000 };
    const { subscribe, server, sent, nextRow } = start(limits);
    const { counted, restore } = counter(server.hub.history, 'hasBlock');
    subscribe(5);
    while (server.turn());
    const said = sent.length;
    const estimate = counted();
    expect(estimate).toBe(3);
    let rows = 0;
    for (; sent.length === said && rows < 100; rows++) {
      expect(counted()).toBe(estimate);
      nextRow();
    }
    restore();
    expect(rows).toBeGreaterThan(25);
    expect(rows).toBeLessThan(40);
  });
});

describe('live rows of all fields of many instruments', () => {
  const values = FIELDS.length * many.instruments.length;
  // They are looked up, and written as text.
  const each = many.instruments.length + 60 * values;

  it('are paid for, each when it comes', () => {
    const { subscribe, address, sent, pings, connection, nextRow } = start(
      { maxUnreadBytes: 2 ** 20 },
      many,
    );
    subscribe(ROWS, FIELDS);
    // With the first, those that follow are made ahead.
    nextRow();
    expect(address.report().paid).toBeGreaterThan(1024 * 60 * many.instruments.length);
    for (let n = 0; n < 5; n++) {
      for (const number of pings.splice(0)) connection.ponged(number);
      const before = sent.length;
      nextRow();
      expect(sent.length).toBe(before + 1);
      expect(address.report().paid).toBe(each);
    }
  });

  it('wait while they cannot be paid', () => {
    const { subscribe, address, sent, nextRow } = start(
      { maxUnreadBytes: 2 ** 24, workPerSecond: 1 },
      many,
    );
    subscribe(ROWS, FIELDS);
    nextRow();
    // All but what three cost.
    address.spend(10 ** 10 - address.report().paid - 3 * each, 0);
    const before = sent.length;
    for (let n = 0; n < 8; n++) nextRow();
    expect(sent.length - before).toBe(3);
  });
});
