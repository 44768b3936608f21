import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { subscribe } from '../../src/client/index.ts';
import { headAt, timeOf } from '../../src/core/market/grid.ts';
import { startServer, type TickwellServer } from '../../src/server/server.ts';
import type { StartTime } from '../../src/server/start-time.ts';
import { ManualClock } from '../helpers/clock.ts';
import { eventually } from '../helpers/eventually.ts';
import { marketOf } from '../helpers/market.ts';
import { TestSocket } from '../helpers/socket.ts';

const ORIGIN = Date.UTC(2026, 0, 5);
/** What the host's clock shows when a server starts. */
const HOST = Date.UTC(2026, 2, 4, 9, 30);
const TEN_YEARS_AHEAD = Date.UTC(2036, 2, 4, 14, 30, 0, 400);

const market = marketOf({ seed: 7, origin: ORIGIN, interval: 1000, count: 3, capacity: 500 });
const { grid } = market;
let server: TickwellServer;

afterEach(() => server.stop());

/** A server whose host's clock only the test moves. */
async function start(time: StartTime) {
  const clock = new ManualClock(HOST);
  server = await startServer({ market, host: '127.0.0.1', port: 0, clock, time });
  await server.ready;
  const get = async (path: string) => (await fetch(server.url + path)).json();
  const socketAt = (path: string) => new TestSocket(server.url.replace('http', 'ws') + path);
  return { clock, get, socketAt };
}

describe.each([
  ['now', {}, HOST],
  ['in the past', { at: '2026-02-01T12:00:00Z' }, Date.UTC(2026, 1, 1, 12)],
  ['in ten years', { at: TEN_YEARS_AHEAD }, TEN_YEARS_AHEAD],
])('a market that begins %s', (_, begin, beginMs) => {
  it.each([0.5, 1, 60, 10_000])(
    'has every row, and says the time, at a speed of %s',
    async (speed) => {
      const { clock, get, socketAt } = await start({ ...begin, speed });
      const head = headAt(grid, beginMs);
      const socket = socketAt('/v1/stream');
      const hello = await socket.next('hello');
      expect(hello).toMatchObject({ now: beginMs, speed, head: timeOf(grid, head - 1) });
      socket.send({ type: 'subscribe', id: 1, symbols: '*', since: 'now' });
      let until = (await socket.next('subscribed')).since;
      clock.pass(4000);
      const now = beginMs + 4000 * speed;
      const newest = timeOf(grid, headAt(grid, now) - 1);
      while (until < newest) {
        const rows = await socket.next('rows');
        expect(rows.since).toBe(until);
        expect(rows.prices[0]).toHaveLength((rows.until - rows.since) / 1000);
        until = rows.until;
      }
      expect(until).toBe(newest);
      expect(await get('/v1/market')).toMatchObject({ now, speed, head: newest });
      expect(await get('/v1/hello')).toMatchObject({ now, speed, head: newest });
      expect((await get('/v1/candles?symbol=ticker_0&resolution=1m&last=1')).time).toEqual([
        Math.floor(newest / 60_000) * 60_000,
      ]);
      expect(await (await fetch(`${server.url}/udf/time`)).text()).toBe(
        `${Math.floor(now / 1000)}`,
      );
      expect(await get('/api/v3/time')).toEqual({ serverTime: now });
      const alpaca = await fetch(`${server.url}/v2/clock`, {
        headers: { 'apca-api-key-id': 'any', 'apca-api-secret-key': 'any' },
      });
      expect(Date.parse((await alpaca.json()).timestamp)).toBe(now);
      const deriv = socketAt('/websockets/v3?app_id=1');
      await deriv.opened;
      deriv.send({ time: 1 });
      expect((await deriv.next()).time).toBe(Math.floor(now / 1000));
      socket.close();
      deriv.close();
    },
  );
});

