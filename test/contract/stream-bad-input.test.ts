import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../src/wire/errors.ts';
import { pricesOf } from '../helpers/market.ts';
import { expectSentence } from '../helpers/sentence.ts';
import { INTERVAL, ORIGIN, startTestServer, type TestServer } from '../helpers/server.ts';
import { type Message, TestSocket } from '../helpers/socket.ts';

/** The rows that the server has when the tests begin. */
const ROWS = 1000;
const HEAD = ORIGIN + (ROWS - 1) * INTERVAL;
const BEFORE = ORIGIN - INTERVAL;
const HUGE = 1e20;
const LONG = 'x'.repeat(3000);
const cut = (text: string) => (text.length > 60 ? `${text.slice(0, 57)}...` : text);
const shown = (value: unknown) => cut(typeof value === 'string' ? value : JSON.stringify(value));

/**
 * A message, the code of its error, the field its sentence begins with, the value it ends with. The
 * id of the error is that of the message, if that has a whole number there.
 */
type Case = readonly [
  message: object | string,
  code: ErrorCode,
  field: string,
  given: string,
  details?: object,
];

/** Stands for `{market: the id of the market served}`, which the table cannot know. */
const OWN_MARKET = {};

const PING = { type: 'ping', id: 1 };
const FETCH = { type: 'fetch', id: 1, symbols: '*', since: BEFORE };
const SUBSCRIBE = { type: 'subscribe', id: 1, symbols: '*', since: BEFORE };
const FORMING = { ...SUBSCRIBE, resolution: '1s' };
const BOOKS = { ...SUBSCRIBE, what: 'depth' };
const TRADED = { ...SUBSCRIBE, what: 'trades' };
const UNSUBSCRIBE = { type: 'unsubscribe', id: 1 };
const CANDLES = {
  type: 'candles',
  id: 1,
  symbol: 'ticker_0',
  resolution: '1s',
  from: ORIGIN,
  count: 2,
};

/** A message without one of its fields. */
function without(message: object, field: string): object {
  return { ...message, [field]: undefined };
}

function wrong(
  message: object,
  field: string,
  values: readonly unknown[],
  code: ErrorCode = 'bad_request',
  details?: object,
): Case[] {
  return values.map((value) => {
    const changed = { ...message, [field]: value };
    const given = shown(value);
    return details === undefined
      ? [changed, code, field, given]
      : [changed, code, field, given, details];
  });
}

function missing(message: object, field: string): Case {
  return [without(message, field), 'bad_request', field, 'nothing'];
}

const NO_IDS = [-1, 1.5, 2 ** 32, HUGE, '1', '', null, true, [1], {}, LONG];
const NO_TIMES = [null, true, [], {}, [ORIGIN], 1.5, HUGE, -HUGE, '', 'yesterday', 'NOW', LONG];
const NO_COUNTS = [0, -1, 1.5, HUGE, '5', '', null, true, [1], {}];

function badIds(message: object): Case[] {
  return [missing(message, 'id'), ...wrong(message, 'id', NO_IDS)];
}

function badSymbols(message: object): Case[] {
  const unknown = ['nope', 'TICKER_0', 'ticker_0 ', 'toString', '__proto__'];
  return [
    missing(message, 'symbols'),
    ...wrong(message, 'symbols', [null, true, 5, {}, []]),
    ...[null, 5, true, [], {}, ['ticker_0'], ''].map(
      (symbol): Case => [
        { ...message, symbols: [symbol] },
        'bad_request',
        'symbols',
        shown(symbol),
      ],
    ),
    ...unknown.map(
      (symbol): Case => [
        { ...message, symbols: [symbol] },
        'unknown_symbol',
        'unknown symbol',
        symbol,
      ],
    ),
    [{ ...message, symbols: ['ticker_0', '*'] }, 'unknown_symbol', 'unknown symbol', '*'],
    [{ ...message, symbols: ['ticker_0', 'ticker_0'] }, 'bad_request', 'symbols', 'ticker_0'],
    [{ ...message, symbols: 'nope' }, 'bad_request', 'symbols', 'nope'],
    [{ ...message, symbols: 'ticker_0' }, 'bad_request', 'symbols', 'ticker_0'],
    [{ ...message, symbols: [LONG] }, 'unknown_symbol', 'unknown symbol', cut(LONG)],
  ];
}

