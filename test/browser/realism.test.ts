import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type MeasuredFact, OWN_FACTS } from '../../src/core/realism/facts.ts';
import { formatRange, formatValue } from '../../src/realism/format.ts';
import { violations } from './axe.ts';
import {
  closeAll,
  launchBrowser,
  PAST,
  startServer,
  type TestServer,
  visit,
  watched,
} from './harness.ts';

let browser: Browser;
let server: TestServer;

beforeAll(async () => {
  [browser, server] = await Promise.all([
    launchBrowser(),
    startServer([...PAST, '--preset', 'equities']),
  ]);
});

afterAll(() => closeAll(browser));

const dialog = (page: Page) => page.getByRole('dialog', { name: /^Realism of/ });
const report = (page: Page) => page.locator('.realism-facts tbody tr');

test('the report of the chosen instrument has pictures and facts, as the server measured them', async () => {
  const { page, leave, complaints } = await visit(browser, `${server.url}/?s=NIMBO`);
  const answer = page.waitForResponse((response) => response.url().includes('/v1/realism'));
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('button', { name: 'Realism' }).click();
  await page.getByRole('dialog', { name: 'Realism of NIMBO' }).waitFor();
  const { facts } = (await (await answer).json()) as { facts: MeasuredFact[] };
  await report(page).first().waitFor();
  expect(await dialog(page).getByRole('img').count()).toBe(4);

  const rows = await report(page).evaluateAll((found) =>
    found.map((row) => [...row.children].map((cell) => cell.textContent!)),
  );
  const known = OWN_FACTS;
  expect(rows).toHaveLength(known.length);
  for (const [index, fact] of known.entries()) {
    const { value, verdict, ...judged } = facts.find(({ id }) => id === fact.id)!;
    const [title, number, range, said, source] = rows[index]!;
    expect(title).toBe(fact.title + fact.meaning);
    expect([number, range]).toEqual([formatValue(value), formatRange(judged)]);
    expect(said).toContain(verdict);
    expect(said).toContain(judged.reason ?? (judged.isUncertain ? 'may be chance' : ''));
    expect(source).toBe(fact.source + fact.basis);
  }
  expect(complaints).toEqual([]);
  await leave();
});

test('plots and their script are fetched with the first report, and not before', async () => {
  const { page, leave } = await watched(browser);
  const scripts: string[] = [];
  page.on('request', (request) => {
    if (request.url().endsWith('.js')) scripts.push(new URL(request.url()).pathname);
  });
  await page.goto(server.url);
  await page.getByText('no gaps').waitFor();
  const before = scripts.length;
  await page.keyboard.press('r');
  await report(page).first().waitFor();
  expect(scripts.length).toBe(before + 1);
  await leave();
});

test('a key opens it, Escape closes it, and it is operated and read by keys', async () => {
  const { page, leave } = await visit(browser, server.url);
  await page.locator('.chart-focus').focus();
  await page.keyboard.press('r');
  await report(page).first().waitFor();
  const stops: (string | null)[] = [];
  for (let stop = 0; stop < 3; stop++) {
    stops.push(
      await page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? null),
    );
    await page.keyboard.press('Tab');
  }
  expect(stops).toEqual(['Download as HTML', 'Download as JSON', 'Close']);
  await page.getByRole('button', { name: 'Close' }).focus();
  await page.keyboard.press('End');
  await expect
    .poll(() => page.evaluate(() => document.querySelector('.dialog-inner')!.scrollTop))
    .toBeGreaterThan(100);
  // Its head stays: with it the way out.
  expect(await page.getByRole('button', { name: 'Close' }).boundingBox()).toMatchObject({
    y: expect.closeTo(40, -2),
  });
  await page.keyboard.press('Escape');
  await dialog(page).waitFor({ state: 'detached' });
  const focused = () => page.evaluate(() => document.activeElement?.className);
  // What is hidden keeps the focus until the next frame.
  await expect.poll(focused).toBe('chart-focus');
  await leave();
});

for (const colorScheme of ['dark', 'light'] as const) {
  test(`axe finds nothing wrong with the report, ${colorScheme}`, async () => {
    const options = { colorScheme, reducedMotion: 'reduce' } as const;
    const { page, leave } = await visit(browser, `${server.url}/?s=GENVO`, options);
    await page.keyboard.press('r');
    await report(page).first().waitFor();
    expect(await violations(page)).toEqual([]);
    await leave();
  });
}

test('the report can be downloaded, to be read by people and by programs', async () => {
  const { page, leave } = await visit(browser, `${server.url}/?s=NIMBO`);
  await page.keyboard.press('r');
  const download = async (name: string) => {
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name }).click(),
    ]);
    return { name: file.suggestedFilename(), text: readFileSync(await file.path(), 'utf8') };
  };
  const html = await download('Download as HTML');
  expect(html.name).toBe('realism-NIMBO.html');
  expect(html.text).toContain('<svg');
  const json = await download('Download as JSON');
  expect(json.name).toBe('realism-NIMBO.json');
  expect(JSON.parse(json.text)).toMatchObject({ symbol: 'NIMBO', model: 'market' });
  await leave();
});

test('while it is made the dialog says so; what goes wrong is said, and can be tried again', async () => {
  const { page, leave } = await visit(browser, server.url);
  const failures = [
    { status: 503, code: 'not_ready', message: 'The newest rows are still being made.' },
    { status: 429, code: 'rate_limited', message: 'Too much was asked; wait for 3 s.' },
  ];
  const waiting: (() => void)[] = [];
  const answer = async () => {
    // The bar may be there before the request is.
    await expect.poll(() => waiting.length).toBe(1);
    waiting.pop()!();
  };
  await page.route('**/v1/realism**', async (route) => {
    await new Promise<void>((resolve) => waiting.push(resolve));
    const failure = failures.shift();
    if (failure === undefined) await route.continue();
    else await route.fulfill({ status: failure.status, json: { error: failure } });
  });
  await page.keyboard.press('r');
  for (const text of ['still being made', 'wait for 3 s']) {
    await dialog(page).getByRole('progressbar').waitFor();
    await answer();
    await dialog(page).getByRole('alert').getByText(text).waitFor();
    await page.getByRole('button', { name: 'Try again' }).click();
  }
  await dialog(page).getByRole('progressbar').waitFor();
  await answer();
  await report(page).first().waitFor();
  await leave();
});

test('without a server it says that there was no answer', async () => {
  const own = await startServer();
  const { page, leave } = await visit(browser, own.url);
  await own.kill();
  await page.keyboard.press('r');
  await dialog(page).getByText('There was no answer').waitFor();
  await page.keyboard.press('Escape');
  // The other dialogs are there as ever.
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
  await leave();
});
