import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { parseDepth } from '../../src/wire/binary-depth.ts';
import {
  BookKeeper,
  bookOf,
  booksIn,
  brokenRules,
  type Levels,
  OF_EACH_MODEL,
  type ToldBooks,
} from '../helpers/books.ts';
import { EventReader } from '../helpers/events.ts';
import { startTestServer, type TestServer } from '../helpers/server.ts';
import type { Message } from '../helpers/socket.ts';

/** Books of a subscription: what comes, by every transport, and where it goes on. */

const INTERVAL = 10;
/** A Friday in New York, just before its market closes. */
const ROWS = 3600;
const ORIGIN = Date.UTC(2026, 0, 9, 21) - (ROWS + 60) * INTERVAL;
const SPEC = { ...OF_EACH_MODEL, origin: ORIGIN, interval: INTERVAL, capacity: 5000 };
const ALL = SPEC.instruments.map(({ symbol }) => symbol);
const WIDE = ALL.indexOf('WIDE');

const running: TestServer[] = [];

afterEach(async () => {
  for (const server of running.splice(0)) {
    await server.stop();
    expect(server.failures).toEqual([]);
  }
});

async function start(rows = ROWS, more: object = {}): Promise<TestServer> {
  const server = await startTestServer({ rows, spec: SPEC, ...more });
  running.push(server);
  return server;
}

/** The next message of books, as all transports say it. */
type Next = () => Promise<ToldBooks>;
type Asked = Record<string, unknown>;

const told = ({ since, until, lag, snapshot, bids, asks }: Message): ToldBooks => {
  return { since, until, lag, snapshot, bids, asks };
};

const urlOf = ({ server }: TestServer) => `${server.url.replace('http', 'ws')}/v1/stream`;

async function overText(server: TestServer, asked: Asked): Promise<Next> {
  const socket = await server.connect();
  const { what, levels } = await socket.ask(
    { type: 'subscribe', what: 'depth', id: 7, ...asked },
    'subscribed',
  );
  expect([what, levels]).toEqual(['depth', asked.levels ?? 20]);
  return async () => told(await socket.next('depth'));
}

async function overBytes(server: TestServer, asked: Asked): Promise<Next> {
  const socket = new WebSocket(urlOf(server), 'tickwell.v1.bin');
  const frames: Uint8Array[] = [];
  let wake = () => {};
  let begun = () => {};
  socket.on('message', (data: Buffer, isBinary) => {
    if (isBinary) frames.push(Uint8Array.from(data));
    else if (String(data).includes('"subscribed"')) begun();
    wake();
  });
  await new Promise((opened) => socket.once('open', opened));
  const subscribed = new Promise<void>((done) => {
    begun = done;
  });
  socket.send(JSON.stringify({ type: 'subscribe', what: 'depth', id: 7, ...asked }));
  await subscribed;
  return async () => {
    while (frames.length === 0) {
      await new Promise<void>((woken) => {
        wake = woken;
      });
    }
    const books = parseDepth(frames.shift()!)!;
    expect(books.id).toBe(7);
    return booksIn(books);
  };
}

async function overEvents(server: TestServer, asked: Asked): Promise<Next> {
  const said = Object.entries({ what: 'depth', ...asked });
  const query = new URLSearchParams(said.map(([name, value]) => [name, String(value)]));
  const { body } = await fetch(`${server.server.url}/v1/events?${query}`);
  const events = new EventReader(body!);
  const { data, id } = await events.expect('subscribed');
  expect([data.what, data.levels]).toEqual(['depth', asked.levels ?? 20]);
  // Who came back with an id would be told changes of a book that it has not.
  expect(id === undefined).toBe(asked.since === 'now');
  return async () => {
    const { id, data: books } = await events.expect('depth');
    expect(id).toBe(`${server.market.id}.${books.until}`);
    return told(books);
  };
}

const TRANSPORTS = [
  ['JSON', overText],
  ['bytes', overBytes],
  ['events', overEvents],
] as const;

function pass(server: TestServer): void {
  server.clock.pass(INTERVAL);
}

/** The book of `GET /v1/depth`, as text. */
async function answered(server: TestServer, symbol: string, at: number, levels: number) {
  const path = `/v1/depth?symbol=${symbol}&at=${at}&levels=${levels}`;
  const { bids, asks } = (await server.get(path)).json;
  return JSON.stringify({ bids, asks });
}

const textOf = ({ bids, asks }: Levels) => JSON.stringify({ bids, asks });