function badSince(message: object): Case[] {
  const onGrid = { origin: ORIGIN, interval: INTERVAL };
  const earliest = { earliest: ORIGIN };
  return [
    missing(message, 'since'),
    ...wrong(message, 'since', NO_TIMES),
    ...wrong(message, 'since', [ORIGIN + 1, ORIGIN - 1], 'bad_cursor', onGrid),
    ...wrong(message, 'since', [BEFORE - INTERVAL, 0, -10, '1970-01-01'], 'before_start', earliest),
    ...wrong(message, 'since', [ORIGIN / 1000, ORIGIN / 1000 + 1], 'before_start', earliest),
  ];
}

function badWhats(message: object): Case[] {
  return [
    ...wrong(message, 'what', [null, 5, true, [], {}, ['rows']]),
    ...['', 'row', 'Candles', 'everything', '__proto__', LONG].map(
      (name): Case => [{ ...message, what: name }, 'bad_request', 'unknown what', cut(name)],
    ),
  ];
}

function badMarkets(message: object): Case[] {
  return [
    ...wrong(message, 'market', ['nope', '', LONG], 'market_changed', OWN_MARKET),
    ...wrong(message, 'market', [5, null, []]),
  ];
}

const TABLES: Readonly<Record<string, readonly Case[]>> = {
  'that is no object': [
    ['', 'bad_json', 'a message', ''],
    [' ', 'bad_json', 'a message', ' '],
    ['hello', 'bad_json', 'a message', 'hello'],
    ['{', 'bad_json', 'a message', '{'],
    ['{"type":"ping","id":1', 'bad_json', 'a message', '{"type":"ping","id":1'],
    ["{'type':'ping','id':1}", 'bad_json', 'a message', "{'type':'ping','id':1}"],
    ['{"type":"ping","id":1}}', 'bad_json', 'a message', '{"type":"ping","id":1}}'],
    ['{"type":"ping","id":NaN}', 'bad_json', 'a message', '{"type":"ping","id":NaN}'],
    ['{"type":"ping","id":01}', 'bad_json', 'a message', '{"type":"ping","id":01}'],
    [LONG, 'bad_json', 'a message', cut(LONG)],
    ['[', 'bad_json', 'a message', '['],
    ['['.repeat(4096), 'bad_json', 'a message', cut('['.repeat(61))],
    ['['.repeat(2048) + ']'.repeat(2048), 'bad_request', 'a message', cut('['.repeat(61))],
    ['null', 'bad_request', 'a message', 'null'],
    ['true', 'bad_request', 'a message', 'true'],
    ['1', 'bad_request', 'a message', '1'],
    ['"ping"', 'bad_request', 'a message', 'ping'],
    ['[]', 'bad_request', 'a message', '[]'],
    ['[{"type":"ping","id":1}]', 'bad_request', 'a message', '[{"type":"ping","id":1}]'],
  ],
  'of an unknown type': [
    ['{}', 'unknown_type', 'type', 'nothing'],
    [{ id: 1 }, 'unknown_type', 'type', 'nothing'],
    ...['', 'Ping', 'hello', 'rows', 'toString', '__proto__', LONG].map(
      (type): Case => [{ type, id: 1 }, 'unknown_type', 'unknown type', cut(type)],
    ),
    ...[5, null, true, {}, ['ping']].map(
      (type): Case => [{ type, id: 1 }, 'unknown_type', 'type', shown(type)],
    ),
    [
      `{"id":1,"type":${'['.repeat(2000)}${']'.repeat(2000)}}`,
      'unknown_type',
      'type',
      cut('['.repeat(61)),
    ],
  ],
  'with a field that its type does not have': [
    ...['colour', 'ID', 'constructor', '', '_', LONG].map(
      (name): Case => [{ ...PING, [name]: 1 }, 'bad_request', 'unknown field', cut(name)],
    ),
    ['{"type":"ping","id":1,"__proto__":{}}', 'bad_request', 'unknown field', '__proto__'],
    ...['until', 'speed', 'symbol', 'limit', 'count', 'from'].flatMap((name): Case[] =>
      [SUBSCRIBE, FORMING, BOOKS].map((message) => {
        return [{ ...message, [name]: 1 }, 'bad_request', 'unknown field', name];
      }),
    ),
    [{ ...FETCH, delivery: 'all' }, 'bad_request', 'unknown field', 'delivery'],
    [{ ...UNSUBSCRIBE, symbols: '*' }, 'bad_request', 'unknown field', 'symbols'],
    [{ ...CANDLES, to: 5 }, 'bad_request', 'unknown field', 'to'],
    // Even if it has no id: what is said last of a message is what to do about it.
    [{ type: 'ping', nested: [[[{}]]] }, 'bad_request', 'unknown field', 'nested'],
  ],
  'of type ping': badIds(PING),
  'of type fetch': [
    ...badIds(FETCH),
    ...badSymbols(FETCH),
    ...badSince(FETCH),
    ...wrong(FETCH, 'limit', NO_COUNTS),
    ...badMarkets(FETCH),
  ],
  'of type subscribe': [
    ...badIds(SUBSCRIBE),
    ...badSymbols(SUBSCRIBE),
    ...badSince(SUBSCRIBE),
    ...badMarkets(SUBSCRIBE),
    ...wrong(SUBSCRIBE, 'delivery', ['', 'none', 'ALL', null, 5, true, ['all'], LONG]),
    ...badWhats(SUBSCRIBE),
    ...wrong({ ...SUBSCRIBE, what: 'rows' }, 'resolution', ['1m', null, 5]),
    ...wrong({ ...SUBSCRIBE, what: 'rows' }, 'every', [1000]),
  ],
  'of type subscribe, of candles': [
    ...badIds(FORMING),
    ...badSymbols(FORMING),
    ...badSince(FORMING),
    ...badMarkets(FORMING),
    ...wrong(
      FORMING,
      'resolution',
      [null, 5, true, [], {}, '', '1', '0s', '-1s', '1.5s', '9ms', '521w', '11y', LONG],
      'bad_request',
      { interval: INTERVAL },
    ),
    [{ ...FORMING, resolution: '1Y' }, 'bad_request', 'unknown unit', 'Y', { interval: INTERVAL }],
    ...wrong(FORMING, 'tz', [null, 5, true, [], {}, '', '+05:00', 'UTC+5']),
    [{ ...FORMING, tz: 'America/Nowhere' }, 'bad_request', 'unknown tz', 'America/Nowhere'],
    [{ ...FORMING, tz: LONG }, 'bad_request', 'unknown tz', cut(LONG)],
    ...wrong(FORMING, 'offset', [null, 5, true, [], {}, '', '5', '24h', 'UTC', LONG]),
    [{ ...FORMING, tz: 'Asia/Tokyo', offset: '9h' }, 'bad_request', 'tz', 'Asia/Tokyo and 9h'],
    ...wrong(FORMING, 'every', [null, true, [], {}, '', '1000', 0, -1, 9, 10.5, HUGE, LONG]),
    ...wrong(FORMING, 'fields', [null, 5, true, {}, [], '', ['volume', 'volume'], [5], [null]]),
    ...['bid', 'last', 'open', '__proto__', LONG].map(
      (name): Case => [{ ...FORMING, fields: [name] }, 'bad_request', 'unknown field', cut(name)],
    ),
    ...wrong(FORMING, 'delivery', ['all', 'latest', null, 5]),
    ...badWhats(FORMING),
    missing({ ...FORMING, what: 'candles' }, 'resolution'),
    ...wrong({ ...FORMING, what: 'candles' }, 'delivery', ['all']),
    // What only candles have, asked of rows.
    ...wrong(SUBSCRIBE, 'tz', ['Asia/Tokyo', null, 5]),
    ...wrong(SUBSCRIBE, 'offset', ['5h']),
    ...wrong(SUBSCRIBE, 'every', [1000]),
    [{ ...SUBSCRIBE, fields: ['open'] }, 'bad_request', 'unknown field', 'open'],
  ],
  'of type subscribe, of books': [
    ...badIds(BOOKS),
    ...badSymbols(BOOKS),
    ...badSince(BOOKS),
    ...badMarkets(BOOKS),
    ...badWhats(BOOKS),
    ...wrong(BOOKS, 'levels', [...NO_COUNTS, 101, LONG]),
    ...wrong(BOOKS, 'fields', [['bid'], null]),
    ...wrong(BOOKS, 'delivery', ['all', 'latest', null]),
    ...wrong(BOOKS, 'resolution', ['1m', null]),
    ...wrong(BOOKS, 'every', [1000]),
    // What only books have, asked of rows and candles.
    ...wrong(SUBSCRIBE, 'levels', [5, null, '5']),
    ...wrong(FORMING, 'levels', [5]),
  ],
  'of type subscribe, of trades': [
    ...badIds(TRADED),
    ...badSymbols(TRADED),
    ...badSince(TRADED),
    ...badMarkets(TRADED),
    ...wrong(TRADED, 'delivery', ['', 'none', 'ALL', null, 5, true, ['all'], LONG]),
    // What only others have.
    ...wrong(TRADED, 'fields', [['last'], 'last', null, []]),
    ...wrong(TRADED, 'resolution', ['1m', null]),
    ...wrong(TRADED, 'tz', ['Asia/Tokyo']),
    ...wrong(TRADED, 'offset', ['5h']),
    ...wrong(TRADED, 'every', [1000]),
  ],
  'of type unsubscribe': [
    ...badIds(UNSUBSCRIBE),
    [UNSUBSCRIBE, 'bad_request', 'id', '1'],
    [{ ...UNSUBSCRIBE, id: 2 ** 32 - 1 }, 'bad_request', 'id', String(2 ** 32 - 1)],
  ],
  'of type candles': [
    ...badIds(CANDLES),
    missing(CANDLES, 'symbol'),
    ...wrong(CANDLES, 'symbol', [null, 5, true, ['ticker_0'], {}, '']),
    ...['nope', '*', 'ticker_0,ticker_1', '__proto__'].map(
      (symbol): Case => [{ ...CANDLES, symbol }, 'unknown_symbol', 'unknown symbol', symbol],
    ),
    missing(CANDLES, 'resolution'),
    ...wrong(
      CANDLES,
      'resolution',
      [null, 5, true, [], {}, '', '1', '0s', '-1s', '1.5s', '9ms', '521w', '11y', LONG],
      'bad_request',
      { interval: INTERVAL },
    ),
    [{ ...CANDLES, resolution: '1Y' }, 'bad_request', 'unknown unit', 'Y', { interval: INTERVAL }],
    missing(CANDLES, 'from'),
    ...wrong(CANDLES, 'from', [...NO_TIMES, 'now']),
    ...wrong(CANDLES, 'from', [ORIGIN - 2000, 0, '1970-01-01', ORIGIN / 1000], 'before_start', {
      earliest: ORIGIN,
    }),
    missing(CANDLES, 'count'),
    ...wrong(CANDLES, 'count', [...NO_COUNTS, 10_001]),
    ...badMarkets(CANDLES),
  ],
};

