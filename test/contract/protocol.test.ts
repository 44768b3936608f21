import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS as LIMITS } from '../../src/server/limits.ts';
import { CLOSE_CODES, ERRORS } from '../../src/wire/errors.ts';
import type { ServerMessage, StreamedCandlesMessage } from '../../src/wire/messages.ts';
import type {
  ClientMessage,
  SubscribeCandlesRequest,
  SubscribeDepthRequest,
  SubscribeTradesRequest,
} from '../../src/wire/requests.ts';
import { EventReader } from '../helpers/events.ts';
import { startTestServer, type TestServer, UNHURRIED } from '../helpers/server.ts';
import { type Message, TestSocket } from '../helpers/socket.ts';

/** PROTOCOL.md says what the server does: its tables are the code's, its examples real answers. */
const TEXT = readFileSync(new URL('../../PROTOCOL.md', import.meta.url), 'utf8');

/** The fields of a message: true for those it always has. */
type Fields<M> = { readonly [K in keyof M]-?: boolean };
type MessageOf<T extends ServerMessage['type']> = Exclude<
  Extract<ServerMessage, { type: T }>,
  StreamedCandlesMessage
>;
type RequestOf<T extends ClientMessage['type']> = Exclude<
  Extract<ClientMessage, { type: T }>,
  SubscribeCandlesRequest | SubscribeTradesRequest | SubscribeDepthRequest
>;

const ANSWERS: { readonly [T in ServerMessage['type']]: Fields<MessageOf<T>> } = {
  hello: {
    type: true,
    market: true,
    version: true,
    origin: true,
    interval: true,
    head: true,
    now: true,
    speed: true,
    heartbeat: true,
    limits: true,
    faults: false,
  },
  rows: {
    type: true,
    id: true,
    since: true,
    until: true,
    lag: true,
    prices: false,
    fields: false,
    last: false,
    bid: false,
    ask: false,
    volume: false,
    trades: false,
    aggressor: false,
    status: false,
  },
  subscribed: {
    type: true,
    id: true,
    market: true,
    symbols: true,
    resolution: false,
    tz: false,
    offset: false,
    fields: false,
    what: false,
    levels: false,
    every: false,
    held: false,
    since: true,
  },
  depth: {
    type: true,
    id: true,
    since: true,
    until: true,
    lag: true,
    snapshot: true,
    bids: true,
    asks: true,
  },
  skipped: { type: true, id: true, since: true, until: true, rows: true },
  market: { type: true, id: true, market: true, since: true },
  unsubscribed: { type: true, id: true, until: true },
  trades: {
    type: true,
    id: true,
    since: true,
    until: true,
    lag: true,
    first: true,
    time: true,
    price: true,
    lots: true,
    side: true,
  },
  candles: {
    type: true,
    id: true,
    market: true,
    symbol: true,
    resolution: true,
    tz: false,
    offset: false,
    time: true,
    open: true,
    high: true,
    low: true,
    close: true,
    volume: false,
    trades: false,
    closed: true,
    until: false,
    earliest: false,
    head: false,
  },
  pong: { type: true, id: true, now: true, speed: true },
  clock: { type: true, now: true, speed: true },
  heartbeat: { type: true, now: true, speed: true, head: true, subscriptions: true },
  error: {
    type: true,
    id: false,
    code: true,
    message: true,
    origin: false,
    interval: false,
    earliest: false,
    head: false,
    market: false,
    limit: false,
    retryAfterMs: false,
  },
  bye: { type: true, code: true, reason: true, retryAfterMs: true },
};

const REQUESTS: { readonly [T in ClientMessage['type']]: Fields<RequestOf<T>> } = {
  fetch: {
    type: true,
    id: true,
    symbols: true,
    since: true,
    fields: false,
    limit: false,
    market: false,
  },
  subscribe: {
    type: true,
    id: true,
    what: false,
    symbols: true,
    since: true,
    fields: false,
    delivery: false,
    market: false,
  },
  unsubscribe: { type: true, id: true },
  candles: {
    type: true,
    id: true,
    symbol: true,
    resolution: true,
    tz: false,
    offset: false,
    from: true,
    count: true,
    fields: false,
    held: false,
    market: false,
  },
  ping: { type: true, id: true },
};

/** The cells of the table whose first column has this title, without its head. */
function table(title: string): string[][] {
  const lines = TEXT.split('\n');
  const from = lines.findIndex((line) => line.startsWith(`| ${title} |`));
  expect(from, `a table that begins with ${title}`).toBeGreaterThan(0);
  const rows = lines.slice(from + 2);
  const end = rows.findIndex((line) => !line.startsWith('|'));
  return rows.slice(0, end).map((row) =>
    row
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim()),
  );
}

/** The names that stand in backquotes. */
function names(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, name]) => name);
}

