import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { parseTrades } from '../../src/wire/binary-trades.ts';
import { EventReader } from '../helpers/events.ts';
import { startTestServer, type TestServer, UNHURRIED } from '../helpers/server.ts';
import { foldOf, type Told, TRADED_SYMBOLS, tradedRows, tradedSpec } from '../helpers/trades.ts';

/** Trades of a subscription: what comes, by every transport, and where it goes on. */

const ORIGIN = Date.UTC(2026, 0, 9, 18);
const SYMBOLS = ['M7', 'M0', 'RARE', 'SHUT'];
const COLUMNS = SYMBOLS.map((symbol) => TRADED_SYMBOLS.indexOf(symbol));
const LIMITS = { ...UNHURRIED, workBurst: 10 ** 15 };

const WORLDS = [
  { interval: 1, rows: 3000, tradesPerDay: 4_000_000 },
  { interval: 1000, rows: 3000, tradesPerDay: 200_000 },
  { interval: 3_600_000, rows: 60, tradesPerDay: 20_000 },
  { interval: 86_400_000, rows: 12, tradesPerDay: 3000 },
] as const;

const running: TestServer[] = [];

afterEach(async () => {
  for (const server of running.splice(0)) {
    await server.stop();
    expect(server.failures).toEqual([]);
  }
});

async function start(
  { interval, rows, tradesPerDay }: (typeof WORLDS)[number] = WORLDS[1],
  options: Parameters<typeof startTestServer>[0] = {},
): Promise<TestServer> {
  const spec = { ...tradedSpec(tradesPerDay), origin: ORIGIN, interval, capacity: 300 };
  const server = await startTestServer({ spec, rows, limits: LIMITS, ...options });
  running.push(server);
  return server;
}

/** A message of trades, as all transports say it. */
interface Trades {
  readonly since: number;
  readonly until: number;
  readonly lag: number;
  readonly first: number[];
  readonly time: number[][];
  readonly price: number[][];
  readonly lots: number[][];
  readonly side: number[][];
}

type Next = () => Promise<Trades>;

async function overText(server: TestServer, asked: object): Promise<Next> {
  const socket = await server.connect();
  const request = { type: 'subscribe', id: 7, what: 'trades', symbols: SYMBOLS, ...asked };
  expect(await socket.ask(request, 'subscribed')).toMatchObject({ what: 'trades' });
  return async () => {
    const { type: _type, id, ...rest } = await socket.next('trades');
    expect(id).toBe(7);
    return rest;
  };
}

async function overBytes(server: TestServer, asked: object): Promise<Next> {
  const url = `${server.server.url.replace('http', 'ws')}/v1/stream`;
  const socket = new WebSocket(url, 'tickwell.v1.bin');
  const frames: Uint8Array[] = [];
  let wake = () => {};
  socket.on('message', (data: Buffer, isBinary) => {
    if (isBinary) frames.push(Uint8Array.from(data));
    wake();
  });
  await new Promise((opened) => socket.once('open', opened));
  const request = { type: 'subscribe', id: 7, what: 'trades', symbols: SYMBOLS, ...asked };
  socket.send(JSON.stringify(request));
  return async () => {
    while (frames.length === 0) {
      await new Promise<void>((woken) => {
        wake = woken;
      });
    }
    const { id, since, until, lagRows, trades, lists } = parseTrades(frames.shift()!)!;
    expect([id, trades]).toEqual([7, lists.micros.length]);
    let at = 0;
    const [time, price, lots, side]: number[][][] = [[], [], [], []];
    for (const count of lists.counts) {
      const end = at + count;
      time!.push([...lists.micros.subarray(at, end)].map((us) => (since * 1000 + us) / 1000));
      price!.push([...lists.prices.subarray(at, end)]);
      lots!.push([...lists.lots.subarray(at, end)]);
      side!.push([...lists.sides.subarray(at, end)]);
      at = end;
    }
    const said = { time: time!, price: price!, lots: lots!, side: side! };
    return { since, until, lag: lagRows, first: [...lists.first], ...said };
  };
}

