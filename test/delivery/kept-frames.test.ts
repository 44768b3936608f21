import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { timeOf } from '../../src/core/market/grid.ts';
import { SocketOutlet } from '../../src/delivery/socket-outlet.ts';
import { sendingCost } from '../../src/host/budgets/cost.ts';
import { encodersOf } from '../../src/protocols/tickwell/encoders.ts';
import { StreamConnection } from '../../src/protocols/tickwell/stream/stream-connection.ts';
import { limitsOf } from '../../src/server/limits.ts';
import { marketOf } from '../helpers/market.ts';
import { VirtualClock } from '../sim/clock.ts';
import { SimulatedServer } from '../sim/server.ts';

/** What was made for one reader and is kept for others: they have it in turn, and pay its bytes. */

const ROWS = 20_000;
const market = marketOf({ seed: 9, count: 3, interval: 1000, capacity: 5000 });
const WANTED = [
  ['rows', { fields: ['bid'] }],
  ['candles', { resolution: '10s' }],
] as const;

function start(limits: Parameters<typeof limitsOf>[0] = {}) {
  // A slice ends after a look at the clock.
  const time = new VirtualClock(timeOf(market.grid, ROWS - 1), 10);
  const logger = pino({ level: 'silent' });
  const roomy = limitsOf({ frameBytes: 2048, maxUnreadBytes: 1e8, pingBytes: 1e8, ...limits });
  const server = new SimulatedServer(market, time.skewedBy(0), roomy, logger);
  const settle = () => {
    while (server.turn());
  };
  /** Someone who asks for what follows row `from - 1`; the messages with data that were sent. */
  const reader = (ip: string, from: number, asked: object) => {
    const sent: number[] = [];
    const write = (bytes: Uint8Array | string) => {
      const text = Buffer.from(bytes as string, 'latin1').toString('latin1');
      if (/"type":"(rows|candles)"/.test(text)) sent.push(text.length);
    };
    const address = server.hub.service.addresses.of(ip);
    const socket = { wire: { writableLength: 0, write }, write, cork() {}, uncork() {}, ping() {} };
    const whole = { ...socket, writeAndPing: write, close() {} };
    const { json } = encodersOf(server.hub);
    const outlet = new SocketOutlet(server.hub, whole as never);
    const connection = new StreamConnection(server.hub, outlet, address, json);
    server.hub.add(connection);
    const since = timeOf(market.grid, from - 1);
    const subscribe = { type: 'subscribe', id: 1, symbols: '*', since, ...asked };
    connection.receive(JSON.stringify(subscribe));
    return { sent, address };
  };
  const rows = (count: number) => {
    time.pass(count * 1000);
    server.look();
  };
  return { server, reader, settle, rows };
}

describe.each(WANTED)('%s that are kept', (_, asked) => {
  it('are sent in turn, and paid by their bytes', () => {
    const { reader, settle } = start();
    reader('10.0.0.1', 1000, asked);
    settle();
    const { sent, address } = reader('10.0.0.2', 1000, asked);
    expect(sent.length).toBeLessThanOrEqual(1);
    const before = address.report().paid;
    settle();
    expect(sent.length).toBeGreaterThan(10);
    const bytes = sent.reduce((sum, length) => sum + length, 0);
    expect(address.report().paid).toBeGreaterThanOrEqual(sendingCost(bytes - 2048));
    expect(before).toBeGreaterThan(0);
  });

  it('wait for the budget of who has none', () => {
    const { reader, settle, rows } = start({ workBurst: 200_000, workPerSecond: 500 });
    // Of many addresses, as none can pay for all.
    for (let n = 1; n < 60; n++) {
      reader(`10.0.1.${n}`, ROWS - 12 * n, asked);
      settle();
    }
    const { sent, address } = reader('10.0.0.2', ROWS - 600, asked);
    const before = sent.length;
    expect(before).toBeLessThanOrEqual(1);
    address.spend(1e6, 0);
    settle();
    for (let row = 0; row < 20; row++) rows(1);
    settle();
    expect(sent.length).toBe(before);
    for (let row = 0; row < 4000 && sent.length === before; row++) {
      rows(1);
      settle();
    }
    expect(sent.length).toBeGreaterThan(before);
  });
});

describe('a live reader of candles', () => {
  it('is sent two messages at once, whatever came meanwhile and is kept', () => {
    const { reader, settle, rows } = start();
    const { sent } = reader('10.0.0.1', ROWS, { resolution: '10s' });
    rows(1);
    settle();
    const before = sent.length;
    rows(3000);
    // Without a turn; and the one whose turn it is at once.
    expect(sent.length - before).toBeLessThanOrEqual(3);
    settle();
    expect(sent.length - before).toBeGreaterThan(5);
  });
});
