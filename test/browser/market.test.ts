import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { closeAll, launchBrowser, PAST, startServer, type TestServer, visit } from './harness.ts';

const EQUITIES = [...PAST, '--preset', 'equities'];
const LATE_MS = 2_000;

let browser: Browser;
let server: TestServer;

beforeAll(async () => {
  [browser, server] = await Promise.all([launchBrowser(), startServer(EQUITIES)]);
});

afterAll(() => closeAll(browser));

const panel = (page: Page) => page.getByRole('complementary', { name: 'Market' });
const may = (page: Page) => page.waitForFunction(() => window.tickwell?.mayControl);

async function openPanel(page: Page): Promise<void> {
  await may(page);
  await page.keyboard.press('m');
  await page.getByRole('button', { name: 'Flash crash' }).waitFor();
}

async function doEffect(page: Page, kind: string, fields: Record<string, string>): Promise<void> {
  const form = page.getByRole('form', { name: 'One effect' });
  await form.getByRole('combobox', { name: 'Kind' }).selectOption(kind);
  for (const [name, value] of Object.entries(fields)) {
    await form.getByRole('textbox', { name, exact: true }).fill(value);
  }
  await form.getByRole('button', { name: 'Do it' }).click();
}

test('what is done on one page is on the chart of another within two seconds, with its mark', async () => {
  const one = await visit(browser, `${server.url}/?s=NIMBO&r=1s`);
  const other = await visit(browser, `${server.url}/?s=NIMBO&r=1s`);
  await may(other.page);
  const before = await other.page.evaluate(() => window.tickwell!.bars.at(-1)!.close);
  // When the other page draws it, by the clock that both share.
  const seen = other.page.evaluate(
    (ticks) =>
      new Promise<number>((resolve) => {
        const timer = setInterval(() => {
          const { bars, isDrawn } = window.tickwell!;
          if (bars.at(-1)!.close > ticks * 0.85 || !isDrawn) return;
          clearInterval(timer);
          resolve(performance.timeOrigin + performance.now());
        }, 20);
      }),
    before,
  );
  await openPanel(one.page);
  await one.page.evaluate(() => {
    const clicked = () => {
      document.body.dataset.clicked = String(performance.timeOrigin + performance.now());
    };
    addEventListener('click', clicked, { capture: true });
  });
  await doEffect(one.page, 'shift', { Percent: '-20' });
  await panel(one.page).getByText('Takes effect at').waitFor();
  const clicked = Number(await one.page.evaluate(() => document.body.dataset.clicked));
  expect((await seen) - clicked).toBeLessThan(LATE_MS);

  for (const { page } of [one, other]) {
    const mark = page.getByRole('button', { name: /^shift −20 %, NIMBO, / });
    await mark.waitFor();
    expect(await mark.locator('i').getAttribute('data-sign')).toBe('J');
  }
  // All that came after it follows without a break.
  await other.page.getByText('no gaps').waitFor();
  expect([...one.complaints, ...other.complaints]).toEqual([]);
  await one.leave();
  await other.leave();
});

test('a mark tells what was done and when, to a pointer, to keys and to a finger', async () => {
  const { page, leave } = await visit(browser, `${server.url}/?s=LUXOR2&r=1s`);
  await openPanel(page);
  await page.getByRole('radio', { name: 'LUXOR2' }).waitFor();
  await doEffect(page, 'volatility', { Factor: '4', For: '5m' });
  await page.keyboard.press('Escape');
  await panel(page).waitFor({ state: 'detached' });
  const mark = page.getByRole('button', { name: /^volatility ×4 for 5 m, LUXOR2/ });
  const popup = page.locator('.mark-popup').getByText('volatility ×4 for 5 m');

  await mark.hover();
  await popup.waitFor();
  expect(await page.locator('.mark-popup').textContent()).toMatch(
    /UTC, row [\d,]+, id [0-9a-f]{8}/,
  );
  await page.mouse.move(900, 200);
  await popup.waitFor({ state: 'detached' });

  await mark.focus();
  await popup.waitFor();
  await page.keyboard.press('Escape');
  await popup.waitFor({ state: 'detached' });

  await mark.click();
  await popup.waitFor();
  // That of another instrument is on its own chart.
  await page.keyboard.press('ArrowDown');
  await mark.waitFor({ state: 'detached' });
  await leave();
});

test('a halt is hatched, up to where it is known to end, and its time is in the panel', async () => {
  const { page, leave } = await visit(browser, `${server.url}/?s=GENVO&r=1s`);
  await openPanel(page);
  await doEffect(page, 'halt', { For: '1h' });
  await page
    .locator('.halt')
    .getByText(/^Halted to \d\d:\d\d/)
    .waitFor();
  const log = page.getByRole('region', { name: 'Log' });
  await log
    .getByRole('listitem')
    .filter({ hasText: 'GENVO' })
    .getByText(/^59:\d\d left$/)
    .waitFor();
  await leave();
});