let server: TestServer;
let neighbour: TestSocket;
let neighbourUntil = HEAD;

beforeAll(async () => {
  server = await startTestServer({ rows: ROWS });
  neighbour = await server.connect();
  await neighbour.ask({ ...SUBSCRIBE, since: HEAD }, 'subscribed');
});

afterAll(async () => {
  await server.stop();
  expect(server.failures).toEqual([]);
});

/** Lets the next row become due and checks that the neighbour gets it, and it alone. */
async function expectHealth(): Promise<void> {
  server.clock.pass(INTERVAL);
  const rows = await neighbour.next('rows');
  const index = (neighbourUntil - ORIGIN) / INTERVAL + 1;
  expect(rows).toMatchObject({ since: neighbourUntil, until: neighbourUntil + INTERVAL, lag: 0 });
  expect(rows.prices).toEqual([0, 1, 2].map((n) => pricesOf(server.market, n, index, index + 1)));
  neighbourUntil = rows.until;
}

function idOf(message: object | string): number | undefined {
  try {
    const { id } =
      typeof message === 'string' ? JSON.parse(message) : (message as { id?: unknown });
    return Number.isInteger(id) ? (id as number) : undefined;
  } catch {
    return undefined;
  }
}

for (const [title, cases] of Object.entries(TABLES)) {
  describe(`a wrong message ${title} gets the error that names its field and value`, () => {
    for (const [message, code, field, given, details = {}] of cases) {
      const text = typeof message === 'string' ? message : JSON.stringify(message);
      it(`${shown(text)} is ${code} of ${field} (${shown(given)})`, async () => {
        const socket = await server.connect();
        const error = await socket.ask(message, 'error');

        expectSentence(error.message, field, given);
        const id = idOf(message);
        expect(error).toEqual({
          type: 'error',
          ...(id === undefined ? {} : { id }),
          code,
          message: error.message,
          ...(details === OWN_MARKET ? { market: server.market.id } : details),
        });
        // The same connection goes on, with nothing left over from the bad message.
        const pong = await socket.ask({ type: 'ping', id: 77 });
        expect(pong).toEqual({ type: 'pong', id: 77, now: server.clock.nowMs(), speed: 1 });
        await expectHealth();
        await socket.close();
      });
    }
  });
}

