import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.ts';
import { passUntil } from '../../helpers/passing.ts';
import { startTestServer, type TestServer, UNHURRIED } from '../../helpers/server.ts';
import { TestSocket } from '../../helpers/socket.ts';
import * as schemas from './schemas.ts';
import { StreamClient } from './stream-client.ts';
import { allPages, get, iso, type Json, KEYS, SPEC } from './world.ts';

/** Rows come ten times a second: a server looks as often at a clock that was moved. */
const ROW = 100;
const MINUTE = 60_000;
/** A Monday on which New York is open, a second before a minute. */
const ORIGIN = Date.UTC(2026, 0, 5, 15, 0);
const ROWS = 1190;
const STOCKS = '/v2/iex';
const PAIRS = '/v1beta3/crypto/us';

let server: TestServer;

async function start(limits: object = {}): Promise<TestServer> {
  return startTestServer({
    spec: { ...SPEC, origin: ORIGIN, interval: ROW, capacity: 800 },
    rows: ROWS,
    limits: { ...UNHURRIED, workBurst: 1e15, ...limits },
  });
}

beforeAll(async () => {
  server = await start();
});

afterAll(async () => {
  await server.stop();
  expect(server.failures).toEqual([]);
});

const opened = (path = STOCKS, options = {}) => StreamClient.open(server.server.url, path, options);

/** Lets rows pass, waits until they are there, and gives the time of the newest. */
async function pass(rows = 1): Promise<number> {
  server.clock.pass(rows * ROW);
  const timeMs = server.clock.nowMs();
  await eventually(async () => {
    const { json } = await get(server, '/v2/stocks/ACME/quotes/latest');
    expect(Date.parse(json.quote.t)).toBe(timeMs);
  });
  return timeMs;
}

/** What a message says beside its kind and symbol. */
const itemOf = ({ T, S, ...item }: Json) => item;

const moment = (item: Json) => ({ ...item, t: new Date(item.t).getTime() });

/** What REST has of a range of rows, whose first is given by its time. */
async function items(name: 'trades' | 'quotes' | 'bars', symbol: string, from: number, to: number) {
  const base = symbol.includes('/') ? PAIRS : '/v2/stocks';
  const query = { symbols: symbol, timeframe: '1Min', start: iso(from), end: iso(to) };
  const { items: all } = await allPages(server, `${base}/${name}`, name, { ...query, limit: 9999 });
  return all[symbol] ?? [];
}

