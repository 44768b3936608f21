import { describe, expect, test } from 'vitest';
import { Link } from '../../src/client/link.ts';
import type { AnyRows } from '../../src/client/rows.ts';
import { RowsKind } from '../../src/client/rows-kind.ts';
import type { SubscriptionState } from '../../src/client/state.ts';
import { CLOSE_CODES } from '../../src/wire/errors.ts';
import type { Field } from '../../src/wire/messages.ts';
import * as fake from './world.ts';
import { binaryFrame, type FakeSocket, frame, INTERVAL, START, World } from './world.ts';

interface Options {
  readonly since?: number | string;
  readonly market?: string | undefined;
  readonly fields?: readonly Field[];
  readonly onMarket?: (market: string) => void;
}

function setUp({ fields, ...options }: Options = {}) {
  const world = new World();
  const rows: AnyRows[] = [];
  const states: SubscriptionState[] = [];
  const link = new Link(
    {
      url: 'ws://somewhere/v1/stream',
      protocols: [],
      symbols: '*',
      market: 'm1',
      since: START,
      kind: new RowsKind('all', fields),
      onBatch: (message) => rows.push(message),
      onState: (state) => states.push(state),
      ...options,
    },
    world,
  );
  return { world, rows, states, link };
}
type Setting = ReturnType<typeof setUp>;

const hello = ({ world }: Setting, head: number, market = 'm1') =>
  fake.hello(world.socket, head, market);
/** The server does not know the id that it was asked with. */
const refuse = ({ world }: Setting, id: number, market: string) =>
  world.socket.say({ type: 'error', id, code: 'market_changed', message: 'No.', market });
const accept = ({ world }: Setting, head: number) => fake.accept(world.socket, head);

