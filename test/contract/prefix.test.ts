import { createServer, request, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../helpers/server.ts';

const PREFIX = '/feed';

let server: TestServer;
let stranger: TestServer;
const proxies: Server[] = [];

beforeAll(async () => {
  server = await startTestServer({
    access: { trustedProxies: ['127.0.0.1'], allowedHosts: ['a.test'] },
  });
  stranger = await startTestServer();
});

afterAll(async () => {
  for (const proxy of proxies) proxy.close();
  await server.stop();
  await stranger.stop();
});

/** A proxy that serves a server below a path, as deploy/README.md has nginx do it. */
async function below(behind: TestServer, headers: object): Promise<string> {
  const { port } = new URL(behind.server.url);
  const proxy = createServer((incoming, outgoing) => {
    const { method, url = '' } = incoming;
    if (!url.startsWith(`${PREFIX}/`)) {
      outgoing.writeHead(404).end('of another site');
      return;
    }
    const path = url.slice(PREFIX.length);
    const asked = { ...incoming.headers, ...headers };
    request({ host: '127.0.0.1', port, method, path, headers: asked }, (answer) => {
      outgoing.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(outgoing);
    }).end();
  });
  proxies.push(proxy);
  await new Promise<void>((listening) => proxy.listen(0, '127.0.0.1', listening));
  const { port: own } = proxy.address() as { port: number };
  return `http://127.0.0.1:${own}`;
}

const FORWARDED = {
  'x-forwarded-host': 'a.test',
  'x-forwarded-proto': 'https',
  'x-forwarded-prefix': PREFIX,
};

describe('behind a prefix', () => {
  it.each([
    '/docs',
    '/%64ocs',
    '/docs/',
    '/docs?a=b',
    '/docs/static/index.html',
    '/docs/static/index.html?x=1',
    '/docs/static/%69ndex.html',
    '/docs/static/',
    '/docs/static/?x=1',
    '/docs/static//',
    '/docs/static/.%2findex.html',
  ])('%s has all that it loads', async (path) => {
    const site = await below(server, FORWARDED);
    const page = await fetch(`${site}${PREFIX}${path}`);
    expect(page.status).toBe(200);
    const links = [...(await page.text()).matchAll(/(?:src|href)="([^"]+)"/g)];
    expect(links.length).toBeGreaterThan(5);
    for (const [, link] of links) {
      const { status } = await fetch(new URL(link!, page.url));
      expect([link, status]).toEqual([link, 200]);
    }
    expect(new URL(page.url).pathname).toBe(`${PREFIX}/docs/`);
  });

  it.each(['/docs/json', '/openapi.json'])('%s tries out what is below it', async (path) => {
    const site = await below(server, FORWARDED);
    const { servers, paths } = await (await fetch(`${site}${PREFIX}${path}`)).json();
    const base = new URL(servers[0].url, `${site}${PREFIX}${path}`).href.replace(/\/$/, '');
    expect(Object.keys(paths)).toContain('/v1/market');
    expect((await fetch(`${base}/v1/market`)).status).toBe(200);
  });

  it('/asyncapi.json names the way that a client takes, prefix and wss', async () => {
    const site = await below(server, FORWARDED);
    const { servers, channels } = await (await fetch(`${site}${PREFIX}/asyncapi.json`)).json();
    const { protocol, host, pathname } = servers.here;
    const address = `${protocol}://${host}${pathname}${channels.stream.address}`;
    expect(address).toBe('wss://a.test/feed/v1/stream');
  });

  it.each([
    ['/feed/', '/feed'],
    ['/a/b, /c', '/a/b'],
    ['', undefined],
    ['/', undefined],
    ['//elsewhere.test', undefined],
    ['feed', undefined],
    ['/<script>', undefined],
    [`/${'x'.repeat(65)}`, undefined],
  ])('takes X-Forwarded-Prefix: %s for %s', async (given, pathname) => {
    const headers = { 'x-forwarded-prefix': given };
    const { json } = await server.get('/asyncapi.json', { headers });
    expect(json.servers.here.pathname).toBe(pathname);
  });

  it('believes no prefix of somebody who is no trusted proxy', async () => {
    const { json } = await stranger.get('/asyncapi.json', { headers: FORWARDED });
    expect(json.servers.here).toMatchObject({
      protocol: 'ws',
      host: new URL(stranger.server.url).host,
    });
    expect(json.servers.here).not.toHaveProperty('pathname');
  });
});
