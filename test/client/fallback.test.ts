import { afterEach, describe, expect, test } from 'vitest';
import { Link } from '../../src/client/link.ts';
import type { AnyRows } from '../../src/client/rows.ts';
import { RowsKind } from '../../src/client/rows-kind.ts';
import type { SubscriptionState } from '../../src/client/state.ts';
import * as fake from './world.ts';
import { frame, INTERVAL, START, World } from './world.ts';

/** What a server answers over HTTP to one request. */
interface Answer {
  readonly status?: number;
  readonly type?: string;
  /** All of it; without, it is a stream that a test writes to. */
  readonly text?: string;
}

/** An event stream that a test holds the other end of. */
class FakeStream {
  readonly url: URL;
  isLeft = false;
  readonly body: ReadableStream<Uint8Array>;
  #controller!: ReadableStreamDefaultController<Uint8Array>;

  constructor(url: string, signal: AbortSignal | undefined) {
    this.url = new URL(url);
    this.body = new ReadableStream({
      start: (controller) => {
        this.#controller = controller;
      },
    });
    signal?.addEventListener('abort', () => {
      this.isLeft = true;
      this.#controller.error(signal.reason);
    });
  }

  say(name: string, data: object): void {
    const text = `${name === '' ? '' : `event: ${name}\n`}data: ${JSON.stringify(data)}\n\n`;
    this.#controller.enqueue(new TextEncoder().encode(text));
  }

  end(): void {
    this.#controller.close();
  }
}

const HELLO = {
  type: 'hello',
  market: 'm1',
  version: '0',
  origin: 0,
  interval: INTERVAL,
  head: START,
  now: START + 5,
  heartbeat: 15_000,
  limits: {},
};
const REFUSALS = {
  bad_origin: 403,
  bad_host: 421,
  not_found: 404,
} as const;

const settings: Setting[] = [];

class Setting {
  readonly world = new World();
  readonly states: SubscriptionState[] = [];
  readonly rows: AnyRows[] = [];
  readonly asked: string[] = [];
  readonly streams: FakeStream[] = [];
  /** What is said to /v1/hello; nobody answers if it is undefined. */
  hello: Answer | undefined = { text: JSON.stringify(HELLO) };
  /** What is said to /v1/events, if that is not a stream. */
  events: Answer | undefined;
  readonly link: Link<AnyRows>;

  constructor(transport?: 'websocket' | 'events') {
    settings.push(this);
    this.world.fetch = async (url, { signal }) => {
      const { pathname } = new URL(url);
      this.asked.push(pathname);
      const answer = pathname === '/v1/hello' ? this.hello : (this.events ?? {});
      if (answer === undefined) throw new TypeError('fetch failed');
      const { status = 200, text } = answer;
      const stream = text === undefined ? new FakeStream(url, signal) : undefined;
      if (stream !== undefined) this.streams.push(stream);
      const type = answer.type ?? (stream === undefined ? 'application/json' : 'text/event-stream');
      return {
        status,
        headers: { get: (name) => (name === 'content-type' ? type : null) },
        body: stream?.body ?? null,
        text: async () => text ?? '',
      };
    };
    this.link = new Link(
      {
        url: 'ws://somewhere/v1/stream',
        protocols: [],
        symbols: ['a', 'b&c'],
        market: 'm1',
        since: START,
        kind: new RowsKind(),
        transport,
        onBatch: (rows) => this.rows.push(rows),
        onState: (state) => this.states.push(state),
      },
      this.world,
    );
  }

  get stream(): FakeStream {
    return this.streams.at(-1)!;
  }

  get state(): SubscriptionState {
    return this.link.state;
  }

  /** All that has been asked and answered has come to something. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 30; turn++) await new Promise(setImmediate);
  }

  /** Two WebSockets in a row come to nothing. */
  async block(): Promise<void> {
    for (let n = 0; n < 2; n++) {
      this.world.socket.end();
      await this.settle();
      if (this.state.kind === 'reconnecting' && n === 0) this.world.pass(this.state.inMs);
    }
  }

  /** The server grants what was asked of it as events. */
  async accept(since = START): Promise<void> {
    const symbols = this.stream.url.searchParams.get('symbols')!.split(',');
    this.stream.say('subscribed', { market: 'm1', interval: INTERVAL, symbols, since });
    await this.settle();
  }

