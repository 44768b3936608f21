import { describe, expect, test } from 'vitest';
import { ClientError } from '../../src/client/error.ts';
import { type Rows, type Skipped, timeOf } from '../../src/client/rows.ts';
import type { SubscriptionState } from '../../src/client/state.ts';
import { type SubscribeOptions, subscribe } from '../../src/client/subscribe.ts';
import { accept, frame, grant, hello, INTERVAL, START, World } from './world.ts';

const EIGHT_MIB = 8 * 2 ** 20;

function setUp(options: Partial<SubscribeOptions> = {}) {
  const world = new World();
  const states: SubscriptionState[] = [];
  const subscription = subscribe({
    url: 'http://somewhere',
    symbols: ['a'],
    since: START,
    host: world,
    onState: (state) => states.push(state),
    ...options,
  });
  const reader = subscription[Symbol.asyncIterator]();
  return { world, states, subscription, reader };
}
type Reader = ReturnType<typeof setUp>['reader'];

/** The rows that are due now. */
async function read(reader: Reader): Promise<Rows> {
  const { value } = await reader.next();
  return value!;
}

const prices = (rows: Rows) => [...rows.prices[0]!];

describe('a subscription', () => {
  test('is read with for await, and closed by leaving the loop', async () => {
    const { world, subscription } = setUp();
    accept(world.socket, START);
    world.socket.say(frame(START, START + 2_000));
    world.socket.say(frame(START + 2_000, START + 3_000));
    const seen: number[] = [];
    for await (const rows of subscription) {
      seen.push(...prices(rows));
      expect(timeOf(rows, 0)).toBe(rows.since + INTERVAL);
      if (seen.length === 3) break;
    }
    expect(seen).toEqual([61, 62, 63]);
    expect(subscription.state).toEqual({ kind: 'closed' });
    expect(world.socket.isClosed).toBe(true);
    expect(world.timers).toBe(0);
    for await (const _ of subscription) throw new Error('it is over');
  });

  test('offers bytes before text, or text alone', () => {
    expect(setUp().world.socket.protocols).toEqual(['tickwell.v1.bin', 'tickwell.v1.json']);
    expect(setUp({ format: 'json' }).world.socket.protocols).toEqual(['tickwell.v1.json']);
  });

  test('commits rows once the next ones are asked for, and not when the loop is left', async () => {
    const { world, subscription, reader } = setUp();
    accept(world.socket, START);
    expect(subscription.until).toBe(START);
    const first = reader.next();
    world.socket.say(frame(START, START + 2_000));
    world.socket.say(frame(START + 2_000, START + 3_000));
    await first;
    expect(subscription.until).toBe(START);
    await reader.next();
    expect(subscription.until).toBe(START + 2_000);
    await reader.return!();
    expect(subscription.until).toBe(START + 2_000);
  });

  test('says which time now was, and keeps it until rows are dealt with', async () => {
    const { world, subscription, reader } = setUp({ since: 'now' });
    expect(subscription.until).toBeUndefined();
    expect(subscription.market).toBeUndefined();
    accept(world.socket, START + 5_000);
    expect(subscription.until).toBe(START + 5_000);
    expect(subscription.market).toBe('m1');
    world.socket.say(frame(START + 5_000, START + 6_000));
    await reader.next();
    expect(subscription.until).toBe(START + 5_000);
  });

  test('gives rows to those who wait, in the order in which they asked', async () => {
    const { world, reader } = setUp();
    accept(world.socket, START);
    const asked = [read(reader), read(reader), read(reader)];
    for (let n = 0; n < 3; n++) {
      world.socket.say(frame(START + n * INTERVAL, START + (n + 1) * INTERVAL));
    }
    expect((await Promise.all(asked)).map(prices)).toEqual([[61], [62], [63]]);
  });

  test('throws what the server refused, after the last rows, once', async () => {
    const { world, reader } = setUp();
    accept(world.socket, START);
    world.socket.say(frame(START, START + 1_000));
    world.socket.say({ type: 'error', id: 1, code: 'market_changed', message: 'No.', market: 'x' });
    expect(prices(await read(reader))).toEqual([61]);
    const error = await reader.next().catch((thrown) => thrown);
    expect(error).toBeInstanceOf(ClientError);
    expect(error).toMatchObject({
      code: 'market_changed',
      message: 'No.',
      details: { market: 'x' },
      retry: false,
    });
    expect(await reader.next()).toEqual({ done: true, value: undefined });
  });

  test('throws at those who wait', async () => {
    const { world, reader } = setUp();
    const asked = reader.next();
    hello(world.socket, START, 'm1');
    world.socket.end(4501);
    await expect(asked).rejects.toMatchObject({ code: 'unauthorised' });
  });

  test('does not start over with another market', async () => {
    const { world, reader } = setUp({ market: 'm1' });
    hello(world.socket, START, 'm2');
    expect(world.socket.asked).toMatchObject({ market: 'm1' });
    world.socket.say({
      type: 'error',
      id: 1,
      code: 'market_changed',
      message: 'No.',
      market: 'm2',
    });
    await expect(reader.next()).rejects.toMatchObject({ code: 'market_changed' });
    world.pass(100_000);
    expect(world.sockets).toHaveLength(1);
  });

  test('gives no more rows once it is closed, and does not count them as done', async () => {
    const { world, subscription, reader } = setUp();
    accept(world.socket, START);
    world.socket.say(frame(START, START + 1_000));
    subscription.close();
    expect(await reader.next()).toEqual({ done: true, value: undefined });
    expect(subscription.until).toBe(START);
  });

  test('ends by close, with those who wait', async () => {
    const { world, subscription, reader, states } = setUp();
    const asked = reader.next();
    subscription.close();
    expect(await asked).toEqual({ done: true, value: undefined });
    expect(states).toEqual([{ kind: 'closed' }]);
    expect(world.timers).toBe(0);
  });

  test('ends by its signal, also one that came too early', async () => {
    const controller = new AbortController();
    const { world, reader } = setUp({ signal: controller.signal });
    accept(world.socket, START);
    const asked = reader.next();
    controller.abort();
    expect(await asked).toEqual({ done: true, value: undefined });
    const late = setUp({ signal: controller.signal });
    expect(await late.reader.next()).toEqual({ done: true, value: undefined });
    expect(late.world.socket.isClosed).toBe(true);
  });

  test('may be closed by whoever is told of a state', async () => {
    const setting = setUp({ onState: (state) => state.kind === 'live' && close() });
    const close = () => setting.subscription.close();
    accept(setting.world.socket, START + 1_000);
    setting.world.socket.say(frame(START, START + 1_000));
    expect(setting.subscription.state.kind).toBe('closed');
    expect(await setting.reader.next()).toEqual({ done: true, value: undefined });
    expect(setting.world.timers).toBe(0);
  });

  test('names an option that there is not, to programs that no compiler has seen', () => {
    const options = { url: 'http://somewhere', symbols: '*', since: 'now', until: 5 } as const;
    expect(() => subscribe(options)).toThrow(
      expect.objectContaining({
        name: 'ClientError',
        code: 'bad_request',
        message: expect.stringMatching(/^unknown option "until"; there are url symbols since /),
      }),
    );
  });

  test('says which class of sockets is missing', () => {
    const had = globalThis.WebSocket;
    // @ts-expect-error: Node 20 has none.
    delete globalThis.WebSocket;
    const attempt = () => subscribe({ url: 'http://somewhere', symbols: '*', since: 'now' });
    expect(attempt).toThrow(expect.objectContaining({ code: 'no_websocket' }));
    expect(attempt).toThrow('such as that of ws');
    if (had !== undefined) globalThis.WebSocket = had;
  });
});

