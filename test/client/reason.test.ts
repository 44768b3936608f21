import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Link } from '../../src/client/link.ts';
import { RowsKind } from '../../src/client/rows-kind.ts';
import type { SubscriptionState } from '../../src/client/state.ts';
import { CLOSE_CODES } from '../../src/wire/errors.ts';
import { accept, frame, START, World } from './world.ts';

function setUp() {
  const world = new World();
  const states: SubscriptionState[] = [];
  const link = new Link(
    {
      url: 'ws://somewhere/v1/stream',
      protocols: [],
      symbols: '*',
      market: 'm1',
      since: START,
      kind: new RowsKind(),
      onBatch: () => {},
      onState: (state) => states.push(state),
    },
    world,
  );
  return { world, states, link };
}

/** One that is live, and then closed after this goodbye. */
function closed(code: number, reason: string) {
  const { world, link } = setUp();
  accept(world.socket, START);
  world.socket.say({ type: 'bye', code, reason, retryAfterMs: 900 });
  world.socket.end(code, reason);
  return link.state;
}

describe('why a subscription is not live', () => {
  test.each([
    [CLOSE_CODES.shuttingDown, 'shutting_down'],
    [CLOSE_CODES.stalled, 'stalled'],
    [CLOSE_CODES.noPong, 'no_pong'],
    [CLOSE_CODES.notReady, 'not_ready'],
    [CLOSE_CODES.rateLimited, 'rate_limited'],
    [CLOSE_CODES.silent, 'silent'],
    [4400, 'closed'],
  ])('is said by a goodbye with %i: %s', (closeCode, code) => {
    expect(closed(closeCode, 'so it is')).toMatchObject({
      kind: 'reconnecting',
      reason: {
        code,
        message: expect.stringMatching(/^The server .*: so it is\.$/),
        details: { closeCode, retryAfterMs: 900 },
      },
    });
  });

  test('of a server that is not ready are the words of the server', () => {
    const state = closed(CLOSE_CODES.notReady, 'the newest row is 59 minutes in the future');
    const message = 'The server is not ready: the newest row is 59 minutes in the future.';
    expect(state).toMatchObject({ reason: { code: 'not_ready', message } });
  });

  test('is an error that passes', () => {
    const { world, link } = setUp();
    accept(world.socket, START);
    const error = { code: 'cursor_ahead', message: 'Too far.', head: START };
    world.socket.say({ type: 'error', id: 1, ...error });
    const reason = { code: 'cursor_ahead', message: 'Too far.', details: { head: START } };
    expect(link.state).toMatchObject({ kind: 'reconnecting', reason });
  });

  test('is that the connection broke, or was closed with a code', () => {
    for (const [closeCode, code, details] of [
      [1006, 'lost', {}],
      [1001, 'closed', { closeCode: 1001 }],
      [1011, 'closed', { closeCode: 1011 }],
    ] as const) {
      const { world, link } = setUp();
      accept(world.socket, START);
      world.socket.end(closeCode);
      expect(link.state).toMatchObject({ kind: 'reconnecting', reason: { code, details } });
    }
  });

  test('is silence, first as stale, then as a connection that is given up', () => {
    const { world, link } = setUp();
    accept(world.socket, START);
    world.pass(3_000);
    expect(link.state).toMatchObject({ kind: 'stale', reason: { code: 'silence' } });
    world.pass(32_000);
    expect(link.state).toMatchObject({ kind: 'reconnecting', reason: { code: 'silence' } });
  });

  test('is asked of a stale server, which answers without rows: it waits for its clock', () => {
    const { world, link, states } = setUp();
    accept(world.socket, START);
    const before = world.socket.sent.length;
    world.pass(3_000);
    expect(world.socket.sent.slice(before)).toEqual([{ type: 'ping', id: 0 }]);
    for (let n = 0; n < 3; n++) world.socket.say({ type: 'pong', id: 0, now: START + 3_000 });
    expect(link.state).toMatchObject({ kind: 'stale', reason: { code: 'no_rows' } });
    expect(states.map((state) => state.kind)).toEqual(['live', 'stale', 'stale']);
    world.socket.say(frame(START, START + 1_000));
    expect(link.state.kind).toBe('live');
  });

  test('is that a stale server holds back rows that it has', () => {
    const { world, link } = setUp();
    accept(world.socket, START + 90_000);
    world.pass(3_000);
    world.socket.say({ type: 'pong', id: 0, now: START + 93_000 });
    expect(link.state).toMatchObject({ kind: 'stale', reason: { code: 'held_back' } });
  });

  test.each([
    ['gap', START + 1_000],
    ['duplicate', START - 1_000],
  ])('is a %s', (code, since) => {
    const { world, link } = setUp();
    accept(world.socket, START);
    world.socket.say(frame(since, since + 1_000));
    expect(link.state).toMatchObject({ kind: 'reconnecting', reason: { code } });
  });

  test('is that somebody asked for another connection', () => {
    const { world, link } = setUp();
    accept(world.socket, START);
    link.retry();
    expect(link.state).toMatchObject({ kind: 'reconnecting', reason: { code: 'asked' } });
  });

  test('is said offline too', () => {
    const { world, link } = setUp();
    accept(world.socket, START);
    world.online = false;
    world.pass(3_000);
    expect(link.state).toMatchObject({ kind: 'offline', reason: { code: 'silence' } });
    world.socket.end();
    expect(link.state).toMatchObject({ kind: 'offline', reason: { code: 'lost' } });
  });

  test('has a code that docs/client.md explains', () => {
    const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
    const source = read('src/client/reason.ts');
    const named = [...source.matchAll(/^ {2}(\w+): '/gm), ...source.matchAll(/\]: '(\w+)'/g)];
    const codes = named.map(([, code]) => code!);
    expect(codes.length).toBeGreaterThan(12);
    const text = read('docs/client.md');
    expect(codes.filter((code) => !text.includes(`\`${code}\``))).toEqual([]);
  });
});