describe('a cursor ahead of the head', () => {
  it.each(['fetch', 'subscribe'])('is cursor_ahead for %s if it is too far', async (type) => {
    const socket = await server.connect();
    const since = neighbourUntil + 2000 + INTERVAL;
    const error = await socket.ask({ type, id: 3, symbols: '*', since });

    expect(error).toMatchObject({ type: 'error', id: 3, code: 'cursor_ahead' });
    expect(error.head).toBe(neighbourUntil);
    expectSentence(error.message, 'since', `${since}`);
    await socket.close();
    await expectHealth();
  });
});

describe('a number too large for JavaScript', () => {
  it.each(['id', 'since', 'limit'])('is a bad_request as %s', async (field) => {
    const socket = await server.connect();
    const text = JSON.stringify({ ...FETCH, [field]: 'X' }).replace('"X"', '1e999');
    const error = await socket.ask(text, 'error');

    expect(error.code).toBe('bad_request');
    expect(error.message).toMatch(new RegExp(`^${field} must be .*; given: `));
    await socket.close();
    await expectHealth();
  });
});

describe('subscriptions of one connection', () => {
  it('must differ in their ids, and the first of two equal ones goes on', async () => {
    const socket = await server.connect();
    await socket.ask({ ...SUBSCRIBE, since: 'now' }, 'subscribed');
    const error = await socket.ask({ ...SUBSCRIBE, symbols: ['ticker_1'], since: 'now' }, 'error');

    expect(error).toMatchObject({ id: 1, code: 'bad_request' });
    expectSentence(error.message, 'id', '1');
    await expectHealth();
    const rows = await socket.next('rows');
    expect(rows.id).toBe(1);
    expect(rows.prices).toHaveLength(3);
    await socket.close();
  });

  it('are at most 16: the 17th is too_many, and there is room again once one has ended', async () => {
    const socket = await server.connect();
    for (let id = 0; id < 16; id++) {
      await socket.ask({ ...SUBSCRIBE, id, since: 'now' }, 'subscribed');
    }
    const error = await socket.ask({ ...SUBSCRIBE, id: 16, since: 'now' }, 'error');

    expect(error).toMatchObject({ id: 16, code: 'too_many', limit: 16 });
    expect(error.message).toMatch(/^a connection holds at most 16 subscriptions; given: /);
    await expectHealth();
    const served = new Set<number>();
    for (let n = 0; n < 16; n++) served.add((await socket.next('rows')).id);
    expect(served.size).toBe(16);
    await socket.ask({ type: 'unsubscribe', id: 5 }, 'unsubscribed');
    await socket.ask({ ...SUBSCRIBE, id: 16, since: 'now' }, 'subscribed');
    await socket.close();
  });

  it('end once: a second unsubscribe is a bad_request', async () => {
    const socket = await server.connect();
    await socket.ask({ ...SUBSCRIBE, since: 'now' }, 'subscribed');
    await socket.ask(UNSUBSCRIBE, 'unsubscribed');
    const error = await socket.ask(UNSUBSCRIBE, 'error');

    expect(error).toMatchObject({ id: 1, code: 'bad_request' });
    await socket.close();
    await expectHealth();
  });

  it('of two connections may have the same id', async () => {
    const sockets = [await server.connect(), await server.connect()];
    for (const socket of sockets) {
      await socket.ask({ ...SUBSCRIBE, since: 'now' }, 'subscribed');
    }
    await expectHealth();
    for (const socket of sockets) expect((await socket.next('rows')).id).toBe(1);
    for (const socket of sockets) await socket.close();
  });
});