/** It is said so on one connection after the other. */
function comesBackFrom(setting: Setting, say: (socket: FakeSocket) => void): void {
  for (let time = 1; time <= 5; time++) {
    accept(setting, START);
    const { socket } = setting.world;
    say(socket);
    expect(socket.isClosed).toBe(true);
    if (time === 5) break;
    const reason = { code: 'garbled' };
    expect(setting.link.state).toMatchObject({ kind: 'reconnecting', reason });
    setting.world.pass(30_000);
    expect(setting.world.socket).not.toBe(socket);
  }
  expect(setting.link.state).toMatchObject({ kind: 'refused', code: 'protocol_error' });
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
    setting.world.socket.say(frame(START + 1_000, START + 4_000, 0, 2));
    setting.world.socket.say(frame(START + 4_000, START + 5_000, 0, 2));
    expect(received(setting)).toEqual([61, 62, 63, 64, 65]);
    expect(setting.link.cursor.counters).toEqual({
      rows: 5,
      gaps: 0,
      duplicates: 0,
      reconnects: 1,
      rowsRestored: 3,
      rowsSkipped: 0,
      pauses: 0,
    });
  });

  test('refuses a frame that begins too late, and asks for the rows in between', () => {
    const setting = setUp();
    accept(setting, START);
    setting.world.socket.say(frame(START + 1_000, START + 2_000));
    expect(setting.rows).toEqual([]);
    expect(setting.link.cursor.counters.gaps).toBe(1);
    setting.world.pass(250);
    accept(setting, START + 2_000);
    setting.world.socket.say(frame(START, START + 2_000, 0, 2));
    expect(received(setting)).toEqual([61, 62]);
  });

  test('refuses a frame that repeats rows', () => {
    const setting = setUp();
    accept(setting, START);
    setting.world.socket.say(frame(START, START + 1_000));
    setting.world.socket.say(frame(START, START + 1_000));
    expect(received(setting)).toEqual([61]);
    expect(setting.link.cursor.counters.duplicates).toBe(1);
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
    expect(setting.link.cursor.counters.gaps).toBe(1);
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

  test('is not disturbed by anything that an older connection says', () => {
    const setting = setUp();
    accept(setting, START);
    const [old] = setting.world.sockets;
    setting.world.socket.end();
    setting.world.pass(250);
    accept(setting, START);
    old!.say(frame(START, START + 1_000, 0, 2));
    old!.deliver('not a message');
    fake.hello(old!, START, 'm2');
    expect(setting.link.state.kind).toBe('live');
    expect(setting.rows).toEqual([]);
    expect(setting.world.sockets).toHaveLength(2);
  });

  test('takes no rows before it was told what they are', () => {
    const setting = setUp();
    accept(setting, START);
    setting.world.socket.end();
    setting.world.pass(250);
    hello(setting, START + 1_000);
    setting.world.socket.say(frame(START, START + 1_000, 0, 2));
    expect(setting.rows).toEqual([]);
    fake.grant(setting.world.socket, START + 1_000);
    setting.world.socket.say(frame(START, START + 1_000, 0, 2));
    expect(received(setting)).toEqual([61]);
  });

  test('listens for errors of a socket also when it has let go: ws throws where nobody does', () => {
    const setting = setUp();
    const { socket } = setting.world;
    expect(socket.onerror).toBeTypeOf('function');
    setting.link.stop();
    expect(socket.onerror).toBeTypeOf('function');
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

  test('is still connecting, or offline, when it is woken before that has changed', () => {
    const setting = setUp();
    setting.world.wake();
    expect(setting.world.sockets).toHaveLength(2);
    expect(setting.states).toEqual([]);
    setting.world.online = false;
    setting.world.socket.end();
    setting.world.wake();
    expect(setting.states).toMatchObject([{ kind: 'offline', reason: { code: 'lost' } }]);
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
    expect(setting.world.socket.asked).toMatchObject({ market: 'm1', since: START });
    refuse(setting, 1, 'm2');
    expect(setting.link.state).toMatchObject({ kind: 'refused', code: 'market_changed' });
    setting.world.pass(60_000);
    setting.world.wake();
    setting.link.retry();
    expect(setting.world.sockets).toHaveLength(1);
  });

  test.each([1002, 1003, 1007, 1009, 4500, 4501, 4502, 4503, 4999])(
    'stops at close code %i',
    (code) => {
      const setting = setUp();
      setting.world.socket.end(code);
      expect(setting.link.state.kind).toBe('refused');
      setting.world.pass(60_000);
      expect(setting.world.sockets).toHaveLength(1);
    },
  );

  test.each([1000, 1001, 1006, 1011, 4000, 4001, 4002, 4003, 4005, 4499, 4504])(
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
      details: {},
    });
    const waiting = setUp();
    waiting.world.socket.say({ type: 'error', code: 'not_ready', message: 'Soon.' });
    expect(waiting.link.state.kind).toBe('reconnecting');
  });

  test('tells the time of the server from the round trip of a question', () => {
    const setting = setUp();
    accept(setting, START);
    setting.world.pass(40);
    setting.world.socket.say({ type: 'pong', id: 0, now: 5_000_020 });
    setting.world.pass(100);
    expect(setting.link.clock.nowMs()).toBe(5_000_140);
  });

  test('reads rows as bytes and as text alike', () => {
    const setting = setUp();
    expect(setting.world.socket.binaryType).toBe('arraybuffer');
    accept(setting, START + 4_000);
    setting.world.socket.deliver(binaryFrame(START, START + 2_000, 2));
    expect(setting.link.state).toEqual({ kind: 'catching up', lagRows: 2 });
    setting.world.socket.deliver(new Uint8Array(binaryFrame(START + 2_000, START + 3_000)));
    setting.world.socket.say(frame(START + 3_000, START + 4_000));
    expect(received(setting)).toEqual([61, 62, 63, 64]);
    expect(setting.rows[0]).toMatchObject({ symbols: ['a'], interval: INTERVAL, lag: 2 });
  });

  test.each([
    ['text that is not JSON', 'hello'],
    ['JSON that is not a message', '7'],
    ['bytes that are not a frame', new ArrayBuffer(40)],
    ['a frame that was cut', binaryFrame(START, START + 2_000).slice(0, -1)],
    ['what only a browser would make', { size: 3 }],
  ])('comes back from %s, and stops where nothing else ever comes', (_, data) => {
    const setting = setUp();
    comesBackFrom(setting, (socket) => socket.deliver(data));
  });

  test('stops at once at who has never greeted it', () => {
    const setting = setUp();
    setting.world.socket.deliver('hello');
    expect(setting.link.state).toMatchObject({ kind: 'refused', code: 'protocol_error' });
    expect(setting.world.socket.isClosed).toBe(true);
  });

  test('comes back from garbage as often as rows come between', () => {
    const setting = setUp();
    for (let row = 0; row < 20; row++) {
      accept(setting, START);
      const since = START + row * INTERVAL;
      setting.world.socket.say(frame(since, since + INTERVAL, 0, row + 1));
      setting.world.socket.deliver('pong');
      expect(setting.link.state).toMatchObject({ kind: 'reconnecting' });
      setting.world.pass(60_000);
    }
    expect(received(setting)).toEqual(Array.from({ length: 20 }, (_, row) => 61 + row));
  });

  test.each([
    ['fewer prices than rows', { ...frame(START, START + 3_000), prices: [[61, 62]] }],
    ['more columns than symbols', { ...frame(START, START + 1_000), prices: [[61], [61]] }],
    ['a number for a list', { ...frame(START, START + 1_000), prices: [1] }],
    ['nothing for a list', { ...frame(START, START + 1_000), prices: [null] }],
    ['an end before its beginning', frame(START, START - 1_000)],
    ['an end between two rows', { ...frame(START, START + 1_000), until: START + 1_001 }],
    ['an end that is another row', { ...frame(START, START + 1_000), until: START + 2_000 }],
    ['a lag below nothing', { ...frame(START, START + 1_000), lag: -1 }],
    ['a text for a price', { ...frame(START, START + 1_000), prices: [['61']] }],
  ])('comes back from a frame with %s, and stops where nothing else ever comes', (_, message) => {
    const setting = setUp();
    comesBackFrom(setting, (socket) => socket.say({ ...message, id: socket.asked!.id }));
    expect(setting.rows).toEqual([]);
    expect(setting.link.cursor.since).toBe(START);
  });

  test.each([
    ['text', (socket: FakeSocket) => socket.say(frame(START, START + 3_000))],
    ['bytes', (socket: FakeSocket) => socket.deliver(binaryFrame(START, START + 3_000))],
  ])('gives rows one by one, and columns of floats, from %s', (_, send) => {
    const setting = setUp();
    accept(setting, START);
    send(setting.world.socket);
    const [rows] = setting.rows;
    expect(rows!.prices).toEqual([Float64Array.of(61, 62, 63)]);
    expect([...rows!]).toEqual(
      [61, 62, 63].map((ticks) => {
        const prices = { a: ticks };
        return { time: ticks * INTERVAL, prices, last: prices };
      }),
    );
  });

  test('ignores types of messages that it does not know', () => {
    const setting = setUp();
    accept(setting, START);
    setting.world.socket.say({ type: 'weather', id: 1, since: 0 });
    expect(setting.link.state.kind).toBe('live');
  });

  test('learns the time of now, and goes on from there though no row came before the end', () => {
    const setting = setUp({ since: 'now' });
    hello(setting, START + 5_000);
    expect(setting.world.socket.asked!.since).toBe('now');
    fake.grant(setting.world.socket, START + 5_000);
    setting.world.socket.end();
    setting.world.pass(250);
    hello(setting, START + 90_000);
    expect(setting.world.socket.asked!.since).toBe(START + 5_000);
  });

  test('learns the market of its first server, and holds on to it', () => {
    const setting = setUp({ market: undefined });
    accept(setting, START);
    expect(setting.link.market).toBe('m1');
    setting.world.socket.end();
    setting.world.pass(250);
    hello(setting, START, 'm2');
    expect(setting.world.socket.asked).toMatchObject({ market: 'm1', since: START });
    refuse(setting, 2, 'm2');
    expect(setting.link.state).toMatchObject({
      kind: 'refused',
      code: 'market_changed',
      details: { market: 'm2' },
    });
  });

  test('goes on with the id that a market has once something was done to it', () => {
    const ids: string[] = [];
    const setting = setUp({ market: undefined, onMarket: (id: string) => void ids.push(id) });
    accept(setting, START);
    expect(ids).toEqual([]);
    setting.world.socket.say(frame(START, START + 1_000));
    setting.world.socket.say({ type: 'market', id: 1, market: 'm2', since: START + 1_000 });
    expect([ids, setting.link.market]).toEqual([['m2'], 'm2']);
    setting.world.socket.say(frame(START + 1_000, START + 2_000));
    expect(received(setting)).toEqual([61, 62]);
    setting.world.socket.end();
    setting.world.pass(250);
    hello(setting, START + 9_000, 'm3');
    expect(setting.world.socket.asked).toMatchObject({ market: 'm2', since: START + 2_000 });
    setting.world.socket.say({
      ...{ type: 'subscribed', id: 2, market: 'm2', symbols: ['a'], since: START + 2_000 },
    });
    // The same again is nothing new.
    setting.world.socket.say({ type: 'market', id: 2, market: 'm2', since: START + 2_000 });
    setting.world.socket.say({ type: 'market', id: 2, market: 'm3', since: START + 2_000 });
    expect(ids).toEqual(['m2', 'm3']);
  });

  test('takes no id that does not go on from its cursor', () => {
    const setting = setUp();
    accept(setting, START);
    setting.world.socket.say({ type: 'market', id: 1, market: 'm2', since: START + 1_000 });
    expect(setting.link.market).toBe('m1');
    expect(setting.link.state).toMatchObject({ kind: 'reconnecting' });
  });

  test('takes the announcement of rows that were left out, and passes it on with the next', () => {
    const setting = setUp();
    accept(setting, START);
    const { socket } = setting.world;
    socket.say({ type: 'skipped', id: 1, since: START, until: START + 2_000, rows: 2 });
    socket.say({ type: 'skipped', id: 1, since: START + 2_000, until: START + 3_000, rows: 1 });
    // One without rows is not handed over, and takes nothing along.
    socket.say(frame(START + 3_000, START + 3_000));
    socket.say(frame(START + 3_000, START + 4_000));
    socket.say(frame(START + 4_000, START + 5_000));
    expect(setting.rows.map(({ skipped }) => skipped)).toEqual([
      { since: START, until: START + 3_000, rows: 3 },
      undefined,
    ]);
    expect(setting.link.cursor.counters).toMatchObject({ rows: 2, rowsSkipped: 3, gaps: 0 });
  });

  test('refuses an announcement that begins too late', () => {
    const setting = setUp();
    accept(setting, START);
    const late = { since: START + 1_000, until: START + 2_000, rows: 1 };
    setting.world.socket.say({ type: 'skipped', id: 1, ...late });
    expect(setting.link.cursor.counters).toMatchObject({ gaps: 1, rowsSkipped: 0 });
    expect(setting.link.state.kind).toBe('reconnecting');
  });

  test('knows every close code of the table, and does with it what its number says', () => {
    for (const code of Object.values(CLOSE_CODES)) {
      const setting = setUp();
      setting.world.socket.end(code);
      // It asks at once: a server that did not hear it was far away.
      const isPassing = code < 4500 || code === CLOSE_CODES.silent;
      expect(setting.link.state.kind).toBe(isPassing ? 'reconnecting' : 'refused');
      expect(setting.link.state).not.toMatchObject({ code: 'refused' });
    }
  });

  test('shows the reason of a close for good', () => {
    const setting = setUp();
    setting.world.socket.end(4503, 'too many from 10.0.0.1');
    expect(setting.link.state).toEqual({
      kind: 'refused',
      code: 'connection_limit',
      message: 'too many from 10.0.0.1',
      details: { closeCode: 4503 },
    });
  });

  test('believes a goodbye though the network ends it first', () => {
    const setting = setUp();
    setting.world.socket.say({ type: 'bye', code: 4502, reason: 'old', retryAfterMs: 0 });
    setting.world.socket.end(1006);
    expect(setting.link.state).toMatchObject({ kind: 'refused', code: 'version' });
  });

  test('waits as long as an error asks for, also when it is woken meanwhile', () => {
    const setting = setUp();
    accept(setting, START);
    const error = { type: 'error', code: 'rate_limited', message: 'Slow down.' };
    setting.world.socket.say({ ...error, retryAfterMs: 9_000 });
    expect(setting.link.state).toMatchObject({ kind: 'reconnecting', inMs: 9_000 });
    setting.world.wake();
    setting.world.pass(8_999);
    expect(setting.world.sockets).toHaveLength(1);
    setting.world.pass(1);
    expect(setting.world.sockets).toHaveLength(2);
  });

  test('does not mind a question about the time that was refused', () => {
    const setting = setUp();
    accept(setting, START);
    setting.world.socket.say({ type: 'error', id: 0, code: 'rate_limited', message: 'No.' });
    expect(setting.link.state.kind).toBe('live');
  });

  test('passes on what an error says beside its sentence', () => {
    const setting = setUp();
    setting.world.socket.say({
      type: 'error',
      id: 1,
      code: 'before_start',
      message: 'Too early.',
      earliest: 5_000,
    });
    expect(setting.link.state).toMatchObject({
      code: 'before_start',
      details: { earliest: 5_000 },
    });
  });

  test('leaves no timer, no socket and no listener behind', () => {
    for (const prepare of [
      () => {},
      (setting: Setting) => accept(setting, START),
      (setting: Setting) => setting.world.socket.end(),
      (setting: Setting) => setting.world.socket.end(4502),
      (setting: Setting) => {
        accept(setting, START);
        setting.link.pause();
        setting.link.resume();
      },
    ]) {
      const setting = setUp();
      prepare(setting);
      const { kind } = setting.link.state;
      setting.link.stop();
      expect(setting.link.state.kind).toBe(kind === 'refused' ? 'refused' : 'closed');
      expect(setting.world.timers).toBe(0);
      setting.world.socket.say(frame(START, START + 1_000));
      setting.world.wake();
      setting.link.retry();
      expect(setting.world.sockets).toHaveLength(1);
      expect(setting.rows).toEqual([]);
    }
  });
});

