import specs from '@asyncapi/specs';
import { Ajv, type AnySchema, type ValidateFunction } from 'ajv';
import Fastify from 'fastify';
import type { Static } from 'typebox';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { AccessPolicy } from '../../src/host/access/access-policy.ts';
import type { answerSchemas, errorDetails } from '../../src/protocols/tickwell/asyncapi/answers.ts';
import type { requestSchemas } from '../../src/protocols/tickwell/asyncapi/requests.ts';
import { addAsyncApi } from '../../src/protocols/tickwell/asyncapi/route.ts';
import { FIELDS_OF, SUBSCRIBE_FIELDS } from '../../src/protocols/tickwell/stream/fields.ts';
import { DEFAULT_LIMITS, LIMIT_RULES, type Limits, limitsOf } from '../../src/server/limits.ts';
import { packageVersion } from '../../src/server/version.ts';
import { parseRows } from '../../src/wire/binary.ts';
import { parseCandles } from '../../src/wire/binary-candles.ts';
import { CLOSE_CODES, ERRORS } from '../../src/wire/errors.ts';
import type {
  CandlesMessage,
  ServerMessage,
  StreamedCandlesMessage,
} from '../../src/wire/messages.ts';
import type {
  ClientMessage,
  SubscribeCandlesRequest,
  SubscribeDepthRequest,
  SubscribeRequest,
  SubscribeTradesRequest,
} from '../../src/wire/requests.ts';
import { INTERVAL, ORIGIN, startTestServer, type TestServer } from '../helpers/server.ts';
import { type Message, TestSocket } from '../helpers/socket.ts';

/** `GET /asyncapi.json` is what the stream is: its schemas are the types, and the real messages. */

/** All the way down, so that a list is the same whether it may be written or not. */
type Fixed<T> = T extends object ? { readonly [K in keyof T]: Fixed<T[K]> } : T;
/** Whether they are one type; to be assignable is less: optional fields could be missing. */
type Same<A, B> =
  (<T>() => T extends Fixed<A> ? 1 : 2) extends <T>() => T extends Fixed<B> ? 1 : 2 ? true : false;

type Requests = ReturnType<typeof requestSchemas>;
type Answers = ReturnType<typeof answerSchemas>;
type Details = keyof ReturnType<typeof errorDetails>;
type OfType<M, T> = Extract<M, { readonly type: T }>;
/** The type of the wire leaves an error's details out. */
type Shown<M> = M extends { readonly type: 'error' } ? Omit<M, Details> : M;

/** Two messages of a type: those of subscriptions to candles are named. */
interface NamedRequests {
  readonly subscribe: SubscribeRequest;
  readonly subscribeCandles: SubscribeCandlesRequest;
  readonly subscribeDepth: SubscribeDepthRequest;
  readonly subscribeTrades: SubscribeTradesRequest;
}
interface NamedAnswers {
  readonly candles: CandlesMessage;
  readonly streamedCandles: StreamedCandlesMessage;
}
type RequestOf<T> = T extends keyof NamedRequests ? NamedRequests[T] : OfType<ClientMessage, T>;
type AnswerOf<T> = T extends keyof NamedAnswers ? NamedAnswers[T] : OfType<ServerMessage, T>;

/** The compiler checks each: `true` is refused where a schema and its type differ. */
const SAME_REQUESTS: {
  readonly [T in ClientMessage['type'] | keyof Requests]: Same<Static<Requests[T]>, RequestOf<T>>;
} = {
  fetch: true,
  subscribe: true,
  subscribeCandles: true,
  subscribeDepth: true,
  subscribeTrades: true,
  unsubscribe: true,
  candles: true,
  ping: true,
};

