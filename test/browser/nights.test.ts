import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  closeAll,
  launchBrowser,
  look,
  PAST,
  startServer,
  type TestServer,
  visit,
} from './harness.ts';

const MINUTE_MS = 60_000;
/** Half an hour before New York opens, and on a Monday. */
const MORNING = '2026-03-09T13:00:00Z';
const NEW_YORK = [...PAST, '--preset', 'equities', '--calendar', 'new-york', '--paused'];

let browser: Browser;
let server: TestServer;

beforeAll(async () => {
  [browser, server] = await Promise.all([
    launchBrowser(),
    startServer([...NEW_YORK, '--at', MORNING]),
  ]);
});

afterAll(() => closeAll(browser));

const at = (text: string) => Date.parse(text);
const bars = async (page: Page) => (await look(page)).bars;
const times = async (page: Page) => (await bars(page)).map(({ time }) => time);
const shown = (page: Page) =>
  page.evaluate(() => {
    const { barsInView, isDrawn } = window.tickwell!;
    if (!isDrawn) throw new Error('what is drawn is something else');
    return barsInView.map(({ time }) => time);
  });
const settled = (page: Page) =>
  page.waitForFunction(() => {
    const { isReady, isPainted, edge } = window.tickwell!;
    return isReady && isPainted && edge === 'idle';
  });

/** Minutes that New York is open in, by the winter of its clock, with that of the close. */
function minutesOf(date: string): number[] {
  const open = at(`${date}T14:30:00Z`);
  return Array.from({ length: 391 }, (_, minute) => open + minute * MINUTE_MS);
}

async function step(of: TestServer, by: string): Promise<void> {
  const answer = await fetch(`${of.url}/v1/control/clock`, {
    ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
    body: JSON.stringify({ step: by }),
  });
  if (!answer.ok) throw new Error(await answer.text());
}

test('nights are left out: the bars of one session follow those of the one before', async () => {
  const { page, leave, complaints } = await visit(browser, `${server.url}/?s=NIMBO&r=1m`);
  await settled(page);
  const found = await times(page);
  const open = [...minutesOf('2026-03-05'), ...minutesOf('2026-03-06')];
  const common = found.filter((time) => time >= open[0]!);
  expect(common).toEqual(open.slice(-common.length));
  expect(common.length).toBeGreaterThan(300);
  expect(found.at(-1)).toBe(at('2026-03-06T21:00:00Z'));

  // They are those of the server.
  const query = new URLSearchParams({ symbol: 'NIMBO', resolution: '1m', held: 'false' });
  const ours = await bars(page);
  const range = `from=${ours[0]!.time}&to=2026-03-06T22:00:00Z&fields=volume`;
  const theirs = await (await fetch(`${server.url}/v1/candles?${query}&${range}`)).json();
  expect(ours.map(({ time }) => time)).toEqual(theirs.time);
  expect(ours.map(({ close, volume }) => [close, volume])).toEqual(
    theirs.close.map((close: number, n: number) => [close, theirs.volume[n]]),
  );
  await page.getByText('no gaps').waitFor();

  // Each seam says when it went on.
  await page.getByRole('radio', { name: '5m', exact: true }).click();
  await page.locator('.seam').getByText('Fri 6 Mar').waitFor();
  expect(complaints).toEqual([]);
  await leave();
});

test('the wheel, keys and dates go over nights that are left out as if there were none', async () => {
  const { page, leave } = await visit(browser, `${server.url}/?s=NIMBO&r=5m`);
  await settled(page);
  await page.mouse.move(900, 400);
  for (let turn = 0; turn < 12; turn++) await page.mouse.wheel(0, -1_500);
  await settled(page);
  const hours = new Set((await shown(page)).map((time) => new Date(time).getUTCHours()));
  expect([...hours].every((hour) => hour >= 14 && hour <= 21)).toBe(true);

  // A night: what is there ends with the close before it.
  await page.keyboard.press('g');
  await page.getByLabel('Date and time').fill('2025-12-10T03:00');
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await shown(page)).at(-1)).toBe(at('2025-12-09T21:00:00Z'));
  await page.waitForURL(/at=2025-12-09T21:00:00Z/);

  // Bar by bar, over the weekend of the 6th and 7th of December.
  await page.keyboard.press('g');
  await page.getByLabel('Date and time').fill('2025-12-08T15:00');
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await shown(page)).at(-1)).toBe(at('2025-12-08T15:00:00Z'));
  await page.locator('.chart-focus').focus();
  const spoken = page.locator('.chart > [aria-live=polite]');
  for (let bar = 0; bar < 7; bar++) await page.keyboard.press('ArrowLeft');
  await spoken.getByText('Mon 8 Dec 2025 14:30: open').waitFor();
  await page.keyboard.press('ArrowLeft');
  await spoken.getByText('Fri 5 Dec 2025 21:00: open').waitFor();

  await page.keyboard.press('End');
  await page.locator('.live-pill').waitFor({ state: 'detached' });
  await expect.poll(async () => (await shown(page)).at(-1)).toBe(at('2026-03-06T21:00:00Z'));
  await leave();
});

