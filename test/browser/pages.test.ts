import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { closeAll, launchBrowser, type Visit, watched } from './harness.ts';

let browser: Browser;
let server: Server;
let url: string;
let elsewhere: string;
/** How often the one thing was asked for that may be kept. */
let asked = 0;

beforeAll(async () => {
  browser = await launchBrowser();
  server = createServer((request, response) => {
    asked += request.url === '/kept' ? 1 : 0;
    const headers = { 'content-type': 'text/html', 'cache-control': 'max-age=3600' };
    response.writeHead(200, headers).end('<p>A</p>');
  }).listen(0);
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  elsewhere = url.replace('127.0.0.1', 'localhost');
});

afterAll(async () => {
  await closeAll(browser);
  server.close();
});

/** Of no other test of this worker. */
const options = { locale: 'eo', viewport: { width: 333, height: 444 } };

/** All that a page may have of those before it. */
const had = ({ page }: Visit) =>
  page.evaluate(async () => ({
    cookie: document.cookie,
    local: localStorage.length,
    session: sessionStorage.length,
    databases: (await indexedDB.databases()).length,
    caches: (await caches.keys()).length,
    pages: history.length,
    size: [innerWidth, innerHeight],
    name: window.name,
    text: await (await fetch('/kept')).text(),
  }));

test('a page that is visited again has nothing of the visit before', async () => {
  const first = await watched(browser, options);
  const { page } = first;
  // Of another origin than the one it is at when it is left.
  await page.goto(elsewhere);
  await page.evaluate(() => localStorage.setItem('a', '1'));
  await page.goto(url);
  const fresh = await had(first);
  const before = asked;
  const heard: string[] = [];
  page.on('response', (response) => heard.push(response.url()));
  await page.evaluate(async () => {
    // biome-ignore lint/suspicious/noDocumentCookie: the page is of this test.
    document.cookie = 'a=1';
    localStorage.a = sessionStorage.a = '1';
    await new Promise((opened) => {
      indexedDB.open('a').onsuccess = ({ target }) => {
        (target as IDBOpenDBRequest).result.close();
        opened(undefined);
      };
    });
    await caches.open('a');
    for (let n = 0; n < 5; n++) history.pushState(n, '');
    // As pages do that keep something for the next time.
    addEventListener('pagehide', () => localStorage.setItem('b', '1'));
    reportError(new Error('a complaint'));
  });
  await page.route('**/*', (route) => route.fulfill({ status: 500, body: '' }));
  await page.setViewportSize({ width: 500, height: 500 });
  expect((await had(first)).local).toBe(1);
  await expect.poll(() => first.complaints.length).toBeGreaterThan(0);
  await first.leave();

  const second = await watched(browser, options);
  expect(second.page).toBe(page);
  heard.length = 0;
  await page.goto(elsewhere);
  expect((await had(second)).local).toBe(0);
  await page.goto(url);
  expect(await had(second)).toEqual(fresh);
  // Once by each of both.
  expect(asked).toBe(before + 2);
  expect(heard).toEqual([]);
  expect(second.complaints).toEqual([]);
  await second.leave();
});

const LASTING: Record<string, (visit: Visit) => Promise<unknown>> = {
  'a script for all pages': ({ page }) => page.addInitScript(() => {}),
  'another clock': ({ page }) => page.clock.install(),
  'a stream that is taken over': ({ page }) => page.routeWebSocket('**/none', () => {}),
  'other colours': ({ page }) => page.emulateMedia({ colorScheme: 'light' }),
  'a permission': ({ context }) => context.grantPermissions(['clipboard-read']),
  'no network': ({ context }) => context.setOffline(true),
  'a protocol for all else': async ({ context, page }) => context.newCDPSession(page),
  'a second page': ({ page }) => page.evaluate(() => void window.open('about:blank')),
};

test.each(Object.entries(LASTING))('a page with %s is visited by nobody else', async (_, last) => {
  const first = await watched(browser, options);
  await last(first);
  await first.leave();
  const second = await watched(browser, options);
  expect(second.page).not.toBe(first.page);
  expect(first.page.isClosed()).toBe(true);
  await second.leave();
});