  async say(since: number, until: number): Promise<void> {
    const { prices, lag } = frame(since, until);
    this.stream.say('', { since, until, lag, prices: [prices[0], prices[0]] });
    await this.settle();
  }
}

afterEach(() => {
  for (const { link, world } of settings.splice(0)) {
    link.stop();
    expect(world.timers).toBe(0);
  }
});

describe('a WebSocket that cannot be opened', () => {
  test.each(Object.entries(REFUSALS))('because of %s ends it', async (code, status) => {
    const setting = new Setting();
    const message = 'The server says what to do.';
    setting.hello = { status, text: JSON.stringify({ error: { code, message } }) };
    setting.world.socket.end();
    await setting.settle();
    expect(setting.state).toMatchObject({ kind: 'refused', code, message, details: { status } });
    setting.world.pass(60_000);
    expect(setting.world.sockets).toHaveLength(1);
  });

  test('because there is no Tickwell server ends it, unless there has been one', async () => {
    const never = new Setting();
    never.hello = { status: 404, text: '<h1>Not Found</h1>', type: 'text/html' };
    never.world.socket.end();
    await never.settle();
    expect(never.state).toMatchObject({ kind: 'refused', code: 'unexpected_answer' });

    const once = new Setting();
    once.hello = never.hello;
    fake.accept(once.world.socket, START);
    once.world.socket.end();
    await once.settle();
    once.world.pass(250);
    once.world.socket.end();
    await once.settle();
    const reason = { code: 'unexpected_answer', details: { status: 404 } };
    expect(once.state).toMatchObject({ kind: 'reconnecting', reason });
  });

  test.each([
    [{ status: 502, text: '<h1>Bad Gateway</h1>' }, 'unexpected_answer'],
    [{ status: 503, text: '{"error":{"code":"not_ready","message":"Soon."}}' }, 'not_ready'],
    [undefined, 'unreachable'],
  ])('for now comes back, and says why: %j', async (hello, code) => {
    const setting = new Setting();
    setting.hello = hello;
    setting.world.socket.end();
    const { inMs } = setting.state as { inMs: number };
    expect(setting.state).toMatchObject({ kind: 'reconnecting', reason: { code: 'lost' } });
    setting.world.pass(inMs / 2);
    await setting.settle();
    expect(setting.state).toMatchObject({
      kind: 'reconnecting',
      attempt: 1,
      inMs: inMs / 2,
      reason: { code },
    });
    setting.world.pass(inMs / 2);
    expect(setting.world.sockets).toHaveLength(2);
    expect(setting.link.transport).toBe('websocket');
  });

  test('though the server answers over HTTP is tried once more, then rows come as events', async () => {
    const setting = new Setting();
    setting.world.socket.end();
    await setting.settle();
    expect(setting.state).toMatchObject({ kind: 'reconnecting', reason: { code: 'blocked' } });
    setting.world.pass(250);
    setting.world.socket.end();
    await setting.settle();
    expect(setting.link.transport).toBe('events');
    expect(setting.world.sockets).toHaveLength(2);
    expect(Object.fromEntries(setting.stream.url.searchParams)).toEqual({
      symbols: 'a,b&c',
      since: `${START}`,
      market: 'm1',
    });
    await setting.accept();
    await setting.say(START, START + 2_000);
    expect(setting.state.kind).toBe('live');
    expect(setting.rows.map(({ since, until }) => [since, until])).toEqual([
      [START, START + 2_000],
    ]);
    expect(setting.rows[0]!.symbols).toEqual(['a', 'b&c']);
  });

  test('nor fails, but hangs, is left for events at once', async () => {
    const setting = new Setting();
    setting.world.pass(4_999);
    expect(setting.asked).toEqual([]);
    setting.world.pass(1);
    await setting.settle();
    expect(setting.world.socket.isClosed).toBe(true);
    await setting.accept();
    expect(setting.state.kind).toBe('live');
    expect(setting.states.map(({ kind }) => kind)).toEqual(['live']);
  });

  test('is waited for as long as nobody answers over HTTP either', async () => {
    const setting = new Setting();
    setting.hello = undefined;
    setting.world.pass(10_000);
    await setting.settle();
    expect(setting.state.kind).toBe('connecting');
    fake.accept(setting.world.socket, START);
    expect(setting.state.kind).toBe('live');
    expect(setting.link.transport).toBe('websocket');
  });

  test('is not taken for blocked by an answer that comes when it is open', async () => {
    const setting = new Setting();
    setting.world.pass(5_000);
    fake.accept(setting.world.socket, START);
    await setting.settle();
    expect(setting.link.transport).toBe('websocket');
    expect(setting.state.kind).toBe('live');
  });

  test('is all there is where it was asked for', async () => {
    const setting = new Setting('websocket');
    for (let n = 0; n < 4; n++) {
      setting.world.socket.end();
      await setting.settle();
      expect(setting.state).toMatchObject({ kind: 'reconnecting', reason: { code: 'blocked' } });
      setting.world.pass(20_000);
    }
    await setting.settle();
    expect(setting.asked).not.toContain('/v1/events');
  });
});

