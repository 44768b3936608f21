import { describe, expect, test } from 'vitest';
import type { Candles } from '../../src/client/candles.ts';
import type { SubscriptionState } from '../../src/client/state.ts';
import {
  type SubscribeCandlesOptions,
  subscribeCandles,
} from '../../src/client/subscribe-candles.ts';
import { candlesFrame, priceOf, WIDTH } from './candle-world.ts';
import { accept, frame, hello, INTERVAL, START, World } from './world.ts';

type Fields = readonly ['volume'];

function setUp(options: Partial<SubscribeCandlesOptions<Fields>> = {}) {
  const world = new World();
  const states: SubscriptionState[] = [];
  const subscription = subscribeCandles<Fields>({
    url: 'http://somewhere',
    symbols: ['a'],
    resolution: '7s',
    fields: ['volume'],
    since: START,
    host: world,
    onState: (state) => states.push(state),
    ...options,
  });
  const reader = subscription[Symbol.asyncIterator]();
  const read = async () => (await reader.next()).value as Candles<Fields>;
  const send = (fromRow: number, toRow: number, isBinary = false) => {
    const { id } = world.socket.asked!;
    const [since, until] = [START + fromRow * INTERVAL, START + toRow * INTERVAL];
    for (const message of candlesFrame({ since, until, id }, isBinary)) {
      if (message instanceof ArrayBuffer) world.socket.deliver(message);
      else world.socket.say(message);
    }
  };
  return { world, states, subscription, reader, read, send };
}

const WIDTH_MS = WIDTH * INTERVAL;
/** Where the candle of the first row begins. */
const FIRST = Math.floor((START + INTERVAL) / WIDTH_MS) * WIDTH_MS;

