import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { pricesOf } from '../helpers/market.ts';
import {
  INTERVAL,
  ORIGIN,
  startTestServer,
  type TestServer,
  type TestServerOptions,
} from '../helpers/server.ts';
import { type Message, TestSocket } from '../helpers/socket.ts';

const BEFORE = ORIGIN - INTERVAL;
const SYMBOLS = ['ticker_0', 'ticker_1', 'ticker_2'];
const at = (index: number) => ORIGIN + index * INTERVAL;

const running: TestServer[] = [];

async function start(options: TestServerOptions): Promise<TestServer> {
  const server = await startTestServer(options);
  running.push(server);
  return server;
}

afterEach(async () => {
  for (const server of running.splice(0)) {
    await server.stop();
    expect(server.failures).toEqual([]);
  }
});

/** Checks that frames follow one another from `since` on, and hold the rows of the core. */
function expectUnbroken(
  server: TestServer,
  frames: readonly Message[],
  sinceMs: number,
  columns: readonly number[] = [0, 1, 2],
): void {
  let cursor = sinceMs;
  const read: number[][] = columns.map(() => []);
  for (const { since, until, prices } of frames) {
    expect(since).toBe(cursor);
    expect(until).toBeGreaterThan(since);
    expect(prices).toHaveLength(columns.length);
    for (const n of columns.keys()) {
      expect(prices[n]).toHaveLength((until - since) / INTERVAL);
      read[n].push(...prices[n]);
    }
    cursor = until;
  }
  const [from, next] = [sinceMs, cursor].map((ms) => (ms - ORIGIN) / INTERVAL + 1);
  columns.forEach((column, n) => {
    expect(String(read[n])).toBe(String(pricesOf(server.market, column, from, next)));
  });
}

describe('hello', () => {
  it('comes first and says what the market and its limits are', async () => {
    const server = await start({ rows: 10 });
    const socket = new TestSocket(`${server.server.url.replace('http', 'ws')}/v1/stream`);
    expect(await socket.next()).toEqual({
      type: 'hello',
      market: server.market.id,
      version: expect.any(String),
      origin: ORIGIN,
      interval: INTERVAL,
      head: at(9),
      now: at(9),
      speed: 1,
      heartbeat: 15_000,
      limits: expect.objectContaining({ maxPayloadBytes: 4096, maxSubscriptions: 16 }),
    });
    await socket.close();
  });
});

