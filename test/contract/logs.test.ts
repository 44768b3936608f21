import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { timeOf } from '../../src/core/market/grid.ts';
import type { Limits } from '../../src/server/limits.ts';
import { startServer, type TickwellServer } from '../../src/server/server.ts';
import { ManualClock } from '../helpers/clock.ts';
import { marketOf } from '../helpers/market.ts';
import { SPEC } from '../helpers/server.ts';
import { TestSocket } from '../helpers/socket.ts';

const LEVELS = { debug: 20, info: 30, warn: 40, error: 50 } as const;

/** A line of the log. */
interface Line {
  readonly level: number;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** A server whose log is kept. */
class LoggedServer {
  readonly clock = new ManualClock(0);
  readonly texts: string[] = [];
  server: TickwellServer | undefined;
  #wake = () => {};

  async start(level: keyof typeof LEVELS, limits: Partial<Limits> = {}): Promise<void> {
    const market = marketOf(SPEC);
    this.clock.pass(timeOf(market.grid, 999));
    const write = (text: string) => {
      this.texts.push(text);
      this.#wake();
    };
    const { clock } = this;
    const logger = pino({ level }, { write });
    const host = '127.0.0.1';
    const trustedProxies = [host];
    const options = { market, host, port: 0, logger, clock, limits, trustedProxies };
    this.server = await startServer(options);
    await this.server.ready;
  }

  get url(): string {
    return this.server!.url;
  }

  get lines(): Line[] {
    return this.texts.map((text) => JSON.parse(text));
  }

  of(event: string): Line[] {
    return this.lines.filter(({ msg }) => msg === event);
  }

  /** The first `count` lines of an event, as soon as they are there. */
  async next(event: string, count = 1): Promise<Line[]> {
    while (this.of(event).length < count) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.of(event);
  }