describe('a link that is told to read other columns', () => {
  const types = ({ world }: Setting) => world.socket.sent.map(({ type }) => type);

  test('goes on from its cursor with those, and stays live', () => {
    const setting = setUp();
    accept(setting, START);
    setting.world.socket.say(frame(START, START + 1_000));
    setting.link.select(['b']);
    setting.world.pass(250);
    expect(types(setting)).toEqual(['subscribe', 'ping', 'unsubscribe', 'subscribe']);
    expect(setting.world.socket.asked).toMatchObject({ symbols: ['b'], since: START + 1_000 });
    // What was on its way belongs to the columns before.
    setting.world.socket.say(frame(START + 1_000, START + 2_000));
    fake.grant(setting.world.socket, START + 2_000);
    setting.world.socket.say(frame(START + 1_000, START + 3_000, 0, 2));
    expect(received(setting)).toEqual([61, 62, 63]);
    expect(setting.rows.map(({ symbols }) => symbols)).toEqual([['a'], ['b']]);
    expect(setting.states.map(({ kind }) => kind)).toEqual(['live']);
    expect(setting.link.cursor.counters).toMatchObject({ gaps: 0, duplicates: 0, pauses: 0 });
  });

  test('waits for the answer to what it has asked, and asks for the newest wish only', () => {
    const setting = setUp();
    hello(setting, START);
    setting.link.select(['b']);
    setting.link.select(['c']);
    setting.world.pass(1_000);
    expect(types(setting)).toEqual(['subscribe', 'ping']);
    fake.grant(setting.world.socket, START);
    setting.link.select(['d']);
    setting.world.pass(1_000);
    expect(types(setting)).toEqual(['subscribe', 'ping', 'unsubscribe', 'subscribe']);
    expect(setting.world.socket.asked).toMatchObject({ symbols: ['d'], since: START });
    fake.grant(setting.world.socket, START);
    setting.world.pass(1_000);
    expect(setting.world.socket.sent).toHaveLength(4);
  });

  test('asks for them on the next connection, if there is none now', () => {
    const setting = setUp();
    accept(setting, START);
    setting.world.socket.end();
    setting.link.select(['b']);
    setting.world.pass(250);
    accept(setting, START);
    expect(setting.world.socket.asked).toMatchObject({ symbols: ['b'] });
    setting.world.pass(1_000);
    expect(types(setting)).toEqual(['subscribe', 'ping']);
  });

  test('stays paused if it is', () => {
    const setting = setUp();
    accept(setting, START);
    setting.link.pause();
    setting.link.select(['b']);
    setting.world.pass(1_000);
    expect(types(setting)).toEqual(['subscribe', 'ping', 'unsubscribe']);
    setting.link.resume();
    setting.world.pass(250);
    expect(setting.world.socket.asked).toMatchObject({ symbols: ['b'] });
  });

  test('stays below the rate that a server allows', () => {
    const setting = setUp();
    accept(setting, START);
    for (let ms = 0; ms < 10_000; ms++) {
      setting.link.select([`c${ms}`]);
      if (setting.world.socket.sent.at(-1)!.type === 'subscribe') {
        fake.grant(setting.world.socket, START);
      }
      setting.world.pass(1);
    }
    expect(setting.world.socket.sent.length).toBeGreaterThan(60);
    expect(setting.world.socket.sent.length).toBeLessThan(100);
  });
});