const SAME_ANSWERS: {
  readonly [T in ServerMessage['type'] | keyof Answers]: Same<
    Shown<Static<Answers[T]>>,
    Shown<AnswerOf<T>>
  >;
} = {
  hello: true,
  rows: true,
  subscribed: true,
  skipped: true,
  market: true,
  unsubscribed: true,
  candles: true,
  trades: true,
  streamedCandles: true,
  depth: true,
  pong: true,
  heartbeat: true,
  clock: true,
  error: true,
  bye: true,
};

const named = (types: object, suffix: string) =>
  Object.keys(types).map((type) => type[0].toUpperCase() + type.slice(1) + suffix);
const REQUESTS = named(SAME_REQUESTS, 'Request');
const ANSWERS = named(SAME_ANSWERS, 'Message');
const FRAMES = ['RowsFrame', 'CandlesFrame', 'TradesFrame', 'DepthFrame'];

/** Tests ask faster than people. */
const UNHURRIED = {
  messagesPerSecond: 1_000_000,
  messagesBurst: 1_000_000,
  badRequestsBurst: 1_000_000,
};

/** The document of a server with these limits, as it is answered. */
async function documentOf(limits: Partial<Limits> = {}): Promise<Message> {
  const app = Fastify();
  const documented = {
    ...{ limits: limitsOf(limits), limitTexts: LIMIT_RULES.texts },
    version: packageVersion(),
  };
  addAsyncApi(app, documented, new AccessPolicy(), () => () => {});
  const response = await app.inject({ url: '/asyncapi.json', headers: { host: 'feed.test:8080' } });
  await app.close();
  expect(response.statusCode).toBe(200);
  expect(response.headers['content-type']).toMatch(/^application\/json/);
  return response.json();
}

/** What `$ref` points to. */
function resolve(document: Message, ref: string): Message {
  expect(ref).toMatch(/^#\//);
  let at = document;
  for (const key of ref.slice(2).split('/')) at = at?.[key];
  expect(at, ref).toBeDefined();
  return at;
}

/** Every value in `value`, itself first. */
function* within(value: unknown): Generator<Message> {
  yield value;
  if (typeof value !== 'object' || value === null) return;
  for (const inner of Object.values(value)) yield* within(inner);
}

/** The schema with no field but those that it names. */
function strict(schema: Message): Message {
  const copy = structuredClone(schema);
  for (const value of within(copy)) {
    if (value?.type === 'object') value.additionalProperties = false;
  }
  return copy;
}

function subscribeName({ what, resolution }: Message): string {
  if (what === 'trades') return 'subscribeTrades';
  if (what === 'depth') return 'subscribeDepth';
  return resolution === undefined ? 'subscribe' : 'subscribeCandles';
}

/** Checks messages against the schemas of a document; fields that are not documented are wrong. */
class Judge {
  readonly judged = new Set<string>();
  readonly #validators: ReadonlyMap<string, ValidateFunction>;

  constructor(document: Message) {
    const ajv = new Ajv({ allErrors: true, strictTypes: false });
    const names = [...REQUESTS, ...ANSWERS];
    const { messages } = document.components;
    this.#validators = new Map(
      names.map((name) => [name, ajv.compile(strict(messages[name].payload))]),
    );
  }

  /** What is wrong with a message; empty if nothing is. */
  problems(name: string, message: object): string[] {
    const validate = this.#validators.get(name);
    if (validate === undefined) return [`${name} is not in the document`];
    this.judged.add(name);
    validate(message);
    return (validate.errors ?? []).map(
      ({ instancePath, message: text, params }) =>
        `${name}${instancePath} ${text} ${JSON.stringify(params)}`,
    );
  }

  request(message: Message): Message {
    const name = message.type === 'subscribe' ? subscribeName(message) : message.type;
    expect(this.problems(named({ [name]: 0 }, 'Request')[0], message)).toEqual([]);
    return message;
  }

  answer(message: Message): Message {
    const name = message.final === undefined ? message.type : 'streamedCandles';
    expect(this.problems(named({ [name]: 0 }, 'Message')[0], message)).toEqual([]);
    return message;
  }
}

