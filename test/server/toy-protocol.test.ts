import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Socket as TcpSocket } from 'node:net';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { wantedOf } from '../../src/core/history/wanted.ts';
import { DEFAULT_FIELDS } from '../../src/core/market/fields.ts';
import { timeOf } from '../../src/core/market/grid.ts';
import type { Connection } from '../../src/delivery/connection.ts';
import type { NewProtocol, Protocol, ServerParts } from '../../src/delivery/protocol.ts';
import { SocketConnection } from '../../src/delivery/socket-connection.ts';
import type { Bye, Opened, SocketRoute } from '../../src/delivery/socket-route.ts';
import { Subscription } from '../../src/delivery/subscription.ts';
import { MESSAGE_COST, REQUEST_COST, UPGRADE_COST } from '../../src/host/budgets/cost.ts';
import { type LimitList, limitsIn } from '../../src/host/limits.ts';
import { DEFAULT_LIMITS, type LimitChanges } from '../../src/server/limits.ts';
import { PROTOCOLS } from '../../src/server/protocols.ts';
import { startServer, type TickwellServer } from '../../src/server/server.ts';
import { ManualClock } from '../helpers/clock.ts';
import { eventually } from '../helpers/eventually.ts';
import { parseMetrics } from '../helpers/exposition.ts';
import { marketOf, pricesOf } from '../helpers/market.ts';
import { passUntil } from '../helpers/passing.ts';
import { RawClient, text } from '../helpers/raw.ts';
import { SPEC } from '../helpers/server.ts';
import { TestSocket } from '../helpers/socket.ts';
import { ToyEncoder } from '../helpers/toy-encoder.ts';

/** A whole protocol: the newest row, and a WebSocket that says what it hears. */
const toy: NewProtocol = ({ service }) => ({
  name: 'toy',
  encodeError: ({ code }) => ({ contentType: 'text/plain', body: `toy ${code}` }),
  addRoutes: (app) => void app.get('/toy/last', () => ({ last: service.feed.head - 1 })),
  sockets: [
    {
      path: '/toy/echo',
      open:
        ({ outlet }) =>
        (said) =>
          outlet.sendText(`${said}`),
    },
  ],
});

/** Rows in words of its own: `7 900` asks for those from 900 on, under the id 7. */
class ToyConnection extends SocketConnection implements Connection {
  readonly kind = 'toy';
  readonly encoder: ToyEncoder;
  readonly #columns: readonly number[];

  constructor(parts: ServerParts, { outlet, address, parameters }: Opened, encoder: ToyEncoder) {
    super(parts.hub, outlet, address);
    this.encoder = encoder;
    this.#columns = (parameters.columns ?? '0').split(',').map(Number);
  }

  sendSkipped(id: number, from: number, next: number): void {
    this.outlet.sendText(`${id} skipped ${from}-${next}`);
  }

  protected handle(message: string | Buffer): void {
    const [id = 0, cursor = 0] = String(message).split(' ').map(Number);
    this.hub.detach(this);
    this.subscriptions.set(
      id,
      new Subscription({
        ...{ market: this.hub.market, groups: this.hub.groups, connection: this, id, cursor },
        head: this.hub.service.feed.head,
        wanted: wantedOf(DEFAULT_FIELDS, this.#columns),
        delivery: String(message).includes('latest') ? 'latest' : 'all',
      }),
    );
    this.hub.drained(this);
  }

  protected override refusalOf(message: string | Buffer) {
    const [id] = String(message).split(' ');
    return ({ code }: { code: string }) => this.outlet.sendText(`${id} ${code}`);
  }

  protected override goodbye({ reason }: Bye): string {
    return `bye, ${reason}`;
  }
}

/** The same protocol with rows of the columns that its path says. */
const toyRows =
  (changes: Partial<SocketRoute> = {}): NewProtocol =>
  (parts) => {
    const encoder = new ToyEncoder();
    const open = (opened: Opened) => new ToyConnection(parts, opened, encoder);
    return {
      ...{ name: 'toy', addRoutes() {} },
      sockets: [{ path: '/toy/rows/:columns', open, ...changes }],
    };
  };

/** The toy, beside one of its name. */
const echoes: NewProtocol = (parts) => ({ ...toy(parts), name: 'echoes' });

/** Where the bytes of a client's WebSocket go. */
const socketOf = (client: WebSocket) => (client as unknown as { _socket: TcpSocket })._socket;

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