/** The JSON values of a block: one after the other, each on a line of its own or on several. */
function jsonOf(block: string): Message[] {
  const values: Message[] = [];
  let text = '';
  for (const line of block.split('\n')) {
    text += line;
    try {
      values.push(JSON.parse(text));
      text = '';
    } catch {
      // It goes on in the next line.
    }
  }
  expect(text, 'what is left of a block after its JSON').toBe('');
  return values;
}

interface Example {
  /** The path of the `curl` before it; undefined for messages of the stream. */
  readonly path: string | undefined;
  readonly values: readonly Message[];
}

function examples(): Example[] {
  const found: Example[] = [];
  let path: string | undefined;
  for (const [, language, block] of TEXT.matchAll(/^```(\w+)\n([\s\S]*?)\n```$/gm)) {
    if (language === 'json') found.push({ path, values: jsonOf(block) });
    path = /^curl 'http:\/\/localhost:8080([^']*)'/.exec(block)?.[1];
  }
  return found;
}

function expectFields(value: Message, fields: Readonly<Record<string, boolean>>): void {
  const required = Object.keys(fields).filter((field) => fields[field]);
  expect(Object.keys(value)).toEqual(expect.arrayContaining(required));
  // An error has further fields, which the table of errors names.
  const more = value.type === 'error' ? detailsOf(value.code) : [];
  for (const field of Object.keys(value))
    expect([...Object.keys(fields), ...more]).toContain(field);
}

function detailsOf(code: string): string[] {
  const row = table('code').find(([cell]) => cell === `\`${code}\``);
  return names(row?.[4] ?? '');
}

/** Candles of a subscription have the name of those that are asked for. */
const STREAMED: Fields<StreamedCandlesMessage> = {
  type: true,
  id: true,
  since: true,
  until: true,
  lag: true,
  time: true,
  open: true,
  high: true,
  low: true,
  close: true,
  volume: false,
  trades: false,
  final: true,
};

const SUBSCRIBE_TRADES: Fields<SubscribeTradesRequest> = {
  type: true,
  id: true,
  what: true,
  symbols: true,
  since: true,
  delivery: false,
  market: false,
};

const SUBSCRIBE_CANDLES: Fields<SubscribeCandlesRequest> = {
  type: true,
  id: true,
  what: false,
  symbols: true,
  resolution: true,
  tz: false,
  offset: false,
  fields: false,
  since: true,
  every: false,
  held: false,
  market: false,
};

const SUBSCRIBE_DEPTH: Fields<SubscribeDepthRequest> = {
  type: true,
  id: true,
  what: true,
  symbols: true,
  since: true,
  levels: false,
  market: false,
};

/** Candles are asked for and answered under one name. */
const isAnswer = (value: Message) =>
  value.type in ANSWERS && (value.type !== 'candles' || 'time' in value) && !isWrong(value);
/** The conversation shows a request of an unknown type, and one with an unknown field. */
const isWrong = ({ type, ...value }: Message) =>
  (type === 'hello' && 'id' in value) || (type === 'subscribe' && 'until' in value);

describe('the tables of PROTOCOL.md', () => {
  it('have every error with its status and whether to retry', () => {
    const errors = table('code').map(([code, status, retry]) => {
      expect(retry).toMatch(/^(yes|no)$/);
      return [names(code)[0], { status: Number(status), retry: retry === 'yes' }];
    });
    expect(Object.fromEntries(errors)).toEqual(ERRORS);
    expect(errors.map(([code]) => code)).toEqual(Object.keys(ERRORS));
  });

  it('have every close code of the server', () => {
    const codes = table('close code').map(([code]) => Number(code));
    expect(new Set(codes).size).toBe(codes.length);
    expect(codes.filter((code) => code >= 4000)).toEqual(Object.values(CLOSE_CODES).sort());
  });

  it('have every limit with its value and a reason', () => {
    const rows = table('limit');
    const limits = rows.map(([name, value]) => [names(name)[0], Number(value)]);
    expect(Object.fromEntries(limits)).toEqual(LIMITS);
    for (const [, , reason] of rows) expect(reason).toMatch(/\w/);
  });

  it('have every message of the client and of the server', () => {
    const rows = table('you send');
    const sent = rows.flatMap(([cell]) => names(cell));
    expect(sent.sort()).toEqual(Object.keys(REQUESTS).sort());
    const got = new Set(rows.flatMap(([, cell]) => names(cell)));
    expect([...got].sort()).toEqual(Object.keys(ANSWERS).sort());
  });
});