test('a refusal is the sentence of the server, and nothing is done', async () => {
  const { page, leave } = await visit(browser, `${server.url}/?s=NIMBO`);
  await openPanel(page);
  const entries = () => page.getByRole('region', { name: 'Log' }).getByRole('listitem').count();
  const before = await entries();
  await doEffect(page, 'ramp', { Percent: '-200' });
  const alert = panel(page).getByRole('alert');
  await alert.getByText('percent must be a number from -99.9 to 10000; given: -200').waitFor();
  expect(await entries()).toBe(before);
  await leave();
});

test('a scenario is started for whom it says, and the same is shown as a command and as curl', async () => {
  const { page, leave } = await visit(browser, `${server.url}/?s=NIMBO`);
  await openPanel(page);
  await page.getByRole('radio', { name: 'Technology' }).click();
  await page.getByRole('button', { name: 'Dead market' }).click();
  const log = page.getByRole('region', { name: 'Log' });
  await log.getByText('dead-market Technology').waitFor();
  const command = panel(page).locator('.market-foot pre');
  expect(await command.textContent()).toBe(
    `tickwell control scenario dead-market --sector Technology --url ${server.url}/`,
  );
  await page.getByRole('radio', { name: 'curl' }).click();
  expect(await command.textContent()).toContain(`${server.url}/v1/control/scenarios`);
  expect(await command.textContent()).toContain(
    `-d '{"scenario":"dead-market","sector":"Technology"}'`,
  );
  await leave();
});

test("a user's own scenario comes from a file, and what is no JSON is said to be none", async () => {
  const { page, leave } = await visit(browser, `${server.url}/?s=NIMBO`);
  await openPanel(page);
  const take = (name: string, text: string) =>
    page
      .locator('input[type=file]')
      .setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from(text) });
  await take('mine.json', 'name: mine');
  await panel(page).getByText('mine.json must be JSON').waitFor();
  const effects = [
    { kind: 'shift', percent: 1 },
    { kind: 'halt', after: '10s', for: '20s' },
  ];
  await take('mine.json', JSON.stringify({ name: 'mine', effects }));
  await page.getByRole('region', { name: 'Log' }).getByText('mine NIMBO').waitFor();
  await leave();
});

test('the panel opens from the menu, gives focus back, and has faults alone where nothing else may be done', async () => {
  const { page, leave } = await visit(browser, server.url);
  await may(page);
  const more = page.getByRole('button', { name: 'More' });
  await more.click();
  await page.getByRole('button', { name: 'Market M' }).click();
  await panel(page).waitFor();
  await page.keyboard.press('Escape');
  await panel(page).waitFor({ state: 'detached' });
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
  await expect.poll(focused).toBe('More');
  await leave();

  // Behind a proxy nobody is known to sit at this machine.
  const proxied = await startServer([...EQUITIES, '--trust-proxy', '10.0.0.0/8']);
  const foreign = await visit(browser, proxied.url);
  await foreign.page.getByText('no gaps').waitFor();
  await foreign.page.keyboard.press('m');
  await panel(foreign.page).getByRole('combobox', { name: 'Profile' }).waitFor();
  expect(await panel(foreign.page).getByRole('region').count()).toBe(1);
  expect(await panel(foreign.page).getByRole('form').count()).toBe(0);
  expect(foreign.complaints).toEqual([]);
  await foreign.leave();
  await proxied.kill();
});

test('on a phone it covers the page, whose controls cannot be reached meanwhile', async () => {
  const options = { viewport: { width: 390, height: 844 } };
  const { page, leave } = await visit(browser, server.url, options);
  await openPanel(page);
  expect(await page.locator('main').getAttribute('inert')).not.toBeNull();
  await page.getByRole('button', { name: 'Close' }).click();
  await panel(page).waitFor({ state: 'detached' });
  await expect.poll(() => page.locator('main').getAttribute('inert')).toBeNull();
  await leave();
});