    const without = await start({ protocols: [PROTOCOLS[0]!] });
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
    const slow: NewProtocol = (parts) => ({
      ...toy(parts),
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

  it('is listed beside the others, with what its clients connect to', async () => {
    const based: NewProtocol = (parts) => ({ ...toy(parts), bases: [{ over: 'http', path: '' }] });
    const server = await start({ protocols: [...PROTOCOLS, based] });
    const { protocols } = JSON.parse((await server.get('/v1/protocols')).text);
    expect(protocols.length).toBe(PROTOCOLS.length + 1);
    expect(protocols[0]).toEqual({
      ...{ name: 'tickwell', title: 'Tickwell' },
      bases: [
        { over: 'http', path: '/v1' },
        { over: 'ws', path: '/v1/stream' },
      ],
    });
    const bases = [{ over: 'http', path: '' }];
    expect(protocols.at(-1)).toEqual({ name: 'toy', title: 'toy', bases });
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
    const server = await start({ protocols: [PROTOCOLS[0]!, toy] });
    const answer = await server.ask('/toy/ech', ['host: localhost', ...UPGRADE]);
    expect(answer).toMatchObject({ status: 404, type: 'application/json; charset=utf-8' });
    const { message } = JSON.parse(answer.body).error;
    expect(message).toBe('no WebSocket at "/toy/ech"; it is at /toy/echo');
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
    expect(during.value(`${count}{route="/toy/last",status="2xx",protocol="toy"}`)).toBe(1);
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
      ({ service }: ServerParts): Protocol => {
        const { maxEchoBytes, maxEchoes } = limitsIn(service.limits, ECHO_LIMITS);
        const open =
          ({ outlet }: Opened) =>
          (said: string | Buffer) => {
            if (said.length > maxEchoBytes) outlet.close(1009, 'too loud');
            else outlet.sendText(JSON.stringify(Array(maxEchoes).fill(JSON.parse(`${said}`))));
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
    expect(Object.keys(limits).slice(-3)).toEqual([
      'maxEchoBytes',
      'maxEffects',
      'maxInstrumentEffects',
    ]);
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
    const rowsOf: NewProtocol = (parts) => ({
      ...{ name: 'rows', addRoutes() {} },
      sockets: [
        {
          path: '/toy/rows',
          open: ({ outlet, ...rest }) => {
            // @ts-expect-error There is no other way to the client.
            expect([rest.webSocket, rest.socket, outlet.socket]).toEqual(Array(3).fill(undefined));
            return (said) => {
              const rows = said.length;
              if (typeof said !== 'string') outlet.sendBytes(said, { rows });
              else outlet.sendText(`${said} of ${parts.service.feed.head}`, { rows });
            };
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
          open:
            ({ outlet }) =>
            () =>
              outlet.sendBytes(words[heard++]),
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
    // In one write: what is behind the first is there before the server can stop to read.
    socketOf(client).write(Buffer.concat(words.map(() => text('another'))));
    await eventually(() => expect(heard).toBe(1));
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
    const polite: NewProtocol = (parts) => {
      const { sockets = [], ...rest } = toy(parts);
      const goodbye = ({ reason }: Bye, { headers }: IncomingMessage) =>
        headers['content-type'] === 'application/octet-stream'
          ? Buffer.from([1, 2, 3])
          : JSON.stringify({ no: reason });
      const load = () => loaded.given;
      return { ...rest, load, sockets: sockets.map((route) => ({ ...route, goodbye })) };
    };
    const server = await start({ protocols: [...PROTOCOLS, polite], isEarly: true });
    const echo = await server.open('/toy/echo');
    expect(await echo.next()).toEqual({ no: expect.stringMatching(/^\d+ % of the newest rows/) });
    expect((await echo.closed).code).toBe(4003);
    const headers = { 'content-type': 'application/octet-stream' };
    const other = new WebSocket(`${server.url.replace('http', 'ws')}/toy/echo`, { headers });
    expect(await once(other, 'message')).toEqual([Buffer.from([1, 2, 3]), true]);
    const away = { address: '127.0.0.1', code: 4003 };
    expect(server.of('turned away')).toMatchObject([away, away]);
    const told = await server.metrics();
    expect(told.value('tickwell_sent_frames_total')).toBe(2);
    expect(told.value('tickwell_sent_bytes_total')).toBeGreaterThan(20);
    loaded.give();
  });

  it('is not in the document of the API, and not for pages of other origins, unless it says so', async () => {
    const open: NewProtocol = (parts) => ({
      ...{ ...toy(parts), name: 'open', sockets: [] },
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
    const other: NewProtocol = (parts) => ({ ...toy(parts), name: 'other', addRoutes() {} });
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
          open: where === 'open' ? fail : () => () => {},
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
      sockets: [{ path: '/toy/echo', goodbye: fail, open: () => fail }],
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

describe('a protocol that fails later', () => {
  /** What an `async` method of it does; the types let most of them be so. */
  const fail = async (): Promise<never> => {
    await undefined;
    throw new Error('a bug');
  };
  /** What stands where no promise may. */
  const never = fail as unknown as () => never;

  async function fails(sockets: readonly SocketRoute[], limits: LimitChanges = {}) {
    const broken: NewProtocol = () => ({ ...{ name: 'broken', addRoutes() {} }, sockets });
    const server = await start({ limits, protocols: [...PROTOCOLS, broken] });
    const stream = await server.open('/v1/stream');
    await stream.next('hello');
    const told = async () => {
      await eventually(() => expect(server.of('failed')).not.toEqual([]));
      expect(await stream.ask({ type: 'ping', id: 1 })).toMatchObject({ type: 'pong' });
      const messages = server.of('failed').map(({ err }) => (err as Error).message);
      server.lines.length = 0;
      return new Set(messages);
    };
    return { server, stream, told };
  }

  it('with a message, has that connection alone closed', async () => {
    const { server, told } = await fails([{ path: '/toy/echo', open: () => fail }]);
    const client = await server.open('/toy/echo');
    client.send({});
    expect((await client.closed).code).toBe(1011);
    expect(await told()).toEqual(new Set(['a bug']));
  });

  it.each([
    ['handle', 'a bug'],
    ['goOn', 'a bug'],
    ['forget', 'a bug'],
    ['check', 'check must answer at once; given: a promise'],
  ])('in %s of a connection, has that one alone closed: %s', async (where, told) => {
    class Broken extends ToyConnection {
      constructor(parts: ServerParts, opened: Opened) {
        super(parts, opened, new ToyEncoder());
        Object.assign(this, { refusalOf: undefined, [where]: fail });
      }
    }
    const broken: NewProtocol = (parts) => ({
      ...{ name: 'broken', addRoutes() {} },
      sockets: [{ path: '/toy/rows', open: (opened) => new Broken(parts, opened) }],
    });
    const server = await start({ protocols: [...PROTOCOLS, broken] });
    const client = await server.open('/toy/rows');
    client.send('7 900');
    if (where === 'forget') await client.close();
    expect((await client.closed).code).toBe(where === 'forget' ? 1005 : 1011);
    await eventually(() => expect(server.of('failed')).not.toEqual([]));
    const messages = server.of('failed').map(({ err }) => (err as Error).message);
    expect(messages).toContain(told);
    server.lines.length = 0;
  });

  it.each([
    [
      'nothing',
      () => {},
      'open must give a SocketConnection or a handler of messages; given: undefined',
    ],
    ['a promise', fail, 'open must answer at once; given: a promise'],
  ])('in open, which gives %s, has its client alone closed', async (_what, open, message) => {
    const { server, stream, told } = await fails([{ path: '/toy/echo', open: open as never }]);
    const subscribe = { type: 'subscribe', id: 1, symbols: '*', since: 'now' };
    expect(await stream.ask(subscribe)).toMatchObject({ type: 'subscribed' });
    expect((await (await server.open('/toy/echo')).closed).code).toBe(1011);
    expect(await told()).toEqual(new Set([message]));
    server.clock.pass(SPEC.interval);
    expect(await stream.next('rows')).toMatchObject({ id: 1 });
    expect(server.of('failed')).toEqual([]);
  });

  it('in check of a route, refuses all, and in goodbye says nothing', async () => {
    const open = () => () => {};
    const { server, told } = await fails(
      [
        { path: '/toy/check', open, check: fail },
        { path: '/toy/bye', open, goodbye: never },
      ],
      { maxConnections: 1 },
    );
    const answer = await server.ask('/toy/check', ['host: localhost', ...UPGRADE]);
    expect(answer.status).toBe(500);
    expect(await told()).toEqual(new Set(['check must answer at once; given: a promise']));
    expect((await (await server.open('/toy/bye')).closed).code).toBe(4503);
    expect(await told()).toEqual(new Set(['goodbye must answer at once; given: a promise']));
  });
});

describe('the WebSockets of a protocol', () => {
  const market = marketOf(SPEC);

  /** A client of rows, with all that it was told. */
  async function rowsClient(server: ToyServer, path = '/toy/rows/0,2') {
    const client = new WebSocket(server.url.replace('http', 'ws') + path);
    const told: string[] = [];
    client.on('message', (data) => void told.push(String(data)));
    const closed = once(client, 'close').then(([code]) => code as number);
    await once(client, 'open');
    return { client, told, closed };
  }

  /** The prices of an instrument in what was told under an id, and the ranges of the rows. */
  function rowsIn(told: readonly string[], id: number, n: number) {
    const rows = told.map((one) => one.split(' ')).filter(([of]) => of === `${id}`);
    const ranges = rows.map(([, range = '']) => range.split('-').map(Number));
    const prices = rows.flatMap(([, , lists = '']) => lists.split('|')[n]!.split(',').map(Number));
    return { ranges, prices };
  }

  function expectNoGap(ranges: readonly (readonly number[])[], from: number): void {
    let cursor = from;
    for (const [first, next] of ranges) {
      expect(first).toBe(cursor);
      cursor = next!;
    }
  }

  it('are sent rows in words of their own, old and live, without a gap, and counted', async () => {
    const server = await start({ protocols: [toyRows()], limits: { frameBytes: 1024 } });
    const [one, two] = [await rowsClient(server), await rowsClient(server)];
    one.client.send('7 100');
    two.client.send('8 1000');
    for (let n = 0; n < 5; n++) {
      server.clock.pass(SPEC.interval);
      await eventually(() => expect(rowsIn(two.told, 8, 0).prices).toHaveLength(n + 1));
    }
    await eventually(() => expect(rowsIn(one.told, 7, 0).prices).toHaveLength(905));
    for (const [{ told }, id, from] of [
      [one, 7, 100],
      [two, 8, 1000],
    ] as const) {
      for (const [n, column] of [0, 2].entries()) {
        const { ranges, prices } = rowsIn(told, id, n);
        expectNoGap(ranges, from);
        expect(prices).toEqual([...pricesOf(market, column, from, 1005)]);
      }
    }
    const metrics = await server.metrics();
    expect(metrics.value('tickwell_sent_rows_total')).toBe(905 + 5);
    expect(metrics.value('tickwell_sent_frames_total')).toBe(one.told.length + two.told.length);
    expect(metrics.value('tickwell_connections{kind="toy"}')).toBe(2);
  });

  it('are sent no more than they read, and all or the latest of it when they do', async () => {
    const limits = { frameBytes: 1024, pingBytes: 1024, maxUnreadBytes: 8192 };
    const server = await start({ protocols: [toyRows()], limits });
    const sent = async () => (await server.metrics()).value('tickwell_sent_bytes_total') ?? 0;
    const { client, told } = await rowsClient(server);
    client.pause();
    client.send('1 0');
    await eventually(async () => expect(await sent()).toBeGreaterThan(limits.maxUnreadBytes));
    server.clock.pass(300 * SPEC.interval);
    expect(await sent()).toBeLessThanOrEqual(limits.maxUnreadBytes + limits.frameBytes);
    client.send('2 500 latest');
    client.resume();
    await eventually(() => {
      expect(rowsIn(told, 1, 0).prices).toHaveLength(1300);
      expect(told.at(-1)).toMatch(/-1300 /);
    });
    expectNoGap(rowsIn(told, 1, 0).ranges, 0);
    const latest = told.filter((one) => one.startsWith('2 '));
    expect(latest[0]).toMatch(/^2 skipped 500-/);
    const ranges = latest.map((one) => /(\d+)-(\d+)/.exec(one)!.slice(1).map(Number));
    expectNoGap(ranges, 500);
    expect(ranges.at(-1)).toEqual([1299, 1300]);
    client.close();
  });

  it('may ask so often, whatever they are, and are told so if there are words for it', async () => {
    const protocols = [toyRows(), echoes];
    const limits = { messagesPerSecond: 1, messagesBurst: 5, refusalsBurst: 3 };
    const server = await start({ protocols, limits });
    const { client, told, closed } = await rowsClient(server);
    socketOf(client).write(Buffer.concat(Array.from({ length: 20 }, (_, n) => text(`${n} 999`))));
    expect(await closed).toBe(4005);
    expect(told.filter((one) => one.endsWith('rate_limited'))).toHaveLength(4);
    expect(told.at(-1)).toBe('bye, too many messages');
    const echo = await rowsClient(server, '/toy/echo');
    socketOf(echo.client).write(Buffer.concat(Array(20).fill(text('again'))));
    expect(await echo.closed).toBe(4005);
    expect(echo.told).toHaveLength(5);
  });

  it('pay for each message, and are not heard behind their end', async () => {
    let heard = 0;
    const deaf: NewProtocol = () => ({
      ...{ name: 'deaf', addRoutes() {} },
      sockets: [{ path: '/toy/deaf', open: () => () => void heard++ }],
    });
    const limits = {
      ...{ workPerSecond: 1, workBurst: UPGRADE_COST + 3 * MESSAGE_COST },
      ...{ messagesPerSecond: 1e6, messagesBurst: 1e6, refusalsBurst: 1e6 },
    };
    const server = await start({ protocols: [deaf], limits });
    const { client, closed } = await rowsClient(server, '/toy/deaf');
    socketOf(client).write(Buffer.concat(Array(9000).fill(text('x'))));
    expect(await closed).toBe(4005);
    expect(heard).toBe(3);
  });

  it('must ask for something, unless their path has said what is wanted', async () => {
    const asked = toyRows({ path: '/toy/asked', isAskedByPath: true });
    const server = await start({
      protocols: [toyRows(), (parts) => ({ ...asked(parts), name: 'asked' }), echoes],
      limits: { firstRequestMs: 1000 },
    });
    const [silent, echo] = [await rowsClient(server), await rowsClient(server, '/toy/echo')];
    const well = await rowsClient(server, '/toy/asked');
    const goAndReturn = async () => {
      well.client.ping('are you there');
      await once(well.client, 'pong');
    };
    const ends = Promise.all([silent.closed, echo.closed]);
    expect(await passUntil(ends, server.clock, { goAndReturn })).toEqual([4504, 4504]);
    expect(silent.told).toEqual(['bye, nothing asked within 1000 ms']);
    expect(well.client.readyState).toBe(WebSocket.OPEN);
  });

  it('are opened at paths with names, the plainest first, and no two at the same', async () => {
    const paths = ['/toy/*', '/toy/:a/:b', '/toy/rows/:columns', '/toy/rows/all'];
    const named: NewProtocol = () => ({
      ...{ name: 'named', addRoutes() {} },
      sockets: paths.map((path) => ({
        path,
        open: ({ outlet, parameters }) => {
          outlet.sendText(JSON.stringify([path, parameters]));
          return () => {};
        },
      })),
    });
    const server = await start({ protocols: [named] });
    const at = async (path: string) => JSON.parse(await (await server.open(path)).nextText());
    expect(await at('/toy/rows/all?x=/y')).toEqual(['/toy/rows/all', {}]);
    expect(await at('/toy/rows/a%2Fb')).toEqual(['/toy/rows/:columns', { columns: 'a/b' }]);
    expect(await at('/toy/x/y')).toEqual(['/toy/:a/:b', { a: 'x', b: 'y' }]);
    expect(await at('/toy/x/y/z')).toEqual(['/toy/*', { '*': 'x/y/z' }]);
    const known = `they are at ${paths.join(', ')}`;
    // Of paths that begin in another way, the first alone is named.
    const wrong = { '/toy': known, '/toy/%ff': known, '/ws/toy/x': `it is at ${paths[0]}` };
    for (const [path, where] of Object.entries(wrong)) {
      const answer = await server.ask(path, ['host: localhost', ...UPGRADE]);
      expect(answer.status).toBe(404);
      const told = `no WebSocket at "${path}"; ${where}`;
      expect(JSON.parse(answer.body).error.message).toBe(told);
    }
    const plain = await server.ask('/toy/rows/1', ['host: localhost', 'connection: close']);
    expect(plain.status).toBe(426);
    const same = toyRows({ path: '/toy/:c/:d' });
    await expect(new ToyServer().start({ protocols: [named, same] })).rejects.toThrow(
      'WebSockets at paths of their own; given: /toy/:c/:d of both named and toy',
    );
    for (const path of ['toy', '/toy/*/x', '/toy/a:b', '/toy/:']) {
      await expect(new ToyServer().start({ protocols: [toyRows({ path })] })).rejects.toThrow(
        `with * at the end or without; given: ${path}`,
      );
    }
  });
});