const urlOf = ({ server }: TestServer) => `${server.url.replace('http', 'ws')}/v1/stream`;

const running: TestServer[] = [];

async function start(options: Parameters<typeof startTestServer>[0]): Promise<TestServer> {
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

describe('the document', () => {
  let document: Message;

  beforeAll(async () => {
    document = await documentOf();
  });

  it('is AsyncAPI 3.1.0', () => {
    // The schema brings its own meta schema, under the name that ajv has one of already.
    const ajv = new Ajv({
      strict: false,
      validateFormats: false,
      validateSchema: false,
      meta: false,
    });
    const validate = ajv.compile(specs.schemas['3.1.0'] as AnySchema);
    validate(document);
    expect(validate.errors ?? []).toEqual([]);
    expect(validate({ ...document, info: {} })).toBe(false);
  });

  it('refers only to what is in it', () => {
    const refs = [...within(document)].flatMap((value) => value?.$ref ?? []);
    expect(refs.length).toBeGreaterThan(30);
    for (const ref of refs) resolve(document, ref);
  });

  it('names the server as the client that asks does', () => {
    expect(document.servers.here).toMatchObject({ host: 'feed.test:8080', protocol: 'ws' });
    expect(document.info.version).toBe(packageVersion());
  });

  it('has every message of the wire, in the channel and in an operation', () => {
    const names = [...REQUESTS, ...ANSWERS, ...FRAMES].sort();
    expect(Object.keys(document.components.messages).sort()).toEqual(names);
    expect(Object.keys(document.channels.stream.messages).sort()).toEqual(names);
    const operations: Message[] = Object.values(document.operations);
    const nameOf = ({ $ref }: Message) => $ref.split('/').at(-1);
    const sent = operations.filter(({ action }) => action === 'send');
    expect(sent.flatMap(({ messages }) => messages.map(nameOf)).sort()).toEqual(REQUESTS.sort());
    const got = operations.flatMap(({ action, messages, reply }) =>
      (action === 'send' ? reply.messages : messages).map(nameOf),
    );
    expect([...new Set(got)].sort()).toEqual([...ANSWERS, ...FRAMES].sort());
  });

  it('describes every message and every field', () => {
    for (const [name, message] of Object.entries<Message>(document.components.messages)) {
      expect(message.summary, name).toMatch(/\.$/);
      expect(message.examples.length, name).toBeGreaterThan(0);
      for (const [field, schema] of Object.entries<Message>(message.payload.properties ?? {})) {
        if (field !== 'type') expect(schema.description, `${name}.${field}`).toMatch(/\.$/);
      }
    }
  });

  it('gives a request the fields that the server knows, and no others', () => {
    const { rows, candles, trades, depth } = SUBSCRIBE_FIELDS;
    const others = { subscribeCandles: candles, subscribeTrades: trades, subscribeDepth: depth };
    const known = { ...FIELDS_OF, subscribe: rows, ...others };
    for (const type of Object.keys(SAME_REQUESTS) as (keyof typeof SAME_REQUESTS)[]) {
      const [name] = named({ [type]: true }, 'Request');
      const { payload } = document.components.messages[name!];
      expect(Object.keys(payload.properties), type).toEqual(known[type]);
      expect(payload.additionalProperties, type).toBe(false);
    }
  });

  it('names errors and close codes, and says what each means', () => {
    const { ErrorMessage, ByeMessage } = document.components.messages;
    const codes: string[] = ErrorMessage.payload.properties.code.enum;
    expect(Object.keys(ERRORS)).toEqual(expect.arrayContaining(codes));
    for (const code of codes) expect(ErrorMessage.description).toContain(`| \`${code}\` |`);
    const { code } = ByeMessage.payload.properties;
    expect(code.enum.sort()).toEqual(Object.values(CLOSE_CODES).sort());
    for (const value of code.enum) {
      expect(document.channels.stream.description).toContain(`| ${value} |`);
    }
  });

  it('has the limits of the server it is of', async () => {
    const changed = await documentOf({ maxCandlesPerMessage: 99, maxSubscriptions: 3 });
    const { messages } = changed.components;
    expect(messages.CandlesRequest.payload.properties.count.maximum).toBe(99);
    const { limits } = messages.HelloMessage.payload.properties;
    expect(Object.keys(limits.properties).sort()).toEqual(Object.keys(DEFAULT_LIMITS).sort());
    expect(limits.required.sort()).toEqual(Object.keys(DEFAULT_LIMITS).sort());
    expect(limits.properties.maxSubscriptions.examples).toEqual([3]);
  });
});

describe('every message of a conversation is as documented', () => {
  it('in both directions', async () => {
    const limits = { ...UNHURRIED, maxSubscriptions: 2, maxRowsPerAnswer: 500 };
    const server = await start({ rows: 1000, limits });
    const judge = new Judge(await documentOf(limits));
    const socket = new TestSocket(urlOf(server));
    const next = async (type: string) => judge.answer(await socket.next(type));
    const ask = (request: Message, type: string) => {
      socket.send(judge.request(request));
      return next(type);
    };
    const refused = async (request: object | string, code: string) => {
      socket.send(request);
      expect(await next('error')).toMatchObject({ code });
    };
    const head = server.timeOf(999);
    const since = head - 5 * INTERVAL;
    const { id: market } = server.market;

    await next('hello');
    await ask({ type: 'subscribe', id: 0, symbols: '*', since: 'now', market }, 'subscribed');
    await ask({ type: 'subscribe', id: 1, symbols: ['ticker_1'], since }, 'subscribed');
    await next('rows');
    await refused({ type: 'subscribe', id: 2, symbols: '*', since }, 'too_many');
    await ask({ type: 'unsubscribe', id: 0 }, 'unsubscribed');
    await ask({ type: 'unsubscribe', id: 1 }, 'unsubscribed');
    const latest = {
      type: 'subscribe',
      id: 4_294_967_295,
      symbols: '*',
      delivery: 'latest',
      since,
    };
    await ask(latest, 'subscribed');
    await next('skipped');
    await next('rows');
    await ask({ type: 'unsubscribe', id: latest.id }, 'unsubscribed');
    const formed = { type: 'subscribe', id: 7, symbols: '*', resolution: '1s', tz: 'Asia/Tokyo' };
    await ask({ ...formed, fields: ['volume'], since, every: 1000, market }, 'subscribed');
    expect((await next('candles')).final).toBeDefined();
    await ask({ type: 'unsubscribe', id: 7 }, 'unsubscribed');
    const books = { type: 'subscribe', what: 'depth', id: 8, symbols: '*', levels: 7, market };
    await ask({ ...books, since: 'now' }, 'subscribed');
    expect((await next('depth')).snapshot).toBe(true);
    await ask({ type: 'unsubscribe', id: 8 }, 'unsubscribed');
    const traded = { type: 'subscribe', id: 8, what: 'trades', symbols: '*', since, market };
    await ask({ ...traded, delivery: 'all' }, 'subscribed');
    await next('trades');
    await ask({ type: 'unsubscribe', id: 8 }, 'unsubscribed');
    await ask(latest, 'subscribed');
    await next('skipped');
    await next('rows');
    await ask(
      { type: 'fetch', id: 3, symbols: '*', since: '2026-01-05', limit: 2, market },
      'rows',
    );
    await ask({ type: 'fetch', id: 3, symbols: '*', since: head }, 'rows');
    const candles = { type: 'candles', id: 4, symbol: 'ticker_0', resolution: '1s', market };
    await ask({ ...candles, from: ORIGIN, count: 3 }, 'candles');
    await ask({ ...candles, from: head + INTERVAL, count: 3 }, 'candles');
    await ask({ type: 'ping', id: 5 }, 'pong');
    server.server.feed.add({ key: 'a', index: 1000, effects: [] });
    server.clock.pass(INTERVAL);
    await next('market');
    await next('rows');
    server.clock.passSteadily(DEFAULT_LIMITS.heartbeatMs);
    await next('heartbeat');
    await server.server.changeClock({ paused: true });
    expect((await next('clock')).speed).toBe(0);
    await server.server.changeClock({ paused: false });
    await next('clock');

    await refused('{', 'bad_json');
    await refused('[]', 'bad_request');
    await refused({ type: 'ping', id: -1 }, 'bad_request');
    await refused({ ...candles, resolution: '9ms', from: ORIGIN, count: 3 }, 'bad_request');
    await refused({ type: 'hello', id: 6 }, 'unknown_type');
    await refused({ ...candles, symbol: 'none', from: ORIGIN, count: 3 }, 'unknown_symbol');
    await refused({ ...candles, from: 0, count: 3 }, 'before_start');
    await refused({ ...candles, from: head + 60_000, count: 3 }, 'cursor_ahead');
    await refused({ ...latest, id: 6, since: head - 1 }, 'bad_cursor');
    await refused({ ...latest, id: 6, since: ORIGIN - 2 * INTERVAL }, 'before_start');
    await refused({ ...latest, id: 6, since: head + 60_000 }, 'cursor_ahead');
    await refused({ ...latest, id: 6, market: 'other' }, 'market_changed');
    await refused({ ...candles, from: ORIGIN, count: 10 }, 'range_too_large');

    void server.stop();
    await next('bye');
    expect([...judge.judged].sort()).toEqual([...REQUESTS, ...ANSWERS].sort());
  });

  it('also when there is too much of it', async () => {
    const limits = { messagesBurst: 1, messagesPerSecond: 1, refusalsBurst: 2 };
    const server = await start({ rows: 10, limits });
    const judge = new Judge(await documentOf(limits));
    const socket = await server.connect();
    const ping = { type: 'ping', id: 1 };
    judge.answer(await socket.ask(ping, 'pong'));
    for (let n = 0; n < 2; n++) {
      expect(judge.answer(await socket.ask(ping, 'error'))).toMatchObject({ code: 'rate_limited' });
    }
    await socket.ask(ping, 'error');
    expect(judge.answer(await socket.next('bye')).code).toBe(CLOSE_CODES.rateLimited);
  });

  it('also when it ends before it begins', async () => {
    const limits = { maxConnections: 1 };
    const server = await start({ rows: 10, limits });
    const judge = new Judge(await documentOf(limits));
    await server.connect();
    const second = new TestSocket(urlOf(server));
    expect(judge.answer(await second.next('bye')).code).toBe(CLOSE_CODES.connectionLimit);
  });

  it('and the subprotocols are those that the server knows', async () => {
    const server = await start({ rows: 10 });
    const { ws } = (await documentOf()).channels.stream.bindings;
    for (const name of ws.headers.properties['Sec-WebSocket-Protocol'].enum) {
      const socket = new WebSocket(urlOf(server), name);
      await new Promise((opened) => socket.once('open', opened));
      expect(socket.protocol).toBe(name);
      socket.terminate();
    }
  });
});

describe('what the document forbids, the server refuses', () => {
  let server: TestServer;
  let socket: TestSocket;
  let judge: Judge;

  beforeAll(async () => {
    server = await startTestServer({ rows: 1000 });
    socket = await server.connect();
    judge = new Judge(await documentOf());
  });

  afterAll(() => server.stop());

  const FETCH = { type: 'fetch', id: 1, symbols: '*', since: ORIGIN };
  const CANDLES = {
    type: 'candles',
    id: 1,
    symbol: 'ticker_0',
    resolution: '1s',
    from: ORIGIN,
    count: 2,
  };
  const SUBSCRIBE = { ...FETCH, type: 'subscribe', id: 7 };
  const most = DEFAULT_LIMITS.maxCandlesPerMessage;

  it.each<[request: Message, field: string, allowed: unknown[], forbidden: unknown[]]>([
    [FETCH, 'id', [0, 1, 2 ** 32 - 1], [-1, 2 ** 32, 1.5, '1', null, undefined]],
    [FETCH, 'symbols', ['*', ['ticker_0']], [[], ['ticker_0', 'ticker_0'], 5, null, undefined]],
    [FETCH, 'since', ['now', ORIGIN, '2026-01-05'], [1.5, true, null, undefined]],
    [FETCH, 'since', [-62_135_596_800_000], [-62_135_596_800_001]],
    [FETCH, 'since', [253_402_214_400_000], [253_402_214_400_001]],
    [FETCH, 'limit', [1, Number.MAX_SAFE_INTEGER, undefined], [0, 2 ** 53, 1.5, '2', null]],
    [SUBSCRIBE, 'delivery', ['all', 'latest', undefined], ['newest', null, 1]],
    [CANDLES, 'symbol', ['ticker_0'], ['', 5, null, undefined]],
    [CANDLES, 'resolution', ['1s', '1m', '1w', '1mo', '1y'], ['1', '1Y', '', '-1s', 60, undefined]],
    [CANDLES, 'from', [ORIGIN + 1, '2026-01-05'], [1.5, null, undefined]],
    [CANDLES, 'count', [1, most], [0, most + 1, 1.5, '2', undefined]],
  ])('in %j: %s', async (request, field, allowed, forbidden) => {
    const name = named({ [request.type]: 0 }, 'Request')[0];
    for (const value of [...allowed, ...forbidden]) {
      const message = JSON.parse(JSON.stringify({ ...request, [field]: value }));
      const answer = await socket.ask(message);
      const isRefused = answer.code === 'bad_request';
      expect(judge.problems(name, message).length > 0, JSON.stringify(value)).toBe(isRefused);
      expect(isRefused, JSON.stringify(value)).toBe(forbidden.includes(value));
      if (answer.type !== 'subscribed') continue;
      socket.send({ type: 'unsubscribe', id: answer.id });
      while ((await socket.next()).type !== 'unsubscribed');
    }
  });
});

describe('the examples', () => {
  const SPEC = { seed: 1, origin: Date.UTC(2026, 0, 1), interval: 1000, count: 100 };
  const HEAD = Date.UTC(2026, 0, 31, 12, 0, 5);
  let server: TestServer;
  let document: Message;

  beforeAll(async () => {
    const spec = { ...SPEC, capacity: 86_400 };
    server = await startTestServer({ spec, rows: (HEAD - SPEC.origin) / 1000 + 1, limits: {} });
    server.clock.pass(250);
    document = await documentOf();
  });

  afterAll(async () => {
    await server.stop();
    expect(server.failures).toEqual([]);
  });

  const examplesOf = (name: string): Message[] =>
    document.components.messages[name].examples.map(({ payload }: Message) => payload);

  it('are as documented', () => {
    const judge = new Judge(document);
    for (const name of [...REQUESTS, ...ANSWERS]) {
      for (const example of examplesOf(name)) expect(judge.problems(name, example)).toEqual([]);
    }
  });

  it('are what the server of them answers', async () => {
    const binary = new WebSocket(urlOf(server), 'tickwell.v1.bin');
    const frame = new Promise<Buffer>((give) => {
      binary.on('message', (data, isBinary) => isBinary && give(data as Buffer));
    });
    await new Promise((opened) => binary.once('open', opened));
    const socket = new TestSocket(urlOf(server));
    /** The examples in the order of their conversation: each is said and heard once. */
    const left = new Map(ANSWERS.map((name) => [name, examplesOf(name)]));
    const heard = async (name: string) => {
      const example = left.get(name)!.shift();
      const answer = await socket.next(example.type);
      // Chosen at random, so that not all clients come back at once.
      if (name === 'ByeMessage') answer.retryAfterMs = example.retryAfterMs;
      expect(answer).toEqual(example);
    };
    const [push, latest] = examplesOf('SubscribeRequest');
    const [fetch] = examplesOf('FetchRequest');
    await heard('HelloMessage');
    socket.send(push);
    await heard('SubscribedMessage');
    await heard('RowsMessage');
    server.clock.pass(1000);
    await heard('RowsMessage');
    server.clock.passSteadily(DEFAULT_LIMITS.heartbeatMs);
    await heard('HeartbeatMessage');
    socket.send(examplesOf('UnsubscribeRequest')[0]);
    await heard('UnsubscribedMessage');
    socket.send(fetch);
    await heard('RowsMessage');
    socket.send(examplesOf('CandlesRequest')[0]);
    await heard('CandlesMessage');
    socket.send(examplesOf('PingRequest')[0]);
    await heard('PongMessage');
    await server.server.changeClock({ speed: 60 });
    await heard('ClockMessage');
    socket.send(latest);
    await heard('SubscribedMessage');
    await heard('SkippedMessage');
    await heard('RowsMessage');
    const [candles] = examplesOf('SubscribeCandlesRequest');
    socket.send(candles);
    await heard('SubscribedMessage');
    await heard('StreamedCandlesMessage');
    await heard('StreamedCandlesMessage');
    const [books, changes] = examplesOf('SubscribeDepthRequest');
    for (const asked of [books, changes]) {
      socket.send(asked);
      await heard('SubscribedMessage');
      await heard('DepthMessage');
    }
    socket.send(examplesOf('SubscribeTradesRequest')[0]);
    await heard('SubscribedMessage');
    await heard('TradesMessage');
    socket.send({ ...latest, id: 7, since: latest.since + 1 });
    await heard('ErrorMessage');

    const example = Buffer.from(String(examplesOf('CandlesFrame')[0]), 'hex');
    binary.send(JSON.stringify(fetch));
    const bytes = await frame;
    expect(bytes.toString('hex')).toBe(examplesOf('RowsFrame')[0]);
    expect(parseRows(bytes)?.rows).toBe(2);
    const told = new Promise<Buffer>((give) => {
      binary.on('message', (data, isBinary) => isBinary && give(data as Buffer));
    });
    // From the last candle that is whole on: the one that forms alone.
    binary.send(JSON.stringify({ ...candles, since: parseCandles(example)!.since }));
    expect((await told).toString('hex')).toBe(example.toString('hex'));
    const changed = new Promise<Buffer>((give) => {
      binary.on('message', (data, isBinary) => isBinary && give(data as Buffer));
    });
    binary.send(JSON.stringify(changes));
    expect((await changed).toString('hex')).toBe(examplesOf('DepthFrame')[0]);
    binary.terminate();

    // Each of its subscriptions is told, between rows.
    const among = async (name: string, isIt: (message: Message) => boolean) => {
      let message = await socket.next();
      while (!isIt(message)) message = await socket.next();
      const example = left.get(name)!.shift();
      if (name === 'ByeMessage') message.retryAfterMs = example.retryAfterMs;
      expect(message).toEqual(example);
    };
    const effect = { kind: 'shift', of: { symbol: 'ticker_00' }, afterMs: 0, percent: -5 } as const;
    const { feed } = server.server;
    feed.add({ key: 'crash', index: feed.head, effects: [effect] });
    server.clock.pass(1000);
    await among('MarketMessage', ({ type, id }) => type === 'market' && id === latest.id);
    void server.stop();
    await among('ByeMessage', ({ type }) => type === 'bye');
    expect([...left.values()].flat()).toEqual([]);
  });
});