test('time is paused, goes by step, and as fast as is pressed, as every page says', async () => {
  const own = await startServer(EQUITIES);
  const one = await visit(browser, `${own.url}/?s=NIMBO&r=1s`);
  const other = await visit(browser, `${own.url}/?s=NIMBO&r=1s`);
  const pace = (page: Page) => page.locator('.status-pace');
  const newest = (page: Page) => page.evaluate(() => window.tickwell!.until);
  await openPanel(one.page);

  await one.page.getByRole('button', { name: 'Pause' }).click();
  for (const { page } of [one, other]) await pace(page).getByText('paused').waitFor();
  const pausedAt = await newest(one.page);
  await expect.poll(() => newest(other.page)).toBe(pausedAt);
  await one.page.getByRole('button', { name: 'Step by one row' }).click();
  for (const { page } of [one, other]) await expect.poll(() => newest(page)).toBe(pausedAt + 1_000);
  // It stands still, and nothing of it is late.
  expect(await other.page.evaluate(() => window.tickwell!.state)).toBe('live');

  await one.page.getByRole('radio', { name: '60×' }).click();
  for (const { page } of [one, other]) await pace(page).getByText('60×').waitFor();
  await expect.poll(() => newest(other.page)).toBeGreaterThan(pausedAt + 120_000);
  expect(await one.page.getByRole('radio', { name: '60×' }).getAttribute('aria-checked')).toBe(
    'true',
  );
  expect([...one.complaints, ...other.complaints]).toEqual([]);
  await one.leave();
  await other.leave();
  await own.kill();
});

const still = (page: Page) => page.locator('.still');
const isGrey = (page: Page) =>
  page.evaluate(() => {
    const colorOf = (text: string) => getComputedStyle(document.querySelector(text)!).color;
    return colorOf('.quote-last') === colorOf('.status');
  });

test('what is closed says when it opens, is shaded and grey, and is so no more once it has', async () => {
  // A Tuesday in March, by the clock of New York.
  const args = ['--preset', 'exchange', '--paused', '--at', '2026-03-03T14:29:52Z'];
  const own = await startServer([...PAST, ...args]);
  const { page, leave, complaints } = await visit(browser, `${own.url}/?s=NIMBO&r=1s`);
  await still(page).getByText('Closed, opens in 0:08').waitFor();
  expect(await isGrey(page)).toBe(true);
  expect(await page.locator('.closing').count()).toBe(1);
  await fetch(`${own.url}/v1/control/clock`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"step":"10s"}',
  });
  await still(page).getByText('Closed').waitFor({ state: 'detached' });
  await expect.poll(() => isGrey(page)).toBe(false);
  expect(complaints).toEqual([]);
  await leave();
  await own.kill();
});

/** Whether what is said of a halt or a night lies on the numbers of a bar. */
const isOnNumbers = (page: Page) =>
  page.evaluate(() => {
    const chip = document.querySelector('.still')!.getBoundingClientRect();
    return [...document.querySelectorAll('.legend > *')].some((part) => {
      const { left, right, top, bottom } = part.getBoundingClientRect();
      return left < chip.right && right > chip.left && top < chip.bottom && bottom > chip.top;
    });
  });

test('what is said of a night lies on no number, however wide the chart is', async () => {
  // Over a weekend, which takes the most words.
  const args = ['--preset', 'exchange', '--paused', '--at', '2026-02-28T09:00:00Z'];
  const own = await startServer([...PAST, ...args]);
  const { page, leave } = await visit(browser, `${own.url}/?s=NIMBO&r=1m`);
  await still(page).getByText('Closed, opens in').waitFor();
  await openPanel(page);
  for (const width of [1440, 1180, 1024, 900, 700, 390, 320]) {
    await page.setViewportSize({ width, height: 844 });
    await page.waitForFunction(() => window.tickwell?.isPainted);
    expect([width, await isOnNumbers(page)]).toEqual([width, false]);
  }
  await leave();
  await own.kill();
});

test.each([
  ['that stands still', ['--paused', '--at', '2026-03-03T14:29:52Z'], /^Closed, opens in 0:08$/],
  [
    'ten years ahead',
    ['--speed', '60', '--at', '2036-03-08T12:00:00Z'],
    /^Closed, opens in 2 d [01] h$/,
  ],
])('in a market %s the time until it opens is that of the market', async (_, args, left) => {
  const own = await startServer([...PAST, '--preset', 'exchange', ...args]);
  const { page, leave } = await visit(browser, `${own.url}/?s=NIMBO&r=1m`);
  await still(page).getByText(left).waitFor();
  await leave();
  await own.kill();
});

/** The rows of the list that say that they stand still, with what they say. */
const stillRows = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('.row')]
      .filter((row) => row.title !== '')
      .map((row) => `${row.dataset.symbol} ${row.title}`)
      .sort(),
  );

