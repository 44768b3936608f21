import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { defaultHost, type SocketClass } from '../../src/client/host.ts';
import {
  type Books,
  fetchDepth,
  type Level,
  type SubscribeDepthOptions,
  subscribeDepth,
} from '../../src/client/index.ts';
import { bookOf, OF_EACH_MODEL } from '../helpers/books.ts';
import { HttpProxy } from '../helpers/http-proxy.ts';
import { INTERVAL, ORIGIN, startTestServer, type TestServer } from '../helpers/server.ts';

const ROWS = 500;
/** Of the waits of a client, so much is left here: none of them is what is tested. */
const SPEEDUP = 20;
const SYMBOLS = ['WIDE', 'M0'];

let server: TestServer;
let proxy: HttpProxy | undefined;

beforeAll(async () => {
  // The limits of a real server: the client keeps below them by itself.
  server = await startTestServer({ rows: ROWS, limits: {}, spec: OF_EACH_MODEL });
});

afterEach(() => proxy?.close());

afterAll(async () => {
  await server.stop();
  expect(server.failures).toEqual([]);
});

/** Every socket that was opened. */
const opened: WebSocket[] = [];

class KeptSocket extends WebSocket {
  constructor(url: string, protocols: string[]) {
    super(url, protocols);
    opened.push(this);
  }
}

function follow(options: Partial<SubscribeDepthOptions> = {}) {
  const host = defaultHost(KeptSocket as unknown as SocketClass);
  return subscribeDepth({
    ...{ url: server.server.url, symbols: SYMBOLS, levels: 100 },
    host: { ...host, setTimer: (afterMs, run) => host.setTimer(afterMs / SPEEDUP, run) },
    ...options,
  });
}

type Sides = { readonly bids: readonly Level[]; readonly asks: readonly Level[] };
const textOf = ({ bids, asks }: Sides) => JSON.stringify({ bids, asks });

/** The books that a row has, and what was changed of those before comes to them. */
function expectTrue(books: Books, levels: number, before?: Books): void {
  const { symbols, until, changes, snapshot } = books;
  for (const [n, symbol] of symbols.entries()) {
    const column = server.market.columnOf(symbol)!;
    const index = (until - ORIGIN) / INTERVAL;
    const right = textOf(bookOf(server.market, column, index, levels));
    expect(textOf({ bids: books.bids[n]!, asks: books.asks[n]! })).toBe(right);
    const own = { bids: changes.bids[n]!, asks: changes.asks[n]! };
    if (snapshot) expect(textOf(own)).toBe(right);
    else expect(textOf(changed(before!, n, own))).toBe(right);
  }
}

/** The books of a column once these changes were made. */
function changed(before: Books, n: number, changes: Sides): Sides {
  const side = (name: 'bids' | 'asks', step: number) => {
    const all = new Map([...before[name][n]!, ...changes[name]]);
    return [...all].filter(([, lots]) => lots > 0).sort((a, b) => step * (a[0] - b[0]));
  };
  return { bids: side('bids', -1), asks: side('asks', 1) };
}

/** Checks what is given, row by row, and goes on while `next` says so. */
async function readAll(
  subscription: ReturnType<typeof follow>,
  next: (books: Books, given: number) => boolean,
  levels = 100,
): Promise<Books[]> {
  const seen: Books[] = [];
  for await (const books of subscription) {
    const last = seen.at(-1);
    expectTrue(books, levels, last);
    if (last !== undefined) expect(books.since).toBe(last.until);
    seen.push(books);
    if (!next(books, seen.length)) break;
  }
  return seen;
}

