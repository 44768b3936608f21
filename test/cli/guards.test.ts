import { once } from 'node:events';
import { hostname } from 'node:os';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/server/limits.ts';
import { CliThread, spawnCli } from '../helpers/cli.ts';
import { RawClient } from '../helpers/raw.ts';
import { expectSentence } from '../helpers/sentence.ts';

const SMALL = ['--port=0', '--host=127.0.0.1', '--count=2', '--capacity=10'];
const LONG = 'x'.repeat(5000);
const shown = (text: string) => (text.length > 60 ? `${text.slice(0, 57)}...` : text);

let cli: CliThread;
const children: ReturnType<typeof spawnCli>[] = [];

beforeAll(() => {
  cli = new CliThread();
});

afterEach(async () => {
  for (const child of children.splice(0)) {
    const ended = once(child, 'close');
    child.kill('SIGKILL');
    await ended;
  }
});

afterAll(() => cli.end());

/** Checks that a run says in a sentence what is wrong, writes nothing else and ends with 2. */
async function expectUsage(
  args: readonly string[],
  field: string,
  given: string,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { code, stdout, stderr } = await cli.run([...SMALL, ...args], env);
  const [line = '', ...others] = stderr.replace(/\n$/, '').split('\n');
  expect(line.slice(0, 10)).toBe('tickwell: ');
  expectSentence(line.slice(10), field, shown(given));
  expect(others).toEqual([]);
  expect([stdout, code]).toEqual(['', 2]);
}

describe('a wrong guard is told with its name and value', () => {
  it.each([
    '',
    ' ',
    'a b',
    'a:80',
    'http://a.example',
    'a.example/',
    '*.example.com',
    'u@a',
    `${LONG}.é`,
  ])('--allow-host=%.20s', async (host) => {
    await expectUsage([`--allow-host=${host}`], 'allow-host', host.trim());
  });

  it.each([
    '',
    'null',
    'a.example',
    'https://',
    'https://a/',
    'ftp://a',
    'https://*.a.example',
    LONG,
  ])('--allow-origin=%.20s', async (origin) => {
    await expectUsage([`--allow-origin=${origin}`], 'allow-origin', origin);
  });

  it.each(['', 'proxy', '1.2.3', '10.0.0.0/33', '10.0.0.0/8/8', '::1/129', LONG])(
    '--trust-proxy=%.20s',
    async (proxy) => {
      await expectUsage([`--trust-proxy=${proxy}`], 'trust-proxy', proxy);
    },
  );

  it.each([
    ['', 'limit', ''],
    ['maxConnections', 'limit', 'maxConnections'],
    ['=5', 'limit', '=5'],
    ['5', 'limit', '5'],
    [LONG, 'limit', LONG],
    ['nope=5', 'unknown limit', 'nope'],
    ['maxconnections=5', 'unknown limit', 'maxconnections'],
    ['toString=5', 'unknown limit', 'toString'],
    ['__proto__=5', 'unknown limit', '__proto__'],
    [' maxConnections = 5', 'unknown limit', 'maxConnections '],
    ['maxConnections=', 'limit maxConnections', ''],
    ['maxConnections=0', 'limit maxConnections', '0'],
    ['maxConnections=-1', 'limit maxConnections', '-1'],
    ['maxConnections=1.5', 'limit maxConnections', '1.5'],
    ['maxConnections=1e3', 'limit maxConnections', '1e3'],
    ['maxConnections=0x10', 'limit maxConnections', '0x10'],
    ['maxConnections=many', 'limit maxConnections', 'many'],
    ['maxConnections=5=6', 'limit maxConnections', '5=6'],
    ['maxConnections=99999999999', 'limit maxConnections', '99999999999'],
    ['maxConnections=99999999999999999999', 'limit maxConnections', '99999999999999999999'],
    ['heartbeatMs=500', 'limit heartbeatMs', '500'],
    ['frameBytes=100', 'limit frameBytes', '100'],
    ['pingBytes=999999', 'limit pingBytes', '999999'],
    ['maxUnreadBytes=5000', 'limit frameBytes', '16384'],
    ['requestMs=9000', 'limit headersMs', '10000'],
  ])('--limit %.30s', async (text, field, given) => {
    await expectUsage([`--limit=${text}`], field, given);
  });

  it.each(['-1', '1.5', '65537', 'much', ''])('--cache-mb %s', async (text) => {
    await expectUsage([`--cache-mb=${text}`], 'cache-mb', text);
    await expectUsage([], 'cache-mb', text, { TICKWELL_CACHE_MB: text });
  });

  it.each(['0', '-1', '1.5', '65', 'many', ''])('--workers %s', async (text) => {
    await expectUsage([`--workers=${text}`], 'workers', text);
    await expectUsage([], 'workers', text, { TICKWELL_WORKERS: text });
  });

  it('--protocols that there are not', async () => {
    await expectUsage(['--protocols=tickwell,udff'], 'unknown protocol', 'udff');
    await expectUsage([], 'unknown protocol', 'x', { TICKWELL_PROTOCOLS: 'x' });
    // A limit of one that is not spoken would bound nothing.
    const limit = ['--protocols=tickwell', '--limit=maxUdfBars=5'];
    await expectUsage(limit, 'unknown limit', 'maxUdfBars');
  });

  it('among others that are right, and in the environment', async () => {
    const right = ['--limit=maxSubscriptions=5', '--allow-host=a.example'];
    await expectUsage([...right, '--limit=maxSubscriptions=x'], 'limit maxSubscriptions', 'x');
    await expectUsage([...right, '--allow-host=b.example,-/-'], 'allow-host', '-/-');
    const env = {
      TICKWELL_ALLOW_HOSTS: ['a.example,a:1', 'allow-host', 'a:1'],
      TICKWELL_ALLOW_ORIGINS: ['https://a,null', 'allow-origin', 'null'],
      TICKWELL_TRUST_PROXY: ['127.0.0.1,', 'trust-proxy', ''],
      TICKWELL_LIMITS: ['maxSubscriptions=5,x=1', 'unknown limit', 'x'],
    };
    for (const [name, [text = '', field = '', given = '']] of Object.entries(env)) {
      await expectUsage([], field, given, { [name]: text });
    }
  });
});