describe('a paused link', () => {
  function setUpPaused() {
    const setting = setUp();
    accept(setting, START + 5_000);
    setting.world.socket.say(frame(START, START + 1_000, 4));
    setting.link.pause();
    return setting;
  }
  const types = ({ world }: Setting) => world.socket.sent.map(({ type }) => type);

  test('asks the server to stop, and ignores what was still on its way', () => {
    const setting = setUpPaused();
    expect(types(setting)).toEqual(['subscribe', 'ping', 'unsubscribe']);
    setting.world.socket.say(frame(START + 1_000, START + 2_000, 3));
    expect(received(setting)).toEqual([61]);
    expect(setting.link.state).toEqual({ kind: 'catching up', lagRows: 4 });
  });

  test('goes on from its cursor, as a subscription that old frames cannot disturb', () => {
    const setting = setUpPaused();
    setting.world.pass(250);
    setting.link.resume();
    setting.world.pass(0);
    expect(setting.world.socket.asked).toMatchObject({ id: 2, since: START + 1_000 });
    fake.grant(setting.world.socket, START + 5_000);
    setting.world.socket.say(frame(START + 1_000, START + 2_000, 3, 1));
    setting.world.socket.say(frame(START + 1_000, START + 5_000, 0, 2));
    expect(received(setting)).toEqual([61, 62, 63, 64, 65]);
    expect(setting.link.cursor.counters).toMatchObject({ pauses: 1, gaps: 0, duplicates: 0 });
  });

  test('stays below the rate that a server allows, however often it pauses', () => {
    const setting = setUpPaused();
    for (let ms = 0; ms < 10_000; ms++) {
      setting.link.resume();
      setting.world.pass(1);
      if (setting.world.socket.sent.at(-1)!.type === 'subscribe') {
        fake.grant(setting.world.socket, START + 90_000);
      }
      setting.link.pause();
    }
    expect(setting.world.socket.sent.length).toBeGreaterThan(60);
    expect(setting.world.socket.sent.length).toBeLessThan(100);
  });

  test('is not stale, shows how far it falls behind, and stays connected', () => {
    const setting = setUpPaused();
    setting.world.pass(20_000);
    const subscriptions = {};
    const head = START + 21_000;
    setting.world.socket.say({ type: 'heartbeat', now: head, head, subscriptions });
    setting.world.pass(20_000);
    expect(setting.link.state).toEqual({ kind: 'catching up', lagRows: 20 });
    expect(setting.world.sockets).toHaveLength(1);
  });

  test('asks for nothing but the time on a new connection, and resumes there', () => {
    const setting = setUpPaused();
    setting.world.socket.end();
    setting.world.pass(250);
    hello(setting, START + 9_000);
    expect(types(setting)).toEqual(['ping']);
    setting.link.resume();
    setting.world.pass(250);
    expect(setting.world.socket.asked).toMatchObject({ since: START + 1_000 });
  });

  test('does not ask on a socket that is not open yet', () => {
    const setting = setUpPaused();
    setting.world.socket.end();
    setting.world.pass(250);
    setting.link.resume();
    setting.world.pass(1_000);
    expect(types(setting)).toEqual([]);
    hello(setting, START + 2_000);
    expect(types(setting)).toEqual(['subscribe', 'ping']);
  });

  test('asks once, though the connection came back faster than it may ask again', () => {
    const setting = setUpPaused();
    setting.world.socket.end();
    setting.link.resume();
    setting.link.retry();
    hello(setting, START + 2_000);
    setting.world.pass(1_000);
    expect(types(setting)).toEqual(['subscribe', 'ping']);
  });

  test('resumes with the next connection if there is none', () => {
    const setting = setUpPaused();
    setting.world.socket.end();
    setting.link.resume();
    setting.world.pass(250);
    accept(setting, START + 2_000);
    setting.world.socket.say(frame(START + 1_000, START + 2_000, 0, 2));
    expect(received(setting)).toEqual([61, 62]);
  });
});

