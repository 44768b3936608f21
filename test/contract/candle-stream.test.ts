import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { DEFAULT_LIMITS } from '../../src/server/limits.ts';
import { parseCandles } from '../../src/wire/binary-candles.ts';
import type { StreamedCandlesMessage } from '../../src/wire/messages.ts';
import { EventReader } from '../helpers/events.ts';
import { startTestServer, type TestServer } from '../helpers/server.ts';
import type { Message, TestSocket } from '../helpers/socket.ts';

/** Candles of a subscription: what comes, by every transport, and where it goes on. */

/** Inside of a candle. A minute of seconds is here 600 ms, with a row every 10 ms. */
const ORIGIN = Date.UTC(2026, 0, 5) + 200;
const INTERVAL = 10;
const ROWS = 400;
const SYMBOLS = ['ticker_1', 'ticker_0'];

const running: TestServer[] = [];

afterEach(async () => {
  for (const server of running.splice(0)) {
    await server.stop();
    expect(server.failures).toEqual([]);
  }
});

async function start(rows = ROWS, spec: object = {}): Promise<TestServer> {
  const server = await startTestServer({
    rows,
    spec: { origin: ORIGIN, interval: INTERVAL, defaults: { model: 'market' }, ...spec },
  });
  running.push(server);
  return server;
}

type Told = Omit<StreamedCandlesMessage, 'type' | 'id'>;

/** The next message of candles, as all transports say it. */
type Next = () => Promise<Told>;

const told = ({ type: _type, id: _id, ...rest }: Message): Told => rest;

async function overText(server: TestServer, asked: object): Promise<Next> {
  const socket = await server.connect();
  await socket.ask({ type: 'subscribe', id: 7, symbols: SYMBOLS, ...asked }, 'subscribed');
  return async () => told(await socket.next('candles'));
}

async function overBytes(server: TestServer, asked: object): Promise<Next> {
  const url = `${server.server.url.replace('http', 'ws')}/v1/stream`;
  const socket = new WebSocket(url, 'tickwell.v1.bin');
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
  socket.send(JSON.stringify({ type: 'subscribe', id: 7, symbols: SYMBOLS, ...asked }));
  await subscribed;
  return async () => {
    while (frames.length === 0) {
      await new Promise<void>((woken) => {
        wake = woken;
      });
    }
    const { id, since, until, lagRows, isFinal, lists } = parseCandles(frames.shift()!)!;
    expect(id).toBe(7);
    const { time, columns } = lists;
    const values = Object.entries(lists.values).map(([name, all]) => {
      const of = Array.from({ length: columns }, (_, n) => [
        ...all.subarray(n * time.length, (n + 1) * time.length),
      ]);
      return [name, of];
    });
    return {
      ...{ since, until, lag: lagRows, time },
      ...(Object.fromEntries(values) as Pick<Told, 'open' | 'high' | 'low' | 'close'>),
      final: isFinal,
    };
  };
}

async function overEvents(server: TestServer, asked: Record<string, unknown>): Promise<Next> {
  const said = Object.entries({ symbols: SYMBOLS, ...asked });
  const query = new URLSearchParams(said.map(([name, value]) => [name, String(value)]));
  const { body } = await fetch(`${server.server.url}/v1/events?${query}`);
  const events = new EventReader(body!);
  const { data } = await events.expect('subscribed');
  expect(data).toMatchObject({ resolution: asked.resolution });
  return async () => {
    const { id, data: candles } = await events.expect('candles');
    expect(id).toBe(`${server.market.id}.${candles.until}`);
    return candles;
  };
}

const TRANSPORTS = [
  ['JSON', overText],
  ['bytes', overBytes],
  ['events', overEvents],
] as const;

