import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Entry } from '../../src/core/market/entries/entry.ts';
import { parseRows } from '../../src/wire/binary.ts';
import { parseCandles } from '../../src/wire/binary-candles.ts';
import { parseDepth } from '../../src/wire/binary-depth.ts';
import { parseTrades } from '../../src/wire/binary-trades.ts';
import { EventReader } from '../helpers/events.ts';
import { startTestServer, type TestServer } from '../helpers/server.ts';
import type { Message } from '../helpers/socket.ts';

const ROWS = 400;

const crash = (index: number): Entry => ({
  key: `crash at ${index}`,
  index,
  effects: [{ kind: 'shift', of: { all: true }, afterMs: 0, percent: -5 }],
});

let server: TestServer;
const endings: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of endings.splice(0)) await end();
  await server.stop();
  expect(server.failures).toEqual([]);
});

/** What a stream says, in whatever encoding: rows and the like are all called `frame`. */
interface Said {
  readonly type: string;
  readonly since: number;
  readonly until?: number;
  readonly market?: string;
  /** The id of an event. */
  readonly mark?: string | undefined;
}

type Reader = () => Promise<Said>;
type Open = (asked: Record<string, unknown>) => Promise<Reader>;

const FRAMES = ['rows', 'candles', 'trades', 'depth', 'message'];
const isFrame = (type: string) => FRAMES.includes(type);

function overWebSocket(protocol: string): Open {
  return async (asked) => {
    const socket = new WebSocket(`${server.server.url.replace('http', 'ws')}/v1/stream`, protocol);
    endings.push(() => socket.terminate());
    const heard: Said[] = [];
    let wake = () => {};
    socket.on('message', (data: Buffer, isBinary) => {
      const message: Message = isBinary ? parsed(data) : JSON.parse(String(data));
      heard.push({ ...message, type: isFrame(message.type) ? 'frame' : message.type });
      wake();
    });
    await new Promise((opened) => socket.once('open', opened));
    socket.send(JSON.stringify({ type: 'subscribe', id: 1, symbols: '*', ...asked }));
    return async () => {
      while (heard.length === 0) {
        await new Promise<void>((woken) => {
          wake = woken;
        });
      }
      return heard.shift()!;
    };
  };
}

function parsed(bytes: Uint8Array): Message {
  const frame = parseRows(bytes) ?? parseCandles(bytes) ?? parseTrades(bytes) ?? parseDepth(bytes);
  return { type: 'rows', since: frame!.since, until: frame!.until };
}

const overEvents: Open = async (asked) => {
  const said = Object.entries(asked).map(([name, value]) => [name, String(value)]);
  const { body } = await fetch(`${server.server.url}/v1/events?${new URLSearchParams(said)}`);
  const events = new EventReader(body!);
  endings.push(() => events.close());
  return async () => {
    const event = (await events.next())!;
    const type = isFrame(event.name) ? 'frame' : event.name;
    return { ...event.data, type, mark: event.id };
  };
};

const TRANSPORTS: readonly (readonly [name: string, open: Open])[] = [
  ['JSON', overWebSocket('tickwell.v1.json')],
  ['bytes', overWebSocket('tickwell.v1.bin')],
  ['events', overEvents],
];

const ASKED: readonly (readonly [name: string, asked: Record<string, unknown>])[] = [
  ['rows', {}],
  ['rows with quotes', { fields: 'last,bid' }],
  ['the latest rows', { delivery: 'latest' }],
  ['candles', { resolution: '50ms' }],
  ['candles with sums', { resolution: '70ms', fields: 'volume' }],
  ['candles now and then', { resolution: '200ms', every: 40 }],
  ['trades', { what: 'trades' }],
  ['the latest trades', { what: 'trades', delivery: 'latest' }],
  ['books', { what: 'depth' }],
];

const CASES = TRANSPORTS.flatMap(([how, open]) =>
  ASKED.map(([what, asked]) => [what, how, asked, open] as const),
);

/** Takes what a stream says up to the row before `next`, and looks whether its ids are right. */
class Follower {
  readonly #read: Reader;
  readonly #isWhole: boolean;
  known = '';
  at = -1;
  ids = 0;

  constructor(read: Reader, isWhole: boolean) {
    this.#read = read;
    this.#isWhole = isWhole;
  }

  async to(next: number): Promise<void> {
    while (this.at < next) this.#hear(await this.#read());
  }

  #hear({ type, since, until = since, market, mark }: Said): void {
    const { timeline } = server.server.feed;
    const { originMs, intervalMs } = server.market.grid;
    if (type === 'hello' || type === 'heartbeat') return;
    const [from, next] = [since, until].map((ms) => (ms - originMs) / intervalMs + 1) as [
      number,
      number,
    ];
    if (type === 'subscribed') {
      this.at = from;
      this.known = market!;
    } else if (type === 'market') {
      expect(market).not.toBe(this.known);
      this.known = market!;
      this.ids += 1;
    }
    expect(from).toBe(this.at);
    this.at = next;
    // Whoever is cut off now goes on from here.
    expect(timeline.endOf(this.known)).toBeGreaterThanOrEqual(next);
    if (type === 'frame' && next > from) {
      expect(this.known).toBe(timeline.idAt(next - 1));
      if (this.#isWhole) expect(timeline.idAt(from)).toBe(this.known);
    }
    if (mark === undefined) return;
    const [id, time] = mark.split('.');
    expect(Number(time)).toBe(until);
    expect(timeline.endOf(id!)).toBeGreaterThanOrEqual(next);
    if (type === 'frame') expect(id).toBe(timeline.idAt(Math.max(0, next - 1)));
  }
}

const listed = (asked: Record<string, unknown>, how: string) =>
  how === 'events' || asked.fields === undefined
    ? asked
    : { ...asked, fields: String(asked.fields).split(',') };

describe('a stream', () => {
  it.each(CASES)('of %s in %s says a new id before the first row of it', async (...of) => {
    const [what, how, asked, open] = of;
    server = await startTestServer({ rows: 1 });
    const { feed } = server.server;
    const pass = (rows: number) => server.clock.pass(rows * server.market.grid.intervalMs);
    // Some are over when it begins, two of them at one row.
    for (const index of [100, 173, 173, 390]) feed.add(crash(index));
    pass(ROWS - 1);
    while (feed.head < ROWS) await new Promise(setImmediate);
    const since = server.timeOf(49);
    const read = await open({ ...listed(asked, how), since });
    const isWhole = what !== 'books' && !what.startsWith('candles');
    const follower = new Follower(read, isWhole);
    await follower.to(ROWS - 20);
    expect(follower.known).not.toBe(feed.market.id);
    // And some come while it is live: at the next row, one later, at once with many rows.
    for (const [later, rows] of [
      [0, 1],
      [1, 1],
      [0, 3],
      [2, 30],
      [5, 60],
      [0, 1],
    ] as const) {
      feed.add(crash(feed.head + later));
      pass(rows);
      // What comes now and then ends with the last row that is told.
      await follower.to(feed.head + rows - 20);
    }
    pass(40);
    await follower.to(feed.head + 20);
    expect(follower.known).toBe(feed.timeline.id);
    expect(follower.ids).toBeGreaterThanOrEqual(4);
  });
});
