import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { eventually } from '../helpers/eventually.ts';
import { deciderOf, rowsThatCome } from '../helpers/faults.ts';
import { expectError } from '../helpers/sentence.ts';
import { INTERVAL, startTestServer, type TestServer } from '../helpers/server.ts';
import { type Message, TestSocket } from '../helpers/socket.ts';

let server: TestServer;
let sockets: TestSocket[] = [];

beforeAll(async () => {
  server = await startTestServer({ faults: { profiles: { mine: 'drop@50%' } } });
});

afterEach(async () => {
  await Promise.all(sockets.map((socket) => socket.close()));
  sockets = [];
});

afterAll(async () => {
  await server.stop();
  expect(server.failures).toEqual([]);
});

const wsUrl = (path: string) => server.server.url.replace('http', 'ws') + path;

function open(path: string): TestSocket {
  const socket = new TestSocket(wsUrl(path));
  sockets.push(socket);
  return socket;
}

/** A reader that has everything up to now, and gives from which row on it will be told. */
async function follow(path: string, asked: object = {}) {
  const socket = open(path);
  const hello = await socket.next('hello');
  const subscribe = { type: 'subscribe', id: 1, symbols: '*', since: 'now', ...asked };
  const { since } = await socket.ask(subscribe, 'subscribed');
  return { socket, hello, from: indexAfter(since) };
}

const indexAfter = (sinceMs: number) =>
  (sinceMs - server.market.grid.originMs) / server.market.grid.intervalMs + 1;

/** The index of the row that a message tells of. */
const rowOf = ({ until }: Message) => indexAfter(until) - 1;

/** Lets `count` rows come; gives the row after them. */
async function pass(count: number): Promise<number> {
  server.clock.pass(count * INTERVAL);
  const next = indexAfter(server.clock.nowMs());
  await eventually(() => expect(server.server.feed.head).toBe(next));
  return next;
}

async function take(socket: TestSocket, count: number): Promise<Message[]> {
  const messages: Message[] = [];
  while (messages.length < count) messages.push(await socket.next('rows'));
  return messages;
}

const PATHS = [
  ['a prefix', (profile: string) => `/faulty/${encodeURIComponent(profile)}:7/v1/stream`],
  [
    'a parameter',
    (profile: string) => `/v1/stream?faults=${encodeURIComponent(profile)}&faultSeed=7`,
  ],
] as const;

describe('rows on a faulty stream', () => {
  it.each(PATHS)(
    'are dropped, come twice and after the next one, as decided, by %s',
    async (_, path) => {
      const profile = 'drop@10%,duplicate@10%,reorder@20%';
      const { socket, hello, from } = await follow(path(profile));
      expect(hello.faults).toEqual({ profile, seed: 7 });
      const next = await pass(300);
      const expected = rowsThatCome(deciderOf(server.market, profile, 7), from, next);
      expect(new Set(expected).size).toBeGreaterThan(200);
      expect(new Set(expected).size).toBeLessThan(300);
      const messages = await take(socket, expected.length);
      expect(messages.map(rowOf)).toEqual(expected);
      // Each tells of one row, and is what a healthy reader gets.
      for (const { since, until } of messages) expect(until - since).toBe(INTERVAL);
    },
  );

  it('are as they are for a healthy reader beside it', async () => {
    const healthy = await follow('/v1/stream');
    await follow('/faulty/drop@50%25,duplicate@50%25/v1/stream');
    expect(healthy.hello).not.toHaveProperty('faults');
    const next = await pass(50);
    let row = healthy.from;
    while (row < next) {
      const message = await healthy.socket.next('rows');
      expect(indexAfter(message.since)).toBe(row);
      row = indexAfter(message.until);
    }
    expect(row).toBe(next);
  });

  it('that were there before it came are told as they are: who missed one gets it so', async () => {
    const { socket, from } = await follow('/faulty/drop@100%25/v1/stream');
    const next = await pass(20);
    const since = server.timeOf(from - 1);
    await socket.ask({ type: 'ping', id: 5 }, 'pong');
    await socket.ask({ type: 'subscribe', id: 2, symbols: '*', since }, 'subscribed');
    const messages = await take(socket, next - from);
    expect(messages.map(rowOf)).toEqual(Array.from({ length: 20 }, (_, n) => from + n));
    expect(messages.every(({ id }) => id === 2)).toBe(true);
  });

  it('come later, and the others with them', async () => {
    const { socket, from } = await follow('/faulty/delay:500ms@100ms/v1/stream');
    const { grid } = server.market;
    // The first row at or after a multiple of the period is late, and holds up those behind it.
    const next = await pass(15);
    const late = Array.from({ length: 15 }, (_, n) => from + n).find(
      (index) => (grid.originMs + index * grid.intervalMs) % 100 === 0,
    )!;
    const early = await take(socket, late - from);
    expect(early.map(rowOf)).toEqual(early.map((_, n) => from + n));
    const pending = socket.next('rows');
    server.clock.passSteadily(500);
    const rest = [await pending, ...(await take(socket, next - late - 1))];
    expect(rest.map(rowOf)).toEqual(rest.map((_, n) => late + n));
  });
});

