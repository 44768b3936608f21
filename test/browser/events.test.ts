import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HttpProxy } from '../helpers/http-proxy.ts';
import { expectEqualToServer } from './bars.ts';
import { closeAll, launchBrowser, PAGE_DIST, startServer, visit, watched } from './harness.ts';

/** What a page of a browser has heard from its EventSource. */
interface Heard {
  /** `since` and `until` of all rows. */
  readonly rows: [number, number][];
  readonly byes: number[];
  /** `readyState` at each error: 0 where it comes back, 2 where it has given up. */
  readonly errors: number[];
}

let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
});

afterAll(() => closeAll(browser));

test.each([
  ['stops', 'stop', [4000]],
  ['crashes', 'kill', []],
] as const)(
  'an EventSource comes back though its server %s behind a proxy',
  async (_, end, byes) => {
    const args = ['--interval', '100ms', '--count', '3'];
    // The next one is ready by then, so that nothing depends on how long a start takes.
    const [first, next] = [await startServer(args), await startServer(args)];
    const proxy = await HttpProxy.before(first.url);
    const { page, leave } = await watched(browser);
    try {
      await page.goto(`${proxy.url}/healthz`);
      const heard = await page.evaluateHandle(() => {
        const told: Heard = { rows: [], byes: [], errors: [] };
        const source = new EventSource('/v1/events?symbols=ticker_1&since=now');
        source.onmessage = ({ data }) => {
          const { since, until } = JSON.parse(data);
          told.rows.push([since, until]);
        };
        source.addEventListener('bye', ({ data }) => void told.byes.push(JSON.parse(data).code));
        source.onerror = () => void told.errors.push(source.readyState);
        return told;
      });
      const rows = (least: number) =>
        page.waitForFunction(([told, count]) => told.rows.length >= count, [heard, least] as const);
      await rows(3);
      await first[end]();
      // Whoever comes now meets the proxy alone.
      expect((await fetch(`${proxy.url}/v1/market`)).status).toBe(502);
      proxy.upstream = next.url;
      const before = (await heard.jsonValue()).rows.length;
      await rows(before + 3);
      const told = await heard.jsonValue();
      expect(told.byes).toEqual(byes);
      expect(told.errors).toEqual([0]);
      for (let n = 1; n < told.rows.length; n++)
        expect(told.rows[n]![0]).toBe(told.rows[n - 1]![1]);
    } finally {
      await leave();
      await proxy.close();
    }
  },
);

test('an EventSource that meets a 502 has given up, as PROTOCOL.md says, and shows it', async () => {
  const proxy = await HttpProxy.before(1);
  const { page, leave } = await watched(browser);
  try {
    await page.route('**/blank', (route) => route.fulfill({ contentType: 'text/html', body: '' }));
    await page.goto(`${proxy.url}/blank`);
    const state = await page.evaluate(
      () =>
        new Promise((resolve) => {
          const source = new EventSource('/v1/events?since=now');
          source.onerror = () => resolve(source.readyState);
        }),
    );
    expect(state).toBe(2);
    expect(proxy.failures).toBe(1);
  } finally {
    await leave();
    await proxy.close();
  }
});

test('the page is live where no WebSocket gets through, and says how', async () => {
  const server = await startServer();
  const proxy = await HttpProxy.before(server.url);
  try {
    proxy.upgrades = 'refuse';
    const { page, leave } = await visit(browser, proxy.url);
    expect(await page.evaluate(() => window.tickwell!.transport)).toBe('events');
    await page.getByText('over HTTP').waitFor();
    await expectEqualToServer(page, server);
    // Its list can be scrolled: other instruments are asked for then, and come.
    await page.keyboard.press('ArrowDown');
    await page.waitForFunction(() => window.tickwell!.symbol === 'ticker_01');
    await page.waitForFunction(([rows]) => window.tickwell!.counters.rows > rows + 2, [
      await page.evaluate(() => window.tickwell!.counters.rows),
    ] as const);
    const counters = await page.evaluate(() => window.tickwell!.counters);
    expect(counters).toMatchObject({ gaps: 0, duplicates: 0 });
    await leave();
  } finally {
    await proxy.close();
    await server.kill();
  }
});

test('a page of another origin learns that it may not stream, and what lets it in', async () => {
  const server = await startServer();
  const library = await serveLibrary();
  const { page } = await watched(browser);
  await page.goto(`${server.url}/healthz`);
  // Nobody's page: its origin is null, whatever is around it.
  const told = await page.evaluate(
    ([url, libraryUrl]) => {
      const frame = document.createElement('iframe');
      frame.sandbox.add('allow-scripts');
      frame.srcdoc = `<script type="module">
      import { subscribe } from '${libraryUrl}/client/index.js';
      try {
        const rows = subscribe({ url: '${url}', symbols: '*', since: 'now' });
        for await (const { until } of rows) parent.postMessage(until, '*');
      } catch ({ code, message }) {
        parent.postMessage({ code, message }, '*');
      }
    </script>`;
      const said = new Promise((resolve) => {
        addEventListener('message', ({ data }) => resolve(data), { once: true });
      });
      document.body.append(frame);
      return said;
    },
    [server.url, library.url] as const,
  );
  expect(told).toEqual({
    code: 'bad_origin',
    message: expect.stringContaining('one that --allow-origin names; given: null'),
  });
  await library.close();
  await server.kill();
});

/**
 * The client's files as another server would have them. Not by a route of the page: the frame may
 * be a process of its own, which asks before the route is there.
 */
async function serveLibrary(): Promise<{ url: string; close: () => Promise<unknown> }> {
  const server = createServer(({ url = '' }, response) => {
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('content-type', 'text/javascript');
    response.end(readFileSync(join(PAGE_DIST, '..', new URL(url, 'http://library').pathname)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => server[Symbol.asyncDispose]() };
}
