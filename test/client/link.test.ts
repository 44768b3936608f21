import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Link } from '../../src/client/link.ts';
import type { LinkState } from '../../src/client/state.ts';
import type { RowsMessage } from '../../src/wire/messages.ts';
import { World } from './world.ts';

const INTERVAL = 1_000;
const START = 60_000;

function setUp() {
  const world = new World();
  const rows: RowsMessage[] = [];
  const states: LinkState[] = [];
  const link = new Link(
    {
      url: 'ws://somewhere/v1/stream',
      symbols: '*',
      market: 'm1',
      since: START,
      intervalMs: INTERVAL,
      onRows: (message) => rows.push(message),
      onState: (state) => states.push(state),
    },
    world,
  );
  link.start();
  return { world, rows, states, link, kinds: () => states.map(({ kind }) => kind) };
}
type Setting = ReturnType<typeof setUp>;

function hello({ world }: Setting, head: number, market = 'm1'): void {
  world.socket.say({
    type: 'hello',
    market,
    version: '0',
    origin: 0,
    interval: INTERVAL,
    head,
    now: head + 5,
    heartbeat: 15_000,
    limits: {},
  });
}

/** The server accepts the subscription as it was asked for. */
function accept(setting: Setting, head: number): void {
  hello(setting, head);
  const { since } = setting.world.socket.sent.find(({ type }) => type === 'subscribe')!;
  setting.world.socket.say({ type: 'subscribed', id: 1, symbols: ['a'], since: since! });
}

function frame(since: number, until: number, lag = 0): RowsMessage {
  const count = (until - since) / INTERVAL;
  const column = Array.from({ length: count }, (_, row) => since / INTERVAL + row + 1);
  return { type: 'rows', id: 1, since, until, lag, prices: [column] };
}

/** Every price is the number of its row: what came is whole if it counts up. */
function received({ rows }: Setting): number[] {
  return rows.flatMap(({ prices }) => [...prices[0]!]);
}