describe('a connection with faults', () => {
  it('is reset at a row, before the row is told', async () => {
    const { socket, from } = await follow('/faulty/cut@100ms/v1/stream');
    const { grid } = server.market;
    await pass(20);
    const struck = Array.from({ length: 20 }, (_, n) => from + n).find(
      (index) => (grid.originMs + index * grid.intervalMs) % 100 === 0,
    )!;
    const rows: number[] = [];
    try {
      for (;;) rows.push(rowOf(await socket.next('rows')));
    } catch {
      expect((await socket.closed).code).toBe(1006);
    }
    // A reset may take with it what has not been read yet.
    expect(rows).toEqual(rows.map((_, n) => from + n));
    expect(rows.length).toBeLessThanOrEqual(struck - from);
  });

  it('comes back for the rows that it missed, and gets them', async () => {
    const path = '/faulty/cut@100ms/v1/stream';
    const { socket, from } = await follow(path);
    const next = await pass(30);
    await socket.closed;
    const again = await follow(path, { since: server.timeOf(from - 1) });
    expect(again.from).toBe(from);
    const messages = await take(again.socket, next - from);
    expect(messages.map(rowOf)).toEqual(messages.map((_, n) => from + n));
  });

  it('is closed with a code', async () => {
    const { socket } = await follow('/faulty/close:4321@100ms/v1/stream');
    await pass(20);
    expect(await socket.closed).toEqual({ code: 4321, reason: '' });
  });
});