/** Serves until the test ends; gives the port. */
async function serve(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<number> {
  const child = spawnCli([...SMALL, ...args], env);
  children.push(child);
  const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
  const port = Number(/ on http:\S+:(\d+)\n/.exec(line)?.[1]);
  // It listens before it can serve.
  await expect.poll(() => statusFor(port, 'localhost', '', '/readyz')).toBe(200);
  return port;
}

async function statusFor(
  port: number,
  host: string,
  more = '',
  path = '/v1/nothing',
): Promise<number> {
  const client = new RawClient(port);
  await client.write(`GET ${path} HTTP/1.1\r\nhost: ${host}\r\n${more}connection: close\r\n\r\n`);
  const [answer] = await client.answers();
  return answer!.status;
}

/** Why a request for the hello is refused, in the words that its client reads. */
async function reasonFor(port: number, host: string, more = ''): Promise<string> {
  const client = new RawClient(port);
  const head = `host: ${host}\r\n${more}connection: close\r\n`;
  await client.write(`GET /v1/hello HTTP/1.1\r\n${head}\r\n`);
  const [answer] = await client.answers();
  return JSON.parse(answer!.body).error.message;
}

async function knock(port: number, head: string) {
  const client = new RawClient(port);
  const { status } = await client.shakeHands(
    `GET /v1/stream HTTP/1.1\r\nhost: localhost\r\n${head}connection: upgrade\r\n` +
      'upgrade: websocket\r\nsec-websocket-version: 13\r\n' +
      'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  const hello = status === 101 ? await client.next() : undefined;
  client.reset();
  return { status, hello };
}

const [FOUND, MISDIRECTED] = [404, 421];

describe('serve', () => {
  it('goes by the names it is told, its machine’s and that it listens on', async () => {
    const hosts = ['--allow-host', 'a.example', '--allow-host=b.example,c.example'];
    const port = await serve(hosts);
    const own = hostname();
    for (const host of ['a.example', 'b.example', 'c.example', 'localhost', own, `${own}.local`]) {
      expect(await statusFor(port, host)).toBe(FOUND);
    }
    expect(await statusFor(port, 'd.example')).toBe(MISDIRECTED);
  });

  it.each([1, 2])('speaks the protocols that it is told, by %i workers', async (workers) => {
    const port = await serve([`--workers=${workers}`, '--protocols', 'udf,udf'], {
      TICKWELL_PROTOCOLS: 'tickwell',
    });
    expect(await statusFor(port, 'localhost', '', '/udf/config')).toBe(200);
    // The page speaks our own alone.
    for (const path of ['/v1/market', '/']) {
      expect(await statusFor(port, 'localhost', '', path)).toBe(FOUND);
    }
  });

  it('takes guards from the environment, and rather from its options', async () => {
    const env = {
      TICKWELL_ALLOW_HOSTS: 'a.example, b.example',
      TICKWELL_ALLOW_ORIGINS: 'https://a.example,https://b.example',
      TICKWELL_TRUST_PROXY: '127.0.0.0/8',
      TICKWELL_LIMITS: 'maxSubscriptions=5, heartbeatMs=2000',
    };
    const port = await serve([], env);
    for (const host of ['a.example', 'b.example']) expect(await statusFor(port, host)).toBe(FOUND);
    expect(await statusFor(port, 'x', 'x-forwarded-host: evil.com\r\n')).toBe(MISDIRECTED);
    expect((await knock(port, 'origin: https://b.example\r\n')).status).toBe(101);
    const { hello } = await knock(port, '');
    const limits = { ...DEFAULT_LIMITS, maxSubscriptions: 5, heartbeatMs: 2000 };
    expect(hello).toMatchObject({ message: { heartbeat: 2000 } });
    // Descriptors may allow fewer connections.
    const { maxConnections: _, spareConnections: __, ...others } = limits;
    expect(hello).toMatchObject({ message: { limits: others } });

    const second = await serve(['--allow-host=c.example', '--limit=maxSubscriptions=6'], env);
    expect(await statusFor(second, 'c.example')).toBe(FOUND);
    expect(await statusFor(second, 'a.example')).toBe(MISDIRECTED);
    const changed = { maxSubscriptions: 6, heartbeatMs: DEFAULT_LIMITS.heartbeatMs };
    expect((await knock(second, '')).hello).toMatchObject({ message: { limits: changed } });
  });

  it('lets in pages of the origins it is told, and trusts the proxies it is told', async () => {
    const port = await serve([
      '--allow-origin=https://a.example',
      '--trust-proxy',
      '127.0.0.1,::1',
    ]);
    expect((await knock(port, 'origin: https://a.example\r\n')).status).toBe(101);
    expect((await knock(port, 'origin: https://evil.com\r\n')).status).toBe(403);
    expect(await statusFor(port, 'localhost', 'x-forwarded-host: evil.com\r\n')).toBe(MISDIRECTED);
    const open = await serve(['--allow-origin=*', '--allow-host=*']);
    expect((await knock(open, 'origin: null\r\n')).status).toBe(101);
    expect(await statusFor(open, 'anything.example')).toBe(FOUND);
    expect(await statusFor(open, 'localhost', 'x-forwarded-host: evil.com\r\n')).toBe(FOUND);
  });

  it.each([['1'], ['2']])(
    'tells whom it refuses by the options that let one in: --workers=%s',
    async (workers) => {
      const port = await serve([`--workers=${workers}`, '--log-level=warn']);
      expect(await reasonFor(port, 'a.example')).toBe(
        'Host must be an address, a name without dots, or one that --allow-host names; ' +
          'given: a.example',
      );
      expect(await reasonFor(port, 'localhost', 'origin: https://a.example\r\n')).toMatch(
        /or one that --allow-origin names; given: https:\/\/a\.example$/,
      );
      const log = once(children.at(-1)!.stderr.setEncoding('utf8'), 'data');
      await knock(port, 'origin: https://a.example\r\n');
      expect((await log)[0]).toContain('; to let it in: --allow-origin https://a.example"');
    },
  );

  it('tells how in its help', async () => {
    const { stdout, code } = await cli.run(['serve', '--help']);
    expect(code).toBe(0);
    for (const option of ['allow-host', 'allow-origin', 'trust-proxy', 'limit']) {
      expect(stdout).toContain(`--${option} <`);
      expect(stdout.split('Examples:')[1]).toContain(`--${option} `);
    }
    const names = ['ALLOW_HOSTS', 'ALLOW_ORIGINS', 'TRUST_PROXY', 'LIMITS'];
    for (const name of names) expect(stdout).toContain(`TICKWELL_${name}`);
  });
});