describe('a subscription', () => {
  it('from the first row, with a ring that holds few, backfills and goes live without a gap', async () => {
    const rows = 30_000;
    const server = await start({ rows, spec: { capacity: 50 } });
    const socket = await server.connect();
    const subscribed = await socket.ask({ type: 'subscribe', id: 2, symbols: '*', since: BEFORE });
    const { id: market } = server.market;
    expect(subscribed).toEqual({
      ...{ type: 'subscribed', id: 2, market, symbols: SYMBOLS, since: BEFORE },
    });

    const frames = [await socket.next('rows'), await socket.next('rows')];
    expect(frames[0].lag).toBe(rows - (frames[0].until - BEFORE) / INTERVAL);
    // The head moves on by more than the ring holds while it is catching up.
    server.clock.pass(120 * INTERVAL);
    while (frames.at(-1).until < at(rows + 119)) frames.push(await socket.next('rows'));
    expect(frames.at(-1).lag).toBe(0);
    for (let n = 0; n < 5; n++) {
      server.clock.pass((n + 1) * INTERVAL);
      frames.push(...(await socket.rowsUntilLive()));
    }
    while (frames.at(-1).until < at(rows + 134)) frames.push(await socket.next('rows'));

    expect(new Set(frames.map(({ id }) => id))).toEqual(new Set([2]));
    expectUnbroken(server, frames, BEFORE);
  });

  it('from any row, of any symbols, holds the same rows as the core', async () => {
    const rows = 9000;
    const server = await start({ rows, spec: { capacity: 1000 } });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: -1, max: rows - 2 }),
        fc.shuffledSubarray([0, 1, 2], { minLength: 1 }),
        async (index, columns) => {
          const socket = await server.connect();
          const symbols = columns.map((column) => SYMBOLS[column]);
          const request = { type: 'subscribe', id: 1, symbols, since: at(index) };
          const subscribed = await socket.ask(request);
          expect(subscribed.symbols).toEqual(symbols);
          expectUnbroken(server, await socket.rowsUntilLive(), at(index), columns);
          await socket.close();
        },
      ),
      { numRuns: 20 },
    );
  });

  it('since now begins with the next row', async () => {
    const server = await start({ rows: 100 });
    const socket = await server.connect();
    const request = { type: 'subscribe', id: 1, symbols: ['ticker_1'], since: 'now' };
    expect(await socket.ask(request)).toMatchObject({ since: at(99) });

    server.clock.pass(INTERVAL);
    const frames = await socket.rowsUntilLive();
    expectUnbroken(server, frames, at(99), [1]);
    expect(frames.at(-1).until).toBe(at(100));
  });

  it('ahead of the head waits, then begins with the row after its cursor', async () => {
    const server = await start({ rows: 100 });
    const socket = await server.connect();
    const since = at(99) + 2000;
    const request = { type: 'subscribe', id: 1, symbols: '*', since };
    expect(await socket.ask(request)).toMatchObject({ type: 'subscribed', since });

    const beside = await server.connect();
    await beside.ask({ type: 'subscribe', id: 1, symbols: '*', since: at(99) }, 'subscribed');
    server.clock.pass(2000);
    expect((await beside.rowsUntilLive()).at(-1).until).toBe(since);
    // Everyone else has the rows up to the cursor: the next message is not rows but this pong.
    expect((await socket.ask({ type: 'ping', id: 4 })).type).toBe('pong');
    server.clock.pass(3 * INTERVAL);
    expectUnbroken(server, await socket.rowsUntilLive(), since);
  });

  it('of two clients is the same bytes for both, beside a third of other symbols', async () => {
    const server = await start({ rows: 5000, spec: { capacity: 64 } });
    const sockets = [await server.connect(), await server.connect(), await server.connect()];
    const request = { type: 'subscribe', id: 6, symbols: ['ticker_2', 'ticker_0'], since: BEFORE };
    for (const [n, socket] of sockets.entries()) {
      await socket.ask(n < 2 ? request : { ...request, symbols: ['ticker_1'] }, 'subscribed');
    }
    const textsUntil = async (socket: (typeof sockets)[number], untilMs: number) => {
      const texts: string[] = [];
      do texts.push(await socket.nextText());
      while (JSON.parse(texts.at(-1)!).until < untilMs);
      return texts;
    };

    const backfill = await Promise.all(sockets.map((socket) => textsUntil(socket, at(4999))));
    expect(backfill[1]).toEqual(backfill[0]);
    for (let n = 0; n < 4; n++) {
      server.clock.pass(INTERVAL);
      const live = await Promise.all(sockets.map((socket) => textsUntil(socket, at(5000 + n))));
      expect(live[1]).toEqual(live[0]);
      backfill.forEach((texts, client) => {
        texts.push(...live[client]);
      });
    }
    const frames = backfill.map((texts) => texts.map((text) => JSON.parse(text)));
    expectUnbroken(server, frames[0], BEFORE, [2, 0]);
    expectUnbroken(server, frames[2], BEFORE, [1]);
  });

  it('ends with unsubscribed, complete up to until; the others of the connection go on', async () => {
    const server = await start({ rows: 100 });
    const socket = await server.connect();
    for (const id of [1, 2]) {
      await socket.ask({ type: 'subscribe', id, symbols: '*', since: 'now' }, 'subscribed');
    }
    server.clock.pass(INTERVAL);
    const rows = [await socket.next('rows'), await socket.next('rows')];
    expect(rows.map(({ id }) => id).sort()).toEqual([1, 2]);

    const unsubscribed = await socket.ask({ type: 'unsubscribe', id: 1 });
    expect(unsubscribed).toEqual({ type: 'unsubscribed', id: 1, until: at(100) });
    for (let n = 1; n <= 3; n++) {
      server.clock.pass(INTERVAL);
      expect(await socket.next('rows')).toMatchObject({ id: 2, until: at(100 + n) });
    }
    const again = { type: 'subscribe', id: 1, symbols: '*', since: unsubscribed.until };
    await socket.ask(again, 'subscribed');
    expectUnbroken(server, await socket.rowsUntilLive(), at(100));
  });

  it('that ends amid its backfill goes on elsewhere from where it says it ended', async () => {
    const rows = 60_000;
    // Each look at this clock ends a slice: the backfill takes many turns.
    let steadyMs = 0;
    const clock = { nowMs: () => at(rows - 1), steadyMs: () => (steadyMs += 10) };
    const server = await start({ clock, spec: { capacity: 50 } });
    const socket = await server.connect();
    await socket.ask({ type: 'subscribe', id: 1, symbols: '*', since: BEFORE }, 'subscribed');
    const frames: Message[] = [];
    let message = await socket.next('rows');
    socket.send({ type: 'unsubscribe', id: 1 });
    for (; message.type === 'rows'; message = await socket.next()) frames.push(message);

    const { until } = message;
    expect(message).toEqual({ type: 'unsubscribed', id: 1, until });
    expect(frames.at(-1).until).toBe(until);
    expect(until).toBeLessThan(at(rows - 1));
    const other = await server.connect();
    await other.ask({ type: 'subscribe', id: 1, symbols: '*', since: until }, 'subscribed');
    frames.push(...(await other.rowsUntilLive()));
    expectUnbroken(server, frames, BEFORE);
  });
});