/** The candle of `GET /v1/candles` that starts at `time`, as numbers stand in its text. */
async function answered(server: TestServer, symbol: string, time: number, how: string) {
  const path = `/v1/candles?symbol=${symbol}&from=${time}&count=1&${how}`;
  const { text } = await server.get(path);
  const of = (name: string) => new RegExp(`"${name}":\\[([^\\]]*)\\]`).exec(text)?.[1];
  return ['time', 'open', 'high', 'low', 'close', 'volume', 'trades'].map(of);
}

/** The same of the nth symbol in a message of the stream of one candle. */
function streamed(message: Told, n: number) {
  const of = (name: keyof Told) => (message[name] as number[][] | undefined)?.[n]?.join(',');
  const [open, high, low, close] = (['open', 'high', 'low', 'close'] as const).map(of);
  return [message.time.join(','), open, high, low, close, of('volume'), of('trades')];
}

describe.each(TRANSPORTS)('a stream of candles as %s', (_name, follow) => {
  it('tells a minute: the one that forms after each row, once that it is final', async () => {
    const server = await start();
    const how = { resolution: '600ms', fields: ['volume', 'trades'] };
    const next = await follow(server, { ...how, since: 'now' });
    const finals: Told[] = [];
    let since = server.timeOf(ROWS - 1);
    for (let row = 0; row < 85; row++) {
      server.clock.pass(INTERVAL);
      const message = await next();
      const until = server.timeOf(ROWS + row);
      const isWhole = (until + INTERVAL) % 600 === 0;
      const start = Math.floor(until / 600) * 600;
      expect(message).toMatchObject({ since, until, lag: 0, time: [start], final: isWhole });
      for (const [n, symbol] of SYMBOLS.entries()) {
        const query = 'resolution=600ms&fields=volume,trades';
        expect(streamed(message, n)).toEqual(await answered(server, symbol, start, query));
      }
      if (isWhole) finals.push(message);
      since = until;
    }
    // Two ends in 85 rows, wherever they begin.
    expect(finals.length).toBeGreaterThan(0);
    expect(new Set(finals.flatMap(({ time }) => time)).size).toBe(finals.length);
  });

  it('goes on at every row, without a gap and without a repeat', async () => {
    const server = await start(200);
    const { market } = server;
    const all: Told[] = [];
    const first = await follow(server, { resolution: '300ms', since: 'now' });
    for (let row = 0; row < 45; row++) {
      server.clock.pass(INTERVAL);
      all.push(await first());
    }
    const finals = all.filter(({ final }) => final);
    const last = all.at(-1)!;
    for (const { until: since } of all.slice(0, -1)) {
      const next = await follow(server, { resolution: '300ms', since, market: market.id });
      const messages: Told[] = [await next()];
      while (messages.at(-1)!.until < last.until) messages.push(await next());
      let at = since;
      for (const message of messages) {
        expect(message.since).toBe(at);
        at = message.until;
      }
      // What was final before does not come again; the one that forms comes whole.
      const left = finals.filter(({ until }) => until > since);
      const given = messages.filter(({ final }) => final);
      expect(given.flatMap(({ time }) => time)).toEqual(left.flatMap(({ time }) => time));
      for (const name of ['open', 'high', 'low', 'close'] as const) {
        for (const n of SYMBOLS.keys()) {
          const of = (some: readonly Told[]) => some.flatMap((each) => each[name][n]!);
          expect(of(given)).toEqual(of(left));
        }
      }
      const { since: _since, ...forming } = messages.at(-1)!;
      const { since: _other, ...right } = last;
      expect(forming).toEqual(right);
    }
  });

  it('gives final candles of the past, many to a message, then the one that forms', async () => {
    const server = await start();
    const how = { resolution: '70ms', tz: 'America/New_York' };
    const next = await follow(server, { ...how, since: ORIGIN - INTERVAL });
    const messages: Told[] = [];
    let since = ORIGIN - INTERVAL;
    while (since < server.timeOf(ROWS - 1)) {
      messages.push(await next());
      expect(messages.at(-1)!.since).toBe(since);
      since = messages.at(-1)!.until;
    }
    // Of 16 KiB, and one more where frames end.
    expect(messages.length).toBeLessThanOrEqual(3);
    const of = (name: 'close' | 'high') => messages.flatMap((message) => message[name][0]!);
    const range = `from=${ORIGIN}&to=${since + 1}`;
    const path = `/v1/candles?symbol=ticker_1&resolution=70ms&tz=America/New_York&${range}`;
    const { json } = await server.get(path);
    expect(json.time.length).toBeGreaterThan(50);
    expect(messages.flatMap(({ time }) => time)).toEqual(json.time);
    expect(of('close')).toEqual(json.close);
    expect(of('high')).toEqual(json.high);
    const finals = messages.filter(({ final }) => final).flatMap(({ time }) => time);
    expect(finals).toHaveLength(json.closed);
    expect(messages.at(-1)).toMatchObject({ lag: 0, final: json.closed === json.time.length });
  });

  it('tells the one that forms no more often than is asked, and a final one at once', async () => {
    const server = await start();
    const next = await follow(server, { resolution: '600ms', every: 65, since: 'now' });
    let since = server.timeOf(ROWS - 1);
    let messages = 0;
    for (let row = 0; row < 70; row++) {
      server.clock.pass(INTERVAL);
      const head = ROWS + row + 1;
      const until = server.timeOf(head - 1);
      const isWhole = (until + INTERVAL) % 600 === 0;
      // 65 ms are 7 rows.
      if (head % 7 !== 0 && !isWhole) continue;
      expect(await next()).toMatchObject({ since, until, lag: 0, final: isWhole });
      since = until;
      messages += 1;
    }
    expect(messages).toBe(11);
  });

  it('tells all that ended while the server was held up, in order', async () => {
    const server = await start();
    const next = await follow(server, { resolution: '100ms', since: 'now' });
    server.clock.pass(35 * INTERVAL);
    const head = ROWS + 35;
    let since = server.timeOf(ROWS - 1);
    const times: number[] = [];
    for (;;) {
      const { final, ...message } = await next();
      expect(message.since).toBe(since);
      since = message.until;
      times.push(...message.time);
      if (message.until < server.timeOf(head - 1)) {
        expect(final).toBe(true);
        continue;
      }
      break;
    }
    const begins = Math.floor(server.timeOf(ROWS) / 100) * 100;
    expect(times).toEqual(Array.from({ length: times.length }, (_, n) => begins + n * 100));
    expect(times.length).toBeGreaterThanOrEqual(4);
  });
});

