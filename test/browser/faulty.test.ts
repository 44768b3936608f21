import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HealingProxy } from '../helpers/healing-proxy.ts';
import { expectConsecutive, expectEqualToServer } from './bars.ts';
import {
  closeAll,
  launchBrowser,
  look,
  PAST,
  startServer,
  type TestServer,
  visit,
  watched,
} from './harness.ts';

/** Two minutes of the market, whose time goes ten times as fast: half a thousand rows. */
const HARM_MS = 12_000;
const FAST = ['--interval', '250ms', '--speed', '10'];
/** The page looks every 30 s whether its bars are the server's, and then asks for them again. */
const HEALED_MS = 80_000;

let browser: Browser;
let server: TestServer;

beforeAll(async () => {
  [browser, server] = await Promise.all([
    launchBrowser(),
    startServer([...PAST, ...FAST, '--limit', 'heartbeatMs=1000']),
  ]);
});

afterAll(() => closeAll(browser));

/** What the browser itself logs of an answer that is an error, or of none. */
const isAboutAnswers = (complaint: string) => /Failed to load resource|WebSocket/.test(complaint);

const ask = async (path: string) => (await fetch(`${server.url}${path}`)).json();
const newestMs = async () => (await ask('/v1/market')).head as number;

/** How many there are, of those that the page is struck by. */
async function strikesSince(profile: string, sinceMs: number): Promise<number> {
  const query = new URLSearchParams({ faults: profile, faultSeed: '3', since: `${sinceMs}` });
  return (await ask(`/v1/faults?${query}`)).strikes.length;
}

/** There is never nothing: the market, or why it is not there yet. */
const expectShown = async (page: Page) =>
  expect(await page.locator('.quote-last, .banner-text').count()).toBeGreaterThan(0);

const PROFILES = [
  'flaky-wifi',
  'bad-vendor',
  'reconnect-storm',
  'slow-consumer',
  'maintenance',
  // All kinds: of rows, of prices, of connections, of answers.
  'drop@2%,duplicate@2%,reorder@2%,delay:50ms-300ms@3%,burst:500ms@1%,skew:1ms-2s@2%',
  'corrupt@10%,stale@10%',
  'cut@19s,close@31s,stall:1s-2s@47s,halfopen@61s,throttle:20kB/s@29s,garbage@1%',
  'status@30%,truncate@20%,slow:200ms-1s@20%',
  'halfopen@10%',
];

test.each(PROFILES)(
  'the page under %s has every bar right once that is over, and never breaks',
  async (profile) => {
    const proxy = await HealingProxy.before(server.url);
    const { page, complaints, context } = await watched(browser);
    const prefix = `/faulty/${profile.replaceAll('%', '%25').replace('/', '%2F')}:3/`;
    await page.goto(`${proxy.url}${prefix}?r=1s`);
    await page.locator('.app').waitFor();
    const since = await newestMs();
    const untilMs = Date.now() + HARM_MS;
    while (Date.now() < untilMs) {
      await expectShown(page);
      await page.waitForTimeout(500);
    }
    // All that the page asks for, it asks for below the address that it was opened at.
    const others = proxy.asked.filter((path) => !path.startsWith(prefix));
    expect(others).toEqual([]);
    expect(proxy.asked.some((path) => path.includes('/v1/stream'))).toBe(true);

    expect(await strikesSince(profile, since)).toBeGreaterThan(0);

    proxy.heal();
    await page.waitForFunction(
      () => window.tickwell?.state === 'live' && window.tickwell.isReady && window.tickwell.isLive,
    );
    await expect
      .poll(() => expectEqualToServer(page, server).then(() => 'equal', String), {
        ...{ timeout: HEALED_MS, interval: 1_000 },
      })
      .toBe('equal');
    expectConsecutive((await look(page)).bars, 1_000);
    expect(complaints.filter((complaint) => !isAboutAnswers(complaint))).toEqual([]);
    await context.close();
    proxy.close();
  },
  150_000,
);

test('the panel lists the strikes of the ledger, and its stream ends when it is stopped', async () => {
  const slow = await startServer([...PAST, '--interval', '250ms']);
  const { page, complaints, leave } = await visit(browser, `${slow.url}/?s=ticker_06&r=1s`);
  await page.waitForFunction(() => window.tickwell?.mayControl);
  await page.keyboard.press('m');
  const part = page.getByRole('region', { name: 'Faults', exact: true });
  await part.getByRole('combobox', { name: 'Profile' }).selectOption('clauses of your own');
  await part.getByRole('textbox', { name: 'Clauses' }).fill('drop@5%,duplicate@5%,cut@5s');
  await part.getByRole('textbox', { name: 'Seed' }).fill('7');
  await page.keyboard.press('Enter');
  const line = page.getByRole('region', { name: 'Faulty stream' });
  await line.getByText('ticker_06, drop@5%,duplicate@5%,cut@5s, seed 7').waitFor();
  const strikes = part.getByRole('listitem');
  await strikes.filter({ hasText: 'came back' }).first().waitFor();
  await strikes.filter({ hasText: 'gap seen, asked again' }).first().waitFor();
  const told = await strikes.evaluateAll((items) =>
    items
      .map((item) => [
        Date.parse(item.querySelector('time')!.dateTime),
        item.querySelector('span')!.textContent,
      ])
      .reverse(),
  );
  const query = new URLSearchParams({
    ...{ faults: 'drop@5%,duplicate@5%,cut@5s', faultSeed: '7', symbols: 'ticker_06' },
    ...{ since: `${Number(told[0]![0]) - 250}`, until: `${told.at(-1)![0]}` },
  });
  const ledger = await (await fetch(`${slow.url}/v1/faults?${query}`)).json();
  const listed = ledger.strikes.map(({ time, kind }: { time: number; kind: string }) => [
    ...[time, kind],
  ]);
  expect(told).toEqual(listed);
  // None of it got through, and none of it reached the healthy stream.
  expect(await line.getByText('Wrong').textContent()).toBe('Wrong 0');
  expect(await page.evaluate(() => window.tickwell!.counters)).toMatchObject({
    ...{ gaps: 0, duplicates: 0, reconnects: 0 },
  });
  await line.getByRole('button', { name: 'Stop the faulty stream' }).click();
  await line.waitFor({ state: 'detached' });
  expect(complaints).toEqual([]);
  await leave();
  await slow.kill();
});

test('a page that gets no answer at all says so, and asks again', async () => {
  const { page, context } = await watched(browser);
  await page.goto(`${server.url}/faulty/halfopen@100%25/`);
  // Of an answer that never begins nothing is known until it is given up.
  await page.getByText('No answer yet').waitFor({ timeout: 30_000 });
  await page.waitForRequest((request) => request.url().includes('/v1/market'));
  await context.close();
});
