import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { bookOf } from '../../helpers/books.ts';
import { eventually } from '../../helpers/eventually.ts';
import { startTestServer, type TestServer, UNHURRIED } from '../../helpers/server.ts';
import { type Payload, StreamClient } from './stream-client.ts';
import { expectPayload, type Kind } from './stream-schemas.ts';

/** A minute has 600 rows. */
const INTERVAL = 100;
const ORIGIN = Date.UTC(2026, 0, 5, 7, 59);
const SPEC = {
  ...{ origin: ORIGIN, interval: INTERVAL, capacity: 4000, count: undefined },
  instruments: [
    { symbol: 'ORBX', names: { binance: 'BTCUSDT' }, model: 'gbm', tickSize: 0.01 },
    { symbol: 'AUR/VEL', model: 'market', tickSize: 0.25, startPrice: 500 },
    { symbol: '^', name: 'Has no name there' },
  ],
};

let server: TestServer;
const clients: StreamClient[] = [];

beforeAll(async () => {
  server = await startTestServer({ spec: SPEC, rows: 590, limits: { ...UNHURRIED } });
});

afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
});

afterAll(async () => {
  await server.stop();
  expect(server.failures).toEqual([]);
});

async function open(path: string): Promise<StreamClient> {
  const client = new StreamClient(server, path);
  clients.push(client);
  await client.socket.opened;
  return client;
}

/** The index of the newest row. */
const newest = () => (server.clock.nowMs() - ORIGIN) / INTERVAL;
const timeOf = (index: number) => ORIGIN + index * INTERVAL;
const decimal = (text: string) => Number(text);

/** A book, as levels by price. */
class FoldedBook {
  readonly bids = new Map<string, string>();
  readonly asks = new Map<string, string>();

  constructor({ bids, asks }: Payload) {
    this.add({ b: bids, a: asks });
  }

  add({ b, a }: Payload): void {
    for (const [side, levels] of [[this.bids, b] as const, [this.asks, a] as const]) {
      for (const [price, lots] of levels) {
        if (decimal(lots) === 0) side.delete(price);
        else side.set(price, lots);
      }
    }
  }

  /** As a whole book tells it. */
  get levels() {
    const sorted = (side: Map<string, string>, sign: number) =>
      [...side].sort(([one], [other]) => sign * (decimal(one) - decimal(other)));
    return { bids: sorted(this.bids, -1), asks: sorted(this.asks, 1) };
  }
}

const COLUMNS = { BTCUSDT: 0, AURVEL: 1 } as const;
type Symbol = keyof typeof COLUMNS;

/** The whole book of a row, by the core alone, as it is told. */
function bookAt(symbol: Symbol, index: number) {
  const { tickSize } = server.market.instruments[COLUMNS[symbol]]!;
  const { bids, asks } = bookOf(server.market, COLUMNS[symbol], index, 100);
  const told = (side: readonly (readonly number[])[]) =>
    side.map(([ticks, lots]) => [(ticks! * tickSize).toFixed(8), `${lots}.00000000`]);
  return { lastUpdateId: index, bids: told(bids), asks: told(asks) };
}

