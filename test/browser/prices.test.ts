import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectEqualToServer } from './bars.ts';
import { closeAll, launchBrowser, live, startServer, type TestServer, visit } from './harness.ts';

let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
});

afterAll(() => closeAll(browser));

/** A server of the market that a file describes. */
async function serve(spec: object): Promise<TestServer> {
  const file = join(mkdtempSync(join(tmpdir(), 'tickwell-')), 'market.json');
  writeFileSync(file, JSON.stringify({ origin: '2025-06-01', ...spec }));
  return startServer(['--config', file]);
}

/** What the page says in text and attributes has no invalid number. */
async function expectNumbers(page: Page): Promise<void> {
  const html = await page.evaluate(() => document.body.innerHTML);
  expect(html).not.toMatch(/NaN|Infinity|undefined/);
}

const legend = (page: Page) => page.locator('.legend').textContent();
const rowOf = (page: Page, symbol: string) => page.locator(`.row[data-symbol="${symbol}"]`);

/** A candle of an hour, among the newest, whose `key` is `ticks`. */
async function hourWith({ url }: TestServer, symbol: string, key: 'low' | 'high', ticks: number) {
  const query = `symbol=${symbol}&resolution=1h&last=500`;
  const candles = await (await fetch(`${url}/v1/candles?${query}`)).json();
  const at = candles[key].slice(0, -1).lastIndexOf(ticks);
  expect(at).toBeGreaterThanOrEqual(0);
  return new Date(candles.time[at]).toISOString();
}

test('ticks of 0.0001, 0.25, 1 and 0.01 are written with their decimals, grouped, signed by −', async () => {
  const server = await serve({
    dtype: 'int32',
    defaults: { model: 'gbm', volatility: 0.2 },
    instruments: [
      { symbol: 'FINE', tickSize: 0.0001, startPrice: 1.0825 },
      { symbol: 'QUARTER', tickSize: 0.25, startPrice: 18_610.25 },
      { symbol: 'WHOLE', tickSize: 1, startPrice: 1_234_567 },
      { symbol: 'BELOW', model: 'walk', tickSize: 0.01, startPrice: -2_000 },
    ],
  });
  const { page, leave } = await visit(browser, server.url);
  const forms = {
    FINE: /^\d\.\d{4}$/,
    QUARTER: /^\d\d,\d{3}\.(00|25|50|75)$/,
    WHOLE: /^\d,\d{3},\d{3}$|^\d{3},\d{3}$/,
    BELOW: /^−[12],\d{3}\.\d\d$/,
  };
  for (const [symbol, form] of Object.entries(forms)) {
    await expect.poll(() => rowOf(page, symbol).locator('.row-last').textContent()).toMatch(form);
    await rowOf(page, symbol).click();
    await live(page);
    await expect.poll(() => page.locator('.quote-last').textContent()).toMatch(form);
    const open = async () => {
      const [, text] = /O (\S+?)H/.exec((await legend(page))!.replaceAll(' ', ' ')) ?? [];
      return text?.trim();
    };
    await expect.poll(open).toMatch(form);
    await expectEqualToServer(page, server);
    await expectNumbers(page);
  }
  // From a base that is not above 0, per cent would mean nothing.
  const change = rowOf(page, 'BELOW').locator('.row-change');
  await expect.poll(() => change.textContent()).toMatch(/^[+−]?\d+\.\d\d$/);
  expect(await page.locator('.quote-change').textContent()).not.toContain('%');
  await leave();
  await server.kill();
});

test('a price at either bound of its number type is drawn and written like any other', async () => {
  const server = await serve({
    dtype: 'int8',
    instruments: [
      { symbol: 'FINE', tickSize: 0.0001, startPrice: 0 },
      { symbol: 'WHOLE', tickSize: 1, startPrice: 0 },
    ],
  });
  for (const [symbol, key, ticks, text] of [
    ['FINE', 'low', -128, 'L −0.0128'],
    ['FINE', 'high', 127, 'H 0.0127'],
    ['WHOLE', 'low', -128, 'L −128'],
    ['WHOLE', 'high', 127, 'H 127'],
  ] as const) {
    const at = await hourWith(server, symbol, key, ticks);
    const query = `s=${symbol}&r=1h&at=${at}&bars=60`;
    const { page, leave, complaints } = await visit(browser, `${server.url}/?${query}`);
    await expect.poll(() => legend(page)).toContain(text);
    for (const type of ['l', 'a', 'c']) {
      await page.keyboard.press(type);
      await expectEqualToServer(page, server);
      await expectNumbers(page);
    }
    expect(complaints).toEqual([]);
    await leave();
  }
  await server.kill();
});
