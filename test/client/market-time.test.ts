import { describe, expect, test } from 'vitest';
import { Link } from '../../src/client/link.ts';
import { RowsKind } from '../../src/client/rows-kind.ts';
import type { SubscriptionState } from '../../src/client/state.ts';
import { frame, grant, INTERVAL, START, World } from './world.ts';

/** A market whose time is `now` when the client comes, and goes at `speed`. */
function live(speed: number | undefined, now = START + 250) {
  const world = new World();
  const states: SubscriptionState[] = [];
  const link = new Link(
    {
      ...{ url: 'ws://somewhere/v1/stream', protocols: [], symbols: '*', market: 'm1' },
      ...{ since: START, kind: new RowsKind(), onBatch: () => {} },
      onState: (state: SubscriptionState) => states.push(state),
    },
    world,
  );
  const { socket } = world;
  socket.say({
    ...{ type: 'hello', market: 'm1', version: '0', origin: 0, interval: INTERVAL },
    ...{ head: START, now, speed, heartbeat: 15_000, limits: {} },
  });
  grant(socket, START);
  const kinds = () => states.map(({ kind }) => kind);
  return { world, socket, link, kinds };
}

describe("the market's time", () => {
  test.each([
    [undefined, 1],
    [0, 0],
    [0.5, 0.5],
    [1, 1],
    [60, 60],
    [10_000, 10_000],
  ])('goes on at the speed that the server says: %s', (said, speed) => {
    const { world, link } = live(said);
    expect(link.clock.nowMs()).toBe(START + 250);
    world.pass(2_000);
    expect(link.clock.nowMs()).toBe(START + 250 + 2_000 * speed);
    expect(link.clock.speed).toBe(speed);
  });

  test('is what the server answers, half a round trip ago', () => {
    const { world, socket, link } = live(60);
    world.pass(200);
    socket.say({ type: 'pong', id: 0, now: START + 6_000, speed: 60 });
    expect(link.clock.nowMs()).toBe(START + 6_000 + 100 * 60);
  });

  test('is at least that of the newest row, and what a change says', () => {
    const { world, socket, link } = live(60, START);
    socket.say(frame(START, START + 5_000));
    expect(link.clock.nowMs()).toBe(START + 5_000);
    socket.say({ type: 'clock', now: START + 4_000, speed: 0 });
    world.pass(1_000);
    expect(link.clock.nowMs()).toBe(START + 4_000);
    socket.say({ type: 'clock', now: START + 60_000, speed: 2 });
    world.pass(1_000);
    expect(link.clock.nowMs()).toBe(START + 62_000);
  });
});

describe('a subscription', () => {
  test('of a market that stands still is live, however long', () => {
    const { world, socket, kinds } = live(0);
    for (let n = 0; n < 100; n++) {
      world.pass(15_000);
      socket.say({
        ...{ type: 'heartbeat', now: START + 250, speed: 0, head: START },
        subscriptions: { 1: START },
      });
    }
    expect(kinds()).toEqual(['live']);
    expect(world.sockets).toHaveLength(1);
  });

  test.each([
    ['of a slow one is stale once three rows should have come', 0.1, 29_999],
    ['of a fast one is stale after three seconds of ours', 60, 2_999],
    ['of the fastest one too', 10_000, 2_999],
  ])('%s', (_, speed, freshMs) => {
    const { world, socket, kinds } = live(speed);
    // It lives, so the connection is not given up.
    for (let ms = 0; ms < freshMs - 10_000; ms += 10_000) {
      world.pass(10_000);
      socket.say({ type: 'pong', id: 0, now: START + 250, speed });
    }
    world.pass(freshMs % 10_000 || 10_000);
    expect(kinds()).toEqual(['live']);
    world.pass(1);
    expect(kinds()).toEqual(['live', 'stale']);
  });

  test('that is paused is no longer waited for, and again once it goes on', () => {
    const { world, socket, kinds } = live(1);
    world.pass(2_000);
    socket.say({ type: 'clock', now: START + 2_250, speed: 0 });
    world.pass(20_000);
    expect(kinds()).toEqual(['live']);
    socket.say({ type: 'clock', now: START + 2_250, speed: 1 });
    world.pass(2_999);
    expect(kinds()).toEqual(['live']);
    world.pass(1);
    expect(kinds()).toEqual(['live', 'stale']);
    socket.say({ type: 'clock', now: START + 5_250, speed: 0 });
    expect(kinds()).toEqual(['live', 'stale', 'live']);
  });

  test('of a fast market stays live while it is behind by what it is sent in a moment', () => {
    const { socket, kinds } = live(10_000);
    socket.say(frame(START, START + INTERVAL, 20_000));
    expect(kinds()).toEqual(['live']);
    socket.say(frame(START + INTERVAL, START + 2 * INTERVAL, 40_000));
    expect(kinds()).toEqual(['live', 'catching up']);
  });

  test('of a fast market is live once it is behind by no more than what is on its way', () => {
    const { socket, kinds } = live(10_000);
    socket.say(frame(START, START + INTERVAL, 40_000));
    socket.say(frame(START + INTERVAL, START + 2 * INTERVAL, 2_501));
    expect(kinds().at(-1)).toBe('catching up');
    socket.say(frame(START + 2 * INTERVAL, START + 3 * INTERVAL, 2_400));
    expect(kinds().at(-1)).toBe('live');
  });

  test('is given up after the silence of two heartbeats of the server, at any speed', () => {
    for (const speed of [0, 1, 60, 10_000]) {
      const { world, link } = live(speed);
      world.pass(34_999);
      expect(world.sockets).toHaveLength(1);
      world.pass(1);
      expect(link.state.kind).toBe('reconnecting');
    }
  });
});