describe('@trade and @aggTrade', () => {
  it('tell every trade by its number, as Tickwell’s own protocol has them', async () => {
    const client = await open('/ws/btcusdt@trade/btcusdt@aggTrade');
    const from = newest() + 1;
    const told = new Map<string, Payload[]>([
      ['trade', []],
      ['aggTrade', []],
    ]);
    const last = server.market.tradesBefore(0, from + 40) - 1;
    let isWhole = false;
    for (let rows = 0; rows < 40; rows += 4) server.clock.pass(4 * INTERVAL);
    while (!isWhole) {
      const payload = await client.next();
      expectPayload(payload.e as Kind, payload);
      told.get(payload.e)!.push(payload);
      isWhole = [...told.values()].every((all) => (all.at(-1)?.t ?? all.at(-1)?.a) === last);
    }
    const first = server.market.tradesBefore(0, from);
    const own = await server.get(
      `/v1/trades?symbol=ORBX&fromId=${first}&limit=${last + 1 - first}`,
    );
    const { id = [], time, price, lots, side } = own.json;
    const expected = (time as number[]).map((ms, n) => ({
      t: (id[0] ?? first) + n,
      T: Math.floor(ms),
      p: price[n],
      q: lots[n],
      m: side[n] !== 1,
    }));
    const plain = ({ t, a, T, p, q, m }: Payload) => ({ t: t ?? a, T, p, q, m });
    const ticks = (trade: Payload) => ({
      ...trade,
      p: Math.round(decimal(trade.p) / 0.01),
      q: decimal(trade.q),
    });
    expect(told.get('trade')!.map(plain).map(ticks)).toEqual(expected);
    expect(told.get('aggTrade')!.map(plain)).toEqual(told.get('trade')!.map(plain));
    for (const { a, f, l, E, T } of told.get('aggTrade')!) expect([f, l, E]).toEqual([a, a, T]);
  });

  it('tell nothing of rows in which nothing was traded, and go on behind them', async () => {
    const client = await open('/ws/aurvel@trade');
    let next = server.market.tradesBefore(1, newest() + 1);
    const last = server.market.tradesBefore(1, newest() + 401) - 1;
    for (let rows = 0; rows < 400; rows += 20) {
      server.clock.pass(20 * INTERVAL);
      await server.get('/healthz');
    }
    expect(last).toBeGreaterThan(next);
    for (; next <= last; next++) expect((await client.next()).t).toBe(next);
  });
});

describe('a client that was cut', () => {
  it('finds every trade that it missed over REST, by their numbers', async () => {
    const before = await open('/ws/btcusdt@aggTrade');
    const told = await before.pass(20, ({ a }) => a + 1 === tradesNow());
    await before.close();
    const missed = tradesNow();
    server.clock.pass(30 * INTERVAL);
    await eventually(async () =>
      expect((await aggregates(missed, 1000)).length).toBeGreaterThan(9),
    );
    const after = await open('/ws/btcusdt@aggTrade');
    told.push(...(await after.pass(20, ({ a }) => a + 1 === tradesNow())));
    const found = told.findIndex(({ a }) => a >= missed);
    const gap = await aggregates(missed, told[found].a - missed);
    expect(gap.length).toBeGreaterThan(20);
    const plain = ({ a, p, q, f, l, T, m, M }: Payload) => ({ a, p, q, f, l, T, m, M });
    const all = [...told.slice(0, found), ...gap, ...told.slice(found)].map(plain);
    expect(all.map(({ a }) => a)).toEqual(all.map((_, n) => all[0].a + n));
    // As REST has all of them.
    expect(await aggregates(all[0].a, all.length)).toEqual(all);
  });
});

/** The number of the next trade of the first instrument. */
const tradesNow = () => server.market.tradesBefore(0, newest() + 1);

async function aggregates(fromId: number, limit: number): Promise<Payload[]> {
  const range = `fromId=${fromId}&limit=${limit}`;
  return (await server.get(`/api/v3/aggTrades?symbol=BTCUSDT&${range}`)).json;
}