describe('a link that asked for fields', () => {
  const fields = ['bid', 'volume'] as const;
  const subscribed = ({ world }: Setting, since: number, id: number) =>
    world.socket.say({ type: 'subscribed', id, symbols: ['a'], fields, since });
  const rowsOf = (since: number, id: number, more: object = {}) => ({
    ...{ type: 'rows', id, since, until: since + INTERVAL, lag: 0, fields },
    ...{ bid: [[7]], volume: [[9]], ...more },
  });

  test('asks for them again on every connection, and gives them by name', () => {
    const setting = setUp({ fields });
    for (const n of [1, 2, 3]) {
      const since = START + (n - 1) * INTERVAL;
      hello(setting, since);
      expect(setting.world.socket.asked).toMatchObject({ id: n, since, fields });
      subscribed(setting, since, n);
      setting.world.socket.say(rowsOf(since, n));
      setting.world.socket.end();
      setting.world.pass(20_000);
    }
    expect(setting.rows.map(({ values }) => values)).toEqual(
      [1, 2, 3].map(() => ({ bid: [Float64Array.of(7)], volume: [Float64Array.of(9)] })),
    );
    expect(setting.rows.map(({ prices }) => prices)).toEqual([[], [], []]);
    expect(setting.rows.flatMap((rows) => [...rows])).toEqual(
      [1, 2, 3].map((n) => ({ time: START + n * INTERVAL, bid: { a: 7 }, volume: { a: 9 } })),
    );
    expect(setting.link.cursor.counters).toMatchObject({ rows: 3, gaps: 0, duplicates: 0 });
  });

  test('asks for none where none were named', () => {
    const setting = setUp();
    hello(setting, START);
    expect(setting.world.socket.asked).not.toHaveProperty('fields');
  });

  test.each<[string, object]>([
    ['one of them is absent', { volume: undefined }],
    ['one of them has a column too many', { volume: [[9], [9]] }],
    ['one of them has a row too few', { volume: [[]] }],
    ['it has others', { fields: ['last'], last: [[1]] }],
  ])('refuses a frame if %s', (_, more) => {
    const setting = setUp({ fields });
    hello(setting, START);
    subscribed(setting, START, 1);
    setting.world.socket.say(rowsOf(START, 1, more));
    expect(setting.rows).toEqual([]);
    expect(setting.world.socket.isClosed).toBe(true);
  });
});