describe('a stream', () => {
  it('takes the names of a whole market on every list', async () => {
    const many = await startTestServer({ spec: { ...SPEC, count: 300, instruments: undefined } });
    const client = await StreamClient.open(many.server.url, PAIRS);
    const { json } = await many.get('/v1/market');
    const names = json.instruments.map(
      ({ symbol }: Json) => `${symbol.replace('_', '').toUpperCase()}/USDT`,
    );
    const subscribe = { action: 'subscribe', trades: names, quotes: names, bars: names };
    expect(JSON.stringify(subscribe).length).toBeGreaterThan(4096);
    const { trades, bars } = await client.ask(subscribe);
    expect([trades, bars]).toEqual([names, names]);
    client.socket.terminate();
    await many.stop();
  });

  it('greets, knows its clients, and says all that they follow', async () => {
    const client = await opened();
    expect(client.lists).toEqual([
      [{ T: 'success', msg: 'connected' }],
      [{ T: 'success', msg: 'authenticated' }],
    ]);
    const none = { statuses: [], lulds: [], imbalances: [], updatedBars: [], dailyBars: [] };
    const of = (trades: string[], rest: object = {}) => ({
      ...{ T: 'subscription', quotes: [], bars: [], ...none, ...rest, trades },
      ...{ corrections: trades, cancelErrors: trades },
    });
    const subscribe = { action: 'subscribe', trades: ['NIMBO', 'ACME'], bars: [] };
    expect(await client.ask(subscribe)).toEqual(of(['ACME', 'NIMBO']));
    const all = { action: 'subscribe', lulds: ['*'], statuses: ['ACME'], trades: ['RARE'] };
    const more = { lulds: ['*'], statuses: ['ACME'] };
    expect(await client.ask(all)).toEqual(of(['ACME', 'NIMBO', 'RARE'], more));
    const less = { action: 'unsubscribe', trades: ['NIMBO', 'GONE'], lulds: ['*'] };
    expect(await client.ask(less)).toEqual(of(['ACME', 'RARE'], { statuses: ['ACME'] }));
    const check = schemas.messages('stock');
    expect(client.lists.map((list) => schemas.faults(check, list)).join('')).toBe('');
    client.socket.close();
  });

  it('lets in who says a key with its headers', async () => {
    const client = new StreamClient(server.server.url, STOCKS, { headers: KEYS });
    await client.atLeast('success', 2);
    expect((await client.ask({ action: 'subscribe' })).trades).toEqual([]);
    client.socket.close();
  });

  it.each([
    [STOCKS, 'stock', ['NIMBO', 'ACME', 'RARE'], false],
    ['/v1beta3/crypto/eu-1', 'crypto', ['ORBX/USDT', 'AUR/VEL'], false],
    [STOCKS, 'stock', ['NIMBO', 'ACME', 'RARE'], true],
  ] as const)('at %s of %s has what REST has, of all: %j packed: %s', async (...given) => {
    const [path, kind, symbols, isPacked] = given;
    const client = await opened(path, { isPacked });
    const all = { trades: ['*'], quotes: ['*'] };
    expect(await client.ask({ action: 'subscribe', ...all })).toMatchObject(all);
    const from = server.clock.nowMs() + ROW;
    for (let n = 0; n < 5; n++) {
      const to = await pass(1 + 3 * (n % 2));
      await eventually(() => {
        const { t } = client.of('q').at(-1) ?? {};
        expect(new Date(t).getTime()).toBe(to);
      });
    }
    const to = server.clock.nowMs() + ROW - 1;
    const trades = client.lists.filter((list) => list[0].T === 't');
    const check = schemas.messages(kind);
    if (!isPacked) expect(trades.map((list) => schemas.faults(check, list)).join('')).toBe('');
    // What a float of milliseconds can say of a time.
    const timed = (item: Json) => (isPacked ? { ...item, t: new Date(item.t) } : item);
    for (const symbol of symbols) {
      const of = (T: string) =>
        client
          .of(T)
          .filter(({ S }) => S === symbol)
          .map(itemOf);
      expect(of('t')).toEqual((await items('trades', symbol, from, to)).map(timed));
      expect(of('q')).toEqual((await items('quotes', symbol, from, to)).map(timed));
      expect(of('q').length).toBe(11);
    }
    client.socket.close();
  });

  it('tells a minute as one, whoever else follows the same candles as they form', async () => {
    const url = server.server.url.replace('http', 'ws');
    const other = new TestSocket(`${url}/ws/aurvel@kline_1m`);
    await other.next();
    const client = await opened(PAIRS);
    await client.ask({ action: 'subscribe', bars: ['AUR/VEL'] });
    await pass((2 * MINUTE) / ROW);
    await client.atLeast('b', 1);
    expect(client.of('d')).toEqual([]);
    await other.close();
    client.socket.close();
  });

  it('tells a minute when it is whole, and a day each minute, as REST has them', async () => {
    const [client, packed] = [await opened(), await opened(STOCKS, { isPacked: true })];
    const subscribe = { action: 'subscribe', bars: ['ACME', 'NIMBO'], dailyBars: ['ACME'] };
    for (const one of [client, packed]) await one.ask({ ...subscribe, updatedBars: ['*'] });
    const from = Math.floor(server.clock.nowMs() / MINUTE) * MINUTE;
    for (let n = 1; n <= 3; n++) {
      await pass(MINUTE / ROW);
      await client.atLeast('d', n);
      await client.atLeast('b', 2 * n);
      await packed.atLeast('b', 2 * n);
    }
    const to = Math.floor(server.clock.nowMs() / MINUTE) * MINUTE - 1;
    for (const symbol of ['ACME', 'NIMBO']) {
      const expected = await items('bars', symbol, from, to);
      expect(expected.length).toBe(3);
      const told = (of: StreamClient) =>
        of
          .of('b')
          .filter(({ S }) => S === symbol)
          .map(itemOf);
      expect(told(client)).toEqual(expected);
      expect(told(packed)).toEqual(expected.map((bar) => ({ ...bar, t: new Date(bar.t) })));
    }
    const days = client.of('d');
    expect(days.map(({ t }) => t)).toEqual(Array(days.length).fill('2026-01-05T00:00:00Z'));
    expect(days.map(({ n }) => n)).toEqual(days.map(({ n }) => n).toSorted((a, b) => a - b));
    const check = schemas.messages('stock');
    expect(client.lists.map((list) => schemas.faults(check, list)).join('')).toBe('');
    expect(client.of('u')).toEqual([]);
    for (const one of [client, packed]) one.socket.close();
  });

  it.each([1, 9])('tells a halt and its end once, of rows that come %i at a time', async (rows) => {
    const [client, packed] = [await opened(), await opened(STOCKS, { isPacked: true })];
    for (const one of [client, packed]) await one.ask({ action: 'subscribe', statuses: ['*'] });
    const { json: halt } = await server.get('/v1/control/events', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ kind: 'halt', symbols: ['ACME', 'RARE'], for: '500ms' }),
    });
    await pass(4);
    // Who comes later is told its end alone.
    const late = await opened();
    await late.ask({ action: 'subscribe', statuses: ['ACME'] });
    for (let n = 0; n < 9; n += rows) await pass(rows);
    const told = (S: string, isHalted: boolean) => ({
      ...{ T: 's', S, sc: isHalted ? '2' : '3', sm: isHalted ? 'Trading Halt' : 'Resume' },
      ...{ rc: '', rm: '', t: iso(halt.time + (isHalted ? 0 : 500)), z: 'A' },
    });
    const [begin, end] = [true, false].map((is) => ['ACME', 'RARE'].map((S) => told(S, is)));
    await client.atLeast('s', 4);
    expect(client.of('s').map(moment)).toEqual([...begin!, ...end!].map(moment));
    await packed.atLeast('s', 4);
    expect(packed.of('s').map(moment)).toEqual(client.of('s').map(moment));
    await late.atLeast('s', 1);
    expect(late.of('s').map(moment)).toEqual([moment(end![0])]);
    const check = schemas.messages('stock');
    expect(client.lists.map((list) => schemas.faults(check, list)).join('')).toBe('');
    for (const one of [client, packed, late]) one.socket.close();
  });

  it('sends books whole, then what changes: together they are those of REST', async () => {
    const client = await opened(PAIRS);
    await client.ask({ action: 'subscribe', orderbooks: ['ORBX/USDT', 'AUR/VEL'] });
    await client.atLeast('o', 2);
    expect(client.of('o').map(({ r }) => r)).toEqual([true, true]);
    for (let n = 0; n < 8; n++) {
      const lists = client.lists.length;
      await pass(1);
      await eventually(() => expect(client.lists.length).toBeGreaterThan(lists));
    }
    const books = new Map<string, { a: Map<number, number>; b: Map<number, number> }>();
    for (const { S, a, b, r } of client.of('o')) {
      if (r === true) books.set(S, { a: new Map(), b: new Map() });
      const book = books.get(S)!;
      for (const [side, levels] of [
        [book.a, a],
        [book.b, b],
      ] as const) {
        for (const { p, s } of levels) {
          if (s === 0) side.delete(p);
          else side.set(p, s);
        }
      }
    }
    const query = { symbols: 'ORBX/USDT,AUR/VEL' };
    const { json } = await get(server, `${PAIRS}/latest/orderbooks`, query);
    for (const [symbol, { a, b }] of books) {
      const levels = (side: Map<number, number>, sign: number) =>
        [...side].map(([p, s]) => ({ p, s })).toSorted((x, y) => sign * (x.p - y.p));
      const { a: asks, b: bids } = json.orderbooks[symbol];
      expect({ a: levels(a, 1), b: levels(b, -1) }).toEqual({ a: asks, b: bids });
    }
    const check = schemas.messages('crypto');
    expect(client.lists.map((list) => schemas.faults(check, list)).join('')).toBe('');
    client.socket.close();
  });

  it('makes a message once for all who want the same, and numbers trades as REST does', async () => {
    const clients = [await opened(), await opened(), await opened('/v2/sip')];
    for (const client of clients) {
      await client.ask({ action: 'subscribe', trades: ['ACME', 'NIMBO'] });
    }
    const before = await server.get('/metrics');
    for (let n = 1; n <= 4; n++) {
      await pass(1);
      for (const client of clients) await client.atLeast('t', n);
    }
    expect(before.status).toBe(200);
    const texts = clients.map((client) => client.texts.filter((text) => text.includes('"T":"t"')));
    expect(texts[1]).toEqual(texts[0]);
    expect(texts[2]).toEqual(texts[0]);
    for (const client of clients) client.socket.close();
  });

  it('loses nothing of what is followed when more is, and begins that at once', async () => {
    const client = await opened();
    await client.ask({ action: 'subscribe', trades: ['ACME'] });
    const from = await pass(2);
    await client.atLeast('t', 1);
    client.send({ action: 'subscribe', trades: ['NIMBO'] });
    await pass(2);
    await client.ask({ action: 'subscribe', trades: ['RARE'] });
    await pass(2);
    await client.ask({ action: 'unsubscribe', trades: ['NIMBO', 'RARE'] });
    const to = await pass(2);
    const expected = await items('trades', 'ACME', from - ROW, to + ROW - 1);
    await eventually(() => {
      const told = client.of('t').filter(({ S }) => S === 'ACME');
      expect(told.map(itemOf)).toEqual(expected);
    });
    client.socket.close();
  });

  it('leaves a hole where it was cut, which REST fills by the numbers of trades', async () => {
    const numbers: number[] = [];
    const follow = async () => {
      const client = await opened();
      await client.ask({ action: 'subscribe', trades: ['ACME'] });
      await pass(3);
      await client.atLeast('t', 3);
      return client;
    };
    const first = await follow();
    first.socket.terminate();
    await first.closed;
    await pass(700);
    const second = await follow();
    const [last, next] = [first.of('t').at(-1)!, second.of('t')[0]!];
    expect(next.i).toBeGreaterThan(last.i + 1);
    const hole = await items('trades', 'ACME', Date.parse(last.t), Date.parse(next.t));
    const known = new Map<number, Json>();
    for (const trade of [...first.of('t'), ...second.of('t')]) known.set(trade.i, itemOf(trade));
    for (const trade of hole) known.set(trade.i, trade);
    numbers.push(...[...known.keys()].toSorted((a, b) => a - b));
    expect(numbers).toEqual(numbers.map((_, n) => numbers[0]! + n));
    second.socket.close();
  });

  it('sends who is slow all of it, when that reads on', async () => {
    const client = await opened();
    await client.ask({ action: 'subscribe', trades: ['ACME'], quotes: ['NIMBO'] });
    client.socket.pause();
    const from = await pass(1);
    for (let n = 0; n < 8; n++) await pass(600);
    client.socket.resume();
    const to = server.clock.nowMs();
    const expected = await items('trades', 'ACME', from, to + ROW - 1);
    expect(expected.length).toBeGreaterThan(4800);
    await client.atLeast('t', expected.length);
    expect(client.of('t').map(itemOf)).toEqual(expected);
    const quotes = await client.atLeast('q', 4801);
    expect(quotes.map(itemOf)).toEqual(await items('quotes', 'NIMBO', from, to));
    client.socket.close();
  });
});