describe('@kline', () => {
  it('tells a candle as it forms, then once as it stays, before the next', async () => {
    const client = await open('/ws/btcusdt@kline_1m');
    const first = await client.next();
    // At once, as they stand.
    expect(first.k).toMatchObject({ x: false, i: '1m' });
    const told: Payload[] = [first];
    while (told.filter(({ k }) => k.x).length < 2) {
      server.clock.pass(70 * INTERVAL);
      const dueMs = timeOf(newest() - ((newest() + 1) % 10));
      do told.push(await client.next());
      while (told.at(-1).E < dueMs);
    }
    for (const payload of told) expectPayload('kline', payload);
    const minutes = told.map(({ k }) => k);
    for (const [n, k] of minutes.entries()) {
      const before = minutes[n - 1];
      if (before === undefined) continue;
      // A new one begins only behind the whole one before it.
      expect(k.t).toBe(before.x ? before.t + 60_000 : before.t);
      if (!before.x) expect(k.n).toBeGreaterThanOrEqual(before.n);
      if (before.x) expect(k.f).toBe(before.L + 1);
    }
    const finals = minutes.filter(({ x }) => x);
    const range = `startTime=${finals[0].t}&endTime=${finals.at(-1).t}`;
    const rest = await server.get(`/api/v3/klines?symbol=BTCUSDT&interval=1m&${range}`);
    const rows = finals.map(({ t, o, h, l, c, v, T, q, n, V, Q, B }) => {
      return [t, o, h, l, c, v, T, q, n, V, Q, B];
    });
    expect(rest.text).toBe(JSON.stringify(rows));
    for (const k of finals) {
      const trade = await tradesBetween(k.f, k.L);
      expect([k.q, k.V, k.Q]).toEqual([trade.paid, trade.bought, trade.boughtPaid]);
      expect(k.L + 1 - k.f).toBe(k.n);
    }
  });

  it('is cut by a clock that is ahead, where it is asked for', async () => {
    const client = await open('/ws/btcusdt@kline_1d/btcusdt@kline_1d@+08:00');
    const [utc, ahead] = [await client.next(), await client.next()];
    expect([utc.k.t, utc.k.T]).toEqual([Date.UTC(2026, 0, 5), Date.UTC(2026, 0, 6) - 1]);
    const startMs = Date.UTC(2026, 0, newest() > 600 * 481 ? 6 : 5) - 8 * 3_600_000;
    expect([ahead.k.t, ahead.k.T - ahead.k.t]).toEqual([startMs, 86_399_999]);
  });

  it('is none of a width that no client knows, or narrower than rows are apart', async () => {
    const wide = await startTestServer({ spec: { ...SPEC, interval: 2000 }, rows: 100 });
    const client = new StreamClient(wide, '/ws');
    await client.socket.opened;
    for (const name of ['btcusdt@kline_1s', 'btcusdt@kline_7m', 'btcusdt@kline_1m@+09:00']) {
      const { answer } = await client.ask({ method: 'SUBSCRIBE', params: [name], id: 1 });
      expect(answer.error).toMatchObject({ code: 2, msg: expect.stringContaining(name) });
    }
    await client.close();
    await wide.stop();
  });
});

/** What was paid in trades of the first instrument, in exact decimals. */
async function tradesBetween(first: number, last: number) {
  const count = last + 1 - first;
  const { json } = await server.get(`/v1/trades?symbol=ORBX&fromId=${first}&limit=${count}`);
  let [paid, bought, boughtPaid] = [0n, 0n, 0n];
  for (let n = 0; n < count; n++) {
    const ticks = BigInt(json.price[n]) * BigInt(json.lots[n]);
    paid += ticks;
    if (json.side[n] !== 1) continue;
    bought += BigInt(json.lots[n]);
    boughtPaid += ticks;
  }
  const hundredths = (value: bigint) =>
    `${value / 100n}.${`${value % 100n}`.padStart(2, '0')}000000`;
  return {
    paid: hundredths(paid),
    bought: `${bought}.00000000`,
    boughtPaid: hundredths(boughtPaid),
  };
}

describe('@depth', () => {
  it.each([
    ['aurvel@depth@100ms', 1],
    ['btcusdt@depth@1000ms', 10],
    ['btcusdt@depth', 10],
  ] as const)('tells what changed, from one update to the next: %s', async (name, every) => {
    const client = await open(`/ws/${name}`);
    const symbol = name.split('@')[0]!.toUpperCase() as Symbol;
    const told: Payload[] = [];
    const whole = bookAt(symbol, newest() + 17);
    const folded = new FoldedBook(whole);
    for (const rows of [1, 1, 3, 15, 20, 1, 1, 11]) {
      server.clock.pass(rows * INTERVAL);
      const due = newest() - ((newest() + 1) % every);
      while (due > (told.at(-1)?.u ?? newest())) told.push(await client.next());
    }
    const due = newest() - ((newest() + 1) % every);
    while (told.at(-1)?.u !== due) told.push(await client.next());
    for (const [n, payload] of told.entries()) {
      expectPayload('depth', payload);
      // Of many rows at once, as many as one message tells of.
      expect((payload.u + 1) % every === 0 || payload.u === payload.U + 31).toBe(true);
      expect(payload.E).toBe(timeOf(payload.u));
      if (n > 0) expect(payload.U).toBe(told[n - 1].u + 1);
    }
    // As clients do it: what the whole book has already is left out.
    for (const payload of told) if (payload.u > whole.lastUpdateId) folded.add(payload);
    const { bids, asks } = bookAt(symbol, due);
    expect(folded.levels).toEqual({ bids, asks });
    const rest = await server.get(`/api/v3/depth?symbol=${symbol}&limit=5000`);
    expect(rest.json).toEqual(bookAt(symbol, newest()));
  });

  it('whole has the best levels of the newest row, at once and with each one', async () => {
    const client = await open('/ws/btcusdt@depth5@100ms/btcusdt@bookTicker');
    for (let row = 0; row < 5; row++) {
      const told = row === 0 ? [await client.next()] : await client.pass(1, () => true);
      told.push(await client.next());
      const [partial, ticker] = told;
      expectPayload('partial', partial);
      expectPayload('bookTicker', ticker);
      const { lastUpdateId, bids, asks } = bookAt('BTCUSDT', newest());
      expect(partial).toEqual({ lastUpdateId, bids: bids.slice(0, 5), asks: asks.slice(0, 5) });
      const [[b, B], [a, A]] = [bids[0], asks[0]];
      expect(ticker).toEqual({ u: lastUpdateId, s: 'BTCUSDT', b, B, a, A });
    }
  });
});