describe('a subscription to candles', () => {
  test('asks for how they are cut and how often, and for nothing that was not said', () => {
    const { world } = setUp({ tz: 'Asia/Tokyo', every: 500 });
    hello(world.socket, START);
    expect(world.socket.asked).toEqual({
      ...{ type: 'subscribe', id: 1, symbols: ['a'], since: START },
      ...{ resolution: '7s', tz: 'Asia/Tokyo', fields: ['volume'], every: 500 },
    });
    const plain = setUp({ fields: undefined });
    hello(plain.world.socket, START);
    expect(Object.keys(plain.world.socket.asked!)).toEqual(
      'type id symbols since resolution'.split(' '),
    );
  });

  test.each([false, true])(
    'gives final ones, then the one that is made; as bytes: %s',
    async (isBinary) => {
      const { world, send, read, subscription } = setUp();
      accept(world.socket, START);
      send(0, 18, isBinary);
      const done = await read();
      expect(done).toMatchObject({
        final: true,
        since: START,
        symbols: ['a'],
        lag: expect.any(Number),
      });
      expect(done.time).toEqual([0, 1, 2].map((n) => FIRST + n * WIDTH_MS));
      const now = await read();
      expect(now).toMatchObject({ final: false, since: done.until, until: START + 18 * INTERVAL });
      expect(now.time).toEqual([FIRST + 3 * WIDTH_MS]);
      const [first] = [...done];
      expect(first).toEqual({
        ...{ time: FIRST, final: true },
        ...{ open: { a: done.open[0]![0] }, high: { a: done.high[0]![0] } },
        ...{ low: { a: done.low[0]![0] }, close: { a: done.close[0]![0] } },
        volume: { a: done.volume[0]![0] },
      });
      expect(subscription.until).toBe(done.until);
      expect(subscription.counters.rows).toBe(18);
    },
  );

  test('goes on after a break from the last row, with the candle that is made whole again', async () => {
    const { world, send, read } = setUp();
    accept(world.socket, START);
    send(0, 5);
    expect((await read()).final).toBe(true);
    expect((await read()).time).toEqual([FIRST + WIDTH_MS]);
    world.socket.end();
    world.pass(30_000);
    expect(world.sockets).toHaveLength(2);
    hello(world.socket, START + 6 * INTERVAL);
    expect(world.socket.asked).toMatchObject({ since: START + 5 * INTERVAL });
    accept(world.socket, START + 6 * INTERVAL);
    send(5, 6);
    const again = await read();
    expect(again.since).toBe(START + 5 * INTERVAL);
    expect(again.time).toEqual([FIRST + WIDTH_MS]);
    expect(again.open[0]![0]).toBe(priceOf(FIRST + WIDTH_MS));
  });

  test('refuses what does not begin where the last one ended', () => {
    for (const [from, to, kind] of [
      [6, 7, 'gaps'],
      [4, 6, 'duplicates'],
    ] as const) {
      const { world, send, subscription } = setUp();
      accept(world.socket, START);
      send(0, 5);
      send(from, to);
      expect(subscription.counters[kind]).toBe(1);
      expect(subscription.state.kind).toBe('reconnecting');
    }
  });

  const whole = candlesFrame({ since: START, until: START + 3 * INTERVAL })[0] as object;
  test.each([
    ['rows', frame(START, START + INTERVAL)],
    ['no volumes', { ...whole, volume: undefined }],
    ['a list too many', { ...whole, close: [[1], [2]] }],
    ['a value too many', { ...whole, high: [[1, 2]] }],
    ['no list at all', { ...whole, low: 5 }],
    ['two that are not final', { ...whole, time: [1, 2] }],
    ['none', { ...whole, time: [] }],
    ['times in no order', { ...whole, final: true, time: [FIRST, FIRST] }],
    ['one that begins later than its rows', { ...whole, time: [START + 4 * INTERVAL] }],
    ['an end between two rows', { ...whole, until: START + INTERVAL + 1 }],
  ])('comes back from %s, and is refused where nothing else ever comes', async (_, message) => {
    const { world, reader, subscription } = setUp();
    for (let time = 1; time <= 5; time++) {
      accept(world.socket, START);
      world.socket.say({ ...message, id: world.socket.asked!.id });
      if (time < 5) expect(subscription.state).toMatchObject({ reason: { code: 'garbled' } });
      world.pass(30_000);
    }
    await expect(reader.next()).rejects.toMatchObject({ code: 'protocol_error' });
  });

  test('of one that is being made, only the newest waits for the application', async () => {
    const { world, send, read, subscription } = setUp();
    accept(world.socket, START);
    for (let row = 0; row < 6 * WIDTH; row++) send(row, row + 1);
    const got: Candles<Fields>[] = [await read()];
    while (got.at(-1)!.until < START + 6 * WIDTH * INTERVAL) got.push(await read());
    expect(got.filter(({ final }) => final).length).toBeGreaterThanOrEqual(5);
    expect(got.filter(({ final }) => !final).length).toBeLessThanOrEqual(1);
    for (const [n, { since }] of got.slice(1).entries()) expect(since).toBe(got[n]!.until);
    expect(subscription.counters).toMatchObject({ rowsSkipped: 0, pauses: 0, gaps: 0 });
  });

  test('is not stale between two that were wanted no sooner', () => {
    const { world, send, subscription } = setUp({ every: 60_000 });
    accept(world.socket, START);
    send(0, 2);
    world.pass(14_000);
    expect(subscription.state.kind).toBe('live');
    const each = setUp();
    accept(each.world.socket, START);
    each.send(0, 2);
    each.world.pass(14_000);
    expect(each.subscription.state.kind).toBe('stale');
  });

  test('is live though the newest rows wait for their turn', () => {
    const { world, subscription } = setUp({ every: 5_000 });
    accept(world.socket, START + 4 * INTERVAL);
    expect(subscription.state.kind).toBe('live');
    const late = setUp({ every: 5_000 });
    accept(late.world.socket, START + 5 * INTERVAL);
    expect(late.subscription.state).toEqual({ kind: 'catching up', lagRows: 1 });
    // Nor is what the server keeps for its turn held back.
    world.pass(20_000);
    world.socket.say({ type: 'pong', id: 0, now: START });
    expect(subscription.state).toMatchObject({ kind: 'stale', reason: { code: 'no_rows' } });
  });

  test('names an option that there is not', () => {
    const options = { delivery: 'latest' } as Partial<SubscribeCandlesOptions<Fields>>;
    expect(() => setUp(options)).toThrow(
      expect.objectContaining({
        code: 'bad_request',
        message: expect.stringMatching(
          /^unknown option "delivery"; there are url .* resolution tz/,
        ),
      }),
    );
  });

  test('names a resolution that is missing: without it the server would send rows', () => {
    expect(() => setUp({ resolution: undefined as unknown as string })).toThrow(
      expect.objectContaining({ code: 'bad_request', message: 'resolution is missing' }),
    );
  });
});