async function overEvents(server: TestServer, asked: Record<string, unknown>): Promise<Next> {
  const said = Object.entries({ what: 'trades', symbols: SYMBOLS, ...asked });
  const query = new URLSearchParams(said.map(([name, value]) => [name, String(value)]));
  const { body } = await fetch(`${server.server.url}/v1/events?${query}`);
  const events = new EventReader(body!);
  expect((await events.expect('subscribed')).data).toMatchObject({ what: 'trades' });
  return async () => {
    const { id, data: trades } = await events.expect('trades');
    expect(id).toBe(`${server.market.id}.${trades.until}`);
    return trades;
  };
}

const TRANSPORTS = [
  ['JSON', overText],
  ['bytes', overBytes],
  ['events', overEvents],
] as const;

/** The trades of messages that follow one another, of each symbol; throws on a hole. */
function joined(messages: readonly Trades[], since: number): Told[][] {
  const all: Told[][] = SYMBOLS.map(() => []);
  let until = since;
  for (const message of messages) {
    expect(message.since).toBe(until);
    expect(message.until).toBeGreaterThan(message.since);
    until = message.until;
    for (const [n, own] of all.entries()) {
      const { first, time, price, lots, side } = message;
      const last = own.at(-1);
      if (last !== undefined) expect(first[n]).toBe(last.id + 1);
      for (const [k, ms] of time[n]!.entries()) {
        const [ticks, count, who] = [price[n]![k]!, lots[n]![k]!, side[n]![k]!];
        own.push({ id: first[n]! + k, time: ms, price: ticks, lots: count, side: who });
      }
    }
  }
  return all;
}

async function upTo(next: Next, until: number): Promise<Trades[]> {
  const messages: Trades[] = [];
  do messages.push(await next());
  while (messages.at(-1)!.until < until);
  return messages;
}

function expectRows(server: TestServer, all: Told[][], from: number, next: number): void {
  for (const [n, own] of all.entries()) {
    const column = COLUMNS[n]!;
    expect(foldOf(server.market, own)).toEqual(tradedRows(server.market, column, from, next));
    const first = server.market.tradesBefore(column, from);
    // As text, which compares a hundred times faster.
    expect(String(own.map(({ id }) => id))).toBe(String(own.map((_, k) => first + k)));
  }
}

describe.each(TRANSPORTS)('a stream of trades as %s', (name, follow) => {
  it.each(WORLDS)('of rows of $interval ms folds into these rows, old and new', async (world) => {
    const server = await start(world);
    const first = Math.floor(world.rows / 3);
    const since = server.timeOf(first - 1);
    const next = await follow(server, { since });
    const messages = await upTo(next, server.timeOf(world.rows - 1));
    for (let row = 0; row < 5; row++) {
      server.clock.pass(world.interval);
      const message = await next();
      expect(message).toMatchObject({ until: server.timeOf(world.rows + row), lag: 0 });
      messages.push(message);
    }
    expectRows(server, joined(messages, since), first, world.rows + 5);
  });

  it('goes on at every row, without a gap and without a repeat', async () => {
    const server = await start();
    const begin = WORLDS[1].rows - 400;
    const head = server.timeOf(WORLDS[1].rows - 1);
    const whole = await upTo(await follow(server, { since: server.timeOf(begin - 1) }), head);
    const expected = joined(whole, server.timeOf(begin - 1));
    for (const [n, { until }] of whole.slice(0, 3).entries()) {
      const rest = await upTo(await follow(server, { since: until }), head);
      const parts = [...whole.slice(0, n + 1), ...rest];
      const again = joined(parts, server.timeOf(begin - 1));
      expect(JSON.stringify(again)).toBe(JSON.stringify(expected));
    }
  });

  it('has as many rows to a message as fit 16 KiB, and the same at any time', async () => {
    const server = await start();
    const head = server.timeOf(WORLDS[1].rows - 1);
    const messages = await upTo(await follow(server, { since: ORIGIN }), head);
    expect(messages.length).toBeGreaterThan(5);
    expect(messages.length).toBeLessThan(120);
    if (name === 'bytes') return;
    for (const message of messages) expect(JSON.stringify(message).length).toBeLessThan(16_384);
  });
});