describe('a link', () => {
  test('subscribes from the last row it has, in the market it knows', () => {
    const setting = setUp();
    hello(setting, START);
    expect(setting.world.socket.sent[0]).toMatchObject({
      type: 'subscribe',
      symbols: '*',
      since: START,
      market: 'm1',
    });
  });

  test('is live at once where there is nothing to catch up with', () => {
    const setting = setUp();
    accept(setting, START);
    expect(setting.link.state).toEqual({ kind: 'live' });
  });

  test('catches up first, and is live when no row is missing', () => {
    const setting = setUp();
    accept(setting, START + 5_000);
    expect(setting.link.state).toEqual({ kind: 'catching up', lagRows: 5 });
    setting.world.socket.say(frame(START, START + 3_000, 2));
    expect(setting.link.state).toEqual({ kind: 'catching up', lagRows: 2 });
    setting.world.socket.say(frame(START + 3_000, START + 5_000));
    expect(setting.link.state).toEqual({ kind: 'live' });
    expect(received(setting)).toEqual([61, 62, 63, 64, 65]);
  });

  test('goes on from where it was after a lost connection, and counts what it restored', () => {
    const setting = setUp();
    accept(setting, START);
    setting.world.socket.say(frame(START, START + 1_000));
    setting.world.socket.end();
    expect(setting.link.state).toMatchObject({ kind: 'reconnecting', attempt: 1, inMs: 250 });
    setting.world.pass(250);
    accept(setting, START + 4_000);
    setting.world.socket.say(frame(START + 1_000, START + 4_000));
    setting.world.socket.say(frame(START + 4_000, START + 5_000));
    expect(received(setting)).toEqual([61, 62, 63, 64, 65]);
    expect(setting.link.counters).toEqual({
      rows: 5,
      gaps: 0,
      duplicates: 0,
      reconnects: 1,
      rowsRestored: 3,
    });
  });

  test('refuses a frame that begins too late, and asks for the rows in between', () => {
    const setting = setUp();
    accept(setting, START);
    setting.world.socket.say(frame(START + 1_000, START + 2_000));
    expect(setting.rows).toEqual([]);
    expect(setting.link.counters.gaps).toBe(1);
    setting.world.pass(250);
    accept(setting, START + 2_000);
    setting.world.socket.say(frame(START, START + 2_000));
    expect(received(setting)).toEqual([61, 62]);
  });

  test('refuses a frame that repeats rows', () => {
    const setting = setUp();
    accept(setting, START);
    setting.world.socket.say(frame(START, START + 1_000));
    setting.world.socket.say(frame(START, START + 1_000));
    expect(received(setting)).toEqual([61]);
    expect(setting.link.counters.duplicates).toBe(1);
    expect(setting.world.socket.isClosed).toBe(true);
  });

  test('does not believe a heartbeat that is further than its rows', () => {
    const setting = setUp();
    accept(setting, START);
    setting.world.socket.say({
      type: 'heartbeat',
      now: START + 2_000,
      head: START + 2_000,
      subscriptions: { 1: START + 2_000 },
    });
    expect(setting.link.counters.gaps).toBe(1);
  });

  test('ignores what an older connection still delivers', () => {
    const setting = setUp();
    accept(setting, START);
    const [old] = setting.world.sockets;
    setting.link.retry();
    old!.say(frame(START, START + 1_000));
    old!.end(4502);
    expect(setting.rows).toEqual([]);
    expect(setting.link.state.kind).toBe('reconnecting');
  });

  test('is stale after three silent seconds, and live again with the next frame', () => {
    const setting = setUp();
    accept(setting, START);
    setting.world.pass(2_999);
    expect(setting.link.state.kind).toBe('live');
    setting.world.pass(1);
    expect(setting.link.state.kind).toBe('stale');
    setting.world.socket.say(frame(START, START + 1_000));
    expect(setting.link.state.kind).toBe('live');
  });

  test('gives a connection up that was silent for two heartbeats and five seconds', () => {
    const setting = setUp();
    accept(setting, START);
    setting.world.pass(34_999);
    expect(setting.world.sockets).toHaveLength(1);
    setting.world.pass(1);
    expect(setting.link.state.kind).toBe('reconnecting');
    expect(setting.world.sockets[0]!.isClosed).toBe(true);
  });

  test('waits longer after every failure, up to a bound, and starts over after a good one', () => {
    const setting = setUp();
    const waits: number[] = [];
    for (let failure = 0; failure < 8; failure++) {
      setting.world.socket.end();
      const state = setting.link.state as { inMs: number };
      waits.push(state.inMs);
      setting.world.pass(state.inMs);
    }
    expect(waits).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
    accept(setting, START);
    setting.world.pass(5_000);
    setting.world.socket.end();
    expect(setting.link.state).toMatchObject({ attempt: 1, inMs: 250 });
  });

  test('waits as long as the server asks for', () => {
    const setting = setUp();
    accept(setting, START);
    setting.world.socket.say({ type: 'bye', code: 4005, reason: 'slow down', retryAfterMs: 7_000 });
    setting.world.socket.end(4005);
    expect(setting.link.state).toMatchObject({ kind: 'reconnecting', inMs: 7_000 });
  });

  test('connects at once when the network or the page comes back', () => {
    const setting = setUp();
    setting.world.online = false;
    setting.world.socket.end();
    expect(setting.link.state.kind).toBe('offline');
    setting.world.online = true;
    setting.world.wake();
    expect(setting.world.sockets).toHaveLength(2);
    accept(setting, START);
    setting.world.wake();
    expect(setting.world.sockets).toHaveLength(2);
  });

  test('goes on trying while offline: the server may be on this machine', () => {
    const setting = setUp();
    setting.world.online = false;
    setting.world.socket.end();
    setting.world.pass(250);
    accept(setting, START);
    expect(setting.link.state.kind).toBe('live');
  });

  test('stops at another market', () => {
    const setting = setUp();
    hello(setting, START, 'm2');
    expect(setting.link.state).toMatchObject({ kind: 'refused', code: 'market_changed' });
    setting.world.pass(60_000);
    setting.world.wake();
    setting.link.retry();
    expect(setting.world.sockets).toHaveLength(1);
  });

  test.each([1002, 1003, 1007, 1009, 4500, 4501, 4502, 4503, 4504, 4999])(
    'stops at close code %i',
    (code) => {
      const setting = setUp();
      setting.world.socket.end(code);
      expect(setting.link.state.kind).toBe('refused');
      setting.world.pass(60_000);
      expect(setting.world.sockets).toHaveLength(1);
    },
  );

  test.each([1000, 1001, 1006, 1011, 4000, 4001, 4002, 4003, 4005, 4499])(
    'comes back after close code %i',
    (code) => {
      const setting = setUp();
      setting.world.socket.end(code);
      expect(setting.link.state.kind).toBe('reconnecting');
    },
  );

  test('stops at an error that would come again, and comes back from one that passes', () => {
    const stopped = setUp();
    stopped.world.socket.say({ type: 'error', code: 'unknown_symbol', message: 'No such symbol.' });
    expect(stopped.link.state).toEqual({
      kind: 'refused',
      code: 'unknown_symbol',
      message: 'No such symbol.',
    });
    const waiting = setUp();
    waiting.world.socket.say({ type: 'error', code: 'not_ready', message: 'Soon.' });
    expect(waiting.link.state.kind).toBe('reconnecting');
  });

  test('tells the time of the server from the round trip of a question', () => {
    const setting = setUp();
    accept(setting, START);
    setting.world.pass(40);
    setting.world.socket.say({ type: 'pong', id: 2, now: 5_000_020 });
    setting.world.pass(100);
    expect(setting.link.serverNowMs()).toBe(5_000_140);
  });

  test('hands over every row exactly once, in order, whatever the network does', () => {
    const events = fc.array(
      fc.oneof(
        {
          weight: 8,
          arbitrary: fc.record({ kind: fc.constant('rows'), n: fc.integer({ min: 0, max: 5 }) }),
        },
        {
          weight: 1,
          arbitrary: fc.record({ kind: fc.constantFrom('skip', 'repeat'), n: fc.constant(1) }),
        },
        { weight: 1, arbitrary: fc.record({ kind: fc.constant('end'), n: fc.constant(1006) }) },
        {
          weight: 1,
          arbitrary: fc.record({ kind: fc.constant('silence'), n: fc.constant(40_000) }),
        },
      ),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(events, (script) => {
        const setting = setUp();
        let head = START;
        let served = START;
        const serve = () => {
          while (setting.world.socket.isClosed) setting.world.pass(20_000);
          if (setting.world.socket.sent.length > 0) return;
          accept(setting, head);
          served = setting.world.socket.sent[0]!.since!;
        };
        for (const { kind, n } of script) {
          serve();
          if (kind === 'rows') {
            head = Math.max(head, served + n * INTERVAL);
            setting.world.socket.say(frame(served, served + n * INTERVAL));
            served += n * INTERVAL;
          } else if (kind === 'skip') {
            setting.world.socket.say(frame(served + INTERVAL, served + 2 * INTERVAL));
          } else if (kind === 'repeat') {
            setting.world.socket.say(frame(served - INTERVAL, served + INTERVAL));
          } else if (kind === 'end') setting.world.socket.end(n);
          else setting.world.pass(n);
        }
        const numbers = received(setting);
        expect(numbers).toEqual(numbers.map((_, index) => START / INTERVAL + 1 + index));
        expect(setting.link.since).toBe(START + numbers.length * INTERVAL);
      }),
    );
  });
});
