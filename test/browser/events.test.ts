import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HttpProxy } from '../helpers/http-proxy.ts';
import { closeAll, launchBrowser, startServer, watched } from './harness.ts';

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
    const first = await startServer(args);
    const port = Number(new URL(first.url).port);
    const proxy = await HttpProxy.before(port);
    try {
      const { page } = await watched(browser);
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
        page.waitForFunction(
          ([told, count]) => told.rows.length >= count,
          [heard, least] as const,
          {
            timeout: 30_000,
          },
        );
      await rows(3);
      await first[end]();
      // Whoever comes now meets the proxy alone.
      expect((await fetch(`${proxy.url}/v1/market`)).status).toBe(502);
      await startServer(args, port);
      const before = (await heard.jsonValue()).rows.length;
      await rows(before + 3);
      const told = await heard.jsonValue();
      expect(told.byes).toEqual(byes);
      expect(told.errors).toEqual([0]);
      for (let n = 1; n < told.rows.length; n++)
        expect(told.rows[n]![0]).toBe(told.rows[n - 1]![1]);
    } finally {
      await proxy.close();
    }
  },
  60_000,
);

test('an EventSource that meets a 502 has given up, as PROTOCOL.md says, and shows it', async () => {
  const proxy = await HttpProxy.before(1);
  try {
    const { page } = await watched(browser);
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
    await proxy.close();
  }
});
