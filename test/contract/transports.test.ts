import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { subscribe } from '../../src/client/index.ts';
import { parseRows } from '../../src/wire/binary.ts';
import { bodyOf, READERS } from '../helpers/bodies.ts';
import { EventReader } from '../helpers/events.ts';
import { pricesOf } from '../helpers/market.ts';
import { startTestServer, type TestServer } from '../helpers/server.ts';

/** One contract, and every way to get rows: whatever the way, the same rows. */

const ROWS = 40_000;
const CAPACITY = 1000;
const COLUMNS = [2, 0];
const SYMBOLS = COLUMNS.map((column) => `ticker_${column}`);

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({
    rows: ROWS,
    spec: { dtype: 'int32', capacity: CAPACITY, defaults: { model: 'gbm' } },
  });
});

afterAll(async () => {
  await server.stop();
  expect(server.failures).toEqual([]);
});

/** Part of a stream: `prices[column][row]`, the rows after `since`. */
interface Piece {
  readonly since: number;
  readonly until: number;
  readonly prices: readonly ArrayLike<number>[];
}

type Way = (since: number) => AsyncGenerator<Piece, void, void>;

const streamUrl = () => `${server.server.url.replace('http', 'ws')}/v1/stream`;

/** Messages of a socket, text parsed and bytes as they are, until it is left. */
async function* messagesOf(socket: WebSocket) {
  const waiting: unknown[] = [];
  let wake = () => {};
  socket.on('message', (data: Buffer, isBinary) => {
    waiting.push(isBinary ? parseRows(data) : JSON.parse(String(data)));
    wake();
  });
  try {
    for (;;) {
      while (waiting.length > 0) yield waiting.shift() as never;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    socket.terminate();
  }
}

function overSocket(protocol: string): Way {
  return async function* (since) {
    const socket = new WebSocket(streamUrl(), protocol);
    for await (const message of messagesOf(socket) as AsyncIterable<{ type?: string } & Piece>) {
      if (message.type === 'hello') {
        socket.send(JSON.stringify({ type: 'subscribe', id: 1, symbols: SYMBOLS, since }));
      } else if (message.prices !== undefined) yield message;
    }
  };
}

/** Asks, and asks again after what came. */
function overFetch(protocol: string): Way {
  return async function* (since) {
    const socket = new WebSocket(streamUrl(), protocol);
    const ask = (from: number) =>
      socket.send(JSON.stringify({ type: 'fetch', id: 1, symbols: SYMBOLS, since: from }));
    for await (const message of messagesOf(socket) as AsyncIterable<{ type?: string } & Piece>) {
      if (message.type === 'hello') ask(since);
      else if (message.prices !== undefined) {
        yield message;
        ask(message.until);
      }
    }
  };
}

async function* overEvents(since: number): AsyncGenerator<Piece, void, void> {
  const url = `${server.server.url}/v1/events?symbols=${SYMBOLS}&since=${since}`;
  const events = new EventReader((await fetch(url)).body!);
  try {
    for (;;) {
      const event = await events.next();
      if (event?.name === 'message') yield event.data;
    }
  } finally {
    await events.close();
  }
}

function overHttp(format: keyof typeof READERS): Way {
  return async function* (since) {
    for (let from = since; ; ) {
      const path = `/v1/rows?symbols=${SYMBOLS}&since=${from}&limit=700&format=${format}`;
      const body = await bodyOf(server, path);
      const { time, columns } = READERS[format](body);
      const until = time.at(-1) ?? from;
      // A format without an envelope has it in headers.
      if (format !== 'json' && format !== 'bin') {
        expect(Number(body.headers.get('tickwell-until'))).toBe(until);
      }
      yield { since: from, until, prices: columns };
      from = until;
    }
  };
}

function overClient(format: 'json' | 'bin'): Way {
  return async function* (since) {
    yield* subscribe({
      url: server.server.url,
      symbols: SYMBOLS,
      since,
      format,
      WebSocket: WebSocket as never,
    });
  };
}

const WAYS: Readonly<Record<string, Way>> = {
  'subscribe, JSON': overSocket('tickwell.v1.json'),
  'subscribe, binary': overSocket('tickwell.v1.bin'),
  'fetch, JSON': overFetch('tickwell.v1.json'),
  'fetch, binary': overFetch('tickwell.v1.bin'),
  events: overEvents,
  'HTTP, json': overHttp('json'),
  'HTTP, csv': overHttp('csv'),
  'HTTP, ndjson': overHttp('ndjson'),
  'HTTP, arrow': overHttp('arrow'),
  'HTTP, bin': overHttp('bin'),
  'tickwell/client, json': overClient('json'),
  'tickwell/client, bin': overClient('bin'),
};

/** Reads the rows `[from, next)`, and checks that each piece begins where the last one ended. */
async function read(way: Way, from: number, next: number): Promise<number[][]> {
  const prices = COLUMNS.map((): number[] => []);
  let until = server.timeOf(from - 1);
  for await (const piece of way(until)) {
    expect(piece.since).toBe(until);
    piece.prices.forEach((column, n) => {
      for (let row = 0; row < column.length; row++) prices[n]!.push(column[row]!);
    });
    until = piece.until;
    expect(prices[0]).toHaveLength((until - server.timeOf(from - 1)) / 10);
    if (until >= server.timeOf(next - 1)) break;
  }
  return prices;
}

describe.each(Object.entries(WAYS))('rows over %s', (_name, way) => {
  it.each([
    ['in the ring', ROWS - 900],
    ['from before the tail', ROWS - CAPACITY - 700],
    ['over the end of a block', 2 ** 15 - 300],
    ['from the first one', 0],
  ])('%s are those of the market, each once and in order', async (_where, from) => {
    const next = Math.min(ROWS, from + 3000);
    const prices = await read(way, from, next);
    const count = prices[0]!.length;
    expect(count).toBeGreaterThanOrEqual(next - from);
    expect(prices).toEqual(
      COLUMNS.map((column) => pricesOf(server.market, column, from, from + count)),
    );
  });
});
