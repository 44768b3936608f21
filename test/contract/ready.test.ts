import { request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sinceOf } from '../../src/core/market/grid.ts';
import { startTestServer, type TestServer } from '../helpers/server.ts';

/** What never changes is made once, compressed forms included. */

const COUNT = 3000;
const BUNDLE = '/docs/static/swagger-ui-standalone-preset.js';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ spec: { count: COUNT, capacity: 10 }, rows: 50 });
});

afterAll(async () => {
  await server.stop();
  expect(server.failures).toEqual([]);
});

/** The time of the newest row. */
function newestMs(): number {
  const { market, head } = server.server.feed;
  return sinceOf(market.grid, head);
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** As they came over the wire. */
  readonly bytes: Buffer;
  readonly text: string;
}

/** An answer in one way to encode it. */
function get(path: string, encoding: string, headers: Record<string, string> = {}) {
  return new Promise<Answer>((resolve, reject) => {
    const options = { headers: { 'accept-encoding': encoding, ...headers } };
    request(server.server.url + path, options, async (response) => {
      const bytes = await buffer(response);
      const of = response.headers['content-encoding'];
      const plain =
        bytes.length === 0 || of === undefined
          ? bytes
          : of === 'br'
            ? brotliDecompressSync(bytes)
            : gunzipSync(bytes);
      resolve({
        status: response.statusCode!,
        headers: response.headers,
        bytes,
        text: plain.toString(),
      });
    })
      .on('error', reject)
      .end();
  });
}

/** How many characters of JSON, and how many compressed bytes, are made while `work` runs. */
async function madeBy(work: () => Promise<unknown>): Promise<number> {
  const { stringify } = JSON;
  let made = 0;
  JSON.stringify = ((...given: Parameters<typeof stringify>) => {
    const text = stringify(...given);
    made += text?.length ?? 0;
    return text;
  }) as typeof stringify;
  try {
    await work();
  } finally {
    JSON.stringify = stringify;
  }
  return made;
}

describe('the settings of a market', () => {
  it('are the same as gzip and as they are, but for the time', async () => {
    const plain = await get('/v1/market', 'identity');
    server.clock.pass(7);
    const zipped = await get('/v1/market', 'gzip, deflate, br');
    expect(plain.headers['content-encoding']).toBe(undefined);
    expect(zipped.headers['content-encoding']).toBe('gzip');
    expect(zipped.headers.vary).toBe('accept-encoding');
    expect(Number(zipped.headers['content-length'])).toBe(zipped.bytes.length);
    expect(zipped.bytes.length).toBeLessThan(plain.bytes.length / 5);
    const [before, after] = [plain, zipped].map(({ text }) => JSON.parse(text));
    expect(before.instruments).toHaveLength(COUNT);
    expect(after).toEqual({ ...before, now: before.now + 7 });
  });

  it('say the newest row each time, and are not made again for that', async () => {
    const first = JSON.parse((await get('/v1/market', 'gzip')).text);
    const made = await madeBy(async () => {
      for (let n = 1; n <= 20; n++) {
        server.clock.pass(10);
        const before = newestMs();
        const { head } = JSON.parse((await get('/v1/market', n % 2 ? 'gzip' : 'identity')).text);
        expect(head).toBeGreaterThanOrEqual(before);
        expect(head).toBeLessThanOrEqual(newestMs());
      }
    });
    expect(newestMs()).toBeGreaterThan(first.head);
    expect(made).toBeLessThan(20 * 200);
  });

  it('have no body in answer to HEAD, and its length', async () => {
    const head = await server.get('/v1/market', { method: 'HEAD' });
    expect([head.status, head.text]).toEqual([200, '']);
    expect(Number(head.headers.get('content-length'))).toBeGreaterThan(1000);
  });
});

describe('documents', () => {
  it.each(['/openapi.json', BUNDLE, '/docs/static/swagger-ui.css'])(
    '%s is the same in every encoding, has a tag, and is known by it',
    async (path) => {
      const plain = await get(path, 'identity');
      for (const encoding of ['gzip', 'br', 'gzip']) {
        const other = await get(path, encoding);
        expect(other.headers['content-encoding']).toBe(encoding);
        expect(other.text).toBe(plain.text);
        expect(other.headers.etag).toBe(plain.headers.etag);
        expect(other.headers['content-type']).toBe(plain.headers['content-type']);
        expect(other.headers['content-security-policy']).toBe(
          plain.headers['content-security-policy'],
        );
        expect(Number(other.headers['content-length'])).toBe(other.bytes.length);
      }
      const again = await get(path, 'gzip', { 'if-none-match': String(plain.headers.etag) });
      expect([again.status, again.bytes.length]).toEqual([304, 0]);
    },
  );

  it('are not made again', async () => {
    await get('/openapi.json', 'gzip');
    await get('/asyncapi.json', 'gzip');
    const made = await madeBy(async () => {
      for (const path of ['/openapi.json', '/asyncapi.json']) {
        for (const encoding of ['gzip', 'br', 'identity']) await get(path, encoding);
      }
    });
    expect(made).toBeLessThan(1000);
  });

  it('the AsyncAPI text says where it was found, to each', async () => {
    for (const host of ['one', 'two:8080', 'one']) {
      const { text } = await get('/asyncapi.json', 'gzip', { host });
      expect(JSON.parse(text).servers.here).toMatchObject({ host, protocol: 'ws' });
      expect(JSON.parse(text).asyncapi).toBe('3.1.0');
    }
  });
});

describe('the page', () => {
  it('has the same files in every encoding, whoever comes first', async () => {
    // As they lie in the sources: no name has a hash.
    for (const path of ['/', '/styles/panel.css', '/styles/tokens.css']) {
      const all: Answer[] = [];
      for (const encoding of ['gzip', 'identity', 'br', 'gzip'])
        all.push(await get(path, encoding));
      for (const { status, text, headers } of all) {
        expect(status).toBe(200);
        expect(text).toBe(all[1]!.text);
        expect(headers['content-security-policy']).toContain("default-src 'none'");
        expect(headers['cache-control']).toBe('no-cache');
        expect(headers['content-type']).toBe(all[0]!.headers['content-type']);
      }
      const known = { 'if-none-match': String(all[0]!.headers.etag) };
      expect((await get(path, 'gzip', known)).status).toBe(304);
    }
  });
});

describe('a file', () => {
  it('is kept once, however its path is spelled', async () => {
    const plain = await get(BUNDLE, 'identity');
    const spelled = ['/docs/static/swagger%2Dui-standalone-preset.js', `${BUNDLE}?v=1`];
    for (const path of spelled) {
      expect((await get(path, 'identity')).headers.etag).toBe(plain.headers.etag);
    }
  });
});