describe('tickers', () => {
  const KINDS = [
    'miniTicker',
    'ticker',
    'ticker_1h',
    'ticker_4h',
    'ticker_1d',
    'avgPrice',
  ] as const;

  it.each(KINDS)('tell each second how it stands: @%s', async (kind) => {
    const client = await open(`/stream?streams=btcusdt@${kind}/aurvel@${kind}`);
    const told = new Map<string, Payload>();
    while (told.size < 2) {
      server.clock.pass(1000);
      const { stream, data } = await client.next();
      expectPayload(kind, data);
      expect(stream).toBe(`${data.s.toLowerCase()}@${kind}`);
      told.set(stream, data);
    }
  });

  it('say the average of five minutes as avgPrice does', async () => {
    const client = await open('/ws/btcusdt@avgPrice');
    server.clock.pass(1000);
    const { w, T } = await client.next();
    const { json } = await server.get('/api/v3/avgPrice?symbol=BTCUSDT');
    expect({ price: w, closeTime: T }).toEqual({ price: json.price, closeTime: json.closeTime });
    await client
      .ask({ method: 'SUBSCRIBE', params: ['!avgPrice@arr'], id: 1 })
      .then(({ answer }) => {
        expect(answer.error.code).toBe(2);
      });
  });

  it.each(['!miniTicker@arr', '!ticker_4h@arr', '!ticker_1h@arr'])(
    'are told of all at once: %s',
    async (name) => {
      const [raw, combined] = [await open(`/ws/${name}`), await open(`/stream?streams=${name}`)];
      const timeIn = (all: Payload) => all[0]?.E ?? 0;
      // Each is in it as soon as it is known.
      for (let count = 0; count < 2; ) {
        server.clock.pass(1000);
        let all = await raw.next();
        let wrapped = await combined.next();
        // One of them may have begun a second before the other.
        while (timeIn(all) < timeIn(wrapped.data)) all = await raw.next();
        while (timeIn(wrapped.data) < timeIn(all)) wrapped = await combined.next();
        expect(wrapped).toEqual({ stream: name, data: all });
        count = all.length;
        for (const one of all) expectPayload(name.slice(1, -4) as Kind, one);
      }
    },
  );

  it('go on in the other style, and end when they are left', async () => {
    const client = await open('/ws');
    const params = ['btcusdt@miniTicker', 'btcusdt@bookTicker'];
    await client.ask({ method: 'SUBSCRIBE', params, id: 1 });
    const set = { method: 'SET_PROPERTY', params: ['combined', true], id: 2 };
    await client.ask(set);
    await tellsOf(client, 'btcusdt@miniTicker');
    await client.ask({ method: 'UNSUBSCRIBE', params: ['btcusdt@miniTicker'], id: 3 });
    server.clock.pass(1000);
    expect((await client.next()).stream).toBe('btcusdt@bookTicker');
    const { answer } = await client.ask({ method: 'LIST_SUBSCRIPTIONS', id: 4 });
    expect(answer.result).toEqual(['btcusdt@bookTicker']);
  });
});

/** Seconds pass until a stream has told something. */
async function tellsOf(client: StreamClient, name: string): Promise<void> {
  for (;;) {
    server.clock.pass(1000);
    if ((await client.next()).stream === name) return;
  }
}

