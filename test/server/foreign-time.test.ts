import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { headAt, indexFrom, timeOf } from '../../src/core/market/grid.ts';
import { startServer, type TickwellServer } from '../../src/server/server.ts';
import type { StartTime } from '../../src/server/start-time.ts';
import { ManualClock } from '../helpers/clock.ts';
import { eventually } from '../helpers/eventually.ts';
import { marketOf } from '../helpers/market.ts';
import { UNHURRIED } from '../helpers/server.ts';

/**
 * What readers of other services' streams make of a market whose time is not the host's: every time
 * that they are told is the market's; pings and deadlines are the host's.
 */

const MINUTE = 60_000;
const HOST = Date.UTC(2026, 2, 4, 9, 30, 0, 250);
/** Of the host, for which a market goes on. */
const PASSED_MS = 2500;
const TEN_YEARS_AHEAD = Date.UTC(2036, 2, 4, 14, 30, 0, 400);

const market = marketOf({
  ...{ seed: 7, origin: Date.UTC(2026, 0, 5), interval: 1000, capacity: 500, count: undefined },
  ...{ dtype: 'uint32', defaults: { tickSize: 0.01, startPrice: 80, tradesPerDay: 100_000 } },
  instruments: [{ symbol: 'walk' }, { symbol: 'STOCK', assetClass: 'stock', model: 'market' }],
});
const { grid } = market;
const AUTH = { action: 'auth', key: 'any', secret: 'key' };
const KEYS = { 'apca-api-key-id': 'any', 'apca-api-secret-key': 'key' };

let server: TickwellServer;
const sockets: WebSocket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  await server.stop();
});

// biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for.
type Said = any;

/** Follows a stream; what it is told comes flat. */
async function follow(path: string, requests: readonly object[]) {
  const socket = new WebSocket(server.url.replace('http', 'ws') + path);
  sockets.push(socket);
  const told: Said[] = [];
  const state = { pings: 0, isClosed: false };
  socket.on('message', (data) => {
    const message = JSON.parse(String(data));
    told.push(...(Array.isArray(message) ? message : [message]));
  });
  socket.on('ping', () => {
    state.pings += 1;
  });
  socket.on('close', () => {
    state.isClosed = true;
  });
  await new Promise((opened) => socket.once('open', opened));
  for (const request of requests) socket.send(JSON.stringify(request));
  return { told, state };
}

async function start(time: StartTime) {
  const clock = new ManualClock(HOST);
  const limits = {
    ...UNHURRIED,
    workPerSecond: 1e15,
    workBurst: 1e15,
    maxUnreadBytes: 2 ** 26,
    pingMs: 1000,
  };
  server = await startServer({ market, host: '127.0.0.1', port: 0, clock, time, limits });
  await server.ready;
  const get = async (path: string) => (await fetch(server.url + path, { headers: KEYS })).json();
  const names = ['trade', 'kline_1m', 'bookTicker', 'ticker'].map((name) => `walkusdt@${name}`);
  const binance = await follow(`/stream?streams=${names.join('/')}`, []);
  const pairs = { action: 'subscribe', trades: ['*'], bars: ['*'], quotes: ['*'] };
  const alpaca = await follow('/v1beta3/crypto/us', [AUTH, pairs]);
  const stocks = await follow('/v2/iex', [AUTH, pairs]);
  const deriv = await follow('/websockets/v3?app_id=1', [
    { ticks: 'WALKUSDT', subscribe: 1 },
    {
      ...{ ticks_history: 'WALKUSDT', end: 'latest', style: 'candles', granularity: 60 },
      ...{ subscribe: 1, count: 1 },
    },
  ]);
  const all = [binance, alpaca, stocks, deriv];
  await eventually(() => {
    expect(alpaca.told.map(({ T }) => T)).toContain('subscription');
    expect(stocks.told.map(({ T }) => T)).toContain('subscription');
    const answered = new Set(deriv.told.map(({ msg_type: type }) => type));
    expect(answered).toEqual(new Set(['tick', 'candles']));
  });
  const of = (stream: string) =>
    binance.told.filter((told) => told.stream === `walkusdt@${stream}`).map(({ data }) => data);
  return { clock, get, all, of, alpaca, stocks, deriv };
}

type World = Awaited<ReturnType<typeof start>>;

const increase = (times: readonly number[]) => times.every((t, n) => n === 0 || t >= times[n - 1]!);
const numbersFrom = (first: number, end: number, step: number) =>
  Array.from({ length: Math.max(0, Math.ceil((end - first) / step)) }, (_, n) => first + n * step);