describe('fetch', () => {
  it('pulls rows, page by page, as many as its limit and a frame allow', async () => {
    const rows = 8000;
    const server = await start({ rows, spec: { capacity: 500 } });
    const socket = await server.connect();
    const frames: Message[] = [];
    let since = BEFORE;
    for (let id = 0; since < at(rows - 1); id++) {
      const limit = [1, 700, undefined, 5000][id % 4];
      const frame = await socket.ask({ type: 'fetch', id, symbols: '*', since, limit });
      expect(frame).toMatchObject({ type: 'rows', id, since });
      const got = (frame.until - since) / INTERVAL;
      if (limit !== undefined) expect(got).toBeLessThanOrEqual(limit);
      expect(frame.lag).toBe((at(rows - 1) - frame.until) / INTERVAL);
      expect(Buffer.byteLength(JSON.stringify(frame))).toBeLessThanOrEqual(65_536);
      frames.push(frame);
      since = frame.until;
    }
    expectUnbroken(server, frames, BEFORE);
    expect(await socket.ask({ type: 'fetch', id: 1, symbols: '*', since })).toEqual({
      type: 'rows',
      id: 1,
      since,
      until: since,
      lag: 0,
      prices: [[], [], []],
    });
  });

  it('takes symbols in any order, times as text, and the market id', async () => {
    const server = await start({ rows: 100 });
    const socket = await server.connect();
    const symbols = ['ticker_2', 'ticker_0'];
    const plain = { type: 'fetch', id: 1, symbols, since: ORIGIN, limit: 5 };
    const rows = await socket.ask(plain);
    expect(rows.prices).toEqual([2, 0].map((column) => pricesOf(server.market, column, 1, 6)));
    for (const change of [
      { since: '2026-01-05T00:00:00Z' },
      { since: '2026-01-05' },
      { since: String(ORIGIN) },
      { market: server.market.id },
    ]) {
      expect(await socket.ask({ ...plain, ...change })).toEqual(rows);
    }
  });
});

describe('a heartbeat', () => {
  it('comes after 15 s of silence and says how far each subscription is complete', async () => {
    const server = await start({ rows: 100 });
    const socket = await server.connect();
    for (const [id, since] of [
      [2, at(50)],
      [9, 'now'],
    ]) {
      await socket.ask({ type: 'subscribe', id, symbols: ['ticker_0'], since }, 'subscribed');
      if (id === 2) await socket.rowsUntilLive();
    }
    server.clock.passSteadily(15_000);
    expect(await socket.next()).toEqual({
      type: 'heartbeat',
      now: at(99),
      speed: 1,
      head: at(99),
      subscriptions: { 2: at(99), 9: at(99) },
    });
  });
});

describe('a stop', () => {
  it('says bye with 4000, closes with 4000, and a restart goes on with the same sequence', async () => {
    const first = await startTestServer({ rows: 500, spec: { capacity: 20 } });
    const socket = await first.connect();
    const idle = await first.connect();
    await socket.ask({ type: 'subscribe', id: 1, symbols: '*', since: BEFORE }, 'subscribed');
    const frames = await socket.rowsUntilLive();
    first.clock.pass(INTERVAL);
    frames.push(...(await socket.rowsUntilLive()));

    const stopped = first.stop();
    for (const client of [socket, idle]) {
      const bye = await client.next();
      expect(bye).toEqual({
        type: 'bye',
        code: 4000,
        reason: expect.stringMatching(/\w/),
        retryAfterMs: expect.any(Number),
      });
      expect(bye.retryAfterMs).toBeGreaterThan(0);
      expect(await client.closed).toMatchObject({ code: 4000 });
    }
    await stopped;
    expect(first.failures).toEqual([]);
    await expect(first.get('/healthz')).rejects.toThrow();

    const second = await start({ rows: 700, spec: { capacity: 9 } });
    expect(second.market.id).toBe(first.market.id);
    const next = await second.connect();
    const since = frames.at(-1).until;
    const market = first.market.id;
    await next.ask({ type: 'subscribe', id: 1, symbols: '*', since, market }, 'subscribed');
    frames.push(...(await next.rowsUntilLive()));
    expect(frames.at(-1).until).toBe(at(699));
    expectUnbroken(second, frames, BEFORE);
  });

  it('ends although a client does not answer the close', async () => {
    const server = await startTestServer({ rows: 10 });
    const silent = server.raw(
      'GET /v1/stream HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n' +
        'sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    const keptAlive = await server.get('/healthz');
    expect(keptAlive.status).toBe(200);
    await server.stop();
    expect(await silent).toContain('"type":"bye"');
  });
});