test('a key and the menu give nights their room, the address says it, and it stays', async () => {
  const { page, leave, complaints } = await visit(browser, `${server.url}/?s=NIMBO&r=15m`);
  await settled(page);
  expect(new URL(page.url()).searchParams.get('nights')).toBeNull();
  const spanMs = async () => {
    const found = await times(page);
    return (found.at(-1)! - found[0]!) / (found.length - 1);
  };
  expect(await spanMs()).toBeGreaterThan(2 * 15 * MINUTE_MS);
  await page.keyboard.press('n');
  await page.waitForURL(/nights=on/);
  await settled(page);
  // All quarters of an hour have a place, and those of the night no prices.
  await expect.poll(spanMs).toBe(15 * MINUTE_MS);
  const night = (await bars(page)).filter(({ time }) => time > at('2026-03-06T21:00:00Z'));
  expect(night.length).toBeGreaterThan(100);
  expect(night.every(({ open }) => open === null)).toBe(true);
  expect(await page.locator('.closing').count()).toBe(1);
  expect(await page.locator('.date-label').textContent()).toMatch(/– Mon 9 Mar 2026 13:00 /);
  // What is read and said is of the last bar with prices.
  expect(await page.locator('.legend').textContent()).toMatch(/C [\d,]+\.\d\d/);

  // Scrolled back over the weekend, and read: a step from the night comes to the close before.
  for (let turn = 0; turn < 3; turn++) await page.keyboard.press('PageUp');
  await settled(page);
  await page.keyboard.press('End');
  await page.reload();
  await page.waitForFunction(() => window.tickwell?.isReady);
  await expect.poll(spanMs).toBe(15 * MINUTE_MS);

  // Another address without a word of it: as it was chosen here.
  await page.goto(`${server.url}/?s=GENVO&r=15m`);
  await page.waitForURL(/nights=on/);
  await page.getByRole('button', { name: 'More' }).click();
  const item = page.getByRole('switch', { name: 'Nights' });
  expect(await item.getAttribute('aria-checked')).toBe('true');
  await item.click();
  await page.waitForURL(/nights=off/);
  await expect.poll(spanMs).toBeGreaterThan(2 * 15 * MINUTE_MS);
  expect(complaints).toEqual([]);
  await leave();
});

test.each(['off', 'on'])(
  'with nights %s, the first bars of a day follow as they are made',
  async (nights) => {
    const own = await startServer([...NEW_YORK, '--at', '2026-03-09T13:28:30Z']);
    const { page, leave } = await visit(browser, `${own.url}/?s=NIMBO&r=1m&nights=${nights}`);
    await settled(page);
    await page.locator('.still').getByText('Closed, opens in 1:30').waitFor();
    const before = (await look(page)).view.right;
    await step(own, '4m');
    await page.locator('.still').getByText('Closed').waitFor({ state: 'detached' });
    const open = [30, 31, 32].map((minute) => at(`2026-03-09T13:${minute}:00Z`));
    await expect.poll(async () => (await times(page)).slice(-3)).toEqual(open);
    // The view has gone along, and shows them.
    await settled(page);
    expect((await look(page)).isLive).toBe(true);
    await expect.poll(async () => (await shown(page)).slice(-3)).toEqual(open);
    const [hidden] = (await times(page)).slice(-4);
    expect(hidden).toBe(at(nights === 'on' ? '2026-03-09T13:29:00Z' : '2026-03-06T21:00:00Z'));
    expect((await look(page)).view.right).toBeCloseTo(before + (nights === 'on' ? 4 : 3), 1);
    await page.getByText('no gaps').waitFor();
    await leave();
    await own.kill();
  },
);