describe('a stream of events', () => {
  async function flowing(transport?: 'events'): Promise<Setting> {
    const setting = new Setting(transport);
    if (transport === undefined) await setting.block();
    await setting.settle();
    await setting.accept();
    await setting.say(START, START + 1_000);
    expect(setting.state.kind).toBe('live');
    return setting;
  }

  test('can be asked for, and then no WebSocket is tried', async () => {
    const setting = await flowing('events');
    expect(setting.world.sockets).toEqual([]);
    setting.stream.end();
    await setting.settle();
    setting.world.pass(600_000);
    expect(setting.world.sockets).toEqual([]);
  });

  test('that breaks goes on from its cursor', async () => {
    const setting = await flowing();
    setting.stream.end();
    await setting.settle();
    expect(setting.state).toMatchObject({ kind: 'reconnecting', reason: { code: 'lost' } });
    setting.world.pass(20_000);
    await setting.settle();
    expect(setting.stream.url.searchParams.get('since')).toBe(`${START + 1_000}`);
    await setting.accept(START + 1_000);
    await setting.say(START + 1_000, START + 3_000);
    const taken = setting.rows.map(({ since, until }) => [since, until]);
    expect(taken).toEqual([
      [START, START + 1_000],
      [START + 1_000, START + 3_000],
    ]);
    expect(setting.link.cursor.counters).toMatchObject({ gaps: 0, duplicates: 0, reconnects: 1 });
  });

  test('is refused rows that do not begin where the last ones ended', async () => {
    const setting = await flowing();
    await setting.say(START + 2_000, START + 3_000);
    expect(setting.state).toMatchObject({ kind: 'reconnecting', reason: { code: 'gap' } });
    expect(setting.stream.isLeft).toBe(true);
    expect(setting.rows).toHaveLength(1);
  });

  test('says goodbye with a reason, and waits as long as it asks for', async () => {
    const setting = await flowing();
    setting.stream.say('bye', { code: 4000, reason: 'shutting down', retryAfterMs: 7_000 });
    setting.stream.end();
    await setting.settle();
    expect(setting.state).toMatchObject({
      kind: 'reconnecting',
      inMs: 7_000,
      reason: {
        code: 'shutting_down',
        message: 'The server closed the connection: shutting down.',
        details: { closeCode: 4000, retryAfterMs: 7_000 },
      },
    });
  });

  test.each([
    [4004, 'cursor_ahead', 'reconnecting'],
    [4005, 'rate_limited', 'reconnecting'],
    [4503, 'too_many', 'refused'],
  ])('that is sent away with %i %s is %s', async (code, error, kind) => {
    const setting = new Setting('events');
    await setting.settle();
    setting.stream.say('bye', { code, reason: 'no', error, retryAfterMs: 600 });
    setting.stream.end();
    await setting.settle();
    expect(setting.state.kind).toBe(kind);
    if (setting.state.kind === 'reconnecting') expect(setting.state.reason.code).toBe(error);
    else expect(setting.state).toMatchObject({ code: 'connection_limit' });
  });

  test('of a wrong request ends with its error, of a proxy without a server does not', async () => {
    const wrong = new Setting('events');
    const error = { code: 'unknown_symbol', message: 'No such symbol.', symbol: 'x' };
    wrong.events = { status: 404, text: JSON.stringify({ error }) };
    await wrong.settle();
    expect(wrong.state).toMatchObject({
      kind: 'refused',
      code: 'unknown_symbol',
      details: { symbol: 'x' },
    });
    const away = new Setting('events');
    away.events = { status: 502, text: 'Bad Gateway' };
    await away.settle();
    const reason = { code: 'unexpected_answer', details: { status: 502 } };
    expect(away.state).toMatchObject({ kind: 'reconnecting', reason });
  });

  test('is asked for other columns without a gap', async () => {
    const setting = await flowing();
    const [first] = setting.streams;
    setting.link.select(['d']);
    setting.world.pass(250);
    await setting.settle();
    expect(first!.isLeft).toBe(true);
    expect(setting.stream.url.searchParams.get('symbols')).toBe('d');
    expect(setting.stream.url.searchParams.get('since')).toBe(`${START + 1_000}`);
    expect(setting.state.kind).toBe('live');
  });

  test('that is paused holds nothing, and is known to be there all the same', async () => {
    const setting = await flowing();
    setting.link.pause();
    expect(setting.stream.isLeft).toBe(true);
    for (let n = 0; n < 10; n++) {
      setting.world.pass(30_000);
      await setting.settle();
    }
    expect(setting.state.kind).toBe('catching up');
    expect(setting.streams).toHaveLength(1);
    setting.link.resume();
    setting.world.pass(250);
    await setting.settle();
    expect(setting.stream.url.searchParams.get('since')).toBe(`${START + 1_000}`);
    await setting.accept(START + 1_000);
    expect(setting.state.kind).toBe('live');
  });

  test('beats, and tells how far it should be', async () => {
    const setting = await flowing();
    setting.world.pass(30_000);
    setting.stream.say('heartbeat', {
      now: START + 31_000,
      head: START + 1_000,
      until: START + 1_000,
    });
    await setting.settle();
    setting.world.pass(30_000);
    await setting.settle();
    expect(setting.state).toMatchObject({ kind: 'stale', reason: { code: 'no_rows' } });
    setting.stream.say('heartbeat', { now: 0, head: START + 9_000, until: START + 9_000 });
    await setting.settle();
    expect(setting.link.cursor.counters.gaps).toBe(1);
  });

  test('gives way to a WebSocket once one gets through, without a gap', async () => {
    const setting = await flowing();
    const before = setting.world.sockets.length;
    const beat = async (times: number) => {
      for (let n = 0; n < times; n++) {
        setting.world.pass(20_000);
        const until = START + 1_000;
        setting.stream.say('heartbeat', { now: until, head: until, until });
        await setting.settle();
      }
    };
    await beat(15);
    expect(setting.world.sockets).toHaveLength(before + 1);
    setting.world.socket.end();
    expect(setting.stream.isLeft).toBe(false);
    await beat(15);
    expect(setting.world.sockets).toHaveLength(before + 2);
    const events = setting.stream;
    fake.hello(setting.world.socket, START + 1_000);
    expect(events.isLeft).toBe(true);
    expect(setting.link.transport).toBe('websocket');
    expect(setting.world.socket.isClosed).toBe(false);
    const { id, since } = setting.world.socket.asked!;
    expect(since).toBe(START + 1_000);
    // What was granted was so on another connection.
    setting.link.pause();
    expect(setting.world.socket.sent.map(({ type }) => type)).toEqual(['subscribe', 'ping']);
    fake.grant(setting.world.socket, START + 1_000);
    const { prices } = frame(since as number, START + 2_000);
    const said = {
      ...frame(since as number, START + 2_000, 0, id),
      prices: [prices[0], prices[0]],
    };
    setting.world.socket.say(said);
    expect(setting.rows.at(-1)).toMatchObject({ since: START + 1_000, until: START + 2_000 });
    expect(setting.state.kind).toBe('live');
    expect(setting.link.cursor.counters).toMatchObject({ gaps: 0, duplicates: 0 });
  });

  test('gives way to WebSockets again where events fail too', async () => {
    const setting = await flowing();
    setting.hello = undefined;
    setting.stream.end();
    await setting.settle();
    const before = setting.world.sockets.length;
    setting.world.pass(20_000);
    await setting.settle();
    setting.world.pass(20_000);
    await setting.settle();
    expect(setting.world.sockets.length).toBeGreaterThan(before);
  });
});