describe('the examples of PROTOCOL.md', () => {
  /** The market that is served without options, at the time the examples name. */
  let server: TestServer;

  beforeAll(async () => {
    const origin = Date.UTC(2026, 0, 1);
    const head = Date.UTC(2026, 0, 31, 12, 0, 5);
    const spec = { seed: 1, origin, interval: 1000, count: 100, capacity: 86_400 };
    server = await startTestServer({ spec, rows: (head - origin) / 1000 + 1 });
    server.clock.pass(250);
  });

  afterAll(async () => {
    await server.stop();
    expect(server.failures).toEqual([]);
  });

  it('over HTTP are what the server answers', async () => {
    const overHttp = examples().filter(({ path }) => path !== undefined);
    const routes = overHttp.map(({ path }) => path!.split('?')[0]);
    const names = [
      'market',
      'rows',
      'trades',
      'candles',
      'depth',
      'faults',
      'latest',
      'sparklines',
    ];
    const served = names.map((route) => `/v1/${route}`);
    expect(new Set(routes)).toEqual(new Set(served));
    for (const { path, values } of overHttp) {
      const { json } = await server.get(path!);
      // The text says that it shows the first.
      if (path === '/v1/market') json.instruments = json.instruments.slice(0, 1);
      expect(values, path).toEqual([json]);
      if (json.error === undefined) continue;
      const further = Object.keys(json.error).filter((key) => !['code', 'message'].includes(key));
      for (const field of further) expect(detailsOf(json.error.code)).toContain(field);
    }
  });

  it('of other formats are what the server answers', async () => {
    const pattern = /curl 'http:\/\/localhost:8080([^']*)'\n```\n```(csv|ndjson)\n([\s\S]*?)```/g;
    const found = [...TEXT.matchAll(pattern)];
    expect(found.map(([, , format]) => format)).toEqual([
      'csv',
      'ndjson',
      'csv',
      'csv',
      'csv',
      'csv',
    ]);
    for (const [, path, , text] of found) expect((await server.get(path)).text).toBe(text);
  });

  it('of events are what the server sends', async () => {
    const [, query, text] = /curl -N '[^?]*\?(.*)'\n```\n```\n([\s\S]*?)```/.exec(TEXT) ?? [];
    const { body } = await fetch(`${server.server.url}/v1/events?${query}`);
    const shown = new EventReader(new Response(`${text}\n`).body!);
    const sent = new EventReader(body!);
    for (let event = await shown.next(); event !== undefined; event = await shown.next()) {
      expect(await sent.next()).toEqual(event);
    }
    await sent.close();
  });

  it('of the stream have the fields of their type, and each type is shown', () => {
    const values = examples().flatMap((example) => (example.path ? [] : example.values));
    const [answers, requests] = [isAnswer, (value: Message) => !isAnswer(value)].map((is) =>
      values.filter(is),
    );
    const isOfCandles = (value: Message) => value.type === 'subscribe' && 'resolution' in value;
    for (const value of answers) {
      const fields = 'final' in value ? STREAMED : ANSWERS[value.type as ServerMessage['type']];
      expectFields(value, fields);
    }
    for (const value of requests.filter((request) => !isWrong(request))) {
      const own = { trades: SUBSCRIBE_TRADES, depth: SUBSCRIBE_DEPTH }[String(value.what)];
      const fields = own ?? REQUESTS[value.type as ClientMessage['type']];
      expectFields(value, isOfCandles(value) ? SUBSCRIBE_CANDLES : fields);
    }
    expect(requests.filter(isOfCandles)).not.toEqual([]);
    expect(answers.filter((value) => 'final' in value)).not.toEqual([]);
    const shown = (of: Message[]) => new Set(of.map(({ type }) => type));
    expect(shown(answers)).toEqual(new Set(Object.keys(ANSWERS)));
    expect(shown(requests)).toEqual(new Set([...Object.keys(REQUESTS), 'hello']));
  });

  it('of the stream are a conversation as it goes', async () => {
    const socket = new TestSocket(`${server.server.url.replace('http', 'ws')}/v1/stream`);
    const values = examples().flatMap((example) => (example.path ? [] : example.values));
    for (const value of values) {
      if (!isAnswer(value)) {
        socket.send(value);
        continue;
      }
      const { grid } = server.market;
      const headMs = server.timeOf(server.server.feed.head - 1);
      if (value.type === 'rows' && value.since === headMs && value.id !== 13)
        server.clock.pass(grid.intervalMs);
      if (value.type === 'heartbeat') server.clock.passSteadily(LIMITS.heartbeatMs);
      if (value.type === 'clock') await server.server.changeClock({ speed: value.speed });
      if (value.type === 'bye') void server.stop();
      if (value.type === 'market') {
        const effect = {
          kind: 'shift',
          of: { symbol: 'ticker_00' },
          afterMs: 0,
          percent: -5,
        } as const;
        const { feed } = server.server;
        feed.add({ key: 'crash', index: feed.head, effects: [effect] });
        server.clock.pass(grid.intervalMs);
      }
      const answer = await socket.next(value.type);
      // The text shows some of them.
      if (value.type === 'hello') {
        expect(answer.limits).toEqual({ ...LIMITS, ...UNHURRIED });
        answer.limits = value.limits;
        expect(LIMITS).toMatchObject(value.limits);
      }
      // Chosen at random, so that not all clients come back at once.
      if (value.type === 'bye') answer.retryAfterMs = value.retryAfterMs;
      expect(answer).toEqual(value);
    }
    expect((await socket.closed).code).toBe(CLOSE_CODES.shuttingDown);
  });
});