describe('what is wrong in a stream', () => {
  const { code: syntax, msg } = { code: 400, msg: 'invalid syntax' };
  const SYNTAX = [syntax, msg] as const;
  const symbol = (name: string) => [400, `invalid symbol: ${name}`] as const;
  const CASES: readonly (readonly [sent: unknown, error: readonly [number, string]])[] = [
    [[], SYNTAX],
    [[{ action: 'subscribe' }], SYNTAX],
    ['subscribe', SYNTAX],
    [5, SYNTAX],
    [null, SYNTAX],
    [{}, SYNTAX],
    [{ action: 'listen' }, SYNTAX],
    [{ action: ['subscribe'] }, SYNTAX],
    [{ action: 'SUBSCRIBE', trades: ['ACME'] }, SYNTAX],
    [{ action: 'subscribe', trades: 'ACME' }, SYNTAX],
    [{ action: 'subscribe', trades: [5] }, SYNTAX],
    [{ action: 'subscribe', trades: [['ACME']] }, SYNTAX],
    [{ action: 'subscribe', trades: { ACME: true } }, SYNTAX],
    [{ action: 'unsubscribe', bars: 1 }, SYNTAX],
    [{ action: 'subscribe', trades: [''] }, symbol('""')],
    [{ action: 'subscribe', trades: ['acme'] }, symbol('acme')],
    [{ action: 'subscribe', quotes: ['ACME', 'XX'] }, symbol('XX')],
    [{ action: 'subscribe', bars: ['AUR/VEL'] }, symbol('AUR/VEL')],
    [{ action: 'subscribe', dailyBars: ['__proto__'] }, symbol('__proto__')],
    [
      { action: 'subscribe', orderbooks: ['ACME'] },
      [410, 'invalid subscribe action for this feed'],
    ],
    [{ action: 'auth', key: 'again', secret: 'x' }, [403, 'already authenticated']],
  ];

  it.each([false, true])(
    'is told by number, and nothing is followed: packed %s',
    async (isPacked) => {
      const client = await opened(STOCKS, { isPacked });
      for (const [n, [sent, [code, text]]] of CASES.entries()) {
        expect(await client.ask(sent, 'error')).toEqual({ T: 'error', code, msg: text });
        expect(client.of('error').length).toBe(n + 1);
      }
      const { trades, quotes, bars } = await client.ask({ action: 'subscribe' });
      expect([trades, quotes, bars]).toEqual([[], [], []]);
      client.socket.close();
    },
  );

  it('is what cannot be read at all', async () => {
    const [client, packed] = [await opened(), await opened(STOCKS, { isPacked: true })];
    // Of the last, a list says that it is of four thousand million.
    const bytes = [[], [0xc1], [0x81], [0xdd, 0xff, 0xff, 0xff, 0xff], [0x91, 0xc0, 0xc0]];
    for (const text of ['', '{', 'subscribe', '{"action":"subscribe"', '['.repeat(4000)]) {
      client.socket.send(text);
    }
    for (const some of bytes) {
      client.socket.send(Buffer.from(some));
      packed.socket.send(Buffer.from(some));
    }
    const errors = [...(await client.atLeast('error', 10)), ...(await packed.atLeast('error', 5))];
    for (const error of errors) {
      expect(error).toEqual({ T: 'error', code: 400, msg: 'invalid syntax' });
    }
    for (const one of [client, packed]) one.socket.close();
  });

  it('is to ask before saying who one is, or to say nothing of it', async () => {
    const client = new StreamClient(server.server.url, PAIRS);
    await once(client.socket, 'open');
    const notYet = { T: 'error', code: 401, msg: 'not authenticated' };
    for (const action of ['subscribe', 'unsubscribe']) {
      expect(await client.ask({ action, trades: ['*'] }, 'error')).toEqual(notYet);
    }
    const failed = { T: 'error', code: 402, msg: 'auth failed' };
    for (const keys of [{}, { key: '', secret: '' }, { key: 'x' }, { key: 5, secret: 5 }]) {
      expect(await client.ask({ action: 'auth', ...keys }, 'error')).toEqual(failed);
    }
    const well = await client.ask({ action: 'auth', key: 'x', secret: 'y' }, 'success');
    expect(well).toEqual({ T: 'success', msg: 'authenticated' });
    client.socket.close();
  });

  it('is a place that there is not', async () => {
    const client = new StreamClient(server.server.url, '/v1beta3/crypto/moon');
    const [, answer] = await once(client.socket, 'unexpected-response');
    expect(answer.statusCode).toBe(404);
  });

  it('is to follow more books than a connection may have', async () => {
    const poor = await start({ maxAlpacaSymbols: 1 });
    const client = await StreamClient.open(poor.server.url, PAIRS);
    const error = await client.ask({ action: 'subscribe', orderbooks: ['*'] }, 'error');
    expect(error).toEqual({ T: 'error', code: 405, msg: 'symbol limit exceeded' });
    client.socket.close();
    await poor.stop();
  });

  it('is to be silent, to be too many or too fast: it ends with a number that is known', async () => {
    const limits = { firstRequestMs: 1000, maxConnectionsPerAddress: 2, messagesBurst: 4 };
    const poor = await start({ ...limits, messagesPerSecond: 1, refusalsBurst: 2 });
    const silent = [false, true].map(
      (isPacked) => new StreamClient(poor.server.url, STOCKS, { isPacked }),
    );
    await Promise.all(silent.map(({ socket }) => once(socket, 'open')));
    for (const isPacked of [false, true]) {
      const third = new StreamClient(poor.server.url, STOCKS, { isPacked });
      expect(await third.closed).toBe(4503);
      const full = { T: 'error', code: 406, msg: 'connection limit exceeded' };
      expect(third.lists).toEqual([[full]]);
    }
    const ends = Promise.all(silent.map(({ closed }) => closed));
    expect(await passUntil(ends, poor.clock, { goAndReturn: () => poor.get('/v2/clock') })).toEqual(
      [4504, 4504],
    );
    for (const client of silent) {
      expect(client.lists.at(-1)).toEqual([{ T: 'error', code: 404, msg: 'auth timeout' }]);
    }
    const fast = await StreamClient.open(poor.server.url, STOCKS);
    for (let n = 0; n < 20; n++) fast.send({ action: 'subscribe' });
    expect(await fast.closed).toBe(4005);
    expect(fast.of('error').at(-1)).toEqual({ T: 'error', code: 429, msg: 'too many messages' });
    await poor.stop();
  });
});
