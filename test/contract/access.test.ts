import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ERRORS, type ErrorCode } from '../../src/wire/errors.ts';
import { parseAnswers, RawClient } from '../helpers/raw.ts';
import { expectSentence } from '../helpers/sentence.ts';
import { startTestServer, type TestServer } from '../helpers/server.ts';

const NAME = 'tickwell.example.com';

let server: TestServer;
/** One that stands behind a proxy on the same machine. */
let behind: TestServer;
const clients: RawClient[] = [];

beforeAll(async () => {
  server = await startTestServer({
    access: { allowedHosts: [NAME], allowedOrigins: ['https://charts.example.com'] },
  });
  behind = await startTestServer({
    access: { allowedHosts: [NAME], trustedProxies: ['127.0.0.1'] },
  });
});

afterEach(() => {
  for (const client of clients.splice(0)) client.reset();
});

afterAll(async () => {
  for (const { stop, failures } of [server, behind]) {
    await stop();
    expect(failures).toEqual([]);
  }
});

interface Request {
  readonly target?: string;
  /** Lines of the head, as they are written. */
  readonly head: readonly string[];
  readonly version?: string;
  readonly method?: string;
}

const lines = ({ target = '/v1/market', head, version = '1.1', method = 'GET' }: Request) =>
  [`${method} ${target} HTTP/${version}`, ...head, '', ''].join('\r\n');

async function ask(to: TestServer, request: Request) {
  const bytes = lines({ ...request, head: [...request.head, 'connection: close'] });
  const [answer] = parseAnswers(Buffer.from(await to.raw(bytes), 'latin1'));
  return answer!;
}

const UPGRADE = [
  'connection: upgrade',
  'upgrade: websocket',
  'sec-websocket-version: 13',
  'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
];

/** Knocks at the stream with these lines in its head. */
async function knock(to: TestServer, head: readonly string[], target = '/v1/stream') {
  const client = new RawClient(Number(new URL(to.server.url).port));
  clients.push(client);
  return client.shakeHands(lines({ target, head: [...head, ...UPGRADE] }));
}

function expectRefusal(
  answer: { status: number; headers: Readonly<Record<string, string>>; body: string },
  code: ErrorCode,
  given: string,
): void {
  expect(answer.status).toBe(ERRORS[code].status);
  expect(answer.headers['content-type']).toMatch(/^application\/json/);
  const { error } = JSON.parse(answer.body);
  expect(error).toEqual({ code, message: expect.any(String) });
  expectSentence(error.message, code === 'bad_host' ? 'Host' : 'Origin', given);
}

