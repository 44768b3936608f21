import { once } from 'node:events';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { timeOf } from '../../src/core/market/grid.ts';
import type { House, NewProtocol, Protocol } from '../../src/delivery/protocol.ts';
import type { Bye, Opened } from '../../src/delivery/socket-route.ts';
import { MESSAGE_COST, REQUEST_COST, UPGRADE_COST } from '../../src/host/budgets/cost.ts';
import { type LimitList, limitsIn } from '../../src/host/limits.ts';
import { DEFAULT_LIMITS, type LimitChanges } from '../../src/server/limits.ts';
import { PROTOCOLS } from '../../src/server/protocols.ts';
import { startServer, type TickwellServer } from '../../src/server/server.ts';
import { ManualClock } from '../helpers/clock.ts';
import { eventually } from '../helpers/eventually.ts';
import { parseMetrics } from '../helpers/exposition.ts';
import { marketOf } from '../helpers/market.ts';
import { passUntil } from '../helpers/passing.ts';
import { RawClient } from '../helpers/raw.ts';
import { SPEC } from '../helpers/server.ts';
import { TestSocket } from '../helpers/socket.ts';

/** A whole protocol: the newest row, and a WebSocket that says what it hears. */
const toy: NewProtocol = ({ service }) => ({
  name: 'toy',
  encodeError: ({ code }) => ({ contentType: 'text/plain', body: `toy ${code}` }),
  addRoutes: (app) => void app.get('/toy/last', () => ({ last: service.feed.head - 1 })),
  sockets: [
    {
      path: '/toy/echo',
      open: ({ onMessage, outlet }) => void onMessage((said) => outlet.sendText(`${said}`)),
    },
  ],
});

/** Something that happens once. */
class Signal {
  give = () => {};
  readonly given = new Promise<void>((resolve) => {
    this.give = resolve;
  });
}

interface Started {
  readonly limits?: LimitChanges;
  readonly protocols?: readonly NewProtocol[];
  /** Whether to come back before the ring is full. */
  readonly isEarly?: boolean;
}

/** A server with the toy beside Tickwell's own, whose log is kept. */
class ToyServer {
  readonly clock = new ManualClock(0);
  readonly lines: { readonly msg: string; readonly [field: string]: unknown }[] = [];
  readonly #clients: RawClient[] = [];
  #server!: TickwellServer;

  async start({ limits = {}, protocols = [...PROTOCOLS, toy], isEarly }: Started): Promise<void> {
    const market = marketOf(SPEC);
    this.clock.pass(timeOf(market.grid, 999));
    const write = (text: string) => void this.lines.push(JSON.parse(text));
    this.#server = await startServer({
      ...{ market, host: '127.0.0.1', port: 0, clock: this.clock, limits, protocols },
      logger: pino({ level: 'info' }, { write }),
    });
    if (isEarly !== true) await this.#server.ready;
  }

  get url(): string {
    return this.#server.url;
  }

  of(event: string) {
    return this.lines.filter(({ msg }) => msg === event);
  }

  async get(path: string) {
    const answer = await fetch(this.url + path);
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  }

  /** The answer to a head of these lines, after the line of a request. */
  async ask(path: string, head: readonly string[]) {
    const answer = await this.#shakeHands(path, head);
    return { ...answer, type: answer.headers['content-type'] };
  }

  async open(path: string): Promise<TestSocket> {
    const socket = new TestSocket(this.url.replace('http', 'ws') + path);
    await socket.opened;
    return socket;
  }

  async metrics() {
    return parseMetrics((await this.get('/metrics')).text);
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.reset();
    await this.#server.stop();
    expect(this.of('failed')).toEqual([]);
  }

  #shakeHands(path: string, head: readonly string[]) {
    const client = new RawClient(Number(new URL(this.url).port));
    this.#clients.push(client);
    return client.shakeHands([`GET ${path} HTTP/1.1`, ...head, '', ''].join('\r\n'));
  }
}

const UPGRADE = [
  'connection: upgrade',
  'upgrade: websocket',
  'sec-websocket-version: 13',
  'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
];