describe('a subscription to trades', () => {
  it('is told of rows without a trade', async () => {
    const server = await start();
    const next = await overText(server, { symbols: ['RARE'], since: 'now' });
    for (let row = 0; row < 3; row++) {
      server.clock.pass(1000);
      const message = await next();
      expect(message.until).toBe(server.timeOf(WORLDS[1].rows + row));
      expect([message.time, message.lots]).toEqual([[[]], [[]]]);
      expect(message.first).toEqual([server.market.tradesBefore(8, WORLDS[1].rows)]);
    }
  });

  it('is the same for all who want the same, under whatever id', async () => {
    const server = await start();
    const sockets = await Promise.all([1, 2, 3].map(() => server.connect()));
    for (const [n, socket] of sockets.entries()) {
      const asked = { type: 'subscribe', id: 10 + n, what: 'trades', symbols: ['M7', 'M0'] };
      await socket.ask({ ...asked, since: 'now' }, 'subscribed');
    }
    server.clock.pass(1000);
    await Promise.all(sockets.map((socket) => socket.next('trades')));
    server.clock.pass(1000);
    const told = await Promise.all(sockets.map((socket) => socket.next('trades')));
    expect(told.map(({ id }) => id)).toEqual([10, 11, 12]);
    expect(new Set(told.map(({ id: _id, ...rest }) => JSON.stringify(rest))).size).toBe(1);
  });

  it('with the latest alone leaves out rows that wait, and says so', async () => {
    const server = await start();
    const socket = await server.connect();
    const asked = { type: 'subscribe', id: 1, what: 'trades', symbols: ['M0'] };
    const since = server.timeOf(WORLDS[1].rows - 101);
    await socket.ask({ ...asked, since, delivery: 'latest' }, 'subscribed');
    const skipped = await socket.next('skipped');
    expect(skipped).toMatchObject({ since, rows: 99 });
    const newest = await socket.next('trades');
    expect(newest).toMatchObject({ since: skipped.until, lag: 0 });
    expect(newest.first).toEqual([server.market.tradesBefore(0, WORLDS[1].rows - 1)]);
  });

  it('is counted in the metrics by trades, not as rows', async () => {
    const server = await start();
    const next = await overText(server, { since: server.timeOf(WORLDS[1].rows - 6) });
    const { time } = await next();
    const { text } = await server.get('/metrics');
    expect(text).toContain(`tickwell_sent_trades_total ${time.flat().length}\n`);
    expect(text).toContain('tickwell_sent_rows_total 0\n');
  });

  it('is refused where a row has too many trades for a message', async () => {
    const server = await start(WORLDS[3], { limits: { ...LIMITS, maxTradesPerAnswer: 5000 } });
    const socket = await server.connect();
    const asked = { type: 'subscribe', id: 1, what: 'trades', symbols: ['M0'], since: 'now' };
    await socket.ask(asked, 'subscribed');
    const many = { ...asked, id: 2, symbols: ['M0', 'M1'] };
    expect(await socket.ask(many, 'error')).toMatchObject({
      code: 'range_too_large',
      limit: 5000,
      message: 'symbols must have at most 5000 trades a row, on average; given: 6000',
    });
  });

  it('of a row has the same trades as GET /v1/trades', async () => {
    const server = await start();
    const anyRow = fc.asyncProperty(fc.nat({ max: WORLDS[1].rows - 40 }), async (row) => {
      const since = server.timeOf(row);
      const next = await overText(server, { symbols: ['M3'], since });
      const { until, first, time, price, lots, side } = await next();
      const { json } = await server.get(`/v1/trades?symbol=M3&since=${since}&until=${until}`);
      expect(json).toMatchObject({ fromId: first[0], time: time[0], price: price[0] });
      expect(json).toMatchObject({ lots: lots[0], side: side[0] });
    });
    await fc.assert(anyRow, { numRuns: 6 });
  });
});