  async connect(): Promise<TestSocket> {
    const socket = new TestSocket(`${this.url.replace('http', 'ws')}/v1/stream`);
    await socket.next('hello');
    return socket;
  }
}

const running: LoggedServer[] = [];

async function start(level: keyof typeof LEVELS, limits?: Partial<Limits>): Promise<LoggedServer> {
  const logged = new LoggedServer();
  running.push(logged);
  await logged.start(level, limits);
  return logged;
}

afterEach(async () => {
  for (const { server } of running.splice(0)) await server?.stop();
});

describe('the log', () => {
  it('is one line of JSON for each event, with level, time and what it is', async () => {
    const logged = await start('debug');
    await fetch(`${logged.url}/v1/market`);
    await (await logged.connect()).close();
    await logged.next('disconnected');
    await Promise.all([logged.server?.stop(), logged.server?.stop()]);
    for (const text of logged.texts) {
      expect(text.endsWith('}\n')).toBe(true);
      expect(text.trimEnd()).not.toContain('\n');
      expect(JSON.parse(text)).toMatchObject({
        level: expect.any(Number),
        time: expect.any(Number),
        msg: expect.stringMatching(/^[a-z]/),
      });
    }
    const events = logged.lines.map(({ msg }) => msg);
    expect(events).toEqual(['ready', 'answered', 'connected', 'disconnected', 'stopped']);
  });

  it('of a stream says who came, how long it stayed, and what it was sent', async () => {
    const logged = await start('info');
    const socket = await logged.connect();
    const [connected] = await logged.next('connected');
    expect(connected).toMatchObject({
      level: LEVELS.info,
      address: '127.0.0.1',
      encoding: 'json',
    });
    const since = SPEC.origin + 899 * SPEC.interval;
    await socket.ask({ type: 'subscribe', id: 1, symbols: '*', since }, 'subscribed');
    await socket.rowsUntilLive();
    logged.clock.passSteadily(2500);
    await socket.close();
    const [disconnected] = await logged.next('disconnected');
    expect(disconnected).toMatchObject({
      level: LEVELS.info,
      address: '127.0.0.1',
      code: 1005,
      seconds: 2.5,
      rows: 100,
      bytes: expect.any(Number),
    });
    expect(disconnected.bytes).toBeGreaterThan(100 * 3 * 2);
  });

  it('warns once of each website whose pages are refused, and says what would let them in', async () => {
    const logged = await start('warn');
    const knock = (origin: string) =>
      new Promise<void>((resolve) => {
        const socket = new WebSocket(`${logged.url.replace('http', 'ws')}/v1/stream`, { origin });
        socket.on('error', () => resolve());
      });
    for (const origin of ['https://charts.example.com', 'https://charts.example.com', 'null']) {
      await knock(origin);
    }
    const lines = () => logged.lines.filter(({ origin }) => origin !== undefined);
    expect(lines()).toMatchObject([
      {
        level: LEVELS.warn,
        origin: 'https://charts.example.com',
        host: logged.url.replace('http://', ''),
        msg:
          'a page of https://charts.example.com was refused the stream; to let it in: ' +
          'allowedOrigins https://charts.example.com',
      },
      { origin: 'null' },
    ]);
    for (let n = 0; n < 40; n++) await knock(`https://x${n}.example`);
    expect(lines()).toHaveLength(20);
    expect(lines().map(({ last }) => last)).toEqual([...Array(19).fill(undefined), true]);
  });

  it('of an event stream says the same', async () => {
    const logged = await start('info');
    const since = SPEC.origin + 899 * SPEC.interval;
    const gone = new AbortController();
    const { body } = await fetch(`${logged.url}/v1/events?since=${since}`, {
      signal: gone.signal,
    });
    const reader = body!.pipeThrough(new TextDecoderStream()).getReader();
    let read = '';
    while (!read.includes('"lag":0')) read += (await reader.read()).value;
    logged.clock.passSteadily(1000);
    gone.abort();
    expect((await logged.next('connected'))[0]).toMatchObject({ encoding: 'events' });
    const [disconnected] = await logged.next('disconnected');
    expect(disconnected).toMatchObject({ address: '127.0.0.1', seconds: 1, rows: 100 });
    expect(disconnected.bytes).toBeGreaterThanOrEqual(read.length);
  });

  it('of a refusal says its code and where it went, without the query', async () => {
    const logged = await start('info');
    await fetch(`${logged.url}/v1/rows?since=yesterday&token=s3cret`, {
      headers: { authorization: 'Bearer s3cret', cookie: 's3cret=1' },
    });
    const socket = await logged.connect();
    await socket.ask('{"token":"s3cret"', 'error');
    const [http, message] = await logged.next('refused', 2);
    expect(http).toMatchObject({
      level: LEVELS.info,
      code: 'bad_request',
      path: '/v1/rows',
      address: '127.0.0.1',
    });
    expect(message).toMatchObject({ code: 'bad_json', address: '127.0.0.1' });
    expect(logged.texts.join('')).not.toContain('s3cret');
  });

  it('holds little of what a client writes, and escaped', async () => {
    const logged = await start('debug');
    await fetch(`${logged.url}/${'%0A%22%1b'.repeat(500)}`);
    await fetch(`${logged.url}/${'x'.repeat(5000)}`);
    const headers = { 'x-forwarded-for': 'x'.repeat(5000) };
    await fetch(`${logged.url}/nothing`, { headers });
    expect(await logged.next('refused', 3)).toHaveLength(3);
    await logged.next('answered', 3);
    for (const text of logged.texts) expect(text.length).toBeLessThan(400);
  });

  it('leaves lines out of a flood of refusals, and then says how many', async () => {
    const logged = await start('info');
    const ask = () => fetch(`${logged.url}/v1/rows`);
    for (let n = 0; n < 250; n++) await ask();
    expect(logged.of('refused')).toHaveLength(100);
    logged.clock.passSteadily(200);
    await ask();
    await ask();
    await ask();
    const refused = logged.of('refused');
    expect(refused).toHaveLength(102);
    expect(refused.slice(100).map(({ leftOut }) => leftOut)).toEqual([150, undefined]);
  });

  it('of our own failures says what and where', async () => {
    const logged = await start('error');
    const { history } = logged.server!.feed;
    history.copy = () => {
      throw new TypeError('this was broken on purpose');
    };
    const answer = await fetch(`${logged.url}/v1/rows?last=3`);
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain('on purpose');
    const [failed] = await logged.next('failed');
    expect(failed).toMatchObject({
      level: LEVELS.error,
      path: '/v1/rows',
      err: {
        type: 'TypeError',
        message: 'this was broken on purpose',
        stack: expect.stringContaining('logs.test.ts'),
      },
    });
  });

  it('warns when the clock was set', async () => {
    const logged = await start('warn');
    logged.clock.pass(3600_000);
    const [warning] = await logged.next('the clock was set, or the machine slept');
    expect(warning).toMatchObject({ level: LEVELS.warn, stepMs: 3600_000 });
  });

  it('warns when the feed waits for its clock, and when it waits no longer', async () => {
    const logged = await start('warn');
    logged.clock.pass(-3600_000);
    const [begins] = await logged.next('the feed waits for its clock');
    expect(begins).toMatchObject({ level: LEVELS.warn, waitMs: 3600_000 });
    logged.clock.pass(3600_000);
    await logged.next('the feed waits no longer');
    expect(logged.of('the feed waits for its clock')).toHaveLength(1);
  });

  it('of clients that find no place says so: once, and not for each', async () => {
    const logged = await start('warn', { maxConnections: 1, spareConnections: 1 });
    const one = await logged.connect();
    const sockets = Array.from({ length: 20 }, () => {
      return new TestSocket(`${logged.url.replace('http', 'ws')}/v1/stream`);
    });
    await Promise.all(sockets.map(({ closed }) => closed));
    expect(logged.of('too many connections')).toHaveLength(1);
    expect(logged.of('too many connections')[0]).toMatchObject({ level: LEVELS.warn });
    await one.close();
  });

  it('at the level of the program as it is shipped, warn, is silent while all is well', async () => {
    const logged = await start('warn');
    const socket = await logged.connect();
    await socket.ask('not JSON', 'error');
    await fetch(`${logged.url}/nothing`);
    await socket.close();
    await logged.server?.stop();
    expect(logged.texts).toEqual([]);
  });
});