describe('a connection', () => {
  it('takes ids from 0 to 2^32 - 1', async () => {
    const socket = await server.connect();
    for (const id of [0, 2 ** 32 - 1]) {
      expect(await socket.ask({ type: 'ping', id })).toMatchObject({ type: 'pong', id });
    }
    await socket.close();
  });

  it.each([
    [{ ...SUBSCRIBE, symbol: 'ticker_0' }, 'symbol" of subscribe; did you mean "symbols"?'],
    [{ ...FETCH, resolution: '1m' }, 'resolution" of fetch; it is one of subscribe, candles'],
    [{ ...FORMING, evry: 5 }, 'evry" of subscribe; did you mean "every"?'],
    [{ ...FORMING, fields: ['bid'] }, 'bid" of candles; there are volume, trades'],
    [
      { ...FORMING, fields: ['open'] },
      'open" of candles; open, high, low, close are always there, beside volume, trades',
    ],
    [{ ...FORMING, timezone: 'UTC' }, 'timezone" of subscribe; did you mean "tz"?'],
    [{ ...CANDLES, time_zone: 'UTC' }, 'time_zone" of candles; did you mean "tz"?'],
    [{ ...CANDLES, timeframe: '1m' }, 'timeframe" of candles; did you mean "resolution"?'],
    [{ ...CANDLES, every: 5 }, 'every" of candles; it is one of subscribe'],
    [
      { ...CANDLES, symbols: ['ticker_0', 'ticker_1'] },
      'symbols" of candles; candles have one symbol, subscribe with a resolution and GET /v1/candles have symbols',
    ],
    [{ ...FETCH, delivery: 'all' }, 'delivery" of fetch; it is one of subscribe'],
    [
      { ...SUBSCRIBE, until: 5 },
      'until" of subscribe; there are type, id, what, symbols, since, market, fields, delivery',
    ],
  ])('is told what there is instead of the unknown field of %o', async (message, told) => {
    const socket = await server.connect();
    const error = await socket.ask(message, 'error');
    expect(error.message).toBe(`unknown field "${told}`);
    await socket.close();
  });

  it.each([
    ['ticker_0,ticker_1', 'unknown symbol "ticker_0,ticker_1"; candles have one symbol, '],
    ['*', 'unknown symbol "*"; candles have one symbol, '],
    [['ticker_0'], 'symbol must be text, one symbol; given: ["ticker_0"]'],
  ])('that asks for candles of %j is told who has several', async (symbol, told) => {
    const socket = await server.connect();
    const { message } = await socket.ask({ ...CANDLES, symbol }, 'error');
    expect(message.slice(0, told.length)).toBe(told);
    await socket.close();
  });

  it('waits for at most 16 answers: more at once are too_many, none is lost in silence', async () => {
    const socket = await server.connect();
    const requests = 40;
    for (let id = 0; id < requests; id++) socket.send({ ...FETCH, id, limit: 1 });
    const answers: Message[] = [];
    for (let n = 0; n < requests; n++) answers.push(await socket.next());

    expect(answers.map(({ id }) => id).sort((a, b) => a - b)).toEqual(
      Array.from({ length: requests }, (_, id) => id),
    );
    const [rows, errors] = ['rows', 'error'].map((type) => answers.filter((a) => a.type === type));
    expect(rows.length).toBeGreaterThanOrEqual(16);
    for (const { until } of rows) expect(until).toBe(ORIGIN);
    // All were sent before the server read the first.
    expect(errors.length).toBeGreaterThan(0);
    for (const error of errors) expect(error).toMatchObject({ code: 'too_many', limit: 16 });
    await socket.close();
    await expectHealth();
  });

  const bytes = (size: number) => JSON.stringify(PING).padEnd(size);

  it('takes a message of 4 KiB', async () => {
    const socket = await server.connect();
    expect(await socket.ask(bytes(4096))).toMatchObject({ type: 'pong' });
    await socket.close();
  });

  it.each<[string, number, (socket: TestSocket) => void]>([
    ['a byte more than 4 KiB', 1009, (socket) => socket.send(bytes(4097))],
    ['a megabyte', 1009, (socket) => socket.send(bytes(2 ** 20))],
    ['a binary message', 1003, (socket) => socket.send(Buffer.from('{"type":"ping","id":1}'))],
    ['an empty binary message', 1003, (socket) => socket.send(Buffer.alloc(0))],
    [
      'text that is not UTF-8',
      1007,
      (socket) => socket.sendAsText(Buffer.from([0x22, 0xff, 0x22])),
    ],
    ['half a character', 1007, (socket) => socket.sendAsText(Buffer.from([0xe2, 0x82]))],
  ])('that sends %s is closed with %i', async (_, code, send) => {
    const socket = await server.connect();
    await socket.ask({ ...SUBSCRIBE, since: 'now' }, 'subscribed');
    send(socket);

    expect((await socket.closed).code).toBe(code);
    await expectHealth();
  });

  it('whose frames break the protocol is closed with 1002', async () => {
    const answer = await server.raw(`${UPGRADE}\x81\x02{}`);

    expect(answer).toMatch(/^HTTP\/1\.1 101 /);
    // The last frame: a close (0x88) with its code.
    const close = Buffer.from(answer, 'latin1').subarray(-4).readUInt16BE(2);
    expect(answer).toContain('hello');
    expect(close).toBe(1002);
    await expectHealth();
  });
});