const running: ToyServer[] = [];

async function start(options: Started = {}): Promise<ToyServer> {
  const server = new ToyServer();
  await server.start(options);
  running.push(server);
  return server;
}

afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
});

describe('a protocol of ten lines', () => {
  it('answers at its own paths, beside Tickwell’s, and is gone with its line in the list', async () => {
    const server = await start();
    expect(await server.get('/toy/last')).toMatchObject({ status: 200, text: '{"last":999}' });
    const echo = await server.open('/toy/echo');
    expect(await echo.ask({ hello: 1 })).toEqual({ hello: 1 });
    const stream = await server.open('/v1/stream');
    await stream.next('hello');
    expect((await server.get('/v1/market')).status).toBe(200);

    const without = await start({ protocols: PROTOCOLS });
    expect((await without.get('/toy/last')).status).toBe(404);
    const answer = await without.ask('/toy/echo', ['host: localhost', ...UPGRADE]);
    expect(answer.status).toBe(404);
    expect(answer.body).toContain('no WebSocket at \\"/toy/echo\\"; it is at /v1/stream');
    const alone = await start({ protocols: [toy] });
    expect((await alone.get('/toy/last')).status).toBe(200);
    expect((await alone.get('/v1/market')).status).toBe(404);
    expect((await alone.get('/healthz')).status).toBe(200);
  });

  it('has its requests, upgrades and messages paid by their address, as all are', async () => {
    const costs = [REQUEST_COST, UPGRADE_COST, MESSAGE_COST];
    const workBurst = costs.reduce((sum, cost) => sum + cost, 0);
    const server = await start({ limits: { workPerSecond: 1, workBurst } });
    expect((await server.get('/toy/last')).status).toBe(200);
    const echo = await server.open('/toy/echo');
    expect(await echo.ask({ n: 1 })).toEqual({ n: 1 });
    const refused = await server.get('/toy/last');
    expect(refused).toMatchObject({ status: 429, text: 'toy rate_limited' });
    expect(refused.headers.get('content-type')).toBe('text/plain');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    const knocked = await server.ask('/toy/echo', ['host: localhost', ...UPGRADE]);
    expect(knocked).toMatchObject({ status: 429, body: 'toy rate_limited', type: 'text/plain' });
    echo.send({ n: 2 });
    expect((await echo.closed).code).toBe(4005);
    const own = await server.get('/v1/market');
    expect(own.status).toBe(429);
    expect(JSON.parse(own.text).error.code).toBe('rate_limited');
  });

  it('shares the number of answers that an address may wait for', async () => {
    const [asked, given] = [new Signal(), new Signal()];
    const slow: NewProtocol = (house) => ({
      ...toy(house),
      addRoutes(app) {
        app.get('/toy/last', async () => {
          asked.give();
          await given.given;
          return 'at last';
        });
      },
    });
    const limits = { maxAnswersPerAddress: 1 };
    const server = await start({ limits, protocols: [...PROTOCOLS, slow] });
    const first = server.get('/toy/last');
    await asked.given;
    expect(await server.get('/toy/last')).toMatchObject({ status: 429, text: 'toy too_many' });
    expect(JSON.parse((await server.get('/v1/market')).text).error.code).toBe('too_many');
    given.give();
    expect(await first).toMatchObject({ status: 200, text: 'at last' });
  });

  it.each([
    ['/toy/last', ['host: evil.example.com', 'connection: close'], 421, 'toy bad_host'],
    ['/toy/last', ['connection: close'], 400, 'toy bad_request'],
    ['/toy/echo', ['host: localhost', 'connection: close'], 426, 'toy upgrade_required'],
    ['/toy/echo', ['host: evil.example.com', ...UPGRADE], 421, 'toy bad_host'],
    [
      '/toy/echo',
      ['host: localhost', 'origin: http://evil.com', ...UPGRADE],
      403,
      'toy bad_origin',
    ],
    ['/toy/echo', ['host: localhost', ...UPGRADE.slice(0, 2)], 400, 'toy bad_request'],
    ['/toy/echo', ['host: localhost', ...UPGRADE.with(2, 'sec-websocket-version: 8')], 426, ''],
  ])('is refused at %s as Tickwell’s own: %j', async (path, head, status, body) => {
    const server = await start();
    const answer = await server.ask(path, head);
    expect(answer).toMatchObject({ status, type: 'text/plain' });
    expect(answer.body).toContain(body);
    const own = await server.ask(path === '/toy/last' ? '/v1/market' : '/v1/stream', head);
    expect(own.status).toBe(status);
    expect(own.type).toMatch(/^application\/json/);
    expect(JSON.parse(own.body).error.code).toBe(answer.body.replace('toy ', ''));
    expect(server.of('refused')).toMatchObject([{ path }, {}]);
  });

  it('has whoever runs the server told which page was refused, once for all protocols', async () => {
    const server = await start();
    const head = ['host: localhost', 'origin: http://evil.com', ...UPGRADE];
    await server.ask('/toy/echo', head);
    await server.ask('/v1/stream', head);
    const advice = server.lines.filter(({ msg }) => msg.includes('was refused the stream'));
    expect(advice).toMatchObject([{ level: 40, origin: 'http://evil.com' }]);
  });

  it('has no WebSocket but where it says: all that there are are named', async () => {
    const server = await start();
    const answer = await server.ask('/toy/ech', ['host: localhost', ...UPGRADE]);
    expect(answer).toMatchObject({ status: 404, type: 'application/json; charset=utf-8' });
    const { message } = JSON.parse(answer.body).error;
    expect(message).toBe('no WebSocket at "/toy/ech"; they are at /v1/stream, /toy/echo');
  });

  it('shares the connections that an address may have', async () => {
    const server = await start({ limits: { maxConnectionsPerAddress: 2 } });
    const stream = await server.open('/v1/stream');
    await stream.next('hello');
    const echo = await server.open('/toy/echo');
    await echo.ask({});
    const [nextEcho, nextStream] = await Promise.all([
      server.open('/toy/echo'),
      server.open('/v1/stream'),
    ]);
    expect((await nextEcho.closed).code).toBe(4503);
    await nextStream.next('bye');
    expect((await nextStream.closed).code).toBe(4503);
    await echo.close();
    await eventually(() => expect(server.of('disconnected')).toHaveLength(1));
    const again = await server.open('/v1/stream');
    await again.next('hello');
  });

  it('is measured and logged by its own names', async () => {
    const server = await start();
    expect((await server.metrics()).value('tickwell_connections{kind="toy"}')).toBe(0);
    await server.get('/toy/last');
    const echo = await server.open('/toy/echo');
    await echo.ask({});
    const during = await server.metrics();
    expect(during.value('tickwell_connections{kind="toy"}')).toBe(1);
    expect(during.value('tickwell_connections{kind="json"}')).toBe(0);
    expect(during.value('tickwell_connections_opened_total')).toBe(1);
    const count = 'tickwell_http_request_duration_seconds_count';
    expect(during.value(`${count}{route="/toy/last",status="2xx"}`)).toBe(1);
    await echo.close();
    await eventually(() => expect(server.of('disconnected')).toHaveLength(1));
    expect(server.of('connected')).toMatchObject([{ encoding: 'toy', address: '127.0.0.1' }]);
    expect(server.of('disconnected')).toMatchObject([{ code: 1005, rows: 0 }]);
    const after = await server.metrics();
    expect(after.value('tickwell_connections{kind="toy"}')).toBe(0);
    expect(after.value('tickwell_connections_closed_total{code="1005"}')).toBe(1);
  });

  it('brings limits of its own: set, refused, told and kept to as all others', async () => {
    const ECHO_LIMITS = {
      maxEchoBytes: {
        ...{ default: 2048, most: 4096, atMost: 'maxPayloadBytes' },
        reason: 'Nobody shouts further.',
        told: 'Of one echo, in bytes.',
      },
      maxEchoes: { default: 1, reason: 'There is one wall.', told: undefined },
    } as const satisfies LimitList;
    const echo: NewProtocol = Object.assign(
      ({ service }: House): Protocol => {
        const { maxEchoBytes, maxEchoes } = limitsIn(service.limits, ECHO_LIMITS);
        const open = ({ onMessage, outlet }: Opened) => {
          onMessage((said) => {
            if (said.byteLength > maxEchoBytes) outlet.close(1009, 'too loud');
            else outlet.sendText(JSON.stringify(Array(maxEchoes).fill(JSON.parse(`${said}`))));
          });
          return undefined;
        };
        return { name: 'echo', addRoutes() {}, sockets: [{ path: '/echo', open }] };
      },
      { limits: ECHO_LIMITS },
    );
    const protocols = [...PROTOCOLS, echo];
    const server = await start({ protocols, limits: { maxEchoBytes: 1024 } });
    const client = await server.open('/echo');
    expect(await client.ask({ a: 'b'.repeat(1016) })).toEqual([{ a: 'b'.repeat(1016) }]);
    client.send({ a: 'b'.repeat(1017) });
    expect(await client.closed).toEqual({ code: 1009, reason: 'too loud' });
    const { limits } = JSON.parse((await server.get('/v1/hello')).text);
    expect(Object.keys(limits).at(-1)).toBe('maxEchoBytes');
    expect(limits).toEqual({ ...DEFAULT_LIMITS, maxEchoBytes: 1024 });
    const described = (await server.get('/asyncapi.json')).text;
    expect(described).toContain('Of one echo, in bytes.');

    const sentenceOf = (changes: LimitChanges, spoken = protocols) =>
      new ToyServer().start({ protocols: spoken, limits: changes }).catch(({ message }) => message);
    expect(await sentenceOf({ maxEchoBytes: 4097 })).toBe(
      'limit maxEchoBytes must be a whole number from 1024 to 4096; given: 4097',
    );
    expect(await sentenceOf({ maxPayloadBytes: 2047 })).toBe(
      'limit maxEchoBytes must be at most maxPayloadBytes, which is 2047; given: 2048',
    );
    expect(await sentenceOf({ maxEchos: 2 })).toBe(
      'unknown limit "maxEchos"; did you mean "maxEchoes"?',
    );
    expect(await sentenceOf({ maxEchoes: 2 }, [...PROTOCOLS, toy])).toMatch(/^unknown limit/);
    expect(await sentenceOf({ maxSubscriptions: 2 }, [toy])).toMatch(/^unknown limit/);
    expect(await sentenceOf({}, [...protocols, echo])).toBe(
      'limits must have names of their own; given: maxEchoBytes twice',
    );
  });

  it('has all that it sends counted: text, bytes and rows, but no pings and pongs', async () => {
    const rowsOf: NewProtocol = (house) => ({
      ...{ name: 'rows', addRoutes() {} },
      sockets: [
        {
          path: '/toy/rows',
          open: ({ onMessage, outlet, ...rest }) => {
            // @ts-expect-error There is no other way to the client.
            expect([rest.webSocket, rest.socket, outlet.socket]).toEqual(Array(3).fill(undefined));
            onMessage((said, isBinary) => {
              const rows = said.byteLength;
              if (isBinary) outlet.sendBytes(said, { rows });
              else outlet.sendText(`${said} of ${house.service.feed.head}`, { rows });
            });
          },
        },
      ],
    });
    const server = await start({ protocols: [...PROTOCOLS, rowsOf] });
    const sent = async () => {
      const metrics = await server.metrics();
      return ['rows', 'frames', 'bytes'].map((of) => metrics.value(`tickwell_sent_${of}_total`));
    };
    expect(await sent()).toEqual([0, 0, 0]);
    const client = new WebSocket(`${server.url.replace('http', 'ws')}/toy/rows`);
    await once(client, 'open');
    client.ping('are you there');
    await once(client, 'pong');
    expect(await sent()).toEqual([0, 0, 0]);
    client.send('three');
    expect(String((await once(client, 'message'))[0])).toBe('three of 1000');
    expect(await sent()).toEqual([5, 1, 2 + 13]);
    client.send(Buffer.alloc(200));
    expect((await once(client, 'message'))[0]).toEqual(Buffer.alloc(200));
    expect(await sent()).toEqual([205, 2, 15 + 4 + 200]);
    client.close();
    await eventually(() => expect(server.of('disconnected')).toMatchObject([{ rows: 205 }]));
    expect(await sent()).toEqual([205, 2, 219]);
  });

  it('has its clients pinged with what it sends, and who stops to read it taken for stuck', async () => {
    const limits = { pingBytes: 1024, pingMs: 1000, pongMs: 1000, stallMs: 3000 };
    const server = await start({ limits });
    const url = `${server.url.replace('http', 'ws')}/toy/echo`;
    const deaf = new WebSocket(url, { autoPong: false });
    await once(deaf, 'open');
    deaf.send('a'.repeat(1500));
    await once(deaf, 'ping');
    const well = new WebSocket(url);
    await once(well, 'open');
    const goAndReturn = async () => {
      well.ping('are you there');
      await once(well, 'pong');
    };
    const [code, reason] = await passUntil(once(deaf, 'close'), server.clock, { goAndReturn });
    expect([code, String(reason)]).toEqual([4001, 'nothing read for 3000 ms']);
    well.close();
  });

  it('has its connections kept alive: pings are answered, and who owes a pong is closed', async () => {
    const server = await start({ limits: { pingMs: 1000, pongMs: 1000 } });
    const url = `${server.url.replace('http', 'ws')}/toy/echo`;
    const [well, deaf] = [new WebSocket(url), new WebSocket(url, { autoPong: false })];
    await Promise.all([once(well, 'open'), once(deaf, 'open')]);
    let pinged = 0;
    well.on('ping', () => pinged++);
    const goAndReturn = async () => {
      well.ping('are you there');
      expect(String(await once(well, 'pong'))).toBe('are you there');
    };
    const [code, reason] = await passUntil(once(deaf, 'close'), server.clock, { goAndReturn });
    expect([code, String(reason)]).toEqual([4002, 'no pong for 1000 ms']);
    expect(pinged).toBeGreaterThan(0);
    expect(well.readyState).toBe(WebSocket.OPEN);
    well.close();
  });

  it('hears no more of a client that reads nothing, until it does', async () => {
    let heard = 0;
    const wordy: NewProtocol = () => ({
      name: 'wordy',
      addRoutes() {},
      sockets: [
        {
          path: '/toy/wordy',
          open: ({ onMessage, outlet }) => void onMessage(() => outlet.sendBytes(words[heard++])),
        },
      ],
    });
    // Each is more than a kernel takes for a client that does not read.
    const words = Array.from({ length: 10 }, () => Buffer.alloc(2 ** 24));
    const server = await start({ protocols: [wordy] });
    const client = new WebSocket(`${server.url.replace('http', 'ws')}/toy/wordy`);
    let read = 0;
    client.on('message', (data: Buffer) => {
      read += data.byteLength;
    });
    await once(client, 'open');
    client.pause();
    client.send('the first');
    await eventually(() => expect(heard).toBe(1));
    for (const _ of words.slice(1)) client.send('another');
    // The server would have heard them by the time that it answers what came later.
    expect((await server.get('/healthz')).status).toBe(200);
    expect(heard).toBe(1);
    client.resume();
    await eventually(() => expect(read).toBe(words.length * 2 ** 24));
    client.close();
  });

  it('has its connections closed when the server stops', async () => {
    const server = await start();
    const echo = await server.open('/toy/echo');
    await echo.ask({});
    await server.stop();
    running.length = 0;
    expect(await echo.closed).toEqual({ code: 4000, reason: 'shutting down' });
  });

  it('turns clients away in its own words, while the server is not ready', async () => {
    const loaded = new Signal();
    const polite: NewProtocol = (house) => {
      const { sockets = [], ...rest } = toy(house);
      const goodbye = ({ reason }: Bye) => JSON.stringify({ no: reason });
      const load = () => loaded.given;
      return { ...rest, load, sockets: sockets.map((route) => ({ ...route, goodbye })) };
    };
    const server = await start({ protocols: [...PROTOCOLS, polite], isEarly: true });
    const echo = await server.open('/toy/echo');
    expect(await echo.next()).toEqual({ no: expect.stringMatching(/^\d+ % of the newest rows/) });
    expect((await echo.closed).code).toBe(4003);
    expect(server.of('turned away')).toMatchObject([{ address: '127.0.0.1', code: 4003 }]);
    const told = await server.metrics();
    expect(told.value('tickwell_sent_frames_total')).toBe(1);
    expect(told.value('tickwell_sent_bytes_total')).toBeGreaterThan(20);
    loaded.give();
  });

  it('is not in the document of the API, and not for pages of other origins, unless it says so', async () => {
    const open: NewProtocol = (house) => ({
      ...{ ...toy(house), name: 'open', sockets: [] },
      ...{ isDocumented: true, isForOtherOrigins: true, isStrict: true },
      addRoutes: (app) => void app.get('/open/last', () => 'open'),
    });
    const server = await start({ protocols: [...PROTOCOLS, toy, open] });
    const { paths } = JSON.parse((await server.get('/openapi.json')).text);
    expect(Object.keys(paths)).toContain('/open/last');
    expect(Object.keys(paths)).toContain('/v1/rows');
    expect(Object.keys(paths)).not.toContain('/toy/last');
    const name = 'access-control-allow-origin';
    expect((await server.get('/toy/last')).headers.get(name)).toBe(null);
    expect((await server.get('/open/last')).headers.get(name)).toBe('*');
    expect((await server.get('/toy/last?x=1')).status).toBe(200);
    expect((await server.get('/open/last?x=1')).status).toBe(400);
  });

  it('cannot take the path of another’s WebSocket', async () => {
    const other: NewProtocol = (house) => ({ ...toy(house), name: 'other', addRoutes() {} });
    await expect(new ToyServer().start({ protocols: [toy, other] })).rejects.toThrow(
      'WebSockets at paths of their own; given: /toy/echo of both toy and other',
    );
  });
});