describe('a market whose time stands still', () => {
  it('has its rows, and none comes until it is told to go on', async () => {
    const { clock, get, socketAt } = await start({ at: '2026-02-01T12:00:00Z', isPaused: true });
    const at = Date.UTC(2026, 1, 1, 12);
    const socket = socketAt('/v1/stream');
    expect(await socket.next('hello')).toMatchObject({ now: at, speed: 0, head: at });
    socket.send({ type: 'subscribe', id: 1, symbols: '*', since: 'now' });
    await socket.next('subscribed');
    clock.pass(3_600_000);
    expect(await get('/v1/market')).toMatchObject({ now: at, head: at });

    expect(await server.changeClock({ stepRows: 3 })).toMatchObject({
      index: headAt(grid, at),
      anchor: { marketMs: at + 3000, speed: 0 },
    });
    expect(await socket.next('clock')).toEqual({ type: 'clock', now: at + 3000, speed: 0 });
    expect(await socket.next('rows')).toMatchObject({ since: at, until: at + 3000 });
    await server.changeClock({ speed: 60 });
    expect(await socket.next('clock')).toEqual({ type: 'clock', now: at + 3000, speed: 60 });
    clock.pass(1000);
    expect(await socket.next('rows')).toMatchObject({ since: at + 3000, until: at + 63_000 });
    await server.changeClock({ paused: true });
    expect(await socket.next('clock')).toEqual({ type: 'clock', now: at + 63_000, speed: 0 });
    clock.pass(1000);
    await server.changeClock({ paused: false });
    expect(await socket.next('clock')).toEqual({ type: 'clock', now: at + 63_000, speed: 60 });
    socket.close();
  });

  it('does not wait for its clock, and is not late', async () => {
    const { clock, get } = await start({ isPaused: true });
    clock.pass(3_600_000);
    expect(await get('/readyz')).toEqual({ status: 'ready' });
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toContain('\ntickwell_feed_lag_seconds 0\n');
    expect(metrics).toContain('\ntickwell_feed_wait_seconds 0\n');
    expect(metrics).toContain('\ntickwell_market_speed 0\n');
  });

  it('answers a long step when its rows are readable, and others meanwhile', async () => {
    const many = marketOf({ origin: ORIGIN, interval: 1000, count: 100, capacity: 20_000 });
    const time = { at: '2026-02-01', isPaused: true };
    server = await startServer({ market: many, host: '127.0.0.1', port: 0, time });
    await server.ready;
    const { head } = server.feed;
    const heads = new Set<number>();
    const stepping = fetch(`${server.url}/v1/control/clock`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"step":"2d"}',
    }).then(() => server.feed.head);
    for (let isDone = false; !isDone; ) {
      isDone = await Promise.race([stepping.then(() => true), fetch(`${server.url}/healthz`)]).then(
        (one) => one === true,
      );
      heads.add(server.feed.head);
    }
    expect(await stepping).toBe(head + 172_800);
    expect([...heads]).toEqual([head, head + 172_800]);
  });

  it('takes no step while it goes on', async () => {
    await start({});
    const stepping = server.changeClock({ stepRows: 1 });
    await expect(stepping).rejects.toThrow('step must be of a market that stands still');
  });
});

it('a hundred instruments at a speed of 10,000 lose no row, and their reader keeps up', async () => {
  const many = marketOf({ seed: 7, origin: ORIGIN, interval: 1000, count: 100, capacity: 50_000 });
  const time = { at: '2026-02-01', speed: 10_000 };
  server = await startServer({ market: many, host: '127.0.0.1', port: 0, time });
  await server.ready;
  const rows = subscribe({ url: server.url, symbols: '*', since: 'now', WebSocket });
  const began = performance.now();
  let [count, batches, before] = [0, 0, Number.NaN];
  for await (const { since, until, lag, prices } of rows) {
    const { length } = prices[99]!;
    if (batches > 0) expect(since).toBe(before);
    expect(length).toBe((until - since) / 1000);
    [count, batches, before] = [count + length, batches + 1, until];
    // Two seconds of it, and at its end all that was due a moment ago.
    if (count >= 20_000 && lag * 1000 < 500 * 10_000) break;
    expect(performance.now() - began).toBeLessThan(40_000);
  }
  expect(rows.state.kind).toBe('closed');
  expect(batches).toBeLessThan(count / 5);
});

it('a cursor may be ahead by what the clocks of hosts may differ', async () => {
  const { get } = await start({ speed: 60 });
  const ask = (aheadMs: number) => get(`/v1/rows?symbols=*&since=${HOST + aheadMs}`);
  expect(await ask(120_000)).toMatchObject({ until: HOST + 120_000 });
  expect((await ask(121_000)).error.code).toBe('cursor_ahead');
});

it('an event stream is told of a change too', async () => {
  await start({ speed: 2 });
  const { body } = await fetch(`${server.url}/v1/events?symbols=*&since=now`);
  const reader = body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const read = async () => {
    text += (await reader.read()).value;
  };
  while (!text.includes('event: subscribed')) await read();
  await server.changeClock({ speed: 5 });
  while (!text.includes('event: clock')) await read();
  expect(text).toContain(`event: clock\ndata: {"now":${HOST},"speed":5}\n\n`);
  await reader.cancel();
});

it('a clock that is set back is waited for, by the time of the host', async () => {
  const { clock, get } = await start({ speed: 60 });
  clock.pass(-4000);
  await eventually(async () => {
    const { error } = await get('/readyz');
    expect(error.message).toBe("the server's clock was set back; rows flow again in 4 s");
  });
});

it.each([
  [{ at: '2026-01-04' }, 'time.at must be a time from the origin, 2026-01-05T00:00:00Z, to'],
  [{ at: 'noon' }, 'time.at must be a time from the origin'],
  [{ speed: 0 }, 'time.speed must be a number from 0.001 to 10000; given: 0'],
  [{ speed: 10_001 }, 'time.speed must be a number from 0.001 to 10000; given: 10001'],
  [{ speed: '60' }, 'time.speed must be a number from 0.001 to 10000; given: "60"'],
  [{ isPaused: 1 }, 'time.isPaused must be true or false; given: 1'],
])('a start that cannot be is told in one sentence: %j', async (time, sentence) => {
  server = { stop: async () => {} } as TickwellServer;
  // biome-ignore lint/suspicious/noExplicitAny: programs that no compiler has seen.
  await expect(startServer({ market, port: 0, time: time as any })).rejects.toThrow(sentence);
});