/** Holds all that was told of the rows `[from, next)` to the market's time. */
async function hold({ of, get, alpaca, stocks, deriv }: World, from: number, next: number) {
  const [firstMs, newestMs] = [timeOf(grid, from), timeOf(grid, next - 1)];
  const endMs = newestMs + grid.intervalMs;
  /** Minutes that have become whole since. */
  const whole = numbersFrom(
    Math.floor(firstMs / MINUTE) * MINUTE,
    Math.floor(endMs / MINUTE) * MINUTE,
    MINUTE,
  );
  await eventually(() => {
    const closed = of('kline_1m').filter(({ k }) => k.x);
    expect(closed.map(({ k }) => k.t)).toEqual(whole);
    // Each says so when its last row has come.
    expect(closed.every(({ k }) => k.T === k.t + MINUTE - 1)).toBe(true);
    expect(of('kline_1m').at(-1).k.t).toBe(Math.floor(newestMs / MINUTE) * MINUTE);
    expect(of('bookTicker').at(-1).u).toBe(next - 1);
    const ticks = deriv.told.flatMap(({ tick }) => (tick?.id === undefined ? [] : [tick.epoch]));
    expect([...new Set(ticks)].slice(-(next - from))).toEqual(
      numbersFrom(firstMs / 1000, endMs / 1000, 1),
    );
    const [own, others] = [of('trade').length, alpaca.told.filter(({ T }) => T === 't').length];
    expect(others).toBe(own);
    expect(own).toBe(
      server.feed.timeline.tradesBefore(0, next) - server.feed.timeline.tradesBefore(0, from),
    );
  });
  for (const name of ['trade', 'kline_1m', 'ticker']) {
    const events = of(name).map(({ E }) => E);
    expect([name, increase(events)]).toEqual([name, true]);
    // The first is of the row that was the newest then.
    expect(events[0]).toBeGreaterThanOrEqual(firstMs - grid.intervalMs);
    expect(events.at(-1)).toBeLessThan(endMs);
  }
  expect(of('trade').filter(({ E, T }) => E < T || T < firstMs)).toEqual([]);
  expect(of('ticker').at(-1).C).toBeGreaterThan(firstMs);
  for (const { told } of [alpaca, stocks]) {
    const times = (kind: string) =>
      told.filter(({ T }) => T === kind).map(({ t }) => Date.parse(t));
    const column = told === alpaca.told ? 0 : 1;
    const before = (ms: number) => server.feed.timeline.tradesBefore(column, indexFrom(grid, ms));
    const isTraded = (ms: number) => before(ms) < before(ms + MINUTE);
    await eventually(() => {
      // Of the minute in which it was asked for there may be a bar or none, of one without a trade
      // there is none.
      const bars = [...new Set(times('b'))];
      expect(bars.filter((ms) => ms !== whole[0])).toEqual(whole.slice(1).filter(isTraded));
    });
    for (const kind of ['t', 'q', 'b']) expect([kind, increase(times(kind))]).toEqual([kind, true]);
    const others = [...times('t'), ...times('q')];
    expect(others.filter((ms) => ms < firstMs || ms >= endMs)).toEqual([]);
  }
  const candles = deriv.told.flatMap(({ ohlc }) => (ohlc === undefined ? [] : [ohlc]));
  expect(candles.at(-1).open_time).toBe(Math.floor(newestMs / MINUTE) * 60);
  expect(candles.at(-1).epoch).toBe(newestMs / 1000);
  const range = `from=${newestMs / 1000 - 600}&to=${newestMs / 1000 + 1}`;
  const { t } = await get(`/udf/history?symbol=WALKUSDT&resolution=1&${range}`);
  expect(t.at(-1)).toBe(Math.floor(newestMs / MINUTE) * 60);
}

describe.each([
  ['now', {}, HOST],
  ['in ten years', { at: TEN_YEARS_AHEAD }, TEN_YEARS_AHEAD],
])('other services of a market that begins %s', (_, begin, beginMs) => {
  it.each([1, 60, 10_000])(
    'tell its times, all of them, at a speed of %s',
    async (speed) => {
      const world = await start({ ...begin, speed });
      const from = headAt(grid, beginMs);
      // A moment at a time, as a host's timers have it.
      for (let ms = 0; ms < PASSED_MS; ms += 500) {
        world.clock.pass(500);
        const head = headAt(grid, beginMs + (ms + 500) * speed);
        await eventually(() => expect(server.feed.head).toBe(head));
      }
      await hold(world, from, server.feed.head);
      // Hours of the market are seconds of the host: nobody is given up, and pings are by the host's.
      await eventually(() => {
        world.clock.passSteadily(100);
        for (const { state } of world.all) expect(state.pings).toBeGreaterThan(0);
      });
      expect(world.all.every(({ state }) => !state.isClosed)).toBe(true);
    },
    90_000,
  );

  it('stand still with it, and go on by steps', async () => {
    const world = await start({ ...begin, isPaused: true });
    const from = headAt(grid, beginMs);
    world.clock.pass(3_600_000);
    await eventually(() => {
      world.clock.passSteadily(100);
      for (const { state } of world.all) expect(state.pings).toBeGreaterThan(0);
    });
    expect(server.feed.head).toBe(from);
    expect(world.of('trade')).toEqual([]);
    expect(await world.get('/udf/time')).toBe(Math.floor(beginMs / 1000));
    await server.changeClock({ stepRows: 150 });
    await eventually(() => expect(server.feed.head).toBe(from + 150));
    await hold(world, from, from + 150);
  }, 90_000);
});