const UPGRADE =
  'GET /v1/stream HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n' +
  'sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';

describe('an upgrade', () => {
  it.each(['/', '/v1', '/v1/rows', '/v1/stream/', '/v1/streams', '/V1/stream', '//v1/stream'])(
    'of %s is an HTTP 404 that says so in JSON',
    async (path) => {
      const answer = await server.raw(UPGRADE.replace('/v1/stream', path));
      const [head, body] = answer.split('\r\n\r\n');

      expect(head).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/);
      expect(head).toContain('content-type: application/json');
      const { error } = JSON.parse(body);
      expect(error.code).toBe('not_found');
      expect(error.message).toBe(`no WebSocket at "${path}"; it is at /v1/stream`);
      await expectHealth();
    },
  );

  it('of /v1/stream may have parameters that begin with _, and no others', async () => {
    const socket = new TestSocket(`${server.server.url.replace('http', 'ws')}/v1/stream?_=1`);
    expect((await socket.next()).type).toBe('hello');
    await socket.close();
    const refused = await server.raw(UPGRADE.replace('stream', 'stream?_=1&symbols=ticker_0'));
    const [head, body] = refused.split('\r\n\r\n');

    expect(head).toMatch(/^HTTP\/1\.1 400 /);
    expect(JSON.parse(body).error).toEqual({
      code: 'bad_request',
      message:
        'unknown parameter "symbols" of /v1/stream; what you want is said in messages, such as ' +
        'subscribe',
    });
    await expectHealth();
  });

  it.each([
    ['without a key', UPGRADE.replace(/sec-websocket-key.*\r\n/, '')],
    ['with a broken key', UPGRADE.replace(/key: .*\r\n/, 'key: short\r\n')],
    ['of an unknown version', UPGRADE.replace('version: 13', 'version: 99')],
    ['to another protocol', UPGRADE.replace('upgrade: websocket', 'upgrade: h2c')],
    ['by POST', UPGRADE.replace('GET', 'POST')],
  ])('%s is refused with a 4xx', async (_, request) => {
    expect(await server.raw(request)).toMatch(/^HTTP\/1\.1 4\d\d /);
    await expectHealth();
  });
});
