import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { timeOf } from '../../src/core/market/grid.ts';
import { BEAT_MS } from '../../src/delivery/hub.ts';
import { PlainConnection } from '../../src/delivery/plain-connection.ts';
import { SocketOutlet } from '../../src/delivery/socket-outlet.ts';
import { limitsOf } from '../../src/server/limits.ts';
import { marketOf } from '../helpers/market.ts';
import { VirtualClock } from '../sim/clock.ts';
import { Pipe } from '../sim/pipe.ts';
import { SimulatedServer } from '../sim/server.ts';
import { simulatedSocket } from '../sim/sockets.ts';

const SNAPSHOT_BYTES = 3_000_000;
const market = marketOf({ interval: 1000, capacity: 10, count: 1 });

let time: VirtualClock;
let server: SimulatedServer;

beforeEach(() => {
  time = new VirtualClock(timeOf(market.grid, 99), 0);
  server = new SimulatedServer(market, time.skewedBy(0), limitsOf(), pino({ level: 'silent' }));
});

/** One who is sent a snapshot for each message; a kernel of little room is between. */
class Client {
  readonly pipe = new Pipe({ kernelBytes: 200_000, highWaterBytes: 16_384, isEager: true });
  readonly connection: PlainConnection;
  readonly pings: { readonly number: number; readonly atBytes: number }[] = [];
  closeCode: number | undefined;
  #readBytes = 0;

  constructor() {
    const { hub } = server;
    const outlet = new SocketOutlet(
      hub,
      simulatedSocket(this.pipe, {
        wrote: () => {},
        pinged: (number) => void this.pings.push({ number, atBytes: this.pipe.writtenBytes }),
        closed: (code) => {
          this.closeCode = code;
        },
      }),
    );
    const address = hub.service.addresses.of('10.0.0.1');
    const opened = { outlet, address, subprotocol: '', parameters: {}, request: null as never };
    this.connection = new PlainConnection(hub, opened, 'plain', () => {
      outlet.sendBytes(new Uint8Array(SNAPSHOT_BYTES));
    });
    hub.add(this.connection);
  }

  /** A second passes in which it reads so many bytes, and answers the pings among them. */
  second(bytes: number): void {
    for (const piece of this.pipe.read(bytes)) this.#readBytes += piece.byteLength;
    if (this.pipe.take(1e9)) server.hub.drained(this.connection);
    while (this.pings.length > 0 && this.pings[0]!.atBytes <= this.#readBytes) {
      this.connection.ponged(this.pings.shift()!.number);
    }
    time.pass(BEAT_MS);
    server.hub.beat();
  }
}

describe('a client that is sent one message of three megabytes', () => {
  it.each([100_000, 10_000])('is waited for while it reads %d bytes a second', (bytes) => {
    const client = new Client();
    client.connection.receive('a snapshot');
    const seconds = SNAPSHOT_BYTES / bytes;
    for (let second = 0; second < seconds + 20; second++) client.second(bytes);
    expect([client.closeCode, client.pipe.waitingBytes]).toEqual([undefined, 0]);
    client.connection.receive('another');
    expect(client.pipe.waitingBytes).toBeGreaterThan(SNAPSHOT_BYTES);
  });

  it('is closed when it reads nothing, at first or from then on', () => {
    const { stallMs } = server.hub.service.limits;
    for (const reads of [0, 10]) {
      const client = new Client();
      client.connection.receive('a snapshot');
      for (let second = 0; second < reads; second++) client.second(100_000);
      let seconds = 0;
      for (; client.closeCode === undefined && seconds < 100; seconds++) client.second(0);
      expect(client.closeCode).toBe(4001);
      expect(Math.abs(seconds * BEAT_MS - stallMs)).toBeLessThanOrEqual(2 * BEAT_MS);
    }
  });

  it('has its next messages wait, so many, and hears the answers when it has read', () => {
    const client = new Client();
    const { maxPendingRequests } = server.hub.service.limits;
    for (let n = 0; n <= maxPendingRequests; n++) client.connection.receive('a snapshot');
    expect(client.pipe.writtenBytes).toBeLessThan(1.1 * SNAPSHOT_BYTES);
    // The kernel between has room for a fifteenth of one.
    for (let n = 0; n < 400; n++) client.second(1e9);
    expect(client.closeCode).toBeUndefined();
    expect(client.pipe.writtenBytes).toBeGreaterThan((maxPendingRequests + 1) * SNAPSHOT_BYTES);
  });
});

describe('a client that has read all and, live for a minute, is looked at no more', () => {
  it('is found as soon as any other when it reads nothing', () => {
    const { hub } = server;
    const { stallMs, pongMs } = hub.service.limits;
    const pipe = new Pipe({ kernelBytes: 200_000, highWaterBytes: 16_384, isEager: true });
    const pings: number[] = [];
    const watcher = {
      wrote() {},
      closed() {},
      pinged: (number: number) => void pings.push(number),
    };
    const outlet = new SocketOutlet(hub, simulatedSocket(pipe, watcher));
    const pass = (ms: number) => {
      for (let passed = 0; passed < ms; passed += BEAT_MS) {
        time.pass(BEAT_MS);
        hub.beat();
      }
    };
    outlet.sendBytes(new Uint8Array(SNAPSHOT_BYTES));
    outlet.look();
    while (pipe.waitingBytes > 0) {
      pipe.read(1e9);
      pipe.take(1e9);
    }
    for (const number of pings.splice(0)) outlet.ponged(number);
    pass(60_000);
    outlet.sendBytes(new Uint8Array(20_000));
    // Until then the counters say that it is well.
    pass(pongMs);
    outlet.look();
    expect(outlet.trouble).toBeUndefined();
    pass(stallMs - pongMs);
    outlet.look();
    expect(outlet.trouble).toEqual({ code: 4001, reason: `nothing read for ${stallMs} ms` });
  });
});