describe('a Host', () => {
  const OURS = ['localhost', 'LOCALHOST:1', '127.0.0.1:8080', '[::1]', 'a.localhost', 'box', NAME];
  const NOT_OURS = [
    'evil.com',
    'evil.com:8080',
    'localhost.evil.com',
    '127.0.0.1.evil.com',
    '0x7f.1',
    `x.${NAME}`,
    'user@localhost',
    'localhost:99999',
    'localhost,evil.com',
    'evil.com/localhost',
  ];

  it.each(OURS)('that is ours is served, over HTTP and on the stream: %s', async (host) => {
    expect((await ask(server, { head: [`Host: ${host}`] })).status).toBe(200);
    expect((await knock(server, [`Host: ${host}`])).status).toBe(101);
  });

  it.each(NOT_OURS)('that is not is misdirected, over HTTP and on the stream: %s', async (host) => {
    expectRefusal(await ask(server, { head: [`Host: ${host}`] }), 'bad_host', host);
    expectRefusal(await knock(server, [`Host: ${host}`]), 'bad_host', host);
  });

  it.each([
    '/',
    '/index.html',
    '/docs',
    '/docs/',
    '/docs/json',
    '/openapi.json',
    '/asyncapi.json',
    '/metrics',
    '/v1/rows?last=1',
    '/v1/events?since=now',
    '/nothing',
    '/healthz/',
    '/healthz/x',
    '/healthzz',
    '/readyz/../v1/market',
    '//healthz',
    '/v1/market?/healthz',
    '/HEALTHZ',
    '/%68ealthz',
    '/v1/market#/healthz',
  ])('that is not ours is refused on %s too', async (target) => {
    expectRefusal(await ask(server, { target, head: ['Host: evil.com'] }), 'bad_host', 'evil.com');
  });

  it.each(['/v1/market', '/v1/stream', '/v1/events?since=now'])(
    'that is not ours is refused in words that a page of any site can read: %s',
    async (target) => {
      const answer = await ask(server, { target, head: ['Host: evil.com'] });
      expect(answer.headers['access-control-allow-origin']).toBe('*');
    },
  );

  it.each(['POST', 'OPTIONS', 'DELETE'])('that is not ours is refused to %s', async (method) => {
    const answer = await ask(server, { method, head: ['Host: evil.com'] });
    expect(answer.status).toBe(421);
  });

  it.each(['/healthz', '/readyz', '/healthz?x=1', '/readyz?from=balancer'])(
    'is not looked at on %s: whoever watches over the server may call it as they like',
    async (target) => {
      expect((await ask(server, { target, head: ['Host: evil.com'] })).status).toBe(200);
      expect((await ask(server, { target, head: [], version: '1.0' })).status).toBe(200);
    },
  );

  it('must be there', async () => {
    expectRefusal(await ask(server, { head: [], version: '1.0' }), 'bad_host', 'nothing');
    expect((await ask(server, { head: [] })).status).toBe(400);
    expect((await knock(server, [])).status).toBe(400);
    expectRefusal(await ask(server, { head: ['Host:'] }), 'bad_host', '');
  });

  it('must be there once', async () => {
    for (const hosts of [
      ['Host: localhost', 'Host: evil.com'],
      ['Host: evil.com', 'Host: localhost'],
      ['Host: localhost', 'HOST: evil.com'],
    ]) {
      expect((await ask(server, { head: hosts })).status).toBe(400);
      expect((await knock(server, hosts)).status).toBe(400);
    }
  });

  it('in the target counts before the one in the head', async () => {
    const of = (target: string, host: string) => ask(server, { target, head: [`Host: ${host}`] });
    expectRefusal(await of('http://evil.com/v1/market', 'localhost'), 'bad_host', 'evil.com');
    expectRefusal(await of('http://evil.com:80/', 'localhost'), 'bad_host', 'evil.com:80');
    expectRefusal(await of('https://evil.com/healthz', 'localhost'), 'bad_host', 'evil.com');
    expectRefusal(await of('http://a@evil.com/', 'localhost'), 'bad_host', 'a@evil.com');
    expect((await of('http://localhost/v1/market', 'localhost')).status).toBe(200);
    const knockAt = (target: string) => knock(server, ['Host: localhost'], target);
    expectRefusal(await knockAt('http://evil.com/v1/stream'), 'bad_host', 'evil.com');
    expect((await knockAt('http://localhost/v1/stream')).status).toBe(101);
    expect((await knockAt('HTTP://localhost:80/v1/stream?')).status).toBe(101);
    const elsewhere = await knockAt('http://localhost/v1/streams?a=1');
    expect(elsewhere.status).toBe(404);
    expect(elsewhere.body).toContain('no WebSocket at \\"/v1/streams\\"');
    // A path, whatever it looks like.
    expect((await of('//evil.com/v1/market', 'localhost')).status).toBe(404);
  });

  it('that a client says was forwarded is believed of a trusted proxy alone', async () => {
    const head = (host: string, forwarded: string) => [
      `Host: ${host}`,
      `X-Forwarded-Host: ${forwarded}`,
    ];
    expect((await ask(server, { head: head('localhost', 'evil.com') })).status).toBe(200);
    expectRefusal(await ask(server, { head: head('evil.com', NAME) }), 'bad_host', 'evil.com');
    expect((await ask(behind, { head: head('upstream.internal', NAME) })).status).toBe(200);
    expectRefusal(
      await ask(behind, { head: head('localhost', 'evil.com') }),
      'bad_host',
      'evil.com',
    );
    const twice = [...head('localhost', NAME), 'X-Forwarded-Host: evil.com'];
    expectRefusal(await ask(behind, { head: twice }), 'bad_host', 'evil.com');
    expectRefusal(await knock(behind, twice), 'bad_host', 'evil.com');
  });
});