describe('books of a real server', () => {
  test.each([
    ['websocket', 'bin'],
    ['websocket', 'json'],
    ['events', 'json'],
  ] as const)('are those of each row, whole and by what changed, by %s as %s', async (...how) => {
    const [transport, format] = how;
    const subscription = follow({ transport, format });
    const seen = await readAll(subscription, (books, given) => {
      expect(books.symbols).toEqual(SYMBOLS);
      if (books.lag === 0) server.clock.pass(INTERVAL);
      return given < 20;
    });
    expect(subscription.transport).toBe(transport);
    expect(seen[0]!.snapshot).toBe(true);
    expect(seen.filter(({ snapshot }) => !snapshot).length).toBeGreaterThan(5);
    expect(subscription.counters).toMatchObject({ gaps: 0, duplicates: 0 });
  });

  test('go on with what they were over connections that break, time and again', async () => {
    const subscription = follow();
    let dice = 1;
    const seen = await readAll(subscription, ({ lag }) => {
      // A generator of Lehmer: the same breaks in every run.
      dice = (dice * 48_271) % 2_147_483_647;
      if (dice % 5 === 0) opened.at(-1)!.terminate();
      if (lag === 0) server.clock.pass(INTERVAL * (1 + (dice % 4 === 0 ? 30 : 0)));
      return subscription.counters.reconnects < 12;
    });
    // Those of a new connection too: what changed meanwhile was enough.
    const whole = seen.filter(({ snapshot }) => snapshot).length;
    expect(whole).toBeLessThan(seen.length - 12);
    expect(seen.some(({ since, until }) => until - since > INTERVAL)).toBe(true);
    expect(subscription.counters).toMatchObject({ gaps: 0, duplicates: 0 });
  });

  test('begin anew, if the first connection breaks before there were any', async () => {
    const subscription = follow();
    const first = opened.length;
    let isBroken = false;
    const watch = setInterval(() => {
      const socket = opened[first];
      if (isBroken || socket === undefined) return;
      isBroken = true;
      socket.terminate();
      server.clock.pass(INTERVAL * 40);
    });
    const [books] = await readAll(subscription, () => false);
    clearInterval(watch);
    expect(books!.snapshot).toBe(true);
  });

  test('of other symbols begin anew', async () => {
    const subscription = follow({ levels: 5 });
    const seen: Books[] = [];
    for await (const books of subscription) {
      expectTrue(books, 5, seen.at(-1));
      seen.push(books);
      if (seen.length === 3) subscription.select(['M1']);
      if (books.symbols[0] === 'M1') break;
      server.clock.pass(INTERVAL);
    }
    expect(seen.at(-1)).toMatchObject({ symbols: ['M1'], snapshot: true });
    expect(subscription.counters).toMatchObject({ gaps: 0, duplicates: 0 });
  });

  test('leave out rows for who is too slow, and say so', async () => {
    const subscription = follow({ maxQueuedBytes: 100_000 });
    const reader = subscription[Symbol.asyncIterator]();
    let last = (await reader.next()).value!;
    const pauses = () => {
      server.clock.pass(INTERVAL);
      return subscription.counters.pauses;
    };
    await expect.poll(pauses).toBeGreaterThan(0);
    server.clock.pass(100 * INTERVAL);
    const headMs = server.clock.nowMs();
    let leftOut = 0;
    while (last.until < headMs) {
      const books = (await reader.next()).value!;
      expectTrue(books, 100, last);
      expect(books.since).toBe(last.until);
      const rows = (books.until - books.since) / INTERVAL;
      if (rows > 1) expect(books.snapshot).toBe(true);
      leftOut += rows - 1;
      last = books;
    }
    subscription.close();
    expect(leftOut).toBeGreaterThanOrEqual(90);
  });

  test('by events that a proxy breaks off go on with what they were', async () => {
    proxy = await HttpProxy.before(server.server.url);
    proxy.upgrades = 'refuse';
    proxy.mostEventBytes = 20_000;
    const subscription = follow({ url: proxy.url, levels: 20 });
    await readAll(
      subscription,
      ({ lag }) => {
        if (lag === 0) server.clock.pass(INTERVAL);
        return subscription.counters.reconnects < 3;
      },
      20,
    );
    expect(subscription.transport).toBe('events');
    expect(subscription.counters).toMatchObject({ gaps: 0, duplicates: 0 });
  });

  test.each([
    [{ levels: 0 }, 'bad_request'],
    [{ levels: 101 }, 'bad_request'],
    [{ levels: 1.5 }, 'bad_request'],
    [{ symbols: ['nothing'] }, 'unknown_symbol'],
    [{ market: 'another' }, 'market_changed'],
  ])('%j is thrown as %s', async (options, code) => {
    const reader = follow(options)[Symbol.asyncIterator]();
    await expect(reader.next()).rejects.toMatchObject({ code, retry: false });
  });

  test('an option that there is not is refused, since among them', () => {
    const { url } = server.server;
    for (const wrong of [{ since: 'now' }, { level: 5 }, { fields: [] }]) {
      const options = { url, symbols: '*', ...wrong } as SubscribeDepthOptions;
      expect(() => subscribeDepth(options)).toThrow(/unknown|option/);
    }
  });
});

describe('fetchDepth', () => {
  test('asks for the book of a row, or of the newest', async () => {
    const { url } = server.server;
    const at = ORIGIN + 100 * INTERVAL;
    const column = server.market.columnOf('WIDE')!;
    const answer = await fetchDepth({ url, symbol: 'WIDE', at, levels: 7 });
    expect(answer).toMatchObject({ market: server.market.id, symbol: 'WIDE', time: at });
    expect(textOf(answer)).toBe(textOf(bookOf(server.market, column, 100, 7)));
    const { time, bids } = await fetchDepth({ url, symbol: 'WIDE' });
    expect(time).toBeGreaterThan(at);
    expect(bids).toHaveLength(20);
    const early = fetchDepth({ url, symbol: 'WIDE', at: 0 });
    await expect(early).rejects.toMatchObject({ code: 'before_start' });
    const wrong = { url, symbol: 'WIDE', level: 5 } as Parameters<typeof fetchDepth>[0];
    await expect(fetchDepth(wrong)).rejects.toMatchObject({ code: 'bad_request' });
  });
});