describe('what is asked of faults', () => {
  it('is said in a header of the upgrade, in its canonical form', async () => {
    const said = await new Promise((resolve) => {
      const socket = new WebSocket(wsUrl('/faulty/drop:1%25:9/v1/stream'));
      socket.on('upgrade', ({ headers }) => resolve(headers['tickwell-faults']));
      socket.on('open', () => socket.terminate());
    });
    expect(said).toBe('drop@1%;seed=9');
  });

  it('may be a name, of ours or of a file; the seed is 1 if none is said', async () => {
    const mine = await open('/faulty/mine/v1/stream').next('hello');
    expect(mine.faults).toEqual({ profile: 'drop@50%', seed: 1 });
    const ours = await open('/v1/stream?faults=maintenance&faultSeed=3').next('hello');
    expect(ours.faults.profile).toContain('close:1012');
    expect(ours.faults.seed).toBe(3);
  });

  it('goes by the parameter, then by the prefix', async () => {
    const { faults } = await open('/faulty/drop@1%25:5/v1/stream?faults=cut@1h').next('hello');
    expect(faults).toEqual({ profile: 'cut@1h', seed: 5 });
    const off = await open('/faulty/drop@1%25:5/v1/stream?faults=off').next('hello');
    expect(off).not.toHaveProperty('faults');
    const seeded = await open('/faulty/drop@1%25:5/v1/stream?faultSeed=6').next('hello');
    expect(seeded.faults).toEqual({ profile: 'drop@1%', seed: 6 });
  });

  it.each([
    ['/v1/market?faults=dorp@1%25', 'drop'],
    ['/faulty/dorp@1%25/v1/market', 'drop'],
    ['/faulty/drop@1%25:x/v1/market', 'x'],
    ['/v1/market?faultSeed=7', 'faultSeed must come with faults; given: 7'],
    ['/v1/market?faults=drop@1%25&faultSeed=-7', 'faultSeed must be a whole number from 0 to'],
    ['/v1/market?faults=drop@1%25&faults=drop@2%25', 'faults must be given once'],
    ['/faulty/%ff/v1/market', 'must be percent-encoded'],
    ['/faulty//v1/market', 'faults must be a profile, or off for none; given: '],
    ['/faulty/%20/v1/market', 'faults must be a profile, or off for none; given: '],
    ['/v1/market?faults=', 'faults must be a profile, or off for none; given: '],
    ['/faulty/off/v1/markets', 'no such path'],
  ])('is refused by name if it is wrong: %s', async (path, sentence) => {
    const answer = await server.get(path);
    expect(answer.json.error.message).toContain(sentence);
    expect(answer.status).toBe(sentence === 'no such path' ? 404 : 400);
  });

  it('is led to the page of a profile that has no slash behind it', async () => {
    const led = (path: string) => fetch(`${server.server.url}${path}`, { redirect: 'manual' });
    const answer = await led('/faulty/drop@1%25:7?faultSeed=8');
    expect(answer.status).toBe(302);
    expect(answer.headers.get('location')).toBe('./drop@1%25:7/?faultSeed=8');
    expect((await fetch(`${server.server.url}/faulty/drop@1%25:7`)).url).toMatch(
      /\/drop@1%25:7\/$/,
    );
    expect((await led('/faulty/dorp@1%25')).status).toBe(400);
    expect((await led('/faulty/drop@1%25/')).status).not.toBe(302);
  });

  it('is refused in the shape of the protocol whose path it is', async () => {
    const answer = await server.get('/faulty/dorp@1%25/api/v3/time');
    expect(answer.status).toBe(400);
    expect(answer.json.msg).toContain('dorp');
  });

  it('leaves a path and its other parameters as they are', async () => {
    const plain = await server.get('/v1/rows?symbols=ticker_0&limit=2&since=now');
    const faulty = await server.get(
      '/faulty/cut@1h/v1/rows?symbols=ticker_0&faultSeed=8&limit=2&since=now&faults=drop@1%25',
    );
    expect(faulty.status).toBe(200);
    expect(faulty.json).toEqual(plain.json);
  });
});

describe('a server', () => {
  it('has faults for all who ask for no others', async () => {
    const other = await startTestServer({ faults: { byDefault: 'drop@3%:11' } });
    try {
      const url = other.server.url.replace('http', 'ws');
      const socket = new TestSocket(`${url}/v1/stream`);
      expect((await socket.next('hello')).faults).toEqual({ profile: 'drop@3%', seed: 11 });
      await socket.close();
      const healthy = new TestSocket(`${url}/v1/stream?faults=off`);
      expect(await healthy.next('hello')).not.toHaveProperty('faults');
      await healthy.close();
    } finally {
      await other.stop();
    }
  });

  it('refuses by name who asks for faults, if it has none for anybody', async () => {
    const other = await startTestServer({ faults: { isOff: true } });
    try {
      const answer = await other.get('/faulty/drop@3%25/v1/market');
      expectError(answer, 'faults_off');
      expect(answer.json.error.message).toBe('faults are off on this server; given: drop@3%');
      expect((await other.get('/v1/market?faults=off')).status).toBe(200);
    } finally {
      await other.stop();
    }
  });

  it('counts those who asked for faults, and what was done to them', async () => {
    const metric = async (name: string) => {
      const { text } = await server.get('/metrics');
      return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]);
    };
    const before = await metric('tickwell_faults_total{kind="duplicate"}');
    expect(before).toBeGreaterThanOrEqual(0);
    const { socket } = await follow('/faulty/duplicate@100%25/v1/stream');
    expect(await metric('tickwell_faulty_connections')).toBe(1);
    await pass(5);
    await take(socket, 10);
    expect(await metric('tickwell_faults_total{kind="duplicate"}')).toBe(before + 5);
  });
});