test('rows of the list are grey while they stand still, and say why', async () => {
  // Nobody is sent a row: what trades is asked for.
  const args = ['--preset', 'equities', '--paused', '--at', '2026-03-03T15:00:00Z'];
  const own = await startServer([...PAST, ...args]);
  const { page, leave, complaints } = await visit(browser, `${own.url}/?s=NIMBO`);
  await may(page);
  expect(await stillRows(page)).toEqual([]);
  const ask = async (path: string, body: object) => {
    const headers = { 'content-type': 'application/json' };
    const init = { method: 'POST', headers, body: JSON.stringify(body) };
    expect((await fetch(`${own.url}/v1/control${path}`, init)).status).toBe(200);
  };
  await ask('/events', { kind: 'halt', symbol: 'GENVO', for: '1m' });
  await ask('/events', { kind: 'halt', symbol: 'NIMBO', for: '30s' });
  await ask('/clock', { step: 5 });
  await expect.poll(() => stillRows(page)).toEqual(['GENVO Halted', 'NIMBO Halted']);
  const colors = await page.evaluate(() => {
    const colorOf = (text: string) => getComputedStyle(document.querySelector(text)!).color;
    const of = (symbol: string) => colorOf(`[data-symbol=${symbol}] .row-last`);
    return [of('GENVO'), of('CUPRO'), colorOf('.columns')];
  });
  expect(colors[0]).toBe(colors[2]);
  expect(colors[1]).not.toBe(colors[2]);
  // Of another one the offers are known at once.
  const sides = () => page.evaluate(() => window.tickwell!.sides);
  const before = await sides();
  await page.keyboard.press('ArrowDown');
  await page.waitForFunction(() => window.tickwell!.symbol !== 'NIMBO');
  await expect.poll(async () => JSON.stringify(await sides())).toMatch(/bid/);
  expect(await sides()).not.toEqual(before);
  await page.keyboard.press('ArrowUp');
  // Those that come into view later are known as well, though no row comes.
  await page.keyboard.press('/');
  await page.keyboard.type('BYT');
  await page.locator('[data-symbol=BYTRA]').waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await ask('/clock', { step: '1m' });
  await expect.poll(() => stillRows(page)).toEqual([]);
  await still(page).getByText('Halted').waitFor({ state: 'detached' });
  expect(complaints).toEqual([]);
  await leave();
  await own.kill();
});

test('where all are closed, all rows say so from the start', async () => {
  const args = ['--preset', 'exchange', '--paused', '--at', '2026-03-03T03:00:00Z'];
  const own = await startServer([...PAST, ...args]);
  const { page, leave } = await visit(browser, `${own.url}/?s=NIMBO`);
  await expect
    .poll(async () => new Set((await stillRows(page)).map((text) => text.split(' ')[1])))
    .toEqual(new Set(['Closed']));
  const count = await page.locator('.row').count();
  await expect.poll(async () => (await stillRows(page)).length).toBe(count);
  await leave();
  await own.kill();
});

test('the clock is shown as a command', async () => {
  const own = await startServer(EQUITIES);
  const { page, leave } = await visit(browser, `${own.url}/?s=NIMBO`);
  await openPanel(page);
  await page.getByRole('radio', { name: '10×' }).click();
  const command = panel(page).locator('.market-foot pre');
  await command.getByText(`tickwell control speed 10 --url ${own.url}/`).waitFor();
  await page.getByRole('button', { name: 'Pause' }).click();
  await command.getByText(`tickwell control pause --url ${own.url}/`).waitFor();
  await leave();
  await own.kill();
});

test('where it takes a token, the panel asks for it, and keeps it while the tab is open', async () => {
  const token = 'a-token-of-the-tests-1';
  const file = join(mkdtempSync(join(tmpdir(), 'tickwell-token-')), 'token');
  writeFileSync(file, `${token}\n`, { mode: 0o600 });
  const args = ['--trust-proxy', '10.0.0.0/8', '--control-token-file', file];
  const own = await startServer([...EQUITIES, ...args]);
  const { page, leave, complaints } = await visit(browser, `${own.url}/?s=NIMBO`);
  await page.getByText('no gaps').waitFor();
  await page.keyboard.press('m');
  const form = panel(page).getByRole('form', { name: 'Token' });
  const use = async (text: string) => {
    await form.getByLabel('Control token').fill(text);
    await form.getByRole('button', { name: 'Use' }).click();
  };
  await use('another-token-of-the-tests');
  await form.getByText('Authorization must be Bearer and the token of').waitFor();
  await use('één');
  await form.getByText('A token has letters').waitFor();
  await use(token);
  await page.getByRole('button', { name: 'Flash crash' }).waitFor();
  // By keys alone one is still where one was.
  await panel(page).locator(':focus').and(page.getByLabel('Pause')).waitFor();
  await doEffect(page, 'shift', { Percent: '3' });
  await page.getByRole('region', { name: 'Log' }).getByText('shift +3 %').waitFor();
  // What is shown to be copied does not tell it.
  await page.getByRole('radio', { name: 'curl' }).click();
  expect(await panel(page).textContent()).not.toContain(token);
  // A page that begins in this moment might ask for what was before it.
  await page.getByRole('button', { name: /^shift \+3 %, NIMBO/ }).waitFor();
  await page.reload();
  await may(page);
  expect(complaints).toEqual([]);
  await leave();
  await own.kill();
  rmSync(dirname(file), { recursive: true });
});