describe.each(TRANSPORTS)('books as %s', (_, subscribe) => {
  it('are whole first, then what changes, and are those of /v1/depth at each row', async () => {
    const server = await start();
    for (const [symbols, levels] of [
      [ALL, 20],
      [['WIDE'], 100],
      [['M0', 'SHUT'], 1],
    ] as const) {
      const next = await subscribe(server, { symbols, levels, since: 'now' });
      const keeper = new BookKeeper();
      const kinds = new Set<boolean>();
      for (let row = 0; row < 6; row++) {
        if (row > 0) pass(server);
        const message = await next();
        kinds.add(message.snapshot);
        if (row === 0) expect(message.since).toBe(message.until);
        else expect(message.until - message.since).toBe(INTERVAL);
        expect(message.lag).toBe(0);
        const books = keeper.take(message);
        const { json } = await server.get(
          `/v1/rows?symbols=${symbols.join()}&fields=bid,ask&last=1`,
        );
        expect(json.until).toBe(message.until);
        for (const [n, symbol] of symbols.entries()) {
          const right = await answered(server, symbol, message.until, levels);
          expect(textOf(books[n]!)).toBe(right);
          expect(brokenRules(books[n]!, json.bid[n][0], json.ask[n][0])).toEqual([]);
        }
      }
      expect(kinds.has(true)).toBe(true);
      if (levels === 100) expect(kinds.has(false)).toBe(true);
    }
  });

  it('stand still while a market is closed: rows come, and change nothing', async () => {
    const server = await start(ROWS + 300);
    const next = await subscribe(server, { symbols: ['SHUT'], since: 'now' });
    const keeper = new BookKeeper();
    const [first] = keeper.take(await next());
    for (let row = 0; row < 3; row++) {
      pass(server);
      const message = await next();
      expect([message.snapshot, message.bids, message.asks]).toEqual([false, [[]], [[]]]);
      expect(textOf(keeper.take(message)[0]!)).toBe(textOf(first!));
    }
  });

  it('go on from any row that a reader has, by what changed', async () => {
    const server = await start();
    const index = ROWS - 2;
    const since = ORIGIN + index * INTERVAL;
    const next = await subscribe(server, { symbols: ['WIDE'], levels: 100, since });
    const keeper = new BookKeeper([bookOf(server.market, WIDE, index, 100)], since);
    const message = await next();
    expect([message.since, message.until, message.lag]).toEqual([since, since + INTERVAL, 0]);
    expect(message.snapshot).toBe(false);
    const [book] = keeper.take(message);
    expect(textOf(book!)).toBe(textOf(bookOf(server.market, WIDE, ROWS - 1, 100)));
  });

  it('are whole again, and leave out rows, for who is behind by more than that', async () => {
    const server = await start();
    for (const behind of [20, 3000]) {
      const head = ORIGIN + (server.server.feed.head - 1) * INTERVAL;
      const since = head - behind * INTERVAL;
      const next = await subscribe(server, { symbols: ['M0', 'WIDE'], levels: 20, since });
      const { bids, asks, ...message } = await next();
      expect(message).toEqual({ since, until: head, lag: 0, snapshot: true });
      expect(textOf({ bids: bids[1]!, asks: asks[1]! })).toBe(
        await answered(server, 'WIDE', head, 20),
      );
    }
  });

  it('begin with the first row of a market that has none', async () => {
    const server = await start(0);
    const before = ORIGIN - INTERVAL;
    for (const since of ['now', before]) {
      const symbols = ['M0', 'SHUT'];
      const next = await subscribe(server, { symbols, levels: 5, since });
      if (since === 'now') pass(server);
      const message = await next();
      expect([message.since, message.until]).toEqual([before, ORIGIN]);
      // Before the first row all books are empty.
      const keeper = new BookKeeper(
        symbols.map(() => ({ bids: [], asks: [] })),
        before,
      );
      const books = keeper.take(message);
      for (const [n, symbol] of symbols.entries()) {
        expect(textOf(books[n]!)).toBe(await answered(server, symbol, ORIGIN, 5));
      }
    }
  });
});

describe('books', () => {
  it('are made once for all who want the same, and each connection has its own', async () => {
    const server = await start();
    const asked = { symbols: ['WIDE', 'M0'], levels: 20, since: 'now' };
    const readers = await Promise.all(
      [0, 1, 2].flatMap(() => TRANSPORTS.map(([, subscribe]) => subscribe(server, asked))),
    );
    const first = await Promise.all(readers.map((next) => next()));
    expect(new Set(first.map((message) => JSON.stringify(message))).size).toBe(1);
    for (let row = 0; row < 3; row++) {
      pass(server);
      const messages = await Promise.all(readers.map((next) => next()));
      expect(new Set(messages.map((message) => JSON.stringify(message))).size).toBe(1);
    }
  });

  it('end with their subscription, which says how far it came', async () => {
    const server = await start();
    const socket = await server.connect();
    const asked = { type: 'subscribe', what: 'depth', id: 3, symbols: ['M0'], since: 'now' };
    const { since } = await socket.ask(asked, 'subscribed');
    await socket.next('depth');
    const { until } = await socket.ask({ type: 'unsubscribe', id: 3 }, 'unsubscribed');
    expect(until).toBe(since);
  });

  it('are told to be complete by heartbeats while no row comes', async () => {
    const server = await start();
    const socket = await server.connect();
    const asked = { type: 'subscribe', what: 'depth', id: 3, symbols: ['M0'], since: 'now' };
    const { since } = await socket.ask(asked, 'subscribed');
    await socket.next('depth');
    server.clock.passSteadily(15_000);
    expect((await socket.next('heartbeat')).subscriptions).toEqual({ 3: since });
  });

  it('count as rows that were sent, and those that were left out as skipped', async () => {
    const server = await start();
    const metric = async (name: string) => {
      const { text } = await server.get('/metrics');
      return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]);
    };
    const since = ORIGIN + (ROWS - 1 - 500) * INTERVAL;
    const next = await overText(server, { symbols: ['M0'], since });
    await next();
    expect(await metric('tickwell_skipped_rows_total')).toBe(499);
    expect(await metric('tickwell_sent_rows_total')).toBe(1);
  });
});