describe('a protocol that fails', () => {
  it.each(['open', 'check', 'encodeError'])('in %s, brings nobody else down', async (where) => {
    const fail = (): never => {
      throw new Error('a bug');
    };
    const broken: NewProtocol = () => ({
      name: 'broken',
      addRoutes() {},
      ...(where === 'encodeError' ? { encodeError: fail, check: fail } : {}),
      sockets: [
        {
          path: '/toy/echo',
          open: where === 'open' ? fail : () => undefined,
          ...(where === 'open' ? {} : { check: fail }),
        },
      ],
    });
    const server = await start({ protocols: [...PROTOCOLS, broken] });
    const answer = await server.ask('/toy/echo', ['host: localhost', ...UPGRADE]);
    expect(answer.status).toBe(where === 'open' ? 101 : 500);
    await eventually(() => expect(server.of('failed').length).toBeGreaterThan(0));
    const [{ err }] = server.of('failed');
    expect(err).toMatchObject({ message: 'a bug' });
    expect((await server.get('/v1/market')).status).toBe(200);
    server.lines.length = 0;
  });

  it('with a message, or at a goodbye, closes that connection alone', async () => {
    const fail = (): never => {
      throw new Error('a bug');
    };
    const broken: NewProtocol = () => ({
      name: 'broken',
      addRoutes() {},
      sockets: [
        { path: '/toy/echo', goodbye: fail, open: ({ onMessage }) => void onMessage(fail) },
      ],
    });
    const limits = { maxConnections: 2 };
    const server = await start({ limits, protocols: [...PROTOCOLS, broken] });
    const stream = await server.open('/v1/stream');
    await stream.next('hello');
    const [heard, turnedAway] = [await server.open('/toy/echo'), await server.open('/toy/echo')];
    expect((await turnedAway.closed).code).toBe(4503);
    heard.send({});
    expect((await heard.closed).code).toBe(1011);
    expect(server.of('failed').map(({ err }) => (err as Error).message)).toEqual([
      'a bug',
      'a bug',
    ]);
    expect(await stream.ask({ type: 'ping', id: 1 })).toMatchObject({ type: 'pong' });
    server.lines.length = 0;
  });
});