describe('a subscription to candles', () => {
  const subscribed = async (socket: TestSocket, asked: object) =>
    socket.ask(
      { type: 'subscribe', id: 1, symbols: '*', resolution: '600ms', ...asked },
      'subscribed',
    );

  it('is told what it asked for', async () => {
    const server = await start();
    const socket = await server.connect();
    const since = server.timeOf(5);
    const plain = await subscribed(socket, { since });
    expect(plain).toEqual({
      ...{ type: 'subscribed', id: 1, since, resolution: '600ms', market: server.market.id },
      symbols: ['ticker_0', 'ticker_1', 'ticker_2'],
    });
    const asked = { tz: 'Asia/Tokyo', fields: ['trades', 'volume'], every: 50 };
    const other = await server.connect();
    expect(await subscribed(other, { since, ...asked })).toMatchObject(asked);
    const third = await server.connect();
    expect(await subscribed(third, { since, offset: '-5h' })).toMatchObject({ offset: '-5h' });
  });

  it('ends where its last message ended, and is complete there in a heartbeat', async () => {
    const server = await start();
    const socket = await server.connect();
    await subscribed(socket, { since: server.timeOf(ROWS - 2), every: 600, resolution: '1h' });
    expect((await socket.next('candles')).until).toBe(server.timeOf(ROWS - 1));
    server.clock.pass(5 * INTERVAL);
    server.clock.passSteadily(DEFAULT_LIMITS.heartbeatMs);
    const beat = await socket.next('heartbeat');
    expect(beat.subscriptions).toEqual({ 1: server.timeOf(ROWS - 1) });
    const ended = await socket.ask({ type: 'unsubscribe', id: 1 }, 'unsubscribed');
    expect(ended.until).toBe(server.timeOf(ROWS - 1));
  });

  it('keeps its id to itself, from candles that are asked for too', async () => {
    const server = await start();
    const socket = await server.connect();
    await subscribed(socket, { since: 'now' });
    const asked = { type: 'candles', symbol: 'ticker_1', resolution: '1s', from: ORIGIN, count: 1 };
    const { code, message } = await socket.ask({ ...asked, id: 1 }, 'error');
    expect([code, message]).toEqual([
      'bad_request',
      'id must differ from those of running subscriptions; given: 1',
    ]);
    await socket.ask({ ...asked, id: 2 }, 'candles');
  });

  it('of one connection goes beside rows', async () => {
    const server = await start();
    const socket = await server.connect();
    await subscribed(socket, { since: 'now', symbols: ['ticker_1'] });
    await socket.ask(
      { type: 'subscribe', id: 2, symbols: ['ticker_1'], since: 'now' },
      'subscribed',
    );
    for (let row = 0; row < 3; row++) {
      server.clock.pass(INTERVAL);
      const both = [await socket.next(), await socket.next()];
      const candles = both.find(({ id }) => id === 1);
      const rows = both.find(({ id }) => id === 2);
      expect(candles.close[0]).toEqual(rows.prices[0]);
      expect(candles.until).toBe(rows.until);
    }
  });

  it.each([
    ['resolution=1x', 'unknown unit "x"'],
    ['resolution=5ms', 'resolution'],
    ['resolution=600ms&tz=Nowhere', 'unknown tz "Nowhere"'],
    ['resolution=600ms&tz=Asia/Tokyo&offset=9h', 'tz cannot stand beside offset'],
    ['resolution=600ms&every=9', 'every'],
    ['resolution=600ms&every=1e6', 'every'],
    ['resolution=600ms&delivery=latest', 'delivery'],
    ['resolution=600ms&fields=bid', 'unknown field "bid" of candles'],
    ['tz=Asia/Tokyo', 'tz'],
    ['offset=9h', 'offset'],
    ['every=5000', 'every'],
    ['fields=open', 'unknown field "open" of rows'],
    ['resolution=600ms&evry=5000', 'unknown parameter "evry"'],
  ])('as events is refused by name: %s', async (query, beginning) => {
    const server = await start(10);
    const { status, json } = await server.get(`/v1/events?since=now&${query}`);
    expect(status).toBe(400);
    expect(json.error.code).toBe('bad_request');
    expect(json.error.message.slice(0, beginning.length)).toBe(beginning);
  });

  it('as events goes on after the last event that a browser has', async () => {
    const server = await start();
    const url = `${server.server.url}/v1/events?symbols=ticker_0&resolution=600ms&since=now`;
    const last = `${server.market.id}.${server.timeOf(ROWS - 4)}`;
    const { body } = await fetch(url, { headers: { 'last-event-id': last } });
    const events = new EventReader(body!);
    await events.expect('subscribed');
    const { data } = await events.expect('candles');
    expect(data).toMatchObject({ since: server.timeOf(ROWS - 4), until: server.timeOf(ROWS - 1) });
    await events.close();
  });

  it('counts its candles in the metrics, not as rows', async () => {
    const server = await start();
    const next = await overText(server, { resolution: '900ms', since: ORIGIN - INTERVAL });
    const count = (await next()).time.length + (await next()).time.length;
    const { text } = await server.get('/metrics');
    expect(text).toContain(`tickwell_sent_candles_total ${count}\n`);
    expect(text).toContain('tickwell_sent_rows_total 0\n');
  });
});