describe('a slow application', () => {
  /** Rows of 100 each, until the server is asked to stop. */
  function fill({ world }: ReturnType<typeof setUp>, from: number): number {
    let at = from;
    while (world.socket.sent.at(-1)!.type !== 'unsubscribe') {
      world.socket.say(frame(at, at + 100 * INTERVAL, 1_000, world.socket.asked!.id));
      at += 100 * INTERVAL;
      if (at - from > 1e10) throw new Error('nobody stops it');
    }
    return at;
  }

  test('stops the server rather than to store without bound', () => {
    const setting = setUp();
    accept(setting.world.socket, START);
    const rows = (fill(setting, START) - START) / INTERVAL;
    expect(rows * 8).toBeGreaterThan(EIGHT_MIB / 2);
    expect(rows * 8).toBeLessThan(EIGHT_MIB);
    expect(setting.subscription.counters.pauses).toBe(1);
  });

  test('gets every row once, over as many pauses as it needs', async () => {
    const setting = setUp({ maxQueuedBytes: 10_000 });
    const { world, reader, subscription } = setting;
    accept(world.socket, START);
    const seen: number[] = [];
    for (let pause = 0; pause < 5; pause++) {
      const from = world.socket.asked!.since as number;
      fill(setting, from);
      world.socket.say(frame(from, from + INTERVAL, 0, world.socket.asked!.id));
      while (world.socket.sent.at(-1)!.type === 'unsubscribe') {
        seen.push(...prices(await read(reader)));
        world.pass(250);
      }
      grant(world.socket, START);
    }
    subscription.close();
    expect(seen.length).toBeGreaterThan(1_000);
    expect(seen).toEqual(seen.map((_, index) => START / INTERVAL + 1 + index));
    expect(subscription.counters).toMatchObject({ pauses: 5, gaps: 0, duplicates: 0 });
  });

  test('that wants the latest gets the newest rows, and what was left out for them', async () => {
    const { world, reader, subscription } = setUp({ delivery: 'latest', maxQueuedBytes: 850 });
    accept(world.socket, START);
    expect(world.socket.asked!.delivery).toBe('latest');
    const first = read(reader);
    world.socket.say(frame(START, START + 1_000));
    const announced = { since: START + 2_000, until: START + 4_000, rows: 2 };
    world.socket.say(frame(START + 1_000, START + 2_000));
    world.socket.say({ type: 'skipped', id: 1, ...announced });
    world.socket.say(frame(START + 4_000, START + 5_000));
    world.socket.say(frame(START + 5_000, START + 6_000));
    expect((await first).skipped).toBeUndefined();
    const rows = await read(reader);
    const skipped: Skipped = { since: START + 1_000, until: START + 5_000, rows: 4 };
    expect(rows).toMatchObject({ since: START + 5_000, until: START + 6_000, skipped });
    expect(subscription.counters).toMatchObject({ rowsSkipped: 4, pauses: 0, gaps: 0 });
    expect(subscription.state.kind).toBe('live');
  });
});