describe('a connection', () => {
  it('is told of which stream each message is at /stream, and at /ws is not', async () => {
    const names = ['btcusdt@bookTicker', 'aurvel@depth10'];
    const combined = await open(`/stream?timeUnit=&streams=${names.join('/')}&more=1`);
    const told = [await combined.next(), await combined.next()];
    expect(told.map(({ stream }) => stream)).toEqual(names);
    expectPayload('bookTicker', told[0].data);
    expectPayload('partial', told[1].data);
    for (const path of ['/ws/', '/stream/ws/']) {
      const raw = await open(path + names[0]);
      expect(await raw.next()).toEqual(told[0].data);
    }
  });

  it.each([
    '/ws',
    '/ws/',
    '/ws/0',
    '/stream',
    '/stream?streams=',
    '/stream?streams=btcusdt@nothing/zork@trade/^@trade/BTCUSDT@trade/@trade/btcusdt@',
    '/stream/ws',
    '/stream/ws/7/nothing',
    '/ws/btcusdt%40nothing/%20',
    '/stream?streams=%ff&timeUnit=millisecond',
  ])('ignores what is no stream as it is opened, at %s', async (path) => {
    const client = await open(path);
    const { answer } = await client.ask({ method: 'LIST_SUBSCRIPTIONS', id: 5 });
    expect(answer).toEqual({ result: [], id: 5 });
  });

  it('follows and leaves streams, and says which it follows', async () => {
    const client = await open('/ws/btcusdt@trade/btcusdt@trade/btcusdt%40bookTicker');
    await client.next();
    const list = async () => (await client.ask({ method: 'LIST_SUBSCRIPTIONS', id: 'a' })).answer;
    expect(await list()).toEqual({ result: ['btcusdt@trade', 'btcusdt@bookTicker'], id: 'a' });
    const leave = { method: 'UNSUBSCRIBE', params: ['btcusdt@trade', 'aurvel@trade'], id: null };
    expect((await client.ask(leave)).answer).toEqual({ result: null, id: null });
    const add = { method: 'SUBSCRIBE', params: ['aurvel@depth5', 'btcusdt@bookTicker'] };
    expect((await client.ask(add)).answer).toEqual({ result: null, id: null });
    expectPayload('partial', await client.next());
    expect((await list()).result).toEqual(['btcusdt@bookTicker', 'aurvel@depth5']);
    const none = { method: 'SUBSCRIBE', params: ['btcusdt@trade', 'zork@trade'], id: 6 };
    expect((await client.ask(none)).answer).toEqual({
      error: { code: 2, msg: 'Invalid request: invalid stream "zork@trade"' },
      id: 6,
    });
    expect((await list()).result).toEqual(['btcusdt@bookTicker', 'aurvel@depth5']);
  });

  it('goes on without a hole when it is told of which stream messages are', async () => {
    const client = await open('/ws/btcusdt@trade/btcusdt@depth@100ms');
    const trades: number[] = [];
    const updates: Payload[] = [];
    const forms = new Set<boolean>();
    const take = (message: Payload) => {
      forms.add('stream' in message);
      const payload = message.data ?? message;
      if (payload.e === 'trade') trades.push(payload.t);
      else updates.push(payload);
    };
    for (let n = 0; n < 8; n++) {
      server.clock.pass(3 * INTERVAL);
      const set = { method: 'SET_PROPERTY', params: ['combined', n % 2 === 0], id: n };
      do take(await client.next());
      while (updates.at(-1)?.u !== newest());
      const { answer, before } = await client.ask(set);
      expect(before).toEqual([]);
      expect(answer).toEqual({ result: null, id: n });
      const get = await client.ask({ method: 'GET_PROPERTY', params: ['combined'], id: n });
      expect(get.answer).toEqual({ result: n % 2 === 0, id: n });
    }
    expect([...forms].sort()).toEqual([false, true]);
    expect(trades).toEqual(trades.map((_, n) => trades[0]! + n));
    for (const [n, { U }] of updates.entries()) if (n > 0) expect(U).toBe(updates[n - 1].u + 1);
  });

  it('is told times in microseconds where it asks for them, and the same else', async () => {
    const names = 'btcusdt@trade/btcusdt@kline_1m/btcusdt@depth@100ms';
    const [one, other] = [
      await open(`/ws/${names}`),
      await open(`/ws/${names}?timeUnit=microsecond`),
    ];
    const milli = await one.pass(1, ({ e }) => e === 'depthUpdate');
    const micro = await other.pass(0, ({ e }) => e === 'depthUpdate');
    expect(micro.length).toBe(milli.length);
    const inMillis = (payload: Payload) => {
      const times = ['E', 'T', 't'].filter((name) => payload[name] > 1e14);
      const told = Object.fromEntries(
        times.map((name) => [name, Math.floor(payload[name] / 1000)]),
      );
      return { ...payload, ...told };
    };
    for (const [n, payload] of micro.entries()) {
      expect(payload.E).toBeGreaterThan(1e15);
      const { k } = payload;
      expect({ ...inMillis(payload), ...(k && { k: inMillis(k) }) }).toEqual(milli[n]);
      if (k) expect(k.T % 1000).toBe(999);
    }
  });

  it('follows as many streams as it may, however they are asked for', async () => {
    const few = await startTestServer({
      spec: SPEC,
      limits: { ...UNHURRIED, maxBinanceStreams: 3 },
    });
    const client = new StreamClient(few, '/ws/btcusdt@trade/btcusdt@depth');
    await client.socket.opened;
    const params = ['aurvel@trade', 'aurvel@aggTrade'];
    const { answer } = await client.ask({ method: 'SUBSCRIBE', params, id: 1 });
    expect(answer.error.msg).toBe('a connection follows at most 3 streams; given: 4');
    const names = ['trade', 'aggTrade', 'depth', 'depth5'].map((ending) => `btcusdt@${ending}`);
    const path = `/stream?streams=${names.join('/')}`;
    const refused = await few.raw(upgrade(path));
    expect(refused).toMatch(/^HTTP\/1.1 429/);
    expect(JSON.parse(refused.split('\r\n\r\n')[1]!).msg).toMatch(/at most 3 streams; given: 4/);
    await client.close();
    await few.stop();
  });

  it('pays for what it asks to follow, and can always leave it', async () => {
    const limits = { ...UNHURRIED, workPerSecond: 1, workBurst: 1_000_000 };
    const poor = await startTestServer({ spec: SPEC, limits });
    const client = new StreamClient(poor, '/ws/btcusdt@trade');
    await client.socket.opened;
    const names = ['trade', 'aggTrade', 'depth', 'depth5', 'depth10', 'bookTicker'];
    const params = names.map((ending) => `aurvel@${ending}`);
    const { answer } = await client.ask({ method: 'SUBSCRIBE', params, id: 1 });
    expect(answer).toMatchObject({ error: { code: -1003 }, id: 1 });
    for (let n = 0; n < 40; n++) await client.ask({ method: 'LIST_SUBSCRIPTIONS', id: 1 });
    const leave = { method: 'UNSUBSCRIBE', params: ['btcusdt@trade'], id: 2 };
    expect((await client.ask(leave)).answer).toEqual({ result: null, id: 2 });
    expect(await poor.raw(upgrade('/ws'))).toMatch(/^HTTP\/1.1 429.*"code":-1003/s);
    await client.close();
    await poor.stop();
  });

  it('hears that the server goes, before it is closed', async () => {
    const other = await startTestServer({ spec: SPEC });
    const client = new StreamClient(other, '/stream?streams=zork@trade');
    await client.socket.opened;
    const ended = other.stop();
    expect(await client.next()).toEqual({ e: 'serverShutdown', E: other.clock.nowMs() });
    expect(await client.socket.closed).toEqual({ code: 4000, reason: 'shutting down' });
    await ended;
  });

  it('is counted and measured under the name of its protocol', async () => {
    await open('/ws/btcusdt@trade');
    const { text } = await server.get('/metrics');
    expect(text).toContain('tickwell_connections{kind="binance"} 1');
  });
});

function upgrade(path: string): string {
  return [
    `GET ${path} HTTP/1.1`,
    ...['host: localhost', 'connection: upgrade', 'upgrade: websocket'],
    ...['sec-websocket-version: 13', 'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==', '', ''],
  ].join('\r\n');
}