describe('the Origin of an upgrade', () => {
  it.each([
    ['localhost:8080', []],
    ['localhost:8080', ['Origin: http://localhost:8080']],
    ['localhost', ['Origin: http://localhost']],
    ['localhost:80', ['Origin: http://localhost']],
    ['LocalHost:8080', ['Origin: HTTP://localhost:8080']],
    ['[::1]:8080', ['Origin: http://[::1]:8080']],
    [NAME, [`Origin: https://${NAME}`]],
    [`${NAME}:443`, [`Origin: https://${NAME}`]],
    ['localhost:8080', ['Origin: https://charts.example.com']],
  ])('at %s may be that of its own page, or an allowed one: %j', async (host, head) => {
    expect((await knock(server, [`Host: ${host}`, ...head])).status).toBe(101);
  });

  it.each([
    'null',
    'http://evil.com',
    'http://localhost.evil.com:8080',
    'http://localhost:8080.evil.com',
    'http://localhost:8080/',
    'http://localhost:8080@evil.com',
    'http://10.0.0.1:8080',
    'file://',
    'chrome-extension://abcdefghijklmnop',
    'http://charts.example.com',
    'https://charts.example.com.evil.com',
    'http://localhost:8080 http://evil.com',
    'http://localhost:8080, http://evil.com',
  ])('at localhost:8080 must not be %s', async (origin) => {
    const answer = await knock(server, ['Host: localhost:8080', `Origin: ${origin}`]);
    expectRefusal(answer, 'bad_origin', origin);
  });

  it.each([
    'http://localhost',
    'http://localhost:8081',
    'https://localhost',
    'http://127.0.0.1:5173',
    'http://[::1]:3000',
    'http://shop.localhost:3000',
  ])('at localhost:8080 may be that of a page of this machine: %s', async (origin) => {
    const head = ['Host: localhost:8080', `Origin: ${origin}`];
    expect((await knock(server, head)).status).toBe(101);
    for (const [host, ...more] of [
      [NAME],
      ['127.0.0.1.evil.com'],
      ['localhost:8080', 'X-Forwarded-For: 192.0.2.7'],
    ]) {
      const answer = await knock(server, [`Host: ${host}`, `Origin: ${origin}`, ...more]);
      expect(answer.status).toBe(host === '127.0.0.1.evil.com' ? 421 : 403);
    }
  });

  it('must be given once', async () => {
    const origins = ['Origin: http://localhost', 'Origin: http://evil.com'];
    const answer = await knock(server, ['Host: localhost', ...origins]);
    expectRefusal(answer, 'bad_origin', 'http://localhost, http://evil.com');
  });

  it('is held against the host that a trusted proxy forwards, and not against a made up one', async () => {
    const head = ['Host: upstream', `X-Forwarded-Host: ${NAME}`, `Origin: https://${NAME}`];
    expect((await knock(behind, head)).status).toBe(101);
    expectRefusal(await knock(server, head), 'bad_origin', `https://${NAME}`);
  });

  it('matters for upgrades alone: over HTTP every website may read the feed', async () => {
    const answer = await ask(server, { head: ['Host: localhost', 'Origin: http://evil.com'] });
    expect(answer.status).toBe(200);
    expect(answer.headers['access-control-allow-origin']).toBe('*');
  });
});

describe('a request that two servers could read in two ways', () => {
  const head = ['Host: localhost'];
  const CHUNKED = 'Transfer-Encoding: chunked';

  it.each([
    ['two lengths', ['Content-Length: 5', 'Content-Length: 6'], 'hello!'],
    ['a length and chunks', ['Content-Length: 5', CHUNKED], '0\r\n\r\n'],
    ['chunks and a length', [CHUNKED, 'Content-Length: 5'], '0\r\n\r\n'],
    ['an invalid length', ['Content-Length: +5'], 'hello'],
    ['a length in words', ['Content-Length: five'], 'hello'],
    ['a space before a colon', ['Content-Length : 5'], 'hello'],
    ['a line that goes on', ['X-A: b', ' c: d'], ''],
    ['chunks that are not last', [`${CHUNKED}, gzip`], ''],
    ['a broken chunk', [CHUNKED], 'zz\r\n'],
    ['a zero in a value', ['X-A: a\0b'], ''],
    ['a bare line feed in a value', ['X-A: a\rb'], ''],
  ])('is refused and the connection closed: %s', async (_, fields, body) => {
    const text = lines({ method: 'POST', target: '/v1/market', head: [...head, ...fields] });
    const answers = parseAnswers(
      Buffer.from(
        await server.raw(`${text}${body}GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n`),
        'latin1',
      ),
    );
    expect(answers.at(-1)!.status).toBe(400);
    // What could be taken for a second request is not.
    expect(answers.filter(({ status }) => status === 200)).toEqual([]);
  });
});
